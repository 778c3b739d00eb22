//! Watching a query: the trace that is printed as it runs, and the proof of each answer.

use arctos::{Observer, Policy, Proof, ProofStep, RuleId};
use serde_json::{Value, json};

use crate::output::{Output, Paint};

/// Records the proof of the current answer, and prints what happens where it is told to.
#[derive(Debug)]
pub(crate) struct Watch {
    proof: Proof,
    trace: Option<Trace>,
}

impl Watch {
    pub(crate) fn new(policy: &Policy, output: Output, trace: bool) -> Self {
        let trace =
            trace.then(|| Trace { policy: policy.clone(), output, open: Vec::new(), marks: Vec::new() });
        Watch { proof: Proof::default(), trace }
    }

    /// The rules that the current answer rests on.
    pub(crate) fn steps(&self) -> &[ProofStep] {
        self.proof.steps()
    }
}

/// A proof for people: one rule a line, indented under the rule that called it.
pub(crate) fn proof_lines(policy: &Policy, steps: &[ProofStep]) -> Vec<String> {
    let levels = levels(steps);
    steps.iter().zip(levels).map(|(step, level)| indented(level, &described(policy, step.rule))).collect()
}

/// A proof for programs: a list of rules, each with the number of calls it is inside.
pub(crate) fn proof_json(policy: &Policy, steps: &[ProofStep]) -> Value {
    let levels = levels(steps);
    let step = |(step, level): (&ProofStep, usize)| {
        let rule = policy.rule(step.rule)?;
        let location = policy.sources().locate(rule.span);
        Some(json!({ "level": level, "rule": rule.name, "text": rule.text, "location": location }))
    };
    steps.iter().zip(levels).filter_map(step).collect()
}

/// How far to indent each step: the machine's depths have gaps, where a call went through a table.
fn levels(steps: &[ProofStep]) -> Vec<usize> {
    let mut outer: Vec<u32> = Vec::new();
    let mut level = |step: &ProofStep| {
        while outer.last().is_some_and(|depth| *depth >= step.depth) {
            outer.pop();
        }
        outer.push(step.depth);
        outer.len() - 1
    };
    steps.iter().map(&mut level).collect()
}

impl Observer for Watch {
    fn enter(&mut self, rule: RuleId, depth: u32) {
        self.proof.enter(rule, depth);
        if let Some(trace) = &mut self.trace {
            trace.say("enter", &described(&trace.policy, rule), trace.open.len(), None);
            trace.open.push((rule, depth));
        }
    }

    fn exit(&mut self, rule: RuleId, depth: u32) {
        self.proof.exit(rule, depth);
        if let Some(trace) = &mut self.trace {
            // Rules left without a word (their last call stood in for them) are left now.
            while let Some(left) = trace.open.pop() {
                trace.say("exit ", &name(&trace.policy, left.0), trace.open.len(), Some(Paint::Good));
                if left == (rule, depth) {
                    break;
                }
            }
        }
    }

    fn mark(&mut self) -> u32 {
        let proof = self.proof.mark();
        match &mut self.trace {
            None => proof,
            Some(trace) => {
                trace.marks.push((proof, trace.open.clone()));
                trace.marks.len() as u32 - 1
            }
        }
    }

    fn backtrack(&mut self, mark: u32) {
        let Some(trace) = &mut self.trace else { return self.proof.backtrack(mark) };
        let Some((proof, before)) = trace.marks.get(mark as usize).cloned() else { return };
        // The choice may be returned to again, so its own mark stays.
        trace.marks.truncate(mark as usize + 1);
        self.proof.backtrack(proof);
        trace.return_to(before);
    }

    fn over(&mut self) {
        if let Some(trace) = &self.trace {
            trace.fail_since(0);
        }
    }
}

/// A rule that has been entered, with its depth.
type Open = (RuleId, u32);

#[derive(Debug)]
struct Trace {
    policy: Policy,
    output: Output,
    open: Vec<Open>,
    marks: Vec<(u32, Vec<Open>)>,
}

impl Trace {
    /// What was open has failed; what had been left is tried again.
    fn return_to(&mut self, before: Vec<Open>) {
        let same = self.open.iter().zip(&before).take_while(|(a, b)| a == b).count();
        self.fail_since(same);
        for (level, (rule, _)) in before.iter().enumerate().skip(same) {
            self.say("redo ", &name(&self.policy, *rule), level, None);
        }
        self.open = before;
    }

    /// The rules open beyond that level have failed.
    fn fail_since(&self, level: usize) {
        for (level, (rule, _)) in self.open.iter().enumerate().skip(level).rev() {
            self.say("fail ", &name(&self.policy, *rule), level, Some(Paint::Warning));
        }
    }

    fn say(&self, port: &str, what: &str, level: usize, paint: Option<Paint>) {
        let port = paint.map_or_else(|| port.to_owned(), |paint| self.output.paint_err(paint, port));
        // A trace that nobody reads is no reason to stop.
        let _ = self.output.note(&indented(level, &format!("{port} {what}")));
    }
}

fn indented(level: usize, text: &str) -> String {
    // Deep recursion would otherwise fill the screen with blanks.
    format!("{}{text}", "  ".repeat(level.min(40)))
}

fn name(policy: &Policy, rule: RuleId) -> String {
    policy.rule(rule).map_or_else(String::new, |rule| format!("{}/{}", rule.name, rule.arity))
}

/// A rule on one line with its place: `allow(user, "read", repo) if …   policy.polar:3:1`
pub(crate) fn described(policy: &Policy, rule: RuleId) -> String {
    let Some(rule) = policy.rule(rule) else { return String::new() };
    let text = one_line(rule.text, 72);
    let location = policy.sources().locate(rule.span);
    if rule.is_shorthand {
        format!("{}: {text}  ({location})", rule.name)
    } else {
        format!("{text}  ({location})")
    }
}

/// Runs of blanks become one, and the text ends with `…` where it is longer than that.
fn one_line(text: &str, most: usize) -> String {
    let uncommented: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let words: Vec<&str> = uncommented.iter().flat_map(|line| line.split_whitespace()).collect();
    let line = words.join(" ").replace(char::is_control, "");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}
