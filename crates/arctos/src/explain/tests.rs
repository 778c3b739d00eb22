//! Explanations of small policies, as text.

use expect_test::{Expect, expect};

use super::{Explanation, Extent, Support};
use crate::facts::{Facts, Value, ValueRef, parse};
use crate::{Attributes, Authorizer, Error, Limits, Policy, Request, Schema, Sources};

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
    let explanation = explained(policy, facts, question, &Extent::default(), Limits::default());
    expected.assert_eq(&explanation.expect("it is explained").to_text());
}

fn explained(
    policy: &str,
    facts: &str,
    question: &str,
    extent: &Extent,
    limits: Limits,
) -> Result<Explanation, Error> {
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
    authorizer.with_limits(limits).explain_within(&request, &question.predicate, &arguments, extent)
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
            not all is told: ways with more changes were not looked for
        "#]],
    );
}

/// Folders in a circle, of which one may be read.
const FOLDERS: &str = r#"
actor User {}
resource Folder { roles = ["reader"]; relations = { parent: Folder }; role if role on "parent"; }
"#;

const CIRCLE: &str = r#"
has_relation(Folder{"a"}, "parent", Folder{"b"});
has_relation(Folder{"b"}, "parent", Folder{"c"});
has_relation(Folder{"c"}, "parent", Folder{"a"});
has_role(User{"ann"}, "reader", Folder{"c"});
"#;

