//! Reading a policy for rows that are not at hand.
//!
//! The reader goes through the same clauses as the machine, with values that may be rows or their attributes. What is known is asked of the
//! host at once; what is of a row becomes a part of the formula. Alternatives that bind variables are read one after the other, each with
//! what comes after it; calls whose arguments are all known or of rows are read by themselves, so that the formula does not grow with the
//! number of ways to prove it.

mod calls;
mod derived;
mod equal;
mod facts;
mod filterable;
mod goals;
mod ids;
mod matching;
mod tables;
mod value;

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::Residual;
use super::formula::{Constant, Formula, Row};
use super::rows::{RowType, RowTypes};
use crate::error::{Error, ErrorKind};
use crate::eval::{Context, Evaluation, Machine, Stop, answers_later, exhausted_error, traced};
use crate::heap::{Cell, Heap, Term};
use crate::host::Host;
use crate::ir::{Code, PredicateId, Program};
use crate::limits::{Limit, Limits};
use crate::policy::{Policy, RuleId};
use crate::query::predicate_of;
use crate::schema::ClassId;

pub use filterable::{Fault, Filterable, filterable};

use calls::{Called, Part};
use derived::{General, Read};
use tables::InTables;
use value::Value;

/// How deep readings may be nested: each takes some of the thread's stack.
const DEEPEST: u32 = 128;

/// How often the time is looked at, in steps.
const CHECK_EVERY: u64 = 512;

/// How many conditions a formula may have.
const LARGEST: usize = 100_000;

/// An argument of the question.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'c> {
    /// A value on the reader's heap.
    Value(Term),
    /// Any row of the class.
    Row,
    /// Any row of that class, beside the one that is asked about: the actor's, say, where the actor is not known either.
    RowOf(&'c str),
}

/// Reads a policy with some arguments known and the others rows.
pub struct Reader<'a, H: Host> {
    policy: &'a Policy,
    program: &'a Program,
    host: &'a mut H,
    types: &'a RowTypes,
    limits: &'a Limits,
    heap: Heap<H::Object>,
    machine: Machine<H::Object>,
    none: Code,
    /// Which facts are in tables.
    in_tables: InTables<'a>,
    /// The class of each row; none where it is of no class that the policy knows.
    rows: Vec<Option<RowOf>>,
    /// How many rows the question has beside the root, whose numbers are those after its.
    beside: u32,
    /// What variables are bound to, and which are to be unbound again.
    variables: Vec<Option<Value>>,
    trail: Vec<u32>,
    /// Calls that are being read, outermost first.
    open: Vec<Called>,
    read: FxHashMap<(PredicateId, Vec<Part>), Formula>,
    /// The same for calls that may be recursive, as derivations.
    derived: FxHashMap<(PredicateId, Vec<General>), Read>,
    /// The outermost open call that the formula at hand mentions.
    lowest: usize,
    objects: Vec<H::Object>,
    /// The places of objects, by their identities.
    places_of_objects: FxHashMap<u64, u32>,
    /// The goals that are being read, with their clauses, for messages.
    places: Vec<(u32, RuleId)>,
    /// What cannot be translated, with its goal, where all of that is looked for.
    faults: Option<Vec<(Place, Error)>>,
    began: Option<Duration>,
    steps: u64,
    /// The step at which the time is looked at next.
    next_check: u64,
    depth: u32,
    negations: u32,
    numbers: u32,
    /// Rows that are found to be of a class that inherits, and the rows of that class that they are; innermost last.
    narrowed: Vec<(Row, Row)>,
}

/// A goal and its clause; `None` where there is none.
type Place = Option<(u32, RuleId)>;

#[derive(Clone, Debug)]
struct RowOf {
    name: Arc<str>,
    class: ClassId,
}

impl<'a, H: Host> Reader<'a, H> {
    /// A reader for one question.
    pub fn new(policy: &'a Policy, host: &'a mut H, types: &'a RowTypes, limits: &'a Limits) -> Self {
        let began = host.now();
        Reader {
            policy,
            program: &policy.0,
            host,
            types,
            limits,
            heap: Heap::new(policy.symbols().clone()),
            machine: Machine::new(),
            none: Code::default(),
            in_tables: InTables::new(&policy.0, types),
            rows: Vec::new(),
            beside: 0,
            variables: Vec::new(),
            trail: Vec::new(),
            open: Vec::new(),
            read: FxHashMap::default(),
            derived: FxHashMap::default(),
            lowest: usize::MAX,
            objects: Vec::new(),
            places_of_objects: FxHashMap::default(),
            places: Vec::new(),
            faults: None,
            began,
            steps: 0,
            next_check: 0,
            depth: 0,
            negations: 0,
            numbers: 0,
            narrowed: Vec::new(),
        }
    }

