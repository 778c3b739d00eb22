//! W2: which issues may this user read, as a condition for a database. No other engine here makes one.

use arctos::residual::{Relation, RowType, RowTypes, ValueType};
use arctos_sql::{Dialect, Filter, Table, Tables};

use super::World;
use super::arctos::{engine, users};
use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "Which issues may this user read? The answer is what has to hold of a row (*formula*), and the text of a query for PostgreSQL with its \
    values (*SQL*): once for all rows, where a decision is for one. 1,000 users of W2, one after the other.";

/// Arctos alone: the condition, or the text of the query, too.
pub fn ours(with_text: bool) -> (Contender, usize) {
    let world = World::new();
    (contender(&world, with_text), world.users.len())
}

/// A condition, and the text of a query.
pub fn scenario() -> Scenario {
    let world = World::new();
    Scenario {
        name: "filter".to_owned(),
        expected: vec![true; world.users.len()],
        describe: Box::new(|place| format!("user {place}")),
        contenders: vec![contender(&world, false), contender(&world, true)],
        absent: Vec::new(),
    }
}

fn contender(world: &World, with_text: bool) -> Contender {
    let (engine, users, tables) = (engine(), users(world), tables());
    let filter = move |place: usize| {
        let readable = engine.filter(&users[place], "read", "Issue", tables.rows()).expect("a filter");
        if !with_text {
            return readable.formula().size() > 1;
        }
        let statement = Filter::new(&readable, &tables, Dialect::Postgres).select(&["id"]).expect("a query");
        !statement.parameters.is_empty()
    };
    match with_text {
        false => Contender::new("arctos", "`Arctos::filter`: the formula", filter),
        true => Contender::new("arctos, SQL", "the same, and `Filter::select`: text and values", filter),
    }
}

fn tables() -> Tables {
    use ValueType::{Boolean, Integer, String};
    let row = || RowType::new(["id"]).attribute("id", Integer);
    let rows = RowTypes::new()
        .with("Organization", row().attribute("name", String))
        .with(
            "Repository",
            row()
                .attribute("is_public", Boolean)
                .attribute("organization", Integer)
                .relation("org", Relation::one("Organization", [("organization", "id")])),
        )
        .with(
            "Issue",
            row()
                .attribute("creator", Integer)
                .attribute("repository", Integer)
                .relation("repo", Relation::one("Repository", [("repository", "id")])),
        );
    Tables::new(rows)
        .with("Organization", Table::new("organizations"))
        .with("Repository", Table::new("repositories"))
        .with("Issue", Table::new("issues"))
}
