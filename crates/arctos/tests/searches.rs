//! Searching a list of Rust values where it stands gives what going through it gives: the same answer, the same error.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use arctos::rust::{Arctos, AsPolar, PolarClass, Scope, Search};
use arctos::{HostError, Term};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    grants: Vec<Grant>,
    #[polar(attribute)]
    teams: Vec<String>,
    #[polar(attribute)]
    marks: Option<Vec<char>>,
    #[polar(attribute)]
    badges: Vec<Badge>,
    #[polar(attribute)]
    strangers: Vec<Stranger>,
    #[polar(attribute)]
    gaps: Vec<Option<Stamp>>,
}

#[derive(PolarClass)]
struct Stamp {
    #[polar(attribute)]
    name: String,
}

#[derive(PolarClass)]
struct Grant {
    #[polar(attribute)]
    role: String,
    #[polar(attribute)]
    page: u64,
    #[polar(attribute)]
    until: Option<u64>,
    #[polar(attribute)]
    weight: f64,
}

#[derive(PolarClass)]
enum Badge {
    Plain,
    Named {
        #[polar(attribute)]
        name: String,
    },
}

/// Not registered.
#[derive(PolarClass)]
struct Stranger {
    #[polar(attribute)]
    name: String,
}

#[derive(PolarClass)]
struct Page {
    #[polar(attribute)]
    id: u64,
    #[polar(attribute)]
    team: String,
}

fn grant(role: &str, page: u64) -> Grant {
    Grant { role: role.to_owned(), page, until: page.is_multiple_of(2).then_some(page), weight: page as f64 }
}

fn user(grants: Vec<Grant>) -> User {
    User {
        grants,
        teams: vec!["red".to_owned(), "blue".to_owned()],
        marks: None,
        badges: Vec::new(),
        strangers: Vec::new(),
        gaps: Vec::new(),
    }
}

/// What deciding says of `allow(user, "go", page)`. Enumerating says the same, or fails on the way to another answer than the one that decides;
/// later decisions, which look first, say the same.
fn decision(rules: &str, user: &User, page: &Page) -> Result<bool, String> {
    let arctos = Arctos::builder()
        .register::<User>()
        .register::<Grant>()
        .register::<Badge>()
        .register::<Stamp>()
        .register::<Page>()
        .load_str(rules)
        .build()
        .unwrap();
    let decided = arctos.is_allowed(user, "go", page).map_err(|error| error.message().to_owned());
    let session = arctos.session();
    let enumerated = session
        .query_rule("allow", (user, "go", page))
        .and_then(|mut answers| Ok(answers.next()?.is_some()))
        .map_err(|error| error.message().to_owned());
    assert!(decided == enumerated || decided == Ok(true) && enumerated.is_err(), "{rules}");
    for _ in 0..3 {
        let again = arctos.is_allowed(user, "go", page).map_err(|error| error.message().to_owned());
        assert_eq!(again, decided, "{rules}");
    }
    decided
}

const ROLES: &str = r#"
    allow(user: User, "go", page: Page) if has(user, "reader", page);
    allow(user: User, "go", page: Page) if has(user, "writer", page);
    has(user, role, page) if g in user.grants and g.role = role and g.page = page.id;"#;

fn page(id: u64) -> Page {
    Page { id, team: "blue".to_owned() }
}

#[test]
fn roles_are_found() {
    let ann = user(vec![grant("owner", 1), grant("writer", 2), grant("reader", 3)]);
    let found = [1, 2, 3, 4].map(|id| decision(ROLES, &ann, &page(id)).unwrap());
    assert_eq!(found, [false, true, true, false]);
}

#[test]
fn an_error_behind_the_item_that_is_found_stays_an_error() {
    let too_wide = u64::MAX;
    // The first rule goes through all of the list before the second finds its item.
    let ann = user(vec![grant("writer", 2), grant("reader", too_wide)]);
    assert!(decision(ROLES, &ann, &page(2)).unwrap_err().contains("64-bit"));
    // Here the first rule finds it, and nobody looks further.
    let ann = user(vec![grant("reader", 2), grant("reader", too_wide)]);
    assert_eq!(decision(ROLES, &ann, &page(2)), Ok(true));
    let ann = user(vec![grant("owner", too_wide), grant("reader", 2)]);
    assert_eq!(decision(ROLES, &ann, &page(2)), Ok(true));
    assert!(decision(ROLES, &ann, &page(too_wide)).unwrap_err().contains("64-bit"));
}

