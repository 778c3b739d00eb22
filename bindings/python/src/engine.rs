//! One policy, what is registered for it, and the questions that may be asked: the class behind `arctos.Arctos`.
//!
//! Many threads share one engine. The policy in force is a counted pointer that is exchanged whole; a query holds on to the
//! policy it began with.
//!
//! INVARIANT: no lock is held while Python code runs or while a policy is compiled.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use arctos::explain::Extent;
use arctos::residual::{Asked, Reader};
use arctos::{Bound as Binding, Limits, Observer, Proof, Query, Sources, Span, Term};
use arctos_wire::explanation::to_html;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

use crate::answers::{Answers, Reading};
use crate::convert::{Question, incoming};
use crate::drive;
use crate::errors;
use crate::filter::{PyResidual, PyRowTypes};
use crate::guard::guarded;
use crate::host::{Kept, PyHost};
use crate::loaded::Loaded;
use crate::registry::Registry;
use crate::waiting::WaitingAnswers;

/// A rule that a decision rests on: name, file, line, text.
type Deciding = (String, Option<String>, u32, String);

/// Operations of an attempt: well under a millisecond, during which other threads wait.
const ATTEMPT: u64 = 4_000;

/// Tells one state of an engine from another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// How often anything was registered.
    version: u64,
    /// How often a policy was put in force.
    installed: u64,
}

