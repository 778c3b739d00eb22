//! Calls that facts answer.

use super::bind::of_register;
use super::{Arg, Builder, CONSTANTS};
use crate::facts::Mask;
use crate::heap::Cell;
use crate::ir::{PredicateId, Span32};
use crate::plan::MAX_ARITY;
use crate::plan::facts::MOST_ALSO;
use crate::plan::op::{Either, FactAsk, Op, Plan, Reg, Target};

impl Builder<'_> {
    /// The facts that agree with the known arguments; each binds the others.
    pub(super) fn facts(&mut self, predicate: PredicateId, args: &[Arg], fail: Target) -> Option<Target> {
        if args.len() > MAX_ARITY {
            return self.undecided();
        }
        let start = self.plan.args.len() as u32;
        for arg in args {
            let register = match arg {
                Arg::Known(value) => value.src,
                Arg::Open(_) => self.register(),
            };
            self.plan.args.push(register);
        }
        let which = |is_so: fn(&Arg) -> bool| {
            Mask::of(args.iter().enumerate().filter(|(_, arg)| is_so(arg)).map(|(place, _)| place))
        };
        let known = which(|arg| matches!(arg, Arg::Known(_)));
        let varying = which(|arg| matches!(arg, Arg::Known(value) if value.src.0 < CONSTANTS));
        let asked = Span32 { start, len: args.len() as u32 };
        let ask = self.plan.asks.len() as u32;
        let open = which(|arg| matches!(arg, Arg::Open(_)));
        let (number, cursor) = (self.first_ask + ask, self.plan.cursors);
        let also = Span32::default();
        self.plan.asks.push(FactAsk {
            predicate,
            args: asked,
            known,
            varying,
            open,
            also,
            differs: 0,
            number,
            cursor,
        });
        if open.is_empty() {
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

    /// Makes one question of questions that follow one another when the answer is no, lead to the same when it is yes, and differ in
    /// one text of the policy: whether a user has one of the roles that imply the one asked for. Their rows begin alike, so they stand
    /// side by side.
    pub(super) fn ask_for_any(&mut self) {
        // From the last on, so that the next question is already the one for all that follow it.
        for place in (0..self.plan.ops.len()).rev() {
            let Some(Op::IsFact { ask, fail }) = self.op(place) else { continue };
            let Either::Place(next) = fail.get() else { continue };
            let next = next as usize;
            if let Some(Op::IsFact { ask: other, fail: further }) = self.op(next)
                && next > place
                && self.continuation(place + 1) == self.continuation(next + 1)
                && self.includes(ask, other).is_some()
                && let Some(op) = self.plan.ops.get_mut(place)
            {
                *op = Op::IsFact { ask, fail: further };
                if let Some(walk) = &mut self.plan.walk
                    && walk.tests.iter().any(|(test, _)| *test == ask)
                {
                    walk.tests.retain(|(test, _)| *test != other);
                }
            }
        }
    }

    /// Where the code goes on from a place.
    fn continuation(&self, place: usize) -> Option<usize> {
        match self.op(place)? {
            Op::Jump(target) => match target.get() {
                Either::Place(to) => Some(to as usize),
                Either::Register(_) => None,
            },
            _ => Some(place),
        }
    }

    /// Makes the first question that for either, if that can be.
    fn includes(&mut self, ask: u32, other: u32) -> Option<()> {
        let Plan { asks, args, constants, .. } = &mut self.plan;
        let (one, two) = (asks.get(ask as usize)?, asks.get(other as usize)?);
        let of = |ask: &FactAsk| args.get(ask.args.range()).unwrap_or_default();
        let mut differing = of(one).iter().zip(of(two)).enumerate().filter(|(_, (a, b))| a != b);
        let (differs, (_, text)) = differing.next()?;
        let is_alike = one.predicate == two.predicate && one.args.len == two.args.len;
        let has_no_other = differing.next().is_none() && (two.also.len == 0 || two.differs == differs as u32);
        if !is_alike
            || !has_no_other
            || differs == 0
            || one.also.len != 0
            || two.also.len as usize + 1 > MOST_ALSO
        {
            return None;
        }
        let also: Vec<Reg> =
            std::iter::once(*text).chain(args.get(two.also.range())?.iter().copied()).collect();
        let is_text = |reg: &Reg| {
            let constant = reg.0.checked_sub(CONSTANTS).and_then(|place| constants.get(place as usize));
            matches!(constant, Some(Cell::Text(_)))
        };
        if !of(one).get(differs).is_some_and(is_text) || !also.iter().all(is_text) {
            return None;
        }
        let also_at = Span32 { start: args.len() as u32, len: also.len() as u32 };
        args.extend(also);
        let one = asks.get_mut(ask as usize)?;
        (one.also, one.differs) = (also_at, differs as u32);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::kind::Kind;
    use crate::plan::op::Op;
    use crate::plan::{MAX_ARITY, PlanKey};
    use crate::{Policy, Schema, Sources};

    /// The closed questions to facts in the plan of `p(<User>, <Doc>)` that can be come to, each by how many texts it asks for
    /// besides its own.
    fn questions(rules: &str) -> Vec<u32> {
        let mut schema = Schema::new();
        schema.enable_facts();
        let mut sources = Sources::default();
        sources.add(None, &format!("actor User {{}} declare r(User, String, Doc); {rules}"));
        let policy = Policy::load(&schema, sources).unwrap();
        let predicate = policy.0.by_name[&(policy.symbols().get("p").unwrap(), 2)];
        let class = |name| Kind::entity(policy.0.schema.class(name).unwrap());
        let mut kinds = [Kind::ABSENT; MAX_ARITY];
        (kinds[0], kinds[1]) = (class("User"), class("Doc"));
        let plan = super::super::plan(&policy.0, PlanKey { predicate, kinds }, 0, 0);
        let mut reached = vec![0];
        let mut place = 0;
        while let Some(from) = reached.get(place).copied() {
            let mut op = plan.ops[from as usize];
            let ends = matches!(op, Op::Yes | Op::No | Op::Undecided | Op::Jump(_));
            let targets = op.targets().and_then(|target| match target.get() {
                super::Either::Place(to) => Some(to),
                super::Either::Register(_) => None,
            });
            for to in targets.into_iter().chain((!ends).then_some(from + 1)) {
                if !reached.contains(&to) {
                    reached.push(to);
                }
            }
            place += 1;
        }
        reached.sort_unstable();
        let asks = reached.iter().filter_map(|place| match plan.ops[*place as usize] {
            Op::IsFact { ask, .. } => Some(plan.asks[ask as usize].also.len),
            _ => None,
        });
        asks.collect()
    }

    #[test]
    fn roles_that_imply_one_another_are_one_question() {
        let roles = r#"p(x: User, y: Doc) if has(x, "a", y);
            has(x, "a", y) if has(x, "b", y); has(x, "b", y) if has(x, "c", y); has(x, n, y) if r(x, n, y);"#;
        assert_eq!(questions(roles), [2]);
        assert_eq!(questions(r#"p(x: User, y: Doc) if r(x, "a", y) or r(x, "b", y);"#), [1]);
    }

    #[test]
    fn questions_that_differ_in_more_or_lead_elsewhere_are_several() {
        assert_eq!(questions(r#"p(x: User, y: Doc) if r(x, "a", y) and r(x, "b", y);"#), [0, 0]);
        let other = r#"p(x: User, y: Doc) if r(x, "a", y) or r(x, "b", Doc{"1"});"#;
        assert_eq!(questions(other), [0, 0]);
        let negated = r#"p(x: User, y: Doc) if not r(x, "a", y) or r(x, "b", y);"#;
        assert_eq!(questions(negated), [0, 0]);
    }

    #[test]
    fn a_question_asks_for_so_many_texts_and_no_more() {
        let many: Vec<String> = (0..20).map(|n| format!(r#"r(x, "t{n}", y)"#)).collect();
        let asked = questions(&format!("p(x: User, y: Doc) if {};", many.join(" or ")));
        assert_eq!(asked.iter().map(|also| also + 1).sum::<u32>(), 20, "{asked:?}");
        assert!(asked.len() == 3 && asked.iter().all(|also| *also <= 7), "{asked:?}");
    }
}
