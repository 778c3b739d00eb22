//! From Rust values to Polar values.
//!
//! INVARIANT: nothing is cloned to be handed over. Numbers, truth values and text are copied into the query's heap;
//! objects go as borrows, or are moved into the question's arena where they are owned.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::error::Error as StdError;
use std::rc::Rc;
use std::sync::Arc;

use crate::rust::class::PolarClass;
use crate::rust::object::Scope;
use crate::{HostError, HostErrorKind, Term};

/// A Rust value that can be handed to a policy.
///
/// | Rust | Polar |
/// |---|---|
/// | `bool`; `i8`…`u128`, `usize`; `f32`, `f64` | Boolean; Integer (64 bits); Float |
/// | `String`, `&str`, `char`, `Cow<str>` | String |
/// | `None`, `()`; `Some(x)` | `nil`; `x` |
/// | `Vec<T>`, slices, arrays, sets, tuples | List |
/// | `HashMap<K, V>`, `BTreeMap<K, V>` | Dictionary, see [`Key`] |
/// | `Result<T, E>` | `T`, or the error, which ends the query |
/// | `Box`, `Rc`, `Arc`, `&T` | what they point to |
/// | a [`PolarClass`], borrowed or owned | an object |
///
/// `#[derive(PolarClass)]` implements it for the type itself; for borrows it follows from [`AsPolar`].
pub trait ToPolar {
    /// Puts the value where the policy can see it.
    ///
    /// # Errors
    /// Where Polar has no such value (an integer beyond 64 bits), or its class is not registered.
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q;

    /// The name of the variable this stands for in a question: only of [`Unbound`](crate::rust::Unbound).
    #[doc(hidden)]
    fn variable_name(&self) -> Option<&str> {
        None
    }
}

/// A Rust value that policies can see where it stands, without taking it: the type of a field, an item, a constant.
///
/// Every [`PolarClass`] has it. By hand, for a type that stands for another value:
///
/// ```
/// use arctos::rust::{AsPolar, Scope};
/// use arctos::{HostError, Term};
///
/// struct Port(u16);
///
/// impl AsPolar for Port {
///     fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
///         self.0.as_polar(scope)
///     }
/// }
/// ```
pub trait AsPolar {
    /// Puts the value where the policy can see it.
    ///
    /// # Errors
    /// Where Polar has no such value (an integer beyond 64 bits), or its class is not registered.
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;
}

impl<T: AsPolar + ?Sized> ToPolar for &T {
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        self.as_polar(scope)
    }
}

impl<T: PolarClass> AsPolar for T {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        scope.object(self)
    }
}

/// Implements both for values that are copied.
macro_rules! by_value {
    ($($ty:ty: |$value:ident, $scope:ident| $term:expr;)*) => {$(
        impl ToPolar for $ty {
            fn to_polar<'q>(self, $scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                let $value = self;
                $term
            }
        }

        impl AsPolar for $ty {
            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                (*self).to_polar(scope)
            }
        }
    )*};
}

by_value! {
    bool: |value, scope| Ok(scope.heap.boolean(value));
    i8: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    i16: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    i32: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    i64: |value, scope| Ok(scope.heap.integer(value));
    u8: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    u16: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    u32: |value, scope| Ok(scope.heap.integer(i64::from(value)));
    u64: |value, scope| wide(value, scope);
    i128: |value, scope| wide(value, scope);
    u128: |value, scope| wide(value, scope);
    usize: |value, scope| wide(value, scope);
    isize: |value, scope| wide(value, scope);
    f32: |value, scope| Ok(scope.heap.float(f64::from(value)));
    f64: |value, scope| Ok(scope.heap.float(value));
    char: |value, scope| Ok(scope.heap.string(value.encode_utf8(&mut [0; 4])));
    (): |_value, scope| Ok(scope.heap.nil());
}

fn wide<T: TryInto<i64> + Copy + std::fmt::Display>(
    value: T,
    scope: &mut Scope<'_, '_>,
) -> Result<Term, HostError> {
    let integer = value.try_into().map_err(|_| {
        HostError::new(
            HostErrorKind::Unsupported,
            format!("`{value}` does not fit a 64-bit integer; hand it over as a string"),
        )
    })?;
    Ok(scope.heap.integer(integer))
}

/// Implements both for types that are seen as text; `str` by reference only.
macro_rules! as_text {
    ($($ty:ty),*) => {$(
        impl ToPolar for $ty {
            fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                Ok(scope.heap.string(&self))
            }
        }

        impl AsPolar for $ty {
            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                Ok(scope.heap.string(self))
            }
        }
    )*};
}

as_text!(String, Cow<'_, str>, Box<str>);

impl AsPolar for str {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }
}

impl AsPolar for &str {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }
}

