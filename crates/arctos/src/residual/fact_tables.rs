//! Facts that are in the application's tables.

use std::sync::Arc;

use super::formula::Constant;
use super::rows::{Attribute, RowType, ValueType};

/// Rows that state facts of one predicate: each row a fact, if none of the attributes named here is nil in it.
///
/// ```
/// use arctos::residual::{FactTable, RowTypes, ValueType};
/// // has_relation(Issue{id}, "repository", Repository{repository_id})
/// let repositories = FactTable::new("issue_repositories")
///     .entity("Issue", "id", ValueType::Integer)
///     .constant("repository")
///     .entity("Repository", "repository_id", ValueType::Integer);
/// let rows = RowTypes::new().facts("has_relation", repositories);
/// assert_eq!(rows.fact_tables("has_relation").count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactTable {
    rows: Arc<str>,
    arguments: Vec<FactArgument>,
}

/// What the rows of a [`FactTable`] say of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactArgument {
    /// The same in every fact.
    Constant(Constant),
    /// The same entity in every fact.
    KnownEntity {
        /// The type.
        type_name: Arc<str>,
        /// The id.
        id: Arc<str>,
    },
    /// The entity of a type whose id is in an attribute.
    Entity {
        /// The type.
        type_name: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// The type of its values: integers or text.
        value_type: ValueType,
    },
    /// What is in an attribute.
    Value {
        /// The attribute.
        attribute: Arc<str>,
        /// The type of its values.
        value_type: ValueType,
    },
}

impl FactTable {
    /// Facts in rows of that name: that of a class of rows, or another one.
    pub fn new(rows: &str) -> Self {
        FactTable { rows: rows.into(), arguments: Vec::new() }
    }

    /// The next argument is the entity of that type whose id is in the attribute, as integer or text. Only how an integer is written is its id.
    #[must_use]
    pub fn entity(mut self, type_name: &str, attribute: &str, value_type: ValueType) -> Self {
        let (type_name, attribute) = (type_name.into(), attribute.into());
        self.arguments.push(FactArgument::Entity { type_name, attribute, value_type });
        self
    }

    /// The next argument is that entity in every fact.
    #[must_use]
    pub fn known_entity(mut self, type_name: &str, id: &str) -> Self {
        self.arguments.push(FactArgument::KnownEntity { type_name: type_name.into(), id: id.into() });
        self
    }

    /// The next argument is what is in the attribute: a boolean, an integer or text.
    #[must_use]
    pub fn value(mut self, attribute: &str, value_type: ValueType) -> Self {
        self.arguments.push(FactArgument::Value { attribute: attribute.into(), value_type });
        self
    }

    /// The next argument is the same in every fact.
    #[must_use]
    pub fn constant(mut self, value: impl Into<Constant>) -> Self {
        self.arguments.push(FactArgument::Constant(value.into()));
        self
    }

    /// The name of the rows.
    pub fn rows(&self) -> &str {
        &self.rows
    }

    /// What they say, argument by argument.
    pub fn arguments(&self) -> &[FactArgument] {
        &self.arguments
    }

    /// The rows with the attributes that are named here: those that are not known yet may be nil.
    pub(super) fn known(&self, mut row: RowType) -> RowType {
        for argument in &self.arguments {
            let (name, value_type) = match argument {
                FactArgument::Constant(_) | FactArgument::KnownEntity { .. } => continue,
                FactArgument::Entity { attribute, value_type, .. }
                | FactArgument::Value { attribute, value_type } => (attribute, *value_type),
            };
            if row.attribute_named(name).is_none_or(|known| known.value_type.is_none()) {
                let nullable = row.attribute_named(name).is_none_or(|known| known.nullable);
                row = row.with_attribute(name, Attribute { value_type: Some(value_type), nullable });
            }
        }
        row
    }
}

impl From<&str> for Constant {
    fn from(text: &str) -> Self {
        Constant::String(text.into())
    }
}

impl From<bool> for Constant {
    fn from(value: bool) -> Self {
        Constant::Boolean(value)
    }
}

impl From<i64> for Constant {
    fn from(value: i64) -> Self {
        Constant::Integer(value)
    }
}
