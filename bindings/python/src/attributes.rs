//! Attributes of Python objects, by the names that policies have for them.

use arctos::{HostError, HostErrorKind, Name};
use pyo3::exceptions::PyAttributeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::described;
use crate::errors::{caused, unchanged};
use crate::loaded::Loaded;

/// `object.name`, telling "no such attribute" from "the attribute's own code failed".
pub(crate) fn read<'py>(
    loaded: &Loaded,
    object: &Bound<'py, PyAny>,
    name: Name<'_>,
) -> Result<Bound<'py, PyAny>, HostError> {
    let py = object.py();
    let made;
    let text = match loaded.name(py, name) {
        Some(text) => text,
        None => {
            made = PyString::new(py, name.text);
            &made
        }
    };
    object.getattr(text).map_err(|error| failure(object, text, error))
}

#[cold]
fn failure(object: &Bound<'_, PyAny>, name: &Bound<'_, PyString>, error: PyErr) -> HostError {
    let py = object.py();
    if !error.is_instance_of::<PyAttributeError>(py) {
        return unchanged(error);
    }
    if has_property(object, name) {
        let message = format!("property `{name}` of {} failed: {error}", described(object));
        return caused(py, HostErrorKind::Failed, message, error);
    }
    HostError::missing(format!(
        "`{}` object has no attribute or method `{name}`",
        object.get_type().name().map_or_else(|_| "?".to_owned(), |n| n.to_string()),
    ))
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
