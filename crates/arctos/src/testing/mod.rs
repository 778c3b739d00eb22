//! The tests that stand in a policy: `test "name" { … }`, run against facts of their own.
//!
//! Loading a policy checks its tests and keeps them ([`Policy::tests`](crate::Policy::tests)); a [`Runner`] runs them. A run reads no clock and
//! asks no application, so that it comes out the same each time.
//!
//! ```
//! use arctos::testing::Runner;
//! use arctos::{Policy, Schema, Sources};
//!
//! let mut schema = Schema::new();
//! schema.enable_facts();
//! let mut sources = Sources::default();
//! sources.add(Some("docs.polar"), r#"
//!     allow(user: User, "read", doc: Doc) if owns(user, doc);
//!
//!     test "owners read" {
//!       setup { owns(User{"ann"}, Doc{"plan"}); }
//!       assert allow(User{"ann"}, "read", Doc{"plan"});
//!       assert_not allow(User{"bob"}, "read", Doc{"plan"});
//!       assert allow(user: User, "read", Doc{"plan"}) iff user in [User{"ann"}];
//!     }
//! "#);
//! let policy = Policy::load(&schema, sources)?;
//! let runner = Runner::new(&policy);
//! assert!(policy.tests().iter().all(|test| runner.run(test).passed()));
//! # Ok::<(), arctos::Error>(())
//! ```
//!
//! INVARIANT: an error or a limit is a failure of the assertion, whatever it expects; nothing passes because something went wrong.

mod conditions;
mod coverage;
mod mutants;
mod outcome;
mod reasons;
mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use arctos_syntax::{Span, tree};

pub use coverage::{ConditionCoverage, Coverage, Recorder, RuleCoverage};
pub use mutants::{Change, Fate, Mutant, Mutants};
pub use outcome::{AssertionOutcome, TestOutcome, Verdict};
pub use run::Runner;

use crate::authorizer::{Request, RequestValue};
use crate::facts::{Fact, Value};

/// A test that stands in a policy (`test "name" { … }`), with all the facts that it starts from. Loading checks it and does
/// not run it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyTest {
    /// Its title.
    pub name: String,
    /// The whole form.
    pub span: Span,
    /// What its `setup` states, fixtures included.
    pub facts: Vec<Fact>,
    /// What its `setup` sets of the request.
    pub given: Given,
    /// What must hold.
    pub assertions: Vec<PolicyAssertion>,
}

/// What a test sets of the request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// `@current_unix_time`
    pub unix_time: Option<i64>,
    /// `@context`
    pub context: Vec<(String, RequestValue)>,
    /// `@action`
    pub action: Vec<(String, RequestValue)>,
}

impl Given {
    /// The request that brings it.
    pub(crate) fn request(&self) -> Request<'_> {
        let Given { unix_time, context, action } = self;
        Request { unix_time: *unix_time, context, action, ..Request::default() }
    }
}

/// One line of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyAssertion {
    /// The whole line.
    pub span: Span,
    /// What is expected.
    pub expected: Expected,
    /// The place of what is asked: `allow(User{"ann"}, "read", Doc{"plan"})`.
    pub asked: Span,
    /// The types of its variables, and then the call.
    pub(crate) question: tree::Expr,
}

/// What an assertion expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `assert f(…);`: that it holds; of a variable, for some value.
    Holds,
    /// `assert_not f(…);`: that it does not; of a variable, for no value.
    HoldsNot,
    /// `assert f(x: T) iff x in […];`: that it holds for these values of the variable and no others.
    Exactly {
        /// The variable.
        variable: String,
        /// Its values; [`Value::Any`] for all of a type.
        values: BTreeSet<Value>,
    },
}
