//! Variables at build time: what they stand for, and what making two things equal means there.

use super::{Arg, Builder, Condition, EnvId, Scope, Value, Var, VarId, WAITING, Waiting, is_plain};
use crate::heap::{Cell, TextId};
use crate::ir::{Operand, Slot};
use crate::plan::kind::Form;
use crate::plan::memo::NONE;
use crate::plan::op::{Op, Origin, Reg, Target};
use crate::policy::RuleId;

impl Builder<'_> {
    // ---- variables ----

    pub(super) fn variable(&mut self) -> VarId {
        self.vars.push(Var::Unbound { waiting: Vec::new(), shared: false });
        VarId(self.vars.len() as u32 - 1)
    }

    pub(super) fn env(&mut self, slots: usize) -> EnvId {
        let vars = (0..slots).map(|_| self.variable()).collect();
        self.envs.push(vars);
        EnvId(self.envs.len() as u32 - 1)
    }

    pub(super) fn var(&self, mut var: VarId) -> (VarId, &Var) {
        loop {
            match self.vars.get(var.0 as usize) {
                Some(Var::Alias(older)) => var = *older,
                Some(state) => return (var, state),
                None => return (var, &Var::Unclear),
            }
        }
    }

    pub(super) fn slot(&self, env: EnvId, slot: Slot) -> Option<VarId> {
        self.envs.get(env.0 as usize)?.get(slot.0 as usize).copied()
    }

    pub(super) fn set(&mut self, var: VarId, state: Var) {
        if let Some(slot) = self.vars.get_mut(var.0 as usize) {
            let before = std::mem::replace(slot, state);
            self.undo.push((var, before));
        }
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            if let Some((var, before)) = self.undo.pop()
                && let Some(slot) = self.vars.get_mut(var.0 as usize)
            {
                *slot = before;
            }
        }
    }

    /// True when a condition waits for a variable from `first` on.
    pub(super) fn is_waiting(&self, first: usize) -> bool {
        let mut vars = self.vars.iter().skip(first);
        vars.any(|var| matches!(var, Var::Unbound { waiting, .. } if !waiting.is_empty()))
    }

    pub(super) fn wait(&mut self, var: VarId, condition: Condition, env: EnvId) -> Option<()> {
        let origin = self.at;
        let (root, Var::Unbound { waiting, shared }) = self.var(var) else { return self.undecided() };
        if waiting.len() >= WAITING {
            return self.undecided();
        }
        let (mut waiting, shared) = (waiting.clone(), *shared);
        waiting.push(Waiting { condition, env, origin });
        self.set(root, Var::Unbound { waiting, shared });
        Some(())
    }

    /// Another clause knows the variable from now on.
    pub(super) fn share(&mut self, var: VarId) {
        if let (root, Var::Unbound { waiting, shared: false }) = self.var(var) {
            let waiting = waiting.clone();
            self.set(root, Var::Unbound { waiting, shared: true });
        }
    }

    /// Gives a variable a value. What waits for it is checked when the goal at hand is done; see [`Builder::wake`].
    pub(super) fn bind(&mut self, var: VarId, value: Value) -> Option<()> {
        let (root, Var::Unbound { waiting, .. }) = self.var(var) else { return self.undecided() };
        let waiting = waiting.clone();
        self.woken.extend(waiting);
        self.set(root, Var::Bound(value));
        Some(())
    }

    /// Checks what waited for variables that are bound now, before the next goal as the machine does: what a condition
    /// wakes comes before the conditions after it.
    pub(super) fn wake(&mut self, fail: Target) -> Option<()> {
        let mut due = Vec::new();
        loop {
            due.extend(self.woken.drain(..).rev());
            let Some(waiting) = due.pop() else { return Some(()) };
            self.woken_condition(waiting, fail)?;
        }
    }

    fn woken_condition(&mut self, waiting: Waiting, fail: Target) -> Option<()> {
        let Waiting { condition, env, origin } = waiting;
        let (at, outer) = (self.at, self.outer);
        if let Some(Origin { goal, rule, .. }) = self.plan.origins.get(origin as usize).copied() {
            self.outer = at;
            self.origin(goal, rule);
        }
        match condition {
            Condition::Pattern(var, pattern) => {
                self.pattern(self.current(Arg::Open(var)), pattern, env, fail)?;
            }
            Condition::Goal(goal) => {
                self.goal(goal, Scope { env, cut: fail, rule: RuleId(NONE) }, fail, true)?;
            }
        }
        (self.at, self.outer) = (at, outer);
        Some(())
    }

    fn alias(&mut self, a: VarId, b: VarId) -> Option<()> {
        let (a, b) = (self.var(a).0, self.var(b).0);
        if a == b {
            return Some(());
        }
        let (older, younger) = if a < b { (a, b) } else { (b, a) };
        let (Some(Var::Unbound { waiting: first, .. }), Some(Var::Unbound { waiting: second, .. })) =
            (self.vars.get(older.0 as usize), self.vars.get(younger.0 as usize))
        else {
            return self.undecided();
        };
        let waiting = first.iter().chain(second).copied().collect();
        self.set(younger, Var::Alias(older));
        self.set(older, Var::Unbound { waiting, shared: true });
        Some(())
    }

    // ---- operands ----

    /// What an operand is here; compounds are built.
    pub(super) fn operand(&mut self, operand: Operand, env: EnvId) -> Option<Arg> {
        Some(Arg::Known(match operand {
            Operand::Slot(slot) => {
                let Some(var) = self.slot(env, slot) else { return self.undecided() };
                return match self.var(var) {
                    (_, Var::Bound(value)) => Some(Arg::Known(self.refined(*value))),
                    (root, Var::Unbound { .. }) => Some(Arg::Open(root)),
                    (_, Var::Unclear | Var::Alias(_)) => self.undecided(),
                };
            }
            Operand::Anonymous => return Some(Arg::Open(self.variable())),
            Operand::Nil => self.constant(Cell::Nil),
            Operand::Boolean(value) => self.constant(Cell::Boolean(value)),
            Operand::Integer(value) => self.constant(Cell::Integer(value)),
            Operand::Float(value) => self.constant(Cell::Float(value)),
            Operand::Text(symbol) => self.constant(Cell::Text(TextId(symbol.0))),
            Operand::Entity(id) => {
                let dst = self.register();
                self.emit(Op::Entity { id, dst });
                of_register(dst)
            }
            Operand::Context | Operand::Action => return self.undecided(),
            Operand::UnixTime => {
                let dst = self.register();
                self.emit(Op::UnixTime { dst });
                of_register(dst)
            }
            Operand::Constant(id) => {
                let dst = self.register();
                self.emit(Op::Constant { id, dst });
                of_register(dst)
            }
            Operand::Class(id) => {
                let dst = self.register();
                self.emit(Op::Class { id, dst });
                of_register(dst)
            }
            Operand::List(id) => {
                let Some(list) =
                    self.program.code.lists.get(id.0 as usize).filter(|list| list.rest.is_none())
                else {
                    return self.undecided();
                };
                let items = self.program.code.operands(list.items);
                let items = items.iter().map(|item| self.known(*item, env)).collect::<Option<Vec<_>>>()?;
                let items = self.args(&items);
                let dst = self.register();
                self.emit(Op::List { items, dst });
                of_register(dst)
            }
            Operand::Dictionary(id) => {
                let entries = self.program.code.dictionaries.get(id.0 as usize);
                let entries = entries.map_or(&[][..], Vec::as_slice);
                let keyword = entries
                    .iter()
                    .map(|(key, value)| Some((*key, self.known(*value, env)?.src)))
                    .collect::<Option<Vec<_>>>()?;
                let call = self.host_arguments(Vec::new(), keyword);
                let dst = self.register();
                self.emit(Op::Dictionary { call, dst });
                of_register(dst)
            }
        }))
    }

    /// The value of an operand that must have one.
    pub(super) fn known(&mut self, operand: Operand, env: EnvId) -> Option<Value> {
        match self.operand(operand, env)? {
            Arg::Known(value) => Some(value),
            Arg::Open(_) => self.undecided(),
        }
    }

    // ---- equality ----

    /// `a = b`
    pub(super) fn unify(&mut self, a: Arg, b: Arg, fail: Target) -> Option<()> {
        match (a, b) {
            (Arg::Known(a), Arg::Known(b)) => self.same(a, b, fail),
            (Arg::Open(var), Arg::Known(value)) | (Arg::Known(value), Arg::Open(var)) => {
                self.bind(var, value)
            }
            (Arg::Open(a), Arg::Open(b)) => self.alias(a, b),
        }
    }

    fn same(&mut self, a: Value, b: Value, fail: Target) -> Option<()> {
        match known_equality(a, b) {
            Some(true) => Some(()),
            Some(false) => self.fails(fail),
            None => {
                self.emit(Op::Same { a: a.src, b: b.src, fail });
                Some(())
            }
        }
    }

    /// `operand = value` or `value = operand`, where the operand may be a list with variables in it.
    pub(super) fn unify_operand(
        &mut self,
        operand: Operand,
        value: Arg,
        side: Side,
        env: EnvId,
        fail: Target,
    ) -> Option<()> {
        if let (Operand::List(id), Arg::Known(value)) = (operand, value)
            && let Some(list) = self.program.code.lists.get(id.0 as usize)
            && list.rest.is_none()
            && value.kind.is_none_or(|kind| !kind.is_object())
            && !self.asks_the_host(operand)
        {
            self.emit(Op::IsList { src: value.src, len: list.items.len, fail });
            for (index, item) in (0..).zip(self.program.code.operands(list.items)) {
                let dst = self.register();
                self.emit(Op::Item { src: value.src, index, dst });
                self.unify_operand(*item, Arg::Known(of_register(dst)), side, env, fail)?;
            }
            return Some(());
        }
        let operand = self.operand(operand, env)?;
        match side {
            Side::Left => self.unify(operand, value, fail),
            Side::Right => self.unify(value, operand, fail),
        }
    }

    /// True for what the application is asked to make: all of it is made before anything is compared.
    fn asks_the_host(&self, operand: Operand) -> bool {
        let code = &self.program.code;
        match operand {
            Operand::Constant(_) | Operand::Class(_) => true,
            Operand::List(id) => code
                .lists
                .get(id.0 as usize)
                .is_some_and(|list| code.operands(list.items).iter().any(|item| self.asks_the_host(*item))),
            Operand::Dictionary(id) => {
                let mut entries = code.dictionaries.get(id.0 as usize).into_iter().flatten();
                entries.any(|(_, value)| self.asks_the_host(*value))
            }
            _ => false,
        }
    }
}

