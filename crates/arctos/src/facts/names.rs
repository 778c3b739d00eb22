//! Names of predicates and types, and the relations they make.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::atoms::{Atom, Key, TypeId};
use super::error::FactError;
use super::hash::Seed;
use super::value::{MAX_ARGUMENTS, ValueRef};
use crate::symbol::{Symbol, Symbols};

/// The facts of one predicate with one number of arguments. Of one line of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub(super) u32);

impl RelationId {
    /// A dense number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names that facts use.
#[derive(Clone, Debug)]
pub(super) struct Names {
    predicates: Symbols,
    types: Symbols,
    relations: IndexSet<(Symbol, u8), FxBuildHasher>,
}

impl Default for Names {
    fn default() -> Self {
        let mut types = Symbols::default();
        // In the order of the constants of `TypeId`.
        for name in ["Boolean", "Integer", "String"] {
            types.intern(name);
        }
        Names { predicates: Symbols::default(), types, relations: IndexSet::default() }
    }
}

impl Names {
    pub(super) fn type_id(&self, name: &str) -> Option<TypeId> {
        self.types.get(name).and_then(|symbol| u16::try_from(symbol.0).ok()).map(TypeId)
    }

    pub(super) fn type_name(&self, id: TypeId) -> &str {
        self.types.text(Symbol(u32::from(id.0)))
    }

    pub(super) fn type_names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|(_, name)| name)
    }

    /// Adds a type that is not there.
    pub(super) fn add_type(&mut self, name: &str) -> Result<TypeId, FactError> {
        let id = u16::try_from(self.types.len()).map_err(|_| FactError::TooManyTypes)?;
        self.types.intern(name);
        Ok(TypeId(id))
    }

    pub(super) fn relation(&self, predicate: &str, arity: usize) -> Option<RelationId> {
        let key = (self.predicates.get(predicate)?, u8::try_from(arity).ok()?);
        self.relations.get_index_of(&key).map(|index| RelationId(index as u32))
    }

    /// Adds a relation that is not there.
    pub(super) fn add_relation(&mut self, predicate: &str, arity: usize) -> Result<RelationId, FactError> {
        let arity = match arity {
            0 => return Err(FactError::NoArguments),
            1..=MAX_ARGUMENTS => arity as u8,
            count => return Err(FactError::TooManyArguments { count }),
        };
        let id = u32::try_from(self.relations.len()).map_err(|_| FactError::TooManyRelations)?;
        let predicate = self.predicates.intern(predicate);
        self.relations.insert((predicate, arity));
        Ok(RelationId(id))
    }

    /// The predicate and number of arguments.
    pub(super) fn signature(&self, relation: RelationId) -> Option<(&str, usize)> {
        let (predicate, arity) = self.relations.get_index(relation.index())?;
        Some((self.predicates.text(*predicate), usize::from(*arity)))
    }

    pub(super) fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// How a value is found. `word` is room for its bytes; `hint` a type that it may well have, which becomes the
    /// one it has.
    #[inline]
    pub(super) fn keyed<'a>(
        &self,
        value: ValueRef<'a>,
        word: &'a mut [u8; 8],
        hint: &mut TypeId,
        seed: &Seed,
    ) -> Keyed<'a> {
        match value {
            ValueRef::Entity { type_name, id } => match self.type_id_near(type_name, hint) {
                None => Keyed::NewType(type_name),
                Some(kind) if !kind.is_of_entities() => Keyed::Reserved(type_name),
                Some(kind) => Keyed::Key(Key::new(kind, id.as_bytes(), seed)),
            },
            ValueRef::String(text) => Keyed::Key(Key::new(TypeId::STRING, text.as_bytes(), seed)),
            ValueRef::Integer(value) => {
                *word = value.to_le_bytes();
                Keyed::Key(Key::new(TypeId::INTEGER, word, seed))
            }
            ValueRef::Boolean(value) => {
                let byte: &[u8] = if value { &[1] } else { &[0] };
                Keyed::Key(Key::new(TypeId::BOOLEAN, byte, seed))
            }
            ValueRef::Any(name) => match self.type_id(name) {
                None => Keyed::NewType(name),
                Some(kind) => Keyed::Atom(Atom::any(kind)),
            },
        }
    }

    // PERF: an argument has most often the type that it had in the fact before.
    #[inline]
    fn type_id_near(&self, name: &str, hint: &mut TypeId) -> Option<TypeId> {
        if self.type_name(*hint) != name {
            *hint = self.type_id(name)?;
        }
        Some(*hint)
    }

    /// As [`Names::relation`], where it may well be `hint`.
    #[inline]
    pub(super) fn relation_near(
        &self,
        predicate: &str,
        arity: usize,
        hint: RelationId,
    ) -> Option<RelationId> {
        if self.signature(hint) == Some((predicate, arity)) {
            Some(hint)
        } else {
            self.relation(predicate, arity)
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let texts = |symbols: &Symbols| symbols.iter().map(|(_, text)| text.len() + 32).sum::<usize>();
        texts(&self.predicates) + texts(&self.types) + self.relations.capacity() * 24
    }
}

/// How a value is found.
pub(super) enum Keyed<'a> {
    /// By its key.
    Key(Key<'a>),
    /// It is this one: "any value of a type".
    Atom(Atom),
    /// Not at all: its type is not known.
    NewType(&'a str),
    /// Never: an entity cannot have a built-in type.
    Reserved(&'a str),
}
