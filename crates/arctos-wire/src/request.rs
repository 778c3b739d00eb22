//! What a request brings besides its question, as JSON.

use std::fmt;

use arctos::facts;
use arctos::{Attributes, RequestValue};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::entity::parse_value;

/// Values by name.
pub type Named = Vec<(String, RequestValue)>;

/// What a request brings besides its question: `@context`, `@action`, and attributes of entities.
///
/// ```
/// use arctos::RequestValue;
/// use arctos_wire::RequestValues;
///
/// let values = RequestValues::parse(r#"{
///     "context": {"is_office": true, "manager": {"type": "User", "id": "eve"}},
///     "attributes": {"Doc:plan": {"status": "draft", "reviewers": ["ann", "bob"]}}
/// }"#)?;
/// assert_eq!(values.context[1].1, RequestValue::entity("User", "eve"));
/// assert_eq!(values.attributes()[0].values.len(), 2);
/// assert!(RequestValues::parse(r#"{"contxt": {}}"#).is_err());
/// # Ok::<(), arctos_wire::NotARequest>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestValues {
    /// What policies read as `@context.name`.
    pub context: Named,
    /// What policies read as `@action.name`.
    pub action: Named,
    attributes: Vec<(facts::Value, Named)>,
}

/// A text that is no [`RequestValues`], and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotARequest(String);

impl fmt::Display for NotARequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotARequest {}

impl RequestValues {
    /// Reads an object with the fields `context`, `action` and `attributes`, each of which may be left out. The attributes are given by the entities whose
    /// they are, written `Type:id`. An object of a text `type` and a text `id`, and nothing else, is an entity where a value is wanted.
    ///
    /// # Errors
    /// What is no JSON, with its line and column; a field of another name, a name that is given twice, a number that is neither a 64-bit integer nor a float, an entity that
    /// is none.
    pub fn parse(text: &str) -> Result<Self, NotARequest> {
        let Read(whole) = serde_json::from_str(text).map_err(|error| NotARequest(error.to_string()))?;
        let mut values = RequestValues::default();
        for (field, value) in named("the request", whole)? {
            match &*field {
                "context" => values.context = named("`context`", value)?,
                "action" => values.action = named("`action`", value)?,
                "attributes" => {
                    for (entity, value) in named("`attributes`", value)? {
                        let found = parse_value(&entity).map_err(|error| NotARequest(error.to_string()))?;
                        if !matches!(found, facts::Value::Entity { .. }) {
                            return Err(NotARequest(format!(
                                "`{entity}` is no entity: write it as `Type:id`"
                            )));
                        }
                        values
                            .attributes
                            .push((found, named(&format!("the attributes of `{entity}`"), value)?));
                    }
                }
                _ => {
                    let message =
                        format!("a request has no `{field}`: there are `context`, `action` and `attributes`");
                    return Err(NotARequest(message));
                }
            }
        }
        Ok(values)
    }

    /// The attributes of entities, for [`Request::attributes`](arctos::Request::attributes).
    pub fn attributes(&self) -> Vec<Attributes<'_>> {
        self.attributes.iter().map(|(entity, values)| Attributes { entity: entity.clone(), values }).collect()
    }
}

/// The values of an object.
fn named(what: &str, value: RequestValue) -> Result<Named, NotARequest> {
    match value {
        RequestValue::Record(values) => Ok(values),
        RequestValue::Entity { type_name, id } => {
            Ok(vec![("type".to_owned(), type_name.as_str().into()), ("id".to_owned(), id.as_str().into())])
        }
        _ => Err(NotARequest(format!("{what} must be an object, with a value for each name"))),
    }
}

/// A value as it is read.
struct Read(RequestValue);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Values).map(Read)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = RequestValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RequestValue, E> {
        Ok(RequestValue::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<RequestValue, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<RequestValue, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<RequestValue, E> {
        let value =
            i64::try_from(value).map_err(|_| E::custom(format!("{value} is no integer of 64 bits")))?;
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<RequestValue, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<RequestValue, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RequestValue, A::Error> {
        let mut values = Vec::new();
        while let Some(Read(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RequestValue, A::Error> {
        let mut values: Named = Vec::new();
        while let Some((name, Read(value))) = entries.next_entry::<String, Read>()? {
            if values.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format!("`{name}` is given twice")));
            }
            values.push((name, value));
        }
        let text = |wanted: &str| {
            values.iter().find_map(|(name, value)| match value {
                RequestValue::String(text) if name == wanted => Some(text.clone()),
                _ => None,
            })
        };
        Ok(match (values.len(), text("type"), text("id")) {
            (2, Some(type_name), Some(id)) => RequestValue::Entity { type_name, id },
            _ => RequestValue::Record(values),
        })
    }
}