/// On which side of `=` an operand stands: the host compares in that order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Left,
    Right,
}

pub(super) fn of_register(reg: Reg) -> Value {
    Value { src: reg, kind: None, constant: None }
}

/// What is known at build time of `a = b`.
pub(super) fn known_equality(a: Value, b: Value) -> Option<bool> {
    let (of_a, of_b) = (a.kind?, b.kind?);
    if is_plain(of_a) && is_plain(of_b) {
        return Some(of_a == of_b);
    }
    let (plain, other) = if is_plain(of_a) { (of_a, of_b) } else { (of_b, of_a) };
    // The host decides what an object equals; every other kind of value differs from these.
    (is_plain(plain) && !matches!(other.form(), Form::Object(_) | Form::Unregistered)).then_some(false)
}

/// What alternatives leave of variables that were there before them.
pub(super) struct Merge {
    /// How many variables there were.
    before: usize,
    /// How many alternatives have come to their end.
    ends: usize,
    /// Variables that got a value, the register it is moved to, and in how many alternatives.
    bound: Vec<(VarId, Reg, usize)>,
    unclear: Vec<VarId>,
}

impl Merge {
    pub(super) fn new(before: usize) -> Merge {
        Merge { before, ends: 0, bound: Vec::new(), unclear: Vec::new() }
    }

