//! Which goals of a rule are conditions that someone has written.

use crate::ir::{Clause, Goal, Operand, Pattern, Program, Span32};

/// The conditions of a clause by the numbers of their goals, in the order of the text: alternatives and what is negated
/// one by one.
pub(super) fn conditions(program: &Program, clause: &Clause) -> Vec<u32> {
    let mut found = Vec::new();
    of_run(program, clause, clause.body, &mut found);
    found
}

fn of_run(program: &Program, clause: &Clause, run: Span32, found: &mut Vec<u32>) {
    for number in run.start..run.end() {
        match program.code.goals.get(number as usize) {
            Some(Goal::Or(blocks)) => {
                for block in blocks.start..blocks.end() {
                    of_block(program, clause, block, found);
                }
            }
            Some(Goal::Not(block)) => {
                found.push(number);
                let goals = program.code.blocks.get(*block as usize).map_or(0, |block| block.goals.len);
                if goals > 1 {
                    of_block(program, clause, *block, found);
                }
            }
            Some(goal) if is_condition(program, clause, goal) => found.push(number),
            _ => {}
        }
    }
}

fn of_block(program: &Program, clause: &Clause, block: u32, found: &mut Vec<u32>) {
    if let Some(block) = program.code.blocks.get(block as usize) {
        of_run(program, clause, block.goals, found);
    }
}

fn is_condition(program: &Program, clause: &Clause, goal: &Goal) -> bool {
    match goal {
        Goal::Match(Operand::Slot(slot), pattern) => {
            // `group matches Group` tells the type of a variable that only facts bind: nobody can leave it out.
            let is_of_head = clause.params.iter().any(|param| param.operand == Operand::Slot(*slot));
            let pattern = program.code.patterns.get(pattern.0 as usize);
            is_of_head || !matches!(pattern, Some(Pattern::Instance(_, fields)) if fields.is_empty())
        }
        Goal::Call(..)
        | Goal::Undefined(_)
        | Goal::Unify(..)
        | Goal::Compare(..)
        | Goal::In(..)
        | Goal::Match(..)
        | Goal::Truth(_) => true,
        _ => false,
    }
}
