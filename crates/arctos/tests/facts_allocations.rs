//! Asking facts allocates nothing once there is the room that one request needs: a view of them, and a policy over them.

#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

use arctos::facts::{Atom, Fact, FactView, Facts, RelationId, Value, ValueRef};
use arctos::{Authorizer, ErrorKind, Limit, Limits, Policy, Schema, Sources};

/// What a machine does for one request: interns who and what is asked about, probes and goes over facts.
fn ask(view: &mut FactView, facts: &Facts, relation: RelationId, who: &str) -> usize {
    view.reset(facts);
    let who = view.intern(ValueRef::entity("User", who)).unwrap();
    let reader = view.intern(ValueRef::String("reader")).unwrap();
    let seven = view.intern(ValueRef::entity("Doc", "d7")).unwrap();
    let held = usize::from(view.contains(relation, &[who, reader, seven]));
    let of_user = view.scan(relation, &[Some(who), None, None]).count();
    let anyone = Some(Atom::any(view.type_id("User").unwrap()));
    let mut cursor = view.cursor(relation, &[anyone, Some(reader), Some(seven)]);
    let mut of_doc = 0;
    while view.next(&mut cursor).is_some() {
        of_doc += 1;
    }
    held + of_user + of_doc
}

#[test]
fn a_warm_question_allocates_nothing() {
    let mut change = Facts::new().change();
    for number in 0..1_000 {
        let user = Value::entity("User", format!("u{}", number % 100));
        let doc = Value::entity("Doc", format!("d{}", number / 10));
        change.insert(&Fact::new("has_role", [user, "reader".into(), doc])).unwrap();
    }
    let public = [Value::any("User"), "reader".into(), Value::entity("Doc", "d7")];
    change.insert(&Fact::new("has_role", public)).unwrap();
    let relation = change.relation("has_role", 3).unwrap();
    let (facts, _) = change.commit();
    let mut view = facts.view();
    // The second is of nobody that the facts know: a wildcard is about them all the same.
    assert_eq!(ask(&mut view, &facts, relation, "u71"), 1 + 11 + 11);
    assert_eq!(ask(&mut view, &facts, relation, "nobody has heard of them"), 1 + 1 + 11);
    let counted = allocation_counter::measure(|| {
        ask(&mut view, &facts, relation, "u71");
        ask(&mut view, &facts, relation, "nobody has heard of them");
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn a_warm_check_allocates_nothing() {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(
        None,
        r#"actor User {}
           resource Org { roles = ["member"]; }
           resource Doc {
             roles = ["reader"];
             permissions = ["read"];
             relations = { org: Org };
             "reader" if "member" on "org";
             "read" if "reader" and is_current(resource);
           }
           is_current(d: Doc) if not is_archived(d);"#,
    );
    let policy = Policy::load(&schema, sources).unwrap();
    let text = r#"
        has_role(User{"ann"}, "member", Org{"acme"});
        has_relation(Doc{"plan"}, "org", Org{"apex"});
        has_relation(Doc{"plan"}, "org", Org{"acme"});
        is_archived(Doc{"memo"});
    "#;
    let mut change = Facts::new().change();
    for fact in arctos::facts::parse(None, text).unwrap() {
        change.insert(&fact).unwrap();
    }
    let authorizer = Authorizer::new(&policy, change.commit().0).unwrap();
    let ask = |who, what| {
        let arguments = [ValueRef::entity("User", who), "read".into(), ValueRef::entity("Doc", what)];
        authorizer.check("allow", &arguments).unwrap()
    };
    assert!(ask("ann", "plan") && !ask("bob", "plan") && !ask("ann", "memo") && !ask("ann", "a new one"));
    let counted = allocation_counter::measure(|| {
        ask("ann", "plan");
        ask("bob", "plan");
        ask("ann", "a new one");
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

/// Loads a policy over a chain of so many edges, from `n0` on.
fn chain(policy: &str, edges: usize) -> Authorizer {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, policy);
    let policy = Policy::load(&schema, sources).unwrap();
    let mut change = Facts::new().change();
    let node = |number: usize| Value::entity("Node", format!("n{number}"));
    for number in 0..edges {
        change.insert(&Fact::new("edge", [node(number), node(number + 1)])).unwrap();
    }
    Authorizer::new(&policy, change.commit().0).unwrap()
}

/// What is asked of a chain takes more memory than a little, and is ended in time.
fn takes_more_than_a_little(policy: &str, edges: usize) {
    let authorizer = chain(policy, edges);
    let (from, to) = (ValueRef::entity("Node", "n0"), ValueRef::entity("Node", "nowhere"));
    let little = authorizer.with_limits(Limits { memory: 1 << 20, ..Limits::default() });
    let taken = allocation_counter::measure(|| {
        let error = little.check("reach", &[from, to]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Memory));
    });
    assert!(taken.bytes_max < 4 << 20, "{taken:?}");
}

#[test]
fn cursors_of_open_calls_count() {
    // Each call has a hundred cursors, and few registers.
    let ways = " or (edge(b, y) and edge(y, z) and z = a)".repeat(50);
    let policy = format!(
        "actor Node {{}} declare edge(Node, Node);
         reach(a: Node, b: Node) if edge(a, x) and (x = b or (reach(x, b) and edge(a, x))){ways};"
    );
    takes_more_than_a_little(&policy, 1_000);
}

#[test]
fn what_steps_keep_counts() {
    let policy = "actor Node {} declare edge(Node, Node);
        reach(a: Node, b: Node) if edge(a, x) and (x = b or reach(x, b));";
    takes_more_than_a_little(policy, 20_000);
    let policy = "actor Node {} declare edge(Node, Node);
        reach(a: Node, b: Node) if edge(a, b);
        reach(a: Node, b: Node) if edge(a, x) and reach(x, b);";
    takes_more_than_a_little(policy, 20_000);
}
