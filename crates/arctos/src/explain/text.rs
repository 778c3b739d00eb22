//! Explanations for people to read.

use std::fmt::Write;

use crate::explain::answer::{
    Argument, Explanation, Failure, Goal, NearMiss, Needed, Origin, Part, Placeholder, ProofNode, Support,
    UsedRule,
};

/// Bytes of a rule's text that are shown: where it stands is there for the rest.
const SHOWN: usize = 120;

impl Explanation {
    /// The explanation as a tree of lines, indented by spaces.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        match &self.proof {
            Some(proof) => {
                let _ = writeln!(out, "yes, because");
                node(&mut out, proof, 1);
            }
            None => self.no(&mut out),
        }
        for reason in &self.omitted {
            let _ = writeln!(out, "not all is told: {reason}");
        }
        out
    }

    fn no(&self, out: &mut String) {
        let _ = writeln!(out, "no: {} does not hold", self.question);
        if self.misses.is_empty() {
            let _ = writeln!(out, "nothing was found that would make it hold");
            return;
        }
        let with = if self.misses.len() == 1 { "with" } else { "with any of these" };
        let _ = writeln!(out, "it would hold {with}:");
        for (number, found) in (1..).zip(&self.misses) {
            let _ = write!(out, "  {number}. ");
            miss(out, found);
        }
    }
}

impl NearMiss {
    /// The changes, one a line.
    pub fn to_lines(&self) -> Vec<String> {
        let mut known = Vec::new();
        self.needed.iter().map(|needed| line(needed, &mut known)).collect()
    }
}

/// A change; a placeholder that has been mentioned is `that Org`.
fn line(needed: &Needed, known: &mut Vec<u32>) -> String {
    match needed {
        Needed::Fact(goal) => spoken(goal, known),
        Needed::NoFact(fact) => format!("without the fact {fact}"),
        condition @ Needed::Condition { .. } => condition.to_string(),
    }
}

fn spoken(goal: &Goal, known: &mut Vec<u32>) -> String {
    let mut argument = |argument: &Argument| match argument {
        Argument::Some(Placeholder { number, .. }) if known.contains(number) => {
            argument.to_string().replacen("some", "that", 1)
        }
        Argument::Some(Placeholder { number, .. }) => {
            known.push(*number);
            argument.to_string()
        }
        other => other.to_string(),
    };
    let arguments: Vec<String> = goal.arguments.iter().map(&mut argument).collect();
    format!("{}({})", goal.predicate, arguments.join(", "))
}

fn miss(out: &mut String, miss: &NearMiss) {
    for (at, line) in miss.to_lines().iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if at == 0 { "" } else { "     and " });
    }
    for condition in &miss.provided {
        let _ = writeln!(out, "     where {condition}");
    }
    for rule in miss.rules.iter().filter(|rule| !rule.is_default()) {
        let _ = writeln!(out, "     by {}", by(rule));
    }
}

fn by(rule: &UsedRule) -> String {
    let mut text = rule.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.len() > SHOWN {
        let end = (0..=SHOWN).rfind(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    let place = if rule.is_default() { "by default" } else { &rule.location };
    format!("{text}  ({place})")
}

fn node(out: &mut String, proof: &ProofNode, depth: usize) {
    let pad = "  ".repeat(depth);
    let goal = &proof.goal;
    let _ = match &proof.by {
        Support::Rule(rule) => writeln!(out, "{pad}{goal}  by {}", by(rule)),
        Support::Fact { fact, origin } => {
            let kind = match origin {
                Origin::Stored => "fact",
                Origin::Request => "fact of the request",
            };
            if proof.goal.to_fact().as_ref() == Some(fact) {
                writeln!(out, "{pad}{goal}  {kind}")
            } else {
                writeln!(out, "{pad}{goal}  {kind} {fact}")
            }
        }
        Support::Above => writeln!(out, "{pad}{goal}  as above"),
        Support::Untold(reason) => writeln!(out, "{pad}{goal}  not told: {reason}"),
    };
    for part in &proof.parts {
        self::part(out, part, depth + 1);
    }
}

fn part(out: &mut String, part: &Part, depth: usize) {
    let pad = "  ".repeat(depth);
    let _ = match part {
        Part::Goal(proof) => {
            node(out, proof, depth);
            Ok(())
        }
        Part::Read { text, value } => writeln!(out, "{pad}{text} is {value}"),
        Part::Condition { text, shown } if text == shown => writeln!(out, "{pad}{text}"),
        Part::Condition { text, shown } => writeln!(out, "{pad}{text}: {shown}"),
        Part::Negation(Failure { text, why, reasons }) => {
            let reasons =
                if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
            writeln!(out, "{pad}{text}, since {why}{reasons}")
        }
    };
}
