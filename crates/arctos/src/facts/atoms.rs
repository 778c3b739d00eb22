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
use super::texts::{Probe, TextTable};
use super::value::ValueRef;

/// The highest bit says that an atom is "any value of that type"; the others are then the type.
const ANY: u32 = 1 << 31;

/// An interned argument, or "any value of that type". Of one line of snapshots: see
/// [`Facts::shares_atoms`](super::Facts::shares_atoms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(pub(super) u32);

impl Atom {
    /// What stands in a key where nothing is known.
    pub(crate) const UNKNOWN: Atom = Atom(0);

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
    probe: Probe,
}

impl<'a> Key<'a> {
    #[inline]
    pub(super) fn new(kind: TypeId, bytes: &'a [u8], seed: &Seed) -> Self {
        Key { kind, bytes, probe: Probe::new(kind, bytes, seed) }
    }

    pub(super) fn probe(&self) -> Probe {
        self.probe
    }
}

/// Atoms `first`, `first + 1`, ….
#[derive(Clone, Debug)]
pub(super) struct AtomLayer {
    first: u32,
    texts: Texts,
    table: TextTable,
}

/// Types and bytes, one after the other.
#[derive(Clone, Debug)]
struct Texts {
    // PERF: by themselves, since decisions ask for types and not for texts: so more of them stay in the cache.
    kinds: Vec<TypeId>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Texts {
    const EMPTY: Texts = Texts { kinds: Vec::new(), ends: Vec::new(), bytes: Vec::new() };

    #[inline]
    fn begin(&self, at: u32) -> u32 {
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before as usize));
        before.copied().unwrap_or(0)
    }

    #[inline]
    fn get(&self, at: u32) -> Option<(TypeId, &[u8])> {
        let kind = *self.kinds.get(at as usize)?;
        let end = *self.ends.get(at as usize)?;
        Some((kind, self.bytes.get(self.begin(at) as usize..end as usize)?))
    }

    fn push(&mut self, kind: TypeId, bytes: &[u8], end: u32) {
        self.kinds.push(kind);
        self.bytes.extend_from_slice(bytes);
        self.ends.push(end);
    }

    /// How a text is found, and where it begins.
    fn probe(&self, at: u32, seed: &Seed) -> (Probe, u32) {
        let (kind, bytes) = self.get(at).unwrap_or((TypeId::STRING, &[]));
        (Probe::new(kind, bytes, seed), self.begin(at))
    }

    fn clear(&mut self) {
        self.kinds.clear();
        self.ends.clear();
        self.bytes.clear();
    }

    fn fit(&mut self) {
        self.kinds.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.bytes.shrink_to_fit();
    }

    /// These and then others, if they fit in one buffer.
    fn joined(&self, next: &Texts) -> Option<Texts> {
        let begin = self.bytes.len() as u32;
        u32::try_from(self.bytes.len() + next.bytes.len()).ok()?;
        let moved = next.ends.iter().map(|end| begin + end);
        Some(Texts {
            kinds: [self.kinds.as_slice(), &next.kinds].concat(),
            ends: self.ends.iter().copied().chain(moved).collect(),
            bytes: [self.bytes.as_slice(), &next.bytes].concat(),
        })
    }

    fn size(&self) -> usize {
        self.kinds.capacity() * size_of::<TypeId>()
            + self.ends.capacity() * size_of::<u32>()
            + self.bytes.capacity()
    }
}

impl AtomLayer {
    /// No atoms.
    pub(super) const EMPTY: AtomLayer = AtomLayer { first: 0, texts: Texts::EMPTY, table: TextTable::EMPTY };

    /// An empty one that goes on after `store`.
    pub(super) fn after(store: &Store) -> Self {
        AtomLayer { first: store.len() as u32, ..AtomLayer::EMPTY }
    }

    /// Forgets everything, keeps the room, and goes on after `store`.
    pub(super) fn restart(&mut self, store: &Store) {
        if self.len() > 0 {
            self.table.clear();
            self.texts.clear();
        }
        self.first = store.len() as u32;
    }

    pub(super) fn len(&self) -> usize {
        self.texts.kinds.len()
    }

