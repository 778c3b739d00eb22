//! Tests of a policy: what they state is looked at as stored facts are, what they ask as calls are. Nothing is run here.

use arctos_syntax::tree::{Fixture, Head, Ident, Item, SetupItem, Test};
use arctos_syntax::{Diagnostic, codes};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::{Checked, Input, calls, names};
use crate::facts::Fact;
use crate::facts::{places, statement};
use crate::policy::PolicyTest;

type Fixtures<'t> = IndexMap<&'t str, (&'t Fixture, Vec<Fact>), FxBuildHasher>;

/// Checks fixtures and tests, and returns the tests with all the facts that they start from.
pub(super) fn check(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) -> Vec<PolicyTest> {
    if !input.schema.has_facts() {
        return Vec::new();
    }
    let items = || input.files.iter().flat_map(|file| &file.items);
    let mut fixtures = Fixtures::default();
    for item in items() {
        if let Item::Fixture(fixture) = item {
            let facts = fixture.facts.iter().filter_map(|fact| stated(fact, checked, found)).collect();
            if let Some((first, _)) = fixtures.get(&*fixture.name.text) {
                found.push(repeated_fixture(&fixture.name, &first.name));
            } else {
                fixtures.insert(&fixture.name.text, (fixture, facts));
            }
        }
    }
    let rules = calls::rules(checked);
    let mut tests = Vec::new();
    for item in items() {
        let Item::Test(test) = item else { continue };
        for assertion in &test.assertions {
            asked(&assertion.query, checked, &rules, found);
        }
        tests.push(PolicyTest {
            name: test.name.text.to_string(),
            span: test.span,
            facts: setup(test, &fixtures, checked, found),
            assertions: test.assertions.clone(),
        });
    }
    tests
}

/// The facts that a test starts from.
fn setup(
    test: &Test,
    fixtures: &Fixtures<'_>,
    checked: &Checked<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for line in &test.setup {
        match line {
            SetupItem::Fact(fact) => facts.extend(stated(fact, checked, found)),
            SetupItem::Fixture(name) => match fixtures.get(&*name.text) {
                Some((_, of_fixture)) => facts.extend_from_slice(of_fixture),
                None => {
                    let near = names::near(&name.text, fixtures.keys().copied(), found);
                    found.push(unknown_fixture(name, near));
                }
            },
        }
    }
    facts
}

/// A stated fact, if the policy could ask for it.
fn stated(head: &Head, checked: &Checked<'_>, found: &mut Vec<Diagnostic>) -> Option<Fact> {
    let fact = statement(head, found)?;
    match checked.facts.mismatch(&fact) {
        None => Some(fact),
        Some(mismatch) => {
            found.push(mismatch.diagnostic(&places(head)));
            None
        }
    }
}

/// A question must be one that rules or facts can answer.
fn asked(head: &Head, checked: &Checked<'_>, rules: &calls::Rules<'_>, found: &mut Vec<Diagnostic>) {
    let name = &*head.name.text;
    if !rules.contains_key(name) && !checked.facts.predicates().any(|(known, _)| known == name) {
        let candidates = rules.keys().copied().chain(checked.facts.predicates().map(|(name, _)| name));
        let near = names::near(name, candidates, found);
        found.push(unknown_question(&head.name, near));
    }
}

/// P0805: `fixture name;` without that fixture.
fn unknown_fixture(name: &Ident, near: Option<&str>) -> Diagnostic {
    let text = &name.text;
    Diagnostic::new(codes::UNKNOWN_FIXTURE, name.span, format!("there is no fixture `{text}`"))
        .primary("not defined")
        .did_you_mean(near)
        .help(format!("define it: `test fixture {text} {{ … }}`"))
}

/// P0805: two fixtures of one name.
fn repeated_fixture(name: &Ident, first: &Ident) -> Diagnostic {
    let message = format!("there are two fixtures `{}`", name.text);
    Diagnostic::new(codes::UNKNOWN_FIXTURE, name.span, message)
        .primary("defined again")
        .label(first.span, "first defined here")
        .help("give one of them another name")
}

/// P0202: a test asks for a rule that does not exist.
fn unknown_question(name: &Ident, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::UNDEFINED_RULE, name.span, format!("there is no rule `{}`", name.text))
            .primary("not defined");
    match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(name.span, near),
        None => diagnostic,
    }
}
