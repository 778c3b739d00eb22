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
fn one_fact_settles_what_another_leaves_in_doubt() {
    let wildcards = "made(Doc{\"any\"}, _: Integer); made(Doc{\"both\"}, _: Integer);";
    let known = "made(Doc{\"both\"}, 5);";
    let request = Request { unix_time: Some(1), ..Request::default() };
    for text in [format!("{wildcards} {known}"), format!("{known} {wildcards}")] {
        let authorizer = authorizer(&text);
        let check = |what| authorizer.check_request(&request, "fresh", &[doc(what)]);
        assert!(check("both").unwrap());
        assert!(!check("none").unwrap());
        let error = check("any").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecided);
        assert!(error.to_string().contains("in `t > @current_unix_time` of rule `fresh`"), "{error}");
    }
}

#[test]
fn facts_of_a_request_hold_for_it_alone() {
    let authorizer = authorizer("");
    let question = [user("ann"), "read".into(), doc("plan")];
    let more = [Fact::new("is_public", [Value::entity("Doc", "plan")])];
    let request = Request { facts: &more, ..Request::default() };
    assert!(!authorizer.check("allow", &question).unwrap());
    assert!(authorizer.check_request(&request, "allow", &question).unwrap());
    assert!(!authorizer.check("allow", &question).unwrap());
}

