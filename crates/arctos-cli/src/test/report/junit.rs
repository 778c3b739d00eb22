//! JUnit's XML, as continuous integration reads it: a suite a file.

use arctos::{Diagnostic, Error};
use arctos_syntax::render;

use super::super::mutants::{MutantResults, Survivor};
use super::super::running::{Case, Ran, Results, SuiteResults};

pub(super) fn text(results: &Results) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let survived = results.mutants.as_ref().map_or(0, |mutants| mutants.survivors.len());
    let counts = counts(results.run() + survived, results.failed() + survived, results.broken());
    xml.push_str(&format!("<testsuites name=\"arctos test\" {counts}>\n"));
    for suite in &results.suites {
        of_suite(suite, &mut xml);
    }
    if let Some(mutants) = &results.mutants {
        of_mutants(mutants, &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// A policy that does not load is one test with an error.
fn counts(run: usize, failed: usize, broken: usize) -> String {
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"{broken}\"", run + broken)
}

fn of_suite(suite: &SuiteResults, xml: &mut String) {
    let name = escaped(&suite.name);
    let (run, failed) = match &suite.outcome {
        Ok(ran) => (ran.cases.len(), ran.cases.iter().filter(|case| !case.failures.is_empty()).count()),
        Err(_) => (0, 0),
    };
    let counts = counts(run, failed, usize::from(suite.outcome.is_err()));
    xml.push_str(&format!("  <testsuite name=\"{name}\" {counts}>\n"));
    match &suite.outcome {
        Ok(ran) => ran.cases.iter().for_each(|case| of_case(case, ran, &name, xml)),
        Err(error) => of_error(error, &name, xml),
    }
    xml.push_str("  </testsuite>\n");
}

fn of_case(case: &Case, ran: &Ran, suite: &str, xml: &mut String) {
    let prefix = if case.is_inline_query { "?= " } else { "" };
    let (name, file) = (escaped(&case.name), escaped(&case.file));
    let head = format!(
        "    <testcase name=\"{prefix}{name}\" classname=\"{suite}\" file=\"{file}\" line=\"{}\"",
        case.line
    );
    if case.failures.is_empty() {
        xml.push_str(&format!("{head}/>\n"));
        return;
    }
    xml.push_str(&format!("{head}>\n"));
    for failure in &case.failures {
        let text = render::human(std::slice::from_ref(failure), ran.sources(), false);
        element("failure", failure, &text, xml);
    }
    xml.push_str("    </testcase>\n");
}

/// A change that no test notices is a test that failed.
fn of_mutants(mutants: &MutantResults, xml: &mut String) {
    let counts = counts(mutants.survivors.len(), mutants.survivors.len(), 0);
    xml.push_str(&format!("  <testsuite name=\"mutants\" {counts}>\n"));
    for Survivor { diagnostic, sources } in &mutants.survivors {
        let name = escaped(&sources.locate(diagnostic.span));
        xml.push_str(&format!("    <testcase name=\"{name}\" classname=\"mutants\">\n"));
        element("failure", diagnostic, &render::human(std::slice::from_ref(diagnostic), sources, false), xml);
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n");
}

fn of_error(error: &Error, suite: &str, xml: &mut String) {
    xml.push_str(&format!("    <testcase name=\"loads\" classname=\"{suite}\" file=\"{suite}\">\n"));
    if let Some(sources) = error.sources()
        && let Some(first) = error.diagnostics().iter().find(|found| found.is_error())
    {
        element("error", first, &render::human(error.diagnostics(), sources, false), xml);
    } else {
        xml.push_str(&format!("      <error message=\"{}\"/>\n", escaped(error.message())));
    }
    xml.push_str("    </testcase>\n");
}

fn element(name: &str, diagnostic: &Diagnostic, text: &str, xml: &mut String) {
    let message = escaped(&diagnostic.message);
    let (code, text) = (diagnostic.code.as_str(), escaped(text));
    xml.push_str(&format!("      <{name} type=\"{code}\" message=\"{message}\">{text}</{name}>\n"));
}

/// The text as XML takes it; characters that XML cannot have are replaced.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\n' | '\t' => shown.push(c),
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            c if c.is_control() => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    shown
}
