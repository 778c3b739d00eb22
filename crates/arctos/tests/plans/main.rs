//! Plans beside the machine, over a host that does what hosts are allowed to do and ours do not.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod deep;
mod meaning;
mod memory;
mod toy;

use arctos::internals::decide_by_plan;
use arctos::{Error, Heap, Limits, Policy, Query, Schema, Sources};

use toy::{Thing, Toy};

fn load(text: &str) -> Policy {
    let mut sources = Sources::default();
    sources.add(None, text);
    Policy::load(&Schema::default(), sources).unwrap()
}

/// What came of a question.
type Decision = Result<bool, Error>;

/// Decides `f(thing)` by plan, which may leave it to the machine, and by the machine.
fn decide(policy: &Policy, toy: Toy, limits: &Limits) -> (Option<Decision>, Decision) {
    let mut heap = Heap::new(policy.symbols().clone());
    let thing = heap.object(Thing::Plain(0));
    let plan = decide_by_plan(policy, &mut toy.clone(), &mut heap, ("f", &[thing]), limits);
    let mut query = Query::new(policy, toy);
    query.set_limits(limits.clone());
    let thing = query.heap().object(Thing::Plain(0));
    query.ask("f", &[thing]).unwrap();
    (plan, query.decide())
}

/// The same for questions at which nothing goes wrong.
#[track_caller]
fn decided(policy: &Policy, toy: Toy, limits: &Limits) -> (Option<bool>, bool) {
    let (plan, machine) = decide(policy, toy, limits);
    let (plan, machine) = (plan.map(Result::unwrap), machine.unwrap());
    assert!(plan.is_none_or(|plan| plan == machine), "plan: {plan:?}, machine: {machine}");
    (plan, machine)
}
