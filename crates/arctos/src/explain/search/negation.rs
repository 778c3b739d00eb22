//! Negations: what is negated must not hold, so each of its proofs has to be broken.

use super::Search;
use super::state::{Held, Item, Need, Run, Source, State, Sym};
use super::verify::{Change, Changed};
use crate::authorizer::NoObjects;
use crate::error::Error;
use crate::explain::answer::{Argument, Part};
use crate::explain::ask::{Asker, Slot};
use crate::explain::extent::Extent;
use crate::explain::proof::{Leaf, Prover};
use crate::facts::Value;
use crate::heap::Cell;
use crate::host::Host;
use crate::ir::{Operand, Span32};
use crate::policy::RuleId;

/// What a proof of negated goals rests on.
struct Broken {
    leaves: Vec<Leaf>,
    /// What the application was asked for, and what it said.
    reads: Vec<(String, String)>,
}

impl<H: Host> Search<'_, '_, H> {
    /// Goes on from a negation.
    pub(super) fn negation(&mut self, mut state: State, run: &Run, block: u32) -> Result<(), Error> {
        let program = self.asker.program();
        let Some(block) = program.code.blocks.get(block as usize) else { return Ok(()) };
        let is_open = |slot: &crate::ir::Slot| {
            !block.local.contains(slot) && matches!(state.variable(run.base + slot.0), Sym::Open(_))
        };
        if block.slots.iter().any(is_open) {
            state.late.push(run.clone());
            self.children.push(state);
            return Ok(());
        }
        let slots = self.slots(&state, run.rule, run.base);
        let broken = match self.broken(&state, run.rule, block.goals, &slots) {
            Ok(broken) => broken,
            Err(error) => return self.met(error),
        };
        let Some(Broken { leaves, reads }) = broken else {
            let mut child = state.longer();
            child.held.push(Held::Negation(run.clone()));
            self.children.push(child);
            return Ok(());
        };
        if state.is_vague() {
            // What the placeholders are about may be what is negated.
            state.late.push(run.clone());
            self.children.push(state);
            return Ok(());
        }
        if state.needed.len() >= self.extent.changes {
            return Ok(());
        }
        let changes = self.changes(&state);
        for leaf in leaves {
            match leaf {
                Leaf::Fact(fact) if changes.contains(&Change::Add(fact.clone())) => {}
                Leaf::Fact(fact) => {
                    let mut child = state.clone();
                    child.need(Need::NoFact(fact), run.parents.clone());
                    child.push(Item::Goals(run.clone()));
                    self.children.push(child);
                }
                Leaf::Negation { rule, goals, slots } => {
                    self.by_inner(state.clone(), run, (rule, goals), &slots)?;
                }
            }
        }
        if !reads.is_empty() {
            state.need(self.condition(run.pc, reads), run.parents.clone());
            self.children.push(state);
        }
        Ok(())
    }

    /// Breaks a proof by making hold what it rests on not holding.
    fn by_inner(
        &mut self,
        mut state: State,
        run: &Run,
        (rule, goals): (RuleId, Span32),
        slots: &[Argument],
    ) -> Result<(), Error> {
        let base = state.fresh(slots.len());
        for (variable, argument) in (base..).zip(slots) {
            let cell = match argument {
                Argument::Value(Value::Any(_)) | Argument::Open => continue,
                Argument::Value(value) => self.asker.cell(value.as_ref())?,
                Argument::Shown(_) | Argument::Some(_) => return Ok(()),
            };
            let is_placeholder = state.placeholders.iter().any(|(known, _)| *known == cell);
            let source = if is_placeholder { Source::Placeholder } else { Source::Given };
            if !state.bind(self.asker, variable, cell, source) {
                return Ok(());
            }
        }
        state.push(Item::Goals(run.clone()));
        state.push(Item::Needs(state.needed.len()));
        let (pc, end) = (goals.start, goals.end());
        state.push(Item::Goals(Run { pc, end, rule, base, parents: run.parents.clone() }));
        self.children.push(state);
        Ok(())
    }

