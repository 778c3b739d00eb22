//! Machine and reference must agree: on every answer and its place, or on the kind of error.
//!
//! Where recursion was tabled the order of answers is not part of the language, and answers are compared as a set.
//! What they disagree on is shrunk, and written as a corpus file.

use std::collections::BTreeMap;

use arctos::Limits;

use crate::corpus::{File, Section};
use crate::generate::{Case, Generator, Goal};
use crate::outcome::{Outcome, without_conditions};
use crate::reference::{Found, Recursed};
use crate::run::{Loaded, Runner, ask_reference_here};

/// How many goals the reference may try in one case.
const REFERENCE_STEPS: u64 = 4_000;

/// How many goals the machine may try: enough for whatever the reference gets done.
const MACHINE_STEPS: u64 = 400_000;

/// What came of one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Both say the same.
    Agree(Agreed),
    /// The reference reached its limit, or the case is not a valid policy.
    Skipped(&'static str),
    /// They differ; what each says.
    Differ {
        /// The machine's lines.
        machine: Vec<String>,
        /// The reference's lines.
        reference: Vec<String>,
    },
}

/// What a case was that both agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// There was an answer.
    pub answered: bool,
    /// What recursion there was.
    pub recursed: Recursed,
}

/// What a run over many cases came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Cases on which both agreed.
    pub agreed: usize,
    /// Of those, cases with an answer.
    pub answered: usize,
    /// Of those, cases in which a goal met itself: over a cycle of rules or of data.
    pub looped: usize,
    /// Of those, with recursive goals that had unbound variables.
    pub open: usize,
    /// Of those that looped, with recursive goals inside a negation.
    pub negated: usize,
    /// Cases that could not be compared, by the reason.
    pub skipped: BTreeMap<&'static str, usize>,
    /// Shrunk cases on which they differ, as corpus files.
    pub differences: Vec<String>,
}

impl Tally {
    pub(crate) fn count(&mut self, Agreed { answered, recursed }: Agreed) {
        self.agreed += 1;
        self.answered += usize::from(answered);
        self.looped += usize::from(recursed.looped);
        self.open += usize::from(recursed.looped && recursed.open);
        self.negated += usize::from(recursed.looped && recursed.negated);
    }
}

/// Compares `count` cases from `seed` on, and stops after `most` differences.
pub fn compare_many(seed: u64, count: u64, most: usize) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = Generator::case(seed);
        match compare(&case) {
            Verdict::Agree(agreed) => tally.count(agreed),
            Verdict::Skipped(reason) => *tally.skipped.entry(reason).or_default() += 1,
            Verdict::Differ { .. } => {
                tally.differences.push(describe(&shrink(case), &format!("seed {seed}")));
                if tally.differences.len() >= most {
                    break;
                }
            }
        }
    }
    tally
}

/// Puts one case to both.
pub fn compare(case: &Case) -> Verdict {
    let file = corpus_file(case);
    let Ok(mut loaded) = Loaded::new(&file, Runner::Machine) else {
        return Verdict::Skipped("invalid classes");
    };
    if !loaded.is_valid() {
        return Verdict::Skipped("invalid policy");
    }
    let query = case.query();
    loaded.limits = Limits { steps: REFERENCE_STEPS, time: None, ..Limits::default() };
    let found = ask_reference_here(&loaded, &query);
    if failed_with(&found.outcome, "Exhausted") {
        return Verdict::Skipped("the reference takes too long");
    }
    loaded.limits = Limits { steps: MACHINE_STEPS, time: None, memory: 64 << 20, ..Limits::default() };
    let machine = loaded.ask(&query);
    let negates =
        [case.policy(), query.clone()].iter().any(|text| text.contains("not ") || text.contains("forall"));
    if let Some(reason) = left_open(&machine, &found.outcome, negates) {
        return Verdict::Skipped(reason);
    }
    if !found.recursed.tabled {
        return verdict(agree_in_order(&machine, &found.outcome), &machine, &found);
    }
    if is_part_of(&machine, &found.outcome) || is_part_of(&found.outcome, &machine) {
        // A recursive goal without variables holds by its first certain answer. Which goals are recursive the machine knows better, by the objects at
        // hand.
        return Verdict::Skipped("an error behind what holds already");
    }
    let cuts = case.policy().contains("cut") || query.contains("cut");
    if cuts && !agree_as_sets(&machine, &found.outcome) {
        return Verdict::Skipped("`cut` after answers in no promised order");
    }
    verdict(agree_as_sets(&machine, &found.outcome), &machine, &found)
}

