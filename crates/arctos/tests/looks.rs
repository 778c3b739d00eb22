//! Looking at fields decides what plans and the machine decide: an engine's first decision is a plan's, later ones come by looking where
//! that is enough, and enumerating is the machine's.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::Arc;

use arctos::Limits;
use arctos::rust::{Arctos, PolarClass};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    team: Option<Arc<Team>>,
    #[polar(attribute)]
    grants: Vec<Grant>,
    #[polar(attribute)]
    more: Arc<Vec<Grant>>,
    #[polar(attribute)]
    tags: Vec<&'static str>,
    #[polar(attribute)]
    banned: bool,
}

#[derive(PolarClass)]
struct Team {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    name: &'static str,
}

#[derive(PolarClass)]
struct Grant {
    #[polar(attribute)]
    role: &'static str,
    #[polar(attribute)]
    page: u64,
    #[polar(attribute)]
    on: Option<Arc<Stranger>>,
}

#[derive(PolarClass)]
#[polar(methods(next))]
struct Page {
    #[polar(attribute)]
    id: u64,
    #[polar(attribute)]
    owner: u32,
    #[polar(attribute)]
    team: Arc<Team>,
    #[polar(attribute)]
    stranger: Option<Arc<Stranger>>,
    #[polar(attribute)]
    kind: Kind,
    #[polar(attribute)]
    weight: f64,
    #[polar(attribute)]
    public: bool,
}

impl Page {
    fn next(&self) -> u64 {
        self.id.wrapping_add(1)
    }
}

/// Not registered.
#[derive(PolarClass)]
struct Stranger {
    #[polar(attribute)]
    id: u32,
}

#[derive(PolarClass)]
enum Kind {
    Plain,
    Signed {
        #[polar(attribute)]
        by: u32,
    },
}

/// Conditions on a user and a page. What some of them read is missing, too wide or of a class that is not registered.
const CONDITIONS: &[&str] = &[
    "p.owner = u.id",
    "p.public = true",
    "u.banned",
    "u.team = p.team",
    "u.team.id = p.team.id",
    r#"p.team matches Team and p.team.name = "red""#,
    r#"p.team matches Team{name: "blue"}"#,
    "t = p.team and t matches Team and t.id = 2 and not u.banned = true",
    "p.stranger = nil",
    "p.stranger matches Team",
    "p.stranger matches Page",
    "p.kind matches Kind and p.kind.by = u.id",
    "p.kind matches Kind::Signed and p.kind.by = u.id",
    "p.kind.by = 1",
    "p.weight = 2",
    "p.weight = p.weight",
    "p.next() = 3",
    "p.id > 1",
    "u.id < p.owner",
    "p.id >= 2 and p.id <= 3",
    "u.name = u.name",
    r#"u.name = "ann""#,
    r#"u.name in ["ann", "bob"]"#,
    r#""x" in u.tags"#,
    "u.name in u.tags",
    "g in u.grants and g.page = p.id",
    r#"g in u.grants and g.role = "reader" and g.page = p.id"#,
    r#"g in u.more and g.role = "writer" and g.page = p.id"#,
    r#"g in u.grants and g.role in ["writer", "reader"] and g.page = p.id"#,
    "g in u.grants and g.on = p.stranger",
    "g in u.grants and g.page = p.id and g.role = p.team.name",
    "has(u, \"reader\", p)",
    "has(u, \"owner\", p)",
];

/// The beginning of a rule that uses both of its variables.
const ALLOW: &str = r#"allow(u: User, "go", p: Page) if u.id > 0 and p.owner > 0 and"#;
const EITHER: &str = "q(u, p) if u.id > 0 and p.owner > 0 and";

