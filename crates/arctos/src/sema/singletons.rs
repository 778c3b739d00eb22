//! Variables that occur only once in their rule: almost always a misspelling, so it is an error.

use arctos_syntax::tree::{Expr, ExprKind, Rule};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::names;
use super::walk::{self, Node};
use crate::schema::Schema;

/// Where a name that may be a variable's occurs first, and whether it does again.
#[derive(Clone, Copy)]
struct Occurrence<'t> {
    name: &'t str,
    span: Span,
    is_rest: bool,
    is_single: bool,
}

/// The names of one rule at a time. PERF: the usual few are found by looking at each.
#[derive(Default)]
pub(super) struct Singletons<'t> {
    names: Vec<Occurrence<'t>>,
    /// Their places, once they are many.
    many: FxHashMap<&'t str, usize>,
}

/// As many names as are found by looking at each.
const FEW: usize = 16;

impl<'t> Singletons<'t> {
    /// Reports the variables of a rule written in full that occur once, over head and body together.
    pub(super) fn rule(&mut self, rule: &'t Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
        self.names.clear();
        self.many = FxHashMap::default();
        walk::rule(rule, &mut |node| self.node(node));
        let is_variable = |name: &str| !name.contains("::") && !names::is_fixed(name, schema);
        let is_reported = |known: &&Occurrence<'_>| known.is_single && is_variable(known.name);
        let mut singles = self.names.iter().filter(is_reported).peekable();
        if singles.peek().is_none() || walk::is_broken(rule) {
            return;
        }
        let variables: Vec<&str> =
            self.names.iter().map(|known| known.name).filter(|name| is_variable(name)).collect();
        for occurrence in singles {
            // Variables are written small and classes big: `resource` is no misspelling of `Resource`.
            let is_capital = occurrence.name.starts_with(char::is_uppercase);
            let constants = schema.constants().map(|(_, constant)| constant);
            let registered = names::classes(schema).chain(constants).chain(names::UNIONS);
            let candidates = variables.iter().copied().chain(registered.filter(|_| is_capital));
            let near = names::near(occurrence.name, candidates, found);
            found.push(singleton_variable(occurrence, near, is_capital));
        }
    }

    fn node(&mut self, node: Node<'t>) {
        let (name, span, is_rest) = match node {
            Node::Expr(Expr { kind: ExprKind::Variable(name), span }) => (&**name, *span, false),
            Node::Rest(name) => (&*name.text, name.span, true),
            _ => return,
        };
        if name.starts_with('_') {
            return;
        }
        let count = self.names.len();
        let known = match count {
            ..=FEW => self.names.iter().position(|known| known.name == name),
            _ => self.many.get(name).copied(),
        };
        if let Some(known) = known.and_then(|place| self.names.get_mut(place)) {
            known.is_single = false;
            return;
        }
        self.names.push(Occurrence { name, span, is_rest, is_single: true });
        match count {
            ..FEW => {}
            FEW => self.many.extend(self.names.iter().map(|known| known.name).zip(0..)),
            _ => _ = self.many.insert(name, count),
        }
    }
}

/// P0201: a variable that occurs only once in its rule.
fn singleton_variable(occurrence: &Occurrence<'_>, near: Option<&str>, is_capital: bool) -> Diagnostic {
    let name = occurrence.name;
    let diagnostic = Diagnostic::new(
        codes::SINGLETON_VARIABLE,
        occurrence.span,
        format!("variable `{name}` occurs only once in this rule"),
    )
    .primary("unused, or misspelt");
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
