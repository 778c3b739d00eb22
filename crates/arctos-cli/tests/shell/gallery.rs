//! The gallery `examples/patterns`: every test passes, and notices every change.

use std::fs;
use std::path::{Path, PathBuf};

use arctos_syntax::tree::{Item, Test};
use arctos_syntax::{SourceId, parse};

use crate::run::arctos;

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/patterns")
}

/// The files with their texts, in the order of their names.
fn files() -> Vec<(String, String)> {
    let entries = fs::read_dir(gallery()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "polar")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_pattern_is_tested_and_its_tests_notice_every_change() {
    let shown = arctos(&["test", "--mutants", "--time", "0", "."]).folder(gallery()).shown();
    assert!(shown.ends_with("--- exit 0\n"), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.ends_with(".polar")).count(), files().len(), "{shown}");
}

#[test]
fn every_pattern_loads_without_a_warning() {
    for (name, _) in files() {
        let file = format!("{name}.polar");
        let shown = arctos(&["check", "--facts", "--deny-warnings", &file]).folder(gallery()).shown();
        assert!(shown.ends_with("--- exit 0\n"), "{shown}");
    }
}

#[test]
fn every_pattern_says_what_it_is_who_is_let_in_who_is_not_and_who_exactly() {
    let files = files();
    assert!(files.len() >= 25);
    let readme = fs::read_to_string(gallery().join("README.md")).unwrap();
    for (name, text) in &files {
        assert!(text.starts_with("# ") && text.contains("\n# Facts: "), "{name} has no header");
        assert!(readme.contains(&format!("[{name}]({name}.polar)")), "README.md does not link {name}");
        let tests: Vec<Test> = parse(SourceId(0), text)
            .tree
            .items
            .into_iter()
            .filter_map(|item| match item {
                Item::Test(test) => Some(test),
                _ => None,
            })
            .collect();
        let lines = || tests.iter().flat_map(|test| &test.assertions);
        assert!(lines().any(|line| line.positive), "{name} lets nobody in");
        assert!(lines().any(|line| !line.positive), "{name} keeps nobody out");
        assert!(lines().any(|line| line.iff.is_some()), "{name} says nowhere who exactly");
    }
    assert_eq!(readme.matches(".polar)").count(), files.len(), "README.md links what is not there");
}
