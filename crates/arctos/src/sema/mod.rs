//! Checking: from trees to rules that can be lowered.
//!
//! Resolves blocks into plain rules, and finds everything that is wrong or suspicious before a policy is ever asked.
//! One file a check. Knows nothing of evaluation.

use arctos_syntax::{Diagnostic, Span, tree};

use crate::schema::{ClassId, Schema};

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
pub(crate) fn check(files: &[tree::File], schema: &Schema) -> (Checked, Vec<Diagnostic>) {
    let _ = schema;
    let mut checked = Checked::default();
    for item in files.iter().flat_map(|file| &file.items) {
        match item {
            tree::Item::Rule(rule) => checked.rules.push(CheckedRule {
                rule: rule.clone(),
                origin: rule.span,
                is_shorthand: false,
            }),
            tree::Item::InlineQuery(query) => checked.inline_queries.push(query.clone()),
            _ => {}
        }
    }
    (checked, Vec::new())
}
