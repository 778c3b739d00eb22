//! That databases find rows by their indexes: what they say of their plans, for tables of 100,000 rows.

use arctos::Request;
use arctos::facts::ValueRef;
use arctos::residual::{Relation, RowType, RowTypes, ValueType};
use arctos::rust::{Arctos, PolarClass};
use arctos_sql::{Bindings, Dialect, Filter, Statement, Table, Tables};

use crate::databases::{Connection, Postgres, Sqlite};
use crate::fact_tables::authorizer;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: i64,
}

#[derive(PolarClass)]
struct Repo {}

#[derive(PolarClass)]
struct Grant {}

#[derive(PolarClass)]
struct Issue {}

fn tables() -> Tables {
    use ValueType::{Boolean, Integer, String};
    let row = |columns: &[&str]| {
        columns.iter().fold(RowType::new(["id"]), |row, name| row.attribute(name, Integer))
    };
    let rows = RowTypes::new()
        .with(
            "Repo",
            row(&["id", "owner_id"])
                .attribute("name", String)
                .attribute("is_public", Boolean)
                .nullable("parent_id", Integer)
                .relation("parent", Relation::one("Repo", [("parent_id", "id")]))
                .relation("grants", Relation::many("Grant", [("id", "repo_id")])),
        )
        .with("Grant", row(&["id", "repo_id", "user_id"]).attribute("role", String))
        .with("Issue", row(&["id", "repo_id"]).relation("repo", Relation::one("Repo", [("repo_id", "id")])));
    Tables::new(rows)
        .with("Repo", Table::new("repos"))
        .with("Grant", Table::new("grants"))
        .with("Issue", Table::new("issues"))
}

/// The tables, of 100,000 rows each. `{numbers}` are the numbers from 0 on.
const SCHEMA: &[&str] = &[
    "CREATE TABLE repos (id BIGINT PRIMARY KEY, owner_id BIGINT, name TEXT, is_public BOOLEAN, parent_id BIGINT)",
    "CREATE TABLE grants (id BIGINT PRIMARY KEY, repo_id BIGINT, user_id BIGINT, role TEXT)",
    "CREATE TABLE issues (id BIGINT PRIMARY KEY, repo_id BIGINT)",
    "INSERT INTO repos SELECT n, n % 1000, 'repo ' || n, n % 10 = 0, n / 10 FROM {numbers}",
    "INSERT INTO grants SELECT n, n * 7 % 100000, n % 20000, CASE n % 2 WHEN 0 THEN 'reader' ELSE 'admin' END FROM {numbers}",
    "INSERT INTO issues SELECT n, n * 3 % 100000 FROM {numbers}",
    "CREATE INDEX repos_owner ON repos (owner_id)",
    "CREATE INDEX repos_name ON repos (name)",
    "CREATE INDEX repos_parent ON repos (parent_id)",
    "CREATE INDEX grants_repo ON grants (repo_id)",
    "CREATE INDEX grants_user ON grants (user_id)",
    "CREATE INDEX issues_repo ON issues (repo_id)",
    "ANALYZE",
];

