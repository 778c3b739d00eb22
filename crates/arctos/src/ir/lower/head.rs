//! Lowering of rule heads, and which variables a run of goals mentions.

use arctos_syntax::tree;
use rustc_hash::FxHashSet;

use super::Lowering;
use crate::ir::slots::{each_direct_slot, each_goal_slot, each_pattern_slot, each_slot};
use crate::ir::{Operand, Param, Pattern, PatternId, Slot, Span32, Specificity};

impl Lowering<'_> {
    /// Lowers a rule: its parameters and its body.
    pub(super) fn rule(&mut self, rule: &tree::Rule) -> (Vec<Param>, Span32) {
        let from = self.pending.len();
        let mut seen = FxHashSet::default();
        let params: Vec<Param> = rule.head.params.iter().map(|param| self.param(param, &mut seen)).collect();
        let of_head = self.pending.split_off(from);
        if let Some(body) = &rule.body {
            self.condition(body);
        }
        self.pending.extend(of_head);
        let body = self.flush(from);
        self.find_locals(&params);
        (params, body)
    }

    /// Finds the variables of each negated block that stand nowhere else in the rule.
    fn find_locals(&mut self, params: &[Param]) {
        for (block, inside) in std::mem::take(&mut self.negations) {
            let mut outside = FxHashSet::default();
            for param in params {
                self.note_slots(param.operand, &mut outside);
                if let Some(pattern) = param.pattern {
                    self.note_pattern_slots(pattern, &mut outside);
                }
            }
            for (place, goal) in self.code.goals.iter().enumerate().skip(self.first_goal) {
                if !inside.contains(&place) {
                    each_direct_slot(self.code, goal, &mut |slot| {
                        outside.insert(slot);
                    });
                }
            }
            if let Some(block) = self.code.blocks.get_mut(block as usize) {
                block.local = block.slots.iter().copied().filter(|slot| !outside.contains(slot)).collect();
            }
        }
    }

    /// Lookups, calls and arithmetic in a parameter run last in the body: it may bind what they are about.
    fn param(&mut self, param: &tree::Param, seen: &mut FxHashSet<Slot>) -> Param {
        let operand = self.term(&param.term);
        let first = match operand {
            Operand::Slot(slot) => seen.insert(slot),
            Operand::Anonymous => true,
            _ => {
                self.note_slots(operand, seen);
                false
            }
        };
        let pattern = param.specializer.as_ref().map(|pattern| self.pattern(pattern, true));
        if let Some(pattern) = pattern {
            self.note_pattern_slots(pattern, seen);
        }
        let specificity =
            pattern.map_or(Specificity::None, |id| match self.code.patterns.get(id.0 as usize) {
                Some(Pattern::Instance(tag, fields)) => Specificity::Class(*tag, fields.len() as u32),
                Some(Pattern::Dictionary(fields)) => Specificity::Fields(fields.len() as u32),
                _ => Specificity::Other,
            });
        Param { operand, first, pattern, specificity }
    }

    fn note_slots(&self, operand: Operand, seen: &mut FxHashSet<Slot>) {
        each_slot(self.code, operand, &mut |slot| {
            seen.insert(slot);
        });
    }

    fn note_pattern_slots(&self, pattern: PatternId, seen: &mut FxHashSet<Slot>) {
        each_pattern_slot(self.code, pattern, &mut |slot| {
            seen.insert(slot);
        });
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
