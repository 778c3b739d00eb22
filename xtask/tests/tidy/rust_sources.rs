//! Rules about Rust files: headers, the length of functions, words that mean unfinished work, and purity.

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::exceptions::compare;
use crate::tree;

/// A function fits a screen. A test that is a table (calls in a row, nothing that branches) may be longer.
const MOST_LINES: usize = 70;

/// Functions that do not. May only shrink.
const LONG_FUNCTIONS: &[&str] = &["crates/arctos-syntax/tests/families.rs: refused_queries"];

/// Lines with a word that means unfinished work. May only shrink.
const UNFINISHED: &[&str] = &[];

/// What the pure crates may not touch: files, environment, clock, threads, network, standard output.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "thread_local!",
];

/// Where a pure crate touches it all the same. Room that a thread keeps from one decision to the next is nobody else's to
/// see, and a shared pool would cost more than a decision.
const TOUCHES: &[&str] = &["crates/arctos/src/parked.rs: thread_local! {"];

/// Folders of the pure crates.
const PURE: &[&str] = &["crates/arctos-syntax/src/", "crates/arctos/src/"];

#[test]
fn every_file_says_its_purpose() {
    let silent = tree::files_ending(".rs").into_iter().filter(|path| {
        let text = tree::text(path).expect("UTF-8");
        !text.starts_with("//! ") && !text.starts_with("#!")
    });
    compare("a Rust file begins with `//!` and its purpose", silent, &[]);
}

#[test]
fn functions_fit_on_a_screen() {
    let mut long = Vec::new();
    for path in tree::files_ending(".rs") {
        let file = syn::parse_file(&tree::text(&path).expect("UTF-8")).expect("a Rust file");
        let mut lengths = Lengths::default();
        lengths.visit_file(&file);
        for (name, lines) in lengths.found {
            if lines > MOST_LINES {
                println!("{path}: {name} has {lines} lines");
                long.push(format!("{path}: {name}"));
            }
        }
    }
    compare("a function has at most 70 lines", long, LONG_FUNCTIONS);
}

#[test]
fn nothing_is_left_unfinished() {
    // In pieces, so that this file does not find itself.
    let words = [
        ["to", "do!("],
        ["unimpl", "emented!("],
        ["#[ig", "nore"],
        ["FIX", "ME"],
        ["TO", "DO"],
        ["db", "g!("],
    ]
    .map(|pieces| pieces.concat());
    let mut found = Vec::new();
    for path in tree::files() {
        if ![".rs", ".py", ".toml", ".polar", ".pyi"].iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let text = tree::text(&path).expect("UTF-8");
        for line in text.lines().filter(|line| words.iter().any(|word| line.contains(word.as_str()))) {
            found.push(format!("{path}: {}", line.trim()));
        }
    }
    compare("no unfinished work is left standing", found, UNFINISHED);
}

#[test]
fn pure_crates_touch_nothing_outside() {
    let mut found = Vec::new();
    for path in tree::files_ending(".rs") {
        let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
        if is_test || !PURE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let text = tree::text(&path).expect("UTF-8");
        let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        for line in lines.filter(|line| is_impure(line)) {
            found.push(format!("{path}: {}", line.trim()));
        }
    }
    compare("the pure crates touch no file, clock, environment, thread, network or output", found, TOUCHES);
}

fn is_impure(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or("");
    IMPURE.iter().any(|word| {
        code.match_indices(word).any(|(at, _)| {
            let boundary = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            boundary(code.get(..at).and_then(|before| before.chars().next_back()))
                && (word.ends_with('!')
                    || boundary(code.get(at + word.len()..).and_then(|after| after.chars().next())))
        })
    })
}

#[test]
fn impure_lines_are_recognised() {
    assert!(is_impure("use std::fs;"));
    assert!(is_impure("    println!(\"x\");"));
    assert!(is_impure("let t = Instant::now();"));
    assert!(!is_impure("/// println!(\"in an example\")"));
    assert!(!is_impure("fn blueprint!()"));
    assert!(!is_impure("InstantCoffee"));
}

/// True for a test whose body is calls in a row.
fn is_table(function: &syn::ItemFn) -> bool {
    let is_test = function.attrs.iter().any(|attribute| attribute.path().is_ident("test"));
    is_test
        && function.block.stmts.iter().all(|statement| {
            matches!(
                statement,
                syn::Stmt::Macro(_) | syn::Stmt::Expr(syn::Expr::Call(_) | syn::Expr::MethodCall(_), _)
            )
        })
}

/// The length of each function, attributes and documentation apart.
#[derive(Default)]
struct Lengths {
    found: Vec<(String, usize)>,
}

impl Lengths {
    fn add(&mut self, name: &syn::Ident, begin: LineColumn, end: LineColumn) {
        self.found.push((name.to_string(), end.line - begin.line + 1));
    }
}

impl<'ast> Visit<'ast> for Lengths {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if is_table(function) {
            return;
        }
        self.add(&function.sig.ident, function.sig.span().start(), function.block.span().end());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig.ident, function.sig.span().start(), function.block.span().end());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig.ident, function.sig.span().start(), block.span().end());
        }
        visit::visit_trait_item_fn(self, function);
    }
}
