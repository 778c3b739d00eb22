//! Putting corpus files to the machine and to the reference.

use std::fmt;

use arctos::internals::{CheckedPolicy, check, check_question};
use arctos::{
    Bound, Diagnostic, Error, ErrorKind, FactError, Facts, Limits, Policy, Query, Request, Sources, Variable,
};
use arctos_syntax::tree::Expr;
use arctos_syntax::{SourceId, parse_query};

use crate::condition::Condition;
use crate::corpus::{File, Section};
use crate::host::{WorldHost, to_value};
use crate::outcome::{Failure, Outcome, allows};
use crate::reference::{self, Found, Program};
use crate::request::Given;
use crate::value::{Renderer, Value};
use crate::world::World;

/// The reference's own stack: it is written for readers and uses much.
const REFERENCE_STACK: usize = 512 << 20;

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// The machine of `arctos`.
    Machine,
    /// The reference evaluator.
    Reference,
}

impl Runner {
    /// Its name in `run:` lines.
    pub fn name(self) -> &'static str {
        match self {
            Runner::Machine => "machine",
            Runner::Reference => "reference",
        }
    }
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The section, as its `----` line has it.
    pub section: String,
    /// What the corpus says.
    pub expected: Vec<String>,
    /// What came.
    pub found: Vec<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "---- {}\nexpected:", self.section)?;
        self.expected.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        writeln!(f, "found:")?;
        self.found.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// The toy world of a corpus file, with its facts and its time.
///
/// # Errors
/// Where the file's own classes, facts or time are not well-formed.
pub fn world_of(file: &File) -> Result<World, String> {
    let mut world = World::parse(&file.classes())?;
    if let Some(text) = file.facts() {
        world.keep_facts(arctos::facts::parse(None, &text).map_err(|error| error.to_string())?);
    }
    let time = file.of_kind("time").next().map(|section| section.argument.parse());
    world.unix_time = time.transpose().map_err(|error| format!("`---- time`: {error}"))?;
    let given: String = file.of_kind("request").map(Section::text).collect();
    world.given = Given::parse(&given)?;
    Ok(world)
}

/// A policy loaded over a toy world.
#[derive(Debug)]
pub struct Loaded {
    /// The toy world.
    pub world: World,
    /// How much a query may use.
    pub limits: Limits,
    sources: Sources,
    checked: CheckedPolicy,
    /// What the checks said, in order.
    pub diagnostics: Vec<Diagnostic>,
    program: Program,
    policy: Option<Result<Policy, Error>>,
}

impl Loaded {
    /// Loads the policy of a corpus file for one runner.
    ///
    /// # Errors
    /// Where the file's own classes or limits are not well-formed.
    pub fn new(file: &File, runner: Runner) -> Result<Loaded, String> {
        let mut world = world_of(file)?;
        let mut sources = Sources::default();
        for (name, text) in file.policies() {
            sources.add(name, &text);
        }
        let (checked, mut diagnostics) = check(world.schema(), &sources);
        let policy = match runner {
            Runner::Reference => None,
            Runner::Machine => {
                let policy = Policy::load(world.schema(), sources.clone());
                let found = policy.as_ref().map_or_else(Error::diagnostics, Policy::warnings);
                diagnostics = found.to_vec();
                Some(policy)
            }
        };
        let program = Program {
            rules: checked.rules.clone(),
            actors: checked.actors.clone(),
            resources: checked.resources.clone(),
            facts: checked.facts.clone(),
        };
        world.set_schema(&checked.schema);
        let limits = limits(&file.limits)?;
        Ok(Loaded { world, limits, sources, checked, diagnostics, program, policy })
    }

    /// True when the policy may be asked.
    pub fn is_valid(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The lines of a `load` section: the diagnostics, then the inline queries that fail.
    pub fn load_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.diagnostics.iter().map(|diagnostic| place(diagnostic, &self.sources)).collect();
        if self.is_valid() {
            for inline in &self.checked.inline_queries {
                let text = self.sources.text(inline.query.span).to_owned();
                let outcome = self.ask(&text);
                if outcome.answers.is_empty() {
                    let position = self.sources.position(inline.span);
                    let kind = outcome.failure.map_or("InlineQueryFailed".to_owned(), |failure| failure.kind);
                    lines.push(format!("error {kind} {}:{}", position.line, position.column));
                    break;
                }
            }
        }
        if lines.is_empty() {
            lines.push("ok".to_owned());
        }
        lines
    }

