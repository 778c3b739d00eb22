//! Entity literals: `User{"ann"}`, and `Integer{1}` for `1`.

use arctos_syntax::tree::{Expr, ExprKind, Ident};
use arctos_syntax::{Diagnostic, codes};

use super::names;
use super::walk::{self, Node};
use crate::schema::{ClassId, Schema};

/// Reports the literals of an expression that stand for no value.
pub(crate) fn question(query: &Expr, schema: &Schema, found: &mut Vec<Diagnostic>) {
    walk::expr(query, &mut |node| {
        self::node(node, schema, found);
        super::dialect::value(node, schema, found);
    });
}

/// Reports a literal that stands for no value.
pub(super) fn node(node: Node<'_>, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let Node::Expr(Expr { kind: ExprKind::Entity(class, id), .. }) = node else { return };
    if !schema.has_facts() {
        return;
    }
    let Some(known) = schema.class(&class.text) else {
        let types = schema.classes().filter(|(class, _)| schema.has_entities(*class));
        let near = names::near(&class.text, types.map(|(_, class)| &*class.name), found);
        found.push(no_entity_type(class, near));
        return;
    };
    if !schema.has_entities(known) {
        if !is_value_of(known, id) {
            found.push(not_of_facts(class, known));
        }
    } else if !matches!(id.kind, ExprKind::String(_) | ExprKind::Error) {
        found.push(id_not_a_string(class, id));
    }
}

/// True for `Integer{1}` and the like.
fn is_value_of(class: ClassId, value: &Expr) -> bool {
    matches!(
        (class, &value.kind),
        (ClassId::STRING, ExprKind::String(_))
            | (ClassId::INTEGER, ExprKind::Integer(_))
            | (ClassId::BOOLEAN, ExprKind::Boolean(_))
            | (_, ExprKind::Error)
    )
}

/// P0306: an entity of a type that the policy does not name.
pub(super) fn no_entity_type(class: &Ident, near: Option<&str>) -> Diagnostic {
    let name = &class.text;
    let message = format!("there are no entities of type `{name}`: the policy does not name it");
    let diagnostic = Diagnostic::new(codes::INVALID_ENTITY, class.span, message).primary("not a type");
    match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(class.span, near),
        None => {
            diagnostic.help(format!("if facts have such entities, give them a block: `resource {name} {{}}`"))
        }
    }
}

/// P0306: an entity of a class or built-in type.
fn not_of_facts(class: &Ident, known: ClassId) -> Diagnostic {
    let name = &class.text;
    let is_built_in = known.index() <= ClassId::DICTIONARY.index();
    let (what, help) = if is_built_in {
        (format!("`{name}` is a built-in type"), "write the value itself".to_owned())
    } else {
        let help = format!("to construct an object of the application, write `new {name}(…)`");
        (format!("`{name}` is a class of the application"), help)
    };
    Diagnostic::new(codes::INVALID_ENTITY, class.span, format!("{what}, so there are no entities of it"))
        .primary("not a type of entities")
        .help(help)
}

/// P0306: an entity whose id is no text.
fn id_not_a_string(class: &Ident, id: &Expr) -> Diagnostic {
    let text = arctos_syntax::format::print_expr(id);
    Diagnostic::new(codes::INVALID_ENTITY, id.span, "the id of an entity is a string")
        .primary("not a string")
        .fix(id.span, format!("\"{text}\""))
        .help(format!("write `{}{{\"{text}\"}}`", class.text))
}
