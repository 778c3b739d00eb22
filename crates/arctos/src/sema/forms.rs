//! Which forms facts may have, from what `declare` names, what blocks declare roles and relations for, and what the calls
//! in bodies know of their arguments.
//!
//! A call's argument is of the type that the head or a `matches` beside the call gives it. Where a predicate is declared,
//! an argument of which a call knows nothing is what the nearest declarations say; where it is not, it may be anything.

use arctos_syntax::Span;
use arctos_syntax::tree::{Expr, ExprKind, Item, Pattern, PatternKind, Rule};
use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::blocks::{DeclaredType, Kind};
use super::walk::{self, Node};
use super::{Checked, Input, calls};
use crate::forms::{ArgumentForm, FactForm, FactForms, Types};

/// What is known of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Known<'t> {
    Nothing,
    Type(&'t str),
    /// This string, at a place of roles or relations.
    Name(&'t str),
}

type Draft<'t> = Vec<Known<'t>>;
type Drafts<'t> = IndexSet<Draft<'t>, FxBuildHasher>;
/// By predicate and number of arguments.
type All<'t> = IndexMap<(&'t str, usize), Collected<'t>, FxBuildHasher>;

/// The drafts of one predicate and number of arguments.
#[derive(Default)]
struct Collected<'t> {
    declared: Drafts<'t>,
    called: Drafts<'t>,
}

/// The forms of a policy: declared ones first.
pub(super) fn infer(checked: &Checked<'_>, input: Input<'_>) -> FactForms {
    let types = Types {
        schema: input.schema.clone(),
        actors: checked.actors.iter().copied().collect(),
        resources: checked.resources.iter().copied().collect(),
    };
    let mut forms = FactForms::new(types);
    if !input.schema.has_facts() {
        return forms;
    }
    let mut all = declare(checked, input, &mut forms);
    call(checked, &mut forms, &mut all);
    let known: Vec<(String, usize)> =
        forms.predicates().map(|(name, arity)| (name.to_owned(), arity)).collect();
    for (name, arity) in known {
        if let Some(collected) = all.get(&(&*name, arity)) {
            let merged = merge(&name, collected.complete(&name, &forms.types));
            forms.entry(&name).forms.extend(merged);
        }
    }
    forms
}

/// What `declare` and blocks say.
fn declare<'t>(checked: &'t Checked<'_>, input: Input<'t>, forms: &mut FactForms) -> All<'t> {
    let mut all = All::default();
    let mut add = |name: &'t str, span, draft: Draft<'t>| {
        forms.add_arity(name, draft.len(), Some(span));
        all.entry((name, draft.len())).or_default().declared.insert(draft);
    };
    for item in input.files.iter().flat_map(|file| &file.items) {
        if let Item::Declare(declare) = item {
            let types = declare.types.iter().map(|name| Known::Type(&name.text));
            add(&declare.name.text, declare.span, types.collect());
        }
    }
    for (owner, declared) in checked.blocks.types() {
        block(Some(owner), declared, &mut add);
    }
    if let Some(declared) = checked.blocks.global() {
        block(None, declared, &mut add);
    }
    all
}

/// What the calls in bodies say.
fn call<'t>(checked: &'t Checked<'_>, forms: &mut FactForms, all: &mut All<'t>) {
    let rules = calls::rules(checked);
    for rule in &checked.rules {
        let mut found = Vec::new();
        let mut scope = Scope { rule: &rule.rule, known: Vec::new(), types: &forms.types };
        scope.rule(&mut |name, draft| found.push((name, draft)));
        for (name, draft) in found {
            if !rules.contains_key(name) && forms.declared(name).next().is_none() {
                forms.add_arity(name, draft.len(), None);
            }
            all.entry((name, draft.len())).or_default().called.insert(draft);
        }
    }
}

