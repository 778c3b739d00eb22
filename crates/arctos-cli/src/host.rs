//! The stand-in for an application: plain records.
//!
//! `new User(name: "ann")` makes a record with those attributes. Records can be read, matched by class and compared by
//! value; they have no methods, because there is no application whose code could run.
//!
//! INVARIANT: the terms in a record are older than the record's own handle on the heap, so they live as long as it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, Lineage, Name, Replied,
    Reply, Schema, Term, View,
};
use arctos_syntax::suggest::near;
use serde_json::Value;

use crate::output::{Output, harmless};
use crate::show;

/// An object on the command line.
#[derive(Clone, Debug)]
pub enum Object {
    /// Made by `new`.
    Record(Rc<Record>),
    /// A class used as a value.
    Class(Rc<ClassObject>),
}

/// What `new` makes.
#[derive(Debug)]
pub struct Record {
    /// Its class.
    pub class: ClassId,
    /// Its class's name.
    pub class_name: Rc<str>,
    /// Attributes in the order given.
    pub fields: Vec<(Rc<str>, Term)>,
    /// The record as messages show it.
    pub text: String,
}

/// A class used as a value.
#[derive(Debug)]
pub struct ClassObject {
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: Rc<str>,
}

/// The application's side of a query on the command line.
#[derive(Debug)]
pub struct RecordHost {
    schema: Schema,
    constants: Vec<(String, Value)>,
    started: Instant,
    print_to_stderr: bool,
    output: Output,
}

impl RecordHost {
    /// A host for a policy with that schema; constants have these values. `print(…)` goes to stdout, or to stderr where
    /// stdout is for machines.
    pub fn new(
        schema: &Schema,
        constants: &[(String, Value)],
        output: Output,
        print_to_stderr: bool,
    ) -> Self {
        RecordHost {
            schema: schema.clone(),
            constants: constants.to_vec(),
            started: Instant::now(),
            print_to_stderr,
            output,
        }
    }

    /// What there is to say about a lookup in something that is not a record.
    fn not_a_record(heap: &Heap<Object>, object: Term, what: &str, name: &str) -> HostError {
        let shown = show::term(heap, object);
        HostError::missing(format!(
            "`{shown}` has no {what} `{name}`: on the command line only objects made with `new` have attributes"
        ))
    }

    fn fields(&self, class: ClassId, arguments: Arguments<'_>) -> Result<Vec<(Rc<str>, Term)>, HostError> {
        let refuse = |message: String| Err(HostError::new(HostErrorKind::Construction, message));
        let name = self.schema.class_name(class);
        let members = self.schema.get(class).map_or(&[][..], |class| &class.members);
        if arguments.positional.len() > members.len() {
            return refuse(if members.is_empty() {
                format!(
                    "name the attributes of a `{name}` on the command line: `new {name}(attribute: value)`"
                )
            } else {
                format!("`{name}` takes at most {} values: {}", members.len(), backticked(members))
            });
        }
        let mut fields: Vec<(Rc<str>, Term)> = members
            .iter()
            .zip(arguments.positional)
            .map(|(name, value)| (Rc::from(&**name), *value))
            .collect();
        for (key, value) in arguments.keyword {
            if fields.iter().any(|(other, _)| **other == *key.text) {
                return refuse(format!("attribute `{}` of `{name}` is given twice", key.text));
            }
            if !members.is_empty() && !members.iter().any(|member| member == key.text) {
                let hint = near(key.text, members.iter().map(|member| &**member))
                    .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                return refuse(format!("`{name}` has no attribute `{}`{hint}", key.text));
            }
            fields.push((Rc::from(key.text), *value));
        }
        Ok(fields)
    }
}

impl Host for RecordHost {
    type Object = Object;

