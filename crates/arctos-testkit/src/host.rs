//! The toy application behind the machine: [`arctos::Host`] over a [`World`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Entered, Heap, Host, HostError, HostErrorKind, ItemTests,
    Lineage, Name, Reached, Replied, Reply, Term, Variable, View, Wanted,
};

use crate::value::{Names, ObjectId, Value};
use crate::world::{World, WorldError};

/// A handle of the toy host.
#[derive(Clone, Debug)]
pub enum Handle {
    /// An object.
    Object(ObjectId),
    /// A class used as a value.
    Class(ClassId),
    /// A place in an iteration.
    Cursor(Rc<Cursor>),
}

/// A place in an iteration.
#[derive(Debug)]
pub struct Cursor {
    items: Vec<Value>,
    next: Cell<usize>,
}

/// The toy host of one query.
#[derive(Debug)]
pub struct WorldHost {
    /// The world asked; objects made by the query are added to it.
    pub world: World,
    /// What was printed.
    pub printed: Vec<String>,
    /// How often it has answered for a whole list.
    pub looked_at: usize,
    /// How often it has answered for all that can be reached by lists.
    pub gone_through: usize,
}

impl WorldHost {
    /// A host with its own copy of a world.
    pub fn new(world: &World) -> Self {
        WorldHost { world: world.clone(), printed: Vec::new(), looked_at: 0, gone_through: 0 }
    }
}

/// A term as a value. Variables are numbered as they are met, in `variables`.
pub fn to_value(heap: &Heap<Handle>, term: Term, variables: &mut Vec<Variable>) -> Value {
    match heap.view(term) {
        View::Nil | View::Object(Handle::Cursor(_)) => Value::Nil,
        View::Boolean(truth) => Value::Boolean(truth),
        View::Integer(number) => Value::Integer(number),
        View::Float(number) => Value::Float(number),
        View::String(text) => Value::String(text.to_owned()),
        View::Entity { type_name, id } => Value::Entity(type_name.to_owned(), id.to_owned()),
        View::Variable(variable) => Value::Variable(number(variable, variables)),
        View::Object(Handle::Object(object)) => Value::Object(*object),
        View::Object(Handle::Class(class)) => Value::Class(*class),
        View::List(items) => {
            let known = items.iter().map(|item| to_value(heap, item, variables)).collect();
            match items.rest() {
                None => Value::List(known),
                Some(rest) => Value::OpenList(known, number(rest, variables)),
            }
        }
        View::Dictionary(entries) => Value::Dictionary(
            entries.iter().map(|(key, value)| (key.to_owned(), to_value(heap, value, variables))).collect(),
        ),
    }
}

fn number(variable: Variable, variables: &mut Vec<Variable>) -> u32 {
    let index = variables.iter().position(|seen| *seen == variable);
    index.unwrap_or_else(|| {
        variables.push(variable);
        variables.len() - 1
    }) as u32
}

/// A value as a term. A variable in it becomes a new one: the toy application hands out no variables of a query.
pub fn to_term(heap: &mut Heap<Handle>, value: &Value) -> Term {
    match value {
        // The toy application has no entities to hand out.
        Value::Nil | Value::Raise(_) | Value::Entity(..) => heap.nil(),
        Value::Boolean(truth) => heap.boolean(*truth),
        Value::Integer(number) => heap.integer(*number),
        Value::Float(number) => heap.float(*number),
        Value::String(text) => heap.string(text),
        Value::List(items) | Value::OpenList(items, _) => {
            let items: Vec<Term> = items.iter().map(|item| to_term(heap, item)).collect();
            heap.list(&items)
        }
        Value::Dictionary(entries) => {
            let entries: Vec<(&str, Term)> =
                entries.iter().map(|(key, value)| (&**key, to_term(heap, value))).collect();
            heap.dictionary(entries)
        }
        Value::Object(object) => heap.object(Handle::Object(*object)),
        Value::Class(class) => heap.object(Handle::Class(*class)),
        Value::Variable(_) => heap.variable(),
    }
}

