//! Which goal of a conjunction runs next.
//!
//! Greedy: first what only tests, since it costs one look and may end the way; then calls that know an entity, then those whose values
//! are given with the question, then those that know constants only, and last those that know nothing.

use std::cmp::Reverse;

use arctos_syntax::Span;

use super::nature::{Kinds, Nature, Natures};
use super::scope::{Scope, is_class_test};
use crate::ir::{Code, Goal, Operand, Span32};
use crate::schema::ClassId;

/// More goals than so many stay as they are written.
const MOST_GOALS: usize = 64;

/// How soon a goal should run; the least first.
pub(super) type Rank = (Tier, Reverse<usize>, Reverse<usize>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Nothing is open.
    Test,
    /// Nothing is open in any alternative.
    Tests,
    Entity,
    Given,
    Constants,
    Nothing,
}

/// A goal that has not run yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) goal: Goal,
    pub(super) span: Span,
    pub(super) nature: Nature,
    /// What the goals before it in the source have told, for those in its blocks.
    pub(super) kinds: Kinds,
}

impl Waiting {
    /// Goals as they are written.
    pub(super) fn all(natures: &Natures<'_>, mut kinds: Kinds, goals: Vec<(Goal, Span)>) -> Vec<Waiting> {
        let waiting = |(goal, span)| {
            let before = match goal {
                Goal::Not(_) | Goal::Or(_) => kinds.clone(),
                _ => Kinds::default(),
            };
            Waiting { goal, span, nature: natures.goal(&goal, &mut kinds), kinds: before }
        };
        goals.into_iter().map(waiting).collect()
    }
}

/// Ranks goals of a code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranking<'a>(pub(super) &'a Code);

impl Ranking<'_> {
    /// The place of the goal that runs next.
    pub(super) fn next(&self, waiting: &[Waiting], scope: &Scope) -> usize {
        if waiting.len() > MOST_GOALS {
            return 0;
        }
        let mut best: Option<(Rank, usize)> = None;
        for (place, other) in waiting.iter().enumerate() {
            if place > 0 && other.nature > Nature::Pure {
                continue;
            }
            if let Some(rank) = self.rank(&other.goal, scope)
                && best.is_none_or(|(least, _)| rank < least)
            {
                best = Some((rank, place));
            }
        }
        // What is left has variables that nothing binds: what tells their types comes first.
        let of_class = |waiting: &Waiting| match waiting.goal {
            Goal::Match(_, pattern) => is_class_test(self.0, pattern),
            _ => false,
        };
        best.map_or_else(|| waiting.iter().position(of_class).unwrap_or(0), |(_, place)| place)
    }

    /// How soon a goal should run; `None` where that is not before other goals have told more.
    fn rank(&self, goal: &Goal, scope: &Scope) -> Option<Rank> {
        let test = (Tier::Test, Reverse(0), Reverse(0));
        match *goal {
            Goal::Call(_, args) => Some(self.rank_call(self.0.operands(args), scope, None)),
            Goal::Or(blocks) => self.rank_alternatives(goal, blocks, scope),
            Goal::Not(block) => {
                let block = self.0.blocks.get(block as usize)?;
                scope.knows_around(block).then_some(test)
            }
            Goal::Unify(left, right) => {
                let is_known = scope.knows(self.0, left) || scope.knows(self.0, right);
                is_known.then_some(test)
            }
            Goal::In(element, list @ Operand::List(_)) => match scope.knows(self.0, list) {
                true if scope.knows(self.0, element) => Some(test),
                true => Some((Tier::Given, Reverse(0), Reverse(0))),
                false => None,
            },
            Goal::Match(value, pattern) if !is_class_test(self.0, pattern) => {
                scope.knows(self.0, value).then_some(test)
            }
            Goal::Arithmetic(_, left, right, _) | Goal::LookupDynamic(left, right, _) => {
                let is_known = scope.knows(self.0, left) && scope.knows(self.0, right);
                is_known.then_some(test)
            }
            Goal::Lookup(object, ..) | Goal::Method(object, ..) => {
                scope.knows(self.0, object).then_some(test)
            }
            Goal::New(..) => Some(test),
            _ => scope.knows_all(self.0, goal).then_some(test),
        }
    }

    /// How soon a call should run; `tier` is what it is worth where it knows no entity.
    pub(super) fn rank_call(&self, args: &[Operand], scope: &Scope, otherwise: Option<Tier>) -> Rank {
        let (mut entities, mut plain, mut open) = (0, 0, 0);
        for operand in args {
            let kind = scope.operand(self.0, *operand);
            match kind.class {
                _ if !kind.is_bound => open += 1,
                Some(ClassId::STRING | ClassId::INTEGER | ClassId::BOOLEAN) => plain += 1,
                _ => entities += 1,
            }
        }
        match otherwise {
            _ if open == 0 => (Tier::Test, Reverse(0), Reverse(0)),
            _ if entities > 0 => (Tier::Entity, Reverse(entities), Reverse(plain)),
            Some(tier) => (tier, Reverse(0), Reverse(plain)),
            None if plain > 0 => (Tier::Constants, Reverse(0), Reverse(plain)),
            None => (Tier::Nothing, Reverse(0), Reverse(0)),
        }
    }

    /// Alternatives are as good as the worst of them, and an alternative as the best of its goals.
    fn rank_alternatives(&self, goal: &Goal, blocks: Span32, scope: &Scope) -> Option<Rank> {
        if scope.knows_all(self.0, goal) {
            return Some((Tier::Tests, Reverse(0), Reverse(0)));
        }
        let alternatives = self.0.blocks.get(blocks.range())?;
        let best_of = |goals: Span32| {
            let goals = self.0.goals.get(goals.range()).unwrap_or(&[]);
            let generating = goals.iter().filter(|goal| !scope.knows_all(self.0, goal));
            generating.filter_map(|goal| self.rank(goal, scope)).min()
        };
        let worst = alternatives.iter().filter_map(|block| best_of(block.goals)).max();
        Some(worst.unwrap_or((Tier::Nothing, Reverse(0), Reverse(0))))
    }
}
