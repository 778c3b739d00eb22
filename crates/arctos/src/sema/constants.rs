//! Names read as a variable where a class or constant was meant, and the other way round.

use arctos_syntax::tree::{Binary, BinaryOp, Expr, ExprKind, Param, Rule};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::names;
use super::walk::{self, Node};
use crate::schema::Schema;

/// Reports such names in a rule written in full.
pub(super) fn rule(rule: &Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
    for param in &rule.head.params {
        parameter(param, schema, found);
    }
    fixed_in_variable_place(rule, schema, found);
    capitalized(rule, schema, found);
}

/// `f(User)` and `f(User: Admin)`, where `User` is a class.
fn parameter(param: &Param, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let ExprKind::Variable(name) = &param.term.kind else { return };
    let is_class = || schema.class(name).is_some() || names::is_union(name);
    if param.specializer.is_some() && names::is_fixed(name, schema) {
        found.push(not_a_variable(name, param.term.span));
    } else if is_class() {
        found.push(class_as_parameter(name, param.span));
    }
}

/// `User := 1` and `[x, *User]`.
fn fixed_in_variable_place(rule: &Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
    walk::rule(rule, &mut |node| {
        let (name, span) = match node {
            Node::Rest(rest) => (&*rest.text, rest.span),
            Node::Expr(Expr { kind: ExprKind::Binary(binary), .. }) => match &**binary {
                Binary {
                    op: BinaryOp::Assign, left: Expr { kind: ExprKind::Variable(name), span }, ..
                } => (&**name, *span),
                _ => return,
            },
            _ => return,
        };
        if names::is_fixed(name, schema) {
            found.push(not_a_variable(name, span));
        }
    });
}

/// A capitalised name that is a variable, more than once; one that stands once is reported as that.
fn capitalized(rule: &Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let mut seen: FxHashMap<&str, (Span, usize)> = FxHashMap::default();
    walk::rule(rule, &mut |node| {
        let Node::Expr(Expr { kind: ExprKind::Variable(name), span }) = node else { return };
        if name.starts_with(char::is_uppercase) && !names::is_fixed(name, schema) {
            seen.entry(name).and_modify(|(_, count)| *count += 1).or_insert((*span, 1));
        }
    });
    let mut several: Vec<_> =
        seen.into_iter().filter(|(name, (_, count))| *count > 1 || name.contains("::")).collect();
    several.sort_by_key(|(_, (span, _))| span.start);
    for (name, (span, _)) in several {
        let constants = schema.constants().map(|(_, constant)| constant);
        let near = names::near(name, names::classes(schema).chain(constants), found);
        found.push(name_is_variable(name, span, near));
    }
}

/// P0204: a registered name where only a variable makes sense.
fn not_a_variable(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::NAME_IS_REGISTERED,
        span,
        format!("`{name}` is registered by the application, so it is not a variable here"),
    )
    .primary("not a variable")
    .help("choose another name for the variable")
}

/// P0204: a class as a parameter, where a specializer was probably meant.
fn class_as_parameter(name: &str, span: Span) -> Diagnostic {
    let variable = name.to_lowercase();
    Diagnostic::new(
        codes::NAME_IS_REGISTERED,
        span,
        format!("this parameter is the class `{name}` itself, not one of its instances"),
    )
    .primary("the class itself")
    .help(format!("write `{variable}: {name}` or `_: {name}` for an instance"))
    .fix(span, format!("_: {name}"))
}

/// P0205: a capitalised name that is not registered.
fn name_is_variable(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    Diagnostic::new(
        codes::NAME_IS_VARIABLE,
        span,
        format!("`{name}` is not registered, so it is read as a variable"),
    )
    .primary("a variable")
    .did_you_mean(near)
    .help(format!("register `{name}` if it is a class or constant; write variables in lower case"))
}
