//! Facts from files.
//!
//! `check` and `convert` are the commands about files alone; everything else asks `read`.

pub mod check;
pub mod convert;
mod digest;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use arctos::{Facts, Policy};
use arctos_wire::facts::{Cause, Format, Import, Imported, Unread};

use crate::args::FactsFormat;
use crate::input;
use crate::output::Failure;
use crate::query::Stopped;
use digest::{Digest, Digesting};

/// Files of facts, and how they are to be read.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    pub(crate) paths: &'a [PathBuf],
    /// The format of all of them; else their names tell.
    pub(crate) format: Option<FactsFormat>,
}

/// What was read.
pub(crate) struct Loaded {
    /// The revision is a digest of the files, so that page tokens are good for as long as the files stay as they are.
    pub(crate) facts: Facts,
    pub(crate) imported: Imported,
}

/// Why there are no facts.
pub(crate) enum Unloaded {
    /// A file cannot be read, or its format is not known.
    Failure(Failure),
    /// There is something wrong with a file.
    Unread(Unread),
}

impl From<Failure> for Unloaded {
    fn from(failure: Failure) -> Self {
        Unloaded::Failure(failure)
    }
}

/// Reads files into a snapshot: all of them, or nothing where anything is wrong. With a policy, each fact must be one that it can
/// ask for.
pub(crate) fn read(files: Files<'_>, import: Import<'_>) -> Result<Loaded, Unloaded> {
    let mut import = import;
    let mut digest = Digest::default();
    for path in files.paths {
        let format = format_of(path, files.format)?;
        let input = Digesting::new(open(path)?, &mut digest);
        import.read(Some(&name_of(path)), format, BufReader::with_capacity(1 << 16, input));
    }
    let (facts, imported) = import.finish_at(digest.revision()).map_err(unloaded)?;
    Ok(Loaded { facts, imported })
}

/// Reads a text that was given on the command line.
pub(crate) fn read_text(name: &str, text: &str, policy: &Policy) -> Result<Facts, Unloaded> {
    let mut import = Import::onto(&Facts::new()).for_policy(policy);
    import.read(Some(name), Format::Notation, text.as_bytes());
    import.finish().map(|(facts, _)| facts).map_err(unloaded)
}

/// The name that messages have.
pub(crate) fn name_of(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

fn format_of(path: &Path, told: Option<FactsFormat>) -> Result<Format, Failure> {
    let format = told.map(Format::from).or_else(|| Format::of_path(path));
    format.ok_or_else(|| {
        let name = name_of(path);
        Failure::usage(format!(
            "nothing tells the format of `{name}`: name it *.jsonl, *.csv or *.facts, or use `--facts-format`"
        ))
    })
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let unreadable = |error| Failure::usage(input::unreadable(&name_of(path), &error));
    let file = File::open(path).map_err(unreadable)?;
    // Some systems open folders, and then say that they cannot be read.
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Box::new(file))
}

fn unloaded(unread: Unread) -> Unloaded {
    match unread.cause() {
        Some(Cause::Input { name, error }) => {
            Unloaded::Failure(Failure::usage(input::unreadable(name.as_deref().unwrap_or_default(), error)))
        }
        Some(cause @ Cause::Facts(_)) => Unloaded::Failure(Failure::usage(cause.to_string())),
        None => Unloaded::Unread(unread),
    }
}

impl Unloaded {
    /// As what ends a question.
    pub(crate) fn stopped(self) -> Result<Stopped, Failure> {
        match self {
            Unloaded::Failure(failure) => Err(failure),
            Unloaded::Unread(unread) => {
                Ok(Stopped::Text(unread.diagnostics().to_vec(), unread.sources().clone()))
            }
        }
    }
}
