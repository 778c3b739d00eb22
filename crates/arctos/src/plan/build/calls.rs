//! Rule calls: unfolded where the clauses are known, else a call of another plan.

use super::{Arg, Builder, GIVE_UP_AT, Scope, UNFOLD_UP_TO, Value};
use crate::ir::{Key, Operand, PredicateId};
use crate::plan::MAX_ARITY;
use crate::plan::memo::NONE;
use crate::plan::op::{Op, Site, Target};
use crate::policy::RuleId;

/// Clauses that are unfolded for a call about whose arguments too little is known to choose among them.
const GUARDED_CLAUSES: usize = 2;

impl Builder<'_> {
    /// A goal of a body. A closed goal holds at most once.
    pub(super) fn call(
        &mut self,
        predicate: PredicateId,
        args: &[Arg],
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        let closed = args.iter().all(|arg| matches!(arg, Arg::Known(_)));
        let program = self.program;
        let Some(target) = program.predicates.get(predicate.0 as usize) else { return self.undecided() };
        let key = |position: u32| match args.get(position as usize) {
            Some(Arg::Known(Value { kind: Some(kind), .. })) => kind.key(),
            _ => Key::Any,
        };
        let Some(leaf) = target.index.find(key).and_then(|leaf| target.index.leaf(leaf)) else {
            return self.fails(fail);
        };
        let vague = args.iter().any(|arg| matches!(arg, Arg::Known(Value { kind: None, .. })));
        let again = leaf.clauses.iter().any(|rule| self.unfolding.contains(rule));
        let large = self.plan.ops.len() > UNFOLD_UP_TO;
        let unknown = vague && (leaf.ordered_by_arguments || leaf.clauses.len() > GUARDED_CLAUSES);
        if leaf.recursive || again || large || (vague && leaf.ordered_by_arguments) || (closed && unknown) {
            return if closed { self.site(predicate, args, fail) } else { self.undecided() };
        }
        let rules = self.candidates(leaf, args);
        self.unfold(&rules, args, fail, closed || commit)
    }

    /// The plan's own clauses.
    pub(super) fn clauses_of(
        &mut self,
        predicate: PredicateId,
        args: &[Arg],
        fail: Target,
    ) -> Option<Target> {
        let program = self.program;
        let Some(target) = program.predicates.get(predicate.0 as usize) else { return self.undecided() };
        let key = |position: u32| match args.get(position as usize) {
            Some(Arg::Known(Value { kind: Some(kind), .. })) => kind.key(),
            _ => Key::Any,
        };
        let Some(leaf) = target.index.find(key).and_then(|leaf| target.index.leaf(leaf)) else {
            return self.fails(fail);
        };
        self.plan.recursive = leaf.recursive;
        let rules = self.candidates(leaf, args);
        self.unfold(&rules, args, fail, true)
    }

    fn unfold(&mut self, rules: &[RuleId], args: &[Arg], fail: Target, commit: bool) -> Option<Target> {
        for arg in args {
            if let Arg::Open(var) = arg {
                self.share(*var);
            }
        }
        self.alternatives(rules.len(), fail, commit, |this, place, next| {
            if this.full() {
                return this.undecided();
            }
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
                operand => self.unify_operand(operand, *arg, env, fail)?,
            }
            if let Some(pattern) = param.pattern {
                self.pattern(self.current(*arg), pattern, env, fail)?;
            }
        }
        self.unfolding.push(rule);
        let outer = std::mem::replace(&mut self.outer, caller);
        let redo = self.goals(clause.body, Scope { env, cut, rule }, fail, commit);
        self.outer = outer;
        self.unfolding.pop();
        let closed = args.iter().all(|arg| matches!(arg, Arg::Known(_)));
        if redo.is_some() && closed && self.is_waiting(first_var) {
            return self.undecided();
        }
        redo
    }

    /// An argument as it is now: an earlier parameter may have bound it.
    fn current(&self, arg: Arg) -> Arg {
        match arg {
            Arg::Open(var) => match self.var(var) {
                (_, super::Var::Bound(value)) => Arg::Known(*value),
                (root, _) => Arg::Open(root),
            },
            known => known,
        }
    }

    fn site(&mut self, predicate: PredicateId, args: &[Arg], fail: Target) -> Option<Target> {
        if args.len() > MAX_ARITY || self.plan.ops.len() >= GIVE_UP_AT {
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
