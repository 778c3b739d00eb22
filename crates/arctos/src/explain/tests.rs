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
    check(REPOS, FACTS, r#"allow(User{"ann"}, "push", Repo{"site"})"#, expect![[r#"
        yes, because
          allow(User{"ann"}, "push", Repo{"site"})  by   (p.polar:1:1)
            has_permission(User{"ann"}, "push", Repo{"site"})  by "push" if "writer" and is_active(actor);  (p.polar:13:3)
              has_role(User{"ann"}, "writer", Repo{"site"})  by "writer" if "admin" on "org";  (p.polar:9:3)
                has_relation(Repo{"site"}, "org", Org{"acme"})  fact
                has_role(User{"ann"}, "admin", Org{"acme"})  fact
              is_active(User{"ann"})  by is_active(user: User) if not is_suspended(user);  (p.polar:20:1)
                not is_suspended(user), since is_suspended(User{"ann"}) does not hold: there is no such fact
    "#]]);
}

#[test]
fn a_role_by_a_group() {
    check(REPOS, FACTS, r#"allow(User{"dan"}, "read", Repo{"site"})"#, expect![[r#"
        yes, because
          allow(User{"dan"}, "read", Repo{"site"})  by   (p.polar:1:1)
            has_permission(User{"dan"}, "read", Repo{"site"})  by "read" if "reader";  (p.polar:11:3)
              has_role(User{"dan"}, "reader", Repo{"site"})  by has_role(user: User, role: String, repo: Repo) if group matches Group and in_group(user, group) and has_role(group, role…  (p.polar:16:1)
                in_group(User{"dan"}, Group{"web"})  fact
                has_role(Group{"web"}, "reader", Repo{"site"})  by "reader" if "writer" or "member" on "org";  (p.polar:10:3)
                  has_role(Group{"web"}, "writer", Repo{"site"})  fact
    "#]]);
}

#[test]
fn a_wildcard() {
    check(REPOS, FACTS, r#"has_role(User{"zoe"}, "member", Org{"open"})"#, expect![[r#"
        yes, because
          has_role(User{"zoe"}, "member", Org{"open"})  fact has_role(_: User, "member", Org{"open"})
    "#]]);
}
