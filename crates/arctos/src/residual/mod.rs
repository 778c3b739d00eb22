//! What must hold of a row that is not at hand: the policy read with the resource (or the actor) unknown.
//!
//! A [`Residual`] is what a decision comes to when an argument is any row of a class. The application's database can then find all rows at
//! once, and its answer is that of a check of each: *a row is selected exactly where a check allows*. Nothing here knows of SQL: a
//! residual is a [`Formula`] over attributes and relations that [`RowTypes`] describe, with laws of its own.
//!
//! The formula is as large as the policy is for the arguments that are known, and never made a disjunction of conjunctions: a call whose arguments
//! are known or rows is read once, by itself; what it needs for its rows stays within it. Recursion along a relation becomes a least set
//! ([`Formula::Least`]), after A. Tarski's fixpoint theorem (1955) for the monotone operators that rules are.
//!
//! A construct that has no meaning for a row that is not at hand (a method, say) is an error with its place
//! ([`ErrorKind::Unfilterable`]), never an empty or a full filter. Reading a program with a part of its input is partial evaluation: N. D. Jones, C. K. Gomard, P. Sestoft,
//! *Partial Evaluation and Automatic Program Generation* (1993).

mod build;
mod fact_tables;
mod formula;
mod ground;
mod print;
mod rows;
mod substitute;

pub use crate::ir::Arithmetic;
pub use build::{Asked, Fault, Filterable, Reader, filterable};
pub use fact_tables::{FactArgument, FactTable};
pub use formula::{Computed, Constant, Definition, Derivation, Expression, Formula, Related, Row, SomeRow};
pub use ground::Source;
pub use rows::{Attribute, Relation, RowType, RowTypes, Through, ValueType};

use std::convert::Infallible;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// What must hold of a row for a decision to be a yes. `O` are the application's objects that it mentions, [`Infallible`] where it mentions none.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual<O = Infallible> {
    class: String,
    beside: Vec<Arc<str>>,
    formula: Formula,
    objects: Vec<O>,
}

impl<O> Residual<O> {
    /// The class of the rows; empty where it is about none.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The rows that the question has beside [`Row::ROOT`] ([`Asked::RowOf`]), with their classes.
    pub fn beside(&self) -> impl Iterator<Item = (Row, &str)> {
        (1..).map(Row).zip(self.beside.iter().map(|class| &**class))
    }

    /// What must hold of [`Row::ROOT`].
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// The same, where it mentions no objects of the application: for databases that know what objects are by their attributes alone.
    ///
    /// # Errors
    /// [`ErrorKind::Unfilterable`] where it does.
    pub fn without_objects(self) -> Result<Residual, Error> {
        if self.objects.is_empty() {
            return Ok(Residual {
                class: self.class,
                beside: self.beside,
                formula: self.formula,
                objects: Vec::new(),
            });
        }
        let message = "an attribute of a row is compared with an object of the application, which a database does not know";
        Err(Error::new(ErrorKind::Unfilterable, message))
    }

    /// The objects of the application that [`Constant::Object`] names.
    pub fn objects(&self) -> &[O] {
        &self.objects
    }
}
