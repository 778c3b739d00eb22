//! Row-level security: PostgreSQL shows each user exactly the rows that a check allows, to a role that owns nothing.

use arctos::residual::{Asked, Reader, Residual, Row};
use arctos::{ErrorKind, Limits, NoObjects, Policy, Query, Schema, Sources};
use arctos_sql::{Command, RowSecurity, SqlError, Statement, Tables};
use arctos_testkit::generate::Random;
use arctos_testkit::host::{WorldHost, to_term};
use arctos_testkit::run::on_large_stack;
use arctos_testkit::world::World;
use expect_test::{Expect, expect};

use crate::databases::Database;
use crate::law::limits;
use crate::rows::{Data, table};
use crate::{number, policies, wanted};

const ROLE: &str = "CREATE ROLE visitor NOLOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO visitor;";

fn settings() -> [String; 1] {
    ["app.user_id".to_owned()]
}

fn has_postgres() -> bool {
    wanted().any(|name| name == "postgres")
}

/// The numbers of rows that a user is shown; whoever it is where there is none.
fn shown(database: &mut Database, table: &str, user: &str) -> Result<Vec<usize>, String> {
    database.script(&format!("SET ROLE visitor; SET app.user_id = '{user}'"))?;
    let text = format!("SELECT rowno FROM {table}");
    let found = database.find(&Statement { text, parameters: Vec::new() });
    database.script("RESET ROLE")?;
    found
}

#[test]
fn random_policies_show_what_checks_allow() {
    if !has_postgres() {
        return;
    }
    let (seed, count) = (number("ARCTOS_SEED", 1), number("ARCTOS_FILTERS", 500).div_ceil(4));
    let (compared, some, without) = on_large_stack(move || {
        let mut database = Database::postgres();
        database.script(ROLE).unwrap();
        let mut tally = (0, 0, 0);
        for seed in seed..seed + count {
            let mut random = Random::new(seed);
            let data = Data::random(&mut random);
            database.load(&data).unwrap();
            compare(seed, &data, &mut random, &mut database, &mut tally);
        }
        tally
    });
    println!(
        "{compared} users compared, {some} of them shown some rows and not all; {without} scripts without functions"
    );
    assert!(compared as u64 > count, "too few policies have row-level security");
    assert!(some * 10 > compared, "too few rows are told apart");
    assert!(without > 0, "no script without functions");
}

type Counts = (usize, usize, usize);

fn compare(seed: u64, data: &Data, random: &mut Random, database: &mut Database, tally: &mut Counts) {
    let (case, class) = policies::policy(random, data);
    let world = World::parse(&data.world()).unwrap();
    let mut sources = Sources::default();
    sources.add(None, &case.policy());
    let Ok(policy) = Policy::load(world.schema(), sources) else { return };
    let tables = data.tables();
    let residual = {
        let (mut host, limits) = (WorldHost::new(&world), limits());
        let mut reader = Reader::new(&policy, &mut host, tables.rows(), &limits);
        let action = reader.heap().string("read");
        let asked = [Asked::RowOf("User"), Asked::Value(action), Asked::Row];
        reader.read("allow", &asked, class).and_then(Residual::without_objects)
    };
    let Ok(residual) = residual else { return };
    let (place, _) = data.class(class).unwrap();
    let name = table(class, data.shape);
    let others: Vec<String> = data.classes.iter().map(|class| table(class.name, data.shape)).collect();
    for by_functions in [false, true] {
        let settings = settings();
        let mut security = RowSecurity::new(&tables, class, &settings);
        if by_functions {
            security = security.by_functions();
        }
        let script = match security.script(&[(Command::Select, "read", &residual)]) {
            Ok(script) => script,
            Err(SqlError::Recursion(_)) => continue,
            Err(SqlError::RowSecurity(_)) if !by_functions => continue,
            Err(error) => panic!("seed {seed}: {error}\n{}", case.policy()),
        };
        tally.2 += usize::from(!by_functions);
        let describe = || format!("seed {seed}\n{}\n{}\n{script}", case.policy(), data.world());
        database.script(&script).unwrap_or_else(|error| panic!("{error}\n{}", describe()));
        if by_functions {
            // The other tables show nothing to anybody.
            for other in &others {
                database.script(&format!("ALTER TABLE {other} ENABLE ROW LEVEL SECURITY")).unwrap();
            }
        }
        for (user, _) in data.all(0) {
            let id = data.rows[0][user]["id"].clone();
            let found = shown(database, &name, &crate::rows::show(&id));
            let found = found.unwrap_or_else(|error| panic!("{error}\n{}", describe()));
            let expected: Vec<usize> = data
                .all(place)
                .map(|(number, _)| number)
                .filter(|number| {
                    let rows = vec![(Row(0), (place, *number)), (Row(1), (0, user))];
                    let says = residual.formula().holds_of(data, rows);
                    beside_machine(data, &world, &policy, (user, place, *number), says, &describe);
                    says == Some(true)
                })
                .collect();
            assert_eq!(found, expected, "user {user}\n{}\n{}", residual.formula(), describe());
            tally.0 += 1;
            tally.1 += usize::from(!found.is_empty() && found.len() < data.all(place).count());
        }
        for nobody in ["", "987654321"] {
            assert_eq!(shown(database, &name, nobody), Ok(vec![]), "{}", describe());
        }
        database.script(&format!("DROP POLICY arctos_select_read ON {name}")).unwrap();
        for other in &others {
            let off = "NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY";
            database.script(&format!("ALTER TABLE {other} {off}")).unwrap();
        }
    }
}

