//! The names of `oso` 0.27, one by one.

#![expect(clippy::unwrap_used, reason = "tests say what they ask in the shortest way")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use oso::errors::{InvalidCallError, TypeError};
use oso::{
    Action, Class, ClassBuilder, FromPolar, FromPolarList, Oso, OsoError, PolarClass, PolarValue, ToPolar,
    ToPolarList,
};

#[derive(Clone, Debug, Default, PartialEq, PolarClass)]
#[polar(class_name = "Person")]
struct User {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    boss: Option<Box2>,
    secret: String,
}

/// A class of its own, so that `Option<Class>` is an attribute.
#[derive(Clone, Debug, Default, PartialEq, PolarClass)]
struct Box2 {
    #[polar(attribute)]
    size: i64,
}

#[derive(Clone, Debug, PartialEq, PolarClass)]
enum Color {
    Red,
    Blue,
}

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

fn user(name: &str) -> User {
    User { name: name.to_owned(), ..User::default() }
}

fn with_user(class: Class) -> Oso {
    let mut oso = Oso::default();
    oso.register_class(class).unwrap();
    oso
}

fn holds(oso: &Oso, query: &str) -> bool {
    oso.query(query).unwrap().next_result().is_some_and(|answer| answer.map(|_| true).unwrap())
}

fn error(oso: &Oso, query: &str) -> OsoError {
    oso.query(query).unwrap().next().unwrap().unwrap_err()
}

#[test]
fn the_derive_names_the_class_and_shows_the_marked_fields() {
    let mut oso = with_user(User::get_polar_class());
    oso.register_class(Box2::get_polar_class()).unwrap();
    oso.load_str(
        r#"allow(u: Person, "a", _) if u.name = "ann"; allow(u: Person, "b", _) if u.secret = 1;
                    allow(u: Person, "c", _) if b in u.boss and b.size = 3;"#,
    )
    .unwrap();
    assert!(oso.is_allowed(user("ann"), "a", 1).unwrap());
    assert!(!oso.is_allowed(user("bob"), "a", 1).unwrap());
    let missing = oso.is_allowed(user("ann"), "b", 1).unwrap_err();
    assert!(
        matches!(&missing, OsoError::Polar(error) if error.to_string().contains("no attribute `secret`"))
    );
    assert!(!oso.is_allowed(user("ann"), "c", 1).unwrap());
    assert!(oso.is_allowed(User { boss: Some(Box2 { size: 3 }), ..user("ann") }, "c", 1).unwrap());
}

#[test]
fn unit_enums_are_constants() {
    let mut oso = with_user(Color::get_polar_class_builder().with_equality_check().build());
    oso.load_str("allow(c, _, _) if c = Color::Red;").unwrap();
    assert!(oso.is_allowed(Color::Red, 1, 1).unwrap());
    assert!(!oso.is_allowed(Color::Blue, 1, 1).unwrap());
}

