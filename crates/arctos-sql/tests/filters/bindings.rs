//! Data bindings: what is read, and what is refused, with its place.

use arctos::facts::ValueRef;
use arctos::{Request, Schema, Sources};
use arctos_sql::{Bindings, Decision, Dialect, Filter, Statement};
use expect_test::{Expect, expect};

use crate::fact_tables::authorizer;

const POLICY: &str = r#"
    actor User {}
    resource Org { roles = ["admin"]; }
    resource Repository {
        roles = ["reader", "writer"];
        permissions = ["read", "push"];
        relations = { org: Org };
        "reader" if "writer";
        "writer" if "admin" on "org";
        "read" if "reader" or is_public(resource);
        "push" if "writer";
    }
"#;

const BINDINGS: &str = r#"
facts:
  has_relation(Repository:_, org, Org:_):
    query: SELECT id, org_id FROM repositories
  "has_role(User:_, String:_, Repository:_)":
    query: |
      SELECT user_id, role, repository_id
      FROM members;
  is_public(Repository:_):
    query: SELECT id FROM repositories WHERE is_public
  has_role(User:root, admin, Org:_):
    query: SELECT id FROM orgs
sql_types: { Repository: BIGINT, Org: integer, User: varchar(40) }
"#;

fn policy() -> arctos::Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, POLICY);
    arctos::Policy::load(&schema, sources).unwrap()
}

