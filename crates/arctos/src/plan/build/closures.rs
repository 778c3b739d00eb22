//! Plans that ask nothing but whether an item that passes some tests can be reached through lists of one name:
//!
//! ```polar
//! in_group(party, id) if group in party.groups and (group.id = id or in_group(group, id));
//! ```
//!
//! Such a plan begins with one question to the host ([`Op::AnyReachable`], [`Host::any_reachable`](crate::Host::any_reachable)), which can go
//! through lists of lists where they stand. The loop stays behind it, for hosts and objects that cannot be answered so.

use super::Builder;
use super::scans::{Asks, Loop, Question};
use super::steps::Leads;
use crate::plan::kind::Form;
use crate::plan::op::{FactWalk, Op, Plan, Reg, Scan, Sought};
use crate::plan::walk::MOST_TESTS;

impl Builder<'_> {
    /// The question that stands for the whole plan, if it is such a plan.
    pub(super) fn closes(&self) -> Option<Question> {
        let Leads::ByStep(position) = self.plan.leads else { return None };
        let goal = Reg(position);
        let Form::Object(class) = self.plan.key.kinds.get(position as usize)?.form() else { return None };
        // The items are tested in a loop of their own, or each before it is gone on from.
        let apart = self.find_loop(0).filter(|first| self.holds_at(first.found));
        let begins = apart.as_ref().map_or(0, |first| first.missed);
        let (list, item, next, missed) = self.loop_at(begins)?;
        if list.object != goal || !matches!(self.op(missed), Some(Op::No)) {
            return None;
        }
        let mut at = next + 1;
        if let Some(Op::IsClass { src, class: wanted, fail }) = self.op(at)
            && src == item
            && wanted == class
            && self.place_of(fail) == Some(next)
        {
            at += 1;
        }
        let (scan, at) = match apart {
            Some(Loop { scan, .. }) => (scan, at),
            None => {
                let goes_on = |place| matches!(self.op(place), Some(Op::Again { .. }));
                let (tests, end) = self.tests(item, at, goes_on)?;
                if !self.holds_at(end) {
                    return None;
                }
                (Scan { tests, ..list.clone() }, end + 1)
            }
        };
        let Some(Op::Again { again, fail }) = self.op(at) else { return None };
        let is_step = self.plan.agains.get(again as usize).is_some_and(|again| again.next == item);
        let ends = is_step && self.place_of(fail) == Some(next) && self.holds_at(at + 1);
        let is_one = (scan.object, scan.name) == (goal, list.name) && self.is_of_arguments(&scan, position);
        let found = self.end_of(at + 1);
        (ends && is_one && self.plan.agains.len() == 1).then_some(Question {
            start: 0,
            asks: Asks::Reachable(scan, class),
            found,
            missed,
        })
    }

    /// The same over facts: `p(x, z) if fact(x, z)` and `p(x, z) if other(x, y) and p(y, z)`, with no more to it.
    pub(super) fn closes_over_facts(&self) -> Option<Question> {
        let Leads::ByStep(position) = self.plan.leads else { return None };
        let Form::Entity(class) = self.plan.key.kinds.get(position as usize)?.form() else { return None };
        let (goal, mut at, mut tests) = (Reg(position), 0, Vec::new());
        while let Some(Op::IsFact { ask, fail }) = self.op(at)
            && self.holds_at(at + 1)
        {
            tests.push((ask, self.argument_of(ask, goal)?));
            at = self.place_of(fail)?;
        }
        let (Op::Facts { ask: step }, Op::NextFact { ask, fail: missed }) = (self.op(at)?, self.op(at + 1)?)
        else {
            return None;
        };
        let (next, missed) = (at + 1, self.place_of(missed)?);
        let from = self.argument_of(step, goal)?;
        let to = self.plan.asks.get(step as usize)?.open.positions().next()?;
        let item = *self.plan.args.get(self.plan.asks.get(step as usize)?.args.start as usize + to)?;
        at += 2;
        let mut skips = false;
        if let Some(Op::IsClass { src, class: wanted, fail }) = self.op(at)
            && src == item
            && wanted == class
            && self.place_of(fail) == Some(next)
        {
            (skips, at) = (true, at + 1);
        }
        let Op::Again { again, fail } = self.op(at)? else { return None };
        let is_step = self.plan.agains.get(again as usize).is_some_and(|again| again.next == item);
        let ends = is_step && self.place_of(fail) == Some(next) && self.holds_at(at + 1);
        let is_all = ask == step && matches!(self.op(missed), Some(Op::No)) && self.plan.agains.len() == 1;
        let walk = FactWalk { goal, tests, step, from, to: to as u32, class, skips };
        let is_one = ends && is_all && walk.tests.len() <= MOST_TESTS;
        let found = self.end_of(at + 1);
        is_one.then_some(Question { start: 0, asks: Asks::ByFacts(walk), found, missed })
    }

    /// Which argument of a question to the facts is the goal's that changes, if all others but at most one open stay.
    fn argument_of(&self, ask: u32, goal: Reg) -> Option<u32> {
        let ask = self.plan.asks.get(ask as usize)?;
        let args = self.plan.args.get(ask.args.range())?;
        let mut places = (0..).zip(args).filter(|(_, reg)| **reg == goal).map(|(place, _)| place);
        let place = places.next()?;
        let is_known = |reg: Reg| reg.0 < self.plan.arity || reg.0 >= super::CONSTANTS;
        let known = ask.known.positions().all(|place| args.get(place).is_some_and(|reg| is_known(*reg)));
        (known && ask.open.positions().count() <= 1 && places.next().is_none()).then_some(place)
    }

    fn holds_at(&self, place: usize) -> bool {
        matches!(self.op(self.end_of(place)), Some(Op::Yes))
    }

    /// True where the tests look for arguments that steps pass on, and constants: the same for all goals.
    fn is_of_arguments(&self, scan: &Scan, position: u32) -> bool {
        let stays = |reg: Reg| (reg.0 < self.plan.arity && reg.0 != position) || reg.0 >= super::CONSTANTS;
        scan.tests.iter().all(|test| match &test.sought {
            Sought::OneOf(values) => values.iter().all(|reg| stays(*reg)),
            Sought::Attribute(of, _) => stays(*of),
        })
    }
}

/// Whether two plans ask their closures the same, but for the object.
pub(in crate::plan) fn are_alike(one: &Plan, other: &Plan) -> bool {
    let (Some(a), Some(b)) = (&one.closure, &other.closure) else { return false };
    let (Some(a), Some(b)) = (one.scans.get(a.scan as usize), other.scans.get(b.scan as usize)) else {
        return false;
    };
    let value = |plan: &Plan, reg: Reg| {
        let constant = reg.0.checked_sub(plan.arity).and_then(|place| plan.constants.get(place as usize));
        constant.copied().ok_or(reg)
    };
    let same = |a: Reg, b: Reg| value(one, a) == value(other, b);
    let mut pairs = a.tests.iter().zip(&b.tests);
    (a.name, a.tests.len()) == (b.name, b.tests.len())
        && pairs.all(|(a, b)| {
            a.attribute == b.attribute
                && match (&a.sought, &b.sought) {
                    (Sought::OneOf(a), Sought::OneOf(b)) => {
                        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b))
                    }
                    (Sought::Attribute(a, of_a), Sought::Attribute(b, of_b)) => of_a == of_b && same(*a, *b),
                    _ => false,
                }
        })
}
