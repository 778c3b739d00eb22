//! Memory: a plan keeps what it reads, the machine goes back.

use std::fmt::Write;
use std::time::Duration;

use arctos::internals::decide_by_plan;
use arctos::{Decider, Heap, Limits};

use crate::toy::{Thing, Toy};
use crate::{decided, load};

fn little() -> Limits {
    Limits { memory: 256 << 10, time: None, ..Limits::default() }
}

#[test]
fn the_machine_goes_through_what_plans_cannot_keep() {
    let toy = Toy { texts: 50_000, ..Toy::default() };
    let policy = load("f(t) if x in t.texts and x = \"text 0\";");
    assert_eq!(decided(&policy, toy.clone(), &little()), (None, true));
    let much = Limits { time: None, ..Limits::default() };
    assert_eq!(decided(&policy, toy.clone(), &much), (Some(true), true));
    let policy = load("f(t) if not (x in t.texts and x = \"text 0\");");
    assert_eq!(decided(&policy, toy, &little()), (None, false));
}

#[test]
fn looking_for_an_item_keeps_none() {
    let toy = Toy { texts: 50_000, ..Toy::default() };
    assert_eq!(decided(&load("f(t) if \"text 0\" in t.texts;"), toy.clone(), &little()), (Some(true), true));
    assert_eq!(decided(&load("f(t) if \"text\" in t.texts;"), toy, &little()), (Some(false), false));
}

#[test]
fn registers_of_open_calls_count() {
    // Each call has some thousand registers: a few hundred calls take much before limits are looked at in their turn.
    let mut policy = "f(t) if t.id = 2".to_owned();
    for n in 0..400 {
        write!(policy, " or (t.id = 2 and t.a{n} = t.b{n} and t.c{n} = t.d{n})").unwrap();
    }
    let policy = load(&format!("{policy} or f(t.next);"));
    let mut heap = Heap::new(policy.symbols().clone());
    let thing = heap.object(Thing::Plain(0));
    let mut toy = Toy::default();
    let limits = Limits { depth: 300, ..little() };
    let mut decide = || decide_by_plan(&policy, &mut toy, &mut heap, ("f", &[thing]), &limits);
    let taken = allocation_counter::measure(|| assert!(decide().is_none()));
    assert!(toy.made > 2, "{}", toy.made);
    assert!(taken.bytes_max < 4 << 20, "{taken:?}");
}

#[test]
fn a_decider_gives_back_what_a_large_question_took() {
    let policy = load("f(t) if x in t.texts and x = \"text 0\";");
    let mut decider = Decider::new(&policy);
    let mut toy = Toy { texts: 500_000, ..Toy::default() };
    let limits = Limits { time: None, ..Limits::default() };
    let taken = allocation_counter::measure(|| {
        let thing = decider.heap().object(Thing::Plain(0));
        assert!(decider.decide(&mut toy, "f", &[thing], &limits).unwrap());
    });
    assert!(taken.bytes_max > 8 << 20, "{taken:?}");
    assert!(taken.bytes_current < 1 << 20, "{taken:?}");
}

#[test]
fn the_time_of_a_plan_is_the_questions() {
    // The clock goes on by a second with each text.
    let policy = load("f(t) if x in t.texts and x = \"text 0\";");
    let limits = |seconds| Limits { time: Some(Duration::from_secs(seconds)), ..little() };
    let decide = |seconds| {
        let mut decider = Decider::new(&policy);
        let thing = decider.heap().object(Thing::Plain(0));
        let mut toy = Toy { texts: 50_000, ..Toy::default() };
        decider.decide(&mut toy, "f", &[thing], &limits(seconds))
    };
    // The machine alone needs 50,000 seconds, and the plan has taken some before.
    assert!(decide(50_100).unwrap_err().is_exhausted());
    assert!(decide(100_000).unwrap());
}
