//! Coverage for people: how much of each file, then what no test exercises.

use super::{Condition, FileCoverage, Place, Rule, Share};
use crate::output::{Output, Paint, harmless};

/// As much of a rule's text as is shown.
const SHOWN: usize = 60;

pub(super) fn text(files: &[FileCoverage], output: &Output) -> String {
    let widest = files.iter().map(|file| file.name.chars().count()).max().unwrap_or(0).max(8);
    let mut text =
        output.paint(Paint::Name, &format!("{:widest$}  rules      outcomes of conditions\n", "coverage"));
    for file in files {
        let (rules, outcomes) = (share(file.rule_share()), share(file.outcome_share()));
        text.push_str(&format!("{:widest$}  {rules:9}  {outcomes}\n", harmless(&file.name)));
    }
    let gaps: Vec<(String, &str, String)> = files.iter().flat_map(gaps).collect();
    if gaps.is_empty() {
        return text;
    }
    let widest = gaps.iter().map(|(place, ..)| place.chars().count()).max().unwrap_or(0);
    text.push('\n');
    for (place, what, source) in gaps {
        let what = output.paint(Paint::Warning, &format!("{what:11}"));
        text.push_str(&format!("{place:widest$}  {what}  {source}\n"));
    }
    text
}

fn share(share: Share) -> String {
    format!("{} of {}", share.covered, share.all)
}

/// What no test exercises: where, what it never does, and its text.
fn gaps(file: &FileCoverage) -> Vec<(String, &'static str, String)> {
    let gap = |place: Place, what| {
        let at = format!("{}:{}:{}", file.name, place.line, place.column);
        (harmless(&at), what, on_one_line(file.text_of(place)))
    };
    let mut found = Vec::new();
    for rule in &file.rules {
        if let Some(what) = of_rule(rule) {
            found.push(gap(rule.place, what));
        }
        // Of a rule that is never used, enough is said.
        for condition in rule.conditions.iter().filter(|_| rule.entered > 0) {
            let is_whole = condition.place == rule.place;
            if let Some(what) = of_condition(condition).filter(|what| !(is_whole && *what == "never holds")) {
                found.push(gap(condition.place, what));
            }
        }
    }
    found
}

/// What a rule never does.
pub(super) fn of_rule(rule: &Rule) -> Option<&'static str> {
    match (rule.entered, rule.held) {
        (0, _) => Some("never used"),
        (_, 0) => Some("never holds"),
        _ => None,
    }
}

/// What a condition never does.
pub(super) fn of_condition(condition: &Condition) -> Option<&'static str> {
    match (condition.tried, condition.held, condition.failed) {
        (0, ..) => Some("never tried"),
        (_, 0, _) => Some("never holds"),
        (_, _, 0) => Some("never fails"),
        _ => None,
    }
}

fn on_one_line(text: &str) -> String {
    let line = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}
