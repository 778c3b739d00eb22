//! Rules about documents: links resolve, every diagnostic has its page, the changelog is kept.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::tree;

#[test]
fn links_resolve() {
    let mut broken = Vec::new();
    for path in tree::files_ending(".md") {
        let text = tree::text(&path).expect("UTF-8");
        for target in links(&text) {
            if let Some(problem) = problem_with(&path, &target) {
                broken.push(format!("{path}: {target}: {problem}"));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:#?}");
}

#[test]
fn every_diagnostic_has_its_page() {
    let codes = codes();
    let pages: BTreeSet<String> = tree::files()
        .iter()
        .filter_map(|path| path.strip_prefix("docs/diagnostics/")?.strip_suffix(".md").map(str::to_owned))
        .filter(|name| is_code(name))
        .collect();
    let missing: Vec<&String> = codes.difference(&pages).collect();
    let orphaned: Vec<&String> = pages.difference(&codes).collect();
    assert!(missing.is_empty(), "codes without docs/diagnostics/<code>.md: {missing:?}");
    assert!(orphaned.is_empty(), "pages of codes that do not exist: {orphaned:?}");
}

#[test]
fn every_page_is_in_the_index() {
    let index = tree::text("docs/README.md").expect("UTF-8");
    let linked: BTreeSet<String> =
        links(&index).iter().map(|target| beside("docs/README.md", target)).collect();
    let lost: Vec<String> = tree::files_ending(".md")
        .into_iter()
        .filter(|path| path.starts_with("docs/") && !path.starts_with("docs/diagnostics/"))
        .filter(|path| path != "docs/README.md" && !linked.contains(path))
        .collect();
    assert!(lost.is_empty(), "pages that docs/README.md does not lead to: {lost:?}");
}

#[test]
fn the_changelog_has_room_for_the_next_change() {
    let changelog = tree::text("CHANGELOG.md").expect("UTF-8");
    assert!(changelog.contains("\n## Unreleased\n"), "CHANGELOG.md has a section `## Unreleased`");
}

#[test]
fn the_project_stands_alone() {
    // In pieces, so that this file does not find itself.
    let words = [["/wo", "rk/"], ["../sh", "ared"], ["BRIEF", ".md"]].map(|pieces| pieces.concat());
    for path in tree::files() {
        let Some(text) = tree::text(&path) else { continue };
        for word in &words {
            assert!(!text.contains(word.as_str()), "{path} mentions {word}");
        }
    }
}

/// The codes that the syntax crate declares.
fn codes() -> BTreeSet<String> {
    let declared = tree::text("crates/arctos-syntax/src/codes.rs").expect("UTF-8");
    let codes: BTreeSet<String> = declared
        .lines()
        .filter(|line| line.contains(" = \"P"))
        .filter_map(|line| line.split('"').nth(1))
        .filter(|text| is_code(text))
        .map(str::to_owned)
        .collect();
    assert!(codes.len() > 5, "codes are declared there");
    codes
}

fn is_code(text: &str) -> bool {
    text.strip_prefix('P')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The targets of `[text](target)`, outside code.
fn links(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(markdown) {
        let mut rest = &*line;
        while let Some(at) = rest.find("](") {
            rest = rest.get(at + 2..).unwrap_or("");
            if let Some(target) = rest.split(')').next() {
                found.push(target.to_owned());
            }
        }
    }
    found
}

/// The lines outside fenced blocks, without `code`.
fn prose(markdown: &str) -> Vec<String> {
    let mut in_fence = false;
    let mut lines = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        } else if !in_fence {
            lines.push(line.split('`').step_by(2).collect::<Vec<_>>().join(""));
        }
    }
    lines
}

/// Why a link of the document at `path` does not resolve.
fn problem_with(path: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let linked = if file.is_empty() { path.to_owned() } else { beside(path, file) };
    if !tree::exists(&linked) {
        return Some("there is no such file".to_owned());
    }
    if anchor.is_empty() || !linked.ends_with(".md") {
        return None;
    }
    let text = tree::text(&linked).expect("UTF-8");
    (!anchors(&text).contains(anchor)).then(|| "there is no such heading".to_owned())
}

/// The path of a file that is named from beside another.
fn beside(path: &str, file: &str) -> String {
    let mut whole = PathBuf::new();
    for part in Path::new(path).parent().expect("a folder").join(file).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::Normal(name) => whole.push(name),
            _ => {}
        }
    }
    whole.to_string_lossy().replace('\\', "/")
}

/// The anchors that headings get: lower case, spaces to hyphens, punctuation dropped.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let mut in_fence = false;
    let mut found = BTreeSet::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence || !line.starts_with('#') {
            continue;
        }
        let kept = |c: char| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => c.to_lowercase().next(),
            _ => None,
        };
        found.insert(line.trim_start_matches('#').trim().chars().filter_map(kept).collect());
    }
    found
}

#[test]
fn links_and_anchors_are_found() {
    let text = "# A `b` c!\n\nsee [x](y.md#z) `[not](this)`\n```\n[nor](that)\n# no heading\n```\n";
    assert_eq!(links(text), ["y.md#z"]);
    assert_eq!(anchors(text), BTreeSet::from(["a-b-c".to_owned()]));
    assert_eq!(beside("docs/a/b.md", "../c.md"), "docs/c.md");
}
