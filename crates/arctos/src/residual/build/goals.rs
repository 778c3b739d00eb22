//! Goals, one after the other.

use std::rc::Rc;
use std::sync::Arc;

use super::facts::Stated;
use super::value::{Link, Next, Scope, Todo, Value, before};
use super::{DEEPEST, Reader, unfilterable};
use crate::error::{Error, ErrorKind};
use crate::eval::{compute, exhausted_error, has_no_meaning};
use crate::heap::{Cell, Met, Term, TextId, Walk};
use crate::host::{Arguments, Comparison, Host, Name, Reply};
use crate::ir::{Arithmetic, Goal, HostCallId, Operand, PredicateId, Span32, slots_of_goal};
use crate::limits::Limit;
use crate::residual::formula::{Computed, Constant, Expression, Formula, Row};
use crate::residual::rows::{Attribute, ValueType};
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// Positional and keyword arguments of a host call.
type HostArguments = (Vec<Term>, Vec<(Symbol, Term)>);

/// What one thing to do comes to.
pub(super) enum Step {
    /// It holds, and this is next.
    Go(Next),
    /// It holds where this does, and then that is next.
    If(Formula, Next),
    /// It and all that comes after it hold where this does.
    End(Formula),
}

impl<H: Host> Reader<'_, H> {
    /// What must hold for all that is to be done. Variables that it binds are unbound again.
    pub(super) fn solve(&mut self, mut next: Next) -> Result<Formula, Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(exhausted_error(Limit::Depth, self.limits));
        }
        let (mark, places, variables) = (self.trail.len(), self.places.len(), self.variables.len());
        let mut conditions = Vec::new();
        while let Some(link) = next {
            self.step()?;
            next = match self.one_step(&link).or_else(|error| self.note(error))? {
                Step::Go(next) => next,
                Step::If(condition, next) => {
                    let decisive = condition == Formula::FALSE;
                    conditions.push(condition);
                    if decisive { None } else { next }
                }
                Step::End(condition) => {
                    conditions.push(condition);
                    None
                }
            };
            self.places.truncate(places);
        }
        self.undo(mark);
        // Nothing that is left knows of the variables that were made meanwhile.
        self.variables.truncate(variables);
        self.depth -= 1;
        self.weigh(Formula::all(conditions))
    }

    /// Notes an error, where all of them are looked for.
    fn note(&mut self, error: Error) -> Result<Step, Error> {
        let kinds = [ErrorKind::Unfilterable, ErrorKind::Undecided, ErrorKind::NegationLoop];
        match &mut self.faults {
            Some(faults) if kinds.contains(&error.kind()) => {
                let place = self.places.last().copied();
                if !faults.iter().any(|(known, _)| *known == place) {
                    faults.push((place, error));
                }
                Ok(Step::End(Formula::Unknown))
            }
            _ => Err(error),
        }
    }

    fn one_step(&mut self, link: &Link) -> Result<Step, Error> {
        match &link.todo {
            Todo::Goals { pc, end, .. } if pc == end => Ok(Step::Go(link.next.clone())),
            Todo::Goals { pc, end, at } => {
                let rest = before(Todo::Goals { pc: pc + 1, end: *end, at: *at }, link.next.clone());
                self.places.push((*pc, at.rule));
                let Some(goal) = self.program.code.goals.get(*pc as usize) else { return Ok(Step::Go(rest)) };
                self.goal(*goal, *pc, *at, rest)
            }
            Todo::Match { value, pattern, at } => {
                let value = self.resolve(value.clone());
                self.matches(value, *pattern, *at, link.next.clone())
            }
            Todo::Unify(left, right) => self.equal(left.clone(), right.clone(), link.next.clone()),
            Todo::Cut => Ok(Step::Go(link.next.clone())),
            Todo::Waited(todo, bound) if *bound == self.trail.len() => {
                if self.only_waits(link.next.as_ref()) {
                    let message =
                        "a condition is about a variable that nothing binds, so it cannot be decided";
                    return Err(Error::new(ErrorKind::Undecided, message));
                }
                Ok(Step::Go(last(Todo::Waited(todo.clone(), *bound), link.next.clone())))
            }
            Todo::Waited(todo, _) => self.one_step(&Link { todo: (**todo).clone(), next: link.next.clone() }),
        }
    }

    /// True where nothing is left that could bind a variable.
    fn only_waits(&self, mut next: Option<&Rc<Link>>) -> bool {
        while let Some(link) = next {
            match &link.todo {
                Todo::Waited(_, bound) if *bound == self.trail.len() => {}
                Todo::Goals { pc, end, .. } if pc == end => {}
                Todo::Cut => {}
                _ => return false,
            }
            next = link.next.as_ref();
        }
        true
    }

    /// Puts off what is about an unbound variable until all else is done.
    pub(super) fn wait(&mut self, todo: Todo, rest: Next) -> Step {
        Step::Go(last(Todo::Waited(Rc::new(todo), self.trail.len()), rest))
    }

    fn goal(&mut self, goal: Goal, pc: u32, at: Scope, rest: Next) -> Result<Step, Error> {
        let again = || Todo::Goals { pc, end: pc + 1, at };
        match goal {
            Goal::Call(predicate, arguments) => self.call_goal(predicate, arguments, at, rest),
            Goal::Undefined(name) => Err(self.undefined(name)),
            Goal::Fail => Ok(Step::End(Formula::FALSE)),
            Goal::Unify(Operand::Slot(left), Operand::Slot(right)) if left == right => Ok(Step::Go(rest)),
            Goal::Unify(left, right) => {
                let (left, right) = (self.operand(left, at)?, self.operand(right, at)?);
                self.equal(left, right, rest)
            }
            Goal::Assign(target, value) => self.assign(target, value, at, rest),
            Goal::Compare(op, left, right) => {
                let (left, right) = (self.operand(left, at)?, self.operand(right, at)?);
                match (&left, &right) {
                    (Value::Variable(_), _) | (_, Value::Variable(_)) => Ok(self.wait(again(), rest)),
                    _ => Ok(Step::If(self.compare(op, left, right, pc)?, rest)),
                }
            }
            Goal::Arithmetic(op, left, right, out) => {
                let (left, right) = (self.operand(left, at)?, self.operand(right, at)?);
                self.arithmetic(op, (left, right), (at.variable(out), again()), rest)
            }
            Goal::In(element, collection) => {
                let (element, collection) = (self.operand(element, at)?, self.operand(collection, at)?);
                match collection {
                    Value::Variable(_) => Ok(self.wait(again(), rest)),
                    collection => self.member(element, collection, rest),
                }
            }
            Goal::Match(value, pattern) => {
                let value = self.operand(value, at)?;
                Ok(Step::Go(before(Todo::Match { value, pattern, at }, rest)))
            }
            Goal::Lookup(object, name, out) => {
                let object = self.operand(object, at)?;
                self.lookup(object, name, (at.variable(out), again()), rest)
            }
            Goal::LookupDynamic(object, key, out) => {
                let (object, key) = (self.operand(object, at)?, self.operand(key, at)?);
                self.lookup_dynamic(object, key, (at.variable(out), again()), rest)
            }
            Goal::Method(object, name, arguments, out) => {
                let object = self.operand(object, at)?;
                let is_nil = object.known() == Some(Cell::Nil);
                match self.method(object, name, arguments, at) {
                    Ok(value) => self.equal(value, at.variable(out), rest),
                    Err(error) if is_nil && has_no_meaning(&error) => Ok(Step::End(Formula::Unknown)),
                    Err(error) => Err(error),
                }
            }
            Goal::New(class, arguments, out) => {
                let value = self.construct(class, arguments, at)?;
                self.equal(value, at.variable(out), rest)
            }
            Goal::NewUnknown(name) => Err(self.unregistered(name)),
            Goal::Truth(value) => {
                let value = self.operand(value, at)?;
                self.truth(value, rest)
            }
            Goal::Not(block) => self.negation(block, at, again(), rest),
            Goal::Or(blocks) => self.alternatives(blocks, at, rest),
            Goal::Cut => Err(unfilterable(
                "`cut` inside `or` or `not`, after another one, or in a rule that binds its caller's variables",
            )),
            Goal::Print(_) | Goal::Debug => Ok(Step::Go(rest)),
        }
    }

    /// `target := value`
    fn assign(&mut self, target: Operand, value: Operand, at: Scope, rest: Next) -> Result<Step, Error> {
        let (target, value) = (self.operand(target, at)?, self.operand(value, at)?);
        match target {
            Value::Variable(_) => self.equal(target, value, rest),
            _ => Err(Error::new(ErrorKind::Type, "`:=` needs an unbound variable")),
        }
    }

    /// `out = left op right`
    fn arithmetic(
        &mut self,
        op: Arithmetic,
        operands: (Value, Value),
        (out, again): (Value, Todo),
        rest: Next,
    ) -> Result<Step, Error> {
        match operands {
            (Value::Known(left), Value::Known(right)) => match compute(op, left, right) {
                Some(value) => self.equal(Value::Known(value), out, rest),
                None => Ok(Step::End(Formula::Unknown)),
            },
            (Value::Later | Value::Known(_), Value::Later) | (Value::Later, Value::Known(_)) => {
                self.equal(Value::Later, out, rest)
            }
            (Value::Variable(_), _) | (_, Value::Variable(_)) => Ok(self.wait(again, rest)),
            (left, right) => match (self.number(left)?, self.number(right)?) {
                (Some((left, of_left)), Some((right, of_right))) => {
                    let is_integer = |of: Attribute| of.value_type == Some(ValueType::Integer);
                    let is_integer = is_integer(of_left) && is_integer(of_right) && op != Arithmetic::Div;
                    let value_type = Some(if is_integer { ValueType::Integer } else { ValueType::Float });
                    let nullable = is_integer || of_left.nullable || of_right.nullable;
                    let computed = Arc::new(Computed { op, left, right });
                    let value = Value::Computed(computed.clone(), Attribute { value_type, nullable });
                    if !nullable {
                        return self.equal(value, out, rest);
                    }
                    let formula = self.solve(before(Todo::Unify(value, out), rest))?;
                    Ok(Step::End(Formula::given(Expression::Computed(computed), formula)))
                }
                // Nothing can be computed of it in any check.
                _ => Ok(Step::End(Formula::Unknown)),
            },
        }
    }

    /// A side of an arithmetic operator, with its type; `None` where it is no number.
    fn number(&mut self, value: Value) -> Result<Option<(Expression, Attribute)>, Error> {
        let of = |value_type| Attribute { value_type: Some(value_type), nullable: false };
        let constant = |constant| Expression::Constant(constant);
        if let Some((expression, attribute)) = value.expression() {
            return match attribute.value_type {
                Some(ValueType::Integer | ValueType::Float) => Ok(Some((expression, attribute))),
                Some(ValueType::Boolean | ValueType::String | ValueType::Uuid) => Ok(None),
                None => {
                    Err(unfilterable(format!("arithmetic on `{expression}`, of which the type is not known")))
                }
            };
        }
        match value {
            Value::Known(Cell::Integer(value)) => {
                Ok(Some((constant(Constant::Integer(value)), of(ValueType::Integer))))
            }
            Value::Known(Cell::Float(value)) => {
                Ok(Some((constant(Constant::Float(value)), of(ValueType::Float))))
            }
            Value::Known(_) => Ok(None),
            // Whatever it will be: nobody looks at the formula before.
            Value::Later => Ok(Some((constant(Constant::Integer(0)), of(ValueType::Integer)))),
            _ => Err(unfilterable("arithmetic on something that a row has, which is no attribute")),
        }
    }

    /// `out = object.(key)`
    fn lookup_dynamic(
        &mut self,
        object: Value,
        key: Value,
        (out, again): (Value, Todo),
        rest: Next,
    ) -> Result<Step, Error> {
        match (object, key) {
            (object, Value::Known(Cell::Text(key))) => self.lookup(object, Symbol(key.0), (out, again), rest),
            (Value::Later | Value::Known(_), Value::Later) | (Value::Later, Value::Known(_)) => {
                self.equal(Value::Later, out, rest)
            }
            (_, Value::Variable(_)) => Ok(self.wait(again, rest)),
            _ => Err(unfilterable("the name of an attribute is not known")),
        }
    }

    /// `new class(arguments)`
    fn construct(&mut self, class: ClassId, arguments: HostCallId, at: Scope) -> Result<Value, Error> {
        let Some((positional, keyword)) = self.arguments(arguments, at)? else { return Ok(Value::Later) };
        let made = self.with_names(&positional, &keyword, |host, heap, arguments| {
            host.construct(heap, class, arguments)
        })?;
        Ok(Value::Known(made))
    }

    /// The error of a rule that there is not.
    fn undefined(&self, name: Symbol) -> Error {
        let message = format!("there is no rule `{}`", self.heap.text(TextId(name.0)));
        Error::new(ErrorKind::UndefinedRule, message)
    }

    /// The error of a class that is not registered.
    pub(super) fn unregistered(&self, name: Symbol) -> Error {
        let message = format!("class `{}` is not registered", self.heap.text(TextId(name.0)));
        Error::new(ErrorKind::UnregisteredClass, message)
    }

    fn call_goal(
        &mut self,
        predicate: PredicateId,
        arguments: Span32,
        at: Scope,
        rest: Next,
    ) -> Result<Step, Error> {
        let code = &self.program.code;
        let operands = code.operands(arguments);
        let arguments: Vec<Value> =
            operands.iter().map(|operand| self.operand(*operand, at)).collect::<Result<_, _>>()?;
        let mut open: Vec<u32> = Vec::new();
        for argument in &arguments {
            open.append(&mut self.variables_in(argument)?);
        }
        if open.is_empty() {
            let formula = self.call(predicate, arguments)?;
            return Ok(Step::If(formula, rest));
        }
        if self.faults.is_some() && !self.is_of_rows(&arguments)? {
            open.iter().for_each(|variable| self.bind(*variable, Value::Later));
            return Ok(Step::If(Formula::DEPENDS, rest));
        }
        // Its answers bind variables: each goes on with the rest, if the rest asks for them.
        let (inner, rest) = self.split(rest, &open)?;
        let mut alternatives = Vec::new();
        for Stated { condition, open } in self.facts(predicate, &arguments)? {
            let next = open.into_iter().fold(inner.clone(), |next, (a, b)| before(Todo::Unify(a, b), next));
            alternatives.push(Formula::all([condition, self.solve(next)?]));
        }
        alternatives.append(&mut self.by_tables(predicate, &arguments, &inner)?);
        for rule in self.candidates(predicate, &arguments) {
            let Some(clause) = self.program.clause(rule) else { continue };
            let mark = self.trail.len();
            let next = self.entered(rule, clause, &arguments, None, inner.clone())?;
            alternatives.push(self.solve(next)?);
            self.undo(mark);
        }
        // A table may have many facts.
        let ways = if self.tables_of(predicate) > 0 { usize::MAX } else { alternatives.len() };
        self.first_way(ways, inner.as_ref())?;
        Ok(Step::If(self.weigh(Formula::any(alternatives))?, rest))
    }

    /// True where something is of rows.
    pub(super) fn is_of_rows(&mut self, values: &[Value]) -> Result<bool, Error> {
        for value in values {
            if self.leaves(value)?.iter().any(Value::is_of_rows) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is to be done for each way of binding these variables, and what but once: all of it belongs to the ways if it asks for one of them.
    fn split(&mut self, rest: Next, open: &[u32]) -> Result<(Next, Next), Error> {
        Ok(if self.mentions(rest.as_ref(), open)? { (rest, None) } else { (None, rest) })
    }

    /// Refuses several ways to go on where a cut takes the first of them: which one that is, a database cannot tell.
    fn first_way(&self, ways: usize, mut inner: Option<&Rc<Link>>) -> Result<(), Error> {
        while let Some(link) = inner {
            if ways > 1 && matches!(link.todo, Todo::Cut) {
                return Err(unfilterable("`cut` after what may hold in several ways"));
            }
            inner = link.next.as_ref();
        }
        Ok(())
    }

    /// True where what is to be done asks for one of these variables.
    fn mentions(&mut self, mut next: Option<&Rc<Link>>, variables: &[u32]) -> Result<bool, Error> {
        let code = &self.program.code;
        while let Some(link) = next {
            let mut todo = &link.todo;
            while let Todo::Waited(inner, _) = todo {
                todo = inner;
            }
            let mentioned = match todo {
                Todo::Goals { pc, end, at } => {
                    let goals = code.goals.get(*pc as usize..*end as usize).unwrap_or(&[]);
                    let slots = goals.iter().flat_map(|goal| slots_of_goal(code, goal));
                    self.has_any(slots.map(|slot| at.variable(slot)), variables)?
                }
                Todo::Unify(left, right) => self.has_any([left.clone(), right.clone()], variables)?,
                // A pattern may mention any of its clause's variables.
                Todo::Match { .. } | Todo::Waited(..) => true,
                Todo::Cut => false,
            };
            if mentioned {
                return Ok(true);
            }
            next = link.next.as_ref();
        }
        Ok(false)
    }

    fn has_any(&mut self, values: impl IntoIterator<Item = Value>, variables: &[u32]) -> Result<bool, Error> {
        for value in values {
            self.step()?;
            if self.variables_in(&value)?.iter().any(|variable| variables.contains(variable)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn alternatives(&mut self, blocks: Span32, at: Scope, rest: Next) -> Result<Step, Error> {
        let code = &self.program.code;
        let blocks = code.blocks.get(blocks.range()).unwrap_or(&[]);
        let mut open = Vec::new();
        for slot in blocks.iter().flat_map(|block| &block.slots) {
            open.append(&mut self.variables_in(&at.variable(*slot))?);
        }
        let (inner, rest) = self.split(rest, &open)?;
        self.first_way(blocks.len(), inner.as_ref())?;
        let mut formulas = Vec::with_capacity(blocks.len());
        for block in blocks {
            let goals = Todo::Goals { pc: block.goals.start, end: block.goals.end(), at };
            formulas.push(self.solve(before(goals, inner.clone()))?);
        }
        Ok(Step::If(self.weigh(Formula::any(formulas))?, rest))
    }

    fn negation(&mut self, block: u32, at: Scope, again: Todo, rest: Next) -> Result<Step, Error> {
        let Some(block) = self.program.code.blocks.get(block as usize) else { return Ok(Step::Go(rest)) };
        for slot in block.slots.iter().filter(|slot| !block.local.contains(slot)) {
            if !self.variables_in(&at.variable(*slot))?.is_empty() {
                return Ok(self.wait(again, rest));
            }
        }
        self.negations += 1;
        let goals = Todo::Goals { pc: block.goals.start, end: block.goals.end(), at };
        let formula = self.solve(before(goals, None))?;
        self.negations -= 1;
        Ok(Step::If(formula.negated(), rest))
    }

    fn truth(&mut self, value: Value, rest: Next) -> Result<Step, Error> {
        match value {
            Value::Later => Ok(Step::If(Formula::DEPENDS, rest)),
            Value::Known(Cell::Boolean(value)) => Ok(Step::If(Formula::Known(value), rest)),
            Value::Variable(_) => self.equal(value, Value::Known(Cell::Boolean(true)), rest),
            value => match value.expression() {
                Some((expression, attribute)) => {
                    if attribute.value_type.is_some_and(|known| known != ValueType::Boolean) {
                        return Ok(Step::If(Formula::Unknown, rest));
                    }
                    let truth = Formula::is(expression.clone(), Constant::Boolean(true));
                    Ok(Step::If(self.if_there(&expression, attribute.nullable, truth), rest))
                }
                None => Ok(Step::If(Formula::Unknown, rest)),
            },
        }
    }

    /// A formula that is false where the attribute is nil, made unknown there.
    pub(super) fn if_there(&mut self, expression: &Expression, nullable: bool, formula: Formula) -> Formula {
        if !nullable {
            return formula;
        }
        let nil = Formula::is(expression.clone(), Constant::Nil);
        Formula::any([formula, Formula::all([nil, Formula::Unknown])])
    }

    /// `element in collection`
    fn member(&mut self, element: Value, collection: Value, rest: Next) -> Result<Step, Error> {
        let open = self.variables_in(&element)?;
        let (inner, rest) = self.split(rest, &open)?;
        let formula = match collection {
            Value::Many(of, relation) => {
                self.first_way(usize::MAX, inner.as_ref())?;
                let related = self.related(of, &relation, |this, row| {
                    this.solve(before(Todo::Unify(element, Value::Row(row)), inner))
                })?;
                Formula::some(related)
            }
            Value::Known(Cell::Nil) => Formula::Unknown,
            Value::Known(cell) => {
                let items = self.items(cell)?.into_iter().map(Value::Known).collect();
                self.any_item(&element, items, &inner)?
            }
            Value::List(items) => self.any_item(&element, items.to_vec(), &inner)?,
            Value::Later => self.any_item(&element, vec![Value::Later], &inner)?,
            _ => {
                return Err(unfilterable("`in` something that a row has, which is no relation to many rows"));
            }
        };
        Ok(Step::If(formula, rest))
    }

    fn any_item(&mut self, element: &Value, items: Vec<Value>, rest: &Next) -> Result<Formula, Error> {
        self.first_way(items.len(), rest.as_ref())?;
        let mut formulas = Vec::with_capacity(items.len());
        for item in items {
            formulas.push(self.solve(before(Todo::Unify(element.clone(), item), rest.clone()))?);
        }
        self.weigh(Formula::any(formulas))
    }

    /// The items of a value that is known.
    pub(super) fn items(&mut self, collection: Cell) -> Result<Vec<Cell>, Error> {
        let mut items = Vec::new();
        match collection {
            Cell::List(_) | Cell::OpenList(_) => {
                let Some(mut walk) = Walk::of(collection) else { return Ok(items) };
                while let Met::Item(item) = walk.next(&self.heap) {
                    self.step()?;
                    items.push(self.heap.resolve(item));
                }
            }
            Cell::Dictionary(run) => {
                for index in run.start..run.start + run.len {
                    let (key, value) = self.heap.entry(index);
                    items.push(Cell::List(self.heap.push_cells([Cell::Text(key), value])));
                }
            }
            Cell::Text(text) => {
                let characters: Vec<String> = self.heap.text(text).chars().map(String::from).collect();
                items.extend(characters.iter().map(|character| self.heap.string(character).0));
            }
            Cell::Object(_) => {
                let cursor =
                    self.host.iterate(&mut self.heap, Term(collection)).map_err(crate::eval::of_host)?;
                loop {
                    self.step()?;
                    match self.host.next(&mut self.heap, &cursor).map_err(crate::eval::of_host)? {
                        Reply::Ready(Some(item)) => items.push(self.heap.resolve(item.0)),
                        Reply::Ready(None) => break,
                        Reply::Later(_) => return Err(crate::eval::answers_later()),
                    }
                }
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::NotIterable,
                    "a value has no items, so nothing can be `in` it",
                ));
            }
        }
        Ok(items)
    }

    /// `out = object.name`
    fn lookup(
        &mut self,
        object: Value,
        name: Symbol,
        (out, again): (Value, Todo),
        rest: Next,
    ) -> Result<Step, Error> {
        match object {
            Value::Variable(_) => Ok(self.wait(again, rest)),
            Value::Later => self.equal(Value::Later, out, rest),
            Value::Known(Cell::Dictionary(run)) => {
                match self.known(|machine| Ok(machine.entry_of(run, TextId(name.0))))? {
                    Some(value) => self.equal(Value::Known(value), out, rest),
                    None => Ok(Step::End(Formula::FALSE)),
                }
            }
            Value::Dictionary(entries) => {
                let found = entries.iter().find(|(key, _)| self.heap.same_text(*key, TextId(name.0)));
                match found.map(|(_, value)| value.clone()) {
                    Some(value) => self.equal(value, out, rest),
                    None => Ok(Step::End(Formula::FALSE)),
                }
            }
            Value::Known(_) if self.faults.is_some() => self.equal(Value::Later, out, rest),
            Value::Known(cell) => match self.known(|machine| machine.attribute(cell, name)) {
                Ok(value) => self.equal(Value::Known(value), out, rest),
                Err(error) if cell == Cell::Nil && has_no_meaning(&error) => Ok(Step::End(Formula::Unknown)),
                Err(error) => {
                    let formula = self.of_known_row(cell, error, |this, row| {
                        let value = this.field(row, name)?;
                        this.solve(before(Todo::Unify(value, out), rest))
                    })?;
                    Ok(Step::End(formula))
                }
            },
            Value::Row(row) => {
                let value = self.field(row, name)?;
                self.equal(value, out, rest)
            }
            Value::One(of, relation) => {
                let related = self.related(of, &relation, |this, row| {
                    let value = this.field(row, name)?;
                    this.solve(before(Todo::Unify(value, out), rest))
                })?;
                Ok(Step::End(Formula::one(related)))
            }
            Value::Id(id) => {
                let formula = self.of_its_row(&id, |this, row| {
                    let value = this.field(row, name)?;
                    this.solve(before(Todo::Unify(value, out), rest))
                })?;
                Ok(Step::End(formula))
            }
            Value::Many(..) | Value::Attribute(..) | Value::Computed(..) | Value::List(_) => {
                let name = self.heap.text(TextId(name.0));
                Err(unfilterable(format!("`.{name}` of a value that is not at hand")))
            }
        }
    }

    /// An attribute or a relation of a row.
    pub(super) fn field(&mut self, row: Row, name: Symbol) -> Result<Value, Error> {
        let name = self.heap.text(TextId(name.0)).to_owned();
        let (known, class) = (self.type_of(row), self.class_of(row));
        let class = class.map_or("", |class| &*class.name);
        let Some(known) = known else {
            return Err(unfilterable(format!("nothing is known of rows of `{class}`")));
        };
        if let Some(relation) = known.relation_named(&name) {
            let name = name.as_str().into();
            return Ok(if relation.many { Value::Many(row, name) } else { Value::One(row, name) });
        }
        match known.attribute_named(&name) {
            Some(attribute) => Ok(Value::Attribute(row, name.as_str().into(), attribute)),
            None => {
                let others: Vec<&str> = known.names().collect();
                let message = format!(
                    "rows of `{class}` have no attribute or relation `{name}`; they have {}",
                    others.join(", ")
                );
                Err(unfilterable(message))
            }
        }
    }

    fn method(
        &mut self,
        object: Value,
        name: Symbol,
        arguments: HostCallId,
        at: Scope,
    ) -> Result<Value, Error> {
        let text = self.heap.text(TextId(name.0)).to_owned();
        let object = match object {
            Value::Later => Cell::Nil,
            Value::Known(Cell::Boolean(_) | Cell::Entity(_)) => {
                return Err(Error::new(ErrorKind::Type, format!("a value has no method `{text}`")));
            }
            Value::Known(object) => object,
            _ => {
                return Err(unfilterable(format!(
                    "method `{text}` of a row, or of something that a row has"
                )));
            }
        };
        let Some((positional, keyword)) = self.arguments(arguments, at)? else { return Ok(Value::Later) };
        let symbol = (name.index() < self.heap.symbols().len()).then_some(name);
        let value = self.with_names(&positional, &keyword, |host, heap, arguments| {
            host.call(heap, Term(object), Name { text: &text, symbol }, arguments)
        })?;
        Ok(Value::Known(value))
    }

    /// The arguments of a host call, all of them known; `None` where the application is not asked yet.
    fn arguments(&mut self, call: HostCallId, at: Scope) -> Result<Option<HostArguments>, Error> {
        let code = &self.program.code;
        let Some(call) = code.calls.get(call.0 as usize) else { return Ok(None) };
        let mut known = |operand: Operand| match self.operand(operand, at)? {
            Value::Known(cell) => Ok(Term(cell)),
            value if value.is_of_rows() => {
                Err(unfilterable("something that a row has is handed to the application"))
            }
            Value::Variable(_) => {
                Err(unfilterable("a variable that nothing binds is handed to the application"))
            }
            _ => Ok(Term(Cell::Nil)),
        };
        let positional = code.operands(call.positional).iter().map(|operand| known(*operand));
        let positional = positional.collect::<Result<_, Error>>()?;
        let keyword = call.keyword.iter().map(|(key, operand)| Ok((*key, known(*operand)?)));
        let keyword = keyword.collect::<Result<_, Error>>()?;
        Ok(self.faults.is_none().then_some((positional, keyword)))
    }

    fn with_names(
        &mut self,
        positional: &[Term],
        keyword: &[(Symbol, Term)],
        ask: impl FnOnce(&mut H, &mut crate::heap::Heap<H::Object>, Arguments<'_>) -> crate::host::Replied,
    ) -> Result<Cell, Error> {
        let symbols = self.heap.symbols().clone();
        let named: Vec<(Name<'_>, Term)> = keyword
            .iter()
            .map(|(key, term)| (Name { text: symbols.text(*key), symbol: Some(*key) }, *term))
            .collect();
        let arguments = Arguments { positional, keyword: &named };
        match ask(self.host, &mut self.heap, arguments).map_err(crate::eval::of_host)? {
            Reply::Ready(term) => Ok(self.heap.resolve(term.0)),
            Reply::Later(_) => Err(crate::eval::answers_later()),
        }
    }

    /// A comparison of two values that are bound.
    fn compare(&mut self, op: Comparison, left: Value, right: Value, pc: u32) -> Result<Formula, Error> {
        match (op, &left, &right) {
            (_, Value::Known(left), Value::Known(right)) => {
                let (left, right) = (*left, *right);
                let has_nil = left == Cell::Nil || right == Cell::Nil;
                match self.known(|machine| machine.compare(op, left, right, pc)) {
                    Ok(value) => Ok(Formula::Known(value)),
                    Err(error) if error.kind() == ErrorKind::Type || has_nil && has_no_meaning(&error) => {
                        Ok(Formula::Unknown)
                    }
                    Err(error) => Err(error),
                }
            }
            (Comparison::Eq, ..) => self.same_or_counts_as(left, right),
            (Comparison::Neq, ..) => Ok(self.same_or_counts_as(left, right)?.negated()),
            _ => self.ordered(op, left, right),
        }
    }
}

/// Puts something after the rest.
fn last(todo: Todo, rest: Next) -> Next {
    let mut all = Vec::new();
    let mut at = rest;
    while let Some(link) = at {
        all.push(link.todo.clone());
        at = link.next.clone();
    }
    all.into_iter().rev().fold(before(todo, None), |next, todo| before(todo, next))
}
