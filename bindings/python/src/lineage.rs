//! Which registered classes a Python type belongs to.
//!
//! Computed once a type from its method resolution order, then found by the type's address. Abstract base classes and
//! others with a `__subclasscheck__` of their own are asked when a type is first seen; classes whose metaclass decides
//! by the object (`__instancecheck__`) are asked for every object; objects that claim another `__class__` (proxies,
//! mocks) are believed, as `isinstance` believes them.
//!
//! INVARIANT: no lock is held while Python code runs.

use std::sync::{Arc, PoisonError, RwLock};

use arctos::{ClassId, Schema};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use rustc_hash::FxHashMap;

/// Types remembered at most, so that programs that make classes without end do not grow this table without end.
const REMEMBERED: usize = 8192;

/// What is known of a type or an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    None,
    Class(ClassId),
    Mixed(Arc<[ClassId]>),
}

/// What is known of an object.
pub(crate) struct Found {
    pub(crate) known: Known,
    /// The same is known of all objects of its type.
    pub(crate) is_by_type: bool,
}

struct Entry {
    known: Known,
    /// Instances may claim another class through `__class__`.
    claims: bool,
    /// Keeps the address from being reused.
    _type: Py<PyType>,
}

/// The registered classes, found by type.
pub(crate) struct Lineages {
    by_address: FxHashMap<usize, Vec<ClassId>>,
    classes: Vec<(ClassId, Py<PyType>)>,
    /// Registered classes that decide themselves what a subclass is.
    virtual_: Vec<usize>,
    /// Registered classes that decide by the object what an instance is.
    by_object: Vec<usize>,
    schema_lineages: Vec<Vec<ClassId>>,
    seen: RwLock<FxHashMap<usize, Entry>>,
}

impl Lineages {
    /// Finds the hierarchy of `classes` (in order of their ids) and writes it into `schema`.
    pub(crate) fn new(
        py: Python<'_>,
        schema: &mut Schema,
        classes: &[(String, Py<PyType>)],
    ) -> PyResult<Lineages> {
        let classes: Vec<(ClassId, Py<PyType>)> = classes
            .iter()
            .filter_map(|(name, class)| Some((schema.class(name)?, class.clone_ref(py))))
            .collect();
        let mut by_address: FxHashMap<usize, Vec<ClassId>> = FxHashMap::default();
        let (mut virtual_, mut by_object) = (Vec::new(), Vec::new());
        for (index, (id, class)) in classes.iter().enumerate() {
            by_address.entry(class.as_ptr() as usize).or_default().push(*id);
            match checks_of(class.bind(py))? {
                Checks::Ordinary => {}
                Checks::ByType => virtual_.push(index),
                Checks::ByObject => by_object.push(index),
            }
        }
        let mut lineages = Lineages {
            by_address,
            classes,
            virtual_,
            by_object,
            schema_lineages: Vec::new(),
            seen: RwLock::default(),
        };
        lineages.write_schema(py, schema)?;
        Ok(lineages)
    }

    fn write_schema(&mut self, py: Python<'_>, schema: &mut Schema) -> PyResult<()> {
        for (id, class) in &self.classes {
            let mut lineage = self.of_type(class.bind(py))?;
            // A class under several names begins its lineage with the name that is asked about.
            lineage.retain(|other| other != id);
            lineage.insert(0, *id);
            schema.set_lineage(*id, lineage);
        }
        let count = schema.classes().count();
        self.schema_lineages = vec![Vec::new(); count];
        for (id, class) in schema.classes() {
            if let Some(slot) = self.schema_lineages.get_mut(id.index()) {
                slot.clone_from(&class.lineage);
            }
        }
        Ok(())
    }

