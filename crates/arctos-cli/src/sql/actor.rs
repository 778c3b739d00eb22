//! An actor that is an object of the application, written as JSON.

use arctos::{Arguments, Heap, Host, Name, Reply, Schema, Term};
use serde_json::{Map, Value};

use crate::host::{Object, RecordHost, value_term};
use crate::output::Failure;

/// How deep objects may be in one another.
const DEEPEST: usize = 32;

/// An object with a `type` and attributes; those may be objects, too, or lists of them.
pub(super) struct Written(Value);

impl Written {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| Failure::usage(format!("the actor is no JSON: {error}")))?;
        if value.get("type").and_then(Value::as_str).is_none() {
            return Err(Failure::usage("the actor has no `type`: write `{\"type\": \"User\", \"id\": 7}`"));
        }
        Ok(Written(value))
    }

    /// The classes of all objects in it.
    pub(super) fn classes(&self) -> Vec<&str> {
        let (mut found, mut left) = (Vec::new(), vec![&self.0]);
        while let Some(value) = left.pop() {
            match value {
                Value::Array(items) => left.extend(items),
                Value::Object(fields) => {
                    found.extend(class_of(fields));
                    left.extend(fields.values());
                }
                _ => {}
            }
        }
        found
    }

    pub(super) fn make(
        &self,
        host: &mut RecordHost,
        heap: &mut Heap<Object>,
        schema: &Schema,
    ) -> Result<Term, Failure> {
        make(&self.0, host, heap, schema, DEEPEST)
    }
}

fn class_of(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("type").and_then(Value::as_str)
}

fn make(
    value: &Value,
    host: &mut RecordHost,
    heap: &mut Heap<Object>,
    schema: &Schema,
    depth: usize,
) -> Result<Term, Failure> {
    let Some(deeper) = depth.checked_sub(1) else {
        return Err(Failure::usage(format!("the actor is more than {DEEPEST} objects deep")));
    };
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| make(item, host, heap, schema, deeper));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            Ok(heap.list(&items))
        }
        Value::Object(fields) => {
            let class = class_of(fields);
            let mut terms = Vec::new();
            for (name, value) in fields.iter().filter(|(name, _)| class.is_none() || *name != "type") {
                terms.push((&**name, make(value, host, heap, schema, deeper)?));
            }
            let Some(class) = class else { return Ok(heap.dictionary(terms)) };
            let Some(id) = schema.class(class) else {
                return Err(Failure::usage(format!("class `{class}` is not known: list it with `--class`")));
            };
            let keyword: Vec<(Name<'_>, Term)> =
                terms.into_iter().map(|(text, term)| (Name { text, symbol: None }, term)).collect();
            let arguments = Arguments { positional: &[], keyword: &keyword };
            match host.construct(heap, id, arguments) {
                Ok(Reply::Ready(term)) => Ok(term),
                Ok(Reply::Later(_)) => Err(Failure::usage("an object that answers later")),
                Err(error) => Err(Failure::usage(error.to_string())),
            }
        }
        leaf => value_term(heap, leaf).map_err(|error| Failure::usage(error.to_string())),
    }
}
