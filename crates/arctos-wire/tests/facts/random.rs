//! Facts at random, with ids that some format could take for something else, and their files.

use std::collections::BTreeSet;

use arctos::Facts;
use arctos::facts::{Fact, MAX_ARGUMENTS, Value};
use arctos_testkit::generate::Random;
use arctos_wire::facts::{Format, write};

pub(crate) const FORMATS: [(Format, &str); 3] =
    [(Format::JsonLines, "a.jsonl"), (Format::Csv, "a.csv"), (Format::Notation, "a.facts")];

const PREDICATES: [&str; 4] = ["has_role", "is_public", "größer_als", "tracker::owns"];
const TYPES: [&str; 4] = ["User", "Repo", "Größe", "tracker::Issue"];
/// Pieces of ids that some format could take for something else.
const PIECES: [&str; 24] = [
    "a",
    "ann",
    "\"",
    "\"\"",
    "'",
    "\\",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    ",",
    ";",
    "#",
    " ",
    "_: User",
    "null",
    "é",
    "💯",
    "\u{2028}",
    "\u{feff}",
    "\u{7f}",
    "{\"type\":",
    "\\u0041",
];

fn text(random: &mut Random) -> String {
    (0..random.below(5)).filter_map(|_| random.pick(&PIECES)).copied().collect()
}

fn value(random: &mut Random) -> Value {
    let kind = TYPES[random.below(TYPES.len())];
    match random.below(8) {
        0 => Value::any(kind),
        1 => Value::String(text(random)),
        2 => Value::Integer([0, 7, -1, i64::MIN, i64::MAX][random.below(5)]),
        3 => Value::Boolean(random.chance(50)),
        4 => Value::any(["String", "Integer", "Boolean"][random.below(3)]),
        _ => Value::entity(kind, text(random)),
    }
}

pub(crate) fn fact(random: &mut Random) -> Fact {
    let most = if random.chance(10) { MAX_ARGUMENTS } else { 3 };
    let count = 1 + random.below(most);
    Fact::new(PREDICATES[random.below(PREDICATES.len())], (0..count).map(|_| value(random)))
}

pub(crate) fn snapshot(facts: &BTreeSet<Fact>) -> Facts {
    let mut change = Facts::new().change();
    for fact in facts {
        change.insert(fact).unwrap();
    }
    change.commit().0
}

pub(crate) fn set(facts: &Facts) -> BTreeSet<Fact> {
    facts.iter().map(|fact| fact.to_fact()).collect()
}

pub(crate) fn written(facts: &Facts, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    write(facts, format, &mut out).unwrap();
    out
}
