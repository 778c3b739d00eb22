//! How much room plans take, and what remembered goals cost.

use std::fmt::Write;

use super::facts::Prepared;
use super::keys::{EMPTY, Keys};
use super::kind::Kind;
use super::memo::{Failure, Memo, Recall};
use super::op::{FactAsk, Op, Reg, Scan, ScanTest, Sought};
use super::{KEPT, MAX_ARITY, MOST, PlanId, PlanKey, Plans, State};
use crate::facts::Mask;
use crate::heap::{Cell, TextId};
use crate::ir::{PredicateId, Program, Span32};
use crate::{Policy, Schema, Sources};

/// A rule with long plans, and texts for many kinds of arguments.
fn policy() -> Policy {
    let mut text = "f(a, b) if a = b".to_owned();
    for n in 0..500 {
        write!(text, " or b = a.a{n}").unwrap();
    }
    text.push_str(";\n");
    for n in 0..200 {
        writeln!(text, "g(\"text {n}\");").unwrap();
    }
    let mut sources = Sources::default();
    sources.add(None, &text);
    Policy::load(&Schema::default(), sources).unwrap()
}

/// The plan for the `n`th pair of texts.
fn find(plans: &mut Plans, program: &Program, n: usize) -> Option<PlanId> {
    let text = |n: usize| {
        let symbol = program.symbols.get(&format!("text {n}")).unwrap();
        Kind::of_constant(Cell::Text(TextId(symbol.0))).unwrap()
    };
    let mut kinds = [Kind::ABSENT; MAX_ARITY];
    (kinds[0], kinds[1]) = (text(n / 200), text(n % 200));
    let predicate = *program.by_name.get(&(program.symbols.get("f").unwrap(), 2)).unwrap();
    plans.find(program, PlanKey { predicate, kinds })
}

#[test]
fn what_plans_take_is_counted() {
    let policy = policy();
    let mut plans = Plans::new(&policy.0);
    for n in 0..10 {
        assert!(find(&mut plans, &policy.0, n).is_some());
        assert!(find(&mut plans, &policy.0, n).is_some());
    }
    assert_eq!(plans.all.len(), 10);
    let ops: usize = plans.all.iter().map(|plan| plan.ops.len()).sum();
    assert!(ops > 5_000, "{ops}");
    assert!(plans.bytes > ops * size_of::<Op>(), "{} bytes for {ops} operations", plans.bytes);
}

#[test]
fn questions_to_hosts_and_facts_are_counted() {
    let policy = policy();
    let mut plans = Plans::new(&policy.0);
    assert!(find(&mut plans, &policy.0, 0).is_some());
    let mut plan = plans.all.pop().unwrap();
    let without = plan.bytes();
    let name = policy.0.symbols.get("a0").unwrap();
    let sought = Sought::OneOf(vec![Reg(0); 1_000]);
    let tests = vec![
        ScanTest { attribute: None, sought },
        ScanTest { attribute: Some(name), sought: Sought::Attribute(Reg(0), name) },
    ];
    plan.scans.push(Scan { object: Reg(0), name, tests });
    let scan = plan.bytes() - without;
    assert!(scan >= 1_000 * size_of::<Reg>() + 2 * size_of::<ScanTest>(), "{scan}");
    let [known, varying, open] = [Mask::first(2), Mask::default(), Mask::default()];
    let (predicate, args) = (PredicateId(0), Span32::default());
    let ask = FactAsk { predicate, args, known, varying, open, also: args, differs: 0, number: 0, cursor: 0 };
    plan.asks = vec![ask; 10];
    assert!(plan.bytes() - without - scan >= 10 * (size_of::<FactAsk>() + size_of::<Prepared>()));
}

#[test]
fn one_decision_has_room_for_so_many() {
    let policy = policy();
    let mut plans = Plans::new(&policy.0);
    assert!(find(&mut plans, &policy.0, 0).is_some());
    plans.bytes += MOST;
    assert!(find(&mut plans, &policy.0, 1).is_none(), "there is no room for another");
    assert!(find(&mut plans, &policy.0, 0).is_some(), "what is there stays in use");
}

#[test]
fn plans_are_forgotten_between_decisions() {
    let policy = policy();
    let mut plans = Plans::new(&policy.0);
    assert!(find(&mut plans, &policy.0, 0).is_some());
    plans.trim(&mut State::default());
    assert_eq!(plans.all.len(), 1, "few are kept");
    plans.bytes += KEPT;
    plans.trim(&mut State::default());
    assert_eq!((plans.all.len(), plans.bytes), (0, 0));
    assert!(find(&mut plans, &policy.0, 0).is_some());
}

#[test]
fn looking_at_provisional_goals_counts() {
    let mut memo = Memo::default();
    let mut keys = Keys::default();
    let mut goal = |memo: &mut Memo, n: u64| {
        let key = keys.find(EMPTY, (2, n));
        memo.goal(&mut keys, key)
    };
    let first = goal(&mut memo, 0);
    assert_eq!(memo.call(first, 0), Recall::Open);
    // Each of these fails because the first is open.
    for n in 1..=100 {
        let other = goal(&mut memo, n);
        assert_eq!(memo.call(other, 0), Recall::Open);
        assert_eq!(memo.call(first, 0), Recall::Fails);
        assert_eq!(memo.fails(), Failure::Fails);
    }
    memo.looked_at = 0;
    // Each of these may have been what one of those has waited for.
    for n in 101..=200 {
        let other = goal(&mut memo, n);
        assert_eq!(memo.call(other, 0), Recall::Open);
        memo.holds();
    }
    assert_eq!(memo.looked_at, 100 * 100);
}
