//! Plans beside the machine, over a host that does what hosts are allowed to do and ours do not.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use arctos::internals::decide_by_plan;
use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, Limits, Lineage, Name,
    Policy, Query, Replied, Reply, Schema, Sources, Term, View,
};

/// An object of the application.
#[derive(Clone, Debug)]
enum Thing {
    /// Has attributes; see [`Toy::attribute`].
    Plain(u64),
    /// Gives each of its items once, however often it is iterated over.
    Once(Rc<RefCell<Vec<i64>>>),
    /// Gives so many texts.
    Texts(Rc<RefCell<u32>>),
}

/// What the application asked of itself.
#[derive(Debug, Default)]
struct Toy {
    texts: u32,
}

fn once(items: &[i64]) -> Thing {
    Thing::Once(Rc::new(RefCell::new(items.iter().rev().copied().collect())))
}

impl Host for Toy {
    type Object = Thing;

    fn lineage(&mut self, _: &Thing) -> Lineage<'_> {
        Lineage::None
    }

    fn attribute(&mut self, heap: &mut Heap<Thing>, _: Term, name: Name<'_>) -> Replied {
        let hole = heap.variable();
        Ok(Reply::Ready(match name.text {
            "id" => heap.integer(1),
            "self" => heap.object(Thing::Plain(1)),
            "bag" => heap.object(once(&[1, 2, 3])),
            "texts" => heap.object(Thing::Texts(Rc::new(RefCell::new(self.texts)))),
            "hole" => hole,
            "holes" => heap.list(&[hole]),
            "rest" => {
                let holes = heap.list(&[hole]);
                heap.list(&[holes])
            }
            "named" => heap.dictionary([("a", hole)]),
            other => return Err(HostError::missing(format!("no attribute `{other}`"))),
        }))
    }

    fn call(&mut self, heap: &mut Heap<Thing>, object: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        self.attribute(heap, object, name)
    }

    fn construct(&mut self, _: &mut Heap<Thing>, _: ClassId, _: Arguments<'_>) -> Replied {
        Err(HostError::new(HostErrorKind::Construction, "nothing is made here"))
    }

    fn constant(&mut self, _: &mut Heap<Thing>, _: ConstantId) -> Replied {
        Err(HostError::missing("there are no constants"))
    }

    fn class(&mut self, _: &mut Heap<Thing>, _: ClassId) -> Replied {
        Err(HostError::missing("there are no classes"))
    }

    /// An object equals whatever stands on its right, and nothing on its left.
    fn compare(&mut self, heap: &Heap<Thing>, _: Comparison, left: Term, _: Term) -> Replied<bool> {
        Ok(Reply::Ready(matches!(heap.view(left), View::Object(_))))
    }

    fn iterate(&mut self, heap: &mut Heap<Thing>, object: Term) -> Result<Thing, HostError> {
        match heap.view(object) {
            View::Object(thing @ (Thing::Once(_) | Thing::Texts(_))) => Ok(thing.clone()),
            _ => Err(HostError::new(HostErrorKind::NotIterable, "no items")),
        }
    }

    fn next(&mut self, heap: &mut Heap<Thing>, cursor: &Thing) -> Replied<Option<Term>> {
        Ok(Reply::Ready(match cursor {
            Thing::Plain(_) => None,
            Thing::Once(items) => items.borrow_mut().pop().map(|item| heap.integer(item)),
            Thing::Texts(left) if *left.borrow() == 0 => None,
            Thing::Texts(left) => {
                *left.borrow_mut() -= 1;
                Some(heap.string(&format!("text {}", left.borrow())))
            }
        }))
    }

    fn identity(&self, object: &Thing) -> u64 {
        match object {
            Thing::Plain(id) => *id,
            Thing::Once(items) => Rc::as_ptr(items) as u64,
            Thing::Texts(left) => Rc::as_ptr(left) as u64,
        }
    }

    fn describe(&self, object: &Thing) -> String {
        format!("{object:?}")
    }

    fn now(&mut self) -> Option<Duration> {
        None
    }
}

fn load(text: &str) -> Policy {
    let mut sources = Sources::default();
    sources.add(None, text);
    Policy::load(&Schema::default(), sources).unwrap()
}

/// Decides `f(thing)` by plan and by machine. A plan may leave it to the machine, but must not differ.
fn decide(policy: &Policy, texts: u32, limits: &Limits) -> (Option<bool>, bool) {
    let mut heap = Heap::new(policy.symbols().clone());
    let thing = heap.object(Thing::Plain(0));
    let plan = decide_by_plan(policy, &mut Toy { texts }, &mut heap, ("f", &[thing]), limits);
    let mut query = Query::new(policy, Toy { texts });
    query.set_limits(limits.clone());
    let thing = query.heap().object(Thing::Plain(0));
    query.ask("f", &[thing]).unwrap();
    let machine = query.decide().unwrap();
    let plan = plan.map(Result::unwrap);
    assert!(plan.is_none_or(|plan| plan == machine), "plan: {plan:?}, machine: {machine}");
    (plan, machine)
}

#[track_caller]
fn check(body: &str, plan: Option<bool>, machine: bool) {
    let policy = load(&format!("f(t) if {body}; is(a, a); one(1);"));
    assert_eq!(decide(&policy, 0, &Limits::default()), (plan, machine), "{body}");
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
