//! Variables that occur only once in their rule: almost always a misspelling, so it is an error.

use arctos_syntax::tree::{Expr, ExprKind, Rule};
use arctos_syntax::{Diagnostic, Span, codes, suggest};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::walk::{self, Node};
use super::{Checked, names};
use crate::schema::Schema;

/// Where a variable occurs first, and whether it does again.
struct Occurrence {
    span: Span,
    is_rest: bool,
    is_single: bool,
}

type Variables<'t> = IndexMap<&'t str, Occurrence, FxBuildHasher>;

/// Reports the variables that occur once, over head and body together.
pub(super) fn check(checked: &Checked, schema: &Schema, found: &mut Vec<Diagnostic>) {
    for rule in checked.rules.iter().filter(|rule| !rule.is_shorthand).map(|checked| &checked.rule) {
        let variables = variables(rule, schema);
        let mut singles = variables.iter().filter(|(_, occurrence)| occurrence.is_single).peekable();
        if singles.peek().is_none() || walk::is_broken(rule) {
            continue;
        }
        for (name, occurrence) in singles {
            found.push(singleton_variable(name, occurrence, &variables, schema));
        }
    }
}

fn variables<'t>(rule: &'t Rule, schema: &Schema) -> Variables<'t> {
    let mut variables = Variables::default();
    walk::rule(rule, &mut |node| {
        let (name, span, is_rest) = match node {
            Node::Expr(Expr { kind: ExprKind::Variable(name), span }) => (&**name, *span, false),
            Node::Rest(name) => (&*name.text, name.span, true),
            _ => return,
        };
        if name.starts_with('_') || name.contains("::") || names::is_fixed(name, schema) {
            return;
        }
        variables.entry(name).and_modify(|seen| seen.is_single = false).or_insert(Occurrence {
            span,
            is_rest,
            is_single: true,
        });
    });
    variables
}

/// P0201: a variable that occurs only once in its rule.
fn singleton_variable(
    name: &str,
    occurrence: &Occurrence,
    variables: &Variables<'_>,
    schema: &Schema,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        codes::SINGLETON_VARIABLE,
        occurrence.span,
        format!("variable `{name}` occurs only once in this rule"),
    )
    .primary("unused, or misspelt");
    // Variables are written small and classes big: `resource` is no misspelling of `Resource`.
    let is_capital = name.starts_with(char::is_uppercase);
    let constants = schema.constants().map(|(_, constant)| constant);
    let registered = names::classes(schema).chain(constants).chain(names::UNIONS);
    let near = suggest::near(name, variables.keys().copied().chain(registered.filter(|_| is_capital)));
    let starred = if occurrence.is_rest { "*_" } else { "_" };
    let diagnostic = match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(occurrence.span, near),
        None => diagnostic.fix(occurrence.span, format!("_{name}")),
    };
    let diagnostic = if is_capital {
        diagnostic
            .help(format!("if `{name}` is a class or a constant, register it before loading the policy"))
    } else {
        diagnostic
    };
    diagnostic.help(format!("write `{starred}{name}` or `{starred}` if any value will do"))
}