#[test]
fn folders_in_a_circle() {
    check(
        FOLDERS,
        CIRCLE,
        r#"has_role(User{"ann"}, "reader", Folder{"a"})"#,
        expect![[r#"
        yes, because
          has_role(User{"ann"}, "reader", Folder{"a"})  by role if role on "parent";  (p.polar:3:71)
            has_relation(Folder{"a"}, "parent", Folder{"b"})  fact
            has_role(User{"ann"}, "reader", Folder{"b"})  by role if role on "parent";  (p.polar:3:71)
              has_relation(Folder{"b"}, "parent", Folder{"c"})  fact
              has_role(User{"ann"}, "reader", Folder{"c"})  fact
    "#]],
    );
    check(
        FOLDERS,
        CIRCLE,
        r#"has_role(User{"bob"}, "reader", Folder{"a"})"#,
        expect![[r#"
        no: has_role(User{"bob"}, "reader", Folder{"a"}) does not hold
        it would hold with any of these:
          1. has_role(User{"bob"}, "reader", Folder{"a"})
          2. has_role(User{"bob"}, "reader", Folder{"b"})
             by role if role on "parent";  (p.polar:3:71)
          3. has_role(User{"bob"}, "reader", Folder{"c"})
             by role if role on "parent";  (p.polar:3:71)
          4. has_relation(Folder{"a"}, "parent", some Folder)
             and has_role(User{"bob"}, "reader", that Folder)
             by role if role on "parent";  (p.polar:3:71)
          5. has_relation(Folder{"b"}, "parent", some Folder)
             and has_role(User{"bob"}, "reader", that Folder)
             by role if role on "parent";  (p.polar:3:71)
        not all is told: there are more than 5 ways
    "#]],
    );
}

#[test]
fn whatever_value() {
    let policy = r#"
open(user: User, doc: Doc) if group matches Group and in_group(user, group) and keeps(group, doc);
"#;
    let facts = r#"in_group(User{"ann"}, _: Group); keeps(_: Group, Doc{"d"});"#;
    check(
        policy,
        facts,
        r#"open(User{"ann"}, Doc{"d"})"#,
        expect![[r#"
        yes, because
          open(User{"ann"}, Doc{"d"})  by open(user: User, doc: Doc) if group matches Group and in_group(user, group) and keeps(group, doc);  (p.polar:2:1)
            in_group(User{"ann"}, _: Group)  fact
            keeps(_: Group, Doc{"d"})  fact
    "#]],
    );
}

#[test]
fn negations_in_negations() {
    let policy = r#"
declare exempt(User);
blocked(user: User) if reported(user) and not exempt(user);
may(user: User) if not blocked(user);
"#;
    let question = r#"may(User{"ann"})"#;
    check(
        policy,
        r#"reported(User{"ann"});"#,
        question,
        expect![[r#"
        no: may(User{"ann"}) does not hold
        it would hold with any of these:
          1. without the fact reported(User{"ann"})
             by may(user: User) if not blocked(user);  (p.polar:4:1)
          2. exempt(User{"ann"})
             by may(user: User) if not blocked(user);  (p.polar:4:1)
    "#]],
    );
    check(
        policy,
        r#"reported(_: User); exempt(User{"ann"});"#,
        question,
        expect![[r#"
        yes, because
          may(User{"ann"})  by may(user: User) if not blocked(user);  (p.polar:4:1)
            not blocked(user), since blocked(User{"ann"}) does not hold: by the rule at p.polar:3:1 not, since not exempt(user) does not hold
    "#]],
    );
}

#[test]
fn each_proof_of_what_is_negated_is_broken() {
    let policy =
        "blocked(u: User) if reported(u) or banned(u);\nmay(u: User) if known(u) and not blocked(u);";
    let facts = r#"reported(User{"ann"}); banned(User{"ann"});"#;
    check(
        policy,
        facts,
        r#"may(User{"ann"})"#,
        expect![[r#"
        no: may(User{"ann"}) does not hold
        it would hold with:
          1. known(User{"ann"})
             and without the fact reported(User{"ann"})
             and without the fact banned(User{"ann"})
             by may(u: User) if known(u) and not blocked(u);  (p.polar:2:1)
    "#]],
    );
}

#[test]
fn numbers_between_placeholders() {
    let policy = r#"
may(user: User, doc: Doc) if
  used matches Integer and used_by(user, used) and
  quota matches Integer and quota_of(doc, quota) and used < quota;
"#;
    check(
        policy,
        r#"quota_of(Doc{"d"}, 3);"#,
        r#"may(User{"ann"}, Doc{"d"})"#,
        expect![[r#"
        no: may(User{"ann"}, Doc{"d"}) does not hold
        it would hold with:
          1. used_by(User{"ann"}, some Integer)
             where that Integer < 3
             by may(user: User, doc: Doc) if used matches Integer and used_by(user, used) and quota matches Integer and quota_of(doc, qu…  (p.polar:2:1)
    "#]],
    );
    check(
        policy,
        "",
        r#"may(User{"ann"}, Doc{"d"})"#,
        expect![[r#"
        no: may(User{"ann"}, Doc{"d"}) does not hold
        it would hold with:
          1. used_by(User{"ann"}, some Integer #1)
             and quota_of(Doc{"d"}, some Integer #2)
             where that Integer #1 < that Integer #2
             by may(user: User, doc: Doc) if used matches Integer and used_by(user, used) and quota matches Integer and quota_of(doc, qu…  (p.polar:2:1)
    "#]],
    );
}

#[test]
fn what_nobody_can_have() {
    check(
        "may(_: User) if false;",
        "",
        r#"may(User{"ann"})"#,
        expect![[r#"
        no: may(User{"ann"}) does not hold
        nothing was found that would make it hold
    "#]],
    );
}

#[test]
fn what_is_left_out_is_said() {
    let chain: String = (0..30)
        .map(|at| format!("has_relation(Folder{{\"{at}\"}}, \"parent\", Folder{{\"{}\"}});", at + 1))
        .collect();
    let facts = format!("{chain} has_role(User{{\"ann\"}}, \"reader\", Folder{{\"30\"}});");
    let question = r#"has_role(User{"ann"}, "reader", Folder{"0"})"#;
    let extent = Extent { depth: 10, ..Extent::default() };
    let explanation = explained(FOLDERS, &facts, question, &extent, Limits::default()).expect("explained");
    assert_eq!(explanation.omitted, ["the proof is deeper than 10"]);
    let extent = Extent { nodes: 7, ..Extent::default() };
    let explanation = explained(FOLDERS, &facts, question, &extent, Limits::default()).expect("explained");
    assert_eq!(explanation.omitted, ["the proof has more than 7 goals"]);
    let whole =
        explained(FOLDERS, &facts, question, &Extent::default(), Limits::default()).expect("explained");
    assert!(whole.omitted.is_empty() && matches!(whole.proof.map(|proof| proof.by), Some(Support::Rule(_))));
    let question = r#"has_role(User{"bob"}, "reader", Folder{"0"})"#;
    let extent = Extent { goals: 10, ..Extent::default() };
    let explanation = explained(FOLDERS, &facts, question, &extent, Limits::default()).expect("explained");
    assert_eq!(explanation.omitted, ["the search for what is missing ended after 10 goals"]);
    let policy = "may(u: User) if a(u) and b(u) and c(u) and d(u);";
    let may = explained(policy, "", r#"may(User{"ann"})"#, &Extent::default(), Limits::default());
    let omitted = may.expect("explained").omitted;
    assert_eq!(omitted, ["ways with more than 3 changes were not looked for"]);
}

#[test]
fn a_limit_is_an_error() {
    let limits = Limits { steps: 30, ..Limits::default() };
    let question = r#"has_role(User{"ann"}, "reader", Folder{"a"})"#;
    let error = explained(FOLDERS, CIRCLE, question, &Extent::default(), limits).expect_err("too much");
    assert!(error.is_exhausted());
}

#[test]
fn what_a_request_says() {
    let policy = r#"
resource Doc { roles = ["reader"]; }
allow(user: User, "read", doc: Doc) if doc.status = "published" or @context.is_office and has_role(user, "reader", doc);
"#;
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("p.polar"), policy);
    let policy = Policy::load(&schema, sources).expect("the policy is valid");
    let authorizer = Authorizer::new(&policy, Facts::new()).expect("facts are enabled");
    let status = [("status".to_owned(), "draft".into())];
    let attributes = [Attributes { entity: Value::entity("Doc", "plan"), values: &status }];
    let context = [("is_office".to_owned(), false.into())];
    let request = Request { context: &context, attributes: &attributes, ..Request::default() };
    let question = [ValueRef::entity("User", "ann"), "read".into(), ValueRef::entity("Doc", "plan")];
    let explanation = authorizer.explain(&request, "allow", &question).expect("it is explained");
    expect![[r#"
        no: allow(User{"ann"}, "read", Doc{"plan"}) does not hold
        it would hold with any of these:
          1. doc.status = "published", where now doc.status is "draft"
             by allow(user: User, "read", doc: Doc) if doc.status = "published" or @context.is_office and has_role(user, "reader", doc);  (p.polar:3:1)
          2. @context.is_office, where now @context.is_office is false
             and has_role(User{"ann"}, "reader", Doc{"plan"})
             by allow(user: User, "read", doc: Doc) if doc.status = "published" or @context.is_office and has_role(user, "reader", doc);  (p.polar:3:1)
    "#]].assert_eq(&explanation.to_text());
}
