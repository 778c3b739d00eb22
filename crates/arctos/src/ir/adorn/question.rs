//! The clause that asks a question.

use arctos_syntax::Span;

use super::nature::Nature;
use super::order::{Rank, Ranking, Tier};
use super::scope::Scope;
use super::{Asked, Builder, Kind, Origin, Shape};
use crate::ir::{Clause, Goal, Operand, Param, PredicateId, Slot, Span32, Specificity};
use crate::symbol::Symbol;

/// A goal of a question.
struct Call {
    of: Of,
    args: Vec<Operand>,
}

/// What a question calls.
#[derive(Clone, Copy)]
enum Of {
    /// The facts that say which values are given for a variable, as a copy.
    Given(PredicateId),
    /// A predicate of the program.
    Rule(PredicateId),
}

impl Builder<'_> {
    /// Writes the clause that asks, as the only one of a predicate of its own; and facts for the values given for variables.
    pub(super) fn question(&mut self, shape: &Shape) -> Option<(PredicateId, Vec<PredicateId>)> {
        let width = shape.variables.len();
        let question = self.add(Origin::Question, vec![Kind::OPEN; width].into());
        let mut scope = Scope::new(width);
        let (mut calls, mut given) = (Vec::new(), Vec::new());
        for (asked, slot) in shape.variables.iter().zip((0..).map(Slot)) {
            match *asked {
                Asked::Known(class) => {
                    scope.bind(slot);
                    scope.note(slot, class);
                }
                Asked::OfClass(class) => _ = scope.note(slot, class),
                Asked::Given => {
                    let facts = self.add(Origin::Given, [Kind::OPEN].into());
                    given.push(facts);
                    calls.push(Call { of: Of::Given(facts), args: vec![Operand::Slot(slot)] });
                }
            }
        }
        calls.extend(shape.calls.iter().map(|(predicate, variables)| {
            let args = variables.iter().map(|variable| Operand::Slot(Slot(*variable))).collect();
            Call { of: Of::Rule(*predicate), args }
        }));
        let body = self.calls(calls, &mut scope, shape.given_first)?;
        let param = |slot| Param {
            operand: Operand::Slot(slot),
            first: true,
            pattern: None,
            specificity: Specificity::None,
        };
        self.clauses.push(Clause {
            predicate: question,
            params: (0..width as u32).map(|slot| param(Slot(slot))).collect(),
            slots: vec![Symbol(0); width],
            body,
            origin: Span::default(),
            is_shorthand: false,
            recursion: None,
        });
        Some((question, given))
    }

    /// Writes the calls of a question; `None` where one that is not closed means something else when it is open.
    fn calls(&mut self, mut calls: Vec<Call>, scope: &mut Scope, as_they_are: bool) -> Option<Span32> {
        let code = &self.program.code;
        let mut goals = Vec::with_capacity(calls.len());
        while !calls.is_empty() {
            let place = if as_they_are { 0 } else { self.best(&calls, scope) };
            let Call { of, args } = calls.remove(place);
            let kinds: Vec<Kind> = args.iter().map(|arg| scope.operand(code, *arg)).collect();
            let called = match of {
                Of::Given(facts) => facts,
                Of::Rule(of) => {
                    let is_closed = kinds.iter().all(|kind| kind.is_bound);
                    if !is_closed && self.natures.predicate(of) == Nature::Fixed {
                        return None;
                    }
                    self.copy(of, kinds)
                }
            };
            let start = self.code.operands.len() as u32;
            for arg in args {
                if let Operand::Slot(slot) = arg {
                    scope.bind(slot);
                }
                self.code.operands.push(arg);
            }
            let len = self.code.operands.len() as u32 - start;
            goals.push(Goal::Call(called, Span32 { start, len }));
        }
        let start = self.code.goals.len() as u32;
        let len = goals.len() as u32;
        self.code.spans.resize(start as usize + goals.len(), Span::default());
        self.code.goals.extend(goals);
        Some(Span32 { start, len })
    }

    /// The call that runs next.
    fn best(&self, calls: &[Call], scope: &Scope) -> usize {
        let ranking = Ranking(&self.program.code);
        let mut best: Option<(Rank, usize)> = None;
        for (place, call) in calls.iter().enumerate() {
            let (is_pure, otherwise) = match call.of {
                Of::Given(_) => (true, Some(Tier::Given)),
                Of::Rule(of) => (self.natures.predicate(of) == Nature::Pure, None),
            };
            let rank = ranking.rank_call(&call.args, scope, otherwise);
            if (is_pure || place == 0) && best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, place));
            }
        }
        best.map_or(0, |(_, place)| place)
    }
}
