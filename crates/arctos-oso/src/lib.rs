//! The public names of the crate `oso` 0.27 over [`arctos`].
//!
//! An application changes one line of its `Cargo.toml`, `oso = { package = "arctos-oso", … }`, and compiles as before.
//! New code is better off with `arctos` itself: it borrows what this crate clones, and finds members by number.
//!
//! ```
//! use oso::{Oso, PolarClass};
//!
//! #[derive(Clone, PolarClass)]
//! struct User {
//!     #[polar(attribute)]
//!     name: String,
//! }
//!
//! let mut oso = Oso::new();
//! oso.register_class(User::get_polar_class())?;
//! oso.load_str(r#"allow(actor: User, "read", _) if actor.name.starts_with("a");"#)?;
//! let ann = User { name: "ann".to_owned() };
//! assert!(oso.is_allowed(ann.clone(), "read", "the page")?);
//! assert!(!oso.is_allowed(ann, "write", "the page")?);
//! # Ok::<(), oso::OsoError>(())
//! ```
//!
//! INVARIANT: this is a layer of names. It decides nothing itself, and `arctos` owes nothing to it.

mod builtins;
mod class;
pub mod errors;
mod from_polar;
mod function;
mod host;
#[path = "oso.rs"]
mod library;
mod query;
mod to_polar;
mod value;

pub use class::{Class, ClassBuilder};
pub use errors::{OsoError, Result};
pub use from_polar::{FromPolar, FromPolarList};
pub use function::{Function, Method};
pub use library::{Action, Oso};
pub use query::{Query, ResultSet};
pub use to_polar::{PolarIterator, PolarResultIter, ToPolar, ToPolarList, ToPolarResult};
pub use value::{Instance, PolarValue};

/// Implements [`trait@PolarClass`]: `#[polar(attribute)]` on the fields that policies may see, `#[polar(class_name = "…")]`
/// on the type; the variants of an enum become constants `Enum::Variant`.
#[cfg(feature = "derive")]
pub use arctos_derive::OsoPolarClass as PolarClass;

/// A type that policies know as a class. With [`Clone`] it is [`ToPolar`] and [`FromPolar`].
///
/// ```
/// use oso::{ClassBuilder, Class, PolarClass};
///
/// struct Page { title: String }
///
/// impl PolarClass for Page {
///     fn get_polar_class_builder() -> ClassBuilder<Self> {
///         Class::builder().add_attribute_getter("title", |page: &Page| page.title.clone())
///     }
/// }
///
/// assert_eq!(Page::get_polar_class().name, "Page");
/// ```
pub trait PolarClass: Sized + 'static {
    /// The class, to be registered.
    fn get_polar_class() -> Class {
        Self::get_polar_class_builder().build()
    }

    /// The class, to which more can be added.
    fn get_polar_class_builder() -> ClassBuilder<Self> {
        Class::builder()
    }
}
