//! Forms of the facts dialect: where the application keeps no facts each is refused, so that none is silently ignored.

use arctos_syntax::tree::{Block, BlockKind, Expr, ExprKind, Item, ShorthandTerm};
use arctos_syntax::{Diagnostic, Span, codes};

use super::walk::{self, Node};
use super::{entities, shorthand};
use crate::schema::Schema;

/// Reports each form of the facts dialect that is not decided, once, and values that are none.
pub(super) fn item(item: &Item, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let mut node = |node| {
        entities::node(node, schema, found);
        value(node, schema, found);
    };
    match item {
        Item::Rule(rule) => walk::rule(rule, &mut node),
        Item::RuleType(head) => walk::head(head, &mut node),
        Item::InlineQuery(inline) => walk::expr(&inline.query, &mut node),
        Item::Block(block) => shorthand::of_block(block)
            .for_each(|rule| shorthand::calls(&rule.body, &mut |call| walk::expr(call, &mut node))),
        Item::Declare(_) | Item::Fixture(_) | Item::Test(_) => {}
    }
    if !schema.has_facts() {
        form(item, found);
    }
}

/// Reports a form that needs facts.
fn form(item: &Item, found: &mut Vec<Diagnostic>) {
    match item {
        Item::Rule(_) | Item::RuleType(_) | Item::InlineQuery(_) => {}
        Item::Block(block) => self::block(block, found),
        Item::Declare(declare) => found.push(facts_dialect("a `declare` form", declare.span)),
        Item::Fixture(fixture) => found.push(facts_dialect("a test fixture", fixture.name.span)),
        Item::Test(test) => found.push(facts_dialect("a test", test.name.span)),
    }
    for (_, rule) in shorthand::all(std::iter::once(item)) {
        if shorthand::classic(rule).is_some() {
            continue;
        }
        found.push(match &rule.head {
            ShorthandTerm::Word(word) => facts_dialect("a shorthand rule for a bare word", word.span),
            ShorthandTerm::Name(_) => {
                facts_dialect("a shorthand body other than one name with an optional `on`", rule.span)
            }
        });
    }
}

fn block(block: &Block, found: &mut Vec<Diagnostic>) {
    if block.kind == BlockKind::Global {
        found.push(facts_dialect("a `global` block", block.name.span));
    }
    if let Some(base) = block.extends.first() {
        found.push(facts_dialect("`extends`", base.span));
    }
}

/// Reports a value of the facts dialect.
pub(super) fn value(node: Node<'_>, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let Node::Expr(Expr { kind, span }) = node else { return };
    match kind {
        ExprKind::RequestValue(_) if schema.has_facts() => {}
        ExprKind::Entity(class, _) if !schema.has_facts() => {
            found.push(
                facts_dialect("an entity literal", *span).help(format!(
                    "to construct an object of the application, write `new {}(…)`",
                    class.text
                )),
            );
        }
        ExprKind::RequestValue(name) => {
            found.push(facts_dialect(&format!("the request value `@{name}`"), *span));
        }
        _ => {}
    }
}

/// P0703: a form of the facts dialect.
fn facts_dialect(form: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::FACTS_DIALECT,
        span,
        format!("{form} belongs to the facts dialect, and the application keeps no facts"),
    )
    .primary("needs facts")
    .help("to decide over facts, call `Schema::enable_facts` before loading, or `arctos check --facts`")
}
