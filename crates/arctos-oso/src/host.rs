//! Registered classes behind a policy.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arctos::facts::ValueRef;
use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, Lineage, Name, Replied,
    Reply, Schema, Term, View,
};
use rustc_hash::FxHashMap;

use crate::class::Class;
use crate::errors::{OsoError, Result};
use crate::from_polar::FromPolar;
use crate::to_polar::PolarIterator;
use crate::value::{Instance, PolarValue};

/// What has been registered.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) schema: Schema,
    /// By class, with the class as a value.
    classes: Vec<(Arc<Class>, Instance)>,
    by_type: FxHashMap<TypeId, ClassId>,
    /// By constant.
    constants: Vec<PolarValue>,
}

impl Registered {
    pub(crate) fn new() -> Self {
        Registered {
            schema: Schema::new(),
            classes: Vec::new(),
            by_type: FxHashMap::default(),
            constants: Vec::new(),
        }
    }

    pub(crate) fn add_class(&mut self, class: Class) -> Result<()> {
        let taken = self.schema.class(&class.name).is_some_and(|id| id.index() < self.classes.len());
        if taken {
            return Err(OsoError::DuplicateClassError { name: class.name });
        }
        let id = self.schema.add_class(&class.name, &[]);
        self.schema.set_members(id, class.members());
        self.by_type.insert(class.type_id, id);
        let constants = class.constants.clone();
        let value = Instance::with_class(class.clone(), <Class as crate::PolarClass>::get_polar_class);
        self.classes.push((Arc::new(class), value));
        for (name, value) in constants {
            self.add_constant(name, value);
        }
        Ok(())
    }

    pub(crate) fn add_constant(&mut self, name: &str, value: PolarValue) {
        let id = self.schema.add_constant(name);
        match self.constants.get_mut(id.index()) {
            Some(slot) => *slot = value,
            None => self.constants.push(value),
        }
    }

    fn class(&self, id: ClassId) -> Option<&Arc<Class>> {
        self.classes.get(id.index()).map(|(class, _)| class)
    }

    fn class_of(&self, instance: &Instance) -> Result<Arc<Class>> {
        let registered = self.by_type.get(&instance.type_id()).and_then(|id| self.class(*id)).cloned();
        registered
            .or_else(|| instance.fallback.map(|class| Arc::new(class())))
            .ok_or_else(|| OsoError::MissingClassError { name: instance.type_name().to_owned() })
    }

    /// The class that an object is, where it is a class used as a value.
    fn as_class(instance: &Instance) -> Option<&Class> {
        instance.downcast::<Class>().ok()
    }
}

/// A handle to an object, or to an iteration that has begun.
#[derive(Clone, Debug)]
pub(crate) enum Handle {
    Instance(Instance),
    Cursor(Cursor),
}

#[derive(Clone)]
pub(crate) struct Cursor(Arc<Mutex<PolarIterator>>);

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursor")
    }
}

/// Where values are put: a heap, and a way to make a variable of that name.
pub(crate) trait Place {
    fn heap(&mut self) -> &mut Heap<Handle>;
    fn variable(&mut self, name: &str) -> Term;
}

impl Place for Heap<Handle> {
    fn heap(&mut self) -> &mut Heap<Handle> {
        self
    }

    fn variable(&mut self, _name: &str) -> Term {
        Heap::variable(self)
    }
}

pub(crate) fn to_term(place: &mut impl Place, value: &PolarValue) -> Term {
    match value {
        PolarValue::Integer(value) => place.heap().integer(*value),
        PolarValue::Float(value) => place.heap().float(*value),
        PolarValue::String(text) => place.heap().string(text),
        PolarValue::Boolean(value) => place.heap().boolean(*value),
        PolarValue::Map(entries) => {
            let pairs: Vec<(&str, Term)> =
                entries.iter().map(|(key, value)| (key.as_str(), to_term(place, value))).collect();
            place.heap().dictionary(pairs)
        }
        PolarValue::List(items) => {
            let terms: Vec<Term> = items.iter().map(|item| to_term(place, item)).collect();
            place.heap().list(&terms)
        }
        PolarValue::Variable(name) => place.variable(name),
        PolarValue::Instance(instance) => place.heap().object(Handle::Instance(instance.clone())),
    }
}

