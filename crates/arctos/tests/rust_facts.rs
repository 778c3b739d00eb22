//! Live objects and facts in one session.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use arctos::facts::{Facts, ValueRef, parse};
use arctos::rust::{Arctos, PolarClass, Unbound};
use arctos::{Authorizer, ErrorKind};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    login: String,
    #[polar(attribute)]
    level: i64,
}

#[derive(PolarClass)]
struct Repo {
    #[polar(attribute)]
    number: i64,
}

const POLICY: &str = r#"
    actor User {}
    actor Group {}
    resource Repo {
        roles = ["reader", "owner"]; permissions = ["read", "push"];
        "read" if "reader"; "reader" if "owner"; "push" if "owner";
    }
    has_role(user: User, role: String, repo: Repo) if
        group matches Group and in_group(user, group) and has_role(group, role, repo);
    allow(user: User, action, repo: Repo) if user.level > 0 and has_permission(user, action, repo);
"#;

fn arctos() -> Arctos {
    Arctos::builder()
        .enable_facts()
        .register_class(User::class().id("login"))
        .register_class(Repo::class().id("number"))
        .load_str(POLICY)
        .build()
        .unwrap()
}

fn facts(text: &str) -> Facts {
    let mut change = Facts::new().change();
    for fact in parse(None, text).unwrap() {
        change.insert(&fact).unwrap();
    }
    change.commit().0
}

fn user(login: &str, level: i64) -> User {
    User { login: login.to_owned(), level }
}

#[test]
fn objects_are_the_entities_of_their_ids() {
    let arctos = arctos();
    let kept = facts(
        r#"has_role(User{"ann"}, "owner", Repo{"7"}); in_group(User{"bob"}, Group{"web"});
           has_role(Group{"web"}, "reader", Repo{"7"}); in_group(_: User, Group{"all"});
           has_role(Group{"all"}, "reader", Repo{"9"});"#,
    );
    let session = arctos.with_facts(&kept);
    let (ann, bob, off) = (user("ann", 1), user("bob", 1), user("ann", 0));
    let (seventh, eighth, ninth) = (Repo { number: 7 }, Repo { number: 8 }, Repo { number: 9 });
    assert!(session.is_allowed(&ann, "push", &seventh).unwrap());
    assert!(!session.is_allowed(&off, "push", &seventh).unwrap(), "her level is the object's");
    assert!(session.is_allowed(&bob, "read", &seventh).unwrap());
    assert!(!session.is_allowed(&bob, "push", &seventh).unwrap());
    assert!(!session.is_allowed(&ann, "read", &eighth).unwrap());
    assert!(session.is_allowed(user("zoe", 1), "read", &ninth).unwrap());
    let mut actions = session.query_rule("allow", (&ann, Unbound("action"), &seventh)).unwrap();
    let mut found = Vec::new();
    while let Some(answer) = actions.next().unwrap() {
        found.push(answer.get::<String>("action").unwrap());
    }
    found.sort();
    found.dedup();
    assert_eq!(found, ["push", "read"]);
    let mut roles = session.query_rule("has_role", (&bob, Unbound("role"), &seventh)).unwrap();
    assert_eq!(roles.next().unwrap().unwrap().get::<&str>("role").unwrap(), "reader");
    assert!(session.explain(&ann, "push", &seventh).unwrap().allowed);
}

#[test]
fn each_session_has_its_facts() {
    let arctos = arctos();
    let (ann, repo) = (user("ann", 1), Repo { number: 7 });
    let kept = facts(r#"has_role(User{"ann"}, "reader", Repo{"7"});"#);
    let session = arctos.with_facts(&kept);
    assert!(session.is_allowed(&ann, "read", &repo).unwrap());
    assert!(!arctos.with_facts(&Facts::new()).is_allowed(&ann, "read", &repo).unwrap());
    assert!(!arctos.is_allowed(&ann, "read", &repo).unwrap(), "there are no facts without a session of them");
    // Another who asks the same policy on this thread leaves nothing behind.
    let authorizer = Authorizer::new(&arctos.policy(), kept.clone()).unwrap();
    let stored = [ValueRef::entity("User", "ann"), "reader".into(), ValueRef::entity("Repo", "7")];
    assert!(authorizer.check("has_role", &stored).unwrap());
    assert!(!arctos.is_allowed(&ann, "read", &repo).unwrap());
    assert!(session.is_allowed(&ann, "read", &repo).unwrap());
}

#[test]
fn facts_are_about_classes_that_name_an_id() {
    let policy = |repo| {
        let built = Arctos::builder().enable_facts().register_class(repo);
        built
            .load_str("allow(user: User, \"read\", repo: Repo) if knows(user, repo);")
            .build()
            .unwrap()
            .policy()
    };
    let known = parse(None, r#"knows(User{"ann"}, Repo{"7"});"#).unwrap();
    assert!(policy(Repo::class().id("number")).check_fact(&known[0]).is_ok());
    let refused = policy(Repo::class()).check_fact(&known[0]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::FactForm);
    assert!(refused.message().contains("`Repo` is a class of the application that names no id"));
}

#[test]
fn an_id_is_an_attribute() {
    let built = Arctos::builder().enable_facts().register_class(User::class().id("name")).build();
    let error = built.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert_eq!(error.message(), "the id of `User` is to be `name`, which is none of its attributes");
}