    /// An alternative has come to its end.
    pub(super) fn alternative(&mut self, builder: &mut Builder<'_>, mark: usize) {
        self.ends += 1;
        let mut changed: Vec<VarId> = builder.undo.iter().skip(mark).map(|(var, _)| *var).collect();
        changed.retain(|var| (var.0 as usize) < self.before);
        changed.sort_unstable();
        changed.dedup();
        for var in changed {
            let (_, Var::Bound(value)) = builder.var(var) else {
                self.unclear.push(var);
                continue;
            };
            let src = value.src;
            let dst = match self.bound.iter_mut().find(|(other, ..)| *other == var) {
                Some((_, reg, count)) => {
                    *count += 1;
                    *reg
                }
                None => {
                    let reg = builder.register();
                    self.bound.push((var, reg, 1));
                    reg
                }
            };
            builder.emit(Op::Move { dst, src });
        }
    }

    /// After the last one: what all agree on. A condition on a variable that only some of them bind is left open.
    pub(super) fn finish(self, builder: &mut Builder<'_>) -> Option<()> {
        let mut unclear = self.unclear;
        for (var, reg, count) in self.bound {
            if count == self.ends && !unclear.contains(&var) {
                builder.set(var, Var::Bound(of_register(reg)));
            } else {
                unclear.push(var);
            }
        }
        for var in unclear {
            if matches!(builder.var(var).1, Var::Unbound { waiting, .. } if !waiting.is_empty()) {
                return builder.undecided();
            }
            builder.set(var, Var::Unclear);
        }
        Some(())
    }
}
