//! Makes a plan: unfolds the clauses that can match and follows at build time what each variable stands for.
//!
//! Every part of the code is built with the place to go to when it fails, and gives back the place to go to when what
//! comes *after* it fails: the same place for something that holds at most once, the next item for a loop, a register
//! for alternatives. `None` stands for code that never goes on.

mod bind;
mod calls;
mod closures;
mod facts;
mod goals;
mod order;
mod patterns;
mod scans;
mod steps;

pub(super) use closures::are_alike;
pub(super) use steps::Leads;

use rustc_hash::FxHashSet;

use crate::heap::Cell;
use crate::ir::{Goal, PatternId, Program};
use crate::policy::RuleId;

use super::kind::{Form, Kind};
use super::memo::NONE;
use super::op::{Either, HostArguments, Op, Origin, Plan, Reg, Target};
use super::{MAX_ARITY, PlanId, PlanKey};

/// Operations, and goals looked at, after which calls are no longer unfolded.
const UNFOLD_UP_TO: usize = 2048;
/// Operations, goals looked at, and constants after which a plan gives up: building takes time that no limit counts.
const GIVE_UP_AT: usize = 8192;
/// Variables after which a plan gives up.
const VARIABLES: usize = 4096;
/// Conditions on one variable after which a plan gives up: each change of it keeps a copy.
const WAITING: usize = 64;
/// Calls inside one another that are unfolded: the builder's own stack is not to grow with the policy.
const UNFOLDED: u32 = 48;
/// Calls and blocks inside one another.
const NESTED: u32 = 96;

/// Kinds that are remembered, so that building takes time in proportion to the code.
const KINDS: usize = 32;

/// While a plan is built its constants are registers from here on; at the end they go behind the arguments.
const CONSTANTS: u32 = 1 << 24;

/// A value at run time and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Value {
    src: Reg,
    kind: Option<Kind>,
    /// The value itself, where it is known.
    constant: Option<Cell>,
}

/// A variable of the clauses that are being unfolded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct VarId(u32);

/// What is known of a variable at this place of the code.
#[derive(Clone, Debug)]
enum Var {
    Unbound {
        /// Conditions to be checked as soon as it is bound.
        waiting: Vec<Waiting>,
        /// Another clause knows it too.
        shared: bool,
    },
    Bound(Value),
    /// The same as an older variable.
    Alias(VarId),
    /// Alternatives differ in what they leave of it.
    Unclear,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    Pattern(VarId, PatternId),
    Goal(Goal),
}

/// A condition, whose variables it means, and where it comes from.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    condition: Condition,
    env: EnvId,
    origin: u32,
}

/// An argument or operand: a value, or a variable that is not bound here.
#[derive(Clone, Copy, Debug)]
enum Arg {
    Known(Value),
    Open(VarId),
}

/// The variables of one unfolded clause, by slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EnvId(u32);

/// Where a goal stands: whose variables it means, what `cut` goes back to, and in which rule.
#[derive(Clone, Copy, Debug)]
struct Scope {
    env: EnvId,
    cut: Target,
    rule: RuleId,
}

#[derive(Debug, Default)]
struct Label {
    place: Option<u32>,
    /// What is known at every jump to it; `None` while nothing jumps there.
    kinds: Option<Vec<(Reg, Kind)>>,
}

struct Builder<'a> {
    program: &'a Program,
    plan: Plan,
    /// The number of the plan's first question to facts.
    first_ask: u32,
    labels: Vec<Label>,
    vars: Vec<Var>,
    /// What variables were before they changed, so that alternatives begin alike.
    undo: Vec<(VarId, Var)>,
    envs: Vec<Vec<VarId>>,
    /// Kinds of values that have been found out on every way that leads here.
    kinds: Vec<(Reg, Kind)>,
    /// Conditions on variables that the goal at hand has bound.
    woken: Vec<Waiting>,
    /// Clauses that are being unfolded, outermost first.
    unfolding: Vec<RuleId>,
    negations: u32,
    /// Calls and blocks around what is built now.
    nesting: u32,
    /// The origin of what is built now, and of the goal around it.
    at: u32,
    outer: u32,
}

