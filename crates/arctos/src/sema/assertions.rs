//! The lines of a test: what each asks, and the values that `iff` lists.

use std::collections::BTreeSet;

use arctos_syntax::tree::{
    Assertion, BinaryOp, Call, Expr, ExprKind, Head, Ident, Param, Pattern, PatternKind, Text,
};
use arctos_syntax::{Diagnostic, Span, codes, format};
use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::calls::{Rules, arguments};
use super::entities::no_entity_type;
use super::walk::{self, Node};
use super::{Checked, Input, names};
use crate::facts::{Value, value};
use crate::testing::{Expected, PolicyAssertion};

/// What lines are compared with.
pub(super) struct Known<'t, 'c> {
    pub(super) rules: Rules<'t>,
    /// The types that the policy names outside its tests.
    pub(super) types: IndexSet<&'t str, FxBuildHasher>,
    pub(super) checked: &'t Checked<'c>,
    pub(super) input: Input<'t>,
}

/// Checks a line and translates it; `None` where it says nothing that could be asked.
pub(super) fn assertion(
    line: &Assertion,
    known: &Known<'_, '_>,
    found: &mut Vec<Diagnostic>,
) -> Option<PolicyAssertion> {
    if !known.asked(&line.query, found) {
        return None;
    }
    walk::head(&line.query, &mut |node| known.type_of(node, found));
    if let Some(iff) = &line.iff {
        walk::expr(iff, &mut |node| known.type_of(node, found));
    }
    let question = question(&line.query);
    super::question(&question, known.input.schema, found);
    let expected = match (&line.iff, line.positive) {
        (None, true) => Expected::Holds,
        (None, false) => Expected::HoldsNot,
        (Some(iff), true) => exactly(line, iff, found)?,
        (Some(iff), false) => {
            found.push(iff_after_not(line, iff));
            return None;
        }
    };
    Some(PolicyAssertion { span: line.span, expected, asked: line.query.span, question })
}

impl Known<'_, '_> {
    /// A question must be one that rules or facts can answer; false where it is not.
    fn asked(&self, head: &Head, found: &mut Vec<Diagnostic>) -> bool {
        let (name, count) = (&*head.name.text, head.params.len());
        let facts = &self.checked.facts;
        let of_rules = self.rules.get(name).into_iter().flatten().map(|(arity, _)| *arity);
        let of_facts = facts.predicates().filter(|(known, _)| *known == name).map(|(_, arity)| arity);
        let mut arities = of_rules.chain(of_facts).peekable();
        if arities.peek().is_none() {
            let candidates = self.rules.keys().copied().chain(facts.predicates().map(|(name, _)| name));
            let near = names::near(name, candidates, found);
            found.push(unknown_question(&head.name, near));
            return false;
        }
        let is_known = arities.any(|arity| arity == count);
        if !is_known {
            found.push(question_arity(head));
        }
        is_known
    }

    /// A type that only a test names is one that no rule can be about: `assert_not` would hold for ever.
    fn type_of(&self, node: Node<'_>, found: &mut Vec<Diagnostic>) {
        let class = match node {
            Node::Expr(Expr { kind: ExprKind::Entity(class, _), .. }) => class,
            Node::Pattern(Pattern { kind: PatternKind::Instance(class, _), .. }) => class,
            _ => return,
        };
        let schema = self.input.schema;
        let is_of_facts = schema.class(&class.text).is_none_or(|known| schema.is_entity_type(known));
        if is_of_facts && !names::is_union(&class.text) && !self.types.contains(&*class.text) {
            let near = names::near(&class.text, self.types.iter().copied(), found);
            found.push(no_entity_type(class, near));
        }
    }
}

/// The call that a head stands for, after the types of its variables.
fn question(head: &Head) -> Expr {
    let mut parts = Vec::new();
    let mut args = Vec::with_capacity(head.params.len());
    for (place, param) in head.params.iter().enumerate() {
        let term = named(param, place);
        if let Some(pattern) = &param.specializer {
            let kind = ExprKind::Matches(Box::new(term.clone()), Box::new(pattern.clone()));
            parts.push(Expr { kind, span: param.span });
        }
        args.push(term);
    }
    let call = Call { name: head.name.clone(), args, kwargs: Vec::new() };
    let call = Expr { kind: ExprKind::Call(Box::new(call)), span: head.span };
    if parts.is_empty() {
        return call;
    }
    parts.push(call);
    Expr { kind: ExprKind::And(parts), span: head.span }
}

/// `_: User` is a variable that no other place has, since nobody can write its name.
fn named(param: &Param, place: usize) -> Expr {
    match &param.term.kind {
        ExprKind::Variable(name) if name == "_" => {
            let kind = ExprKind::Variable(format!("argument {place}").into());
            Expr { kind, span: param.term.span }
        }
        _ => param.term.clone(),
    }
}

