//! The rule calls that are open when an error happens.

use super::{Evaluation, FrameKind, NONE, Parked, Registers, of_host};
use crate::error::{Error, Frame};
use crate::host::{Host, HostError};
use crate::ir::Program;
use crate::observe::Observer;
use crate::policy::RuleId;

/// How many calls a trace names: the outermost and the innermost of a deep one.
const OUTER: usize = 8;
const INNER: usize = 24;
/// Bytes of a goal that a trace shows: where the goal stands is there for the rest.
const SHOWN: usize = 1024;

/// Adds to an error the goals that were open, innermost first, each with the rule it stands in.
#[cold]
pub(crate) fn traced(
    program: &Program,
    mut error: Error,
    open: impl Iterator<Item = (u32, RuleId)>,
) -> Error {
    let mut open: Vec<(u32, RuleId)> = open.filter(|(_, rule)| program.clause(*rule).is_some()).collect();
    open.dedup();
    open.reverse();
    if open.len() > OUTER + INNER {
        open.drain(OUTER..open.len() - INNER);
    }
    let frames = open.into_iter().filter_map(|(goal, rule)| frame_of(program, goal, rule));
    error.set_trace(frames.collect(), &program.sources);
    error
}

fn frame_of(program: &Program, goal: u32, rule: RuleId) -> Option<Frame> {
    let clause = program.clause(rule)?;
    // What asks a list stands in no source.
    let span = program.code.spans.get(goal as usize).copied().filter(|span| span.start < span.end)?;
    let predicate = program.predicates.get(clause.predicate.0 as usize)?;
    Some(Frame {
        goal: on_one_line(program.sources.text(span)),
        rule: Some(program.symbols.text(predicate.name).to_owned()),
        span: Some(span),
        location: program.sources.locate(span),
    })
}

/// The words of a text, as many as a trace shows.
fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > SHOWN {
            let end = (0..=SHOWN).rfind(|end| line.is_char_boundary(*end)).unwrap_or(0);
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// The error that an awaited reply turned out to be.
    pub(crate) fn failed(&mut self, error: HostError) -> Error {
        match self.m.parked.take() {
            Some((Parked::Goal, _)) if self.m.regs.pc < self.m.regs.end => self.m.regs.pc += 1,
            Some((Parked::Choice, _)) => {
                self.m.regs = self.m.choices.last().map_or(self.m.regs, |choice| choice.regs);
            }
            _ => {}
        }
        self.with_trace(of_host(error))
    }

    /// Adds the open calls to an error.
    #[cold]
    pub(super) fn with_trace(&self, error: Error) -> Error {
        // The goal before the program counter; a question's own goals are in no rule.
        let point = |regs: Registers| Some((regs.pc.checked_sub(1)?, RuleId(regs.rule)));
        let mut open: Vec<(u32, RuleId)> = point(self.m.regs).into_iter().collect();
        let mut at = self.m.regs.frame;
        while let Some(frame) = self.m.frames.get(at as usize) {
            if matches!(frame.kind, FrameKind::Return | FrameKind::Commit { .. }) && frame.regs.rule != NONE {
                open.extend(point(frame.regs));
            }
            at = frame.regs.frame;
        }
        traced(self.cx.program, error, open.into_iter())
    }
}