/// The engine behind `arctos.Arctos`.
#[pyclass(frozen, module = "arctos._arctos")]
pub(crate) struct Engine {
    registry: Mutex<Registry>,
    /// The policy in force, and the engine as it was when that was checked; `None` before first use.
    current: RwLock<Option<(Stamp, Arc<Loaded>)>>,
    /// Counts registrations.
    version: AtomicU64,
    /// Counts policies in force.
    installed: AtomicU64,
    limits: Limits,
    /// Of an attempt; `None` where less is allowed than that.
    attempt_limits: Option<Limits>,
    /// The application has set a time limit itself, so the environment is not asked.
    own_time: bool,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (*, steps=None, depth=None, time=None, answers=None, memory=None))]
    fn new(
        steps: Option<u64>,
        depth: Option<u32>,
        time: Option<f64>,
        answers: Option<u64>,
        memory: Option<usize>,
    ) -> Self {
        let usual = Limits::default();
        let limits = Limits {
            steps: steps.unwrap_or(usual.steps),
            depth: depth.unwrap_or(usual.depth),
            // No time at all, and times that no clock reaches, mean no limit.
            time: time.map_or(usual.time, |seconds| {
                Some(seconds).filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok())
            }),
            answers: answers.unwrap_or(usual.answers),
            memory: memory.unwrap_or(usual.memory),
        };
        Engine {
            registry: Mutex::default(),
            current: RwLock::default(),
            version: AtomicU64::new(0),
            installed: AtomicU64::new(0),
            attempt_limits: (limits.steps >= ATTEMPT && limits.answers > 0).then(|| Limits {
                steps: ATTEMPT,
                time: None,
                ..limits.clone()
            }),
            limits,
            own_time: time.is_some(),
        }
    }

    /// Adds a class under a name that is still free.
    fn register_class(&self, class: Bound<'_, PyType>, name: String) {
        self.registry().add_class(name, class.unbind());
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Adds a constant or gives it another value.
    fn register_constant(&self, value: Bound<'_, PyAny>, name: String) {
        let old = self.registry().set_constant(name, value.unbind());
        self.version.fetch_add(1, Ordering::Release);
        drop(old);
    }

    /// Replaces the policy by these texts, whole or not at all. Returns warnings: name, text.
    fn load(
        &self,
        py: Python<'_>,
        sources: Vec<(Option<String>, String)>,
        run_inline: bool,
    ) -> PyResult<Vec<(String, String)>> {
        guarded(py, || {
            let mut texts = Sources::default();
            for (name, text) in &sources {
                texts.add(name.as_deref(), text);
            }
            let (version, registry) = self.snapshot(py);
            let loaded = Loaded::new(py, &registry, texts.clone())?.map_err(|e| errors::raise(py, e))?;
            if run_inline {
                self.run_inline(py, &loaded)?;
            }
            let warnings = loaded.policy.warnings().iter().map(|w| errors::warning(w, &texts)).collect();
            self.registry().sources = texts;
            self.install(version, loaded);
            Ok(warnings)
        })
    }

    /// Forgets the policy; what is registered stays.
    fn clear(&self) {
        self.registry().sources = Sources::default();
        self.version.fetch_add(1, Ordering::Release);
    }

    /// True when the policy has any rule.
    fn has_rules(&self, py: Python<'_>) -> PyResult<bool> {
        guarded(py, || Ok(self.in_force(py)?.has_rules()))
    }

    /// Names of the policy's rules, in source order.
    fn rule_names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guarded(py, || {
            let mut seen = HashSet::new();
            let loaded = self.in_force(py)?;
            let names = loaded.policy.rules().map(|(_, rule)| rule.name);
            Ok(names.filter(|name| seen.insert(*name)).map(str::to_owned).collect())
        })
    }

    /// Runs the policy's inline queries.
    fn check_inline_queries(&self, py: Python<'_>) -> PyResult<()> {
        guarded(py, || {
            let loaded = self.in_force(py)?;
            self.run_inline(py, &loaded)
        })
    }

    /// Whether `rule(*arguments)` has an answer, and the rules that the first one rests on.
    fn explain(
        &self,
        py: Python<'_>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
    ) -> PyResult<(bool, Vec<Deciding>)> {
        guarded(py, || {
            let loaded = self.in_force(py)?;
            let mut query = self.query(loaded.clone(), Proof::default());
            ask(&mut query, rule, arguments, None)?;
            let allowed = decided(py, &mut query)?;
            let rules = if allowed { deciding(&loaded, query.observer()) } else { Vec::new() };
            Ok((allowed, rules))
        })
    }

    /// Why `rule(*arguments)` has an answer, or what it would take: whether it has, and the explanation as text, JSON and HTML.
    fn explanation(
        &self,
        py: Python<'_>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
    ) -> PyResult<(bool, String, String, String)> {
        guarded(py, || {
            let mut query = self.query(self.in_force(py)?, ());
            let terms = terms(&mut query, arguments, None)?;
            let explained = query.explain(rule, &terms, &Extent::default());
            if let Some(error) = query.host().kept.pending.take() {
                return Err(error);
            }
            let explanation = explained.map_err(|error| errors::raise(py, error))?;
            let shape = arctos_wire::Explanation::of(&explanation);
            let json = serde_json::to_string(&shape)
                .map_err(|error| errors::exception(py, "OperationalError", &error.to_string()))?;
            Ok((explanation.allowed, explanation.to_text(), json, to_html(&explanation)))
        })
    }

    /// The answers of `rule(*arguments)`.
    fn ask(
        &self,
        py: Python<'_>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
        bindings: Option<&Bound<'_, PyDict>>,
        accept_expression: bool,
    ) -> PyResult<Answers> {
        guarded(py, || {
            let mut query = self.query(self.in_force(py)?, ());
            ask(&mut query, rule, arguments, bindings)?;
            let given = bindings.map(|bindings| bindings.clone().unbind());
            Ok(Answers::new(query, Reading { given, accept_expression }))
        })
    }

    /// The answers of `rule(*arguments)`, to be waited for; or one that decides whether there are any.
    fn ask_and_wait(
        &self,
        py: Python<'_>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
        bindings: Option<&Bound<'_, PyDict>>,
        accept_expression: bool,
        decides: bool,
    ) -> PyResult<WaitingAnswers> {
        guarded(py, || {
            let mut query = self.query_of(PyHost::that_waits(self.in_force(py)?), ());
            ask(&mut query, rule, arguments, bindings)?;
            if decides {
                query.seek_decision();
            }
            let given = bindings.map(|bindings| bindings.clone().unbind());
            Ok(WaitingAnswers::new(query, Reading { given, accept_expression }))
        })
    }

    /// What must hold of a row of `class` for `rule(*arguments, row)` to hold.
    fn filter(
        &self,
        py: Python<'_>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
        class: &str,
        types: &PyRowTypes,
    ) -> PyResult<PyResidual> {
        guarded(py, || {
            let (_, loaded) = self.current(py)?;
            let mut kept = Kept::new(loaded.clone(), false);
            let mut host = PyHost::for_attempt(py, &mut kept);
            let limits = self.limits_now();
            let mut reader = Reader::new(&loaded.policy, &mut host, &types.0, &limits);
            let mut asked = Vec::with_capacity(arguments.len() + 1);
            for argument in arguments.iter_borrowed() {
                let term = incoming(reader.heap(), &argument).map_err(|e| errors::of_value(py, e))?;
                asked.push(Asked::Value(term));
            }
            asked.push(Asked::Row);
            let residual = reader.read(rule, &asked, class);
            if let Some(error) = kept.pending.take() {
                return Err(error);
            }
            Ok(PyResidual::new(residual.map_err(|error| errors::raise(py, error))?))
        })
    }

    /// The answers of a query in text.
    fn ask_text(
        &self,
        py: Python<'_>,
        text: &str,
        bindings: Option<&Bound<'_, PyDict>>,
        accept_expression: bool,
    ) -> PyResult<Answers> {
        guarded(py, || {
            let mut query = self.query(self.in_force(py)?, ());
            let mut given: Vec<(String, Term)> = Vec::new();
            for (name, value) in bindings.into_iter().flatten() {
                let name: String = name.extract()?;
                let mut question = Question { query: &mut query, bindings: None, open: Vec::new() };
                let term = incoming(&mut question, &value).map_err(|e| errors::of_value(py, e))?;
                given.push((name, term));
            }
            let given: Vec<(&str, Term)> = given.iter().map(|(name, term)| (&**name, *term)).collect();
            query.ask_text(text, &given).map_err(|error| errors::raise(py, error))?;
            Ok(Answers::new(query, Reading { given: None, accept_expression }))
        })
    }

    /// Problems found in the policy in force that did not stop it from loading.
    fn warnings(&self, py: Python<'_>) -> PyResult<Py<PyList>> {
        guarded(py, || {
            let loaded = self.in_force(py)?;
            errors::diagnostics(py, loaded.policy.warnings(), loaded.policy.sources())
        })
    }
}

