//! The application's side of a query: Python objects, asked directly.
//!
//! INVARIANT: whatever goes wrong in Python code becomes an error of the query. Where the engine's question has no room
//! for an error ([`Host::lineage`], [`Host::print`]), the exception is kept in `pending`, and the driver raises it before it
//! looks at any answer.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, ItemTests, Lineage,
    Name, Replied, Reply, Term, View,
};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::{PyDict, PyIterator, PyString, PyTuple};
use rustc_hash::FxHashMap;

use crate::convert::{Outgoing, described, incoming};
use crate::errors::{caused, unchanged};
use crate::items::{Search, Seen};
use crate::lineage::Known;
use crate::loaded::Loaded;
use crate::object::Object;

/// One query's access to the application.
pub(crate) struct PyHost {
    pub(crate) loaded: Arc<Loaded>,
    /// When the clock was first looked at.
    started: OnceCell<Instant>,
    /// Questions asked of Python so far: tells the driver whether releasing the interpreter pays.
    pub(crate) asked: u64,
    /// An exception that the engine's question had no room for.
    pub(crate) pending: Option<PyErr>,
    /// The classes that an object was last found to be of, where they are no class's lineage.
    mixed: Option<Arc<[ClassId]>>,
    /// Objects whose identity the engine has taken. Held, so that no other object gets the same address while it remembers.
    held: RefCell<FxHashMap<usize, Object>>,
    /// The heap keeps the objects of goals that are remembered, so none needs to be held.
    is_attempt: bool,
}

impl PyHost {
    pub(crate) fn new(loaded: Arc<Loaded>) -> Self {
        PyHost {
            loaded,
            started: OnceCell::new(),
            asked: 0,
            pending: None,
            mixed: None,
            held: RefCell::default(),
            is_attempt: false,
        }
    }

    /// The host of a [`Decider`](arctos::Decider)'s attempt.
    pub(crate) fn for_attempt(loaded: Arc<Loaded>) -> Self {
        PyHost { is_attempt: true, ..PyHost::new(loaded) }
    }

    fn outward<'py>(&self, py: Python<'py>, heap: &Heap<Object>, term: Term) -> PyResult<Bound<'py, PyAny>> {
        Outgoing { heap, loaded: &self.loaded, variables: None }.value(py, term)
    }

    fn name<'py>(&self, py: Python<'py>, name: Name<'_>) -> Bound<'py, PyString> {
        match name.symbol {
            Some(symbol) => self.loaded.name(py, symbol, name.text),
            None => PyString::new(py, name.text),
        }
    }

    fn arguments<'py>(
        &self,
        py: Python<'py>,
        heap: &Heap<Object>,
        arguments: Arguments<'_>,
    ) -> PyResult<(Bound<'py, PyTuple>, Option<Bound<'py, PyDict>>)> {
        let mut positional = Vec::with_capacity(arguments.positional.len());
        for term in arguments.positional {
            positional.push(self.outward(py, heap, *term)?);
        }
        let keyword = if arguments.keyword.is_empty() {
            None
        } else {
            let keyword = PyDict::new(py);
            for (name, term) in arguments.keyword {
                keyword.set_item(self.name(py, *name), self.outward(py, heap, *term)?)?;
            }
            Some(keyword)
        };
        Ok((PyTuple::new(py, positional)?, keyword))
    }

    /// `object.name`, telling "no such attribute" from "the attribute's own code failed".
    pub(crate) fn get<'py>(
        &self,
        object: &Bound<'py, PyAny>,
        name: Name<'_>,
    ) -> Result<Bound<'py, PyAny>, HostError> {
        let py = object.py();
        let name = self.name(py, name);
        let error = match object.getattr(&name) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !error.is_instance_of::<PyAttributeError>(py) {
            return Err(unchanged(error));
        }
        if has_property(object, &name) {
            let message = format!("property `{name}` of {} failed: {error}", described(object));
            return Err(caused(py, HostErrorKind::Failed, message, error));
        }
        Err(HostError::missing(format!(
            "`{}` object has no attribute or method `{name}`",
            object.get_type().name().map_or_else(|_| "?".to_owned(), |n| n.to_string()),
        )))
    }
}

