//! From Rust values to policies.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::error::Error as StdError;

use crate::PolarClass;
use crate::class::{Class, ClassBuilder};
use crate::errors::{OsoError, Result};
use crate::value::{Instance, PolarValue};

/// A Rust value that can be handed to a policy.
///
/// ```
/// use oso::{PolarValue, ToPolar};
/// assert_eq!("a".to_polar(), PolarValue::String("a".to_owned()));
/// assert_eq!(7u8.to_polar(), PolarValue::Integer(7));
/// ```
pub trait ToPolar {
    /// As a value of a policy.
    fn to_polar(self) -> PolarValue;
}

impl<C: PolarClass + Send + Sync> ToPolar for C {
    fn to_polar(self) -> PolarValue {
        PolarValue::Instance(Instance::with_class(self, C::get_polar_class))
    }
}

/// What attributes and methods may return: a value, or a `Result` whose error ends the query.
pub trait ToPolarResult {
    /// As a value of a policy.
    ///
    /// # Errors
    /// [`OsoError::ApplicationError`] with the application's error.
    fn to_polar_result(self) -> Result<PolarValue>;
}

impl<R: ToPolar> ToPolarResult for R {
    fn to_polar_result(self) -> Result<PolarValue> {
        Ok(self.to_polar())
    }
}

impl<R: ToPolar, E: StdError + Send + Sync + 'static> ToPolarResult for std::result::Result<R, E> {
    fn to_polar_result(self) -> Result<PolarValue> {
        self.map(ToPolar::to_polar).map_err(|error| OsoError::ApplicationError {
            source: Box::new(error),
            type_name: None,
            attr: None,
        })
    }
}

/// Arguments of a rule: a tuple of up to sixteen values.
///
/// ```
/// use oso::ToPolarList;
/// assert_eq!((1, "a", true).to_polar_list().len(), 3);
/// ```
pub trait ToPolarList {
    /// As values of a policy.
    fn to_polar_list(self) -> Vec<PolarValue>;
}

impl ToPolarList for () {
    fn to_polar_list(self) -> Vec<PolarValue> {
        Vec::new()
    }
}

/// Implements [`ToPolar`] for values by an expression.
macro_rules! values {
    ($($ty:ty: |$value:ident| $polar:expr;)*) => {$(
        impl ToPolar for $ty {
            fn to_polar(self) -> PolarValue {
                let $value = self;
                $polar
            }
        }
    )*};
}

values! {
    bool: |value| PolarValue::Boolean(value);
    u8: |value| PolarValue::Integer(value.into());
    i8: |value| PolarValue::Integer(value.into());
    u16: |value| PolarValue::Integer(value.into());
    i16: |value| PolarValue::Integer(value.into());
    u32: |value| PolarValue::Integer(value.into());
    i32: |value| PolarValue::Integer(value.into());
    i64: |value| PolarValue::Integer(value);
    f32: |value| PolarValue::Float(value.into());
    f64: |value| PolarValue::Float(value);
    String: |value| PolarValue::String(value);
    &str: |value| PolarValue::String(value.to_owned());
    PolarValue: |value| value;
}

/// Implements [`ToPolar`] for collections, which become lists.
macro_rules! lists {
    ($($ty:ident),*) => {$(
        impl<T: ToPolar> ToPolar for $ty<T> {
            fn to_polar(self) -> PolarValue {
                PolarValue::List(self.into_iter().map(ToPolar::to_polar).collect())
            }
        }
    )*};
}

lists!(Vec, VecDeque, LinkedList, HashSet, BTreeSet, BinaryHeap);

impl<T: Clone + ToPolar> ToPolar for &[T] {
    fn to_polar(self) -> PolarValue {
        PolarValue::List(self.iter().cloned().map(ToPolar::to_polar).collect())
    }
}

/// Implements [`ToPolar`] for maps with text as keys, which become dictionaries.
macro_rules! maps {
    ($($ty:ident<$key:ty>),*) => {$(
        impl<T: ToPolar> ToPolar for $ty<$key, T> {
            fn to_polar(self) -> PolarValue {
                PolarValue::Map(self.into_iter().map(|(key, value)| (key.to_string(), value.to_polar())).collect())
            }
        }
    )*};
}

maps!(HashMap<String>, HashMap<&str>, BTreeMap<String>, BTreeMap<&str>);

impl<T: ToPolar> ToPolar for Option<T> {
    /// An object of class `Option`: it can be unwrapped, asked `is_none`, and looked into with `in`.
    fn to_polar(self) -> PolarValue {
        PolarValue::new_from_instance(self.map(ToPolar::to_polar))
    }
}

/// The items of an object that can stand after `in`.
pub struct PolarIterator(pub Box<dyn PolarResultIter>);

impl PolarIterator {
    /// Goes over those items.
    pub fn new<I: PolarResultIter + 'static>(items: I) -> Self {
        PolarIterator(Box::new(items))
    }
}

impl Iterator for PolarIterator {
    type Item = Result<PolarValue>;

    fn next(&mut self) -> Option<Result<PolarValue>> {
        self.0.next()
    }
}

impl Clone for PolarIterator {
    fn clone(&self) -> Self {
        PolarIterator(self.0.box_clone())
    }
}

impl PolarClass for PolarIterator {
    fn get_polar_class_builder() -> ClassBuilder<Self> {
        Class::builder::<Self>().name("PolarIterator").set_into_iter(PolarIterator::clone)
    }
}

/// An iterator whose items policies can see.
pub trait PolarResultIter: Send + Sync {
    /// A copy that goes on from here.
    fn box_clone(&self) -> Box<dyn PolarResultIter>;

    /// The next item.
    fn next(&mut self) -> Option<Result<PolarValue>>;
}

impl<I, V> PolarResultIter for I
where
    I: Iterator<Item = V> + Clone + Send + Sync + 'static,
    V: ToPolarResult,
{
    fn box_clone(&self) -> Box<dyn PolarResultIter> {
        Box::new(self.clone())
    }

    fn next(&mut self) -> Option<Result<PolarValue>> {
        Iterator::next(self).map(ToPolarResult::to_polar_result)
    }
}

/// Implements [`ToPolarList`] for tuples.
macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: ToPolar),*> ToPolarList for ($($name,)*) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn to_polar_list(self) -> Vec<PolarValue> {
                let ($($name,)*) = self;
                vec![$($name.to_polar()),*]
            }
        }
    };
}

crate::function::up_to_sixteen!(tuples);