    /// The rules that the checks leave, by their ids.
    pub(crate) fn rules(&self) -> &[arctos_syntax::tree::Rule] {
        &self.checked.rules
    }

    /// The same with other facts, for the reference.
    pub(crate) fn with_facts(&self, facts: &[arctos::Fact]) -> Loaded {
        let mut world = self.world.clone();
        world.keep_facts(facts.to_vec());
        world.set_schema(&self.checked.schema);
        Loaded {
            world,
            limits: self.limits.clone(),
            sources: self.sources.clone(),
            checked: self.checked.clone(),
            diagnostics: Vec::new(),
            program: self.program.clone(),
            policy: None,
        }
    }

    /// What the policy knows of types.
    pub(crate) fn checked(&self) -> &CheckedPolicy {
        &self.checked
    }

    /// The policy, where the machine runs it and it is valid.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()?.as_ref().ok()
    }

    /// Asks one query.
    pub fn ask(&self, text: &str) -> Outcome {
        match &self.policy {
            Some(Ok(policy)) => ask_machine(policy, &self.world, &self.limits, text),
            Some(Err(error)) => {
                Outcome { failure: Some(Failure::new(error.kind(), error.message())), ..Outcome::default() }
            }
            None => self.ask_reference(text).outcome,
        }
    }

    /// Asks one query of the reference, on a stack of its own.
    pub fn ask_reference(&self, text: &str) -> Found {
        let (program, world) = (self.program.clone(), self.world.clone());
        let steps = self.limits.steps;
        let text = text.to_owned();
        on_large_stack(move || ask_parsed(&program, &world, &text, steps))
    }
}

/// Runs what asks the reference on a stack that is large enough for it. A panic goes on in the caller.
pub fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(REFERENCE_STACK).spawn(work);
    #[expect(clippy::expect_used, reason = "without a thread there is nothing to test")]
    let ended = thread.expect("room for a stack").join();
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Asks one query of the reference on the caller's stack, which must be large.
pub fn ask_reference_here(loaded: &Loaded, text: &str) -> Found {
    ask_parsed(&loaded.program, &loaded.world, text, loaded.limits.steps)
}

fn ask_parsed(program: &Program, world: &World, text: &str, steps: u64) -> Found {
    match parsed(text, world) {
        Ok(query) => reference::ask(program, world, &query, steps),
        Err(failure) => failed(failure),
    }
}

fn failed(failure: Failure) -> Found {
    Found { outcome: Outcome { failure: Some(failure), ..Outcome::default() }, ..Found::default() }
}

fn limits(named: &[(String, u64)]) -> Result<Limits, String> {
    // Small enough that no corpus file takes long.
    let mut limits = Limits { steps: 200_000, time: None, ..Limits::default() };
    for (name, number) in named {
        match name.as_str() {
            "steps" => limits.steps = *number,
            "depth" => limits.depth = u32::try_from(*number).map_err(|error| error.to_string())?,
            "answers" => limits.answers = *number,
            "memory" => limits.memory = usize::try_from(*number).map_err(|error| error.to_string())?,
            name => return Err(format!("there is no limit `{name}`")),
        }
    }
    Ok(limits)
}

fn place(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let position = sources.position(diagnostic.span);
    let name = sources.get(diagnostic.span.source).and_then(|source| source.name());
    let name = name.map_or(String::new(), |name| format!("{name}:"));
    format!("{} {name}{}:{}", diagnostic.code, position.line, position.column)
}

fn invalid(diagnostics: &[Diagnostic], sources: &Sources) -> Failure {
    let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    let message = first.map_or(String::new(), |first| place(first, sources));
    Failure::new(arctos::ErrorKind::Invalid, message)
}

fn parsed(text: &str, world: &World) -> Result<Expr, Failure> {
    let mut sources = Sources::default();
    let id = sources.add(None, text);
    let parsed = parse_query(SourceId(id.0), text);
    let mut found = parsed.diagnostics;
    if let Some(query) = &parsed.tree
        && found.is_empty()
    {
        found.extend(check_question(world.schema(), query));
    }
    match parsed.tree {
        Some(query) if !found.iter().any(Diagnostic::is_error) => Ok(query),
        _ => Err(invalid(&found, &sources)),
    }
}

/// What the machine says of one variable, off the heap.
enum Shown {
    Value(Value),
    Condition(Condition),
}

