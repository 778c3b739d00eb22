//! A relation while a batch is being applied to it.

use super::atoms::{Atom, TypeId};
use super::cursor::Cursor;
use super::dead::Dead;
use super::error::FactError;
use super::hash::Seed;
use super::layer::{MOST_ROWS, Rows};
use super::relation::Relation;
use super::table::IdTable;

/// The relation of the snapshot, with the rows of the batch beside it until they make a layer.
#[derive(Clone, Debug)]
pub(super) struct Working {
    relation: Relation,
    rows: Rows,
    table: IdTable,
    /// Rows of the batch that the batch has deleted again.
    dead: Dead,
}

impl Working {
    pub(super) fn new(relation: Relation) -> Self {
        let rows = Rows::new(relation.arity());
        Working { relation, rows, table: IdTable::EMPTY, dead: Dead::default() }
    }

    pub(super) fn relation(&mut self) -> &mut Relation {
        &mut self.relation
    }

    /// Adds a row; false when it is there.
    pub(super) fn insert(&mut self, row: &[Atom], seed: &Seed) -> Result<bool, FactError> {
        if self.relation.stores(row, seed) {
            return Ok(false);
        }
        let hash = seed.row(row);
        if let Some(number) = self.find(row, hash) {
            return Ok(self.dead.remove(number));
        }
        if self.rows.len() >= MOST_ROWS {
            return Err(FactError::TooManyFacts);
        }
        let Working { rows, table, .. } = self;
        table.add_next(hash, |number| seed.row(rows.get(number)));
        rows.push(row);
        Ok(true)
    }

    /// Adds rows, and says how many of them were not there.
    pub(super) fn insert_many(&mut self, mut rows: Rows, seed: &Seed) -> usize {
        self.seal(seed);
        rows.sort();
        let mut new = Rows::with_room(self.relation.arity(), rows.len());
        let mut before: &[Atom] = &[];
        for row in rows.iter() {
            if row != before && !self.relation.stores(row, seed) {
                new.push(row);
            }
            before = row;
        }
        let count = new.len();
        self.relation.add(new, seed);
        self.relation.tidy(seed);
        count
    }

    /// Deletes a row; false when it is not there.
    pub(super) fn delete(&mut self, row: &[Atom], seed: &Seed) -> bool {
        self.relation.delete(row, seed)
            || self.find(row, seed.row(row)).is_some_and(|number| self.dead.insert(number))
    }

    /// Deletes what a cursor selects, and says how many rows that were.
    pub(super) fn delete_matching(
        &mut self,
        mut cursor: Cursor,
        seed: &Seed,
        kind_of: impl Fn(Atom) -> Option<TypeId>,
    ) -> usize {
        self.seal(seed);
        let mut doomed = Rows::new(self.relation.arity());
        while let Some(row) = self.relation.next_literal(&mut cursor, seed, &kind_of) {
            doomed.push(row);
        }
        for row in doomed.iter() {
            self.relation.delete(row, seed);
        }
        doomed.len()
    }

    /// Makes a layer of the batch's rows.
    fn seal(&mut self, seed: &Seed) {
        let mut rows = std::mem::replace(&mut self.rows, Rows::new(self.relation.arity()));
        let dead = std::mem::take(&mut self.dead);
        self.table = IdTable::EMPTY;
        if dead.len() > 0 {
            let mut kept = Rows::new(self.relation.arity());
            for (_, row) in rows.iter().enumerate().filter(|(number, _)| !dead.contains(*number as u32)) {
                kept.push(row);
            }
            rows = kept;
        }
        self.relation.add(rows, seed);
        self.relation.tidy(seed);
    }

    /// The relation after the batch.
    pub(super) fn finish(mut self, seed: &Seed) -> Relation {
        self.seal(seed);
        self.relation
    }

    fn find(&self, row: &[Atom], hash: u64) -> Option<u32> {
        self.table.find(hash, |number| self.rows.get(number) == row)
    }
}
