//! Rule calls: unfolded where the clauses are known, else a call of another plan.

use super::bind::Side;
use super::{Arg, Builder, Scope, UNFOLDED, Value};
use crate::ir::{Key, Leaf, Operand, PredicateId};
use crate::plan::MAX_ARITY;
use crate::plan::memo::NONE;
use crate::plan::op::{Op, Site, Target};
use crate::policy::RuleId;

/// Clauses that are unfolded for a call about whose arguments too little is known to choose among them.
const GUARDED_CLAUSES: usize = 2;

impl<'a> Builder<'a> {
    /// A goal of a body. A closed goal holds at most once.
    pub(super) fn call(
        &mut self,
        predicate: PredicateId,
        args: &[Arg],
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        let closed = is_closed(args);
        let Some(leaf) = self.leaf_of(predicate, args) else {
            return self.answers(predicate, &[], args, fail, closed || commit);
        };
        let vague = args.iter().any(|arg| matches!(arg, Arg::Known(Value { kind: None, .. })));
        let unknown =
            vague && (leaf.ordered_by_arguments || (closed && leaf.clauses.len() > GUARDED_CLAUSES));
        let deep = self.nesting >= UNFOLDED || self.is_large();
        let again = || leaf.clauses.iter().any(|rule| self.unfolding.contains(rule));
        if leaf.recursive && closed && self.is_step() {
            return self.step(predicate, args, fail);
        }
        if leaf.recursive || unknown || deep || again() {
            return if closed { self.site(predicate, args, fail) } else { self.undecided() };
        }
        let rules = self.candidates(leaf, args);
        self.answers(predicate, &rules, args, fail, closed || commit)
    }

    /// The plan's own clauses.
    pub(super) fn clauses_of(
        &mut self,
        predicate: PredicateId,
        args: &[Arg],
        fail: Target,
    ) -> Option<Target> {
        let Some(leaf) = self.leaf_of(predicate, args) else {
            return self.answers(predicate, &[], args, fail, true);
        };
        let rules = self.candidates(leaf, args);
        self.plan.leads = self.leads(&rules);
        self.answers(predicate, &rules, args, fail, true)
    }

    /// True for a predicate that facts may have.
    fn asks_facts(&self, predicate: PredicateId) -> bool {
        self.program.predicates.get(predicate.0 as usize).is_some_and(|called| called.has_facts)
    }

    /// The clauses that arguments of these kinds may match; `None` where there are none.
    fn leaf_of(&self, predicate: PredicateId, args: &[Arg]) -> Option<&'a Leaf> {
        let index = &self.program.predicates.get(predicate.0 as usize)?.index;
        let key = |position: u32| match args.get(position as usize) {
            Some(Arg::Known(Value { kind: Some(kind), .. })) => kind.key(),
            _ => Key::Any,
        };
        index.leaf(index.find(key)?)
    }

    /// The facts, then the clauses.
    fn answers(
        &mut self,
        predicate: PredicateId,
        rules: &[RuleId],
        args: &[Arg],
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        let facts = usize::from(self.asks_facts(predicate));
        for arg in args {
            if let Arg::Open(var) = arg {
                self.share(*var);
            }
        }
        self.alternatives(facts + rules.len(), fail, commit, |this, place, next| {
            if this.is_full() {
                return this.undecided();
            }
            let Some(place) = place.checked_sub(facts) else { return this.facts(predicate, args, next) };
            let Some(rule) = rules.get(place).copied() else { return this.undecided() };
            let caller = this.at;
            let redo = this.clause(rule, args, fail, next, commit);
            this.at = caller;
            redo
        })
    }

    fn clause(
        &mut self,
        rule: RuleId,
        args: &[Arg],
        cut: Target,
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        let program = self.program;
        let Some(clause) = program.clause(rule) else { return self.undecided() };
        // As the machine tells it: while a head is matched, the goal that calls it stands in the called rule.
        let caller = self.at;
        let goal = self.plan.origins.get(caller as usize).map_or(NONE, |origin| origin.goal);
        self.origin(goal, rule);
        let env = self.env(clause.slots.len());
        let first_var = self.vars.len() - clause.slots.len();
        for (param, arg) in clause.params.iter().zip(args) {
            match param.operand {
                Operand::Slot(slot) if param.first => {
                    let Some(slot) = self.slot(env, slot) else { return self.undecided() };
                    match arg {
                        Arg::Known(value) => self.set(slot, super::Var::Bound(*value)),
                        Arg::Open(var) => self.set(slot, super::Var::Alias(*var)),
                    }
                }
                Operand::Anonymous => {}
                operand => self.unify_operand(operand, *arg, Side::Right, env, fail)?,
            }
            if let Some(pattern) = param.pattern {
                self.pattern(self.current(*arg), pattern, env, fail)?;
            }
        }
        self.wake(fail)?;
        self.unfolding.push(rule);
        let outer = std::mem::replace(&mut self.outer, caller);
        let redo = self.goals(clause.body, Scope { env, cut, rule }, fail, commit);
        self.outer = outer;
        self.unfolding.pop();
        if redo.is_some() && is_closed(args) && self.is_waiting(first_var) {
            return self.undecided();
        }
        redo
    }

    /// An argument as it is now: an earlier parameter may have bound it.
    pub(super) fn current(&self, arg: Arg) -> Arg {
        match arg {
            Arg::Open(var) => match self.var(var) {
                (_, super::Var::Bound(value)) => Arg::Known(*value),
                (root, _) => Arg::Open(root),
            },
            known => known,
        }
    }

    fn site(&mut self, predicate: PredicateId, args: &[Arg], fail: Target) -> Option<Target> {
        if args.len() > MAX_ARITY || self.is_full() {
            return self.undecided();
        }
        let values: Vec<Value> = args
            .iter()
            .filter_map(|arg| match arg {
                Arg::Known(value) => Some(*value),
                Arg::Open(_) => None,
            })
            .collect();
        let args = self.args(&values);
        self.plan.sites.push(Site { predicate, args, negations: self.negations, last: None });
        self.emit(Op::Call { site: self.plan.sites.len() as u32 - 1, fail });
        Some(fail)
    }
}

/// True for a goal without unbound variables.
fn is_closed(args: &[Arg]) -> bool {
    args.iter().all(|arg| matches!(arg, Arg::Known(_)))
}