/// Asks one query of the machine.
pub fn ask_machine(policy: &Policy, world: &World, limits: &Limits, text: &str) -> Outcome {
    let mut query = Query::new(policy, WorldHost::new(world));
    query.set_limits(limits.clone());
    if policy.schema().has_facts() {
        let facts = match kept(world) {
            Ok(facts) => facts,
            Err(error) => return failed(Failure::new(ErrorKind::Facts, error.to_string())).outcome,
        };
        let begun = world.given.ask(|request| {
            let request = Request { unix_time: world.unix_time, ..*request };
            query.set_request(&facts, &request)
        });
        if let Err(error) = begun {
            return failed(Failure::new(error.kind(), error.message())).outcome;
        }
    }
    let mut outcome = Outcome::default();
    let mut ended = query.ask_text(text, &[]).err();
    while ended.is_none() {
        let bindings = match query.next() {
            Ok(None) => break,
            Err(error) => {
                ended = Some(error);
                break;
            }
            Ok(Some(answer)) => {
                let mut variables: Vec<Variable> = Vec::new();
                let shown = answer.iter().map(|(name, bound)| {
                    let shown = match bound {
                        Bound::Term(term) => Shown::Value(to_value(answer.heap(), *term, &mut variables)),
                        Bound::Condition(condition) => {
                            Shown::Condition(Condition::of(condition, answer.heap(), &mut variables))
                        }
                    };
                    (name.to_owned(), shown)
                });
                shown.collect::<Vec<_>>()
            }
        };
        outcome.answers.push(answer_line(&bindings, &query.host().world));
    }
    outcome.failure = ended.map(|error| match error.sources() {
        Some(sources) if error.is_invalid() => invalid(error.diagnostics(), sources),
        _ => Failure::new(error.kind(), error.message()),
    });
    outcome.printed = std::mem::take(&mut query.host().printed);
    outcome
}

/// The toy application's facts, stored.
pub(crate) fn kept(world: &World) -> Result<Facts, FactError> {
    let mut change = Facts::new().change();
    for fact in world.facts() {
        change.insert(fact)?;
    }
    Ok(change.commit().0)
}

fn answer_line(bindings: &[(String, Shown)], world: &World) -> String {
    let mut renderer = Renderer::new(world);
    let bindings: Vec<String> = bindings
        .iter()
        .filter_map(|(name, shown)| match shown {
            Shown::Value(Value::Variable(_)) => None,
            Shown::Value(value) => Some(format!("{name} = {}", renderer.render(value))),
            Shown::Condition(condition) => Some(format!("{name} where {}", condition.render(&mut renderer))),
        })
        .collect();
    if bindings.is_empty() { "yes".to_owned() } else { bindings.join(", ") }
}

/// Facts are a set: what comes of them comes in no order.
fn lines_in_order(mut lines: Vec<String>, is_set: bool) -> Vec<String> {
    if is_set {
        lines.sort();
    }
    lines
}

/// Runs a corpus file and compares; where `update` is set the file's expectations become what was found.
///
/// # Errors
/// Where the file itself is not well-formed.
pub fn run(file: &mut File, runner: Runner, update: bool) -> Result<Vec<Mismatch>, String> {
    let loaded = Loaded::new(file, runner)?;
    let has_load = file.of_kind("load").next().is_some();
    let mut mismatches = Vec::new();
    if !loaded.is_valid() && !has_load {
        mismatches.push(Mismatch {
            section: "load".to_owned(),
            expected: vec!["a policy without errors".to_owned()],
            found: loaded.load_lines(),
        });
    }
    let mut printed = Vec::new();
    for section in &mut file.sections {
        let found = match section.kind.as_str() {
            "load" => loaded.load_lines(),
            "query" => {
                let outcome = loaded.ask(&section.argument);
                printed = outcome.printed.clone();
                lines_in_order(outcome.lines(), !loaded.world.facts().is_empty())
            }
            "print" => std::mem::take(&mut printed),
            _ => continue,
        };
        let expected: Vec<String> = section.expected().into_iter().map(str::to_owned).collect();
        let is_query = section.kind == "query";
        let expected = lines_in_order(expected, is_query && !loaded.world.facts().is_empty());
        let conditions = runner == Runner::Machine;
        let same = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(expected, found)| allows(expected, found, conditions));
        if same {
            continue;
        }
        if update {
            section.expect(found);
        } else {
            let title = format!("{} {}", section.kind, section.argument);
            mismatches.push(Mismatch { section: title, expected, found });
        }
    }
    Ok(mismatches)
}
