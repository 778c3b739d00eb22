//! The instructions that a decision of Arctos costs, compared with the committed figures: `instructions [--update]`.
//!
//! `count` runs twice under valgrind's callgrind, with N and with 2 N questions; the difference is what N decisions cost,
//! without setting up and without what the first questions warm up. The figures are repeatable to well under one in a
//! hundred, which no time on a shared machine is. They belong to one compiler and one standard library: after a change
//! of these, `--update`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use arctos_bench::{ALL, Ours};

/// A workload may cost so much more than its committed figure.
const MARGIN: f64 = 1.10;

fn main() -> Result<ExitCode> {
    let update = env::args().skip(1).any(|argument| argument == "--update");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.toml");
    let committed = read(&file)?;
    let mut measured = BTreeMap::new();
    let mut worse = Vec::new();
    println!("| workload | instructions a decision | committed | change |\n|---|--:|--:|--:|");
    for ours in ALL.iter().flat_map(|workload| workload.ours) {
        let now = per_decision(ours)?;
        let before = committed.get(ours.id).copied();
        let change = before.map_or_else(String::new, |before| {
            format!("{:+.1} %", (now as f64 / before as f64 - 1.0) * 100.0)
        });
        let shown = before.map_or_else(|| "none".to_owned(), |before| before.to_string());
        println!("| {} | {now} | {shown} | {change} |", ours.id);
        if before.is_none_or(|before| now as f64 > before as f64 * MARGIN) {
            worse.push(ours.id);
        }
        measured.insert(ours.id.to_owned(), now);
    }
    if update {
        write(&file, &measured)?;
        return Ok(ExitCode::SUCCESS);
    }
    if worse.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} cost over {:.0} % more instructions than committed (or have no figure yet); if that is meant: \
         cargo xtask bench --instructions --update",
        worse.join(", "),
        (MARGIN - 1.0) * 100.0
    );
    Ok(ExitCode::FAILURE)
}

fn read(file: &Path) -> Result<BTreeMap<String, u64>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{}", file.display()))
}

fn write(file: &Path, figures: &BTreeMap<String, u64>) -> Result<()> {
    let head = "# Instructions that one decision of Arctos costs, by valgrind's callgrind, on x86-64.\n\
                # Written by `cargo xtask bench --instructions --update`; `cargo xtask test` fails beyond 10 % more.\n";
    fs::write(file, format!("{head}{}\n", toml::to_string(figures)?.trim_end()))?;
    Ok(())
}

/// What one decision costs.
fn per_decision(ours: &Ours) -> Result<u64> {
    let once = counted(ours, ours.times)?;
    let twice = counted(ours, 2 * ours.times)?;
    Ok(twice.saturating_sub(once) / ours.times as u64)
}

/// The instructions of a whole run with that many questions.
fn counted(ours: &Ours, questions: usize) -> Result<u64> {
    let profile = env::temp_dir().join(format!("arctos-callgrind-{}-{questions}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(beside("count")?)
        .args([ours.id, &questions.to_string()])
        .output()
        .context("cannot run valgrind")?;
    if !output.status.success() {
        bail!("valgrind failed\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = fs::read_to_string(&profile)?;
    fs::remove_file(&profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")).context("no total")?;
    total.trim().parse().context("no total")
}

/// The program of that name that was built with this one.
fn beside(name: &str) -> Result<PathBuf> {
    let here = env::current_exe()?;
    Ok(here.with_file_name(name))
}
