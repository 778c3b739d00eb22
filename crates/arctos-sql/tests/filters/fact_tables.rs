//! Facts in tables, as SQL.

use arctos::facts::{self, Facts, ValueRef};
use arctos::residual::{FactTable, RowType, RowTypes, ValueType};
use arctos::{Authorizer, Policy, Request, Schema, Sources};
use arctos_sql::{Dialect, Filter, SqlError, Table, Tables};
use expect_test::{Expect, expect};

use crate::databases::Database;

const POLICY: &str = r#"
    actor User {}
    actor Group {}
    resource Repository {
        roles = ["reader", "admin"];
        permissions = ["read"];
        relations = { parent: Repository };
        "reader" if "admin";
        "read" if "reader";
        role if role on "parent";
    }
    resource Issue {
        permissions = ["read", "close"];
        relations = { repository: Repository, creator: User };
        "read" if "read" on "repository";
        "read" if is_public(resource);
        "close" if "creator" on resource;
    }
"#;

/// Decides by these facts in memory.
pub(crate) fn authorizer(policy: &str, stated: &str) -> Authorizer {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, policy);
    let policy = Policy::load(&schema, sources).unwrap();
    let mut change = Facts::new().change();
    for fact in facts::parse(None, stated).unwrap() {
        change.insert(&fact).unwrap();
    }
    Authorizer::new(&policy, change.commit().0).unwrap()
}

fn tables() -> Tables {
    use ValueType::Integer;
    let rows = RowTypes::new()
        .with("Issue", RowType::new(["id"]).attribute("id", Integer))
        .facts(
            "has_relation",
            FactTable::new("issue_repositories")
                .entity("Issue", "id", Integer)
                .constant("repository")
                .entity("Repository", "repository_id", Integer),
        )
        .facts(
            "has_relation",
            FactTable::new("parents").entity("Repository", "id", Integer).constant("parent").entity(
                "Repository",
                "parent_id",
                Integer,
            ),
        );
    Tables::new(rows)
        .with("Issue", Table::new("issues"))
        .with("issue_repositories", Table::new("issues"))
        .with("parents", Table::query("SELECT id, parent_id FROM repositories", ["id", "parent_id"]))
}

fn check(action: &str, stated: &str, expected: Expect) {
    let tables = tables();
    let authorizer = authorizer(POLICY, stated);
    let ann = ValueRef::entity("User", "ann");
    let residual = authorizer.filter(&Request::default(), ann, action, "Issue", tables.rows()).unwrap();
    let text = match Filter::new(&residual, &tables, Dialect::Sqlite).where_clause("t") {
        Ok(statement) => format!("{statement}\n{:?}", statement.parameters),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&format!("{}\n{text}\n", residual.formula()));
}

#[test]
fn facts_in_memory_and_in_tables() {
    check(
        "close",
        r#"has_relation(Issue{"7"}, "creator", User{"ann"});"#,
        expect![[r#"
        _.id == 7
        "t"."id" = ?
        [Integer(7)]
    "#]],
    );
    check(
        "read",
        r#"has_role(User{"ann"}, "admin", Repository{"1"});"#,
        expect![[r#"
            some r1: issue_repositories (r1.id != nil and r1.id == _.id and r1.repository_id != nil and [r1.repository_id] in set3 {r2} ([r2.k0] in set4 {r3} (r3.k0 == 1 or some r5: parents (r5.id != nil and r3.k0 == r5.id and r5.parent_id != nil and [r5.parent_id] in set4)) or some r7: parents (r7.id != nil and r2.k0 == r7.id and r7.parent_id != nil and [r7.parent_id] in set3)))
            "t"."id" IN (SELECT "r1"."id" FROM "issues" AS "r1" WHERE "r1"."repository_id" IN (WITH RECURSIVE "arctos_set2" ("k0") AS (SELECT "arctos_set5"."k0" AS "k0" FROM (WITH RECURSIVE "arctos_set3" ("k0") AS (SELECT ? AS "k0" UNION SELECT "r4"."id" AS "k0" FROM (WITH "f" ("id", "parent_id") AS (SELECT * FROM (
            SELECT id, parent_id FROM repositories
            ) AS "q") SELECT "id", "parent_id" FROM "f") AS "r4", "arctos_set3" WHERE "r4"."parent_id" = "arctos_set3"."k0" AND ("r4"."id" IS NOT NULL AND "r4"."parent_id" IS NOT NULL)) SELECT "k0" FROM "arctos_set3") AS "arctos_set5" UNION SELECT "r6"."id" AS "k0" FROM (WITH "f" ("id", "parent_id") AS (SELECT * FROM (
            SELECT id, parent_id FROM repositories
            ) AS "q") SELECT "id", "parent_id" FROM "f") AS "r6", "arctos_set2" WHERE "r6"."parent_id" = "arctos_set2"."k0" AND ("r6"."id" IS NOT NULL AND "r6"."parent_id" IS NOT NULL)) SELECT "arctos_set2"."k0" FROM "arctos_set2"))
            [Integer(1)]
        "#]],
    );
}

/// 3,000 repositories in a chain that is kept in memory, one of which is below the chain in a table.
#[test]
fn many_facts_in_memory_are_a_list() {
    let parents = (1..3_000)
        .map(|n| format!("has_relation(Repository{{\"{}\"}}, \"parent\", Repository{{\"{n}\"}});", n + 1));
    let stated: Vec<String> =
        parents.chain([r#"has_role(User{"ann"}, "reader", Repository{"1"});"#.to_owned()]).collect();
    let tables = tables();
    let authorizer = authorizer(POLICY, &stated.join("\n"));
    let ann = ValueRef::entity("User", "ann");
    let residual = authorizer.filter(&Request::default(), ann, "read", "Issue", tables.rows()).unwrap();
    let mut sqlite = Database::sqlite();
    for text in [
        "CREATE TABLE issues (rowno BIGINT, id BIGINT, repository_id BIGINT)",
        "CREATE TABLE repositories (id BIGINT, parent_id BIGINT)",
        "INSERT INTO issues VALUES (0, 10, 3000), (1, 11, 4000), (2, 12, 5000), (3, 13, NULL)",
        "INSERT INTO repositories VALUES (4000, 2999), (5000, 5001)",
    ] {
        sqlite.execute(text).unwrap();
    }
    let filter = Filter::new(&residual, &tables, Dialect::Sqlite).with_limit(100_000);
    assert_eq!(sqlite.find(&filter.select(&["rowno"]).unwrap()).unwrap(), [0, 1]);
}

#[test]
fn ids_that_nothing_names_are_refused() {
    let policy = r#"
        allow(_: User, "read", issue: Issue) if
            repository matches Repository and has_relation(issue, "repository", repository) and shown(repository);
        shown(repository: Repository) if not hidden(repository);
        shown(repository: Repository) if
            up matches Repository and has_relation(repository, "parent", up) and shown(up);
        declare has_relation(Issue, String, Repository);
        declare has_relation(Repository, String, Repository);
        declare hidden(Repository);
    "#;
    let tables = tables();
    let authorizer = authorizer(policy, r#"hidden(Repository{"3"});"#);
    let ann = ValueRef::entity("User", "ann");
    let residual = authorizer.filter(&Request::default(), ann, "read", "Issue", tables.rows()).unwrap();
    let refused = Filter::new(&residual, &tables, Dialect::Sqlite).select(&["id"]).unwrap_err();
    assert_eq!(refused, SqlError::Recursion("nothing tells which ids there are that it holds of"));
}
