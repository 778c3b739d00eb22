//! What a request says of its context, its action and of entities, by name.
//!
//! A record, such as the context itself, is an entity of a type that no policy can name, so that reading a name of it and
//! reading an attribute are one thing: what was not given is an error.

use std::borrow::Cow;

use arctos_syntax::format::quote;
use rustc_hash::FxHashMap;

use super::{Link, refused};
use crate::authorizer::{Request, RequestValue};
use crate::error::{Error, ErrorKind};
use crate::facts::{Atom, Value, ValueRef};

/// Values inside one another that a request may give.
const DEEPEST: usize = 32;

/// The types of records.
const CONTEXT: &str = "@context";
const ACTION: &str = "@action";
const RECORD: &str = "@attributes";

/// A value that was given, with atoms for entities.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(Box<str>),
    Entity(Atom),
    List(Vec<Given>),
}

/// By entity or record, and name.
pub(super) type GivenValues = FxHashMap<Atom, FxHashMap<Box<str>, Given>>;

impl Link {
    /// Takes what a request gives by name.
    ///
    /// # Errors
    /// [`ErrorKind::UnregisteredClass`] for an entity of a type that the policy does not name, [`ErrorKind::Misuse`] for a
    /// name that is given twice, for attributes of what is no entity, and for values nested too deeply.
    pub(super) fn take_given(&mut self, request: &Request<'_>) -> Result<(), Error> {
        for (type_name, entries) in [(CONTEXT, request.context), (ACTION, request.action)] {
            if !entries.is_empty() {
                let root = self.intern(ValueRef::entity(type_name, ""))?;
                self.take_entries(root, entries, "", 0)?;
            }
        }
        for attributes in request.attributes {
            let Value::Entity { type_name, id } = &attributes.entity else {
                return Err(misuse(format!("`{}` is no entity, so it has no attributes", attributes.entity)));
            };
            let entity = self.entity(type_name, id)?;
            self.take_entries(entity, attributes.values, &attributes.entity.to_string(), 0)?;
        }
        Ok(())
    }

    /// `path` tells records apart.
    fn take_entries(
        &mut self,
        of: Atom,
        entries: &[(String, RequestValue)],
        path: &str,
        depth: usize,
    ) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(misuse(format!("the request gives values nested deeper than {DEEPEST}")));
        }
        for (name, value) in entries {
            let value = self.taken(of, value, &format!("{path}.{}", segment(name)), depth)?;
            if self.given.entry(of).or_default().insert(name.as_str().into(), value).is_some() {
                return Err(misuse(format!("the request gives `{name}` twice")));
            }
        }
        Ok(())
    }

    fn taken(&mut self, of: Atom, value: &RequestValue, path: &str, depth: usize) -> Result<Given, Error> {
        if depth > DEEPEST {
            return Err(misuse(format!("the request gives values nested deeper than {DEEPEST}")));
        }
        Ok(match value {
            RequestValue::Nil => Given::Nil,
            RequestValue::Boolean(value) => Given::Boolean(*value),
            RequestValue::Integer(value) => Given::Integer(*value),
            RequestValue::Float(value) => Given::Float(*value),
            RequestValue::String(text) => Given::Text(text.as_str().into()),
            RequestValue::Entity { type_name, id } => Given::Entity(self.entity(type_name, id)?),
            RequestValue::List(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(at, item)| self.taken(of, item, &format!("{path}[{at}]"), depth + 1));
                Given::List(items.collect::<Result<_, _>>()?)
            }
            RequestValue::Record(entries) => {
                let kind = match self.entity_of(of) {
                    Some((CONTEXT, _)) => CONTEXT,
                    Some((ACTION, _)) => ACTION,
                    _ => RECORD,
                };
                let record = self.intern(ValueRef::entity(kind, path))?;
                // A record without entries is one, too.
                self.given.entry(record).or_default();
                self.take_entries(record, entries, path, depth + 1)?;
                Given::Entity(record)
            }
        })
    }

    /// `@context`, or `@action`.
    pub(crate) fn record(&mut self, is_action: bool) -> Result<Atom, Error> {
        let kind = if is_action { ACTION } else { CONTEXT };
        self.view.intern(ValueRef::entity(kind, "")).map_err(refused)
    }

    /// What the request gives under a name of an entity or record.
    ///
    /// # Errors
    /// [`ErrorKind::NotGiven`] where it does not say.
    pub(crate) fn attribute(&self, of: Atom, name: &str) -> Result<&Given, Error> {
        let found = self.given.get(&of).and_then(|entries| entries.get(name));
        found.ok_or_else(|| self.not_given(of, name))
    }

    #[cold]
    fn not_given(&self, of: Atom, name: &str) -> Error {
        let message = match self.entity_of(of) {
            Some((kind @ (CONTEXT | ACTION), path)) => {
                format!("the policy asks for `{kind}{path}.{name}`, and the request does not say it")
            }
            Some((RECORD, path)) => {
                format!("the policy asks for `{path}.{name}`, and the request does not say it")
            }
            Some((type_name, id)) => {
                let entity = ValueRef::entity(type_name, id);
                format!(
                    "the policy asks for `{name}` of `{entity}`, and the request does not give that attribute"
                )
            }
            None => format!("the policy asks for `{name}` of a value that has no attributes"),
        };
        Error::new(ErrorKind::NotGiven, message)
    }
}

/// A name as a part of a path: quoted where it could be taken for more than one.
fn segment(name: &str) -> Cow<'_, str> {
    let is_plain = name.chars().all(|char| char.is_alphanumeric() || char == '_');
    if is_plain { Cow::Borrowed(name) } else { Cow::Owned(quote(name)) }
}

#[cold]
fn misuse(message: String) -> Error {
    Error::new(ErrorKind::Misuse, message)
}
