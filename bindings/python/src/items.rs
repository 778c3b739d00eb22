//! Lists of Python objects, gone through where they stand.
//!
//! INVARIANT: the items and attributes that are read are those that the policy reads one by one before it says no, and what
//! one of them fails at is left to the policy, which then meets it in its own order.

use arctos::{Heap, ItemTest, ItemTests, View, Wanted};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::attributes::read;
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

/// The search for an item that passes all tests.
pub(crate) struct Search<'a, 'py> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) py: Python<'py>,
    pub(crate) heap: &'a Heap<Object>,
    pub(crate) tests: ItemTests<'a>,
}

/// By test: the attribute that items are compared with, once it has been read.
type Wanteds<'py> = [Option<Bound<'py, PyAny>>; ItemTests::MOST];

impl<'py> Search<'_, 'py> {
    /// Whether there is one in a list or tuple; `None` where that cannot be told by looking.
    pub(crate) fn among(&self, list: &Bound<'py, PyAny>) -> Option<bool> {
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
    fn any(&self, len: usize, item: impl Fn(usize) -> Option<Bound<'py, PyAny>>) -> Option<(bool, usize)> {
        if len > MOST_ITEMS {
            return None;
        }
        let mut wanteds = [const { None }; ItemTests::MOST];
        let mut found = false;
        for index in 0..len {
            // Reading an attribute may have made the list shorter.
            let Some(value) = self.passes(&item(index)?, &mut wanteds)? else { continue };
            found = true;
            // The policy tries the first value with all items before the second: it ends here too.
            if value == 0 {
                return Some((true, index + 1));
            }
        }
        Some((found, len))
    }

    /// If the item passes all tests, the place of the value that it has, among those that it may have.
    fn passes(&self, item: &Bound<'py, PyAny>, wanteds: &mut Wanteds<'py>) -> Option<Option<usize>> {
        let seen = Seen::of(item)?;
        let mut place = 0;
        for (test, wanted) in self.tests.iter().zip(wanteds) {
            match self.passes_test(seen, test, wanted)? {
                Some(value) => place = place.max(value),
                None => return Some(None),
            }
        }
        Some(Some(place))
    }

    fn passes_test(
        &self,
        item: Seen<'_, 'py>,
        test: ItemTest<'_>,
        wanted: &mut Option<Bound<'py, PyAny>>,
    ) -> Option<Option<usize>> {
        let attribute;
        let found = match test.attribute {
            Some(name) => {
                let Seen::Object(item) = item else { return None };
                attribute = read(self.loaded, item, name).ok()?;
                Seen::of(&attribute)?
            }
            None => item,
        };
        match test.wanted {
            Wanted::OneOf(values) => {
                for (place, value) in values.iter().enumerate() {
                    if found.equals(Seen::of_view(self.py, &self.heap.view(value))?)? {
                        return Some(Some(place));
                    }
                }
                Some(None)
            }
            Wanted::Attribute(of, name) => {
                let value = match wanted {
                    Some(value) => &*value,
                    None => {
                        let View::Object(of) = self.heap.view(of) else { return None };
                        wanted.insert(read(self.loaded, of.bind(self.py), name).ok()?)
                    }
                };
                Some(found.equals(Seen::of(value)?)?.then_some(0))
            }
        }
    }
}
