//! Questions with many answers, and several questions to one policy.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::authorizer::Request;
use crate::explain::{Explanation, Extent};
use crate::facts::Facts;
use crate::parked::{self, Kept, Parked};
use crate::rust::engine::{AuthorizeError, Authorized, Inner, Loaded, Surroundings, granted, judged};
use crate::rust::from_polar::FromPolar;
use crate::rust::host::RustHost;
use crate::rust::items::Searches;
use crate::rust::looks::{Argument, Maker, Sight};
use crate::rust::object::{Arena, Object, Scope, Values, World};
use crate::rust::registry::Registry;
use crate::rust::to_polar::ToPolar;
use crate::{Answer, Bound, Decider, Error, ErrorKind, HostError, HostErrorKind, Limits, Query, Term, View};

/// Everything a question stands on.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'q> {
    pub(crate) registry: &'q Registry,
    pub(crate) surroundings: &'q Surroundings,
    pub(crate) loaded: &'q Loaded,
    pub(crate) arena: &'q Arena,
    pub(crate) facts: Option<&'q Facts>,
}

impl<'q> Ground<'q> {
    pub(crate) fn world(self) -> World<'q> {
        World { registry: self.registry, arena: self.arena, symbols: self.loaded.policy.symbols() }
    }

    pub(crate) fn host(self, searches: Searches) -> RustHost<'q> {
        RustHost {
            world: self.world(),
            dispatch: &self.loaded.dispatch,
            surroundings: self.surroundings,
            cursors: Vec::new(),
            searches,
        }
    }

    pub(crate) fn query(self) -> Query<RustHost<'q>> {
        let mut query = Query::new(&self.loaded.policy, self.host(Searches::new()));
        query.set_limits(self.surroundings.limits.clone());
        if let Some(facts) = self.facts {
            query.set_facts(facts.view());
        }
        query
    }

    pub(crate) fn ask<A: QueryArguments + 'q>(self, rule: &str, arguments: A) -> Result<Answers<'q>, Error> {
        let mut query = self.query();
        let asking = &mut Asking { to: To::Query(&mut query), world: self.world() };
        arguments.ask(rule, asking)?;
        Ok(Answers { query, world: self.world() })
    }

    /// Decides, and lets the decider remember.
    pub(crate) fn holds<A: QueryArguments + 'q>(
        self,
        decider: &mut Decider<Object<'q>>,
        host: &mut RustHost<'q>,
        rule: &str,
        arguments: A,
    ) -> Result<bool, Error> {
        let _open = parked::open()?;
        self.show_facts(decider)?;
        let limits = &self.surroundings.limits;
        let deciding = Deciding { decider, host, limits, variables: Vec::new() };
        arguments.ask(rule, &mut Asking { to: To::Decider(deciding), world: self.world() })
    }

    /// Shows a decider the facts of these questions: another's may be what it has seen last.
    fn show_facts(self, decider: &mut Decider<Object<'q>>) -> Result<(), Error> {
        if !self.loaded.policy.schema().has_facts() {
            return Ok(());
        }
        let none = Facts::new();
        decider.set_facts(self.facts.unwrap_or(&none), &Request::default())
    }

    /// Explains a decision.
    pub(crate) fn explain<A: QueryArguments + 'q>(
        self,
        rule: &str,
        arguments: A,
        extent: &Extent,
    ) -> Result<Explanation, Error> {
        let _open = parked::open()?;
        let mut query = self.query();
        let mut explanation = None;
        let to = To::Explanation(Explaining { query: &mut query, extent, explanation: &mut explanation });
        arguments.ask(rule, &mut Asking { to, world: self.world() })?;
        explanation.ok_or_else(|| Error::new(ErrorKind::Misuse, "nothing was asked"))
    }

    pub(crate) fn authorized_actions<A, R>(self, actor: A, resource: R) -> Result<Authorized, Error>
    where
        A: ToPolar + 'q,
        R: ToPolar + 'q,
    {
        self.ask("allow", (actor, Unbound("action"), resource))?.collect("action")
    }

    pub(crate) fn authorized_fields<A, B, R>(
        self,
        actor: A,
        action: B,
        resource: R,
    ) -> Result<Authorized, Error>
    where
        A: ToPolar + 'q,
        B: ToPolar + 'q,
        R: ToPolar + 'q,
    {
        self.ask("allow_field", (actor, action, resource, Unbound("field")))?.collect("field")
    }
}

