//! The pages under `docs/diagnostics` of the codes made here: each exists, and its examples do what they say. P01xx are the
//! syntax crate's, P09xx those of files of facts, P10xx those of tests of a policy.

use std::path::PathBuf;

use arctos_syntax::codes;

use super::*;

/// A policy of a page.
struct Example<'p> {
    /// `fails` or `ok`
    kind: &'p str,
    /// Its fence says `facts`: the application keeps facts, and has no classes.
    has_facts: bool,
    policy: &'p str,
}

fn examples(page: &str) -> Vec<Example<'_>> {
    let blocks = page.split("```polar,").skip(1);
    blocks
        .map(|block| {
            let (kind, rest) = block.split_once('\n').expect("a block has a first line");
            let (policy, _) = rest.split_once("```").expect("a block is closed");
            let over_facts = kind.strip_prefix("facts,");
            Example { kind: over_facts.unwrap_or(kind), has_facts: over_facts.is_some(), policy }
        })
        .collect()
}

/// The classes of the pages; `User` has told its members.
fn page_schema() -> Schema {
    let mut schema = schema();
    let user = schema.class("User").expect("registered");
    schema.set_members(user, ["name", "email", "is_active"].map(str::to_owned).to_vec());
    schema
}

/// Everything that a whole load tells, recursion included.
fn load_whole(texts: &[(Option<&str>, &str)], schema: &Schema) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    for (name, text) in texts {
        sources.add(*name, text);
    }
    let found = match crate::Policy::load(schema, sources.clone()) {
        Ok(policy) => policy.warnings().to_vec(),
        Err(error) => error.diagnostics().to_vec(),
    };
    (found, sources)
}

#[test]
fn every_code_has_a_page_and_its_examples_hold() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let (schema, over_facts) = (page_schema(), schema_of_facts());
    let mut faults = Vec::new();
    // What the parser, readers of facts and tests of a policy say has a test of its own there.
    let made_elsewhere = |code: &str| ["P01", "P09", "P10"].iter().any(|family| code.starts_with(family));
    for code in codes::ALL.iter().filter(|code| !made_elsewhere(code.as_str())) {
        let path = folder.join(format!("{code}.md"));
        let Ok(page) = std::fs::read_to_string(&path) else {
            faults.push(format!("{code}: there is no page {}", path.display()));
            continue;
        };
        let title = format!("# {code}: {}", code.name());
        if page.lines().next() != Some(&title) {
            faults.push(format!("{code}: the first line is not `{title}`"));
        }
        for wanted in ["fails", "ok"] {
            let found: Vec<_> =
                examples(&page).into_iter().filter(|example| example.kind == wanted).collect();
            if found.is_empty() {
                faults.push(format!("{code}: no example that {wanted}"));
            }
            for Example { policy, has_facts, .. } in found {
                // The one code that takes two files.
                let names = if *code == codes::DUPLICATE_SOURCE && wanted == "fails" {
                    vec![(Some("main.polar"), policy), (Some("copy.polar"), policy)]
                } else {
                    vec![(None, policy)]
                };
                let (found, sources) = load_whole(&names, if has_facts { &over_facts } else { &schema });
                let has_code = found.iter().any(|diagnostic| diagnostic.code == *code);
                let has_error = found.iter().any(Diagnostic::is_error);
                if has_code != (wanted == "fails") || (wanted == "ok" && has_error) {
                    faults.push(format!("{code}, {wanted}:\n{policy}\n{}", render(&found, &sources)));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
