//! `cargo xtask fuzz`: texts and policies at random, steered by what they reach.
//!
//! The targets are in `fuzz/`, a workspace of its own, and what they do in `arctos-testkit`; this builds and runs them. What a
//! run finds new it keeps under `target/`; `--keep` makes the committed corpora of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, ValueExt};

use crate::command::Run;
use crate::paths;

/// Seconds for each target, if nothing is said.
const SECONDS: u64 = 60;
/// The longest input, in bytes. Small inputs are read by people and replayed by every `cargo test`.
const LONGEST: &str = "-max_len=2048";

/// What the command line asked for.
pub(crate) struct Options {
    targets: Vec<String>,
    seconds: u64,
    keep: bool,
}

impl Options {
    /// Reads the arguments after `fuzz`.
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Options> {
        let all = targets()?;
        let mut options = Options { targets: Vec::new(), seconds: SECONDS, keep: false };
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("seconds") => options.seconds = arguments.value()?.parse()?,
                Arg::Long("keep") => options.keep = true,
                Arg::Value(target) => {
                    let target = target.string()?;
                    if !all.contains(&target) {
                        bail!("there is no target `{target}`; there are {}", all.join(", "));
                    }
                    options.targets.push(target);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if options.targets.is_empty() {
            options.targets = all;
        }
        Ok(options)
    }
}

/// Fuzzes.
pub(crate) fn main(options: &Options) -> Result<ExitCode> {
    let version = Run::new("cargo").args(["+nightly", "fuzz", "--version"]).read();
    version.context("needs `rustup toolchain install nightly` and `cargo install cargo-fuzz`")?;
    for target in &options.targets {
        if options.keep { keep(target)? } else { run(target, options.seconds)? }
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join("fuzz_targets"))? {
        names.extend(entry?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn folder() -> PathBuf {
    paths::root().join("fuzz")
}

/// The committed corpus of a target.
fn corpus(target: &str) -> PathBuf {
    folder().join("corpus").join(target).with_extension("txt")
}

/// What runs have found new, in a folder that is there.
fn found(target: &str) -> Result<PathBuf> {
    let found = paths::made("fuzz").join(target);
    fs::create_dir_all(&found)?;
    Ok(found)
}

/// A folder that is empty.
fn emptied(name: &str) -> Result<PathBuf> {
    let folder = paths::made("fuzz").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Turns a committed corpus into a folder (`unpack`), or a folder into the corpus (`pack`).
fn convert(what: &str, target: &str, folder: &Path) -> Result<()> {
    let run =
        Run::cargo().args(["run", "--quiet", "--package", "arctos-testkit", "--example", "fuzz_corpus"]);
    run.args(["--", what]).args([&*corpus(target), folder]).check()
}

fn unpacked(target: &str) -> Result<PathBuf> {
    let folder = emptied("unpacked")?;
    convert("unpack", target, &folder)?;
    Ok(folder)
}

/// The fuzzer over these folders; the first one takes what is new.
fn fuzzer(target: &str, folders: &[&Path]) -> Run {
    Run::new("cargo")
        .args(["+nightly", "fuzz", "run", target])
        .args(folders)
        .args(["--", "-rss_limit_mb=4096", "-timeout=30", LONGEST])
        .env("CARGO_TARGET_DIR", paths::target())
}

/// Whole corpus files are inputs of `load`; the others begin with their own corpus alone.
fn run(target: &str, seconds: u64) -> Result<()> {
    let (found, corpus, cases) = (found(target)?, unpacked(target)?, paths::root().join("corpus"));
    let folders = [&*found, &*corpus, &*cases];
    let run = fuzzer(target, if target == "load" { &folders } else { &folders[..2] });
    run.arg(format!("-max_total_time={seconds}")).arg(format!("-dict={}", dictionary().display())).check()
}

fn dictionary() -> PathBuf {
    folder().join("polar.dict")
}

/// Makes the committed corpus anew: a few inputs that together reach all that the old ones and the new ones reach.
fn keep(target: &str) -> Result<()> {
    let (found, corpus, merged) = (found(target)?, unpacked(target)?, emptied("merged")?);
    // Which code is reached, not how often: that is a tenth of the inputs.
    fuzzer(target, &[&merged, &corpus, &found]).args(["-set_cover_merge=1", "-use_counters=0"]).check()?;
    convert("pack", target, &merged)
}
