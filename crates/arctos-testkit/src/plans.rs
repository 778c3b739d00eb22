//! Plans and the machine must decide alike: whatever a plan decides, the machine decides the same.
//!
//! A query becomes the body of a rule without parameters, which is then decided twice.

use std::collections::BTreeMap;

use arctos::internals::decide_by_plan;
use arctos::{Heap, Limits, Policy, Query, Sources};

use crate::differential::write;
use crate::generate::{Generator, Random, Rule, without_singletons};
use crate::host::WorldHost;
use crate::world::World;

/// How many goals either may try.
const STEPS: u64 = 200_000;

/// The rule that stands for the query.
const RULE: &str = "decided_by_plan_and_machine";

/// What came of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The plan decided, and the machine decides the same.
    Same(bool),
    /// The application fails in both, at the same place.
    Failed,
    /// The plan leaves it to the machine, whose word is that.
    Left(String),
    /// It is not a question to this policy.
    Invalid,
    /// They differ: plan, machine.
    Differ(String, String),
}

/// What a run over many cases came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Questions that plans decided with yes, and with no.
    pub decided: [usize; 2],
    /// Questions at which the application failed.
    pub failed: usize,
    /// Questions left to the machine, by its word.
    pub left: BTreeMap<String, usize>,
    /// Questions that are none.
    pub invalid: usize,
    /// What they differ on.
    pub differences: Vec<String>,
}

impl Tally {
    /// Counts one question, which `describe` describes.
    pub fn count(&mut self, verdict: Verdict, describe: impl FnOnce() -> String) {
        match verdict {
            Verdict::Same(yes) => self.decided[usize::from(!yes)] += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Left(word) => *self.left.entry(word).or_default() += 1,
            Verdict::Invalid => self.invalid += 1,
            Verdict::Differ(plan, machine) => {
                self.differences.push(format!("plan: {plan}, machine: {machine}\n{}", describe()));
            }
        }
    }
}

/// Compares `count` random cases from `seed` on.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = Generator::case(seed);
        let Ok(world) = World::parse(&case.classes.join("\n")) else {
            tally.invalid += 1;
            continue;
        };
        let mut random = Random::new(seed);
        let closed = case.rules.iter().map(|rule| closed_call(&mut random, rule));
        for query in std::iter::once(case.query()).chain(closed) {
            let verdict = compare(&world, &[(None, case.policy())], &query);
            tally.count(verdict, || format!("# seed {seed}, query {query}\n{}", write(&case)));
        }
    }
    tally
}

/// What variables of a generated head may stand for.
const VALUES: &[&str] =
    &["n0", "n1", "n1", "0", "1", "2", "[n0, n1]", "[1, 0]", "{a: 1}", "n0.next", "n1.kids"];

/// The head of a rule with values for its parameters.
fn closed_call(random: &mut Random, rule: &Rule) -> String {
    let (name, params) = rule.head.split_once('(').unwrap_or((&rule.head, ""));
    let (mut depth, mut count) = (0, usize::from(params.len() > 1));
    for c in params.chars() {
        match c {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ',' if depth == 0 => count += 1,
            _ => {}
        }
    }
    let values: Vec<&str> = (0..count).filter_map(|_| random.pick(VALUES).copied()).collect();
    format!("{name}({})", values.join(", "))
}

/// Decides a query by plan and by machine.
pub fn compare(world: &World, policies: &[(Option<&str>, String)], query: &str) -> Verdict {
    let mut sources = Sources::default();
    for (name, text) in policies {
        sources.add(*name, text);
    }
    sources.add(None, &without_singletons(&format!("{RULE}() if {query};")));
    let Ok(policy) = Policy::load(world.schema(), sources) else { return Verdict::Invalid };
    let limits = Limits { steps: STEPS, time: None, memory: 64 << 20, ..Limits::default() };
    let mut heap = Heap::new(policy.symbols().clone());
    let plan = decide_by_plan(&policy, &mut WorldHost::new(world), &mut heap, (RULE, &[]), &limits);
    let mut asked = Query::new(&policy, WorldHost::new(world));
    asked.set_limits(limits);
    let machine = word(asked.ask(RULE, &[]).and_then(|()| asked.decide()));
    match plan {
        None => Verdict::Left(machine.split(':').next().unwrap_or("").to_owned()),
        Some(Ok(yes)) if machine == word(Ok(yes)) => Verdict::Same(yes),
        // Each counts its own steps.
        Some(Err(error)) if error.is_exhausted() => Verdict::Left("a limit".to_owned()),
        Some(_) if machine.starts_with("Exhausted") => Verdict::Left("a limit".to_owned()),
        Some(plan) => {
            let (failed, plan) = (plan.is_err(), word(plan));
            if failed && plan == machine { Verdict::Failed } else { Verdict::Differ(plan, machine) }
        }
    }
}

fn word(decision: Result<bool, arctos::Error>) -> String {
    match decision {
        Ok(true) => "yes".to_owned(),
        Ok(false) => "no".to_owned(),
        Err(error) => {
            // Which calls around it a trace names is presentation.
            let goal = error.trace().last().map_or("", |frame| &*frame.goal);
            format!("{:?}: {} in {goal}", error.kind(), error.message())
        }
    }
}
