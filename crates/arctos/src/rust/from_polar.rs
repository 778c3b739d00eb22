//! From Polar values to the parameters of Rust methods, and to the types in which answers are read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use crate::rust::class::PolarClass;
use crate::rust::object::Values;
use crate::{HostError, HostErrorKind, Term, View};

/// A Rust type that a Polar value can become: the type of a method's parameter, or of an answer.
///
/// Objects arrive as borrows (`&Repo`), text as `&str` or `String`, `nil` as `None`. `As` is the type itself with its
/// borrows as long as the question: `<&Repo as FromPolar>::As<'q>` is `&'q Repo`.
pub trait FromPolar {
    /// The type that arrives.
    type As<'q>;

    /// Reads the value.
    ///
    /// # Errors
    /// Where it is of another kind.
    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError>;
}

impl FromPolar for bool {
    type As<'q> = bool;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<bool, HostError> {
        match values.view(term) {
            View::Boolean(value) => Ok(value),
            _ => Err(values.mismatch("a boolean", term)),
        }
    }
}

/// Implements [`FromPolar`] for integers.
macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl FromPolar for $ty {
            type As<'q> = $ty;

            fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<$ty, HostError> {
                match values.view(term) {
                    View::Integer(value) => value.try_into().map_err(|_| {
                        let message = format!("`{value}` is out of range here ({} to {})", <$ty>::MIN, <$ty>::MAX);
                        HostError::new(HostErrorKind::Unsupported, message)
                    }),
                    _ => Err(values.mismatch("an integer", term)),
                }
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl FromPolar for f64 {
    type As<'q> = f64;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<f64, HostError> {
        match values.view(term) {
            View::Float(value) => Ok(value),
            View::Integer(value) => Ok(value as f64),
            _ => Err(values.mismatch("a number", term)),
        }
    }
}

impl FromPolar for String {
    type As<'q> = String;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<String, HostError> {
        match values.view(term) {
            View::String(text) => Ok(text.to_owned()),
            _ => Err(values.mismatch("a string", term)),
        }
    }
}

impl FromPolar for &str {
    type As<'q> = &'q str;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<&'q str, HostError> {
        values.text(term)
    }
}

impl<T: PolarClass> FromPolar for &T {
    type As<'q> = &'q T;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<&'q T, HostError> {
        match values.view(term) {
            View::Object(object) => object.downcast(),
            _ => None,
        }
        .ok_or_else(|| {
            values.mismatch(&format!("an object of class `{}`", values.world.registry.name_of::<T>()), term)
        })
    }
}

impl<A: FromPolar> FromPolar for Option<A> {
    type As<'q> = Option<A::As<'q>>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        match values.view(term) {
            View::Nil => Ok(None),
            _ => A::from_polar(term, values).map(Some),
        }
    }
}

fn items<C: FromIterator<T>, T>(
    term: Term,
    values: &Values<'_, '_>,
    read: impl Fn(Term) -> Result<T, HostError>,
) -> Result<C, HostError> {
    match values.view(term) {
        View::List(items) if items.rest().is_none() => items.iter().map(read).collect(),
        _ => Err(values.mismatch("a list", term)),
    }
}

impl<A: FromPolar> FromPolar for Vec<A> {
    type As<'q> = Vec<A::As<'q>>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        items(term, values, |item| A::from_polar(item, values))
    }
}

impl<A: for<'x> FromPolar<As<'x> = A> + Hash + Eq> FromPolar for HashSet<A> {
    type As<'q> = HashSet<A>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        items(term, values, |item| A::from_polar(item, values))
    }
}

impl<A: for<'x> FromPolar<As<'x> = A> + Ord> FromPolar for BTreeSet<A> {
    type As<'q> = BTreeSet<A>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        items(term, values, |item| A::from_polar(item, values))
    }
}

impl<A: FromPolar> FromPolar for HashMap<String, A> {
    type As<'q> = HashMap<String, A::As<'q>>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        match values.view(term) {
            View::Dictionary(entries) => entries
                .iter()
                .map(|(key, value)| Ok((key.to_owned(), A::from_polar(value, values)?)))
                .collect(),
            _ => Err(values.mismatch("a dictionary", term)),
        }
    }
}

impl<A: FromPolar> FromPolar for BTreeMap<String, A> {
    type As<'q> = BTreeMap<String, A::As<'q>>;

    fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
        match values.view(term) {
            View::Dictionary(entries) => entries
                .iter()
                .map(|(key, value)| Ok((key.to_owned(), A::from_polar(value, values)?)))
                .collect(),
            _ => Err(values.mismatch("a dictionary", term)),
        }
    }
}

/// Implements [`FromPolar`] for tuples, read from lists of that length.
macro_rules! tuples {
    ($(($count:literal: $($name:ident),+))*) => {$(
        impl<$($name: FromPolar),+> FromPolar for ($($name,)+) {
            type As<'q> = ($($name::As<'q>,)+);

            fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Self::As<'q>, HostError> {
                let wrong = || values.mismatch(concat!("a list of ", $count), term);
                let View::List(items) = values.view(term) else { return Err(wrong()) };
                if items.len() != $count || items.rest().is_some() {
                    return Err(wrong());
                }
                let mut items = items.iter();
                Ok(($($name::from_polar(items.next().ok_or_else(wrong)?, values)?,)+))
            }
        }
    )*};
}

tuples!((1: A)(2: A, B)(3: A, B, C)(4: A, B, C, D));