#[test]
fn bindings_are_read() {
    let bindings = Bindings::read(BINDINGS, &policy()).unwrap();
    let tables = bindings.tables_for("Repository");
    let authorizer = authorizer(POLICY, r#"has_role(User{"ann"}, "admin", Org{"1"});"#);
    let ann = ValueRef::entity("User", "ann");
    let readable = authorizer.filter(&Request::default(), ann, "read", "Repository", tables.rows()).unwrap();
    let alternatives = readable.formula().to_string().replace(" or ", "\n");
    check(
        &alternatives,
        expect![[r#"
        some r1: arctos_facts1 (r1.a0 == "ann" and r1.a1 == "reader" and r1.a2 != nil and r1.a2 == _.id)
        some r3: arctos_facts1 (r3.a0 == "ann" and r3.a1 == "writer" and r3.a2 != nil and r3.a2 == _.id)
        some r5: arctos_facts0 (r5.a0 != nil and r5.a0 == _.id and r5.a2 != nil and r5.a2 == 1)
        some r8: arctos_facts2 (r8.a0 != nil and r8.a0 == _.id)"#]],
    );
}

/// What a list, a decision and the actions of one resource come to.
#[test]
fn lists_decisions_and_actions() {
    let bindings = Bindings::read(BINDINGS, &policy()).unwrap();
    let tables = bindings.tables_for("Repository");
    let authorizer = authorizer(POLICY, r#"has_role(User{"ann"}, "admin", Org{"1"});"#);
    let (ann, seven) = (ValueRef::entity("User", "ann"), ValueRef::entity("Repository", "7"));
    let request = Request::default();
    let pushable = authorizer.filter(&request, ann, "push", "Repository", tables.rows()).unwrap();
    let decide = |action| authorizer.decision_by_tables(&request, ann, action, seven, tables.rows()).unwrap();
    let (read, push, delete) = (decide("read"), decide("push"), decide("delete"));
    let decision = Decision::new(&tables, Dialect::Postgres);
    let shown = |statement: Statement| format!("{statement}\n{:?}\n", statement.parameters);
    check(
        &[
            shown(Filter::new(&pushable, &tables, Dialect::Postgres).where_column("r.id").unwrap()),
            shown(decision.allowed(&push).unwrap()),
            shown(decision.actions([("read", &read), ("push", &push), ("delete", &delete)]).unwrap()),
            shown(decision.actions([("delete", &delete)]).unwrap()),
        ]
        .concat(),
        expect![[r#"
            (r.id) IN (SELECT "r1"."a2" FROM (SELECT "a0", "a1", "a2" FROM (
            SELECT user_id, role, repository_id
            FROM members
            ) AS "q" ("a0", "a1", "a2")) AS "r1" WHERE "r1"."a0" = $1 AND "r1"."a1" = $2 UNION ALL (SELECT "r2"."a0" FROM (SELECT "a0", "a2" FROM (
            SELECT id, org_id FROM repositories
            ) AS "q" ("a0", "a2")) AS "r2" WHERE "r2"."a2" = CAST($3 AS bigint)))
            [Text("ann"), Text("writer"), Integer(1)]
            SELECT COALESCE(EXISTS(SELECT 1 FROM (SELECT "a0", "a1", "a2" FROM (
            SELECT user_id, role, repository_id
            FROM members
            ) AS "q" ("a0", "a1", "a2")) AS "r1" WHERE "r1"."a0" = $1 AND "r1"."a1" = $2 AND "r1"."a2" = CAST($3 AS bigint)) OR EXISTS(SELECT 1 FROM (SELECT "a0", "a2" FROM (
            SELECT id, org_id FROM repositories
            ) AS "q" ("a0", "a2")) AS "r2" WHERE "r2"."a0" = CAST($4 AS bigint) AND "r2"."a2" = CAST($5 AS bigint)), FALSE) AS "allowed"
            [Text("ann"), Text("writer"), Integer(7), Integer(7), Integer(1)]
            SELECT CAST($1 AS text) AS "actions" FROM (SELECT 1 AS "one") AS "once" WHERE EXISTS(SELECT 1 FROM (SELECT "a0", "a1", "a2" FROM (
            SELECT user_id, role, repository_id
            FROM members
            ) AS "q" ("a0", "a1", "a2")) AS "r1" WHERE "r1"."a0" = $2 AND "r1"."a1" = $3 AND "r1"."a2" = CAST($4 AS bigint)) OR EXISTS(SELECT 1 FROM (SELECT "a0", "a1", "a2" FROM (
            SELECT user_id, role, repository_id
            FROM members
            ) AS "q" ("a0", "a1", "a2")) AS "r2" WHERE "r2"."a0" = $5 AND "r2"."a1" = $6 AND "r2"."a2" = CAST($7 AS bigint)) OR (EXISTS(SELECT 1 FROM (SELECT "a0", "a2" FROM (
            SELECT id, org_id FROM repositories
            ) AS "q" ("a0", "a2")) AS "r3" WHERE "r3"."a0" = CAST($8 AS bigint) AND "r3"."a2" = CAST($9 AS bigint)) OR EXISTS(SELECT 1 FROM (SELECT "a0" FROM (
            SELECT id FROM repositories WHERE is_public
            ) AS "q" ("a0")) AS "r4" WHERE "r4"."a0" = CAST($10 AS bigint))) UNION ALL (SELECT CAST($11 AS text) AS "actions" FROM (SELECT 1 AS "one") AS "once" WHERE EXISTS(SELECT 1 FROM (SELECT "a0", "a1", "a2" FROM (
            SELECT user_id, role, repository_id
            FROM members
            ) AS "q" ("a0", "a1", "a2")) AS "r1" WHERE "r1"."a0" = $12 AND "r1"."a1" = $13 AND "r1"."a2" = CAST($14 AS bigint)) OR EXISTS(SELECT 1 FROM (SELECT "a0", "a2" FROM (
            SELECT id, org_id FROM repositories
            ) AS "q" ("a0", "a2")) AS "r2" WHERE "r2"."a0" = CAST($15 AS bigint) AND "r2"."a2" = CAST($16 AS bigint)))
            [Text("read"), Text("ann"), Text("reader"), Integer(7), Text("ann"), Text("writer"), Integer(7), Integer(7), Integer(1), Integer(7), Text("push"), Text("ann"), Text("writer"), Integer(7), Integer(7), Integer(1)]
            SELECT CAST($1 AS text) AS "actions" FROM (SELECT 1 AS "one") AS "once" WHERE FALSE
            [Text("")]
        "#]],
    );
}

fn check(found: &str, expected: Expect) {
    expected.assert_eq(found);
}

fn refused(text: &str) -> String {
    Bindings::read(text, &policy()).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases = [
        "fact: {}",
        "facts: [1]",
        "facts:\n  is_public(Repository:_): SELECT id FROM r",
        "facts:\n  is_public(Repository:_):\n    sql: SELECT id FROM r",
        "facts:\n  is_public(Repository:_):\n    query: SELECT id, name FROM r",
        "facts:\n  is_pulbic(Repository:_):\n    query: SELECT id FROM r",
        "facts:\n  is_public(Repo:_):\n    query: SELECT id FROM r",
        "facts:\n  is_public(Org:_):\n    query: SELECT id FROM r",
        "facts:\n  is_public(_):\n    query: SELECT id FROM r",
        "facts:\n  is_public:\n    query: SELECT id FROM r",
        "facts:\n  has_role(User:_, raeder, Repository:_):\n    query: SELECT a, b FROM r",
        "facts: {}\nfacts: {}",
        "facts: &a {}",
        "sql_types: { Repository: DATE }",
        "sql_types: { Repo: TEXT }",
        "facts:\n  is_public(Repository:_:\n   - : ]",
    ];
    let found: Vec<String> = cases.iter().map(|text| refused(text)).collect();
    check(
        &found.join("\n"),
        expect![[r#"
            line 1, column 1: `fact` means nothing here: there are `facts` and `sql_types`
            line 1, column 8: a mapping of facts stands here
            line 2, column 28: a mapping with `query` stands here
            line 3, column 5: `sql` means nothing here: a fact has a `query`
            line 3, column 12: the query selects 2 columns, and the fact has 1 `_`
            line 2, column 3: the fact `is_pulbic(_: Repository)` is refused: no rule asks for a fact `is_pulbic`, so that stating it changes nothing; did you mean `is_public`?
            line 2, column 3: `Repo` is no type of the policy
            line 2, column 3: the fact `is_public(_: Org)` is refused: argument 1 of `is_public` is of type `Org`, and not `Repository` (the nearest form is `is_public(Repository)`)
            line 2, column 3: `_` without a type, as in `User:_`, in `is_public(_)`
            line 2, column 3: `is_public` is no fact, such as `is_public(Repository:_)`
            line 2, column 3: the fact `has_role(_: User, "raeder", _: Repository)` is refused: `raeder` is not a role of `Repository`; did you mean `reader`? (the nearest form is `has_role(Actor, "reader" | "writer", Repository)`)
            line 2, column 1: `facts` is there twice
            line 1, column 8: aliases, anchors and tags mean nothing here
            line 1, column 26: `DATE` is no type for ids: they are text, integers or UUIDs
            line 1, column 14: `Repo` is no type of the policy
            line 3, column 8: misplaced bracket"#]],
    );
}
