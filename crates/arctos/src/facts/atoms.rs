//! Interned arguments.
//!
//! Every distinct argument of a fact is an [`Atom`], a dense number of 31 bits; the texts stand one after the other in
//! few large buffers. An entity is its type and its id; a string, integer or boolean is its type and its bytes. So two
//! arguments are equal exactly when their atoms are.
//!
//! INVARIANT: an atom keeps its meaning in all later snapshots. A [`Store`] only grows, by layers that are merged with
//! their neighbours when they are of like size, so that a small batch costs little and a look-up asks few layers.

use std::sync::Arc;

use super::error::FactError;
use super::hash::Seed;
use super::names::Names;
use super::table::IdTable;
use super::value::ValueRef;

/// The highest bit says that an atom is "any value of that type"; the others are then the type.
const ANY: u32 = 1 << 31;

/// An interned argument, or "any value of that type". Of one line of snapshots: see
/// [`Facts::shares_atoms`](super::Facts::shares_atoms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(pub(super) u32);

impl Atom {
    /// Whatever value of that type.
    pub fn any(type_id: TypeId) -> Self {
        Atom(ANY | u32::from(type_id.0))
    }

    /// The type, when this is "any value of that type".
    #[inline]
    pub fn any_type(self) -> Option<TypeId> {
        (self.0 & ANY != 0).then_some(TypeId(self.0 as u16))
    }

    /// A dense number; for "any value of that type" it is 2³¹ or more.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An interned name of a type. Of one line of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(super) u16);

impl TypeId {
    /// The type of `true` and `false`.
    pub const BOOLEAN: TypeId = TypeId(0);
    /// The type of 64-bit integers.
    pub const INTEGER: TypeId = TypeId(1);
    /// The type of strings.
    pub const STRING: TypeId = TypeId(2);

    /// A dense number.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What an argument is interned by.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    Text(TypeId, &'a str),
    Integer([u8; 8]),
    Boolean([u8; 1]),
}

impl Key<'_> {
    fn kind(&self) -> TypeId {
        match self {
            Key::Text(kind, _) => *kind,
            Key::Integer(_) => TypeId::INTEGER,
            Key::Boolean(_) => TypeId::BOOLEAN,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Key::Text(_, text) => text.as_bytes(),
            Key::Integer(bytes) => bytes,
            Key::Boolean(bytes) => bytes,
        }
    }

    pub(super) fn hash(&self, seed: &Seed) -> u64 {
        seed.text(self.kind(), self.bytes())
    }
}