    fn lineage(&mut self, object: &Object) -> Lineage<'_> {
        match object {
            Object::Record(record) => Lineage::Class(record.class),
            Object::Class(_) => Lineage::None,
        }
    }

    fn attribute(&mut self, heap: &mut Heap<Object>, object: Term, name: Name<'_>) -> Replied {
        let View::Object(Object::Record(record)) = heap.view(object) else {
            return Err(Self::not_a_record(heap, object, "attribute", name.text));
        };
        match record.fields.iter().find(|(key, _)| **key == *name.text) {
            Some((_, value)) => Ok(Reply::Ready(*value)),
            None => {
                let names: Vec<&str> = record.fields.iter().map(|(key, _)| &**key).collect();
                let hint = match near(name.text, names.iter().copied()) {
                    Some(near) => format!("; did you mean `{near}`?"),
                    None if names.is_empty() => String::new(),
                    None => format!("; it has {}", backticked(&names)),
                };
                Err(HostError::missing(format!("`{}` has no attribute `{}`{hint}", record.text, name.text)))
            }
        }
    }

    fn call(&mut self, heap: &mut Heap<Object>, object: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        let shown = show::term(heap, object);
        Err(HostError::missing(format!(
            "`{shown}` has no method `{}`: on the command line there is no application, so objects have attributes only",
            name.text
        )))
    }

    fn construct(&mut self, heap: &mut Heap<Object>, class: ClassId, arguments: Arguments<'_>) -> Replied {
        let class_name: Rc<str> = Rc::from(self.schema.class_name(class));
        if class.index() <= ClassId::DICTIONARY.index() {
            let message = format!("`{class_name}` is a built-in type; write its values as literals");
            return Err(HostError::new(HostErrorKind::Construction, message));
        }
        let fields = self.fields(class, arguments)?;
        let parts: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}: {}", show::term(heap, *value))).collect();
        let text = shortened(format!("new {class_name}({})", parts.join(", ")));
        Ok(Reply::Ready(heap.object(Object::Record(Rc::new(Record { class, class_name, fields, text })))))
    }

    fn constant(&mut self, heap: &mut Heap<Object>, constant: ConstantId) -> Replied {
        let name = self.schema.constant_name(constant);
        let value =
            self.constants.iter().find(|(key, _)| key == name).map_or(&Value::Null, |(_, value)| value);
        value_term(heap, value).map(Reply::Ready)
    }

    fn class(&mut self, heap: &mut Heap<Object>, class: ClassId) -> Replied {
        let name = Rc::from(self.schema.class_name(class));
        Ok(Reply::Ready(heap.object(Object::Class(Rc::new(ClassObject { class, name })))))
    }

    fn compare(&mut self, heap: &Heap<Object>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        match op {
            Comparison::Eq => equal(heap, left, right).map(Reply::Ready),
            Comparison::Neq => equal(heap, left, right).map(|same| Reply::Ready(!same)),
            _ => {
                let (left, right) = (show::term(heap, left), show::term(heap, right));
                let message = format!("`{left} {op} {right}`: objects on the command line have no order");
                Err(HostError::new(HostErrorKind::Unsupported, message))
            }
        }
    }

    fn iterate(&mut self, heap: &mut Heap<Object>, object: Term) -> Result<Object, HostError> {
        let message = format!("`{}` has no items to go through with `in`", show::term(heap, object));
        Err(HostError::new(HostErrorKind::NotIterable, message))
    }

    fn next(&mut self, _: &mut Heap<Object>, _: &Object) -> Replied<Option<Term>> {
        Ok(Reply::Ready(None))
    }

    fn identity(&self, object: &Object) -> u64 {
        match object {
            Object::Record(record) => Rc::as_ptr(record) as usize as u64,
            // Small numbers are no addresses.
            Object::Class(class) => class.class.index() as u64,
        }
    }

    fn describe(&self, object: &Object) -> String {
        match object {
            Object::Record(record) => record.text.clone(),
            Object::Class(class) => class.name.to_string(),
        }
    }

    fn print(&mut self, text: &str) {
        let text = &harmless(text);
        // Printing is a side remark of the policy: where it cannot be delivered the answer still counts.
        let _ = if self.print_to_stderr { self.output.note(text) } else { self.output.line(text) };
    }

    fn now(&mut self) -> Option<Duration> {
        Some(self.started.elapsed())
    }
}

