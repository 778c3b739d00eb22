//! Facts as answers of calls.
//!
//! A call of a predicate that facts may have tries them first, as if they stood at the top of the policy, and then its
//! clauses. What is known of the arguments is the pattern of a cursor; a row binds the rest. A wildcard in a row leaves an
//! unbound argument unbound, with the condition that it is of that type: since every type has values, such a condition
//! alone never leaves an answer undecided.
//!
//! INVARIANT: every row that is looked at counts as a step. A call without variables holds at most once by facts.

use super::{ChoiceKind, Condition, Evaluation, FactCall, NONE, Outcome, Stop, fail};
use crate::error::{Error, ErrorKind};
use crate::facts::{Atom, MAX_ARGUMENTS, RelationId, TypeId, ValueRef};
use crate::heap::{Cell, Heap, TextId, Variable};
use crate::host::Host;
use crate::ir::{Code, EntityId, Goal, Pattern, PatternId, PredicateId, Program, Tag};
use crate::link::{Given, Link};
use crate::observe::Observer;
use crate::symbol::Symbol;

/// What a call knows of its arguments.
type Known = [Option<Atom>; MAX_ARGUMENTS];

/// 2⁶³, the first float that is larger than all integers.
const EDGE: f64 = 9_223_372_036_854_775_808.0;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Tries the facts, then the clauses.
    pub(super) fn call_facts(&mut self, call: FactCall) -> Outcome {
        let Some((relation, known)) = self.asked(call.predicate, call.args, call.arity)? else {
            return self.clauses_of(call);
        };
        let pattern = known.get(..call.arity as usize).unwrap_or_default();
        let Some(link) = self.heap.link() else { return self.clauses_of(call) };
        if let Some(row) = ground(pattern) {
            if !link.view.contains(relation, &row[..pattern.len()]) {
                return self.clauses_of(call);
            }
            if !self.wants_one_proof() && self.has_clauses(call) {
                let choice = self.choice(ChoiceKind::Facts { cursor: NONE, call });
                self.m.choices.push(choice);
            }
            return Ok(true);
        }
        let cursor = link.view.cursor(relation, pattern);
        self.m.cursors.push(cursor);
        self.next_fact(self.m.cursors.len() as u32 - 1, call)
    }

    /// True when a call without variables is a fact.
    pub(super) fn is_fact(&mut self, predicate: PredicateId, args: u32, arity: u32) -> Outcome {
        let Some((relation, known)) = self.asked(predicate, args, arity)? else { return Ok(false) };
        let pattern = known.get(..arity as usize).unwrap_or_default();
        let (Some(row), Some(link)) = (ground(pattern), self.heap.link()) else { return Ok(false) };
        Ok(link.view.contains(relation, &row[..pattern.len()]))
    }

    /// The next of the facts that a cursor selects; after the last one the clauses.
    pub(super) fn next_fact(&mut self, cursor: u32, call: FactCall) -> Outcome {
        let height = self.m.choices.len();
        let choice = self.choice(ChoiceKind::Facts { cursor, call });
        while let (Some(link), Some(at)) = (self.heap.link(), self.m.cursors.get_mut(cursor as usize)) {
            let Some(row) = link.view.next(at) else { break };
            let is_last = at.is_done();
            let mut atoms = [None; MAX_ARGUMENTS];
            atoms.iter_mut().zip(row.atoms()).for_each(|(slot, atom)| *slot = Some(*atom));
            self.tick()?;
            if !is_last || self.has_clauses(call) {
                self.m.choices.push(choice);
            }
            if self.take_row(&atoms, call)? {
                return Ok(true);
            }
            self.undo_attempt(&choice, height);
        }
        self.m.cursors.truncate(cursor as usize);
        self.clauses_of(call)
    }

    fn clauses_of(&mut self, call: FactCall) -> Outcome {
        self.call_clauses(call.predicate, call.leaf, call.args, call.arity)
    }

    fn has_clauses(&self, call: FactCall) -> bool {
        let predicate = self.cx.program.predicates.get(call.predicate.0 as usize);
        let leaf = predicate.and_then(|predicate| predicate.index.leaf(call.leaf));
        leaf.is_some_and(|leaf| !leaf.clauses.is_empty())
    }

    /// The facts that a call asks about, and the arguments that it knows; `None` where no fact can answer it.
    fn asked(
        &mut self,
        predicate: PredicateId,
        args: u32,
        arity: u32,
    ) -> Result<Option<(RelationId, Known)>, Stop> {
        let relation = self.heap.link().and_then(|link| link.relation(predicate));
        let Some(relation) = relation else { return Ok(None) };
        let mut known = Known::default();
        for (slot, index) in known.iter_mut().zip(args..args + arity) {
            *slot = match self.heap.resolve(self.heap.cell(index)) {
                Cell::Variable(_) => None,
                value => match self.atom(value)? {
                    Some(atom) => Some(atom),
                    None => return Ok(None),
                },
            };
        }
        Ok(Some((relation, known)))
    }

    /// Makes the call's arguments those of a row.
    fn take_row(&mut self, row: &[Option<Atom>; MAX_ARGUMENTS], call: FactCall) -> Outcome {
        let args = call.args..call.args + call.arity;
        // What was known when the cursor was made agrees with the row.
        let mut open = [false; MAX_ARGUMENTS];
        for (open, index) in open.iter_mut().zip(args.clone()) {
            *open = matches!(self.heap.resolve(self.heap.cell(index)), Cell::Variable(_));
        }
        for ((atom, index), _) in row.iter().zip(args).zip(open).filter(|(_, open)| *open) {
            let Some(atom) = *atom else { return Ok(false) };
            let holds = match (self.heap.resolve(self.heap.cell(index)), atom.any_type()) {
                (Cell::Variable(variable), Some(type_id)) => self.leave_open(variable, type_id),
                (value, Some(type_id)) => self.is_of_type(value, type_id)?,
                (value, None) => {
                    let found = self.heap.cell_of(atom);
                    self.unify(value, found)?
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// An unbound variable stands for whatever value of a type.
    pub(crate) fn leave_open(&mut self, variable: Variable, type_id: TypeId) -> bool {
        if let Some(known) = self.type_of_open(variable) {
            return known == type_id;
        }
        let agrees = self.waiting(variable).all(|condition| match self.tag_of(condition) {
            Some(tag) => self.type_has(type_id, tag),
            None => true,
        });
        agrees && self.delay(variable, Condition::OfType { value: Cell::Variable(variable), type_id })
    }

    /// The type of which a variable stands for whatever value.
    pub(super) fn type_of_open(&self, variable: Variable) -> Option<TypeId> {
        self.waiting(variable).find_map(|condition| match condition {
            Condition::OfType { type_id, .. } => Some(type_id),
            _ => None,
        })
    }

    /// The class test that a condition is, if it is nothing more.
    pub(super) fn tag_of(&self, condition: Condition) -> Option<Tag> {
        let pattern = |code: &Code, pattern: PatternId| match code.patterns.get(pattern.0 as usize) {
            Some(Pattern::Instance(tag, fields)) if fields.is_empty() => Some(*tag),
            _ => None,
        };
        match condition {
            Condition::Match { pattern: id, at, .. } => pattern(self.cx.code_at(at).0, id),
            Condition::Goal(at) => {
                let (code, index) = self.cx.code_at(at);
                match code.goals.get(index) {
                    Some(Goal::Match(_, id)) => pattern(code, *id),
                    _ => None,
                }
            }
            Condition::Member { .. } | Condition::OfType { .. } | Condition::Doubt { .. } => None,
        }
    }

    /// True when values of a type of the facts satisfy a class test.
    pub(super) fn type_has(&self, type_id: TypeId, tag: Tag) -> bool {
        let class = self.heap.link().and_then(|link| link.class_of_type(type_id));
        class.is_some_and(|class| self.cx.program.class_has(class, tag))
    }

    /// True when a value is of exactly that type.
    pub(super) fn is_of_type(&mut self, value: Cell, type_id: TypeId) -> Outcome {
        Ok(match value {
            Cell::Entity(_) | Cell::Object(_) => {
                let atom = self.atom(value)?;
                let link = self.heap.link();
                atom.zip(link).is_some_and(|(atom, link)| link.view.type_of(atom) == Some(type_id))
            }
            Cell::Text(_) => type_id == TypeId::STRING,
            Cell::Integer(_) => type_id == TypeId::INTEGER,
            Cell::Float(value) => type_id == TypeId::INTEGER && is_whole(value),
            Cell::Boolean(_) => type_id == TypeId::BOOLEAN,
            _ => false,
        })
    }

    /// True where all that a waiting condition asks is that a variable that stands for whatever value of a type be of it.
    pub(super) fn is_met_by_type(&self, condition: Condition, variable: Variable) -> bool {
        match condition {
            Condition::OfType { .. } => true,
            condition => match (self.tag_of(condition), self.type_of_open(variable)) {
                (Some(tag), Some(type_id)) => self.type_has(type_id, tag),
                _ => false,
            },
        }
    }

    /// The value of an entity literal.
    pub(super) fn entity(&mut self, code: &Code, entity: EntityId) -> Result<Cell, Stop> {
        let program = self.cx.program;
        if std::ptr::eq(code, &raw const program.code) {
            let link = self.heap.store.link.as_deref_mut().ok_or_else(Link::missing)?;
            return Ok(Cell::Entity(link.literal(program, entity)?));
        }
        let Some((class, id)) = code.entities.get(entity.0 as usize).copied() else {
            return Err(Link::missing().into());
        };
        let id = self.heap.text(TextId(id.0)).to_owned();
        Ok(self.heap.entity(program.schema.class_name(class), &id)?.0)
    }

    /// The value of `@current_unix_time`.
    pub(super) fn unix_time(&self) -> Result<Cell, Stop> {
        match self.heap.link().and_then(|link| link.unix_time) {
            Some(seconds) => Ok(Cell::Integer(seconds)),
            None => {
                let message = "the policy asks for `@current_unix_time`, and the request does not say it";
                Err(fail(ErrorKind::NotGiven, message))
            }
        }
    }

    /// `@context`, or `@action`.
    pub(super) fn record(&mut self, is_action: bool) -> Result<Cell, Stop> {
        let link = self.heap.store.link.as_deref_mut().ok_or_else(Link::missing)?;
        Ok(Cell::Entity(link.record(is_action)?))
    }

    /// An attribute of an entity, or what a record has under a name.
    pub(super) fn given(&mut self, of: Atom, name: Symbol) -> Result<Cell, Stop> {
        let text = self.heap.text(TextId(name.0)).to_owned();
        let link = self.heap.link().ok_or_else(Link::missing)?;
        let value = link.attribute(of, &text)?.clone();
        self.observer.host_reply(&text);
        self.put(&value)
    }

    /// Puts what a request gives on the heap: a step for each value.
    fn put(&mut self, value: &Given) -> Result<Cell, Stop> {
        self.tick()?;
        Ok(match value {
            Given::Nil => Cell::Nil,
            Given::Boolean(value) => Cell::Boolean(*value),
            Given::Integer(value) => Cell::Integer(*value),
            Given::Float(value) => Cell::Float(*value),
            Given::Text(text) => self.heap.string(text).0,
            Given::Entity(atom) => Cell::Entity(*atom),
            Given::List(items) => {
                let cells = items.iter().map(|item| self.put(item)).collect::<Result<Vec<_>, _>>()?;
                Cell::List(self.heap.push_cells(cells))
            }
        })
    }
}

/// The atom of a value; `None` for one that no fact has.
pub(crate) fn atom_of<T>(program: &Program, heap: &mut Heap<T>, value: Cell) -> Result<Option<Atom>, Error> {
    let Some(link) = heap.store.link.as_deref_mut() else { return Ok(None) };
    let value = match value {
        Cell::Entity(atom) => return Ok(Some(atom)),
        Cell::Text(id) if (id.0 as usize) < program.symbols.len() => {
            return Ok(Some(link.symbol(program, Symbol(id.0))?));
        }
        Cell::Text(id) => return Ok(Some(heap.atom_of_text(id)?)),
        Cell::Integer(value) => ValueRef::Integer(value),
        Cell::Boolean(value) => ValueRef::Boolean(value),
        // A float that is whole equals the integer.
        Cell::Float(value) if is_whole(value) => ValueRef::Integer(value as i64),
        _ => return Ok(None),
    };
    Ok(Some(link.intern(value)?))
}

/// True for a float that equals an integer.
fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && (-EDGE..EDGE).contains(&value)
}

/// The row of a pattern that leaves nothing open.
fn ground(pattern: &[Option<Atom>]) -> Option<[Atom; MAX_ARGUMENTS]> {
    let mut row = [Atom::any(TypeId::STRING); MAX_ARGUMENTS];
    for (slot, atom) in row.iter_mut().zip(pattern) {
        *slot = (*atom)?;
    }
    Some(row)
}
