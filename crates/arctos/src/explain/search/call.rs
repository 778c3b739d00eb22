//! Calls: by what holds, by what was taken for granted, by rules, and by taking a fact for granted.

use std::rc::Rc;

use super::Search;
use super::state::{Form, Held, Item, Need, Parent, Run, Source, State, Sym, Unified};
use super::verify::Changed;
use crate::error::Error;
use crate::eval::has_tag;
use crate::explain::answer::Argument;
use crate::explain::ask::{Called, Known};
use crate::explain::proof::is_class_test;
use crate::facts::MAX_ARGUMENTS;
use crate::heap::Cell;
use crate::host::Host;
use crate::ir::{Operand, Param, Pattern, PredicateId, Tag};
use crate::policy::RuleId;

type Parents = Option<Rc<Parent>>;

impl<H: Host> Search<'_, '_, H> {
    /// Goes on from a call.
    pub(super) fn call(
        &mut self,
        state: State,
        predicate: PredicateId,
        args: &[Sym],
        parents: Parents,
    ) -> Result<(), Error> {
        let args: Vec<Sym> = args.iter().map(|arg| state.resolve(*arg)).collect();
        let called = Called { predicate, args: args.iter().map(|arg| arg.cell()).collect() };
        let is_ground = args.iter().all(|arg| matches!(arg, Sym::Known(..)));
        if is_ground && self.is_held(&state, &called)? {
            let mut child = state.longer();
            child.held.push(Held::Goal(predicate, args, parents));
            self.children.push(child);
            return Ok(());
        }
        let form = Form::of(&state, predicate, &args);
        if self.by_granted(&state, predicate, &args) || is_above(&form, &parents) {
            return Ok(());
        }
        if parents.as_ref().is_some_and(|parent| parent.depth >= self.extent.depth) {
            self.omit(format!(
                "ways of more than {} rules inside one another were not followed",
                self.extent.depth
            ));
            return Ok(());
        }
        let mut state = state;
        if !is_ground && self.by_answers(&state, &called, &args, &parents)? {
            // The answers have been taken: what follows is for what does not hold yet.
            state.push(Item::Needs(state.needed.len()));
        }
        self.by_rules(&state, &called, &args, &parents)?;
        self.by_assumption(state, predicate, args, parents);
        Ok(())
    }

    /// True when a goal without variables holds, with facts removed as far as they are so far.
    fn is_held(&mut self, state: &State, called: &Called) -> Result<bool, Error> {
        let Some(question) = self.world.filter(|_| state.removes()) else { return self.is_decided(called) };
        let goal = self.asker.goal(called);
        match Changed::of(question.world, &self.changes(state)).with(|world| world.holds(&goal)) {
            Ok(holds) => Ok(holds),
            Err(error) => self.met(error).map(|()| false),
        }
    }

    /// True when a goal without variables holds.
    fn is_decided(&mut self, called: &Called) -> Result<bool, Error> {
        let goal = self.asker.goal(called);
        let is_plain = goal.arguments.iter().all(|argument| matches!(argument, Argument::Value(_)));
        if is_plain && let Some(holds) = self.decided.get(&goal) {
            return Ok(*holds);
        }
        let holds = match self.asker.holds(called) {
            Ok(holds) => holds,
            Err(error) => {
                self.met(error)?;
                false
            }
        };
        if is_plain {
            self.decided.insert(goal, holds);
        }
        Ok(holds)
    }

    /// Uses facts that were taken for granted before; true where the call is one of them.
    fn by_granted(&mut self, state: &State, predicate: PredicateId, args: &[Sym]) -> bool {
        for (need, _) in &state.needed {
            let Need::Fact(other, known) = need else { continue };
            if *other != predicate || known.len() != args.len() {
                continue;
            }
            let known: Vec<Sym> = known.iter().map(|sym| state.resolve(*sym)).collect();
            let is_same = known.iter().zip(args).all(|(a, b)| a.is_same(*b));
            let mut child = state.longer();
            let pairs = known.into_iter().zip(args);
            let unified = pairs.fold(true, |unified, (known, arg)| {
                unified && child.unify(self.asker, known, *arg) == Unified::Yes
            });
            if unified {
                self.children.push(child);
            }
            if is_same {
                return true;
            }
        }
        false
    }

