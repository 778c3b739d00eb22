//! What came of the tests, in one of the formats.

mod human;
mod json;
mod junit;

use std::io;

use arctos_syntax::render;

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
            output.line(&human::summary(results, output))
        }
    }
}

/// Annotations for GitHub workflows: what is wrong with policies, and each assertion that does not hold.
fn annotations(results: &Results) -> String {
    let mut text = String::new();
    for suite in &results.suites {
        match &suite.outcome {
            Ok(ran) => {
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
    text
}
