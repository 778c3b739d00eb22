//! Values in Polar's notation and as JSON.

use std::rc::Rc;
use std::sync::Arc;

use arctos::Symbols;
use expect_test::{Expect, expect};

use super::*;
use crate::host::Record;

fn check(make: impl FnOnce(&mut Heap<Object>) -> Term, expected: Expect) {
    let mut heap = Heap::new(Arc::new(Symbols::default()));
    let value = make(&mut heap);
    let bound = Bound::Term(value);
    let bindings = [("x", &bound)];
    expected.assert_eq(&format!(
        "{}\n{}\n",
        answer(&heap, &bindings, |_| None),
        answer_json(&heap, &bindings)
    ));
}

#[test]
fn strings_are_escaped() {
    check(
        |heap| heap.string("a \"b\" \\ \n \u{1b}[31m é"),
        expect![[r#"
            x = "a \"b\" \\ \n \u{1b}[31m é"
            {"x":"a \"b\" \\ \n \u001b[31m é"}
        "#]],
    );
}

#[test]
fn values_of_every_kind() {
    check(
        |heap| {
            let name = heap.string("ann");
            let record = heap.object(Object::Record(Rc::new(Record {
                class: arctos::ClassId::STRING,
                class_name: "User".into(),
                fields: vec![("name".into(), name)],
                text: String::new(),
            })));
            let dictionary = heap.dictionary([("a", heap.integer(1)), ("b c", heap.nil())]);
            let free = heap.variable();
            heap.list(&[
                heap.boolean(true),
                heap.float(1.0),
                heap.float(f64::INFINITY),
                record,
                dictionary,
                free,
            ])
        },
        expect![[r#"
            x = [true, 1.0, inf, new User(name: "ann"), {a: 1, "b c": nil}, _]
            {"x":[true,1.0,"inf",{"$class":"User","name":"ann"},{"a":1,"b c":null},{"$variable":"_"}]}
        "#]],
    );
}

#[test]
fn depth_is_limited() {
    let mut heap: Heap<Object> = Heap::new(Arc::new(Symbols::default()));
    let mut value = heap.integer(1);
    for _ in 0..100_000 {
        value = heap.list(&[value, value]);
    }
    let shown = term(&heap, value);
    assert!(shown.contains('…') && shown.len() < 200_000, "{}", shown.len());
}

#[test]
fn unbound_variables_share_a_name() {
    let mut heap: Heap<Object> = Heap::new(Arc::new(Symbols::default()));
    let free = heap.variable();
    let list = heap.list(&[free]);
    let (x, y, z) = (Bound::Term(free), Bound::Term(free), Bound::Term(list));
    let twice = Bound::Term(heap.variable());
    let Bound::Term(inner) = twice else { unreachable!() };
    let pair = Bound::Term(heap.list(&[inner, free, inner]));
    expect!["p = [_1, _, _1]"].assert_eq(&answer(&heap, &[("p", &pair)], |_| None));
    expect!["x = _, y = x, z = [x]"].assert_eq(&answer(&heap, &[("x", &x), ("y", &y), ("z", &z)], |_| None));
}

#[test]
fn conditions() {
    let mut heap: Heap<Object> = Heap::new(Arc::new(Symbols::default()));
    let free = heap.variable();
    let field = heap.string("age");
    let dot = Operand::Expression(Expression { op: "Dot", args: vec![Operand::This, Operand::Term(field)] });
    let older = Expression { op: "Gt", args: vec![dot, Operand::Term(heap.integer(1))] };
    let user = Operand::Pattern { class: Some("User".to_owned()), fields: Vec::new() };
    let is_user = Expression { op: "Isa", args: vec![Operand::This, user] };
    let not = Expression { op: "Not", args: vec![Operand::Expression(is_user.clone())] };
    let all =
        Expression { op: "And", args: [older, is_user, not].into_iter().map(Operand::Expression).collect() };
    let (x, y) = (Bound::Condition(all), Bound::Term(free));
    let bindings = [("x", &x), ("y", &y)];
    expect!["x.age > 1 and x matches User and not (x matches User), y = _"].assert_eq(&answer(
        &heap,
        &bindings,
        |_| None,
    ));
    expect![[r#"{"x":{"$condition":"x.age > 1 and x matches User and not (x matches User)"},"y":{"$variable":"y"}}"#]]
        .assert_eq(&answer_json(&heap, &bindings).to_string());
}
