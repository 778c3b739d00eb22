//! Small universes, in which all sets of changes can be tried: no nearest miss is forgotten, and none is too large.
//!
//! The rules are typed and stratified; the question is about a user and a document. What brute force finds is compared with
//! what an explanation says: the same number of changes, and each of the smallest sets is an instance of some miss.

use std::collections::BTreeMap;

use arctos::explain::{Argument, Explanation, Extent, Goal, NearMiss, Needed};
use arctos::facts::Value;
use arctos::{Fact, Policy};

use super::{Asked, Change, Tally, count, describe, shrink, values};
use crate::facts::{Case, closed_question, corpus_file};
use crate::generate::Random;
use crate::run::{Loaded, Runner, kept};

/// The largest sets that are tried.
const MOST: usize = 2;

/// The predicates of facts.
const STORED: &[(&str, &[&str])] = &[
    ("known", &["User"]),
    ("barred", &["User"]),
    ("open", &["Doc"]),
    ("member", &["User", "Team"]),
    ("keeps", &["Team", "Doc"]),
    ("owns", &["User", "Doc"]),
    ("within", &["Doc", "Doc"]),
];

/// Entities that there are, and one more of each type that no fact names.
const IDS: &[(&str, &[&str])] =
    &[("User", &["u", "v", "new"]), ("Team", &["s", "t", "new"]), ("Doc", &["d", "x", "new"])];

/// Explains `count` questions about small universes, from `seed` on.
pub fn compare_small(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        let case = case(&mut Random::new(seed ^ 0x5A11));
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

fn judge(case: &Case, tally: &mut Tally) -> Option<String> {
    let loaded = Loaded::new(&corpus_file(case), Runner::Machine).ok()?;
    let (Some(policy), Ok(facts)) = (loaded.policy(), kept(&loaded.world)) else {
        tally.skipped += 1;
        return None;
    };
    let (rule, arguments) = closed_question(&case.query)?;
    let asked = Asked::new(policy, facts, rule, &arguments)?;
    let decided = asked.holds(&[]).ok()?;
    let extent = Extent { misses: 500, changes: MOST, goals: 50_000, ..Extent::default() };
    let explanation = match asked.explain(&extent) {
        Ok(explanation) => explanation,
        Err(error) => return Some(format!("it is not explained: {error}")),
    };
    if explanation.allowed != decided {
        return Some(format!("explained as {}", explanation.allowed));
    }
    count(tally, &explanation);
    let mut problem = asked.wrong(&loaded, &explanation, tally);
    if !explanation.allowed {
        problem = problem.or_else(|| forgotten(policy, &asked, loaded.world.facts(), &explanation));
    }
    problem.map(|problem| format!("{problem}\n{}", explanation.to_text()))
}

/// A smallest set of changes that is no instance of a miss.
fn forgotten(
    policy: &Policy,
    asked: &Asked<'_>,
    facts: &[Fact],
    explanation: &Explanation,
) -> Option<String> {
    let all = universe(policy, facts);
    let holds = |changes: &[&Change]| asked.holds(changes).unwrap_or(false);
    let single: Vec<&Change> = all.iter().filter(|change| holds(&[change])).collect();
    if !single.is_empty() {
        return single.into_iter().find_map(|change| not_told(&[change], explanation));
    }
    for (at, first) in all.iter().enumerate() {
        for second in all.iter().skip(at + 1) {
            if holds(&[first, second])
                && let Some(problem) = not_told(&[first, second], explanation)
            {
                return Some(problem);
            }
        }
    }
    None
}

fn not_told(changes: &[&Change], explanation: &Explanation) -> Option<String> {
    let is_told = explanation.misses.iter().any(|miss| is_instance(changes, miss));
    (!is_told).then(|| format!("{changes:?} suffices and is not told"))
}

/// All changes of facts that there may be.
fn universe(policy: &Policy, facts: &[Fact]) -> Vec<Change> {
    let mut all: Vec<Change> = facts.iter().cloned().map(Change::Remove).collect();
    for (name, types) in STORED {
        let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
        for type_name in *types {
            let ids = IDS.iter().find(|(name, _)| name == type_name).map_or(&[][..], |(_, ids)| *ids);
            rows = rows
                .into_iter()
                .flat_map(|row| {
                    ids.iter().map(move |id| {
                        let mut row = row.clone();
                        row.push(Value::entity(*type_name, *id));
                        row
                    })
                })
                .collect();
        }
        let added = rows.into_iter().map(|row| Fact::new(*name, row));
        all.extend(
            added.filter(|fact| !facts.contains(fact) && policy.check_fact(fact).is_ok()).map(Change::Add),
        );
    }
    all
}

/// True when changes are those of a miss, with some values for its placeholders.
fn is_instance(changes: &[&Change], miss: &NearMiss) -> bool {
    changes.len() == miss.needed.len() && matched(changes, &miss.needed, &BTreeMap::new())
}

fn matched(changes: &[&Change], needed: &[Needed], known: &BTreeMap<u32, Value>) -> bool {
    let Some((first, rest)) = needed.split_first() else { return changes.is_empty() };
    changes.iter().enumerate().any(|(at, change)| {
        let mut known = known.clone();
        let fits = match (first, change) {
            (Needed::NoFact(left), Change::Remove(right)) => left == right,
            (Needed::Fact(goal), Change::Add(fact)) => fits(goal, fact, &mut known),
            _ => false,
        };
        let others: Vec<&Change> =
            changes.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, change)| *change).collect();
        fits && matched(&others, rest, &known)
    })
}

