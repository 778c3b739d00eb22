//! Decisions over facts alone: a policy and a snapshot, without an application's objects.

use std::convert::Infallible;

use crate::decider::Decider;
use crate::error::{Error, ErrorKind};
use crate::explain::{Explanation, Extent, World};
use crate::facts::{Fact, Facts, ValueRef};
use crate::heap::{Heap, Term};
use crate::host::{Arguments, Comparison, Host, HostError, HostErrorKind, Lineage, Name, Replied};
use crate::limits::Limits;
use crate::parked::{self, Kept, Parked};
use crate::policy::Policy;
use crate::schema::{ClassId, ConstantId};

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

/// So many arguments need no list.
const FEW: usize = 4;

/// What one request brings besides its question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Facts that hold for this request only.
    pub facts: &'r [Fact],
    /// `@current_unix_time`, in seconds. A policy that asks for it and does not get it ends with
    /// [`ErrorKind::Unsupported`].
    pub unix_time: Option<i64>,
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
    /// As [`Authorizer::check`], and [`ErrorKind::Facts`] for a fact of the request that facts do not take.
    pub fn check_request(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
    ) -> Result<bool, Error> {
        self.checks(request)?.check(rule, arguments)
    }

    /// Why a rule holds for these arguments, or what it would take. See [`crate::explain`].
    ///
    /// # Errors
    /// As [`Authorizer::check_request`], and [`ErrorKind::Exhausted`] where the explanation takes more than [`Limits`] allow,
    /// though the decision may take less.
    pub fn explain(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
    ) -> Result<Explanation, Error> {
        self.explain_within(request, rule, arguments, &Extent::default())
    }

    /// As [`Authorizer::explain`], and as much as `extent` says.
    ///
    /// # Errors
    /// As there.
    pub fn explain_within(
        &self,
        request: &Request<'_>,
        rule: &str,
        arguments: &[ValueRef<'_>],
        extent: &Extent,
    ) -> Result<Explanation, Error> {
        let world = World { policy: &self.policy, facts: &self.facts, request, limits: &self.limits };
        world.explain(rule, arguments, extent)
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
    /// [`ErrorKind::Facts`] for a fact of the request that facts do not take.
    pub fn checks(&self, request: &Request<'_>) -> Result<Checks<'_>, Error> {
        let parked = parked::take(self.policy.address());
        let Parked { decider, rust } = parked.unwrap_or_else(|| Parked::new(&self.policy));
        let mut decider = decider.recycle();
        let ready = decider.set_facts(&self.facts, request);
        let checks = Checks { limits: &self.limits, parked: Some((decider, rust)) };
        ready.map(|()| checks)
    }
}

/// Checks of one request; see [`Authorizer::checks`].
#[derive(Debug)]
pub struct Checks<'a> {
    limits: &'a Limits,
    /// Taken when the checks end.
    parked: Option<(Decider<Infallible>, Option<Box<Kept>>)>,
}

impl Checks<'_> {
    /// As [`Authorizer::check`].
    ///
    /// # Errors
    /// As there. The checks that follow are not affected.
    pub fn check(&mut self, rule: &str, arguments: &[ValueRef<'_>]) -> Result<bool, Error> {
        let Some((decider, _)) = &mut self.parked else { return Ok(false) };
        let heap = decider.heap();
        // PERF: most questions have few arguments, and need no list of them.
        let mut few = [heap.nil(); FEW];
        let mut many = Vec::new();
        let terms = match few.get_mut(..arguments.len()) {
            Some(few) => few,
            None => {
                many.resize(arguments.len(), heap.nil());
                many.as_mut_slice()
            }
        };
        for (slot, argument) in terms.iter_mut().zip(arguments) {
            *slot = term(heap, *argument)?;
        }
        decider.decide_in_turn(&mut NoObjects, rule, terms, self.limits)
    }
}

impl Drop for Checks<'_> {
    fn drop(&mut self) {
        if let Some((mut decider, rust)) = self.parked.take() {
            decider.clear();
            parked::park(Parked { decider: decider.recycle(), rust });
        }
    }
}

