//! Rust objects as policies see them: attributes, methods, comparison, iteration, construction, errors.

#![expect(
    clippy::unwrap_used,
    clippy::needless_borrows_for_generic_args,
    reason = "tests say what they ask in the shortest way"
)]

use std::collections::{BTreeMap, HashMap};

use arctos::rust::{Arctos, AsPolar, ClassDescription, PolarClass, ToPolar, Unbound};
use arctos::{Error, ErrorKind, HostErrorKind, Sources};

#[derive(PolarClass, PartialEq)]
#[polar(eq, methods(has_role, team, greet, fails), class_methods(named), constructor = new)]
struct User {
    #[polar(attribute)]
    name: String,
    #[polar(attribute, rename = "years")]
    age: u8,
    #[polar(attribute)]
    team: Option<Team>,
    #[polar(attribute)]
    roles: HashMap<u32, Role>,
    #[polar(attribute)]
    tags: Vec<String>,
    secret: String,
}

#[derive(PolarClass, PartialEq, Clone, Debug)]
#[polar(eq)]
struct Team {
    #[polar(attribute)]
    id: TeamId,
}

#[derive(PolarClass, PartialEq, Clone, Copy, Debug)]
#[polar(transparent)]
struct TeamId(u32);

#[derive(PolarClass, PartialEq, Clone, Copy, Debug)]
enum Role {
    Admin,
    #[polar(rename = "Guest")]
    Visitor,
}

#[derive(PolarClass, Clone, Copy)]
#[polar(string, rename_all = "snake_case")]
enum Action {
    Read,
    ListAll,
}

#[derive(PolarClass)]
enum Shape {
    Point,
    Circle {
        #[polar(attribute)]
        radius: i64,
    },
    Square {
        #[polar(attribute, rename = "radius")]
        half: i64,
        #[polar(attribute)]
        tilted: bool,
    },
}

#[derive(PolarClass, PartialEq, PartialOrd)]
#[polar(ord)]
struct Version(#[polar(attribute, rename = "number")] f64);

#[derive(PolarClass)]
#[polar(iter = items)]
struct Bag {
    items: Vec<Team>,
}

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the directory is down")
    }
}

impl std::error::Error for Broken {}

impl User {
    fn new(name: &str, age: u8) -> User {
        User {
            name: name.to_owned(),
            age,
            team: None,
            roles: HashMap::new(),
            tags: Vec::new(),
            secret: String::new(),
        }
    }

    fn named(name: String) -> User {
        User::new(&name, 1)
    }

    fn has_role(&self, role: Role, team: &Team) -> bool {
        self.roles.get(&team.id.0) == Some(&role)
    }

    fn team(&self) -> Option<&Team> {
        self.team.as_ref()
    }

    fn greet(&self, greeting: &str, name: Option<&str>) -> String {
        format!("{greeting} {} {}{}", name.unwrap_or("you"), self.name, self.secret)
    }

    fn fails(&self) -> Result<bool, Broken> {
        Err(Broken)
    }
}

fn ann() -> User {
    User {
        team: Some(Team { id: TeamId(7) }),
        roles: HashMap::from([(7, Role::Admin)]),
        tags: vec!["a".into(), "b".into()],
        ..User::new("ann", 30)
    }
}

fn arctos(policy: &str) -> Arctos {
    Arctos::builder()
        .register::<User>()
        .register::<Team>()
        .register::<Role>()
        .register::<Shape>()
        .register::<Version>()
        .register::<Bag>()
        .load_str(policy)
        .build()
        .unwrap()
}

/// Whether `goal` holds of `x`.
fn holds(goal: &str, x: impl ToPolar) -> Result<bool, Error> {
    arctos(&format!("allow(x, _, _) if _value = x and {goal};")).is_allowed(x, (), ())
}

#[track_caller]
fn yes(goal: &str, x: impl ToPolar) {
    assert!(holds(goal, x).unwrap(), "{goal}");
}

#[track_caller]
fn no(goal: &str, x: impl ToPolar) {
    assert!(!holds(goal, x).unwrap(), "{goal}");
}

#[track_caller]
fn fails(goal: &str, x: impl ToPolar, message: &str) -> Error {
    let error = holds(goal, x).unwrap_err();
    assert!(error.message().contains(message), "{}", error.message());
    error
}

