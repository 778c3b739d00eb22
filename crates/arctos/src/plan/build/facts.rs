//! Calls that facts answer.

use super::bind::of_register;
use super::{Arg, Builder};
use crate::ir::{PredicateId, Span32};
use crate::plan::MAX_ARITY;
use crate::plan::op::{FactAsk, Op, Target};

impl Builder<'_> {
    /// The facts that agree with the known arguments; each binds the others.
    pub(super) fn facts(&mut self, predicate: PredicateId, args: &[Arg], fail: Target) -> Option<Target> {
        if args.len() > MAX_ARITY {
            return self.undecided();
        }
        let mut open = [false; MAX_ARITY];
        let start = self.plan.args.len() as u32;
        for (arg, open) in args.iter().zip(&mut open) {
            *open = matches!(arg, Arg::Open(_));
            let register = match arg {
                Arg::Known(value) => value.src,
                Arg::Open(_) => self.register(),
            };
            self.plan.args.push(register);
        }
        let asked = Span32 { start, len: args.len() as u32 };
        let ask = self.plan.asks.len() as u32;
        self.plan.asks.push(FactAsk { predicate, args: asked, open, cursor: self.plan.cursors });
        if !open.contains(&true) {
            self.emit(Op::IsFact { ask, fail });
            return Some(fail);
        }
        self.plan.cursors += 1;
        self.emit(Op::Facts { ask });
        let next = self.label();
        self.note(next);
        self.place(next);
        self.emit(Op::NextFact { ask, fail });
        for (arg, place) in args.iter().zip(asked.range()) {
            if let (Arg::Open(_), Some(found)) = (arg, self.plan.args.get(place).copied()) {
                self.unify(self.current(*arg), Arg::Known(of_register(found)), next)?;
            }
        }
        self.wake(next)?;
        Some(next)
    }
}
