//! Lists of classes, and which used types count as declared.

use expect_test::{Expect, expect};

use super::*;
use crate::uses;

fn read(text: &str) -> Result<Declared, String> {
    let mut declared = Declared { is_closed: true, ..Declared::default() };
    parse(text, &mut declared)?;
    declared.verify()?;
    Ok(declared)
}

fn check_list(text: &str, expected: Expect) {
    let shown = match read(text) {
        Err(problem) => problem,
        Ok(declared) => {
            let schema = declared.schema(&[]);
            let own = schema.classes().skip(Schema::new().classes().count());
            own.map(|(_, class)| {
                let lineage: Vec<&str> = class.lineage.iter().map(|id| schema.class_name(*id)).collect();
                format!("{}: {}\n", lineage.join(" < "), class.members.join(" "))
            })
            .collect()
        }
    };
    expected.assert_eq(&shown);
}

fn check_open(policy: &str, expected: Expect) {
    let file = arctos_syntax::parse(arctos_syntax::SourceId(0), policy).tree;
    let schema = Declared::default().schema(&uses::of_files([&file]));
    let names: Vec<&str> =
        schema.classes().skip(Schema::new().classes().count()).map(|(_, class)| &*class.name).collect();
    expected.assert_eq(&names.join(" "));
}

#[test]
fn text_lists() {
    check_list(
        "# ours\nclass Admin(level) extends User, Audited\nclass User(name, email)\nclass Audited extends Base\nclass Base\n",
        expect![[r#"
            Admin < User < Audited < Base: name email level
            User: name email
            Audited < Base: 
            Base: 
        "#]],
    );
    check_list(
        "class User\nklass Repo",
        expect![
            "line 2: `klass` means nothing here: write `class Name(attribute, …) extends Name, …` or `constant NAME = value`"
        ],
    );
    check_list("class User(name", expect!["line 1: the `(` is never closed"]);
    check_list(
        "class User extends Usr",
        expect!["class `User` extends `Usr`, which is not in the list; did you mean `User`?"],
    );
    check_list("class A extends B\nclass B extends A", expect!["class `A` extends itself"]);
    check_list("class A\nclass A", expect!["line 2: class `A` is listed twice"]);
}

#[test]
fn json_lists() {
    check_list(
        r#"{"classes": {"User": {"members": ["name"]}, "Admin": {"extends": ["User"]}}, "constants": {"MAX": 10}}"#,
        expect![[r#"
            Admin < User: name
            User: name
        "#]],
    );
    check_list(r#"{"classes": ["User"]}"#, expect!["`classes` is an object: class name to description"]);
    check_list("{", expect!["not well-formed JSON: EOF while parsing an object at line 1 column 1"]);
}

#[test]
fn used_types_count_as_declared() {
    check_open(
        r#"actor User {} resource Repo { relations = { parent: Org }; }
           f(x: Team) if x matches [Group{}] and y = new Item(a: 1) and y in Shop.all() and y = Lower;"#,
        expect!["User Repo Org Team Group Item Shop"],
    );
    check_open("f(X) if X.a = 1; g(x: Actor, y: Resource);", expect![""]);
}

#[test]
fn probable_misspellings_do_not() {
    check_open("resource Repository {} f(x: Repositry); g(x: Document);", expect!["Repository Document"]);
    check_open("f(x: User); g(x: User); h(x: user);", expect!["User"]);
    // Both are meant: used twice each, differing by a digit, a plural, or short.
    check_open("f(x: Item); g(x: Item); h(x: Iten); i(x: Iten);", expect!["Item Iten"]);
    check_open("resource Api1 {} f(x: Api2); resource Team {} g(x: Teams);", expect!["Api1 Api2 Team Teams"]);
    check_open("resource Org {} f(x: Ord);", expect!["Org Ord"]);
}
