//! Checking: from trees to rules that can be lowered.
//!
//! Resolves blocks into plain rules, and finds everything that is wrong or suspicious before a policy is ever asked.
//! One file a check; each makes its diagnostics in constructor functions of its own. Knows nothing of evaluation.
//!
//! INVARIANT: time is close to linear in the size of the policy: a check looks names up, it never scans all rules for
//! each rule. The diagnostics depend on the texts and the schema alone, in a fixed order.

mod blocks;
mod calls;
mod classes;
mod constants;
mod declared;
mod dialect;
mod granting;
mod keys;
mod matching;
mod members;
mod names;
mod precedence;
mod reachability;
mod rule_types;
mod shorthand;
mod singletons;
#[cfg(test)]
mod tests;
mod walk;
mod whole;

use arctos_syntax::{Diagnostic, Sources, Span, tree};

pub(crate) use blocks::Blocks;

use crate::schema::{ClassId, Schema};

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    /// The trees, in load order.
    pub(crate) files: &'a [tree::File],
    /// The texts the trees came from.
    pub(crate) sources: &'a Sources,
    /// What the application has registered.
    pub(crate) schema: &'a Schema,
    /// False when a text had grammar errors: what the trees lack is then no reason for a diagnostic.
    pub(crate) is_complete: bool,
}

/// A policy whose rules may be lowered (if no diagnostic is an error).
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked {
    /// Rules in load order, then those that stand for shorthand, in source order.
    pub(crate) rules: Vec<CheckedRule>,
    /// Inline queries in source order.
    pub(crate) inline_queries: Vec<tree::InlineQuery>,
    /// Members of the built-in `Actor`: classes with an `actor` block.
    pub(crate) actors: Vec<ClassId>,
    /// Members of the built-in `Resource`: classes with an `actor` or `resource` block.
    pub(crate) resources: Vec<ClassId>,
    /// What the blocks declare.
    pub(crate) blocks: Blocks,
    /// The rule types written in the policy, in source order.
    pub(crate) rule_types: Vec<tree::Head>,
}

/// A rule in its final form.
#[derive(Clone, Debug)]
pub(crate) struct CheckedRule {
    /// The rule; for shorthand the rule that it stands for, every span of which is the shorthand's.
    pub(crate) rule: tree::Rule,
    /// Where to point: the rule's or the shorthand's span.
    pub(crate) origin: Span,
    /// True when it stands for shorthand.
    pub(crate) is_shorthand: bool,
}

/// Checks the files of one load. The diagnostics are in source order.
pub(crate) fn check(input: Input<'_>) -> (Checked, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let checked = gather(input, &mut found);
    whole::sources(input, &mut found);
    dialect::check(input, &mut found);
    singletons::check(&checked, input.schema, &mut found);
    calls::check(&checked, input, &mut found);
    constants::check(&checked, input, &mut found);
    classes::check(input, &mut found);
    members::check(&checked, input, &mut found);
    rule_types::check(&checked, input, &mut found);
    precedence::check(input, &mut found);
    reachability::check(&checked, input, &mut found);
    declared::check(&checked, input, &mut found);
    granting::check(&checked, input, &mut found);
    whole::check(&checked, input, &mut found);
    // The sort is stable: what one check says of one place stays in the order it said it.
    found.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
    (checked, found)
}

/// Collects rules and declarations, and turns shorthand into rules.
fn gather(input: Input<'_>, found: &mut Vec<Diagnostic>) -> Checked {
    let items = || input.files.iter().flat_map(|file| &file.items);
    let blocks = blocks::declare(items(), input, found);
    let mut checked = Checked {
        actors: blocks.members(input.schema, |declared| declared.is_actor),
        resources: blocks.members(input.schema, |_| true),
        ..Checked::default()
    };
    for item in items() {
        match item {
            tree::Item::Rule(rule) => {
                checked.rules.push(CheckedRule { rule: rule.clone(), origin: rule.span, is_shorthand: false })
            }
            tree::Item::InlineQuery(query) => checked.inline_queries.push(query.clone()),
            tree::Item::RuleType(head) => checked.rule_types.push(head.clone()),
            tree::Item::Block(_) | tree::Item::Declare(_) | tree::Item::Fixture(_) | tree::Item::Test(_) => {}
        }
    }
    checked.rules.extend(shorthand::expand(items(), &blocks, input, found));
    checked.blocks = blocks;
    checked
}