#[test]
fn attributes_are_those_that_are_marked() {
    yes(r#"x.name = "ann" and x.years = 30"#, &ann());
    yes("x.team.id = 7", &ann());
    yes("x.team = nil", &User::new("bob", 1));
    let error = fails("x.secret = 1", &ann(), "class `User` has no attribute `secret`");
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(error.host().unwrap().kind(), HostErrorKind::Missing);
    fails("x.age = 1", &ann(), "class `User` has no attribute `age`");
}

#[test]
fn a_missing_attribute_in_a_negation_is_an_error() {
    fails("not x.banned", &ann(), "class `User` has no attribute `banned`");
}

#[test]
fn collections_are_lists_and_dictionaries() {
    yes(r#"x.tags = ["a", "b"] and "b" in x.tags"#, &ann());
    yes(r#"x.roles.("7") = Role::Admin"#, &ann());
    yes(
        "x = {a: 1, b: [1, nil]}",
        BTreeMap::from([("a", Unequal::One(1)), ("b", Unequal::Two(vec![Some(1), None]))]),
    );
    yes("x = [1, \"a\", true]", (1, "a", true));
    yes("x = [0.5, \"c\"]", (0.5, 'c'));
}

enum Unequal {
    One(i64),
    Two(Vec<Option<i64>>),
}

impl AsPolar for Unequal {
    fn as_polar<'q>(
        &'q self,
        scope: &mut arctos::rust::Scope<'_, 'q>,
    ) -> Result<arctos::Term, arctos::HostError> {
        match self {
            Unequal::One(one) => one.as_polar(scope),
            Unequal::Two(two) => two.as_polar(scope),
        }
    }
}

impl ToPolar for Unequal {
    fn to_polar<'q>(self, scope: &mut arctos::rust::Scope<'_, 'q>) -> Result<arctos::Term, arctos::HostError>
    where
        Self: 'q,
    {
        match self {
            Unequal::One(one) => one.to_polar(scope),
            Unequal::Two(two) => two.to_polar(scope),
        }
    }
}

#[test]
fn methods_take_objects_text_and_options() {
    yes("x.has_role(Role::Admin, x.team)", &ann());
    no("x.has_role(Role::Guest, x.team)", &ann());
    yes(r#"x.greet("hi", nil) = "hi you ann" and x.greet("hi", "dear") = "hi dear ann""#, &ann());
    yes("x.team() = x.team", &ann());
    fails(r#"x.greet("hi")"#, &ann(), "expected 2 arguments, found 1");
    fails("x.has_role(1, x.team)", &ann(), "expected an object of class `Role`, found `1`");
    fails("x.has_role(Role::Admin, nil)", &ann(), "expected an object of class `Team`, found `nil`");
    fails("x.nothing()", &ann(), "class `User` has no method `nothing`");
    fails("x.name() = 1", &ann(), "leave out `(…)`");
    fails("x.greet = 1", &ann(), "call it");
    fails("x.has_role(role: 1)", &ann(), "keyword");
}

#[test]
fn an_error_of_the_application_arrives_unchanged() {
    let error = holds("not x.fails()", &ann()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Host);
    let source = error.into_host().unwrap().into_source().unwrap();
    assert!(source.downcast_ref::<Broken>().is_some());
}

#[test]
fn classes_construct_and_have_functions() {
    yes(r#"y = new User("eve", 3) and y.name = "eve" and y.years = 3"#, ());
    yes(r#"User.named("eve") = new User("eve", 1)"#, ());
    fails("new Team(1) = x", 1, "class `Team` has no constructor");
    fails("Team.find(1) = x", (), "class `Team` has no class method `find`");
    fails(r#"new User("eve", 300) = x"#, (), "out of range");
}

#[test]
fn equality_is_rusts_or_an_error() {
    let team = Team { id: TeamId(7) };
    yes("x.team = y and y = new User(\"a\", 1).team or true", &ann());
    assert!(arctos("allow(x, _, y) if x.team = y;").is_allowed(&ann(), (), &team).unwrap());
    assert!(
        !arctos("allow(x, _, y) if x.team = y;").is_allowed(&ann(), (), &Team { id: TeamId(8) }).unwrap()
    );
    assert!(!arctos("allow(x, _, y) if x = y;").is_allowed(&ann(), (), &team).unwrap());
    no("x = 1", &ann());
    let (a, b) = (Bag { items: vec![] }, Bag { items: vec![] });
    assert!(arctos("allow(x, _, y) if x = y;").is_allowed(&a, (), &a).unwrap());
    let error = arctos("allow(x, _, y) if not x = y;").is_allowed(&a, (), &b).unwrap_err();
    assert!(error.message().contains("#[polar(eq)]"), "{error}");
}

#[test]
fn order_is_rusts_or_an_error() {
    let ask = |policy: &str, a: f64, b: f64| arctos(policy).is_allowed(&Version(a), (), &Version(b));
    assert!(ask("allow(x, _, y) if x < y and y > x and x <= y and x <= x;", 1.0, 2.0).unwrap());
    assert!(!ask("allow(x, _, y) if x >= y;", 1.0, 2.0).unwrap());
    assert!(!ask("allow(x, _, y) if x <= y or x > y;", f64::NAN, 2.0).unwrap());
    assert!(ask("allow(x, _, y) if x.number + 1.0 = y.number;", 1.0, 2.0).unwrap());
    fails("x < 1", &Version(1.0), "cannot compare");
    fails("x < x", &ann(), "have no order");
}

#[test]
fn iteration_borrows_the_items() {
    let bag = Bag { items: vec![Team { id: TeamId(1) }, Team { id: TeamId(2) }] };
    yes("t in x and t.id = 2", &bag);
    no("t in x and t.id = 3", &bag);
    fails("_item in x", &ann(), "has no items");
    let arctos = arctos("ids(bag, id) if t in bag and id = t.id;");
    let session = arctos.session();
    let mut answers = session.query_rule("ids", (&bag, Unbound("id"))).unwrap();
    let mut ids = Vec::new();
    while let Some(answer) = answers.next().unwrap() {
        ids.push(answer.get::<TeamId>("id").unwrap());
    }
    assert_eq!(ids, [TeamId(1), TeamId(2)]);
}

#[test]
fn enums_are_constants_text_or_classes() {
    yes("x = Role::Admin", &Role::Admin);
    yes("x = Role::Guest", Role::Visitor);
    no("x = Role::Guest", Role::Admin);
    yes("x matches Role", Role::Admin);
    yes(r#"x = "list_all""#, Action::ListAll);
    yes(r#"x = "read""#, &Action::Read);
    yes("x matches Shape::Circle{radius: 3}", &Shape::Circle { radius: 3 });
    yes("x matches Shape{radius: 2} and x.tilted", &Shape::Square { half: 2, tilted: true });
    no("x matches Shape::Circle", &Shape::Square { half: 2, tilted: true });
    no("x matches Shape{radius: 1}", &Shape::Point);
    fails("x.tilted", &Shape::Circle { radius: 3 }, "this variant of `Shape` has no attribute `tilted`");
}

#[test]
fn variants_are_more_specific_than_their_enum() {
    let arctos = arctos(
        r#"kind(_: Shape, "shape"); kind(_: Shape::Circle, "circle");
           allow(x, _, expected) if kind(x, found) and cut and found = expected;"#,
    );
    assert!(arctos.is_allowed(&Shape::Circle { radius: 1 }, (), "circle").unwrap());
    assert!(arctos.is_allowed(&Shape::Point, (), "shape").unwrap());
}

#[test]
fn integers_beyond_64_bits_are_refused() {
    yes("x = 9223372036854775807", i64::MAX as u64);
    fails("x = 1", u64::MAX, "`18446744073709551615` does not fit a 64-bit integer");
}

/// A number that no policy can see, if it is large.
#[derive(PolarClass)]
struct Counter {
    #[polar(attribute)]
    count: u64,
    #[polar(attribute)]
    limit: Option<u64>,
}

#[test]
fn an_attribute_beyond_64_bits_is_an_error_whatever_it_is_compared_with() {
    let decide = |goal: &str, counter: &Counter| {
        let policy = format!("test(c: Counter) if {goal};");
        let arctos = Arctos::builder().register::<Counter>().load_str(&policy).build().unwrap();
        arctos.session().require("test", (counter,)).map_err(|error| error.to_string())
    };
    let small = Counter { count: 7, limit: None };
    let large = Counter { count: u64::MAX, limit: Some(u64::MAX) };
    for other in ["7", "\"seven\"", "7.0", "nil", "true", "[7]"] {
        for attribute in ["count", "limit"] {
            for goal in [format!("c.{attribute} = {other}"), format!("not c.{attribute} = {other}")] {
                let error = decide(&goal, &large).unwrap_err();
                assert!(error.contains("does not fit a 64-bit integer"), "{goal}: {error}");
            }
        }
    }
    assert!(
        decide("c.count = 7 and c.count = 7.0 and not c.count = \"7\" and c.limit = nil", &small).is_ok()
    );
}

#[test]
fn nil_answers_the_methods_of_option() {
    yes("x.is_none() and not x.is_some()", None::<i64>);
    yes("x.is_some() and x.unwrap() = 3", Some(3));
    fails("x.unwrap() = 3", None::<i64>, "`unwrap` of `nil`");
}

#[test]
fn a_class_that_is_not_registered_is_named() {
    #[derive(PolarClass)]
    struct Stranger;
    fails("true", &Stranger, "class `Stranger` is not registered");
}

#[test]
fn names_are_registered_once() {
    let twice = Arctos::builder().register::<Team>().register_class(Bag::class().named("Team")).build();
    assert!(twice.unwrap_err().message().contains("`Team` is registered already"));
    let builtin = Arctos::builder().register_class(ClassDescription::<Bag>::new("String")).build();
    assert_eq!(builtin.unwrap_err().kind(), ErrorKind::Misuse);
    let actor = Arctos::builder().register_class(ClassDescription::<Bag>::new("Actor")).build();
    assert!(actor.unwrap_err().message().contains("is built in"));
}

#[test]
fn methods_of_strings_are_rusts() {
    for goal in [
        r#"x.len() = 7 and not x.is_empty() and x.is_char_boundary(1) and x.is_ascii()"#,
        r#""ab".bytes() = [97, 98] and "ab".chars() = ["a", "b"]"#,
        r#""ab".char_indices() = [[0, "a"], [1, "b"]]"#,
        r#"" a b ".split_whitespace() = ["a", "b"] and "a".lines() = ["a"]"#,
        r#"x.contains("b,c") and x.starts_with("a") and x.ends_with("d")"#,
        r#"x.find(",") = 1 and x.rfind(",") = 5 and x.find("z") = nil"#,
        r#"x.split(",") = ["a", "b", "c", "d"] and x.rsplit(",") = ["d", "c", "b", "a"]"#,
        r#""a,".split_terminator(",") = ["a"] and "a,b,".rsplit_terminator(",") = ["b", "a"]"#,
        r#"x.splitn(2, ",") = ["a", "b,c,d"] and x.rsplitn(2, ",") = ["d", "a,b,c"]"#,
        r#"x.matches(",") = [",", ",", ","] and x.rmatches("a") = ["a"]"#,
        r#""aba".match_indices("a") = [[0, "a"], [2, "a"]] and "aba".rmatch_indices("a") = [[2, "a"], [0, "a"]]"#,
        r#"" a ".trim() = "a" and " a ".trim_start() = "a " and " a ".trim_end() = " a""#,
        r#""Ab".to_lowercase() = "ab" and "Ab".to_uppercase() = "AB" and "ab".repeat(2) = "abab""#,
    ] {
        yes(goal, "a,b,c,d");
    }
    fails("x.repeat(100000000000) = 1", "abc", "16 MiB");
    fails("x.split() = 1", "abc", "does not take 0 arguments");
    fails("x.shout() = 1", "abc", "has no method `shout`");
}

#[test]
fn constants_are_borrowed_from_where_they_are_registered() {
    let arctos = Arctos::builder()
        .register::<Team>()
        .register::<User>()
        .register::<Role>()
        .constant("HOME", Team { id: TeamId(7) })
        .constant("LIMIT", 3)
        .load_str("allow(user: User, n, _) if user.team = HOME and n < LIMIT;")
        .build()
        .unwrap();
    assert!(arctos.is_allowed(&ann(), 2, ()).unwrap());
    assert!(!arctos.is_allowed(&ann(), 3, ()).unwrap());
    assert!(!arctos.is_allowed(&User::new("bob", 1), 2, ()).unwrap());
}

#[test]
fn a_reload_is_seen_by_every_thread_at_its_next_question() {
    let text = |who: &str| {
        let mut sources = Sources::default();
        sources.add(None, &format!("allow({who:?}, \"read\", _);"));
        sources
    };
    let arctos = Arctos::builder().load_str(r#"allow("ann", "read", _);"#).build().unwrap();
    let session = arctos.session();
    let asks = |arctos: &Arctos| ["ann", "bob"].map(|who| arctos.is_allowed(who, "read", ()).unwrap());
    let (asked, answers) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        let (arctos, asked, answers) = (&arctos, &asked, &answers);
        let other = scope.spawn(move || {
            let before = asks(arctos);
            asked.wait();
            answers.wait();
            (before, asks(arctos))
        });
        assert_eq!(asks(arctos), [true, false]);
        asked.wait();
        arctos.reload(text("bob")).unwrap();
        answers.wait();
        assert_eq!(asks(arctos), [false, true]);
        assert_eq!(other.join().unwrap(), ([true, false], [false, true]));
    });
    // A session goes on with the policy it began with, on the same thread.
    for _ in 0..2 {
        assert!(session.is_allowed("ann", "read", ()).unwrap());
        assert_eq!(asks(&arctos), [false, true]);
    }
    drop(arctos);
    assert!(session.is_allowed("ann", "read", ()).unwrap());
}
