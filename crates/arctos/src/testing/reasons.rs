//! Why an assertion does not hold: explanations of what came out otherwise.

use std::collections::BTreeSet;

use arctos_syntax::tree::{Call, Expr, ExprKind};

use super::{Expected, PolicyAssertion, Verdict};
use crate::authorizer::Request;
use crate::explain::{Explanation, Extent, Part, ProofNode, Support, UsedRule, World};
use crate::facts::{self, Fact, Facts, Value};
use crate::limits::Limits;
use crate::policy::Policy;

/// As many near misses as are told.
const MISSES: usize = 3;
/// As many steps as an explanation may take: a test that fails should not take much longer than one that passes.
const STEPS: u64 = 100_000;

/// Explains a verdict: the question itself, or of several values the first that should not be there and the first that is missing.
/// What cannot be explained is left out, since the verdict stands without it.
pub(super) fn of(
    verdict: &Verdict,
    assertion: &PolicyAssertion,
    (policy, facts): (&Policy, &Facts),
    (limits, request): (&Limits, &Request<'_>),
) -> Vec<Explanation> {
    let Some(call) = call_of(&assertion.question) else { return Vec::new() };
    let limits = Limits { steps: limits.steps.min(STEPS), ..limits.clone() };
    let world = World { policy, facts, request, limits: &limits };
    let extent = Extent { misses: MISSES, ..Extent::default() };
    let explain = |known: &[(String, Value)]| {
        let arguments: Vec<Value> =
            call.args.iter().map(|term| argument(term, known)).collect::<Option<_>>()?;
        let arguments: Vec<_> = arguments.iter().map(Value::as_ref).collect();
        world.explain(&call.name.text, &arguments, &extent).ok()
    };
    match verdict {
        Verdict::Passed | Verdict::Failed(_) => Vec::new(),
        Verdict::HoldsNot => explain(&[]).into_iter().collect(),
        Verdict::Holds { values } => explain(values).into_iter().collect(),
        Verdict::Differs { missing, unexpected } => {
            let Expected::Exactly { variable, .. } = &assertion.expected else { return Vec::new() };
            let first = |values: &BTreeSet<Value>| {
                let one = values.iter().find(|value| !matches!(value, Value::Any(_)))?;
                explain(&[(variable.clone(), one.clone())])
            };
            [first(unexpected), first(missing)].into_iter().flatten().collect()
        }
    }
}

/// The call of a question, which comes after the types of its variables.
fn call_of(question: &Expr) -> Option<&Call> {
    match &question.kind {
        ExprKind::Call(call) => Some(call),
        ExprKind::And(parts) => parts.last().and_then(call_of),
        _ => None,
    }
}

/// An argument as one value.
fn argument(term: &Expr, known: &[(String, Value)]) -> Option<Value> {
    match &term.kind {
        ExprKind::Variable(name) => {
            let (_, value) = known.iter().find(|(known, _)| known == name)?;
            (!matches!(value, Value::Any(_))).then(|| value.clone())
        }
        _ => facts::value(term, &mut Vec::new()),
    }
}

/// The rules and the facts that a proof rests on, each once, in its order.
pub(super) fn rests_on(proof: &ProofNode) -> (Vec<&UsedRule>, Vec<&Fact>) {
    let (mut rules, mut facts) = (Vec::new(), Vec::new());
    let mut left = vec![proof];
    while let Some(node) = left.pop() {
        match &node.by {
            Support::Rule(rule) if !rules.contains(&rule) => rules.push(rule),
            Support::Fact { fact, .. } if !facts.contains(&fact) => facts.push(fact),
            _ => {}
        }
        let inner = node.parts.iter().rev().filter_map(|part| match part {
            Part::Goal(node) => Some(node),
            _ => None,
        });
        left.extend(inner);
    }
    (rules, facts)
}
