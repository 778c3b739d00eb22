//! Fields that a class does not have, where a similar one exists.
//!
//! Only hosts that can list a class's fields and methods tell them, and few lists are complete; so a name is reported
//! only where it is nearly one that the class has.

use arctos_syntax::tree::{Expr, ExprKind, Ident, Member, Pattern, PatternKind, Rule};
use arctos_syntax::{Diagnostic, codes};
use rustc_hash::FxHashMap;

use super::names;
use super::walk::{self, Node};
use crate::schema::{ClassId, Schema};

/// True when the host tells what members some class has.
pub(super) fn are_known(schema: &Schema) -> bool {
    schema.classes().any(|(_, class)| !class.members.is_empty())
}

/// Reports misspelt fields of a rule's patterns, and of variables whose class the head tells.
pub(super) fn rule(rule: &Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let typed = typed_variables(rule, schema);
    walk::rule(rule, &mut |node| match node {
        Node::Pattern(Pattern { kind: PatternKind::Instance(class, fields), .. }) => {
            let Some(id) = schema.class(&class.text) else { return };
            fields.iter().for_each(|(field, _)| member(field, id, schema, found));
        }
        Node::Expr(Expr { kind: ExprKind::Dot(dot), .. }) => {
            let ExprKind::Variable(variable) = &dot.object.kind else { return };
            let Some(&id) = typed.get(&**variable) else { return };
            match &dot.member {
                Member::Field(name) => member(name, id, schema, found),
                Member::Method(call) => member(&call.name, id, schema, found),
                Member::Dynamic(_) => {}
            }
        }
        _ => {}
    });
}

/// The variables that a specializer gives a class.
fn typed_variables<'t>(rule: &'t Rule, schema: &Schema) -> FxHashMap<&'t str, ClassId> {
    let mut typed = FxHashMap::default();
    for param in &rule.head.params {
        let ExprKind::Variable(name) = &param.term.kind else { continue };
        let Some(PatternKind::Instance(class, _)) = param.specializer.as_ref().map(|pattern| &pattern.kind)
        else {
            continue;
        };
        if let Some(id) = schema.class(&class.text) {
            typed.entry(&**name).or_insert(id);
        }
    }
    typed
}

fn member(name: &Ident, class: ClassId, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let members = || {
        let lineage = schema.lineage(class).iter().filter_map(|&id| schema.get(id));
        lineage.flat_map(|class| class.members.iter().map(|member| &**member))
    };
    if members().any(|member| member == name.text) {
        return;
    }
    if let Some(near) = names::near(&name.text, members(), found) {
        found.push(unknown_member(name, schema.class_name(class), near));
    }
}

/// P0206: a field that the class does not have, but a similar one it does.
fn unknown_member(name: &Ident, class: &str, near: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNKNOWN_MEMBER,
        name.span,
        format!("`{class}` has no field or method `{}`", name.text),
    )
    .primary("not known")
    .did_you_mean(Some(near))
    .fix(name.span, near)
}
