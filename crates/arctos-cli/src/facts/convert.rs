//! `arctos facts convert`: facts from one format into another.

use std::io::{self, BufWriter, Write};

use arctos::Facts;
use arctos_wire::facts::{Import, Unwritable, write};

use super::Files;
use crate::args::FactsConvertArgs;
use crate::output::{Failure, Output, Status};
use crate::query::report;

/// Reads the files and writes their facts to stdout, each once.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &FactsConvertArgs, output: &Output) -> Result<Status, Failure> {
    let import = Import::onto(&Facts::new());
    let loaded = match super::read(Files { paths: &args.files, format: args.facts_format }, import) {
        Ok(loaded) => loaded,
        Err(unloaded) => {
            report(&unloaded.stopped()?, false, output)?;
            return Ok(Status::NotDone);
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&loaded.facts, args.to.into(), &mut out) {
        Ok(()) => out.flush()?,
        Err(Unwritable::Output(error)) => return Err(error.into()),
        Err(error @ Unwritable::NotAName(_)) => return Err(Failure::usage(error.to_string())),
    }
    Ok(Status::Good)
}