/// True where `name` is a property of the object's class, so that an `AttributeError` came from inside it.
fn has_property(object: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> bool {
    let py = object.py();
    let find = || -> PyResult<bool> {
        let property = py.import(intern!(py, "builtins"))?.getattr(intern!(py, "property"))?;
        let cached = py.import(intern!(py, "functools"))?.getattr(intern!(py, "cached_property"))?;
        for base in object.get_type().mro().iter() {
            let members = base.getattr(intern!(py, "__dict__"))?;
            if members.contains(name)? {
                let member = members.get_item(name)?;
                return Ok(member.is_instance(&property)? || member.is_instance(&cached)?);
            }
        }
        Ok(false)
    };
    find().unwrap_or(false)
}

fn ready<T>(value: T) -> Replied<T> {
    Ok(Reply::Ready(value))
}

impl Host for PyHost {
    type Object = Object;

    fn lineage(&mut self, object: &Object) -> Lineage<'_> {
        self.asked += 1;
        let known = Python::attach(|py| self.loaded.lineages.of_object(object.bind(py)));
        match known {
            Ok(Known::None) => Lineage::None,
            Ok(Known::Class(class)) => Lineage::Class(class),
            Ok(Known::Mixed(classes)) => Lineage::Mixed(self.mixed.insert(classes)),
            Err(error) => {
                self.pending.get_or_insert(error);
                Lineage::None
            }
        }
    }

    fn attribute(&mut self, heap: &mut Heap<Object>, object: Term, name: Name<'_>) -> Replied {
        self.asked += 1;
        Python::attach(|py| {
            let object = self.outward(py, heap, object).map_err(unchanged)?;
            let value = self.get(&object, name)?;
            ready(incoming(heap, &value)?)
        })
    }

    fn attribute_is(
        &mut self,
        object: &Object,
        name: Name<'_>,
        value: &View<'_, Object>,
    ) -> Result<Option<bool>, HostError> {
        if matches!(value, View::List(_) | View::Dictionary(_) | View::Variable(_) | View::Float(_)) {
            return Ok(None);
        }
        self.asked += 1;
        Python::attach(|py| {
            let found = self.get(object.bind(py), name)?;
            let seen = Seen::of(&found).zip(Seen::of_view(py, value));
            Ok(seen.and_then(|(found, value)| found.equals(value)))
        })
    }

    fn any_item(
        &mut self,
        heap: &Heap<Object>,
        object: &Object,
        name: Name<'_>,
        tests: ItemTests<'_>,
    ) -> Option<bool> {
        self.asked += 1;
        Python::attach(|py| {
            let list = self.get(object.bind(py), name).ok()?;
            Search { host: self, py, heap, tests }.among(&list)
        })
    }

    fn call(
        &mut self,
        heap: &mut Heap<Object>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        self.asked += 1;
        Python::attach(|py| {
            let object = self.outward(py, heap, object).map_err(unchanged)?;
            let method = self.get(&object, name)?;
            if !method.is_callable() {
                let message = format!("`{}` of {} is not a method", name.text, described(&object));
                return Err(HostError::new(HostErrorKind::NotCallable, message));
            }
            let (positional, keyword) = self.arguments(py, heap, arguments).map_err(unchanged)?;
            let value = method.call(positional, keyword.as_ref()).map_err(unchanged)?;
            ready(incoming(heap, &value)?)
        })
    }

    fn construct(&mut self, heap: &mut Heap<Object>, class: ClassId, arguments: Arguments<'_>) -> Replied {
        self.asked += 1;
        Python::attach(|py| {
            let Some(type_) = self.loaded.class(py, class) else { return Err(unknown("class")) };
            let (positional, keyword) = self.arguments(py, heap, arguments).map_err(unchanged)?;
            let value = type_.call(positional, keyword.as_ref()).map_err(|error| {
                let name = self.loaded.policy.schema().class_name(class);
                let message = format!("error constructing instance of `{name}`: {}", error.value(py));
                caused(py, HostErrorKind::Construction, message, error)
            })?;
            ready(incoming(heap, &value)?)
        })
    }

    fn constant(&mut self, heap: &mut Heap<Object>, constant: ConstantId) -> Replied {
        Python::attach(|py| {
            let Some(value) = self.loaded.constant(py, constant) else { return Err(unknown("constant")) };
            ready(incoming(heap, value)?)
        })
    }

    fn class(&mut self, heap: &mut Heap<Object>, class: ClassId) -> Replied {
        Python::attach(|py| match self.loaded.class(py, class) {
            Some(type_) => ready(heap.object(Object::new(type_.as_any().clone()))),
            None => Err(unknown("class")),
        })
    }

    fn compare(&mut self, heap: &Heap<Object>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        self.asked += 1;
        Python::attach(|py| {
            let left = self.outward(py, heap, left).map_err(unchanged)?;
            let right = self.outward(py, heap, right).map_err(unchanged)?;
            let outcome = left.rich_compare(&right, operator(op)).and_then(|truth| truth.is_truthy());
            match outcome {
                Ok(truth) => ready(truth),
                Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                    let message =
                        format!("`{op}` does not take {} and {}", described(&left), described(&right));
                    Err(caused(py, HostErrorKind::Unsupported, message, error))
                }
                Err(error) => Err(unchanged(error)),
            }
        })
    }

    fn iterate(&mut self, heap: &mut Heap<Object>, object: Term) -> Result<Object, HostError> {
        self.asked += 1;
        Python::attach(|py| {
            let object = self.outward(py, heap, object).map_err(unchanged)?;
            match object.try_iter() {
                Ok(iterator) => Ok(Object::new(iterator.into_any())),
                // A `TypeError` out of the object's own `__iter__` is the application's.
                Err(error)
                    if error.is_instance_of::<PyTypeError>(py)
                        && !object.hasattr(intern!(py, "__iter__")).unwrap_or(false) =>
                {
                    let message = format!("{} has no items to go through with `in`", described(&object));
                    Err(caused(py, HostErrorKind::NotIterable, message, error))
                }
                Err(error) => Err(unchanged(error)),
            }
        })
    }

    fn next(&mut self, heap: &mut Heap<Object>, cursor: &Object) -> Replied<Option<Term>> {
        self.asked += 1;
        Python::attach(|py| {
            let Ok(iterator) = cursor.bind(py).cast::<PyIterator>() else { return Err(unknown("iterator")) };
            match iterator.clone().next() {
                None => ready(None),
                Some(Ok(item)) => ready(Some(incoming(heap, &item)?)),
                Some(Err(error)) => Err(unchanged(error)),
            }
        })
    }

    fn identity(&self, object: &Object) -> u64 {
        let address = object.address();
        if self.is_attempt {
            return address as u64;
        }
        self.held.borrow_mut().entry(address).or_insert_with(|| object.clone());
        address as u64
    }

    fn describe(&self, object: &Object) -> String {
        Python::attach(|py| described(object.bind(py)))
    }

    fn print(&mut self, text: &str) {
        let printed = Python::attach(|py| {
            py.import(intern!(py, "builtins"))?.getattr(intern!(py, "print"))?.call1((text,)).map(drop)
        });
        if let Err(error) = printed {
            self.pending.get_or_insert(error);
        }
    }

    fn now(&mut self) -> Option<Duration> {
        Some(self.started.get_or_init(Instant::now).elapsed())
    }
}

#[cold]
fn unknown(what: &str) -> HostError {
    HostError::new(HostErrorKind::Failed, format!("the policy names a {what} that is not registered"))
}

fn operator(op: Comparison) -> CompareOp {
    match op {
        Comparison::Eq => CompareOp::Eq,
        Comparison::Neq => CompareOp::Ne,
        Comparison::Lt => CompareOp::Lt,
        Comparison::Leq => CompareOp::Le,
        Comparison::Gt => CompareOp::Gt,
        Comparison::Geq => CompareOp::Ge,
    }
}
