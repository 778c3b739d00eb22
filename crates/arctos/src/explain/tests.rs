//! Explanations of small policies, as text.

use expect_test::{Expect, expect};

use crate::facts::{Facts, parse};
use crate::{Authorizer, Policy, Request, Schema, Sources};

const REPOS: &str = r#"
actor User {}
actor Group {}
resource Org { roles = ["admin", "member"]; "member" if "admin"; }
resource Repo {
  roles = ["reader", "writer"];
  permissions = ["read", "push", "delete"];
  relations = { org: Org, creator: User };
  "writer" if "admin" on "org";
  "reader" if "writer" or "member" on "org";
  "read" if "reader";
  "read" if is_public(resource);
  "push" if "writer" and is_active(actor);
  "delete" if "creator" on resource;
}
has_role(user: User, role: String, repo: Repo) if
  group matches Group and
  in_group(user, group) and
  has_role(group, role, repo);
is_active(user: User) if not is_suspended(user);
"#;

const FACTS: &str = r#"
has_role(User{"ann"}, "admin", Org{"acme"});
has_role(User{"bob"}, "reader", Repo{"tool"});
has_relation(Repo{"site"}, "org", Org{"acme"});
has_relation(Repo{"tool"}, "org", Org{"acme"});
has_relation(Repo{"site"}, "creator", User{"cid"});
is_public(Repo{"tool"});
in_group(User{"dan"}, Group{"web"});
in_group(User{"eve"}, Group{"web"});
has_role(Group{"web"}, "writer", Repo{"site"});
is_suspended(User{"eve"});
has_role(_: User, "member", Org{"open"});
"#;

fn check(policy: &str, facts: &str, question: &str, expected: Expect) {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("p.polar"), policy);
    let policy = Policy::load(&schema, sources).expect("the policy is valid");
    let mut change = Facts::new().change();
    for fact in parse(None, facts).expect("facts") {
        change.insert(&fact).expect("a fact");
    }
    let authorizer = Authorizer::new(&policy, change.commit().0).expect("facts are enabled");
    let question = parse(None, &format!("{question};")).expect("a question").remove(0);
    let arguments: Vec<_> = question.arguments.iter().map(|value| value.as_ref()).collect();
    let request = Request { unix_time: Some(1000), ..Request::default() };
    let explanation = authorizer.explain(&request, &question.predicate, &arguments);
    expected.assert_eq(&explanation.expect("it is explained").to_text());
}