#[test]
fn constructors() {
    let oso = with_user(ClassBuilder::<User>::with_default().name("Person").with_equality_check().build());
    assert!(holds(&oso, "new Person() = new Person()"));
    let oso =
        with_user(ClassBuilder::with_constructor(|name: String| user(&name)).with_equality_check().build());
    assert!(holds(&oso, r#"new User("a") = new User("a") and not new User("a") = new User("b")"#));
    assert!(matches!(error(&oso, "new User(1) = 1"), OsoError::TypeError(TypeError { .. })));
    let oso = with_user(Class::builder::<User>().set_constructor(|| user("x")).build());
    assert!(matches!(error(&oso, "new User(1) = 1"), OsoError::FromPolar));
    let oso = with_user(Class::builder::<User>().build());
    assert!(matches!(error(&oso, "new User() = 1"), OsoError::Custom { .. }));
}

#[test]
fn equality_checks() {
    let oso = with_user(
        ClassBuilder::<User>::with_constructor(|name: String| user(&name))
            .set_equality_check(|a, b| a.name.len() == b.name.len())
            .build(),
    );
    assert!(holds(&oso, r#"new User("a") = new User("b")"#));
    assert!(holds(&oso, r#"new User("a") != new User("bb")"#));
    let oso = with_user(ClassBuilder::<User>::with_default().build());
    assert!(matches!(
        error(&oso, "not new User() = new User()"),
        OsoError::UnsupportedOperation { operation, type_name } if operation == "equals" && type_name == "User"
    ));
    assert!(matches!(error(&oso, "new User() < new User()"), OsoError::UnimplementedOperation { .. }));
}

#[test]
fn attributes_methods_class_methods_and_constants() {
    let oso = with_user(
        User::get_polar_class_builder()
            .name("User")
            .set_constructor(|name: String| user(&name))
            .add_attribute_getter("length", |user: &User| user.name.len() as i64)
            .add_method("says", |user: &User, what: String, times: u8| {
                format!("{}: {}", user.name, what.repeat(times.into()))
            })
            .add_method("fails", |_: &User| Err::<bool, _>(Down))
            .add_class_method("named", |name: String| user(&name))
            .add_constant(3, "User::LIMIT")
            .build(),
    );
    assert!(holds(&oso, r#"new User("ann").length = User::LIMIT"#));
    assert!(holds(&oso, r#"User.named("ann").says("a", 2) = "ann: aa""#));
    assert!(matches!(
        error(&oso, r#"not User.named("a").fails()"#),
        OsoError::ApplicationError { source, type_name: Some(class), attr: Some(attr) }
            if source.is::<Down>() && class == "User" && attr == "fails"
    ));
    for missing in
        [r#"User.named("a").nothing() = 1"#, r#"User.nothing() = 1"#, r#"User.named("a").nothing = 1"#]
    {
        assert!(matches!(error(&oso, missing), OsoError::Polar(_)), "{missing}");
    }
    assert!(matches!(error(&oso, r#"User.named(name: "a") = 1"#), OsoError::Custom { .. }));
}

#[test]
fn iteration() {
    let list = |user: &User| user.name.chars().map(String::from).collect::<Vec<_>>();
    let class = ClassBuilder::<User>::with_constructor(|name: String| user(&name));
    let oso = with_user(
        class
            .clone()
            .set_into_iter(move |user: &User| list(user).into_iter())
            .add_iterator_method("letters", move |user: &User| list(user))
            .build(),
    );
    assert!(holds(&oso, r#""b" in new User("abc") and "c" in new User("abc").letters()"#));
    assert!(!holds(&oso, r#""z" in new User("abc")"#));
    let oso = with_user(class.build());
    assert!(matches!(error(&oso, r#""b" in new User("abc")"#), OsoError::UnsupportedOperation { .. }));
    let oso =
        with_user(Class::builder::<Numbers>().set_constructor(|| Numbers(vec![1, 2])).with_iter().build());
    assert!(holds(&oso, "2 in new Numbers()"));
}

#[derive(Clone)]
struct Numbers(Vec<i64>);

impl IntoIterator for Numbers {
    type Item = i64;
    type IntoIter = std::vec::IntoIter<i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[test]
fn loading() {
    let mut oso = Oso::new();
    assert!(matches!(oso.load_str("f("), Err(OsoError::Polar(_))));
    oso.load_str("f(1);").unwrap();
    assert!(matches!(oso.load_str("g(1);"), Err(OsoError::Polar(_))));
    assert!(holds(&oso, "f(1)"));
    oso.clear_rules().unwrap();
    assert!(matches!(error(&oso, "f(1)"), OsoError::Polar(_)));
    oso.load_str("g(1); ?= g(1);").unwrap();
    oso.clear_rules().unwrap();
    let failed = oso.load_str("g(1);\n?= g(2);");
    assert!(
        matches!(failed, Err(OsoError::InlineQueryFailedError { location }) if location.contains("line 2"))
    );
}

#[test]
fn files() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("names.polar");
    std::fs::write(&path, "f(1);").unwrap();
    let mut oso = Oso::new();
    oso.load_files(Vec::<&str>::new()).unwrap();
    assert!(
        matches!(oso.load_files(vec!["a.txt"]), Err(OsoError::IncorrectFileType { filename }) if filename == "a.txt")
    );
    assert!(matches!(oso.load_files(vec!["no/such.polar"]), Err(OsoError::Io(_))));
    oso.load_files(vec![&path]).unwrap();
    assert!(holds(&oso, "f(1)"));
    oso.clear_rules().unwrap();
    #[expect(deprecated, reason = "existing code calls it")]
    oso.load_file(&path).unwrap();
    assert!(holds(&oso, "f(1)"));
}

#[test]
fn registration() {
    let mut oso = with_user(User::get_polar_class());
    let again = oso.register_class(User::get_polar_class());
    assert!(matches!(again, Err(OsoError::DuplicateClassError { name }) if name == "Person"));
    oso.load_str("f(x) if x = LIMIT;").unwrap_err();
    oso.register_constant(1, "LIMIT").unwrap();
    oso.load_str("f(x) if x = LIMIT;").unwrap();
    assert!(holds(&oso, "f(1)"));
    oso.register_constant(2, "LIMIT").unwrap();
    assert!(holds(&oso, "f(2)"));
    let copy = oso.clone();
    oso.clear_rules().unwrap();
    assert!(holds(&copy, "f(2)"));
}

#[test]
fn an_object_of_an_unregistered_class_shows_its_attributes() {
    let mut oso = Oso::new();
    oso.load_str(r#"allow(u, _, _) if u.name = "ann";"#).unwrap();
    assert!(oso.is_allowed(user("ann"), 1, 1).unwrap());
}

#[test]
fn allowed_actions() {
    let mut oso = Oso::new();
    oso.load_str(r#"allow("a", "x", 1); allow("a", "y", 1); allow("b", _, 1);"#).unwrap();
    let actions: HashSet<String> = oso.get_allowed_actions("a", 1).unwrap();
    assert_eq!(actions, HashSet::from(["x".to_owned(), "y".to_owned()]));
    let actions: HashSet<Action> = oso.get_allowed_actions("b", 1).unwrap();
    assert_eq!(actions, HashSet::from([Action::Any]));
    let actions: HashSet<Action> = oso.get_allowed_actions("c", 1).unwrap();
    assert!(actions.is_empty());
}

#[test]
fn queries_and_results() {
    let oso = Oso::new();
    assert!(matches!(oso.query("f("), Err(OsoError::Polar(_))));
    let query = oso.query("x in [1, 2] and y = {a: x}").unwrap();
    assert_eq!(query.source(), "x in [1, 2] and y = {a: x}");
    let answers: Vec<_> = query.collect::<Result<_, _>>().unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].get_typed::<HashMap<String, i64>>("y").unwrap()["a"], 2);
    assert!(answers[0] == HashMap::from([("x", 1)]));
    assert!(answers[0] != HashMap::from([("x", 2)]));
    assert_eq!(answers[0].get("z"), None);
    assert!(matches!(answers[0].get_typed::<i64>("z"), Err(OsoError::FromPolar)));
    assert!(matches!(error(&oso, "x > 1"), OsoError::Custom { .. }));
    let mut undefined = oso.query_rule("f", (1,)).unwrap();
    assert!(matches!(undefined.next(), Some(Err(OsoError::Polar(_)))));
    assert!(undefined.next().is_none());
}

#[test]
fn option_and_nil() {
    let mut oso = Oso::new();
    oso.register_constant(Some(3), "SOME").unwrap();
    assert!(holds(&oso, "SOME.is_some() and not SOME.is_none() and SOME.unwrap() = 3 and 3 in SOME"));
    assert!(holds(&oso, "nil.is_none() and not _ in nil and nil = nil"));
    assert!(matches!(error(&oso, "nil.unwrap() = 1"), OsoError::ApplicationError { .. }));
    assert_eq!(Option::<i64>::from_polar(Some(3).to_polar()).unwrap(), Some(3));
    assert_eq!(Option::<i64>::from_polar(3.to_polar()).unwrap(), Some(3));
    assert_eq!(Option::<i64>::from_polar(None::<i64>.to_polar()).unwrap(), None);
}

#[test]
fn values_there_and_back() {
    fn back<T: ToPolar + FromPolar>(value: T) -> T {
        T::from_polar(value.to_polar()).unwrap()
    }
    assert_eq!(back(vec![1u8, 2]), [1, 2]);
    assert_eq!(back(VecDeque::from([1u16])), [1]);
    assert_eq!(back(LinkedList::from([1i8])), LinkedList::from([1]));
    assert_eq!(back(HashSet::from([1i16])), HashSet::from([1]));
    assert_eq!(back(BTreeSet::from([1u32])), BTreeSet::from([1]));
    assert_eq!(back(BinaryHeap::from([1i32])).into_vec(), [1]);
    assert_eq!(back(HashMap::from([("a".to_owned(), 1.5)]))["a"], 1.5);
    assert_eq!(back(BTreeMap::from([("a".to_owned(), true)])), BTreeMap::from([("a".to_owned(), true)]));
    assert_eq!(back(user("ann")), user("ann"));
    assert_eq!([1, 2][..].to_polar(), vec![1, 2].to_polar());
    assert_eq!(String::try_from("a".to_polar()).unwrap(), "a");
    assert!(matches!(u8::from_polar(PolarValue::Integer(256)), Err(OsoError::FromPolar)));
    assert!(matches!(bool::from_polar(1.to_polar()), Err(OsoError::TypeError(_))));
    assert!(matches!(
        User::from_polar(Color::Red.to_polar()),
        Err(OsoError::TypeError(TypeError { got: Some(_), .. }))
    ));
    assert_eq!((1, "a").to_polar_list(), [PolarValue::Integer(1), PolarValue::String("a".into())]);
    assert!(<(i64,)>::from_polar_list(&[]).is_err());
    assert!(matches!(PolarValue::new_from_instance(user("a")), PolarValue::Instance(_)));
}

#[test]
fn methods_of_strings() {
    let oso = Oso::new();
    for goal in [
        r#""abc".len() = 3 and not "abc".is_empty() and "abc".is_ascii() and "abc".is_char_boundary(1)"#,
        r#""ab".bytes() = [97, 98] and "ab".chars() = ["a", "b"] and "a".char_indices() = [[0, "a"]]"#,
        r#""a b".split_whitespace() = ["a", "b"] and "a".lines() = ["a"]"#,
        r#""abc".contains("b") and "abc".starts_with("a") and "abc".ends_with("c")"#,
        r#""aba".find("a").unwrap() = 0 and "aba".rfind("a").unwrap() = 2 and "a".find("z").is_none()"#,
        r#""a,b".split(",") = ["a", "b"] and "a,b".rsplit(",") = ["b", "a"]"#,
        r#""a,".split_terminator(",") = ["a"] and "a,".rsplit_terminator(",") = ["a"]"#,
        r#""a,b,c".splitn(2, ",") = ["a", "b,c"] and "a,b,c".rsplitn(2, ",") = ["c", "a,b"]"#,
        r#""aa".matches("a") = ["a", "a"] and "aa".rmatches("a") = ["a", "a"]"#,
        r#""a".match_indices("a") = [[0, "a"]] and "a".rmatch_indices("a") = [[0, "a"]]"#,
        r#"" a ".trim() = "a" and " a".trim_start() = "a" and "a ".trim_end() = "a""#,
        r#""A".to_lowercase() = "a" and "a".to_uppercase() = "A" and "a".repeat(2) = "aa""#,
    ] {
        assert!(holds(&oso, goal), "{goal}");
    }
}

#[test]
fn errors_carry_names() {
    let mut error = OsoError::ApplicationError { source: Box::new(Down), type_name: None, attr: None };
    error.type_name("User".to_owned());
    error.attr("name".to_owned());
    assert_eq!(error.to_string(), "`name` of `User` failed: down");
    let missing = InvalidCallError::MethodNotFound { method_name: "m".into(), type_name: "T".into() };
    assert_eq!(OsoError::from(missing).to_string(), "class `T` has no method `m`");
    assert_eq!(
        TypeError::expected("A").got("B").user().to_string(),
        "expected a value of type `A`, found `B`"
    );
}
