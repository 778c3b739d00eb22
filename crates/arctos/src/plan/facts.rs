//! What plans ask facts.

use super::op::{FactAsk, Op, Plan, Reg};
use super::run::{Holds, Run, Stop, get, set};
use crate::eval::atom_of;
use crate::facts::{Atom, MAX_ARGUMENTS, RelationId, TypeId};
use crate::heap::Cell;
use crate::host::Host;

/// A question as far as it is the same for all that are asked of a snapshot: what the policy names, in the numbers of the
/// facts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prepared {
    /// That of the link it is for; 0 for none.
    epoch: u64,
    /// `None` where there are no such facts.
    relation: Option<RelationId>,
    /// The constants among the arguments.
    pub(super) key: Key,
    /// What may stand in the place of one of them.
    pub(super) also: [Atom; MOST_ALSO],
}

/// So many texts may stand in the place of one.
pub(super) const MOST_ALSO: usize = 7;

/// Known arguments.
pub(super) type Key = [Atom; MAX_ARGUMENTS];

pub(super) const NONE: Prepared = Prepared {
    epoch: 0,
    relation: None,
    key: [Atom::UNKNOWN; MAX_ARGUMENTS],
    also: [Atom::UNKNOWN; MOST_ALSO],
};

impl<H: Host> Run<'_, H> {
    /// All arguments are known: whether it is a fact.
    pub(super) fn is_fact(&mut self, plan: &Plan, window: &[Cell], ask: u32) -> Holds {
        let (ask, args) = parts(plan, ask)?;
        let mut row = NONE.key;
        let Some(relation) = self.asked(plan, (ask, args), window, &mut row)? else { return Ok(false) };
        let link = self.heap.link().ok_or(Stop::Undecided)?;
        let row = row.get_mut(..args.len()).unwrap_or_default();
        if ask.also.len == 0 {
            return Ok(link.view.contains(relation, row));
        }
        let prepared = self.state.asks.get(ask.number as usize).ok_or(Stop::Undecided)?;
        let also = prepared.also.get(..ask.also.len as usize).unwrap_or_default();
        Ok(link.view.contains_any(relation, row, ask.differs as usize, also))
    }

    /// Begins to go through facts.
    pub(super) fn open_facts(&mut self, plan: &Plan, window: &[Cell], ask: u32) -> Result<(), Stop> {
        let (ask, args) = parts(plan, ask)?;
        let mut key = NONE.key;
        let relation = self.asked(plan, (ask, args), window, &mut key)?;
        let link = self.heap.link();
        let cursor = relation.zip(link);
        let cursor =
            cursor.map(|(relation, link)| link.view.cursor_at(relation, &key, ask.known, args.len()));
        let place = (self.cursors + ask.cursor) as usize;
        *self.state.cursors.get_mut(place).ok_or(Stop::Undecided)? = cursor;
        Ok(())
    }

    /// Binds what is open to the next fact's arguments. A wildcard there is for the machine.
    pub(super) fn next_fact(&mut self, plan: &Plan, window: &mut [Cell], ask: u32) -> Holds {
        let (ask, args) = parts(plan, ask)?;
        let place = (self.cursors + ask.cursor) as usize;
        let cursor = self.state.cursors.get_mut(place).ok_or(Stop::Undecided)?;
        let Some(cursor) = cursor else { return Ok(false) };
        let link = self.heap.link().ok_or(Stop::Undecided)?;
        let Some(found) = link.view.next(cursor) else { return Ok(false) };
        for place in ask.open.positions() {
            let Some((dst, atom)) = args.get(place).copied().zip(found.atom(place)) else { break };
            // PERF: most often it is an entity, and then nothing is made.
            if atom.any_type().is_some() || !link.view.type_of(atom).is_some_and(TypeId::is_of_entities) {
                let mut row = NONE.key;
                row.iter_mut().zip(found.atoms()).for_each(|(slot, atom)| *slot = *atom);
                return self.bind(ask, args, &row, window);
            }
            set(window, dst, Cell::Entity(atom));
        }
        Ok(true)
    }

    /// Binds what is open to a fact's arguments, whatever they are.
    #[inline(never)]
    fn bind(&mut self, ask: &FactAsk, args: &[Reg], row: &Key, window: &mut [Cell]) -> Holds {
        for place in ask.open.positions() {
            let Some((dst, atom)) = args.get(place).zip(row.get(place)) else { break };
            if atom.any_type().is_some() {
                return Err(Stop::Undecided);
            }
            let cell = self.heap.cell_of(*atom);
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

    /// The relation that is asked, and what is known of the row; `None` where there can be no such fact.
    #[inline(always)]
    pub(super) fn asked(
        &mut self,
        plan: &Plan,
        (ask, args): (&FactAsk, &[Reg]),
        window: &[Cell],
        key: &mut Key,
    ) -> Result<Option<RelationId>, Stop> {
        let Some(link) = self.heap.link() else { return Ok(None) };
        let prepared = match self.state.asks.get(ask.number as usize) {
            Some(prepared) if prepared.epoch == link.epoch() => prepared,
            _ => self.prepare(plan, ask, window)?,
        };
        let Some(relation) = prepared.relation else { return Ok(None) };
        *key = prepared.key;
        for place in ask.varying.positions() {
            let Some((register, slot)) = args.get(place).zip(key.get_mut(place)) else { break };
            *slot = match get(window, *register) {
                Cell::Entity(atom) => atom,
                other => match self.atom_of(other)? {
                    Some(atom) => atom,
                    None => return Ok(None),
                },
            };
        }
        Ok(Some(relation))
    }

    /// Finds out what the facts have for the constants of a question, and keeps it.
    #[cold]
    #[inline(never)]
    fn prepare(&mut self, plan: &Plan, ask: &FactAsk, window: &[Cell]) -> Result<&Prepared, Stop> {
        let args = plan.args.get(ask.args.range()).unwrap_or_default();
        let mut prepared = NONE;
        prepared.relation = self.heap.link().and_then(|link| link.relation(ask.predicate));
        for (place, (slot, register)) in prepared.key.iter_mut().zip(args).enumerate() {
            if !ask.known.contains(place) || ask.varying.contains(place) || prepared.relation.is_none() {
                continue;
            }
            match self.constant(get(window, *register))? {
                Some(atom) => *slot = atom,
                // No fact has such a value.
                None => prepared.relation = None,
            }
        }
        let also = plan.args.get(ask.also.range()).unwrap_or_default();
        for (slot, register) in prepared.also.iter_mut().zip(also) {
            *slot = self.constant(get(window, *register))?.ok_or(Stop::Undecided)?;
        }
        prepared.epoch = self.heap.link().map_or(0, |link| link.epoch());
        let number = ask.number as usize;
        if self.state.asks.len() <= number {
            self.state.asks.resize(number + 1, NONE);
        }
        let slot = self.state.asks.get_mut(number).ok_or(Stop::Undecided)?;
        *slot = prepared;
        Ok(slot)
    }

    /// The atom of what the policy names, which is kept.
    fn constant(&mut self, value: Cell) -> Result<Option<Atom>, Stop> {
        let atom = self.atom_of(value)?;
        if let Some((link, atom)) = self.heap.store.link.as_deref_mut().zip(atom) {
            link.keeps(atom);
        }
        Ok(atom)
    }

    #[inline(never)]
    fn atom_of(&mut self, value: Cell) -> Result<Option<Atom>, Stop> {
        // Where facts do not take a value, the machine has the error.
        atom_of(self.program, self.heap, value).map_err(|_| Stop::Undecided)
    }
}

#[inline]
pub(super) fn parts(plan: &Plan, ask: u32) -> Result<(&FactAsk, &[Reg]), Stop> {
    let ask = plan.asks.get(ask as usize).ok_or(Stop::Undecided)?;
    Ok((ask, plan.args.get(ask.args.range()).unwrap_or_default()))
}
