//! Values between Python and the engine.
//!
//! `None`, and exactly `bool`, `int`, `float`, `str`, `list` and `dict` become values of the language, by copy; anything
//! else, subclasses of those included, stays a Python object.
//!
//! INVARIANT: depth and size are limited in both directions, so that no value, however it refers to itself, can
//! overflow the stack or fill the memory.

use arctos::facts::ValueRef;
use arctos::{Heap, HostError, HostErrorKind, Name, Observer, Query, Term, Variable, View};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::errors::{self, Carried};
use crate::host::PyHost;
use crate::loaded::Loaded;
use crate::object::Object;

/// Lists and dictionaries inside one another.
const DEPTH: usize = 1000;
/// Items of one value, all levels together.
const ITEMS: usize = 2_000_000;

/// Where values go: a heap, and for questions also their named variables.
pub(crate) trait Target {
    fn heap(&mut self) -> &mut Heap<Object>;
    /// What an `arctos.Variable` of that name stands for; `None` where variables have no meaning.
    fn variable(&mut self, name: &str) -> Option<Result<Term, HostError>>;
}

impl Target for Heap<Object> {
    fn heap(&mut self) -> &mut Heap<Object> {
        self
    }

    fn variable(&mut self, _: &str) -> Option<Result<Term, HostError>> {
        None
    }
}

/// A question being asked, with values given for some of its variables.
pub(crate) struct Question<'a, 'py, O: Observer> {
    pub(crate) query: &'a mut Query<PyHost, O>,
    pub(crate) bindings: Option<&'a Bound<'py, PyDict>>,
    /// Variables on whose bindings we are, so that `{"x": Variable("x")}` ends.
    pub(crate) open: Vec<String>,
}

impl<O: Observer> Target for Question<'_, '_, O> {
    fn heap(&mut self) -> &mut Heap<Object> {
        self.query.heap()
    }

    fn variable(&mut self, name: &str) -> Option<Result<Term, HostError>> {
        if !self.open.iter().any(|open| open == name)
            && let Some(bindings) = self.bindings
            && let Ok(Some(value)) = bindings.get_item(name)
        {
            self.open.push(name.to_owned());
            let term = incoming(self, &value);
            self.open.pop();
            return Some(term);
        }
        Some(Ok(self.query.variable(name)))
    }
}

/// A Python value as a term.
pub(crate) fn incoming<T: Target>(target: &mut T, value: &Bound<'_, PyAny>) -> Result<Term, HostError> {
    let mut left = ITEMS;
    inward(target, value, DEPTH, &mut left)
}

fn inward<T: Target>(
    target: &mut T,
    value: &Bound<'_, PyAny>,
    depth: usize,
    left: &mut usize,
) -> Result<Term, HostError> {
    if value.is_none() {
        return Ok(target.heap().nil());
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Ok(target.heap().string(text_of(text)?));
    }
    if let Ok(truth) = value.cast_exact::<PyBool>() {
        return Ok(target.heap().boolean(truth.is_true()));
    }
    if let Ok(number) = value.cast_exact::<PyInt>() {
        return match number.extract::<i64>() {
            Ok(number) => Ok(target.heap().integer(number)),
            Err(_) => Err(refused(
                "an integer does not fit 64 bits; pass a float, a string or an object of your own",
            )),
        };
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return Ok(target.heap().float(number.value()));
    }
    if let Ok(list) = value.cast_exact::<PyList>() {
        return inward_list(target, list, depth, left);
    }
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        return inward_dict(target, dict, depth, left);
    }
    if errors::is_variable(value)
        && let Some(name) = errors::variable_name(value)
        && let Some(term) = target.variable(&name)
    {
        return term;
    }
    Ok(target.heap().object(Object::new(value.clone())))
}

fn inward_list<T: Target>(
    target: &mut T,
    list: &Bound<'_, PyList>,
    depth: usize,
    left: &mut usize,
) -> Result<Term, HostError> {
    let depth = deeper(depth, list.len(), left)?;
    let mut items = Vec::with_capacity(list.len());
    for item in list.iter() {
        items.push(inward(target, &item, depth, left)?);
    }
    Ok(target.heap().list(&items))
}

fn inward_dict<T: Target>(
    target: &mut T,
    dict: &Bound<'_, PyDict>,
    depth: usize,
    left: &mut usize,
) -> Result<Term, HostError> {
    let depth = deeper(depth, dict.len(), left)?;
    let mut entries = Vec::with_capacity(dict.len());
    // `items` is a copy: another thread may change the dictionary meanwhile.
    for item in dict.items().iter() {
        let (key, value) =
            item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().map_err(errors::unchanged)?;
        entries.push((key_text(&key)?, inward(target, &value, depth, left)?));
    }
    Ok(target.heap().dictionary(entries.iter().map(|(key, term)| (&**key, *term))))
}

