//! From Rust values to Polar values.
//!
//! INVARIANT: nothing is cloned to be handed over. Numbers, truth values and text are copied into the query's heap;
//! objects go as borrows, or are moved into the question's arena where they are owned.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::error::Error as StdError;
use std::rc::Rc;
use std::sync::Arc;

use crate::rust::class::PolarClass;
use crate::rust::items::Search;
use crate::rust::object::Scope;
use crate::rust::peek::{Peek, Shape};
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

    /// As [`AsPolar::peek`], of an argument.
    #[doc(hidden)]
    fn seen(&self) -> Option<Peek<'_>> {
        None
    }
}

/// A Rust value that policies can see where it stands, without taking it: the type of a field, an item, a constant.
///
/// Every [`PolarClass`] has it. By hand, for a type that stands for another value:
///
/// ```
/// use arctos::rust::{AsPolar, Peek, Scope, Shape};
/// use arctos::{HostError, Term};
///
/// struct Port(u16);
///
/// impl AsPolar for Port {
///     const SHAPE: Shape = u16::SHAPE;
///
///     fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
///         self.0.as_polar(scope)
///     }
///
///     // Optional, as is the shape: lists of ports are searched where they stand.
///     fn peek(&self) -> Option<Peek<'_>> {
///         self.0.peek()
///     }
/// }
/// ```
pub trait AsPolar {
    /// What can be told of all values of the type, so that less has to be looked at.
    const SHAPE: Shape = Shape::Any;

    /// Puts the value where the policy can see it.
    ///
    /// # Errors
    /// Where Polar has no such value (an integer beyond 64 bits), or its class is not registered.
    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;

    /// The value, where it can be seen without running code of its own and without being handed over; `None` where not, as
    /// where handing it over would be an error. It may be asked for any number of times, and must be the same while the value is borrowed.
    ///
    /// ```
    /// use arctos::rust::{AsPolar, Peek};
    ///
    /// assert!(matches!("reader".peek(), Some(Peek::String("reader"))));
    /// assert!(u64::MAX.peek().is_none(), "it does not fit a 64-bit integer");
    /// assert!(vec![1].peek().is_none(), "a list is more than a look");
    /// ```
    fn peek(&self) -> Option<Peek<'_>> {
        None
    }

    /// Shows its items to a search, for a list whose items can be gone through without handing them over; `false` for
    /// other values.
    fn show_items(&self, search: &mut Search<'_>) -> bool {
        let _ = search;
        false
    }

    /// The vector of objects that it is, or points to, and how many they are.
    #[doc(hidden)]
    fn vector(&self) -> Option<(&dyn Any, usize)> {
        None
    }

    /// [`AsPolar::vector`] of such values.
    #[doc(hidden)]
    fn vector_of(items: &Vec<Self>) -> Option<(&dyn Any, usize)>
    where
        Self: Sized,
    {
        let _ = items;
        None
    }
}

impl<T: AsPolar + ?Sized> ToPolar for &T {
    fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        self.as_polar(scope)
    }

    fn seen(&self) -> Option<Peek<'_>> {
        (**self).peek()
    }
}

impl<T: PolarClass> AsPolar for T {
    const SHAPE: Shape = Shape::Object;

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        scope.object(self)
    }

    fn peek(&self) -> Option<Peek<'_>> {
        Some(Peek::Object(self))
    }

    fn vector_of(items: &Vec<Self>) -> Option<(&dyn Any, usize)> {
        Some((items, items.len()))
    }
}

/// Implements both for values that are copied.
macro_rules! by_value {
    ($($ty:ty: |$value:ident, $scope:ident| $term:expr, $peek:expr, $shape:expr;)*) => {$(
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
            const SHAPE: Shape = $shape;

            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                (*self).to_polar(scope)
            }

            #[inline]
            fn peek(&self) -> Option<Peek<'_>> {
                let $value = *self;
                $peek
            }
        }
    )*};
}