/// Why two outcomes that differ may differ: what the language leaves open.
pub(crate) fn left_open(machine: &Outcome, reference: &Outcome, negates: bool) -> Option<&'static str> {
    if agree_in_order(machine, reference) {
        return None;
    }
    if failed_with(reference, "Undecided") || failed_with(machine, "Undecided") {
        // DIVERGENCE: a negation that waits for one of the two is decided at once by the other (below), and the reference asks that a condition be
        // about a variable of the question, the machine also takes one within its value; both refuse rather than guess.
        return Some("undecided for one of the two");
    }
    if failed_with(reference, "NegationLoop") || failed_with(machine, "NegationLoop") {
        // Whether the loop is met depends on how far a negated goal or a condition that waits is followed.
        return Some("a negation loop that need not be met");
    }
    // DIVERGENCE: whether a negation waits for an unbound variable that another clause has seen. The machine looks at
    // the bindings there are, the reference remembers those there were; an answer out of a table binds anew.
    let is_open = |outcome: &Outcome| outcome.answers.iter().any(|answer| answer.contains(" where"));
    let open = is_open(machine) || is_open(reference);
    (open && negates).then_some("a negation over variables that another clause has seen")
}

pub(crate) fn verdict(agree: bool, machine: &Outcome, reference: &Found) -> Verdict {
    if agree {
        let agreed = Agreed { answered: !machine.answers.is_empty(), recursed: reference.recursed };
        return Verdict::Agree(agreed);
    }
    Verdict::Differ { machine: machine.lines(), reference: reference.outcome.lines() }
}

pub(crate) fn failed_with(outcome: &Outcome, kind: &str) -> bool {
    outcome.failure.as_ref().is_some_and(|failure| failure.kind == kind)
}

pub(crate) fn kind(outcome: &Outcome) -> Option<&str> {
    outcome.failure.as_ref().map(|failure| &*failure.kind)
}

/// The answers' values, and whether there are conditions; which variable a condition is written at is a matter of
/// presentation.
fn answers(outcome: &Outcome) -> Vec<String> {
    let values = |answer: &String| {
        let line = without_conditions(answer);
        let (open, known): (Vec<&str>, Vec<&str>) =
            line.split(", ").partition(|part| part.ends_with(" where"));
        if open.is_empty() {
            line.clone()
        } else {
            format!("{} and conditions", unnumbered(&known.join(", ")))
        }
    };
    outcome.answers.iter().map(values).collect()
}

/// Conditions may mention variables first, so that the numbers of others depend on how they are written.
fn unnumbered(line: &str) -> String {
    let mut after_underscore = false;
    let keep = |c: &char| {
        let number = after_underscore && c.is_ascii_digit();
        after_underscore = *c == '_' || number;
        !number
    };
    line.chars().filter(keep).collect()
}

fn agree_in_order(machine: &Outcome, reference: &Outcome) -> bool {
    kind(machine) == kind(reference) && answers(machine) == answers(reference)
}

/// With an error, which answers came before it depends on the order.
pub(crate) fn agree_as_sets(machine: &Outcome, reference: &Outcome) -> bool {
    let set = |outcome: &Outcome| {
        let mut answers = answers(outcome);
        answers.sort();
        answers.dedup();
        answers
    };
    match (kind(machine), kind(reference)) {
        (None, None) => set(machine) == set(reference),
        (Some("Exhausted"), _) => false,
        (machine, reference) => machine.is_some() == reference.is_some(),
    }
}

/// True where one ends with an error after some of the answers of the other, which does not.
fn is_part_of(failed: &Outcome, whole: &Outcome) -> bool {
    let all = answers(whole);
    matches!((kind(failed), kind(whole)), (Some(kind), None) if kind != "Exhausted")
        && !all.is_empty()
        && answers(failed).iter().all(|answer| all.contains(answer))
}