/// Builds the plan for `key`.
pub(super) fn plan(program: &Program, key: PlanKey, first_scan: u64, first_ask: u32) -> Plan {
    let arity = key.kinds.iter().take_while(|kind| **kind != Kind::ABSENT).count() as u32;
    let places = (0..arity).zip(key.kinds);
    let plan = Plan {
        id: PlanId(NONE),
        first_scan,
        ops: Vec::new(),
        from: Vec::new(),
        origins: Vec::new(),
        constants: Vec::new(),
        args: Vec::new(),
        sites: Vec::new(),
        calls: Vec::new(),
        scans: Vec::new(),
        asks: Vec::new(),
        cursors: 0,
        registers: arity,
        arity,
        varying: places.filter(|(_, kind)| kind.constant().is_none()).map(|(place, _)| place).collect(),
        key,
        leads: Leads::Nowhere,
        agains: Vec::new(),
        closure: None,
        walk: None,
    };
    let mut builder = Builder {
        program,
        plan,
        first_ask,
        labels: Vec::new(),
        vars: Vec::new(),
        undo: Vec::new(),
        envs: Vec::new(),
        kinds: Vec::new(),
        woken: Vec::new(),
        unfolding: Vec::new(),
        negations: 0,
        nesting: 0,
        at: NONE,
        outer: NONE,
    };
    builder.entry(key);
    builder.finish()
}

