//! Calls of rules.
//!
//! A call without open variables is read by itself, once for the same arguments. One that is met inside its own reading for another row of
//! the same class is recursion along relations: the outer one becomes a least set, of which the inner one asks for a member.

use std::sync::Arc;

use super::derived::Derived;
use super::value::{Id, Next, Scope, Todo, Value, before};
use super::{Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::eval::{Context, Evaluation, Machine, may_equal};
use crate::heap::{Cell, Term, TextId, Variable};
use crate::host::{Host, Lineage};
use crate::ir::{Clause, Code, Goal, Key, Leaf, Operand, Pattern, PredicateId, Span32, order_rules};
use crate::policy::RuleId;
use crate::query::pose;
use crate::residual::formula::{Computed, Definition, Formula, Related, Row};
use crate::schema::ClassId;

/// What tells calls apart: an argument, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Later,
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(u64),
    Text(TextId),
    Object(u64),
    Entity(crate::facts::Atom),
    /// A value that is told apart by where it is: what is alike may be told apart, and nothing else is taken for it.
    List(u32, u32),
    OpenList(u32, u32),
    KnownDictionary(u32, u32),
    Cell(u32),
    Variable(u32),
    Row(Row),
    /// Whatever row of the class.
    AnyRow(ClassId),
    Relation(Row, Arc<str>),
    Attribute(Row, Arc<str>),
    Id(ClassId, Row, Arc<str>),
    Computed(Arc<Computed>),
    Begin,
    Key(TextId),
    End,
}

/// A call that is being read.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) predicate: PredicateId,
    /// Its arguments, its row apart.
    pub(super) key: Vec<Part>,
    /// What it is in place of that where it is read for whatever values.
    pub(super) derived: Option<Derived>,
    /// The number of its set, and the row that stands for a member.
    pub(super) member: Option<(u32, Row)>,
    pub(super) negations: u32,
    /// The set is asked about.
    pub(super) recurs: bool,
}

impl<'a, H: Host> Reader<'a, H> {
    /// What must hold for a call without open variables.
    pub(super) fn call(&mut self, predicate: PredicateId, arguments: Vec<Value>) -> Result<Formula, Error> {
        self.step()?;
        if let Some(place) = arguments.iter().position(|argument| matches!(argument, Value::One(..))) {
            return self.call_with_one(predicate, arguments, place);
        }
        if self.faults.is_some() && !self.is_of_rows(&arguments)? {
            return Ok(Formula::DEPENDS);
        }
        let known: Option<Vec<Cell>> = arguments.iter().map(Value::known).collect();
        match known {
            Some(known) if !self.in_tables.is_dependent(predicate) => match self.decide(predicate, &known) {
                // What the request does not say, a row may.
                Err(error) if error.kind() == ErrorKind::NotGiven => {}
                decided => return Ok(decided?.map_or(Formula::Unknown, Formula::Known)),
            },
            _ => {}
        }
        if let Some(formula) = self.derived(predicate, &arguments)? {
            return Ok(formula);
        }
        let exact = self.key(&arguments)?;
        if let Some(formula) = self.read.get(&(predicate, exact.clone())) {
            return Ok(formula.clone());
        }
        let (key, row) = self.key_of_member(&arguments)?;
        if let Some(again) = self.again(predicate, &key, row)? {
            return Ok(again);
        }
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let place = self.open.len();
        let member = row.map(|row| {
            self.numbers += 1;
            (self.numbers, row)
        });
        let negations = self.negations;
        self.open.push(Called { predicate, key, derived: None, member, negations, recurs: false });
        let formula = self.clauses(predicate, &arguments);
        let recurs = self.open.get(place).is_some_and(|called| called.recurs);
        self.open.truncate(place);
        let formula = match (formula?, member) {
            (formula, Some((number, row))) if recurs => {
                let class = self.class_of(row).map_or_else(|| "".into(), |row| row.name.clone());
                Formula::Least(Arc::new(Definition { number, row, class, formula }), row)
            }
            (formula, _) => formula,
        };
        if self.lowest >= place {
            self.read.insert((predicate, exact), formula.clone());
            self.lowest = usize::MAX;
        }
        self.lowest = self.lowest.min(outer);
        Ok(formula)
    }

