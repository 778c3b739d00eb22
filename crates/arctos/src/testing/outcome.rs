//! What came of a test.

use std::collections::BTreeSet;

use arctos_syntax::{Diagnostic, Span, codes};

use super::reasons::rests_on;
use crate::error::Error;
use crate::explain::{Explanation, NearMiss, Needed, ProofNode};
use crate::facts::Value;
use crate::policy::Policy;

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
    /// Why what was asked is otherwise than expected; of several values, of one that is not expected and one that is missing.
    pub explanations: Vec<Explanation>,
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
        /// Of a question with variables, values of which it holds, as far as they can be told.
        values: Vec<(String, Value)>,
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
        let diagnostic = match &self.verdict {
            Verdict::Passed => return None,
            Verdict::HoldsNot => failed(format!("`{asked}` does not hold")).primary("should hold"),
            Verdict::Holds { values } => {
                let diagnostic = failed(format!("`{asked}` holds"));
                let of: Vec<String> = values.iter().map(|(_, one)| value(one)).collect();
                let of = if of.is_empty() { String::new() } else { format!(", as for {}", of.join(" and ")) };
                diagnostic.primary(format!("should not hold{of}"))
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
        };
        let is_closed = match &self.verdict {
            Verdict::Holds { values } => values.is_empty(),
            verdict => !matches!(verdict, Verdict::Differs { .. }),
        };
        Some(self.explanations.iter().fold(diagnostic, |diagnostic, explanation| {
            let goal = if is_closed { "it".to_owned() } else { format!("`{}`", explanation.question) };
            match &explanation.proof {
                Some(proof) => because(diagnostic, &goal, proof),
                None => wanting(diagnostic, &goal, &explanation.misses),
            }
        }))
    }
}

/// Marks the rules that make something hold, and names the facts.
fn because(mut diagnostic: Diagnostic, goal: &str, proof: &ProofNode) -> Diagnostic {
    let (rules, facts) = rests_on(proof);
    let mut seen: Vec<Span> = Vec::new();
    for rule in rules.into_iter().filter(|rule| !rule.is_default()) {
        if !seen.contains(&rule.span) && seen.len() < NAMED {
            seen.push(rule.span);
            diagnostic = diagnostic.label(rule.span, "because of this rule");
        }
    }
    if facts.is_empty() {
        return diagnostic;
    }
    let shown: Vec<String> = facts.iter().take(NAMED).map(|fact| format!("`{fact}`")).collect();
    let more = facts.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    diagnostic.help(format!("{goal} rests on {}{more}", shown.join(", ")))
}

/// Says what it would take.
fn wanting(mut diagnostic: Diagnostic, goal: &str, misses: &[NearMiss]) -> Diagnostic {
    for miss in misses {
        let lines = miss.to_lines().into_iter().zip(&miss.needed);
        let changes: Vec<String> = lines.map(|(line, needed)| change(&line, needed)).collect();
        let provided = match miss.provided.as_slice() {
            [] => String::new(),
            conditions => format!(", where {}", conditions.join(" and ")),
        };
        diagnostic = diagnostic.help(format!("{goal} would hold {}{provided}", changes.join(" and ")));
    }
    diagnostic
}

fn change(line: &str, needed: &Needed) -> String {
    match needed {
        Needed::Fact(_) => format!("with `{line}`"),
        Needed::NoFact(fact) => format!("without `{fact}`"),
        Needed::Condition { .. } => format!("if {line}"),
    }
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
