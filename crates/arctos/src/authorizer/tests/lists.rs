//! Lists and conjunctive questions.

use super::*;

const FACTS: &str = r#"
    has_role(User{"ann"}, "reader", Folder{"top"});
    has_relation(Folder{"sub"}, "parent", Folder{"top"});
    has_relation(Folder{"top"}, "parent", Folder{"sub"});
    has_relation(Doc{"plan"}, "folder", Folder{"sub"});
    has_relation(Doc{"note"}, "folder", Folder{"top"});
    has_role(User{"ann"}, "reader", Doc{"note"});
    in_group(User{"bob"}, Group{"staff"});
    in_group(User{"cid"}, Group{"staff"});
    has_role(Group{"staff"}, "reader", Doc{"memo"});
    is_public(Doc{"news"});
"#;

fn ids(list: Result<List, Error>) -> Vec<String> {
    let list = list.unwrap();
    if list.is_every() { vec!["*".to_owned()] } else { list.ids().map(str::to_owned).collect() }
}

fn readable(authorizer: &Authorizer, who: &str) -> Vec<String> {
    ids(authorizer.list_resources(&Request::default(), user(who), "read", "Doc"))
}

#[test]
fn resources_subjects_actions_and_roles() {
    let authorizer = authorizer(FACTS);
    assert_eq!(readable(&authorizer, "ann"), ["news", "note", "plan"]);
    assert_eq!(readable(&authorizer, "bob"), ["memo", "news"]);
    assert_eq!(readable(&authorizer, "zoe"), ["news"]);
    let request = Request::default();
    let who = |type_name, what| ids(authorizer.list_subjects(&request, type_name, "read", doc(what)));
    assert_eq!(who("User", "plan"), ["ann"]);
    assert_eq!(who("User", "memo"), ["bob", "cid"]);
    assert_eq!(who("Group", "memo"), ["staff"], "of exactly the type that is asked for");
    assert_eq!(who("User", "news"), ["*"], "it is public");
    assert_eq!(ids(authorizer.list_actions(&request, user("ann"), doc("plan"))), ["read"]);
    assert_eq!(ids(authorizer.list_roles(&request, user("ann"), doc("plan"))), ["reader"]);
    assert_eq!(ids(authorizer.list_roles(&request, user("ann"), doc("news"))), [""; 0]);
}

#[test]
fn every_id_includes_all_others() {
    let authorizer = authorizer(r#"has_role(User{"ann"}, "reader", Doc{"memo"}); is_public(_: Doc);"#);
    assert_eq!(readable(&authorizer, "ann"), ["*"]);
}

#[test]
fn what_is_in_doubt_is_listed_where_something_else_settles_it() {
    let request = Request { unix_time: Some(1), ..Request::default() };
    let question = Conjunction::new().of_type("what", "Doc").call("fresh", ["what"]);
    let ask = |text: &str| authorizer(text).answers(&request, &question).map(|rows| shown(&rows));
    let (settled, every) = ("made(Doc{\"a\"}, _: Integer); made(Doc{\"a\"}, 5);", "made(_: Doc, 5);");
    assert_eq!(ask(settled).unwrap(), ["a"]);
    let doubtful = "made(Doc{\"b\"}, _: Integer);";
    for text in [format!("{settled} {doubtful}"), format!("{doubtful} {settled}")] {
        assert_eq!(ask(&text).unwrap_err().kind(), ErrorKind::Undecided);
    }
    for text in [format!("{every} {doubtful}"), format!("{doubtful} {every}")] {
        assert_eq!(ask(&text).unwrap(), ["*"]);
    }
}

#[test]
fn lists_over_facts_of_a_request() {
    let authorizer = authorizer(FACTS);
    let more = [Fact::new(
        "has_role",
        [Value::entity("User", "zoe"), "reader".into(), Value::entity("Folder", "sub")],
    )];
    let request = Request { facts: &more, ..Request::default() };
    let list = authorizer.list_resources(&request, user("zoe"), "read", "Doc");
    assert_eq!(ids(list), ["news", "note", "plan"]);
    assert_eq!(readable(&authorizer, "zoe"), ["news"]);
}

#[test]
fn what_is_no_question_is_an_error_and_no_empty_list() {
    let authorizer = authorizer(FACTS);
    let request = Request::default();
    let kind =
        |type_name| authorizer.list_resources(&request, user("ann"), "read", type_name).unwrap_err().kind();
    assert_eq!(kind("Dok"), ErrorKind::UnregisteredClass);
    assert_eq!(kind("Resource"), ErrorKind::UnregisteredClass, "of many types");
    let steps = authorizer.with_limits(Limits { steps: 3, ..Limits::default() });
    let error = steps.list_resources(&request, user("ann"), "read", "Doc").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Steps));
    let answers = authorizer.with_limits(Limits { answers: 2, ..Limits::default() });
    let error = answers.list_resources(&request, user("ann"), "read", "Doc").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Answers));
    assert_eq!(readable(&answers, "bob"), ["memo", "news"], "two are allowed");
}

