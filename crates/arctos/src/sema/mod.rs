//! Checking: from trees to rules that can be lowered.
//!
//! Resolves blocks into plain rules, and finds everything that is wrong or suspicious before a policy is ever asked.
//! One file a check; each makes its diagnostics in constructor functions of its own. Knows nothing of evaluation.
//!
//! INVARIANT: time is close to linear in the size of the policy: a check looks names up, it never scans all rules for
//! each rule. The diagnostics depend on the texts and the schema alone, in a fixed order.

mod assertions;
mod blocks;
mod calls;
mod classes;
mod constants;
mod declared;
mod dialect;
mod entities;
mod facts;
mod forms;
mod granting;
mod keys;
mod matching;
mod members;
mod names;
mod precedence;
mod reachability;
mod rule_types;
mod settings;
mod shorthand;
mod singletons;
#[cfg(test)]
mod tests;
mod trials;
mod types;
mod walk;
mod whole;

use std::borrow::Cow;

use arctos_syntax::{Diagnostic, Sources, Span, codes, tree};

pub(crate) use blocks::Blocks;
pub(crate) use calls::arguments;
pub(crate) use entities::question;
pub(crate) use types::schema;

use crate::forms::FactForms;
use crate::schema::{ClassId, Schema};
use crate::testing::PolicyTest;

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    /// The trees, in load order.
    pub(crate) files: &'a [tree::File],
    /// The texts the trees came from.
    pub(crate) sources: &'a Sources,
    /// What the application has registered, with the policy's entity types where it keeps facts: see [`schema`].
    pub(crate) schema: &'a Schema,
    /// False when a text had grammar errors: what the trees lack is then no reason for a diagnostic.
    pub(crate) is_complete: bool,
}

/// A policy whose rules may be lowered (if no diagnostic is an error).
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked<'t> {
    /// Rules in load order, then those that stand for shorthand, in source order.
    pub(crate) rules: Vec<CheckedRule<'t>>,
    /// How many of them are written in full.
    pub(crate) written: usize,
    /// Inline queries in source order.
    pub(crate) inline_queries: Vec<&'t tree::InlineQuery>,
    /// Members of the built-in `Actor`: classes with an `actor` block.
    pub(crate) actors: Vec<ClassId>,
    /// Members of the built-in `Resource`: classes with an `actor` or `resource` block.
    pub(crate) resources: Vec<ClassId>,
    /// What the blocks declare.
    pub(crate) blocks: Blocks,
    /// The tests, in source order.
    pub(crate) tests: Vec<PolicyTest>,
    /// What facts may say.
    pub(crate) facts: FactForms,
    /// The rule types written in the policy, in source order.
    pub(crate) rule_types: Vec<&'t tree::Head>,
}

/// A rule in its final form.
#[derive(Clone, Debug)]
pub(crate) struct CheckedRule<'t> {
    /// The rule; for shorthand the rule that it stands for, every span of which is the shorthand's.
    pub(crate) rule: Cow<'t, tree::Rule>,
    /// Where to point: the rule's or the shorthand's span.
    pub(crate) origin: Span,
    /// True when it stands for shorthand.
    pub(crate) is_shorthand: bool,
}

/// Checks the files of one load. The diagnostics are in source order.
pub(crate) fn check(input: Input<'_>) -> (Checked<'_>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut checked = gather(input, &mut found);
    whole::sources(input, &mut found);
    types::check(input, &mut found);
    rules(&checked, input, &mut found);
    declared::check(&checked, input, &mut found);
    granting::check(&checked, input, &mut found);
    checked.tests = trials::check(&checked, input, &mut found);
    declared::asked(&checked.tests, &checked, input, &mut found);
    whole::check(&checked, input, &mut found);
    // The sort is stable: what one check says of one place stays in the order it said it.
    found.sort_by_key(|diagnostic| (diagnostic.span.source, diagnostic.span.start));
    (checked, found)
}

/// Runs the checks that look at one form after the other.
///
/// PERF: all checks of one rule before those of the next, while its tree is at hand.
fn rules(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let calls = calls::Calls::new(checked, input, shorthand::is_torn(found));
    let facts = input.schema.has_facts().then(|| facts::Calls::new(checked, input));
    let calls = |rule: &CheckedRule<'_>, found: &mut Vec<Diagnostic>| match &facts {
        Some(facts) => facts.rule(rule, found),
        None => calls.rule(rule, found),
    };
    let mut types = rule_types::Types::new(checked, input, found);
    let mut singletons = singletons::Singletons::default();
    let mut classes = classes::Classes::new(input.schema);
    // Of a file loaded twice enough is said.
    let is_twice = found.iter().any(|diagnostic| diagnostic.code == codes::DUPLICATE_SOURCE);
    let mut reachability = reachability::Reachability::new(input.schema, is_twice);
    let has_members = members::are_known(input.schema);
    let (written, expanded) = checked.rules.split_at(checked.written);
    let mut written = written.iter();
    for item in input.files.iter().flat_map(|file| &file.items) {
        dialect::item(item, input.schema, found);
        facts::item(item, found);
        if let tree::Item::Rule(rule) = item
            && let Some(checked) = written.next()
        {
            singletons.rule(rule, input.schema, found);
            calls(checked, found);
            constants::rule(rule, input.schema, found);
            classes.item(item);
            if has_members {
                members::rule(rule, input.schema, found);
            }
            let is_broken = walk::is_broken(rule);
            types.rule(checked, is_broken, found);
            precedence::item(item, input.sources, found);
            reachability.rule(checked, is_broken, found);
        } else {
            classes.item(item);
            precedence::item(item, input.sources, found);
        }
    }
    for rule in expanded {
        calls(rule, found);
        types.rule(rule, false, found);
    }
    classes.report(found);
    if input.is_complete {
        types.report_missing(found);
    }
}

/// Collects rules and declarations, and turns shorthand into rules.
fn gather<'t>(input: Input<'t>, found: &mut Vec<Diagnostic>) -> Checked<'t> {
    let items = || input.files.iter().flat_map(|file| &file.items);
    let blocks = blocks::declare(items(), input, found);
    let mut checked = Checked {
        actors: blocks.members(input.schema, |declared| declared.is_actor),
        resources: blocks.members(input.schema, |_| true),
        ..Checked::default()
    };
    let rules = items().map(|item| match item {
        tree::Item::Block(block) => block.body.len(),
        tree::Item::Rule(_) => 1,
        _ => 0,
    });
    checked.rules.reserve_exact(rules.sum());
    for item in items() {
        match item {
            tree::Item::Rule(rule) => {
                let origin = rule.span;
                checked.rules.push(CheckedRule { rule: Cow::Borrowed(rule), origin, is_shorthand: false })
            }
            tree::Item::InlineQuery(query) => checked.inline_queries.push(query),
            tree::Item::RuleType(head) => checked.rule_types.push(head),
            tree::Item::Block(_) | tree::Item::Declare(_) | tree::Item::Fixture(_) | tree::Item::Test(_) => {}
        }
    }
    checked.written = checked.rules.len();
    shorthand::expand(items(), &blocks, input, &mut checked.rules, found);
    checked.blocks = blocks;
    whole::default_allow(&mut checked, input);
    checked.facts = forms::infer(&checked, input);
    checked
}
