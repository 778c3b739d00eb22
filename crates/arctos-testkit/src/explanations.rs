//! Explanations at random: every proof is checked, and every miss does what it says.
//!
//! A proof is checked node by node against the trees of the rules and the facts (`proofs`). A miss must make the question hold, none
//! of its parts may; and where the universe is small, all sets of changes are tried, so that no miss is forgotten.

mod proofs;
mod small;

use arctos::explain::{Argument, Explanation, Extent, NearMiss, Needed};
use arctos::facts::{Facts, Value, ValueRef};
use arctos::{Authorizer, Error, Fact, Limits, Policy, Request};

use crate::facts::{Case, Generator, closed_question, corpus_file};
use crate::run::{Loaded, Runner, kept};

pub use small::compare_small;

/// What came of comparing.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Questions that were answered yes, with a proof that is right.
    pub proven: usize,
    /// Goals of these proofs.
    pub nodes: usize,
    /// Questions that were answered no, and misses of them.
    pub denied: usize,
    /// Misses that are right.
    pub misses: usize,
    /// Misses with a fact to remove.
    pub removals: usize,
    /// Cases without an explanation: not valid, or an error of the decision.
    pub skipped: usize,
    /// What went wrong, as corpus files.
    pub differences: Vec<String>,
}

/// How many steps a decision and its explanation may take.
const STEPS: u64 = 2_000_000;

/// Explains `count` cases from `seed` on.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = Generator::closed_case(seed);
        if std::env::var("DBG").is_ok() {
            eprintln!("{}", corpus_file(&case).render());
        }
        if let Some(problem) = judge(&case, &mut tally) {
            let case = shrink(case, |case| judge(case, &mut Tally::default()).is_some());
            let problem = judge(&case, &mut Tally::default()).unwrap_or(problem);
            tally.differences.push(describe(&case, seed, &problem));
        }
    }
    tally
}

/// Leaves out whatever lines can be left out with the case still being wrong.
fn shrink(mut case: Case, is_wrong: impl Fn(&Case) -> bool) -> Case {
    'again: loop {
        for index in 0..case.policy.len() + case.facts.len() {
            let smaller = case.without(index);
            if is_wrong(&smaller) {
                case = smaller;
                continue 'again;
            }
        }
        return case;
    }
}

fn describe(case: &Case, seed: u64, problem: &str) -> String {
    let mut file = corpus_file(case);
    file.reason = vec![format!("Seed {seed}: {}", problem.replace('\n', "\n# "))];
    file.render()
}

/// What is wrong with the explanation of a case.
fn judge(case: &Case, tally: &mut Tally) -> Option<String> {
    let Ok(loaded) = Loaded::new(&corpus_file(case), Runner::Machine) else { return skipped(tally) };
    let (Some(policy), Ok(facts)) = (loaded.policy(), kept(&loaded.world)) else { return skipped(tally) };
    let Some((rule, arguments)) = closed_question(&case.query) else { return skipped(tally) };
    let asked = Asked::new(policy, facts, rule, &arguments)?;
    let Ok(decided) = asked.holds(&[]) else { return skipped(tally) };
    let explanation = match asked.explain(&Extent::default()) {
        Ok(explanation) => explanation,
        // It may look where the decision did not.
        Err(error) if error.is_exhausted() => return skipped(tally),
        Err(error) => return Some(format!("it is not explained: {error}")),
    };
    if explanation.allowed != decided {
        return Some(format!("explained as {}, decided as {decided}", explanation.allowed));
    }
    let problem = asked.wrong(&loaded, &explanation, tally);
    if let Some(problem) = problem {
        return Some(format!("{problem}\n{:.4000}", explanation.to_text()));
    }
    count(tally, &explanation);
    None
}

fn skipped(tally: &mut Tally) -> Option<String> {
    tally.skipped += 1;
    None
}

fn count(tally: &mut Tally, explanation: &Explanation) {
    if explanation.allowed {
        tally.proven += 1;
        return;
    }
    tally.denied += 1;
    tally.misses += explanation.misses.len();
    let removes = |miss: &&NearMiss| miss.needed.iter().any(|needed| matches!(needed, Needed::NoFact(_)));
    tally.removals += explanation.misses.iter().filter(removes).count();
}

/// A question that is asked of changed facts.
struct Asked<'a> {
    authorizer: Authorizer,
    rule: &'a str,
    arguments: &'a [ValueRef<'a>],
}

/// A change of facts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Add(Fact),
    Remove(Fact),
}

