//! The pages about the command line show what it really prints.
//!
//! A fenced block after `<!-- file: policy.polar -->` is written to that file in a folder of the page's own; in `console`
//! blocks each line after `$ ` is run there by `sh`, and each entry after `polar> ` is given to `arctos repl` with the
//! entries before it. `UPDATE_EXPECT=1` writes what was printed into the page.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;

#[test]
fn the_page_about_commands() {
    check_page("cli.md");
}

#[test]
fn the_page_about_the_prompt() {
    check_page("repl.md");
}

#[test]
fn the_page_about_tests() {
    check_page("testing.md");
}

#[test]
fn the_page_about_filters() {
    check_page("filters.md");
}

#[test]
fn the_page_about_explanations() {
    check_page("explanations.md");
}

fn check_page(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let page = fs::read_to_string(&path).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("docs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let rerun = rerun_page(&page, &folder);
    expect_file![path].assert_eq(&rerun);
}

/// The page with the console blocks as they come out now.
fn rerun_page(page: &str, folder: &Path) -> String {
    let mut rerun = String::new();
    let mut blocks = 0;
    let mut file = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        rerun.push_str(line);
        rerun.push('\n');
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
            file = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->"));
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some(file) = file.take() {
            fs::write(folder.join(file), block.join("\n") + "\n").unwrap();
        }
        let shown = if info == "console" {
            blocks += 1;
            rerun_block(&block, folder)
        } else {
            block.iter().map(|line| format!("{line}\n")).collect()
        };
        rerun.push_str(&shown);
        rerun.push_str("```\n");
    }
    assert!(blocks > 0, "the page has no console block");
    rerun
}

fn rerun_block(block: &[&str], folder: &Path) -> String {
    let mut shown = String::new();
    let mut repl = None;
    let mut entries = String::new();
    let mut before = String::new();
    let mut status = 0;
    let mut lines = block.iter();
    while let Some(line) = lines.next() {
        if let Some(command) = line.strip_prefix("$ ") {
            shown.push_str(&format!("{line}\n"));
            repl = command.starts_with("arctos repl").then_some(command);
            if repl.is_none() {
                let (text, code) = sh(&format!("(exit {status}); {command}"), "", folder);
                shown.push_str(&text);
                status = code;
            }
        } else if let Some(first) = line.strip_prefix("polar> ") {
            let mut entry = first.to_owned();
            while !arctos_cli::repl::is_finished(&entry) {
                entry.push('\n');
                entry.push_str(lines.next().expect("the entry goes on"));
            }
            entries.push_str(&format!("{entry}\n"));
            let (text, _) = sh(repl.expect("a line with `arctos repl`"), &entries, folder);
            let new = text.strip_prefix(&before).expect("earlier entries print the same again");
            shown.push_str(&format!("polar> {entry}\n{new}"));
            before = text;
        }
    }
    shown
}

/// What a command prints, errors included, and its exit code.
fn sh(command: &str, stdin: &str, folder: &Path) -> (String, i32) {
    let program = Path::new(env!("CARGO_BIN_EXE_arctos")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    fs::write(folder.join(".stdin"), stdin).unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1 <.stdin\n{command}")])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}
