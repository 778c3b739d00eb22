//! Decisions over facts alone: a policy and a snapshot, without an application's objects.
//!
//! `checks` decides closed questions by plans; `asking` puts questions with variables to the machine, `lists` and `conjunction`
//! make lists and rows of its answers; `explained` says why.

mod answers;
mod asking;
mod checks;
mod conjunction;
mod explained;
mod filtered;
mod list;
mod lists;
mod no_objects;
mod request;
mod spread;
#[cfg(test)]
mod tests;

pub use checks::Checks;
pub(crate) use checks::term;
pub use conjunction::{AnswerRow, Conjunction, Rows};
pub use list::{List, Page, PageToken};
pub use no_objects::NoObjects;
pub use request::{Attributes, Request, RequestValue};

use crate::error::{Error, ErrorKind};
use crate::facts::{Facts, ValueRef};
use crate::limits::Limits;
use crate::policy::Policy;

/// Decides questions over a snapshot of facts. Cheap to clone, `Send + Sync`; what a decision needs is kept by the thread
/// that asks, from one question to the next.
///
/// A newer snapshot is a new authorizer ([`Authorizer::with_facts`]): questions that are under way go on with theirs.
///
/// ```
/// use arctos::facts::{Facts, ValueRef};
/// use arctos::{Authorizer, Policy, Schema, Sources};
///
/// let mut schema = Schema::new();
/// schema.enable_facts();
/// let mut sources = Sources::default();
/// sources.add(Some("main.polar"), r#"
///     actor User {}
///     resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
/// "#);
/// let policy = Policy::load(&schema, sources)?;
///
/// let mut change = Facts::new().change();
/// for fact in arctos::facts::parse(None, r#"has_role(User{"ann"}, "reader", Doc{"plan"});"#)? {
///     change.insert(&fact)?;
/// }
/// let authorizer = Authorizer::new(&policy, change.commit().0)?;
///
/// let (ann, bob, plan) =
///     (ValueRef::entity("User", "ann"), ValueRef::entity("User", "bob"), ValueRef::entity("Doc", "plan"));
/// assert!(authorizer.check("allow", &[ann, "read".into(), plan])?);
/// assert!(!authorizer.check("allow", &[bob, "read".into(), plan])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authorizer {
    policy: Policy,
    facts: Facts,
    limits: Limits,
}

impl Authorizer {
    /// An authorizer with the standard [`Limits`].
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] for a policy that was loaded without [`Schema::enable_facts`](crate::Schema::enable_facts).
    pub fn new(policy: &Policy, facts: Facts) -> Result<Self, Error> {
        if !policy.schema().has_facts() {
            let message =
                "the policy was loaded without facts: call `Schema::enable_facts` before loading it";
            return Err(Error::new(ErrorKind::Misuse, message));
        }
        Ok(Authorizer { policy: policy.clone(), facts, limits: Limits::default() })
    }

    /// The same with other facts.
    #[must_use]
    pub fn with_facts(&self, facts: Facts) -> Self {
        Authorizer { facts, ..self.clone() }
    }

    /// The same with other limits. There is no clock, so [`Limits::time`] does not count.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Authorizer { limits, ..self.clone() }
    }

    /// The policy that is asked.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The facts that are asked.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// True when the rule holds for these arguments.
    ///
    /// # Errors
    /// [`ErrorKind::UndefinedRule`] where the policy has no such rule, [`ErrorKind::UnregisteredClass`] for an argument of a
    /// type that the policy does not name, [`ErrorKind::Exhausted`] at a limit, and whatever else goes wrong before it is
    /// decided. An error never means allow.
    pub fn check(&self, rule: &str, arguments: &[ValueRef<'_>]) -> Result<bool, Error> {
        self.check_request(&Request::default(), rule, arguments)
    }

    /// As [`Authorizer::check`], with what the request brings.
    ///
    /// # Errors
    /// As [`Authorizer::check`], and those of [`Authorizer::checks`].
    pub fn check_request(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
    ) -> Result<bool, Error> {
        self.checks(request)?.check(rule, arguments)
    }

    /// Begins checks of one request, which share what they find out about goals that lead to themselves (folders in folders,
    /// groups in groups).
    ///
    /// ```
    /// # use arctos::facts::{Facts, ValueRef};
    /// # use arctos::{Authorizer, Error, Request};
    /// /// Which of these documents she may read.
    /// fn readable(authorizer: &Authorizer, user: &str, documents: &[&str]) -> Result<Vec<bool>, Error> {
    ///     let user = ValueRef::entity("User", user);
    ///     let mut checks = authorizer.checks(&Request::default())?;
    ///     let ask = |id: &&str| checks.check("allow", &[user, "read".into(), ValueRef::entity("Doc", id)]);
    ///     documents.iter().map(ask).collect()
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::FactForm`] for a fact of the request that the policy cannot ask for
    /// ([`Policy::check_fact`]), [`ErrorKind::Facts`] for one that facts do not take.
    pub fn checks(&self, request: &Request<'_>) -> Result<Checks<'_>, Error> {
        Checks::begin(self, request)
    }
}