const RULES: &str = r#"
    has(u, "reader", p) if has(u, "writer", p);
    has(u, "writer", p) if has(u, "owner", p);
    has(u: User, role: String, p: Page) if g in u.grants and g.role = role and g.page = p.id;
    has(u: User, role: String, p: Page) if t = p.team and t matches Team and has_on(u, role, t);
    has_on(u: User, "reader", t: Team) if has_on(u, "owner", t);
    has_on(u: User, role: String, t: Team) if g in u.more and g.role = role and g.page = t.id;"#;

struct Objects {
    users: Vec<User>,
    pages: Vec<Page>,
}

fn objects() -> Objects {
    let teams = [Arc::new(Team { id: 1, name: "red" }), Arc::new(Team { id: 2, name: "reader" })];
    let stranger = Arc::new(Stranger { id: 1 });
    assert_eq!(stranger.id, 1);
    let grant = |role, page, on: &Option<Arc<Stranger>>| Grant { role, page, on: on.clone() };
    let user = |id, name: &str, team, grants, more, banned| User {
        id,
        name: name.to_owned(),
        team,
        grants,
        more: Arc::new(more),
        tags: vec!["x", "ann"],
        banned,
    };
    let (none, some) = (None, Some(stranger.clone()));
    let users = vec![
        user(1, "ann", Some(teams[0].clone()), vec![grant("reader", 1, &none)], vec![], false),
        user(2, "bob", Some(teams[1].clone()), vec![], vec![grant("owner", 1, &none)], true),
        user(
            3,
            "eve",
            None,
            vec![grant("writer", 2, &some), grant("reader", u64::MAX, &none), grant("reader", 3, &none)],
            vec![grant("writer", 2, &some)],
            false,
        ),
    ];
    let page = |id, owner, team: &Arc<Team>, stranger, kind, public| Page {
        id,
        owner,
        team: team.clone(),
        stranger,
        kind,
        weight: id as f64,
        public,
    };
    let pages = vec![
        page(1, 1, &teams[0], None, Kind::Plain, false),
        page(2, 3, &teams[1], Some(stranger), Kind::Signed { by: 3 }, false),
        page(u64::MAX, 2, &teams[0], None, Kind::Signed { by: 1 }, true),
        page(3, 9, &teams[1], None, Kind::Plain, true),
    ];
    Objects { users, pages }
}

fn engine(rules: &str) -> Arctos {
    let builder = Arctos::builder()
        .register::<User>()
        .register::<Team>()
        .register::<Grant>()
        .register::<Page>()
        .register::<Kind>();
    builder.load_str(rules).build().unwrap()
}

fn message(error: arctos::Error) -> String {
    error.message().to_owned()
}

/// Every decision about the objects, several times over, is that of an engine that has not been asked before and so has nothing to look
/// at yet.
fn check(rules: &str, objects: &Objects) {
    let arctos = engine(rules);
    for user in &objects.users {
        for page in &objects.pages {
            let expected = engine(rules).is_allowed(user, "go", page).map_err(message);
            for _ in 0..3 {
                let found = arctos.is_allowed(user, "go", page).map_err(message);
                assert_eq!(found, expected, "user {}, page {}: {rules}", user.id, page.id);
            }
            let found = arctos.session().is_allowed(user, "go", page).map_err(message);
            assert_eq!(found, expected, "in a session, user {}, page {}: {rules}", user.id, page.id);
        }
    }
}

/// Enumerating finds the same.
fn check_answers(rules: &str, objects: &Objects) {
    let arctos = engine(rules);
    for (user, page) in
        objects.users.iter().flat_map(|user| objects.pages.iter().map(move |page| (user, page)))
    {
        let expected = arctos.is_allowed(user, "go", page).map_err(message);
        let session = arctos.session();
        let answers = session.query_rule("allow", (user, "go", page));
        let found = answers.and_then(|mut answers| Ok(answers.next()?.is_some())).map_err(message);
        assert_eq!(found, expected, "user {}, page {}: {rules}", user.id, page.id);
    }
}

