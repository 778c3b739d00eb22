//! Development tools of Arctos: the corpus, the executable specification of the language, and random comparisons of
//! the two.
//!
//! * [`corpus`] reads the files under `corpus/`; [`world`] is the toy application they describe.
//! * [`reference`](mod@reference) is the naive evaluator: it *is* the meaning of classic Polar, slow and readable.
//! * [`run`] puts a corpus file to the machine or to the reference.
//! * [`differential`] makes policies at random and compares the two, shrinking what they disagree on; [`facts`] does so over
//!   facts; [`graphs`] and [`models`] ask about recursion whose answers are known without an evaluator; [`plans`] compares the
//!   machine with what plans decide without it, [`steps`] where recursion is in last place; [`consistency`] compares lists with
//!   checks, [`trials`] tests of policies with them; [`explanations`] checks proofs and near misses; [`fuzz`] lets a fuzzer choose
//!   the texts and the cases.
//!
//! INVARIANT: nothing here is part of a shipped crate.

pub mod condition;
pub mod consistency;
pub mod corpus;
pub mod differential;
pub mod explanations;
pub mod facts;
pub mod fuzz;
pub mod generate;
pub mod graphs;
pub mod host;
pub mod models;
pub mod outcome;
pub mod plans;
pub mod reference;
pub mod request;
pub mod run;
pub mod steps;
pub mod trials;
pub mod value;
pub mod world;
