//! Decisions about one resource, where part of the facts is in tables.

use arctos::residual::Residual;
use sea_query::{Func, Query, SelectStatement, UnionType};

use crate::dialect::{Dialect, Parameter, Statement};
use crate::error::SqlError;
use crate::filter::CONDITIONS;
use crate::tables::Tables;
use crate::truth::Truth;
use crate::writer::{Writer, constant, constant_one, restrict};

/// Queries that decide what [`Authorizer::decision_by_tables`](arctos::Authorizer::decision_by_tables) leaves to the application's tables.
///
/// ```
/// use arctos::facts::{Facts, ValueRef};
/// use arctos::residual::{FactTable, RowTypes, ValueType};
/// use arctos::{Authorizer, Policy, Request, Schema, Sources};
/// use arctos_sql::{Decision, Dialect, Table, Tables};
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
/// let tables = Tables::new(RowTypes::new().facts("wrote", written)).with("issues", Table::new("issues"));
/// let (user, issue) = (ValueRef::entity("User", "7"), ValueRef::entity("Issue", "12"));
/// let decide = |action| authorizer.decision_by_tables(&Request::default(), user, action, issue, tables.rows());
///
/// let decision = Decision::new(&tables, Dialect::Sqlite);
/// assert_eq!(
///     decision.allowed(&decide("read")?)?.text,
///     r#"SELECT COALESCE(EXISTS(SELECT 1 FROM "issues" AS "r1" WHERE "r1"."author_id" = ? AND "r1"."id" = ?), FALSE) AS "allowed""#
/// );
/// let actions = [("read", decide("read")?), ("close", decide("close")?)];
/// let statement = decision.actions(actions.iter().map(|(action, residual)| (*action, residual)))?;
/// assert!(statement.text.starts_with(r#"SELECT ? AS "actions" FROM"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    tables: &'a Tables,
    dialect: Dialect,
    limit: usize,
}

impl<'a> Decision<'a> {
    /// Decisions by these tables.
    pub fn new(tables: &'a Tables, dialect: Dialect) -> Self {
        Decision { tables, dialect, limit: CONDITIONS }
    }

    /// With at most this many conditions each, in place of 20,000.
    #[must_use]
    pub fn with_limit(self, limit: usize) -> Self {
        Decision { limit, ..self }
    }

    /// A query for one row with one column, `allowed`: TRUE or FALSE.
    ///
    /// # Errors
    /// [`SqlError`] says what has no form in SQL, or is missing in the mapping.
    pub fn allowed(&self, residual: &Residual) -> Result<Statement, SqlError> {
        let condition = self.truth(residual)?.into_expr();
        let mut select = Query::select();
        select.expr_as(Func::coalesce([condition, constant(false)]), "allowed");
        Ok(self.dialect.select(&select))
    }

    /// A query for the names of all actions, or whatever else the residuals are about, whose residual holds: a row each, with one column, `actions`.
    ///
    /// # Errors
    /// See [`Decision::allowed`].
    pub fn actions<'r>(
        &self,
        actions: impl IntoIterator<Item = (&'r str, &'r Residual)>,
    ) -> Result<Statement, SqlError> {
        let mut all: Option<SelectStatement> = None;
        for (action, residual) in actions {
            match self.truth(residual)? {
                Truth::Never => {}
                truth => {
                    let select = self.named(action, truth);
                    match &mut all {
                        None => all = Some(select),
                        Some(all) => {
                            all.union(UnionType::All, select);
                        }
                    }
                }
            }
        }
        let none = || self.named("", Truth::Never);
        Ok(self.dialect.select(&all.unwrap_or_else(none)))
    }

    fn named(&self, action: &str, truth: Truth) -> SelectStatement {
        let mut select = Query::select();
        select.expr_as(self.dialect.typed(Parameter::Text(action.to_owned())), "actions");
        // Not every database has conditions where there is no table.
        select.from_subquery(Query::select().expr_as(constant_one(), "one").to_owned(), "once");
        restrict(&mut select, truth);
        select
    }

    fn truth(&self, residual: &Residual) -> Result<Truth, SqlError> {
        let mut writer = Writer::new(self.tables, self.dialect, self.limit);
        writer.of_values(residual, Vec::new())
    }
}
