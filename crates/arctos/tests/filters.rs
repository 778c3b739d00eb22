//! What policies come to when the resource is a row.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

use arctos::facts::{self, Facts};
use arctos::residual::{Fault, Filterable, Relation, RowType, RowTypes, ValueType, filterable};
use arctos::rust::{Arctos, PolarClass, ToPolar};
use arctos::{Error, ErrorKind, Limit};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: i64,
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    teams: Vec<String>,
}

#[derive(PolarClass)]
struct Repository {}

#[derive(PolarClass)]
struct Issue {}

#[derive(PolarClass)]
struct Folder {}

#[derive(PolarClass)]
struct Grant {}

fn rows() -> RowTypes {
    use ValueType::{Boolean, Integer, String};
    RowTypes::new()
        .with(
            "Repository",
            RowType::new(["id"])
                .attribute("name", String)
                .attribute("is_public", Boolean)
                .relation("issues", Relation::many("Issue", [("id", "repository_id")])),
        )
        .with(
            "Issue",
            RowType::new(["id"])
                .attribute("title", String)
                .attribute("votes", Integer)
                .nullable("weight", Integer)
                .attribute("creator_id", Integer)
                .relation("creator", Relation::one("User", [("creator_id", "id")]))
                .relation("repository", Relation::one("Repository", [("repository_id", "id")])),
        )
        .with(
            "Folder",
            RowType::new(["id"])
                .attribute("name", String)
                .relation("parent", Relation::one("Folder", [("parent_id", "id")]))
                .relation("grants", Relation::many("Grant", [("id", "folder_id")])),
        )
        .with(
            "Grant",
            RowType::new(["id"])
                .attribute("role", String)
                .attribute("user_id", Integer)
                .relation("folder", Relation::one("Folder", [("folder_id", "id")])),
        )
        .with("User", RowType::new(["id"]).attribute("name", String))
}

fn arctos(policy: &str) -> Result<Arctos, Error> {
    Arctos::builder()
        .register::<User>()
        .register::<Repository>()
        .register::<Issue>()
        .register::<Folder>()
        .register::<Grant>()
        .load_str(policy)
        .build()
}

fn ann() -> User {
    User { id: 7, name: "ann".to_owned(), teams: vec!["red".to_owned(), "blue".to_owned()] }
}

/// What a policy comes to for ann who wants to read.
fn read(policy: &str, class: &str) -> Result<String, Error> {
    read_as(policy, class, ann())
}

fn read_as(policy: &str, class: &str, actor: impl ToPolar) -> Result<String, Error> {
    Ok(arctos(policy)?.filter(actor, "read", class, &rows())?.formula().to_string())
}

fn refused(policy: &str, class: &str) -> String {
    let error = read(policy, class).expect_err("no filter");
    assert_eq!(error.kind(), ErrorKind::Unfilterable, "{error:?}");
    format!("{} at {}", error.message(), error.trace().last().map_or("", |frame| &frame.goal))
}

