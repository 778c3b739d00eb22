//! `and` inside `or` without parentheses: legal, and often not what was meant.
//!
//! Parentheses leave no trace in the tree, so this check looks at the text between the operands of an `or`.

use arctos_syntax::tree::{Expr, ExprKind, Item};
use arctos_syntax::{Diagnostic, Sources, Span, codes};

use super::walk::{self, Node};

/// Reports each `and` of a form that is an operand of an `or` and has no parentheses around it.
pub(super) fn item(item: &Item, sources: &Sources, found: &mut Vec<Diagnostic>) {
    let mut visit = |node: Node<'_>| {
        let Node::Expr(Expr { kind: ExprKind::Or(parts), span }) = node else { return };
        for (index, part) in parts.iter().enumerate() {
            if matches!(part.kind, ExprKind::And(_)) && !is_parenthesized(parts, index, sources) {
                found.push(ambiguous_precedence(part.span, *span, sources));
            }
        }
    };
    match item {
        Item::Rule(rule) => walk::rule(rule, &mut visit),
        Item::InlineQuery(inline) => walk::expr(&inline.query, &mut visit),
        Item::RuleType(_) | Item::Block(_) | Item::Declare(_) | Item::Fixture(_) | Item::Test(_) => {}
    }
}

/// Whether the operand at `index` has parentheses of its own.
///
/// A parenthesis after the first operand can only close one that opened before it, and so on at the other end. Between,
/// both sides count: in `(a or b and c) or d` a parenthesis closes after `b and c` that encloses more than it.
fn is_parenthesized(parts: &[Expr], index: usize, sources: &Sources) -> bool {
    let gap = |left: usize, right: usize| {
        let (left, right) = (parts.get(left)?, parts.get(right)?);
        let between = Span::new(left.span.source, left.span.end, right.span.start);
        Some(without_comments(sources.text(between)))
    };
    let opens = index.checked_sub(1).and_then(|before| gap(before, index)).map(|text| text.contains('('));
    let closes = gap(index, index + 1).map(|text| text.contains(')'));
    opens.unwrap_or(true) && closes.unwrap_or(true)
}

fn without_comments(text: &str) -> String {
    text.split(['\n', '\r']).map(|line| line.split('#').next().unwrap_or("")).collect()
}

/// P0207: `and` and `or` mixed without parentheses.
fn ambiguous_precedence(inner: Span, outer: Span, sources: &Sources) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::AMBIGUOUS_PRECEDENCE, inner, "`and` and `or` are mixed without parentheses")
            .primary("`and` binds tighter, so this is one alternative")
            .label(outer, "of this `or`")
            .help("put parentheses around the part that belongs together: `(x and y) or z`");
    match sources.text(inner) {
        "" => diagnostic,
        text => diagnostic.fix(inner, format!("({text})")),
    }
}