fn shown(rows: &Rows) -> Vec<String> {
    let value = |value: &Option<Value>| match value {
        Some(Value::Entity { id, .. }) => id.clone(),
        Some(value) => value.to_string(),
        None => "*".to_owned(),
    };
    rows.iter().map(|row| row.values().iter().map(value).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn conjunctions() {
    let authorizer = authorizer(FACTS);
    let ask = |question: &Conjunction| shown(&authorizer.answers(&Request::default(), question).unwrap());
    let question = Conjunction::new()
        .of_type("who", "User")
        .is("action", "read".into())
        .of_type("what", "Doc")
        .call("allow", ["who", "action", "what"]);
    let all = [
        "* \"read\" news",
        "ann \"read\" note",
        "ann \"read\" plan",
        "bob \"read\" memo",
        "cid \"read\" memo",
    ];
    assert_eq!(ask(&question), all);
    let folder = Conjunction::new()
        .of_type("what", "Doc")
        .is("folder", "folder".into())
        .among("where", [Value::entity("Folder", "sub"), Value::entity("Folder", "nowhere")])
        .of_type("who", "User")
        .is("action", "read".into())
        .call("allow", ["who", "action", "what"])
        .call("has_relation", ["what", "folder", "where"]);
    assert_eq!(ask(&folder), ["plan \"folder\" sub ann \"read\""]);
    let closed = |who| {
        Conjunction::new()
            .is("who", Value::entity("User", who))
            .is("what", Value::entity("Doc", "plan"))
            .is("action", "read".into())
            .call("allow", ["who", "action", "what"])
    };
    assert_eq!(ask(&closed("ann")), ["ann plan \"read\""]);
    assert_eq!(ask(&closed("bob")), [""; 0]);
    let nobody = Conjunction::new().among("who", []).of_type("what", "Doc").call("is_public", ["what"]);
    let error = authorizer.answers(&Request::default(), &nobody).unwrap_err();
    assert_eq!(error.message(), "no call has the variable `who`");
}

#[test]
fn malformed_conjunctions() {
    let authorizer = authorizer(FACTS);
    let message = |question: Conjunction| {
        authorizer.answers(&Request::default(), &question).unwrap_err().message().to_owned()
    };
    assert_eq!(message(Conjunction::new()), "a question has at least one call");
    let twice = Conjunction::new().of_type("d", "Doc").of_type("d", "User").call("is_public", ["d"]);
    assert_eq!(message(twice), "the variable `d` is given twice");
    let unsaid = Conjunction::new().call("is_public", ["d"]);
    assert_eq!(message(unsaid), "nothing is said of the variable `d`");
    let unknown = Conjunction::new().of_type("d", "Doc").call("is_pubic", ["d"]);
    assert!(message(unknown).starts_with("there is no rule `is_pubic`"));
    let fewer = Conjunction::new().of_type("d", "Doc").call("allow", ["d"]);
    assert_eq!(message(fewer), "no rule `allow` has 1 parameters");
}

#[test]
fn rows_that_another_includes_are_left_out() {
    let authorizer = authorizer(
        r#"in_group(_: User, Group{"all"}); in_group(User{"ann"}, Group{"all"}); in_group(User{"ann"}, Group{"web"});
           in_group(User{"bob"}, _: Group);"#,
    );
    let question = Conjunction::new().of_type("u", "User").of_type("g", "Group").call("in_group", ["u", "g"]);
    let rows = authorizer.answers(&Request::default(), &question).unwrap();
    assert_eq!(shown(&rows), ["* all", "ann web", "bob *"]);
    assert_eq!(rows.names().collect::<Vec<_>>(), ["u", "g"]);
    assert!(rows.len() == 3 && !rows.is_empty());
}

/// How many steps a list needs at most, found by halving.
fn steps(authorizer: &Authorizer, ask: &dyn Fn(&Authorizer) -> Result<List, Error>) -> u64 {
    let (mut low, mut high) = (0, 1 << 18);
    while low + 1 < high {
        let steps = low + (high - low) / 2;
        match ask(&authorizer.with_limits(Limits { steps, ..Limits::default() })) {
            Ok(_) => high = steps,
            Err(_) => low = steps,
        }
    }
    high
}

/// Folders `0..count`, each in the one that `parent` says, of which ann reads the first.
fn folders(count: u32, parent: fn(u32) -> u32) -> Authorizer {
    let mut text = String::from("has_role(User{\"ann\"}, \"reader\", Folder{\"0\"});");
    for folder in 1..count {
        let parent = parent(folder);
        text.push_str(&format!("has_relation(Folder{{\"{folder}\"}}, \"parent\", Folder{{\"{parent}\"}});"));
    }
    let policy = r#"
        actor User {}
        resource Folder {
            roles = ["reader"];
            permissions = ["read"];
            relations = { parent: Folder };
            role if role on "parent";
            "read" if "reader";
        }
    "#;
    Authorizer::new(&load(policy), facts(&text)).unwrap()
}

#[test]
fn recursion_costs_as_much_as_it_finds() {
    let request = Request::default();
    for (name, parent) in [
        ("chain", (|folder| folder - 1) as fn(u32) -> u32),
        ("tree", |folder| folder / 2),
        ("star", |_| 0),
        ("ring", |folder| if folder == 1 { 39 } else { folder - 1 }),
    ] {
        let list =
            |authorizer: &Authorizer| authorizer.list_resources(&request, user("ann"), "read", "Folder");
        let (few, many) = (folders(50, parent), folders(400, parent));
        let (few, many) = (steps(&few, &list), steps(&many, &list));
        assert!(many < 9 * few, "{name}: {few} steps for 50 folders and {many} for 400");
    }
}

#[test]
fn a_list_costs_as_much_as_it_finds() {
    let policy = r#"
        actor User {}
        actor Group {}
        resource Org { roles = ["member"]; }
        resource Repo { roles = ["reader"]; permissions = ["read"]; relations = { org: Org };
            "reader" if "member" on "org"; "read" if "reader" and is_active(actor); }
        has_role(u: User, r: String, o: Org) if g matches Group and in_group(u, g) and has_role(g, r, o);
        is_active(u: User) if not is_blocked(u);
    "#;
    let policy = load(policy);
    let of = |orgs: u32| {
        let mut text = String::from(
            "in_group(User{\"ann\"}, Group{\"g\"}); has_role(Group{\"g\"}, \"member\", Org{\"1\"});",
        );
        for org in 0..orgs {
            text.push_str(&format!("has_role(User{{\"u{org}\"}}, \"member\", Org{{\"{org}\"}});"));
            for repo in 0..5 {
                text.push_str(&format!("has_relation(Repo{{\"{org}.{repo}\"}}, \"org\", Org{{\"{org}\"}});"));
            }
        }
        Authorizer::new(&policy, facts(&text)).unwrap()
    };
    let (few, many) = (of(3), of(300));
    let request = Request::default();
    let repo = ValueRef::entity("Repo", "1.2");
    let resources =
        |authorizer: &Authorizer| authorizer.list_resources(&request, user("ann"), "read", "Repo");
    let subjects = |authorizer: &Authorizer| authorizer.list_subjects(&request, "User", "read", repo);
    let actions = |authorizer: &Authorizer| authorizer.list_actions(&request, user("ann"), repo);
    let roles = |authorizer: &Authorizer| authorizer.list_roles(&request, user("ann"), repo);
    assert_eq!(ids(resources(&many)), ["1.0", "1.1", "1.2", "1.3", "1.4"]);
    assert_eq!(ids(subjects(&many)), ["ann", "u1"]);
    assert_eq!(ids(actions(&many)), ["read"]);
    assert_eq!(ids(roles(&many)), ["reader"]);
    for ask in [&resources as &dyn Fn(&Authorizer) -> _, &subjects, &actions, &roles] {
        let (few, many) = (steps(&few, ask), steps(&many, ask));
        assert!(
            few.abs_diff(many) <= 4,
            "{few} steps, and {many} where there is a hundred times as much else"
        );
    }
}

#[test]
fn what_is_left_open_is_asked_about_each_value() {
    let policy = r#"
        actor User {}
        resource Doc { permissions = ["read", "push"]; }
        allow(_: User, action, d: Doc) if action != "push" and is_open(d);
        allow(u: User, "tag", d: Doc) if tags(u, d) and cut;
        allow(u: User, "tag", d: Doc) if knows(u, d);
    "#;
    let text = r#"
        is_open(Doc{"a"}); tags(User{"ann"}, Doc{"a"}); tags(User{"ann"}, Doc{"b"}); knows(User{"ann"}, Doc{"c"});
        tags(User{"bob"}, Doc{"c"});
    "#;
    let authorizer = Authorizer::new(&load(policy), facts(text)).unwrap();
    let request = Request::default();
    let actions = |who, what| ids(authorizer.list_actions(&request, user(who), doc(what)));
    assert_eq!(actions("zoe", "a"), ["read", "tag"], "all that the policy names but the one");
    assert_eq!(actions("ann", "b"), ["tag"]);
    let tagged = ids(authorizer.list_resources(&request, user("ann"), "tag", "Doc"));
    assert_eq!(tagged, ["a", "b", "c"], "a cut leaves nothing out");
    assert_eq!(ids(authorizer.list_subjects(&request, "User", "tag", doc("c"))), ["ann", "bob"]);
}

#[test]
fn two_variables_that_must_be_the_same_are_named_one_by_one() {
    let policy = "actor User {} \n allow(u: User, \"read\", u: User); \n declare known(User);";
    let authorizer =
        Authorizer::new(&load(policy), facts("known(User{\"a\"}); known(User{\"b\"});")).unwrap();
    let question = Conjunction::new()
        .of_type("u", "User")
        .is("read", "read".into())
        .of_type("v", "User")
        .call("allow", ["u", "read", "v"]);
    let rows = authorizer.answers(&Request::default(), &question).unwrap();
    assert_eq!(shown(&rows), ["a \"read\" a", "b \"read\" b"]);
}