impl<T: ToPolar> ToPolar for Option<T> {
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        match self {
            Some(value) => value.to_polar(scope),
            None => Ok(scope.heap.nil()),
        }
    }
}

impl<T: AsPolar> AsPolar for Option<T> {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        self.as_ref().to_polar(scope)
    }
}

impl<T: ToPolar, E: Into<Box<dyn StdError + Send + Sync>>> ToPolar for Result<T, E> {
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        match self {
            Ok(value) => value.to_polar(scope),
            Err(error) => {
                let source = error.into();
                Err(HostError::new(HostErrorKind::Failed, source.to_string()).with_source(source))
            }
        }
    }
}

fn list<'q, T: ToPolar + 'q>(
    items: impl IntoIterator<Item = T>,
    scope: &mut Scope<'_, 'q>,
) -> Result<Term, HostError> {
    let terms = items.into_iter().map(|item| item.to_polar(scope)).collect::<Result<Vec<_>, _>>()?;
    Ok(scope.heap.list(&terms))
}

/// Implements both for collections that are seen as lists.
macro_rules! as_list {
    ($($ty:ty, [$($param:ident),*];)*) => {$(
        impl<T: ToPolar, $($param),*> ToPolar for $ty {
            fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                list(self, scope)
            }
        }

        impl<T: AsPolar, $($param),*> AsPolar for $ty {
            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                list(self, scope)
            }
        }
    )*};
}

as_list! {
    Vec<T>, [];
    VecDeque<T>, [];
    LinkedList<T>, [];
    BTreeSet<T>, [];
    HashSet<T, S>, [S];
}

impl<T: AsPolar> AsPolar for [T] {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        list(self, scope)
    }
}

impl<T: ToPolar, const N: usize> ToPolar for [T; N] {
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        list(self, scope)
    }
}

impl<T: AsPolar, const N: usize> AsPolar for [T; N] {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        list(self, scope)
    }
}

/// A key of a dictionary, as text. Implemented for text, integers, `bool`, `char`, and by
/// `#[derive(PolarClass)]` for enums that are text.
pub trait Key {
    /// The key's text.
    fn key(&self) -> Cow<'_, str>;
}

/// Implements [`Key`] for types that print as their key.
macro_rules! printed_key {
    ($($ty:ty),*) => {$(
        impl Key for $ty {
            fn key(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        }
    )*};
}

printed_key!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, bool, char);

impl Key for str {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Key for String {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Key for Cow<'_, str> {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl<T: Key + ?Sized> Key for &T {
    fn key(&self) -> Cow<'_, str> {
        (**self).key()
    }
}

impl<T: Key + ?Sized> Key for Arc<T> {
    fn key(&self) -> Cow<'_, str> {
        (**self).key()
    }
}

fn dictionary<'q, K: Key, V: ToPolar + 'q>(
    entries: impl IntoIterator<Item = (K, V)>,
    scope: &mut Scope<'_, 'q>,
) -> Result<Term, HostError> {
    let pairs = entries
        .into_iter()
        .map(|(key, value)| Ok((key.key().into_owned(), value.to_polar(scope)?)))
        .collect::<Result<Vec<(String, Term)>, HostError>>()?;
    Ok(scope.heap.dictionary(pairs.iter().map(|(key, value)| (key.as_str(), *value))))
}

/// Implements both for maps, which are seen as dictionaries.
macro_rules! as_dictionary {
    ($($ty:ty, [$($param:ident),*];)*) => {$(
        impl<K: Key, V: ToPolar, $($param),*> ToPolar for $ty {
            fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                dictionary(self, scope)
            }
        }

        impl<K: Key, V: AsPolar, $($param),*> AsPolar for $ty {
            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                dictionary(self, scope)
            }
        }
    )*};
}

as_dictionary! {
    HashMap<K, V, S>, [S];
    BTreeMap<K, V>, [];
}

impl<T: AsPolar + ?Sized> AsPolar for Rc<T> {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (**self).as_polar(scope)
    }
}

impl<T: AsPolar + ?Sized> AsPolar for Arc<T> {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (**self).as_polar(scope)
    }
}

/// Implements both for tuples, which are seen as lists.
macro_rules! tuples {
    ($(($($name:ident),+))*) => {$(
        impl<$($name: ToPolar),+> ToPolar for ($($name,)+) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                let ($($name,)+) = self;
                let terms = [$($name.to_polar(scope)?),+];
                Ok(scope.heap.list(&terms))
            }
        }

        impl<$($name: AsPolar),+> AsPolar for ($($name,)+) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                let ($($name,)+) = self;
                let terms = [$($name.as_polar(scope)?),+];
                Ok(scope.heap.list(&terms))
            }
        }
    )*};
}

tuples!((A)(A, B)(A, B, C)(A, B, C, D)(A, B, C, D, E)(A, B, C, D, E, F));
