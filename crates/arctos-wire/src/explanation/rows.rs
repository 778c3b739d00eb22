//! An explanation as rows, each below what it belongs to.

use arctos::explain::{Explanation, NearMiss, Needed, Origin, Part, ProofNode, Support, UsedRule};

/// What a row is about, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rule,
    Fact,
    Value,
    Negation,
    Missing,
    Note,
}

/// One row of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// How far below the first one.
    pub(super) depth: usize,
    pub(super) kind: Kind,
    pub(super) title: String,
    pub(super) detail: String,
}

/// The rows of an explanation, from the question on.
pub(super) fn rows(explanation: &Explanation) -> Vec<Row> {
    let mut rows = Vec::new();
    match &explanation.proof {
        Some(proof) => node(&mut rows, proof, 0),
        None => {
            add(
                &mut rows,
                0,
                Kind::Negation,
                &explanation.question,
                "does not hold; it would with".to_owned(),
            );
            if explanation.misses.is_empty() {
                add(&mut rows, 1, Kind::Note, "nothing was found", String::new());
            }
            for (number, found) in (1..).zip(&explanation.misses) {
                miss(&mut rows, number, found);
            }
        }
    }
    for reason in &explanation.omitted {
        add(&mut rows, 0, Kind::Note, "not all is told", reason.clone());
    }
    rows
}

fn add(rows: &mut Vec<Row>, depth: usize, kind: Kind, title: impl ToString, detail: String) {
    rows.push(Row { depth, kind, title: title.to_string(), detail });
}

fn node(rows: &mut Vec<Row>, proof: &ProofNode, depth: usize) {
    let goal = &proof.goal;
    match &proof.by {
        Support::Rule(rule) => add(rows, depth, Kind::Rule, goal, place(rule)),
        Support::Fact { fact, origin } => {
            let origin = match origin {
                Origin::Stored => "fact",
                Origin::Request => "fact of the request",
            };
            let is_same = goal.to_fact().as_ref() == Some(fact);
            let detail = if is_same { origin.to_owned() } else { format!("{origin} {fact}") };
            add(rows, depth, Kind::Fact, goal, detail);
        }
        Support::Above => add(rows, depth, Kind::Note, goal, "as above".to_owned()),
        Support::Untold(reason) => add(rows, depth, Kind::Note, goal, format!("not told: {reason}")),
    }
    for part in &proof.parts {
        self::part(rows, part, depth + 1);
    }
}

fn part(rows: &mut Vec<Row>, part: &Part, depth: usize) {
    match part {
        Part::Goal(proof) => node(rows, proof, depth),
        Part::Read { text, value } => {
            add(rows, depth, Kind::Value, format!("{text} is {value}"), String::new())
        }
        Part::Condition { text, shown } => add(rows, depth, Kind::Value, text, shown.clone()),
        Part::Negation(failure) => {
            let reasons = failure.reasons.iter().map(|reason| format!("; {reason}"));
            let why = format!("{}{}", failure.why, reasons.collect::<String>());
            add(rows, depth, Kind::Negation, &failure.text, why);
        }
    }
}

fn miss(rows: &mut Vec<Row>, number: usize, miss: &NearMiss) {
    let innermost = miss.rules.last().map(place).unwrap_or_default();
    add(rows, 1, Kind::Rule, format!("way {number}"), innermost);
    for (needed, line) in miss.needed.iter().zip(miss.to_lines()) {
        let detail = match needed {
            Needed::Fact(_) => "a fact to add".to_owned(),
            Needed::NoFact(_) => "a fact to remove".to_owned(),
            Needed::Condition { location, .. } => format!("a condition that does not hold, {location}"),
        };
        add(rows, 2, Kind::Missing, line, detail);
    }
    for condition in &miss.provided {
        add(rows, 2, Kind::Value, condition, "must be true of it".to_owned());
    }
}

fn place(rule: &UsedRule) -> String {
    let text = rule.text.split_whitespace().collect::<Vec<_>>().join(" ");
    // The place comes first, so that a long rule does not hide it.
    if rule.is_default() { format!("by default: {text}") } else { format!("{}: {text}", rule.location) }
}
