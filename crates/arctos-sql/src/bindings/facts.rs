//! The facts that data bindings are about: `has_relation(Issue:_, String:parent, Repository:_)`.

use arctos::Policy;
use arctos::facts::{Fact, Value};
use arctos::residual::{FactTable, ValueType};

use super::yaml::Place;
use super::{BindingError, known_type};

/// A fact of which some arguments are columns of a query.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) predicate: String,
    arguments: Vec<Argument>,
}

/// An argument: its type, and its id where it is the same in all facts.
#[derive(Debug)]
struct Argument {
    type_name: String,
    id: Option<String>,
}

impl Bound {
    pub(super) fn read(text: &str, place: Place) -> Result<Bound, BindingError> {
        let wrong = || place.error(format!("`{text}` is no fact, such as `is_public(Repository:_)`"));
        let (predicate, rest) = text.trim().split_once('(').ok_or_else(wrong)?;
        let inner = rest.strip_suffix(')').ok_or_else(wrong)?;
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !is_name(predicate) {
            return Err(wrong());
        }
        let mut arguments = Vec::new();
        for argument in inner.split(',').map(str::trim).filter(|_| !inner.trim().is_empty()) {
            // A word by itself is a string.
            let (type_name, id) = argument.split_once(':').unwrap_or(("String", argument));
            let (type_name, id) = (type_name.trim(), id.trim().trim_matches('"'));
            if !is_name(type_name) || id.is_empty() {
                return Err(wrong());
            }
            let id = (id != "_" || argument == "_").then(|| id.to_owned());
            if id.as_deref() == Some("_") {
                return Err(place.error(format!("`_` without a type, as in `User:_`, in `{text}`")));
            }
            arguments.push(Argument { type_name: type_name.to_owned(), id });
        }
        Ok(Bound { predicate: predicate.to_owned(), arguments })
    }

    /// Whether the policy asks for such facts.
    pub(super) fn check(&self, policy: &Policy, place: Place) -> Result<(), BindingError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for Argument { type_name, id } in &self.arguments {
            known_type(type_name, policy, place)?;
            let wrong = |id: &str| place.error(format!("`{id}` is no value of the type `{type_name}`"));
            values.push(match (&**type_name, id) {
                ("Float", _) => return Err(place.error("facts have no floats".to_owned())),
                (_, None) => Value::Any(type_name.clone()),
                ("String", Some(text)) => Value::String(text.clone()),
                ("Integer", Some(id)) => Value::Integer(id.parse().map_err(|_| wrong(id))?),
                ("Boolean", Some(id)) => Value::Boolean(id.parse().map_err(|_| wrong(id))?),
                (_, Some(id)) => Value::entity(type_name, id),
            });
        }
        let fact = Fact::new(self.predicate.clone(), values);
        policy.check_fact(&fact).map_err(|error| place.error(error.message().to_owned()))
    }

    /// The names of the columns that are wanted of the query.
    pub(super) fn columns(&self) -> Vec<String> {
        let open = self.arguments.iter().enumerate().filter(|(_, argument)| argument.id.is_none());
        open.map(|(place, _)| name(place)).collect()
    }

    /// The same as a table with these facts.
    pub(super) fn table(&self, name_of_rows: &str, id_type: impl Fn(&str) -> ValueType) -> FactTable {
        let mut table = FactTable::new(name_of_rows);
        for (place, Argument { type_name, id }) in self.arguments.iter().enumerate() {
            let column = name(place);
            table = match (&**type_name, id) {
                ("String", None) => table.value(&column, ValueType::String),
                ("Integer", None) => table.value(&column, ValueType::Integer),
                ("Boolean", None) => table.value(&column, ValueType::Boolean),
                (_, None) => table.entity(type_name, &column, id_type(type_name)),
                ("Integer", Some(id)) => table.constant(id.parse::<i64>().unwrap_or_default()),
                ("Boolean", Some(id)) => table.constant(id == "true"),
                ("String", Some(text)) => table.constant(text.as_str()),
                (_, Some(id)) => table.known_entity(type_name, id),
            };
        }
        table
    }
}

fn name(place: usize) -> String {
    format!("a{place}")
}
