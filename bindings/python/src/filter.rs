//! What must hold of rows, for Python: the rows' types on the way in, formulas on the way out.
//!
//! A formula's constants are the application's own values; the tree is made of the classes in `arctos.residual`.

use std::hash::{DefaultHasher, Hash, Hasher};

use arctos::residual::{
    Attribute, Constant, Definition, Expression, Formula, Related, Relation, Residual, RowType, RowTypes,
    ValueType,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyString, PyTuple, PyType};

use crate::errors;
use crate::object::Object;

/// Formulas inside one another, when they become Python values.
const DEPTH: usize = 500;

/// An attribute: its name, the name of its type or `None`, and whether it may be nil.
type Attributed = (String, Option<String>, bool);
/// A relation: its name, whether it leads to many rows, their class, and the pairs of attributes that are equal.
type Relating = (String, bool, String, Vec<(String, String)>);

/// A class: its name, the key that tells rows apart, attributes, relations, whether any other name is an attribute, too, and classes that inherit.
type Described = (String, Vec<String>, Vec<Attributed>, Vec<Relating>, bool, Vec<String>);

/// What is known of the rows that a filter may be about.
#[pyclass(frozen, name = "RowTypes", module = "arctos._arctos")]
pub(crate) struct PyRowTypes(pub(crate) RowTypes);

#[pymethods]
impl PyRowTypes {
    #[new]
    fn new(classes: Vec<Described>) -> PyResult<Self> {
        let mut types = RowTypes::new();
        for (class, key, attributes, relations, has_others, heirs) in classes {
            if key.is_empty() {
                return Err(refused(format!("rows of `{class}` need a key that tells them apart")));
            }
            let mut row = RowType::new(key);
            for (name, value_type, nullable) in attributes {
                let value_type = value_type.as_deref().map(value_type_of).transpose()?;
                row = row.with_attribute(&name, Attribute { value_type, nullable });
            }
            for (name, many, other, on) in relations {
                if on.is_empty() && !many {
                    let message = format!("relation `{name}` of `{class}` needs attributes that are equal");
                    return Err(refused(message));
                }
                let relation = if many { Relation::many(&other, on) } else { Relation::one(&other, on) };
                row = row.relation(&name, relation);
            }
            row = heirs.iter().fold(row, |row, heir| row.heir(heir));
            types = types.with(&class, if has_others { row.with_others() } else { row });
        }
        Ok(PyRowTypes(types))
    }

    /// The names of the classes.
    fn classes(&self) -> Vec<String> {
        self.0.iter().map(|(class, _)| class.to_owned()).collect()
    }
}

fn value_type_of(name: &str) -> PyResult<ValueType> {
    match name {
        "Boolean" => Ok(ValueType::Boolean),
        "Integer" => Ok(ValueType::Integer),
        "Float" => Ok(ValueType::Float),
        "String" => Ok(ValueType::String),
        other => Err(refused(format!("`{other}` is not a type of attributes"))),
    }
}

#[cold]
fn refused(message: String) -> PyErr {
    PyValueError::new_err(message)
}

/// What must hold of a row for a decision to be a yes. Equal ones select the same rows, so that a filter made of one can be kept.
#[pyclass(frozen, name = "Residual", module = "arctos._arctos")]
pub(crate) struct PyResidual {
    residual: Residual<Object>,
    hash: u64,
    tree: PyOnceLock<Py<PyAny>>,
}

impl PyResidual {
    pub(crate) fn new(residual: Residual<Object>) -> Self {
        let mut hasher = DefaultHasher::new();
        (residual.class(), residual.formula()).hash(&mut hasher);
        PyResidual { residual, hash: hasher.finish(), tree: PyOnceLock::new() }
    }
}

#[pymethods]
impl PyResidual {
    /// The name of the rows' class.
    #[getter]
    fn class_name(&self) -> &str {
        self.residual.class()
    }

    /// What must hold of row 0.
    #[getter]
    fn formula<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let made = self.tree.get_or_try_init(py, || {
            let tree = Tree { classes: Classes::get(py)?, objects: self.residual.objects(), py };
            tree.formula(self.residual.formula(), DEPTH).map(Bound::unbind)
        })?;
        Ok(made.bind(py).clone())
    }

    /// How many formulas it is made of; each constant of a list counts as one.
    #[getter]
    fn size(&self) -> usize {
        self.residual.formula().size()
    }

    fn __str__(&self) -> String {
        self.residual.formula().to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Residual of {}: {}>", self.residual.class(), self.residual.formula())
    }

    fn __hash__(&self) -> u64 {
        self.hash
    }

    /// Objects are told apart by what they are, not by what they say: equal ones may be written to a database in different ways.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let Ok(other) = other.cast_exact::<PyResidual>() else { return false };
        let (own, other) = (&self.residual, &other.get().residual);
        let same = |(a, b): (&Object, &Object)| a.address() == b.address();
        own.class() == other.class()
            && own.objects().len() == other.objects().len()
            && own.objects().iter().zip(other.objects()).all(same)
            && own.formula() == other.formula()
    }
}

