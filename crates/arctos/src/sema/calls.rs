//! Calls of rules that do not exist, or only with another number of parameters.
//!
//! Inline queries are not looked at: they are asked right after loading, and say themselves what they miss.

use arctos_syntax::tree::{Call, Expr, ExprKind, Item};
use arctos_syntax::{Diagnostic, Span, codes};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::walk::{self, Node};
use super::{Checked, CheckedRule, Input, names};
use crate::schema::Schema;

/// The rules that shorthand stands for.
pub(super) const HOOKS: [&str; 3] = ["has_permission", "has_role", "has_relation"];

/// The rules of one name: each number of parameters with the first head that has it.
pub(super) type Arities = Vec<(usize, Span)>;
pub(super) type Rules<'t> = IndexMap<&'t str, Arities, FxBuildHasher>;

/// What calls are compared with.
pub(super) struct Calls<'t> {
    rules: Rules<'t>,
    /// Names that `declare` forms have.
    declared: FxHashSet<&'t str>,
    hooks: &'static [&'static str],
    schema: &'t Schema,
    is_complete: bool,
    /// A shorthand rule that could not be understood would have defined one of [`HOOKS`].
    is_torn: bool,
}

impl<'t> Calls<'t> {
    pub(super) fn new(checked: &'t Checked<'_>, input: Input<'t>, is_torn: bool) -> Self {
        let items = input.files.iter().flat_map(|file| &file.items);
        let declared = items.filter_map(|item| match item {
            Item::Declare(declare) => Some(&*declare.name.text),
            _ => None,
        });
        Calls {
            rules: rules(checked),
            declared: declared.collect(),
            hooks: if checked.blocks.types().next().is_some() { &HOOKS } else { &[] },
            schema: input.schema,
            is_complete: input.is_complete,
            is_torn,
        }
    }

    /// Reports the calls in a rule's body that no rule can answer.
    pub(super) fn rule(&self, rule: &CheckedRule<'_>, found: &mut Vec<Diagnostic>) {
        let Some(body) = &rule.rule.body else { return };
        walk::expr(body, &mut |node| {
            let Node::Expr(Expr { kind: ExprKind::Call(call), span }) = node else { return };
            match self.rules.get(&*call.name.text) {
                Some(arities) if arities.iter().any(|(arity, _)| *arity == call.args.len()) => {}
                Some(arities) => found.push(call_arity(call, *span, arities)),
                // The missing rule itself is reported, once, where the role or relation is declared.
                None if rule.is_shorthand && matches!(&*call.name.text, "has_role" | "has_relation") => {}
                None if self.is_torn && HOOKS.contains(&&*call.name.text) => {}
                None if !self.is_complete || self.declared.contains(&*call.name.text) => {}
                None => {
                    let candidates = self.rules.keys().copied().chain(self.hooks.iter().copied());
                    let near = names::near(&call.name.text, candidates, found);
                    found.push(undefined_rule(call, near, self.schema));
                }
            }
        });
    }
}

/// The rules of a policy by name.
pub(super) fn rules<'t>(checked: &'t Checked<'_>) -> Rules<'t> {
    let mut rules = Rules::default();
    for rule in &checked.rules {
        let head = &rule.rule.head;
        let arities: &mut Arities = rules.entry(&*head.name.text).or_default();
        if !arities.iter().any(|(arity, _)| *arity == head.params.len()) {
            arities.push((head.params.len(), rule.origin));
        }
    }
    rules
}

/// P0202: a rule body calls a rule that does not exist.
fn undefined_rule(call: &Call, near: Option<&str>, schema: &Schema) -> Diagnostic {
    let name = &call.name.text;
    let diagnostic =
        Diagnostic::new(codes::UNDEFINED_RULE, call.name.span, format!("there is no rule `{name}`"))
            .primary("not defined");
    if names::is_fixed(name, schema) {
        return diagnostic
            .help(format!("`{name}` is a class; to construct an object, write `new {name}(…)`"))
            .help(format!("to test a value, write `value matches {name}`"));
    }
    let diagnostic = match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(call.name.span, near),
        None => diagnostic,
    };
    diagnostic.help(format!("define `{name}` with {}", parameters(call.args.len())))
}

/// P0203: a rule body calls a rule that exists only with another number of parameters.
pub(super) fn call_arity(call: &Call, span: Span, arities: &Arities) -> Diagnostic {
    let name = &call.name.text;
    let mut diagnostic = Diagnostic::new(
        codes::CALL_ARITY,
        span,
        format!("no rule `{name}` takes {}, so this call never succeeds", arguments(call.args.len())),
    )
    .primary(arguments(call.args.len()));
    for (arity, head) in arities.iter().take(3) {
        diagnostic = diagnostic.label(*head, format!("`{name}` has {} here", parameters(*arity)));
    }
    diagnostic
}

fn parameters(count: usize) -> String {
    counted(count, "parameter")
}

pub(crate) fn arguments(count: usize) -> String {
    counted(count, "argument")
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
