//! What came of the tests, in one of the formats.

mod human;
mod json;
mod junit;

use std::io;

use arctos_syntax::render;

use super::mutants::Survivor;
use super::running::Results;
use crate::args::TestFormat;
use crate::output::Output;

/// Prints the results.
///
/// # Errors
/// As stdout has them.
pub(super) fn print(results: &Results, format: TestFormat, output: &Output) -> io::Result<()> {
    match format {
        TestFormat::Human => human::print(results, output),
        TestFormat::Json => output.raw(&json::text(results)),
        TestFormat::Junit => output.raw(&junit::text(results)),
        TestFormat::Github => {
            output.raw(&annotations(results))?;
            output.line(&human::summary(results, output))?;
            let mutants = results.mutants.as_ref();
            mutants.map_or(Ok(()), |mutants| output.line(&human::of_all_mutants(mutants, output)))
        }
    }
}

/// Annotations for GitHub workflows: what is wrong with policies, and each assertion that does not hold.
fn annotations(results: &Results) -> String {
    let mut text = String::new();
    for suite in &results.suites {
        match &suite.outcome {
            Ok(ran) => {
                text.push_str(&render::github(&ran.warnings, ran.sources()));
                for case in &ran.cases {
                    text.push_str(&render::github(&case.failures, ran.sources()));
                }
            }
            Err(error) => {
                if let Some(sources) = error.sources() {
                    text.push_str(&render::github(error.diagnostics(), sources));
                }
            }
        }
    }
    for Survivor { diagnostic, sources } in results.mutants.iter().flat_map(|mutants| &mutants.survivors) {
        text.push_str(&render::github(std::slice::from_ref(diagnostic), sources));
    }
    text
}