const OWNER: (&str, &str) = ("Repo", r#"allow(user: User, "read", repo: Repo) if repo.owner_id = user.id;"#);
const NAMED: (&str, &str) =
    ("Repo", r#"allow(_, "read", repo: Repo) if repo.name in ["repo 7", "repo 70"];"#);
const TO_ONE: (&str, &str) =
    ("Issue", r#"allow(user: User, "read", issue: Issue) if issue.repo.owner_id = user.id;"#);
const TO_MANY: (&str, &str) = (
    "Repo",
    r#"allow(user: User, "read", repo: Repo) if
        grant in repo.grants and grant.user_id = user.id and grant.role = "reader";"#,
);
const TREE: (&str, &str) = (
    "Repo",
    r#"allow(user: User, "read", repo: Repo) if reader(user, repo);
    reader(user: User, repo: Repo) if grant in repo.grants and grant.user_id = user.id;
    reader(user: User, repo: Repo) if reader(user, repo.parent);"#,
);
const ANY: (&str, &str) = (
    "Repo",
    r#"allow(user: User, "read", repo: Repo) if repo.owner_id = user.id;
    allow(user: User, "read", repo: Repo) if grant in repo.grants and grant.user_id = user.id;"#,
);
const PUBLIC: (&str, &str) = ("Issue", r#"allow(_, "read", issue: Issue) if issue.repo.is_public;"#);

fn statement((class, policy): (&str, &str), dialect: Dialect) -> Statement {
    let arctos = Arctos::builder()
        .register::<User>()
        .register::<Repo>()
        .register::<Grant>()
        .register::<Issue>()
        .load_str(policy)
        .build()
        .unwrap();
    let tables = tables();
    let residual = arctos.filter(&User { id: 7 }, "read", class, tables.rows()).unwrap();
    Filter::new(&residual, &tables, dialect).select(&["id"]).unwrap()
}

/// The same tables, as facts.
const FACTS: &str = r#"
    actor User {}
    resource Repo {
        roles = ["reader", "admin"];
        permissions = ["read"];
        relations = { parent: Repo };
        "read" if "reader" or "admin";
        role if role on "parent";
    }
    resource Issue { permissions = ["read"]; relations = { repo: Repo }; "read" if "read" on "repo"; }
"#;

const BINDINGS: &str = r#"
facts:
  "has_role(User:_, String:_, Repo:_)":
    query: SELECT user_id, role, repo_id FROM grants
  has_relation(Repo:_, parent, Repo:_):
    query: SELECT id, parent_id FROM repos
  has_relation(Issue:_, repo, Repo:_):
    query: SELECT id, repo_id FROM issues
sql_types: { User: BIGINT, Repo: BIGINT, Issue: BIGINT }
"#;

/// The rows of a table whose ids are entities of the class: those that a user may read.
fn by_facts(class: &str, table: &str, dialect: Dialect) -> Statement {
    let authorizer = authorizer(FACTS, "");
    let tables = Bindings::read(BINDINGS, authorizer.policy()).unwrap().tables_for(class);
    let user = ValueRef::entity("User", "7");
    let readable = authorizer.filter(&Request::default(), user, "read", class, tables.rows()).unwrap();
    let tables = tables.with(class, Table::new(table));
    Filter::new(&readable, &tables, dialect).select(&["id"]).unwrap()
}

fn fill(connection: &mut dyn Connection, numbers: &str) {
    for text in SCHEMA {
        connection.run(&text.replace("{numbers}", numbers), &[]).unwrap();
    }
}

#[test]
fn sqlite_searches_by_indexes() {
    let mut sqlite = Sqlite::new();
    let numbers = "(WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 99999) \
                   SELECT n FROM counted)";
    fill(&mut sqlite, numbers);
    let mut check = |policy, indexes: &[&str]| {
        let statement = statement(policy, Dialect::Sqlite);
        let plan = sqlite.plan(&statement);
        for index in indexes {
            assert!(plan.contains(index), "no {index}:\n{plan}\n{statement}");
        }
        let scans = ["SCAN t", "SCAN r"];
        assert!(
            !scans.iter().any(|scan| plan.contains(scan)),
            "all rows are looked at:\n{plan}\n{statement}"
        );
    };
    check(OWNER, &["SEARCH t USING INDEX repos_owner"]);
    check(NAMED, &["SEARCH t USING INDEX repos_name"]);
    check(TO_ONE, &["SEARCH r1 USING INDEX repos_owner", "SEARCH t USING INDEX issues_repo"]);
    check(TO_MANY, &["r1 USING INDEX grants_user", "SEARCH t"]);
    check(TREE, &["INDEX grants_user", "INDEX repos_parent", "SEARCH t"]);
    check(ANY, &["INDEX repos_owner", "INDEX grants_user"]);
    for (class, table, index) in [("Repo", "repos", "SEARCH t"), ("Issue", "issues", "INDEX issues_repo")] {
        let statement = by_facts(class, table, Dialect::Sqlite);
        let plan = sqlite.plan(&statement);
        for index in ["SEARCH grants USING INDEX grants_user", "INDEX repos_parent", "SEARCH t", index] {
            assert!(plan.contains(index), "no {index}:\n{plan}\n{statement}");
        }
    }
    // Of a page of issues only the repositories are looked up.
    let plan = sqlite.plan(&statement(PUBLIC, Dialect::Sqlite));
    assert!(plan.contains("SEARCH r1"), "{plan}");
}

#[test]
fn postgres_searches_by_indexes() {
    if !crate::wanted().any(|name| name == "postgres") {
        return;
    }
    let mut postgres = Postgres::new();
    fill(&mut postgres, "generate_series(0, 99999) AS n");
    let mut check = |policy, indexes: &[&str]| {
        let statement = statement(policy, Dialect::Postgres);
        let plan = postgres.plan(&statement);
        for index in indexes {
            assert!(plan.contains(index), "no {index}:\n{plan}\n{statement}");
        }
        assert!(!plan.contains("Seq Scan"), "all rows are looked at:\n{plan}\n{statement}");
    };
    check(OWNER, &["repos_owner"]);
    check(NAMED, &["repos_name"]);
    check(TO_ONE, &["repos_owner", "issues_repo"]);
    check(TO_MANY, &["grants_user", "repos_pkey"]);
    check(TREE, &["grants_user", "repos_parent", "repos_pkey"]);
    for (class, table) in [("Repo", "repos"), ("Issue", "issues")] {
        let statement = by_facts(class, table, Dialect::Postgres);
        let plan = postgres.plan(&statement);
        for index in ["grants_user", "repos_parent"] {
            assert!(plan.contains(index), "no {index}:\n{plan}\n{statement}");
        }
        // How many rows the sets have, it has to guess; so whether the rows asked for are found one by one is its own affair.
        assert!(!plan.contains("Seq Scan on grants"), "all facts are looked at:\n{plan}\n{statement}");
    }
}
