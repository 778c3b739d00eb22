//! Calls that facts answer: a predicate that no rule defines is looked up among the facts.
//!
//! A call that is nearly the name of a rule would be a fact predicate that nobody stores: it is told.

use arctos_syntax::tree::{Call, Expr, ExprKind, Ident, Item};
use arctos_syntax::{Diagnostic, Span, codes};

use super::calls::{self, Rules, arguments};
use super::walk::{self, Node};
use super::{Checked, CheckedRule, Input, names};
use crate::facts::MAX_ARGUMENTS;
use crate::forms::FactForms;

/// What calls are compared with.
pub(super) struct Calls<'t> {
    rules: Rules<'t>,
    forms: &'t FactForms,
    is_complete: bool,
}

impl<'t> Calls<'t> {
    pub(super) fn new(checked: &'t Checked<'_>, input: Input<'_>) -> Self {
        Calls { rules: calls::rules(checked), forms: &checked.facts, is_complete: input.is_complete }
    }

    /// Reports the calls in a rule's body that neither rules nor facts can answer, or that are probably misspelt.
    pub(super) fn rule(&self, rule: &CheckedRule<'_>, found: &mut Vec<Diagnostic>) {
        each_call(rule, &mut |call, span| self.call(call, span, found));
    }

    fn call(&self, call: &Call, span: Span, found: &mut Vec<Diagnostic>) {
        let (name, arity) = (&*call.name.text, call.args.len());
        let arities = self.rules.get(name);
        let is_of_rules = arities.is_some_and(|arities| arities.iter().any(|(other, _)| *other == arity));
        if is_of_rules || self.forms.declared(name).any(|(other, _)| other == arity) || !self.is_complete {
            return;
        }
        if let Some(arities) = arities {
            found.push(calls::call_arity(call, span, arities));
        } else if let Some(declared) = self.forms.declared(name).next() {
            found.push(fact_arity(&call.name, arity, span, declared));
        } else if arity == 0 || arity > MAX_ARGUMENTS {
            found.push(too_many(&call.name, arity, span));
        } else {
            let facts = self.forms.predicates().map(|(name, _)| name);
            let declared = facts.filter(|name| self.forms.declared(name).next().is_some());
            let candidates = self.rules.keys().copied().chain(declared).chain(calls::HOOKS);
            if let Some(near) = names::near(name, candidates, found) {
                found.push(misspelt_call(call, near));
            }
        }
    }
}

/// Reports `declare` forms with more arguments than facts have.
pub(super) fn item(item: &Item, found: &mut Vec<Diagnostic>) {
    if let Item::Declare(declare) = item
        && (declare.types.is_empty() || declare.types.len() > MAX_ARGUMENTS)
    {
        found.push(too_many(&declare.name, declare.types.len(), declare.span));
    }
}

fn each_call<'t>(rule: &'t CheckedRule<'_>, visit: &mut impl FnMut(&'t Call, Span)) {
    let Some(body) = &rule.rule.body else { return };
    walk::expr(body, &mut |node| {
        if let Node::Expr(Expr { kind: ExprKind::Call(call), span }) = node {
            visit(call, *span);
        }
    });
}

/// P0801: a call of a fact with another number of arguments than it is declared with.
fn fact_arity(name: &Ident, arity: usize, span: Span, declared: (usize, Span)) -> Diagnostic {
    let (wanted, at) = declared;
    let message = format!("`{}` is a fact of {}, and this call has {arity}", name.text, arguments(wanted));
    Diagnostic::new(codes::FACT_ARITY, span, message)
        .primary(arguments(arity))
        .label(at, format!("declared with {} here", arguments(wanted)))
        .help(format!("if there are such facts too, declare them: `declare {}(…);`", name.text))
}

/// P0801: no fact has so many arguments.
fn too_many(name: &Ident, arity: usize, span: Span) -> Diagnostic {
    let message = format!("a fact has one to {MAX_ARGUMENTS} arguments, and `{}` has {arity}", name.text);
    Diagnostic::new(codes::FACT_ARITY, span, message)
        .primary(arguments(arity))
        .help(format!("define `{}` with a rule, or give it other arguments", name.text))
}

/// P0802: a call that no rule defines, and nearly the name of one.
fn misspelt_call(call: &Call, near: &str) -> Diagnostic {
    let name = &call.name.text;
    Diagnostic::new(
        codes::MISSPELT_FACT,
        call.name.span,
        format!("no rule defines `{name}`, so it is looked up among the facts"),
    )
    .primary("a fact, or misspelt")
    .did_you_mean(Some(near))
    .fix(call.name.span, near)
    .help(format!("if there are such facts, say so: `declare {name}(…);`"))
}
