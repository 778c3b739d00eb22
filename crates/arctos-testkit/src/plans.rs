//! Plans and the machine must decide alike: whatever a plan decides, the machine decides the same.
//!
//! A query becomes the body of a rule without parameters, which is then decided twice.

use std::collections::BTreeMap;

use arctos::internals::{decide_by_plan, keep_facts};
use arctos::{Heap, Limits, Policy, Query, Request, Sources};

use crate::differential::write;
use crate::generate::{Case, Generator, Random, Rule, without_singletons};
use crate::host::WorldHost;
use crate::run::kept;
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

/// For how many questions the application has answered as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// About lists.
    pub lists: usize,
    /// About all that can be reached by lists.
    pub closures: usize,
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
    /// Lists for which the application answered as a whole.
    pub searches: usize,
    /// Questions about all that can be reached that the application answered as a whole.
    pub closures: usize,
    /// What they differ on.
    pub differences: Vec<String>,
}

impl Tally {
    /// Counts one question, which `describe` describes.
    pub fn count(&mut self, (verdict, asked): (Verdict, Asked), describe: impl FnOnce() -> String) {
        self.searches += asked.lists;
        self.closures += asked.closures;
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
        compare_case(&case, &mut Random::new(seed), &mut tally, &format!("seed {seed}"));
    }
    tally
}

/// Compares a case's query, and a closed call of each rule with arguments at random. The last argument says where the case
/// comes from.
pub fn compare_case(case: &Case, random: &mut Random, tally: &mut Tally, origin: &str) {
    let Ok(world) = World::parse(&case.classes.join("\n")) else {
        tally.invalid += 1;
        return;
    };
    let closed = case.rules.iter().map(|rule| closed_call(random, rule));
    for query in std::iter::once(case.query()).chain(closed) {
        let verdict = compare(&world, &[(None, case.policy())], &query);
        tally.count(verdict, || format!("# {origin}, query {query}\n{}", write(case)));
    }
}

/// Compares `count` random policies in which roles are looked for in lists, with items and attributes of which some
/// are missing or fail.
pub fn compare_searches(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        compare_search(&mut Random::new(seed), &mut tally, &format!("seed {seed}"));
    }
    tally
}

/// Compares one of them. The last argument says where it comes from.
pub fn compare_search(random: &mut Random, tally: &mut Tally, origin: &str) {
    let classes = search_classes(random);
    let policy = search_policy(random);
    let Ok(world) = World::parse(&classes) else {
        tally.invalid += 1;
        return;
    };
    for query in ["r0(n0, n1)", "r1(n1, n2)", "r2(n2, n0)", "not r2(n1, n1)", "r0(n2, n3) or r1(n3, n3)"] {
        let verdict = compare(&world, &[(None, policy.clone())], query);
        tally.count(verdict, || format!("# {origin}, query {query}\n{classes}\n{policy}"));
    }
}

/// A few objects with lists of one another.
pub(crate) fn search_classes(random: &mut Random) -> String {
    let mut text = "class Node\nclass Leaf(Node)\nclass Twig\n".to_owned();
    for index in 0..4 {
        let class = random.pick(&["Node", "Leaf", "Twig"]).copied().unwrap_or("Node");
        let odd = |random: &mut Random, usual: String, odd: &'static [&'static str]| {
            if random.chance(93) { usual } else { random.pick(odd).copied().unwrap_or("nil").to_owned() }
        };
        let kids = (0..random.below(4)).map(|_| format!("n{}", random.below(4)));
        let kids: Vec<String> = kids.collect();
        let kids: Vec<String> = kids.into_iter().map(|kid| odd(random, kid, &["7", "nil", "[n0]"])).collect();
        let kids = odd(random, format!("[{}]", kids.join(", ")), &["n1", "nil", "raise \"kids\""]);
        let tag = random.below(3).to_string();
        let tag = odd(random, tag, &["\"1\"", "1.0", "raise \"tag\"", "n2"]);
        let id = random.below(2).to_string();
        let id = odd(random, id, &["nil", "raise \"id\""]);
        let tag = if random.chance(97) { format!("tag: {tag}, ") } else { String::new() };
        text += &format!(
            "object n{index} = {class}{{{tag}id: {id}, kids: {kids}, next: n{}}}\n",
            random.below(4)
        );
    }
    text
}

