//! Every input that fuzzing has kept, put to its target again: what was found once is not to come back.
//!
//! `fuzz/corpus/<target>.txt` has them; `cargo xtask fuzz` looks for more.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use arctos_testkit::fuzz::TARGETS;
use arctos_testkit::fuzz::corpus::{self, Input};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(name)
}

fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let text = fs::read_to_string(folder("corpus").join(target).with_extension("txt")).unwrap();
    let inputs = corpus::read(&text).unwrap();
    assert!(inputs.len() > 20, "the corpus of {target} is nearly empty");
    for Input { found, bytes } in inputs {
        if catch_unwind(|| run(&bytes)).is_err() {
            panic!("{target} fails on b\"{}\" ({found:?}); its message is above", bytes.escape_ascii());
        }
    }
}

#[test]
fn lexer() {
    replay("lexer");
}

#[test]
fn parser() {
    replay("parser");
}

#[test]
fn load() {
    replay("load");
}

#[test]
fn machine() {
    replay("machine");
}

#[test]
fn facts() {
    replay("facts");
}

#[test]
fn plans() {
    replay("plans");
}

#[test]
fn every_target_has_its_file_and_its_corpus() {
    let named: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for place in ["fuzz_targets", "corpus"] {
        let entries = fs::read_dir(folder(place)).unwrap().map(|entry| entry.unwrap().path());
        let there: BTreeSet<String> =
            entries.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(there, named, "fuzz/{place}");
    }
}