    /// Where arguments are made.
    pub fn heap(&mut self) -> &mut Heap<H::Object> {
        &mut self.heap
    }

    /// What must hold of a row of `class` for the rule to hold; and of the rows beside it that are asked for ([`Residual::beside`]).
    ///
    /// ```
    /// use arctos::residual::{Asked, Reader, RowType, RowTypes, ValueType};
    /// use arctos::{Limits, NoObjects, Policy, Schema, Sources};
    ///
    /// let mut schema = Schema::new();
    /// schema.add_class("User", &[]);
    /// schema.add_class("Page", &[]);
    /// let mut sources = Sources::default();
    /// sources.add(None, r#"allow(user: User, "read", page: Page) if page.owner_id = user.id;"#);
    /// let policy = Policy::load(&schema, sources)?;
    /// let user = RowType::new(["id"]).attribute("id", ValueType::Integer);
    /// let page = RowType::new(["id"]).attribute("owner_id", ValueType::Integer);
    /// let rows = RowTypes::new().with("User", user).with("Page", page);
    ///
    /// let (mut host, limits) = (NoObjects, Limits::default());
    /// let mut reader = Reader::new(&policy, &mut host, &rows, &limits);
    /// let read = reader.heap().string("read");
    /// let residual = reader.read("allow", &[Asked::RowOf("User"), Asked::Value(read), Asked::Row], "Page")?;
    /// assert_eq!(residual.formula().to_string(), "r1.id == _.owner_id");
    /// assert!(residual.beside().map(|(_, class)| class).eq(["User"]));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unfilterable`] where the policy asks something of the row that a database cannot answer, with its place; and as a
    /// decision: what fails for a known argument fails here, too.
    pub fn read(
        mut self,
        rule: &str,
        arguments: &[Asked<'_>],
        class: &str,
    ) -> Result<Residual<H::Object>, Error> {
        let formula = self.formula(rule, arguments, class).map_err(|error| self.with_trace(error))?;
        let beside = self.rows.iter().skip(1).take(self.beside as usize).flatten();
        let beside = beside.map(|row| row.name.clone());
        Ok(Residual { class: class.to_owned(), beside: beside.collect(), formula, objects: self.objects })
    }

    /// What must hold of rows that there are, for the rule to hold of values that are all known: where facts are in tables. The residual is of no class.
    ///
    /// # Errors
    /// See [`Reader::read`].
    pub fn read_known(mut self, rule: &str, arguments: &[Term]) -> Result<Residual<H::Object>, Error> {
        self.check_tables()?;
        // No row is the one that is asked about.
        self.row_of_no_class();
        let formula = match predicate_of(self.policy, rule, arguments.len() as u32)? {
            None => Formula::FALSE,
            Some(predicate) => {
                let arguments = arguments.iter().map(|term| Value::Known(term.0)).collect();
                self.call(predicate, arguments).map_err(|error| self.with_trace(error))?
            }
        };
        Ok(Residual { class: String::new(), beside: Vec::new(), formula, objects: self.objects })
    }

    fn formula(&mut self, rule: &str, arguments: &[Asked<'_>], class: &str) -> Result<Formula, Error> {
        self.check_tables()?;
        let root = self.new_row(class)?;
        let mut values = Vec::with_capacity(arguments.len());
        for asked in arguments {
            values.push(match asked {
                Asked::Value(term) => Value::Known(term.0),
                Asked::Row => Value::Row(root),
                Asked::RowOf(class) => {
                    self.beside += 1;
                    Value::Row(self.new_row(class)?)
                }
            });
        }
        match predicate_of(self.policy, rule, arguments.len() as u32)? {
            Some(predicate) => self.call(predicate, values),
            None => Ok(Formula::FALSE),
        }
    }

    /// True for a row that the question has beside the root: within it, one row and no other.
    fn is_beside(&self, row: Row) -> bool {
        (1..=self.beside).contains(&row.0)
    }

    fn new_row(&mut self, class: &str) -> Result<Row, Error> {
        let Some(id) = self.program.schema.class(class) else {
            let message = format!("class `{class}` is not registered");
            return Err(Error::new(ErrorKind::UnregisteredClass, message));
        };
        if self.types.get(class).is_none() {
            let message = format!(
                "nothing is known of the rows of `{class}`: its attributes and relations have to be given"
            );
            return Err(unfilterable(message));
        }
        let row = Row(self.rows.len() as u32);
        self.rows.push(Some(RowOf { name: class.into(), class: id }));
        Ok(row)
    }

    /// A row of that name, which need not be a class.
    fn row_named(&mut self, name: &str) -> Row {
        let row = Row(self.rows.len() as u32);
        let class = self.program.schema.class(name);
        self.rows.push(class.map(|class| RowOf { name: name.into(), class }));
        row
    }

    /// What stands for values that need no row.
    fn row_of_no_class(&mut self) -> Row {
        self.rows.push(None);
        Row(self.rows.len() as u32 - 1)
    }

    fn class_of(&self, row: Row) -> Option<&RowOf> {
        self.rows.get(row.0 as usize)?.as_ref()
    }

    fn type_of(&self, row: Row) -> Option<&'a RowType> {
        self.types.get(&self.class_of(row)?.name)
    }

    /// Does something with values that are known, as the machine does it.
    fn known<R>(
        &mut self,
        f: impl FnOnce(&mut Evaluation<'_, H, ()>) -> Result<R, Stop>,
    ) -> Result<R, Error> {
        let cx = Context { program: self.program, question: &self.none, limits: self.limits };
        let (m, heap, host) = (&mut self.machine, &mut self.heap, &mut *self.host);
        let mut evaluation = Evaluation { cx: &cx, m, heap, host, observer: &mut () };
        let done = f(&mut evaluation);
        evaluation.clear_log();
        done.map_err(|stop| match stop {
            Stop::Error(error) => error,
            Stop::Later(_) => answers_later(),
        })
    }

    /// A constant of a formula; `None` for values that are none.
    fn constant(&mut self, cell: Cell) -> Option<Constant> {
        Some(match cell {
            Cell::Nil => Constant::Nil,
            Cell::Boolean(value) => Constant::Boolean(value),
            Cell::Integer(value) => Constant::Integer(value),
            Cell::Float(value) => Constant::Float(value),
            Cell::Text(text) => Constant::String(self.heap.text(text).into()),
            Cell::Object(index) => {
                let object = self.heap.host_object(index)?.clone();
                let identity = self.host.identity(&object);
                let place = *self.places_of_objects.entry(identity).or_insert_with(|| {
                    self.objects.push(object);
                    self.objects.len() as u32 - 1
                });
                Constant::Object(place)
            }
            _ => return None,
        })
    }

    fn step(&mut self) -> Result<(), Error> {
        self.work(1)
    }

    /// Counts steps, and looks at the limits.
    fn work(&mut self, steps: usize) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(steps as u64);
        if self.steps > self.limits.steps {
            return Err(exhausted_error(Limit::Steps, self.limits));
        }
        let own = self.variables.capacity() * size_of::<Option<Value>>()
            + self.rows.capacity() * size_of::<Option<RowOf>>();
        if self.heap.room(self.limits.memory).is_none_or(|room| room < own) {
            return Err(exhausted_error(Limit::Memory, self.limits));
        }
        if self.steps < self.next_check {
            return Ok(());
        }
        self.next_check = self.steps + CHECK_EVERY;
        if let (Some(most), Some(began), Some(now)) = (self.limits.time, self.began, self.host.now())
            && now.saturating_sub(began) > most
        {
            return Err(exhausted_error(Limit::Time, self.limits));
        }
        Ok(())
    }

    /// Counts the parts of a formula as steps. Formulas share their parts, and what is made of them does not: it is no larger than this.
    fn weigh(&mut self, formula: Formula) -> Result<Formula, Error> {
        let size = formula.size_up_to(LARGEST);
        self.work(size)?;
        if size == LARGEST {
            let message = format!("a filter of more than {LARGEST} conditions");
            return Err(Error::new(ErrorKind::Exhausted(Limit::Memory), message));
        }
        Ok(formula)
    }

    fn with_trace(&self, error: Error) -> Error {
        traced(self.program, error, self.places.iter().rev().copied())
    }
}

/// The error of what has no meaning for a row that is not at hand.
#[cold]
fn unfilterable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unfilterable, message)
}
