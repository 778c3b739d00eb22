//! Values and facts: `{"type":"User","id":"ann"}`, ids always as strings.

use std::borrow::Cow;
use std::fmt;

use arctos::facts::{self, ValueRef};
use serde::Serialize;

/// A value: its type and its id. The id of an integer or boolean is its text; that of a wildcard, `_: User`, is null.
///
/// ```
/// use arctos::facts;
/// use arctos_wire::Value;
///
/// let ann = serde_json::to_string(&Value::from(&facts::Value::entity("User", "ann")))?;
/// assert_eq!(ann, r#"{"type":"User","id":"ann"}"#);
/// let seven: Value = serde_json::from_str(r#"{"type":"Integer","id":"7"}"#)?;
/// assert_eq!(facts::Value::try_from(&seven)?, facts::Value::Integer(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Value<'a> {
    /// The type: that of an entity, or `String`, `Integer` or `Boolean`.
    #[serde(rename = "type")]
    pub type_name: Cow<'a, str>,
    /// The id; null for whatever value of the type. It is never left out: a value without one would be about everybody.
    pub id: Option<Cow<'a, str>>,
}

/// A fact: `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact<'a> {
    /// The predicate.
    pub predicate: Cow<'a, str>,
    /// The arguments.
    pub args: Vec<Value<'a>>,
}

/// A type and an id that are no value together, such as an `Integer` with the id `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAValue {
    /// The built-in type.
    pub type_name: String,
    /// The text that is none of its values.
    pub id: String,
}

impl fmt::Display for NotAValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotAValue { type_name, id } = self;
        let wanted = if type_name == "Boolean" { "`true` or `false`" } else { "an integer of 64 bits" };
        write!(f, "`{id}` is no {type_name}: write {wanted}")
    }
}

impl std::error::Error for NotAValue {}

impl<'a> From<ValueRef<'a>> for Value<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        let id = match value {
            ValueRef::Entity { id, .. } | ValueRef::String(id) => Some(id.into()),
            ValueRef::Integer(value) => Some(value.to_string().into()),
            ValueRef::Boolean(value) => Some(if value { "true" } else { "false" }.into()),
            ValueRef::Any(_) => None,
        };
        Value { type_name: value.type_name().into(), id }
    }
}

impl<'a> From<&'a facts::Value> for Value<'a> {
    fn from(value: &'a facts::Value) -> Self {
        Value::from(value.as_ref())
    }
}

impl<'a> Value<'a> {
    /// The value as the engine has it, borrowed.
    ///
    /// # Errors
    /// [`NotAValue`] for an `Integer` or `Boolean` whose id is not written as one.
    pub fn to_ref(&'a self) -> Result<ValueRef<'a>, NotAValue> {
        value_of(&self.type_name, self.id.as_deref())
    }
}

impl TryFrom<&Value<'_>> for facts::Value {
    type Error = NotAValue;

    fn try_from(value: &Value<'_>) -> Result<Self, NotAValue> {
        value.to_ref().map(ValueRef::to_value)
    }
}

/// The value of a type and an id; without an id a wildcard.
pub(crate) fn value_of<'a>(type_name: &'a str, id: Option<&'a str>) -> Result<ValueRef<'a>, NotAValue> {
    let Some(id) = id else { return Ok(ValueRef::Any(type_name)) };
    let value = match type_name {
        "String" => Some(ValueRef::String(id)),
        "Integer" => integer(id).map(ValueRef::Integer),
        "Boolean" => boolean(id).map(ValueRef::Boolean),
        _ => Some(ValueRef::entity(type_name, id)),
    };
    value.ok_or_else(|| NotAValue { type_name: type_name.to_owned(), id: id.to_owned() })
}

/// Only the text that an integer is written as: `+7` and `007` are other texts, and would not come back as they were.
fn integer(text: &str) -> Option<i64> {
    let value: i64 = text.parse().ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits == "0" && text == "0" || !digits.starts_with(['0', '+']);
    is_plain.then_some(value)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_there_and_back() {
        let check = |value: facts::Value, json: &str| {
            let wire = Value::from(&value);
            assert_eq!(serde_json::to_string(&wire).unwrap(), json);
            let read: Value<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(facts::Value::try_from(&read), Ok(value));
        };
        check(facts::Value::entity("User", "a\"\n"), r#"{"type":"User","id":"a\"\n"}"#);
        check("admin".into(), r#"{"type":"String","id":"admin"}"#);
        check(i64::MIN.into(), r#"{"type":"Integer","id":"-9223372036854775808"}"#);
        check(true.into(), r#"{"type":"Boolean","id":"true"}"#);
        check(facts::Value::any("User"), r#"{"type":"User","id":null}"#);
    }

    #[test]
    fn what_is_no_value() {
        let check = |type_name, id, message: Option<&str>| {
            let refused = value_of(type_name, Some(id)).err().map(|error| error.to_string());
            assert_eq!(refused.as_deref(), message, "{type_name} {id}");
        };
        check("Integer", "0", None);
        check("Integer", "-7", None);
        check("Integer", "-0", Some("`-0` is no Integer: write an integer of 64 bits"));
        check("Integer", "+7", Some("`+7` is no Integer: write an integer of 64 bits"));
        check("Integer", "007", Some("`007` is no Integer: write an integer of 64 bits"));
        check(
            "Integer",
            "9223372036854775808",
            Some("`9223372036854775808` is no Integer: write an integer of 64 bits"),
        );
        check("Boolean", "True", Some("`True` is no Boolean: write `true` or `false`"));
    }
}