by_value! {
    bool: |value, scope| Ok(scope.heap.boolean(value)), Some(Peek::Boolean(value)), Shape::Plain;
    i8: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    i16: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    i32: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    i64: |value, scope| Ok(scope.heap.integer(value)), integer(value), Shape::Plain;
    u8: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    u16: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    u32: |value, scope| Ok(scope.heap.integer(i64::from(value))), integer(value), Shape::Plain;
    u64: |value, scope| wide(value, scope), integer(value), Shape::Any;
    i128: |value, scope| wide(value, scope), integer(value), Shape::Any;
    u128: |value, scope| wide(value, scope), integer(value), Shape::Any;
    usize: |value, scope| wide(value, scope), integer(value), Shape::Any;
    isize: |value, scope| wide(value, scope), integer(value), Shape::Any;
    f32: |value, scope| Ok(scope.heap.float(f64::from(value))), float(value.into()), Shape::Any;
    f64: |value, scope| Ok(scope.heap.float(value)), float(value), Shape::Any;
    char: |value, scope| Ok(scope.heap.string(value.encode_utf8(&mut [0; 4]))), Some(Peek::Character(value)), Shape::Plain;
    (): |_value, scope| Ok(scope.heap.nil()), Some(Peek::Nil), Shape::Plain;
}

/// An integer that does not fit is not seen, so that it is handed over and is an error.
#[inline]
fn integer<'a>(value: impl TryInto<i64>) -> Option<Peek<'a>> {
    value.try_into().ok().map(Peek::Integer)
}

/// What floats equal is the engine's to say.
fn float<'a>(_: f64) -> Option<Peek<'a>> {
    None
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

            fn seen(&self) -> Option<Peek<'_>> {
                self.peek()
            }
        }

        impl AsPolar for $ty {
            const SHAPE: Shape = Shape::Plain;

            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                Ok(scope.heap.string(self))
            }

            #[inline]
            fn peek(&self) -> Option<Peek<'_>> {
                Some(Peek::String(self))
            }
        }
    )*};
}

as_text!(String, Cow<'_, str>, Box<str>);

impl AsPolar for str {
    const SHAPE: Shape = Shape::Plain;

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }

    #[inline]
    fn peek(&self) -> Option<Peek<'_>> {
        Some(Peek::String(self))
    }
}

impl AsPolar for &str {
    const SHAPE: Shape = Shape::Plain;

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        Ok(scope.heap.string(self))
    }

    #[inline]
    fn peek(&self) -> Option<Peek<'_>> {
        Some(Peek::String(self))
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
    const SHAPE: Shape = T::SHAPE.option();

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        self.as_ref().to_polar(scope)
    }

    fn peek(&self) -> Option<Peek<'_>> {
        match self {
            Some(value) => value.peek(),
            None => Some(Peek::Nil),
        }
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        self.as_ref().is_some_and(|items| items.show_items(search))
    }

    fn vector(&self) -> Option<(&dyn Any, usize)> {
        self.as_ref()?.vector()
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
    ($($ty:ty, [$($param:ident),*], |$items:ident| $vector:expr;)*) => {$(
        impl<T: ToPolar, $($param),*> ToPolar for $ty {
            fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
            where
                Self: 'q,
            {
                list(self, scope)
            }
        }

        impl<T: AsPolar, $($param),*> AsPolar for $ty {
            const SHAPE: Shape = T::SHAPE.list();

            fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                list(self, scope)
            }

            fn show_items(&self, search: &mut Search<'_>) -> bool {
                search.all(self)
            }

            fn vector(&self) -> Option<(&dyn Any, usize)> {
                let $items = self;
                $vector
            }
        }
    )*};
}

as_list! {
    Vec<T>, [], |items| T::vector_of(items);
    VecDeque<T>, [], |_items| None;
    LinkedList<T>, [], |_items| None;
    BTreeSet<T>, [], |_items| None;
    HashSet<T, S>, [S], |_items| None;
}

impl<T: AsPolar> AsPolar for [T] {
    const SHAPE: Shape = T::SHAPE.list();

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        list(self, scope)
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        search.all(self)
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
    const SHAPE: Shape = T::SHAPE.list();

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        list(self, scope)
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        search.all(self)
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
    const SHAPE: Shape = T::SHAPE;

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (**self).as_polar(scope)
    }

    fn peek(&self) -> Option<Peek<'_>> {
        (**self).peek()
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        (**self).show_items(search)
    }

    fn vector(&self) -> Option<(&dyn Any, usize)> {
        (**self).vector()
    }
}

impl<T: AsPolar + ?Sized> AsPolar for Arc<T> {
    const SHAPE: Shape = T::SHAPE;

    fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        (**self).as_polar(scope)
    }

    fn peek(&self) -> Option<Peek<'_>> {
        (**self).peek()
    }

    fn show_items(&self, search: &mut Search<'_>) -> bool {
        (**self).show_items(search)
    }

    fn vector(&self) -> Option<(&dyn Any, usize)> {
        (**self).vector()
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
