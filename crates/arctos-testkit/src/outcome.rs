//! What a query came to, as text: answers in order, then perhaps an error, and what was printed.
//!
//! Machine and reference both end in an [`Outcome`], so that comparing them is comparing text.

use std::fmt;

use arctos::ErrorKind;

/// The end of a query that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The kind of error, as [`ErrorKind`] names it; a limit is plain `Exhausted`.
    pub kind: String,
    /// The message.
    pub message: String,
}

impl Failure {
    /// A failure of that kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let kind = match kind {
            ErrorKind::Exhausted(_) => "Exhausted".to_owned(),
            kind => format!("{kind:?}"),
        };
        Failure { kind, message: message.into() }
    }
}

/// What a query came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The answers in order, each as one line: `yes`, or `x = 1, y where _this > 2`.
    pub answers: Vec<String>,
    /// What ended it, if not the lack of further answers.
    pub failure: Option<Failure>,
    /// What was printed, one entry a `print`.
    pub printed: Vec<String>,
}

impl Outcome {
    /// The lines of the corpus for this outcome: the answers, `no` where there is none, and the error.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.answers.clone();
        match &self.failure {
            Some(failure) => {
                lines.push(format!("error {} {}", failure.kind, failure.message).trim().to_owned())
            }
            None if lines.is_empty() => lines.push("no".to_owned()),
            None => {}
        }
        lines
    }

    /// The answers as a set, in a fixed order.
    #[must_use]
    pub fn as_set(&self) -> Vec<&str> {
        let mut answers: Vec<&str> = self.answers.iter().map(|answer| &**answer).collect();
        answers.sort_unstable();
        answers.dedup();
        answers
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// Whether an expected line of the corpus allows this line. An expected error's message may be a part of the real
/// one, or be left out. Where `conditions` is false only the fact that there is a condition is compared, not its form.
pub fn allows(expected: &str, line: &str, conditions: bool) -> bool {
    if let Some(wanted) = expected.strip_prefix("error ") {
        let Some(found) = line.strip_prefix("error ") else { return false };
        let (wanted_kind, gist) = wanted.split_once(' ').unwrap_or((wanted, ""));
        let (found_kind, message) = found.split_once(' ').unwrap_or((found, ""));
        return wanted_kind == found_kind && (!conditions || message.contains(gist.trim()));
    }
    // A bare `x where` takes any condition.
    if expected == without_conditions(line) {
        return true;
    }
    if conditions { expected == line } else { without_conditions(expected) == without_conditions(line) }
}

/// Cuts what follows each `where`. A condition's own text has no `, name where` inside.
pub fn without_conditions(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(" where ") {
        kept.push_str(before);
        kept.push_str(" where");
        let next = next_binding(after);
        rest = next.map_or("", |at| after.get(at..).unwrap_or(""));
    }
    kept + rest
}

/// Where the next `, name = ` or `, name where ` begins.
fn next_binding(text: &str) -> Option<usize> {
    text.match_indices(", ").map(|(at, _)| at).find(|at| {
        let rest = text.get(at + 2..).unwrap_or("");
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let after = rest.get(end..).unwrap_or("");
        end > 0 && (after.starts_with(" = ") || after.starts_with(" where "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_condition_can_be_left_out() {
        let line = "x where _this > 1 and _this.f(1, 2) == 3, y = [1], z where _this in [1, 2]";
        assert_eq!(without_conditions(line), "x where, y = [1], z where");
        assert!(allows("x where", "x where _this > 1", false));
        assert!(allows("x where", "x where _this > 1", true));
        assert!(!allows("x where _this > 2", "x where _this > 1", true));
    }

    #[test]
    fn an_expected_error_may_name_only_a_part_of_the_message() {
        assert!(allows("error Type", "error Type `1` is no condition", true));
        assert!(allows("error Type no condition", "error Type `1` is no condition", true));
        assert!(!allows("error Type no condition", "error Host boom", true));
        assert!(!allows("no", "yes", true));
    }
}