/// The classes of `arctos.residual`.
struct Classes {
    known: Py<PyType>,
    unknown: Py<PyType>,
    compare: Py<PyType>,
    one_of: Py<PyType>,
    all: Py<PyType>,
    any: Py<PyType>,
    not: Py<PyType>,
    some: Py<PyType>,
    one: Py<PyType>,
    least: Py<PyType>,
    again: Py<PyType>,
    attribute: Py<PyType>,
    arithmetic: Py<PyType>,
}

impl Classes {
    fn get(py: Python<'_>) -> PyResult<&Classes> {
        static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
        CLASSES.get_or_try_init(py, || {
            let module = py.import("arctos.residual")?;
            let class = |name: &str| Ok::<_, PyErr>(module.getattr(name)?.cast_into::<PyType>()?.unbind());
            Ok(Classes {
                known: class("Known")?,
                unknown: class("Unknown")?,
                compare: class("Compare")?,
                one_of: class("OneOf")?,
                all: class("All")?,
                any: class("Any")?,
                not: class("Not")?,
                some: class("Some")?,
                one: class("One")?,
                least: class("Least")?,
                again: class("Again")?,
                attribute: class("Attribute")?,
                arithmetic: class("Arithmetic")?,
            })
        })
    }
}

/// Makes Python values of a formula.
struct Tree<'a, 'py> {
    classes: &'a Classes,
    objects: &'a [Object],
    py: Python<'py>,
}

impl<'py> Tree<'_, 'py> {
    fn formula(&self, formula: &Formula, depth: usize) -> PyResult<Bound<'py, PyAny>> {
        let (py, classes) = (self.py, self.classes);
        let Some(depth) = depth.checked_sub(1) else {
            return Err(errors::exception(py, "UnsupportedError", "a filter is nested too deeply"));
        };
        match formula {
            Formula::Known(value) => classes.known.bind(py).call1((value,)),
            Formula::Unknown => classes.unknown.bind(py).call0(),
            Formula::Compare(op, left, right) => {
                classes.compare.bind(py).call1((op.to_string(), self.value(left)?, self.value(right)?))
            }
            Formula::OneOf(expression, constants) => {
                let constants: Vec<_> =
                    constants.iter().map(|constant| self.constant(constant)).collect::<PyResult<_>>()?;
                let constants = PyTuple::new(py, constants)?;
                classes.one_of.bind(py).call1((self.value(expression)?, constants))
            }
            Formula::All(parts) => classes.all.bind(py).call1((self.parts(parts, depth)?,)),
            Formula::Any(parts) => classes.any.bind(py).call1((self.parts(parts, depth)?,)),
            Formula::Not(inner) => classes.not.bind(py).call1((self.formula(inner, depth)?,)),
            Formula::Some(related) => self.related(&classes.some, related, depth),
            Formula::One(related) => self.related(&classes.one, related, depth),
            Formula::Least(definition, row) => {
                let Definition { number, row: member, class, formula } = &**definition;
                let formula = self.formula(formula, depth)?;
                classes.least.bind(py).call1((row.0, *number, member.0, &**class, formula))
            }
            Formula::Again(number, row) => classes.again.bind(py).call1((row.0, *number)),
            _ => Err(errors::exception(py, "OperationalError", "a formula that Python does not know")),
        }
    }

    fn parts(&self, parts: &[Formula], depth: usize) -> PyResult<Bound<'py, PyTuple>> {
        let parts: Vec<_> = parts.iter().map(|part| self.formula(part, depth)).collect::<PyResult<_>>()?;
        PyTuple::new(self.py, parts)
    }

    fn related(&self, class: &Py<PyType>, related: &Related, depth: usize) -> PyResult<Bound<'py, PyAny>> {
        let Related { row, of, relation, class: other, formula } = related;
        let formula = self.formula(formula, depth)?;
        class.bind(self.py).call1((of.0, &**relation, row.0, &**other, formula))
    }

    fn value(&self, expression: &Expression) -> PyResult<Bound<'py, PyAny>> {
        match expression {
            Expression::Constant(constant) => self.constant(constant),
            Expression::Attribute(row, name) => {
                self.classes.attribute.bind(self.py).call1((row.0, PyString::intern(self.py, name)))
            }
            Expression::Computed(computed) => {
                let (left, right) = (self.value(&computed.left)?, self.value(&computed.right)?);
                self.classes.arithmetic.bind(self.py).call1((computed.op.to_string(), left, right))
            }
            _ => Err(errors::exception(self.py, "OperationalError", "a value that Python does not know")),
        }
    }

    fn constant(&self, constant: &Constant) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match constant {
            Constant::Nil => py.None().into_bound(py),
            Constant::Boolean(value) => PyBool::new(py, *value).to_owned().into_any(),
            Constant::Integer(value) => value.into_pyobject(py)?.into_any(),
            Constant::Float(value) => PyFloat::new(py, *value).into_any(),
            Constant::String(text) => PyString::new(py, text).into_any(),
            Constant::Object(place) => match self.objects.get(*place as usize) {
                Some(object) => object.bind(py).clone(),
                None => return Err(errors::exception(py, "OperationalError", "an object that is not there")),
            },
            _ => {
                return Err(errors::exception(
                    py,
                    "OperationalError",
                    "a constant that Python does not know",
                ));
            }
        })
    }
}
