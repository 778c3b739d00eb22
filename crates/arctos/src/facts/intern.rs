//! From values to atoms and back, over a snapshot's store and a fresh layer that goes on after it.

use std::sync::Arc;

use super::atoms::{Atom, AtomLayer, Key, Store, TypeId, decode};
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
        let mut hint = TypeId::STRING;
        match self.names.keyed(value, &mut [0; 8], &mut hint, self.seed) {
            Keyed::Atom(atom) => Some(atom),
            Keyed::Key(key) => self.find_key(&key),
            Keyed::NewType(_) | Keyed::Reserved(_) => None,
        }
    }

    #[inline]
    pub(super) fn find_key(self, key: &Key<'_>) -> Option<Atom> {
        self.store.find(key).or_else(|| self.fresh.find(key))
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

/// Makes atoms.
pub(super) struct Interner<'a> {
    pub(super) names: &'a mut Arc<Names>,
    pub(super) store: &'a Store,
    pub(super) fresh: &'a mut AtomLayer,
    pub(super) seed: &'a Seed,
}

impl Interner<'_> {
    /// The atom of a value, made if it is new. It may well have the type `hint`, which becomes the one it has.
    pub(super) fn intern(&mut self, value: ValueRef<'_>, hint: &mut TypeId) -> Result<Atom, FactError> {
        match self.names.keyed(value, &mut [0; 8], hint, self.seed) {
            Keyed::Atom(atom) => Ok(atom),
            Keyed::Key(key) => match self.store.find(&key).or_else(|| self.fresh.find(&key)) {
                Some(atom) => Ok(atom),
                None => self.fresh.add(&key, self.seed),
            },
            Keyed::NewType(name) => {
                *hint = Arc::make_mut(self.names).add_type(name)?;
                self.intern(value, hint)
            }
            Keyed::Reserved(name) => Err(FactError::ReservedType { name: name.to_owned() }),
        }
    }
}
