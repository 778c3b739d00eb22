//! The door: a policy together with the classes it is about.
//!
//! INVARIANT: the policy in force is replaced whole or not at all; a decision sees one policy from its beginning to its
//! end.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::explain::Explanation;
use crate::facts::Facts;
use crate::parked::{self, Kept, Parked};
use crate::rust::class::{ClassDescription, PolarClass, constant};
use crate::rust::looks::{Maker, Sight};
use crate::rust::object::{Arena, Object};
use crate::rust::registry::{Classes, Dispatch, Registration, Registry};
use crate::rust::session::{Ground, QueryArguments, Session};
use crate::rust::to_polar::{AsPolar, ToPolar};
use crate::{Decider, Error, ErrorKind, Limits, Policy, Sources};

/// A policy and the application's classes. Cheap to clone; clones share the policy, a reload included.
///
/// Errors never mean *allow*: a method that answers `Err` has not decided.
///
/// ```
/// use arctos::rust::Arctos;
///
/// let arctos = Arctos::builder().load_str(r#"allow("ann", "read", _);"#).build()?;
/// assert!(arctos.is_allowed("ann", "read", "the page")?);
/// assert!(!arctos.is_allowed("bob", "read", "the page")?);
/// # Ok::<(), arctos::Error>(())
/// ```
#[derive(Clone)]
pub struct Arctos {
    inner: Arc<Inner>,
}

const _: () = {
    const fn shared<T: Send + Sync + Clone>() {}
    shared::<Arctos>();
};

pub(crate) struct Inner {
    pub(crate) registry: Registry,
    pub(crate) surroundings: Surroundings,
    current: ArcSwap<Loaded>,
    /// The address of the policy in force, or for a moment of the one before: so that a thread that has asked it lately finds
    /// it without counting references.
    in_force: AtomicUsize,
}

type Clock = Box<dyn Fn() -> Duration + Send + Sync>;
type Printer = Box<dyn Fn(&str) + Send + Sync>;

/// What is the same for every question.
pub(crate) struct Surroundings {
    pub(crate) limits: Limits,
    pub(crate) clock: Option<Clock>,
    pub(crate) print: Option<Printer>,
    pub(crate) read_action: String,
}

/// A policy with the tables made for it.
pub(crate) struct Loaded {
    pub(crate) policy: Policy,
    pub(crate) dispatch: Dispatch,
}

/// Collects classes, constants, policy texts and settings; see [`Arctos::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    registration: Registration,
    sources: Sources,
    surroundings: Surroundings,
}

impl Builder {
    /// Registers a class under the name it describes itself by.
    pub fn register<T: PolarClass>(self) -> Self {
        self.register_class(T::class())
    }

