//! Filters of Arctos as SQL: *which of these rows may she read?*, answered by the database that has them.
//!
//! A [`Residual`](arctos::residual::Residual) says what must hold of a row; [`Tables`] say where rows are; a [`Filter`] is a condition for `WHERE`, or a whole query,
//! for SQLite, PostgreSQL, MySQL or MariaDB. A row is selected exactly where a check of it says yes: `nil`, case, accents, trailing spaces, NaN and numbers of both types
//! mean what they mean in Polar, whatever the database thinks of them. No value of a policy or a request is part of the text.
//!
//! What has no form in SQL is an error ([`SqlError`]), never a wrong filter.

mod arithmetic;
mod bindings;
mod column;
mod decision;
mod derived;
mod dialect;
mod error;
mod existing;
mod filter;
mod mapping;
mod numbers;
mod recursion;
mod security;
mod tables;
mod truth;
mod values;
mod writer;

pub use bindings::{BindingError, Bindings};
pub use decision::Decision;
pub use dialect::{Dialect, Parameter, Statement};
pub use error::SqlError;
pub use filter::Filter;
pub use mapping::{NotAMapping, Problem};
pub use security::{Command, RowSecurity};
pub use tables::{Table, Tables};
