//! For people: a line a test, and the assertions that do not hold with their source.

use std::io;

use arctos_syntax::render;

use super::super::mutants::{MutantResults, Survivor};
use super::super::running::{Case, Ran, Results};
use crate::check::counted;
use crate::output::{Output, Paint, harmless};

pub(super) fn print(results: &Results, output: &Output) -> io::Result<()> {
    for suite in &results.suites {
        match &suite.outcome {
            Ok(ran) if ran.cases.is_empty() => {}
            Ok(ran) => of_suite(&suite.name, ran, output)?,
            Err(error) => output.failure(error)?,
        }
    }
    output.line(&summary(results, output))?;
    results.mutants.as_ref().map_or(Ok(()), |mutants| of_mutants(mutants, output))
}

fn of_mutants(mutants: &MutantResults, output: &Output) -> io::Result<()> {
    for Survivor { diagnostic, sources } in &mutants.survivors {
        output.line("")?;
        output.raw(&render::human(std::slice::from_ref(diagnostic), sources, output.color()))?;
    }
    if !mutants.survivors.is_empty() {
        output.line("")?;
    }
    output.line(&of_all_mutants(mutants, output))
}

/// `20 changes: 18 noticed, 2 not`
pub(super) fn of_all_mutants(mutants: &MutantResults, output: &Output) -> String {
    let survived = mutants.survivors.len();
    let noticed = format!("{} noticed", mutants.tried - survived);
    let mut parts = vec![output.paint(Paint::Good, &noticed)];
    if survived > 0 {
        parts.push(output.paint(Paint::Error, &format!("{survived} not")));
    }
    if mutants.left > 0 {
        parts.push(output.paint(Paint::Warning, &format!("{} more not tried", mutants.left)));
    }
    format!("{}: {}", counted(mutants.tried, "change"), parts.join(", "))
}

fn of_suite(name: &str, ran: &Ran, output: &Output) -> io::Result<()> {
    output.line(&harmless(name))?;
    for case in &ran.cases {
        let mark = match case.failures.is_empty() {
            true => output.paint(Paint::Good, "ok  "),
            false => output.paint(Paint::Error, "FAIL"),
        };
        output.line(&format!("  {mark}  {}", harmless(&title(case))))?;
    }
    for found in &ran.warnings {
        output.line("")?;
        output.raw(&render::human(std::slice::from_ref(found), ran.sources(), output.color()))?;
    }
    for case in ran.cases.iter().filter(|case| !case.failures.is_empty()) {
        output.line("")?;
        output.raw(&render::human(&case.failures, ran.sources(), output.color()))?;
    }
    output.line("")
}

fn title(case: &Case) -> String {
    if case.is_inline_query { format!("?= {}", case.name) } else { case.name.clone() }
}

/// `3 tests: 2 passed, 1 failed`
pub(super) fn summary(results: &Results, output: &Output) -> String {
    let (run, failed) = (results.run(), results.failed());
    let mut parts = Vec::new();
    let is_empty = run == 0 && results.broken() > 0;
    if run > failed || (failed == 0 && !is_empty) {
        parts.push(output.paint(Paint::Good, &format!("{} passed", run - failed)));
    }
    if failed > 0 {
        parts.push(output.paint(Paint::Error, &format!("{failed} failed")));
    }
    if results.broken() > 0 {
        let broken = match results.broken() {
            1 => "1 policy did not load".to_owned(),
            broken => format!("{broken} policies did not load"),
        };
        parts.push(output.paint(Paint::Error, &broken));
    }
    format!("{}: {}", counted(run, "test"), parts.join(", "))
}