    /// Registers a description, for instance one that adds methods to a derived class.
    ///
    /// ```
    /// use arctos::rust::{Arctos, PolarClass};
    ///
    /// #[derive(PolarClass)]
    /// struct User { age: u8 }
    ///
    /// let class = User::class().method("is_grown", |user: &User| user.age >= 18);
    /// let arctos = Arctos::builder()
    ///     .register_class(class)
    ///     .load_str("allow(user: User, _, _) if user.is_grown();")
    ///     .build()?;
    /// assert!(arctos.is_allowed(&User { age: 40 }, "vote", ())?);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn register_class<T: 'static>(mut self, class: ClassDescription<T>) -> Self {
        self.registration.classes.push(class.parts);
        self
    }

    /// Registers a constant, which every rule may name.
    pub fn constant<V: AsPolar + Send + Sync + 'static>(mut self, name: &str, value: V) -> Self {
        self.registration.constants.push((name.to_owned(), constant(value)));
        self
    }

    /// Adds policy text without a name.
    pub fn load_str(mut self, text: &str) -> Self {
        self.sources.add(None, text);
        self
    }

    /// Adds the text of a file that the application has read; messages name it.
    pub fn load_named(mut self, name: &str, text: &str) -> Self {
        self.sources.add(Some(name), text);
        self
    }

    /// Says that the application keeps facts, so that the policy may ask for them: see [`Arctos::with_facts`].
    pub fn enable_facts(mut self) -> Self {
        self.registration.has_facts = true;
        self
    }

    /// Sets what one question may use.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.surroundings.limits = limits;
        self
    }

    /// Gives a clock, the time since any fixed moment. Without one [`Limits::time`] is not watched.
    ///
    /// ```
    /// use std::time::Instant;
    /// use arctos::rust::Arctos;
    ///
    /// let start = Instant::now();
    /// let arctos = Arctos::builder().clock(move || start.elapsed()).build()?;
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.surroundings.clock = Some(Box::new(clock));
        self
    }

    /// Says where `print(…)` goes; nowhere if nothing is said.
    pub fn print(mut self, print: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.surroundings.print = Some(Box::new(print));
        self
    }

    /// Sets the action that [`Arctos::authorize`] asks for to tell *not found* from *forbidden*; `read` by default.
    pub fn read_action(mut self, action: &str) -> Self {
        action.clone_into(&mut self.surroundings.read_action);
        self
    }

    /// Checks everything and loads the policy; inline queries (`?=`) are run.
    ///
    /// # Errors
    /// Every problem of the policy at once ([`Error::diagnostics`]); a name that is registered twice; an inline query
    /// that has no answer.
    pub fn build(self) -> Result<Arctos, Error> {
        let registry = Registry::new(self.registration)?;
        let loaded = load(&registry, &self.surroundings, self.sources)?;
        let inner = Inner {
            registry,
            surroundings: self.surroundings,
            in_force: AtomicUsize::new(loaded.policy.address()),
            current: ArcSwap::from_pointee(loaded),
        };
        Ok(Arctos { inner: Arc::new(inner) })
    }
}

fn load(registry: &Registry, surroundings: &Surroundings, sources: Sources) -> Result<Loaded, Error> {
    let policy = Policy::load(&registry.schema, sources)?;
    let dispatch = Dispatch::new(registry, policy.symbols());
    let loaded = Loaded { policy, dispatch };
    for query in loaded.policy.inline_queries() {
        let arena = Arena::default();
        let ground = Ground { registry, surroundings, loaded: &loaded, arena: &arena, facts: None };
        let mut question = ground.query();
        question.ask_text(query.text, &[])?;
        if !question.decide()? {
            let message = format!("inline query `{}` has no answer", query.text);
            return Err(Error::new(ErrorKind::InlineQueryFailed, message));
        }
    }
    Ok(loaded)
}

impl Arctos {
    /// Begins to collect classes, constants and policy texts.
    pub fn builder() -> Builder {
        Builder {
            registration: Registration::default(),
            sources: Sources::default(),
            surroundings: Surroundings {
                limits: Limits::default(),
                clock: None,
                print: None,
                read_action: "read".to_owned(),
            },
        }
    }

