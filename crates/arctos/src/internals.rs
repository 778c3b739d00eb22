//! What the checks at load leave of a policy, as trees: for the reference evaluator of `arctos-testkit`.
//!
//! Not a promise to anyone: this module may change or go with any release.

use arctos_syntax::{Diagnostic, Sources, parse, tree};

use crate::authorizer::Request;
use crate::error::Error;
use crate::facts::Facts;
use crate::heap::{Heap, Term};
use crate::host::Host;
use crate::limits::Limits;
use crate::link::Link;
use crate::plan::{self, Plans, Question, State, Verdict};
use crate::policy::Policy;
use crate::schema::{ClassId, Schema};
use crate::sema;

/// A policy after the checks, before lowering.
#[derive(Clone, Debug, Default)]
pub struct CheckedPolicy {
    /// The rules in load order, then those that stand for shorthand.
    pub rules: Vec<tree::Rule>,
    /// Inline queries in source order.
    pub inline_queries: Vec<tree::InlineQuery>,
    /// Members of the built-in `Actor`.
    pub actors: Vec<ClassId>,
    /// Members of the built-in `Resource`.
    pub resources: Vec<ClassId>,
    /// Predicates that facts may have, with their numbers of arguments.
    pub facts: Vec<(String, usize)>,
    /// What the policy was checked against, entity types included.
    pub schema: Schema,
}

/// Parses and checks a policy. It means something only where no diagnostic is an error.
pub fn check(schema: &Schema, sources: &Sources) -> (CheckedPolicy, Vec<Diagnostic>) {
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    for (id, source) in sources.iter() {
        let parsed = parse(id, source.text());
        diagnostics.extend(parsed.diagnostics);
        files.push(parsed.tree);
    }
    let is_complete = !diagnostics.iter().any(Diagnostic::is_error);
    let schema = &sema::schema(&files, schema);
    let (checked, found) = sema::check(sema::Input { files: &files, sources, schema, is_complete });
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
    let policy = CheckedPolicy {
        rules: checked.rules.into_iter().map(|checked| checked.rule.into_owned()).collect(),
        inline_queries: checked.inline_queries.into_iter().cloned().collect(),
        actors: checked.actors,
        resources: checked.resources,
        facts: checked.facts.predicates().map(|(name, arity)| (name.to_owned(), arity)).collect(),
        schema: schema.clone(),
    };
    (policy, diagnostics)
}

/// What is wrong with a question to a policy that was checked against `schema`.
pub fn check_question(schema: &Schema, question: &tree::Expr) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    sema::question(question, schema, &mut found);
    found
}

/// Gives the facts that questions on a heap are about, and what a request brings.
///
/// # Errors
/// Where the policy cannot take what the request brings.
pub fn keep_facts<O>(
    policy: &Policy,
    heap: &mut Heap<O>,
    facts: &Facts,
    request: &Request<'_>,
) -> Result<(), Error> {
    let mut link = Link::new(&policy.0, facts.view());
    link.take(policy, request)?;
    heap.store.link = Some(Box::new(link));
    Ok(())
}

/// What a plan alone makes of a question whose arguments are on that heap; `None` where it leaves it to the machine.
pub fn decide_by_plan<H: Host>(
    policy: &Policy,
    host: &mut H,
    heap: &mut Heap<H::Object>,
    (rule, arguments): (&str, &[Term]),
    limits: &Limits,
) -> Option<Result<bool, Error>> {
    let program = &policy.0;
    let predicate = *program.by_name.get(&(program.symbols.get(rule)?, arguments.len() as u32))?;
    let (mut plans, mut state) = (Plans::new(program), State::default());
    let question = Question { program, predicate, arguments, limits };
    match plan::decide(question, &mut plans, &mut state, heap, host) {
        Verdict::Yes => Some(Ok(true)),
        Verdict::No => Some(Ok(false)),
        Verdict::Exhausted(error) | Verdict::Failed(error) => Some(Err(error)),
        Verdict::Undecided => None,
    }
}
