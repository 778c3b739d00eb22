//! Lists of Python objects, gone through where they stand.
//!
//! INVARIANT: the items and attributes that are read are those that the policy reads one by one before it says no, each no more
//! often than there, and what one of them fails at is left to the policy, which then meets it in its own order.

use arctos::{Heap, ItemTests, View, Wanted};
use pyo3::ffi::PyTypeObject;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::attributes;
use crate::errors::is_variable;
use crate::loaded::Loaded;
use crate::object::Object;

/// Items that are looked at; the engine counts the steps through longer lists.
const MOST_ITEMS: usize = 4096;

/// A value whose equality is known by looking.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a, 'py> {
    Text(&'a str),
    Boolean(bool),
    Integer(i64),
    /// Equal to itself; its class says to what else.
    Object(&'a Bound<'py, PyAny>),
}

impl<'a, 'py> Seen<'a, 'py> {
    /// None of a value that the engine takes apart, or does not take.
    pub(crate) fn of(value: &'a Bound<'py, PyAny>) -> Option<Self> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            return text.to_str().ok().map(Seen::Text);
        }
        if let Ok(truth) = value.cast_exact::<PyBool>() {
            return Some(Seen::Boolean(truth.is_true()));
        }
        if let Ok(number) = value.cast_exact::<PyInt>() {
            return number.extract().ok().map(Seen::Integer);
        }
        let is_taken_apart = value.is_exact_instance_of::<PyFloat>()
            || value.is_exact_instance_of::<PyList>()
            || value.is_exact_instance_of::<PyDict>()
            || is_variable(value);
        (!is_taken_apart).then_some(Seen::Object(value))
    }

    /// A value of the policy.
    pub(crate) fn of_view(py: Python<'py>, value: &View<'a, Object>) -> Option<Self> {
        match value {
            View::String(text) => Some(Seen::Text(text)),
            View::Boolean(truth) => Some(Seen::Boolean(*truth)),
            View::Integer(number) => Some(Seen::Integer(*number)),
            View::Object(object) => Some(Seen::Object(object.bind(py))),
            _ => None,
        }
    }

    /// As `=` understands it; `None` where the engine has to compare.
    pub(crate) fn equals(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Seen::Text(a), Seen::Text(b)) => Some(a == b),
            (Seen::Boolean(a), Seen::Boolean(b)) => Some(a == b),
            (Seen::Integer(a), Seen::Integer(b)) => Some(a == b),
            (Seen::Object(a), Seen::Object(b)) => a.is(b).then_some(true),
            (Seen::Object(_), _) | (_, Seen::Object(_)) => None,
            _ => Some(false),
        }
    }
}

/// Whether a list or tuple has an item that passes all tests; `None` where that cannot be told by looking.
pub(crate) fn any_item<'py>(
    loaded: &Loaded,
    heap: &Heap<Object>,
    tests: ItemTests<'_>,
    list: &Bound<'py, PyAny>,
) -> Option<bool> {
    let py = list.py();
    let mut made = [const { None }; ItemTests::MOST];
    for (slot, test) in made.iter_mut().zip(tests.iter()) {
        let attribute = match test.attribute {
            Some(name) => Some(loaded.name(py, name)?),
            None => None,
        };
        *slot = Some(Test { attribute, wanted: test.wanted, read: None });
    }
    Search { loaded, heap, py, tests: &mut made, object: std::ptr::null() }.among(list)
}

/// The search for an item that passes all tests.
struct Search<'a, 'py> {
    loaded: &'a Loaded,
    heap: &'a Heap<Object>,
    py: Python<'py>,
    tests: &'a mut [Option<Test<'a, 'py>>],
    /// A type whose instances are [`Seen::Object`]s, as they then are for good: the others are there as long as we are.
    object: *const PyTypeObject,
}

/// An [`ItemTest`](arctos::ItemTest) with what is the same for each item.
struct Test<'a, 'py> {
    /// The attribute that is looked at; `None` for the item itself.
    attribute: Option<&'a Bound<'py, PyString>>,
    wanted: Wanted<'a>,
    /// The attribute that is wanted, once it has been read.
    read: Option<Bound<'py, PyAny>>,
}

impl<'a, 'py> Test<'a, 'py> {
    /// If the item passes, the place of the value that it has, among those that it may have.
    #[inline]
    fn passes(
        &mut self,
        item: Seen<'_, 'py>,
        loaded: &Loaded,
        heap: &Heap<Object>,
        py: Python<'py>,
    ) -> Option<Option<usize>> {
        let attribute;
        let found = match self.attribute {
            Some(name) => {
                let Seen::Object(item) = item else { return None };
                attribute = item.getattr(name).ok()?;
                Seen::of(&attribute)?
            }
            None => item,
        };
        match self.wanted {
            Wanted::OneOf(values) => {
                for (place, value) in values.iter().enumerate() {
                    if found.equals(Seen::of_view(py, &heap.view(value))?)? {
                        return Some(Some(place));
                    }
                }
                Some(None)
            }
            Wanted::Attribute(of, name) => {
                let value = match &mut self.read {
                    Some(value) => &*value,
                    read => read.insert(attributes::read(loaded, heap.as_object(of)?.bind(py), name).ok()?),
                };
                Some(found.equals(Seen::of(value)?)?.then_some(0))
            }
        }
    }
}

impl<'py> Search<'_, 'py> {
    fn among(&mut self, list: &Bound<'py, PyAny>) -> Option<bool> {
        if let Ok(tuple) = list.cast_exact::<PyTuple>() {
            return Some(self.any(tuple.len(), |index| tuple.get_item(index).ok())?.0);
        }
        let list = list.cast_exact::<PyList>().ok()?;
        let (found, looked_at) = self.any(list.len(), |index| list.get_item(index).ok())?;
        // The policy takes a list as a whole, before it looks at any item.
        let mut others = (looked_at..list.len()).map(|index| list.get_item(index));
        others.all(|item| item.is_ok_and(|item| Seen::of(&item).is_some())).then_some(found)
    }

    /// Whether there is one, and how many items have been looked at.
    #[inline]
    fn any(
        &mut self,
        len: usize,
        item: impl Fn(usize) -> Option<Bound<'py, PyAny>>,
    ) -> Option<(bool, usize)> {
        if len > MOST_ITEMS {
            return None;
        }
        let mut found = false;
        for index in 0..len {
            // Reading an attribute may have made the list shorter.
            let Some(value) = self.passes(&item(index)?)? else { continue };
            found = true;
            // The policy tries the first value with all items before the second: it ends here too.
            if value == 0 {
                return Some((true, index + 1));
            }
        }
        Some((found, len))
    }

    /// If the item passes all tests, the place of the value that it has, among those that it may have.
    fn passes(&mut self, item: &Bound<'py, PyAny>) -> Option<Option<usize>> {
        let type_ = item.get_type_ptr();
        let seen = if self.object == type_ { Seen::Object(item) } else { Seen::of(item)? };
        if matches!(seen, Seen::Object(_)) {
            self.object = type_;
        }
        let mut place = 0;
        for test in self.tests.iter_mut().flatten() {
            match test.passes(seen, self.loaded, self.heap, self.py)? {
                Some(value) => place = place.max(value),
                None => return Some(None),
            }
        }
        Some(Some(place))
    }
}