    /// Replaces the policy, for all clones, by these texts. Decisions under way finish under the old one. After an
    /// error the old policy stays in force.
    ///
    /// ```
    /// use arctos::Sources;
    /// use arctos::rust::Arctos;
    ///
    /// let arctos = Arctos::builder().load_str(r#"allow("ann", _, _);"#).build()?;
    /// let mut broken = Sources::default();
    /// broken.add(Some("main.polar"), r#"allow("bob""#);
    /// assert!(arctos.reload(broken).is_err());
    /// assert!(arctos.is_allowed("ann", "read", ())?);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn reload(&self, sources: Sources) -> Result<(), Error> {
        let loaded = load(&self.inner.registry, &self.inner.surroundings, sources)?;
        let address = loaded.policy.address();
        self.inner.current.store(Arc::new(loaded));
        self.inner.in_force.store(address, Ordering::Release);
        Ok(())
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        self.inner.current.load().policy.clone()
    }

    /// Several questions to one policy, and questions with many answers.
    pub fn session(&self) -> Session {
        let loaded = self.inner.current.load_full();
        Session { inner: self.inner.clone(), loaded, arena: Arena::default(), facts: None }
    }

    /// A [`session`](Arctos::session) whose questions are about these facts, too. Objects whose class names an
    /// [`id`](ClassDescription::id) are the entities of that class and id.
    ///
    /// ```
    /// use arctos::facts::{Facts, parse};
    /// use arctos::rust::{Arctos, PolarClass};
    ///
    /// #[derive(PolarClass)]
    /// struct User {
    ///     #[polar(attribute)]
    ///     login: String,
    /// }
    ///
    /// #[derive(PolarClass)]
    /// struct Page {
    ///     #[polar(attribute)]
    ///     number: i64,
    ///     #[polar(attribute)]
    ///     is_public: bool,
    /// }
    ///
    /// let arctos = Arctos::builder()
    ///     .enable_facts()
    ///     .register_class(User::class().id("login"))
    ///     .register_class(Page::class().id("number"))
    ///     .load_str(r#"
    ///         allow(user: User, "read", page: Page) if page.is_public or has_role(user, "reader", page);
    ///     "#)
    ///     .build()?;
    /// let mut change = Facts::new().change();
    /// for fact in parse(None, r#"has_role(User{"ann"}, "reader", Page{"7"});"#)? {
    ///     arctos.policy().check_fact(&fact)?;
    ///     change.insert(&fact)?;
    /// }
    /// let (facts, _) = change.commit();
    ///
    /// let ann = User { login: "ann".into() };
    /// let (seventh, eighth) = (Page { number: 7, is_public: false }, Page { number: 8, is_public: false });
    /// let session = arctos.with_facts(&facts);
    /// assert!(session.is_allowed(&ann, "read", &seventh)?);
    /// assert!(!session.is_allowed(&ann, "read", &eighth)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_facts(&self, facts: &Facts) -> Session {
        Session { facts: Some(facts.clone()), ..self.session() }
    }

    /// True when the policy has an answer to `allow(actor, action, resource)`.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str(r#"allow("ann", "read", _);"#).build()?;
    /// assert!(arctos.is_allowed("ann", "read", 7)?);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever prevented a decision: the application's own errors, a limit, a policy without any rule `allow`.
    pub fn is_allowed(
        &self,
        actor: impl ToPolar,
        action: impl ToPolar,
        resource: impl ToPolar,
    ) -> Result<bool, Error> {
        self.holds_rule("allow", (actor, action, resource))
    }

    /// Why `allow(actor, action, resource)` holds, or what it would take: see [`crate::explain`]. The application is asked again and
    /// again, so its answers must not change meanwhile.
    ///
    /// ```
    /// use arctos::rust::{Arctos, PolarClass};
    ///
    /// #[derive(PolarClass)]
    /// struct Page {
    ///     #[polar(attribute)]
    ///     is_public: bool,
    /// }
    ///
    /// let arctos = Arctos::builder()
    ///     .register::<Page>()
    ///     .load_str(r#"allow(_, "read", page: Page) if page.is_public = true;"#)
    ///     .build()?;
    /// let explanation = arctos.explain("ann", "read", &Page { is_public: false })?;
    /// assert!(!explanation.allowed);
    /// let nearest = explanation.misses[0].needed[0].to_string();
    /// assert_eq!(nearest, "page.is_public = true, where now page.is_public is false");
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Arctos::is_allowed`], and [`ErrorKind::Exhausted`](crate::ErrorKind::Exhausted) where the explanation takes more than the limits allow.
    pub fn explain(
        &self,
        actor: impl ToPolar,
        action: impl ToPolar,
        resource: impl ToPolar,
    ) -> Result<Explanation, Error> {
        self.session().explain(actor, action, resource)
    }

    /// Succeeds when the action is allowed.
    ///
    /// ```
    /// # use arctos::rust::{Arctos, AuthorizeError};
    /// let arctos = Arctos::builder()
    ///     .load_str(r#"allow("ann", action, "page") if action in ["read", "edit"]; allow("bob", "read", "page");"#)
    ///     .build()?;
    /// assert!(arctos.authorize("ann", "edit", "page").is_ok());
    /// assert!(matches!(arctos.authorize("bob", "edit", "page"), Err(AuthorizeError::Forbidden)));
    /// assert!(matches!(arctos.authorize("eve", "edit", "page"), Err(AuthorizeError::NotFound)));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`AuthorizeError::NotFound`] when the actor may not even read the resource, else [`AuthorizeError::Forbidden`];
    /// [`AuthorizeError::Failed`] when there is no decision.
    pub fn authorize(
        &self,
        actor: impl ToPolar + Copy,
        action: impl ToPolar,
        resource: impl ToPolar + Copy,
    ) -> Result<(), AuthorizeError> {
        let read = self.inner.surroundings.read_action.as_str();
        judged(self.is_allowed(actor, action, resource), || self.is_allowed(actor, read, resource))
    }

    /// Succeeds when the policy has an answer to `allow_field(actor, action, resource, field)`.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str(r#"allow_field("ann", "read", _, "title");"#).build()?;
    /// assert!(arctos.authorize_field("ann", "read", "page", "title").is_ok());
    /// assert!(arctos.authorize_field("ann", "read", "page", "notes").is_err());
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`AuthorizeError::Forbidden`] when not, [`AuthorizeError::Failed`] when there is no decision.
    pub fn authorize_field(
        &self,
        actor: impl ToPolar,
        action: impl ToPolar,
        resource: impl ToPolar,
        field: impl ToPolar,
    ) -> Result<(), AuthorizeError> {
        granted(self.holds_rule("allow_field", (actor, action, resource, field)))
    }

    /// Succeeds when the policy has an answer to `allow_request(actor, request)`.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str(r#"allow_request("ann", path) if path.starts_with("/me");"#).build()?;
    /// assert!(arctos.authorize_request("ann", "/me/keys").is_ok());
    /// assert!(arctos.authorize_request("ann", "/admin").is_err());
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`AuthorizeError::Forbidden`] when not, [`AuthorizeError::Failed`] when there is no decision.
    pub fn authorize_request(
        &self,
        actor: impl ToPolar,
        request: impl ToPolar,
    ) -> Result<(), AuthorizeError> {
        granted(self.holds_rule("allow_request", (actor, request)))
    }

    /// Which actions the policy allows.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder()
    ///     .load_str(r#"allow("ann", action, _) if action in ["read", "edit"]; allow("root", _, _);"#)
    ///     .build()?;
    /// assert!(arctos.authorized_actions("ann", "page")?.contains("edit"));
    /// assert!(arctos.authorized_actions("root", "page")?.is_all());
    /// assert!(!arctos.authorized_actions("eve", "page")?.contains("read"));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever prevented an answer; an action that is not a string.
    pub fn authorized_actions(
        &self,
        actor: impl ToPolar,
        resource: impl ToPolar,
    ) -> Result<Authorized, Error> {
        self.on_ground(|ground| ground.authorized_actions(actor, resource))
    }

    /// For which fields the policy allows the action.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str(r#"allow_field("ann", "read", _, "title");"#).build()?;
    /// assert!(arctos.authorized_fields("ann", "read", "page")?.contains("title"));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever prevented an answer; a field that is not a string.
    pub fn authorized_fields(
        &self,
        actor: impl ToPolar,
        action: impl ToPolar,
        resource: impl ToPolar,
    ) -> Result<Authorized, Error> {
        self.on_ground(|ground| ground.authorized_fields(actor, action, resource))
    }

    /// True when the policy has an answer to a query in text.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str("even(n) if n mod 2 = 0;").build()?;
    /// assert!(arctos.holds("even(4) and not even(5)")?);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// A text that is not a query; whatever prevented an answer.
    pub fn holds(&self, query: &str) -> Result<bool, Error> {
        self.on_ground(|ground| {
            let _open = parked::open()?;
            let mut question = ground.query();
            question.ask_text(query, &[])?;
            question.decide()
        })
    }

    fn holds_rule<A: QueryArguments>(&self, rule: &str, arguments: A) -> Result<bool, Error> {
        match arguments.sight(rule, |sight| self.look(sight)) {
            Some(decision) => Ok(decision),
            None => self.ask_rule(rule, arguments),
        }
    }

    /// What looking says, under the policy in force.
    pub(crate) fn look(&self, sight: Sight<'_>) -> Option<bool> {
        let Inner { registry, surroundings, in_force, .. } = &*self.inner;
        parked::with(in_force.load(Ordering::Acquire), |Parked { decider, rust }| {
            let Kept { loaded, looks, .. } = &mut **rust.as_mut()?;
            let classes = Classes { registry, dispatch: &loaded.dispatch };
            looks.decide(sight, classes, || Maker { decider, limits: &surroundings.limits })
        })
    }

    /// Asks a decider.
    fn ask_rule<A: QueryArguments>(&self, rule: &str, arguments: A) -> Result<bool, Error> {
        let (decider, mut kept) = match parked::take(self.inner.in_force.load(Ordering::Acquire)) {
            Some(Parked { decider, rust: Some(kept) }) => (decider, kept),
            parked => self.begin(parked),
        };
        let searches = std::mem::take(&mut kept.searches);
        let (decision, decider, searches) = {
            let mut decider: Decider<Object<'_>> = decider;
            let arena = Arena::default();
            let Inner { registry, surroundings, .. } = &*self.inner;
            let ground = Ground { registry, surroundings, loaded: &kept.loaded, arena: &arena, facts: None };
            let mut host = ground.host(searches);
            let decision = ground.holds(&mut decider, &mut host, rule, arguments);
            decider.clear();
            (decision, decider.recycle(), host.searches)
        };
        kept.searches = searches;
        parked::park(Parked { decider, rust: Some(kept) });
        decision
    }

    /// A decider for the policy in force: this thread's first, or one that has decided without objects so far.
    #[cold]
    fn begin(&self, parked: Option<Parked>) -> (Decider<Object<'static>>, Box<Kept>) {
        let loaded = self.inner.current.load_full();
        let parked = parked.filter(|parked| parked.decider.policy().is_same(&loaded.policy));
        let Parked { decider, .. } = parked.unwrap_or_else(|| Parked::new(&loaded.policy));
        (decider, Kept::new(loaded))
    }

    fn on_ground<R>(&self, ask: impl FnOnce(Ground<'_>) -> R) -> R {
        let loaded = self.inner.current.load();
        let arena = Arena::default();
        let Inner { registry, surroundings, .. } = &*self.inner;
        ask(Ground { registry, surroundings, loaded: &loaded, arena: &arena, facts: None })
    }
}