/// Asks several questions of one policy, whatever is reloaded meanwhile, and reads their answers.
///
/// ```
/// use arctos::rust::{Arctos, Unbound};
///
/// let arctos = Arctos::builder().load_str(r#"owns("ann", "page"); owns("ann", "file");"#).build()?;
/// let session = arctos.session();
/// let mut answers = session.query_rule("owns", ("ann", Unbound("what")))?;
/// let mut owned = Vec::new();
/// while let Some(answer) = answers.next()? {
///     owned.push(answer.get::<&str>("what")?);
/// }
/// assert_eq!(owned, ["page", "file"]);
/// # Ok::<(), arctos::Error>(())
/// ```
pub struct Session {
    pub(crate) inner: Arc<Inner>,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) arena: Arena,
    pub(crate) facts: Option<Facts>,
}

impl Session {
    pub(crate) fn ground(&self) -> Ground<'_> {
        let Inner { registry, surroundings, .. } = &*self.inner;
        Ground {
            registry,
            surroundings,
            loaded: &self.loaded,
            arena: &self.arena,
            facts: self.facts.as_ref(),
        }
    }

    /// Begins to ask questions that belong together: what one finds out about goals that lead to themselves (folders in folders,
    /// groups in groups) need not be found out by the next.
    ///
    /// ```
    /// use arctos::rust::{Arctos, PolarClass};
    ///
    /// #[derive(PolarClass)]
    /// struct Folder {
    ///     #[polar(attribute)]
    ///     owner: &'static str,
    ///     #[polar(attribute)]
    ///     parent: Option<std::sync::Arc<Folder>>,
    /// }
    ///
    /// let arctos = Arctos::builder()
    ///     .register::<Folder>()
    ///     .load_str(r#"
    ///         allow(who, "read", folder: Folder) if who = folder.owner;
    ///         allow(who, "read", folder: Folder) if
    ///             parent = folder.parent and parent matches Folder and allow(who, "read", parent);
    ///     "#)
    ///     .build()?;
    /// let top = Folder { owner: "ann", parent: None };
    /// let folders = [Folder { owner: "bob", parent: Some(top.into()) }, Folder { owner: "eve", parent: None }];
    ///
    /// let session = arctos.session();
    /// let mut batch = session.batch();
    /// let mut readable = Vec::new();
    /// for folder in &folders {
    ///     readable.push(batch.is_allowed("ann", "read", folder)?);
    /// }
    /// assert_eq!(readable, [true, false]);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn batch(&self) -> Batch<'_> {
        let parked = parked::take(self.loaded.policy.address());
        let Parked { decider, rust } = parked.unwrap_or_else(|| Parked::new(&self.loaded.policy));
        let mut kept = rust.unwrap_or_else(|| Kept::new(Arc::clone(&self.loaded)));
        let host = self.ground().host(std::mem::take(&mut kept.searches));
        Batch { ground: self.ground(), host, parked: Some((decider, kept)) }
    }

    /// As [`Arctos::is_allowed`](crate::rust::Arctos::is_allowed).
    ///
    /// # Errors
    /// As there.
    pub fn is_allowed<'q>(
        &'q self,
        actor: impl ToPolar + 'q,
        action: impl ToPolar + 'q,
        resource: impl ToPolar + 'q,
    ) -> Result<bool, Error> {
        self.batch().is_allowed(actor, action, resource)
    }

    /// As [`Arctos::explain`](crate::rust::Arctos::explain).
    ///
    /// # Errors
    /// As there.
    pub fn explain<'q>(
        &'q self,
        actor: impl ToPolar + 'q,
        action: impl ToPolar + 'q,
        resource: impl ToPolar + 'q,
    ) -> Result<Explanation, Error> {
        self.explain_rule("allow", (actor, action, resource), &Extent::default())
    }

    /// Why any rule holds for these arguments, or what it would take, and as much of it as `extent` says.
    ///
    /// # Errors
    /// As [`Session::explain`].
    pub fn explain_rule<'q>(
        &'q self,
        rule: &str,
        arguments: impl QueryArguments + 'q,
        extent: &Extent,
    ) -> Result<Explanation, Error> {
        self.ground().explain(rule, arguments, extent)
    }

    /// As [`Arctos::authorize`](crate::rust::Arctos::authorize).
    ///
    /// # Errors
    /// As there.
    pub fn authorize<'q>(
        &'q self,
        actor: impl ToPolar + Copy + 'q,
        action: impl ToPolar + 'q,
        resource: impl ToPolar + Copy + 'q,
    ) -> Result<(), AuthorizeError> {
        let read = self.inner.surroundings.read_action.as_str();
        judged(self.is_allowed(actor, action, resource), || self.is_allowed(actor, read, resource))
    }

    /// Succeeds when a rule has an answer.
    ///
    /// # Errors
    /// [`AuthorizeError::Forbidden`] when not, [`AuthorizeError::Failed`] when there is no decision.
    pub fn require<'q>(
        &'q self,
        rule: &str,
        arguments: impl QueryArguments + 'q,
    ) -> Result<(), AuthorizeError> {
        granted(self.batch().holds(rule, arguments))
    }

    /// Asks for a rule; [`Unbound`] arguments are the question's variables.
    ///
    /// # Errors
    /// Where the policy has no such rule, or an argument cannot be handed over.
    pub fn query_rule<'q>(
        &'q self,
        rule: &str,
        arguments: impl QueryArguments + 'q,
    ) -> Result<Answers<'q>, Error> {
        self.ground().ask(rule, arguments)
    }

    /// Asks a query in text.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().build()?;
    /// let session = arctos.session();
    /// let mut answers = session.query("x in [1, 2] and y = x + 1")?;
    /// let first = answers.next()?.expect("an answer");
    /// assert_eq!((first.get::<i64>("x")?, first.get::<i64>("y")?), (1, 2));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the text is not a query.
    pub fn query(&self, text: &str) -> Result<Answers<'_>, Error> {
        self.prepare(text).ask()
    }

    /// A query in text, some of whose variables are given values first.
    ///
    /// ```
    /// # use arctos::rust::Arctos;
    /// let arctos = Arctos::builder().load_str(r#"allow("ann", "read", _);"#).build()?;
    /// let session = arctos.session();
    /// let mut answers = session.prepare("allow(who, action, 1)").bind("who", "ann")?.ask()?;
    /// assert_eq!(answers.next()?.expect("an answer").get::<&str>("action")?, "read");
    /// # Ok::<(), arctos::Error>(())
    /// ```
    pub fn prepare<'q>(&'q self, text: &str) -> Prepared<'q> {
        let ground = self.ground();
        Prepared { query: ground.query(), world: ground.world(), text: text.to_owned(), bindings: Vec::new() }
    }
}