impl<'a> Asked<'a> {
    fn new(policy: &Policy, facts: Facts, rule: &'a str, arguments: &'a [ValueRef<'a>]) -> Option<Self> {
        let limits = Limits { steps: STEPS, time: None, ..Limits::default() };
        let authorizer = Authorizer::new(policy, facts).ok()?.with_limits(limits);
        Some(Asked { authorizer, rule, arguments })
    }

    fn explain(&self, extent: &Extent) -> Result<Explanation, Error> {
        self.authorizer.explain_within(&Request::default(), self.rule, self.arguments, extent)
    }

    /// The decision after these changes, made by plans where they can.
    fn holds(&self, changes: &[&Change]) -> Result<bool, Error> {
        self.changed(changes).authorizer.check(self.rule, self.arguments)
    }

    /// What is wrong with an explanation.
    fn wrong(&self, loaded: &Loaded, explanation: &Explanation, tally: &mut Tally) -> Option<String> {
        if let Some(proof) = &explanation.proof {
            tally.nodes += proofs::size(proof);
            let known = proofs::Known { loaded, facts: &stored(self.authorizer.facts()) };
            return proofs::problem(&known, proof, &explanation.question);
        }
        explanation.misses.iter().find_map(|miss| self.problem(miss, loaded, tally))
    }

    /// The same question with other facts.
    fn changed(&self, changes: &[&Change]) -> Self {
        let mut change = self.authorizer.facts().change();
        for part in changes {
            match part {
                Change::Add(fact) => _ = change.insert(fact),
                Change::Remove(fact) => _ = change.delete(fact),
            }
        }
        Asked { authorizer: self.authorizer.with_facts(change.commit().0), ..*self }
    }

    /// What is wrong with a miss; with conditions it is not about facts alone.
    fn problem(&self, miss: &NearMiss, loaded: &Loaded, tally: &mut Tally) -> Option<String> {
        let lines = miss.to_lines().join(" and ");
        let changes = changes_of(miss, &mut fresh)?;
        let all: Vec<&Change> = changes.iter().collect();
        match self.changed(&all).explain(&Extent::default()) {
            Ok(explanation) if explanation.allowed => {
                if let Some(proof) = &explanation.proof {
                    tally.nodes += proofs::size(proof);
                    let facts = stored(self.changed(&all).authorizer.facts());
                    let loaded = loaded.with_facts(&facts);
                    let known = proofs::Known { loaded: &loaded, facts: &facts };
                    let problem = proofs::problem(&known, proof, &explanation.question);
                    if let Some(problem) = problem {
                        return Some(format!("{lines}: {problem}\n{:.4000}", explanation.to_text()));
                    }
                }
            }
            Ok(_) => return Some(format!("{lines}: does not suffice")),
            Err(error) => return Some(format!("{lines}: {error}")),
        }
        (0..(1_usize << all.len()) - 1).find_map(|part| {
            let chosen: Vec<&Change> =
                all.iter().enumerate().filter(|(at, _)| part & (1 << at) != 0).map(|(_, c)| *c).collect();
            self.holds(&chosen).unwrap_or(false).then(|| format!("{lines}: {chosen:?} suffices"))
        })
    }
}

/// The facts of a snapshot.
fn stored(facts: &Facts) -> Vec<Fact> {
    facts.iter().map(|fact| fact.to_fact()).collect()
}

/// The changes that a miss asks for; `None` where it asks for something else.
fn changes_of(
    miss: &NearMiss,
    value: &mut impl FnMut(&arctos::explain::Placeholder) -> Value,
) -> Option<Vec<Change>> {
    let change = |needed: &Needed| match needed {
        Needed::Fact(goal) => goal.with(&mut *value).to_fact().map(Change::Add),
        Needed::NoFact(fact) => Some(Change::Remove(fact.clone())),
        Needed::Condition { .. } => None,
    };
    miss.needed.iter().map(change).collect()
}

/// A new value for a placeholder: an id that nothing has, or, for a number, the one that the miss names.
fn fresh(placeholder: &arctos::explain::Placeholder) -> Value {
    match &placeholder.example {
        Value::Entity { type_name, .. } => {
            Value::entity(type_name.as_str(), format!("new{}", placeholder.number))
        }
        Value::String(_) => Value::String(format!("new{}", placeholder.number)),
        other => other.clone(),
    }
}

/// The values that a goal is about.
fn values(arguments: &[Argument]) -> impl Iterator<Item = &Value> {
    arguments.iter().filter_map(|argument| match argument {
        Argument::Value(value) => Some(value),
        _ => None,
    })
}