    /// A call of which an argument is the row that a relation leads to, or nil.
    fn call_with_one(
        &mut self,
        predicate: PredicateId,
        mut arguments: Vec<Value>,
        place: usize,
    ) -> Result<Formula, Error> {
        let Some(Value::One(of, relation)) = arguments.get(place).cloned() else { return Ok(Formula::FALSE) };
        let mut with = |this: &mut Self, value: Value| {
            if let Some(argument) = arguments.get_mut(place) {
                *argument = value;
            }
            this.call(predicate, arguments.clone())
        };
        let without = with(self, Value::Known(Cell::Nil))?;
        let there = self.related(of, &relation, |this, row| with(this, Value::Row(row)))?;
        let absent = match without {
            Formula::Known(false) => without,
            without => Formula::all([self.absent(of, &relation)?, without]),
        };
        Ok(Formula::any([absent, Formula::some(there)]))
    }

    /// What must hold of a row that a relation leads to.
    pub(super) fn related(
        &mut self,
        of: Row,
        relation: &Arc<str>,
        read: impl FnOnce(&mut Self, Row) -> Result<Formula, Error>,
    ) -> Result<Related, Error> {
        let class: Arc<str> = match self.type_of(of).and_then(|row| row.relation_named(relation)) {
            Some(known) => known.class.as_str().into(),
            None => return Err(unfilterable(format!("there is no relation `{relation}`"))),
        };
        let row = self.new_row(&class)?;
        let formula = read(self, row)?;
        Ok(Related { row, of, relation: relation.clone(), class, formula })
    }

    /// That a relation leads to no row.
    pub(super) fn absent(&mut self, of: Row, relation: &Arc<str>) -> Result<Formula, Error> {
        let any = self.related(of, relation, |_, _| Ok(Formula::TRUE))?;
        Ok(Formula::some(any).negated())
    }

    /// Decides a call of which everything is known; `None` where that is neither so nor not.
    fn decide(&mut self, predicate: PredicateId, arguments: &[Cell]) -> Result<Option<bool>, Error> {
        let mark = self.heap.mark();
        let terms: Vec<Term> = arguments.iter().map(|cell| Term(*cell)).collect();
        let mut code = Code::default();
        let env = pose(&mut code, &mut self.heap, predicate, &terms);
        let mut machine = Machine::new();
        machine.start(self.program, Span32 { start: 0, len: 1 }, env);
        let cx = Context { program: self.program, question: &code, limits: self.limits };
        let (heap, host) = (&mut self.heap, &mut *self.host);
        let decision =
            Evaluation { cx: &cx, m: &mut machine, heap, host, observer: &mut () }.decide_if_known();
        self.heap.cut_back(&mark);
        self.heap.store.woken.clear();
        self.work(machine.steps() as usize)?;
        decision
    }

    /// The answer of a call that is inside its own reading; `None` for one that is not. `key` has any row in place of `row`.
    fn again(
        &mut self,
        predicate: PredicateId,
        key: &[Part],
        row: Option<Row>,
    ) -> Result<Option<Formula>, Error> {
        let same =
            |called: &Called| called.predicate == predicate && called.derived.is_none() && called.key == key;
        let Some(place) = self.open.iter().rposition(same) else { return Ok(None) };
        let Some(called) = self.come_to(place)? else { return Ok(None) };
        Ok(Some(match (called.member, row) {
            (Some((number, member)), Some(row)) if member != row => {
                called.recurs = true;
                Formula::Again(number, row)
            }
            // The same call: no goal holds because it does itself.
            _ => Formula::FALSE,
        }))
    }

    /// A call that is inside its own reading.
    pub(super) fn come_to(&mut self, place: usize) -> Result<Option<&mut Called>, Error> {
        let Some(called) = self.open.get_mut(place) else { return Ok(None) };
        if self.negations > called.negations {
            let message = "this goal meets its own negation: it would hold exactly when it does not";
            return Err(Error::new(ErrorKind::NegationLoop, message));
        }
        self.lowest = self.lowest.min(place);
        Ok(Some(called))
    }