fn beside_machine(
    data: &Data,
    world: &World,
    policy: &Policy,
    (user, place, number): (usize, usize, usize),
    says: Option<bool>,
    describe: &impl Fn() -> String,
) {
    let mut query = Query::new(policy, WorldHost::new(world));
    query.set_limits(limits());
    let constant = |at| world.constant(&data.name(at)).unwrap();
    let actor = to_term(query.heap(), &constant((0, user)));
    let action = query.heap().string("read");
    let row = to_term(query.heap(), &constant((place, number)));
    let decided = query.ask("allow", &[actor, action, row]).and_then(|()| query.decide());
    let agree = match &decided {
        Ok(true) => says == Some(true),
        Ok(false) => says != Some(true),
        Err(_) => true,
    };
    assert!(agree, "user {user}, row {number}: {decided:?}, the formula {says:?}\n{}", describe());
}

const MAPPING: &str = r#"
[class.User]
table = "users"
key = "id"
columns = { id = "integer", is_admin = "boolean" }

[class.Org]
table = "orgs"
key = "id"
columns = { id = "integer" }
relations.members = { to = "Member", many = true, on = { id = "org_id" } }

[class.Member]
table = "members"
key = ["user_id", "org_id"]
columns = { user_id = "integer", org_id = "integer", role = "string" }

[class.Repo]
table = "repos"
key = "id"
columns = { id = "integer", org_id = "integer", owner_id = { type = "integer", nullable = true }, is_public = "boolean" }
relations.org = { to = "Org", on = { org_id = "id" } }
"#;

const POLICY: &str = r#"
    allow(_: User, "read", repo: Repo) if repo.is_public;
    allow(user: User, "read", repo: Repo) if has_role(user, "reader", repo.org);
    allow(user: User, action, repo: Repo) if action in ["read", "create", "update"] and has_role(user, "writer", repo.org);
    allow(user: User, _, repo: Repo) if repo.owner_id = user.id;
    allow(user: User, "delete", _: Repo) if user.is_admin;

    has_role(user: User, role: String, org: Org) if member in org.members and member.user_id = user.id and member.role = role;
"#;

fn residual(policy: &str, tables: &Tables, action: &str, class: &str) -> Result<Residual, arctos::Error> {
    let mut schema = Schema::new();
    for (class, _) in tables.rows().iter() {
        schema.add_class(class, &[]);
    }
    let mut sources = Sources::default();
    sources.add(None, policy);
    let policy = Policy::load(&schema, sources)?;
    let (mut host, limits) = (NoObjects, Limits::default());
    let mut reader = Reader::new(&policy, &mut host, tables.rows(), &limits);
    let action = reader.heap().string(action);
    let asked = [Asked::RowOf("User"), Asked::Value(action), Asked::Row];
    reader.read("allow", &asked, class)?.without_objects()
}

fn script(policy: &str, class: &str, functions: bool) -> Result<String, Box<dyn std::error::Error>> {
    let tables = Tables::parse(MAPPING)?;
    let actions = [
        (Command::Select, "read"),
        (Command::Insert, "create"),
        (Command::Update, "update"),
        (Command::Delete, "delete"),
    ];
    let residuals = actions.map(|(_, action)| residual(policy, &tables, action, class));
    let residuals = residuals.into_iter().collect::<Result<Vec<_>, _>>()?;
    let all: Vec<_> =
        actions.iter().zip(&residuals).map(|((command, action), found)| (*command, *action, found)).collect();
    let settings = settings();
    let security = RowSecurity::new(&tables, class, &settings);
    Ok(if functions { security.by_functions() } else { security }.script(&all)?)
}

