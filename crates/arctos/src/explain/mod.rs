//! Why a question is answered yes, and what it would take where the answer is no.
//!
//! An explanation of a yes is a proof: a tree of the rules, facts and values that the decision rests on. An explanation of a
//! no is a list of near misses: the smallest changes that would make it a yes, nearest first.
//!
//! ```
//! use arctos::facts::{Facts, ValueRef};
//! use arctos::{Authorizer, Policy, Request, Schema, Sources};
//!
//! let mut schema = Schema::new();
//! schema.enable_facts();
//! let mut sources = Sources::default();
//! sources.add(Some("main.polar"), r#"
//!     actor User {}
//!     resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
//! "#);
//! let policy = Policy::load(&schema, sources)?;
//! let mut change = Facts::new().change();
//! for fact in arctos::facts::parse(None, r#"has_role(User{"ann"}, "reader", Doc{"plan"});"#)? {
//!     change.insert(&fact)?;
//! }
//! let authorizer = Authorizer::new(&policy, change.commit().0)?;
//!
//! let (ann, plan) = (ValueRef::entity("User", "ann"), ValueRef::entity("Doc", "plan"));
//! let explanation = authorizer.explain(&Request::default(), "allow", &[ann, "read".into(), plan])?;
//! assert!(explanation.allowed);
//! assert!(explanation.to_text().contains(r#"has_role(User{"ann"}, "reader", Doc{"plan"})  fact"#));
//!
//! let bob = ValueRef::entity("User", "bob");
//! let explanation = authorizer.explain(&Request::default(), "allow", &[bob, "read".into(), plan])?;
//! let nearest = explanation.misses.first().expect("there is one");
//! assert_eq!(nearest.needed[0].to_string(), r#"has_role(User{"bob"}, "reader", Doc{"plan"})"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod ask;
mod extent;
mod proof;
mod search;
#[cfg(test)]
mod tests;
mod text;
mod world;

pub use answer::{
    Argument, Explanation, Failure, Goal, NearMiss, Needed, Origin, Part, Placeholder, ProofNode, Support,
    UsedRule,
};
pub(crate) use ask::Asker;
pub use extent::Extent;
pub(crate) use world::World;

use crate::error::Error;
use crate::heap::Term;
use crate::host::Host;
use crate::query::predicate_of;
use ask::Called;
use proof::Prover;
use search::{Question, Search};

/// Explains a decision about values of a query's heap.
pub(crate) fn explain_terms<H: Host>(
    mut asker: Asker<'_, H>,
    rule: &str,
    arguments: &[Term],
    extent: &Extent,
) -> Result<Explanation, Error> {
    let Some(predicate) = predicate_of(asker.policy, rule, arguments.len() as u32)? else {
        return Ok(Explanation::of_no_rule(rule));
    };
    let args = arguments.iter().map(|term| asker.slot(*term)).collect();
    explain(&mut asker, &Called { predicate, args }, extent, None)
}

/// Explains a decision.
fn explain<H: Host>(
    asker: &mut Asker<'_, H>,
    called: &Called,
    extent: &Extent,
    world: Option<Question<'_>>,
) -> Result<Explanation, Error> {
    let question = asker.goal(called);
    if asker.holds(called)? {
        let mut prover = Prover::new(asker, extent);
        let proof = Some(prover.prove(called)?);
        let omitted = prover.omitted;
        return Ok(Explanation { question, allowed: true, proof, misses: Vec::new(), omitted });
    }
    let mut search = Search::new(asker, extent, world);
    let misses = search.misses(called)?;
    let omitted = search.omitted;
    Ok(Explanation { question, allowed: false, proof: None, misses, omitted })
}
