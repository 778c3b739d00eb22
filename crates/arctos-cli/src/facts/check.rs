//! `arctos facts check`: what is in files of facts, and what the policy can never ask for.

use arctos::Facts;
use arctos_syntax::render;
use arctos_wire::ImportReport;
use arctos_wire::facts::{Import, Imported, ReadLimits, Unread};

use super::{Files, Unloaded};
use crate::args::FactsCheckArgs;
use crate::check::counted;
use crate::loading;
use crate::output::{Failure, Output, Paint, Status};
use crate::query::report;

/// Checks the files and prints what they have, or all that is wrong with them.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &FactsCheckArgs, output: &Output) -> Result<Status, Failure> {
    let policy = match loading::load_over_facts(&args.policy)? {
        Ok(policy) => policy,
        Err(error) => {
            report(&error.into(), args.json, output)?;
            return Ok(Status::NotDone);
        }
    };
    // Whoever checks a file wants to know of every line that is wrong.
    let limits = ReadLimits { problems: usize::MAX, ..ReadLimits::default() };
    let import = Import::onto(&Facts::new()).for_policy(&policy).with_limits(limits);
    match super::read(Files { paths: &args.files, format: args.facts_format }, import) {
        Ok(loaded) => {
            print(&loaded.imported, args, output)?;
            Ok(Status::Good)
        }
        Err(Unloaded::Unread(unread)) => {
            print_problems(&unread, args, output)?;
            Ok(Status::Negative)
        }
        Err(Unloaded::Failure(failure)) => Err(failure),
    }
}

fn print(imported: &Imported, args: &FactsCheckArgs, output: &Output) -> Result<(), Failure> {
    let counts = ImportReport::of(imported);
    if args.json {
        return Ok(output.line(&json(&counts))?);
    }
    let name = |count: &arctos_wire::FactCount<'_>| format!("{}/{}", count.predicate, count.arguments);
    let width = counts.predicates().iter().map(|count| name(count).chars().count()).max().unwrap_or(0);
    for count in counts.predicates() {
        output.line(&format!("{:width$}  {}", name(count), count.facts))?;
    }
    let mut parts =
        vec![format!("{} in {}", counted(imported.records, "fact"), counted(args.files.len(), "file"))];
    let more = [
        (imported.repeated, "of them repeated"),
        (imported.deleted, "deleted"),
        (imported.absent, "to delete that are not there"),
    ];
    parts.extend(more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let good = output.paint(Paint::Good, "no problems");
    Ok(output.line(&format!("{good}: {}", parts.join(", ")))?)
}

fn print_problems(unread: &Unread, args: &FactsCheckArgs, output: &Output) -> Result<(), Failure> {
    let (problems, sources) = (unread.diagnostics(), unread.sources());
    if args.json {
        return Ok(output.raw(&render::json(problems, sources))?);
    }
    output.raw(&render::human(problems, sources, output.color()))?;
    let errors = output.paint(Paint::Error, &counted(problems.len(), "error"));
    Ok(output.line(&format!("\n{errors} in {}", counted(args.files.len(), "file")))?)
}

/// The shapes of `arctos-wire` always have JSON.
pub(crate) fn json(shape: &impl serde::Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}