#[test]
fn repositories_of_organizations() {
    if !has_postgres() {
        return;
    }
    for functions in [false, true] {
        let mut database = Database::postgres();
        database
            .script(
                "CREATE TABLE users (id bigint PRIMARY KEY, is_admin boolean NOT NULL);
                 CREATE TABLE orgs (id bigint PRIMARY KEY);
                 CREATE TABLE members (user_id bigint, org_id bigint, role text NOT NULL, PRIMARY KEY (user_id, org_id));
                 CREATE TABLE repos (id bigint PRIMARY KEY, rowno bigint, org_id bigint NOT NULL, owner_id bigint, is_public boolean NOT NULL);
                 INSERT INTO users VALUES (1, false), (2, false), (3, false), (4, true);
                 INSERT INTO orgs VALUES (10), (20);
                 INSERT INTO members VALUES (1, 10, 'reader'), (2, 10, 'writer'), (2, 20, 'reader');
                 INSERT INTO repos VALUES (100, 100, 10, NULL, false), (101, 101, 10, 3, false), (102, 102, 20, 3, false), (103, 103, 20, NULL, true);",
            )
            .unwrap();
        database.script(ROLE).unwrap();
        database.script(&script(POLICY, "Repo", functions).unwrap()).unwrap();
        let mut sees = |user: &str| shown(&mut database, "repos", user).unwrap();
        assert_eq!(sees("1"), [100, 101, 103]);
        assert_eq!(sees("2"), [100, 101, 102, 103]);
        assert_eq!(sees("3"), [101, 102, 103]);
        assert_eq!(sees("4"), [103]);
        assert!(sees("").is_empty() && sees("5").is_empty());

        let mut does = |user: &str, statement: &str| {
            database.script(&format!("SET ROLE visitor; SET app.user_id = '{user}'")).unwrap();
            let text = format!("WITH done AS ({statement} RETURNING id) SELECT count(*) FROM done");
            let done = database.find(&Statement { text, parameters: Vec::new() });
            database.script("RESET ROLE").unwrap();
            done.map_err(|error| error.contains("violates row-level security").to_string())
        };
        let change = "UPDATE repos SET is_public = true WHERE id = 100";
        assert_eq!(does("1", change), Ok(vec![0]), "a reader changes nothing");
        assert_eq!(does("2", change), Ok(vec![1]), "a writer does");
        assert_eq!(does("2", "UPDATE repos SET org_id = 20 WHERE id = 100"), Err("true".to_owned()));
        let insert = "INSERT INTO repos VALUES (104, 104, 10, NULL, false)";
        assert_eq!(does("1", insert), Err("true".to_owned()));
        assert_eq!(does("", insert), Err("true".to_owned()));
        assert_eq!(does("2", insert), Ok(vec![1]));
        assert_eq!(does("2", "DELETE FROM repos"), Ok(vec![0]));
        assert_eq!(does("3", "DELETE FROM repos"), Ok(vec![2]), "her own");
        assert_eq!(does("4", "DELETE FROM repos"), Ok(vec![2]), "an admin deletes what she sees");
    }
}

fn refused(policy: &str, class: &str, expected: &Expect) {
    expected.assert_eq(&script(policy, class, false).unwrap_err().to_string());
}

#[test]
fn what_hidden_rows_would_open_is_refused() {
    let none =
        r#"allow(_: User, _, repo: Repo) if not (member in repo.org.members and member.role = "closed");"#;
    refused(
        none,
        "Repo",
        &expect![
            "there is no row-level security for this: the policy asks that a row of `Repo` leads to no row of some kind, and row-level security of other tables could hide it; functions of a role that row-level security does not bind see it (`--functions`)"
        ],
    );
    assert!(script(none, "Repo", true).is_ok());
    let own = "allow(user: User, _, other: User) if user.id = other.id;";
    refused(
        own,
        "User",
        &expect![
            "there is no row-level security for this: the condition reads `users`, the table that it is for, which PostgreSQL takes for a loop; functions of a role that row-level security does not bind may read it (`--functions`)"
        ],
    );
    assert!(script(own, "User", true).is_ok());
}

#[test]
fn settings_are_keys() {
    let tables = Tables::parse(MAPPING).unwrap();
    let policy = "allow(user: User, _, repo: Repo) if repo.owner_id = user.id;";
    let residual = residual(policy, &tables, "read", "Repo").unwrap();
    let check = |settings: &[&str], expected: Expect| {
        let settings: Vec<String> = settings.iter().map(|name| (*name).to_owned()).collect();
        let security = RowSecurity::new(&tables, "Repo", &settings);
        let script = security.script(&[(Command::Select, "read", &residual)]);
        expected.assert_eq(&script.unwrap_or_else(|error| error.to_string()));
    };
    check(
        &["app.user_id"],
        expect![[r#"
        ALTER TABLE "repos" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "repos" FORCE ROW LEVEL SECURITY;

        DROP POLICY IF EXISTS "arctos_select_read" ON "repos";
        CREATE POLICY "arctos_select_read" ON "repos" FOR SELECT
          USING (EXISTS(SELECT 1 FROM "users" AS "arctos_actor" WHERE "arctos_actor"."id" = (CAST(NULLIF(current_setting('app.user_id', TRUE), '') AS bigint)) AND "arctos_actor"."id" = "repos"."owner_id"));
    "#]],
    );
    check(
        &["user_id"],
        expect![
            "there is no row-level security for this: `user_id` is no name of a setting: write two names with a dot, as `app.user_id`"
        ],
    );
    check(
        &["app.x', '') OR TRUE --"],
        expect![
            "there is no row-level security for this: `app.x', '') OR TRUE --` is no name of a setting: write two names with a dot, as `app.user_id`"
        ],
    );
    check(
        &["app.a", "app.b"],
        expect![
            "there is no row-level security for this: the key of `User` is id: as many settings are needed, and 2 are given"
        ],
    );
}

#[test]
fn what_has_no_meaning_for_rows_is_refused() {
    let tables = Tables::parse(MAPPING).unwrap();
    let error = residual("allow(user: User, _, _: Repo) if user.is_nice();", &tables, "read", "Repo");
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unfilterable);
}
