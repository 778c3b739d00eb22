//! Goals that are no calls.

use super::Search;
use super::state::{Item, Run, Source, State, Sym, Unified};
use crate::error::{Error, ErrorKind};
use crate::explain::ask::Slot;
use crate::explain::proof::is_class_test;
use crate::host::{Comparison, Host};
use crate::ir::{CompoundId, Goal, Operand, Pattern, Span32};
use crate::policy::RuleId;

impl<H: Host> Search<'_, '_, H> {
    /// Goes on with a derivation by one goal.
    pub(super) fn step(&mut self, mut state: State) -> Result<(), Error> {
        match state.pop() {
            None => self.finish(state),
            Some(Item::Again(predicate, args, parents)) => self.call(state, predicate, &args, parents),
            Some(Item::Needs(since)) => {
                if state.needed.len() > since {
                    self.children.push(state);
                }
                Ok(())
            }
            Some(Item::Goals(run)) if run.pc >= run.end => {
                self.children.push(state);
                Ok(())
            }
            Some(Item::Goals(run)) => {
                let reads = self.asker.read_after(run.pc, run.end);
                if reads > 0 && run.end - run.pc > 1 {
                    let (after, end) = (run.pc + 1, run.pc + 1 + reads);
                    state.push(Item::Goals(Run { pc: end, ..run.clone() }));
                    state.push(Item::Goals(Run { end: after, ..run.clone() }));
                    state.push(Item::Goals(Run { pc: after, end, ..run }));
                    self.children.push(state);
                    return Ok(());
                }
                state.push(Item::Goals(Run { pc: run.pc + 1, ..run.clone() }));
                self.goal(state, &Run { end: run.pc + 1, ..run })
            }
        }
    }

    /// Goes on from a goal of a rule.
    fn goal(&mut self, mut state: State, run: &Run) -> Result<(), Error> {
        let program = self.asker.program();
        let Some(goal) = program.code.goals.get(run.pc as usize).copied() else { return Ok(()) };
        let (rule, base) = (run.rule, run.base);
        match goal {
            Goal::Call(predicate, args) => {
                let mut syms = Vec::with_capacity(args.len as usize);
                for operand in program.code.operands(args) {
                    syms.push(self.operand(&mut state, rule, base, *operand)?);
                }
                self.call(state, predicate, &syms, run.parents.clone())
            }
            Goal::Or(blocks) => {
                for block in blocks.start..blocks.end() {
                    let Some(block) = program.code.blocks.get(block as usize) else { continue };
                    let mut child = state.clone();
                    let Span32 { start, .. } = block.goals;
                    child.push(Item::Goals(Run { pc: start, end: block.goals.end(), ..run.clone() }));
                    self.children.push(child);
                }
                Ok(())
            }
            Goal::Not(block) => self.negation(state, run, block),
            Goal::Unify(left, right) | Goal::Compare(Comparison::Eq, left, right) => {
                let left = self.operand(&mut state, rule, base, left)?;
                let right = self.operand(&mut state, rule, base, right)?;
                match state.unify(self.asker, left, right) {
                    Unified::Yes => self.children.push(state),
                    Unified::No => {}
                    Unified::Differ => return self.decide(state, run),
                }
                Ok(())
            }
            Goal::Assign(target, value) => {
                let target = self.operand(&mut state, rule, base, target)?;
                let value = self.operand(&mut state, rule, base, value)?;
                if state.unify(self.asker, target, value) == Unified::Yes {
                    self.children.push(state);
                }
                Ok(())
            }
            Goal::Compare(_, left, right) if self.is_open(&state, base, &[left, right]) => {
                state.late.push(run.clone());
                state.provided.push(run.clone());
                self.children.push(state);
                Ok(())
            }
            Goal::Match(value, pattern) => {
                let value = self.operand(&mut state, rule, base, value)?;
                match (state.resolve(value), program.code.patterns.get(pattern.0 as usize)) {
                    (Sym::Open(variable), Some(Pattern::Instance(tag, _)))
                        if is_class_test(&program.code, pattern) =>
                    {
                        if state.restrict(variable, *tag, program) {
                            self.children.push(state);
                        }
                        Ok(())
                    }
                    _ => self.decide(state, run),
                }
            }
            Goal::Cut | Goal::Print(_) | Goal::Debug => {
                self.children.push(state);
                Ok(())
            }
            Goal::Fail | Goal::Undefined(_) | Goal::NewUnknown(_) => Ok(()),
            _ => self.decide(state, run),
        }
    }

    /// Puts a goal to the machine, whose answers bind what is open; where there is none, its values would have to differ.
    fn decide(&mut self, state: State, run: &Run) -> Result<(), Error> {
        let program = self.asker.program();
        let goals = Span32 { start: run.pc, len: 1 };
        let slots = self.slots(&state, run.rule, run.base);
        let (answers, more) = match self.asker.inside(run.rule, goals, &slots, self.extent.answers) {
            Ok(found) => found,
            // A placeholder whose type nobody knows is tried with types that do not fit.
            Err(error) if error.kind() == ErrorKind::Type && !state.placeholders.is_empty() => return Ok(()),
            Err(error) => return self.met(error),
        };
        if more {
            self.omit("not all items of a list were looked at".to_owned());
        }
        let source = match program.code.goals.get(run.pc as usize) {
            Some(Goal::Lookup(..) | Goal::LookupDynamic(..) | Goal::Method(..) | Goal::New(..)) => {
                Source::Read(run.pc)
            }
            _ => self.source(&state, run),
        };
        let is_empty = answers.is_empty();
        let syms: Vec<Sym> = (0..slots.len() as u32).map(|slot| state.variable(run.base + slot)).collect();
        for answer in answers {
            let mut child = state.longer();
            if self.take(&mut child, &syms, &answer, source) {
                self.children.push(child);
            }
        }
        if is_empty {
            self.by_condition(state, run);
        }
        Ok(())
    }