#[test]
fn values_of_every_kind_are_compared_as_the_engine_does() {
    let ann = user(vec![grant("a", 1), grant("b", 2)]);
    let mut marked = user(Vec::new());
    marked.marks = Some(vec!['x', 'y']);
    for (condition, who, expected) in [
        ("g in user.grants and g.until = 2", &ann, true),
        ("g in user.grants and g.until = nil and g.page = page.id", &ann, false),
        ("g in user.grants and g.until = 2.0", &ann, true),
        ("g in user.grants and g.weight = 2", &ann, true),
        ("g in user.grants and g.role = page.id", &ann, false),
        ("page.team in user.teams", &ann, true),
        (r#""green" in user.teams or page.id in user.teams"#, &ann, false),
        ("t in user.teams and t = page.team", &ann, true),
        (r#""y" in user.marks"#, &marked, true),
        (r#""xy" in user.marks"#, &marked, false),
        (r#"not (g in user.grants and g.role = "c")"#, &ann, true),
    ] {
        let rules = format!(r#"allow(user: User, "go", page: Page) if page.id > 0 and {condition};"#);
        assert_eq!(decision(&rules, who, &page(2)), Ok(expected), "{condition}");
    }
}

#[test]
fn what_cannot_be_seen_is_gone_through() {
    let named = |name: &str| Badge::Named { name: name.to_owned() };
    let rules = r#"allow(user: User, "go", _page: Page) if b in user.badges and b.name = "gold";"#;
    let mut ann = user(Vec::new());
    ann.badges = vec![named("iron"), named("gold")];
    assert_eq!(decision(rules, &ann, &page(1)), Ok(true));
    ann.badges = vec![Badge::Plain, named("gold")];
    assert!(decision(rules, &ann, &page(1)).unwrap_err().contains("no attribute `name`"));
    ann.strangers = vec![Stranger { name: "gold".to_owned() }];
    let rules = r#"allow(user: User, "go", _page: Page) if s in user.strangers and s.name = "gold";"#;
    assert!(decision(rules, &ann, &page(1)).unwrap_err().contains("`Stranger` is not registered"));
    ann.gaps = vec![Some(Stamp { name: "b".to_owned() }), None];
    let rules = r#"allow(user: User, "go", _page: Page) if stamped(user, "a") or stamped(user, "b");
        stamped(user, name) if s in user.gaps and s.name = name;"#;
    assert_eq!(decision(rules, &ann, &page(1)), Ok(true));
    let rules = r#"allow(user: User, "go", _page: Page) if s in user.gaps and s.name = "a";"#;
    assert!(decision(rules, &ann, &page(1)).unwrap_err().contains("`nil` has no attribute `name`"));
    let rules = r#"allow(user: User, "go", _page: Page) if "x" in user.marks;"#;
    assert!(decision(rules, &ann, &page(1)).is_err());
}

#[test]
fn long_lists_count_as_steps() {
    let ann = user((0..20_000).map(|id| grant("reader", id)).collect());
    assert_eq!(decision(ROLES, &ann, &page(19_999)), Ok(true));
    let limits = arctos::Limits { steps: 10_000, ..arctos::Limits::default() };
    let arctos = Arctos::builder().register::<User>().register::<Grant>().register::<Page>();
    let arctos = arctos.limits(limits).load_str(ROLES).build().unwrap();
    assert!(arctos.is_allowed(&ann, "go", page(19_999)).unwrap_err().is_exhausted());
}

/// A list whose items are of two classes.
#[derive(PolarClass)]
struct Team {
    #[polar(attribute)]
    members: Members,
}

struct Members(Vec<Grant>, Vec<Stamp>);

impl AsPolar for Members {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        let mut items = Vec::new();
        for grant in &self.0 {
            items.push(grant.as_polar(scope)?);
        }
        for stamp in &self.1 {
            items.push(stamp.as_polar(scope)?);
        }
        Ok(scope.heap().list(&items))
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        search.all(&self.0) && search.all(&self.1)
    }
}

/// The same name, another class.
#[derive(PolarClass)]
struct Robot {
    #[polar(attribute)]
    grants: Vec<Key>,
}

#[derive(PolarClass)]
struct Key {
    #[polar(attribute)]
    page: u64,
    #[polar(attribute)]
    role: &'static str,
}

#[test]
fn what_one_search_has_found_out_does_not_mislead_the_next() {
    let arctos = Arctos::builder()
        .register::<User>()
        .register::<Grant>()
        .register::<Stamp>()
        .register::<Badge>()
        .register::<Robot>()
        .register::<Key>()
        .register::<Team>()
        .register::<Page>()
        .load_str(
            r#"allow(who, "edit", page: Page) if
                   grant in who.grants and grant.role = "editor" and grant.page = page.id;
               allow(team: Team, name, _: Page) if member in team.members and member.name = name;
               allow(team: Team, page: Page, "any") if member in team.members and member.page = page.id;"#,
        )
        .build()
        .unwrap();
    let page = Page { id: 7, team: String::new() };
    let may = user(vec![grant("reader", 7), grant("editor", 7)]);
    let may_not = user(vec![grant("editor", 6), grant("reader", 7)]);
    let robot = Robot { grants: vec![Key { page: 7, role: "editor" }] };
    let idle = Robot { grants: vec![Key { page: 7, role: "reader" }] };
    let team = |grants, names: &[&str]| Team {
        members: Members(grants, names.iter().map(|name| Stamp { name: (*name).to_owned() }).collect()),
    };
    for _ in 0..3 {
        assert!(arctos.is_allowed(&may, "edit", &page).unwrap());
        assert!(arctos.is_allowed(&robot, "edit", &page).unwrap());
        assert!(!arctos.is_allowed(&idle, "edit", &page).unwrap());
        assert!(!arctos.is_allowed(&may_not, "edit", &page).unwrap());
        // Stamps have names, grants have none.
        assert!(arctos.is_allowed(team(vec![], &["ann", "bob"]), "bob", &page).unwrap());
        assert!(!arctos.is_allowed(team(vec![], &["ann"]), "bob", &page).unwrap());
        assert!(arctos.is_allowed(team(vec![grant("reader", 1)], &["bob"]), "bob", &page).is_err());
        assert!(arctos.is_allowed(team(vec![grant("reader", 7)], &[]), &page, "any").unwrap());
        assert!(arctos.is_allowed(team(vec![grant("reader", 6)], &["bob"]), &page, "any").is_err());
    }
}
