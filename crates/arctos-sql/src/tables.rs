//! Where rows are: tables and columns.

use arctos::residual::{Attribute, Formula, Relation, RowType, RowTypes};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use sea_query::{CommonTableExpression, Expr, Query, SelectStatement, WithClause};

use crate::dialect::Dialect;
use crate::error::SqlError;

/// The tables that rows are in, by the classes of their objects.
///
/// ```
/// use arctos::residual::{RowType, RowTypes, ValueType};
/// use arctos_sql::{Table, Tables};
/// let rows = RowTypes::new()
///     .with("Page", RowType::new(["id"]).attribute("id", ValueType::Integer).attribute("isPublic", ValueType::Boolean));
/// let tables = Tables::new(rows).with("Page", Table::new("pages").schema("app").column("isPublic", "is_public"));
/// assert!(tables.rows().get("Page").is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tables {
    rows: RowTypes,
    by_class: IndexMap<String, Table, FxBuildHasher>,
}

/// A table, or a view, whose rows are objects of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub(crate) source: TableSource,
    columns: IndexMap<String, String, FxBuildHasher>,
    pub(crate) only: Option<Formula>,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TableSource {
    Named {
        schema: Option<String>,
        name: String,
    },
    /// A query, and names for its columns.
    Query {
        text: String,
        columns: Vec<String>,
    },
}

impl Tables {
    /// Tables for these rows; none yet.
    pub fn new(rows: RowTypes) -> Self {
        Tables { rows, by_class: IndexMap::default() }
    }

    /// With the table that rows of a class are in.
    #[must_use]
    pub fn with(mut self, class: &str, table: Table) -> Self {
        self.by_class.insert(class.to_owned(), table);
        self
    }

    /// The rows that are in them.
    pub fn rows(&self) -> &RowTypes {
        &self.rows
    }

    pub(crate) fn table(&self, class: &str) -> Result<&Table, SqlError> {
        self.by_class.get(class).ok_or_else(|| SqlError::NoTable(class.to_owned()))
    }

    pub(crate) fn row_type(&self, class: &str) -> Result<&RowType, SqlError> {
        self.rows.get(class).ok_or_else(|| SqlError::UnknownClass(class.to_owned()))
    }

    pub(crate) fn relation(&self, class: &str, name: &str) -> Result<&Relation, SqlError> {
        let known = self.row_type(class)?.relation_named(name);
        known.ok_or_else(|| SqlError::UnknownRelation(class.to_owned(), name.to_owned()))
    }

    /// What is known of an attribute. One that a relation goes by need not have been given: of it nothing is known.
    pub(crate) fn attribute(&self, class: &str, name: &str) -> Result<Attribute, SqlError> {
        let known = self.row_type(class)?.attribute_named(name);
        known.ok_or_else(|| SqlError::UnknownAttribute(class.to_owned(), name.to_owned()))
    }
}

impl Table {
    /// The table of that name. Columns have the names of attributes.
    pub fn new(name: &str) -> Self {
        Table::of(TableSource::Named { schema: None, name: name.to_owned() })
    }

    /// The rows of a query, which is part of the text as it is. Its columns are, in their order, the attributes of these names.
    ///
    /// ```
    /// use arctos_sql::Table;
    /// let parents = Table::query("SELECT id, repository_id FROM issues WHERE NOT is_draft", ["issue", "repository"]);
    /// # let _ = parents;
    /// ```
    pub fn query<S: Into<String>>(text: &str, columns: impl IntoIterator<Item = S>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Table::of(TableSource::Query { text: text.to_owned(), columns })
    }

    fn of(source: TableSource) -> Self {
        Table { source, columns: IndexMap::default(), only: None }
    }

    /// In a schema of the database. The text of a query says so itself.
    #[must_use]
    pub fn schema(mut self, schema: &str) -> Self {
        if let TableSource::Named { schema: known, .. } = &mut self.source {
            *known = Some(schema.to_owned());
        }
        self
    }

    /// With a column of another name than the attribute that is in it.
    #[must_use]
    pub fn column(mut self, attribute: &str, column: &str) -> Self {
        self.columns.insert(attribute.to_owned(), column.to_owned());
        self
    }

    /// Of what is in the table, only that is a row of which this holds: one that is not marked as deleted, say. The row is [`Row::ROOT`](arctos::residual::Row::ROOT).
    ///
    /// ```
    /// use arctos::residual::{Constant, Expression, Formula, Row};
    /// let deleted = Expression::Attribute(Row::ROOT, "deleted_at".into());
    /// let table = arctos_sql::Table::new("pages").only(Formula::is(deleted, Constant::Nil));
    /// # let _ = table;
    /// ```
    #[must_use]
    pub fn only(mut self, formula: Formula) -> Self {
        self.only = Some(formula);
        self
    }

    /// Its schema and its name, where it is a table and no query.
    pub(crate) fn named(&self) -> Option<(Option<&str>, &str)> {
        match &self.source {
            TableSource::Named { schema, name } => Some((schema.as_deref(), name)),
            TableSource::Query { .. } => None,
        }
    }

    pub(crate) fn column_of<'t>(&'t self, attribute: &'t str) -> &'t str {
        self.columns.get(attribute).map_or(attribute, String::as_str)
    }
}

/// A query, as text, of which the columns have these names.
pub(crate) fn named_columns(text: &str, columns: &[String], dialect: Dialect) -> SelectStatement {
    // What ends in a comment must not take the parenthesis along.
    let text = format!("(\n{}\n) AS {}", text.trim_end().trim_end_matches(';'), dialect.quoted("q"));
    let mut raw = Query::select();
    if dialect == Dialect::Postgres {
        // It makes one query of this and what is around it, which it does not where there is a WITH.
        let names: Vec<String> = columns.iter().map(|name| dialect.quoted(name)).collect();
        let names = names.join(", ");
        return raw.expr(Expr::cust(format!("{names} FROM {text} ({names})"))).to_owned();
    }
    raw.expr(Expr::cust(format!("* FROM {text}")));
    let mut table = CommonTableExpression::new();
    table.table_name("f").columns(columns.to_vec()).query(raw);
    let mut with = WithClause::new();
    with.cte(table);
    let mut select = Query::select();
    select.columns(columns.to_vec()).from("f").with_cte(with);
    select
}
