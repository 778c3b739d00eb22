//! Terms outside the heap: keys and answers of tables, which outlive backtracking.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::heap::{Cell, Heap, Met, Run, TextId, Variable, Walk};
use crate::host::Host;

/// How deep a stored term may be nested.
const MAX_DEPTH: u32 = 500;

/// A term by itself. Variables are numbered by first appearance, so that equal terms up to renaming are equal.
#[derive(Clone, Debug)]
pub(super) enum Stored<Obj> {
    Variable(u32),
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// A policy symbol.
    Symbol(u32),
    Text(Arc<str>),
    List(Arc<[Stored<Obj>]>, Option<Arc<Stored<Obj>>>),
    Dictionary(Arc<[(Stored<Obj>, Stored<Obj>)]>),
    /// With the host's identity number.
    Object(Obj, u64),
}

impl<Obj> PartialEq for Stored<Obj> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Stored::Variable(a), Stored::Variable(b)) | (Stored::Symbol(a), Stored::Symbol(b)) => a == b,
            (Stored::Nil, Stored::Nil) => true,
            (Stored::Boolean(a), Stored::Boolean(b)) => a == b,
            (Stored::Integer(a), Stored::Integer(b)) => a == b,
            (Stored::Float(a), Stored::Float(b)) => a.to_bits() == b.to_bits(),
            (Stored::Text(a), Stored::Text(b)) => a == b,
            (Stored::List(a, rest_a), Stored::List(b, rest_b)) => a == b && rest_a == rest_b,
            (Stored::Dictionary(a), Stored::Dictionary(b)) => a == b,
            (Stored::Object(_, a), Stored::Object(_, b)) => a == b,
            _ => false,
        }
    }
}

impl<Obj> Eq for Stored<Obj> {}

impl<Obj> Hash for Stored<Obj> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        std::mem::discriminant(self).hash(state);
        match self {
            Stored::Variable(id) | Stored::Symbol(id) => id.hash(state),
            Stored::Nil => {}
            Stored::Boolean(value) => value.hash(state),
            Stored::Integer(value) => value.hash(state),
            Stored::Float(value) => value.to_bits().hash(state),
            Stored::Text(text) => text.hash(state),
            Stored::List(items, rest) => {
                items.hash(state);
                rest.hash(state);
            }
            Stored::Dictionary(entries) => entries.hash(state),
            Stored::Object(_, identity) => identity.hash(state),
        }
    }
}

/// A term is nested too deeply to be stored, or contains itself.
pub(super) struct TooDeep;

/// Copies terms out of a heap, numbering variables across all of them.
pub(super) struct Storing<'a, H: Host> {
    pub(super) heap: &'a Heap<H::Object>,
    pub(super) host: &'a H,
    variables: Vec<Variable>,
    /// How many values have been copied.
    pub(super) size: u32,
}

impl<'a, H: Host> Storing<'a, H> {
    pub(super) fn new(heap: &'a Heap<H::Object>, host: &'a H) -> Self {
        Storing { heap, host, variables: Vec::new(), size: 0 }
    }

    /// Stores a run of cells.
    pub(super) fn run(&mut self, args: u32, arity: u32) -> Result<Vec<Stored<H::Object>>, TooDeep> {
        (args..args + arity).map(|index| self.store(self.heap.cell(index), 0)).collect()
    }

