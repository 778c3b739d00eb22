//! From values to atoms and back, over a snapshot's store and a fresh layer that goes on after it.

use std::sync::Arc;

use super::atoms::{Atom, AtomLayer, Store, TypeId, decode};
use super::error::FactError;
use super::hash::Seed;
use super::names::{Keyed, Names};
use super::value::ValueRef;

/// Reads atoms.
#[derive(Clone, Copy)]
pub(super) struct Lexicon<'a> {
    pub(super) names: &'a Names,
    pub(super) store: &'a Store,
    pub(super) fresh: &'a AtomLayer,
    pub(super) seed: &'a Seed,
}

impl<'a> Lexicon<'a> {
    /// The atom of a value, if there is one.
    pub(super) fn find(self, value: ValueRef<'_>) -> Option<Atom> {
        match self.names.keyed(value) {
            Keyed::Atom(atom) => Some(atom),
            Keyed::Key(key) => {
                let hash = key.hash(self.seed);
                self.store.find(&key, hash).or_else(|| self.fresh.find(&key, hash))
            }
            Keyed::NewType(_) | Keyed::Reserved(_) => None,
        }
    }

    /// The type of an atom.
    #[inline]
    pub(super) fn kind(self, atom: Atom) -> Option<TypeId> {
        atom.any_type().or_else(|| self.store.kind(atom)).or_else(|| self.fresh.kind(atom))
    }

    /// The value of an atom.
    pub(super) fn value(self, atom: Atom) -> Option<ValueRef<'a>> {
        if let Some(kind) = atom.any_type() {
            return Some(ValueRef::Any(self.names.type_name(kind)));
        }
        self.store.get(atom).or_else(|| self.fresh.get(atom)).map(|entry| decode(self.names, entry))
    }
}

/// The atom of a value, made if it is new.
pub(super) fn intern(
    names: &mut Arc<Names>,
    store: &Store,
    fresh: &mut AtomLayer,
    seed: &Seed,
    value: ValueRef<'_>,
) -> Result<Atom, FactError> {
    match names.keyed(value) {
        Keyed::Atom(atom) => Ok(atom),
        Keyed::Key(key) => {
            let hash = key.hash(seed);
            match store.find(&key, hash).or_else(|| fresh.find(&key, hash)) {
                Some(atom) => Ok(atom),
                None => fresh.add(&key, hash, seed),
            }
        }
        Keyed::NewType(name) => {
            Arc::make_mut(names).add_type(name)?;
            intern(names, store, fresh, seed, value)
        }
        Keyed::Reserved(name) => Err(FactError::ReservedType { name: name.to_owned() }),
    }
}
