//! Live Rust objects behind a policy.
//!
//! [`Arctos`] is the door. Types are described by [`PolarClass`], usually derived; a decision borrows the objects it is
//! asked about:
//!
//! ```
//! use arctos::rust::{Arctos, PolarClass};
//!
//! #[derive(PolarClass)]
//! struct User {
//!     #[polar(attribute)]
//!     name: String,
//! }
//!
//! #[derive(PolarClass)]
//! struct Document {
//!     #[polar(attribute)]
//!     owner: String,
//! }
//!
//! let arctos = Arctos::builder()
//!     .register::<User>()
//!     .register::<Document>()
//!     .load_str(r#"allow(user: User, "edit", document: Document) if document.owner = user.name;"#)
//!     .build()?;
//!
//! let ann = User { name: "ann".to_owned() };
//! let plan = Document { owner: "ann".to_owned() };
//! assert!(arctos.is_allowed(&ann, "edit", &plan)?);
//! assert!(!arctos.is_allowed(&ann, "burn", &plan)?);
//! # Ok::<(), arctos::Error>(())
//! ```
//!
//! INVARIANT: nothing is cloned to be asked about, and nothing but what a class describes is visible to a policy.

mod attribute;
mod class;
mod engine;
mod filter;
#[cfg(any(feature = "uuid", feature = "chrono"))]
mod foreign;
mod from_polar;
mod function;
mod host;
mod items;
mod look;
mod looks;
mod object;
mod peek;
mod registry;
mod session;
mod text;
mod to_polar;

pub use class::{ClassDescription, PolarClass};
pub(crate) use engine::Loaded;
pub use engine::{Arctos, AuthorizeError, Authorized, Builder};
pub use from_polar::FromPolar;
pub use function::{Function, Getter, Method};
pub use items::Search;
pub(crate) use items::Searches;
pub(crate) use looks::Looks;
pub use object::{Object, Scope, Values};
pub use peek::{Peek, Shape};
pub use session::{Answers, Batch, Prepared, QueryArguments, Session, Solution, Unbound};
pub use to_polar::{AsPolar, Key, ToPolar};

/// ```
/// use arctos::rust::{Arctos, PolarClass};
///
/// #[derive(PolarClass)]
/// #[polar(methods(leads))]
/// struct User {
///     #[polar(attribute)]
///     role: Role,
///     team: u32,
/// }
///
/// #[derive(PolarClass)]
/// enum Role { Lead, Member }
///
/// impl User {
///     fn leads(&self, team: u32) -> bool { self.team == team }
/// }
///
/// let arctos = Arctos::builder()
///     .register::<User>()
///     .register::<Role>()
///     .load_str("allow(user: User, _, team: Integer) if user.role = Role::Lead and user.leads(team);")
///     .build()?;
/// assert!(arctos.is_allowed(&User { role: Role::Lead, team: 1 }, "close", 1)?);
/// assert!(!arctos.is_allowed(&User { role: Role::Member, team: 1 }, "close", 1)?);
/// # Ok::<(), arctos::Error>(())
/// ```
#[cfg(feature = "derive")]
pub use arctos_derive::PolarClass;

/// The examples of the Rust chapter of the book run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/rust.md")]
struct Book;