    #[inline]
    pub(super) fn find(&self, key: &Key<'_>) -> Option<Atom> {
        let Key { bytes, probe, .. } = key;
        let is_it = |number: u32, begin: u32| {
            // The table knows the type; where the text ends, it does not.
            let end = begin as usize + bytes.len();
            let texts = &self.texts;
            texts.bytes.get(begin as usize..end) == Some(*bytes)
                && texts.ends.get(number as usize).is_some_and(|found| *found as usize == end)
        };
        Some(Atom(self.first + self.table.find(probe, is_it)?))
    }

    /// Reads what looking up these arguments will read, side by side, so that it is in the cache.
    pub(super) fn touch(&self, probes: &[Probe]) {
        // PERF: each stage is loads that do not wait for each other. What is read is of no use, which the compiler must
        // not know.
        let mut begins = [0; BLOCK_ARGUMENTS];
        for (begin, probe) in begins.iter_mut().zip(probes) {
            *begin = self.table.candidate(probe);
        }
        let begins = begins.iter().take(probes.len());
        let bytes = begins.map(|begin| self.texts.bytes.get(*begin as usize).copied());
        black_box(bytes.fold(0, |sum, byte| sum ^ byte.unwrap_or(0)));
    }

    /// Adds an argument that is not there.
    pub(super) fn add(&mut self, key: &Key<'_>, seed: &Seed) -> Result<Atom, FactError> {
        let AtomLayer { first, texts, table } = self;
        let atom = *first + texts.kinds.len() as u32;
        if atom & ANY != 0 {
            return Err(FactError::TooManyAtoms);
        }
        let begin = texts.bytes.len() as u32;
        let end = u32::try_from(texts.bytes.len() + key.bytes.len()).map_err(|_| FactError::TooMuchText)?;
        table.add_next(&key.probe, begin, |at| texts.probe(at, seed));
        texts.push(key.kind, key.bytes, end);
        Ok(Atom(atom))
    }

    /// The type and bytes of an atom of this layer.
    #[inline]
    pub(super) fn get(&self, atom: Atom) -> Option<(TypeId, &[u8])> {
        self.texts.get(atom.0.checked_sub(self.first)?)
    }

    #[inline]
    pub(super) fn kind(&self, atom: Atom) -> Option<TypeId> {
        self.texts.kinds.get(atom.0.checked_sub(self.first)? as usize).copied()
    }

    /// Gives back room that is not needed.
    fn fit(&mut self, seed: &Seed) {
        let AtomLayer { texts, table, .. } = self;
        texts.fit();
        table.fit(|at| texts.probe(at, seed));
    }

    /// This layer and the one that goes on after it, if their texts fit in one buffer.
    fn joined(&self, next: &AtomLayer, seed: &Seed) -> Option<AtomLayer> {
        let texts = self.texts.joined(&next.texts)?;
        let mut table = TextTable::with_room(texts.kinds.len());
        for at in 0..texts.kinds.len() as u32 {
            let (probe, begin) = texts.probe(at, seed);
            table.add(&probe, begin);
        }
        Some(AtomLayer { first: self.first, texts, table })
    }

    pub(super) fn bytes(&self) -> usize {
        self.texts.size() + self.table.bytes()
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
    pub(super) fn find(&self, key: &Key<'_>) -> Option<Atom> {
        // PERF: after a load there is one.
        match &*self.layers {
            [layer] => layer.find(key),
            layers => layers.iter().find_map(|layer| layer.find(key)),
        }
    }

    /// As [`AtomLayer::touch`], in the layer that has almost everything.
    pub(super) fn touch(&self, probes: &[Probe]) {
        if let Some(layer) = self.layers.first() {
            layer.touch(probes);
        }
    }

    #[inline]
    pub(super) fn get(&self, atom: Atom) -> Option<(TypeId, &[u8])> {
        self.layers.iter().find_map(|layer| layer.get(atom))
    }

    #[inline]
    pub(super) fn kind(&self, atom: Atom) -> Option<TypeId> {
        match &*self.layers {
            [layer] => layer.kind(atom),
            layers => layers.iter().find_map(|layer| layer.kind(atom)),
        }
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
