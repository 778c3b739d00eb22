//! Attributes of a class: fields, which can be looked at where they stand, and functions.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::rust::class::this;
use crate::rust::function::Getter;
use crate::rust::items::Search;
use crate::rust::object::Scope;
use crate::rust::peek::{Peek, Shape, Sought};
use crate::rust::to_polar::AsPolar;
use crate::{HostError, Term};

/// What a class keeps under the name of an attribute.
pub(crate) trait Attribute: Send + Sync {
    /// Hands its value over.
    fn get<'q>(&self, object: &'q dyn Any, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;

    /// As [`AsPolar::peek`]. A value that is computed cannot be seen.
    fn peek<'a>(&self, object: &'a dyn Any) -> Option<Peek<'a>> {
        let _ = object;
        None
    }

    /// Whether its value is that, as far as looking tells.
    fn is(&self, object: &dyn Any, sought: &Sought<'_>) -> Option<bool> {
        sought.is(self.peek(object)?)
    }

    /// As [`AsPolar::vector`].
    fn vector<'a>(&self, object: &'a dyn Any) -> Option<(&'a dyn Any, usize)> {
        let _ = object;
        None
    }

    /// The place of the first object in a vector, from one place on, whose value is that; the vector's length where there is
    /// none. As far as looking tells.
    fn first(&self, objects: &dyn Any, from: usize, sought: &Sought<'_>) -> Option<usize> {
        let _ = (objects, from, sought);
        None
    }

    /// As [`Attribute::is`], of the object at a place of a vector.
    fn is_at(&self, objects: &dyn Any, place: usize, sought: &Sought<'_>) -> Option<bool> {
        let _ = (objects, place, sought);
        None
    }

    /// As [`AsPolar::SHAPE`].
    fn shape(&self) -> Shape {
        Shape::Any
    }

    /// As [`AsPolar::show_items`].
    fn show_items(&self, object: &dyn Any, search: &mut Search<'_>) -> bool {
        let _ = (object, search);
        false
    }
}

/// A field `V` of every `T`.
pub(crate) struct Field<T, V: ?Sized, F> {
    field: F,
    types: PhantomData<fn(&T) -> &V>,
}

impl<T, V: ?Sized, F: for<'a> Fn(&'a T) -> &'a V> Field<T, V, F> {
    pub(crate) fn new(field: F) -> Self {
        Field { field, types: PhantomData }
    }
}

impl<T, V, F> Attribute for Field<T, V, F>
where
    T: 'static,
    V: AsPolar + ?Sized + 'static,
    F: for<'a> Fn(&'a T) -> &'a V + Send + Sync,
{
    fn get<'q>(&self, object: &'q dyn Any, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (self.field)(this(object)?).as_polar(scope)
    }

    fn peek<'a>(&self, object: &'a dyn Any) -> Option<Peek<'a>> {
        (self.field)(object.downcast_ref()?).peek()
    }

    // PERF: the same as the trait's, with the type of the value known.
    fn is(&self, object: &dyn Any, sought: &Sought<'_>) -> Option<bool> {
        sought.is((self.field)(object.downcast_ref()?).peek()?)
    }

    fn vector<'a>(&self, object: &'a dyn Any) -> Option<(&'a dyn Any, usize)> {
        (self.field)(object.downcast_ref()?).vector()
    }

    fn first(&self, objects: &dyn Any, from: usize, sought: &Sought<'_>) -> Option<usize> {
        let objects: &Vec<T> = objects.downcast_ref()?;
        for (offset, object) in objects.get(from..)?.iter().enumerate() {
            if sought.is((self.field)(object).peek()?)? {
                return Some(from + offset);
            }
        }
        Some(objects.len())
    }

    fn is_at(&self, objects: &dyn Any, place: usize, sought: &Sought<'_>) -> Option<bool> {
        let objects: &Vec<T> = objects.downcast_ref()?;
        sought.is((self.field)(objects.get(place)?).peek()?)
    }

    fn shape(&self) -> Shape {
        V::SHAPE
    }

    fn show_items(&self, object: &dyn Any, search: &mut Search<'_>) -> bool {
        object.downcast_ref().is_some_and(|this| (self.field)(this).show_items(search))
    }
}

/// A field that only some variants of an enum have.
pub(crate) struct VariantField<T, V: ?Sized, F> {
    field: F,
    /// What other variants have under that name.
    others: Option<Arc<dyn Attribute>>,
    /// The message for variants that have nothing under it.
    missing: String,
    types: PhantomData<fn(&T) -> &V>,
}

impl<T, V: ?Sized, F: for<'a> Fn(&'a T) -> Option<&'a V>> VariantField<T, V, F> {
    pub(crate) fn new(field: F, others: Option<Arc<dyn Attribute>>, missing: String) -> Self {
        VariantField { field, others, missing, types: PhantomData }
    }
}

impl<T, V, F> Attribute for VariantField<T, V, F>
where
    T: 'static,
    V: AsPolar + ?Sized + 'static,
    F: for<'a> Fn(&'a T) -> Option<&'a V> + Send + Sync,
{
    fn get<'q>(&self, object: &'q dyn Any, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        match ((self.field)(this(object)?), &self.others) {
            (Some(field), _) => field.as_polar(scope),
            (None, Some(others)) => others.get(object, scope),
            (None, None) => Err(HostError::missing(self.missing.clone())),
        }
    }

    fn peek<'a>(&self, object: &'a dyn Any) -> Option<Peek<'a>> {
        match (self.field)(object.downcast_ref()?) {
            Some(field) => field.peek(),
            None => self.others.as_ref()?.peek(object),
        }
    }
}

/// A function of the object.
pub(crate) struct Computed<T, F> {
    getter: F,
    types: PhantomData<fn(&T)>,
}

impl<T, F> Computed<T, F> {
    pub(crate) fn new(getter: F) -> Self {
        Computed { getter, types: PhantomData }
    }
}

impl<T: 'static, F: for<'q> Getter<'q, T>> Attribute for Computed<T, F> {
    fn get<'q>(&self, object: &'q dyn Any, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        self.getter.get(this(object)?, scope)
    }
}
