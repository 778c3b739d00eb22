//! Questions to the host: attributes, methods, constructors, constants, comparisons.
//!
//! Each reply is logged until the goal is done. Where the host says "later", the goal is tried again from its start once
//! the reply has come, and replies it has had are taken from the log, so that no question is asked twice.

use super::{Condition, Evaluation, Outcome, Stop, exhausted, fail};
use crate::error::{Error, ErrorKind};
use crate::heap::{Cell, Heap, Term, TextId, Variable};
use crate::host::{Arguments, Comparison, Host, HostError, HostErrorKind, Name, Replied, Reply};
use crate::ir::{Code, HostCallId, Slot, Span32};
use crate::limits::Limit;
use crate::observe::Observer;
use crate::query::Resumed;
use crate::schema::{ClassId, ConstantId};
use crate::symbol::Symbol;

/// A reply that the goal at hand has had.
#[derive(Clone, Copy, Debug)]
pub(super) enum Logged {
    Reply(Resumed),
    /// No such attribute: patterns go on after that, everything else is an error.
    Missing,
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Asks the host, unless the log has the reply.
    fn ask(
        &mut self,
        ask: impl FnOnce(&mut H, &mut Heap<H::Object>) -> Replied<Resumed>,
    ) -> Result<Resumed, Stop> {
        if let Some(logged) = self.m.log.get(self.m.log_next).copied() {
            self.m.log_next += 1;
            return match logged {
                Logged::Reply(reply) => Ok(reply),
                Logged::Missing => Err(host_error(HostError::missing("there is no such attribute"))),
            };
        }
        let reply = match ask(self.host, self.heap) {
            Ok(Reply::Ready(reply)) => Ok(reply),
            Ok(Reply::Later(ticket)) => return Err(Stop::Later(ticket)),
            Err(error) => Err(error),
        };
        self.m.log.push(reply.as_ref().map_or(Logged::Missing, |reply| Logged::Reply(*reply)));
        self.m.log_next += 1;
        reply.map_err(host_error)
    }

    pub(super) fn ask_term(
        &mut self,
        ask: impl FnOnce(&mut H, &mut Heap<H::Object>) -> Replied,
    ) -> Result<Cell, Stop> {
        match self.ask(|host, heap| Ok(map(ask(host, heap)?, Resumed::Term)))? {
            Resumed::Term(term) => self.received(term),
            _ => Err(wrong_reply()),
        }
    }

    /// A value from the host, which may be a large one.
    fn received(&self, term: Term) -> Result<Cell, Stop> {
        if self.heap.exceeds(self.cx.limits.memory) {
            return Err(exhausted(Limit::Memory, self.cx.limits));
        }
        Ok(self.heap.resolve(term.0))
    }

