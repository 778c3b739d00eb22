//! Policies over facts at random: machine and reference must give the same answers, and the order of facts changes nothing.
//!
//! Cases are lines of text, so that shrinking is leaving lines out. Facts are a set, so answers are compared as one.

mod listed;

use arctos::{Authorizer, ErrorKind, Limits, facts::ValueRef};

use crate::corpus::{File, Section};
use crate::differential::{Tally, Verdict, agree_as_sets, failed_with, kind, left_open, verdict};
use crate::generate::{Random, without_singletons};
use crate::outcome::Outcome;
use crate::run::{Loaded, Runner, ask_reference_here, kept};

/// How many goals the reference may try in one case.
const REFERENCE_STEPS: u64 = 4_000;

/// How many steps the machine may take: enough for whatever the reference gets done.
const MACHINE_STEPS: u64 = 400_000;

/// A generated case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Blocks, declarations and rules, a line each.
    pub policy: Vec<String>,
    /// Facts, a line each.
    pub facts: Vec<String>,
    /// The question.
    pub query: String,
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

/// Puts one case to both; and to the machine once more with the facts the other way round.
pub fn compare(case: &Case) -> Verdict {
    let Ok(mut loaded) = Loaded::new(&corpus_file(case), Runner::Machine) else {
        return Verdict::Skipped("malformed facts");
    };
    if !loaded.is_valid() {
        return Verdict::Skipped("invalid policy");
    }
    loaded.limits = Limits { steps: REFERENCE_STEPS, time: None, ..Limits::default() };
    let found = ask_reference_here(&loaded, &case.query);
    let reference = &found.outcome;
    if failed_with(reference, "Exhausted") {
        return Verdict::Skipped("the reference takes too long");
    }
    loaded.limits = Limits { steps: MACHINE_STEPS, time: None, memory: 64 << 20, ..Limits::default() };
    let machine = loaded.ask(&case.query);
    // Such rules are refused at load.
    if failed_with(&machine, "NegationLoop") || failed_with(reference, "NegationLoop") {
        return verdict(false, &machine, &found);
    }
    let negates = case.policy.iter().chain([&case.query]).any(|line| line.contains("not "));
    if !agree_as_sets(&machine, reference) {
        if let Some(reason) = left_open(&machine, reference, negates) {
            return Verdict::Skipped(reason);
        }
        return verdict(false, &machine, &found);
    }
    let decided = decision(&loaded, case);
    if let Some(turned) = turned_otherwise(&loaded, case, &machine, decided) {
        return Verdict::Differ { machine: turned, reference: machine.lines() };
    }
    if let Some(decided) = decided_otherwise(decided, machine.failure.is_none(), !machine.answers.is_empty())
    {
        return Verdict::Differ { machine: machine.lines(), reference: vec![decided] };
    }
    if let Some(listed) = listed::listed_otherwise(&loaded, case) {
        return Verdict::Differ { machine: vec![listed], reference: Vec::new() };
    }
    verdict(true, &machine, &found)
}

/// What an [`Authorizer`] decides, where the question is one that it takes.
type Decision = Option<Result<bool, ErrorKind>>;

fn decision(loaded: &Loaded, case: &Case) -> Decision {
    let policy = loaded.policy()?;
    let (rule, arguments) = closed_question(&case.query)?;
    let authorizer = Authorizer::new(policy, kept(&loaded.world).ok()?).ok()?;
    let decided = authorizer.with_limits(loaded.limits.clone()).check(rule, &arguments);
    Some(decided.map_err(|error| error.kind()))
}

/// What is answered or decided with the facts the other way round, if that is something else, another kind of error included.
fn turned_otherwise(
    loaded: &Loaded,
    case: &Case,
    machine: &Outcome,
    decided: Decision,
) -> Option<Vec<String>> {
    let turned = Case { facts: case.facts.iter().rev().cloned().collect(), ..case.clone() };
    let mut other = Loaded::new(&corpus_file(&turned), Runner::Machine).ok()?;
    other.limits = loaded.limits.clone();
    let found = other.ask(&case.query);
    if !agree_as_sets(machine, &found) || kind(machine) != kind(&found) {
        return Some(found.lines());
    }
    let turned = decision(&other, case);
    (turned != decided).then(|| vec![format!("the authorizer says {turned:?}, before {decided:?}")])
}

