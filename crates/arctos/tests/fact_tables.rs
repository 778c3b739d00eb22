//! What policies come to where a part of the facts is in the application's tables.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use arctos::facts::{self, Facts, ValueRef};
use arctos::residual::{FactTable, Relation, RowType, RowTypes, ValueType, filterable};
use arctos::{Authorizer, Error, ErrorKind, Limit, Policy, Request, Schema, Sources};

/// The facts that are in tables.
const DECLARED: &str = "
    declare in_folder(Doc, Folder);
    declare above(Folder, Folder);
    declare in_group(User, Group);
    declare in_group(Group, Group);
    declare tagged(Doc, String);
";

fn authorizer(policy: &str, stated: &str) -> Authorizer {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, &format!("{policy}{DECLARED}"));
    let policy = Policy::load(&schema, sources).unwrap();
    let mut change = Facts::new().change();
    for fact in facts::parse(None, stated).unwrap() {
        change.insert(&fact).unwrap();
    }
    Authorizer::new(&policy, change.commit().0).unwrap()
}

fn rows() -> RowTypes {
    use ValueType::{Integer, String};
    let doc = RowType::new(["id"]).attribute("id", Integer).attribute("title", String);
    let folder = RowType::new(["id"])
        .attribute("id", Integer)
        .attribute("name", String)
        .relation("parent", Relation::one("Folder", [("parent_id", "id")]));
    let table = |name: &str| FactTable::new(name);
    RowTypes::new()
        .with("Doc", doc)
        .with("Folder", folder)
        .facts("in_folder", table("docs").entity("Doc", "id", Integer).entity("Folder", "folder_id", Integer))
        .facts("above", table("folders").entity("Folder", "id", Integer).entity("Folder", "up_id", Integer))
        .facts("in_group", table("members").entity("User", "user", String).entity("Group", "group", String))
        .facts("in_group", table("nested").entity("Group", "inner", String).entity("Group", "outer", String))
        .facts("tagged", table("tags").entity("Doc", "doc_id", Integer).value("tag", String))
}

fn read_with(policy: &str, stated: &str) -> Result<String, Error> {
    let authorizer = authorizer(policy, stated);
    let ann = ValueRef::entity("User", "ann");
    let residual = authorizer.filter(&Request::default(), ann, "read", "Doc", &rows())?;
    Ok(residual.formula().to_string())
}

fn read(policy: &str) -> Result<String, Error> {
    read_with(policy, "")
}

#[test]
fn a_row_states_a_fact() -> Result<(), Error> {
    let policy = r#"allow(_: User, "read", doc: Doc) if tagged(doc, "open");"#;
    assert_eq!(
        read(policy)?,
        r#"some r1: tags (r1.doc_id != nil and r1.doc_id == _.id and r1.tag == "open")"#
    );
    Ok(())
}

#[test]
fn what_a_call_leaves_open_is_of_the_row() -> Result<(), Error> {
    let policy = r#"
        allow(_: User, "read", doc: Doc) if folder matches Folder and in_folder(doc, folder) and folder.name = doc.title;
        allow(_: User, "read", doc: Doc) if tagged(doc, tag) and tag = doc.title;
    "#;
    assert_eq!(
        read(policy)?,
        concat!(
            "some r1: docs (r1.id != nil and r1.id == _.id and r1.folder_id != nil and ",
            "(some r2: Folder (r1.folder_id == r2.id and _.title == r2.name) or not (some r2: Folder (r1.folder_id == r2.id)) and unknown))",
            " or some r3: tags (r3.doc_id != nil and r3.doc_id == _.id and r3.tag != nil and _.title == r3.tag)"
        )
    );
    Ok(())
}

#[test]
fn facts_in_memory_and_in_tables_are_alternatives() -> Result<(), Error> {
    let policy = r#"allow(user: User, "read", doc: Doc) if group matches Group and in_group(user, group) and may(group, doc);"#;
    let stated = r#"in_group(User{"ann"}, Group{"a"}); may(Group{"a"}, Doc{"1"}); may(Group{"b"}, Doc{"02"}); may(Group{"b"}, Doc{"2"});"#;
    assert_eq!(
        read_with(policy, stated)?,
        r#"_.id == 1 or some r1: members (r1.user == "ann" and r1.group != nil and (r1.group == "a" and _.id == 1 or r1.group == "b" and _.id == 2))"#
    );
    Ok(())
}

#[test]
fn recursion_over_ids_is_a_set() -> Result<(), Error> {
    let policy = r#"
        allow(user: User, "read", doc: Doc) if folder matches Folder and in_folder(doc, folder) and reader(user, folder);
        reader(user: User, folder: Folder) if granted(user, folder);
        reader(user: User, folder: Folder) if up matches Folder and above(folder, up) and reader(user, up);
    "#;
    // A folder in memory leads to another.
    let stated = r#"granted(User{"ann"}, Folder{"1"}); above(Folder{"2"}, Folder{"1"}); above(Folder{"3"}, Folder{"2"});"#;
    assert_eq!(
        read_with(policy, stated)?,
        concat!(
            "some r1: docs (r1.id != nil and r1.id == _.id and r1.folder_id != nil and [r1.folder_id] in set2 {r2} (r2.k0 == 1 or ",
            "r2.k0 == 2 and [1] in set2 or r2.k0 == 3 and [2] in set2 or ",
            "some r3: folders (r3.id != nil and r2.k0 == r3.id and r3.up_id != nil and [r3.up_id] in set2)))"
        )
    );
    Ok(())
}

