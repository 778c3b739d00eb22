//! Asking the machine, one goal of one rule at a time.
//!
//! INVARIANT: nothing is cut off the heap while an explanation is made, so that values stay what they are; what variables
//! stand for is read at once, since the conditions that wait for them belong to the machine that has answered.

use crate::error::{Error, ErrorKind};
use crate::eval::{Context, Evaluation, Machine, Mode, Read, answers_later, atom_of, show::show};
use crate::explain::answer::{Argument, Goal, Origin, UsedRule};
use crate::facts::{Fact, MAX_ARGUMENTS, Pattern, Position, TypeId, Value, ValueRef};
use crate::heap::{Cell, Heap, Term, Variable};
use crate::host::Host;
use crate::ir::{Code, Goal as Asked, Operand, PredicateId, Program, Slot as Variable32, Span32};
use crate::limits::{Limit, Limits};
use crate::observe::Observer;
use crate::policy::{Policy, RuleId};
use crate::query::{Step, pose};

/// A value, or a variable that stands for whatever value.
pub(super) type Slot = Option<Cell>;

/// Who asks: a question's heap and host, and the work that may still be done.
pub(crate) struct Asker<'e, H: Host> {
    pub(super) policy: &'e Policy,
    pub(super) host: &'e mut H,
    pub(super) heap: &'e mut Heap<H::Object>,
    /// Of all questions together.
    limits: Limits,
    /// Values that stand for whatever value of a type, with the type's name.
    witnesses: Vec<(Cell, String)>,
}

/// A goal whose arguments are values, or open.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) predicate: PredicateId,
    pub(super) args: Vec<Slot>,
}

/// What a goal holds by.
pub(super) enum Way {
    Fact,
    /// With what the rule's variables stand for.
    Rule(RuleId, Vec<Slot>),
}

/// Steps that a search for the answers of an open goal may take. Without a bound an explanation would grow with the facts: which
/// repositories she may read, say, only for one more way to a yes.
const SEARCH: u64 = 2_000;

/// The rule that stands in no policy: see `docs/facts.md`.
const DEFAULT: &str = "allow(actor, action, resource) if has_permission(actor, action, resource);";

/// Remembers the rule that answers the question's own goal.
#[derive(Default)]
struct Outermost {
    used: Vec<(RuleId, Variable)>,
}

impl Observer for Outermost {
    fn matched(&mut self, rule: RuleId, depth: u32, first: Variable) {
        if depth == 0 {
            self.used.push((rule, first));
        }
    }

    fn mark(&mut self) -> u32 {
        self.used.len() as u32
    }

    fn backtrack(&mut self, mark: u32) {
        self.used.truncate(mark as usize);
    }
}

impl<'e, H: Host> Asker<'e, H> {
    pub(crate) fn new(
        policy: &'e Policy,
        host: &'e mut H,
        heap: &'e mut Heap<H::Object>,
        limits: &Limits,
    ) -> Self {
        Asker { policy, host, heap, limits: limits.clone(), witnesses: Vec::new() }
    }

    /// An argument of the question; a variable is open.
    pub(super) fn slot(&self, term: Term) -> Slot {
        let cell = self.heap.resolve(term.0);
        (!matches!(cell, Cell::Variable(_) | Cell::Awaited(_))).then_some(cell)
    }

