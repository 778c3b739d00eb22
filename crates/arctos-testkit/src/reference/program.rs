//! What the reference evaluates: checked rules as trees, and which of them are recursive.

use std::collections::BTreeMap;

use arctos::ClassId;
use arctos_syntax::Span;
use arctos_syntax::tree::{Expr, ExprKind, Member, Pattern, PatternKind, Rule};

/// A policy for the reference.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The rules in load order, then those that stand for shorthand.
    pub rules: Vec<Rule>,
    /// Members of the built-in `Actor`.
    pub actors: Vec<ClassId>,
    /// Members of the built-in `Resource`.
    pub resources: Vec<ClassId>,
    /// Predicates that facts may have, with their numbers of arguments.
    pub facts: Vec<(String, usize)>,
}

/// Calls `visit` with the expression and everything inside it, patterns included, outermost first.
pub(super) fn each_expr<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::List(list) => list.items.iter().for_each(|item| each_expr(item, visit)),
        ExprKind::Dictionary(entries) => entries.iter().for_each(|(_, value)| each_expr(value, visit)),
        ExprKind::Call(call) | ExprKind::New(call) => {
            call.args.iter().for_each(|arg| each_expr(arg, visit));
            call.kwargs.iter().for_each(|(_, arg)| each_expr(arg, visit));
        }
        ExprKind::Dot(dot) => {
            each_expr(&dot.object, visit);
            match &dot.member {
                Member::Field(_) => {}
                Member::Method(call) => {
                    call.args.iter().for_each(|arg| each_expr(arg, visit));
                    call.kwargs.iter().for_each(|(_, arg)| each_expr(arg, visit));
                }
                Member::Dynamic(key) => each_expr(key, visit),
            }
        }
        ExprKind::Binary(binary) => {
            each_expr(&binary.left, visit);
            each_expr(&binary.right, visit);
        }
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Print(parts) | ExprKind::Debug(parts) => {
            parts.iter().for_each(|part| each_expr(part, visit));
        }
        ExprKind::Not(inner) | ExprKind::Entity(_, inner) => each_expr(inner, visit),
        ExprKind::ForAll(condition, action) => {
            each_expr(condition, visit);
            each_expr(action, visit);
        }
        ExprKind::Matches(value, pattern) => {
            each_expr(value, visit);
            each_pattern_expr(pattern, visit);
        }
        _ => {}
    }
}

/// Calls `visit` with every expression in a pattern.
pub(super) fn each_pattern_expr<'t>(pattern: &'t Pattern, visit: &mut dyn FnMut(&'t Expr)) {
    match &pattern.kind {
        PatternKind::Instance(_, fields) | PatternKind::Dictionary(fields) => {
            fields.iter().for_each(|(_, field)| each_pattern_expr(field, visit));
        }
        PatternKind::List(list) => list.items.iter().for_each(|item| each_pattern_expr(item, visit)),
        PatternKind::Value(expr) => each_expr(expr, visit),
    }
}

/// Calls `visit` with each variable named in an expression and where it stands; not in the order of the text.
pub(super) fn each_name<'t>(expr: &'t Expr, visit: &mut dyn FnMut(Span, &'t str)) {
    each_expr(expr, &mut |expr| match &expr.kind {
        ExprKind::Variable(name) => visit(expr.span, name),
        ExprKind::List(list) => list.rest.iter().for_each(|rest| visit(rest.span, &rest.text)),
        ExprKind::Matches(_, pattern) => each_rest(pattern, visit),
        _ => {}
    });
}

/// How often each variable is named in an expression, `*rest` included.
pub(super) fn count_names<'t>(expr: &'t Expr, counts: &mut BTreeMap<&'t str, usize>) {
    each_name(expr, &mut |_, name| *counts.entry(name).or_default() += 1);
}

/// How often each variable is named in a rule.
pub(super) fn count_rule_names(rule: &Rule) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for param in &rule.head.params {
        count_names(&param.term, &mut counts);
        if let Some(pattern) = &param.specializer {
            each_pattern_expr(pattern, &mut |expr| {
                if let ExprKind::Variable(name) = &expr.kind {
                    *counts.entry(name).or_default() += 1;
                }
            });
            each_rest(pattern, &mut |_, name| *counts.entry(name).or_default() += 1);
        }
    }
    if let Some(body) = &rule.body {
        count_names(body, &mut counts);
    }
    counts
}

fn each_rest<'t>(pattern: &'t Pattern, visit: &mut dyn FnMut(Span, &'t str)) {
    match &pattern.kind {
        PatternKind::Instance(_, fields) | PatternKind::Dictionary(fields) => {
            fields.iter().for_each(|(_, field)| each_rest(field, visit));
        }
        PatternKind::List(list) => {
            list.items.iter().for_each(|item| each_rest(item, visit));
            list.rest.iter().for_each(|rest| visit(rest.span, &rest.text));
        }
        PatternKind::Value(_) => {}
    }
}