impl Engine {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self, py: Python<'_>) -> (u64, Registry) {
        // The version is read first: a registration in between makes the policy stale, never wrongly fresh.
        let version = self.version.load(Ordering::Acquire);
        (version, self.registry().clone_ref(py))
    }

    fn install(&self, version: u64, loaded: Arc<Loaded>) -> Stamp {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let installed = self.installed.fetch_add(1, Ordering::AcqRel) + 1;
        let stamp = Stamp { version, installed };
        let old = current.replace((stamp, loaded));
        drop(current);
        drop(old); // outside the lock: it may hold the last reference to an object
        stamp
    }

    /// The engine as it is now.
    #[inline]
    pub(crate) fn stamp(&self) -> Stamp {
        let version = self.version.load(Ordering::Acquire);
        Stamp { version, installed: self.installed.load(Ordering::Acquire) }
    }

    /// The policy in force, checked again where something was registered since, and the engine that it is of.
    pub(crate) fn current(&self, py: Python<'_>) -> PyResult<(Stamp, Arc<Loaded>)> {
        let version = self.version.load(Ordering::Acquire);
        if let Some((of, loaded)) = &*self.current.read().unwrap_or_else(PoisonError::into_inner)
            && of.version == version
        {
            return Ok((*of, loaded.clone()));
        }
        let (version, registry) = self.snapshot(py);
        let sources = registry.sources.clone();
        let loaded = Loaded::new(py, &registry, sources)?.map_err(|error| errors::raise(py, error))?;
        Ok((self.install(version, loaded.clone()), loaded))
    }

    fn in_force(&self, py: Python<'_>) -> PyResult<Arc<Loaded>> {
        Ok(self.current(py)?.1)
    }

    /// The limits of an attempt, where so much is allowed.
    pub(crate) fn attempt_limits(&self) -> Option<&Limits> {
        self.attempt_limits.as_ref()
    }

    /// Whether `rule(*arguments)` has an answer, found by a query.
    pub(crate) fn decide(
        &self,
        loaded: Arc<Loaded>,
        rule: &str,
        arguments: &Bound<'_, PyTuple>,
    ) -> PyResult<bool> {
        let mut query = self.query(loaded, ());
        ask(&mut query, rule, arguments, None)?;
        decided(arguments.py(), &mut query)
    }

    fn query<O: Observer>(&self, loaded: Arc<Loaded>, observer: O) -> Query<PyHost, O> {
        self.query_of(PyHost::new(loaded), observer)
    }

    fn query_of<O: Observer>(&self, host: PyHost, observer: O) -> Query<PyHost, O> {
        let policy = host.kept.loaded.policy.clone();
        let mut query = Query::observed(&policy, host, observer);
        query.set_limits(self.limits_now());
        query
    }

    fn limits_now(&self) -> Limits {
        let mut limits = self.limits.clone();
        if !self.own_time {
            limits.time = environment_time(limits.time);
        }
        limits
    }

    fn run_inline(&self, py: Python<'_>, loaded: &Arc<Loaded>) -> PyResult<()> {
        let sources = loaded.policy.sources();
        for inline in loaded.policy.inline_queries() {
            let mut query = self.query(loaded.clone(), ());
            query.ask_text(inline.text, &[]).map_err(|error| errors::raise(py, error))?;
            if !decided(py, &mut query)? {
                let place = sources.locate(marked(sources, inline.span));
                let message = format!("inline query failed: {} at {place}", inline.text);
                return Err(errors::exception(py, "InlineQueryFailedError", &message));
            }
        }
        Ok(())
    }
}

