//! Explanations of decisions about Rust objects.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;

use arctos::rust::{Arctos, PolarClass};
use expect_test::{Expect, expect};

#[derive(PolarClass, Clone)]
struct User {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    is_suspended: bool,
}

#[derive(PolarClass)]
struct Folder {
    #[polar(attribute)]
    owner: String,
    #[polar(attribute)]
    parent: Option<Arc<Folder>>,
}

#[derive(PolarClass)]
struct Repo {
    #[polar(attribute)]
    is_public: bool,
    #[polar(attribute)]
    stars: i64,
    #[polar(attribute)]
    folder: Arc<Folder>,
    #[polar(attribute)]
    members: Vec<(String, String)>,
}

const POLICY: &str = r#"
allow(actor, action, resource) if has_permission(actor, action, resource);
actor User {}
resource Repo {
  roles = ["reader", "writer"];
  permissions = ["read", "push"];
  "reader" if "writer";
  "read" if "reader";
  "push" if "writer";
}
has_role(user: User, role: String, repo: Repo) if [user.name, role] in repo.members and not user.is_suspended;
has_permission(_: User, "read", repo: Repo) if repo.is_public = true or repo.stars > 100;
has_permission(user: User, "push", repo: Repo) if owns(user, repo.folder);
has_permission(_: User, "read", _: Repo{stars: 99});
owns(user: User, folder: Folder) if user.name = folder.owner;
owns(user: User, folder: Folder) if parent = folder.parent and parent matches Folder and owns(user, parent);
"#;

fn repo(is_public: bool) -> Repo {
    let top = Arc::new(Folder { owner: "eve".to_owned(), parent: None });
    let folder = Arc::new(Folder { owner: "bob".to_owned(), parent: Some(top) });
    let member = |name: &str, role: &str| (name.to_owned(), role.to_owned());
    Repo { is_public, stars: 5, folder, members: vec![member("ann", "writer"), member("dan", "reader")] }
}

fn check(name: &str, is_suspended: bool, action: &str, is_public: bool, expected: Expect) {
    let builder = Arctos::builder().register::<User>().register::<Repo>().register::<Folder>();
    let arctos = builder.load_str(POLICY).build().unwrap();
    let (user, repository) = (User { name: name.to_owned(), is_suspended }, repo(is_public));
    let explanation = arctos.explain(&user, action, &repository).unwrap();
    assert_eq!(explanation.allowed, arctos.is_allowed(&user, action, &repository).unwrap());
    expected.assert_eq(&explanation.to_text());
}

