//! Recursion in last place: the calls that become steps of the plan's own goal, and what a step keeps.
//!
//! What is kept is what the code may still read after the step has failed: live registers, by the usual analysis backwards (A. V. Aho,
//! M. S. Lam, R. Sethi and J. D. Ullman, *Compilers*, 9.2.5).

use super::{Arg, Builder, Value};
use crate::ir::{PredicateId, Recursion, Steps};
use crate::plan::op::{Again, Either, Op, Plan, Reg, Target};
use crate::policy::RuleId;

/// Bits of the analysis after which every register counts as live.
const MOST_BITS: usize = 1 << 21;

/// How a plan's own clauses lead to themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Leads {
    /// They do not.
    Nowhere,
    /// By steps that change the argument at that position.
    ByStep(u32),
    /// In some other way.
    Anyhow,
}

impl Builder<'_> {
    /// How the plan's clauses lead to themselves.
    pub(super) fn leads(&self, rules: &[RuleId]) -> Leads {
        let mut recursive = rules.iter().filter_map(|rule| self.recursion(*rule));
        let Some(first) = recursive.next() else { return Leads::Nowhere };
        let alike = recursive.all(|other| other.component == first.component);
        match &first.steps {
            Some(steps) if alike => Leads::ByStep(steps.position),
            _ => Leads::Anyhow,
        }
    }

    fn recursion(&self, rule: RuleId) -> Option<&Recursion> {
        self.program.clause(rule)?.recursion.as_ref()
    }

    /// True for a call by which the plan's goal leads to itself in last place.
    pub(super) fn is_step(&self) -> bool {
        let goal = self.plan.origins.get(self.at as usize).map(|origin| origin.goal);
        let [rule] = *self.unfolding else { return false };
        let steps = self.recursion(rule).and_then(|recursion| recursion.steps.as_ref());
        let is_one = |Steps { goals, .. }: &Steps| goal.is_some_and(|goal| goals.contains(&goal));
        matches!(self.plan.leads, Leads::ByStep(_)) && steps.is_some_and(is_one)
    }

    /// Asks the same of another value: the other arguments stay where they are.
    pub(super) fn step(&mut self, predicate: PredicateId, args: &[Arg], fail: Target) -> Option<Target> {
        let Leads::ByStep(position) = self.plan.leads else { return self.undecided() };
        let key = self.plan.key;
        let stays = |(place, (arg, kind)): (u32, (&Arg, _))| match arg {
            _ if place == position => true,
            Arg::Known(value) => {
                value.src == Reg(place) || (value.kind == Some(kind) && value.constant.is_some())
            }
            Arg::Open(_) => false,
        };
        let Some(Arg::Known(next)) = args.get(position as usize).copied() else { return self.undecided() };
        // An object may equal the constant that a head has in its place, and the next goal has the constant itself.
        if predicate != key.predicate || !(0..).zip(args.iter().zip(key.kinds)).all(stays) {
            return self.undecided();
        }
        let Value { src, kind, .. } = self.refined(next);
        let alike = kind.is_some() && kind == key.kinds.get(position as usize).copied();
        let again = self.plan.agains.len() as u32;
        self.plan.agains.push(Again {
            next: src,
            alike,
            last: false,
            registers: Vec::new(),
            cursors: Vec::new(),
            called: None,
        });
        self.emit(Op::Again { again, fail });
        Some(fail)
    }

    /// Finds out of each step what is left to do after it. The code is finished.
    pub(super) fn finish_steps(&mut self) {
        let plan = &mut self.plan;
        if plan.agains.is_empty() {
            return;
        }
        let steps = (0..).zip(&plan.ops).filter_map(|(place, op)| match *op {
            Op::Again { again, fail } => Some((place, again, fail)),
            _ => None,
        });
        let steps: Vec<(u32, u32, Target)> = steps.collect();
        // Where a goal does not hold with the goal it leads to, that is for the machine.
        if !steps.iter().all(|(place, ..)| matches!(end_of(plan, place + 1), Some(Op::Yes))) {
            plan.ops = vec![Op::Undecided];
            plan.from = vec![super::NONE];
            return;
        }
        let live = Live::of(plan);
        for (_, again, fail) in steps {
            let place = match fail.get() {
                Either::Place(place) => Some(place),
                Either::Register(_) => None,
            };
            let last = place.is_some_and(|place| matches!(end_of(plan, place), Some(Op::No)));
            let (registers, cursors) = if last { Default::default() } else { live.at(plan, fail) };
            if let Some(again) = plan.agains.get_mut(again as usize) {
                (again.last, again.registers, again.cursors) = (last, registers, cursors);
            }
        }
    }
}

/// The first operation from `place` on that does more than to lead to another.
fn end_of(plan: &Plan, mut place: u32) -> Option<Op> {
    for _ in 0..=plan.ops.len() {
        match *plan.ops.get(place as usize)? {
            Op::Jump(target) => match target.get() {
                Either::Place(next) => place = next,
                Either::Register(_) => return None,
            },
            Op::Move { .. } | Op::SetTarget { .. } => place += 1,
            op => return Some(op),
        }
    }
    None
}

