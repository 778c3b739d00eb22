//! Data bindings: which facts are in the application's tables, as a file of YAML.

mod columns;
mod facts;
mod yaml;

use std::fmt;

use arctos::Policy;
use arctos::residual::{RowType, RowTypes, ValueType};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::tables::{Table, Tables};
use yaml::{Node, Place};

/// Which facts are in the application's tables, in the YAML of Oso Cloud's local authorization.
///
/// ```
/// use arctos::facts::{Facts, ValueRef};
/// use arctos::{Authorizer, Policy, Request, Schema, Sources};
/// use arctos_sql::{Bindings, Dialect, Filter};
///
/// let mut schema = Schema::new();
/// schema.enable_facts();
/// let mut sources = Sources::default();
/// sources.add(None, r#"
///     actor User {}
///     resource Repository { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
///     resource Issue {
///         permissions = ["read"];
///         relations = { repository: Repository };
///         "read" if "read" on "repository";
///     }
/// "#);
/// let policy = Policy::load(&schema, sources)?;
/// let bindings = Bindings::read(r#"
/// facts:
///   has_relation(Issue:_, repository, Repository:_):
///     query: SELECT id, repository_id FROM issues
///   "has_role(User:_, String:_, Repository:_)":
///     query: SELECT user_id, role, repository_id FROM members
/// sql_types: { Issue: BIGINT, Repository: BIGINT }
/// "#, &policy)?;
///
/// let tables = bindings.tables_for("Issue");
/// let authorizer = Authorizer::new(&policy, Facts::new())?;
/// let ann = ValueRef::entity("User", "ann");
/// let readable = authorizer.filter(&Request::default(), ann, "read", "Issue", tables.rows())?;
/// let statement = Filter::new(&readable, &tables, Dialect::Postgres).where_column("issues.id")?;
/// assert!(statement.text.starts_with("(issues.id) IN (SELECT"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bindings {
    rows: RowTypes,
    tables: Vec<(String, Table)>,
    /// By type of entities: how ids are kept. Where nothing is said, as text.
    id_types: IndexMap<String, ValueType, FxBuildHasher>,
}

/// What is wrong with data bindings, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingError {
    /// The line, from 1 on.
    pub line: usize,
    /// The column, from 1 on.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Bindings {
    /// Reads data bindings for a policy: `facts`, each with its `query`, and `sql_types`, the types of the columns that ids of a type are in. Text, `UUID` and integers of all sizes are some.
    ///
    /// # Errors
    /// What is no such YAML, has keys that mean nothing, is about facts that the policy does not ask for, or selects another number of columns than its fact has `_`.
    pub fn read(text: &str, policy: &Policy) -> Result<Bindings, BindingError> {
        let root = yaml::read(text)?;
        let mut bindings =
            Bindings { rows: RowTypes::new(), tables: Vec::new(), id_types: IndexMap::default() };
        let entries = root.entries("a mapping with `facts` and `sql_types`")?;
        for (key, value) in entries {
            match key.text("a name")? {
                "sql_types" => bindings.sql_types(value, policy)?,
                "facts" => {}
                other => {
                    let message = format!("`{other}` means nothing here: there are `facts` and `sql_types`");
                    return Err(key.place.error(message));
                }
            }
        }
        for (_, facts) in entries.iter().filter(|(key, _)| key.is("facts")) {
            for (key, value) in facts.entries("a mapping of facts")? {
                bindings.fact(key, value, policy)?;
            }
        }
        Ok(bindings)
    }

    /// The tables for questions about resources of that type, which have their id in a column of whatever table.
    pub fn tables_for(&self, class: &str) -> Tables {
        let id = RowType::new(["id"]).attribute("id", self.id_type(class));
        let tables = Tables::new(self.rows.clone().with(class, id));
        self.tables.iter().fold(tables, |tables, (name, table)| tables.with(name, table.clone()))
    }

    fn id_type(&self, type_name: &str) -> ValueType {
        self.id_types.get(type_name).copied().unwrap_or(ValueType::String)
    }

    fn sql_types(&mut self, types: &Node, policy: &Policy) -> Result<(), BindingError> {
        for (key, value) in types.entries("a mapping of types to types of SQL")? {
            let type_name = key.text("a type of the policy")?;
            known_type(type_name, policy, key.place)?;
            let sql = value.text("a type of SQL")?;
            let Some(value_type) = id_type(sql) else {
                let message = format!("`{sql}` is no type for ids: they are text, integers or UUIDs");
                return Err(value.place.error(message));
            };
            self.id_types.insert(type_name.to_owned(), value_type);
        }
        Ok(())
    }

    fn fact(&mut self, key: &Node, value: &Node, policy: &Policy) -> Result<(), BindingError> {
        let fact = facts::Bound::read(key.text("a fact, such as `is_public(Repository:_)`")?, key.place)?;
        fact.check(policy, key.place)?;
        let mut query = None;
        for (name, value) in value.entries("a mapping with `query`")? {
            match name.text("a name")? {
                "query" => query = Some(value),
                other => {
                    let message = format!("`{other}` means nothing here: a fact has a `query`");
                    return Err(name.place.error(message));
                }
            }
        }
        let Some(query) = query else { return Err(value.place.error("a fact has a `query`".to_owned())) };
        let text = query.text("a query of SQL")?;
        let wanted = fact.columns();
        if let Some(found) = columns::selected(text).filter(|found| *found != wanted.len()) {
            let message = format!(
                "the query selects {}, and the fact has {} `_`",
                columns::counted(found),
                wanted.len()
            );
            return Err(query.place.error(message));
        }
        let name = format!("arctos_facts{}", self.tables.len());
        self.tables.push((name.clone(), Table::query(text, wanted)));
        let table = fact.table(&name, |type_name| self.id_type(type_name));
        self.rows = std::mem::take(&mut self.rows).facts(&fact.predicate, table);
        Ok(())
    }
}

fn known_type(name: &str, policy: &Policy, place: Place) -> Result<(), BindingError> {
    match policy.schema().class(name) {
        Some(_) => Ok(()),
        None => Err(place.error(format!("`{name}` is no type of the policy"))),
    }
}

/// How ids are kept in columns of a type.
fn id_type(sql: &str) -> Option<ValueType> {
    let name: String = sql.trim().chars().take_while(|c| *c != '(').collect::<String>().to_uppercase();
    match name.trim() {
        "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "MEDIUMINT" | "SERIAL" | "BIGSERIAL"
        | "SMALLSERIAL" | "INT2" | "INT4" | "INT8" => Some(ValueType::Integer),
        "UUID" => Some(ValueType::Uuid),
        "TEXT" | "VARCHAR" | "CHAR" | "CHARACTER VARYING" | "CHARACTER" | "STRING" => Some(ValueType::String),
        _ => None,
    }
}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for BindingError {}
