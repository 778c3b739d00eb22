//! Which variables goals, terms and patterns mention.

use super::{Code, Goal, Operand, Pattern, PatternId, Slot};

/// The variables of a goal, in the order they stand in it, repeated where they are.
pub(crate) fn slots_of_goal(code: &Code, goal: &Goal) -> Vec<Slot> {
    let mut slots = Vec::new();
    each_goal_slot(code, goal, &mut |slot| slots.push(slot));
    slots
}

/// The variables of a pattern.
pub(crate) fn slots_of_pattern(code: &Code, pattern: PatternId) -> Vec<Slot> {
    let mut slots = Vec::new();
    each_pattern_slot(code, pattern, &mut |slot| slots.push(slot));
    slots
}

/// Calls `found` with each variable in a goal, but not with those in blocks below it.
pub(super) fn each_direct_slot(code: &Code, goal: &Goal, found: &mut dyn FnMut(Slot)) {
    if !matches!(goal, Goal::Not(_) | Goal::Or(_)) {
        each_goal_slot(code, goal, found);
    }
}

/// Calls `found` with each variable in an operand.
pub(super) fn each_slot(code: &Code, operand: Operand, found: &mut dyn FnMut(Slot)) {
    match operand {
        Operand::Slot(slot) => found(slot),
        Operand::List(id) => {
            if let Some(list) = code.lists.get(id.0 as usize) {
                for item in code.operands(list.items) {
                    each_slot(code, *item, found);
                }
                if let Some(rest) = list.rest {
                    each_slot(code, rest, found);
                }
            }
        }
        Operand::Dictionary(id) => {
            for (_, value) in code.dictionaries.get(id.0 as usize).into_iter().flatten() {
                each_slot(code, *value, found);
            }
        }
        _ => {}
    }
}

pub(super) fn each_pattern_slot(code: &Code, pattern: PatternId, found: &mut dyn FnMut(Slot)) {
    match code.patterns.get(pattern.0 as usize) {
        Some(Pattern::Instance(_, fields) | Pattern::Dictionary(fields)) => {
            fields.iter().for_each(|(_, field)| each_pattern_slot(code, *field, found));
        }
        Some(Pattern::List(items, rest)) => {
            items.iter().for_each(|item| each_pattern_slot(code, *item, found));
            rest.iter().for_each(|rest| each_slot(code, *rest, found));
        }
        Some(Pattern::Value(operand)) => each_slot(code, *operand, found),
        None => {}
    }
}

pub(super) fn each_goal_slot(code: &Code, goal: &Goal, found: &mut dyn FnMut(Slot)) {
    match goal {
        Goal::Call(_, args) | Goal::Print(args) => {
            code.operands(*args).iter().for_each(|operand| each_slot(code, *operand, found));
        }
        Goal::Unify(a, b) | Goal::Assign(a, b) | Goal::Compare(_, a, b) | Goal::In(a, b) => {
            each_slot(code, *a, found);
            each_slot(code, *b, found);
        }
        Goal::Arithmetic(_, a, b, out) | Goal::LookupDynamic(a, b, out) => {
            each_slot(code, *a, found);
            each_slot(code, *b, found);
            found(*out);
        }
        Goal::Match(value, pattern) => {
            each_slot(code, *value, found);
            each_pattern_slot(code, *pattern, found);
        }
        Goal::Lookup(object, _, out) => {
            each_slot(code, *object, found);
            found(*out);
        }
        Goal::Method(_, _, call, out) | Goal::New(_, call, out) => {
            if let Goal::Method(object, ..) = goal {
                each_slot(code, *object, found);
            }
            found(*out);
            if let Some(call) = code.calls.get(call.0 as usize) {
                code.operands(call.positional).iter().for_each(|operand| each_slot(code, *operand, found));
                call.keyword.iter().for_each(|(_, operand)| each_slot(code, *operand, found));
            }
        }
        Goal::Truth(operand) => each_slot(code, *operand, found),
        Goal::Not(block) => each_block_slot(code, *block, found),
        Goal::Or(blocks) => {
            (blocks.start..blocks.end()).for_each(|block| each_block_slot(code, block, found))
        }
        Goal::Undefined(_) | Goal::Fail | Goal::NewUnknown(_) | Goal::Cut | Goal::Debug => {}
    }
}

fn each_block_slot(code: &Code, block: u32, found: &mut dyn FnMut(Slot)) {
    if let Some(block) = code.blocks.get(block as usize) {
        block.slots.iter().for_each(|slot| found(*slot));
    }
}