/// `iff x in […]`
fn exactly(line: &Assertion, iff: &Expr, found: &mut Vec<Diagnostic>) -> Option<Expected> {
    let variables = variables(&line.query);
    let [(variable, is_typed)] = variables.as_slice() else {
        found.push(not_one_variable(iff, &variables));
        return None;
    };
    if !is_typed {
        found.push(untyped(line, variable));
        return None;
    }
    let mut values = BTreeSet::new();
    listed(iff, variable, &mut values, found)?;
    Some(Expected::Exactly { variable: variable.to_string(), values })
}

/// The variables of a question, each with whether it has a type.
fn variables(head: &Head) -> Vec<(&Text, bool)> {
    let mut variables: Vec<(&Text, bool)> = Vec::new();
    for param in &head.params {
        let ExprKind::Variable(name) = &param.term.kind else { continue };
        let is_typed = param.specializer.is_some();
        match variables.iter_mut().find(|(known, _)| *known == name && name != "_") {
            Some((_, typed)) => *typed |= is_typed,
            None => variables.push((name, is_typed)),
        }
    }
    variables
}

/// Collects the values that a condition after `iff` lists; `None` where it does something else.
fn listed(
    iff: &Expr,
    variable: &Text,
    values: &mut BTreeSet<Value>,
    found: &mut Vec<Diagnostic>,
) -> Option<()> {
    let is_variable = |expr: &Expr| matches!(&expr.kind, ExprKind::Variable(name) if name == variable);
    match &iff.kind {
        ExprKind::Or(parts) => {
            return parts.iter().try_for_each(|part| listed(part, variable, values, found));
        }
        ExprKind::Binary(binary) if is_variable(&binary.left) => match (binary.op, &binary.right.kind) {
            (BinaryOp::In, ExprKind::List(list)) if list.rest.is_none() => {
                for item in &list.items {
                    values.insert(value(item, found)?);
                }
                return Some(());
            }
            (BinaryOp::Unify | BinaryOp::Eq, _) => {
                values.insert(value(&binary.right, found)?);
                return Some(());
            }
            _ => {}
        },
        ExprKind::Matches(left, pattern) if is_variable(left) => {
            if let Pattern { kind: PatternKind::Instance(class, fields), .. } = &**pattern
                && fields.is_empty()
            {
                values.insert(Value::any(class.text.as_str()));
                return Some(());
            }
        }
        _ => {}
    }
    found.push(not_a_list(iff, variable));
    None
}

/// P0202: a test asks for a rule that does not exist.
fn unknown_question(name: &Ident, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::UNDEFINED_RULE, name.span, format!("there is no rule `{}`", name.text))
            .primary("not defined");
    match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(name.span, near),
        None => diagnostic,
    }
}

/// P0810: a test asks for a rule with another number of arguments than any has.
fn question_arity(head: &Head) -> Diagnostic {
    let (name, count) = (&head.name.text, arguments(head.params.len()));
    let message = format!("no rule or fact `{name}` has {count}, so that this never holds");
    malformed(head.span, message).primary(count)
}

/// P0810: `assert_not … iff`.
fn iff_after_not(line: &Assertion, iff: &Expr) -> Diagnostic {
    malformed(iff.span, "`iff` follows `assert` only: it lists all the values for which something holds")
        .label(line.span, "says that it does not hold")
        .help("write `assert`, and after `iff` the values for which it holds; `[]` for none")
}

/// P0810: `iff` where there is no variable, or more than one.
fn not_one_variable(iff: &Expr, variables: &[(&Text, bool)]) -> Diagnostic {
    let count = match variables.len() {
        0 => "no variable".to_owned(),
        count => format!("{count} variables"),
    };
    malformed(iff.span, format!("`iff` is about one variable of what is asked, and this has {count}"))
        .help("write one argument as `name: Type`, and the others as values")
}

/// P0810: `iff` about a variable without a type.
fn untyped(line: &Assertion, variable: &str) -> Diagnostic {
    malformed(line.query.span, format!("the variable `{variable}` has no type, so its values are not known"))
        .primary("of what type?")
        .help(format!("write `{variable}: User`, say"))
}

/// P0810: `iff` with a condition that lists no values.
fn not_a_list(iff: &Expr, variable: &str) -> Diagnostic {
    let text = format::print_expr(iff);
    malformed(iff.span, format!("`{text}` does not list the values of `{variable}`"))
        .primary("not a list of values")
        .help(format!(
            "write `{variable} in [\"a\", \"b\"]`, `{variable} in []` for none, or `{variable} matches User` for every `User`"
        ))
}

pub(super) fn malformed(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_TEST, span, message)
}