    /// Uses the answers that a call has; false where they cannot be told.
    fn by_answers(
        &mut self,
        state: &State,
        called: &Called,
        args: &[Sym],
        parents: &Parents,
    ) -> Result<bool, Error> {
        let answers = match self.asker.answers(called, self.extent.answers) {
            Ok((answers, more)) => {
                if more {
                    let goal = self.asker.goal(called);
                    self.omit(format!("only the first {} answers of {goal} were looked at", answers.len()));
                }
                answers
            }
            Err(error) => {
                self.met(error)?;
                return Ok(false);
            }
        };
        for answer in answers {
            let mut child = state.longer();
            if self.take(&mut child, args, &answer, Source::Facts) {
                child.held.push(Held::Goal(called.predicate, args.to_vec(), parents.clone()));
                self.children.push(child);
            }
        }
        Ok(true)
    }

    /// Gives unbound variables the values of an answer.
    pub(super) fn take(&mut self, state: &mut State, syms: &[Sym], answer: &[Known], source: Source) -> bool {
        let program = self.asker.program();
        let mut open: Vec<(u32, u32)> = Vec::new();
        for (sym, known) in syms.iter().zip(answer) {
            let Sym::Open(variable) = state.resolve(*sym) else { continue };
            let holds = match known {
                Known::Value(cell) => {
                    let cell = self.same(*cell);
                    state.bind(self.asker, variable, cell, source_of(cell, source))
                }
                Known::OfType(name) => match program.schema.class(name) {
                    Some(class) => state.restrict(variable, Tag::Class(class), program),
                    None => true,
                },
                Known::Open(number) => match open.iter().find(|(other, _)| other == number).copied() {
                    Some((_, first)) => match state.variable(first) {
                        Sym::Open(first) => state.alias(variable, first, program),
                        Sym::Known(..) => true,
                    },
                    None => {
                        open.push((*number, variable));
                        true
                    }
                },
            };
            if !holds {
                return false;
            }
        }
        true
    }

    fn by_rules(
        &mut self,
        state: &State,
        called: &Called,
        args: &[Sym],
        parents: &Parents,
    ) -> Result<(), Error> {
        let rules = match self.asker.rules_for(called) {
            Ok(rules) => rules,
            Err(error) => return self.met(error),
        };
        for rule in rules {
            let Some(clause) = self.asker.program().clause(rule) else { continue };
            let mut child = state.longer();
            let base = child.fresh(clause.slots.len());
            let form = Form::of(state, called.predicate, args);
            let depth = parents.as_ref().map_or(0, |parent| parent.depth) + 1;
            let above = Some(Rc::new(Parent { form, rule, depth, above: parents.clone() }));
            let matches = match self.head(&mut child, rule, base, args, &above) {
                Ok(matches) => matches,
                Err(error) => {
                    self.met(error)?;
                    false
                }
            };
            if matches {
                let (pc, end) = (clause.body.start, clause.body.end());
                child.push(Item::Goals(Run { pc, end, rule, base, parents: above }));
                self.children.push(child);
            }
        }
        Ok(())
    }

    /// Takes for granted that an object of the right class has the fields that a head asks for.
    fn by_head(&mut self, state: &mut State, rule: RuleId, parents: &Parents) -> bool {
        let may = state.needed.len() < self.extent.changes;
        if may && let Some(used) = self.asker.used(rule) {
            let text = used.text.split(" if ").next().unwrap_or_default().trim().trim_end_matches(';');
            let (text, location) = (text.to_owned(), used.location);
            let is_new = state.needed.iter().all(|(need, _)| match need {
                Need::Condition { text: known, .. } => *known != text,
                _ => true,
            });
            if is_new {
                state.need(Need::Condition { text, location, now: Vec::new() }, parents.clone());
            }
        }
        may
    }