    fn store(&mut self, cell: Cell, depth: u32) -> Result<Stored<H::Object>, TooDeep> {
        if depth > MAX_DEPTH {
            return Err(TooDeep);
        }
        self.size = self.size.saturating_add(1);
        Ok(match self.heap.resolve(cell) {
            Cell::Variable(variable) => Stored::Variable(self.number(variable)),
            Cell::Nil | Cell::Awaited(_) => Stored::Nil,
            Cell::Boolean(value) => Stored::Boolean(value),
            Cell::Integer(value) => Stored::Integer(value),
            Cell::Float(value) => Stored::Float(value),
            Cell::Text(id) => self.text(id),
            list @ (Cell::List(_) | Cell::OpenList(_)) => self.list(list, depth)?,
            Cell::Dictionary(run) => {
                let mut entries = Vec::with_capacity(run.len as usize);
                for index in run.start..run.start + run.len {
                    let (key, value) = self.heap.entry(index);
                    entries.push((self.text(key), self.store(value, depth + 1)?));
                }
                Stored::Dictionary(entries.into())
            }
            Cell::Object(index) => match self.heap.host_object(index) {
                Some(object) => Stored::Object(object.clone(), self.host.identity(object)),
                None => Stored::Nil,
            },
        })
    }

    fn list(&mut self, list: Cell, depth: u32) -> Result<Stored<H::Object>, TooDeep> {
        let mut items = Vec::new();
        let Some(mut walk) = Walk::of(list) else { return Ok(Stored::Nil) };
        loop {
            match walk.next(self.heap) {
                Met::Item(item) => items.push(self.store(item, depth + 1)?),
                Met::End => return Ok(Stored::List(items.into(), None)),
                Met::Rest(rest) => {
                    let rest = self.store(rest, depth + 1)?;
                    return Ok(Stored::List(items.into(), Some(Arc::new(rest))));
                }
            }
            if items.len() > 1_000_000 {
                return Err(TooDeep);
            }
        }
    }

    fn text(&self, id: TextId) -> Stored<H::Object> {
        if (id.0 as usize) < self.heap.symbols().len() {
            Stored::Symbol(id.0)
        } else {
            Stored::Text(Arc::from(self.heap.text(id)))
        }
    }

    fn number(&mut self, variable: Variable) -> u32 {
        if let Some(place) = self.variables.iter().position(|other| *other == variable) {
            return place as u32;
        }
        self.variables.push(variable);
        self.variables.len() as u32 - 1
    }
}

/// Copies stored terms onto a heap; each number becomes a new variable.
pub(super) fn restore<Obj: Clone>(heap: &mut Heap<Obj>, terms: &[Stored<Obj>]) -> Run {
    let mut variables = Vec::new();
    let cells: Vec<Cell> = terms.iter().map(|term| restore_one(heap, term, &mut variables)).collect();
    heap.push_cells(cells)
}

fn restore_one<Obj: Clone>(heap: &mut Heap<Obj>, term: &Stored<Obj>, variables: &mut Vec<Variable>) -> Cell {
    match term {
        Stored::Variable(number) => {
            while variables.len() <= *number as usize {
                variables.push(heap.fresh(1));
            }
            variables.get(*number as usize).map_or(Cell::Nil, |variable| Cell::Variable(*variable))
        }
        Stored::Nil => Cell::Nil,
        Stored::Boolean(value) => Cell::Boolean(*value),
        Stored::Integer(value) => Cell::Integer(*value),
        Stored::Float(value) => Cell::Float(*value),
        Stored::Symbol(symbol) => Cell::Text(TextId(*symbol)),
        Stored::Text(text) => heap.string(text).0,
        Stored::List(items, rest) => {
            let mut cells: Vec<Cell> = items.iter().map(|item| restore_one(heap, item, variables)).collect();
            let len = cells.len() as u32;
            match rest {
                None => Cell::List(heap.push_cells(cells)),
                Some(rest) => {
                    cells.push(restore_one(heap, rest, variables));
                    let start = heap.push_cells(cells).start;
                    Cell::OpenList(Run { start, len })
                }
            }
        }
        Stored::Dictionary(entries) => {
            let pairs = entries
                .iter()
                .map(|(key, value)| {
                    let key = match restore_one(heap, key, variables) {
                        Cell::Text(id) => id,
                        _ => TextId(0),
                    };
                    (key, restore_one(heap, value, variables))
                })
                .collect();
            heap.dictionary_of(pairs)
        }
        Stored::Object(object, _) => heap.object(object.clone()).0,
    }
}
