//! Rules that call one another at random, in loops within loops: what they say must be their least model.
//!
//! The model is worked out from below, after M. van Emden and R. Kowalski, "The semantics of predicate logic as a programming
//! language", JACM 1976: whatever a rule gives is added until nothing new comes. No rule negates, the questions do; each has
//! several goals, so that one may spoil what the next one finds.

use std::collections::BTreeSet;

use arctos::Limits;

use crate::corpus::File;
use crate::generate::Random;
use crate::graphs::{Question, STEPS, Tally, file};
use crate::run::{Loaded, Runner};

/// The values that there are: 0, 1, ….
const VALUES: usize = 3;

/// A goal of a rule.
#[derive(Clone, Copy)]
enum Goal {
    /// The variable is that value.
    Is(usize),
    /// That predicate holds of the variable.
    Same(usize),
    /// That predicate holds of that value.
    Of(usize, usize),
    /// The variable is a value.
    Value,
}

impl Goal {
    fn random(random: &mut Random, predicates: usize) -> Goal {
        let predicate = random.below(predicates);
        match random.below(10) {
            0 => Goal::Is(random.below(VALUES)),
            1 | 2 => Goal::Of(predicate, random.below(VALUES)),
            _ => Goal::Same(predicate),
        }
    }

    fn holds(self, x: usize, model: &BTreeSet<(usize, usize)>) -> bool {
        match self {
            Goal::Is(value) => x == value,
            Goal::Same(predicate) => model.contains(&(predicate, x)),
            Goal::Of(predicate, value) => model.contains(&(predicate, value)),
            Goal::Value => true,
        }
    }

    fn text(self) -> String {
        match self {
            Goal::Is(value) => format!("x = {value}"),
            Goal::Same(predicate) => format!("p{predicate}(x)"),
            Goal::Of(predicate, value) => format!("p{predicate}({value})"),
            Goal::Value => "value(x)".to_owned(),
        }
    }
}

/// Rules for `p0`, `p1`, …: whose, and the goals.
struct Rules {
    predicates: usize,
    rules: Vec<(usize, Vec<Goal>)>,
}

impl Rules {
    fn random(random: &mut Random) -> Rules {
        let predicates = 3 + random.below(4);
        let mut rules = Vec::new();
        for predicate in 0..predicates {
            for _ in 0..1 + random.below(3) {
                let mut goals: Vec<Goal> =
                    (0..1 + random.below(2)).map(|_| Goal::random(random, predicates)).collect();
                // Whatever a rule finds is a value: before the other goals or after them.
                goals.insert(if random.chance(30) { 0 } else { goals.len() }, Goal::Value);
                rules.push((predicate, goals));
            }
        }
        // Something has to hold.
        rules.push((random.below(predicates), vec![Goal::Is(random.below(VALUES))]));
        Rules { predicates, rules }
    }

    fn model(&self) -> BTreeSet<(usize, usize)> {
        let mut model = BTreeSet::new();
        loop {
            let before = model.len();
            for (predicate, goals) in &self.rules {
                let found = (0..VALUES).filter(|x| goals.iter().all(|goal| goal.holds(*x, &model)));
                let found: Vec<usize> = found.collect();
                model.extend(found.into_iter().map(|x| (*predicate, x)));
            }
            if model.len() == before {
                return model;
            }
        }
    }

    fn policy(&self) -> String {
        let values: String = (0..VALUES).map(|value| format!("value({value});\n")).collect();
        let rule = |(predicate, goals): &(usize, Vec<Goal>)| {
            let goals: Vec<String> = goals.iter().map(|goal| goal.text()).collect();
            format!("p{predicate}(x) if {};\n", goals.join(" and "))
        };
        values + &self.rules.iter().map(rule).collect::<String>()
    }

    /// A question of a few goals, with what is right. In an open one the first goal finds the value.
    fn question(&self, random: &mut Random, model: &BTreeSet<(usize, usize)>) -> Question {
        let is_closed = random.chance(50);
        let goals: Vec<(Goal, bool)> = (0..3)
            .map(|at| {
                let predicate = random.below(self.predicates);
                let finds = at == 0 && !is_closed;
                let goal = if finds || !is_closed && random.chance(50) {
                    Goal::Same(predicate)
                } else {
                    Goal::Of(predicate, random.below(VALUES))
                };
                (goal, !finds && random.chance(40))
            })
            .collect();
        let text =
            |(goal, negated): &(Goal, bool)| if *negated { "not " } else { "" }.to_owned() + &goal.text();
        let text = goals.iter().map(text).collect::<Vec<_>>().join(" and ");
        let holds = |x: &usize| goals.iter().all(|(goal, negated)| goal.holds(*x, model) != *negated);
        if is_closed {
            Question::closed(text, holds(&0))
        } else {
            Question::open(text, (0..VALUES).filter(holds).map(|x| format!("x = {x}")))
        }
    }
}

/// Asks about `count` policies from `seed` on. Needs the stack of the reference.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let mut random = Random::new(seed ^ 0x0DE1);
        let rules = Rules::random(&mut random);
        let file = file("", &rules.policy());
        match Loaded::new(&file, Runner::Machine) {
            Ok(mut loaded) if loaded.is_valid() => {
                loaded.limits = Limits { steps: STEPS, time: None, ..Limits::default() };
                ask(&mut tally, &file, &loaded, &rules, &mut random, seed);
            }
            other => tally.differences.push(format!("# seed {seed}: {other:?}\n{}", file.render())),
        }
    }
    tally
}

fn ask(tally: &mut Tally, file: &File, loaded: &Loaded, rules: &Rules, random: &mut Random, seed: u64) {
    let model = rules.model();
    for _ in 0..4 {
        tally.ask(file, loaded, &rules.question(random, &model), seed);
    }
}
