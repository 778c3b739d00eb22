//! The application's side of a query: Python objects, asked directly.
//!
//! INVARIANT: whatever goes wrong in Python code becomes an error of the query. Where the engine's question has no room
//! for an error ([`Host::lineage`], [`Host::print`]), the exception is kept in `pending`, and the driver raises it before it
//! looks at any answer.

use std::cell::{OnceCell, RefCell};
use std::ops::DerefMut;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arctos::{
    Arguments, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, ItemTests, Lineage,
    Name, Replied, Reply, Term, View,
};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::{PyDict, PyIterator, PyTuple};
use rustc_hash::FxHashMap;

use crate::attributes::read;
use crate::convert::{Outgoing, described, incoming};
use crate::errors::{caused, unchanged};
use crate::items::{Seen, any_item};
use crate::lineage::Known;
use crate::loaded::Loaded;
use crate::object::Object;
use crate::recent::Recent;
use crate::waits::{Awaited, Waits, is_awaitable, truth_of};

/// How the interpreter is reached.
pub(crate) trait Interpreter: Copy {
    /// Does something in it.
    fn with<T>(self, work: impl FnOnce(Python<'_>) -> T) -> T;
}

/// From a thread that may run without the interpreter meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Anywhere;

impl Interpreter for Anywhere {
    fn with<T>(self, work: impl FnOnce(Python<'_>) -> T) -> T {
        Python::attach(work)
    }
}

/// From a thread that has it all the time.
impl Interpreter for Python<'_> {
    #[inline]
    fn with<T>(self, work: impl FnOnce(Python<'_>) -> T) -> T {
        work(self)
    }
}

/// One query's access to the application.
pub(crate) struct PyHost<I = Anywhere, K = Box<Kept>> {
    interpreter: I,
    pub(crate) kept: K,
}

/// What a host keeps, also from one attempt to the next.
pub(crate) struct Kept {
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
    /// Types of objects that attempts have met lately.
    recent: Recent,
    /// What is waited for, where the question can wait.
    pub(crate) waits: Option<Waits>,
}

impl PyHost {
    pub(crate) fn new(loaded: Arc<Loaded>) -> Self {
        PyHost { interpreter: Anywhere, kept: Box::new(Kept::new(loaded, false)) }
    }

    /// The host of a question that can wait.
    pub(crate) fn that_waits(loaded: Arc<Loaded>) -> Self {
        let mut host = PyHost::new(loaded);
        host.kept.waits = Some(Waits::default());
        host
    }
}

impl<'a, 'py> PyHost<Python<'py>, &'a mut Kept> {
    /// The host of a [`Decider`](arctos::Decider)'s attempt.
    pub(crate) fn for_attempt(py: Python<'py>, kept: &'a mut Kept) -> Self {
        PyHost { interpreter: py, kept }
    }
}

impl Kept {
    /// For a query, or for attempts.
    pub(crate) fn new(loaded: Arc<Loaded>, is_attempt: bool) -> Kept {
        Kept {
            loaded,
            started: OnceCell::new(),
            asked: 0,
            pending: None,
            mixed: None,
            held: RefCell::default(),
            is_attempt,
            recent: Recent::default(),
            waits: None,
        }
    }

    fn outward<'py>(&self, py: Python<'py>, heap: &Heap<Object>, term: Term) -> PyResult<Bound<'py, PyAny>> {
        Outgoing { heap, loaded: &self.loaded, variables: None }.value(py, term)
    }

    /// An attribute of a value, which is an object nearly always.
    fn attribute<'py>(
        &self,
        py: Python<'py>,
        heap: &Heap<Object>,
        object: Term,
        name: Name<'_>,
    ) -> Result<Bound<'py, PyAny>, HostError> {
        match heap.as_object(object) {
            Some(object) => read(&self.loaded, object.bind(py), name),
            None => read(&self.loaded, &self.outward(py, heap, object).map_err(unchanged)?, name),
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
                keyword.set_item(name.text, self.outward(py, heap, *term)?)?;
            }
            Some(keyword)
        };
        Ok((PyTuple::new(py, positional)?, keyword))
    }

    fn lineage(&mut self, py: Python<'_>, object: &Object) -> Lineage<'_> {
        let object = object.bind(py);
        if let Some(lineage) = self.recent.lineage(object) {
            return lineage;
        }
        let found = self.loaded.lineages.of_object(object);
        match found {
            Ok(found) => {
                if self.is_attempt {
                    self.recent.note(object, &found);
                }
                match found.known {
                    Known::None => Lineage::None,
                    Known::Class(class) => Lineage::Class(class),
                    Known::Mixed(classes) => Lineage::Mixed(self.mixed.insert(classes)),
                }
            }
            Err(error) => {
                self.pending.get_or_insert(error);
                Lineage::None
            }
        }
    }

    /// A reply of the application, which may have to be awaited.
    fn reply(&mut self, heap: &mut Heap<Object>, value: &Bound<'_, PyAny>) -> Replied {
        if let Some(later) = self.later(value, Awaited::Value) {
            return Ok(later);
        }
        ready(incoming(heap, value)?)
    }

    fn later<T>(&mut self, value: &Bound<'_, PyAny>, awaited: Awaited) -> Option<Reply<T>> {
        let waits = self.waits.as_mut()?;
        is_awaitable(value).then(|| Reply::Later(waits.wait(value, awaited)))
    }
}

