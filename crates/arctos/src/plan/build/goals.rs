//! Goals.

use super::bind::{Side, of_register};
use super::{Arg, Builder, Condition, EnvId, NESTED, Scope, Value, Var, VarId};
use crate::heap::Cell;
use crate::ir::{Goal, HostCallId, Operand, Slot, Span32};
use crate::plan::op::{HostArguments, Op, Reg, Target};
use crate::symbol::Symbol;

/// Items of a written list that are looked at one by one; of a longer one a list is made.
const SPREAD: u32 = 32;

impl Builder<'_> {
    /// Goals one after the other. With `commit` nothing that comes after them goes back into them.
    pub(super) fn goals(
        &mut self,
        goals: Span32,
        scope: Scope,
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        if self.nesting >= NESTED {
            return self.undecided();
        }
        self.nesting += 1;
        let redo = self.conjunction(goals, scope, fail, commit);
        self.nesting -= 1;
        redo
    }

    fn conjunction(&mut self, goals: Span32, scope: Scope, fail: Target, commit: bool) -> Option<Target> {
        let mut redo = fail;
        let code = &self.program.code;
        let start = goals.start;
        let goals = code.goals.get(goals.range()).unwrap_or(&[]);
        for (place, goal) in goals.iter().enumerate() {
            if self.is_full() {
                return self.undecided();
            }
            self.origin(start + place as u32, scope.rule);
            redo = self.goal(*goal, scope, redo, commit && place + 1 == goals.len())?;
            self.wake(redo)?;
        }
        Some(redo)
    }

    pub(super) fn goal(&mut self, goal: Goal, scope: Scope, fail: Target, commit: bool) -> Option<Target> {
        let env = scope.env;
        match goal {
            Goal::Call(predicate, args) => {
                let args = self.program.code.operands(args);
                let args = args.iter().map(|arg| self.operand(*arg, env)).collect::<Option<Vec<_>>>()?;
                return self.call(predicate, &args, fail, commit);
            }
            Goal::Unify(left, right) => self.unification(left, right, env, fail)?,
            Goal::Assign(target, value) => self.assignment(target, value, env)?,
            Goal::Compare(op, left, right) => {
                if let Some((left, right)) = self.both(goal, left, right, env)? {
                    self.emit(Op::Compare { op, a: left.src, b: right.src, fail });
                }
            }
            Goal::Arithmetic(op, left, right, out) => {
                if let Some((left, right)) = self.both(goal, left, right, env)? {
                    let dst = self.register();
                    self.emit(Op::Arithmetic { op, a: left.src, b: right.src, dst });
                    let out = self.operand(Operand::Slot(out), env)?;
                    self.unify(out, Arg::Known(of_register(dst)), fail)?;
                }
            }
            Goal::In(element, collection) => return self.member(element, collection, env, fail, commit),
            Goal::Match(value, pattern) => {
                let value = self.operand(value, env)?;
                self.pattern(value, pattern, env, fail)?;
            }
            Goal::Lookup(object, name, out) => self.lookup((object, name, out), goal, env, fail)?,
            Goal::LookupDynamic(object, key, out) => {
                let object = self.known(object, env)?;
                let key = self.known(key, env)?;
                let dst = self.register();
                self.emit(Op::LookupDynamic { object: object.src, key: key.src, dst, fail });
                self.result(out, of_register(dst), env, fail)?;
            }
            Goal::Method(object, name, call, out) => {
                let object = self.known(object, env)?;
                let call = self.host_call(call, env)?;
                let dst = self.register();
                self.emit(Op::Method { object: object.src, name, call, dst });
                self.result(out, of_register(dst), env, fail)?;
            }
            Goal::New(class, call, out) => {
                let call = self.host_call(call, env)?;
                let dst = self.register();
                self.emit(Op::New { class, call, dst });
                self.result(out, of_register(dst), env, fail)?;
            }
            Goal::Truth(value) => self.truth(value, env, fail)?,
            Goal::Not(block) => return self.negation(block, scope, fail),
            Goal::Or(blocks) => return self.disjunction(blocks, scope, fail, commit),
            Goal::Cut => return Some(scope.cut),
            Goal::Fail => return self.fails(fail),
            Goal::Debug => {}
            Goal::Print(_) | Goal::Undefined(_) | Goal::NewUnknown(_) => return self.undecided(),
        }
        Some(fail)
    }

    fn disjunction(&mut self, blocks: Span32, scope: Scope, fail: Target, commit: bool) -> Option<Target> {
        let outer = std::mem::replace(&mut self.outer, self.at);
        let redo = self.alternatives(blocks.len as usize, fail, commit, |this, place, fail| {
            let block = this.program.code.blocks.get(blocks.start as usize + place);
            let Some(block) = block else { return this.undecided() };
            this.goals(block.goals, scope, fail, commit)
        });
        self.outer = outer;
        redo
    }

    /// Two values for a goal; `None` inside where one is not bound yet, and the goal waits for it.
    fn both(
        &mut self,
        goal: Goal,
        left: Operand,
        right: Operand,
        env: EnvId,
    ) -> Option<Option<(Value, Value)>> {
        let (left, right) = (self.operand(left, env)?, self.operand(right, env)?);
        match (left, right) {
            (Arg::Known(left), Arg::Known(right)) => Some(Some((left, right))),
            (Arg::Open(var), _) | (_, Arg::Open(var)) => {
                self.wait(var, Condition::Goal(goal), env)?;
                Some(None)
            }
        }
    }

    /// What the application has answered goes to its slot.
    fn result(&mut self, out: Slot, value: Value, env: EnvId, fail: Target) -> Option<()> {
        let out = self.operand(Operand::Slot(out), env)?;
        self.unify(Arg::Known(value), out, fail)
    }

    fn unification(&mut self, left: Operand, right: Operand, env: EnvId, fail: Target) -> Option<()> {
        match (left, right) {
            (Operand::Slot(left), Operand::Slot(right)) if left == right => Some(()),
            (list @ Operand::List(_), other) if !matches!(other, Operand::List(_)) => {
                let other = self.operand(other, env)?;
                self.unify_operand(list, other, Side::Left, env, fail)
            }
            (other, list @ Operand::List(_)) if !matches!(other, Operand::List(_)) => {
                let other = self.operand(other, env)?;
                self.unify_operand(list, other, Side::Right, env, fail)
            }
            _ => {
                let left = self.operand(left, env)?;
                let right = self.operand(right, env)?;
                self.unify(left, right, fail)
            }
        }
    }

    /// `x := value`, for a variable of which nothing is known.
    fn assignment(&mut self, target: Operand, value: Operand, env: EnvId) -> Option<()> {
        let value = self.known(value, env)?;
        match self.operand(target, env)? {
            Arg::Open(var) => match self.var(var) {
                (_, Var::Unbound { shared: false, waiting }) if waiting.is_empty() => self.bind(var, value),
                _ => self.undecided(),
            },
            Arg::Known(_) => self.undecided(),
        }
    }

    fn lookup(
        &mut self,
        (object, name, out): (Operand, Symbol, Slot),
        goal: Goal,
        env: EnvId,
        fail: Target,
    ) -> Option<()> {
        let object = match self.operand(object, env)? {
            Arg::Known(object) => object,
            Arg::Open(var) => {
                return self.wait(var, Condition::Goal(goal), env);
            }
        };
        let out = self.operand(Operand::Slot(out), env)?;
        if let Arg::Known(value) = out {
            self.emit(Op::AttributeIs { object: object.src, name, value: value.src, fail });
            return Some(());
        }
        let dst = self.register();
        self.emit(Op::Attribute { object: object.src, name, dst, fail });
        self.unify(Arg::Known(of_register(dst)), out, fail)
    }

    fn truth(&mut self, value: Operand, env: EnvId, fail: Target) -> Option<()> {
        match self.operand(value, env)? {
            Arg::Known(Value { constant: Some(Cell::Boolean(true)), .. }) => Some(()),
            Arg::Known(Value { constant: Some(Cell::Boolean(false)), .. }) => self.fails(fail),
            Arg::Known(value) => {
                self.emit(Op::Truth { src: value.src, fail });
                Some(())
            }
            Arg::Open(var) => {
                let yes = self.constant(Cell::Boolean(true));
                self.bind(var, yes)
            }
        }
    }

    /// `element in collection`
    fn member(
        &mut self,
        element: Operand,
        collection: Operand,
        env: EnvId,
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        if let Operand::List(id) = collection
            && let Some(list) = self.program.code.lists.get(id.0 as usize)
            && list.rest.is_none()
            && list.items.len <= SPREAD
        {
            let items = self.program.code.operands(list.items);
            return self.member_of_items(element, items, env, fail, commit);
        }
        let Arg::Known(collection) = self.operand(collection, env)? else { return self.undecided() };
        if !matches!(element, Operand::List(_))
            && let Arg::Known(element) = self.operand(element, env)?
        {
            self.emit(Op::In { element: element.src, collection: collection.src, fail });
            return Some(fail);
        }
        let cursor = self.register();
        self.emit(Op::Iterate { src: collection.src, cursor });
        let next = self.label();
        self.note(next);
        self.place(next);
        let dst = self.register();
        self.emit(Op::Next { cursor, dst, fail });
        self.unify_operand(element, Arg::Known(of_register(dst)), Side::Left, env, next)?;
        Some(next)
    }

    /// `element in [a, b]`: the items are known now.
    fn member_of_items(
        &mut self,
        element: Operand,
        items: &[Operand],
        env: EnvId,
        fail: Target,
        commit: bool,
    ) -> Option<Target> {
        let element = self.operand(element, env)?;
        let items = items.iter().map(|item| self.known(*item, env)).collect::<Option<Vec<_>>>()?;
        let commit = commit || matches!(element, Arg::Known(_));
        self.alternatives(items.len(), fail, commit, |this, place, fail| {
            let Some(item) = items.get(place).copied() else { return this.undecided() };
            this.unify(element, Arg::Known(item), fail)?;
            this.wake(fail)?;
            Some(fail)
        })
    }

    /// `not block`: nothing that is bound inside is seen after it.
    fn negation(&mut self, block: u32, scope: Scope, fail: Target) -> Option<Target> {
        let Some(block) = self.program.code.blocks.get(block as usize) else { return self.undecided() };
        for slot in &block.slots {
            let var = self.slot(scope.env, *slot).map(|var| self.var(var).1);
            match var {
                Some(Var::Bound(_)) => {}
                // With facts it waits for what else is said of its variables.
                Some(Var::Unbound { .. })
                    if self.program.schema.has_facts() && !block.local.contains(slot) =>
                {
                    return self.undecided();
                }
                // A condition that waits may be about this variable too.
                Some(Var::Unbound { shared: false, .. }) if !self.is_waiting(0) => {}
                _ => return self.undecided(),
            }
        }
        let (mark, vars) = (self.undo.len(), self.vars.len());
        let holds = self.label();
        self.negations += 1;
        let inner = Scope { cut: holds, ..scope };
        if self.goals(block.goals, inner, holds, true).is_some() {
            if self.is_waiting(vars) || self.waits_since(mark) {
                self.emit(Op::Undecided);
            } else {
                self.emit(Op::Jump(fail));
            }
        }
        self.negations -= 1;
        self.undo_to(mark);
        if !self.is_used(holds) {
            return None;
        }
        self.place(holds);
        Some(fail)
    }

    pub(super) fn waits_since(&self, mark: usize) -> bool {
        let changed: Vec<VarId> = self.undo.iter().skip(mark).map(|(var, _)| *var).collect();
        changed
            .iter()
            .any(|var| matches!(self.var(*var).1, Var::Unbound { waiting, .. } if !waiting.is_empty()))
    }

    // ---- arguments ----

    pub(super) fn args(&mut self, values: &[Value]) -> Span32 {
        let start = self.plan.args.len() as u32;
        self.plan.args.extend(values.iter().map(|value| value.src));
        Span32 { start, len: values.len() as u32 }
    }

    pub(super) fn host_arguments(&mut self, positional: Vec<Reg>, keyword: Vec<(Symbol, Reg)>) -> u32 {
        self.plan.calls.push(HostArguments { positional, keyword });
        self.plan.calls.len() as u32 - 1
    }

    fn host_call(&mut self, call: HostCallId, env: EnvId) -> Option<u32> {
        let program = self.program;
        let Some(call) = program.code.calls.get(call.0 as usize) else { return self.undecided() };
        let positional = program.code.operands(call.positional);
        let positional =
            positional.iter().map(|arg| Some(self.known(*arg, env)?.src)).collect::<Option<Vec<_>>>()?;
        let keyword = call
            .keyword
            .iter()
            .map(|(key, arg)| Some((*key, self.known(*arg, env)?.src)))
            .collect::<Option<Vec<_>>>()?;
        Some(self.host_arguments(positional, keyword))
    }
}