    /// A proof of negated goals with what has been taken for granted so far; `None` where there is none.
    fn broken(
        &mut self,
        state: &State,
        rule: RuleId,
        goals: Span32,
        slots: &[Slot],
    ) -> Result<Option<Broken>, Error> {
        let changed = self.world.map(|question| Changed::of(question.world, &self.changes(state)));
        let Some(changed) = changed.filter(|changed| changed.is_changed()) else {
            return proof_of(self.asker, self.extent, rule, goals, slots);
        };
        let arguments: Vec<Argument> = slots.iter().map(|slot| self.asker.argument(*slot)).collect();
        changed.with(|world| {
            let mut heap = world.heap()?;
            let mut host = NoObjects;
            let mut asker = Asker::new(world.policy, &mut host, &mut heap, world.limits);
            let mut slots = Vec::with_capacity(arguments.len());
            for argument in &arguments {
                slots.push(match argument {
                    Argument::Value(value) => Some(asker.cell(value.as_ref())?),
                    _ => None,
                });
            }
            proof_of(&mut asker, self.extent, rule, goals, &slots)
        })
    }

    /// The condition that a goal is.
    pub(super) fn condition(&self, pc: u32, now: Vec<(String, String)>) -> Need {
        Need::Condition { text: self.asker.text_of(pc), location: self.asker.location_of(pc), now }
    }

    /// What a goal's values are now: those that could be other ones.
    pub(super) fn now(&mut self, state: &State, run: &Run) -> Vec<(String, String)> {
        let mut operands = Vec::new();
        self.operands_of(run.pc, &mut operands);
        let mut now: Vec<(String, String)> = Vec::new();
        for operand in operands {
            let told = match operand {
                Operand::UnixTime => {
                    let cell = self.asker.value(operand, &[]).ok().flatten();
                    Some(("@current_unix_time".to_owned(), self.asker.argument(cell).to_string()))
                }
                Operand::Slot(slot) => self.told(state, run, slot),
                _ => None,
            };
            now.extend(
                told.filter(|(name, value)| name != value && !now.iter().any(|(known, _)| known == name)),
            );
        }
        now
    }

    /// The name and the value of a variable whose value comes from somewhere.
    fn told(&self, state: &State, run: &Run, slot: crate::ir::Slot) -> Option<(String, String)> {
        let Sym::Known(cell, source) = state.variable(run.base + slot.0) else { return None };
        let name = match source {
            Source::Read(pc) => self.asker.text_of(pc),
            Source::Given if !is_plain(cell) => return None,
            Source::Facts | Source::Given => {
                let program = self.asker.program();
                let name = program.clause(run.rule)?.slots.get(slot.0 as usize).copied()?;
                let name = program.symbols.text(name);
                if name.starts_with('_') {
                    return None;
                }
                name.to_owned()
            }
            Source::Placeholder => return None,
        };
        Some((name, self.asker.argument(Some(cell)).to_string()))
    }
}

fn is_plain(cell: Cell) -> bool {
    matches!(cell, Cell::Text(_) | Cell::Integer(_) | Cell::Boolean(_))
}

/// A proof of goals of a rule.
fn proof_of<H: Host>(
    asker: &mut Asker<'_, H>,
    extent: &Extent,
    rule: RuleId,
    goals: Span32,
    slots: &[Slot],
) -> Result<Option<Broken>, Error> {
    let Some(mut found) = asker.solved(rule, goals, slots, &[])? else { return Ok(None) };
    let mut prover = Prover::new(asker, extent);
    let mut parts = Vec::new();
    prover.parts(rule, goals, &mut found, &mut parts)?;
    let leaves = std::mem::take(&mut prover.leaves);
    let mut reads = Vec::new();
    collect_reads(&parts, &mut reads);
    Ok(Some(Broken { leaves, reads }))
}

fn collect_reads(parts: &[Part], reads: &mut Vec<(String, String)>) {
    for part in parts {
        match part {
            Part::Read { text, value } => reads.push((text.clone(), value.to_string())),
            Part::Goal(node) => collect_reads(&node.parts, reads),
            Part::Condition { .. } | Part::Negation(_) => {}
        }
    }
}
