//! `cargo xtask bench`: Arctos beside its peers, and the instructions that its decisions cost.
//!
//! The measuring itself is in `benches/`, a workspace of its own; this builds and runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use lexopt::{Arg, ValueExt};

use crate::apt;
use crate::command::Run;
use crate::demo::packages;
use crate::paths;
use crate::python::{self, Venv};

/// What the command line asked for.
#[derive(Default)]
pub(crate) struct Options {
    quick: bool,
    only: Vec<String>,
    python: bool,
    instructions: bool,
    update: bool,
}

impl Options {
    /// Reads the arguments after `bench`.
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Options> {
        let mut options = Options::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("quick") => options.quick = true,
                Arg::Long("only") => options.only.push(arguments.value()?.string()?),
                Arg::Long("python") => options.python = true,
                Arg::Long("instructions") => options.instructions = true,
                Arg::Long("update") => options.update = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Measures.
pub(crate) fn main(options: &Options) -> Result<ExitCode> {
    if options.instructions && options.python {
        python_instructions()?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.instructions {
        instructions(options.update)?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.python {
        python(options.quick)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Where `oso` does not end, the run waits so long for it.
    let run = release("bench").args(["--features", "peers", "--"]).env("POLAR_TIMEOUT_MS", "10000");
    let run = if options.quick { run.arg("--quick") } else { run };
    let only = options.only.iter().flat_map(|names| ["--only", names]);
    run.args(only).check()?;
    Ok(ExitCode::SUCCESS)
}

/// Counts the instructions of a decision in each workload: fails where one costs more than 10 % above the committed
/// figure, or writes the figures anew.
pub(crate) fn instructions(update: bool) -> Result<()> {
    install_valgrind()?;
    // `count` has to stand beside it; a plain build makes both.
    Run::cargo().args(["build", "--release", "--locked", "--manifest-path"]).arg(manifest()).check()?;
    let run = release("instructions").arg("--");
    (if update { run.arg("--update") } else { run }).check()
}

fn install_valgrind() -> Result<()> {
    if Run::new("valgrind").arg("--version").read().is_err() {
        println!("there is no valgrind here; asking apt-get for it");
        apt::update().and_then(|()| apt::install("valgrind")).context("install valgrind")?;
    }
    Ok(())
}

/// The wheel and those of the peers.
fn wheels(folder: &Path) -> Result<Venv> {
    let requirements = fs::read_to_string(folder.join("requirements.txt"))?;
    let venv = Venv::with("bench", &packages(&requirements))?;
    venv.install_wheel(python::wheel()?)?;
    Ok(venv)
}

/// Counts the instructions of a decision from Python, and those of its attribute reads in plain Python.
fn python_instructions() -> Result<()> {
    install_valgrind()?;
    let folder = paths::benches().join("python");
    let venv = wheels(&folder)?;
    for workload in ["W1", "W2"] {
        let count =
            |what: &str, decisions: &str| instructions_of(&venv, &folder, &[workload, what, decisions]);
        let of_one =
            |what: &str| -> Result<i64> { Ok((count(what, "12000")? - count(what, "2000")?) / 10_000) };
        let nothing = of_one("nothing")?;
        let (arctos, reads) = (of_one("arctos")? - nothing, of_one("reads")? - nothing);
        println!("{workload} from Python: {arctos} instructions a decision; attribute reads alone {reads}");
    }
    Ok(())
}

/// The instructions of a whole run of `count.py`.
fn instructions_of(venv: &Venv, folder: &Path, arguments: &[&str]) -> Result<i64> {
    let out = paths::made("python.callgrind");
    let run = Run::new("valgrind").args(["--tool=callgrind", "--quiet"]);
    let run = run.arg(format!("--callgrind-out-file={}", out.display())).arg(venv.bin("python"));
    run.arg("count.py").args(arguments).env("PYTHONHASHSEED", "0").current_dir(folder).read()?;
    let profile = fs::read_to_string(&out)?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    total.context("callgrind has left no total")?.trim().parse().context("callgrind's total")
}

/// The wheel beside those of the peers, over plain Python objects.
fn python(quick: bool) -> Result<()> {
    let folder = paths::benches().join("python");
    let venv = wheels(&folder)?;
    let turns = paths::made("python-turns.json");
    let run = venv.python().arg("bench.py").arg(&turns).current_dir(folder);
    (if quick { run.arg("--quick") } else { run }).check()?;
    let run = release("tables").arg("--").arg(turns);
    (if quick { run } else { run.arg("--keep") }).check()
}

/// A program of the workspace.
fn release(program: &str) -> Run {
    Run::cargo().args(["run", "--release", "--locked", "--bin", program, "--manifest-path"]).arg(manifest())
}

fn manifest() -> PathBuf {
    paths::benches().join("Cargo.toml")
}