/// Questions of one request that share what they find out; see [`Session::batch`].
///
/// The objects they are about stay borrowed meanwhile, so that they are the same objects for all.
pub struct Batch<'q> {
    ground: Ground<'q>,
    host: RustHost<'q>,
    /// Taken when the batch ends.
    parked: Option<(Decider<Object<'q>>, Box<Kept>)>,
}

impl<'q> Batch<'q> {
    /// As [`Arctos::is_allowed`](crate::rust::Arctos::is_allowed).
    ///
    /// # Errors
    /// As there. The questions that follow are not affected.
    pub fn is_allowed(
        &mut self,
        actor: impl ToPolar + 'q,
        action: impl ToPolar + 'q,
        resource: impl ToPolar + 'q,
    ) -> Result<bool, Error> {
        self.holds("allow", (actor, action, resource))
    }

    /// True when a rule has an answer.
    ///
    /// # Errors
    /// Whatever prevented a decision.
    pub fn holds(&mut self, rule: &str, arguments: impl QueryArguments + 'q) -> Result<bool, Error> {
        let Some((decider, kept)) = &mut self.parked else { return Ok(false) };
        let limits = &self.ground.surroundings.limits;
        let classes = self.host.classes();
        let look =
            |sight: Sight<'_>| kept.looks.decide(sight, classes, || Maker { decider: &mut *decider, limits });
        if let Some(decision) = arguments.sight(rule, look) {
            return Ok(decision);
        }
        self.ground.holds(decider, &mut self.host, rule, arguments)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Some((mut decider, mut kept)) = self.parked.take() {
            decider.clear();
            kept.searches = std::mem::take(&mut self.host.searches);
            parked::park(Parked { decider: decider.recycle(), rust: Some(kept) });
        }
    }
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

/// A query in text that is not yet asked; see [`Session::prepare`].
#[must_use = "a query does nothing until `ask`"]
pub struct Prepared<'q> {
    query: Query<RustHost<'q>>,
    world: World<'q>,
    text: String,
    bindings: Vec<(String, Term)>,
}

