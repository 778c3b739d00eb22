//! What came of a test.

use std::collections::BTreeSet;

use arctos_syntax::{Diagnostic, Span, codes};

use crate::error::Error;
use crate::facts::Value;
use crate::policy::{Policy, RuleId};

/// How many values a message names.
const NAMED: usize = 20;

/// What came of a test, assertion by assertion.
#[derive(Debug)]
pub struct TestOutcome {
    /// In the order of the test.
    pub assertions: Vec<AssertionOutcome>,
}

impl TestOutcome {
    /// True when every assertion holds.
    pub fn passed(&self) -> bool {
        self.assertions.iter().all(|outcome| matches!(outcome.verdict, Verdict::Passed))
    }

    /// A diagnostic for each assertion that does not hold, in order: `P1001`.
    ///
    /// ```
    /// # use arctos::testing::Runner;
    /// # use arctos::{Policy, Schema, Sources};
    /// # let mut schema = Schema::new();
    /// # schema.enable_facts();
    /// # let mut sources = Sources::default();
    /// sources.add(None, r#"
    ///     allow(user: User, "read", doc: Doc) if owns(user, doc);
    ///     test "wrong" { assert allow(User{"ann"}, "read", Doc{"plan"}); }
    /// "#);
    /// let policy = Policy::load(&schema, sources)?;
    /// let found = Runner::new(&policy).run(&policy.tests()[0]).diagnostics(&policy);
    /// assert_eq!(found[0].message, r#"`allow(User{"ann"}, "read", Doc{"plan"})` does not hold"#);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn diagnostics(&self, policy: &Policy) -> Vec<Diagnostic> {
        self.assertions.iter().filter_map(|outcome| outcome.diagnostic(policy)).collect()
    }
}

/// What came of one assertion.
#[derive(Debug)]
pub struct AssertionOutcome {
    /// The whole line.
    pub span: Span,
    /// The place of what was asked.
    pub asked: Span,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// Whether an assertion holds.
#[derive(Debug)]
pub enum Verdict {
    /// It does.
    Passed,
    /// `assert`: what was asked does not hold.
    HoldsNot,
    /// `assert_not`: what was asked holds.
    Holds {
        /// The rules that it rests on, each before those that it calls; none where a fact says it.
        because: Vec<RuleId>,
    },
    /// `iff`: it holds for other values.
    Differs {
        /// Expected, and it does not hold for them.
        missing: BTreeSet<Value>,
        /// Not expected, and it holds for them.
        unexpected: BTreeSet<Value>,
    },
    /// Something went wrong, so that nothing is known.
    Failed(Error),
}

impl AssertionOutcome {
    /// What to tell of it: nothing where the assertion holds.
    pub fn diagnostic(&self, policy: &Policy) -> Option<Diagnostic> {
        let asked = policy.sources().text(self.asked);
        let asked = asked.split_whitespace().collect::<Vec<_>>().join(" ");
        let failed = |message: String| Diagnostic::new(codes::FAILED_ASSERTION, self.span, message);
        Some(match &self.verdict {
            Verdict::Passed => return None,
            Verdict::HoldsNot => {
                failed(format!("`{asked}` does not hold")).primary("no rule or fact makes it so")
            }
            Verdict::Holds { because } => {
                let diagnostic = failed(format!("`{asked}` holds")).primary("should not hold");
                reasons(diagnostic, because, policy)
            }
            Verdict::Differs { missing, unexpected } => {
                let diagnostic = failed(format!("`{asked}` holds for other values than expected"));
                differences(diagnostic, missing, unexpected)
            }
            Verdict::Failed(error) => {
                let diagnostic = failed(format!("`{asked}` is not decided: {}", error.message()));
                let diagnostic = diagnostic.primary("an error, so neither yes nor no");
                match error.trace().last().and_then(|frame| frame.span) {
                    Some(span) => diagnostic.label(span, "here"),
                    None => diagnostic,
                }
            }
        })
    }
}

/// Marks the rules that made something hold.
fn reasons(mut diagnostic: Diagnostic, because: &[RuleId], policy: &Policy) -> Diagnostic {
    let mut seen: Vec<Span> = Vec::new();
    for rule in because.iter().filter_map(|rule| policy.rule(*rule)) {
        // What stands for a rule that nobody wrote has no place.
        if rule.span.start < rule.span.end && !seen.contains(&rule.span) && seen.len() < NAMED {
            seen.push(rule.span);
            diagnostic = diagnostic.label(rule.span, "because of this rule");
        }
    }
    if seen.is_empty() { diagnostic.help("a fact says so") } else { diagnostic }
}

/// Says which values differ.
fn differences(
    mut diagnostic: Diagnostic,
    missing: &BTreeSet<Value>,
    unexpected: &BTreeSet<Value>,
) -> Diagnostic {
    let mut label = Vec::new();
    if !missing.is_empty() {
        label.push(format!("{} missing", missing.len()));
        diagnostic = diagnostic.help(format!("missing: {}", named(missing)));
    }
    if !unexpected.is_empty() {
        label.push(format!("{} not expected", unexpected.len()));
        diagnostic = diagnostic.help(format!("not expected: {}", named(unexpected)));
    }
    diagnostic.primary(label.join(", "))
}

/// `User{"ann"}, User{"bob"} and 3 more`
fn named(values: &BTreeSet<Value>) -> String {
    let shown: Vec<String> = values.iter().take(NAMED).map(value).collect();
    let more = values.len().saturating_sub(NAMED);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn value(value: &Value) -> String {
    match value {
        Value::Any(type_name) => format!("every `{type_name}`"),
        value => format!("`{value}`"),
    }
}