pub(crate) fn to_value(heap: &Heap<Handle>, term: Term) -> PolarValue {
    match heap.view(term) {
        View::Nil => PolarValue::new_from_instance(None::<PolarValue>),
        View::Boolean(value) => PolarValue::Boolean(value),
        View::Integer(value) => PolarValue::Integer(value),
        View::Float(value) => PolarValue::Float(value),
        View::String(text) => PolarValue::String(text.to_owned()),
        View::List(items) => PolarValue::List(items.iter().map(|item| to_value(heap, item)).collect()),
        View::Dictionary(entries) => {
            let entries: HashMap<_, _> =
                entries.iter().map(|(key, value)| (key.to_owned(), to_value(heap, value))).collect();
            PolarValue::Map(entries)
        }
        View::Object(Handle::Instance(instance)) => PolarValue::Instance(instance.clone()),
        View::Object(Handle::Cursor(_)) => PolarValue::new_from_instance(None::<PolarValue>),
        // The predecessor had no facts in Rust, and no value for entities.
        View::Entity { type_name, id } => PolarValue::String(ValueRef::entity(type_name, id).to_string()),
        View::Variable(variable) => PolarValue::Variable(format!("{variable:?}")),
    }
}

/// Lets an error travel through the engine; [`OsoError::from`] takes it out again.
fn failed(error: OsoError) -> HostError {
    let kind = match &error {
        OsoError::InvalidCallError(_) => HostErrorKind::Missing,
        OsoError::UnsupportedOperation { operation, .. } if operation == "in" => HostErrorKind::NotIterable,
        OsoError::UnsupportedOperation { .. }
        | OsoError::UnimplementedOperation { .. }
        | OsoError::TypeError(_) => HostErrorKind::Unsupported,
        _ => HostErrorKind::Failed,
    };
    HostError::new(kind, error.to_string()).with_source(error)
}

/// The host of one query.
pub(crate) struct ClassHost {
    pub(crate) registered: Arc<Registered>,
    pub(crate) start: Instant,
}

impl ClassHost {
    fn instance(heap: &Heap<Handle>, term: Term) -> std::result::Result<Instance, HostError> {
        Instance::from_polar(to_value(heap, term)).map_err(failed)
    }

    fn positional(
        heap: &Heap<Handle>,
        arguments: Arguments<'_>,
    ) -> std::result::Result<Vec<PolarValue>, HostError> {
        if let Some((name, _)) = arguments.keyword.first() {
            let message =
                format!("Rust functions take no keyword arguments; pass `{}` by its place", name.text);
            return Err(failed(OsoError::custom(message)));
        }
        Ok(arguments.positional.iter().map(|term| to_value(heap, *term)).collect())
    }
}

fn reply(heap: &mut Heap<Handle>, value: Result<PolarValue>) -> Replied {
    value.map(|value| Reply::Ready(to_term(heap, &value))).map_err(failed)
}

impl Host for ClassHost {
    type Object = Handle;