#[test]
fn a_role_by_a_relation() {
    check(
        REPOS,
        FACTS,
        r#"allow(User{"ann"}, "push", Repo{"site"})"#,
        expect![[r#"
        yes, because
          allow(User{"ann"}, "push", Repo{"site"})  by allow(actor, action, resource) if has_permission(actor, action, resource);  (by default)
            has_permission(User{"ann"}, "push", Repo{"site"})  by "push" if "writer" and is_active(actor);  (p.polar:13:3)
              has_role(User{"ann"}, "writer", Repo{"site"})  by "writer" if "admin" on "org";  (p.polar:9:3)
                has_relation(Repo{"site"}, "org", Org{"acme"})  fact
                has_role(User{"ann"}, "admin", Org{"acme"})  fact
              is_active(User{"ann"})  by is_active(user: User) if not is_suspended(user);  (p.polar:20:1)
                not is_suspended(user), since is_suspended(User{"ann"}) does not hold: there is no such fact
    "#]],
    );
}

#[test]
fn a_role_by_a_group() {
    check(
        REPOS,
        FACTS,
        r#"allow(User{"dan"}, "read", Repo{"site"})"#,
        expect![[r#"
        yes, because
          allow(User{"dan"}, "read", Repo{"site"})  by allow(actor, action, resource) if has_permission(actor, action, resource);  (by default)
            has_permission(User{"dan"}, "read", Repo{"site"})  by "read" if "reader";  (p.polar:11:3)
              has_role(User{"dan"}, "reader", Repo{"site"})  by has_role(user: User, role: String, repo: Repo) if group matches Group and in_group(user, group) and has_role(group, role…  (p.polar:16:1)
                in_group(User{"dan"}, Group{"web"})  fact
                has_role(Group{"web"}, "reader", Repo{"site"})  by "reader" if "writer" or "member" on "org";  (p.polar:10:3)
                  has_role(Group{"web"}, "writer", Repo{"site"})  fact
    "#]],
    );
}

#[test]
fn a_wildcard() {
    check(
        REPOS,
        FACTS,
        r#"has_role(User{"zoe"}, "member", Org{"open"})"#,
        expect![[r#"
        yes, because
          has_role(User{"zoe"}, "member", Org{"open"})  fact has_role(_: User, "member", Org{"open"})
    "#]],
    );
}

#[test]
fn nothing_is_known_of_someone() {
    check(
        REPOS,
        FACTS,
        r#"allow(User{"zoe"}, "push", Repo{"site"})"#,
        expect![[r#"
            no: allow(User{"zoe"}, "push", Repo{"site"}) does not hold
            it would hold with any of these:
              1. has_role(User{"zoe"}, "writer", Repo{"site"})
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
              2. in_group(User{"zoe"}, Group{"web"})
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
                 by has_role(user: User, role: String, repo: Repo) if group matches Group and in_group(user, group) and has_role(group, role…  (p.polar:16:1)
              3. has_role(User{"zoe"}, "admin", Org{"acme"})
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
                 by "writer" if "admin" on "org";  (p.polar:9:3)
              4. in_group(User{"zoe"}, some Group)
                 and has_role(that Group, "writer", Repo{"site"})
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
                 by has_role(user: User, role: String, repo: Repo) if group matches Group and in_group(user, group) and has_role(group, role…  (p.polar:16:1)
              5. has_relation(Repo{"site"}, "org", some Org)
                 and has_role(User{"zoe"}, "admin", that Org)
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
                 by "writer" if "admin" on "org";  (p.polar:9:3)
            not all is told: there are more than 5 ways
        "#]],
    );
}

#[test]
fn one_is_suspended() {
    check(
        REPOS,
        FACTS,
        r#"allow(User{"eve"}, "push", Repo{"site"})"#,
        expect![[r#"
            no: allow(User{"eve"}, "push", Repo{"site"}) does not hold
            it would hold with:
              1. without the fact is_suspended(User{"eve"})
                 by "push" if "writer" and is_active(actor);  (p.polar:13:3)
                 by is_active(user: User) if not is_suspended(user);  (p.polar:20:1)
        "#]],
    );
}

#[test]
fn a_repository_of_nobody() {
    check(
        REPOS,
        FACTS,
        r#"allow(User{"ann"}, "read", Repo{"new"})"#,
        expect![[r#"
            no: allow(User{"ann"}, "read", Repo{"new"}) does not hold
            it would hold with any of these:
              1. has_role(User{"ann"}, "reader", Repo{"new"})
                 by "read" if "reader";  (p.polar:11:3)
              2. is_public(Repo{"new"})
                 by "read" if is_public(resource);  (p.polar:12:3)
              3. has_role(User{"ann"}, "writer", Repo{"new"})
                 by "read" if "reader";  (p.polar:11:3)
                 by "reader" if "writer" or "member" on "org";  (p.polar:10:3)
              4. has_relation(Repo{"new"}, "org", Org{"open"})
                 by "read" if "reader";  (p.polar:11:3)
                 by "reader" if "writer" or "member" on "org";  (p.polar:10:3)
              5. has_relation(Repo{"new"}, "org", Org{"acme"})
                 by "read" if "reader";  (p.polar:11:3)
                 by "reader" if "writer" or "member" on "org";  (p.polar:10:3)
                 by "writer" if "admin" on "org";  (p.polar:9:3)
        "#]],
    );
}
