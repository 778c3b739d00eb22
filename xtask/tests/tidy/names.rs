//! Rules about the names of files.

use std::path::Path;

use crate::tree;

/// Names that say nothing about what is in a file.
const EMPTY_WORDS: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "manager", "stuff"];

/// Documents at the door have the names that everyone looks for.
fn is_door(path: &str) -> bool {
    !path.contains('/') || path.ends_with("/README.md")
}

#[test]
fn files_are_named_in_the_fields_words() {
    for path in tree::files() {
        let stem = Path::new(&path).file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(!EMPTY_WORDS.contains(&&*stem), "{path}: name it after what it does");
        let generation = stem.strip_suffix(|c: char| c.is_ascii_digit()).filter(|_| path.ends_with(".rs"));
        assert!(generation.is_none(), "{path}: replace the old one instead of numbering a new one");
    }
}

#[test]
fn names_are_spelled_one_way() {
    for path in tree::files() {
        let stem = Path::new(&path).file_stem().expect("a name").to_string_lossy().into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        assert!(
            path.split('/').all(|part| part.chars().all(plain)),
            "{path}: letters, digits, `-` and `_` only"
        );
        if path.ends_with(".rs") || path.ends_with(".py") {
            let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(stem.chars().all(snake), "{path}: snake_case");
        }
        if path.starts_with("docs/") && path.ends_with(".md") && !is_door(&path) {
            let is_code = stem.starts_with('P') && stem.len() == 5;
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(is_code || stem.chars().all(kebab), "{path}: lower case with hyphens");
        }
    }
}
