//! Policies, objects and queries at random, from a seed or from a fuzzer's bytes: the same ones give the same case on every
//! machine.
//!
//! Cases are loosely typed, so that most of them mean something: every variable is thought of as an object, a number,
//! a list or a dictionary, and most goals respect that. A case is kept as a tree of goals, so that it can be shrunk.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

/// Where choices come from: a seed, or bytes that a fuzzer has chosen.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The state of a small generator of random numbers (splitmix64).
    Seed(u64),
    /// Taken from the front; zeros follow the last one.
    Bytes(VecDeque<u8>),
}

impl Random {
    /// The sequence of that seed.
    pub fn new(seed: u64) -> Self {
        Random(Source::Seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D))
    }

    /// Choices as these bytes make them, a byte a choice, so that a small change of the bytes is a small change of what
    /// is made.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Random(Source::Bytes(bytes.to_vec().into()))
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        let number = match &mut self.0 {
            Source::Seed(state) => mixed(state),
            Source::Bytes(bytes) => {
                let (mut number, mut range) = (0, 1);
                while range < bound {
                    number = number << 8 | u64::from(bytes.pop_front().unwrap_or(0));
                    range <<= 8;
                }
                number
            }
        };
        (number % bound) as usize
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    fn word(&mut self, all: &[&'static str]) -> &'static str {
        self.pick(all).copied().unwrap_or("")
    }
}

/// The next number of splitmix64.
fn mixed(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// What a variable is thought to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Object,
    Number,
    List,
    Dictionary,
}

const SORTS: &[Sort] =
    &[Sort::Object, Sort::Number, Sort::Object, Sort::List, Sort::Number, Sort::Dictionary];

/// A condition of a generated rule or query.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// Text without parts.
    Plain(String),
    /// `not (…)`
    Not(Vec<Goal>),
    /// `forall(…, …)`
    ForAll(Vec<Goal>, Vec<Goal>),
    /// `(… or …)`
    Or(Vec<Vec<Goal>>),
}

/// A generated rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `p0(x0, 1)`
    pub head: String,
    /// Its conditions.
    pub body: Vec<Goal>,
}

/// A generated case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The toy application, a line each.
    pub classes: Vec<String>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The query's conditions.
    pub query: Vec<Goal>,
}

impl Case {
    /// The policy's text. A variable that occurs once gets an underscore, as policies must have it.
    pub fn policy(&self) -> String {
        let mut text = String::new();
        for rule in &self.rules {
            let body = conjunction(&rule.body);
            let line = if body.is_empty() { rule.head.clone() } else { format!("{} if {body}", rule.head) };
            let _ = writeln!(text, "{};", without_singletons(&line));
        }
        text
    }

    /// The query's text.
    pub fn query(&self) -> String {
        let text = conjunction(&self.query);
        if text.is_empty() { "true".to_owned() } else { text }
    }
}

/// The goals joined by `and`.
fn conjunction(goals: &[Goal]) -> String {
    let goals: Vec<String> = goals.iter().map(Goal::text).collect();
    goals.join(" and ")
}

impl Goal {
    fn text(&self) -> String {
        let part = |goals: &[Goal]| {
            let text = conjunction(goals);
            if text.is_empty() { "true".to_owned() } else { text }
        };
        match self {
            Goal::Plain(text) => text.clone(),
            Goal::Not(goals) => format!("not ({})", part(goals)),
            Goal::ForAll(condition, action) => format!("forall({}, {})", part(condition), part(action)),
            Goal::Or(branches) => {
                let branches: Vec<String> =
                    branches.iter().map(|branch| format!("({})", part(branch))).collect();
                format!("({})", branches.join(" or "))
            }
        }
    }
}

/// The places of variables `x0`, `x1`, … in a text.
fn variables(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let is_word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if !is_word(*byte) {
            at += 1;
            continue;
        }
        let end = at + bytes.iter().skip(at).take_while(|byte| is_word(**byte)).count();
        let word = text.get(at..end).unwrap_or("");
        if word.len() > 1 && word.strip_prefix('x').is_some_and(|n| n.bytes().all(|c| c.is_ascii_digit())) {
            found.push((at, word));
        }
        at = end;
    }
    found
}

pub(crate) fn without_singletons(text: &str) -> String {
    let named = variables(text);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    named.iter().for_each(|(_, name)| *counts.entry(name).or_default() += 1);
    let mut fixed = text.to_owned();
    for (at, name) in named.iter().rev() {
        if counts.get(name) == Some(&1) {
            fixed.insert(*at, '_');
        }
    }
    fixed
}

/// Makes one case.
pub struct Generator<'r> {
    random: &'r mut Random,
    /// Name and parameters of each predicate.
    predicates: Vec<(String, Vec<Sort>)>,
    objects: usize,
    variables: Vec<Sort>,
}

const CLASSES: &[&str] = &["Node", "Leaf", "Twig"];