#[test]
fn conditions_of_rows() -> Result<(), Error> {
    let policy = r#"allow(user: User, "read", issue: Issue) if issue.creator_id = user.id and issue.title != "secret" and issue.votes > 3;"#;
    assert_eq!(read(policy, "Issue")?, r#"_.creator_id == 7 and _.title != "secret" and _.votes > 3"#);
    assert_eq!(read(policy, "Repository")?, "false");
    assert_eq!(read("allow(_, _, _);", "Issue")?, "true");
    assert_eq!(read("allow(_, \"write\", _);", "Issue")?, "false");
    let policy =
        r#"allow(_, _, issue: Issue) if not (issue.votes < 3 or issue.title = "a") and issue.weight < 4;"#;
    assert_eq!(read(policy, "Issue")?, r#"not (_.votes < 3 or _.title == "a") and _.weight < 4"#);
    Ok(())
}

#[test]
fn alternatives_are_merged() -> Result<(), Error> {
    let policy = r#"allow(user: User, _, issue: Issue) if issue.title in user.teams or issue.title = "x";"#;
    assert_eq!(read(policy, "Issue")?, r#"_.title in ["red", "blue", "x"]"#);
    let policy = "allow(user: User, _, issue: Issue) if team in user.teams and issue.title = team and issue.votes > 1;";
    assert_eq!(
        read(policy, "Issue")?,
        r#"_.title == "red" and _.votes > 1 or _.title == "blue" and _.votes > 1"#
    );
    Ok(())
}

#[test]
fn relations() -> Result<(), Error> {
    let policy = "allow(user: User, _, issue: Issue) if issue.creator = user;";
    assert_eq!(read(policy, "Issue")?, "_.creator_id == 7");
    let policy = "allow(_, _, issue: Issue) if issue.repository.is_public;";
    assert_eq!(read(policy, "Issue")?, "the r1 of _.repository (r1.is_public == true)");
    let policy = r#"allow(_, _, issue: Issue) if issue matches {repository: Repository{name: "a"}};"#;
    assert_eq!(read(policy, "Issue")?, r#"some r1 in _.repository (r1.name == "a")"#);
    let policy = "allow(_, _, repository: Repository) if issue in repository.issues and issue.votes > 1;";
    assert_eq!(read(policy, "Repository")?, "some r1 in _.issues (r1.votes > 1)");
    let policy =
        "allow(_, _, repository: Repository) if forall(issue in repository.issues, issue.votes > 1);";
    assert_eq!(read(policy, "Repository")?, "not (some r1 in _.issues (not (r1.votes > 1)))");
    let policy = "allow(_, _, issue: Issue) if issue.repository = nil;";
    assert_eq!(read(policy, "Issue")?, "not (some r1 in _.repository (true))");
    Ok(())
}

#[test]
fn booleans_count_beside_numbers() -> Result<(), Error> {
    assert_eq!(read("allow(_, _, issue: Issue) if issue.votes == true;", "Issue")?, "_.votes == 1");
    assert_eq!(read("allow(_, _, issue: Issue) if issue.votes = true;", "Issue")?, "false");
    let public =
        |value: &str| read(&format!("allow(_, _, r: Repository) if r.is_public {value};"), "Repository");
    assert_eq!(public("== 0.0")?, "_.is_public == false");
    assert_eq!(public("!= 1")?, "_.is_public != true");
    assert_eq!(public("== 2")?, "false");
    Ok(())
}

#[test]
fn roles_of_a_tree() -> Result<(), Error> {
    let policy = r#"
        actor User {}
        resource Folder {
            roles = ["reader", "owner"];
            permissions = ["read"];
            relations = { parent: Folder };
            "read" if "reader";
            "reader" if "owner";
            "reader" if "reader" on "parent";
        }
        has_relation(parent: Folder, "parent", folder: Folder) if parent = folder.parent;
        has_role(user: User, role: String, folder: Folder) if
            grant in folder.grants and grant.user_id = user.id and grant.role = role;
        allow(actor, action, resource) if has_permission(actor, action, resource);
    "#;
    let expected = concat!(
        r#"_ in set3 {_: Folder} (some r1 in _.grants (r1.user_id == 7 and r1.role == "reader")"#,
        r#" or some r2 in _.grants (r2.user_id == 7 and r2.role == "owner") or some r3 in _.parent (r3 in set3))"#
    );
    assert_eq!(read(policy, "Folder")?, expected);
    Ok(())
}

#[test]
fn cuts_commit() -> Result<(), Error> {
    let policy = r#"
        allow(_, "read", issue: Issue) if issue.votes = 0 and cut and false;
        allow(_, "read", issue: Issue) if issue.title = "a";
    "#;
    assert_eq!(read(policy, "Issue")?, r#"_.votes != 0 and _.title == "a""#);
    Ok(())
}

#[test]
fn what_has_no_meaning_for_rows() {
    assert_eq!(
        refused("allow(_, _, issue: Issue) if issue.is_open();", "Issue"),
        "method `is_open` of a row, or of something that a row has at issue.is_open()"
    );
    let of_lists = refused("allow(_, _, issue: Issue) if [issue.votes] != [3];", "Issue");
    assert!(of_lists.starts_with("a list or dictionary with something that a row has"), "{of_lists}");
    assert_eq!(
        refused("allow(_, _, issue: Issue) if issue.colour = 1;", "Issue"),
        "rows of `Issue` have no attribute or relation `colour`; they have id, title, votes, weight, creator_id, creator, repository at issue.colour"
    );
}

#[test]
fn rows_that_no_attribute_tells_apart_are_not_all_the_same() -> Result<(), Error> {
    let nothing: [(&str, &str); 0] = [];
    let rows = RowTypes::new()
        .with("User", RowType::new(["id"]))
        .with("Grant", RowType::new([""; 0]))
        .with("Folder", RowType::new(["id"]).relation("grants", Relation::many("Grant", nothing)))
        .with("Issue", RowType::new(["id"]).relation("creator", Relation::one("User", nothing)));
    let user = User { id: 7, name: "ann".to_owned(), teams: Vec::new() };
    for (policy, class) in [
        ("allow(user: User, _, issue: Issue) if issue.creator = user;", "Issue"),
        ("allow(_, _, folder: Folder) if a in folder.grants and b in folder.grants and a = b;", "Folder"),
    ] {
        let Err(error) = arctos(policy)?.filter(&user, "read", class, &rows) else {
            panic!("a filter of {policy}")
        };
        assert_eq!(error.kind(), ErrorKind::Unfilterable, "{error:?}");
    }
    Ok(())
}

/// What a policy comes to when it is looked at: a line for each rule that may be about a row of the class.
fn looked_at(policy: &str, class: &str) -> Result<Vec<String>, Error> {
    let policy = arctos(policy)?.policy();
    let verdicts = filterable(&policy, "allow", 3, class, &rows())?;
    let text = |fault: &Fault| fault.span.map_or("", |span| policy.sources().text(span)).to_owned();
    let line = |verdict: &Filterable| {
        let faults = verdict.faults.iter().map(|fault| format!("{}: {}", text(fault), fault.reason));
        faults.collect::<Vec<_>>().join("; ")
    };
    Ok(verdicts.iter().map(line).collect())
}

#[test]
fn rules_are_looked_at_without_a_question() -> Result<(), Error> {
    let policy = r#"
        allow(user: User, "read", issue: Issue) if
            team in user.teams and issue.title = team.name and user.can(team) and issue.creator.name = user.manager.name;
        allow(user: User, "edit", issue: Issue) if issue.is_open() or owner(user, issue.repository);
        allow(user, action, issue: Issue) if user.level > issue.votes + 1 and issue.repository + 1 = 2 and [action, user] = [issue.title, user];
        allow(user, _, folder: Folder) if user.folders(folder);
        owner(user, repository: Repository) if repository.colour = user.colour;
    "#;
    let method = "method `is_open` of a row, or of something that a row has";
    let colour =
        "rows of `Repository` have no attribute or relation `colour`; they have id, name, is_public, issues";
    assert_eq!(
        looked_at(policy, "Issue")?,
        [
            String::new(),
            format!("issue.is_open(): {method}; repository.colour: {colour}"),
            "issue.repository + 1: arithmetic on something that a row has, which is no attribute".to_owned(),
        ]
    );
    assert_eq!(
        looked_at(policy, "Folder")?,
        ["user.folders(folder): something that a row has is handed to the application"]
    );
    Ok(())
}

#[test]
fn recursion_is_looked_at_once() -> Result<(), Error> {
    let policy = r#"
        allow(user, action, folder: Folder) if may(user, action, folder);
        may(user, _, folder: Folder) if grant in folder.grants and grant.user_id = user.id;
        may(user, action, folder: Folder) if may(user.manager, action, folder) or may(user, action, folder.parent);
        may(user, action, folder: Folder) if not may(user, action, folder.parent);
    "#;
    let verdicts = looked_at(policy, "Folder")?;
    assert_eq!(verdicts.len(), 1);
    assert!(verdicts.iter().all(|verdict| verdict.contains("meets its own negation")), "{verdicts:?}");
    Ok(())
}

#[test]
fn a_relation_that_leads_nowhere() -> Result<(), Error> {
    let policy = r#"
        allow(_, _, issue: Issue) if open(issue.repository);
        open(repository: Repository) if repository.is_public;
        open(nil);
    "#;
    assert_eq!(
        read(policy, "Issue")?,
        "not (some r2 in _.repository (true)) or some r1 in _.repository (r1.is_public == true)"
    );
    let policy = r#"
        allow(_, _, issue: Issue) if open(issue.repository);
        open(repository) if repository.is_public;
    "#;
    assert_eq!(
        read(policy, "Issue")?,
        "not (some r2 in _.repository (true)) and unknown or some r1 in _.repository (r1.is_public == true)"
    );
    Ok(())
}

/// Someone whose manager is somebody else each time.
#[derive(PolarClass)]
#[polar(methods(manager))]
struct Clerk {
    #[polar(attribute)]
    id: i64,
}

impl Clerk {
    fn manager(&self) -> Clerk {
        Clerk { id: self.id + 1 }
    }
}

#[test]
fn a_chain_without_end_is_a_limit() -> Result<(), Error> {
    let policy = r#"
        allow(clerk: Clerk, _, issue: Issue) if may(clerk, issue);
        may(clerk: Clerk, issue: Issue) if issue.creator_id = clerk.id or may(clerk.manager(), issue);
    "#;
    let arctos = Arctos::builder().register::<Clerk>().register::<Issue>().load_str(policy).build()?;
    let error = arctos.filter(&Clerk { id: 0 }, "read", "Issue", &rows()).expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Depth), "{error:?}");
    Ok(())
}

#[test]
fn rows_are_entities_of_facts() -> Result<(), Box<dyn std::error::Error>> {
    let policy = r#"
        allow(user: User, "read", issue: Issue) if
            has_role(user, role, issue.repository) and role in ["owner", "reader"];
        allow(user: User, "read", folder: Folder) if has_role(user, "reader", folder);
        allow(user: User, "read", issue: Issue) if labelled(issue, issue.title) and user.name = "ann";
        declare has_role(User, String, Repository);
        declare has_role(User, String, Folder);
        declare labelled(Issue, String);
    "#;
    let arctos = Arctos::builder()
        .enable_facts()
        .register_class(User::class().id("id"))
        .register_class(Repository::class())
        .register_class(Issue::class())
        .register_class(Folder::class())
        .load_str(policy)
        .build()?;
    let mut change = Facts::new().change();
    let stated = r#"
        has_role(User{"7"}, "reader", Repository{"1"});
        has_role(User{"7"}, "owner", Repository{"02"});
        has_role(User{"7"}, "owner", Repository{"3"});
        has_role(User{"8"}, "owner", Repository{"4"});
        has_role(User{"7"}, "blocked", Repository{"5"});
        has_role(User{"7"}, "reader", _: Folder);
        labelled(Issue{"9"}, "bug");
    "#;
    for fact in facts::parse(None, stated)? {
        change.insert(&fact)?;
    }
    let facts = change.commit().0;
    let mut rows = rows();
    for class in ["Repository", "Issue", "Folder"] {
        let row = rows.get(class).cloned().map(|row| row.attribute("id", ValueType::Integer));
        rows = rows.with(class, row.unwrap_or_else(|| RowType::new(["id"])));
    }
    let session = arctos.with_facts(&facts);
    let read = |class| session.filter(ann(), "read", class, &rows).map(|filter| filter.formula().to_string());
    assert_eq!(read("Issue")?, r#"_.repository_id in [1, 3] or _.id == 9 and _.title == "bug""#);
    assert_eq!(read("Folder")?, "true");
    Ok(())
}

#[test]
fn a_cut_takes_the_first_way_and_no_database_knows_which() -> Result<(), Error> {
    let several = "`cut` after what may hold in several ways";
    for policy in [
        r#"allow(_, _, issue: Issue) if x in [1, 2] and cut and issue.votes = x;"#,
        r#"allow(_, _, issue: Issue) if (x = 1 or x = 2) and cut and issue.votes = x;"#,
        r#"allow(_, _, issue: Issue) if n(x) and cut and issue.votes = x; n(1); n(2);"#,
        r#"allow(_, _, repository: Repository) if issue in repository.issues and cut and issue.votes = 1;"#,
    ] {
        let class = if policy.contains("repository:") { "Repository" } else { "Issue" };
        assert!(refused(policy, class).starts_with(several), "{policy}");
    }
    let policy = r#"allow(_, _, issue: Issue) if issue.votes in [1, 2] and cut and issue.title = "a";"#;
    assert_eq!(read(policy, "Issue")?, r#"_.votes in [1, 2] and _.title == "a""#);
    let policy = r#"
        allow(_, _, folder: Folder) if may(folder);
        may(folder: Folder) if folder.parent != nil and may(folder.parent) and cut and false;
        may(folder: Folder) if folder.name = "a";
    "#;
    let error = read(policy, "Folder").expect_err("what follows a cut rests on what it is");
    assert_eq!(error.kind(), ErrorKind::NegationLoop, "{error:?}");
    Ok(())
}

#[test]
fn arithmetic_on_attributes() -> Result<(), Error> {
    let of = |condition: &str| read(&format!("allow(_, _, issue: Issue) if {condition};"), "Issue");
    // What does not fit 64 bits is nil, and nothing is known of it.
    assert_eq!(
        of("issue.votes + 1 = issue.weight")?,
        "(_.votes + 1 != nil or unknown) and (_.weight == _.votes + 1 or _.votes + 1 == nil and unknown)"
    );
    assert_eq!(of("not (1 - issue.votes) * 2 < 4")?, "not ((1 - _.votes) * 2 < 4)");
    // A float is always there; nothing can be computed of text.
    assert_eq!(of("issue.votes / 2 = 1.5")?, "_.votes / 2 == 1.5");
    assert_eq!(of("issue.title + 1 = 2 or issue.votes = 3")?, "unknown or _.votes == 3");
    assert!(of("(issue.weight mod 2) in [0, 1]")?.contains("_.weight mod 2 in [0, 1]"));
    assert_eq!(
        refused("allow(_, _, issue: Issue) if issue.repository + 1 = 2;", "Issue"),
        "arithmetic on something that a row has, which is no attribute at issue.repository + 1"
    );
    Ok(())
}

#[test]
fn calls_with_rows_inside_lists_are_not_taken_for_one_another() -> Result<(), Error> {
    // The inner call has the same issue, and another repository in its list: it is not the same call, which could not hold by itself.
    let policy = |step: &str| {
        format!(
            r#"
            allow(_, _, issue: Issue) if not shut(issue);
            shut(issue: Issue) if among(issue, [issue.repository, 1]);
            among(issue: Issue, [repository, n]) if
                n < 2 and other in repository.issues and among(issue, [other.repository, {step}]);
            among(issue: Issue, [repository, n]) if repository.is_public and issue.votes > n;
            "#
        )
    };
    assert_eq!(
        read(&policy("n + 1"), "Issue")?,
        concat!(
            "not (the r1 of _.repository (some r2 in r1.issues (the r3 of r2.repository ",
            "(r3.is_public == true and _.votes > 2))) or the r4 of _.repository (r4.is_public == true and _.votes > 1))"
        )
    );
    let error = read(&policy("n"), "Issue").expect_err("a chain without end");
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Depth), "{error:?}");
    Ok(())
}

#[test]
fn what_takes_long_is_a_limit() -> Result<(), Error> {
    // Each rule asks the next one twice: as a tree of conditions that is 2⁴⁰.
    let mut policy = "allow(_, _, issue: Issue) if p0(issue);".to_owned();
    for n in 0..40 {
        let next = n + 1;
        policy += &format!(
            "p{n}(i: Issue) if i.votes = {n} and p{next}(i) or i.title = \"{n}\" and p{next}(i) and i.votes > 1;"
        );
    }
    policy += "p40(i: Issue) if i.votes = 40;";
    let error = read(&policy, "Issue").expect_err("too many conditions");
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Memory), "{error:?}");
    let policy = "allow(_, _, issue: Issue) if x = [x, issue] and issue.votes = 1;";
    assert_eq!(refused(policy, "Issue"), "a list that contains itself at x = [x, issue]");
    Ok(())
}

#[test]
fn long_lists() -> Result<(), Error> {
    let teams: Vec<String> = (0..100_000).map(|number| format!("team {number}")).collect();
    let user = User { id: 7, name: "ann".to_owned(), teams };
    let policy =
        "allow(user: User, _, issue: Issue) if issue.title in user.teams or issue.title in user.teams;";
    let error = read_as(policy, "Issue", &user).expect_err("too many conditions");
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Memory), "{error:?}");
    let user = User { teams: user.teams.into_iter().take(40_000).collect(), ..ann() };
    assert!(read_as(policy, "Issue", &user)?.starts_with(r#"_.title in ["team 0", "team 1", "#));
    let policy = "allow(user: User, _, issue: Issue) if teams = user.teams and [issue.title, *teams] = [issue.title, *teams];";
    assert_eq!(read_as(policy, "Issue", &user)?, "_.title == _.title");
    Ok(())
}
