//! Lists agree with checks, for each policy of the gallery and the facts of its tests.

use std::fs;
use std::path::Path;

use arctos::{Policy, Schema, Sources};
use arctos_testkit::consistency::{Tally, compare_tests};

/// Questions for each test of each policy.
const QUESTIONS: usize = 30;

#[test]
fn lists_of_the_gallery_are_what_checks_say() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/patterns");
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(gallery).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "polar") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut sources = Sources::default();
        sources.add(path.file_name().and_then(|name| name.to_str()), &text);
        let policy = Policy::load(&schema, sources).unwrap();
        let found = compare_tests(&policy, &text, QUESTIONS, &mut tally);
        wrong.extend(found.map(|how| format!("{}: {how}", path.display())));
    }
    println!(
        "gallery: {} agreed, {} with answers, {} with every value, {} with some, {} enumerated too; skipped: {:?}",
        tally.agreed, tally.answered, tally.every, tally.mixed, tally.enumerated, tally.skipped
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tally.answered * 12 > tally.agreed && tally.mixed * 15 > tally.agreed, "too little is asked for");
}