/// What a block says of facts.
fn block<'t>(
    owner: Option<&'t str>,
    declared: &'t DeclaredType,
    add: &mut impl FnMut(&'t str, Span, Draft<'t>),
) {
    for (name, declaration) in &declared.declarations {
        let name = Known::Name(name);
        match (&declaration.kind, owner.map(Known::Type)) {
            (Kind::Role, Some(owner)) => {
                add("has_role", declaration.span, vec![Known::Type("Actor"), name, owner]);
            }
            (Kind::Role, None) => add("has_role", declaration.span, vec![Known::Type("Actor"), name]),
            (Kind::Relation(related), Some(owner)) => {
                add("has_relation", declaration.span, vec![owner, name, Known::Type(related)]);
            }
            (Kind::Relation(_), None) | (Kind::Permission, _) => {}
        }
    }
}

/// The place of a role, permission or relation in a call.
fn name_place(predicate: &str, arity: usize) -> Option<usize> {
    let is_named = matches!((predicate, arity), ("has_role" | "has_permission", 2 | 3) | ("has_relation", 3));
    is_named.then_some(1)
}

/// What is known of the variables at one place of a rule.
struct Scope<'t, 'a> {
    rule: &'t Rule,
    /// Variables and their types, the innermost last.
    known: Vec<(&'t str, &'t str)>,
    types: &'a Types,
}

impl<'t> Scope<'t, '_> {
    fn rule(&mut self, add: &mut impl FnMut(&'t str, Draft<'t>)) {
        for param in &self.rule.head.params {
            if let (ExprKind::Variable(name), Some(pattern)) = (&param.term.kind, &param.specializer) {
                self.learn(name, pattern);
            }
        }
        if let Some(body) = &self.rule.body {
            self.joined(&[body], add);
        }
    }

    /// Conditions that must hold together.
    fn joined(&mut self, parts: &[&'t Expr], add: &mut impl FnMut(&'t str, Draft<'t>)) {
        let before = self.known.len();
        parts.iter().for_each(|part| self.learn_from(part));
        parts.iter().for_each(|part| self.condition(part, add));
        self.known.truncate(before);
    }

    fn condition(&mut self, expr: &'t Expr, add: &mut impl FnMut(&'t str, Draft<'t>)) {
        match &expr.kind {
            ExprKind::And(parts) => self.joined(&parts.iter().collect::<Vec<_>>(), add),
            ExprKind::Or(parts) => parts.iter().for_each(|part| self.joined(&[part], add)),
            ExprKind::Not(inner) => self.joined(&[inner], add),
            ExprKind::ForAll(condition, action) => self.joined(&[condition, action], add),
            _ => walk::expr(expr, &mut |node| {
                if let Node::Expr(Expr { kind: ExprKind::Call(call), .. }) = node {
                    let place = name_place(&call.name.text, call.args.len());
                    let args = call.args.iter().enumerate();
                    let draft = args.map(|(at, arg)| self.argument(&call.name.text, arg, place == Some(at)));
                    add(&call.name.text, draft.collect());
                }
            }),
        }
    }

    fn learn_from(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::And(parts) => parts.iter().for_each(|part| self.learn_from(part)),
            ExprKind::Matches(value, pattern) => {
                if let ExprKind::Variable(name) = &value.kind {
                    self.learn(name, pattern);
                }
            }
            _ => {}
        }
    }

    fn learn(&mut self, variable: &'t str, pattern: &'t Pattern) {
        if let PatternKind::Instance(class, _) = &pattern.kind {
            self.known.push((variable, &class.text));
        }
    }

    fn argument(&self, predicate: &str, argument: &'t Expr, is_name: bool) -> Known<'t> {
        match &argument.kind {
            // What a rule passes on of its own head says nothing of which roles there are.
            ExprKind::Variable(name) if is_name && self.passes_on(predicate, name) => Known::Nothing,
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::String(text) if is_name => Known::Name(text),
            ExprKind::String(_) => Known::Type("String"),
            ExprKind::Integer(_) => Known::Type("Integer"),
            ExprKind::Boolean(_) => Known::Type("Boolean"),
            ExprKind::Entity(class, _) => Known::Type(&class.text),
            _ => Known::Nothing,
        }
    }

    fn passes_on(&self, predicate: &str, variable: &str) -> bool {
        let head = &self.rule.head;
        head.name.text == predicate
            && head.params.get(1).is_some_and(
                |param| matches!(&param.term.kind, ExprKind::Variable(name) if **name == *variable),
            )
    }

    /// The narrowest of the types that a variable is said to be of.
    fn variable(&self, name: &str) -> Known<'t> {
        let types = self.known.iter().filter(|(variable, _)| *variable == name).map(|(_, class)| *class);
        let narrowest = types.reduce(|one, other| if self.types.covers(one, other) { other } else { one });
        // A float may equal an integer.
        narrowest.filter(|class| *class != "Float").map_or(Known::Nothing, Known::Type)
    }
}

