//! Tests of policies at random: what `check` says, written as assertions, passes, and anything else fails.
//!
//! The cases are those of [`crate::consistency`]. A check is decided by plans, a test by the machine, and a test comes out of
//! parsing and loading its text, so that all of these must mean the same.

use std::collections::BTreeSet;

use arctos::facts::{Facts, Value};
use arctos::testing::{Runner, TestOutcome, Verdict};
use arctos::{Authorizer, Limits, Policy, Request, Schema, Sources};

use crate::consistency::Case;
use crate::consistency::generate::{IDS, WORDS, case as generate};
use crate::generate::Random;

/// How many steps one question may take.
const STEPS: u64 = 200_000;

/// How many questions are asked about a case.
const QUESTIONS: usize = 8;

/// The time of every question.
const NOW: i64 = 1;

/// The id and the string that no fact has.
const FRESH: &str = "fresh";

/// What a run over many cases came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Assertions that say what checks say, and pass.
    pub right: usize,
    /// Of those, assertions with `iff`, and with a value in it.
    pub listed: usize,
    /// Assertions that say something else, and fail.
    pub wrong: usize,
    /// Open questions that are not decided, though each closed one is.
    pub undecided: usize,
    /// Cases and questions that could not be compared.
    pub skipped: usize,
    /// What came out otherwise.
    pub differences: Vec<String>,
}

/// An assertion, and whether it says what checks say.
struct Line {
    text: String,
    is_right: bool,
}

/// Assertions of which one at least says what checks say, and no other does.
struct Alternatives(Vec<Line>);

/// Compares `count` cases from `seed` on.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = generate(seed);
        if compare(&case, &mut tally).is_none() {
            tally.skipped += 1;
        }
    }
    tally
}

/// `None` where the case does not load.
fn compare(case: &Case, tally: &mut Tally) -> Option<()> {
    let facts: Vec<String> = case.facts.iter().chain(&case.context).cloned().collect();
    let policy = load(&case.policy.join("\n"))?;
    let authorizer = authorizer(&policy, &facts)?;
    let mut random = Random::new(case.seed);
    for _ in 0..QUESTIONS {
        let asked = question(&authorizer, &facts, &mut random)
            // A variable of a type has the values of those that extend it, too.
            .filter(|Alternatives(lines)| {
                let is_of_user = lines.iter().any(|line| line.text.contains("x: User"));
                !is_of_user || !case.policy.iter().any(|line| line.contains("extends User"))
            });
        let Some(Alternatives(lines)) = asked else {
            tally.skipped += 1;
            continue;
        };
        let tests: Vec<String> = lines.iter().map(|line| test(&facts, &line.text)).collect();
        let whole = format!("{}\n{}", case.policy.join("\n"), tests.join("\n"));
        let Some(tested) = load(&whole) else {
            tally.skipped += 1;
            continue;
        };
        let limits = Limits { steps: STEPS, memory: 64 << 20, ..Limits::default() };
        let runner = Runner::new(&tested).with_limits(limits);
        let outcomes: Vec<TestOutcome> = tested.tests().iter().map(|test| runner.run(test)).collect();
        judge(&lines, &outcomes, tally, &whole);
    }
    Some(())
}

fn judge(lines: &[Line], outcomes: &[TestOutcome], tally: &mut Tally, whole: &str) {
    for (line, _) in lines.iter().zip(outcomes).filter(|(line, outcome)| !line.is_right && outcome.passed()) {
        tally.differences.push(format!("passes: {}\n{whole}", line.text));
    }
    tally.wrong += lines.iter().filter(|line| !line.is_right).count();
    let right = || lines.iter().zip(outcomes).filter(|(line, _)| line.is_right);
    let is_error = |outcome: &TestOutcome| {
        outcome.assertions.iter().all(|assertion| matches!(assertion.verdict, Verdict::Failed(_)))
    };
    let Some((first, _)) = right().next() else { return };
    if right().any(|(_, outcome)| outcome.passed()) {
        tally.right += 1;
        tally.listed += usize::from(first.text.contains("iff") && !first.text.contains("[]"));
    } else if first.text.contains("iff") && right().all(|(_, outcome)| is_error(outcome)) {
        tally.undecided += 1;
    } else {
        tally.differences.push(format!("fails: {}\n{whole}", first.text));
    }
}

fn load(text: &str) -> Option<Policy> {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, text);
    Policy::load(&schema, sources).ok()
}

fn authorizer(policy: &Policy, facts: &[String]) -> Option<Authorizer> {
    let mut change = Facts::new().change();
    for fact in arctos::facts::parse(None, &facts.join("\n")).ok()? {
        policy.check_fact(&fact).ok()?;
        change.insert(&fact).ok()?;
    }
    let limits = Limits { steps: STEPS, memory: 64 << 20, ..Limits::default() };
    Some(Authorizer::new(policy, change.commit().0).ok()?.with_limits(limits))
}

