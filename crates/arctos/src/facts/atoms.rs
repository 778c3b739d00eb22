//! Interned arguments.
//!
//! Every distinct argument of a fact is an [`Atom`], a dense number of 31 bits; the texts stand one after the other in
//! few large buffers. An entity is its type and its id; a string, integer or boolean is its type and its bytes. So two
//! arguments are equal exactly when their atoms are.
//!
//! INVARIANT: an atom keeps its meaning in all later snapshots. A [`Store`] only grows, by layers that are merged with
//! their neighbours when they are of like size, so that a small batch costs little and a look-up asks few layers.

use std::hint::black_box;
use std::sync::Arc;

use super::bulk::BLOCK_ARGUMENTS;
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

    /// The type of that number.
    pub(crate) fn numbered(number: u16) -> Self {
        TypeId(number)
    }

    /// True for a type of entities, false for the three that are built in.
    #[inline]
    pub(crate) fn is_of_entities(self) -> bool {
        self > TypeId::STRING
    }
}

/// What an argument is interned by: its type and bytes.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    kind: TypeId,
    bytes: &'a [u8],
    hash: u64,
}

impl<'a> Key<'a> {
    #[inline]
    pub(super) fn new(kind: TypeId, bytes: &'a [u8], seed: &Seed) -> Self {
        Key { kind, bytes, hash: seed.text(kind, bytes) }
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }
}

/// Atoms `first`, `first + 1`, ….
#[derive(Clone, Debug)]
pub(super) struct AtomLayer {
    first: u32,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    table: IdTable,
}

/// The type of an atom and where its bytes end, in 6 bytes.
///
/// PERF: side by side, since a look-up needs both and each would be a cache miss of its own.
#[derive(Clone, Copy, Debug)]
struct Entry([u16; 3]);

impl Entry {
    fn new(kind: TypeId, end: u32) -> Self {
        Entry([kind.0, (end >> 16) as u16, end as u16])
    }

    #[inline]
    fn kind(self) -> TypeId {
        TypeId(self.0[0])
    }

    #[inline]
    fn end(self) -> u32 {
        u32::from(self.0[1]) << 16 | u32::from(self.0[2])
    }
}

impl AtomLayer {
    /// No atoms.
    pub(super) const EMPTY: AtomLayer =
        AtomLayer { first: 0, bytes: Vec::new(), entries: Vec::new(), table: IdTable::EMPTY };

    /// An empty one that goes on after `store`.
    pub(super) fn after(store: &Store) -> Self {
        AtomLayer { first: store.len() as u32, ..AtomLayer::EMPTY }
    }

    /// Forgets everything, keeps the room, and goes on after `store`.
    pub(super) fn restart(&mut self, store: &Store) {
        if !self.entries.is_empty() {
            self.table.clear();
        }
        self.first = store.len() as u32;
        self.bytes.clear();
        self.entries.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    pub(super) fn find(&self, key: &Key<'_>) -> Option<Atom> {
        let is_it = |at| entry(&self.entries, &self.bytes, at) == Some((key.kind, key.bytes));
        Some(Atom(self.first + self.table.find(key.hash, is_it)?))
    }

    /// Reads what looking up these hashes will read, side by side, so that it is in the cache.
    pub(super) fn touch(&self, hashes: &[u64]) {
        // PERF: each stage is loads that do not wait for each other. What is read is of no use, which the compiler must
        // not know.
        let slots = hashes.iter().fold(0, |sum, hash| sum ^ self.table.touch(*hash));
        black_box(slots);
        let mut candidates = [0; BLOCK_ARGUMENTS];
        for (candidate, hash) in candidates.iter_mut().zip(hashes) {
            *candidate = self.table.find(*hash, |_| true).unwrap_or(0);
        }
        let ends = candidates.map(|at| self.entries.get(at as usize).map_or(0, |entry| entry.end()));
        let texts = ends.iter().map(|end| self.bytes.get((*end as usize).saturating_sub(1)).copied());
        black_box(texts.fold(0, |sum, byte| sum ^ byte.unwrap_or(0)));
    }

    /// Adds an argument that is not there.
    pub(super) fn add(&mut self, key: &Key<'_>, seed: &Seed) -> Result<Atom, FactError> {
        let AtomLayer { first, bytes, entries, table } = self;
        let atom = *first + entries.len() as u32;
        if atom & ANY != 0 {
            return Err(FactError::TooManyAtoms);
        }
        let end = u32::try_from(bytes.len() + key.bytes.len()).map_err(|_| FactError::TooMuchText)?;
        table.add_next(key.hash, |at| hash(entries, bytes, at, seed));
        bytes.extend_from_slice(key.bytes);
        entries.push(Entry::new(key.kind, end));
        Ok(Atom(atom))
    }

    /// The type and bytes of an atom of this layer.
    #[inline]
    pub(super) fn get(&self, atom: Atom) -> Option<(TypeId, &[u8])> {
        entry(&self.entries, &self.bytes, atom.0.checked_sub(self.first)?)
    }

    #[inline]
    pub(super) fn kind(&self, atom: Atom) -> Option<TypeId> {
        let entry = self.entries.get(atom.0.checked_sub(self.first)? as usize)?;
        Some(entry.kind())
    }

    /// Gives back room that is not needed.
    fn fit(&mut self, seed: &Seed) {
        let AtomLayer { bytes, entries, table, .. } = self;
        bytes.shrink_to_fit();
        entries.shrink_to_fit();
        table.fit(|at| hash(entries, bytes, at, seed));
    }

    /// This layer and the one that goes on after it, if their texts fit in one buffer.
    fn joined(&self, next: &AtomLayer, seed: &Seed) -> Option<AtomLayer> {
        let begin = self.bytes.len() as u32;
        u32::try_from(self.bytes.len() + next.bytes.len()).ok()?;
        let moved = next.entries.iter().map(|entry| Entry::new(entry.kind(), begin + entry.end()));
        let entries: Vec<Entry> = self.entries.iter().copied().chain(moved).collect();
        let bytes = [self.bytes.as_slice(), &next.bytes].concat();
        let mut table = IdTable::with_room(entries.len(), entries.len());
        for at in 0..entries.len() as u32 {
            table.add(hash(&entries, &bytes, at, seed), at);
        }
        Some(AtomLayer { first: self.first, bytes, entries, table })
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>() + self.table.bytes()
    }
}

#[inline]
fn entry<'a>(entries: &[Entry], bytes: &'a [u8], at: u32) -> Option<(TypeId, &'a [u8])> {
    let at = at as usize;
    let begin = match at.checked_sub(1) {
        Some(before) => entries.get(before)?.end(),
        None => 0,
    };
    let entry = *entries.get(at)?;
    Some((entry.kind(), bytes.get(begin as usize..entry.end() as usize)?))
}

fn hash(entries: &[Entry], bytes: &[u8], at: u32, seed: &Seed) -> u64 {
    entry(entries, bytes, at).map_or(0, |(kind, bytes)| seed.text(kind, bytes))
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
    pub(super) fn find(&self, key: &Key<'_>) -> Option<Atom> {
        self.layers.iter().find_map(|layer| layer.find(key))
    }

    /// As [`AtomLayer::touch`], in the layer that has almost everything.
    pub(super) fn touch(&self, hashes: &[u64]) {
        if let Some(layer) = self.layers.first() {
            layer.touch(hashes);
        }
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
    // INVARIANT: texts are UTF-8, integers eight bytes: `Names::keyed` made them.
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
