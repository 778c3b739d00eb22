//! Small policies and what is found in them.

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

fn load(texts: &[&str], schema: &Schema) -> (Checked, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    let mut found = Vec::new();
    for text in texts {
        let id = sources.add(None, text);
        let parsed = arctos_syntax::parse(id, text);
        files.push(parsed.tree);
        found.extend(parsed.diagnostics);
    }
    let is_complete = found.is_empty();
    let (checked, more) = check(Input { files: &files, sources: &sources, schema, is_complete });
    found.extend(more);
    (checked, found, sources)
}

/// One line a diagnostic: code, place, message; then its labels and help.
fn render(found: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in found {
        let at = sources.position(diagnostic.span);
        text += &format!("{} {}:{} {}\n", diagnostic.code, at.line, at.column, diagnostic.message);
        for label in &diagnostic.labels {
            let at = sources.position(label.span);
            text += &format!("    {}:{} {}\n", at.line, at.column, label.text);
        }
        for help in &diagnostic.help {
            text += &format!("    help: {help}\n");
        }
    }
    text
}

fn finds(policy: &str, expected: Expect) {
    let (_, found, sources) = load(&[policy], &schema());
    expected.assert_eq(&render(&found, &sources));
}

#[test]
fn singletons() {
    finds(
        "allow(actor, _, resoure: Repo) if actor = resource;\nf(x, _y, User, Actor, a::b, [x, *rest]);",
        expect![[r#"
            P0201 1:17 variable `resoure` occurs only once in this rule
                help: did you mean `resource`?
                help: write `_resoure` or `_` if any value will do
            P0201 1:43 variable `resource` occurs only once in this rule
                help: did you mean `resoure`?
                help: write `_resource` or `_` if any value will do
            P0201 2:34 variable `rest` occurs only once in this rule
                help: write `*_rest` or `*_` if any value will do
        "#]],
    );
}
