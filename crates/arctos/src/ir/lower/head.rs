//! Lowering of rule heads, and which variables a run of goals mentions.

use arctos_syntax::tree;

use super::Lowering;
use crate::ir::slots::{each_direct_slot, each_goal_slot, each_pattern_slot, each_slot};
use crate::ir::{Operand, Param, Pattern, Slot, Span32, Specificity};

impl Lowering<'_> {
    /// Lowers a rule: its parameters and its body.
    pub(super) fn rule(&mut self, rule: &tree::Rule) -> (Vec<Param>, Span32) {
        let from = self.pending.len();
        self.seen.clear();
        let params: Vec<Param> = rule.head.params.iter().map(|param| self.param(param)).collect();
        let of_head: Vec<_> = self.pending.drain(from..).collect();
        if let Some(body) = &rule.body {
            self.condition(body);
        }
        self.pending.extend(of_head);
        let body = self.flush(from);
        self.find_locals(&params);
        (params, body)
    }

    /// Finds the variables of each negated block that stand nowhere else in the rule.
    ///
    /// PERF: a block's goals are one run, so the first and the last goal that mention a variable tell whether it stands
    /// outside: one look at each goal, however many negations there are.
    fn find_locals(&mut self, params: &[Param]) {
        if self.negations.is_empty() {
            return;
        }
        let mut places: Vec<Option<(usize, usize)>> = vec![None; self.slots.len()];
        let mut note = |slot: Slot, place: usize| {
            if let Some(known) = places.get_mut(slot.0 as usize) {
                let (first, last) = known.unwrap_or((place, place));
                *known = Some((first.min(place), last.max(place)));
            }
        };
        for param in params {
            // No goal stands there: a variable of the head is local to no block.
            each_slot(self.code, param.operand, &mut |slot| note(slot, usize::MAX));
            if let Some(pattern) = param.pattern {
                each_pattern_slot(self.code, pattern, &mut |slot| note(slot, usize::MAX));
            }
        }
        for (place, goal) in self.code.goals.iter().enumerate().skip(self.first_goal) {
            each_direct_slot(self.code, goal, &mut |slot| note(slot, place));
        }
        for (block, inside) in self.negations.drain(..) {
            if let Some(block) = self.code.blocks.get_mut(block as usize) {
                let is_local = |slot: &Slot| match places.get(slot.0 as usize) {
                    Some(Some((first, last))) => inside.contains(first) && inside.contains(last),
                    _ => true,
                };
                block.local = block.slots.iter().copied().filter(is_local).collect();
            }
        }
    }

    /// Lookups, calls and arithmetic in a parameter run last in the body: it may bind what they are about.
    fn param(&mut self, param: &tree::Param) -> Param {
        let operand = self.term(&param.term);
        let first = match operand {
            Operand::Slot(slot) => note(&mut self.seen, slot),
            Operand::Anonymous => true,
            _ => {
                each_slot(self.code, operand, &mut |slot| _ = note(&mut self.seen, slot));
                false
            }
        };
        let pattern = param.specializer.as_ref().map(|pattern| self.pattern(pattern, true));
        if let Some(pattern) = pattern {
            each_pattern_slot(self.code, pattern, &mut |slot| _ = note(&mut self.seen, slot));
        }
        let specificity =
            pattern.map_or(Specificity::None, |id| match self.code.patterns.get(id.0 as usize) {
                Some(Pattern::Instance(tag, fields)) => Specificity::Class(*tag, fields.len() as u32),
                Some(Pattern::Dictionary(fields)) => Specificity::Fields(fields.len() as u32),
                _ => Specificity::Other,
            });
        Param { operand, first, pattern, specificity }
    }

    /// The variables that a run of goals mentions, in order of their slots.
    pub(super) fn slots_of(&self, goals: Span32) -> Vec<Slot> {
        let mut slots = Vec::new();
        for goal in self.code.goals.get(goals.range()).unwrap_or(&[]) {
            each_goal_slot(self.code, goal, &mut |slot| slots.push(slot));
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}

/// Notes a variable; true when it was not noted before.
fn note(seen: &mut Vec<bool>, slot: Slot) -> bool {
    let place = slot.0 as usize;
    if seen.len() <= place {
        seen.resize(place + 1, false);
    }
    seen.get_mut(place).is_some_and(|noted| !std::mem::replace(noted, true))
}
