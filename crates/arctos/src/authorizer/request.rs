//! What a request brings.

use std::fmt;

use arctos_syntax::format::quote;

use crate::facts::{Fact, Value};

/// What one request brings besides its question. What a policy asks for and the request does not say is an error,
/// [`ErrorKind::NotGiven`](crate::ErrorKind::NotGiven), inside `not` too.
///
/// ```
/// use arctos::facts::{Facts, Value, ValueRef};
/// use arctos::{Attributes, Authorizer, ErrorKind, Policy, Request, Schema, Sources};
///
/// let mut schema = Schema::new();
/// schema.enable_facts();
/// let mut sources = Sources::default();
/// sources.add(None, r#"
///     allow(_: User, "read", doc: Doc) if doc.status = "published" or @context.is_office;
/// "#);
/// let authorizer = Authorizer::new(&Policy::load(&schema, sources)?, Facts::new())?;
///
/// let question = [ValueRef::entity("User", "ann"), "read".into(), ValueRef::entity("Doc", "plan")];
/// let status = [("status".to_owned(), "draft".into())];
/// let attributes = [Attributes { entity: Value::entity("Doc", "plan"), values: &status }];
/// let context = [("is_office".to_owned(), true.into())];
/// let request = Request { context: &context, attributes: &attributes, ..Request::default() };
/// assert!(authorizer.check_request(&request, "allow", &question)?);
///
/// let silent = authorizer.check("allow", &question).unwrap_err();
/// assert_eq!(silent.kind(), ErrorKind::NotGiven);
/// # Ok::<(), arctos::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Facts that hold for this request only.
    pub facts: &'r [Fact],
    /// `@current_unix_time`, in seconds.
    pub unix_time: Option<i64>,
    /// What policies read as `@context.name`.
    pub context: &'r [(String, RequestValue)],
    /// What policies read as `@action.name`: the parameters of what is asked to be done.
    pub action: &'r [(String, RequestValue)],
    /// What policies read as `resource.name`.
    pub attributes: &'r [Attributes<'r>],
}

/// The attributes of one entity, as a request gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes<'r> {
    /// Whose they are.
    pub entity: Value,
    /// By name.
    pub values: &'r [(String, RequestValue)],
}

/// A value that a request gives.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestValue {
    /// No value.
    Nil,
    /// `true`, `false`
    Boolean(bool),
    /// A 64-bit integer.
    Integer(i64),
    /// A double-precision float.
    Float(f64),
    /// A text.
    String(String),
    /// The entity of that type and id.
    Entity {
        /// The type.
        type_name: String,
        /// The id.
        id: String,
    },
    /// A list.
    List(Vec<RequestValue>),
    /// Values by name, read as `@context.token.scopes`. A name that is not among them is an error, as in the context itself.
    Record(Vec<(String, RequestValue)>),
}

impl RequestValue {
    /// The entity `type_name{"id"}`.
    pub fn entity(type_name: impl Into<String>, id: impl Into<String>) -> Self {
        RequestValue::Entity { type_name: type_name.into(), id: id.into() }
    }
}

impl From<bool> for RequestValue {
    fn from(value: bool) -> Self {
        RequestValue::Boolean(value)
    }
}

impl From<i64> for RequestValue {
    fn from(value: i64) -> Self {
        RequestValue::Integer(value)
    }
}

impl From<f64> for RequestValue {
    fn from(value: f64) -> Self {
        RequestValue::Float(value)
    }
}

impl From<&str> for RequestValue {
    fn from(text: &str) -> Self {
        RequestValue::String(text.to_owned())
    }
}

impl From<Vec<RequestValue>> for RequestValue {
    fn from(items: Vec<RequestValue>) -> Self {
        RequestValue::List(items)
    }
}

impl fmt::Display for RequestValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestValue::Nil => f.write_str("nil"),
            RequestValue::Boolean(value) => value.fmt(f),
            RequestValue::Integer(value) => value.fmt(f),
            RequestValue::Float(value) => write!(f, "{value:?}"),
            RequestValue::String(text) => f.write_str(&quote(text)),
            RequestValue::Entity { type_name, id } => write!(f, "{type_name}{{{}}}", quote(id)),
            RequestValue::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            RequestValue::Record(entries) => {
                f.write_str("{")?;
                for (at, (name, value)) in entries.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}
