//! The lowered program as text, for `arctos check --dump ir`.

use std::fmt::Write;

use super::{Goal, Program, Span32, recursion};

impl Program {
    /// One block of lines a clause: its head, then its goals.
    pub(crate) fn dump(&self) -> String {
        let mut out = String::new();
        let recursive = recursion::recursive_rules(self);
        for (number, clause) in self.clauses.iter().enumerate() {
            let Some(predicate) = self.predicates.get(clause.predicate.0 as usize) else { continue };
            let marks = if recursive.iter().any(|rule| rule.index() == number) { " recursive" } else { "" };
            let name = self.symbols.text(predicate.name);
            let _ = writeln!(out, "clause {number} {name}/{}{marks}", predicate.arity);
            for (slot, symbol) in clause.slots.iter().enumerate() {
                let _ = writeln!(out, "  slot {slot} {}", self.symbols.text(*symbol));
            }
            for param in &clause.params {
                let _ = writeln!(out, "  param {:?} {:?}", param.operand, param.specificity);
            }
            self.dump_goals(&mut out, clause.body, 1);
        }
        for predicate in &self.predicates {
            let leaves = predicate.index.leaves();
            let longest = leaves.iter().map(|leaf| leaf.clauses.len()).max().unwrap_or(0);
            let name = self.symbols.text(predicate.name);
            let _ =
                writeln!(out, "index {name}/{} leaves {} longest {longest}", predicate.arity, leaves.len());
        }
        out
    }

    fn dump_goals(&self, out: &mut String, goals: Span32, indent: usize) {
        for goal in self.code.goals.get(goals.range()).unwrap_or(&[]) {
            let pad = "  ".repeat(indent);
            match goal {
                Goal::Not(block) => {
                    let _ = writeln!(out, "{pad}not");
                    self.dump_block(out, *block, indent + 1);
                }
                Goal::Or(blocks) => {
                    for block in blocks.start..blocks.end() {
                        let _ = writeln!(out, "{pad}or");
                        self.dump_block(out, block, indent + 1);
                    }
                }
                Goal::Call(predicate, args) => {
                    let name =
                        self.predicates.get(predicate.0 as usize).map_or("", |p| self.symbols.text(p.name));
                    let _ = writeln!(out, "{pad}call {name} {:?}", self.code.operands(*args));
                }
                goal => {
                    let _ = writeln!(out, "{pad}{goal:?}");
                }
            }
        }
    }

    fn dump_block(&self, out: &mut String, block: u32, indent: usize) {
        if let Some(block) = self.code.blocks.get(block as usize) {
            self.dump_goals(out, block.goals, indent);
        }
    }
}
