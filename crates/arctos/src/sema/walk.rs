//! Visiting every part of a tree that can hold a name.
//!
//! One traversal in reading order serves all checks. Nesting is limited by the parser, so recursion here is limited too.

use arctos_syntax::tree::{Expr, ExprKind, Head, Ident, List, Member, Pattern, PatternKind, Rule};

/// A part of a rule.
#[derive(Clone, Copy)]
pub(super) enum Node<'t> {
    /// An expression, before its parts.
    Expr(&'t Expr),
    /// A pattern, before its parts.
    Pattern(&'t Pattern),
    /// The variable after `*` in a list.
    Rest(&'t Ident),
}

/// Visits head and body of a rule.
pub(super) fn rule<'t>(rule: &'t Rule, visit: &mut impl FnMut(Node<'t>)) {
    head(&rule.head, visit);
    if let Some(body) = &rule.body {
        expr(body, visit);
    }
}

/// Visits the parameters of a rule or rule type.
pub(super) fn head<'t>(head: &'t Head, visit: &mut impl FnMut(Node<'t>)) {
    for param in &head.params {
        expr(&param.term, visit);
        if let Some(specializer) = &param.specializer {
            pattern(specializer, visit);
        }
    }
}

/// Visits an expression and all its parts.
pub(super) fn expr<'t, V: FnMut(Node<'t>)>(tree: &'t Expr, visit: &mut V) {
    visit(Node::Expr(tree));
    match &tree.kind {
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::String(_)
        | ExprKind::Boolean(_)
        | ExprKind::Variable(_)
        | ExprKind::Cut
        | ExprKind::RequestValue(_)
        | ExprKind::Error => {}
        ExprKind::List(list) => self::list(list, visit, expr),
        ExprKind::Dictionary(entries) => entries.iter().for_each(|(_, value)| expr(value, visit)),
        ExprKind::Call(call) | ExprKind::New(call) => {
            call.args.iter().for_each(|argument| expr(argument, visit));
            call.kwargs.iter().for_each(|(_, argument)| expr(argument, visit));
        }
        ExprKind::Dot(dot) => {
            expr(&dot.object, visit);
            match &dot.member {
                Member::Field(_) => {}
                Member::Method(call) => {
                    call.args.iter().for_each(|argument| expr(argument, visit));
                    call.kwargs.iter().for_each(|(_, argument)| expr(argument, visit));
                }
                Member::Dynamic(name) => expr(name, visit),
            }
        }
        ExprKind::Binary(binary) => {
            expr(&binary.left, visit);
            expr(&binary.right, visit);
        }
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Print(parts) | ExprKind::Debug(parts) => {
            parts.iter().for_each(|part| expr(part, visit));
        }
        ExprKind::Not(inner) | ExprKind::Entity(_, inner) => expr(inner, visit),
        ExprKind::Matches(value, wanted) => {
            expr(value, visit);
            pattern(wanted, visit);
        }
        ExprKind::ForAll(condition, action) => {
            expr(condition, visit);
            expr(action, visit);
        }
    }
}

/// Visits a pattern and all its parts.
pub(super) fn pattern<'t, V: FnMut(Node<'t>)>(tree: &'t Pattern, visit: &mut V) {
    visit(Node::Pattern(tree));
    match &tree.kind {
        PatternKind::Instance(_, fields) | PatternKind::Dictionary(fields) => {
            fields.iter().for_each(|(_, field)| pattern(field, visit));
        }
        PatternKind::List(list) => self::list(list, visit, pattern),
        PatternKind::Value(value) => expr(value, visit),
    }
}

fn list<'t, T, V: FnMut(Node<'t>)>(list: &'t List<T>, visit: &mut V, item: fn(&'t T, &mut V)) {
    list.items.iter().for_each(|part| item(part, visit));
    if let Some(rest) = &list.rest {
        visit(Node::Rest(rest));
    }
}

/// True when a part of the rule could not be understood; what such a rule lacks says nothing.
pub(super) fn is_broken(broken: &Rule) -> bool {
    let mut has_error = false;
    rule(broken, &mut |node| {
        has_error |= matches!(node, Node::Expr(Expr { kind: ExprKind::Error, .. }));
    });
    has_error
}
