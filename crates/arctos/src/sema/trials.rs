//! Tests of a policy: what they state is looked at as stored facts are, what they ask as calls are. Nothing is run here.

use arctos_syntax::tree::{Fixture, Head, Ident, Item, SetupItem, Test};
use arctos_syntax::{Diagnostic, codes};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::assertions::{Known, assertion};
use super::{Checked, Input, calls, names, settings, types};
use crate::facts::{Fact, places, statement};
use crate::testing::{Given, PolicyTest};

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
    let known = Known { rules: calls::rules(checked), types: types::named(input.files), checked, input };
    let mut tests = Vec::new();
    for item in items() {
        let Item::Test(test) = item else { continue };
        let (facts, given) = setup(test, &fixtures, checked, found);
        let lines = test.assertions.iter();
        let assertions = lines.filter_map(|line| assertion(line, &known, found)).collect();
        let name = test.name.text.to_string();
        tests.push(PolicyTest { name, span: test.span, facts, given, assertions });
    }
    tests
}

/// The facts that a test starts from, and what it sets of the request.
fn setup(
    test: &Test,
    fixtures: &Fixtures<'_>,
    checked: &Checked<'_>,
    found: &mut Vec<Diagnostic>,
) -> (Vec<Fact>, Given) {
    let (mut facts, mut given) = (Vec::new(), Given::default());
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
            SetupItem::Value(setting) => settings::set(&mut given, setting, found),
        }
    }
    (facts, given)
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
