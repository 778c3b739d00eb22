//! Decisions over facts, through the public interface.

mod lists;

use super::*;
use crate::facts::{Fact, Value, parse};
use crate::{Limit, Schema, Sources};

const POLICY: &str = r#"
    actor User {}
    actor Group {}
    resource Folder { roles = ["reader"]; relations = { parent: Folder }; role if role on "parent"; }
    resource Doc {
        roles = ["reader"];
        permissions = ["read"];
        relations = { folder: Folder };
        "reader" if "reader" on "folder";
        "read" if "reader";
        "read" if is_public(resource);
    }
    has_role(u: User, role: String, d: Doc) if g matches Group and in_group(u, g) and has_role(g, role, d);
    fresh(d: Doc) if t matches Integer and made(d, t) and t > @current_unix_time;
    loop(x: User) if loop(x);
    all(u, d, v, e, w) if knows(u, d) and knows(v, e) and is_public(w);
"#;

fn facts(text: &str) -> Facts {
    let mut change = Facts::new().change();
    for fact in parse(None, text).unwrap() {
        change.insert(&fact).unwrap();
    }
    change.commit().0
}

fn load(policy: &str) -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, policy);
    Policy::load(&schema, sources).unwrap()
}

fn authorizer(text: &str) -> Authorizer {
    Authorizer::new(&load(POLICY), facts(text)).unwrap()
}

fn user(id: &str) -> ValueRef<'_> {
    ValueRef::entity("User", id)
}

fn doc(id: &str) -> ValueRef<'_> {
    ValueRef::entity("Doc", id)
}

#[test]
fn roles_groups_and_parents() {
    let authorizer = authorizer(
        r#"
        has_role(User{"ann"}, "reader", Folder{"top"});
        has_relation(Folder{"sub"}, "parent", Folder{"top"});
        has_relation(Folder{"top"}, "parent", Folder{"sub"});
        has_relation(Doc{"plan"}, "folder", Folder{"sub"});
        in_group(User{"bob"}, Group{"staff"});
        has_role(Group{"staff"}, "reader", Doc{"memo"});
        is_public(_: Doc);
        "#,
    );
    let may = |who, what| authorizer.check("allow", &[user(who), "read".into(), doc(what)]).unwrap();
    assert!(may("ann", "plan") && may("bob", "memo") && may("zoe", "whatever"));
    let without = authorizer.with_facts(facts("in_group(User{\"bob\"}, Group{\"staff\"});"));
    assert!(!without.check("allow", &[user("bob"), "read".into(), doc("memo")]).unwrap());
    assert!(may("bob", "memo"), "the first keeps its facts");
}

#[test]
fn facts_of_a_request_hold_for_it_alone() {
    let authorizer = authorizer("");
    let question = [user("ann"), "read".into(), doc("plan")];
    let more = [Fact::new("is_public", [Value::entity("Doc", "plan")])];
    let request = Request { facts: &more, unix_time: None };
    assert!(!authorizer.check("allow", &question).unwrap());
    assert!(authorizer.check_request(&request, "allow", &question).unwrap());
    assert!(!authorizer.check("allow", &question).unwrap());
}

