//! Every file under `corpus/`, put to the machine and to the reference.
//!
//! With `UPDATE_CORPUS=1` expectations become what the machine says; read the difference before you keep it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use arctos_testkit::corpus::File;
use arctos_testkit::plans::{Tally, compare};
use arctos_testkit::run::{Runner, run, world_of};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "test") {
            found.push(entry);
        }
    }
}

fn all() -> Vec<(PathBuf, File)> {
    let mut found = Vec::new();
    files(&corpus(), &mut found);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let file = File::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, file)
    };
    found.into_iter().map(read).collect()
}

fn check(runner: Runner) {
    let update = std::env::var_os("UPDATE_CORPUS").is_some_and(|value| value == "1");
    let mut failed = 0;
    for (path, mut file) in all() {
        if !file.runs(runner.name()) {
            continue;
        }
        let update = update && runner == Runner::Machine;
        let mismatches =
            run(&mut file, runner, update).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for mismatch in &mismatches {
            failed += 1;
            eprintln!("{} ({})\n{mismatch}", path.strip_prefix(corpus()).unwrap().display(), runner.name());
        }
        if update {
            fs::write(&path, file.render()).unwrap();
        }
    }
    assert_eq!(failed, 0, "expectations not met by the {}", runner.name());
}

#[test]
fn the_machine_meets_the_corpus() {
    check(Runner::Machine);
}

#[test]
fn the_reference_meets_the_corpus() {
    check(Runner::Reference);
}

#[test]
fn plans_decide_the_corpus_as_the_machine_does() {
    let mut tally = Tally::default();
    for (path, file) in all() {
        if !file.runs("machine") {
            continue;
        }
        let world = world_of(&file).unwrap();
        for section in file.of_kind("query") {
            let verdict = compare(&world, &file.policies(), &section.argument);
            tally.count(verdict, || format!("{}: {}", path.display(), section.argument));
        }
    }
    println!("plans: {tally:?}");
    assert!(tally.differences.is_empty(), "they differ:\n\n{}", tally.differences.join("\n\n"));
    assert!(tally.decided.iter().all(|count| *count > 50), "plans decide too little to mean much");
}

#[test]
fn the_corpus_is_written_as_it_is_read() {
    for (path, file) in all() {
        assert_eq!(File::parse(&file.render()).unwrap(), file, "{}", path.display());
    }
}
