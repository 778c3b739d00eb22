//! `arctos sql` and `arctos check --filterable`: what is printed, and what is refused.

use expect_test::{Expect, expect};

use crate::run::{arctos, fixtures};

const ANN: &str =
    r#"{"type": "User", "id": 7, "titles": ["a", 2.5, null], "orgs": [{"type": "Org", "id": 3}]}"#;

fn check(arguments: &[&str], expected: Expect) {
    arctos(arguments).folder(fixtures().join("sql")).check(expected);
}

fn filter(actor: &str, action: &str, more: &[&str], expected: Expect) {
    let fixed = ["sql", "filter", "docs.polar", "--mapping", "tables.toml", "--dialect", "sqlite"];
    check(&[&fixed[..], more, &[actor, action, "Doc"]].concat(), expected);
}

fn stored(command: &str, more: &[&str], expected: Expect) {
    let fixed = ["sql", command, "entities.polar", "--mapping", "tables.toml", "--dialect", "postgresql"];
    check(&[&fixed[..], more, &["User:ann", "read", "Doc"]].concat(), expected);
}

#[test]
fn objects_as_actors() {
    filter(
        ANN,
        "read",
        &[],
        expect![[r#"
        "t"."owner_id" = ? OR "t"."owner_id" IN (SELECT "r1"."id" FROM "users" AS "r1" WHERE "r1"."boss_id" = ?)
        -- 1: 7
        -- 2: 7
        --- exit 0
    "#]],
    );
    filter(
        ANN,
        "edit",
        &["--json"],
        expect![[r#"
        {"parameters":["a"],"sql":"(\"t\".\"title\" COLLATE BINARY) = ?","version":1}
        --- exit 0
    "#]],
    );
    filter(
        ANN,
        "file",
        &["--inline"],
        expect![[r#"
        "t"."org_id" = 3
        --- exit 0
    "#]],
    );
    filter(
        ANN,
        "burn",
        &[],
        expect![[r#"
        FALSE
        --- exit 0
    "#]],
    );
}

#[test]
fn objects_that_are_none() {
    filter(
        "{7}",
        "read",
        &[],
        expect![[r#"
        --- stderr
        error: the actor is no JSON: key must be a string at line 1 column 2
        --- exit 2
    "#]],
    );
    filter(
        r#"{"id": 7}"#,
        "read",
        &[],
        expect![[r#"
        --- stderr
        error: the actor has no `type`: write `{"type": "User", "id": 7}`
        --- exit 2
    "#]],
    );
    filter(
        r#"{"type": "User"}"#,
        "read",
        &[],
        expect![[r#"
        --- stderr
        error: `new User()` has no attribute `id`
          in `doc.owner` of rule `allow` at docs.polar:1:40
        --- exit 2
    "#]],
    );
    filter(
        r#"{"type": "User"}"#,
        "edit",
        &["--json"],
        expect![[r#"
        {"error":{"kind":"Host","message":"`new User()` has no attribute `titles`","trace":[{"goal":"user.titles","location":"docs.polar:3:53","rule":"allow"}]}}
        --- exit 2
    "#]],
    );
    filter(
        ANN,
        "read",
        &["--now", "7"],
        expect![[r#"
        --- stderr
        error: facts and requests are about entities: write the actor as `User:ann`, not as an object
        --- exit 2
    "#]],
    );
}

#[test]
fn entities_as_actors() {
    let fact = ["--context", r#"has_role(User{"ann"}, "owner", Doc{"5"})"#];
    stored(
        "list",
        &[&fact[..], &["--request", "request.json", "--inline"]].concat(),
        expect![[r#"
        SELECT "t"."id", "t"."title", "t"."owner_id", "t"."org_id" FROM "docs" AS "t" WHERE "t"."id" = CAST(5 AS bigint) OR "t"."title" = 'it''s' OR "t"."owner_id" = CAST(7 AS bigint)
        --- exit 0
    "#]],
    );
    stored(
        "filter",
        &[],
        expect![[r#"
        --- stderr
        error: the policy asks for `@context.title`, and the request does not say it
          in `@context.title` of rule `allow` at entities.polar:1:84
          in `has_role(user, "owner", doc) or doc.title = @context.title or doc.owner_id = user.number` of rule `allow` at entities.polar:1:40
        --- exit 2
    "#]],
    );
}

#[test]
fn mappings() {
    check(
        &["check", "--filterable", "allow:User", "--mapping", "wrong.toml", "docs.polar"],
        expect![[r#"
        --- stderr
        error: wrong.toml: line 3, column 14: there is no type `integr`; did you mean `integer`?
        --- exit 2
    "#]],
    );
    check(
        &["check", "--filterable", "allow:Dok", "--mapping", "tables.toml", "docs.polar"],
        expect![[r#"
        --- stderr
        error: the mapping has no class `Dok`; did you mean `Doc`?
        --- exit 2
    "#]],
    );
    check(
        &["check", "--filterable", "allow", "--mapping", "tables.toml", "docs.polar"],
        expect![[r#"
        --- stderr
        error: `allow` is no rule and class: write `allow:Repo`
        --- exit 2
    "#]],
    );
    check(
        &["check", "--filterable", "allow:Org", "--mapping", "tables.toml", "docs.polar"],
        expect![[r#"
            no rule `allow` is about rows of `Org`
            --- exit 1
        "#]],
    );
    check(
        &["check", "--filterable", "allow:Doc", "docs.polar"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          --mapping <FILE>

        Usage: arctos check --filterable <RULE:CLASS> --mapping <FILE> <FILE>...

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn security() {
    let fixed = ["sql", "rls", "docs.polar", "Doc", "--mapping", "tables.toml", "--actor", "User"];
    let rls = |more: &[&str], expected: Expect| check(&[&fixed[..], more].concat(), expected);
    rls(
        &["--setting", "app.id", "--action", "select=read"],
        expect![[r#"
        ALTER TABLE "docs" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "docs" FORCE ROW LEVEL SECURITY;

        DROP POLICY IF EXISTS "arctos_select_read" ON "docs";
        CREATE POLICY "arctos_select_read" ON "docs" FOR SELECT
          USING (EXISTS(SELECT 1 FROM "users" AS "arctos_actor" WHERE "arctos_actor"."id" = (CAST(NULLIF(current_setting('app.id', TRUE), '') AS bigint)) AND (EXISTS(SELECT 1 FROM "users" AS "r1" WHERE "docs"."owner_id" = "r1"."id" AND "r1"."id" = "arctos_actor"."id") OR EXISTS(SELECT 1 FROM "users" AS "r2" WHERE "docs"."owner_id" = "r2"."id" AND "arctos_actor"."id" = "r2"."boss_id"))));
        --- exit 0
    "#]],
    );
    rls(
        &["--setting", "app.id", "--action", "select=read", "--functions"],
        expect![[r#"
        DO $$ BEGIN
          IF NOT (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
            RAISE EXCEPTION 'run this as a role with BYPASSRLS: its functions must see every row';
          END IF;
        END $$;
        ALTER TABLE "docs" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "docs" FORCE ROW LEVEL SECURITY;

        DROP POLICY IF EXISTS "arctos_select_read" ON "docs";
        CREATE OR REPLACE FUNCTION "arctos_select_read_docs"("arctos_row" "docs") RETURNS boolean
          LANGUAGE sql STABLE SECURITY DEFINER
          RETURN EXISTS(SELECT 1 FROM "users" AS "arctos_actor" WHERE "arctos_actor"."id" = (CAST(NULLIF(current_setting('app.id', TRUE), '') AS bigint)) AND (EXISTS(SELECT 1 FROM "users" AS "r1" WHERE "arctos_row"."owner_id" = "r1"."id" AND "r1"."id" = "arctos_actor"."id") OR EXISTS(SELECT 1 FROM "users" AS "r2" WHERE "arctos_row"."owner_id" = "r2"."id" AND "arctos_actor"."id" = "r2"."boss_id")));
        CREATE POLICY "arctos_select_read" ON "docs" FOR SELECT
          USING ("arctos_select_read_docs"("docs".*));
        --- exit 0
    "#]],
    );
    rls(
        &["--setting", "app.id", "--action", "select=edit"],
        expect![[r#"
        --- stderr
        error: rows of `User` have no attribute or relation `titles`; they have id, boss_id, boss
          in `user.titles` of rule `allow` at docs.polar:3:53
        --- exit 2
    "#]],
    );
    rls(
        &["--setting", "id", "--action", "select=read"],
        expect![[r#"
        --- stderr
        error: there is no row-level security for this: `id` is no name of a setting: write two names with a dot, as `app.user_id`
        --- exit 2
    "#]],
    );
    rls(
        &["--setting", "app.id", "--action", "read"],
        expect![[r#"
        --- stderr
        error: invalid value 'read' for '--action <COMMAND=ACTION>': write SELECT, INSERT, UPDATE or DELETE, and its action: `SELECT=read`

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}