/// Three rules `r0`, `r1`, `r2` of which each may lead to the next, over one or two kinds of searches.
fn search_policy(random: &mut Random) -> String {
    // The variables: whose list, the tag, what is wanted, the item.
    let tests =
        ["x3.tag = x1", "x3.id = x2.id", "x3.next = x2", "x3 = x2", "x3.tag = x2.tag", "x2.id = x3.id"];
    let mut text = String::new();
    for kind in ["has", "holds"] {
        let first = random.below(2);
        let mut body = format!("x3 in x0.{}", if random.chance(90) { "kids" } else { "next.kids" });
        for test in 0..1 + random.below(3) {
            let test = if test == 0 { first } else { random.below(tests.len()) };
            body += &format!(" and {}", tests.get(test).copied().unwrap_or("true"));
        }
        text += &without_singletons(&format!("{kind}(x0, x1, x2) if {body};\n"));
    }
    for rule in 0..3 {
        for _ in 0..1 + random.below(3) {
            let body = match random.below(8) {
                0 if rule < 2 => format!("r{}(x, y)", rule + 1),
                1 => "x matches Node and y in x.kids".to_owned(),
                2 => format!("not has(x, {}, y)", random.below(3)),
                3 => format!("has(x.next, {}, y)", random.below(3)),
                4 => format!("holds(x, {}, y)", random.below(3)),
                _ => format!("has(x, {}, y)", random.below(3)),
            };
            text += &format!("r{rule}(x, y) if {body};\n");
        }
    }
    text
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

/// Decides a query by plan and by machine; also tells what the application has answered as a whole.
pub fn compare(world: &World, policies: &[(Option<&str>, String)], query: &str) -> (Verdict, Asked) {
    let mut sources = Sources::default();
    for (name, text) in policies {
        sources.add(*name, text);
    }
    sources.add(None, &without_singletons(&format!("{RULE}() if {query};")));
    let Ok(policy) = Policy::load(world.schema(), sources) else {
        return (Verdict::Invalid, Asked::default());
    };
    let limits = Limits { steps: STEPS, time: None, memory: 64 << 20, ..Limits::default() };
    let mut heap = Heap::new(policy.symbols().clone());
    let mut asked = Query::new(&policy, WorldHost::new(world));
    if policy.schema().has_facts() {
        let Ok(facts) = kept(world) else { return (Verdict::Invalid, Asked::default()) };
        let begun = world.given.ask(|request| {
            let request = Request { unix_time: world.unix_time, ..*request };
            keep_facts(&policy, &mut heap, &facts, &request)?;
            asked.set_request(&facts, &request)
        });
        if begun.is_err() {
            return (Verdict::Invalid, Asked::default());
        }
    }
    let mut host = WorldHost::new(world);
    let plan = decide_by_plan(&policy, &mut host, &mut heap, (RULE, &[]), &limits);
    asked.set_limits(limits);
    let machine = word(asked.ask(RULE, &[]).and_then(|()| asked.decide()));
    let verdict = match plan {
        None => Verdict::Left(machine.split(':').next().unwrap_or("").to_owned()),
        Some(Ok(yes)) if machine == word(Ok(yes)) => Verdict::Same(yes),
        // Each counts its own steps.
        Some(Err(error)) if error.is_exhausted() => Verdict::Left("a limit".to_owned()),
        Some(_) if machine.starts_with("Exhausted") => Verdict::Left("a limit".to_owned()),
        Some(plan) => {
            let (failed, plan) = (plan.is_err(), word(plan));
            if failed && plan == machine { Verdict::Failed } else { Verdict::Differ(plan, machine) }
        }
    };
    (verdict, Asked { lists: host.looked_at, closures: host.gone_through })
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