    pub(super) fn program(&self) -> &'e Program {
        &self.policy.0
    }

    /// Runs a machine and counts what it does.
    fn evaluate<O: Observer, R>(
        &mut self,
        question: &Code,
        machine: &mut Machine<H::Object>,
        observer: &mut O,
        run: impl FnOnce(&mut Evaluation<'_, H, O>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let cx = Context { program: &self.policy.0, question, limits: &self.limits };
        let result = run(&mut Evaluation { cx: &cx, m: machine, heap: self.heap, host: self.host, observer });
        self.limits.steps = self.limits.steps.saturating_sub(machine.steps());
        result
    }

    /// True when a goal holds.
    pub(super) fn holds(&mut self, called: &Called) -> Result<bool, Error> {
        let terms = self.terms(&called.args);
        let (mut code, mut machine) = (Code::default(), Machine::new());
        let env = pose(&mut code, self.heap, called.predicate, &terms);
        machine.start(&self.policy.0, Span32 { start: 0, len: 1 }, env);
        self.evaluate(&code, &mut machine, &mut (), |evaluation| evaluation.decide())
    }

    /// What a goal holds by, where goals in `barred` do not; `None` where it does not hold then.
    pub(super) fn way(&mut self, called: &Called, barred: &[Called]) -> Result<Option<Way>, Error> {
        let runs = self.runs_of(barred);
        let terms = self.terms(&called.args);
        let (mut code, mut machine) = (Code::default(), Machine::new());
        let env = pose(&mut code, self.heap, called.predicate, &terms);
        machine.start(&self.policy.0, Span32 { start: 0, len: 1 }, env);
        machine.untable();
        let mut observer = Outermost::default();
        let holds =
            self.evaluate(&code, &mut machine, &mut observer, |evaluation| decide_barred(evaluation, &runs))?;
        if !holds {
            return Ok(None);
        }
        let Some((rule, first)) = observer.used.last().copied() else { return Ok(Some(Way::Fact)) };
        let slots = self.slots_of(rule, first, &mut machine)?;
        Ok(Some(Way::Rule(rule, slots)))
    }

    /// Answers of a goal, as values of its arguments, at most so many; whether there may be more.
    pub(super) fn answers(&mut self, called: &Called, most: usize) -> Result<(Vec<Vec<Known>>, bool), Error> {
        let terms = self.terms(&called.args);
        let (mut code, mut machine) = (Code::default(), Machine::new());
        let env = pose(&mut code, self.heap, called.predicate, &terms);
        machine.start(&self.policy.0, Span32 { start: 0, len: 1 }, env);
        let arity = terms.len() as u32;
        self.evaluate(&code, &mut machine, &mut (), |evaluation| read_answers(evaluation, env, arity, most))
    }

    /// Answers of goals of a rule, as values of its variables; as [`Asker::answers`].
    pub(super) fn inside(
        &mut self,
        rule: RuleId,
        goals: Span32,
        slots: &[Slot],
        most: usize,
    ) -> Result<(Vec<Vec<Known>>, bool), Error> {
        let env = self.env(slots);
        let (code, mut machine) = (Code::default(), Machine::new());
        machine.start_inside(rule, goals, env);
        let count = slots.len() as u32;
        self.evaluate(&code, &mut machine, &mut (), |evaluation| read_answers(evaluation, env, count, most))
    }

    /// What the variables of a rule stand for once its goals have an answer; `None` where they have none.
    pub(super) fn solved(
        &mut self,
        rule: RuleId,
        goals: Span32,
        slots: &[Slot],
        barred: &[Called],
    ) -> Result<Option<Vec<Slot>>, Error> {
        let runs = self.runs_of(barred);
        let env = self.env(slots);
        let (code, mut machine) = (Code::default(), Machine::new());
        machine.start_inside(rule, goals, env);
        let holds =
            self.evaluate(&code, &mut machine, &mut (), |evaluation| decide_barred(evaluation, &runs))?;
        if !holds {
            return Ok(None);
        }
        self.slots_of(rule, env, &mut machine).map(Some)
    }

    /// As [`Asker::solved`], for goals that more goals follow: conditions may be left open.
    pub(super) fn begun(
        &mut self,
        rule: RuleId,
        goals: Span32,
        slots: &[Slot],
    ) -> Result<Option<Vec<Slot>>, Error> {
        let env = self.env(slots);
        let (code, mut machine) = (Code::default(), Machine::new());
        machine.start_inside(rule, goals, env);
        let step = self.evaluate(&code, &mut machine, &mut (), |evaluation| evaluation.run(u64::MAX))?;
        match step {
            Step::Answer => self.slots_of(rule, env, &mut machine).map(Some),
            Step::Need(_) => Err(answers_later()),
            Step::Done | Step::Paused => Ok(None),
        }
    }

    /// What the variables of a rule stand for once its head has matched a goal; `None` where it does not.
    pub(super) fn head(&mut self, rule: RuleId, called: &Called) -> Result<Option<Vec<Slot>>, Error> {
        let run = self.run_of(&called.args);
        let (code, mut machine) = (Code::default(), Machine::new());
        let env =
            self.evaluate(&code, &mut machine, &mut (), |evaluation| evaluation.match_head(rule, run))?;
        env.map(|env| self.slots_of(rule, env, &mut machine)).transpose()
    }

    /// The value of an operand of a rule; `None` where it is open.
    pub(super) fn value(&mut self, operand: Operand, slots: &[Slot]) -> Result<Slot, Error> {
        match operand {
            Operand::Slot(slot) => return Ok(slots.get(slot.0 as usize).copied().flatten()),
            Operand::Anonymous => return Ok(None),
            _ => {}
        }
        let env = self.env(slots);
        let (code, mut machine) = (Code::default(), Machine::new());
        let program = self.program();
        let cell = self.evaluate(&code, &mut machine, &mut (), |evaluation| {
            evaluation.value_of(&program.code, operand, env)
        })?;
        Ok(Some(cell))
    }

    /// True when two values are equal.
    pub(super) fn equal(&mut self, left: Cell, right: Cell) -> Result<bool, Error> {
        let (code, mut machine) = (Code::default(), Machine::new());
        self.evaluate(&code, &mut machine, &mut (), |evaluation| evaluation.is_equal(left, right))
    }

    /// The goal that a rule calls.
    pub(super) fn called(
        &mut self,
        predicate: PredicateId,
        args: Span32,
        slots: &[Slot],
    ) -> Result<Called, Error> {
        let operands = self.program().code.operands(args);
        let args = operands.iter().map(|operand| self.value(*operand, slots)).collect::<Result<_, _>>()?;
        Ok(Called { predicate, args })
    }

    /// The rules that a goal may use, in the order in which it tries them.
    pub(super) fn rules_for(&mut self, called: &Called) -> Result<Vec<RuleId>, Error> {
        let run = self.run_of(&called.args);
        let (code, mut machine) = (Code::default(), Machine::new());
        self.evaluate(&code, &mut machine, &mut (), |evaluation| {
            Ok(evaluation.rules_for(called.predicate, run))
        })
    }

    /// Variables of a rule on the heap: with their values, or new.
    fn env(&mut self, slots: &[Slot]) -> Variable {
        let env = self.heap.fresh(slots.len() as u32);
        for (offset, slot) in (0..).zip(slots) {
            if let Some(cell) = slot {
                self.heap.initialise(Variable(env.0 + offset), *cell);
            }
        }
        env
    }

    fn terms(&mut self, args: &[Slot]) -> Vec<Term> {
        args.iter().map(|arg| arg.map_or_else(|| self.heap.variable(), Term)).collect()
    }

    fn run_of(&mut self, args: &[Slot]) -> u32 {
        let cells: Vec<Cell> = self.terms(args).into_iter().map(|term| term.0).collect();
        self.heap.push_cells(cells).start
    }

    fn runs_of(&mut self, barred: &[Called]) -> Vec<Barred> {
        let run = |goal: &Called| (goal.predicate, self.run_of(&goal.args), goal.args.len() as u32);
        barred.iter().map(run).collect()
    }

    /// Reads what a rule's variables stand for. One that stands for whatever value of a type gets such a value.
    fn slots_of(
        &mut self,
        rule: RuleId,
        first: Variable,
        machine: &mut Machine<H::Object>,
    ) -> Result<Vec<Slot>, Error> {
        let count = self.program().clause(rule).map_or(0, |clause| clause.slots.len() as u32);
        let code = Code::default();
        let reads: Vec<Read> = self.evaluate(&code, machine, &mut (), |evaluation| {
            Ok((first.0..first.0 + count).map(|slot| evaluation.read(Variable(slot))).collect())
        })?;
        let slot = |read| match read {
            Read::Value(cell) => Ok(Some(cell)),
            Read::Open(_) => Ok(None),
            Read::OfType(_, type_id) => self.witness_of(type_id).map(Some),
        };
        reads.into_iter().map(slot).collect()
    }

    /// A value that stands for whatever value of a type. One is enough, also for several variables, since what holds whatever they
    /// are holds where they are the same; and goals that meet themselves are recognised by it.
    fn witness_of(&mut self, type_id: TypeId) -> Result<Cell, Error> {
        let name = self.heap.link().map_or_else(String::new, |link| link.view.type_name(type_id).to_owned());
        if let Some((cell, _)) = self.witnesses.iter().find(|(_, known)| *known == name) {
            return Ok(*cell);
        }
        let cell = self.fresh_value(&name)?;
        self.witnesses.push((cell, name));
        Ok(cell)
    }

    /// A value of a type that no fact names.
    pub(super) fn fresh_value(&mut self, type_name: &str) -> Result<Cell, Error> {
        for number in 0.. {
            let id = format!("some{number}");
            let value = match type_name {
                "Boolean" => return Ok(Cell::Boolean(true)),
                "Integer" => ValueRef::Integer(i64::MIN + 1 + number),
                "String" => ValueRef::String(&id),
                type_name => ValueRef::entity(type_name, &id),
            };
            let is_known = self.heap.link().is_none_or(|link| link.view.atom(value).is_some());
            if !is_known || self.heap.link().is_none() {
                return self.cell(value);
            }
        }
        Ok(Cell::Nil)
    }

    /// A value on the heap.
    pub(super) fn cell(&mut self, value: ValueRef<'_>) -> Result<Cell, Error> {
        let cell = match value {
            ValueRef::Entity { type_name, id } => self.heap.entity(type_name, id)?.0,
            ValueRef::String(text) => self.heap.string(text).0,
            ValueRef::Integer(value) => Cell::Integer(value),
            ValueRef::Boolean(value) => Cell::Boolean(value),
            ValueRef::Any(_) => return Err(Error::new(ErrorKind::Misuse, "a wildcard is not one value")),
        };
        // Interned, so that the next value is another one.
        atom_of(&self.policy.0, self.heap, cell)?;
        Ok(cell)
    }

    /// A value as explanations show it.
    pub(super) fn argument(&self, slot: Slot) -> Argument {
        let Some(cell) = slot.map(|cell| self.heap.resolve(cell)) else { return Argument::Open };
        if let Some((_, name)) = self.witnesses.iter().find(|(witness, _)| *witness == cell) {
            return Argument::Value(Value::any(name.as_str()));
        }
        match cell {
            Cell::Boolean(value) => Argument::Value(value.into()),
            Cell::Integer(value) => Argument::Value(value.into()),
            Cell::Text(id) => Argument::Value(self.heap.text(id).into()),
            Cell::Entity(atom) => match self.heap.entity_of(atom) {
                Some((type_name, id)) => Argument::Value(Value::entity(type_name, id)),
                None => Argument::Open,
            },
            Cell::Variable(_) | Cell::Awaited(_) => Argument::Open,
            other => Argument::Shown(show(self.heap, self.host, other)),
        }
    }

    pub(super) fn goal(&self, called: &Called) -> Goal {
        let program = self.program();
        let name = program.predicates.get(called.predicate.0 as usize).map(|found| found.name);
        Goal {
            predicate: name.map_or_else(String::new, |name| program.symbols.text(name).to_owned()),
            arguments: called.args.iter().map(|arg| self.argument(*arg)).collect(),
        }
    }

    pub(super) fn used(&self, rule: RuleId) -> Option<UsedRule> {
        let known = self.policy.rule(rule)?;
        let span = known.span;
        let (text, location) = match known.text {
            "" => (DEFAULT, String::new()),
            text => (text, self.policy.sources().locate(span)),
        };
        Some(UsedRule { id: rule, span, text: text.to_owned(), location })
    }

    /// Where a goal `=` stands before the lookups that it compares, the number of these: they follow it, and what they find is better
    /// asked first and compared then.
    pub(super) fn read_after(&self, pc: u32, end: u32) -> u32 {
        let code = &self.program().code;
        let Some(Asked::Unify(left, right)) = code.goals.get(pc as usize).copied() else { return 0 };
        let wanted: Vec<Variable32> = [left, right].iter().filter_map(slot_of).collect();
        let mut count = 0;
        // Backwards, since what a lookup looks into may come of the one before.
        let reads: Vec<(Operand, Variable32)> = (pc + 1..end)
            .map_while(|pc| match code.goals.get(pc as usize) {
                Some(Asked::Lookup(object, _, out)) => Some((*object, *out)),
                _ => None,
            })
            .collect();
        for len in (1..=reads.len()).rev() {
            let all = reads.get(..len).unwrap_or_default();
            let mut needed = wanted.clone();
            let is_needed = all.iter().rev().all(|(object, out)| {
                let is_needed = needed.contains(out);
                needed.extend(slot_of(object));
                is_needed
            });
            let looks_into = |(object, _): &(Operand, Variable32)| slot_of(object);
            let is_own = |slot: Variable32| all.iter().any(|(_, out)| *out == slot);
            let is_ready =
                all.iter().filter_map(looks_into).all(|slot| is_own(slot) || !wanted.contains(&slot));
            if is_needed && is_ready {
                count = len as u32;
                break;
            }
        }
        count
    }

    /// The text of a goal of the policy, on one line.
    pub(super) fn text_of(&self, pc: u32) -> String {
        let span = self.program().code.spans.get(pc as usize).copied();
        let text = span.map_or("", |span| self.policy.sources().text(span));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn location_of(&self, pc: u32) -> String {
        let span = self.program().code.spans.get(pc as usize).copied();
        span.map_or_else(String::new, |span| self.policy.sources().locate(span))
    }

    /// The fact that a goal is, as it is stored.
    pub(super) fn fact(&mut self, called: &Called) -> Result<Option<(Fact, Origin)>, Error> {
        let mut pattern = [None; MAX_ARGUMENTS];
        for (slot, arg) in pattern.iter_mut().zip(&called.args) {
            if let Some(cell) = arg {
                let Some(atom) = atom_of(&self.policy.0, self.heap, *cell)? else { return Ok(None) };
                *slot = Some(atom);
            }
        }
        let pattern = pattern.get(..called.args.len()).unwrap_or_default();
        let Some(link) = self.heap.link() else { return Ok(None) };
        let Some(relation) = link.relation(called.predicate) else { return Ok(None) };
        let found = link.view.scan(relation, pattern).next().map(|row| {
            let values = row.atoms().iter().filter_map(|atom| link.view.value(*atom));
            let name = link.view.signature(relation).map_or("", |(name, _)| name);
            Fact::new(name, values.map(ValueRef::to_value))
        });
        Ok(found.map(|fact| {
            let is = fact.arguments.iter().cloned().map(Position::Is);
            let pattern = Pattern::new(fact.predicate.as_str(), is);
            let is_stored = link.view.facts().matching(&pattern).next().is_some();
            (fact, if is_stored { Origin::Stored } else { Origin::Request })
        }))
    }
}

/// What an argument or a variable is known to be in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    Value(Cell),
    /// Whatever value of the type of that name.
    OfType(String),
    /// Whatever value, the same for equal numbers.
    Open(u32),
}

