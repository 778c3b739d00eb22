//! Why facts were not taken.

use std::fmt;

use super::value::MAX_ARGUMENTS;

/// Why a fact or a batch of changes was not taken. The facts are as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactError {
    /// A fact without arguments.
    NoArguments,
    /// A fact with more than [`MAX_ARGUMENTS`] arguments.
    TooManyArguments {
        /// How many it has.
        count: usize,
    },
    /// An entity or wildcard whose type is a built-in one in a place for entities: write the value itself.
    ReservedType {
        /// `String`, `Integer` or `Boolean`.
        name: String,
    },
    /// Arguments that are not as many as the relation has.
    WrongArity {
        /// What the relation has.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A relation of other facts.
    UnknownRelation,
    /// An atom of other facts.
    UnknownAtom,
    /// A revision that does not follow the one the change starts from.
    RevisionNotNewer {
        /// What the change starts from.
        base: u64,
        /// What was asked for.
        asked: u64,
    },
    /// More than 2³¹ − 1 different arguments.
    TooManyAtoms,
    /// More than 65,536 types.
    TooManyTypes,
    /// More than 2³² − 1 relations.
    TooManyRelations,
    /// One batch gives a relation more than 2³² − 3 facts.
    TooManyFacts,
    /// One batch brings more than 4 GiB of new text.
    TooMuchText,
}

impl fmt::Display for FactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactError::NoArguments => f.write_str("a fact needs at least one argument"),
            FactError::TooManyArguments { count } => {
                write!(f, "a fact has at most {MAX_ARGUMENTS} arguments, and this one has {count}")
            }
            FactError::ReservedType { name } => {
                write!(
                    f,
                    "`{name}` is a built-in type: write the value itself instead of an entity of that type"
                )
            }
            FactError::WrongArity { expected, found } => {
                write!(f, "the relation has {expected} arguments, and {found} were given")
            }
            FactError::UnknownRelation => f.write_str("the relation belongs to other facts"),
            FactError::UnknownAtom => f.write_str("the atom belongs to other facts"),
            FactError::RevisionNotNewer { base, asked } => {
                write!(f, "revision {asked} does not follow revision {base}")
            }
            FactError::TooManyAtoms => f.write_str("there are more than 2³¹ − 1 different arguments"),
            FactError::TooManyTypes => f.write_str("there are more than 65,536 types"),
            FactError::TooManyRelations => f.write_str("there are more than 2³² − 1 relations"),
            FactError::TooManyFacts => f.write_str("one batch has too many facts for one relation"),
            FactError::TooMuchText => f.write_str("one batch brings more than 4 GiB of new text"),
        }
    }
}

impl std::error::Error for FactError {}
