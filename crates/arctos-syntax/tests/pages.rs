//! Each code of the parser has a page under `docs/diagnostics`, whose first block produces the code and whose second
//! produces no error.

use std::fs;
use std::path::Path;

use arctos_syntax::{Code, SourceId, codes, parse};

fn parser_codes() -> impl Iterator<Item = Code> {
    codes::ALL.iter().copied().filter(|code| code.as_str().starts_with("P01"))
}

fn block<'a>(page: &'a str, fence: &str) -> &'a str {
    let (_, after) = page.split_once(&format!("```{fence}\n")).unwrap_or_default();
    after.split_once("```").unwrap_or_default().0
}

#[test]
fn each_code_has_a_page_that_tells_the_truth() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let mut seen = 0;
    for code in parser_codes() {
        let path = folder.join(format!("{code}.md"));
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(page.lines().next(), Some(format!("# {code}: {}", code.name()).as_str()));
        let (fails, ok) = (block(&page, "polar,fails"), block(&page, "polar,ok"));
        assert!(!fails.is_empty() && !ok.is_empty(), "{code} lacks a block");
        let found: Vec<Code> = parse(SourceId(0), fails).diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(found, [code], "the wrong example of {code}");
        let corrected = parse(SourceId(0), ok).diagnostics;
        assert!(corrected.is_empty(), "the corrected example of {code}: {corrected:?}");
        seen += 1;
    }
    assert!(seen >= 15);
}

#[test]
fn codes_are_unique_and_in_order() {
    let all: Vec<&str> = codes::ALL.iter().map(|code| code.as_str()).collect();
    assert!(all.is_sorted());
    let mut names: Vec<&str> = codes::ALL.iter().map(|code| code.name()).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
}
