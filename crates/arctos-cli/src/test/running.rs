//! Running suites: what each test and inline query comes to.

use arctos::testing::{Coverage, PolicyTest, Runner};
use arctos::{Diagnostic, Error, InlineQuery, Policy, Query, Sources, Span};
use arctos_syntax::{SourceId, codes};

use super::mutants::MutantResults;
use super::{Settings, Suite};
use crate::host::RecordHost;

/// What came of all suites, in order.
pub(crate) struct Results {
    pub(crate) suites: Vec<SuiteResults>,
    /// What came of changes of the policies, where they were tried.
    pub(crate) mutants: Option<MutantResults>,
}

/// What came of one suite.
pub(crate) struct SuiteResults {
    /// The file whose tests were run.
    pub(crate) name: String,
    /// What was run, or why the policy did not load.
    pub(crate) outcome: Result<Ran, Error>,
}

/// A policy whose tests were run.
pub(crate) struct Ran {
    pub(crate) policy: Policy,
    /// In source order, inline queries after tests.
    pub(crate) cases: Vec<Case>,
    /// What is suspicious in the tests themselves, as a permission that no block declares.
    pub(crate) warnings: Vec<Diagnostic>,
    /// The texts whose tests were run.
    own: Vec<SourceId>,
    /// What they exercise, where that is recorded.
    pub(crate) coverage: Option<Coverage>,
}

/// What came of a test or an inline query.
pub(crate) struct Case {
    /// The test's title, or the text of the query.
    pub(crate) name: String,
    pub(crate) is_inline_query: bool,
    /// Where it begins.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// One for each assertion that does not hold; of an inline query one if it has no answer.
    pub(crate) failures: Vec<Diagnostic>,
}

impl Ran {
    /// The tests that were run.
    pub(crate) fn tests(&self, filter: Option<&str>) -> impl Iterator<Item = &PolicyTest> {
        tests(&self.policy, &self.own, filter)
    }

    pub(crate) fn sources(&self) -> &Sources {
        self.policy.sources()
    }
}

impl Results {
    /// Policies that did not load.
    pub(crate) fn broken(&self) -> usize {
        self.suites.iter().filter(|suite| suite.outcome.is_err()).count()
    }

    /// Tests and queries that were run.
    pub(crate) fn run(&self) -> usize {
        self.cases().count()
    }

    /// Those that failed.
    pub(crate) fn failed(&self) -> usize {
        self.cases().filter(|case| !case.failures.is_empty()).count()
    }

    fn cases(&self) -> impl Iterator<Item = &Case> {
        self.suites.iter().filter_map(|suite| suite.outcome.as_ref().ok()).flat_map(|ran| &ran.cases)
    }
}

/// Runs every suite.
pub(crate) fn run_all(suites: &[Suite], settings: &Settings<'_>) -> Results {
    let suites = suites.iter().map(|suite| SuiteResults {
        name: suite.name.clone(),
        outcome: suite.load(&settings.declared).map(|policy| run(suite, policy, settings)),
    });
    Results { suites: suites.collect(), mutants: None }
}

fn run(suite: &Suite, policy: Policy, settings: &Settings<'_>) -> Ran {
    let runner = Runner::new(&policy).with_unix_time(settings.unix_time);
    let mut coverage = settings.records.then(|| Coverage::new(&policy));
    let mut cases: Vec<Case> = tests(&policy, &suite.own, settings.filter)
        .map(|test| of_test(test, &runner, &policy, &mut coverage))
        .collect();
    for inline in policy.inline_queries() {
        if suite.own.contains(&inline.span.source) && wanted(inline.text, settings.filter) {
            cases.push(of_query(inline, &policy, settings, &mut coverage));
        }
    }
    let is_in_test = |found: &&Diagnostic| {
        tests(&policy, &suite.own, settings.filter).any(|test| {
            let Span { source, start, end } = test.span;
            found.span.source == source && (start..end).contains(&found.span.start)
        })
    };
    let warnings = policy.warnings().iter().filter(is_in_test).cloned().collect();
    Ran { cases, warnings, own: suite.own.clone(), coverage, policy }
}

fn tests<'p>(
    policy: &'p Policy,
    own: &[SourceId],
    filter: Option<&str>,
) -> impl Iterator<Item = &'p PolicyTest> {
    let is_wanted = move |test: &&PolicyTest| own.contains(&test.span.source) && wanted(&test.name, filter);
    policy.tests().iter().filter(is_wanted)
}

fn wanted(name: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| name.contains(filter))
}

fn of_test(test: &PolicyTest, runner: &Runner, policy: &Policy, coverage: &mut Option<Coverage>) -> Case {
    let recorder = coverage.as_ref().map(Coverage::recorder);
    let outcome = runner.observe(
        test,
        |_| recorder.clone(),
        |_, seen| {
            if let (Some(coverage), Some(seen)) = (&mut *coverage, seen) {
                coverage.add(&seen);
            }
        },
    );
    let failures = outcome.diagnostics(policy);
    case(&test.name, false, test.span, failures, policy)
}

fn of_query(
    inline: InlineQuery<'_>,
    policy: &Policy,
    settings: &Settings<'_>,
    coverage: &mut Option<Coverage>,
) -> Case {
    let host = RecordHost::new(
        policy.schema(),
        &settings.declared.constants,
        *settings.output,
        settings.print_to_stderr,
    );
    let observer = coverage.as_ref().map(Coverage::recorder);
    let mut query = Query::observed(policy, host, observer);
    if policy.schema().has_facts() {
        query.set_facts(arctos::Facts::new().view());
        query.set_unix_time(settings.unix_time);
    }
    let decided = query.ask_text(inline.text, &[]).and_then(|()| query.decide());
    if let (Some(coverage), Some(seen)) = (coverage, query.observer()) {
        coverage.add(seen);
    }
    let failure = match decided {
        Ok(true) => None,
        Ok(false) => Some(failed_query(inline, "has no answer".to_owned())),
        Err(error) => Some(failed_query(inline, format!("is not decided: {}", error.message()))),
    };
    case(inline.text, true, inline.span, failure.into_iter().collect(), policy)
}

fn case(
    name: &str,
    is_inline_query: bool,
    span: arctos::Span,
    failures: Vec<Diagnostic>,
    policy: &Policy,
) -> Case {
    let sources = policy.sources();
    let file = sources.get(span.source).and_then(|source| source.name()).unwrap_or_default();
    let line = sources.position(span).line;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    Case { name, is_inline_query, file: file.to_owned(), line, failures }
}

/// P1002: an inline query that has no answer.
fn failed_query(inline: InlineQuery<'_>, what: String) -> Diagnostic {
    Diagnostic::new(codes::FAILED_INLINE_QUERY, inline.span, format!("the inline query {what}"))
        .primary("should have an answer")
}