/// Atoms `first`, `first + 1`, ….
#[derive(Clone, Debug)]
pub(super) struct AtomLayer {
    first: u32,
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`.
    ends: Vec<u32>,
    kinds: Vec<TypeId>,
    table: IdTable,
}

impl AtomLayer {
    /// No atoms.
    pub(super) const EMPTY: AtomLayer =
        AtomLayer { first: 0, bytes: Vec::new(), ends: Vec::new(), kinds: Vec::new(), table: IdTable::EMPTY };

    /// An empty one that goes on after `store`.
    pub(super) fn after(store: &Store) -> Self {
        AtomLayer { first: store.len() as u32, ..AtomLayer::EMPTY }
    }

    /// Forgets everything, keeps the room, and goes on after `store`.
    pub(super) fn restart(&mut self, store: &Store) {
        if !self.ends.is_empty() {
            self.table.clear();
        }
        self.first = store.len() as u32;
        self.bytes.clear();
        self.ends.clear();
        self.kinds.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn find(&self, key: &Key<'_>, hash: u64) -> Option<Atom> {
        let found = self.table.find(hash, |at| self.entry(at) == Some((key.kind(), key.bytes())))?;
        Some(Atom(self.first + found))
    }

    /// Adds an argument that is not there.
    pub(super) fn add(&mut self, key: &Key<'_>, hash: u64, seed: &Seed) -> Result<Atom, FactError> {
        let atom = self.first + self.ends.len() as u32;
        if atom & ANY != 0 {
            return Err(FactError::TooManyAtoms);
        }
        let end = u32::try_from(self.bytes.len() + key.bytes().len()).map_err(|_| FactError::TooMuchText)?;
        self.bytes.extend_from_slice(key.bytes());
        self.ends.push(end);
        self.kinds.push(key.kind());
        let mut table = std::mem::replace(&mut self.table, IdTable::EMPTY);
        table.add_next(hash, |at| self.hash(at, seed));
        self.table = table;
        Ok(Atom(atom))
    }

    /// The type and bytes of an atom of this layer.
    pub(super) fn get(&self, atom: Atom) -> Option<(TypeId, &[u8])> {
        self.entry(atom.0.checked_sub(self.first)?)
    }

    #[inline]
    fn entry(&self, at: u32) -> Option<(TypeId, &[u8])> {
        let at = at as usize;
        let begin = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        let bytes = self.bytes.get(begin as usize..*self.ends.get(at)? as usize)?;
        Some((*self.kinds.get(at)?, bytes))
    }

    #[inline]
    pub(super) fn kind(&self, atom: Atom) -> Option<TypeId> {
        self.kinds.get(atom.0.checked_sub(self.first)? as usize).copied()
    }

    fn hash(&self, at: u32, seed: &Seed) -> u64 {
        self.entry(at).map_or(0, |(kind, bytes)| seed.text(kind, bytes))
    }

    /// Gives back room that is not needed.
    fn fit(&mut self, seed: &Seed) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.kinds.shrink_to_fit();
        let mut table = std::mem::replace(&mut self.table, IdTable::EMPTY);
        table.fit(|at| self.hash(at, seed));
        self.table = table;
    }

    /// This layer and the one that goes on after it, if their texts fit in one buffer.
    fn joined(&self, next: &AtomLayer, seed: &Seed) -> Option<AtomLayer> {
        let begin = self.bytes.len() as u32;
        u32::try_from(self.bytes.len() + next.bytes.len()).ok()?;
        let mut joined = AtomLayer {
            first: self.first,
            bytes: [self.bytes.as_slice(), &next.bytes].concat(),
            ends: self.ends.iter().copied().chain(next.ends.iter().map(|end| begin + end)).collect(),
            kinds: [self.kinds.as_slice(), &next.kinds].concat(),
            table: IdTable::EMPTY,
        };
        let count = joined.ends.len();
        let mut table = IdTable::with_room(count, count);
        for at in 0..count as u32 {
            table.add(joined.hash(at, seed), at);
        }
        joined.table = table;
        Some(joined)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.kinds.capacity() * size_of::<TypeId>()
            + self.table.bytes()
    }
}

/// The atoms of a snapshot.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    /// Of falling size; the first has almost everything.
    layers: Vec<Arc<AtomLayer>>,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.layers.last().map_or(0, |last| last.first as usize + last.len())
    }

    #[inline]
    pub(super) fn find(&self, key: &Key<'_>, hash: u64) -> Option<Atom> {
        self.layers.iter().find_map(|layer| layer.find(key, hash))
    }

    #[inline]
    pub(super) fn get(&self, atom: Atom) -> Option<(TypeId, &[u8])> {
        self.layers.iter().find_map(|layer| layer.get(atom))
    }

    #[inline]
    pub(super) fn kind(&self, atom: Atom) -> Option<TypeId> {
        self.layers.iter().find_map(|layer| layer.kind(atom))
    }

    /// Appends a layer that goes on where this store ends.
    pub(super) fn push(&mut self, mut layer: AtomLayer, seed: &Seed) {
        if layer.len() == 0 {
            return;
        }
        while let Some(last) = self.layers.last().filter(|last| are_alike(last.len(), layer.len())) {
            let Some(joined) = last.joined(&layer, seed) else { break };
            layer = joined;
            self.layers.pop();
        }
        layer.fit(seed);
        self.layers.push(Arc::new(layer));
    }

    pub(super) fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.bytes() + size_of::<AtomLayer>()).sum()
    }
}

/// True when a layer is merged with the one before it: it has a quarter of its size at least.
///
/// So each layer is more than four times the next, and what is merged grows by a quarter at least: an item is moved a
/// logarithmic number of times, and there is a logarithmic number of layers to ask.
pub(super) fn are_alike(before: usize, after: usize) -> bool {
    after.saturating_mul(4) >= before
}

/// The value of an atom, given its type and bytes.
pub(super) fn decode<'a>(names: &'a Names, (kind, bytes): (TypeId, &'a [u8])) -> ValueRef<'a> {
    // INVARIANT: texts are UTF-8, integers eight bytes: `Key` made them.
    let text = || std::str::from_utf8(bytes).unwrap_or_default();
    match kind {
        TypeId::BOOLEAN => ValueRef::Boolean(bytes == [1]),
        TypeId::INTEGER => {
            ValueRef::Integer(i64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default()))
        }
        TypeId::STRING => ValueRef::String(text()),
        _ => ValueRef::Entity { type_name: names.type_name(kind), id: text() },
    }
}