impl<'q> Prepared<'q> {
    /// Gives one of its variables a value.
    ///
    /// # Errors
    /// Where the value cannot be handed over.
    pub fn bind(mut self, variable: &str, value: impl ToPolar + 'q) -> Result<Self, Error> {
        let mut scope = Scope { heap: self.query.heap(), world: self.world };
        let term = value.to_polar(&mut scope).map_err(Error::from_host)?;
        self.bindings.push((variable.to_owned(), term));
        Ok(self)
    }

    /// Asks it.
    ///
    /// # Errors
    /// Where the text is not a query.
    pub fn ask(mut self) -> Result<Answers<'q>, Error> {
        let bindings: Vec<(&str, Term)> =
            self.bindings.iter().map(|(name, term)| (name.as_str(), *term)).collect();
        self.query.ask_text(&self.text, &bindings)?;
        Ok(Answers { query: self.query, world: self.world })
    }
}

/// The answers to a question, found one by one as they are asked for.
pub struct Answers<'q> {
    query: Query<RustHost<'q>>,
    world: World<'q>,
}

impl<'q> Answers<'q> {
    /// The next answer.
    ///
    /// # Errors
    /// Whatever went wrong; there are no answers after an error.
    #[expect(
        clippy::should_implement_trait,
        reason = "answers borrow from the query, which `Iterator` cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Solution<'_, 'q>>, Error> {
        let _open = parked::open()?;
        let world = self.world;
        Ok(self.query.next()?.map(|answer| Solution { answer, world }))
    }

    /// The strings that a variable stands for in all answers.
    fn collect(mut self, variable: &str) -> Result<Authorized, Error> {
        let mut names = BTreeSet::new();
        while let Some(solution) = self.next()? {
            if solution.is_unbound(variable) {
                return Ok(Authorized::All);
            }
            names.insert(solution.get::<String>(variable)?);
        }
        Ok(Authorized::Only(names))
    }
}

/// One answer: what the question's variables stand for.
pub struct Solution<'a, 'q> {
    answer: Answer<'a, Object<'q>>,
    world: World<'q>,
}

impl<'a, 'q> Solution<'a, 'q> {
    /// What a variable stands for, as a Rust value; objects are borrowed (`get::<&User>("user")`).
    ///
    /// # Errors
    /// A value of another kind; a variable that this answer says nothing about, or of which it only tells conditions.
    pub fn get<A: FromPolar>(&self, variable: &str) -> Result<A::As<'q>, Error> {
        let term = match self.answer.get(variable) {
            Some(Bound::Term(term)) => *term,
            Some(Bound::Condition(_)) => {
                let message = format!("`{variable}` has no value, only conditions that it must meet");
                return Err(Error::new(ErrorKind::Undecided, message));
            }
            None => {
                let message = format!("this answer says nothing about a variable `{variable}`");
                return Err(Error::new(ErrorKind::Undecided, message));
            }
        };
        let values = Values { heap: self.answer.heap(), world: self.world };
        A::from_polar(term, &values).map_err(Error::from_host)
    }

    /// True when this answer says nothing about that variable: it holds whatever stands for it.
    pub fn is_unbound(&self, variable: &str) -> bool {
        match self.answer.get(variable) {
            Some(Bound::Term(term)) => matches!(self.answer.heap().view(*term), View::Variable(_)),
            Some(Bound::Condition(_)) => false,
            None => true,
        }
    }

    /// The variables of which the answer tells something, in order of first appearance, except those that begin with
    /// `_`.
    pub fn variables(&self) -> impl Iterator<Item = &'a str> + use<'a, 'q> {
        self.answer.iter().map(|(name, _)| name)
    }
}

/// A variable among the arguments of [`Session::query_rule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbound<'n>(pub &'n str);

impl ToPolar for Unbound<'_> {
    fn to_polar<'q>(self, _scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
    where
        Self: 'q,
    {
        let message = format!("the variable `{}` may stand only as a whole argument of a question", self.0);
        Err(HostError::new(HostErrorKind::Unsupported, message))
    }

    fn variable_name(&self) -> Option<&str> {
        Some(self.0)
    }
}

/// A question that is being put.
pub struct Asking<'a, 'q> {
    to: To<'a, 'q>,
    world: World<'q>,
}

