//! The loop: one goal after another, frames at the end of a run, choices on failure.

use super::{
    Choice, ChoiceKind, Delay, Evaluation, Frame, FrameKind, NONE, Outcome, Parked, Registers, Stop,
    exhausted, fail,
};
use crate::error::ErrorKind;
use crate::facts::Cursor;
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Code, Goal, Operand, Slot, slots_of_goal};
use crate::limits::Limit;
use crate::observe::Observer;
use crate::policy::RuleId;
use crate::query::Step;

/// How often time and memory are looked at, in steps.
const CHECK_EVERY: u64 = 512;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goes on for at most `budget` steps.
    pub(crate) fn run(&mut self, budget: u64) -> Result<Step, crate::error::Error> {
        match self.steps(budget) {
            Ok(Step::Done) => self.over(),
            Ok(step) => Ok(step),
            Err(Stop::Later(ticket)) => Ok(Step::Need(ticket)),
            Err(Stop::Error(error)) => Err(self.with_trace(error)),
        }
    }

    fn steps(&mut self, budget: u64) -> Result<Step, Stop> {
        if let Some(ticket) = self.m.awaits() {
            return Ok(Step::Need(ticket));
        }
        let mut going = self.begin()?;
        let mut left = budget;
        loop {
            if !going && !self.backtrack()? {
                self.observer.over();
                return Ok(Step::Done);
            }
            if left == 0 {
                return Ok(Step::Paused);
            }
            left -= 1;
            self.tick()?;
            if self.m.regs.pc == self.m.regs.end {
                if O::WATCHES_GOALS {
                    self.tell_held();
                }
                if self.m.regs.frame != NONE {
                    going = self.guarded(|this| this.leave())?;
                } else if let Some(on) = self.settle(0)? {
                    going = on;
                } else if self.sets_aside() {
                    going = false;
                } else {
                    return self.answer();
                }
            } else {
                going = self.guarded(|this| this.goal())?;
            }
            if going && !self.heap.store.woken.is_empty() {
                self.wake();
            }
        }
    }

    /// Where to begin: on a fresh question, after an answer, or after a wait.
    fn begin(&mut self) -> Outcome {
        if self.m.started.is_none() {
            self.m.started = self.host.now();
        }
        match self.m.parked.take() {
            Some((Parked::Choice, _)) => {
                self.m.log_next = 0;
                let Some(choice) = self.m.choices.pop() else { return Ok(true) };
                // The cells of replies that have come stay: only bindings are undone.
                self.heap.undo_bindings(choice.mark.trail);
                self.m.regs = choice.regs;
                self.retry(choice)
            }
            Some((Parked::Goal, _)) => {
                self.m.log_next = 0;
                Ok(true)
            }
            None => Ok(!std::mem::take(&mut self.m.answered)),
        }
    }

    /// Runs one goal or frame so that it can be tried again if the host answers later.
    fn guarded(&mut self, run: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let regs = self.m.regs;
        let trail = self.heap.mark().trail;
        let (choices, frames) = (self.m.choices.len(), self.m.frames.len());
        let outcome = run(self);
        match outcome {
            Err(Stop::Later(ticket)) if self.m.parked.is_none() => {
                self.heap.undo_bindings(trail);
                self.m.choices.truncate(choices);
                self.m.frames.truncate(frames);
                self.m.regs = regs;
                self.m.parked = Some((Parked::Goal, ticket));
            }
            Err(_) => {}
            Ok(_) => self.clear_log(),
        }
        outcome
    }

    pub(crate) fn clear_log(&mut self) {
        if !self.m.log.is_empty() {
            self.m.log.clear();
        }
        self.m.log_next = 0;
    }

    pub(super) fn tick(&mut self) -> Result<(), Stop> {
        self.work(1)
    }

    /// Counts steps. What a goal does to each of many values is a step each, so that limits hold inside it too.
    #[inline]
    pub(super) fn work(&mut self, steps: u64) -> Result<(), Stop> {
        self.m.steps = self.m.steps.saturating_add(steps);
        if self.m.steps > self.cx.limits.steps {
            return Err(exhausted(Limit::Steps, self.cx.limits));
        }
        if self.m.steps >= self.m.next_check {
            self.m.next_check = self.m.steps + CHECK_EVERY;
            self.check_resources()?;
        }
        Ok(())
    }

    fn check_resources(&mut self) -> Result<(), Stop> {
        if let Some(allowed) = self.cx.limits.time
            && let (Some(started), Some(now)) = (self.m.started, self.host.now())
            && now.saturating_sub(started) > allowed
        {
            return Err(exhausted(Limit::Time, self.cx.limits));
        }
        if self.memory_left().is_none() {
            return Err(exhausted(Limit::Memory, self.cx.limits));
        }
        Ok(())
    }

    /// Bytes until the limit; `None` beyond it.
    pub(super) fn memory_left(&self) -> Option<usize> {
        let own = self.m.frames.len() * size_of::<Frame>()
            + self.m.choices.len() * size_of::<Choice>()
            + self.m.delays.len() * size_of::<Delay>()
            + self.m.order.len() * size_of::<RuleId>()
            + self.m.cursors.len() * size_of::<Cursor>()
            + self.m.pairs.len() * size_of::<(Cell, Cell)>();
        self.heap.room(self.cx.limits.memory)?.checked_sub(own + self.m.tables.bytes())
    }

    /// The goals are done and nothing is left to do: an answer.
    fn answer(&mut self) -> Result<Step, Stop> {
        self.m.answers += 1;
        if self.m.answers > self.cx.limits.answers {
            return Err(exhausted(Limit::Answers, self.cx.limits));
        }
        self.m.answered = true;
        Ok(Step::Answer)
    }

    /// Runs the next goal.
    fn goal(&mut self) -> Outcome {
        let pc = self.m.regs.pc;
        self.m.regs.pc += 1;
        let (code, index) = self.cx.code_at(pc);
        let Some(goal) = code.goals.get(index).copied() else { return Ok(false) };
        if O::WATCHES_GOALS {
            self.tell_goal(code, goal, pc);
        }
        self.run_goal(code, goal, pc)
    }

    /// Tells the observer which goal is tried.
    fn tell_goal(&mut self, code: &Code, goal: Goal, pc: u32) {
        let env = self.m.regs.env;
        let is_unbound = |slot: &Slot| {
            matches!(self.heap.resolve(Cell::Variable(Variable(env + slot.0))), Cell::Variable(_))
        };
        if let Some(id) = self.cx.of_program(pc) {
            let is_open = slots_of_goal(code, &goal).iter().any(is_unbound);
            self.observer.goal(id, env, is_open);
        }
    }

    /// Tells the observer that the last goal of a conjunction holds.
    fn tell_held(&mut self) {
        if let Some(last) = self.m.regs.pc.checked_sub(1).and_then(|last| self.cx.of_program(last)) {
            self.observer.held(last, self.m.regs.env);
        }
    }

    fn run_goal(&mut self, code: &Code, goal: Goal, pc: u32) -> Outcome {
        match goal {
            Goal::Call(predicate, args) => self.call(code, predicate, args),
            Goal::Undefined(name) => {
                let name = self.heap.text(crate::heap::TextId(name.0)).to_owned();
                Err(fail(ErrorKind::UndefinedRule, format!("there is no rule `{name}`")))
            }
            Goal::Fail => Ok(false),
            // A variable is equal to itself, whatever it holds (NaN, say).
            Goal::Unify(Operand::Slot(left), Operand::Slot(right)) if left == right => Ok(true),
            Goal::Unify(left, right) => {
                let left = self.load(code, left)?;
                let right = self.load(code, right)?;
                self.unify(left, right)
            }
            Goal::Assign(target, value) => self.assign(code, target, value),
            Goal::Compare(op, left, right) => {
                let left = self.load(code, left)?;
                let right = self.load(code, right)?;
                self.compare(op, left, right, pc)
            }
            Goal::Arithmetic(op, left, right, out) => {
                let left = self.load(code, left)?;
                let right = self.load(code, right)?;
                self.arithmetic(op, left, right, out, pc)
            }
            Goal::In(element, collection) => {
                let element = self.load(code, element)?;
                let collection = self.load(code, collection)?;
                self.member(element, collection)
            }
            Goal::Match(value, pattern) => {
                let value = self.load(code, value)?;
                self.matches(value, pattern, code, pc)
            }
            Goal::Lookup(object, name, out) => {
                let object = self.load(code, object)?;
                self.lookup(object, name, out, pc)
            }
            Goal::LookupDynamic(object, key, out) => {
                let object = self.load(code, object)?;
                let key = self.load(code, key)?;
                self.lookup_dynamic(object, key, out, pc)
            }
            Goal::Method(object, name, args, out) => {
                let object = self.load(code, object)?;
                self.method(code, object, name, args, out)
            }
            Goal::New(class, args, out) => self.construct(code, class, args, out),
            Goal::NewUnknown(name) => Err(self.unregistered(name)),
            Goal::Truth(value) => {
                let value = self.load(code, value)?;
                self.truth(value)
            }
            Goal::Not(block) => self.negate(code, block, pc),
            Goal::Or(blocks) => self.alternative(blocks.start, blocks.end()),
            Goal::Cut => {
                if self.m.delays.is_empty() || !self.is_in_doubt() {
                    self.m.choices.truncate(self.m.regs.cut as usize);
                } else {
                    self.cut_in_doubt();
                }
                Ok(true)
            }
            Goal::Print(args) => self.print(code, args),
            Goal::Debug => Ok(true),
        }
    }

    /// The value of an operand.
    pub(crate) fn load(&mut self, code: &Code, operand: Operand) -> Result<Cell, Stop> {
        Ok(match operand {
            Operand::Slot(slot) => self.heap.resolve(Cell::Variable(Variable(self.m.regs.env + slot.0))),
            Operand::Text(symbol) => Cell::Text(crate::heap::TextId(symbol.0)),
            Operand::Integer(value) => Cell::Integer(value),
            Operand::Boolean(value) => Cell::Boolean(value),
            Operand::Float(value) => Cell::Float(value),
            Operand::Nil => Cell::Nil,
            Operand::Anonymous => Cell::Variable(self.heap.fresh(1)),
            Operand::Entity(entity) => self.entity(code, entity)?,
            Operand::UnixTime => self.unix_time()?,
            Operand::Context => self.record(false)?,
            Operand::Action => self.record(true)?,
            Operand::Constant(constant) => self.constant(constant)?,
            Operand::Class(class) => self.class_value(class)?,
            Operand::List(id) => self.load_list(code, id)?,
            Operand::Dictionary(id) => {
                let mut pairs = Vec::new();
                for (key, value) in code.dictionaries.get(id.0 as usize).into_iter().flatten() {
                    pairs.push((crate::heap::TextId(key.0), self.load(code, *value)?));
                }
                self.heap.dictionary_of(pairs)
            }
        })
    }

    fn load_list(&mut self, code: &Code, id: crate::ir::CompoundId) -> Result<Cell, Stop> {
        let Some(list) = code.lists.get(id.0 as usize) else { return Ok(Cell::Nil) };
        let mut items = Vec::with_capacity(list.items.len as usize + 1);
        for operand in code.operands(list.items) {
            items.push(self.load(code, *operand)?);
        }
        let rest = list.rest.map(|rest| self.load(code, rest)).transpose()?;
        Ok(self.open_list(items, rest))
    }

    /// A list of these items, and then of those of the rest.
    pub(super) fn open_list(&mut self, mut items: Vec<Cell>, rest: Option<Cell>) -> Cell {
        let Some(rest) = rest else { return Cell::List(self.heap.push_cells(items)) };
        if items.is_empty() {
            return rest;
        }
        let len = items.len() as u32;
        items.push(rest);
        let run = self.heap.push_cells(items);
        Cell::OpenList(crate::heap::Run { start: run.start, len })
    }

    /// `x := value`
    fn assign(&mut self, code: &Code, target: Operand, value: Operand) -> Outcome {
        let value = self.load(code, value)?;
        let cell = self.load(code, target)?;
        let Operand::Slot(slot) = target else {
            return Err(fail(ErrorKind::Type, "`:=` needs a variable on its left"));
        };
        let own = Variable(self.m.regs.env + slot.0);
        if cell == value && matches!(cell, Cell::Variable(_)) {
            return Ok(true);
        }
        if cell != Cell::Variable(own) || self.heap.own(own) != Cell::Variable(own) {
            let known = match cell {
                Cell::Variable(_) => "something is already known of this one".to_owned(),
                value => format!("this one is already {}", self.show(value)),
            };
            let message = format!("`:=` needs an unbound variable, but {known}");
            return Err(fail(ErrorKind::Type, message));
        }
        self.unify(cell, value)
    }

    /// A value used as a condition.
    fn truth(&mut self, value: Cell) -> Outcome {
        match value {
            Cell::Boolean(value) => Ok(value),
            Cell::Variable(_) => self.unify(value, Cell::Boolean(true)),
            value => {
                let shown = self.show(value);
                let message = format!("{shown} is neither true nor false, so it cannot be a condition");
                self.unknown(fail(ErrorKind::Type, message))
            }
        }
    }

    /// Runs block `next` and leaves those up to `end` for later.
    pub(super) fn alternative(&mut self, next: u32, end: u32) -> Outcome {
        let at = self.m.regs.pc - 1;
        let (code, _) = self.cx.code_at(at);
        if next + 1 < end {
            let choice = self.choice(ChoiceKind::Or { next: next + 1, end });
            self.m.choices.push(choice);
        }
        let Some(block) = code.blocks.get(next as usize) else { return Ok(false) };
        self.enter_goals(block.goals, at, FrameKind::Return);
        Ok(true)
    }

    /// Pushes a frame for what follows and goes to a run of goals of the same clause.
    pub(super) fn enter_goals(&mut self, goals: crate::ir::Span32, at: u32, kind: FrameKind) {
        let base = self.cx.base_of(at);
        let frame = self.push_frame(kind);
        self.m.regs.frame = frame;
        self.m.regs.pc = base + goals.start;
        self.m.regs.end = base + goals.end();
    }

    pub(super) fn push_frame(&mut self, kind: FrameKind) -> u32 {
        let (trail, delays) = (self.heap.bindings(), self.m.delays.len() as u32);
        self.push_frame_since(kind, trail, delays)
    }

    /// The same, where bindings and conditions count from then on.
    #[inline]
    pub(super) fn push_frame_since(&mut self, kind: FrameKind, trail: u32, delays: u32) -> u32 {
        self.m.frames.push(Frame { regs: self.m.regs, kind, trail, delays });
        self.m.frames.len() as u32 - 1
    }

    /// A choice that comes back to this very moment.
    pub(super) fn choice(&mut self, kind: ChoiceKind) -> Choice {
        Choice {
            kind,
            regs: self.m.regs,
            mark: self.heap.mark(),
            frames: self.m.frames.len() as u32,
            delays: self.m.delays.len() as u32,
            order: self.m.order.len() as u32,
            cursors: self.m.cursors.len() as u32,
            observer: self.observer.mark(),
        }
    }

    /// A run of goals is done: goes on with its frame.
    pub(super) fn leave(&mut self) -> Outcome {
        let index = self.m.regs.frame;
        let Some(frame) = self.m.frames.get(index as usize).copied() else { return Ok(true) };
        match frame.kind {
            FrameKind::Wake { delay } => return self.check_delay(delay, frame.regs),
            FrameKind::Negation { barrier, pc } => {
                return self.negation_answered(barrier, pc, frame.regs.env);
            }
            FrameKind::Table { table } => return self.table_answered(table, frame.regs),
            FrameKind::Commit { height } => {
                if self.m.delays.len() as u32 == frame.delays {
                    self.m.choices.truncate(height as usize);
                }
            }
            FrameKind::Return | FrameKind::Resume => {}
        }
        self.return_to(frame.regs);
        // A frame that no choice can return to is not needed any more.
        let kept = self.m.choices.last().map_or(0, |choice| choice.frames);
        if index as usize + 1 == self.m.frames.len() && kept <= index {
            self.m.frames.pop();
        }
        Ok(true)
    }

    /// Goes on with a frame's registers.
    pub(super) fn return_to(&mut self, regs: Registers) {
        if regs.depth < self.m.regs.depth && self.m.regs.rule != NONE {
            self.observer.exit(RuleId(self.m.regs.rule), regs.depth);
        }
        self.m.regs = regs;
    }

    /// Goes back to the latest choice that still has something to try; false where there is none.
    fn backtrack(&mut self) -> Outcome {
        while let Some(choice) = self.m.choices.pop() {
            self.observer.backtrack(choice.observer);
            self.heap.cut_back(&choice.mark);
            self.m.frames.truncate(choice.frames as usize);
            self.m.delays.truncate(choice.delays as usize);
            self.m.order.truncate(choice.order as usize);
            self.m.cursors.truncate(choice.cursors as usize);
            self.m.regs = choice.regs;
            if self.retry(choice)? {
                if !self.heap.store.woken.is_empty() {
                    self.wake();
                }
                return Ok(true);
            }
            // An item that does not fit is a step too: a host's items may be without end.
            self.tick()?;
        }
        Ok(false)
    }

    /// Tries what a choice has left. It has been taken off the stack and the state is as it was when it was made.
    pub(super) fn retry(&mut self, choice: Choice) -> Outcome {
        let height = self.m.choices.len();
        let outcome = match choice.kind {
            ChoiceKind::Clauses { list, next, args, arity, in_doubt } => {
                if in_doubt {
                    self.doubt();
                }
                return self.try_clauses(list, next, args, arity, choice.regs);
            }
            ChoiceKind::Facts { cursor, call } => return self.next_fact(cursor, call),
            ChoiceKind::Or { next, end } => self.alternative(next, end),
            ChoiceKind::Negation { is_doubtful } => Ok(!is_doubtful || self.doubt()),
            ChoiceKind::Items { collection, element } => self.items(element, collection),
            ChoiceKind::Entries { collection, element, next } => self.entries(element, collection, next),
            ChoiceKind::Fields { collection, key, out, next } => self.fields(collection, key, out, next),
            ChoiceKind::Characters { text, element, next } => self.characters(element, text, next),
            ChoiceKind::Cursor { cursor, element } => self.cursor(element, cursor),
            ChoiceKind::Named { variable, type_id, next } => {
                self.name_from(variable, type_id.index() as u16, next)
            }
            ChoiceKind::Types { variable, next } => self.leave_open_from(variable, next),
            ChoiceKind::Round { table, args } => self.round_over(table, args),
            ChoiceKind::Answers { table, next, args, arity } => self.table_answers(table, next, args, arity),
        };
        self.park_choice(outcome, height, choice)
    }

    /// Where the host answers later, puts the choice back so that it is tried again then.
    pub(super) fn park_choice(&mut self, outcome: Outcome, height: usize, choice: Choice) -> Outcome {
        match outcome {
            Err(Stop::Later(ticket)) if self.m.parked.is_none() => {
                self.m.choices.truncate(height);
                self.m.choices.push(choice);
                self.m.parked = Some((Parked::Choice, ticket));
            }
            Err(_) => {}
            Ok(_) => self.clear_log(),
        }
        outcome
    }

    /// Registers for goals outside any rule, after which `frame` goes on.
    pub(super) fn between(&self, frame: u32) -> Registers {
        Registers { pc: 0, end: 0, frame, ..self.m.regs }
    }
}
