//! Answers.

use arctos::Limits;

use crate::toy::Toy;
use crate::{decided, load};

#[track_caller]
fn check(body: &str, plan: Option<bool>, machine: bool) {
    let policy = load(&format!("f(t) if {body}; is(a, a); one(1);"));
    assert_eq!(decided(&policy, Toy::default(), &Limits::default()), (plan, machine), "{body}");
}

#[test]
fn each_lookup_asks_anew() {
    // What an attribute gives may be used up by going through it.
    check("2 in t.bag and 2 in t.bag", Some(true), true);
    check("3 in t.bag and not 1 in t.bag", Some(false), false);
    check("bag = t.bag and 3 in bag and not 1 in bag", Some(true), true);
    check("x in t.bag and y in t.bag and x = 3 and y = 1", Some(true), true);
}

#[test]
fn the_host_compares_left_with_right() {
    check("t.self = 1", Some(true), true);
    check("1 = t.self", Some(true), true);
    check("x = t.self and x = 1", Some(true), true);
    check("x = t.self and 1 = x", Some(false), false);
    check("x = t.self and is(x, 1)", Some(false), false);
    check("x = t.self and is(1, x)", Some(true), true);
    check("x = t.self and one(x)", Some(true), true);
    check("x = t.self and x in [1, 2]", Some(true), true);
    check("x = t.self and 1 in [x, 2, 3]", Some(false), false);
    check("x = t.self and x in t.bag", Some(true), true);
    check("x = t.self and l = [x] and l = [1]", Some(true), true);
    check("x = t.self and l = [x] and [1] = l", Some(false), false);
    check("x = t.self and x = t.id()", Some(false), false);
    check("x = 1 and x = t.self()", Some(true), true);
}

#[test]
fn a_variable_in_a_value_of_the_host_is_for_the_machine() {
    check("t.hole = 1", None, true);
    check("t.holes = [1]", None, true);
    check("x in t.holes and x = 1", None, true);
    check("1 in t.holes", None, true);
    check("t.holes matches [1]", None, true);
    check("t.rest = [[1]]", None, true);
    check("x = t.rest and ((x = [[1]] and false) or x = [[2]])", None, true);
    check("t.named.a = 1", None, true);
    check("t.named = {a: 1}", None, true);
    check("t.named matches {a: 1}", None, true);
    check("[k, v] in t.named and k = \"a\" and v = 1", None, true);
    check("t.rest == [[1]] or true", None, true);
    check("l = t.rest and l.id = 1", Some(true), true);
}