fn host_error(error: WorldError) -> HostError {
    HostError::new(error.kind, error.message)
}

fn one_value(heap: &Heap<Handle>, term: Term) -> Value {
    to_value(heap, term, &mut Vec::new())
}

type Words = BTreeMap<String, Value>;

fn read_arguments(heap: &Heap<Handle>, arguments: Arguments<'_>) -> (Vec<Value>, Words) {
    let mut variables = Vec::new();
    let positional = arguments.positional.iter().map(|term| to_value(heap, *term, &mut variables)).collect();
    let keyword = arguments.keyword.iter();
    let keyword =
        keyword.map(|(name, term)| (name.text.to_owned(), to_value(heap, *term, &mut variables))).collect();
    (positional, keyword)
}

fn ready(heap: &mut Heap<Handle>, answered: Result<Value, WorldError>) -> Replied {
    let value = answered.map_err(host_error)?;
    Ok(Reply::Ready(to_term(heap, &value)))
}

type Tests<'t> = Vec<(Option<&'t str>, Vec<Value>)>;

impl WorldHost {
    fn values_of<'t>(&self, heap: &Heap<Handle>, tests: ItemTests<'t>) -> Option<Tests<'t>> {
        let tests = tests.iter().map(|test| {
            let wanted = match test.wanted {
                Wanted::OneOf(values) => values.iter().map(|value| one_value(heap, value)).collect(),
                Wanted::Attribute(of, name) => {
                    vec![self.world.attribute(&one_value(heap, of), name.text).ok()?]
                }
            };
            Some((test.attribute.map(|name| name.text), wanted))
        });
        tests.collect()
    }
}

/// A question about all that can be reached.
struct Asked<'a> {
    world: &'a World,
    name: &'a str,
    tests: &'a [(Option<&'a str>, Vec<Value>)],
    class: ClassId,
}

impl Asked<'_> {
    /// The items of an object's list, if they are objects of the class; whether one of them passes, and which do not.
    fn items(&self, object: ObjectId) -> Option<(bool, Vec<ObjectId>)> {
        let passes = self.world.any_item(&Value::Object(object), self.name, self.tests)?;
        let Value::List(items) = self.world.attribute(&Value::Object(object), self.name).ok()? else {
            return None;
        };
        let object = |item: &Value| match item {
            Value::Object(object) if self.world.class_id(item) == Some(self.class) => Some(*object),
            _ => None,
        };
        Some((passes, items.iter().map(object).collect::<Option<_>>()?))
    }

    /// Present where nothing that can be reached fails.
    fn can_be_told(&self, object: ObjectId, seen: &mut Vec<ObjectId>) -> Option<()> {
        for item in self.items(object)?.1 {
            if !seen.contains(&item) {
                seen.push(item);
                self.can_be_told(item, seen)?;
            }
        }
        Some(())
    }

    fn any(&self, object: ObjectId, reached: &mut Reached<'_>) -> Option<bool> {
        let (passes, items) = self.items(object)?;
        if passes {
            return Some(true);
        }
        for item in items {
            match reached.enter(u64::from(item.0))? {
                Entered::Found => return Some(true),
                Entered::Seen => {}
                Entered::New if self.any(item, reached)? => return Some(true),
                Entered::New => reached.leave(),
            }
        }
        Some(false)
    }
}

impl Host for WorldHost {
    type Object = Handle;

