//! Shorthand rules: `"reader" if "member" on "parent";` becomes a plain rule.
//!
//! The rule that a shorthand stands for has the shorthand's span everywhere. With `on`, the relation is asked first and
//! what must hold there second, so that the related object is known when it is asked about.
//!
//! Relations are asked as the application answers them: with rules over objects the related object comes first, with
//! facts the object whose relation it is: `has_relation(Repo{"x"}, "org", Org{"acme"})`.

mod messages;
mod writer;

use std::borrow::Cow;

use arctos_syntax::tree::{
    Block, BlockItem, BlockKind, Expr, Item, Shorthand, ShorthandExpr, ShorthandTerm, StringLit,
};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::blocks::Blocks;
use super::{CheckedRule, Input};
use writer::{Variables, Writer};

/// A shorthand rule of the classic dialect.
#[derive(Clone, Copy)]
pub(super) struct Classic<'t> {
    /// What is granted.
    pub(super) head: &'t StringLit,
    /// What must hold.
    pub(super) condition: &'t StringLit,
    /// The relation it must hold on.
    pub(super) on: Option<&'t StringLit>,
}

/// The parts of a shorthand rule, if it is one of the classic dialect.
pub(super) fn classic(shorthand: &Shorthand) -> Option<Classic<'_>> {
    let (ShorthandTerm::Name(head), ShorthandExpr::Holds(ShorthandTerm::Name(condition), on)) =
        (&shorthand.head, &shorthand.body)
    else {
        return None;
    };
    match on {
        None => Some(Classic { head, condition, on: None }),
        Some(ShorthandTerm::Name(relation)) => Some(Classic { head, condition, on: Some(relation) }),
        Some(ShorthandTerm::Word(_)) => None,
    }
}

/// The shorthand rules of the blocks of types, with the blocks they stand in.
pub(super) fn all<'t>(
    items: impl Iterator<Item = &'t Item>,
) -> impl Iterator<Item = (&'t Block, &'t Shorthand)> {
    everywhere(items).filter(|(block, _)| block.kind != BlockKind::Global)
}

/// The shorthand rules of all blocks, `global` ones too.
pub(super) fn everywhere<'t>(
    items: impl Iterator<Item = &'t Item>,
) -> impl Iterator<Item = (&'t Block, &'t Shorthand)> {
    let blocks = items.filter_map(|item| match item {
        Item::Block(block) => Some(block),
        _ => None,
    });
    blocks.flat_map(|block| of_block(block).map(move |shorthand| (block, shorthand)))
}

/// The shorthand rules of a block.
pub(super) fn of_block(block: &Block) -> impl Iterator<Item = &Shorthand> {
    block.body.iter().filter_map(|part| match part {
        BlockItem::Shorthand(shorthand) => Some(shorthand),
        _ => None,
    })
}

/// Calls `visit` with the calls in the body of a shorthand rule.
pub(super) fn calls<'t>(body: &'t ShorthandExpr, visit: &mut impl FnMut(&'t Expr)) {
    match body {
        ShorthandExpr::Call(call) => visit(call),
        ShorthandExpr::And(parts) | ShorthandExpr::Or(parts) => {
            for part in parts {
                calls(part, visit);
            }
        }
        ShorthandExpr::Holds(..) | ShorthandExpr::Global(..) => {}
    }
}

/// Calls `visit` with the roles, permissions and relations that a shorthand rule mentions.
pub(super) fn terms<'t>(shorthand: &'t Shorthand, visit: &mut impl FnMut(&'t ShorthandTerm)) {
    visit(&shorthand.head);
    terms_of(&shorthand.body, visit);
}

fn terms_of<'t>(body: &'t ShorthandExpr, visit: &mut impl FnMut(&'t ShorthandTerm)) {
    match body {
        ShorthandExpr::Holds(term, on) => {
            visit(term);
            on.iter().for_each(visit);
        }
        ShorthandExpr::Global(term, _) => visit(term),
        ShorthandExpr::Call(_) => {}
        ShorthandExpr::And(parts) | ShorthandExpr::Or(parts) => {
            for part in parts {
                terms_of(part, visit);
            }
        }
    }
}

/// Turns every shorthand rule into the rule it stands for, in source order.
pub(super) fn expand<'t>(
    items: impl Iterator<Item = &'t Item>,
    blocks: &Blocks,
    input: Input<'_>,
    rules: &mut Vec<CheckedRule<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let mut variables = Variables::new(input.schema);
    let mut seen: FxHashMap<(&str, &str, &str, Option<&str>), Span> = FxHashMap::default();
    for (block, shorthand) in everywhere(items) {
        let parts = classic(shorthand);
        if !input.schema.has_facts() && (parts.is_none() || block.kind == BlockKind::Global) {
            continue;
        }
        if let Some(parts) = parts {
            let on = parts.on.map(|relation| &*relation.text);
            let key = (&*block.name.text, &*parts.head.text, &*parts.condition.text, on);
            if let Some(&first) = seen.get(&key) {
                found.push(messages::duplicate_shorthand(shorthand.span, first));
            }
            seen.entry(key).or_insert(shorthand.span);
        }
        if let Some(rule) = Writer::new(block, shorthand, blocks, &mut variables, found).rule(shorthand) {
            let rule = Cow::Owned(rule);
            rules.push(CheckedRule { rule, origin: shorthand.span, is_shorthand: true });
        }
    }
}

/// True when a shorthand rule has been found to use a name that means nothing there; then declarations may look unused,
/// and rules undefined, only because of it.
pub(super) fn is_torn(found: &[Diagnostic]) -> bool {
    let codes = [
        codes::UNDECLARED_NAME,
        codes::NOT_A_RELATION,
        codes::RELATED_BLOCK_MISSING,
        codes::UNDECLARED_RELATED_NAME,
    ];
    found.iter().any(|diagnostic| codes.contains(&diagnostic.code))
}
