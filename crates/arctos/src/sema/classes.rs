//! Classes that are named but not registered, in specializers, patterns and `new`.
//!
//! It is a warning: an application may register a class after it has loaded the policy. Each name is reported once, at
//! its first place.

use arctos_syntax::tree::{Expr, ExprKind, Ident, Item, Pattern, PatternKind};
use arctos_syntax::{Diagnostic, Span, codes};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::names;
use super::walk::{self, Node};
use crate::schema::Schema;

/// The places of one unknown name.
struct Places {
    first: Span,
    others: Vec<Span>,
}

/// Names that users of other languages write for the built-in types.
const ALIASES: &[(&str, &[&str])] = &[
    ("Boolean", &["bool", "Bool", "boolean"]),
    ("Integer", &["int", "Int", "integer", "i32", "i64", "u32", "u64", "isize", "usize", "long"]),
    ("Float", &["float", "f32", "f64", "double", "Double"]),
    ("String", &["str", "Str", "string", "char", "text"]),
    ("List", &["list", "array", "Array", "Vec", "tuple"]),
    ("Dictionary", &["dict", "Dict", "dictionary", "map", "Map", "hash", "Hash", "HashMap", "hash_map"]),
];

/// The built-in type that users of other languages mean by a name.
pub(super) fn alias(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(_, aliases)| aliases.contains(&name)).map(|(class, _)| *class)
}

/// The unregistered class names so far.
pub(super) struct Classes<'t> {
    schema: &'t Schema,
    unknown: IndexMap<&'t str, Places, FxBuildHasher>,
}

impl<'t> Classes<'t> {
    pub(super) fn new(schema: &'t Schema) -> Self {
        Classes { schema, unknown: IndexMap::default() }
    }

    /// Looks at the names of one form.
    pub(super) fn item(&mut self, item: &'t Item) {
        let mut visit = |node| self.node(node);
        match item {
            Item::Rule(rule) => walk::rule(rule, &mut visit),
            Item::RuleType(head) => walk::head(head, &mut visit),
            Item::InlineQuery(inline) => walk::expr(&inline.query, &mut visit),
            Item::Block(_) | Item::Declare(_) | Item::Fixture(_) | Item::Test(_) => {}
        }
    }

    fn node(&mut self, node: Node<'t>) {
        let class: &Ident = match node {
            Node::Pattern(Pattern { kind: PatternKind::Instance(class, _), .. }) => class,
            Node::Expr(Expr { kind: ExprKind::New(call), .. }) => &call.name,
            _ => return,
        };
        if self.schema.class(&class.text).is_some() || names::is_union(&class.text) {
            return;
        }
        self.unknown
            .entry(&*class.text)
            .and_modify(|places| places.others.push(class.span))
            .or_insert(Places { first: class.span, others: Vec::new() });
    }

    /// Reports every unregistered class name.
    pub(super) fn report(&self, found: &mut Vec<Diagnostic>) {
        for (name, places) in &self.unknown {
            let candidates = names::classes(self.schema).chain(names::UNIONS);
            let near = alias(name).or_else(|| names::near(name, candidates, found));
            found.push(unknown_class(name, places, near, self.schema));
        }
    }
}

/// P0301: a specializer, pattern or `new` names a class that is not registered.
fn unknown_class(name: &str, places: &Places, near: Option<&str>, schema: &Schema) -> Diagnostic {
    let is_constant = schema.constant(name).is_some();
    let message = if is_constant {
        format!("`{name}` is a constant, not a class")
    } else {
        format!("no class `{name}` is registered")
    };
    let mut diagnostic = Diagnostic::new(codes::UNKNOWN_CLASS, places.first, message).primary("not a class");
    for span in places.others.iter().take(2) {
        diagnostic = diagnostic.label(*span, "also here");
    }
    match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(places.first, near),
        None if is_constant => diagnostic,
        None => diagnostic.help(format!("register the class `{name}`; until then no value is one")),
    }
}
