//! A residual and a mapping: the public way to SQL.

use arctos::residual::{Residual, Row};
use sea_query::{Expr, Query, SelectStatement};

use crate::column::Column;
use crate::dialect::{Dialect, Statement};
use crate::error::SqlError;
use crate::tables::Tables;
use crate::truth::Truth;
use crate::writer::{Scope, Writer, restrict};

/// How many conditions a filter may have, where nothing else is said.
pub(crate) const CONDITIONS: usize = 20_000;

/// What must hold of rows, for the tables that they are in and the database that has them.
///
/// ```
/// use arctos::residual::{RowType, RowTypes, ValueType};
/// use arctos::rust::{Arctos, PolarClass};
/// use arctos_sql::{Dialect, Filter, Parameter, Table, Tables};
///
/// #[derive(PolarClass)]
/// struct User { #[polar(attribute)] id: i64 }
///
/// #[derive(PolarClass)]
/// struct Page {}
///
/// let arctos = Arctos::builder()
///     .register::<User>()
///     .register::<Page>()
///     .load_str(r#"
///         allow(_, "read", page: Page) if page.is_public;
///         allow(user: User, "read", page: Page) if page.owner_id = user.id;
///     "#)
///     .build()?;
/// let row = RowType::new(["id"]).attribute("is_public", ValueType::Boolean).nullable("owner_id", ValueType::Integer);
/// let tables = Tables::new(RowTypes::new().with("Page", row)).with("Page", Table::new("pages"));
///
/// let readable = arctos.filter(&User { id: 7 }, "read", "Page", tables.rows())?;
/// let filter = Filter::new(&readable, &tables, Dialect::Sqlite);
/// let statement = filter.where_clause("pages")?;
/// assert_eq!(statement.text, r#""pages"."owner_id" = ? OR "pages"."is_public" = ?"#);
/// assert_eq!(statement.parameters, [Parameter::Integer(7), Parameter::Boolean(true)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    residual: &'a Residual,
    tables: &'a Tables,
    dialect: Dialect,
    limit: usize,
}

impl<'a> Filter<'a> {
    /// The filter that a residual is for these tables.
    pub fn new(residual: &'a Residual, tables: &'a Tables, dialect: Dialect) -> Self {
        Filter { residual, tables, dialect, limit: CONDITIONS }
    }

    /// With at most this many conditions, in place of 20,000.
    #[must_use]
    pub fn with_limit(self, limit: usize) -> Self {
        Filter { limit, ..self }
    }

    /// The condition that a row has to meet, for a query of one's own in which its table goes by that alias. It is TRUE of the rows for which a
    /// check says yes. Of others it is FALSE or NULL, and so is its negation: it is for `WHERE` and `AND`, never for `NOT`.
    ///
    /// # Errors
    /// [`SqlError`] says what has no form in SQL, or is missing in the mapping.
    pub fn condition(&self, alias: &str) -> Result<Expr, SqlError> {
        Ok(self.truth(alias)?.into_expr())
    }

    /// The same as text.
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn where_clause(&self, alias: &str) -> Result<Statement, SqlError> {
        Ok(self.dialect.expression(&self.condition(alias)?))
    }

    /// The same of rows that have their id in that column, whatever else they are: `issues.id`, say. It is part of the text as it is. The mapping needs no table
    /// for rows of the class then; they have one attribute, their key.
    ///
    /// ```
    /// use arctos::facts::{Facts, ValueRef};
    /// use arctos::residual::{FactTable, RowType, RowTypes, ValueType};
    /// use arctos::{Authorizer, Policy, Request, Schema, Sources};
    /// use arctos_sql::{Dialect, Filter, Table, Tables};
    ///
    /// let mut schema = Schema::new();
    /// schema.enable_facts();
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"allow(user: User, "read", issue: Issue) if wrote(user, issue);"#);
    /// let authorizer = Authorizer::new(&Policy::load(&schema, sources)?, Facts::new())?;
    ///
    /// let written = FactTable::new("issues")
    ///     .entity("User", "author_id", ValueType::Integer)
    ///     .entity("Issue", "id", ValueType::Integer);
    /// let issue = RowType::new(["id"]).attribute("id", ValueType::Integer);
    /// let rows = RowTypes::new().with("Issue", issue).facts("wrote", written);
    /// let tables = Tables::new(rows).with("issues", Table::new("issues"));
    ///
    /// let user = ValueRef::entity("User", "7");
    /// let readable = authorizer.filter(&Request::default(), user, "read", "Issue", tables.rows())?;
    /// let statement = Filter::new(&readable, &tables, Dialect::Sqlite).where_column("comment.issue_id")?;
    /// assert_eq!(
    ///     statement.text,
    ///     r#"(comment.issue_id) IN (SELECT "r1"."id" FROM "issues" AS "r1" WHERE "r1"."author_id" = ?)"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn where_column(&self, column: &str) -> Result<Statement, SqlError> {
        let class = self.residual.class();
        let row = self.tables.row_type(class)?;
        let [key] = row.key() else { return Err(SqlError::NoTable(class.to_owned())) };
        let known = self.tables.attribute(class, key)?;
        let column = Column {
            expr: Expr::cust(column.to_owned()),
            value_type: known.value_type.map(|known| self.dialect.kept(known)),
            nullable: known.nullable,
            class: class.to_owned(),
            attribute: key.clone(),
        };
        let mut writer = Writer::new(self.tables, self.dialect, self.limit);
        let truth = writer.of_values(self.residual, vec![(key.clone(), Some(column))])?;
        Ok(self.dialect.expression(&truth.into_expr()))
    }

    /// The same as text with the values in their places, for people and for scripts.
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn whole_where_clause(&self, alias: &str) -> Result<String, SqlError> {
        Ok(self.dialect.whole_expression(&self.condition(alias)?))
    }

    /// A query for all rows that meet it, in which their table goes by the alias `t`. It has no columns yet.
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn query(&self) -> Result<SelectStatement, SqlError> {
        let scope = Scope::new(Row::ROOT, self.residual.class(), "t");
        let mut select = Query::select();
        Writer::new(self.tables, self.dialect, self.limit).add_from(&scope, &mut select)?;
        restrict(&mut select, self.truth("t")?);
        Ok(select)
    }

    /// A query, as text, for these attributes of all rows that meet it.
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn select(&self, attributes: &[&str]) -> Result<Statement, SqlError> {
        Ok(self.dialect.select(&self.query_for(attributes)?))
    }

    /// The same with the values in their places, for people and for scripts.
    ///
    /// # Errors
    /// See [`Filter::condition`].
    pub fn whole_select(&self, attributes: &[&str]) -> Result<String, SqlError> {
        Ok(self.dialect.whole_select(&self.query_for(attributes)?))
    }

    fn query_for(&self, attributes: &[&str]) -> Result<SelectStatement, SqlError> {
        let table = self.tables.table(self.residual.class())?;
        let mut select = self.query()?;
        for attribute in attributes {
            select.expr(Expr::col(("t", table.column_of(attribute).to_owned())));
        }
        Ok(select)
    }

    fn truth(&self, alias: &str) -> Result<Truth, SqlError> {
        Writer::new(self.tables, self.dialect, self.limit).root(self.residual, alias)
    }
}
