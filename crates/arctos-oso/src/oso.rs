//! `Oso`: classes, constants, a policy, and questions to it.

use std::collections::HashSet;
use std::fs;
use std::hash::Hash;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use arctos::{Policy, Sources};

use crate::class::Class;
use crate::errors::polar::PolarError;
use crate::errors::{OsoError, Result};
use crate::from_polar::FromPolar;
use crate::host::{ClassHost, Registered};
use crate::query::Query;
use crate::to_polar::{ToPolar, ToPolarList};
use crate::value::PolarValue;
use crate::{builtins, host};

/// A policy and the classes it is about. A clone has its own registrations and policy from then on.
///
/// ```
/// use oso::Oso;
/// let mut oso = Oso::new();
/// oso.load_str(r#"allow("ann", "read", _);"#)?;
/// assert!(oso.is_allowed("ann", "read", 1)?);
/// # Ok::<(), oso::OsoError>(())
/// ```
#[derive(Clone)]
pub struct Oso {
    registered: Arc<Registered>,
    sources: Option<Sources>,
    /// The policy as checked against what is registered now; made when it is needed.
    policy: OnceLock<Policy>,
}

const _: () = {
    const fn shared<T: Send + Sync + Clone>() {}
    shared::<Oso>();
};

impl Default for Oso {
    fn default() -> Self {
        Oso::new()
    }
}

/// An action that a policy allows: any, or this one.
///
/// ```
/// use std::collections::HashSet;
/// use oso::{Action, Oso};
/// let mut oso = Oso::new();
/// oso.load_str(r#"allow("ann", "read", _); allow("root", _, _);"#)?;
/// let actions: HashSet<Action> = oso.get_allowed_actions("ann", 1)?;
/// assert_eq!(actions, HashSet::from([Action::Typed("read".to_owned())]));
/// let actions: HashSet<Action> = oso.get_allowed_actions("root", 1)?;
/// assert_eq!(actions, HashSet::from([Action::Any]));
/// # Ok::<(), oso::OsoError>(())
/// ```
#[derive(Clone, Debug, Hash, Eq, PartialEq)]
pub enum Action<T = String> {
    /// Any action.
    Any,
    /// This action.
    Typed(T),
}

impl<T: FromPolar> FromPolar for Action<T> {
    fn from_polar(val: PolarValue) -> Result<Self> {
        match val {
            PolarValue::Variable(_) => Ok(Action::Any),
            val => T::from_polar(val).map(Action::Typed),
        }
    }
}

impl Oso {
    /// Without a policy; the built-in classes and the constant `nil` are registered.
    pub fn new() -> Self {
        let mut registered = Registered::new();
        for class in builtins::classes() {
            // The built-in names are distinct, so that none can be taken.
            let _ = registered.add_class(class);
        }
        registered.add_constant("nil", None::<PolarValue>.to_polar());
        Oso { registered: Arc::new(registered), sources: None, policy: OnceLock::new() }
    }

    /// True when the policy has an answer to `allow(actor, action, resource)`.
    ///
    /// # Errors
    /// Whatever prevented a decision.
    pub fn is_allowed<Actor, Action, Resource>(
        &self,
        actor: Actor,
        action: Action,
        resource: Resource,
    ) -> Result<bool>
    where
        Actor: ToPolar,
        Action: ToPolar,
        Resource: ToPolar,
    {
        self.query_rule("allow", (actor, action, resource))?.decide()
    }

    /// The actions that the policy allows.
    ///
    /// # Errors
    /// Whatever prevented an answer; an action that is not a `T`.
    pub fn get_allowed_actions<Actor, Resource, T>(
        &self,
        actor: Actor,
        resource: Resource,
    ) -> Result<HashSet<T>>
    where
        Actor: ToPolar,
        Resource: ToPolar,
        T: FromPolar + Eq + Hash,
    {
        let action = PolarValue::Variable("action".to_owned());
        self.query_rule("allow", (actor, action, resource))?
            .map(|answer| answer?.get_typed("action"))
            .collect()
    }

    /// Forgets the policy; classes and constants stay.
    ///
    /// # Errors
    /// None.
    pub fn clear_rules(&mut self) -> Result<()> {
        self.sources = None;
        self.policy = OnceLock::new();
        Ok(())
    }

    /// Loads a policy file.
    ///
    /// # Errors
    /// As [`Oso::load_files`].
    #[deprecated(since = "0.20.1", note = "use `load_files`: all files of a policy are loaded at once")]
    pub fn load_file<P: AsRef<Path>>(&mut self, filename: P) -> Result<()> {
        self.load_files(vec![filename])
    }