    fn lineage(&mut self, object: &Handle) -> Lineage<'_> {
        let class = match object {
            Handle::Object(object) => self.world.class_id(&Value::Object(*object)),
            Handle::Class(class) => Some(*class),
            Handle::Cursor(_) => None,
        };
        class.map_or(Lineage::None, Lineage::Class)
    }

    fn attribute(&mut self, heap: &mut Heap<Handle>, object: Term, name: Name<'_>) -> Replied {
        let object = one_value(heap, object);
        ready(heap, self.world.attribute(&object, name.text))
    }

    fn any_item(
        &mut self,
        heap: &Heap<Handle>,
        object: &Handle,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        let Handle::Object(object) = object else { return None };
        let tests = self.values_of(heap, tests)?;
        let answer = self.world.any_item(&Value::Object(*object), name.text, &tests);
        self.looked_at += usize::from(answer.is_some());
        answer
    }

    fn any_reachable(
        &mut self,
        heap: &Heap<Handle>,
        object: &Handle,
        name: Name<'_>,
        tests: ItemTests<'_>,
        reached: &mut Reached<'_>,
    ) -> Option<bool> {
        let Handle::Object(object) = object else { return None };
        let tests = self.values_of(heap, tests)?;
        let asked = Asked { world: &self.world, name: name.text, tests: &tests, class: reached.class() };
        asked.can_be_told(*object, &mut vec![*object])?;
        let answer = asked.any(*object, reached);
        self.gone_through += usize::from(answer.is_some());
        answer
    }

    fn call(
        &mut self,
        heap: &mut Heap<Handle>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        let object = one_value(heap, object);
        let (positional, keyword) = read_arguments(heap, arguments);
        ready(heap, self.world.call(&object, name.text, &positional, &keyword))
    }

    fn construct(&mut self, heap: &mut Heap<Handle>, class: ClassId, arguments: Arguments<'_>) -> Replied {
        let (positional, keyword) = read_arguments(heap, arguments);
        ready(heap, self.world.construct(class, &positional, keyword))
    }

    fn constant(&mut self, heap: &mut Heap<Handle>, constant: ConstantId) -> Replied {
        let name = self.world.schema().constant_name(constant);
        let value = self.world.constant(name).unwrap_or(Value::Nil);
        Ok(Reply::Ready(to_term(heap, &value)))
    }

    fn class(&mut self, heap: &mut Heap<Handle>, class: ClassId) -> Replied {
        Ok(Reply::Ready(heap.object(Handle::Class(class))))
    }

    fn compare(&mut self, heap: &Heap<Handle>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        let mut variables = Vec::new();
        let (left, right) = (to_value(heap, left, &mut variables), to_value(heap, right, &mut variables));
        self.world.compare(op, &left, &right).map(Reply::Ready).map_err(host_error)
    }

    fn iterate(&mut self, heap: &mut Heap<Handle>, object: Term) -> Result<Handle, HostError> {
        let items = self.world.items(&one_value(heap, object)).map_err(host_error)?;
        Ok(Handle::Cursor(Rc::new(Cursor { items, next: Cell::new(0) })))
    }

    fn next(&mut self, heap: &mut Heap<Handle>, cursor: &Handle) -> Replied<Option<Term>> {
        let Handle::Cursor(cursor) = cursor else { return Ok(Reply::Ready(None)) };
        let index = cursor.next.replace(cursor.next.get() + 1);
        match cursor.items.get(index) {
            Some(Value::Raise(message)) => Err(HostError::new(HostErrorKind::Failed, message.clone())),
            item => Ok(Reply::Ready(item.map(|item| to_term(heap, item)))),
        }
    }

    fn identity(&self, object: &Handle) -> u64 {
        match object {
            Handle::Object(object) => u64::from(object.0),
            Handle::Class(class) => 1 << 32 | class.index() as u64,
            Handle::Cursor(cursor) => Rc::as_ptr(cursor) as u64,
        }
    }

    fn describe(&self, object: &Handle) -> String {
        match object {
            Handle::Object(object) => self.world.object(*object),
            Handle::Class(class) => self.world.class(*class),
            Handle::Cursor(_) => "an iteration".to_owned(),
        }
    }

    fn print(&mut self, text: &str) {
        self.printed.push(text.to_owned());
    }
}
