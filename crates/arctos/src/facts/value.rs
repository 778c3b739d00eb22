//! Facts as people write them: predicate and arguments.

use std::fmt;

use arctos_syntax::format::quote;

/// The most arguments that a fact may have.
pub const MAX_ARGUMENTS: usize = 8;

/// An argument of a fact.
///
/// ```
/// use arctos::facts::Value;
///
/// assert_eq!(Value::entity("User", "ann").to_string(), r#"User{"ann"}"#);
/// assert_eq!(Value::from("admin").to_string(), r#""admin""#);
/// assert_eq!(Value::any("User").to_string(), "_: User");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// `User{"ann"}`. Ids are compared byte by byte: no case folding, no Unicode normalisation.
    Entity {
        /// The type.
        type_name: String,
        /// The id.
        id: String,
    },
    /// `"admin"`.
    String(String),
    /// `7`.
    Integer(i64),
    /// `true`.
    Boolean(bool),
    /// `_: User`: whatever value of that type.
    Any(String),
}

impl Value {
    /// The entity `type_name{"id"}`.
    pub fn entity(type_name: impl Into<String>, id: impl Into<String>) -> Self {
        Value::Entity { type_name: type_name.into(), id: id.into() }
    }

    /// Whatever value of that type.
    pub fn any(type_name: impl Into<String>) -> Self {
        Value::Any(type_name.into())
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Value::Entity { type_name, id } => ValueRef::Entity { type_name, id },
            Value::String(text) => ValueRef::String(text),
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Boolean(value) => ValueRef::Boolean(*value),
            Value::Any(type_name) => ValueRef::Any(type_name),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// An argument of a fact, borrowed: the form in which facts are given and looked up without allocating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueRef<'a> {
    /// `User{"ann"}`.
    Entity {
        /// The type.
        type_name: &'a str,
        /// The id.
        id: &'a str,
    },
    /// `"admin"`.
    String(&'a str),
    /// `7`.
    Integer(i64),
    /// `true`.
    Boolean(bool),
    /// `_: User`: whatever value of that type.
    Any(&'a str),
}

impl<'a> ValueRef<'a> {
    /// The entity `type_name{"id"}`.
    pub fn entity(type_name: &'a str, id: &'a str) -> Self {
        ValueRef::Entity { type_name, id }
    }

    /// The name of its type.
    pub fn type_name(self) -> &'a str {
        match self {
            ValueRef::Entity { type_name, .. } | ValueRef::Any(type_name) => type_name,
            ValueRef::String(_) => "String",
            ValueRef::Integer(_) => "Integer",
            ValueRef::Boolean(_) => "Boolean",
        }
    }

    /// A copy that owns its text.
    pub fn to_value(self) -> Value {
        match self {
            ValueRef::Entity { type_name, id } => Value::entity(type_name, id),
            ValueRef::String(text) => Value::String(text.to_owned()),
            ValueRef::Integer(value) => Value::Integer(value),
            ValueRef::Boolean(value) => Value::Boolean(value),
            ValueRef::Any(type_name) => Value::Any(type_name.to_owned()),
        }
    }
}

impl<'a> From<&'a str> for ValueRef<'a> {
    fn from(text: &'a str) -> Self {
        ValueRef::String(text)
    }
}

impl From<i64> for ValueRef<'_> {
    fn from(value: i64) -> Self {
        ValueRef::Integer(value)
    }
}

impl From<bool> for ValueRef<'_> {
    fn from(value: bool) -> Self {
        ValueRef::Boolean(value)
    }
}

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueRef::Entity { type_name, id } => write!(f, "{type_name}{{{}}}", quote(id)),
            ValueRef::String(text) => f.write_str(&quote(text)),
            ValueRef::Integer(value) => value.fmt(f),
            ValueRef::Boolean(value) => value.fmt(f),
            ValueRef::Any(type_name) => write!(f, "_: {type_name}"),
        }
    }
}

/// A fact: a predicate and its arguments.
///
/// ```
/// use arctos::facts::{Fact, Value};
///
/// let fact = Fact::new("has_role", [Value::entity("User", "ann"), "admin".into(), Value::entity("Org", "acme")]);
/// assert_eq!(fact.to_string(), r#"has_role(User{"ann"}, "admin", Org{"acme"})"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// The predicate, such as `has_role`.
    pub predicate: String,
    /// One to [`MAX_ARGUMENTS`] of them.
    pub arguments: Vec<Value>,
}

impl Fact {
    /// The fact `predicate(arguments…)`.
    pub fn new(predicate: impl Into<String>, arguments: impl IntoIterator<Item = Value>) -> Self {
        Fact { predicate: predicate.into(), arguments: arguments.into_iter().collect() }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_call(f, &self.predicate, self.arguments.iter())
    }
}

/// Which stored facts: some arguments given, others open.
///
/// A pattern is about facts as they are stored: `User{"ann"}` does not select a fact about `_: User`, and a position of
/// the type `User` selects both.
///
/// ```
/// use arctos::facts::{Pattern, Position, Value};
///
/// let ann = Position::Is(Value::entity("User", "ann"));
/// let pattern = Pattern::new("has_role", [ann, Position::Open, Position::OfType("Org".to_owned())]);
/// assert_eq!(pattern.to_string(), r#"has_role(User{"ann"}, _, x: Org)"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The predicate, such as `has_role`.
    pub predicate: String,
    /// One for each argument.
    pub positions: Vec<Position>,
}

/// What a [`Pattern`] says of one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Nothing.
    Open,
    /// That it is of this type; a wildcard of the type is.
    OfType(String),
    /// That it is this one; a wildcard stands for itself only.
    Is(Value),
}

impl Pattern {
    /// The pattern `predicate(positions…)`.
    pub fn new(predicate: impl Into<String>, positions: impl IntoIterator<Item = Position>) -> Self {
        Pattern { predicate: predicate.into(), positions: positions.into_iter().collect() }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_call(f, &self.predicate, self.positions.iter())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Open => f.write_str("_"),
            Position::OfType(name) => write!(f, "x: {name}"),
            Position::Is(value) => value.fmt(f),
        }
    }
}

/// `predicate(a, b)`.
pub(super) fn write_call(
    f: &mut fmt::Formatter<'_>,
    predicate: &str,
    arguments: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    write!(f, "{predicate}(")?;
    for (at, argument) in arguments.enumerate() {
        write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
    }
    f.write_str(")")
}
