//! Forms of the facts dialect, which are parsed but not decided yet: each is refused, so that none is silently ignored.

use arctos_syntax::tree::{Block, BlockKind, Expr, ExprKind, Item, ShorthandTerm};
use arctos_syntax::{Diagnostic, Span, codes};

use super::shorthand;
use super::walk::{self, Node};

/// Reports each form of the facts dialect once.
pub(super) fn item(item: &Item, found: &mut Vec<Diagnostic>) {
    match item {
        Item::Rule(rule) => walk::rule(rule, &mut |node| value(node, found)),
        Item::RuleType(head) => walk::head(head, &mut |node| value(node, found)),
        Item::InlineQuery(inline) => walk::expr(&inline.query, &mut |node| value(node, found)),
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

fn value(node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Node::Expr(Expr { kind, span }) = node else { return };
    match kind {
        ExprKind::Entity(class, _) => {
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
        format!("{form} belongs to the facts dialect, which this version parses but does not decide yet"),
    )
    .primary("not decided yet")
}