fn fits(goal: &Goal, fact: &Fact, known: &mut BTreeMap<u32, Value>) -> bool {
    goal.predicate == fact.predicate
        && goal.arguments.iter().zip(&fact.arguments).all(|(argument, value)| match argument {
            Argument::Some(placeholder) => {
                let is_of = placeholder.type_name.as_deref() == Some(value.as_ref().type_name());
                is_of && known.entry(placeholder.number).or_insert_with(|| value.clone()) == value
            }
            argument => values(std::slice::from_ref(argument)).next() == Some(value),
        })
}

/// Rules `p0`, `p1`, … about a user and a document, each of which negates earlier ones only.
fn case(random: &mut Random) -> Case {
    let mut policy: Vec<String> = Vec::new();
    for (name, types) in STORED {
        policy.push(format!("declare {name}({});", types.join(", ")));
    }
    let predicates = 1 + random.below(3);
    for predicate in 0..predicates {
        for _ in 0..1 + random.below(2) {
            let goals: Vec<String> = (0..1 + random.below(3)).map(|at| goal(random, predicate, at)).collect();
            policy.push(format!("p{predicate}(u: User, d: Doc) if {};", goals.join(" and ")));
        }
    }
    let facts = (0..random.below(8)).map(|_| fact(random)).collect();
    Case { policy, facts, query: format!("p{}(User{{\"u\"}}, Doc{{\"d\"}})", predicates - 1) }
}

fn goal(random: &mut Random, predicate: usize, at: usize) -> String {
    let lower = random.below(predicate.max(1));
    match random.below(13) {
        0 => "known(u)".to_owned(),
        1 => "open(d)".to_owned(),
        2 | 3 => "owns(u, d)".to_owned(),
        4 => "not barred(u)".to_owned(),
        5 | 6 => format!("t{at} matches Team and member(u, t{at}) and keeps(t{at}, d)"),
        7 => format!("e{at} matches Doc and within(d, e{at}) and p{predicate}(u, e{at})"),
        8 if predicate > 0 => format!("not p{lower}(u, d)"),
        9 | 10 if predicate > 0 => format!("p{lower}(u, d)"),
        11 => format!("not (s{at} matches Team and member(u, s{at}) and not keeps(s{at}, d))"),
        _ => "(known(u) or open(d))".to_owned(),
    }
}

fn fact(random: &mut Random) -> String {
    let (name, types) = random.pick(STORED).copied().unwrap_or(("known", &["User"]));
    let arguments: Vec<String> = types
        .iter()
        .map(|type_name| {
            let ids = IDS.iter().find(|(name, _)| name == type_name).map_or(&[][..], |(_, ids)| *ids);
            let id = random.pick(ids.get(..2).unwrap_or_default()).copied().unwrap_or("u");
            if random.chance(8) { format!("_: {type_name}") } else { format!("{type_name}{{\"{id}\"}}") }
        })
        .collect();
    format!("{name}({});", arguments.join(", "))
}