#[test]
fn the_time_is_the_requests() {
    let authorizer = authorizer("made(Doc{\"plan\"}, 100);");
    let at =
        |unix_time| authorizer.check_request(&Request { facts: &[], unix_time }, "fresh", &[doc("plan")]);
    assert!(at(Some(99)).unwrap());
    assert!(!at(Some(100)).unwrap());
    assert_eq!(at(None).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn what_cannot_be_asked_is_an_error() {
    let authorizer = authorizer("has_role(Robot{\"r2\"}, \"reader\", Doc{\"plan\"});");
    let error = |rule, arguments: &[ValueRef<'_>]| authorizer.check(rule, arguments).unwrap_err();
    let unknown = error("allow", &[ValueRef::entity("Usr", "ann"), "read".into(), doc("plan")]);
    assert_eq!(unknown.kind(), ErrorKind::UnregisteredClass);
    assert_eq!(unknown.message(), "the policy names no type `Usr`; did you mean `User`?");
    // Facts have such entities, but the policy does not know what they are.
    let known_to_facts = error("allow", &[ValueRef::entity("Robot", "r2"), "read".into(), doc("plan")]);
    assert_eq!(known_to_facts.kind(), ErrorKind::UnregisteredClass);
    assert_eq!(error("alow", &[user("ann")]).message(), "there is no rule `alow`; did you mean `allow`?");
    assert_eq!(error("allow", &[ValueRef::Any("User")]).kind(), ErrorKind::Misuse);
    for nothing in [Fact::new("is_public", []), Fact::new("is_pubic", [Value::entity("Doc", "plan")])] {
        let request = Request { facts: &[nothing], unix_time: None };
        let refused = authorizer.check_request(&request, "allow", &[user("ann"), "read".into(), doc("plan")]);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::FactForm);
    }
    // A thread goes on after errors.
    assert!(!authorizer.check("allow", &[user("ann"), "read".into(), doc("plan")]).unwrap());
}

#[test]
fn a_policy_without_facts_is_refused() {
    let mut sources = Sources::default();
    sources.add(None, "allow(_, \"read\", _);");
    let policy = Policy::load(&Schema::new(), sources).unwrap();
    assert_eq!(Authorizer::new(&policy, Facts::new()).unwrap_err().kind(), ErrorKind::Misuse);
}

#[test]
fn rows_count_as_steps() {
    let mut text = String::new();
    for index in 0..100 {
        text.push_str(&format!("knows(User{{\"ann\"}}, Doc{{\"d{index}\"}});"));
    }
    let mut policy = String::from(POLICY);
    policy.push_str("pairs(u) if knows(u, _) and knows(u, _) and knows(u, d) and is_public(d);");
    let authorizer = Authorizer::new(&load(&policy), facts(&text)).unwrap();
    let authorizer = authorizer.with_limits(Limits { steps: 5_000, ..Limits::default() });
    let error = authorizer.check("pairs", &[user("ann")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Steps));
}

#[test]
fn more_arguments_than_most_questions_have() {
    let authorizer = authorizer("knows(User{\"a\"}, Doc{\"b\"}); is_public(Doc{\"c\"});");
    let arguments = [user("a"), doc("b"), user("a"), doc("b"), doc("c")];
    assert!(authorizer.check("all", &arguments).unwrap());
}

#[test]
fn questions_without_entities() {
    let policy =
        "declare on(String, Integer);\nready(name: String) if on(name, 1);\nwide(x) if ready(x) or x = 7;";
    let authorizer = Authorizer::new(&load(policy), facts("on(\"dark\", 1); on(\"ready\", 0);")).unwrap();
    assert!(authorizer.check("on", &["dark".into(), 1.into()]).unwrap());
    assert!(!authorizer.check("on", &["dark".into(), 0.into()]).unwrap());
    assert!(authorizer.check("ready", &["dark".into()]).unwrap());
    assert!(!authorizer.check("ready", &["ready".into()]).unwrap());
    assert!(
        authorizer.check("wide", &["dark".into()]).unwrap() && authorizer.check("wide", &[7.into()]).unwrap()
    );
}

#[test]
fn an_authorizer_is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Authorizer>();
}

#[test]
fn what_a_negation_leaves_open_is_what_the_facts_name() {
    let policy =
        load("actor User {}\nfree(d: Doc) if not is_public(d);\nsome() if d matches Doc and free(d);");
    let some = |facts: Facts, more: &[Fact]| {
        let authorizer = Authorizer::new(&policy, facts).unwrap();
        let request = Request { facts: more, unix_time: None };
        authorizer.check_request(&request, "some", &[]).unwrap()
    };
    let kept = facts("is_public(Doc{\"a\"});");
    assert!(!some(kept.clone(), &[]), "every document that the facts name is public");
    assert!(!some(Facts::new(), &[]), "there is none");
    let mut change = kept.change();
    change.insert(&Fact::new("knows", [Value::entity("User", "u"), Value::entity("Doc", "b")])).unwrap();
    let more = change.commit().0;
    assert!(some(more.clone(), &[]));
    assert!(!some(more.clone(), &[Fact::new("is_public", [Value::entity("Doc", "b")])]));
    let mut change = more.change();
    assert!(change.delete(&Fact::new("knows", [Value::entity("User", "u"), Value::entity("Doc", "b")])));
    assert!(!some(change.commit().0, &[]), "what is deleted is not named any more");
}
