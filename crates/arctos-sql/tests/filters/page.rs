//! The page of the book on filters: each policy in it comes to the SQL that follows it.
//!
//! ` ```sql ` is for SQLite, ` ```sql,postgres ` and ` ```sql,mysql ` for these. Lines that begin with `--` are the values of placeholders.

use arctos::Request;
use arctos::facts::ValueRef;
use arctos::residual::{Relation, RowType, RowTypes, ValueType};
use arctos::rust::{Arctos, PolarClass};
use arctos_sql::{Bindings, Dialect, Filter, Parameter, Table, Tables};

use crate::fact_tables::authorizer;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: i64,
    #[polar(attribute)]
    teams: Vec<String>,
}

#[derive(PolarClass)]
struct Org {}

#[derive(PolarClass)]
struct Repo {}

#[derive(PolarClass)]
struct Folder {}

#[derive(PolarClass)]
struct Issue {}

fn tables() -> Tables {
    use ValueType::{Boolean, Float, Integer, String};
    let row = || RowType::new(["id"]).attribute("id", Integer);
    let rows = RowTypes::new()
        .with("User", row())
        .with("Org", row().attribute("name", String))
        .with(
            "Repo",
            row()
                .attribute("name", String)
                .attribute("team", String)
                .attribute("is_public", Boolean)
                .attribute("owner_id", Integer)
                .nullable("org_id", Integer)
                .relation("owner", Relation::one("User", [("owner_id", "id")]))
                .relation("org", Relation::one("Org", [("org_id", "id")]))
                .relation("issues", Relation::many("Issue", [("id", "repo_id")]))
                .relation(
                    "readers",
                    Relation::many("User", [("id", "repo_id")]).through("Reader", [("user_id", "id")]),
                ),
        )
        .with("Reader", RowType::new(["repo_id", "user_id"]))
        .with(
            "Folder",
            row()
                .attribute("owner_id", Integer)
                .nullable("parent_id", Integer)
                .relation("parent", Relation::one("Folder", [("parent_id", "id")])),
        )
        .with(
            "Issue",
            row()
                .attribute("title", String)
                .nullable("votes", Integer)
                .nullable("weight", Float)
                .relation("repo", Relation::one("Repo", [("repo_id", "id")])),
        );
    let classes = ["User", "Org", "Repo", "Reader", "Folder", "Issue"];
    classes
        .iter()
        .fold(Tables::new(rows), |tables, class| tables.with(class, Table::new(&class.to_lowercase())))
}

/// The SQL of a policy, on one line, with its values.
fn sql(policy: &str, dialect: Dialect) -> Result<String, Box<dyn std::error::Error>> {
    let arctos = Arctos::builder()
        .register::<User>()
        .register::<Org>()
        .register::<Repo>()
        .register::<Folder>()
        .register::<Issue>()
        .load_str(policy)
        .build()?;
    let class =
        ["Issue", "Folder", "Repo"].into_iter().find(|class| policy.contains(&format!(": {class}) if")));
    let class = class.ok_or("no class")?;
    let tables = tables();
    let ann = User { id: 7, teams: vec!["red".to_owned(), "blue".to_owned()] };
    let residual = arctos.filter(&ann, "read", class, tables.rows())?;
    let statement = Filter::new(&residual, &tables, dialect).where_clause("t")?;
    let values: Vec<String> = statement.parameters.iter().map(shown).collect();
    Ok(format!("{statement} -- {}", values.join(", ")).trim_end_matches(" -- ").to_owned())
}

/// What ann may read of the issues, where a part of the facts is in tables.
fn by_facts(
    [policy, stated, bindings]: [&str; 3],
    dialect: Dialect,
) -> Result<String, Box<dyn std::error::Error>> {
    let authorizer = authorizer(policy, stated);
    let tables = Bindings::read(bindings, authorizer.policy())?.tables_for("Issue");
    let ann = ValueRef::entity("User", "ann");
    let residual = authorizer.filter(&Request::default(), ann, "read", "Issue", tables.rows())?;
    let statement = Filter::new(&residual, &tables, dialect).where_column("issues.id")?;
    let values: Vec<String> = statement.parameters.iter().map(shown).collect();
    let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.replace("( ", "(").replace(" )", ")");
    Ok(format!("{text} -- {}", values.join(", ")))
}

fn shown(value: &Parameter) -> String {
    match value {
        Parameter::Boolean(value) => value.to_string(),
        Parameter::Integer(value) => value.to_string(),
        Parameter::Float(value) => format!("{value:?}"),
        Parameter::Text(text) => format!("{text:?}"),
    }
}

#[test]
fn policies_come_to_the_sql_that_the_page_shows() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/filters.md")).unwrap();
    let (mut policy, mut seen, mut wrong) = (String::new(), 0, Vec::new());
    let (mut stated, mut bindings) = ("", "");
    let mut fences = page.split("\n```");
    fences.next();
    while let (Some(block), after) = (fences.next(), fences.next()) {
        let (word, text) = block.split_once('\n').unwrap_or((block, ""));
        let dialect = match word {
            "polar" | "polar,facts" => {
                text.clone_into(&mut policy);
                bindings = "";
                continue;
            }
            "facts" => {
                stated = text;
                continue;
            }
            "yaml" => {
                bindings = text;
                continue;
            }
            "sql" => Dialect::Sqlite,
            "sql,postgres" => Dialect::Postgres,
            "sql,mysql" => Dialect::Mysql,
            _ => continue,
        };
        seen += 1;
        let promised =
            text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(" )", ")");
        let found = match bindings {
            "" => sql(&policy, dialect),
            bindings => by_facts([&policy, stated, bindings], dialect),
        };
        let found = found.unwrap_or_else(|error| error.to_string());
        if found != promised {
            wrong.push(format!("{policy}\n{found}"));
        }
        assert!(after.is_some(), "a fence that does not end");
    }
    assert!(wrong.is_empty(), "the page shows otherwise:\n\n{}", wrong.join("\n\n"));
    assert!(seen > 8, "the page shows SQL");
}