    fn lineage(&mut self, object: &Handle) -> Lineage<'_> {
        let class = match object {
            Handle::Instance(instance) => self.registered.by_type.get(&instance.type_id()),
            Handle::Cursor(_) => None,
        };
        class.map_or(Lineage::None, |class| Lineage::Class(*class))
    }

    fn attribute(&mut self, heap: &mut Heap<Handle>, object: Term, name: Name<'_>) -> Replied {
        let instance = ClassHost::instance(heap, object)?;
        let value = self.registered.class_of(&instance).and_then(|class| class.get(&instance, name.text));
        reply(heap, value)
    }

    fn call(
        &mut self,
        heap: &mut Heap<Handle>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        let arguments = ClassHost::positional(heap, arguments)?;
        let instance = ClassHost::instance(heap, object)?;
        let value = match Registered::as_class(&instance) {
            Some(class) => class.call_class_method(name.text, &arguments),
            None => {
                let class = self.registered.class_of(&instance);
                class.and_then(|class| class.call(&instance, name.text, &arguments))
            }
        };
        reply(heap, value)
    }

    fn construct(&mut self, heap: &mut Heap<Handle>, class: ClassId, arguments: Arguments<'_>) -> Replied {
        let arguments = ClassHost::positional(heap, arguments)?;
        let class = self.registered.class(class).ok_or_else(|| failed(OsoError::MissingInstanceError))?;
        let instance = class.init(&arguments).map_err(failed)?;
        Ok(Reply::Ready(heap.object(Handle::Instance(instance))))
    }

    fn constant(&mut self, heap: &mut Heap<Handle>, constant: ConstantId) -> Replied {
        let value =
            self.registered.constants.get(constant.index()).cloned().ok_or(OsoError::MissingInstanceError);
        reply(heap, value)
    }

    fn class(&mut self, heap: &mut Heap<Handle>, class: ClassId) -> Replied {
        match self.registered.classes.get(class.index()) {
            Some((_, value)) => Ok(Reply::Ready(heap.object(Handle::Instance(value.clone())))),
            None => Err(failed(OsoError::MissingInstanceError)),
        }
    }

    fn compare(&mut self, heap: &Heap<Handle>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        if !matches!(op, Comparison::Eq | Comparison::Neq) {
            return Err(failed(OsoError::UnimplementedOperation { operation: "an order".to_owned() }));
        }
        let (left, right) = (ClassHost::instance(heap, left)?, ClassHost::instance(heap, right)?);
        let equal = left.is_same(&right)
            || match (Registered::as_class(&left), Registered::as_class(&right)) {
                (Some(left), Some(right)) => left.type_id == right.type_id,
                _ => {
                    let class = self.registered.class_of(&left).map_err(failed)?;
                    class.equals(&left, &right).map_err(failed)?
                }
            };
        Ok(Reply::Ready(equal == (op == Comparison::Eq)))
    }

    fn iterate(&mut self, heap: &mut Heap<Handle>, object: Term) -> std::result::Result<Handle, HostError> {
        let instance = ClassHost::instance(heap, object)?;
        let items =
            self.registered.class_of(&instance).and_then(|class| class.iter(&instance)).map_err(failed)?;
        Ok(Handle::Cursor(Cursor(Arc::new(Mutex::new(items)))))
    }

    fn next(&mut self, heap: &mut Heap<Handle>, cursor: &Handle) -> Replied<Option<Term>> {
        let Handle::Cursor(Cursor(items)) = cursor else { return Ok(Reply::Ready(None)) };
        let item = items.lock().unwrap_or_else(PoisonError::into_inner).next();
        match item {
            Some(Ok(value)) => Ok(Reply::Ready(Some(to_term(heap, &value)))),
            Some(Err(error)) => Err(failed(error)),
            None => Ok(Reply::Ready(None)),
        }
    }

    fn identity(&self, object: &Handle) -> u64 {
        match object {
            Handle::Instance(instance) => instance.address(),
            Handle::Cursor(Cursor(items)) => Arc::as_ptr(items).cast::<()>() as usize as u64,
        }
    }

    fn describe(&self, object: &Handle) -> String {
        match object {
            Handle::Instance(instance) => {
                match (Registered::as_class(instance), self.registered.class_of(instance)) {
                    (Some(class), _) => format!("class {}", class.name),
                    (None, Ok(class)) => class.name.clone(),
                    (None, Err(_)) => instance.type_name().to_owned(),
                }
            }
            Handle::Cursor(_) => "iterator".to_owned(),
        }
    }

    #[expect(clippy::print_stdout, reason = "`print` of a policy went there in `oso` too")]
    fn print(&mut self, text: &str) {
        println!("{text}");
    }

    fn now(&mut self) -> Option<Duration> {
        Some(self.start.elapsed())
    }
}
