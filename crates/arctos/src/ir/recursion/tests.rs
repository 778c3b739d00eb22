//! Which policies over facts are refused because a rule depends on its own negation.

use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::{Policy, Schema, Sources};

/// What loading says of recursion, for an application that keeps facts and has the class `Folder`.
fn finds(policy: &str, expected: Expect) {
    let mut schema = Schema::new();
    schema.enable_facts();
    schema.add_class("Folder", &[]);
    let mut sources = Sources::default();
    sources.add(None, policy);
    let found = match Policy::load(&schema, sources.clone()) {
        Ok(policy) => policy.warnings().to_vec(),
        Err(error) => error.diagnostics().to_vec(),
    };
    let mut text = String::new();
    for diagnostic in found.iter().filter(|found| found.code.as_str().starts_with("P06") || found.is_error())
    {
        let place = |span| {
            let position = sources.position(span);
            format!("{}:{}", position.line, position.column)
        };
        let _ = writeln!(text, "{} {} {}", diagnostic.code, place(diagnostic.span), diagnostic.message);
        let _ = writeln!(text, "    {} {}", place(diagnostic.span), diagnostic.label);
        for label in &diagnostic.labels {
            let _ = writeln!(text, "    {} {}", place(label.span), label.text);
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn a_cycle_is_shown_rule_by_rule() {
    finds(
        "win(x) if move(x, y) and not win(y);",
        expect![[r#"
        P0602 1:30 `win(_)` depends on its own negation
            1:30 `win(_)` may hold where `win(_)` does not
    "#]],
    );
    finds(
        "a(u: User) if not b(u);\nb(u: User) if c(u) or d(u);\nc(u: User) if e(u) and forall(a(u), e(u));",
        expect![[r#"
            P0602 1:19 `a(User)` depends on its own negation
                1:19 `a(User)` may hold where `b(User)` does not
                2:15 `b(User)` may hold where `c(User)` does
                3:31 `c(User)` may hold where `a(User)` does not
        "#]],
    );
    finds(
        r#"actor User {}
           resource Org { roles = ["admin"]; }
           resource Doc {
             roles = ["viewer", "blocked"]; relations = { org: Org };
             "viewer" if "admin" on "org" and is_calm(actor, resource);
           }
           is_calm(user: User, doc: Doc) if not has_role(user, "blocked", doc);
           has_role(user: User, "blocked", doc: Doc) if is_odd(user) and not has_role(user, "viewer", doc);"#,
        expect![[r#"
            P0602 7:49 `is_calm(User, Doc)` depends on its own negation
                7:49 `is_calm(User, Doc)` may hold where `has_role(User, "blocked", Doc)` does not
                8:78 `has_role(User, "blocked", Doc)` may hold where `has_role(User, "viewer", Doc)` does not
                5:47 `has_role(User, "viewer", Doc)` may hold where `is_calm(User, Doc)` does
        "#]],
    );
}

#[test]
fn constants_and_types_tell_apart() {
    // Another role.
    finds(
        r#"actor User {}
           resource Doc { roles = ["viewer", "blocked"]; relations = { parent: Doc }; role if role on "parent"; }
           has_role(u: User, "viewer", d: Doc) if invited(u, d) and not has_role(u, "blocked", d);"#,
        expect![""],
    );
    // The same role by whichever role there is.
    finds(
        r#"actor User {}
           resource Doc { roles = ["viewer", "blocked"]; }
           has_role(u: User, "viewer", d: Doc) if invited(u, d) and not has_role(u, role, d) and role = "x";"#,
        expect![[r#"
            P0602 3:73 `has_role(User, _, Doc)` depends on its own negation
                3:73 `has_role(User, _, Doc)` may hold where `has_role(User, _, Doc)` does not
        "#]],
    );
    // Another type, and a subtype.
    finds(
        "may(u: User, d: Doc) if folder matches Box and within(d, folder) and not may(u, folder);\n\
         may(_: User, b: Box) if open(b);",
        expect![[r#""#]],
    );
    finds(
        "resource Doc {} resource Note extends Doc {}\nmay(u: User, d: Doc) if n matches Note and of(d, n) and not may(u, n);",
        expect![[r#"
            P0602 2:61 `may(User, Note)` depends on its own negation
                2:61 `may(User, Note)` may hold where `may(User, Note)` does not
        "#]],
    );
    // An entity and a number.
    finds(r#"may(User{"a"}) if not may(User{"b"}); may(User{"b"}) if on(User{"c"});"#, expect![""]);
    finds("level(1, u: User) if not level(0, u); level(0, u: User) if low(u);", expect![""]);
}

#[test]
fn rules_over_objects_are_warned_of() {
    finds(
        "open(f: Folder) if not open(f.up);",
        expect![[r#"
        P0601 1:24 `open` can depend on its own negation
            1:24 reached again through this `not`
    "#]],
    );
    finds(
        "open(f: Folder) if not open(f.up);\nbad(u: User) if not bad(u);",
        expect![[r#"
        P0601 1:24 `open` can depend on its own negation
            1:24 reached again through this `not`
        P0602 2:21 `bad(User)` depends on its own negation
            2:21 `bad(User)` may hold where `bad(User)` does not
    "#]],
    );
}

#[test]
fn what_takes_a_list_apart_ends() {
    finds("even([]); even([_, *rest]) if not even(rest);", expect![""]);
}
