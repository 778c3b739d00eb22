//! Terms outside the heap: keys and answers of tables, which outlive backtracking.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::facts::{Atom, TypeId};
use crate::heap::{Cell, Heap, Met, Run, TextId, Variable, Walk};
use crate::host::Host;

/// How deep a stored term may be nested.
pub(super) const MAX_DEPTH: u32 = 500;
/// Bytes of text that are as much work as one value.
const TEXT: usize = 1024;

/// A term by itself. Variables are numbered by first appearance, so that equal terms up to renaming are equal.
#[derive(Clone, Debug)]
pub(super) enum Stored<Obj> {
    Variable(u32),
    /// A variable that stands for whatever value of a type.
    OfType(u32, TypeId),
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
    Entity(Atom),
}

impl<Obj> PartialEq for Stored<Obj> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Stored::Variable(a), Stored::Variable(b)) | (Stored::Symbol(a), Stored::Symbol(b)) => a == b,
            (Stored::OfType(a, type_a), Stored::OfType(b, type_b)) => a == b && type_a == type_b,
            (Stored::Nil, Stored::Nil) => true,
            (Stored::Boolean(a), Stored::Boolean(b)) => a == b,
            (Stored::Integer(a), Stored::Integer(b)) => a == b,
            (Stored::Float(a), Stored::Float(b)) => a.to_bits() == b.to_bits(),
            (Stored::Text(a), Stored::Text(b)) => a == b,
            (Stored::List(a, rest_a), Stored::List(b, rest_b)) => a == b && rest_a == rest_b,
            (Stored::Dictionary(a), Stored::Dictionary(b)) => a == b,
            (Stored::Object(_, a), Stored::Object(_, b)) => a == b,
            (Stored::Entity(a), Stored::Entity(b)) => a == b,
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
            Stored::OfType(id, type_id) => (id, type_id).hash(state),
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
            Stored::Entity(atom) => atom.hash(state),
        }
    }
}

/// Why a term is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is nested too deeply, or contains itself.
    Nested,
    /// There is no memory left for it.
    Memory,
    /// It is more work than may still be done.
    Work,
}

/// What storing takes, or may still take.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// A step for each value, and for each piece of a long text.
    pub(super) steps: u64,
    /// Bytes, about.
    pub(super) bytes: usize,
}

/// Copies terms out of a heap, numbering variables across all of them.
pub(super) struct Storing<'a, H: Host> {
    pub(super) heap: &'a Heap<H::Object>,
    pub(super) host: &'a H,
    /// The type of which a variable stands for whatever value, where that is to be kept.
    type_of: &'a dyn Fn(Variable) -> Option<TypeId>,
    variables: FxHashMap<Variable, u32>,
    most: Cost,
    /// Of all that has been copied.
    pub(super) cost: Cost,
}

impl<'a, H: Host> Storing<'a, H> {
    /// Values that share parts are copied without sharing them: `most` is what that may take.
    pub(super) fn new(
        heap: &'a Heap<H::Object>,
        host: &'a H,
        type_of: &'a dyn Fn(Variable) -> Option<TypeId>,
        most: Cost,
    ) -> Self {
        Storing { heap, host, type_of, variables: FxHashMap::default(), most, cost: Cost::default() }
    }

    /// Stores a run of cells.
    pub(super) fn run(&mut self, args: u32, arity: u32) -> Result<Vec<Stored<H::Object>>, Refused> {
        (args..args + arity).map(|index| self.store(self.heap.cell(index), 0)).collect()
    }

    fn spend(&mut self, steps: u64, bytes: usize) -> Result<(), Refused> {
        self.cost = Cost { steps: self.cost.steps + steps, bytes: self.cost.bytes + bytes };
        match () {
            () if self.cost.bytes > self.most.bytes => Err(Refused::Memory),
            () if self.cost.steps > self.most.steps => Err(Refused::Work),
            () => Ok(()),
        }
    }

    fn store(&mut self, cell: Cell, depth: u32) -> Result<Stored<H::Object>, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::Nested);
        }
        self.spend(1, size_of::<Stored<H::Object>>() + 32)?;
        Ok(match self.heap.resolve(cell) {
            Cell::Variable(variable) => match (self.type_of)(variable) {
                Some(type_id) => Stored::OfType(self.number(variable), type_id),
                None => Stored::Variable(self.number(variable)),
            },
            Cell::Nil | Cell::Awaited(_) => Stored::Nil,
            Cell::Boolean(value) => Stored::Boolean(value),
            Cell::Integer(value) => Stored::Integer(value),
            Cell::Float(value) => Stored::Float(value),
            Cell::Text(id) => self.text(id)?,
            list @ (Cell::List(_) | Cell::OpenList(_)) => self.list(list, depth)?,
            Cell::Dictionary(run) => {
                let mut entries = Vec::with_capacity(run.len as usize);
                for index in run.start..run.start + run.len {
                    let (key, value) = self.heap.entry(index);
                    entries.push((self.text(key)?, self.store(value, depth + 1)?));
                }
                Stored::Dictionary(entries.into())
            }
            Cell::Entity(atom) => Stored::Entity(atom),
            Cell::Object(index) => match self.heap.host_object(index) {
                Some(object) => Stored::Object(object.clone(), self.host.identity(object)),
                None => Stored::Nil,
            },
        })
    }

    fn list(&mut self, list: Cell, depth: u32) -> Result<Stored<H::Object>, Refused> {
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
        }
    }

    fn text(&mut self, id: TextId) -> Result<Stored<H::Object>, Refused> {
        if (id.0 as usize) < self.heap.symbols().len() {
            return Ok(Stored::Symbol(id.0));
        }
        let text = self.heap.text(id);
        self.spend((text.len() / TEXT) as u64, text.len())?;
        Ok(Stored::Text(Arc::from(text)))
    }

    fn number(&mut self, variable: Variable) -> u32 {
        let next = self.variables.len() as u32;
        *self.variables.entry(variable).or_insert(next)
    }
}

/// Where restored terms are, and which of their variables stand for whatever value of a type.
pub(super) type Restored = (Run, Vec<(Variable, TypeId)>);

/// Copies stored terms onto a heap; each number becomes a new variable.
pub(super) fn restore<Obj: Clone>(heap: &mut Heap<Obj>, terms: &[Stored<Obj>]) -> Restored {
    let mut variables = Variables::default();
    let cells: Vec<Cell> = terms.iter().map(|term| restore_one(heap, term, &mut variables)).collect();
    (heap.push_cells(cells), variables.typed)
}

/// The variables of restored terms.
#[derive(Default)]
struct Variables {
    by_number: Vec<Variable>,
    typed: Vec<(Variable, TypeId)>,
}

impl Variables {
    fn get<Obj>(&mut self, heap: &mut Heap<Obj>, number: u32) -> Variable {
        while self.by_number.len() <= number as usize {
            self.by_number.push(heap.fresh(1));
        }
        self.by_number.get(number as usize).copied().unwrap_or_else(|| heap.fresh(1))
    }
}

fn restore_one<Obj: Clone>(heap: &mut Heap<Obj>, term: &Stored<Obj>, variables: &mut Variables) -> Cell {
    match term {
        Stored::Variable(number) => Cell::Variable(variables.get(heap, *number)),
        Stored::OfType(number, type_id) => {
            let variable = variables.get(heap, *number);
            if !variables.typed.contains(&(variable, *type_id)) {
                variables.typed.push((variable, *type_id));
            }
            Cell::Variable(variable)
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
        Stored::Entity(atom) => Cell::Entity(*atom),
    }
}