#[test]
fn single_conditions() {
    let objects = objects();
    for condition in CONDITIONS {
        for rules in
            [format!("{RULES} {ALLOW} ({condition});"), format!("{RULES} {ALLOW} not ({condition});")]
        {
            check(&rules, &objects);
            check_answers(&rules, &objects);
        }
    }
}

#[test]
fn conditions_combined_at_random() {
    let objects = objects();
    // A linear congruence is random enough, and the same every time.
    let mut state = 7_u64;
    let mut pick = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..60 {
        let mut rules = RULES.to_owned();
        for _ in 0..=pick(2) {
            let [a, b, c] = std::array::from_fn(|_| CONDITIONS[pick(CONDITIONS.len())]);
            rules.push_str(&match pick(4) {
                0 => format!("{ALLOW} (({a}) or ({b}));"),
                1 => format!("{ALLOW} (({a}) or ({b})) and ({c});"),
                2 => format!("{ALLOW} q(u, p) and ({a}); {EITHER} ({b}); {EITHER} ({c});"),
                _ => format!("{ALLOW} ({a}) and ({b}) and ({c});"),
            });
        }
        check(&rules, &objects);
    }
}

#[test]
fn questions_that_look_alike_are_told_apart() {
    let rules = r#"allow(u: User, "go_1_on", _: Page) if u.id = 1;
        allow(u: User, "go_2_on", _: Page) if u.id = 2;
        allow(_: Page, "go_1_on", u: User) if u.id = 1;
        admit(u: User, "go_1_on", _: Page) if u.id = 2;"#;
    let Objects { users, pages } = objects();
    let arctos = engine(rules);
    for _ in 0..3 {
        for user in &users {
            for page in &pages {
                assert_eq!(arctos.is_allowed(user, "go_1_on", page).unwrap(), user.id == 1);
                assert_eq!(arctos.is_allowed(user, "go_2_on", page).unwrap(), user.id == 2);
                assert!(!arctos.is_allowed(user, "go_3_on", page).unwrap());
                assert_eq!(arctos.is_allowed(page, "go_1_on", user).unwrap(), user.id == 1);
                assert!(arctos.session().require("admit", (user, "go_1_on", page)).is_ok() == (user.id == 2));
                // One and the same type twice, and text where objects were.
                assert!(!arctos.is_allowed(user, "go_1_on", user).unwrap());
                assert!(!arctos.is_allowed("go_1_on", "go_1_on", page).unwrap());
            }
        }
    }
}

#[test]
fn a_policy_that_is_replaced_is_not_looked_at_again() {
    let Objects { users, pages } = objects();
    let arctos = engine(r#"allow(u: User, "go", p: Page) if p.owner = u.id;"#);
    let ask = || arctos.is_allowed(&users[0], "go", &pages[0]).unwrap();
    for _ in 0..3 {
        assert!(ask());
    }
    let mut sources = arctos::Sources::default();
    sources.add(None, r#"allow(u: User, "go", p: Page) if p.owner = u.id and u.banned = true;"#);
    arctos.reload(sources).unwrap();
    for _ in 0..3 {
        assert!(!ask());
    }
}

#[test]
fn small_limits_are_met_as_ever() {
    let Objects { users, pages } = objects();
    let rules = r#"allow(u: User, "go", p: Page) if p.owner = u.id;"#;
    for limits in [
        Limits { steps: 1, ..Limits::default() },
        Limits { answers: 0, ..Limits::default() },
        Limits { memory: 0, ..Limits::default() },
    ] {
        let builder =
            Arctos::builder().register::<User>().register::<Page>().register::<Team>().register::<Kind>();
        let arctos = builder.limits(limits.clone()).load_str(rules).build().unwrap();
        let decisions: Vec<_> = (0..4)
            .map(|_| {
                arctos.is_allowed(&users[0], "go", &pages[0]).map_err(|error| error.message().to_owned())
            })
            .collect();
        assert!(decisions.iter().all(|decision| *decision == decisions[0]), "{limits:?}: {decisions:?}");
    }
}