impl<'t> Collected<'t> {
    /// Declared forms, then those of calls, made whole where something is declared.
    fn complete(&self, predicate: &str, types: &Types) -> Drafts<'t> {
        let mut whole = self.declared.clone();
        for call in &self.called {
            // To whom a relation leads is for its block to say.
            let is_relation =
                matches!(call.as_slice(), [_, Known::Name(_), _]) && predicate == "has_relation";
            if self.declared.is_empty() || !(is_relation || call.contains(&Known::Nothing)) {
                whole.insert(call.clone());
                continue;
            }
            let filled = self.declared.iter().filter_map(|declared| fill(call, declared, types));
            let filled: Vec<(usize, Draft<'t>)> = filled.collect();
            let most = filled.iter().map(|(agreeing, _)| *agreeing).max();
            whole
                .extend(filled.into_iter().filter(|(count, _)| Some(*count) == most).map(|(_, draft)| draft));
        }
        whole
    }
}

/// What a call does not know from a declaration, with the number of arguments in which they agree; `None` for another
/// role or relation.
fn fill<'t>(call: &Draft<'t>, declared: &Draft<'t>, types: &Types) -> Option<(usize, Draft<'t>)> {
    let mut agreeing = 0;
    let mut filled = Vec::with_capacity(call.len());
    for (&called, &declared) in call.iter().zip(declared) {
        filled.push(match (called, declared) {
            (Known::Nothing, declared) => declared,
            (Known::Name(one), Known::Name(other)) if one != other => return None,
            (called, declared) => match narrower(called, declared, types) {
                Some(narrower) => {
                    agreeing += 1;
                    narrower
                }
                None => called,
            },
        });
    }
    Some((agreeing, filled))
}

/// What is both, where one is among the other.
fn narrower<'t>(one: Known<'t>, other: Known<'t>, types: &Types) -> Option<Known<'t>> {
    match (one, other) {
        (Known::Type(outer), Known::Type(inner)) if types.covers(outer, inner) => Some(other),
        (Known::Type(inner), Known::Type(outer)) if types.covers(outer, inner) => Some(one),
        (Known::Name(_), Known::Type("String") | Known::Name(_)) => Some(one),
        (Known::Type("String"), Known::Name(_)) => Some(other),
        _ => None,
    }
}

/// One form for all names that stand beside the same other arguments.
fn merge(predicate: &str, drafts: Drafts<'_>) -> Vec<FactForm> {
    let mut merged: IndexMap<Draft<'_>, Vec<Box<str>>, FxBuildHasher> = IndexMap::default();
    for mut draft in drafts {
        let names = draft.iter_mut().find(|known| matches!(known, Known::Name(_)));
        let name = match names {
            Some(place) => match std::mem::replace(place, Known::Name("")) {
                Known::Name(name) => Some(name),
                Known::Nothing | Known::Type(_) => None,
            },
            None => None,
        };
        merged.entry(draft).or_default().extend(name.map(Box::from));
    }
    let form = |(draft, names): (Draft<'_>, Vec<Box<str>>)| FactForm {
        predicate: predicate.into(),
        arguments: draft
            .into_iter()
            .map(|known| match known {
                Known::Nothing => ArgumentForm::Any,
                Known::Type(name) => ArgumentForm::Type(name.into()),
                Known::Name(_) => ArgumentForm::OneOf(names.clone()),
            })
            .collect(),
    };
    merged.into_iter().map(form).collect()
}
