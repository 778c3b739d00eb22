//! The model: a set of facts, asked by looking at each; and a generator of facts, patterns and batches.

use std::collections::BTreeSet;

use super::*;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(super) fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

/// Predicates with their numbers of arguments. One name has two.
const RELATIONS: &[(&str, usize)] =
    &[("open", 1), ("role", 2), ("role", 3), ("role", 3), ("role", 3), ("wide", 5)];

/// How the generator chooses.
#[derive(Clone, Copy)]
pub(super) struct World {
    /// How many ids a type has.
    pub(super) ids: u64,
    /// One argument in so many is a wildcard; 0 for none.
    pub(super) wildcards: u64,
}

impl World {
    pub(super) fn value(self, random: &mut Random) -> Value {
        let types = ["User", "Org", "String", "Integer", "Boolean"];
        if self.wildcards > 0 && random.one_in(self.wildcards) {
            return Value::any(*random.pick(&types));
        }
        let id = random.below(self.ids);
        match random.below(8) {
            0..=2 => user(&format!("u{id}")),
            3..=4 => org(&format!("u{id}")),
            5 => Value::from(format!("u{id}").as_str()),
            6 => Value::Integer(id as i64 - 2),
            _ => Value::Boolean(id.is_multiple_of(2)),
        }
    }

    pub(super) fn fact(self, random: &mut Random) -> Fact {
        let (predicate, arity) = *random.pick(RELATIONS);
        Fact::new(predicate, (0..arity).map(|_| self.value(random)))
    }

    pub(super) fn pattern(self, random: &mut Random) -> Pattern {
        let (predicate, arity) = *random.pick(RELATIONS);
        let position = |random: &mut Random| match random.below(5) {
            0..=1 => Position::Open,
            2 => Position::OfType(random.pick(&["User", "Org", "String", "Nothing"]).to_string()),
            _ => Position::Is(self.value(random)),
        };
        Pattern::new(predicate, (0..arity).map(|_| position(random)))
    }
}

/// True when a stored argument stands for an asked one.
fn covers(stored: &Value, asked: &Value) -> bool {
    stored == asked || matches!(stored, Value::Any(name) if name == asked.as_ref().type_name())
}

/// True when a pattern selects a fact as it is stored.
fn selects(pattern: &Pattern, fact: &Fact) -> bool {
    fact.predicate == pattern.predicate
        && fact.arguments.len() == pattern.positions.len()
        && fact.arguments.iter().zip(&pattern.positions).all(|(stored, position)| match position {
            Position::Open => true,
            Position::OfType(name) => stored.as_ref().type_name() == name,
            Position::Is(value) => stored == value,
        })
}

/// A set of facts.
#[derive(Clone, Default)]
pub(super) struct Model(pub(super) BTreeSet<Fact>);

impl Model {
    pub(super) fn holds(&self, asked: &Fact) -> bool {
        self.0.iter().any(|stored| {
            stored.predicate == asked.predicate
                && stored.arguments.len() == asked.arguments.len()
                && stored.arguments.iter().zip(&asked.arguments).all(|(stored, asked)| covers(stored, asked))
        })
    }

    /// The facts that bear on a pattern: wildcards stand for what is asked.
    pub(super) fn bearing(&self, predicate: &str, pattern: &[Option<Value>]) -> Vec<String> {
        let bears = |fact: &&Fact| {
            fact.predicate == predicate
                && fact.arguments.len() == pattern.len()
                && fact.arguments.iter().zip(pattern).all(|(stored, asked)| match asked {
                    None => true,
                    Some(Value::Any(name)) => stored.as_ref().type_name() == name,
                    Some(asked) => covers(stored, asked),
                })
        };
        sorted(self.0.iter().filter(bears).map(Fact::to_string).collect())
    }

    /// The facts that a pattern selects as they are stored.
    pub(super) fn matching(&self, pattern: &Pattern) -> Vec<String> {
        let selected = self.0.iter().filter(|fact| selects(pattern, fact));
        sorted(selected.map(Fact::to_string).collect())
    }

    /// Deletes those, and says how many they were.
    pub(super) fn delete_matching(&mut self, pattern: &Pattern) -> u64 {
        let before = self.0.len();
        self.0.retain(|fact| !selects(pattern, fact));
        (before - self.0.len()) as u64
    }

    pub(super) fn shown(&self) -> Vec<String> {
        sorted(self.0.iter().map(Fact::to_string).collect())
    }
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}