/// Which registers, and behind them which cursors, are live before each operation.
struct Live {
    /// Words for each operation.
    width: usize,
    bits: Vec<u64>,
    /// All are taken to be.
    all: bool,
}

impl Live {
    fn of(plan: &Plan) -> Live {
        let width = (plan.registers + plan.cursors).div_ceil(64) as usize;
        let all = width * 64 * plan.ops.len() > MOST_BITS;
        let mut live = Live { width, bits: vec![0; if all { 0 } else { width * plan.ops.len() }], all };
        if !all {
            let resumed = resumed(plan);
            // Loops are nested, so that a few rounds do.
            while live.round(plan, &resumed) {}
        }
        live
    }

    /// Goes through the code once, from its end; true if that has found anything new.
    fn round(&mut self, plan: &Plan, resumed: &[u32]) -> bool {
        let mut changed = false;
        let mut now = vec![0; self.width];
        for (place, op) in plan.ops.iter().enumerate().rev() {
            now.fill(0);
            if !matches!(op, Op::Yes | Op::No | Op::Undecided | Op::Jump(_)) {
                self.join(&mut now, place + 1);
            }
            let mut op = *op;
            match op.targets().map(|target| target.get()) {
                Some(Either::Place(to)) => self.join(&mut now, to as usize),
                Some(Either::Register(_)) => resumed.iter().for_each(|to| self.join(&mut now, *to as usize)),
                None => {}
            }
            plan.each_written(op, &mut |register| set(&mut now, register, false));
            plan.each_read(op, &mut |register| set(&mut now, register, true));
            let known = self.bits.get_mut(place * self.width..(place + 1) * self.width).unwrap_or(&mut []);
            changed |= *known != *now;
            known.copy_from_slice(&now);
        }
        changed
    }

    fn join(&self, now: &mut [u64], place: usize) {
        let there = self.bits.get(place * self.width..).unwrap_or(&[]);
        now.iter_mut().zip(there).for_each(|(word, bits)| *word |= bits);
    }

    /// What is live where `fail` leads.
    fn at(&self, plan: &Plan, fail: Target) -> (Vec<Reg>, Vec<u32>) {
        let mut now = vec![if self.all { u64::MAX } else { 0 }; self.width];
        match fail.get() {
            Either::Place(place) => self.join(&mut now, place as usize),
            Either::Register(_) => {
                resumed(plan).iter().for_each(|place| self.join(&mut now, *place as usize))
            }
        }
        let is_live =
            |number: &u32| now.get(*number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1);
        // Arguments that stay and constants are never written.
        let first = plan.arity + plan.constants.len() as u32;
        let changes = |number: &u32| *number >= first || plan.leads == Leads::ByStep(*number);
        let registers = (0..plan.registers).filter(|number| changes(number) && is_live(number)).map(Reg);
        let cursors = (0..plan.cursors).filter(|cursor| is_live(&(plan.registers + cursor)));
        (registers.collect(), cursors.collect())
    }
}

/// Places to which registers may lead.
fn resumed(plan: &Plan) -> Vec<u32> {
    let set = plan.ops.iter().filter_map(|op| match op {
        Op::SetTarget { target, .. } => Some(target.get()),
        _ => None,
    });
    set.filter_map(|target| if let Either::Place(place) = target { Some(place) } else { None }).collect()
}

fn set(bits: &mut [u64], number: u32, value: bool) {
    if let Some(word) = bits.get_mut(number as usize / 64) {
        let bit = 1 << (number % 64);
        *word = if value { *word | bit } else { *word & !bit };
    }
}

#[cfg(test)]
mod tests {
    use super::Leads;
    use crate::plan::kind::Kind;
    use crate::plan::op::{Op, Plan};
    use crate::plan::{MAX_ARITY, PlanKey};
    use crate::{Policy, Schema, Sources};

    /// The plan of `p(<Page>, <User>)`: objects, or entities.
    fn plan(rules: &str, facts: bool) -> Plan {
        let mut schema = Schema::new();
        if facts {
            schema.enable_facts();
        } else {
            schema.add_class("User", &[]);
            schema.add_class("Page", &[]);
        }
        let mut sources = Sources::default();
        sources.add(None, rules);
        let policy = Policy::load(&schema, sources).unwrap();
        let predicate = policy.0.by_name[&(policy.symbols().get("p").unwrap(), 2)];
        let kind = if facts { Kind::entity } else { Kind::object };
        let class = |name: &str| kind(policy.0.schema.class(name).unwrap());
        let mut kinds = [Kind::ABSENT; MAX_ARITY];
        (kinds[0], kinds[1]) = (class("Page"), class("User"));
        super::super::plan(&policy.0, PlanKey { predicate, kinds }, 0, 0)
    }