/// A dictionary key as text: strings as they are, other simple keys by their JSON text.
fn key_text(key: &Bound<'_, PyAny>) -> Result<String, HostError> {
    if let Ok(text) = key.cast::<PyString>() {
        return text_of(text).map(str::to_owned);
    }
    if key.is_none() {
        return Ok("null".to_owned());
    }
    if let Ok(truth) = key.cast::<PyBool>() {
        return Ok(truth.is_true().to_string());
    }
    if let Ok(number) = key.cast::<PyFloat>() {
        return Ok(match number.value() {
            value if value.is_nan() => "NaN".to_owned(),
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            _ => described(number.as_any()),
        });
    }
    if let Ok(number) = key.cast::<PyInt>() {
        return Ok(described(number.as_any()));
    }
    Err(refused("a dictionary has a key that is neither text nor a number; only such keys can be looked up"))
}

fn text_of<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, HostError> {
    text.to_str()
        .map_err(|error| refused("a string is not valid Unicode text").with_source(Carried::Cause(error)))
}

fn deeper(depth: usize, items: usize, left: &mut usize) -> Result<usize, HostError> {
    *left = left.checked_sub(items).ok_or_else(|| refused("a list or dictionary has too many items"))?;
    depth.checked_sub(1).ok_or_else(|| {
        refused("a value has lists or dictionaries nested too deeply, or one that contains itself")
    })
}

#[cold]
fn refused(message: &str) -> HostError {
    HostError::new(HostErrorKind::Unsupported, message)
}

/// `repr(value)`, shortened; never fails.
pub(crate) fn described(value: &Bound<'_, PyAny>) -> String {
    match value.repr().and_then(|text| text.to_str().map(str::to_owned)) {
        Ok(text) if text.chars().count() <= 200 => text,
        Ok(text) => text.chars().take(199).chain(['…']).collect(),
        Err(_) => {
            format!("<{} object>", value.get_type().name().map_or_else(|_| "?".to_owned(), |n| n.to_string()))
        }
    }
}

/// Terms as Python values.
pub(crate) struct Outgoing<'a> {
    pub(crate) heap: &'a Heap<Object>,
    pub(crate) loaded: &'a Loaded,
    /// Names of the question's variables, where they are known.
    pub(crate) variables: Option<&'a dyn Fn(Variable) -> Option<String>>,
}

impl Outgoing<'_> {
    pub(crate) fn value<'py>(&self, py: Python<'py>, term: Term) -> PyResult<Bound<'py, PyAny>> {
        let mut left = ITEMS;
        self.outward(py, term, DEPTH, &mut left)
    }

    fn outward<'py>(
        &self,
        py: Python<'py>,
        term: Term,
        depth: usize,
        left: &mut usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self.heap.view(term) {
            View::Nil => py.None().into_bound(py),
            View::Boolean(value) => PyBool::new(py, value).to_owned().into_any(),
            View::Integer(value) => value.into_pyobject(py)?.into_any(),
            View::Float(value) => PyFloat::new(py, value).into_any(),
            View::String(text) => {
                let name = Name { text, symbol: self.heap.as_symbol(term) };
                let known = self.loaded.name(py, name).cloned();
                known.unwrap_or_else(|| PyString::new(py, text)).into_any()
            }
            View::List(items) => {
                if items.rest().is_some() {
                    return Err(errors::exception(
                        py,
                        "UnexpectedPolarTypeError",
                        "a list in the answer has an open end (`*rest`) that nothing binds",
                    ));
                }
                let depth = deeper(depth, items.len(), left).map_err(|e| errors::of_value(py, e))?;
                let list = PyList::empty(py);
                for item in items.iter() {
                    list.append(self.outward(py, item, depth, left)?)?;
                }
                list.into_any()
            }
            View::Dictionary(entries) => {
                let depth = deeper(depth, entries.len(), left).map_err(|e| errors::of_value(py, e))?;
                let dict = PyDict::new(py);
                for (key, item) in entries.iter() {
                    dict.set_item(key, self.outward(py, item, depth, left)?)?;
                }
                dict.into_any()
            }
            View::Object(object) => object.bind(py).clone(),
            // Python policies keep no facts yet.
            View::Entity { type_name, id } => {
                PyString::new(py, &ValueRef::entity(type_name, id).to_string()).into_any()
            }
            View::Variable(variable) => errors::variable(py, &self.variable_name(variable))?,
        })
    }

    pub(crate) fn variable_name(&self, variable: Variable) -> String {
        self.variables.and_then(|name| name(variable)).unwrap_or_else(|| {
            // Variables of rules have no names of their own; their number tells them apart.
            let number: String = format!("{variable:?}").chars().filter(char::is_ascii_digit).collect();
            format!("_{number}")
        })
    }
}