    /// Matches a rule's head.
    fn head(
        &mut self,
        state: &mut State,
        rule: RuleId,
        base: u32,
        args: &[Sym],
        parents: &Parents,
    ) -> Result<bool, Error> {
        let program = self.asker.program();
        let Some(clause) = program.clause(rule) else { return Ok(false) };
        for (param, arg) in clause.params.iter().zip(args) {
            let arg = state.resolve(*arg);
            if !self.param(state, rule, base, param, arg)? {
                return Ok(false);
            }
        }
        for (param, arg) in clause.params.iter().zip(args) {
            let Some(id) = param.pattern else { continue };
            let pattern = program.code.patterns.get(id.0 as usize);
            let holds = match (state.resolve(*arg), pattern) {
                (Sym::Open(variable), Some(Pattern::Instance(tag, _)))
                    if is_class_test(&program.code, id) =>
                {
                    state.restrict(variable, *tag, program)
                }
                (Sym::Known(cell, _), Some(Pattern::Instance(tag, fields))) => {
                    let is_of = has_tag(program, self.asker.heap, self.asker.host, cell, *tag);
                    let fits = is_of && (fields.is_empty() || self.matches(state, rule, args)?);
                    fits || is_of && self.by_head(state, rule, parents)
                }
                (arg, Some(Pattern::Value(operand))) => {
                    let value = self.operand(state, rule, base, *operand)?;
                    self.equal(state, arg, value)?
                }
                (Sym::Known(..), Some(_)) => self.matches(state, rule, args)?,
                _ => false,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn param(
        &mut self,
        state: &mut State,
        rule: RuleId,
        base: u32,
        param: &Param,
        arg: Sym,
    ) -> Result<bool, Error> {
        match param.operand {
            Operand::Anonymous => Ok(true),
            operand => {
                let value = self.operand(state, rule, base, operand)?;
                self.equal(state, arg, value)
            }
        }
    }

    /// True when the machine matches the head of a rule with these arguments.
    fn matches(&mut self, state: &State, rule: RuleId, args: &[Sym]) -> Result<bool, Error> {
        let program = self.asker.program();
        let Some(predicate) = program.clause(rule).map(|clause| clause.predicate) else { return Ok(false) };
        let args = args.iter().map(|arg| state.resolve(*arg).cell()).collect();
        Ok(self.asker.head(rule, &Called { predicate, args })?.is_some())
    }

    /// Takes a fact for granted.
    fn by_assumption(&mut self, mut state: State, predicate: PredicateId, args: Vec<Sym>, parents: Parents) {
        let target = self.asker.program().predicates.get(predicate.0 as usize);
        let may = target.is_some_and(|target| target.has_facts)
            && !args.is_empty()
            && args.len() <= MAX_ARGUMENTS
            && args.iter().all(|arg| arg.is_of_facts());
        let is_misfit = || {
            let cells = args.iter().map(|arg| arg.cell()).collect();
            let fact = self.asker.goal(&Called { predicate, args: cells }).to_fact();
            fact.is_some_and(|fact| self.asker.policy.check_fact(&fact).is_err())
        };
        if !may || is_misfit() {
            return;
        }
        if state.needed.len() >= self.extent.changes {
            self.is_cut = true;
        } else {
            state.need(Need::Fact(predicate, args), parents);
            self.children.push(state);
        }
    }
}

/// A value of a fact that could well be another one is an attribute; what facts relate is not.
fn source_of(cell: Cell, source: Source) -> Source {
    match (source, cell) {
        (Source::Facts, Cell::Integer(_) | Cell::Boolean(_)) => Source::Facts,
        (Source::Facts, _) => Source::Given,
        (source, _) => source,
    }
}

/// True when a goal is, up to the names of variables, one of those it was called for. What it could find, they find without it: a
/// miss that needs it twice is larger than one that needs it once.
fn is_above(form: &Form, parents: &Parents) -> bool {
    let mut at = parents.as_ref();
    while let Some(parent) = at {
        if parent.form.is_variant(form) {
            return true;
        }
        at = parent.above.as_ref();
    }
    false
}