/// Drops whatever can be dropped without the two agreeing.
pub fn shrink(mut case: Case) -> Case {
    let differs = |case: &Case| matches!(compare(case), Verdict::Differ { .. });
    'again: loop {
        for smaller in smaller(&case) {
            if differs(&smaller) {
                case = smaller;
                continue 'again;
            }
        }
        return case;
    }
}

/// Each way to leave something out of a case.
pub fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for index in 0..case.rules.len() {
        let mut smaller = case.clone();
        smaller.rules.remove(index);
        all.push(smaller);
    }
    for query in smaller_goals(&case.query) {
        all.push(Case { query, ..case.clone() });
    }
    for (index, rule) in case.rules.iter().enumerate() {
        for body in smaller_goals(&rule.body) {
            let mut smaller = case.clone();
            if let Some(rule) = smaller.rules.get_mut(index) {
                rule.body = body;
            }
            all.push(smaller);
        }
    }
    for index in (0..case.classes.len()).rev() {
        let mut smaller = case.clone();
        smaller.classes.remove(index);
        all.push(smaller);
    }
    all
}

/// Each way to drop one goal, or to put a part of it in its place.
fn smaller_goals(goals: &[Goal]) -> Vec<Vec<Goal>> {
    let mut all = Vec::new();
    for (index, goal) in goals.iter().enumerate() {
        let with = |replacement: Vec<Goal>| {
            let (before, after) = goals.split_at(index);
            let after = after.iter().skip(1).cloned();
            before.iter().cloned().chain(replacement).chain(after).collect::<Vec<_>>()
        };
        all.push(with(Vec::new()));
        match goal {
            Goal::Plain(_) => {}
            Goal::Not(inner) => {
                all.push(with(inner.clone()));
                all.extend(smaller_goals(inner).into_iter().map(|inner| with(vec![Goal::Not(inner)])));
            }
            Goal::ForAll(condition, action) => {
                all.push(with(vec![Goal::Not(action.clone())]));
                for smaller in smaller_goals(condition) {
                    all.push(with(vec![Goal::ForAll(smaller, action.clone())]));
                }
                for smaller in smaller_goals(action) {
                    all.push(with(vec![Goal::ForAll(condition.clone(), smaller)]));
                }
            }
            Goal::Or(branches) => {
                all.extend(branches.iter().map(|branch| with(branch.clone())));
                for (place, branch) in branches.iter().enumerate() {
                    for smaller in smaller_goals(branch) {
                        let mut branches = branches.clone();
                        if let Some(branch) = branches.get_mut(place) {
                            *branch = smaller;
                        }
                        all.push(with(vec![Goal::Or(branches)]));
                    }
                }
            }
        }
    }
    all
}

fn corpus_file(case: &Case) -> File {
    let section =
        |kind: &str, argument: String, lines: Vec<String>| Section { kind: kind.to_owned(), argument, lines };
    let policy = case.policy().lines().map(str::to_owned).collect();
    File {
        reason: vec!["Found at random.".to_owned()],
        run: vec!["machine".to_owned(), "reference".to_owned()],
        limits: Vec::new(),
        sections: vec![
            section("classes", String::new(), case.classes.clone()),
            section("policy", String::new(), policy),
            section("query", case.query(), Vec::new()),
        ],
    }
}

/// The case as a corpus file without expectations.
pub fn write(case: &Case) -> String {
    corpus_file(case).render()
}

/// The case as a corpus file that expects what the reference says, with what the machine says as a comment. `origin` says
/// where it comes from.
pub fn describe(case: &Case, origin: &str) -> String {
    let mut file = corpus_file(case);
    file.reason = vec![format!("Machine and reference differ ({origin}).")];
    if let (Verdict::Differ { machine, reference }, Some(query)) = (compare(case), file.sections.last_mut()) {
        query.lines = machine.iter().map(|line| format!("# machine: {line}")).collect();
        query.lines.extend(reference);
    }
    file.render()
}
