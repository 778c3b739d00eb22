//! Small policies and what is found in them.

mod over_facts;
mod pages;

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::*;

/// The classes that every test and every page under `docs/diagnostics` may use.
fn schema() -> Schema {
    let mut schema = Schema::new();
    let user = schema.add_class("User", &[]);
    schema.add_class("Admin", &[user]);
    for class in ["Repo", "Org", "Folder", "Issue"] {
        schema.add_class(class, &[]);
    }
    schema
}

/// Texts and trees are leaked, since what is checked refers to them.
fn load_named(
    texts: &[(Option<&str>, &str)],
    schema: &Schema,
) -> (Checked<'static>, Vec<Diagnostic>, &'static Sources) {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    let mut found = Vec::new();
    for (name, text) in texts {
        let id = sources.add(*name, text);
        let parsed = arctos_syntax::parse(id, text);
        files.push(parsed.tree);
        found.extend(parsed.diagnostics);
    }
    let is_complete = found.is_empty();
    let schema = super::schema(&files, schema);
    let (sources, schema) = (Box::leak(Box::new(sources)), Box::leak(Box::new(schema)));
    let (checked, more) = check(Input { files: files.leak(), sources, schema, is_complete });
    found.extend(more);
    (checked, found, sources)
}

/// An application that keeps facts and has no classes.
fn schema_of_facts() -> Schema {
    let mut schema = Schema::new();
    schema.enable_facts();
    schema
}

fn load(policy: &str) -> (Checked<'static>, Vec<Diagnostic>, &'static Sources) {
    load_named(&[(None, policy)], &schema())
}

/// A line for each diagnostic: code, place, message; then its labels and help.
fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in found {
        let at = sources.position(diagnostic.span);
        let _ = writeln!(text, "{} {}:{} {}", diagnostic.code, at.line, at.column, diagnostic.message);
        for label in &diagnostic.labels {
            let at = sources.position(label.span);
            let _ = writeln!(text, "    {}:{} {}", at.line, at.column, label.text);
        }
        for help in &diagnostic.help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    text
}

/// What is found in a policy that has an `allow` rule, in the same line as the text begins.
fn finds(policy: &str, expected: Expect) {
    let (_, found, sources) = load(policy);
    let found: Vec<_> = found
        .into_iter()
        .filter(|diagnostic| diagnostic.code != arctos_syntax::codes::NO_ALLOW_RULE)
        .collect();
    expected.assert_eq(&render(&found, sources));
}

/// The rules that the shorthand of a policy stands for.
fn expands(policy: &str, expected: Expect) {
    let (checked, found, sources) = load(policy);
    assert!(!found.iter().any(Diagnostic::is_error), "{}", render(&found, sources));
    let mut text = String::new();
    for rule in checked.rules.iter().filter(|rule| rule.is_shorthand) {
        let body = rule.rule.body.as_ref().map(arctos_syntax::format::print_expr).unwrap_or_default();
        let at = sources.position(rule.origin);
        let _ = writeln!(
            text,
            "{}:{} {} if {body};",
            at.line,
            at.column,
            arctos_syntax::format::print_head(&rule.rule.head)
        );
    }
    expected.assert_eq(&text);
}

const HOOKS: &str =
    "has_role(_: User, _: String, _: Resource);\nhas_relation(_: Org, \"parent\", _: Repo);\n";