fn test(facts: &[String], line: &str) -> String {
    format!("test \"t\" {{ setup {{ @current_unix_time = {NOW}; {} }} {line} }}", facts.join(" "))
}

/// A question at random with what may be asserted of it; `None` where checks do not say enough.
fn question(authorizer: &Authorizer, facts: &[String], random: &mut Random) -> Option<Alternatives> {
    let mut rules: Vec<(&str, usize)> =
        authorizer.policy().rules().map(|(_, rule)| (rule.name, rule.arity)).collect();
    rules.sort_unstable();
    rules.dedup();
    let (rule, arity) = *random.pick(&rules)?;
    let types: Vec<&str> = (0..arity).map(|place| type_at(place, arity, random)).collect();
    let open = (0..=arity).nth(random.below(arity + 1))?;
    let values: Vec<Value> =
        types.iter().map(|name| random.pick(&all_of(name)).cloned().unwrap_or(Value::Integer(0))).collect();
    let check = |values: &[Value]| {
        let arguments: Vec<_> = values.iter().map(Value::as_ref).collect();
        let request = Request { unix_time: Some(NOW), ..Request::default() };
        authorizer.check_request(&request, rule, &arguments)
    };
    let shown = |at: Option<usize>| {
        let show = |(place, value): (usize, &Value)| match types.get(place) {
            Some(name) if Some(place) == at => format!("x: {name}"),
            _ => value.to_string(),
        };
        let arguments: Vec<String> = values.iter().enumerate().map(show).collect();
        format!("{rule}({})", arguments.join(", "))
    };
    let Some(name) = types.get(open) else {
        let said = check(&values).ok();
        let line = |word: &str, wanted| Line {
            text: format!("{word} {};", shown(None)),
            is_right: said == Some(wanted),
        };
        return Some(Alternatives(vec![line("assert", true), line("assert_not", false)]));
    };
    let mut said = Vec::new();
    for value in all_of(name) {
        let mut values = values.clone();
        *values.get_mut(open)? = value.clone();
        said.push((value, check(&values).ok()?));
    }
    let question = shown(Some(open));
    let is_named = |value: &Value| facts.iter().any(|fact| fact.contains(&value.to_string()));
    Some(Alternatives(listed(&question, name, &said, is_named)))
}

/// Assertions about all values of a variable, the last of which nobody names.
fn listed(
    question: &str,
    type_name: &str,
    said: &[(Value, bool)],
    is_named: impl Fn(&Value) -> bool,
) -> Vec<Line> {
    let yes: BTreeSet<&Value> = said.iter().filter(|(_, holds)| *holds).map(|(value, _)| value).collect();
    let no: Vec<&Value> = said.iter().filter(|(_, holds)| !*holds).map(|(value, _)| value).collect();
    let list = |values: &mut dyn Iterator<Item = &&Value>, is_right| {
        let shown: Vec<String> = values.map(ToString::to_string).collect();
        Line { text: format!("assert {question} iff x in [{}];", shown.join(", ")), is_right }
    };
    let every = |is_right| Line { text: format!("assert {question} iff x matches {type_name};"), is_right };
    let is_fresh = said.last().is_some_and(|(_, holds)| *holds);
    let mut lines = Vec::new();
    match (is_fresh, no.first()) {
        (false, _) => {
            lines.push(list(&mut yes.iter(), true));
            lines.push(every(false));
            lines.extend(no.first().map(|more| list(&mut yes.iter().chain([more]), false)));
            lines.extend((!yes.is_empty()).then(|| list(&mut yes.iter().skip(1), false)));
        }
        // What is told of a variable that only `not` is about: every value, or those that facts name.
        (true, None) => {
            lines.push(every(true));
            lines.push(list(&mut yes.iter().filter(|value| is_named(value)), true));
        }
        (true, Some(_)) => lines.push(every(false)),
    }
    lines
}

fn type_at(place: usize, arity: usize, random: &mut Random) -> &'static str {
    let types: &[&'static str] = match place {
        1 if arity == 3 => &["String"],
        0 => &["User", "User", "Group"],
        _ => &["Doc", "Doc", "Folder", "Group"],
    };
    random.pick(types).copied().unwrap_or("User")
}

/// All values of a type that cases have, and one that none has, which comes last.
fn all_of(type_name: &str) -> Vec<Value> {
    match type_name {
        "String" => WORDS.iter().chain([&FRESH]).map(|word| Value::from(*word)).collect(),
        name => {
            let ids = (0..IDS).map(|id| id.to_string()).chain([FRESH.to_owned()]);
            ids.map(|id| Value::entity(name, id)).collect()
        }
    }
}