#[test]
fn the_time_is_the_requests() {
    let authorizer = authorizer("made(Doc{\"plan\"}, 100);");
    let at = |unix_time| {
        authorizer.check_request(&Request { unix_time, ..Request::default() }, "fresh", &[doc("plan")])
    };
    assert!(at(Some(99)).unwrap());
    assert!(!at(Some(100)).unwrap());
    assert_eq!(at(None).unwrap_err().kind(), ErrorKind::NotGiven);
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
        let request = Request { facts: &[nothing], ..Request::default() };
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
fn what_one_request_has_made_of_a_constant_is_not_anothers() {
    // No fact names 3 or "x": their atoms are those that the request makes first, as the stranger's is of the next.
    let policy = load("likes(u: User) if number(u, 3); called(u: User) if name(u, \"x\");");
    let stored = r#"number(_: User, _: User); name(_: User, _: User); name(User{"ann"}, User{"ann"});"#;
    let authorizer = Authorizer::new(&policy, facts(stored)).unwrap();
    for rule in ["likes", "called"] {
        for id in ["ann", "stranger", "ann", "other"] {
            assert!(!authorizer.check(rule, &[user(id)]).unwrap(), "{rule} {id}");
        }
    }
}

#[test]
fn a_user_with_any_of_some_roles() {
    let policy = load(
        r#"
        actor User {}
        resource Doc {
            roles = ["reader", "writer", "owner", "other"];
            permissions = ["read"];
            "read" if "reader"; "reader" if "writer"; "writer" if "owner";
        }
        "#,
    );
    // Few facts, many of one user and of all, in one layer and in several, with and without context.
    for count in [0, 3, 40, 400] {
        for role in ["reader", "writer", "owner", "other"] {
            let others =
                (0..count).map(|n| format!(r#"has_role(User{{"u{}"}}, "other", Doc{{"{n}"}});"#, n % 7));
            let mut change = facts(&others.collect::<String>()).change();
            for (user, role) in [("u1", role), ("u2", "other")] {
                change.insert_values("has_role", &[self::user(user), role.into(), doc("plan")]).unwrap();
            }
            let authorizer = Authorizer::new(&policy, change.commit().0).unwrap();
            let ask = |text: &str, user: &str| {
                let request = Request { facts: &parse(None, text).unwrap(), ..Request::default() };
                authorizer
                    .check_request(&request, "allow", &[self::user(user), "read".into(), doc("plan")])
                    .unwrap()
            };
            for context in ["", r#"has_role(User{"u4"}, "writer", Doc{"plan"});"#] {
                assert_eq!(ask(context, "u1"), role != "other", "{count} {role}");
                assert!(!ask(context, "u2") && !ask(context, "u3"));
                assert_eq!(ask(context, "u4"), !context.is_empty());
            }
        }
    }
}

#[test]
fn what_a_negation_leaves_open_is_what_the_facts_name() {
    let policy =
        load("actor User {}\nfree(d: Doc) if not is_public(d);\nsome() if d matches Doc and free(d);");
    let some = |facts: Facts, more: &[Fact]| {
        let authorizer = Authorizer::new(&policy, facts).unwrap();
        let request = Request { facts: more, ..Request::default() };
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

#[test]
fn what_a_request_gives_is_given_for_it_alone() {
    let policy = load(
        "actor User {}\nopen(d: Doc) if @context.is_office and d.status = \"new\" and not @action.is_dry;",
    );
    let authorizer = Authorizer::new(&policy, Facts::new()).unwrap();
    let entries = |name: &str, value: RequestValue| [(name.to_owned(), value)];
    let (context, action) = (entries("is_office", true.into()), entries("is_dry", false.into()));
    let status = entries("status", "new".into());
    let attributes = [Attributes { entity: Value::entity("Doc", "plan"), values: &status }];
    let request =
        Request { context: &context, action: &action, attributes: &attributes, ..Request::default() };
    let ask = |request: &Request<'_>, id| authorizer.check_request(request, "open", &[doc(id)]);
    assert!(ask(&request, "plan").unwrap());
    for (request, id, name) in [
        (
            request,
            "memo",
            "the policy asks for `status` of `Doc{\"memo\"}`, and the request does not give that attribute",
        ),
        (
            Request { context: &[], ..request },
            "plan",
            "the policy asks for `@context.is_office`, and the request does not say it",
        ),
        (
            Request { action: &[], ..request },
            "plan",
            "the policy asks for `@action.is_dry`, and the request does not say it",
        ),
        (
            Request::default(),
            "plan",
            "the policy asks for `@context.is_office`, and the request does not say it",
        ),
    ] {
        let error = ask(&request, id).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotGiven, name));
    }
    assert!(ask(&request, "plan").unwrap());
}

#[test]
fn what_a_request_cannot_give() {
    let authorizer = authorizer("");
    let kind = |request: &Request<'_>| authorizer.checks(request).unwrap_err().kind();
    let entry = |value: RequestValue| ("a".to_owned(), value);
    let twice = [entry(1.into()), entry(2.into())];
    assert_eq!(kind(&Request { context: &twice, ..Request::default() }), ErrorKind::Misuse);
    let unknown = [entry(RequestValue::entity("Usr", "ann"))];
    assert_eq!(kind(&Request { action: &unknown, ..Request::default() }), ErrorKind::UnregisteredClass);
    let any = [Attributes { entity: Value::any("User"), values: &[] }];
    assert_eq!(kind(&Request { attributes: &any, ..Request::default() }), ErrorKind::Misuse);
    for nest in
        [|inner| RequestValue::List(vec![inner]), |inner| RequestValue::Record(vec![("a".to_owned(), inner)])]
    {
        let mut value = RequestValue::Nil;
        for _ in 0..100 {
            value = nest(value);
        }
        assert_eq!(kind(&Request { context: &[entry(value)], ..Request::default() }), ErrorKind::Misuse);
    }
}

#[test]
fn records_are_told_apart_by_their_ways() {
    let policy = load("of(x) if x = @context.a.b.c;\nof_dotted(x) if r = @context.(\"a.b\") and x = r.c;");
    let authorizer = Authorizer::new(&policy, Facts::new()).unwrap();
    let record = |name: &str, value| RequestValue::Record(vec![(name.to_owned(), value)]);
    let context =
        [("a".to_owned(), record("b", record("c", 1.into()))), ("a.b".to_owned(), record("c", 2.into()))];
    let request = Request { context: &context, ..Request::default() };
    let ask = |rule, value: i64| authorizer.check_request(&request, rule, &[value.into()]).unwrap();
    assert!(ask("of", 1) && !ask("of", 2) && ask("of_dotted", 2) && !ask("of_dotted", 1));
}
