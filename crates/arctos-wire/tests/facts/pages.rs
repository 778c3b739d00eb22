//! The pages of the codes made here: their examples do what they say.

use std::path::Path;

use arctos::Facts;
use arctos_syntax::codes;
use arctos_wire::facts::{Format, Import, ReadLimits};

/// The codes that a file has, read with the limits of the pages.
fn codes_of(format: Format, bytes: &[u8]) -> Vec<&'static str> {
    let limits = ReadLimits { record: 150, id: 40, ..ReadLimits::default() };
    let mut import = Import::onto(&Facts::new()).with_limits(limits);
    import.read(Some("file"), format, bytes);
    match import.finish() {
        Ok(_) => Vec::new(),
        Err(unread) => unread.diagnostics().iter().map(|found| found.code.as_str()).collect(),
    }
}

#[test]
fn every_code_has_a_page_that_tells_the_truth() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let mut seen = 0;
    for code in codes::ALL.iter().filter(|code| code.as_str().starts_with("P09")) {
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
        assert_eq!(page.lines().next(), Some(&*format!("# {code}: {}", code.name())));
        let (mut fails, mut ok) = (0, 0);
        for block in page.split("\n```").filter(|block| !block.starts_with('\n')) {
            let Some((info, text)) = block.split_once('\n') else { continue };
            let Some((format, kind)) = info.split_once(',') else { continue };
            let text = format!("{text}\n");
            let bytes = match format.split_once("-in-") {
                Some((_, "latin1")) => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
                _ => text.into_bytes(),
            };
            let format = Format::of_path(format!("file.{}", format.split('-').next().unwrap())).unwrap();
            let expected: &[&str] = if kind == "fails" { &[code.as_str()] } else { &[] };
            assert_eq!(codes_of(format, &bytes), expected, "{code}, {info}");
            *(if kind == "fails" { &mut fails } else { &mut ok }) += 1;
        }
        assert!(fails > 0 && ok > 0, "{code} lacks an example");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_files_of_the_book_are_good() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/facts.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut facts = Vec::new();
    for (fence, format) in [("\n```jsonl\n", Format::JsonLines), ("\n```csv\n", Format::Csv)] {
        for block in page.split(fence).skip(1) {
            let text = block.split_once("```").unwrap().0;
            let mut import = Import::onto(&Facts::new());
            import.read(Some("has_role.of-users.csv"), format, text.as_bytes());
            let (read, _) = import.finish().unwrap_or_else(|unread| panic!("{unread}"));
            facts.extend(read.iter().map(|fact| fact.to_string()));
        }
    }
    assert_eq!(facts.len(), 8, "{facts:#?}");
    assert!(facts.contains(&r#"in_group(_: User, Group{"everyone"})"#.to_owned()));
    assert!(facts.contains(&r#"has_role(User{"bob"}, "member", Org{"acme"})"#.to_owned()));
}