    /// Loads a policy from files whose names end in `.polar`.
    ///
    /// # Errors
    /// Where a file cannot be read, a policy is loaded already, or it is not valid; see [`Oso::load_str`].
    pub fn load_files<P: AsRef<Path>>(&mut self, filenames: Vec<P>) -> Result<()> {
        if filenames.is_empty() {
            return Ok(());
        }
        let mut sources = Sources::default();
        for path in &filenames {
            let path = path.as_ref();
            let filename = path.to_string_lossy().into_owned();
            if path.extension().is_none_or(|extension| extension != "polar") {
                return Err(OsoError::IncorrectFileType { filename });
            }
            sources.add(Some(&filename), &fs::read_to_string(path)?);
        }
        self.load_sources(sources)
    }

    /// Loads a policy.
    ///
    /// # Errors
    /// Where it is not valid, an inline query has no answer, or a policy is loaded already (clear it first). Nothing is
    /// loaded then.
    pub fn load_str(&mut self, src: &str) -> Result<()> {
        let mut sources = Sources::default();
        sources.add(None, src);
        self.load_sources(sources)
    }

    #[expect(clippy::print_stderr, reason = "warnings went there in `oso` too")]
    fn load_sources(&mut self, sources: Sources) -> Result<()> {
        if self.sources.is_some() {
            let message = "a policy is loaded already: load all of it at once, or call `clear_rules` first";
            return Err(PolarError::message(message).into());
        }
        let policy = Policy::load(&self.registered.schema, sources.clone())?;
        for warning in policy.warnings() {
            eprintln!("[warning] {} at {}", warning.message, policy.sources().locate(warning.span));
        }
        for query in policy.inline_queries() {
            if !Query::text(&policy, self.host(), query.text)?.decide()? {
                let location = policy.sources().locate(query.span);
                return Err(OsoError::InlineQueryFailedError { location });
            }
        }
        self.sources = Some(sources);
        self.policy = OnceLock::from(policy);
        Ok(())
    }

    fn host(&self) -> ClassHost {
        ClassHost { registered: self.registered.clone(), start: Instant::now() }
    }

    /// The policy, checked again where classes or constants were registered since it was loaded.
    fn policy(&self) -> Result<&Policy> {
        if let Some(policy) = self.policy.get() {
            return Ok(policy);
        }
        let policy = Policy::load(&self.registered.schema, self.sources.clone().unwrap_or_default())?;
        Ok(self.policy.get_or_init(|| policy))
    }

    /// Asks a query in text.
    ///
    /// ```
    /// # use oso::Oso;
    /// let mut answers = Oso::new().query("x in [1, 2]")?;
    /// assert_eq!(answers.next_result().expect("an answer")?.get_typed::<i64>("x")?, 1);
    /// # Ok::<(), oso::OsoError>(())
    /// ```
    ///
    /// # Errors
    /// Where the text is not a query.
    pub fn query(&self, s: &str) -> Result<Query> {
        Query::text(self.policy()?, self.host(), s)
    }

    /// Asks for a rule. What goes wrong in asking is the first answer.
    ///
    /// ```
    /// # use oso::{Oso, PolarValue};
    /// # let mut oso = Oso::new();
    /// oso.load_str(r#"likes("ann", "tea");"#)?;
    /// let what = PolarValue::Variable("what".to_owned());
    /// let answer = oso.query_rule("likes", ("ann", what))?.next().expect("an answer")?;
    /// assert_eq!(answer.get_typed::<String>("what")?, "tea");
    /// # Ok::<(), oso::OsoError>(())
    /// ```
    ///
    /// # Errors
    /// Where the policy does not fit what was registered after it was loaded.
    #[must_use = "a query that is not consumed does nothing"]
    pub fn query_rule(&self, name: &str, args: impl ToPolarList) -> Result<Query> {
        Ok(Query::rule(self.policy()?, self.host(), name, &args.to_polar_list()))
    }

    /// Registers a class under its name, and its constants.
    ///
    /// # Errors
    /// [`OsoError::DuplicateClassError`] where the name is taken.
    pub fn register_class(&mut self, class: Class) -> Result<()> {
        Arc::make_mut(&mut self.registered).add_class(class)?;
        self.policy = OnceLock::new();
        Ok(())
    }

    /// Registers a constant; a name that is taken gets the new value.
    ///
    /// ```
    /// # use oso::Oso;
    /// let mut oso = Oso::new();
    /// oso.register_constant(7, "SEVEN")?;
    /// assert!(oso.query("SEVEN = 7")?.next_result().is_some());
    /// # Ok::<(), oso::OsoError>(())
    /// ```
    ///
    /// # Errors
    /// None.
    pub fn register_constant<V: ToPolar + Send + Sync>(&mut self, value: V, name: &str) -> Result<()> {
        Arc::make_mut(&mut self.registered).add_constant(name, value.to_polar());
        self.policy = OnceLock::new();
        Ok(())
    }
}

impl host::Place for arctos::Query<ClassHost> {
    fn heap(&mut self) -> &mut arctos::Heap<host::Handle> {
        arctos::Query::heap(self)
    }

    fn variable(&mut self, name: &str) -> arctos::Term {
        arctos::Query::variable(self, name)
    }
}