    /// `object.name` for any value but a dictionary; `None` where there is no such attribute.
    pub(crate) fn attribute_if_any(&mut self, object: Cell, name: Symbol) -> Result<Option<Cell>, Stop> {
        match self.attribute(object, name) {
            Ok(cell) => Ok(Some(cell)),
            Err(Stop::Error(error)) if is_missing(&error) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    pub(crate) fn attribute(&mut self, object: Cell, name: Symbol) -> Result<Cell, Stop> {
        if let Cell::Entity(atom) = object {
            return self.given(atom, name);
        }
        self.with_name(name, |this, name| {
            let cell = this.ask_term(|host, heap| host.attribute(heap, Term(object), name))?;
            this.observer.host_reply(name.text);
            Ok(cell)
        })
    }

    /// Runs `f` with the text of a name, which may live on the heap that `f` changes.
    fn with_name<R>(&mut self, name: Symbol, f: impl FnOnce(&mut Self, Name<'_>) -> R) -> R {
        let symbols = &self.cx.program.symbols;
        if name.index() < symbols.len() {
            f(self, Name { text: symbols.text(name), symbol: Some(name) })
        } else {
            let text = self.heap.text(TextId(name.0)).to_owned();
            f(self, Name { text: &text, symbol: None })
        }
    }

    /// Goal `pc`: `out = object.name`.
    pub(super) fn lookup(&mut self, object: Cell, name: Symbol, out: Slot, pc: u32) -> Outcome {
        let out = Cell::Variable(Variable(self.m.regs.env + out.0));
        match object {
            Cell::Variable(variable) => Ok(self.delay(variable, Condition::Goal(pc))),
            Cell::Dictionary(run) => match self.entry_of(run, TextId(name.0)) {
                Some(value) => self.unify(value, out),
                None => Ok(false),
            },
            Cell::Boolean(_) => {
                let shown = self.show(object);
                Err(fail(ErrorKind::Type, format!("{shown} has no fields to look up")))
            }
            object => match self.attribute(object, name) {
                Ok(value) => self.unify(value, out),
                Err(stop) if object == Cell::Nil => self.no_value(stop),
                Err(stop) => Err(stop),
            },
        }
    }

    /// The value of a dictionary's key.
    pub(crate) fn entry_of(&self, run: crate::heap::Run, key: TextId) -> Option<Cell> {
        (run.start..run.start + run.len)
            .map(|index| self.heap.entry(index))
            .find(|(other, _)| self.heap.same_text(*other, key))
            .map(|(_, value)| value)
    }

    /// Goal `pc`: `out = object.(key)`.
    pub(super) fn lookup_dynamic(&mut self, object: Cell, key: Cell, out: Slot, pc: u32) -> Outcome {
        match (object, key) {
            (Cell::Variable(variable), _) => Ok(self.delay(variable, Condition::Goal(pc))),
            (Cell::Dictionary(_), Cell::Variable(_)) => {
                let out = Variable(self.m.regs.env + out.0);
                self.fields(object, key, out, 0)
            }
            (_, Cell::Text(key)) => self.lookup(object, Symbol(key.0), out, pc),
            (_, key) => {
                let shown = self.show(key);
                Err(fail(ErrorKind::Type, format!("a field name must be a string, not {shown}")))
            }
        }
    }

    /// `out = object.name(args)`
    pub(super) fn method(
        &mut self,
        code: &Code,
        object: Cell,
        name: Symbol,
        args: HostCallId,
        out: Slot,
    ) -> Outcome {
        if let Cell::Variable(_) = object {
            let name = self.heap.text(TextId(name.0)).to_owned();
            let message = format!("method `{name}` is called on a variable that is not bound yet");
            return Err(fail(ErrorKind::Unsupported, message));
        }
        if let Cell::Boolean(_) = object {
            let shown = self.show(object);
            return Err(fail(ErrorKind::Type, format!("{shown} has no methods to call")));
        }
        if let Cell::Entity(_) = object {
            return Err(self.no_members(object, name));
        }
        let value = self.with_name(name, |this, name| {
            let cell = this.with_arguments(code, args, |this, arguments| {
                this.ask_term(|host, heap| host.call(heap, Term(object), name, arguments))
            })?;
            this.observer.host_reply(name.text);
            Ok::<_, Stop>(cell)
        });
        match value {
            Ok(value) => self.unify(value, Cell::Variable(Variable(self.m.regs.env + out.0))),
            Err(stop) if object == Cell::Nil => self.no_value(stop),
            Err(stop) => Err(stop),
        }
    }

    /// `out = new class(args)`
    pub(super) fn construct(&mut self, code: &Code, class: ClassId, args: HostCallId, out: Slot) -> Outcome {
        let value = self.with_arguments(code, args, |this, arguments| {
            this.ask_term(|host, heap| host.construct(heap, class, arguments))
        })?;
        let schema = &self.cx.program.schema;
        self.observer.host_reply(schema.class_name(class));
        let out = Cell::Variable(Variable(self.m.regs.env + out.0));
        self.unify(value, out)
    }

    fn with_arguments<R>(
        &mut self,
        code: &Code,
        args: HostCallId,
        f: impl FnOnce(&mut Self, Arguments<'_>) -> Result<R, Stop>,
    ) -> Result<R, Stop> {
        let Some(call) = code.calls.get(args.0 as usize) else { return Err(wrong_reply()) };
        let mut positional = Vec::with_capacity(call.positional.len as usize);
        for operand in code.operands(call.positional) {
            positional.push(Term(self.load(code, *operand)?));
        }
        let mut values = Vec::with_capacity(call.keyword.len());
        for (key, operand) in &call.keyword {
            let text = self.heap.text(TextId(key.0)).to_owned();
            let symbol = (key.index() < self.heap.symbols().len()).then_some(*key);
            values.push((text, symbol, Term(self.load(code, *operand)?)));
        }
        let keyword: Vec<(Name<'_>, Term)> =
            values.iter().map(|(text, symbol, term)| (Name { text, symbol: *symbol }, *term)).collect();
        f(self, Arguments { positional: &positional, keyword: &keyword })
    }

    pub(super) fn constant(&mut self, constant: ConstantId) -> Result<Cell, Stop> {
        self.ask_term(|host, heap| host.constant(heap, constant))
    }

    pub(super) fn class_value(&mut self, class: ClassId) -> Result<Cell, Stop> {
        let schema = &self.cx.program.schema;
        if schema.is_entity_type(class) {
            let name = schema.class_name(class);
            return Err(fail(
                ErrorKind::Unsupported,
                format!("`{name}` is a type of facts, and not a value"),
            ));
        }
        self.ask_term(|host, heap| host.class(heap, class))
    }

    pub(super) fn host_compare(&mut self, op: Comparison, left: Cell, right: Cell) -> Outcome {
        let reply =
            self.ask(|host, heap| Ok(map(host.compare(heap, op, Term(left), Term(right))?, Resumed::Truth)))?;
        match reply {
            Resumed::Truth(truth) => Ok(truth),
            _ => Err(wrong_reply()),
        }
    }

    /// The next item of a host cursor.
    pub(super) fn next_item(&mut self, cursor: u32) -> Result<Option<Cell>, Stop> {
        let Some(object) = self.heap.host_object(cursor).cloned() else { return Ok(None) };
        match self.ask(|host, heap| Ok(map(host.next(heap, &object)?, Resumed::Item)))? {
            Resumed::Item(item) => item.map(|term| self.received(term)).transpose(),
            _ => Err(wrong_reply()),
        }
    }

    pub(super) fn print(&mut self, code: &Code, args: Span32) -> Outcome {
        let mut shown = Vec::new();
        for operand in code.operands(args) {
            let cell = self.load(code, *operand)?;
            shown.push(self.show(cell));
        }
        self.host.print(&shown.join(", "));
        Ok(true)
    }

    #[cold]
    fn no_members(&self, entity: Cell, name: Symbol) -> Stop {
        let (shown, name) = (self.show(entity), self.heap.text(TextId(name.0)));
        let message = format!("{shown} is an entity, which has no method `{name}`");
        fail(ErrorKind::Unsupported, message)
    }

    #[cold]
    pub(super) fn unregistered(&self, name: Symbol) -> Stop {
        let name = self.heap.text(TextId(name.0));
        fail(ErrorKind::UnregisteredClass, format!("class `{name}` is not registered"))
    }
}

fn map<T, U>(reply: Reply<T>, f: impl FnOnce(T) -> U) -> Reply<U> {
    match reply {
        Reply::Ready(value) => Reply::Ready(f(value)),
        Reply::Later(ticket) => Reply::Later(ticket),
    }
}

#[cold]
fn wrong_reply() -> Stop {
    fail(ErrorKind::Misuse, "the reply does not fit the request")
}

#[cold]
pub(super) fn host_error(error: HostError) -> Stop {
    Stop::Error(of_host(error))
}

/// The application's error as the engine's.
#[cold]
pub(crate) fn of_host(error: HostError) -> Error {
    if error.kind() == HostErrorKind::NotIterable {
        let message = error.message().to_owned();
        return Error::of_host(ErrorKind::NotIterable, message, error);
    }
    Error::from_host(error)
}

fn is_missing(error: &Error) -> bool {
    error.host().is_some_and(|host| host.kind() == HostErrorKind::Missing)
}