    pub(super) fn clauses(&mut self, predicate: PredicateId, arguments: &[Value]) -> Result<Formula, Error> {
        let rules = self.candidates(predicate, arguments);
        self.order_is_known(&rules, arguments)?;
        let facts = self.facts(predicate, arguments)?;
        let mut alternatives: Vec<Formula> = facts.into_iter().map(|fact| fact.condition).collect();
        alternatives.append(&mut self.by_tables(predicate, arguments, &None)?);
        let mut committed: Vec<(usize, Formula)> = Vec::new();
        for rule in rules {
            let Some(clause) = self.program.clause(rule) else { continue };
            match self.cut_of(clause) {
                None => alternatives.push(self.clause(rule, clause, arguments, None)?),
                Some(cut) => {
                    // What follows it rests on that it is not come to.
                    self.negations += 1;
                    let before_it = self.clause(rule, clause, arguments, Some((cut, false)));
                    self.negations -= 1;
                    let before_it = before_it?;
                    alternatives.push(self.clause(rule, clause, arguments, Some((cut, true)))?);
                    committed.push((alternatives.len(), before_it));
                }
            }
        }
        // What stands after a clause with a cut holds only where the cut was not come to.
        while let Some((place, before_it)) = committed.pop() {
            let others = Formula::any(alternatives.split_off(place));
            alternatives.push(Formula::all([before_it.negated(), others]));
        }
        self.weigh(Formula::any(alternatives))
    }

    /// Refuses a cut among rules about classes that inherit: which of them come first for a row depends on what it is.
    fn order_is_known(&self, rules: &[RuleId], arguments: &[Value]) -> Result<(), Error> {
        let clauses = || rules.iter().filter_map(|rule| self.program.clause(*rule));
        let is_narrower = |clause: &Clause| {
            clause.params.iter().zip(arguments).any(|(param, argument)| {
                let pattern =
                    param.pattern.and_then(|pattern| self.program.code.patterns.get(pattern.0 as usize));
                match (pattern, argument) {
                    (Some(Pattern::Instance(tag, _)), Value::Row(row)) => {
                        self.class_of(*row).is_some_and(|row| !self.program.class_has(row.class, *tag))
                    }
                    _ => false,
                }
            })
        };
        if clauses().any(|clause| self.cut_of(clause).is_some()) && clauses().any(is_narrower) {
            return Err(unfilterable("`cut` among rules about classes that inherit from one another"));
        }
        Ok(())
    }

    /// The place of the first cut among a clause's goals.
    pub(super) fn cut_of(&self, clause: &Clause) -> Option<u32> {
        let goals = self.program.code.goals.get(clause.body.range()).unwrap_or(&[]);
        let place = goals.iter().position(|goal| matches!(goal, Goal::Cut))?;
        Some(clause.body.start + place as u32)
    }

    /// What must hold for one clause; with a cut only up to it, or all of it.
    fn clause(
        &mut self,
        rule: RuleId,
        clause: &Clause,
        arguments: &[Value],
        cut: Option<(u32, bool)>,
    ) -> Result<Formula, Error> {
        let mark = self.trail.len();
        let next = self.entered(rule, clause, arguments, cut, None)?;
        let formula = self.solve(next)?;
        self.undo(mark);
        Ok(formula)
    }

    /// What is to be done for a clause's head and body, and then the rest.
    pub(super) fn entered(
        &mut self,
        rule: RuleId,
        clause: &Clause,
        arguments: &[Value],
        cut: Option<(u32, bool)>,
        rest: Next,
    ) -> Result<Next, Error> {
        let env = self.variables.len() as u32;
        self.variables.resize(self.variables.len() + clause.slots.len(), None);
        let (start, end, at) = (clause.body.start, clause.body.end(), Scope { env, rule });
        let goals = |pc, end| Todo::Goals { pc, end, at };
        let mut next = match cut {
            None => before(goals(start, end), rest),
            Some((cut, false)) => before(goals(start, cut), rest),
            Some((cut, true)) => {
                let after = before(Todo::Cut, before(goals(cut + 1, end), rest));
                before(goals(start, cut), after)
            }
        };
        for (param, argument) in clause.params.iter().zip(arguments).rev() {
            if let Some(pattern) = param.pattern {
                next = before(Todo::Match { value: argument.clone(), pattern, at }, next);
            }
            match param.operand {
                Operand::Slot(slot) if param.first => self.bind(env + slot.0, argument.clone()),
                Operand::Anonymous => {}
                operand => {
                    let operand = self.operand(operand, at)?;
                    next = before(Todo::Unify(argument.clone(), operand), next);
                }
            }
        }
        Ok(next)
    }