#[test]
fn shorthand_becomes_rules_after_all_others() {
    let policy = format!(
        r#"actor User {{}}
        resource Repo {{
            roles = ["reader"]; permissions = ["read"]; relations = {{ parent: Org }};
            "read" if "reader";
            "reader" if "member" on "parent";
        }}
        resource Org {{ roles = ["member", "owner"]; "member" if "owner"; }}
        {HOOKS}"#
    );
    expands(
        &policy,
        expect![[r#"
        4:13 has_permission(actor: Actor, "read", repo: Repo) if has_role(actor, "reader", repo);
        5:13 has_role(actor: Actor, "reader", repo: Repo) if has_relation(related_org, "parent", repo) and has_role(actor, "member", related_org);
        7:53 has_role(actor: Actor, "member", org: Org) if has_role(actor, "owner", org);
    "#]],
    );
    let (checked, _, _) = load(&policy);
    assert!(checked.rules.iter().rev().take(3).all(|rule| rule.is_shorthand));
    assert!(checked.rules.iter().take(2).all(|rule| !rule.is_shorthand));
    assert_eq!(checked.actors.len(), 1);
    assert_eq!(checked.resources.len(), 3);
}

#[test]
fn variables_of_shorthand_avoid_each_other_and_registered_names() {
    let mut schema = schema();
    schema.add_constant("repo");
    schema.add_class("ACTOR", &[]);
    schema.add_class("lower", &[]);
    let policy = r#"
        resource Repo { permissions = ["a", "b"]; "a" if "b"; }
        resource ACTOR { permissions = ["a", "b"]; "a" if "b"; }
        resource lower { permissions = ["a", "b"]; "a" if "b"; }"#;
    let (checked, _, _) = load_named(&[(None, policy)], &schema);
    let heads: Vec<_> =
        checked.rules.iter().map(|rule| arctos_syntax::format::print_head(&rule.rule.head)).collect();
    expect![[r#"
        has_permission(actor: Actor, "a", repo_instance: Repo)
        has_permission(actor: Actor, "a", actor_instance: ACTOR)
        has_permission(actor: Actor, "a", lower_instance: lower)"#]]
    .assert_eq(&heads.join("\n"));
}

#[test]
fn blocks_of_one_type_add_up_in_every_file() {
    let one = "resource Repo { permissions = [\"read\"]; }";
    let two = "resource Repo { permissions = [\"read\", \"write\"]; \"read\" if \"write\"; }";
    let (checked, found, sources) = load_named(&[(None, one), (None, two)], &schema());
    assert!(!found.iter().any(Diagnostic::is_error), "{}", render(&found, sources));
    assert_eq!(checked.blocks.get("Repo").map(|repo| repo.declarations.len()), Some(2));
}

#[test]
fn declarations_must_agree() {
    finds(
        r#"resource Repo { permissions = ["a", "a"]; "a" if "a"; }"#,
        expect![[r#"
            P0403 1:37 permission `a` is declared twice in one list of `Repo`
                1:32 first declared here
                help: remove one of the two
        "#]],
    );
    finds(
        r#"resource Repo { permissions = ["a"]; permissions = ["b"]; "a" if "b"; "b" if "a"; }"#,
        expect![[r#"
            P0405 1:38 this block of `Repo` has two lists of permissions
                1:17 first list
                help: write one list, or a second block for the same type
        "#]],
    );
    finds(
        r#"resource Repo { permissions = ["a"]; relations = { a: Org }; "a" if "a"; }"#,
        expect![[r#"
            P0404 1:52 `a` is declared as a relation of `Repo`, but it is already a permission
                1:32 a permission here
                help: within one type a name means one thing; rename one of the two
        "#]],
    );
    finds(
        "resource Repo { relations = { a: Org }; }\nresource Repo { relations = { a: Folder }; }\nf(\"a\");",
        expect![[r#"
            P0404 2:31 relation `a` of `Repo` leads to `Folder` here and to `Org` elsewhere
                1:31 a relation here
                help: within one type a name means one thing; rename one of the two
        "#]],
    );
}

#[test]
fn blocks_name_registered_types() {
    finds(
        "actor Usr {}",
        expect![[r#"
        P0401 1:7 there is a block for `Usr`, but no class of that name is registered
            help: did you mean `User`?
            help: register the class `Usr` before loading the policy
    "#]],
    );
    finds(
        "resource Actor {}",
        expect![[r#"
        P0401 1:10 there is a block for `Actor`, but no class of that name is registered
            help: `Actor` is built in: it stands for every class with a block
    "#]],
    );
    finds(
        "resource Repo { relations = { up: Fodler }; }\nf(\"up\");",
        expect![[r#"
        P0402 1:35 relation `up` leads to `Fodler`, but no class of that name is registered
            help: did you mean `Folder`?
            help: register the class `Fodler` before loading the policy
    "#]],
    );
}

/// A block of `Repo` with this shorthand.
fn block(shorthand: &str) -> String {
    format!(
        "resource Repo {{\n    permissions = [\"read\"]; relations = {{ parent: Org, up: Folder }};\n    \
         {shorthand}\n}}\nresource Org {{ permissions = [\"list\"]; \"list\" if \"list\"; }}\n\
         has_relation(_: Org, \"parent\", _: Repo);\nhas_relation(_: Folder, \"up\", _: Repo);"
    )
}

#[test]
fn shorthand_uses_declared_names() {
    finds(
        &block(r#""raed" if "read";"#),
        expect![[r#"
        P0506 2:20 permission `read` of `Repo` is declared, but no rule grants it
            help: grant it, such as `"read" if "…";`, or remove it
        P0406 3:5 `Repo` declares no role, permission or relation `raed`
            help: did you mean `read`?
            help: declare `raed` in a block of `Repo`, in `roles`, `permissions` or `relations`
    "#]],
    );
    finds(
        &block(r#""read" if "reed";"#),
        expect![[r#"
        P0406 3:15 `Repo` declares no role, permission or relation `reed`
            help: did you mean `read`?
            help: declare `reed` in a block of `Repo`, in `roles`, `permissions` or `relations`
    "#]],
    );
    finds(
        &block(r#""read" if "list" on "prent";"#),
        expect![[r#"
        P0406 3:25 `Repo` declares no role, permission or relation `prent`
            help: did you mean `parent`?
            help: declare `prent` in a block of `Repo`, in `roles`, `permissions` or `relations`
    "#]],
    );
    finds(
        &block(r#""read" if "list" on "read";"#),
        expect![[r#"
        P0407 3:25 `on` needs a relation, but `read` is a permission of `Repo`
            2:20 declared as a permission here
            help: after `on` stands a name from `relations = { … }`, which tells the related type
    "#]],
    );
}

#[test]
fn shorthand_on_a_relation_uses_names_of_the_related_type() {
    finds(
        &block(r#""read" if "list" on "up";"#),
        expect![[r#"
        P0408 3:25 relation `up` of `Repo` leads to `Folder`, which has no block
            2:56 the relation is declared here
            help: add a block that declares what can hold there: `resource Folder { … }`
    "#]],
    );
    finds(
        &block(r#""read" if "lst" on "parent";"#),
        expect![[r#"
        P0409 3:15 `Org` declares no role, permission or relation `lst`
            3:24 this relation leads to `Org`
            5:10 `Org` is declared here
            help: did you mean `list`?
            help: declare `lst` in a block of `Org`
    "#]],
    );
    finds(
        &block(r#""read" if "list" on "parent"; "read" if "list" on "parent";"#),
        expect![[r#"
            P0506 2:20 permission `read` of `Repo` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0410 3:35 this shorthand rule is written twice
                3:5 first written here
                help: remove one of the two: the second only repeats every answer of the first
            P0506 5:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
        "#]],
    );
}

#[test]
fn facts_dialect_is_refused_form_by_form() {
    finds(
        "global { roles = [\"a\"]; }",
        expect![[r#"
            P0703 1:1 a `global` block belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
    finds(
        "resource Repo extends Folder, Org {}",
        expect![[r#"
            P0703 1:23 `extends` belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
    finds(
        "declare is_public(Repo);\nf(x) if is_public(x);",
        expect![[r#"
            P0703 1:1 a `declare` form belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
    finds(
        "test fixture base { f(1); }\ntest \"t\" { assert f(1); }",
        expect![[r#"
            P0703 1:14 a test fixture belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
            P0703 2:6 a test belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
    finds(
        "f(User{\"ann\"}, x) if x < @current_unix_time;",
        expect![[r#"
            P0703 1:3 an entity literal belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
                help: to construct an object of the application, write `new User(…)`
            P0703 1:26 the request value `@current_unix_time` belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
    finds(
        "resource Repo { roles = [\"a\", \"b\"]; role if role on \"up\"; \"a\" if \"b\" or \"a\"; \"a\" if global \"b\"; }\n\
         has_role(_: Actor, _: String, _: Resource);",
        expect![[r#"
            P0703 1:37 a shorthand rule for a bare word belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
            P0703 1:59 a shorthand body other than one name with an optional `on` belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
            P0703 1:78 a shorthand body other than one name with an optional `on` belongs to the facts dialect, and the application keeps no facts
                help: to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`
        "#]],
    );
}

#[test]
fn singleton_variables() {
    finds(
        "f(actor, _, resoure: Repo) if actor = resource;",
        expect![[r#"
        P0201 1:13 variable `resoure` occurs only once in this rule
            help: did you mean `resource`?
            help: write `_resoure` or `_` if any value will do
        P0201 1:39 variable `resource` occurs only once in this rule
            help: did you mean `resoure`?
            help: write `_resource` or `_` if any value will do
    "#]],
    );
    finds(
        "f(x, _y, User, Actor, a::b, [x, *rest]);",
        expect![[r#"
        P0204 1:10 this parameter is the class `User` itself, not one of its instances
            help: write `user: User` or `_: User` for an instance
        P0204 1:16 this parameter is the class `Actor` itself, not one of its instances
            help: write `actor: Actor` or `_: Actor` for an instance
        P0201 1:34 variable `rest` occurs only once in this rule
            help: write `*_rest` or `*_` if any value will do
    "#]],
    );
    finds(
        "f(x) if x = Amdin;",
        expect![[r#"
        P0201 1:13 variable `Amdin` occurs only once in this rule
            help: did you mean `Admin`?
            help: if `Amdin` is a class or a constant, register it before loading the policy
            help: write `_Amdin` or `_` if any value will do
    "#]],
    );
    finds(
        "f(_: User{name: n});",
        expect![[r#"
        P0201 1:17 variable `n` occurs only once in this rule
            help: write `_n` or `_` if any value will do
    "#]],
    );
    finds("f(x, {y}) if x = y;", expect![[""]]);
}

#[test]
fn calls_of_missing_rules() {
    finds(
        "is_owner(x) if x = 1;\nf(x) if is_onwer(x) and not g(x);",
        expect![[r#"
        P0202 2:9 there is no rule `is_onwer`
            help: did you mean `is_owner`?
            help: define `is_onwer` with 1 parameter
        P0202 2:29 there is no rule `g`
            help: define `g` with 1 parameter
    "#]],
    );
    finds(
        "f(x) if User(x);",
        expect![[r#"
        P0202 1:9 there is no rule `User`
            help: `User` is a class; to construct an object, write `new User(…)`
            help: to test a value, write `value matches User`
    "#]],
    );
    finds(
        "f(x) if g(x, x);\ng(1);\ng();",
        expect![[r#"
        P0203 1:9 no rule `g` takes 2 arguments, so this call never succeeds
            2:1 `g` has 1 parameter here
            3:1 `g` has no parameters here
    "#]],
    );
    finds("?= g(1);", expect![[""]]);
    finds(
        "resource Repo { permissions = [\"a\"]; }\nf(x) if has_permission(x, \"a\", x);",
        expect![[r#"
        P0506 1:32 permission `a` of `Repo` is declared, but no rule grants it
            help: grant it, such as `"a" if "…";`, or remove it
        P0202 2:9 there is no rule `has_permission`
            help: define `has_permission` with 3 parameters
    "#]],
    );
}

#[test]
fn nothing_is_missed_in_a_text_with_grammar_errors() {
    finds(
        "f(x) if g(x);\ng(x) if ;",
        expect![[r#"
        P0106 2:9 found `;`, expected a condition after `if`
            2:6 after this
            help: a rule that always holds has no `if`
    "#]],
    );
}

#[test]
fn class_names() {
    finds(
        "f(x: Usr) if x matches str and x = new Nope() and x matches Nope;",
        expect![[r#"
        P0301 1:6 no class `Usr` is registered
            help: did you mean `User`?
        P0301 1:24 no class `str` is registered
            help: did you mean `String`?
        P0301 1:40 no class `Nope` is registered
            1:61 also here
            help: register the class `Nope`; until then no value is one
    "#]],
    );
    finds(
        "type f(x: Intger);",
        expect![[r#"
        P0301 1:11 no class `Intger` is registered
            help: did you mean `Integer`?
    "#]],
    );
    finds("f(_: Actor, _: Resource, _: List);", expect![[""]]);
    let mut schema = schema();
    schema.add_constant("nil");
    let (_, found, sources) = load_named(&[(None, "allow(_: nil, _, _);")], &schema);
    expect![[r#"
        P0301 1:10 `nil` is a constant, not a class
    "#]]
    .assert_eq(&render(&found, sources));
}

#[test]
fn constants_and_variables() {
    finds(
        "f(User);\nf(_: User);",
        expect![[r#"
        P0204 1:3 this parameter is the class `User` itself, not one of its instances
            help: write `user: User` or `_: User` for an instance
    "#]],
    );
    finds(
        "f(User: Admin);",
        expect![[r#"
        P0204 1:3 `User` is registered by the application, so it is not a variable here
            help: choose another name for the variable
    "#]],
    );
    finds(
        "f(User) if User := 1;",
        expect![[r#"
        P0204 1:3 this parameter is the class `User` itself, not one of its instances
            help: write `user: User` or `_: User` for an instance
        P0204 1:12 `User` is registered by the application, so it is not a variable here
            help: choose another name for the variable
    "#]],
    );
    finds(
        "f(x) if x = READ and READ = 1 and App::Role = x;",
        expect![[r#"
        P0205 1:13 `READ` is not registered, so it is read as a variable
            help: register `READ` if it is a class or constant; write variables in lower case
        P0205 1:35 `App::Role` is not registered, so it is read as a variable
            help: register `App::Role` if it is a class or constant; write variables in lower case
    "#]],
    );
}

#[test]
fn members() {
    let mut schema = schema();
    let user = schema.class("User").expect("registered");
    schema.set_members(user, vec!["name".to_owned(), "is_staff".to_owned()]);
    let policy = "allow(u: Admin{nmae: \"x\"}, x, _) if u.is_stuff() and u.other and x.nmae and u.name = x;";
    let (_, found, sources) = load_named(&[(None, policy)], &schema);
    expect![[r#"
        P0206 1:16 `Admin` has no field or method `nmae`
            help: did you mean `name`?
        P0206 1:39 `Admin` has no field or method `is_stuff`
            help: did you mean `is_staff`?
    "#]]
    .assert_eq(&render(&found, sources));
}

#[test]
fn precedence_of_and_and_or() {
    finds(
        "f(a, b, c) if a or b and c;",
        expect![[r#"
        P0207 1:20 `and` and `or` are mixed without parentheses
            1:15 of this `or`
            help: put parentheses around the part that belongs together: `(x and y) or z`
    "#]],
    );
    finds("f(a, b, c) if (a and b) or c or (b and c);", expect![[""]]);
    finds(
        "f(a, b, c) if (a and b or c) and a;",
        expect![[r#"
        P0207 1:16 `and` and `or` are mixed without parentheses
            1:16 of this `or`
            help: put parentheses around the part that belongs together: `(x and y) or z`
    "#]],
    );
    finds(
        "f(a, b, c) if (a or b and c) or a;",
        expect![[r#"
        P0207 1:21 `and` and `or` are mixed without parentheses
            1:15 of this `or`
            help: put parentheses around the part that belongs together: `(x and y) or z`
    "#]],
    );
    finds(
        "f(a, b, c) if a or # (\n (b) and (c) # )\n or c;",
        expect![[r#"
        P0207 2:2 `and` and `or` are mixed without parentheses
            1:15 of this `or`
            help: put parentheses around the part that belongs together: `(x and y) or z`
    "#]],
    );
    finds("f(a, b, c) if a or ( # why\n b and c);", expect![[""]]);
    finds(
        "?= 1 = 2 or 1 = 1 and 2 = 2;",
        expect![[r#"
        P0207 1:13 `and` and `or` are mixed without parentheses
            1:4 of this `or`
            help: put parentheses around the part that belongs together: `(x and y) or z`
    "#]],
    );
}

#[test]
fn rule_types_accept() {
    let types = "type f(x: Integer);\ntype f(x: User{name: \"a\"});\ntype f(x: Actor);\ntype f([1, 2]);\ntype f(\"x\", y);\n\
                 type f({a: 1});\nactor User {}\n";
    let fine = "f(1);\nf(_: Integer);\nf(_: Admin{name: \"a\", age: 1});\nf(_: Admin);\nf(_: Actor);\n\
                f([2, 3, 1.0]);\nf(\"x\", 1);\nf(_: \"x\", _: Nope);\nf({b: 2, a: 1.0});\n";
    finds(
        &format!("{types}{fine}"),
        expect![[r#"
            P0301 15:14 no class `Nope` is registered
                help: register the class `Nope`; until then no value is one
        "#]],
    );
}

#[test]
fn rule_types_refuse() {
    finds(
        "type f(x: Integer);\nf(\"a\");",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, `"a"` is not of class `Integer`
            1:6 the type is `f(x: Integer)`
    "#]],
    );
    finds(
        "type f(x: Integer);\nf(x) if x = 1;",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, it needs the specializer `Integer`
            1:6 the type is `f(x: Integer)`
            help: write `x: Integer`
    "#]],
    );
    finds(
        "type f(x: Integer);\nf(1 + 1);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, it needs the specializer `Integer`
            1:6 the type is `f(x: Integer)`
            help: write a variable, `x: Integer`, and test it in the body
    "#]],
    );
    finds(
        "type f(x: Admin);\nf(_: User);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, `User` is not a subclass of `Admin`
            1:6 the type is `f(x: Admin)`
    "#]],
    );
    finds(
        "type f(x: User{name: \"a\"});\nf(_: User);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, its fields do not include `name: "a"`
            1:6 the type is `f(x: User{name: "a"})`
    "#]],
    );
}

#[test]
fn rule_types_refuse_with_advice() {
    finds(
        "type f(x: Actor);\nf(_: User);\nf(1);\nf(_: Resource);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, `User` is not an `Actor`
            1:6 the type is `f(x: Actor)`
            help: add an actor block to the policy: `actor User {}`
        P0302 3:3 `f` does not match its rule type: in parameter 1, `1` is not an `Actor`
            1:6 the type is `f(x: Actor)`
        P0302 4:3 `f` does not match its rule type: in parameter 1, it is a `Resource` and not an `Actor`
            1:6 the type is `f(x: Actor)`
            help: write `: Actor`
    "#]],
    );
    finds(
        "type f(x: Integer, y);\ntype f(x: String);\nf(1);\nf(1, 2, 3);",
        expect![[r#"
            P0302 3:3 `f` does not match its rule type: in parameter 1, `1` is not of class `String`
                2:6 the type is `f(x: String)`
                1:6 nor does `f(x: Integer, y)` match: it has 1 parameter, the type has 2
            P0302 4:1 `f` does not match its rule type: it has 3 parameters, the type has 2
                1:6 the type is `f(x: Integer, y)`
                2:6 nor does `f(x: String)` match: it has 3 parameters, the type has 1
        "#]],
    );
    finds(
        "type f(x: {a: 1});\nf({b: 1});\ntype g([1]);\ng([2]);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, it is `{b: 1}` where the type has `{a: 1}`
            1:6 the type is `f(x: {a: 1})`
        P0302 4:3 `g` does not match its rule type: in parameter 1, it is `[2]` where the type has `[1]`
            3:6 the type is `g([1])`
    "#]],
    );
    finds(
        "type f(x: Repo);\nf(_: Nope);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, `Nope` is not registered
            1:6 the type is `f(x: Repo)`
            help: register the class `Nope` before loading the policy
        P0301 2:6 no class `Nope` is registered
            help: register the class `Nope`; until then no value is one
    "#]],
    );
    finds(
        "type f(\"read\");\nf(\"raed\");\nf(_);",
        expect![[r#"
        P0302 2:3 `f` does not match its rule type: in parameter 1, it is `"raed"` where the type has `"read"`
            1:6 the type is `f("read")`
            help: did you mean `read`?
        P0302 3:3 `f` does not match its rule type: in parameter 1, it is a variable where the type has `"read"`
            1:6 the type is `f("read")`
    "#]],
    );
}

#[test]
fn malformed_rule_types() {
    finds(
        "type f(x.y);",
        expect![[r#"
        P0303 1:8 the rule type of `f` contains a lookup
            help: a rule type has variables, specializers and literals only
    "#]],
    );
    finds(
        "type f([*r]);",
        expect![[r#"
        P0303 1:10 the rule type of `f` contains a `*rest` variable
            help: a rule type has variables, specializers and literals only
    "#]],
    );
    finds(
        "type f(1 + 1, new User());",
        expect![[r#"
        P0303 1:8 the rule type of `f` contains an operation
            help: a rule type has variables, specializers and literals only
    "#]],
    );
}

#[test]
fn built_in_rule_types() {
    finds(
        "allow(_, _);\nallow_field(_, _, _, _);\nallow_request(1, 2);",
        expect![[r#"
            P0302 1:1 `allow` does not match its rule type: it has 2 parameters, the type has 3
                help: the type is `allow(actor, action, resource)`
        "#]],
    );
    finds(
        "has_permission(_: User, \"read\", _: Repo);",
        expect![[r#"
            P0302 1:16 `has_permission` does not match its rule type: in parameter 1, `User` is not an `Actor`
                help: the type is `has_permission(actor: Actor, permission: String, resource: Resource)`
                help: add an actor block to the policy: `actor User {}`
        "#]],
    );
    finds("has_role(_: User, \"reader\", _: Repo);", expect![[""]]);
}

#[test]
fn rule_types_of_relations() {
    let blocks = "resource Org {}\nresource Repo { relations = { parent: Org }; }\n";
    finds(
        &format!("{blocks}has_relation(_: Org, \"parnt\", _: Repo);"),
        expect![[r#"
            P0505 2:31 relation `parent` of `Repo` is declared, but no rule mentions it
                help: grant something by it, such as `"…" if "…" on "parent";`, or remove it
            P0302 3:22 `has_relation` does not match its rule type: in parameter 2, it is `"parnt"` where the type has `"parent"`
                2:31 the type is `has_relation(subject: Org, "parent", object: Repo)`
                help: did you mean `parent`?
        "#]],
    );
    finds(
        &format!("{blocks}has_relation(_: Repo, \"parent\", _: Repo);"),
        expect![[r#"
        P0302 3:14 `has_relation` does not match its rule type: in parameter 1, `Repo` is not a subclass of `Org`
            2:31 the type is `has_relation(subject: Org, "parent", object: Repo)`
    "#]],
    );
    finds(&format!("{blocks}has_relation(_: Org, \"parent\", _: Repo);"), expect![[""]]);
}

#[test]
fn required_rules() {
    let roles = "actor User {}\nresource Repo { roles = [\"a\", \"b\"]; \"a\" if \"b\" on \"up\"; relations = { up: Repo }; }\n";
    finds(
        roles,
        expect![[r#"
        P0304 2:51 no rule tells which objects have the relation `up`
            2:71 the relation is declared here
            help: add a rule `has_relation(subject: Repo, "up", object: Repo) if …;`
    "#]],
    );
    finds(
        &format!("{roles}has_role(_: User, role, _: Repo) if role = 1;"),
        expect![[r#"
        P0304 2:51 no rule tells which objects have the relation `up`
            2:71 the relation is declared here
            help: add a rule `has_relation(subject: Repo, "up", object: Repo) if …;`
        P0302 3:19 `has_role` does not match its rule type: in parameter 2, it needs the specializer `String`
            2:26 the type is `has_role(actor: Actor, role: String, resource: Resource)`
            help: write `role: String`
    "#]],
    );
    let owner = "resource Repo { permissions = [\"p\"]; relations = { owner: User }; \"p\" if \"owner\"; }\n\
                 f(x) if has_permission(x, \"p\", x);\n";
    finds(
        owner,
        expect![[r#"
        P0304 1:74 no rule tells which objects have the relation `owner`
            1:52 the relation is declared here
            help: add a rule `has_relation(subject: User, "owner", object: Repo) if …;`
    "#]],
    );
    finds(&format!("{owner}has_relation(_: Admin, \"owner\", _: Repo);"), expect![[""]]);
}

#[test]
fn rules_that_never_matter() {
    finds(
        "f(x: User) if x.a = 1;\nf(y: User) if y.a = 1.0;\nf(y: User) if y.a = 2;",
        expect![[r#"
        P0501 2:1 this rule repeats an earlier one
            1:1 written first here
            help: remove one of the two: the second only repeats every answer of the first
    "#]],
    );
    finds(
        "f(_, _);\nf(x, x);\nf(_, _);",
        expect![[r#"
        P0501 3:1 this rule repeats an earlier one
            1:1 written first here
            help: remove one of the two: the second only repeats every answer of the first
    "#]],
    );
    finds(
        "f(x) if x and false;\ng(1) if 1 = 2;\nh(1) if not true;\ni(1) if 1 == 1;",
        expect![[r#"
        P0502 1:15 this condition never holds, so the rule never applies
            1:1 this rule
            help: remove the rule, or mend the condition
        P0502 2:9 this condition never holds, so the rule never applies
            2:1 this rule
            help: remove the rule, or mend the condition
        P0502 3:9 this condition never holds, so the rule never applies
            3:1 this rule
            help: remove the rule, or mend the condition
    "#]],
    );
    finds(
        "f(x) if x and 1 = x;\ng(1) if \"a\";\nh(1) if x.y and x;",
        expect![[r#"
        P0503 2:9 `"a"` is neither true nor false, so asking this rule is an error
            help: compare it with something
    "#]],
    );
    finds(
        "f(x: String) if x = 1;\ng(x) if x = \"a\" and x = \"b\";\nh(x, x) if x = 1 and x = 1.0;",
        expect![[r#"
            P0504 1:17 `x` cannot be both of class `String` and `1`, so this rule never applies
                1:3 of class `String` here
                help: write two rules if either will do
            P0504 2:21 `x` cannot be both `"a"` and `"b"`, so this rule never applies
                2:9 `"a"` here
                help: write two rules if either will do
        "#]],
    );
    finds(
        "f(x: Integer, x: Boolean);\ng(x: String) if x matches List;\nh(_: 1, _: 2);",
        expect![[r#"
            P0504 2:17 `x` cannot be both of class `String` and of class `List`, so this rule never applies
                2:3 of class `String` here
                help: write two rules if either will do
        "#]],
    );
    finds("f(x: String) if x = 1 or x = \"a\";", expect![[""]]);
}

#[test]
fn declared_names_in_full_rules() {
    let blocks = "actor User {}\nresource Repo { permissions = [\"read\"]; roles = [\"reader\"]; \"read\" if \"reader\"; }\n\
                  resource Org { permissions = [\"list\"]; \"list\" if \"list\"; }\nresource Folder {}\n";
    let with = |rules: &str| format!("{blocks}{rules}\nhas_role(_: User, _: String, _: Resource);");
    finds(
        &with("f(x) if has_permission(x, \"raed\", x) and has_role(x, \"reader\", x);"),
        expect![[r#"
            P0506 3:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0411 5:27 no block declares a permission `raed`
                help: did you mean `read`?
        "#]],
    );
    finds(
        &with("f(r: Org) if has_permission(r, \"read\", r);"),
        expect![[r#"
            P0506 3:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0411 5:32 `Org` declares no permission `read`
                help: declare it: `permissions = ["read", …];`
        "#]],
    );
    finds(
        &with("has_permission(_: User, \"reader\", _: Repo) if has_permission(1, \"read\", 1);"),
        expect![[r#"
            P0506 3:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0411 5:25 `Repo` declares no permission `reader`
                2:50 a role here
                help: did you mean `read`?
        "#]],
    );
    finds(
        &with("has_permission(_: User, \"x\", _: Folder) if has_permission(1, \"read\", 1);"),
        expect![[r#"
            P0506 3:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
        "#]],
    );
    finds(
        &with("has_permission(_: User, \"lst\", _: Resource) if has_permission(1, \"read\", 1);"),
        expect![[r#"
            P0506 3:31 permission `list` of `Org` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0411 5:25 no block declares a permission `lst`
                help: did you mean `list`?
        "#]],
    );
}

#[test]
fn unused_and_ungranted() {
    finds(
        "actor User {}\nresource Repo { permissions = [\"a\", \"b\", \"c\"]; roles = [\"r\"]; relations = { up: Org }; \"b\" if \"c\"; }\n\
         has_permission(_: User, \"a\", _: Repo) if has_permission(1, \"b\", 1);\nhas_role(_: Actor, _: String, _: Resource);",
        expect![[r#"
            P0506 2:37 permission `b` of `Repo` is granted only by what nobody can have
                help: let one of the roles or permissions that lead to it be granted by a rule in full
            P0506 2:42 permission `c` of `Repo` is declared, but no rule grants it
                help: grant it, such as `"c" if "…";`, or remove it
            P0505 2:57 role `r` of `Repo` is declared, but no rule mentions it
                help: grant something by it, such as `"…" if "r";`, or remove it
            P0505 2:77 relation `up` of `Repo` is declared, but no rule mentions it
                help: grant something by it, such as `"…" if "…" on "up";`, or remove it
        "#]],
    );
    finds(
        "resource User { permissions = [\"a\"]; }\nresource Admin { permissions = [\"b\"]; }\n\
         has_permission(_: Resource, \"b\", _: User) if has_permission(1, \"b\", 1);\n\
         has_permission(_: Actor, \"a\", _: Admin);",
        expect![[r#"
            P0302 3:16 `has_permission` does not match its rule type: in parameter 1, it is a `Resource` and not an `Actor`
                help: the type is `has_permission(actor: Actor, permission: String, resource: Resource)`
                help: write `: Actor`
            P0411 3:29 `User` declares no permission `b`
                help: declare it: `permissions = ["b", …];`
        "#]],
    );
}

#[test]
fn whole_policies() {
    let (_, found, sources) = load("");
    expect![[r#"
        P0701 1:1 the policy has no `allow`, `allow_field` or `allow_request` rule, so nothing is allowed
            help: with blocks, write `allow(actor, action, resource) if has_permission(actor, action, resource);`
    "#]].assert_eq(&render(&found, sources));
    let (_, found, sources) = load(
        "actor User {}\nresource Repo { permissions = [\"a\", \"b\"]; \"a\" if \"b\"; \"b\" if \"a\"; }\nallow(_, _, _);",
    );
    expect![[r#"
        P0506 2:32 permission `a` of `Repo` is granted only by what nobody can have
            help: let one of the roles or permissions that lead to it be granted by a rule in full
        P0702 2:32 `Repo` declares permissions such as `a`, but no rule calls `has_permission`
            help: write `allow(actor, action, resource) if has_permission(actor, action, resource);`
        P0506 2:37 permission `b` of `Repo` is granted only by what nobody can have
            help: let one of the roles or permissions that lead to it be granted by a rule in full
    "#]]
    .assert_eq(&render(&found, sources));
}

#[test]
fn sources_twice() {
    let text = "allow(_, _, _);";
    let load = |texts: &[(Option<&str>, &str)]| {
        let (_, found, sources) = load_named(texts, &schema());
        render(&found, sources)
    };
    expect![[r#"
        P0704 1:1 the file `b.polar` has the same contents as `a.polar`
            help: load each policy file once
    "#]]
    .assert_eq(&load(&[(Some("a.polar"), text), (Some("b.polar"), text)]));
    expect![[r#"
        P0704 1:1 the file `a.polar` is loaded twice
            help: load each policy file once
    "#]]
    .assert_eq(&load(&[(Some("a.polar"), text), (Some("a.polar"), "f(1);")]));
    expect![[""]].assert_eq(&load(&[(None, text), (Some("a.polar"), ""), (Some("b.polar"), "")]));
}

#[test]
fn ten_thousand_rules_take_no_longer_than_a_few_looks_each() {
    let mut schema = schema();
    let mut policy = String::from("allow(a, b, c) if has_permission(a, b, c);\nactor User {}\n");
    for n in 0..2_000 {
        schema.add_class(&format!("T{n}"), &[]);
        let _ = writeln!(
            policy,
            "resource T{n} {{ roles = [\"r\"]; permissions = [\"p\"]; relations = {{ parent: T{n} }};\n\
             \"p\" if \"r\"; \"r\" if \"r\" on \"parent\"; }}\n\
             has_relation(x: T{n}, \"parent\", y: T{n}) if x = y.parent and has_role(x, \"r\", y);\n\
             has_role(x: User, \"r\", y: T{n}) if f{n}(x, y);\nf{n}(x, y) if x = y.owner and x.name = \"n{n}\";"
        );
    }
    let started = std::time::Instant::now();
    let (checked, found, sources) = load_named(&[(None, &policy)], &schema);
    assert_eq!(render(&found, sources), "");
    assert!(checked.rules.len() > 10_000 - 2);
    // Unoptimised and on a busy machine it takes about a second; a scan of all rules for each rule takes minutes.
    assert!(started.elapsed().as_secs() < 60);
}