/// `a`, `b`, `c`
fn backticked(names: &[impl AsRef<str>]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Messages stay readable however large an object is.
fn shortened(text: String) -> String {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…)", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

pub(crate) fn value_term(heap: &mut Heap<Object>, value: &Value) -> Result<Term, HostError> {
    Ok(match value {
        Value::Null => heap.nil(),
        Value::Bool(value) => heap.boolean(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => heap.integer(value),
            (None, Some(value)) if number.is_f64() => heap.float(value),
            _ => {
                let message = format!("the constant `{number}` does not fit a 64-bit integer");
                return Err(HostError::new(HostErrorKind::Unsupported, message));
            }
        },
        Value::String(text) => heap.string(text),
        Value::Array(items) => {
            let items = items.iter().map(|item| value_term(heap, item)).collect::<Result<Vec<_>, _>>()?;
            heap.list(&items)
        }
        Value::Object(entries) => {
            let mut terms = Vec::new();
            for (name, value) in entries {
                terms.push((&**name, value_term(heap, value)?));
            }
            heap.dictionary(terms)
        }
    })
}

/// Equality by value: the same class, the same attributes in any order. Compares with a list of what remains instead of
/// the stack, since records may hold one another without end; unbound variables are equal to themselves only.
fn equal(heap: &Heap<Object>, left: Term, right: Term) -> Result<bool, HostError> {
    const MOST: usize = 1_000_000;
    let mut remaining = vec![(left, right)];
    let mut compared = 0;
    while let Some((left, right)) = remaining.pop() {
        compared += 1;
        if compared > MOST {
            let message = "these objects are too large to compare".to_owned();
            return Err(HostError::new(HostErrorKind::Unsupported, message));
        }
        let same = match (heap.view(left), heap.view(right)) {
            (View::Nil, View::Nil) => true,
            (View::Boolean(a), View::Boolean(b)) => a == b,
            (View::Integer(a), View::Integer(b)) => a == b,
            (View::Float(a), View::Float(b)) => a == b,
            (View::Integer(a), View::Float(b)) | (View::Float(b), View::Integer(a)) => {
                // Exact: a float beyond 2^63 converts to a different integer.
                b == a as f64 && b as i64 == a
            }
            (View::String(a), View::String(b)) => a == b,
            (View::List(a), View::List(b)) => {
                remaining.extend(a.iter().zip(b.iter()));
                a.len() == b.len() && a.rest() == b.rest()
            }
            (View::Dictionary(a), View::Dictionary(b)) => {
                remaining.extend(a.iter().zip(b.iter()).map(|((_, a), (_, b))| (a, b)));
                a.len() == b.len() && a.iter().zip(b.iter()).all(|((a, _), (b, _))| a == b)
            }
            (View::Object(Object::Class(a)), View::Object(Object::Class(b))) => a.class == b.class,
            (View::Object(Object::Record(a)), View::Object(Object::Record(b))) => {
                Rc::ptr_eq(a, b) || (a.class == b.class && pair_fields(a, b, &mut remaining))
            }
            (View::Variable(a), View::Variable(b)) => a == b,
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// False where the attributes' names differ.
fn pair_fields(left: &Record, right: &Record, pairs: &mut Vec<(Term, Term)>) -> bool {
    left.fields.len() == right.fields.len()
        && left.fields.iter().all(|(name, value)| {
            let other = right.fields.iter().find(|(other, _)| other == name);
            pairs.extend(other.map(|(_, other)| (*value, *other)));
            other.is_some()
        })
}
