//! `cargo xtask test`: every check of the project, in order, with a count at the end.
//!
//! INVARIANT: a step that fails does not stop the others, and the last line is `N passed, N failed`.

mod count;
mod steps;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use lexopt::{Arg, ValueExt};

pub(crate) use count::Count;

/// One step: its name, what it shows, and how to run it.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&mut Count) -> Result<()>,
}

/// What the command line asked for.
#[derive(Default)]
pub(crate) struct Options {
    only: Vec<String>,
    skip: Vec<String>,
    list: bool,
}

impl Options {
    /// Reads the arguments after `test`.
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Options> {
        let mut options = Options::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("only") => options.only.push(step_name(arguments)?),
                Arg::Long("skip") => options.skip.push(step_name(arguments)?),
                Arg::Long("list") => options.list = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, step: &Step) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == step.name);
        (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }
}

fn step_name(arguments: &mut lexopt::Parser) -> Result<String> {
    let name = arguments.value()?.string()?;
    if !steps::ALL.iter().any(|step| step.name == name) {
        bail!("there is no step `{name}`; see cargo xtask test --list");
    }
    Ok(name)
}

/// What became of a step.
struct Outcome {
    name: &'static str,
    count: Count,
    seconds: f32,
    error: Option<String>,
}

/// Runs the steps.
pub(crate) fn main(options: &Options) -> Result<ExitCode> {
    let steps: Vec<&Step> = steps::ALL.iter().filter(|step| options.wants(step)).collect();
    if options.list {
        for step in steps {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let outcomes: Vec<Outcome> =
        steps.iter().enumerate().map(|(index, step)| run(step, index + 1, steps.len())).collect();
    let failed = outcomes.iter().any(|outcome| outcome.error.is_some());
    summarise(&outcomes);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run(step: &Step, number: usize, of: usize) -> Outcome {
    println!("\n==> [{number}/{of}] {}: {}", step.name, step.about);
    let begin = Instant::now();
    let mut count = Count::default();
    let result = (step.run)(&mut count);
    count.settle(result.is_ok());
    let error = result.err().map(|error| format!("{error:#}"));
    if let Some(error) = &error {
        println!("{}: {error}", step.name);
    }
    Outcome { name: step.name, count, seconds: begin.elapsed().as_secs_f32(), error }
}

fn summarise(outcomes: &[Outcome]) {
    println!("\n==> summary");
    let mut total = Count::default();
    for outcome in outcomes {
        let mark = if outcome.error.is_some() { "FAILED" } else { "ok" };
        println!(
            "{:<14} {mark:<7} {:>6} passed {:>4} failed {:>6.0} s",
            outcome.name, outcome.count.passed, outcome.count.failed, outcome.seconds
        );
        total.add(&outcome.count);
    }
    for outcome in outcomes {
        if let Some(error) = &outcome.error {
            println!("{}: {error}", outcome.name);
        }
    }
    println!("{} passed, {} failed", total.passed, total.failed);
}