    /// The clauses that a call may use, in the order in which it tries them.
    pub(super) fn candidates(&mut self, predicate: PredicateId, arguments: &[Value]) -> Vec<RuleId> {
        let Some(leaf) = self.leaf(predicate, arguments) else { return Vec::new() };
        let mut rules = leaf.clauses.to_vec();
        if leaf.ordered_by_arguments {
            let program = self.program;
            rules.retain(|rule| program.clause(*rule).is_some_and(|clause| self.may_fit(clause, arguments)));
            let lineages: Vec<Option<Vec<ClassId>>> =
                arguments.iter().map(|argument| self.lineage(argument)).collect();
            order_rules(&mut rules, |left, right| {
                program.more_specific(left, right, |place, left, right| {
                    let lineage = lineages.get(place).and_then(Option::as_deref);
                    left.is_before(right, lineage.is_some(), lineage.unwrap_or_default())
                })
            });
        }
        rules
    }

    /// What the index has for a call.
    pub(super) fn leaf(&mut self, predicate: PredicateId, arguments: &[Value]) -> Option<&'a Leaf> {
        let target = self.program.predicates.get(predicate.0 as usize)?;
        let keys: Vec<Key> = arguments.iter().map(|argument| self.index_key(argument)).collect();
        let found = target.index.find(|position| keys.get(position as usize).copied().unwrap_or(Key::Any));
        found.and_then(|leaf| target.index.leaf(leaf))
    }

    /// False where a class or a literal after a parameter's colon rules a clause out, as for the machine: what does not apply must not take part
    /// in the order.
    pub(super) fn may_fit(&mut self, clause: &Clause, arguments: &[Value]) -> bool {
        let program = self.program;
        clause.params.iter().zip(arguments).all(|(param, argument)| {
            let pattern = param.pattern.and_then(|pattern| program.code.patterns.get(pattern.0 as usize));
            let tag = match pattern {
                Some(Pattern::Instance(tag, _)) => tag,
                Some(Pattern::Value(literal)) => {
                    return argument.known().is_none_or(|value| may_equal(*literal, value));
                }
                _ => return true,
            };
            match argument {
                Value::Known(cell) => self.known(|machine| Ok(machine.has_tag(*cell, *tag))).unwrap_or(true),
                Value::Id(id) => program.class_has(id.class, *tag),
                Value::Row(row) => self.class_of(*row).is_none_or(|row| {
                    self.descendants(row.class).iter().any(|class| program.class_has(*class, *tag))
                }),
                _ => true,
            }
        })
    }

    /// A class and those that inherit from it.
    pub(super) fn descendants(&self, class: ClassId) -> &[ClassId] {
        self.program.descendants.get(class.index()).map_or(&[], Vec::as_slice)
    }

    fn lineage(&mut self, argument: &Value) -> Option<Vec<ClassId>> {
        let schema = &self.program.schema;
        match argument {
            Value::Row(row) => Some(schema.lineage(self.class_of(*row)?.class).to_vec()),
            Value::Id(id) => Some(schema.lineage(id.class).to_vec()),
            Value::Known(Cell::Object(index)) => {
                let object = self.heap.host_object(*index)?;
                Some(match self.host.lineage(object) {
                    Lineage::None => Vec::new(),
                    Lineage::Class(class) => schema.lineage(class).to_vec(),
                    Lineage::Mixed(classes) => classes.to_vec(),
                })
            }
            _ => None,
        }
    }

    /// What the index may know of an argument.
    fn index_key(&mut self, argument: &Value) -> Key {
        match argument {
            Value::Known(cell) => self.known(|machine| Ok(machine.key_of(*cell))).unwrap_or(Key::Any),
            Value::Id(id) => Key::Object(id.class),
            // A row may be of a class that inherits: clauses about that are met, and refused.
            Value::Row(row) => match self.class_of(*row) {
                Some(row) if self.descendants(row.class).len() <= 1 => Key::Object(row.class),
                _ => Key::Any,
            },
            _ => Key::Any,
        }
    }

    /// What tells calls apart that have these arguments.
    pub(super) fn key(&mut self, arguments: &[Value]) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.resolve(argument.clone());
            if !matches!(value, Value::List(_) | Value::Dictionary(_)) {
                parts.push(self.part(value));
                continue;
            }
            let mut left = vec![Piece::Value(value)];
            while let Some(piece) = left.pop() {
                self.step()?;
                let value = match piece {
                    Piece::Value(value) => self.resolve(value),
                    Piece::Part(part) => {
                        parts.push(part);
                        continue;
                    }
                };
                match value {
                    Value::List(items) => {
                        parts.push(Part::Begin);
                        left.push(Piece::Part(Part::End));
                        left.extend(items.iter().rev().cloned().map(Piece::Value));
                    }
                    Value::Dictionary(entries) => {
                        parts.push(Part::Begin);
                        left.push(Piece::Part(Part::End));
                        for (key, value) in entries.iter().rev() {
                            left.push(Piece::Value(value.clone()));
                            left.push(Piece::Part(Part::Key(*key)));
                        }
                    }
                    value => parts.push(self.part(value)),
                }
            }
        }
        Ok(parts)
    }

    /// The same with any row of its class in place of the argument that is a row, if one alone is. A row beside the root is as one that is known.
    fn key_of_member(&mut self, arguments: &[Value]) -> Result<(Vec<Part>, Option<Row>), Error> {
        let mut rows = arguments.iter().enumerate().filter_map(|(place, argument)| match argument {
            Value::Row(row) if !self.is_beside(*row) => Some((place, *row)),
            _ => None,
        });
        let (Some((place, row)), None) = (rows.next(), rows.next()) else {
            return Ok((self.key(arguments)?, None));
        };
        let (before, after) = (arguments.get(..place), arguments.get(place + 1..));
        let mut key = self.key(before.unwrap_or_default())?;
        key.push(self.class_of(row).map_or(Part::Row(row), |row| Part::AnyRow(row.class)));
        key.append(&mut self.key(after.unwrap_or_default())?);
        Ok((key, Some(row)))
    }

    /// What tells a value apart that has no parts.
    fn part(&mut self, value: Value) -> Part {
        match value {
            Value::Known(cell) => match cell {
                Cell::Nil => Part::Nil,
                Cell::Boolean(value) => Part::Boolean(value),
                Cell::Integer(value) => Part::Integer(value),
                Cell::Float(value) => Part::Float(value.to_bits()),
                Cell::Text(text) => {
                    let text = self.heap.text(text).to_owned();
                    Part::Text(self.heap.text_id(&text))
                }
                Cell::Entity(atom) => Part::Entity(atom),
                Cell::Object(index) => match self.heap.host_object(index) {
                    Some(object) => Part::Object(self.host.identity(object)),
                    None => Part::Cell(index),
                },
                Cell::List(run) => Part::List(run.start, run.len),
                Cell::OpenList(run) => Part::OpenList(run.start, run.len),
                Cell::Dictionary(run) => Part::KnownDictionary(run.start, run.len),
                Cell::Variable(Variable(index)) | Cell::Awaited(index) => Part::Cell(index),
            },
            Value::Later => Part::Later,
            Value::Row(row) => Part::Row(row),
            Value::One(row, name) | Value::Many(row, name) => Part::Relation(row, name),
            Value::Attribute(row, name, _) => Part::Attribute(row, name),
            Value::Id(Id { class, row, attribute, .. }) => Part::Id(class, row, attribute),
            Value::Computed(computed, _) => Part::Computed(computed),
            Value::Variable(variable) => Part::Variable(variable),
            Value::List(_) | Value::Dictionary(_) => Part::Begin,
        }
    }
}

/// What is left of a key to write.
enum Piece {
    Value(Value),
    Part(Part),
}