/// What an authorizer decides if that is something else than what the machine says.
fn decided_otherwise(decided: Decision, is_settled: bool, has_answers: bool) -> Option<String> {
    match decided? {
        // The first answer may be found before what else would go wrong.
        Ok(allowed) if allowed == has_answers || (!is_settled && allowed) => None,
        Err(_) if !is_settled => None,
        Ok(allowed) => Some(format!("the authorizer decides {allowed}")),
        Err(kind) => Some(format!("the authorizer fails: {kind:?}")),
    }
}

/// The rule and the arguments of a query like `p0(User{"u1"}, 1)`.
pub(crate) fn closed_question(query: &str) -> Option<(&str, Vec<ValueRef<'_>>)> {
    let (rule, rest) = query.split_once('(')?;
    let arguments = rest.strip_suffix(')')?;
    if arguments.contains(['(', '=']) {
        return None;
    }
    let arguments = arguments.split(", ").map(value).collect::<Option<Vec<_>>>()?;
    Some((rule, arguments))
}

/// A value as generated cases write it.
fn value(text: &str) -> Option<ValueRef<'_>> {
    if let Some((type_name, id)) = text.split_once('{') {
        return Some(ValueRef::entity(type_name, id.strip_prefix('"')?.strip_suffix("\"}")?));
    }
    match text.strip_prefix('"') {
        Some(text) => text.strip_suffix('"').map(ValueRef::String),
        None => text.parse().ok().map(ValueRef::Integer),
    }
}

/// Leaves out whatever lines can be left out without the two agreeing.
pub fn shrink(mut case: Case) -> Case {
    let differs = |case: &Case| matches!(compare(case), Verdict::Differ { .. });
    'again: loop {
        for index in 0..case.policy.len() + case.facts.len() {
            let smaller = case.without(index);
            if differs(&smaller) {
                case = smaller;
                continue 'again;
            }
        }
        return case;
    }
}

pub(crate) fn corpus_file(case: &Case) -> File {
    let section = |kind: &str, argument: &str, lines: &[String]| Section {
        kind: kind.to_owned(),
        argument: argument.to_owned(),
        lines: lines.to_vec(),
    };
    File {
        reason: vec!["Found at random.".to_owned()],
        run: vec!["machine".to_owned(), "reference".to_owned()],
        limits: Vec::new(),
        sections: vec![
            section("policy", "", &case.policy),
            section("facts", "", &case.facts),
            section("query", &case.query, &[]),
        ],
    }
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

/// What an argument is thought to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Entity,
    Text,
    Number,
}

use Sort::{Entity, Number, Text};

/// The predicates that only facts have.
const STORED: &[(&str, &[Sort])] = &[
    ("has_relation", &[Entity, Text, Entity]),
    ("has_role", &[Entity, Text, Entity]),
    ("joined", &[Entity, Entity]),
    ("tagged", &[Entity, Text]),
    ("sized", &[Entity, Number]),
    ("open", &[Entity]),
];

const TYPES: &[&str] = &["User", "Group", "Doc", "Folder"];
const WORDS: &[&str] = &["reader", "owner", "parent"];

/// Blocks, of which each case has some.
const BLOCKS: &[&str] = &[
    "actor User {}",
    "actor Group extends User {}",
    "resource Folder { roles = [\"reader\", \"owner\"]; relations = { parent: Folder }; \"reader\" if \"owner\"; role if role on \"parent\"; }",
    "resource Doc { roles = [\"reader\", \"owner\"]; permissions = [\"read\"]; relations = { parent: Folder }; \"read\" if \"reader\" and not_open(resource); \"read\" if open(resource); \"reader\" if \"owner\" or \"reader\" on \"parent\"; }",
    "not_open(x) if not open(x);",
];

