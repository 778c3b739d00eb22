//! Values seen where they stand.

use std::any::{Any, TypeId};

use crate::View;
use crate::rust::object::{Form, Object};

/// What [`AsPolar::peek`](crate::rust::AsPolar::peek) shows of a value: enough to tell whether it equals another.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Peek<'a> {
    /// `nil`
    Nil,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Text.
    String(&'a str),
    /// Text of one character.
    Character(char),
    /// A value of a [`PolarClass`](crate::rust::PolarClass).
    Object(&'a dyn Any),
}

/// What the values of a Rust type have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing that is known.
    Any,
    /// All can be seen, and none is an object.
    Plain,
    /// All are objects of one class.
    Object,
    /// Lists of plain values.
    Plains,
    /// Lists of objects.
    Objects,
}

impl Shape {
    /// Lists of such values.
    pub const fn list(self) -> Shape {
        match self {
            Shape::Plain => Shape::Plains,
            Shape::Object => Shape::Objects,
            Shape::Any | Shape::Plains | Shape::Objects => Shape::Any,
        }
    }

    /// Such values, or `nil`.
    pub const fn option(self) -> Shape {
        match self {
            Shape::Plain => Shape::Plain,
            Shape::Any | Shape::Object | Shape::Plains | Shape::Objects => Shape::Any,
        }
    }
}

impl<'a> Peek<'a> {
    /// A value of the policy, where it can be seen like this.
    pub(crate) fn of(value: &View<'a, Object<'a>>) -> Option<Self> {
        Some(match *value {
            View::Nil => Peek::Nil,
            View::Boolean(value) => Peek::Boolean(value),
            View::Integer(value) => Peek::Integer(value),
            View::String(text) => Peek::String(text),
            View::Object(Object(Form::Instance { value, .. })) => Peek::Object(*value),
            _ => return None,
        })
    }

    /// True for an object of that type.
    #[inline]
    pub(crate) fn is_a(self, id: TypeId) -> bool {
        matches!(self, Peek::Object(object) if object.type_id() == id)
    }

    /// Whether this equals another, as `=` understands it; `None` where that takes more than looking.
    // PERF: where one of the two is known to be a number or text, the compiler leaves one comparison.
    #[inline(always)]
    pub(crate) fn equals(self, other: Peek<'_>) -> Option<bool> {
        match (self, other) {
            (Peek::String(a), Peek::String(b)) => Some(a == b),
            (Peek::Integer(a), Peek::Integer(b)) => Some(a == b),
            _ => self.equals_rarely(other),
        }
    }

    fn equals_rarely(self, other: Peek<'_>) -> Option<bool> {
        match (self, other) {
            (Peek::Object(a), Peek::Object(b)) => same(a, b),
            (Peek::Object(_), _) | (_, Peek::Object(_)) => None,
            (Peek::Boolean(a), Peek::Boolean(b)) => Some(a == b),
            (Peek::Nil, Peek::Nil) => Some(true),
            (Peek::Character(a), Peek::Character(b)) => Some(a == b),
            (Peek::Character(a), Peek::String(b)) | (Peek::String(b), Peek::Character(a)) => {
                Some(a.encode_utf8(&mut [0; 4]) == b)
            }
            _ => Some(false),
        }
    }
}

/// What a value must be.
#[derive(Clone, Copy)]
pub(crate) enum Sought<'v> {
    One(Peek<'v>),
    /// One of these.
    OneOf(&'v [Peek<'v>]),
    OneOfTexts(&'v [Box<str>]),
}

impl Sought<'_> {
    /// Whether a value is that, as `=` understands it; `None` where telling takes more than looking.
    #[inline(always)]
    pub(crate) fn is(&self, value: Peek<'_>) -> Option<bool> {
        match (self, value) {
            (Sought::One(only), value) => value.equals(*only),
            (Sought::OneOfTexts(texts), Peek::String(text)) => Some(texts.iter().any(|one| **one == *text)),
            (Sought::OneOfTexts(texts), value) => {
                first_that(texts.iter().map(|text| Peek::String(text)), value)
            }
            (Sought::OneOf(values), value) => first_that(values.iter().copied(), value),
        }
    }
}

fn first_that<'v>(values: impl Iterator<Item = Peek<'v>>, value: Peek<'_>) -> Option<bool> {
    for other in values {
        if value.equals(other)? {
            return Some(true);
        }
    }
    Some(false)
}

/// An object equals itself; whether it equals another one, its class decides.
fn same(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    (a.type_id() == b.type_id() && std::ptr::addr_eq(a, b)).then_some(true)
}
