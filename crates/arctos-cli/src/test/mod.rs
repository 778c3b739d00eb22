//! `arctos test`: the tests that stand in policies, and their inline queries.
//!
//! `suite` finds and loads what is to be tested, `running` runs it, `report` prints what came of it in one of the formats.
//!
//! INVARIANT: the status is good only when something was run and all of it holds.

mod coverage;
mod mutants;
mod report;
mod running;
mod suite;
mod watching;

use crate::args::{TestArgs, TestFormat};
use crate::clock::unix_time;
use crate::output::{Failure, Output, Status};
use crate::schema::Declared;

use running::{Results, run_all};
use suite::Suite;

/// Runs the tests in the files and prints what came of them; with `--watch` again and again.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &TestArgs, output: &Output) -> Result<Status, Failure> {
    if args.watch { watching::run(args, output) } else { once(args, output) }
}

/// How tests are run.
pub(crate) struct Settings<'a> {
    declared: Declared,
    filter: Option<&'a str>,
    /// `@current_unix_time` of tests that set none.
    unix_time: i64,
    /// What `print` in a policy prints goes to stderr, since stdout is for machines.
    print_to_stderr: bool,
    /// What the tests exercise is recorded.
    records: bool,
    output: &'a Output,
}

fn once(args: &TestArgs, output: &Output) -> Result<Status, Failure> {
    let settings = Settings {
        declared: Declared::read(&args.classes)?,
        filter: args.filter.as_deref(),
        unix_time: args.time.unwrap_or_else(unix_time),
        print_to_stderr: args.format != TestFormat::Human,
        records: args.coverage.is_some(),
        output,
    };
    let mut results = run_all(&suite::find(&args.files, &args.policy)?, &settings);
    if args.mutants {
        let tried = mutants::run(&results, &settings);
        results.mutants = tried.map_err(|error| Failure::usage(error.message()))?;
    }
    report::print(&results, args.format, output)?;
    if args.mutants && results.mutants.is_none() {
        output.note("no change was tried: before all tests pass, it would tell nothing")?;
    }
    coverage::report(&results, args, output)?;
    status(&results, args)
}

fn status(results: &Results, args: &TestArgs) -> Result<Status, Failure> {
    if results.broken() > 0 {
        return Ok(Status::NotDone);
    }
    if results.run() == 0 && !args.allow_empty {
        return Err(Failure::usage(match &args.filter {
            Some(filter) => format!("no test has `{filter}` in its name"),
            None => "there is no test and no inline query in these files".to_owned(),
        }));
    }
    let unnoticed = results.mutants.as_ref().map_or(0, |mutants| mutants.survivors.len());
    Ok(if results.failed() + unnoticed == 0 { Status::Good } else { Status::Negative })
}
