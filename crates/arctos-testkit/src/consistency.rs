//! Lists agree with checks: what is listed is what `check` says of each value, one by one.
//!
//! A case is a policy and facts, made at random: schemas with groups in groups, folders in folders, exclusion, intersection,
//! wildcards and cycles ([`generate`]), or rules without any plan ([`crate::facts`]). All values that its facts can name are put to
//! `check`, and one that no fact names; every way to ask for them must come to the same. What no fact names need not be listed where a
//! rule only excludes. Cases are lines of text, so that
//! shrinking is leaving lines out.

pub mod generate;
mod question;

use std::collections::BTreeMap;

use arctos::facts::{Fact, Facts};
use arctos::{Authorizer, Limits, Policy, Request, Schema, Sources};

use crate::generate::Random;
use question::{Names, Question, Said, Universe};

/// How many steps one question may take.
const STEPS: u64 = 200_000;

/// How many questions are asked about a case.
const QUESTIONS: usize = 12;

/// `@current_unix_time` of every request.
const NOW: i64 = 1;

/// A policy, facts, and facts of the request, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Blocks, declarations and rules.
    pub policy: Vec<String>,
    /// What is stored.
    pub facts: Vec<String>,
    /// What the request brings.
    pub context: Vec<String>,
    /// Which questions are asked.
    pub seed: u64,
}

/// What a run over many cases came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Questions whose list is what checks say.
    pub agreed: usize,
    /// Of those, questions with an answer.
    pub answered: usize,
    /// Of those, questions with a wildcard for an answer.
    pub every: usize,
    /// Of those, questions in which some value is left out that others of its type are not.
    pub mixed: usize,
    /// Questions that were asked of the machine as it is, too.
    pub enumerated: usize,
    /// Questions that could not be compared, by the reason.
    pub skipped: BTreeMap<&'static str, usize>,
    /// Shrunk cases in which a list is something else.
    pub differences: Vec<String>,
}

/// Compares `count` cases from `seed` on, and stops after `most` differences.
pub fn compare_many(seed: u64, count: u64, most: usize) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = generate::case(seed);
        if let Some(difference) = compare(&case, &mut tally) {
            let (case, difference) = shrink(case, difference);
            tally.differences.push(format!("seed {seed}: {difference}\n{}", shown(&case)));
            if tally.differences.len() >= most {
                break;
            }
        }
    }
    tally
}

/// Asks all questions of a case; the first difference.
pub fn compare(case: &Case, tally: &mut Tally) -> Option<String> {
    let Some((authorizer, context)) = load(case) else {
        *tally.skipped.entry("invalid").or_default() += 1;
        return None;
    };
    let facts = [case.facts.as_slice(), &case.context].concat().join("\n");
    let universe = Universe::generated();
    let names = Names { universe: &universe, facts: &facts, policy: &case.policy.join("\n") };
    let request = Request { facts: &context, unix_time: Some(NOW), ..Request::default() };
    put(&authorizer, &request, names, (case.seed, QUESTIONS), tally)
}

/// Puts random questions about a policy to its facts and to those of each of its tests; the first difference.
pub fn compare_tests(policy: &Policy, text: &str, count: usize, tally: &mut Tally) -> Option<String> {
    policy.tests().iter().find_map(|test| {
        let mut change = Facts::new().change();
        for fact in &test.facts {
            change.insert(fact).ok()?;
        }
        let authorizer = Authorizer::new(policy, change.commit().0).ok()?;
        let authorizer = authorizer.with_limits(limits());
        let universe = Universe::of(&test.facts, text);
        let facts: Vec<String> = test.facts.iter().map(ToString::to_string).collect();
        let names = Names { universe: &universe, facts: &facts.join("\n"), policy: text };
        let request = Request { facts: &[], unix_time: Some(NOW), ..Request::default() };
        let found = put(&authorizer, &request, names, (1, count), tally);
        found.map(|how| format!("test {:?}: {how}", test.name))
    })
}

fn put(
    authorizer: &Authorizer,
    request: &Request<'_>,
    names: Names<'_>,
    (seed, count): (u64, usize),
    tally: &mut Tally,
) -> Option<String> {
    let mut random = Random::new(seed);
    for _ in 0..count {
        let question = Question::random(authorizer.policy(), names.universe, &mut random)?;
        match question.put(authorizer, request, names) {
            Said::Same(what) => {
                tally.agreed += 1;
                tally.answered += usize::from(what.answered);
                tally.every += usize::from(what.every);
                tally.mixed += usize::from(what.mixed);
                tally.enumerated += usize::from(what.enumerated);
            }
            Said::Skipped(reason) => *tally.skipped.entry(reason).or_default() += 1,
            Said::Different(how) => return Some(format!("{question}: {how}")),
        }
    }
    None
}

fn limits() -> Limits {
    Limits { steps: STEPS, memory: 64 << 20, ..Limits::default() }
}

fn load(case: &Case) -> Option<(Authorizer, Vec<Fact>)> {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, &case.policy.join("\n"));
    let policy = Policy::load(&schema, sources).ok()?;
    let mut change = Facts::new().change();
    for fact in arctos::facts::parse(None, &case.facts.join("\n")).ok()? {
        change.insert(&fact).ok()?;
    }
    let authorizer = Authorizer::new(&policy, change.commit().0).ok()?;
    let mut context = arctos::facts::parse(None, &case.context.join("\n")).ok()?;
    context.retain(|fact| policy.check_fact(fact).is_ok());
    Some((authorizer.with_limits(limits()), context))
}

/// Leaves out whatever lines can be left out without all lists being right.
fn shrink(mut case: Case, mut difference: String) -> (Case, String) {
    'again: loop {
        let (policy, facts) = (case.policy.len(), case.facts.len());
        for index in 0..policy + facts + case.context.len() {
            let mut smaller = case.clone();
            _ = match index {
                index if index < policy => smaller.policy.remove(index),
                index if index < policy + facts => smaller.facts.remove(index - policy),
                index => smaller.context.remove(index - policy - facts),
            };
            if let Some(found) = compare(&smaller, &mut Tally::default()) {
                (case, difference) = (smaller, found);
                continue 'again;
            }
        }
        return (case, difference);
    }
}

/// The case as text.
pub fn shown(case: &Case) -> String {
    let context = if case.context.is_empty() { String::new() } else { "\n---- request\n".to_owned() };
    format!(
        "---- policy\n{}\n---- facts\n{}{context}{}\n",
        case.policy.join("\n"),
        case.facts.join("\n"),
        case.context.join("\n")
    )
}