#[test]
fn a_role_of_a_list() {
    check(
        "ann",
        false,
        "read",
        false,
        expect![[r#"
            yes, because
              allow(User, "read", Repo)  by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                has_permission(User, "read", Repo)  by "read" if "reader";  (line 8, column 3)
                  has_role(User, "reader", Repo)  by "reader" if "writer";  (line 7, column 3)
                    has_role(User, "writer", Repo)  by has_role(user: User, role: String, repo: Repo) if [user.name, role] in repo.members and not user.is_suspended;  (line 11, column 1)
                      user.name is "ann"
                      repo.members is [["ann", "writer"], ["dan", "reader"]]
                      [user.name, role] in repo.members: ["ann", "writer"] in [["ann", "writer"], ["dan", "reader"]]
                      not user.is_suspended, since user.is_suspended is false
        "#]],
    );
}

#[test]
fn an_owner_further_up() {
    check(
        "eve",
        false,
        "push",
        false,
        expect![[r#"
            yes, because
              allow(User, "push", Repo)  by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                has_permission(User, "push", Repo)  by has_permission(user: User, "push", repo: Repo) if owns(user, repo.folder);  (line 13, column 1)
                  repo.folder is Folder
                  owns(User, Folder)  by owns(user: User, folder: Folder) if parent = folder.parent and parent matches Folder and owns(user, parent);  (line 16, column 1)
                    folder.parent is Folder
                    parent = folder.parent: Folder = Folder
                    owns(User, Folder)  by owns(user: User, folder: Folder) if user.name = folder.owner;  (line 15, column 1)
                      user.name is "eve"
                      folder.owner is "eve"
                      user.name = folder.owner: "eve" = "eve"
        "#]],
    );
}

#[test]
fn a_public_repository() {
    check(
        "zoe",
        false,
        "read",
        true,
        expect![[r#"
            yes, because
              allow(User, "read", Repo)  by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                has_permission(User, "read", Repo)  by has_permission(_: User, "read", repo: Repo) if repo.is_public = true or repo.stars > 100;  (line 12, column 1)
                  repo.is_public is true
                  repo.is_public = true: true = true
        "#]],
    );
}

#[test]
fn conditions_that_fail() {
    check(
        "zoe",
        false,
        "read",
        false,
        expect![[r#"
            no: allow(User, "read", Repo) does not hold
            it would hold with any of these:
              1. has_permission(_: User, "read", _: Repo{stars: 99})
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by has_permission(_: User, "read", _: Repo{stars: 99});  (line 14, column 1)
              2. repo.is_public = true, where now repo.is_public is false
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by has_permission(_: User, "read", repo: Repo) if repo.is_public = true or repo.stars > 100;  (line 12, column 1)
              3. repo.stars > 100, where now repo.stars is 5
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by has_permission(_: User, "read", repo: Repo) if repo.is_public = true or repo.stars > 100;  (line 12, column 1)
              4. [user.name, role] in repo.members, where now repo.members is [["ann", "writer"], ["dan", "reader"]] and user.name is "zoe" and role is "reader"
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by "read" if "reader";  (line 8, column 3)
                 by has_role(user: User, role: String, repo: Repo) if [user.name, role] in repo.members and not user.is_suspended;  (line 11, column 1)
              5. [user.name, role] in repo.members, where now repo.members is [["ann", "writer"], ["dan", "reader"]] and user.name is "zoe" and role is "writer"
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by "read" if "reader";  (line 8, column 3)
                 by "reader" if "writer";  (line 7, column 3)
                 by has_role(user: User, role: String, repo: Repo) if [user.name, role] in repo.members and not user.is_suspended;  (line 11, column 1)
        "#]],
    );
}

#[test]
fn a_negation_that_fails() {
    check(
        "ann",
        true,
        "push",
        false,
        expect![[r#"
            no: allow(User, "push", Repo) does not hold
            it would hold with any of these:
              1. user.name = folder.owner, where now user.name is "ann" and folder.owner is "bob"
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by has_permission(user: User, "push", repo: Repo) if owns(user, repo.folder);  (line 13, column 1)
                 by owns(user: User, folder: Folder) if user.name = folder.owner;  (line 15, column 1)
              2. not user.is_suspended, where now user.is_suspended is true
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by "push" if "writer";  (line 9, column 3)
                 by has_role(user: User, role: String, repo: Repo) if [user.name, role] in repo.members and not user.is_suspended;  (line 11, column 1)
              3. user.name = folder.owner, where now user.name is "ann" and folder.owner is "eve"
                 by allow(actor, action, resource) if has_permission(actor, action, resource);  (line 2, column 1)
                 by has_permission(user: User, "push", repo: Repo) if owns(user, repo.folder);  (line 13, column 1)
                 by owns(user: User, folder: Folder) if parent = folder.parent and parent matches Folder and owns(user, parent);  (line 16, column 1)
                 by owns(user: User, folder: Folder) if user.name = folder.owner;  (line 15, column 1)
        "#]],
    );
}

#[test]
fn what_has_no_meaning_is_in_no_proof() {
    let mut sources = arctos::Sources::default();
    sources.add(
        Some("p.polar"),
        "may(n) if n < 3; may(n) if n > 3 or other(n); other(n) if n != 1; never(n) if n < 3;",
    );
    let policy = arctos::Policy::load(&arctos::Schema::new(), sources).unwrap();
    let explain = |rule| {
        let mut query = arctos::Query::new(&policy, arctos::NoObjects);
        let nil = query.heap().nil();
        query.explain(rule, &[nil], &arctos::explain::Extent::default()).map(|found| found.to_text())
    };
    expect![[r#"
        yes, because
          may(nil)  by may(n) if n > 3 or other(n);  (p.polar:1:18)
            other(nil)  by other(n) if n != 1;  (p.polar:1:47)
              n != 1: nil != 1
        not all is told: `>` cannot compare nil with 3
    "#]]
    .assert_eq(&explain("may").unwrap());
    assert!(explain("never").unwrap_err().message().contains("cannot compare nil with 3"));
}