    /// Takes a condition for granted that does not hold, where other values of the application or the request might meet it.
    pub(super) fn by_condition(&mut self, mut state: State, run: &Run) {
        if state.needed.len() < self.extent.changes && self.source(&state, run) != Source::Given {
            let now = self.now(&state, run);
            state.need(self.condition(run.pc, now), run.parents.clone());
            self.children.push(state);
        }
    }

    /// Where the values of a goal come from, if from anywhere but the question.
    fn source(&self, state: &State, run: &Run) -> Source {
        let code = &self.asker.program().code;
        if let Some(Goal::Match(_, pattern)) = code.goals.get(run.pc as usize)
            && !is_class_test(code, *pattern)
        {
            return Source::Read(run.pc);
        }
        let mut operands = Vec::new();
        self.operands_of(run.pc, &mut operands);
        let source = |operand: &Operand| match operand {
            Operand::UnixTime => Source::Facts,
            Operand::Slot(slot) => match state.variable(run.base + slot.0) {
                Sym::Known(_, source) => source,
                Sym::Open(_) => Source::Given,
            },
            _ => Source::Given,
        };
        let changeable = |source: &Source| matches!(source, Source::Read(_) | Source::Facts);
        operands.iter().map(source).find(changeable).unwrap_or(Source::Given)
    }

    /// What a goal is about: variables and values, those inside lists too.
    pub(super) fn operands_of(&self, pc: u32, operands: &mut Vec<Operand>) {
        let code = &self.asker.program().code;
        match code.goals.get(pc as usize).copied() {
            Some(
                Goal::Unify(left, right)
                | Goal::Assign(left, right)
                | Goal::Compare(_, left, right)
                | Goal::Arithmetic(_, left, right, _)
                | Goal::In(left, right)
                | Goal::LookupDynamic(left, right, _),
            ) => operands.extend([left, right]),
            Some(Goal::Match(value, _) | Goal::Truth(value) | Goal::Lookup(value, ..)) => {
                operands.push(value)
            }
            Some(Goal::Method(object, _, call, _)) => {
                operands.push(object);
                let call = code.calls.get(call.0 as usize);
                operands.extend(call.into_iter().flat_map(|call| code.operands(call.positional)));
            }
            Some(Goal::Call(_, args)) => operands.extend(code.operands(args)),
            Some(Goal::Not(block)) => {
                let goals = code.blocks.get(block as usize).map(|block| block.goals).unwrap_or_default();
                for pc in goals.start..goals.end() {
                    self.operands_of(pc, operands);
                }
            }
            _ => {}
        }
        let lists: Vec<CompoundId> = operands
            .iter()
            .filter_map(|operand| match operand {
                Operand::List(list) => Some(*list),
                _ => None,
            })
            .collect();
        for list in lists {
            let items = code.lists.get(list.0 as usize).map(|list| list.items).unwrap_or_default();
            let inner = code.operands(items).iter();
            operands.extend(inner.filter(|item| !matches!(item, Operand::List(_))));
        }
    }

    /// True when one of these operands is not known.
    fn is_open(&self, state: &State, base: u32, operands: &[Operand]) -> bool {
        operands.iter().any(|operand| match operand {
            Operand::Slot(slot) => matches!(state.variable(base + slot.0), Sym::Open(_)),
            Operand::Anonymous => true,
            _ => false,
        })
    }

    /// What an operand of a rule stands for.
    pub(super) fn operand(
        &mut self,
        state: &mut State,
        rule: RuleId,
        base: u32,
        operand: Operand,
    ) -> Result<Sym, Error> {
        match operand {
            Operand::Slot(slot) => Ok(state.variable(base + slot.0)),
            Operand::Anonymous => Ok(Sym::Open(state.fresh(1))),
            Operand::UnixTime => {
                let cell = self.asker.value(operand, &[])?;
                Ok(cell.map_or_else(|| Sym::Open(state.fresh(1)), |cell| Sym::Known(cell, Source::Facts)))
            }
            operand => {
                let slots = self.slots(state, rule, base);
                let cell = self.asker.value(operand, &slots)?;
                Ok(Sym::given(cell, state))
            }
        }
    }

    /// What the variables of a rule stand for.
    pub(super) fn slots(&self, state: &State, rule: RuleId, base: u32) -> Vec<Slot> {
        let count = self.asker.program().clause(rule).map_or(0, |clause| clause.slots.len() as u32);
        (base..base + count).map(|variable| state.variable(variable).cell()).collect()
    }

    /// Makes two values one, or says whether they are.
    pub(super) fn equal(&mut self, state: &mut State, left: Sym, right: Sym) -> Result<bool, Error> {
        match state.unify(self.asker, left, right) {
            Unified::Yes => Ok(true),
            Unified::No => Ok(false),
            Unified::Differ => match (state.resolve(left), state.resolve(right)) {
                (Sym::Known(left, _), Sym::Known(right, _)) => self.asker.equal(left, right),
                _ => Ok(false),
            },
        }
    }
}
