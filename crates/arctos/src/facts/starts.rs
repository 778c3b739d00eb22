//! Where the rows of each first argument begin.
//!
//! Rows are sorted, so those about one user or one document stand side by side, and most often they are few: what leads to
//! the first of them leads to all that a decision asks about it. Where the atoms of the column lie close together, as they do
//! after a load, an array by atom says where (the compressed sparse rows of graph libraries); else a hash table does.

use std::ops::Range;

use super::atoms::Atom;
use super::hash::Seed;
use super::layer::Rows;
use super::table::IdTable;

/// An array may have so many places for each row.
const SPARSE: usize = 4;

#[derive(Debug)]
pub(super) enum Starts {
    /// By atom from the lowest on: its first row, or where that would stand. Wildcards, which have the highest atoms, are left
    /// out.
    Array { lowest: u32, places: Box<[u32]> },
    /// The first row of each atom.
    Table(IdTable),
}

impl Starts {
    /// No rows.
    pub(super) const NONE: Starts = Starts::Table(IdTable::EMPTY);

    pub(super) fn of(rows: &Rows, seed: &Seed) -> Starts {
        let firsts = || rows.firsts().take_while(|atom| atom.any_type().is_none());
        let lowest = firsts().next().map_or(0, |atom| atom.0);
        let highest = firsts().last().map_or(u32::MAX, |atom| atom.0);
        if (highest - lowest) as usize / SPARSE < rows.len() {
            array(rows, lowest)
        } else {
            table(rows, seed)
        }
    }

    /// The rows that begin with that atom.
    #[inline]
    pub(super) fn group(&self, rows: &Rows, first: Atom, seed: &Seed) -> Range<u32> {
        match self {
            Starts::Array { lowest, places } => {
                let at = first.0.wrapping_sub(*lowest) as usize;
                match places.get(at..at.wrapping_add(2)) {
                    Some([begin, end]) => *begin..*end,
                    _ if first.any_type().is_none() => 0..0,
                    _ => rows.group_from(places.last().copied().unwrap_or(0), first),
                }
            }
            Starts::Table(table) => {
                let begin = table.find(seed.row(&[first]), |number| rows.get(number).first() == Some(&first));
                begin.map_or(0..0, |begin| rows.group_from(begin, first))
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Starts::Array { places, .. } => places.len() * size_of::<u32>(),
            Starts::Table(table) => table.bytes(),
        }
    }
}

fn array(rows: &Rows, lowest: u32) -> Starts {
    let mut places = Vec::new();
    let mut end = 0;
    for atom in rows.firsts().take_while(|atom| atom.any_type().is_none()) {
        let wanted = (atom.0 - lowest) as usize + 1;
        if places.len() < wanted {
            places.resize(wanted, end);
        }
        end += 1;
    }
    places.push(end);
    Starts::Array { lowest, places: places.into_boxed_slice() }
}

fn table(rows: &Rows, seed: &Seed) -> Starts {
    let mut before = None;
    let begins = (0_u32..).zip(rows.firsts()).filter(|(_, atom)| before.replace(*atom) != Some(*atom));
    let begins: Vec<(u32, Atom)> = begins.collect();
    let mut table = IdTable::with_room(begins.len(), rows.len());
    for (number, atom) in begins {
        table.add(seed.row(&[atom]), number);
    }
    Starts::Table(table)
}
