//! Calls of rules that do not exist, or only with another number of parameters.
//!
//! Inline queries are not looked at: they are asked right after loading, and say themselves what they miss.

use arctos_syntax::tree::{Call, Expr, ExprKind, Item};
use arctos_syntax::{Diagnostic, Span, codes, suggest};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::walk::{self, Node};
use super::{Checked, Input, names, shorthand};
use crate::schema::Schema;

/// After so many undefined calls no more suggestions are sought: each costs a look at every rule name.
const SUGGESTIONS: usize = 50;

/// The rules that shorthand stands for.
const HOOKS: [&str; 3] = ["has_permission", "has_role", "has_relation"];

/// The rules of one name: each number of parameters with the first head that has it.
type Arities = Vec<(usize, Span)>;
type Rules<'t> = IndexMap<&'t str, Arities, FxBuildHasher>;

/// Reports the calls in rule bodies that no rule can answer.
pub(super) fn check(checked: &Checked, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let rules = rules(checked);
    let items = input.files.iter().flat_map(|file| &file.items);
    let declared: FxHashSet<&str> = items
        .filter_map(|item| match item {
            Item::Declare(declare) => Some(&*declare.name.text),
            _ => None,
        })
        .collect();
    // A shorthand rule that could not be understood would have defined one of these.
    let is_torn = shorthand::is_torn(found);
    let hooks = HOOKS.iter().copied().filter(|_| checked.blocks.types().next().is_some());
    let mut undefined = 0;
    for rule in &checked.rules {
        let Some(body) = &rule.rule.body else { continue };
        walk::expr(body, &mut |node| {
            let Node::Expr(Expr { kind: ExprKind::Call(call), span }) = node else { return };
            match rules.get(&*call.name.text) {
                Some(arities) if arities.iter().any(|(arity, _)| *arity == call.args.len()) => {}
                Some(arities) => found.push(call_arity(call, *span, arities)),
                // The missing rule itself is reported, once, where the role or relation is declared.
                None if rule.is_shorthand && matches!(&*call.name.text, "has_role" | "has_relation") => {}
                None if is_torn && HOOKS.contains(&&*call.name.text) => {}
                None if !input.is_complete || declared.contains(&*call.name.text) => {}
                None => {
                    undefined += 1;
                    let candidates = rules.keys().copied().chain(hooks.clone());
                    let candidates = candidates.filter(|_| undefined <= SUGGESTIONS);
                    let near = suggest::near(&call.name.text, candidates);
                    found.push(undefined_rule(call, near, input.schema));
                }
            }
        });
    }
}

fn rules(checked: &Checked) -> Rules<'_> {
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
fn call_arity(call: &Call, span: Span, arities: &Arities) -> Diagnostic {
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

fn arguments(count: usize) -> String {
    counted(count, "argument")
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
