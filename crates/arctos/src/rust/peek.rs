//! Values seen where they stand.

use std::any::Any;

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

impl Peek<'_> {
    /// Whether this equals a value of the policy, as `=` understands it; `None` where that takes more than looking.
    #[inline]
    pub(crate) fn equals(self, value: &View<'_, Object<'_>>) -> Option<bool> {
        match (self, value) {
            (Peek::String(a), View::String(b)) => Some(a == *b),
            (Peek::Integer(a), View::Integer(b)) => Some(a == *b),
            (Peek::Object(a), View::Object(Object(Form::Instance { value: b, .. }))) => same(a, *b),
            (Peek::Boolean(a), View::Boolean(b)) => Some(a == *b),
            (Peek::Nil, View::Nil) => Some(true),
            (Peek::Character(a), View::String(b)) => Some(a.encode_utf8(&mut [0; 4]) == *b),
            (_, View::Object(_) | View::Variable(_)) | (Peek::Object(_), _) => None,
            (Peek::Integer(_), View::Float(_)) => None,
            _ => Some(false),
        }
    }

    /// As [`Peek::equals`], of two values seen where they stand.
    #[inline]
    pub(crate) fn same(self, other: Peek<'_>) -> Option<bool> {
        match (self, other) {
            (Peek::String(a), Peek::String(b)) => Some(a == b),
            (Peek::Integer(a), Peek::Integer(b)) => Some(a == b),
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

/// An object equals itself; whether it equals another one, its class decides.
fn same(a: &dyn Any, b: &dyn Any) -> Option<bool> {
    (a.type_id() == b.type_id() && std::ptr::addr_eq(a, b)).then_some(true)
}