impl Case {
    /// The same without one of its lines: those of the policy come first.
    #[must_use]
    pub fn without(&self, line: usize) -> Case {
        let mut smaller = self.clone();
        match line.checked_sub(smaller.policy.len()) {
            None => _ = smaller.policy.remove(line),
            Some(fact) => _ = smaller.facts.remove(fact),
        }
        smaller
    }
}

/// Makes one case.
pub struct Generator {
    random: Random,
    /// Parameters of `p0`, `p1`, ….
    rules: Vec<Vec<Sort>>,
    variables: Vec<Sort>,
}

impl Generator {
    /// The case of that seed.
    pub fn case(seed: u64) -> Case {
        Generator::case_of(Random::new(seed ^ 0xFAC7))
    }

    /// The case that these choices make.
    pub fn case_of(random: Random) -> Case {
        Generator::make(random, false)
    }

    /// The case of that seed with a question about values alone.
    pub fn closed_case(seed: u64) -> Case {
        Generator::make(Random::new(seed ^ 0xFAC7), true)
    }

    fn make(mut random: Random, is_closed: bool) -> Case {
        let sorts = |random: &mut Random| {
            (0..1 + random.below(2)).map(|_| if random.chance(75) { Entity } else { Text }).collect()
        };
        let rules = (0..1 + random.below(4)).map(|_| sorts(&mut random)).collect();
        let mut generator = Generator { random, rules, variables: Vec::new() };
        let mut policy: Vec<String> =
            ["declare has_relation(User, String, User);", "declare has_role(User, String, Doc);"]
                .map(str::to_owned)
                .into();
        if generator.random.chance(60) {
            policy.extend(BLOCKS.iter().map(|block| (*block).to_owned()));
        }
        if generator.random.chance(15) {
            policy.push("declare p0(User, Doc);".to_owned());
        }
        for index in 0..generator.rules.len() {
            for _ in 0..1 + generator.random.below(3) {
                policy.push(generator.rule(index));
            }
        }
        let facts = (0..generator.random.below(14)).map(|_| generator.fact()).collect();
        let percent = if is_closed { 100 } else { 40 };
        Case { policy, facts, query: generator.query(percent) }
    }

    fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.random.pick(words).copied().unwrap_or("")
    }

    fn entity(&mut self) -> String {
        let kind = self.word(TYPES);
        format!("{kind}{{\"{}\"}}", self.random.below(3))
    }

    fn constant(&mut self, sort: Sort) -> String {
        match sort {
            Entity => self.entity(),
            Text => format!("\"{}\"", self.word(WORDS)),
            Number => self.random.below(3).to_string(),
        }
    }

    fn fact(&mut self) -> String {
        let (name, sorts) = self.random.pick(STORED).copied().unwrap_or(("open", &[Entity]));
        let arguments: Vec<String> = sorts.iter().map(|sort| self.argument(*sort)).collect();
        format!("{name}({});", arguments.join(", "))
    }

    /// An argument of a fact; some are wildcards.
    fn argument(&mut self, sort: Sort) -> String {
        if !self.random.chance(10) {
            return self.constant(sort);
        }
        match sort {
            Entity => format!("_: {}", self.word(TYPES)),
            Text => "_: String".to_owned(),
            Number => "_: Integer".to_owned(),
        }
    }

    fn variable(&mut self, sort: Sort, new: usize) -> String {
        let known: Vec<usize> =
            (0..self.variables.len()).filter(|index| self.variables.get(*index) == Some(&sort)).collect();
        if known.is_empty() || self.random.chance(new) {
            self.variables.push(sort);
            return format!("x{}", self.variables.len() - 1);
        }
        format!("x{}", self.random.pick(&known).copied().unwrap_or(0))
    }

    fn term(&mut self, sort: Sort) -> String {
        if self.random.chance(70) { self.variable(sort, 30) } else { self.constant(sort) }
    }

    fn rule(&mut self, index: usize) -> String {
        self.variables.clear();
        let sorts = self.rules.get(index).cloned().unwrap_or_default();
        let parameters: Vec<String> = sorts.iter().map(|sort| self.parameter(*sort)).collect();
        let goals: Vec<String> = (0..self.random.below(4)).map(|_| self.goal(2)).collect();
        let body = if goals.is_empty() { String::new() } else { format!(" if {}", goals.join(" and ")) };
        format!("{};", without_singletons(&format!("p{index}({}){body}", parameters.join(", "))))
    }

    fn parameter(&mut self, sort: Sort) -> String {
        match self.random.below(10) {
            0 | 1 => self.constant(sort),
            2..=5 if sort == Entity => {
                let kind = self.word(&["User", "Group", "Doc", "Folder", "Actor", "Resource"]);
                format!("{}: {kind}", self.variable(sort, 100))
            }
            6 if sort == Text => format!("{}: String", self.variable(sort, 100)),
            _ => self.variable(sort, 85),
        }
    }

    fn call(&mut self) -> String {
        let stored = self.random.chance(65);
        let (name, sorts) = if stored {
            let (name, sorts) = self.random.pick(STORED).copied().unwrap_or(("open", &[Entity]));
            (name.to_owned(), sorts.to_vec())
        } else {
            let index = self.random.below(self.rules.len());
            (format!("p{index}"), self.rules.get(index).cloned().unwrap_or_default())
        };
        let arguments: Vec<String> = sorts.iter().map(|sort| self.term(*sort)).collect();
        format!("{name}({})", arguments.join(", "))
    }

    fn goal(&mut self, depth: usize) -> String {
        match self.random.below(20) {
            0..=9 => self.call(),
            10 | 11 => {
                let kind = self.word(TYPES);
                let local = self.variable(Entity, 80);
                format!("{local} matches {kind} and joined({}, {local})", self.term(Entity))
            }
            12 if depth > 0 => format!("not ({})", self.goal(depth - 1)),
            13 if depth > 0 => {
                // About a variable that may be known by its type alone.
                let (kind, call) = (self.word(TYPES), self.call());
                let variable = self.variable(Entity, 20);
                format!("{variable} matches {kind} and not {call}")
            }
            14 | 15 if depth > 0 => format!("({} or {})", self.goal(depth - 1), self.goal(depth - 1)),
            16 => format!("{} = {}", self.term(Entity), self.term(Entity)),
            17 => format!("{} != {}", self.term(Entity), self.term(Entity)),
            18 => {
                let kind = self.word(TYPES);
                format!("{} matches {kind}", self.term(Entity))
            }
            _ => {
                let number = self.variable(Number, 50);
                format!("sized({}, {number}) and {number} < {}", self.term(Entity), self.random.below(3))
            }
        }
    }

    /// A question, in so many of 100 cases about values alone.
    fn query(&mut self, percent: usize) -> String {
        self.variables.clear();
        let constants = self.random.chance(percent);
        let (name, sorts) = match self.random.below(10) {
            0 => ("allow".to_owned(), vec![Entity, Text, Entity]),
            1 | 2 => ("has_role".to_owned(), vec![Entity, Text, Entity]),
            _ => {
                let index = self.random.below(self.rules.len());
                (format!("p{index}"), self.rules.get(index).cloned().unwrap_or_default())
            }
        };
        let arguments: Vec<String> = sorts
            .iter()
            .map(|sort| if constants { self.constant(*sort) } else { self.term(*sort) })
            .collect();
        format!("{name}({})", arguments.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_case() {
        assert_eq!(Generator::case(7), Generator::case(7));
        assert_ne!(Generator::case(7), Generator::case(8));
    }

    #[test]
    fn questions_that_an_authorizer_takes() {
        let (rule, arguments) = closed_question("p0(User{\"1\"}, \"a\", 3)").expect("closed");
        assert_eq!((rule, arguments.len()), ("p0", 3));
        assert_eq!(arguments.first(), Some(&ValueRef::entity("User", "1")));
        assert_eq!(closed_question("p0(x0)"), None);
    }
}
