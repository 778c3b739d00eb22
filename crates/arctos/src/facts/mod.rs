//! Facts: typed tuples such as `has_role(User{"ann"}, "admin", Org{"acme"})`, held in memory.
//!
//! [`Facts`] is an immutable snapshot. A [`Change`] makes the next one out of it, at a cost that goes with the change. A
//! [`FactView`] is what one request sees: a snapshot, with the request's own facts over it. Engines ask a view by
//! number ([`RelationId`], [`Atom`]), people ask a snapshot by name ([`Fact`], [`Pattern`]).
//!
//! ```
//! use arctos::facts::{Fact, Facts, Value};
//!
//! let mut change = Facts::new().change();
//! let admin = Fact::new("has_role", [Value::entity("User", "ann"), "admin".into(), Value::entity("Org", "acme")]);
//! change.insert(&admin)?;
//! let (facts, applied) = change.commit();
//! assert_eq!((applied.inserted, facts.len(), facts.revision()), (1, 1, 1));
//! assert!(facts.holds(&admin));
//! # Ok::<(), arctos::facts::FactError>(())
//! ```
//!
//! How it is held, from the bottom: `table` finds numbers by hash, `texts` by text; `atoms` and `names` intern; `layer`
//! holds sorted rows of atoms, `starts` finds them by the first, `index` by others; `relation` is layers and what has been
//! deleted from them; `shapes` accounts for wildcards; `domain` lists the entities.
//!
//! INVARIANT: what a snapshot answers depends on the set of its facts alone, not on how it came about.

mod atoms;
mod bulk;
mod change;
mod cursor;
mod dead;
mod domain;
mod error;
mod hash;
mod index;
mod intern;
mod layer;
mod mask;
mod named;
mod names;
mod relation;
mod shapes;
mod snapshot;
mod starts;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod value;
mod view;
mod working;

pub use atoms::{Atom, TypeId};
pub use change::{Applied, Change};
pub use cursor::{Cursor, Row};
pub use error::FactError;
pub use mask::Mask;
pub use names::RelationId;
pub use snapshot::{FactRef, Facts};
pub use text::{Places, Statement, parse, statements};
pub(crate) use text::{places, statement, value};
pub use value::{Fact, MAX_ARGUMENTS, Pattern, Position, Value, ValueRef};
pub use view::FactView;