#[test]
fn known_entities_that_lead_in_a_circle_are_a_set() -> Result<(), Error> {
    let policy = r#"
        allow(user: User, "read", doc: Doc) if shared(doc) and reader(user, Folder{"1"});
        reader(user: User, folder: Folder) if granted(user, folder) and in_group(user, Group{"a"});
        reader(user: User, folder: Folder) if up matches Folder and above(folder, up) and reader(user, up);
    "#;
    let stated = r#"shared(Doc{"7"}); granted(User{"ann"}, Folder{"2"}); above(Folder{"1"}, Folder{"2"}); above(Folder{"2"}, Folder{"1"});"#;
    let found = read_with(policy, stated)?;
    assert!(found.starts_with("_.id == 7 and [1] in set"), "{found}");
    Ok(())
}

#[test]
fn what_is_refused() {
    let refused = |policy: &str| {
        let error = read(policy).unwrap_err();
        (error.kind(), error.message().to_owned())
    };
    let (kind, message) = refused(
        r#"allow(_: User, "read", doc: Doc) if tagged(doc, tag) and cut and tag = doc.title;
           allow(_: User, "read", _: Doc);"#,
    );
    assert_eq!((kind, &*message), (ErrorKind::Unfilterable, "`cut` after what may hold in several ways"));
    // Groups are looked for in groups without end.
    let (kind, _) = refused(
        r#"allow(user: User, "read", doc: Doc) if member(user, group) and may(group, doc);
           member(a, b) if in_group(a, b);
           member(a, c) if in_group(a, b) and member(b, c);
           declare may(Group, Doc);"#,
    );
    assert_eq!(kind, ErrorKind::Exhausted(Limit::Depth));
}

#[test]
fn ids_of_two_types_are_refused_where_they_meet() {
    let authorizer = authorizer(
        r#"allow(_: User, "read", doc: Doc) if folder matches Folder and in_folder(doc, folder) and shared(folder);
           declare shared(Folder);"#,
        "",
    );
    let ann = ValueRef::entity("User", "ann");
    let texts = FactTable::new("shares").entity("Folder", "folder", ValueType::String);
    let rows = rows().facts("shared", texts);
    let error = authorizer.filter(&Request::default(), ann, "read", "Doc", &rows).unwrap_err();
    assert_eq!(error.message(), "ids of `Folder` of one type beside some of another");
    let unknown = FactTable::new("shares").entity("Fodler", "folder", ValueType::Integer);
    let rows = self::rows().facts("shared", unknown);
    let error = authorizer.filter(&Request::default(), ann, "read", "Doc", &rows).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FactForm, "{error}");
}

/// Facts that deny, of a misspelt predicate, would otherwise deny nothing.
#[test]
fn facts_that_the_policy_does_not_ask_for_are_refused() {
    let policy = r#"
        allow(_: User, "read", doc: Doc) if not banned(doc) and has_relation(doc, "owner", user) and shared(user);
        resource Doc { relations = { owner: User }; }
    "#;
    let authorizer = authorizer(policy, "");
    let ann = ValueRef::entity("User", "ann");
    let refused = |predicate: &str, table: FactTable| {
        let rows = RowTypes::new()
            .with("Doc", RowType::new(["id"]).attribute("id", ValueType::Integer))
            .facts(predicate, table);
        let error = authorizer.filter(&Request::default(), ann, "read", "Doc", &rows).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FactForm);
        error.message().to_owned()
    };
    let docs = |name: &str| FactTable::new(name).entity("Doc", "id", ValueType::Integer);
    assert!(refused("baned", docs("bans")).ends_with("did you mean `banned`?"));
    assert!(refused("banned", docs("bans").value("why", ValueType::String)).contains("banned"));
    let owners = docs("docs").constant("ownr").entity("User", "owner_id", ValueType::Integer);
    assert!(refused("has_relation", owners).contains("did you mean `owner`?"));
    assert!(refused("allow", docs("docs")).contains("allow"));
}

#[test]
fn rules_are_looked_at_with_facts_in_tables() -> Result<(), Error> {
    let authorizer = authorizer(
        r#"
        allow(user: User, "read", doc: Doc) if group matches Group and in_group(user, group) and may(group, doc);
        allow(_: User, "read", doc: Doc) if folder matches Folder and in_folder(doc, folder) and folder.is_old();
        declare may(Group, Doc);
        "#,
        "",
    );
    let verdicts = filterable(authorizer.policy(), "allow", 3, "Doc", &rows())?;
    let faults: Vec<usize> = verdicts.iter().map(|verdict| verdict.faults.len()).collect();
    assert_eq!(faults, [0, 1]);
    Ok(())
}
