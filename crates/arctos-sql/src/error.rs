//! Why a residual is no SQL.

use std::fmt;

/// Why there is no SQL for a residual. It is never a wrong filter instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlError {
    /// The mapping has no table for rows of the class.
    NoTable(String),
    /// Nothing is known of the rows of the class.
    UnknownClass(String),
    /// Rows of the class have no such relation.
    UnknownRelation(String, String),
    /// Rows of the class have no such attribute.
    UnknownAttribute(String, String),
    /// An attribute is compared whose type is not known: databases would convert values as they see fit.
    UnknownType(String, String),
    /// Values of different types are compared, of which a row type says that they cannot be.
    OtherType(String, String),
    /// An attribute is compared with an object of the application.
    Object,
    /// Arithmetic that databases do otherwise, and which.
    Arithmetic(&'static str),
    /// A formula mentions a row or a set that nothing introduces.
    OutOfScope,
    /// A recursion that `WITH RECURSIVE` cannot express, and what it is about it.
    Recursion(&'static str),
    /// Row-level security that would not do what the policy says, and why.
    RowSecurity(String),
    /// The SQL would have more conditions than this.
    TooLarge(usize),
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SqlError::NoTable(class) => write!(f, "the mapping has no table for `{class}`"),
            SqlError::UnknownClass(class) => write!(f, "nothing is known of the rows of `{class}`"),
            SqlError::UnknownRelation(class, relation) => {
                write!(f, "rows of `{class}` have no relation `{relation}`")
            }
            SqlError::UnknownAttribute(class, attribute) => {
                write!(f, "rows of `{class}` have no attribute `{attribute}`")
            }
            SqlError::UnknownType(class, attribute) => write!(
                f,
                "the type of attribute `{attribute}` of `{class}` is not known, and it is compared: give it one"
            ),
            SqlError::OtherType(class, attribute) => {
                write!(f, "attribute `{attribute}` of `{class}` is compared with a value of another type")
            }
            SqlError::Object => f.write_str(
                "an attribute is compared with an object of the application, which a database does not know",
            ),
            SqlError::Arithmetic(which) => write!(f, "arithmetic that has no form in SQL: {which}"),
            SqlError::OutOfScope => f.write_str("a formula mentions a row that nothing introduces"),
            SqlError::Recursion(why) => write!(f, "a recursion has no form in SQL: {why}"),
            SqlError::RowSecurity(why) => write!(f, "there is no row-level security for this: {why}"),
            SqlError::TooLarge(limit) => {
                write!(
                    f,
                    "the filter has more than {limit} conditions: raise the limit, or ask of fewer values"
                )
            }
        }
    }
}

impl std::error::Error for SqlError {}
