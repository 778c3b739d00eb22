//! Values while a policy is read: known, or of rows.

use std::rc::Rc;
use std::sync::Arc;

use crate::heap::{Cell, TextId};
use crate::ir::{PatternId, Slot};
use crate::policy::RuleId;
use crate::residual::formula::{Computed, Expression, Row};
use crate::residual::rows::{Attribute, ValueType};
use crate::schema::ClassId;

/// An entity of which the id is in an attribute that is not nil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    /// Its type.
    pub(super) class: ClassId,
    pub(super) row: Row,
    pub(super) attribute: Arc<str>,
    /// How ids are kept: as integers or as text.
    pub(super) value_type: ValueType,
}

/// What a variable may stand for.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A value that is there, on the reader's heap, without variables.
    Known(Cell),
    /// A value that will be known when a question is asked.
    Later,
    /// A variable of the reader's own, unbound unless it has been resolved.
    Variable(u32),
    /// A row itself.
    Row(Row),
    /// The row that a relation leads to, or nil.
    One(Row, Arc<str>),
    /// The rows that a relation leads to.
    Many(Row, Arc<str>),
    /// The entity whose id is an attribute of a row.
    Id(Id),
    /// An attribute of a row.
    Attribute(Row, Arc<str>, Attribute),
    /// What is computed of attributes.
    Computed(Arc<Computed>, Attribute),
    /// A list of which some items are not known.
    List(Rc<[Value]>),
    /// A dictionary of which some values are not known.
    Dictionary(Rc<[(TextId, Value)]>),
}

impl Value {
    /// True for what is of rows that are not at hand; of a list it says nothing.
    pub(super) fn is_of_rows(&self) -> bool {
        let is_whole = matches!(self, Value::Row(_) | Value::One(..) | Value::Many(..) | Value::Id(_));
        is_whole || matches!(self, Value::Attribute(..) | Value::Computed(..))
    }

    /// The value, if it is there.
    pub(super) fn known(&self) -> Option<Cell> {
        match self {
            Value::Known(cell) => Some(*cell),
            _ => None,
        }
    }

    /// The expression for it in a formula, where it is an attribute or computed of attributes.
    pub(super) fn expression(&self) -> Option<(Expression, Attribute)> {
        match self {
            Value::Attribute(row, name, attribute) => {
                Some((Expression::Attribute(*row, name.clone()), *attribute))
            }
            Value::Computed(computed, attribute) => {
                Some((Expression::Computed(computed.clone()), *attribute))
            }
            _ => None,
        }
    }
}

/// What is still to be done before an answer is complete: a list that shares its ends.
pub(super) type Next = Option<Rc<Link>>;

/// One thing to do, and then the rest.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) todo: Todo,
    pub(super) next: Next,
}

impl Drop for Link {
    /// One link after the other: a long list would take the thread's stack.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut link) = next.and_then(|link| Rc::try_unwrap(link).ok()) {
            next = link.next.take();
        }
    }
}

/// Something to do.
#[derive(Clone, Debug)]
pub(super) enum Todo {
    /// A run of goals of a clause.
    Goals { pc: u32, end: u32, at: Scope },
    /// A value must match a pattern.
    Match { value: Value, pattern: PatternId, at: Scope },
    /// Two values must be equal.
    Unify(Value, Value),
    /// Of what came before the first way counts.
    Cut,
    /// What waits for a variable, and how many were bound when it was tried last.
    Waited(Rc<Todo>, usize),
}

/// A clause that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The first of its variables.
    pub(super) env: u32,
    pub(super) rule: RuleId,
}

impl Scope {
    /// A variable of the clause.
    pub(super) fn variable(self, slot: Slot) -> Value {
        Value::Variable(self.env + slot.0)
    }
}

/// Puts something before the rest.
pub(super) fn before(todo: Todo, next: Next) -> Next {
    Some(Rc::new(Link { todo, next }))
}
