//! The parser ends, whatever it is given: trees survive printing, garbage and torn texts do not panic, deep and long
//! texts are answered by a typed error or a tree on a small stack.

mod generate;

use arctos_syntax::format::print_file;
use arctos_syntax::{SourceId, Sources, codes, dump_tokens, dump_tree, parse, parse_query, render};
use generate::Random;

/// Parses, and does with the result everything that walks it.
fn exercise(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add(Some("a.polar"), text);
    let parsed = parse(id, text);
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end as usize <= text.len());
        assert!(!diagnostic.message.is_empty());
    }
    render::human(&parsed.diagnostics, &sources, false);
    render::json(&parsed.diagnostics, &sources);
    render::github(&parsed.diagnostics, &sources);
    parsed.diagnostics.iter().for_each(|diagnostic| drop(render::classic(diagnostic, &sources)));
    print_file(&parsed.tree);
    dump_tree(&parsed.tree);
    let query = parse_query(id, text);
    assert!(query.tree.is_some() || !query.diagnostics.is_empty(), "no tree and no reason: {text:?}");
}

#[test]
fn printing_and_parsing_again_gives_the_same_tree() {
    for seed in 0..3000 {
        let tree = Random(seed).file();
        let text = print_file(&tree);
        let parsed = parse(SourceId(0), &text);
        assert!(parsed.diagnostics.is_empty(), "seed {seed}: {:#?}\n{text}", parsed.diagnostics);
        assert_eq!(
            without_spans(&dump_tree(&parsed.tree)),
            without_spans(&dump_tree(&tree)),
            "seed {seed}\n{text}"
        );
        assert_eq!(print_file(&parsed.tree), text, "seed {seed}");
    }
}

fn without_spans(dump: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((before, span)) if span.contains("..") && !span.contains('"') => before.to_owned(),
        _ => line.to_owned(),
    };
    dump.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn garbage_and_token_soup() {
    for seed in 0..1500 {
        let mut random = Random(seed);
        let length = 1 + random.below(120);
        exercise(&random.soup(length));
        exercise(&random.garbage(length));
    }
}

#[test]
fn texts_torn_at_every_byte() {
    for text in [include_str!("policies/classic.polar"), include_str!("policies/facts.polar")] {
        for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
            exercise(&text[..end]);
        }
    }
}

#[test]
fn texts_with_one_token_missing_or_doubled() {
    let text = include_str!("policies/classic.polar");
    let tokens = dump_tokens(SourceId(0), text).lines().count();
    let words: Vec<&str> = text.split_inclusive([' ', '(', ')', ',', ';', '\n']).collect();
    assert!(tokens > 100 && words.len() > 100);
    for skip in 0..words.len() {
        let without: String =
            words.iter().enumerate().filter(|&(i, _)| i != skip).map(|(_, word)| *word).collect();
        exercise(&without);
        let doubled: String =
            words.iter().enumerate().map(|(i, word)| word.repeat(1 + usize::from(i == skip))).collect();
        exercise(&doubled);
    }
}

/// On a thread with the default stack of threads, as a binding may call us.
fn on_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()), "see the message above");
}

fn codes_of(text: &str) -> Vec<&'static str> {
    parse(SourceId(0), text).diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}

