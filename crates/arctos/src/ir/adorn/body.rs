//! A clause of a copy: its head, and its goals in order.

use arctos_syntax::Span;

use super::nature::{Kinds, Nature};
use super::order::{Ranking, Waiting};
use super::scope::{Scope, exact_class, is_class_test};
use super::{Builder, Kind};
use crate::ir::index::Accepts;
use crate::ir::slots::each_slot;
use crate::ir::{Block, Clause, Goal, Key, Operand, Param, PredicateId, Span32, Specificity};
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// Whether goals may change places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    AsWritten,
    BoundFirst,
}

impl Builder<'_> {
    /// A clause for a copy; `None` for one that nothing can match of which that is known.
    pub(super) fn clause(&mut self, clause: &Clause, copy: PredicateId, kinds: &[Kind]) -> Option<Clause> {
        let program = self.program;
        let pairs = || clause.params.iter().zip(kinds);
        if !pairs().all(|(param, kind)| kind.class.is_none_or(|class| self.accepts(param, class))) {
            return None;
        }
        let of_head = Kinds::of_head(program, clause);
        let goals = self.goals(clause.body);
        let is_fixed = Waiting::all(self.natures, of_head.clone(), goals.clone())
            .iter()
            .any(|goal| goal.nature == Nature::Fixed);
        let is_closed = kinds.iter().all(|kind| kind.is_bound);
        let order = if is_fixed || is_closed { Order::AsWritten } else { Order::BoundFirst };
        let mut slots = clause.slots.clone();
        let mut scope = Scope::new(slots.len());
        let mut params = Vec::with_capacity(clause.params.len());
        let mut waiting = Vec::new();
        for (param, kind) in pairs() {
            let mut param = *param;
            self.learn_param(&param, *kind, &mut scope)?;
            if order == Order::BoundFirst {
                param.specificity = Specificity::None;
                if let Some(test) = self.later(&mut param, *kind, &mut scope) {
                    waiting.push((test, clause.origin));
                }
            }
            params.push(param);
        }
        slots.resize(scope.len(), Symbol(0));
        if order == Order::BoundFirst && !scope.note_matches(program, clause.body) {
            return None;
        }
        waiting.extend(goals);
        let waiting = Waiting::all(self.natures, of_head, waiting);
        let body = self.conjunction(waiting, &mut scope, order);
        let Clause { origin, is_shorthand, .. } = *clause;
        Some(Clause { predicate: copy, params, slots, body, origin, is_shorthand, recursion: None })
    }

    /// True when a parameter may match values of a class.
    fn accepts(&self, param: &Param, class: ClassId) -> bool {
        match Accepts::of(param, &self.program.code) {
            Accepts::Constant(Key::Text(_)) => class == ClassId::STRING,
            Accepts::Constant(Key::Integer(_)) => class == ClassId::INTEGER,
            Accepts::Constant(Key::Boolean(_)) => class == ClassId::BOOLEAN,
            Accepts::Constant(_) => false,
            accepts => self.program.classes.may_match(accepts, Key::Object(class)),
        }
    }

    /// Notes what a head says of its variables; `None` where that cannot be.
    fn learn_param(&self, param: &Param, kind: Kind, scope: &mut Scope) -> Option<()> {
        if kind.is_bound {
            each_slot(&self.program.code, param.operand, &mut |slot| scope.bind(slot));
        }
        if let Operand::Slot(slot) = param.operand {
            let of_pattern = param.pattern.and_then(|pattern| exact_class(self.program, pattern));
            (scope.note(slot, kind.class) && scope.note(slot, of_pattern)).then_some(())?;
        }
        Some(())
    }

    /// Where an argument is open, its class is asked later, when it has a value.
    fn later(&self, param: &mut Param, kind: Kind, scope: &mut Scope) -> Option<Goal> {
        let pattern = param.pattern.filter(|pattern| is_class_test(&self.program.code, *pattern))?;
        let operand = match param.operand {
            _ if kind.is_bound => return None,
            operand @ Operand::Slot(_) => operand,
            Operand::Anonymous => Operand::Slot(scope.add()),
            _ => return None,
        };
        param.operand = operand;
        param.pattern = None;
        Some(Goal::Match(operand, pattern))
    }

    /// The goals of a run, with their places.
    fn goals(&self, run: Span32) -> Vec<(Goal, Span)> {
        let code = &self.program.code;
        let goals = code.goals.get(run.range()).unwrap_or(&[]);
        let spans = code.spans.get(run.range()).unwrap_or(&[]);
        goals.iter().copied().zip(spans.iter().copied()).collect()
    }

    /// Writes goals that must all hold.
    fn conjunction(&mut self, mut waiting: Vec<Waiting>, scope: &mut Scope, order: Order) -> Span32 {
        let ranking = Ranking(&self.program.code);
        let mut written = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let place = if order == Order::AsWritten { 0 } else { ranking.next(&waiting, scope) };
            let next = waiting.remove(place);
            written.push((self.goal(&next, scope, order), next.span));
        }
        let start = self.code.goals.len() as u32;
        let len = written.len() as u32;
        for (goal, span) in written {
            self.code.goals.push(goal);
            self.code.spans.push(span);
        }
        Span32 { start, len }
    }

    /// The goal as the copy has it; notes what is known after it.
    fn goal(&mut self, waiting: &Waiting, scope: &mut Scope, order: Order) -> Goal {
        let code = &self.program.code;
        let goal = match waiting.goal {
            Goal::Call(predicate, args) => {
                let kinds = code.operands(args).iter().map(|operand| scope.operand(code, *operand)).collect();
                Goal::Call(self.copy(predicate, kinds), args)
            }
            // Where goals stand in a negation decides what its own variables mean.
            Goal::Not(block) => {
                let mut inner = scope.clone();
                let block = self.block(block, &mut inner, &waiting.kinds, Order::AsWritten);
                self.code.blocks.push(block);
                Goal::Not(self.code.blocks.len() as u32 - 1)
            }
            Goal::Or(blocks) => {
                let mut alternatives = Vec::with_capacity(blocks.len as usize);
                let mut scopes = Vec::with_capacity(blocks.len as usize);
                for block in blocks.start..blocks.end() {
                    let mut inner = scope.clone();
                    alternatives.push(self.block(block, &mut inner, &waiting.kinds, order));
                    scopes.push(inner);
                }
                scope.learn_common(&scopes);
                let start = self.code.blocks.len() as u32;
                self.code.blocks.extend(alternatives);
                Goal::Or(Span32 { start, len: blocks.len })
            }
            goal => goal,
        };
        scope.learn(code, &waiting.goal);
        goal
    }

    fn block(&mut self, block: u32, scope: &mut Scope, kinds: &Kinds, order: Order) -> Block {
        let Some(block) = self.program.code.blocks.get(block as usize) else { return Block::default() };
        // A block that cannot hold is left as it is: it fails where it contradicts itself.
        if order == Order::BoundFirst {
            scope.note_matches(self.program, block.goals);
        }
        let waiting = Waiting::all(self.natures, kinds.clone(), self.goals(block.goals));
        let goals = self.conjunction(waiting, scope, order);
        Block { goals, slots: block.slots.clone(), local: block.local.clone() }
    }
}
