//! What plans ask facts.

use super::op::{FactAsk, Op, Plan, Reg};
use super::run::{Holds, Run, Stop, get, set};
use crate::eval::atom_of;
use crate::facts::{Atom, Cursor, MAX_ARGUMENTS, RelationId, TypeId};
use crate::heap::Cell;
use crate::host::Host;

/// The known arguments of a question to the facts, and its relation.
pub(super) type Asked = (RelationId, [Option<Atom>; MAX_ARGUMENTS]);

impl<H: Host> Run<'_, H> {
    /// All arguments are known: whether it is a fact.
    pub(super) fn is_fact(&mut self, plan: &Plan, window: &[Cell], ask: u32) -> Holds {
        let (ask, args) = parts(plan, ask)?;
        let Some((relation, known)) = self.asked(ask, args, window)? else { return Ok(false) };
        let unknown = Atom::any(TypeId::STRING);
        let mut row = [unknown; MAX_ARGUMENTS];
        for (slot, atom) in row.iter_mut().zip(known) {
            *slot = atom.unwrap_or(unknown);
        }
        let link = self.heap.link().ok_or(Stop::Undecided)?;
        Ok(link.view.contains(relation, row.get(..args.len()).unwrap_or_default()))
    }

    /// Begins to go through facts.
    pub(super) fn open_facts(&mut self, plan: &Plan, window: &[Cell], ask: u32) -> Result<(), Stop> {
        let (ask, args) = parts(plan, ask)?;
        let cursor = match self.asked(ask, args, window)? {
            Some((relation, known)) => {
                let link = self.heap.link().ok_or(Stop::Undecided)?;
                Some(link.view.cursor(relation, known.get(..args.len()).unwrap_or_default()))
            }
            None => None,
        };
        *self.cursor(ask)? = cursor;
        Ok(())
    }

    /// Binds what is open to the next fact's arguments. A wildcard there is for the machine.
    pub(super) fn next_fact(&mut self, plan: &Plan, window: &mut [Cell], ask: u32) -> Holds {
        let (ask, args) = parts(plan, ask)?;
        let Some(mut cursor) = *self.cursor(ask)? else { return Ok(false) };
        let link = self.heap.link().ok_or(Stop::Undecided)?;
        let unknown = Atom::any(TypeId::STRING);
        let mut row = [unknown; MAX_ARGUMENTS];
        let Some(found) = link.view.next(&mut cursor) else { return Ok(false) };
        for (slot, atom) in row.iter_mut().zip(found.atoms()) {
            *slot = *atom;
        }
        *self.cursor(ask)? = Some(cursor);
        for ((dst, atom), _) in args.iter().zip(row).zip(ask.open).filter(|(_, open)| *open) {
            if atom.any_type().is_some() {
                return Err(Stop::Undecided);
            }
            let cell = self.heap.cell_of(atom);
            set(window, *dst, cell);
        }
        Ok(true)
    }

    /// Values that only facts know.
    pub(super) fn of_facts(&mut self, op: &Op) -> Result<(Cell, Reg), Stop> {
        let link = self.heap.store.link.as_deref_mut().ok_or(Stop::Undecided)?;
        match *op {
            Op::Entity { id, dst } => {
                let atom = link.literal(self.program, id).map_err(|_| Stop::Undecided)?;
                Ok((Cell::Entity(atom), dst))
            }
            Op::UnixTime { dst } => Ok((Cell::Integer(link.unix_time.ok_or(Stop::Undecided)?), dst)),
            _ => Err(Stop::Undecided),
        }
    }

    pub(super) fn asked(
        &mut self,
        ask: &FactAsk,
        args: &[Reg],
        window: &[Cell],
    ) -> Result<Option<Asked>, Stop> {
        let relation = self.heap.link().and_then(|link| link.relation(ask.predicate));
        let Some(relation) = relation else { return Ok(None) };
        let mut known = [None; MAX_ARGUMENTS];
        for ((slot, register), open) in known.iter_mut().zip(args).zip(ask.open) {
            if open {
                continue;
            }
            // Where facts do not take a value, the machine has the error.
            let atom =
                atom_of(self.program, self.heap, get(window, *register)).map_err(|_| Stop::Undecided)?;
            let Some(atom) = atom else { return Ok(None) };
            *slot = Some(atom);
        }
        Ok(Some((relation, known)))
    }

    fn cursor(&mut self, ask: &FactAsk) -> Result<&mut Option<Cursor>, Stop> {
        self.state.cursors.get_mut((self.cursors + ask.cursor) as usize).ok_or(Stop::Undecided)
    }
}

pub(super) fn parts(plan: &Plan, ask: u32) -> Result<(&FactAsk, &[Reg]), Stop> {
    let ask = plan.asks.get(ask as usize).ok_or(Stop::Undecided)?;
    Ok((ask, plan.args.get(ask.args.range()).unwrap_or_default()))
}
