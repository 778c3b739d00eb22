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
use crate::rust::object::{Object, Scope};
use crate::{HostError, HostErrorKind, Term, View};

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

    /// Whether this equals a value of the policy, as `=` understands it, where that can be told without handing it
    /// over; `None` where not. An error of [`AsPolar::as_polar`] cannot be told here: `None` too.
    ///
    /// ```
    /// use arctos::View;
    /// use arctos::rust::AsPolar;
    ///
    /// assert_eq!(7_u8.equals(&View::Integer(7)), Some(true));
    /// assert_eq!("reader".equals(&View::String("writer")), Some(false));
    /// assert_eq!(u64::MAX.equals(&View::Integer(7)), None, "it does not fit a 64-bit integer");
    /// assert_eq!(vec![1].equals(&View::Nil), None, "lists are compared by the engine");
    /// ```
    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        let _ = value;
        None
    }
}

/// What a plain value of one kind says to values of other kinds: only an object may still equal it.
fn differs(value: &View<'_, Object<'_>>) -> Option<bool> {
    match value {
        View::Object(_) | View::Variable(_) => None,
        _ => Some(false),
    }
}

fn is_text(text: &str, value: &View<'_, Object<'_>>) -> Option<bool> {
    match value {
        View::String(other) => Some(text == *other),
        value => differs(value),
    }
}

fn is_integer(integer: impl TryInto<i64>, value: &View<'_, Object<'_>>) -> Option<bool> {
    // One that is too wide is an error when it is handed over, whatever it is compared with.
    let integer: i64 = integer.try_into().ok()?;
    match value {
        View::Integer(other) => Some(integer == *other),
        View::Float(_) => None,
        value => differs(value),
    }
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

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        match value {
            View::Object(object) if object.downcast::<T>().is_some_and(|other| std::ptr::eq(self, other)) => {
                Some(true)
            }
            _ => None,
        }
    }
}

/// Implements both for values that are copied.
macro_rules! by_value {
    ($($ty:ty: |$value:ident, $scope:ident| $term:expr, |$other:ident| $equals:expr;)*) => {$(
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

            fn equals(&self, $other: &View<'_, Object<'_>>) -> Option<bool> {
                let $value = *self;
                $equals
            }
        }
    )*};
}

by_value! {
    bool: |value, scope| Ok(scope.heap.boolean(value)), |other| match other {
        View::Boolean(other) => Some(value == *other),
        other => differs(other),
    };
    i8: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    i16: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    i32: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    i64: |value, scope| Ok(scope.heap.integer(value)), |other| is_integer(value, other);
    u8: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    u16: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    u32: |value, scope| Ok(scope.heap.integer(i64::from(value))), |other| is_integer(value, other);
    u64: |value, scope| wide(value, scope), |other| is_integer(value, other);
    i128: |value, scope| wide(value, scope), |other| is_integer(value, other);
    u128: |value, scope| wide(value, scope), |other| is_integer(value, other);
    usize: |value, scope| wide(value, scope), |other| is_integer(value, other);
    isize: |value, scope| wide(value, scope), |other| is_integer(value, other);
    f32: |value, scope| Ok(scope.heap.float(f64::from(value))), |_other| {
        let _ = value;
        None
    };
    f64: |value, scope| Ok(scope.heap.float(value)), |_other| {
        let _ = value;
        None
    };
    char: |value, scope| Ok(scope.heap.string(value.encode_utf8(&mut [0; 4]))), |other| is_text(value.encode_utf8(&mut [0; 4]), other);
    (): |_value, scope| Ok(scope.heap.nil()), |other| match other {
        View::Nil => Some(true),
        other => differs(other),
    };
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

            fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
                is_text(self, value)
            }
        }
    )*};
}

as_text!(String, Cow<'_, str>, Box<str>);

impl AsPolar for str {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        is_text(self, value)
    }
}

impl AsPolar for &str {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        is_text(self, value)
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

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        match (self, value) {
            (Some(some), value) => some.equals(value),
            (None, View::Nil) => Some(true),
            (None, value) => differs(value),
        }
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
    // PERF: an item may put cells of its own on the heap, so they are gathered first, without allocation for a few.
    let mut few = [scope.heap.nil(); 16];
    let mut many = Vec::new();
    let mut count = 0;
    for item in items {
        let term = item.to_polar(scope)?;
        match few.get_mut(count) {
            Some(place) => *place = term,
            None if many.is_empty() => many.extend(few.iter().copied().chain([term])),
            None => many.push(term),
        }
        count += 1;
    }
    let terms = if many.is_empty() { few.get(..count).unwrap_or(&few) } else { &many };
    Ok(scope.heap.list(terms))
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

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        (**self).equals(value)
    }
}

impl<T: AsPolar + ?Sized> AsPolar for Arc<T> {
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (**self).as_polar(scope)
    }

    fn equals(&self, value: &View<'_, Object<'_>>) -> Option<bool> {
        (**self).equals(value)
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
