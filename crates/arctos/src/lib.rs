//! Authorization in the Polar policy language.
//!
//! A [`Policy`] is checked and lowered once, against a [`Schema`] of what the application has registered. It is
//! immutable, `Send + Sync` and cheap to clone. A [`Query`] asks it one question through a [`Host`], which is the
//! application's side: its objects, their attributes and methods.
//!
//! This crate is pure: it touches no file, clock, environment, thread or network.

mod authorizer;
mod decider;
mod error;
mod eval;
pub mod explain;
pub mod facts;
mod forms;
mod heap;
mod host;
#[doc(hidden)]
pub mod internals;
mod ir;
mod limits;
mod link;
mod observe;
mod parked;
mod plan;
mod policy;
mod query;
pub mod residual;
pub mod rust;
mod schema;
mod sema;
mod symbol;
pub mod testing;

pub use arctos_syntax::{Diagnostic, Severity, Sources, Span};
pub use authorizer::{
    AnswerRow, Attributes, Authorizer, Checks, Conjunction, List, NoObjects, Page, PageToken, Request,
    RequestValue, Rows,
};
pub use decider::Decider;
pub use error::{Error, ErrorKind, Frame};
pub use facts::{Fact, FactError, Facts};
pub use forms::{ArgumentForm, FactForm};
pub use heap::{Entries, Heap, Items, Term, Variable, View};
pub use host::{
    Arguments, Comparison, Host, HostError, HostErrorKind, Lineage, Name, Replied, Reply, Ticket,
};
pub use limits::{Limit, Limits};
pub use observe::{GoalId, Observer, Proof, ProofStep};
pub use plan::{Entered, ItemTest, ItemTests, Reached, Values, Wanted};
pub use policy::{InlineQuery, Policy, Rule, RuleId};
pub use query::{Answer, Bound, Expression, Operand, Query, Resumed, Step};
pub use schema::{Class, ClassId, ConstantId, Schema};
pub use symbol::{Symbol, Symbols};
