//! The rule calls that are open when an error happens.

use super::{Evaluation, FrameKind, NONE, Registers};
use crate::error::{Error, Frame};
use crate::host::Host;
use crate::observe::Observer;
use crate::policy::RuleId;

/// How many calls a trace names: the outermost and the innermost of a deep one.
const OUTER: usize = 8;
const INNER: usize = 24;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Adds the open calls to an error.
    #[cold]
    pub(super) fn with_trace(&self, mut error: Error) -> Error {
        let mut frames = Vec::new();
        frames.extend(self.frame_of(self.m.regs));
        let mut at = self.m.regs.frame;
        while let Some(frame) = self.m.frames.get(at as usize) {
            if matches!(frame.kind, FrameKind::Return | FrameKind::Commit { .. }) && frame.regs.rule != NONE {
                frames.extend(self.frame_of(frame.regs));
            }
            at = frame.regs.frame;
        }
        frames.dedup();
        frames.reverse();
        if frames.len() > OUTER + INNER {
            frames.drain(OUTER..frames.len() - INNER);
        }
        error.set_trace(frames, &self.cx.program.sources);
        error
    }

    /// The goal before the program counter.
    fn frame_of(&self, regs: Registers) -> Option<Frame> {
        let (code, index) = self.cx.code_at(regs.pc.checked_sub(1)?);
        let rule = RuleId(regs.rule);
        let clause = self.cx.program.clause(rule)?;
        let span = *code.spans.get(index)?;
        let sources = &self.cx.program.sources;
        let predicate = self.cx.program.predicates.get(clause.predicate.0 as usize)?;
        Some(Frame {
            goal: sources.text(span).split_whitespace().collect::<Vec<_>>().join(" "),
            rule: Some(self.cx.program.symbols.text(predicate.name).to_owned()),
            span: Some(span),
            location: sources.locate(span),
        })
    }
}
