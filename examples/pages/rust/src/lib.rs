//! A wiki's list of pages: each user sees those that a policy allows, found by one query, with SeaORM and with plain SQL.

pub mod page;

use std::error::Error;

use arctos::residual::{RowType, RowTypes, ValueType};
use arctos::rust::{Arctos, PolarClass};
use arctos_sql::{Dialect, Filter, Parameter, Statement, Table, Tables};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sqlx::{AssertSqlSafe, SqlitePool};

/// Who asks.
#[derive(Clone, Debug, PolarClass)]
pub struct User {
    #[polar(attribute)]
    pub id: i64,
    #[polar(attribute)]
    pub teams: Vec<i64>,
}

/// The policy, and where rows are: made once, when the application starts.
pub struct Access {
    pub arctos: Arctos,
    tables: Tables,
}

impl Access {
    /// Loads the policy.
    pub fn new() -> Result<Self, arctos::Error> {
        use ValueType::{Boolean, Integer, String};
        let arctos = Arctos::builder()
            .register::<User>()
            .register::<page::Model>()
            .load_str(include_str!("policy.polar"))
            .build()?;
        let row = RowType::new(["id"])
            .attribute("id", Integer)
            .attribute("title", String)
            .attribute("author_id", Integer)
            .nullable("team_id", Integer)
            .attribute("is_public", Boolean)
            .attribute("is_locked", Boolean);
        let tables = Tables::new(RowTypes::new().with("Page", row)).with("Page", Table::new("page"));
        Ok(Access { arctos, tables })
    }

    /// What must hold of a page for the user to be allowed this: an expression for any query of SeaORM.
    pub fn pages(&self, user: &User, action: &str) -> Result<SimpleExpr, Box<dyn Error>> {
        let filter = self.arctos.filter(user, action, "Page", self.tables.rows())?;
        Ok(Filter::new(&filter, &self.tables, Dialect::Sqlite).condition("page")?)
    }

    /// The same as a whole query.
    pub fn select(&self, user: &User, action: &str, columns: &[&str]) -> Result<Statement, Box<dyn Error>> {
        let filter = self.arctos.filter(user, action, "Page", self.tables.rows())?;
        Ok(Filter::new(&filter, &self.tables, Dialect::Sqlite).select(columns)?)
    }
}

/// One page of a user's list, with SeaORM.
pub async fn readable(
    access: &Access,
    database: &DatabaseConnection,
    user: &User,
    (limit, offset): (u64, u64),
) -> Result<Vec<page::Model>, DbErr> {
    let condition = access.pages(user, "read").map_err(|error| DbErr::Custom(error.to_string()))?;
    page::Entity::find()
        .filter(condition)
        .order_by_asc(page::Column::Id)
        .limit(limit)
        .offset(offset)
        .all(database)
        .await
}

/// All titles that a user may read, with sqlx.
pub async fn titles(access: &Access, database: &SqlitePool, user: &User) -> Result<Vec<String>, sqlx::Error> {
    let Statement { text, parameters } =
        access.select(user, "read", &["title"]).map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    // The text has placeholders for all values of the policy and the request.
    let mut query = sqlx::query_scalar(AssertSqlSafe(text));
    for parameter in parameters {
        query = match parameter {
            Parameter::Boolean(value) => query.bind(value),
            Parameter::Integer(value) => query.bind(value),
            Parameter::Float(value) => query.bind(value),
            Parameter::Text(value) => query.bind(value),
        };
    }
    query.fetch_all(database).await
}