impl Builder<'_> {
    /// The whole plan: the clauses that can match, then success or failure.
    fn entry(&mut self, key: PlanKey) {
        let kinds = key.kinds.iter().take(self.plan.arity as usize).enumerate();
        let args: Vec<Arg> = kinds.map(|(place, kind)| self.argument(place as u32, *kind)).collect();
        let no = self.label();
        let holds = self.clauses_of(key.predicate, &args, no);
        if holds.is_some() {
            let last = if self.is_waiting(0) { Op::Undecided } else { Op::Yes };
            self.emit(last);
        }
        self.place(no);
        self.emit(Op::No);
    }

    fn argument(&mut self, place: u32, kind: Kind) -> Arg {
        Arg::Known(match kind.constant() {
            Some(cell) => self.constant(cell),
            None => Value { src: Reg(place), kind: Some(kind), constant: None },
        })
    }

    fn constant(&mut self, cell: Cell) -> Value {
        let same = |other: &Cell| *other == cell && matches!(cell, Cell::Text(_) | Cell::Integer(_));
        let place = self.plan.constants.iter().position(same).unwrap_or(self.plan.constants.len());
        if place == self.plan.constants.len() {
            self.plan.constants.push(cell);
        }
        Value { src: Reg(CONSTANTS + place as u32), kind: Kind::of_constant(cell), constant: Some(cell) }
    }

    fn register(&mut self) -> Reg {
        self.plan.registers += 1;
        Reg(self.plan.registers - 1)
    }

    /// True when calls are better left to plans of their own.
    fn is_large(&self) -> bool {
        // Goals that need no operation count too: what unfolds to nothing may do so very often.
        self.plan.ops.len().max(self.plan.origins.len()) > UNFOLD_UP_TO
    }

    fn is_full(&self) -> bool {
        let Plan { ops, origins, constants, args, .. } = &self.plan;
        let parts = ops.len().max(origins.len()).max(constants.len()).max(args.len());
        parts >= GIVE_UP_AT || self.vars.len() >= VARIABLES
    }

    // ---- code and labels ----

    fn emit(&mut self, mut op: Op) {
        if let Some(target) = op.targets().copied() {
            self.note(target);
        }
        self.plan.ops.push(op);
        self.plan.from.push(self.at);
    }

    /// What is built from here on comes from that goal of that rule.
    fn origin(&mut self, goal: u32, rule: RuleId) {
        self.plan.origins.push(Origin { goal, rule, outer: self.outer });
        self.at = self.plan.origins.len() as u32 - 1;
    }

    /// Leaves the rest of this way to the machine.
    fn undecided<T>(&mut self) -> Option<T> {
        self.woken.clear();
        self.emit(Op::Undecided);
        None
    }

    /// This way always fails.
    fn fails<T>(&mut self, fail: Target) -> Option<T> {
        self.woken.clear();
        self.emit(Op::Jump(fail));
        None
    }

    fn label(&mut self) -> Target {
        self.labels.push(Label::default());
        Target::place(self.labels.len() as u32 - 1)
    }

    /// Something jumps to `target` from here: only what is known at all such places is known there.
    fn note(&mut self, target: Target) {
        let Either::Place(label) = target.get() else { return };
        let Some(label) = self.labels.get_mut(label as usize) else { return };
        match &mut label.kinds {
            None => label.kinds = Some(self.kinds.clone()),
            Some(kinds) => {
                let common = kinds.iter().zip(&self.kinds).take_while(|(a, b)| a == b).count();
                kinds.truncate(common);
            }
        }
    }

    fn is_used(&self, target: Target) -> bool {
        match target.get() {
            Either::Place(label) => {
                self.labels.get(label as usize).is_some_and(|label| label.kinds.is_some())
            }
            Either::Register(_) => true,
        }
    }

    /// The code that follows is where `target` leads.
    fn place(&mut self, target: Target) {
        let here = self.plan.ops.len() as u32;
        if let Either::Place(label) = target.get()
            && let Some(label) = self.labels.get_mut(label as usize)
        {
            label.place = Some(here);
            self.kinds = label.kinds.clone().unwrap_or_default();
        }
    }

    fn finish(mut self) -> Plan {
        // The machine would call the application again for what a plan has begun and cannot end: no such beginnings.
        let calls = |op: &Op| matches!(op, Op::Method { .. } | Op::New { .. });
        let ends = |op: &Op| matches!(op, Op::Undecided);
        if self.plan.ops.iter().any(calls) && self.plan.ops.iter().any(ends) {
            self.plan.ops = vec![Op::Undecided];
            self.plan.from = vec![NONE];
            self.plan.origins.clear();
        }
        self.drop_unread_moves();
        self.ask_for_all();
        for op in &mut self.plan.ops {
            if let Some(target) = op.targets()
                && let Either::Place(label) = target.get()
            {
                let place = self.labels.get(label as usize).and_then(|label| label.place);
                *target = Target::place(place.unwrap_or(0));
            }
        }
        self.shorten_jumps();
        self.ask_for_any();
        self.answer_at_once();
        self.place_constants();
        self.finish_steps();
        self.shrink();
        self.plan
    }

    /// Answers at once where a jump leads to the answer.
    fn answer_at_once(&mut self) {
        for place in 0..self.plan.ops.len() {
            if let Some(Op::Jump(target)) = self.op(place)
                && let Either::Place(to) = target.get()
                && let Some(answer @ (Op::Yes | Op::No)) = self.op(to as usize)
                && let Some(op) = self.plan.ops.get_mut(place)
            {
                *op = answer;
            }
        }
    }

    /// Leads over no jump what leads to one.
    fn shorten_jumps(&mut self) {
        // A jump leads forward, so that those behind it lead to the end already.
        for place in (0..self.plan.ops.len()).rev() {
            let end = |target: &Target| match target.get() {
                Either::Place(to) => match self.plan.ops.get(to as usize) {
                    Some(Op::Jump(further)) if to as usize > place => *further,
                    _ => *target,
                },
                Either::Register(_) => *target,
            };
            let Some(mut op) = self.op(place) else { continue };
            if let Some(target) = op.targets() {
                *target = end(target);
            }
            if let Some(slot) = self.plan.ops.get_mut(place) {
                *slot = op;
            }
        }
    }

    /// Takes out moves to registers that nobody reads: alternatives leave the values of all their variables.
    fn drop_unread_moves(&mut self) {
        let is_move = |op: &Op| matches!(op, Op::Move { .. });
        if !self.plan.ops.iter().any(is_move) {
            return;
        }
        let mut read: FxHashSet<Reg> = self.plan.args.iter().copied().collect();
        read.extend(self.plan.calls.iter().flat_map(HostArguments::registers));
        read.extend(self.plan.agains.iter().map(|again| again.next));
        for op in &self.plan.ops {
            let (mut op, written) = (*op, op.written());
            op.each_register(&mut |reg| {
                if Some(*reg) != written {
                    read.insert(*reg);
                }
            });
        }
        let unread = |op: &Op| matches!(op, Op::Move { dst, .. } if !read.contains(dst));
        let mut kept = 0;
        let mut places = Vec::with_capacity(self.plan.ops.len());
        for op in &self.plan.ops {
            places.push(kept);
            kept += u32::from(!unread(op));
        }
        for label in &mut self.labels {
            label.place = label.place.map(|place| places.get(place as usize).copied().unwrap_or(kept));
        }
        let mut ops = self.plan.ops.iter();
        self.plan.from.retain(|_| !ops.next().is_some_and(unread));
        self.plan.ops.retain(|op| !unread(op));
    }

    /// Numbers the registers: arguments, constants, the others.
    fn place_constants(&mut self) {
        let Plan { ops, constants, args, calls, scans, agains, registers, arity, .. } = &mut self.plan;
        let (arity, count) = (*arity, constants.len() as u32);
        let mut number = |reg: &mut Reg| {
            if reg.0 >= CONSTANTS {
                reg.0 = reg.0 - CONSTANTS + arity;
            } else if reg.0 >= arity {
                reg.0 += count;
            }
        };
        ops.iter_mut().for_each(|op| op.each_register(&mut number));
        args.iter_mut().for_each(&mut number);
        for call in calls {
            call.positional.iter_mut().for_each(&mut number);
            call.keyword.iter_mut().for_each(|(_, reg)| number(reg));
        }
        scans.iter_mut().for_each(|scan| scan.each_register(&mut number));
        agains.iter_mut().for_each(|again| number(&mut again.next));
        *registers += count;
    }

    fn shrink(&mut self) {
        let Plan { ops, from, origins, constants, args, sites, calls, scans, asks, agains, .. } =
            &mut self.plan;
        ops.shrink_to_fit();
        from.shrink_to_fit();
        origins.shrink_to_fit();
        constants.shrink_to_fit();
        args.shrink_to_fit();
        sites.shrink_to_fit();
        calls.shrink_to_fit();
        scans.shrink_to_fit();
        asks.shrink_to_fit();
        agains.shrink_to_fit();
    }

    // ---- alternatives ----

    /// Alternatives in order. With `commit` only whether one of them holds counts, and not which.
    fn alternatives(
        &mut self,
        count: usize,
        fail: Target,
        commit: bool,
        mut one: impl FnMut(&mut Self, usize, Target) -> Option<Target>,
    ) -> Option<Target> {
        if count <= 1 {
            let redo = if count == 0 { self.fails(fail) } else { one(self, 0, fail) };
            return redo.map(|redo| if commit { fail } else { redo });
        }
        let join = self.label();
        let resume = (!commit).then(|| self.register());
        let (mark, before) = (self.undo.len(), self.vars.len());
        let mut merge = bind::Merge::new(before);
        for place in 0..count {
            let next = if place + 1 == count { fail } else { self.label() };
            let redo = one(self, place, next);
            // A condition that still waits would be forgotten where the ways meet.
            if redo.is_some() && (self.is_waiting(before) || self.waits_since(mark)) {
                self.emit(Op::Undecided);
            } else if let Some(redo) = redo {
                merge.alternative(self, mark);
                if let Some(dst) = resume {
                    self.emit(Op::SetTarget { dst, target: redo });
                }
                self.emit(Op::Jump(join));
            }
            self.undo_to(mark);
            if place + 1 == count || !self.is_used(next) {
                break;
            }
            self.place(next);
        }
        if !self.is_used(join) {
            return None;
        }
        self.place(join);
        merge.finish(self)?;
        Some(resume.map_or(fail, Target::register))
    }
}

/// True for kinds whose values equal nothing but values of the same kind.
fn is_plain(kind: Kind) -> bool {
    matches!(kind.form(), Form::Text(_) | Form::Boolean(_) | Form::Nil)
}

const _: () = assert!(MAX_ARITY >= 4, "`allow_field` has four arguments");