impl fmt::Debug for Arctos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arctos").field("rules", &self.policy().rules().count()).finish_non_exhaustive()
    }
}

/// Tells *not found* from *forbidden*.
pub(crate) fn judged(
    decision: Result<bool, Error>,
    may_read: impl FnOnce() -> Result<bool, Error>,
) -> Result<(), AuthorizeError> {
    if decision? {
        Ok(())
    } else if may_read()? {
        Err(AuthorizeError::Forbidden)
    } else {
        Err(AuthorizeError::NotFound)
    }
}

pub(crate) fn granted(decision: Result<bool, Error>) -> Result<(), AuthorizeError> {
    if decision? { Ok(()) } else { Err(AuthorizeError::Forbidden) }
}

/// Why something is not authorized.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// The actor may not even read the resource: answer as if it did not exist (404).
    NotFound,
    /// The actor may not do this (403).
    Forbidden,
    /// There is no decision.
    Failed(Error),
}

impl From<Error> for AuthorizeError {
    fn from(error: Error) -> Self {
        AuthorizeError::Failed(error)
    }
}

impl fmt::Display for AuthorizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthorizeError::NotFound => f.write_str("not found"),
            AuthorizeError::Forbidden => f.write_str("forbidden"),
            AuthorizeError::Failed(error) => write!(f, "no decision: {error}"),
        }
    }
}

impl StdError for AuthorizeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            AuthorizeError::Failed(error) => Some(error),
            AuthorizeError::NotFound | AuthorizeError::Forbidden => None,
        }
    }
}

/// Actions or fields that a policy allows.
///
/// ```
/// use arctos::rust::Authorized;
/// let some = Authorized::Only(["read".to_owned()].into());
/// assert!(some.contains("read") && !some.contains("edit"));
/// assert!(Authorized::All.contains("anything"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorized {
    /// All there are: a rule names none in particular.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Authorized {
    /// True when that one is among them.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Authorized::All => true,
            Authorized::Only(names) => names.contains(name),
        }
    }

    /// True when a rule allows all.
    pub fn is_all(&self) -> bool {
        matches!(self, Authorized::All)
    }

    /// The names, in alphabetical order; none for [`Authorized::All`], whose names nobody has listed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        match self {
            Authorized::All => None,
            Authorized::Only(names) => Some(names.iter().map(String::as_str)),
        }
        .into_iter()
        .flatten()
    }
}