/// Who is asked.
enum To<'a, 'q> {
    /// For all answers.
    Query(&'a mut Query<RustHost<'q>>),
    /// Whether there is one.
    Decider(Deciding<'a, 'q>),
    /// Why there is one, or none.
    Explanation(Explaining<'a, 'q>),
}

struct Explaining<'a, 'q> {
    query: &'a mut Query<RustHost<'q>>,
    extent: &'a Extent,
    explanation: &'a mut Option<Explanation>,
}

struct Deciding<'a, 'q> {
    decider: &'a mut Decider<Object<'q>>,
    host: &'a mut RustHost<'q>,
    limits: &'a Limits,
    variables: Vec<(String, Term)>,
}

impl Deciding<'_, '_> {
    /// The same name is the same variable.
    fn variable(&mut self, name: &str) -> Term {
        if let Some((_, term)) = self.variables.iter().find(|(known, _)| known == name) {
            return *term;
        }
        let term = self.decider.heap().variable();
        self.variables.push((name.to_owned(), term));
        term
    }
}

impl<'q> Asking<'_, 'q> {
    fn argument<T: ToPolar + 'q>(&mut self, argument: T) -> Result<Term, Error> {
        if let Some(name) = argument.variable_name() {
            return Ok(match &mut self.to {
                To::Query(query) => query.variable(name),
                To::Decider(deciding) => deciding.variable(name),
                To::Explanation(explaining) => explaining.query.variable(name),
            });
        }
        let heap = match &mut self.to {
            To::Query(query) => query.heap(),
            To::Decider(deciding) => deciding.decider.heap(),
            To::Explanation(explaining) => explaining.query.heap(),
        };
        argument.to_polar(&mut Scope { heap, world: self.world }).map_err(Error::from_host)
    }

    /// Puts the question; for a decision that is its answer, else true.
    fn put(&mut self, rule: &str, arguments: &[Term]) -> Result<bool, Error> {
        match &mut self.to {
            To::Query(query) => query.ask(rule, arguments).map(|()| true),
            To::Decider(deciding) => {
                deciding.decider.decide_in_turn(deciding.host, rule, arguments, deciding.limits)
            }
            To::Explanation(Explaining { query, extent, explanation }) => {
                let found = query.explain(rule, arguments, extent)?;
                let allowed = found.allowed;
                **explanation = Some(found);
                Ok(allowed)
            }
        }
    }
}

/// Arguments of a rule: a tuple of up to eight values.
pub trait QueryArguments {
    /// Puts the question.
    #[doc(hidden)]
    fn ask<'q>(self, rule: &str, asking: &mut Asking<'_, 'q>) -> Result<bool, Error>
    where
        Self: 'q;

    /// Calls `f` with the sight of the question, if all of its arguments can be seen.
    #[doc(hidden)]
    fn sight<R>(&self, rule: &str, f: impl FnOnce(Sight<'_>) -> Option<R>) -> Option<R>;
}

impl QueryArguments for () {
    fn ask<'q>(self, rule: &str, asking: &mut Asking<'_, 'q>) -> Result<bool, Error>
    where
        Self: 'q,
    {
        asking.put(rule, &[])
    }

    fn sight<R>(&self, rule: &str, f: impl FnOnce(Sight<'_>) -> Option<R>) -> Option<R> {
        Sight::of(rule, &[], f)
    }
}

/// Implements [`QueryArguments`] for tuples.
macro_rules! arguments {
    ($(($($name:ident),+))*) => {$(
        impl<$($name: ToPolar),+> QueryArguments for ($($name,)+) {
            #[expect(non_snake_case, reason = "the type parameters name the arguments")]
            fn ask<'q>(self, rule: &str, asking: &mut Asking<'_, 'q>) -> Result<bool, Error>
            where
                Self: 'q,
            {
                let ($($name,)+) = self;
                let terms = [$(asking.argument($name)?),+];
                asking.put(rule, &terms)
            }

            #[inline]
            #[expect(non_snake_case, reason = "the type parameters name the arguments")]
            fn sight<R>(&self, rule: &str, f: impl FnOnce(Sight<'_>) -> Option<R>) -> Option<R> {
                let ($($name,)+) = self;
                Sight::of(rule, &[$(Argument::of($name.seen())?),+], f)
            }
        }
    )*};
}

arguments!((A)(A, B)(A, B, C)(A, B, C, D)(A, B, C, D, E)(A, B, C, D, E, F)(A, B, C, D, E, F, G)(
    A, B, C, D, E, F, G, H
));