fn ready<T>(value: T) -> Replied<T> {
    Ok(Reply::Ready(value))
}

impl<I: Interpreter, K: DerefMut<Target = Kept>> Host for PyHost<I, K> {
    type Object = Object;

    fn lineage(&mut self, object: &Object) -> Lineage<'_> {
        self.kept.asked += 1;
        let kept = &mut *self.kept;
        self.interpreter.with(|py| kept.lineage(py, object))
    }

    fn attribute(&mut self, heap: &mut Heap<Object>, object: Term, name: Name<'_>) -> Replied {
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let value = self.kept.attribute(py, heap, object, name)?;
            self.kept.reply(heap, &value)
        })
    }

    fn attribute_is(
        &mut self,
        object: &Object,
        name: Name<'_>,
        value: &View<'_, Object>,
    ) -> Result<Option<bool>, HostError> {
        let is_plain =
            !matches!(value, View::List(_) | View::Dictionary(_) | View::Variable(_) | View::Float(_));
        if !is_plain || self.kept.waits.is_some() {
            return Ok(None);
        }
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let found = read(&self.kept.loaded, object.bind(py), name)?;
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
        if self.kept.waits.is_some() {
            return None;
        }
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let list = read(&self.kept.loaded, object.bind(py), name).ok()?;
            any_item(&self.kept.loaded, heap, tests, &list)
        })
    }

    fn call(
        &mut self,
        heap: &mut Heap<Object>,
        object: Term,
        name: Name<'_>,
        arguments: Arguments<'_>,
    ) -> Replied {
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let object = self.kept.outward(py, heap, object).map_err(unchanged)?;
            let method = read(&self.kept.loaded, &object, name)?;
            if !method.is_callable() {
                let message = format!("`{}` of {} is not a method", name.text, described(&object));
                return Err(HostError::new(HostErrorKind::NotCallable, message));
            }
            let (positional, keyword) = self.kept.arguments(py, heap, arguments).map_err(unchanged)?;
            let value = method.call(positional, keyword.as_ref()).map_err(unchanged)?;
            self.kept.reply(heap, &value)
        })
    }

    fn construct(&mut self, heap: &mut Heap<Object>, class: ClassId, arguments: Arguments<'_>) -> Replied {
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let Some(type_) = self.kept.loaded.class(py, class) else { return Err(unknown("class")) };
            let (positional, keyword) = self.kept.arguments(py, heap, arguments).map_err(unchanged)?;
            let value = type_.call(positional, keyword.as_ref()).map_err(|error| {
                let name = self.kept.loaded.policy.schema().class_name(class);
                let message = format!("error constructing instance of `{name}`: {}", error.value(py));
                caused(py, HostErrorKind::Construction, message, error)
            })?;
            ready(incoming(heap, &value)?)
        })
    }

    fn constant(&mut self, heap: &mut Heap<Object>, constant: ConstantId) -> Replied {
        self.interpreter.with(|py| {
            let Some(value) = self.kept.loaded.constant(py, constant) else {
                return Err(unknown("constant"));
            };
            ready(incoming(heap, value)?)
        })
    }

    fn class(&mut self, heap: &mut Heap<Object>, class: ClassId) -> Replied {
        self.interpreter.with(|py| match self.kept.loaded.class(py, class) {
            Some(type_) => ready(heap.object(Object::new(type_.as_any().clone()))),
            None => Err(unknown("class")),
        })
    }

    fn compare(&mut self, heap: &Heap<Object>, op: Comparison, left: Term, right: Term) -> Replied<bool> {
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let left = self.kept.outward(py, heap, left).map_err(unchanged)?;
            let right = self.kept.outward(py, heap, right).map_err(unchanged)?;
            let outcome = left.rich_compare(&right, operator(op)).and_then(|truth| {
                match self.kept.later(&truth, Awaited::Truth) {
                    Some(later) => Ok(later),
                    None => truth_of(&truth).map(Reply::Ready),
                }
            });
            match outcome {
                Ok(reply) => Ok(reply),
                Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                    let message =
                        format!("`{op}` does not take {} and {}", described(&left), described(&right));
                    Err(caused(py, HostErrorKind::Unsupported, message, error))
                }
                Err(error) => Err(unchanged(error)),
            }
        })
    }

    fn iterates_again(&mut self, object: &Object) -> bool {
        self.interpreter.with(|py| object.bind(py).cast::<PyIterator>().is_err())
    }

    fn iterate(&mut self, heap: &mut Heap<Object>, object: Term) -> Result<Object, HostError> {
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let object = self.kept.outward(py, heap, object).map_err(unchanged)?;
            if self.kept.waits.is_some() && object.hasattr(intern!(py, "__aiter__")).map_err(unchanged)? {
                let iterator = object.call_method0(intern!(py, "__aiter__")).map_err(unchanged)?;
                return Ok(Object::new(iterator));
            }
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
        self.kept.asked += 1;
        self.interpreter.with(|py| {
            let cursor = cursor.bind(py);
            let Ok(iterator) = cursor.cast::<PyIterator>() else {
                let item = cursor.call_method0(intern!(py, "__anext__")).map_err(unchanged)?;
                return self.kept.later(&item, Awaited::Item).ok_or_else(|| unknown("iterator"));
            };
            match iterator.clone().next() {
                None => ready(None),
                Some(Ok(item)) => ready(Some(incoming(heap, &item)?)),
                Some(Err(error)) => Err(unchanged(error)),
            }
        })
    }

    fn identity(&self, object: &Object) -> u64 {
        let address = object.address();
        if self.kept.is_attempt {
            return address as u64;
        }
        self.kept.held.borrow_mut().entry(address).or_insert_with(|| object.clone());
        address as u64
    }

    fn describe(&self, object: &Object) -> String {
        self.interpreter.with(|py| described(object.bind(py)))
    }

    fn print(&mut self, text: &str) {
        let printed = self.interpreter.with(|py| {
            py.import(intern!(py, "builtins"))?.getattr(intern!(py, "print"))?.call1((text,)).map(drop)
        });
        if let Err(error) = printed {
            self.kept.pending.get_or_insert(error);
        }
    }

    fn now(&mut self) -> Option<Duration> {
        Some(self.kept.started.get_or_init(Instant::now).elapsed())
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