impl Generator<'_> {
    /// The case of that seed.
    pub fn case(seed: u64) -> Case {
        Generator::case_of(&mut Random::new(seed))
    }

    /// The case that these choices make.
    pub fn case_of(random: &mut Random) -> Case {
        let objects = 2 + random.below(4);
        let count = 2 + random.below(4);
        let predicates = (0..count).map(|index| {
            let arity = 1 + random.below(3);
            let sorts = (0..arity).map(|_| random.pick(SORTS).copied().unwrap_or(Sort::Number)).collect();
            (format!("p{index}"), sorts)
        });
        let predicates = predicates.collect();
        let mut generator = Generator { random, predicates, objects, variables: Vec::new() };
        let classes = generator.classes();
        let mut rules = Vec::new();
        for index in 0..generator.predicates.len() {
            for _ in 0..1 + generator.random.below(3) {
                rules.extend(generator.rule(index));
            }
        }
        generator.variables = vec![Sort::Object, Sort::Number];
        let goals = 1 + generator.random.below(3);
        let query =
            (0..goals).map(|index| if index == 0 { generator.call() } else { generator.goal(1) }).collect();
        Case { classes, rules, query }
    }

    fn classes(&mut self) -> Vec<String> {
        let mut lines: Vec<String> =
            ["class Node", "class Leaf(Node)", "class Twig(Leaf)", "method Node.me() = self"]
                .map(str::to_owned)
                .into();
        for index in 0..self.objects {
            let class = self.random.word(CLASSES);
            let next = if self.random.chance(15) { "nil".to_owned() } else { self.object() };
            let kids: Vec<String> = (0..self.random.below(3)).map(|_| self.object()).collect();
            let tag = if self.random.chance(8) { "nil".to_owned() } else { self.random.below(3).to_string() };
            let kids =
                if self.random.chance(4) { "nil".to_owned() } else { format!("[{}]", kids.join(", ")) };
            let dictionary = self.dictionary(false);
            lines.push(format!(
                "object n{index} = {class}{{next: {next}, kids: {kids}, tag: {tag}, d: {dictionary}}}"
            ));
        }
        lines
    }

    fn object(&mut self) -> String {
        format!("n{}", self.random.below(self.objects))
    }

    fn rule(&mut self, predicate: usize) -> Option<Rule> {
        let (name, sorts) = self.predicates.get(predicate)?.clone();
        self.variables.clear();
        let params: Vec<String> = sorts.iter().map(|sort| self.param(*sort)).collect();
        let goals = self.random.below(4);
        let body = (0..goals).map(|_| self.goal(2)).collect();
        Some(Rule { head: format!("{name}({})", params.join(", ")), body })
    }

    /// A variable that is new or, sometimes, one that is there.
    fn variable(&mut self, sort: Sort, new: usize) -> String {
        let known: Vec<usize> = self
            .variables
            .iter()
            .enumerate()
            .filter(|(_, known)| **known == sort)
            .map(|(index, _)| index)
            .collect();
        if known.is_empty() || self.random.chance(new) {
            self.variables.push(sort);
            return format!("x{}", self.variables.len() - 1);
        }
        format!("x{}", self.random.pick(&known).copied().unwrap_or(0))
    }

    fn param(&mut self, sort: Sort) -> String {
        let roll = self.random.below(10);
        match (sort, roll) {
            (_, 0..=3) => self.variable(sort, 85),
            (Sort::Object, 4) => self.object(),
            (Sort::Object, 5) => {
                let fields = format!("tag: {}", self.term(Sort::Number));
                format!("{}: {{{fields}}}", self.variable(sort, 100))
            }
            (Sort::Object, 6) => {
                let class = self.random.word(CLASSES);
                let field = self.term(Sort::Number);
                format!("{}: {class}{{tag: {field}}}", self.variable(sort, 100))
            }
            (Sort::Object, _) => {
                let class = self.random.word(CLASSES);
                format!("{}: {class}", self.variable(sort, 100))
            }
            (Sort::Number, 4 | 5) => self.random.below(3).to_string(),
            (Sort::Number, 6) => format!("{}: Integer", self.variable(sort, 100)),
            (Sort::Number, 7) => format!("{}: {}", self.variable(sort, 100), self.random.below(3)),
            (Sort::List, 4..=6) => {
                let (first, rest) = (self.variable(Sort::Number, 70), self.variable(Sort::List, 100));
                format!("[{first}, *{rest}]")
            }
            (Sort::List, 7) => "[]".to_owned(),
            (Sort::Dictionary, 4 | 5) => {
                let value = self.variable(Sort::Number, 80);
                format!("{}: {{a: {value}}}", self.variable(sort, 100))
            }
            (Sort::Dictionary, 6) => format!("{{a: {}}}", self.variable(Sort::Number, 80)),
            _ => self.variable(sort, 85),
        }
    }

    fn dictionary(&mut self, with_variables: bool) -> String {
        let keys = self.random.word(&["", "a", "ab", "b", "ac"]);
        let entries: Vec<String> = keys
            .chars()
            .map(|key| {
                let value =
                    if with_variables { self.term(Sort::Number) } else { self.random.below(3).to_string() };
                format!("{key}: {value}")
            })
            .collect();
        format!("{{{}}}", entries.join(", "))
    }

    fn term(&mut self, sort: Sort) -> String {
        if self.random.chance(65) {
            return self.variable(sort, 25);
        }
        match sort {
            Sort::Object => self.object(),
            Sort::Number if self.random.chance(10) => {
                self.random.word(&["1.0", "true", "\"a\"", "-1", "nil"]).to_owned()
            }
            Sort::Number => self.random.below(3).to_string(),
            Sort::Dictionary => self.dictionary(true),
            Sort::List => {
                let items: Vec<String> = (0..self.random.below(4)).map(|_| self.term(Sort::Number)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    fn call(&mut self) -> Goal {
        let index = self.random.below(self.predicates.len());
        let (name, sorts) = self.predicates.get(index).cloned().unwrap_or_default();
        let args: Vec<String> = sorts.iter().map(|sort| self.term(*sort)).collect();
        Goal::Plain(format!("{name}({})", args.join(", ")))
    }

    fn goals(&mut self, depth: usize) -> Vec<Goal> {
        (0..1 + self.random.below(2)).map(|_| self.goal(depth)).collect()
    }

    fn goal(&mut self, depth: usize) -> Goal {
        match self.random.below(100) {
            0..=27 => self.call(),
            28..=35 if depth > 0 => Goal::Not(self.goals(depth - 1)),
            36..=39 if depth > 0 => {
                let condition = self.goals(depth - 1);
                Goal::ForAll(condition, self.goals(depth - 1))
            }
            40..=45 if depth > 0 => {
                let first = self.goals(depth - 1);
                Goal::Or(vec![first, self.goals(depth - 1)])
            }
            46..=48 => Goal::Plain("cut".to_owned()),
            49..=70 => Goal::Plain(self.host_goal()),
            _ => Goal::Plain(self.value_goal()),
        }
    }

    /// A condition about objects.
    fn host_goal(&mut self) -> String {
        let object = self.term(Sort::Object);
        match self.random.below(11) {
            0 | 1 => format!("{object}.next = {}", self.term(Sort::Object)),
            2 => format!("{} = {object}.tag", self.term(Sort::Number)),
            3 => format!("{} in {object}.kids", self.term(Sort::Object)),
            4 => format!("{object}.next.tag {} {}", self.comparison(), self.term(Sort::Number)),
            5 => {
                let class = self.random.word(CLASSES);
                format!("{object} matches {class}")
            }
            6 => {
                let class = self.random.word(CLASSES);
                format!("{object} matches {class}{{tag: {}}}", self.term(Sort::Number))
            }
            7 => format!("{object}.d.a = {}", self.term(Sort::Number)),
            8 => format!("{object} = {}", self.term(Sort::Object)),
            _ => {
                let item = self.variable(Sort::Object, 100);
                let test = format!("{item} in {object}.kids and {item}.tag = {}", self.term(Sort::Number));
                let more = if self.random.chance(50) {
                    ""
                } else {
                    &format!(" and {item}.next = {}.next", self.object())
                };
                test + more
            }
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.random.word(&["<", "<=", ">", ">=", "==", "!="])
    }

    /// A condition about values.
    fn value_goal(&mut self) -> String {
        match self.random.below(13) {
            0 | 1 => format!("{} = {}", self.term(Sort::Number), self.term(Sort::Number)),
            2 | 3 => format!("{} {} {}", self.term(Sort::Number), self.comparison(), self.term(Sort::Number)),
            4 | 5 => format!("{} in {}", self.term(Sort::Number), self.term(Sort::List)),
            6 => format!("{} = ({} + 1) mod 3", self.variable(Sort::Number, 50), self.term(Sort::Number)),
            7 => format!("{} = {}", self.term(Sort::List), self.term(Sort::List)),
            8 => {
                let (first, rest) = (self.term(Sort::Number), self.variable(Sort::List, 50));
                format!("[{first}, *{rest}] = {}", self.term(Sort::List))
            }
            9 => format!("{} = {}", self.term(Sort::Dictionary), self.term(Sort::Dictionary)),
            10 => format!("{}.a = {}", self.term(Sort::Dictionary), self.term(Sort::Number)),
            11 => {
                let class = self.random.word(&["Integer", "String", "Boolean", "Float"]);
                format!("{} matches {class}", self.term(Sort::Number))
            }
            _ => format!("{} matches {{a: {}}}", self.term(Sort::Dictionary), self.term(Sort::Number)),
        }
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
    fn bytes_give_one_case_however_few_they_are() {
        let bytes: Vec<u8> = (0..=255).collect();
        let case = |length: usize| Generator::case_of(&mut Random::of_bytes(&bytes[..length]));
        assert_eq!(case(256), case(256));
        assert_ne!(case(256), case(3));
        assert!(!case(0).rules.is_empty());
    }

    #[test]
    fn variables_that_occur_once_are_marked() {
        assert_eq!(without_singletons("p0(x0, x1) if x1 = x10.next"), "p0(_x0, x1) if x1 = _x10.next");
    }
}