/// An inline query with its `?=`, which stands before the text that is asked.
fn marked(sources: &Sources, query: Span) -> Span {
    let text = sources.get(query.source).map_or("", |source| source.text());
    let before = text.get(..query.start as usize).unwrap_or("");
    let start = before.rfind("?=").map_or(query.start, |start| start as u32);
    Span::new(query.source, start, query.end)
}

fn ask<O: Observer>(
    query: &mut Query<PyHost, O>,
    rule: &str,
    arguments: &Bound<'_, PyTuple>,
    bindings: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let terms = terms(query, arguments, bindings)?;
    query.ask(rule, &terms).map_err(|error| errors::raise(arguments.py(), error))
}

/// The arguments of a question, on the query's heap.
fn terms<O: Observer>(
    query: &mut Query<PyHost, O>,
    arguments: &Bound<'_, PyTuple>,
    bindings: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<Term>> {
    let mut terms = Vec::with_capacity(arguments.len());
    let mut question = Question { query, bindings, open: Vec::new() };
    for argument in arguments.iter_borrowed() {
        let term = incoming(&mut question, &argument);
        terms.push(term.map_err(|error| errors::of_value(arguments.py(), error))?);
    }
    Ok(terms)
}

/// Whether there is an answer. An answer that still depends on a condition is none: that is an error. Without variables, another one is looked for.
fn decided<O: Observer + Send>(py: Python<'_>, query: &mut Query<PyHost, O>) -> PyResult<bool> {
    if query.passed().next().is_none() {
        query.seek_decision();
    }
    if !drive::advance(py, query)? {
        return Ok(false);
    }
    match query.answer().iter().find(|(_, bound)| matches!(bound, Binding::Condition(_))) {
        None => Ok(true),
        Some((name, _)) => Err(errors::undecided(py, name)),
    }
}

/// `POLAR_TIMEOUT_MS`: milliseconds, 0 for no limit; anything else than a number is ignored.
fn environment_time(usual: Option<Duration>) -> Option<Duration> {
    let Some(text) = std::env::var_os("POLAR_TIMEOUT_MS") else { return usual };
    match text.to_str().and_then(|text| text.trim().parse::<u64>().ok()) {
        None => usual,
        Some(0) => None,
        Some(milliseconds) => Some(Duration::from_millis(milliseconds)),
    }
}

fn deciding(loaded: &Loaded, proof: &Proof) -> Vec<Deciding> {
    let sources = loaded.policy.sources();
    let rules = proof.steps().iter().filter_map(|step| loaded.policy.rule(step.rule));
    rules
        .map(|rule| {
            let file = sources.get(rule.span.source).and_then(|source| source.name()).map(str::to_owned);
            (rule.name.to_owned(), file, sources.position(rule.span).line, rule.text.to_owned())
        })
        .collect()
}
