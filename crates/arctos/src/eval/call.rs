//! Rule calls: finding clauses, ordering them, entering one.

use super::{
    Candidates, Choice, ChoiceKind, Evaluation, FactCall, FrameKind, Mode, NONE, Outcome, Parked, Registers,
    Stop, exhausted,
};
use crate::facts::Atom;
use crate::heap::{Cell, TextId, Variable};
use crate::host::{Host, Lineage};
use crate::ir::{
    Clause, Code, Key, Operand, Param, Pattern, PredicateId, Span32, Specificity, Tag, order_rules,
};
use crate::limits::Limit;
use crate::observe::Observer;
use crate::policy::RuleId;
use crate::schema::ClassId;
use crate::symbol::Symbol;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Calls a predicate with operands of the goal's clause.
    pub(super) fn call(&mut self, code: &Code, predicate: PredicateId, args: Span32) -> Outcome {
        // PERF: loading an argument may itself put cells on the heap, so they are gathered first, without allocation
        // for the usual few.
        let mut few = [Cell::Nil; 6];
        let mut many = Vec::new();
        let cells = match few.get_mut(..args.len as usize) {
            Some(few) => few,
            None => {
                many.resize(args.len as usize, Cell::Nil);
                many.as_mut_slice()
            }
        };
        for (cell, operand) in cells.iter_mut().zip(code.operands(args)) {
            *cell = self.load(code, *operand)?;
        }
        let run = self.heap.push_cells(cells.iter().copied());
        self.call_with(predicate, run.start, args.len)
    }

    /// Calls a predicate with a run of cells.
    pub(super) fn call_with(&mut self, predicate: PredicateId, args: u32, arity: u32) -> Outcome {
        let program = self.cx.program;
        let Some(target) = program.predicates.get(predicate.0 as usize) else { return Ok(false) };
        let Some(leaf) = target.index.find(|position| self.key(args + position)) else { return Ok(false) };
        if target.index.leaf(leaf).is_some_and(|leaf| leaf.recursive) {
            if target.has_facts && self.is_fact(predicate, args, arity)? {
                return Ok(true);
            }
            if self.is_apart() {
                return self.call_apart(predicate, leaf, args, arity);
            }
            return self.table_call(predicate, leaf, args, arity);
        }
        self.call_leaf(predicate, leaf, args, arity)
    }

    /// Tries the facts, then the clauses of an index leaf, in the order these arguments give.
    pub(super) fn call_leaf(&mut self, predicate: PredicateId, leaf: u32, args: u32, arity: u32) -> Outcome {
        if self.cx.program.predicates.get(predicate.0 as usize).is_some_and(|called| called.has_facts) {
            return self.call_facts(FactCall { predicate, leaf, args, arity });
        }
        self.call_clauses(predicate, leaf, args, arity)
    }

    /// Tries the clauses of an index leaf after the facts.
    pub(super) fn call_clauses(
        &mut self,
        predicate: PredicateId,
        leaf: u32,
        args: u32,
        arity: u32,
    ) -> Outcome {
        let list = self.candidates(predicate, leaf, args);
        self.try_clauses(list, 0, args, arity, self.m.regs)
    }

    fn key(&mut self, arg: u32) -> Key {
        self.key_of(self.heap.resolve(self.heap.cell(arg)))
    }

    /// What the index may know of an argument.
    #[inline]
    pub(crate) fn key_of(&mut self, arg: Cell) -> Key {
        match arg {
            Cell::Text(id) if (id.0 as usize) < self.heap.symbols().len() => Key::Text(Symbol(id.0)),
            Cell::Text(_) => Key::Core(ClassId::STRING),
            Cell::Integer(value) => Key::Integer(value),
            Cell::Boolean(value) => Key::Boolean(value),
            Cell::Float(_) => Key::Core(ClassId::FLOAT),
            Cell::List(_) | Cell::OpenList(_) => Key::Core(ClassId::LIST),
            Cell::Dictionary(_) => Key::Core(ClassId::DICTIONARY),
            Cell::Nil => Key::Nil,
            Cell::Object(index) => match self.heap.host_object(index).map(|object| self.host.lineage(object))
            {
                Some(Lineage::Class(class)) if class.index() > ClassId::DICTIONARY.index() => {
                    Key::Object(class)
                }
                Some(Lineage::None) | None => Key::ObjectOther,
                Some(_) => Key::Any,
            },
            Cell::Entity(atom) => self.class_of(atom).map_or(Key::ObjectOther, Key::Object),
            Cell::Variable(_) | Cell::Awaited(_) => Key::Any,
        }
    }

    fn class_of(&self, entity: Atom) -> Option<ClassId> {
        self.heap.link()?.class_of(entity)
    }

    fn candidates(&mut self, predicate: PredicateId, leaf_id: u32, args: u32) -> Candidates {
        let as_is = Candidates::Leaf { predicate: predicate.0, leaf: leaf_id };
        let leaf = self.cx.program.predicates.get(predicate.0 as usize).and_then(|p| p.index.leaf(leaf_id));
        let Some(leaf) = leaf.filter(|leaf| leaf.ordered_by_arguments) else { return as_is };
        let start = self.m.order.len();
        for rule in &leaf.clauses {
            if self.plausible(*rule, args) && self.fits_at_sight(*rule, args) {
                self.m.order.push(*rule);
            }
        }
        self.sort(start, args);
        Candidates::Ordered { start: start as u32, len: (self.m.order.len() - start) as u32 }
    }

    /// False where a class or a literal after a parameter's colon rules the clause out. What does not apply must not
    /// take part in the order, since rules that cannot be compared keep others from moving.
    ///
    /// DIVERGENCE: the classic library also leaves out clauses whose dictionary patterns do not match. Asking the host
    /// for fields before it is a clause's turn would cost every call; the migration chapter lists it.
    fn fits_at_sight(&mut self, rule: RuleId, args: u32) -> bool {
        let program = self.cx.program;
        let Some(clause) = program.clause(rule) else { return false };
        clause.params.iter().enumerate().all(|(position, param)| {
            let arg = self.heap.resolve(self.heap.cell(args + position as u32));
            if matches!(arg, Cell::Variable(_)) {
                return true;
            }
            match param.pattern.and_then(|pattern| program.code.patterns.get(pattern.0 as usize)) {
                Some(Pattern::Instance(tag, _)) => matches!(tag, Tag::Unknown(_)) || self.has_tag(arg, *tag),
                Some(Pattern::Value(literal)) => may_equal(*literal, arg),
                _ => true,
            }
        })
    }

    /// Orders the rules from `start` on by [`Self::more_specific`].
    fn sort(&mut self, start: usize, args: u32) {
        let mut order = std::mem::take(&mut self.m.order);
        order_rules(order.get_mut(start..).unwrap_or(&mut []), |left, right| {
            self.more_specific(left, right, args)
        });
        self.m.order = order;
    }

    fn more_specific(&mut self, left: RuleId, right: RuleId, args: u32) -> bool {
        let program = self.cx.program;
        program.more_specific(left, right, |place, left, right| {
            let arg = self.heap.resolve(self.heap.cell(args + place as u32));
            self.compare_specificity(left, right, arg)
        })
    }

    /// True when the left one of two specializers is the more specific. Two that cannot be compared keep their order.
    fn compare_specificity(&mut self, left: Specificity, right: Specificity, arg: Cell) -> bool {
        let object = match arg {
            Cell::Object(index) => self.heap.host_object(index),
            Cell::Entity(atom) => {
                let class = self.class_of(atom);
                let lineage = class.map_or(&[][..], |class| self.cx.program.schema.lineage(class));
                return left.is_before(right, true, lineage);
            }
            _ => None,
        };
        let lineage = match object.map(|object| self.host.lineage(object)) {
            None | Some(Lineage::None) => &[],
            Some(Lineage::Class(class)) => self.cx.program.schema.lineage(class),
            Some(Lineage::Mixed(classes)) => classes,
        };
        left.is_before(right, object.is_some(), lineage)
    }

    /// The rules that a call may use, in the order in which it tries them.
    pub(crate) fn rules_for(&mut self, predicate: PredicateId, args: u32) -> Vec<RuleId> {
        let Some(target) = self.cx.program.predicates.get(predicate.0 as usize) else { return Vec::new() };
        let leaf = target.index.find(|position| self.key(args + position));
        let Some(list) = leaf.map(|leaf| self.candidates(predicate, leaf, args)) else { return Vec::new() };
        let mut rules = Vec::new();
        let mut at = self.next_plausible(list, 0, args);
        while let Some((place, rule)) = at {
            rules.push(rule);
            at = self.next_plausible(list, place + 1, args);
        }
        rules
    }

    fn candidate(&self, list: Candidates, place: u32) -> Option<RuleId> {
        match list {
            Candidates::Leaf { predicate, leaf } => {
                let leaf = self.cx.program.predicates.get(predicate as usize)?.index.leaf(leaf)?;
                leaf.clauses.get(place as usize).copied()
            }
            Candidates::Ordered { start, len } if place < len => {
                self.m.order.get((start + place) as usize).copied()
            }
            Candidates::Ordered { .. } => None,
        }
    }

    /// False only where a constant of the clause's head rules the call out without asking anyone.
    fn plausible(&self, rule: RuleId, args: u32) -> bool {
        let Some(clause) = self.cx.program.clause(rule) else { return false };
        clause.params.iter().enumerate().all(|(position, param)| {
            let arg = self.heap.resolve(self.heap.cell(args + position as u32));
            if let Some(pattern) = param.pattern
                && matches!(self.cx.program.code.patterns.get(pattern.0 as usize), Some(Pattern::List(..)))
                && !matches!(arg, Cell::List(_) | Cell::OpenList(_) | Cell::Variable(_))
            {
                return false;
            }
            match (param.operand, arg) {
                (Operand::Text(symbol), Cell::Text(id)) => id == TextId(symbol.0),
                (Operand::Text(_), Cell::Integer(_) | Cell::Boolean(_) | Cell::Nil | Cell::Entity(_)) => {
                    false
                }
                (Operand::Integer(a), Cell::Integer(b)) => a == b,
                (Operand::Integer(_), Cell::Text(_) | Cell::Boolean(_) | Cell::Nil | Cell::Entity(_)) => {
                    false
                }
                _ => true,
            }
        })
    }

    fn next_plausible(&self, list: Candidates, mut place: u32, args: u32) -> Option<(u32, RuleId)> {
        while let Some(rule) = self.candidate(list, place) {
            if self.plausible(rule, args) {
                return Some((place, rule));
            }
            place += 1;
        }
        None
    }

    /// Tries clauses from `place` on; what is left after the one entered becomes a choice.
    pub(super) fn try_clauses(
        &mut self,
        list: Candidates,
        place: u32,
        args: u32,
        arity: u32,
        caller: Registers,
    ) -> Outcome {
        let height = self.m.choices.len();
        let kind = self.frame_kind(args, arity, height as u32);
        let mut at = self.next_plausible(list, place, args);
        if at.is_none() {
            return Ok(false);
        }
        self.m.regs = caller;
        let mut choice = self.choice(ChoiceKind::Clauses { list, next: 0, args, arity, in_doubt: false });
        while let Some((place, rule)) = at {
            let next = self.next_plausible(list, place + 1, args);
            if let Some((next, _)) = next {
                choice.kind = ChoiceKind::Clauses { list, next, args, arity, in_doubt: false };
                self.m.choices.push(choice);
            }
            match self.enter(rule, args, height as u32, kind) {
                Ok(true) => {
                    self.clear_log();
                    return Ok(true);
                }
                Ok(false) => self.undo_attempt(&choice, height),
                Err(Stop::Later(ticket)) => {
                    self.m.choices.truncate(height);
                    choice.kind = ChoiceKind::Clauses { list, next: place, args, arity, in_doubt: false };
                    self.m.choices.push(choice);
                    self.m.parked = Some((Parked::Choice, ticket));
                    return Err(Stop::Later(ticket));
                }
                Err(stop) => return Err(stop),
            }
            at = next;
        }
        Ok(false)
    }

    pub(super) fn undo_attempt(&mut self, choice: &Choice, height: usize) {
        self.m.choices.truncate(height);
        self.observer.backtrack(choice.observer);
        self.heap.cut_back(&choice.mark);
        self.m.frames.truncate(choice.frames as usize);
        self.m.delays.truncate(choice.delays as usize);
        self.m.regs = choice.regs;
        self.clear_log();
    }

    /// True where one proof of a ground goal is enough.
    #[inline]
    pub(super) fn wants_one_proof(&self) -> bool {
        self.m.mode != Mode::Enumerate || self.m.regs.negations > 0
    }

    /// Where only the first proof of a ground goal counts, its other choices are dropped once it has succeeded. A proof that leaves
    /// a condition open is not enough.
    fn frame_kind(&self, args: u32, arity: u32, height: u32) -> FrameKind {
        let ground = |arg: u32| {
            let cell = self.heap.resolve(self.heap.cell(arg));
            !matches!(cell, Cell::Variable(_) | Cell::List(_) | Cell::OpenList(_) | Cell::Dictionary(_))
        };
        if self.wants_one_proof() && (args..args + arity).all(ground) {
            FrameKind::Commit { height }
        } else {
            FrameKind::Return
        }
    }

    /// Matches a clause's head and goes to its body.
    fn enter(&mut self, rule: RuleId, args: u32, height: u32, kind: FrameKind) -> Outcome {
        let Some(clause) = self.cx.program.clause(rule) else { return Ok(false) };
        let (caller, trail, delays) = (self.m.regs, self.heap.bindings(), self.m.delays.len() as u32);
        if caller.depth >= self.cx.limits.depth {
            return Err(exhausted(Limit::Depth, self.cx.limits));
        }
        let env = self.heap.fresh(clause.slots.len() as u32);
        self.m.regs.env = env.0;
        self.m.regs.rule = rule.0;
        if !self.head(clause, args, env)? {
            return Ok(false);
        }
        self.observer.matched(rule, caller.depth, env);
        self.observer.enter(rule, caller.depth);
        self.m.regs = caller;
        if clause.body.len == 0 {
            if let FrameKind::Commit { height } = kind
                && self.m.delays.len() as u32 == delays
                && self.heap.store.woken.is_empty()
            {
                self.m.choices.truncate(height as usize);
            }
            self.observer.exit(rule, caller.depth);
            return Ok(true);
        }
        let frame = self.push_frame_since(kind, trail, delays);
        self.m.regs = Registers {
            pc: clause.body.start,
            end: clause.body.end(),
            env: env.0,
            cut: height,
            frame,
            rule: rule.0,
            depth: caller.depth + 1,
            negations: caller.negations,
        };
        Ok(true)
    }

    pub(super) fn head(&mut self, clause: &Clause, args: u32, env: Variable) -> Outcome {
        let code = &self.cx.program.code;
        for (position, param) in clause.params.iter().enumerate() {
            let arg = self.heap.resolve(self.heap.cell(args + position as u32));
            if !self.param(code, param, arg, env)? {
                return Ok(false);
            }
            if let Some(pattern) = param.pattern
                && !self.matches(arg, pattern, code, NONE)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn param(&mut self, code: &Code, param: &Param, arg: Cell, env: Variable) -> Outcome {
        match param.operand {
            Operand::Slot(slot) if param.first => {
                self.heap.initialise(Variable(env.0 + slot.0), arg);
                Ok(true)
            }
            Operand::Anonymous => Ok(true),
            operand => {
                let cell = self.load(code, operand)?;
                self.unify(arg, cell)
            }
        }
    }
}

/// False for a literal that a value is not, whatever the host calls equal.
pub(crate) fn may_equal(literal: Operand, value: Cell) -> bool {
    match literal {
        Operand::Text(symbol) => match value {
            Cell::Text(id) => id == TextId(symbol.0),
            value => matches!(value, Cell::Object(_)),
        },
        Operand::Integer(literal) => match value {
            Cell::Integer(value) => value == literal,
            value => matches!(value, Cell::Object(_) | Cell::Float(_)),
        },
        _ => true,
    }
}
