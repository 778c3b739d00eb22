//! Which predicates facts may have, where the application keeps facts: those that `declare` names, what blocks declare
//! roles and relations for, and whatever a body calls and no rule defines.
//!
//! A call that is nearly the name of a rule would be a fact predicate that nobody stores: it is told.

use arctos_syntax::tree::{Call, Expr, ExprKind, Ident, Item};
use arctos_syntax::{Diagnostic, Span, codes};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::blocks::Kind;
use super::calls::{self, Rules, arguments};
use super::walk::{self, Node};
use super::{Checked, CheckedRule, Input, names};
use crate::facts::MAX_ARGUMENTS;

/// The forms that facts may have.
#[derive(Clone, Debug, Default)]
pub(crate) struct FactForms {
    /// By predicate: how many arguments, and where that is said.
    forms: IndexMap<Box<str>, Vec<Form>, FxBuildHasher>,
}

/// One number of arguments of a predicate.
#[derive(Clone, Copy, Debug)]
struct Form {
    arity: usize,
    said: Said,
}

/// Who says that there are such facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// A `declare` form or a block, there.
    Declared(Span),
    /// A call alone.
    Called,
}

impl FactForms {
    /// Predicates and their numbers of arguments.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (&str, usize)> {
        self.forms.iter().flat_map(|(name, forms)| forms.iter().map(|form| (&**name, form.arity)))
    }

    fn declared(&self, name: &str) -> impl Iterator<Item = (usize, Span)> {
        self.forms.get(name).into_iter().flatten().filter_map(|form| match form.said {
            Said::Declared(span) => Some((form.arity, span)),
            Said::Called => None,
        })
    }

    fn add(&mut self, name: &str, arity: usize, said: Said) {
        let forms = self.forms.entry(name.into()).or_default();
        if !forms.iter().any(|form| form.arity == arity) {
            forms.push(Form { arity, said });
        }
    }
}

/// The forms of a policy: declared ones first.
pub(super) fn forms(checked: &Checked<'_>, input: Input<'_>) -> FactForms {
    let mut forms = FactForms::default();
    if !input.schema.has_facts() {
        return forms;
    }
    for item in input.files.iter().flat_map(|file| &file.items) {
        if let Item::Declare(declare) = item {
            forms.add(&declare.name.text, declare.types.len(), Said::Declared(declare.span));
        }
    }
    for (_, declared) in checked.blocks.types() {
        for declaration in declared.declarations.values() {
            let predicate = match declaration.kind {
                Kind::Role => "has_role",
                Kind::Relation(_) => "has_relation",
                Kind::Permission => continue,
            };
            forms.add(predicate, 3, Said::Declared(declaration.span));
        }
    }
    let global = checked.blocks.global().into_iter().flat_map(|global| global.declarations.values());
    for role in global.filter(|declaration| declaration.kind == Kind::Role) {
        forms.add("has_role", 2, Said::Declared(role.span));
    }
    let rules = calls::rules(checked);
    for rule in &checked.rules {
        each_call(rule, &mut |call, _| {
            let name = &*call.name.text;
            if !rules.contains_key(name) && forms.declared(name).next().is_none() {
                forms.add(name, call.args.len(), Said::Called);
            }
        });
    }
    forms
}

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
            let declared = self.forms.forms.keys().filter(|name| self.forms.declared(name).next().is_some());
            let candidates =
                self.rules.keys().copied().chain(declared.map(|name| &**name)).chain(calls::HOOKS);
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
