//! `arctos check`: what is wrong or suspicious in a policy.
//!
//! The same load that a program does, against a schema made for the occasion; nothing is evaluated.

mod filterable;

use std::fmt::Display;

use arctos::{Diagnostic, Severity, Sources};
use arctos_syntax::{dump_tokens, dump_tree, parse, render};

use crate::args::{CheckArgs, CheckFormat, Dump};
use crate::input::{self, PolicyText};
use crate::loading;
use crate::output::{Failure, Output, Paint, Status};
use crate::schema::Declared;

/// Checks the files as one policy and prints what it finds.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &CheckArgs, output: &Output) -> Result<Status, Failure> {
    let declared = Declared { has_facts: args.facts, ..Declared::read(&args.classes)? };
    let texts = input::read_policies(&args.files)?;
    if let (Some(wanted), Some(mapping)) = (&args.filterable, &args.mapping) {
        return filterable::run(args, (wanted, mapping), declared, &texts, output);
    }
    match args.dump {
        Some(Dump::Tokens) => return dump_texts(&texts, output, dump_tokens),
        Some(Dump::Tree) => return dump_texts(&texts, output, |id, text| dump_tree(&parse(id, text).tree)),
        Some(Dump::Ir) | None => {}
    }
    let (diagnostics, sources, ir) = match loading::load(&declared, &texts, &[]) {
        Ok(policy) => {
            let ir = args.dump.map(|_| policy.dump_ir());
            (policy.warnings().to_vec(), policy.sources().clone(), ir)
        }
        Err(error) => (error.diagnostics().to_vec(), input::sources(&texts), None),
    };
    if let Some(ir) = ir {
        output.raw(&ir)?;
        return Ok(Status::Good);
    }
    report(&diagnostics, &sources, args.format, texts.len(), output)?;
    let refused = diagnostics.iter().any(|found| args.deny_warnings || found.is_error());
    Ok(if refused { Status::Negative } else { Status::Good })
}

fn report(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: CheckFormat,
    files: usize,
    output: &Output,
) -> Result<(), Failure> {
    match format {
        CheckFormat::Json => output.raw(&render::json(diagnostics, sources))?,
        CheckFormat::Github => output.raw(&render::github(diagnostics, sources))?,
        CheckFormat::Human => {
            let text = render::human(diagnostics, sources, output.color());
            output.raw(&text)?;
            if !text.is_empty() {
                output.line("")?;
            }
            output.line(&summary(diagnostics, files, output))?;
        }
    }
    Ok(())
}

/// `2 errors, 1 warning in 3 files`
fn summary(diagnostics: &[Diagnostic], files: usize, output: &Output) -> String {
    let warnings = diagnostics.iter().filter(|found| found.severity() == Severity::Warning).count();
    let errors = diagnostics.len() - warnings;
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(output.paint(Paint::Error, &counted(errors, "error")));
    }
    if warnings > 0 {
        parts.push(output.paint(Paint::Warning, &counted(warnings, "warning")));
    }
    if parts.is_empty() {
        parts.push(output.paint(Paint::Good, "no problems"));
    }
    format!("{} in {}", parts.join(", "), counted(files, "file"))
}

/// `1 file`, `2 files`
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    if count == N::from(1) { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

fn dump_texts(
    texts: &[PolicyText],
    output: &Output,
    dump: impl Fn(arctos_syntax::SourceId, &str) -> String,
) -> Result<Status, Failure> {
    for (index, text) in texts.iter().enumerate() {
        if texts.len() > 1 {
            output.line(&format!("# {}", text.name))?;
        }
        output.raw(&dump(arctos_syntax::SourceId(index as u32), &text.text))?;
    }
    Ok(Status::Good)
}