/// An argument on the heap.
pub(crate) fn term(heap: &mut Heap<Infallible>, value: ValueRef<'_>) -> Result<Term, Error> {
    Ok(match value {
        ValueRef::Entity { type_name, id } => heap.entity(type_name, id)?,
        ValueRef::String(text) => heap.string(text),
        ValueRef::Integer(value) => heap.integer(value),
        ValueRef::Boolean(value) => heap.boolean(value),
        ValueRef::Any(_) => {
            let message = format!("`{value}` is no argument of a question, which is about one value");
            return Err(Error::new(ErrorKind::Misuse, message));
        }
    })
}

/// The host of a policy over facts: there are no objects. It is for questions with variables, which a [`Query`](crate::Query)
/// answers and an [`Authorizer`] does not.
///
/// ```
/// use arctos::facts::{self, Facts};
/// use arctos::{Bound, NoObjects, Policy, Query, Schema, Sources, View};
///
/// let mut schema = Schema::new();
/// schema.enable_facts();
/// let mut sources = Sources::default();
/// sources.add(None, r#"
///     actor User {}
///     resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
/// "#);
/// let policy = Policy::load(&schema, sources)?;
/// let mut change = Facts::new().change();
/// for fact in facts::parse(None, r#"has_role(User{"ann"}, "reader", Doc{"plan"});"#)? {
///     change.insert(&fact)?;
/// }
///
/// let mut query = Query::new(&policy, NoObjects);
/// query.set_facts(change.commit().0.view());
/// query.ask_text(r#"allow(User{"ann"}, "read", doc)"#, &[])?;
/// let answer = query.next()?.ok_or("there is one")?;
/// let Some(Bound::Term(doc)) = answer.get("doc") else { return Err("a value".into()) };
/// assert!(matches!(answer.heap().view(*doc), View::Entity { type_name: "Doc", id: "plan" }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObjects;

impl NoObjects {
    #[cold]
    fn none<T>(message: impl Into<String>) -> Result<T, HostError> {
        Err(HostError::new(HostErrorKind::Unsupported, message))
    }
}

impl Host for NoObjects {
    type Object = Infallible;

    fn lineage(&mut self, object: &Infallible) -> Lineage<'_> {
        match *object {}
    }

    fn attribute(&mut self, _: &mut Heap<Infallible>, _: Term, name: Name<'_>) -> Replied {
        Self::none(format!("there is no application to ask for `{}`", name.text))
    }

    fn call(&mut self, _: &mut Heap<Infallible>, _: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        Self::none(format!("there is no application to call `{}` of", name.text))
    }

    fn construct(&mut self, _: &mut Heap<Infallible>, _: ClassId, _: Arguments<'_>) -> Replied {
        Self::none("there is no application to construct objects")
    }

    fn constant(&mut self, _: &mut Heap<Infallible>, _: ConstantId) -> Replied {
        Self::none("there is no application to ask for constants")
    }

    fn class(&mut self, _: &mut Heap<Infallible>, _: ClassId) -> Replied {
        Self::none("there is no application to ask for classes")
    }

    fn compare(&mut self, _: &Heap<Infallible>, _: Comparison, _: Term, _: Term) -> Replied<bool> {
        Self::none("there is no application to compare objects")
    }

    fn iterate(&mut self, _: &mut Heap<Infallible>, _: Term) -> Result<Infallible, HostError> {
        Self::none("there is no application whose objects have items")
    }

    fn next(&mut self, _: &mut Heap<Infallible>, cursor: &Infallible) -> Replied<Option<Term>> {
        match *cursor {}
    }

    fn identity(&self, object: &Infallible) -> u64 {
        match *object {}
    }

    fn describe(&self, object: &Infallible) -> String {
        match *object {}
    }
}

#[cfg(test)]
mod tests;