    /// The class registered under that id.
    pub(crate) fn class<'py>(&self, py: Python<'py>, id: ClassId) -> Option<&Bound<'py, PyType>> {
        self.classes.iter().find(|(other, _)| *other == id).map(|(_, class)| class.bind(py))
    }

    /// The registered classes of an object, most specific first.
    pub(crate) fn of_object(&self, object: &Bound<'_, PyAny>) -> PyResult<Found> {
        let type_ = object.get_type();
        let (known, claims) = self.remembered(&type_)?;
        let known = if claims { self.claimed(object, &type_, known)? } else { known };
        let class = object.cast::<PyType>();
        let known = match class {
            Ok(class) => self.of_class_value(class, known),
            Err(_) => known,
        };
        if !self.by_object.is_empty() {
            return Ok(Found { known: self.asked(object, known)?, is_by_type: false });
        }
        Ok(Found { known, is_by_type: !claims && class.is_err() })
    }

    /// A registered class used as a value counts as one of its own instances (`User matches User`).
    fn of_class_value(&self, class: &Bound<'_, PyType>, known: Known) -> Known {
        let Some(id) = self.by_address.get(&(class.as_ptr() as usize)).and_then(|ids| ids.first()) else {
            return known;
        };
        let own = self.schema_lineages.get(id.index()).cloned().unwrap_or_default();
        self.settle(self.joined(own, &known))
    }

    /// The object says that it is of another class than its type.
    fn claimed(&self, object: &Bound<'_, PyAny>, type_: &Bound<'_, PyType>, known: Known) -> PyResult<Known> {
        let claimed = object.getattr(intern!(object.py(), "__class__"))?;
        match claimed.cast::<PyType>() {
            Ok(class) if !class.is(type_) => {
                let ids = self.ids(&self.remembered(class)?.0);
                Ok(self.settle(self.joined(ids, &known)))
            }
            _ => Ok(known),
        }
    }

    /// Asks the classes that decide by the object.
    fn asked(&self, object: &Bound<'_, PyAny>, known: Known) -> PyResult<Known> {
        let mut ids = self.ids(&known);
        for (id, class) in self.by_object.iter().filter_map(|index| self.classes.get(*index)) {
            if !ids.contains(id) && object.is_instance(class.bind(object.py()))? {
                ids.push(*id);
            }
        }
        Ok(self.settle(ids))
    }

    fn remembered(&self, type_: &Bound<'_, PyType>) -> PyResult<(Known, bool)> {
        let address = type_.as_ptr() as usize;
        if let Some(entry) = self.seen.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
            return Ok((entry.known.clone(), entry.claims));
        }
        let known = self.settle(self.of_type(type_)?);
        let claims = claims_class(type_)?;
        let entry = Entry { known: known.clone(), claims, _type: type_.clone().unbind() };
        let mut forgotten = Vec::new();
        {
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            if seen.len() >= REMEMBERED {
                forgotten.extend(seen.drain());
            }
            forgotten.extend(seen.insert(address, entry).map(|old| (address, old)));
        }
        drop(forgotten); // outside the lock: the last reference to a class may run Python code
        Ok((known, claims))
    }

    fn of_type(&self, type_: &Bound<'_, PyType>) -> PyResult<Vec<ClassId>> {
        let mut ids = Vec::new();
        for base in type_.mro().iter() {
            for id in self.by_address.get(&(base.as_ptr() as usize)).into_iter().flatten() {
                if !ids.contains(id) {
                    ids.push(*id);
                }
            }
        }
        for (id, class) in self.virtual_.iter().filter_map(|index| self.classes.get(*index)) {
            if !ids.contains(id) && type_.is_subclass(class.bind(type_.py()))? {
                ids.push(*id);
            }
        }
        Ok(ids)
    }

    fn joined(&self, mut ids: Vec<ClassId>, known: &Known) -> Vec<ClassId> {
        for id in self.ids(known) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn ids(&self, known: &Known) -> Vec<ClassId> {
        match known {
            Known::None => Vec::new(),
            Known::Class(id) => self.schema_lineages.get(id.index()).cloned().unwrap_or_default(),
            Known::Mixed(ids) => ids.to_vec(),
        }
    }

    fn settle(&self, ids: Vec<ClassId>) -> Known {
        match ids.first() {
            None => Known::None,
            Some(first) if self.schema_lineages.get(first.index()) == Some(&ids) => Known::Class(*first),
            Some(_) => Known::Mixed(ids.into()),
        }
    }
}

/// Who decides what belongs to a class.
enum Checks {
    Ordinary,
    ByType,
    ByObject,
}

fn checks_of(class: &Bound<'_, PyType>) -> PyResult<Checks> {
    let py = class.py();
    let meta = class.get_type();
    let plain = py.get_type::<PyType>();
    if meta.is(&plain) {
        return Ok(Checks::Ordinary);
    }
    let abc = py.import(intern!(py, "abc"))?.getattr(intern!(py, "ABCMeta"))?;
    let instance = intern!(py, "__instancecheck__");
    let own = meta.getattr(instance)?;
    if !own.is(&plain.getattr(instance)?) && !own.is(&abc.getattr(instance)?) {
        return Ok(Checks::ByObject);
    }
    let subclass = intern!(py, "__subclasscheck__");
    if meta.getattr(subclass)?.is(&plain.getattr(subclass)?) {
        Ok(Checks::Ordinary)
    } else {
        Ok(Checks::ByType)
    }
}

/// True where a class in the hierarchy, other than `object` itself, defines `__class__`.
fn claims_class(type_: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = type_.py();
    let mro: Bound<'_, PyTuple> = type_.mro();
    for base in mro.iter() {
        if base.is(py.get_type::<PyAny>()) {
            continue;
        }
        if base.getattr(intern!(py, "__dict__"))?.contains(intern!(py, "__class__"))? {
            return Ok(true);
        }
    }
    Ok(false)
}