    /// What the plan's steps keep: nothing for one in which nothing is left to do, else how many registers and cursors.
    fn kept(rules: &str, facts: bool) -> Vec<Option<(usize, usize)>> {
        let plan = plan(rules, facts);
        assert_eq!(plan.leads, Leads::ByStep(0));
        let kept = plan.agains.iter().map(|again| (again.registers.len(), again.cursors.len()));
        kept.zip(&plan.agains).map(|(kept, again)| (!again.last).then_some(kept)).collect()
    }

    #[test]
    fn a_step_keeps_what_comes_after_it() {
        assert_eq!(kept("p(x, z) if x.owner = z or p(x.up, z);", false), [None]);
        assert_eq!(kept("p(x, z) if x.owner = z or y in x.up and p(y, z);", false), [Some((1, 0))]);
        // The list, and the page itself.
        let rules = "p(x, z) if y in x.up and p(y, z);\np(x, z) if x.owner = z;";
        assert_eq!(kept(rules, false), [Some((2, 0))]);
        let rules = "declare up(Page, Page);\ndeclare owner(Page, User);
            p(x, z) if owner(x, z);\np(x, z) if up(x, y) and p(y, z);";
        assert_eq!(kept(rules, true), [Some((0, 1))]);
    }

    #[test]
    fn facts_that_differ_in_one_text_are_looked_for_at_once() {
        let forms = "declare up(Page, Page); declare owner(Page, User); declare r(User, String, Page);\n";
        let tests = |rules: &str| {
            let plan = plan(&format!("{forms}{rules}\np(x, z) if up(x, y) and p(y, z);"), true);
            let walk = plan.walk.as_ref().unwrap();
            let also = walk.tests.iter().map(|(ask, _)| plan.asks[*ask as usize].also.len);
            also.collect::<Vec<u32>>()
        };
        let roles = r#"p(x, z) if has(z, "a", x); has(z, "a", x) if has(z, "b", x);
            has(z, "b", x) if has(z, "c", x); has(z, n, x) if r(z, n, x);"#;
        assert_eq!(tests(roles), [2]);
        let both = r#"p(x, z) if owner(x, z); p(x, z) if r(z, "a", x); p(x, z) if r(z, "b", x);"#;
        assert_eq!(tests(both), [0, 1]);
        let apart = r#"p(x, z) if r(z, "a", x); p(x, z) if owner(x, z); p(x, z) if r(z, "b", x);"#;
        assert_eq!(tests(apart), [0, 0, 0]);
    }

    #[test]
    fn only_calls_in_last_place_that_change_one_argument_are_steps() {
        for (rules, leads) in [
            ("p(x, z) if x.owner = z;", Leads::Nowhere),
            ("p(x, z) if p(x.up, z);", Leads::ByStep(0)),
            ("p(x, z) if p(x.up, z) and z.id = 1;", Leads::Anyhow),
            ("p(x, z) if p(x.up, z.up);", Leads::Anyhow),
            ("p(x, z) if p(x.up, z);\np(x, z) if p(x, z.up);", Leads::Anyhow),
            ("p(x, z) if not p(x.up, z);", Leads::Anyhow),
            ("p(x, z) if q(x.up, z);\nq(x, z) if p(x.up, z);", Leads::Anyhow),
            ("p(x, z) if not q(x, z) and p(x.up, z);\nq(x, z) if q(x.up, z);", Leads::ByStep(0)),
        ] {
            assert_eq!(plan(rules, false).leads, leads, "{rules}");
        }
    }

    #[test]
    fn what_asks_no_more_than_what_can_be_reached_is_one_question() {
        let asks = |rules: &str, facts: bool| {
            matches!(plan(rules, facts).ops.first(), Some(Op::AnyReachable { .. } | Op::AnyByFacts { .. }))
        };
        assert!(asks("p(x, z) if y in x.up and (y.owner = z or p(y, z));", false));
        assert!(asks("p(x, z) if y in x.up and y.owner = z;\np(x, z) if y in x.up and p(y, z);", false));
        assert!(!asks("p(x, z) if y in x.up and (y.owner = x or p(y, z));", false));
        assert!(!asks("p(x, z) if y in x.up and y.owner = z;\np(x, z) if y in x.all and p(y, z);", false));
        assert!(!asks(
            "p(x, z) if y in x.up and y.is_open = true and p(y, z);\np(x, z) if x.owner = z;",
            false
        ));
        let forms = "declare up(Page, Page);\ndeclare owner(Page, User);\n";
        let asks = |rules: &str| asks(&format!("{forms}{rules}"), true);
        assert!(asks("p(x, z) if owner(x, z);\np(x, z) if up(x, y) and p(y, z);"));
        assert!(!asks(
            "p(x, z) if y matches Page and up(x, y) and p(y, z);\np(x, z) if up(x, y) and p(y, z);"
        ));
        assert!(!asks("p(x, z) if owner(x, z);\np(x, z) if up(x, y) and owner(y, z) and p(y, z);"));
    }
}
