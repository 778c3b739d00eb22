//! From policies to Rust values.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::Hash;

use crate::PolarClass;
use crate::errors::{OsoError, Result, TypeError};
use crate::value::{Instance, PolarValue};

/// A Rust type that a value of a policy can become. Classes that are [`Clone`] have it.
///
/// ```
/// use oso::{FromPolar, PolarValue};
/// assert_eq!(u8::from_polar(PolarValue::Integer(7))?, 7);
/// assert!(u8::from_polar(PolarValue::Integer(700)).is_err());
/// # Ok::<(), oso::OsoError>(())
/// ```
pub trait FromPolar: Clone {
    /// Reads the value.
    ///
    /// # Errors
    /// Where it is of another kind, or out of range.
    fn from_polar(val: PolarValue) -> Result<Self>;
}

impl<T: PolarClass + Clone + 'static> FromPolar for T {
    fn from_polar(val: PolarValue) -> Result<Self> {
        match val {
            PolarValue::Instance(instance) => instance.downcast::<T>().cloned().map_err(TypeError::user),
            _ => Err(TypeError::expected(std::any::type_name::<T>()).user()),
        }
    }
}

impl FromPolar for PolarValue {
    fn from_polar(val: PolarValue) -> Result<Self> {
        Ok(val)
    }
}

impl FromPolar for Instance {
    fn from_polar(val: PolarValue) -> Result<Self> {
        Ok(match val {
            PolarValue::Integer(value) => Instance::new(value),
            PolarValue::Float(value) => Instance::new(value),
            PolarValue::String(value) => Instance::new(value),
            PolarValue::Boolean(value) => Instance::new(value),
            PolarValue::Map(value) => Instance::new(value),
            PolarValue::List(value) => Instance::new(value),
            PolarValue::Instance(instance) => instance,
            PolarValue::Variable(_) => return Err(OsoError::FromPolar),
        })
    }
}

/// Implements `TryFrom` beside [`FromPolar`].
macro_rules! try_from {
    ($ty:ty $(, $param:ident)?) => {
        impl$(<$param: FromPolar>)? TryFrom<PolarValue> for $ty {
            type Error = OsoError;

            fn try_from(val: PolarValue) -> Result<Self> {
                FromPolar::from_polar(val)
            }
        }
    };
}

/// Implements [`FromPolar`] for integers.
macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl FromPolar for $ty {
            fn from_polar(val: PolarValue) -> Result<Self> {
                match val {
                    PolarValue::Integer(value) => value.try_into().map_err(|_| OsoError::FromPolar),
                    _ => Err(TypeError::expected("Integer").user()),
                }
            }
        }

        try_from!($ty);
    )*};
}

integers!(u8, i8, u16, i16, u32, i32, i64);

/// Implements [`FromPolar`] for types that are one kind of value.
macro_rules! exactly {
    ($($ty:ty: $variant:ident, $name:literal;)*) => {$(
        impl FromPolar for $ty {
            fn from_polar(val: PolarValue) -> Result<Self> {
                match val {
                    PolarValue::$variant(value) => Ok(value),
                    _ => Err(TypeError::expected($name).user()),
                }
            }
        }

        try_from!($ty);
    )*};
}

exactly! {
    f64: Float, "Float";
    String: String, "String";
    bool: Boolean, "Boolean";
}

/// Implements [`FromPolar`] for collections, read from lists.
macro_rules! lists {
    ($($ty:ident: $($bound:ident)*;)*) => {$(
        impl<T: FromPolar $(+ $bound)*> FromPolar for $ty<T> {
            fn from_polar(val: PolarValue) -> Result<Self> {
                match val {
                    PolarValue::List(items) => items.into_iter().map(T::from_polar).collect(),
                    _ => Err(TypeError::expected("List").user()),
                }
            }
        }
    )*};
}

lists! {
    Vec: ;
    VecDeque: ;
    LinkedList: ;
    HashSet: Eq Hash;
    BTreeSet: Eq Ord;
    BinaryHeap: Ord;
}

try_from!(Vec<T>, T);

/// Implements [`FromPolar`] for maps, read from dictionaries.
macro_rules! maps {
    ($($ty:ident),*) => {$(
        impl<T: FromPolar> FromPolar for $ty<String, T> {
            fn from_polar(val: PolarValue) -> Result<Self> {
                match val {
                    PolarValue::Map(entries) => {
                        entries.into_iter().map(|(key, value)| Ok((key, T::from_polar(value)?))).collect()
                    }
                    _ => Err(TypeError::expected("Map").user()),
                }
            }
        }
    )*};
}

maps!(HashMap, BTreeMap);

try_from!(HashMap<String, T>, T);

impl<T: FromPolar> FromPolar for Option<T> {
    /// An `Option` as it is, any other value as `Some` of it.
    fn from_polar(val: PolarValue) -> Result<Self> {
        if let PolarValue::Instance(instance) = &val
            && let Ok(option) = instance.downcast::<Option<PolarValue>>()
        {
            return option.clone().map(T::from_polar).transpose();
        }
        T::from_polar(val).map(Some)
    }
}

/// The parameters of a method: a tuple of up to sixteen types.
///
/// ```
/// use oso::{FromPolarList, PolarValue};
/// let (n, text) = <(i64, String)>::from_polar_list(&[PolarValue::Integer(1), PolarValue::String("a".into())])?;
/// assert_eq!((n, text.as_str()), (1, "a"));
/// # Ok::<(), oso::OsoError>(())
/// ```
pub trait FromPolarList {
    /// Reads the values.
    ///
    /// # Errors
    /// Where there are too many, too few, or some of another kind.
    fn from_polar_list(values: &[PolarValue]) -> Result<Self>
    where
        Self: Sized;
}

impl FromPolarList for () {
    fn from_polar_list(values: &[PolarValue]) -> Result<Self> {
        if values.is_empty() { Ok(()) } else { Err(OsoError::FromPolar) }
    }
}

/// Implements [`FromPolarList`] for tuples.
macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: FromPolar),*> FromPolarList for ($($name,)*) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn from_polar_list(values: &[PolarValue]) -> Result<Self> {
                let [$($name),*] = values else { return Err(OsoError::FromPolar) };
                Ok(($($name::from_polar($name.clone())?,)*))
            }
        }
    };
}

crate::function::up_to_sixteen!(tuples);