fn slot_of(operand: &Operand) -> Option<Variable32> {
    match operand {
        Operand::Slot(slot) => Some(*slot),
        _ => None,
    }
}

/// A barred goal: its predicate, and the run of cells that its arguments are.
type Barred = (PredicateId, u32, u32);

fn decide_barred<H: Host, O: Observer>(
    evaluation: &mut Evaluation<'_, H, O>,
    barred: &[Barred],
) -> Result<bool, Error> {
    for (predicate, args, arity) in barred {
        evaluation.bar(*predicate, *args, *arity)?;
    }
    evaluation.decide()
}

fn read_answers<H: Host>(
    evaluation: &mut Evaluation<'_, H, ()>,
    first: Variable,
    count: u32,
    most: usize,
) -> Result<(Vec<Vec<Known>>, bool), Error> {
    let mut answers: Vec<Vec<Known>> = Vec::new();
    let mut left = SEARCH;
    evaluation.m.set_mode(Mode::Decide);
    loop {
        let before = evaluation.m.steps();
        let step = match evaluation.run(left) {
            // What is in doubt may be another answer.
            Err(_) if evaluation.m.is_undecided() && !answers.is_empty() => return Ok((answers, true)),
            step => step?,
        };
        left = left.saturating_sub(evaluation.m.steps() - before);
        match step {
            Step::Done => return Ok((answers, false)),
            Step::Answer if answers.len() >= most => return Ok((answers, true)),
            Step::Answer => {
                let reads = (first.0..first.0 + count).map(|slot| evaluation.read(Variable(slot)));
                let name = |type_id| {
                    evaluation.heap.link().map_or("", |link| link.view.type_name(type_id)).to_owned()
                };
                let answer = reads.map(|read| match read {
                    Read::Value(cell) => Known::Value(cell),
                    Read::OfType(_, type_id) => Known::OfType(name(type_id)),
                    Read::Open(variable) => Known::Open(variable.0),
                });
                let answer = answer.collect();
                if !answers.contains(&answer) {
                    answers.push(answer);
                }
            }
            Step::Paused => return Ok((answers, true)),
            Step::Need(_) => return Err(answers_later()),
        }
    }
}

/// The error of an explanation that may do no more.
#[cold]
pub(super) fn is_exhausted(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Exhausted(Limit::Steps | Limit::Memory | Limit::Time))
}