#[test]
fn deep_nesting_is_one_error() {
    on_small_stack(|| {
        let n = 20_000;
        let deep = [
            format!("f(x) if {}x{};", "(".repeat(n), ")".repeat(n)),
            format!("f(x) if x = {}x{};", "[".repeat(n), "]".repeat(n)),
            format!("f({}x{});", "[".repeat(n), "]".repeat(n)),
            format!("f(x) if x = {}1{};", "{a: ".repeat(n), "}".repeat(n)),
            format!("f(x) if {}x{};", "f(".repeat(n), ")".repeat(n)),
            format!("f(x) if {}x{};", "not (".repeat(n), ")".repeat(n)),
            format!("f(x) if {}x{};", "a or b and not c = d < e + f * (".repeat(n), ")".repeat(n)),
            format!("f(x: {}1{});", "[".repeat(n), "]".repeat(n)),
            format!("f(x: {}1{});", "A{a: ".repeat(n), "}".repeat(n)),
            format!("f(x) if x = {}1{};", "x.(".repeat(n), ")".repeat(n)),
            format!("f(x) if x{};", ".a".repeat(n)),
            format!("f(x) if x = 1{};", " + 1".repeat(n)),
            format!("f(x) if x = 1{};", " * 1".repeat(n)),
            format!("resource A {{ \"a\" if {}\"b\"{}; }}", "(".repeat(n), ")".repeat(n)),
            "resource A {\n".repeat(n),
            format!("f(x) if {}", "(".repeat(n)),
            format!("f(x) if {}", "[(".repeat(n)),
        ];
        for text in deep {
            let codes = codes_of(&text);
            assert!(
                codes.contains(&"P0110") || text.starts_with("f(x) if x = x."),
                "{:?} of {:.60}",
                codes,
                text
            );
            let expected = if text.starts_with("resource A {\n") { 2 } else { 1 };
            assert_eq!(codes.len(), expected, "{codes:?} of {text:.60}");
        }
    });
}

#[test]
fn what_is_under_the_limits_parses_and_prints_on_a_small_stack() {
    on_small_stack(|| {
        let texts = [
            format!("f(x) if {}x{};", "(".repeat(120), ")".repeat(120)),
            format!("f(x) if {}x{};", "not (".repeat(60), ")".repeat(60)),
            format!("f(x) if x = 1{};", " + 1".repeat(490)),
            format!("f(x) if x{};", ".a".repeat(490)),
            format!("f(x) if {}x = 1 + 1{};", "(a or b and not (".repeat(24), "))".repeat(24)),
            format!("f(x: {}1{});", "[".repeat(120), "]".repeat(120)),
        ];
        for text in texts {
            let parsed = parse(SourceId(0), &text);
            assert!(parsed.diagnostics.is_empty(), "{:?} of {text:.60}", parsed.diagnostics);
            let printed = print_file(&parsed.tree);
            assert!(parse(SourceId(0), &printed).diagnostics.is_empty());
            dump_tree(&parsed.tree);
        }
    });
}

#[test]
fn long_texts_are_fine() {
    on_small_stack(|| {
        let n = 20_000;
        let long = [
            "allow(user, \"read\", repo: Repo) if user.id = repo.owner_id and repo.open;\n".repeat(n),
            format!("f(x) if x{};", " and x".repeat(n)),
            format!("f(x) if x{};", " or x".repeat(n)),
            format!("f(x) if x{};", " or x and x".repeat(n)),
            format!("f(x) if x in [1{}];", ", 1".repeat(n)),
            format!("f(x) if g(1{});", ", 1".repeat(n)),
            format!("f(x) if x = {{{}}};", (0..n).map(|i| format!("a{i}: 1,")).collect::<String>()),
            format!(
                "f(x) if x = new A({});",
                (0..n).map(|i| format!("a{i}: 1")).collect::<Vec<_>>().join(",")
            ),
            format!("f(\"{}\");", "long ".repeat(n)),
        ];
        for text in long {
            let parsed = parse(SourceId(0), &text);
            assert!(parsed.diagnostics.is_empty(), "{:.100}", format!("{:?}", parsed.diagnostics));
        }
    });
}

#[test]
fn every_line_wrong_is_told_once_each() {
    let text = "f(x) if g(x;\n".repeat(500);
    let parsed = parse(SourceId(0), &text);
    assert_eq!(parsed.diagnostics.len(), 500);
    assert!(parsed.diagnostics.iter().all(|diagnostic| diagnostic.code == codes::UNEXPECTED_TOKEN));
}
