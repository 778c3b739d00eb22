//! Entity types: the types that a policy names and the application has not registered, where the application keeps facts.
//!
//! They become classes of the policy's own schema, so that everything after this knows them as it knows classes. A type
//! needs no block; `extends` gives its ancestors.

use arctos_syntax::tree::{Block, Expr, ExprKind, File, Head, Ident, Item, Pattern, PatternKind, SetupItem};
use arctos_syntax::tree::{BlockItem, BlockKind};
use arctos_syntax::{Diagnostic, codes};
use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::walk::{self, Node};
use super::{Input, names};
use crate::schema::{ClassId, Schema};

/// The schema that a policy is checked against: the application's, and where it keeps facts the policy's entity types.
pub(crate) fn schema(files: &[File], schema: &Schema) -> Schema {
    if !schema.has_facts() {
        return schema.clone();
    }
    let mut types = Types::default();
    files.iter().flat_map(|file| &file.items).for_each(|item| types.item(item));
    let is_new = |name: &&&str| !names::is_fixed(name, schema);
    let mut extended = schema.with_entity_types(types.names.iter().filter(is_new).copied());
    for &name in types.extends.keys() {
        if let Some(class) = extended.class(name).filter(|class| extended.is_entity_type(*class)) {
            let lineage = types.lineage(name).into_iter().filter_map(|name| extended.class(name)).collect();
            extended.set_lineage(class, lineage);
        }
    }
    extended
}

/// The types that rules, blocks and declarations name; what only tests name is unknown to the policy itself.
pub(super) fn named(files: &[File]) -> IndexSet<&str, FxBuildHasher> {
    let mut types = Types::default();
    let items = files.iter().flat_map(|file| &file.items);
    items.filter(|item| !matches!(item, Item::Fixture(_) | Item::Test(_))).for_each(|item| types.item(item));
    types.names
}

/// What the files name.
#[derive(Default)]
struct Types<'t> {
    names: IndexSet<&'t str, FxBuildHasher>,
    /// By type: those it extends.
    extends: IndexMap<&'t str, Vec<&'t str>, FxBuildHasher>,
}

impl<'t> Types<'t> {
    fn item(&mut self, item: &'t Item) {
        match item {
            Item::Rule(rule) => walk::rule(rule, &mut |node| self.node(node)),
            Item::RuleType(head) => walk::head(head, &mut |node| self.node(node)),
            Item::InlineQuery(inline) => self.expr(&inline.query),
            Item::Block(block) => self.block(block),
            Item::Declare(declare) => declare.types.iter().for_each(|name| self.name(name)),
            Item::Fixture(fixture) => fixture.facts.iter().for_each(|fact| self.fact(fact)),
            Item::Test(test) => {
                for line in &test.setup {
                    if let SetupItem::Fact(fact) = line {
                        self.fact(fact);
                    }
                }
                test.assertions.iter().for_each(|line| walk::head(&line.query, &mut |node| self.node(node)));
            }
        }
    }

    fn block(&mut self, block: &'t Block) {
        if block.kind != BlockKind::Global {
            self.name(&block.name);
        }
        for base in &block.extends {
            self.name(base);
            self.extends.entry(&block.name.text).or_default().push(&base.text);
        }
        for part in &block.body {
            match part {
                BlockItem::Relations(relations, _) => {
                    relations.iter().for_each(|(_, related)| self.name(related));
                }
                BlockItem::Shorthand(shorthand) => {
                    super::shorthand::calls(&shorthand.body, &mut |call| self.expr(call));
                }
                BlockItem::Roles(..) | BlockItem::Permissions(..) => {}
            }
        }
    }

    fn fact(&mut self, fact: &'t Head) {
        walk::head(fact, &mut |node| self.node(node));
    }

    fn expr(&mut self, expr: &'t Expr) {
        walk::expr(expr, &mut |node| self.node(node));
    }

    fn node(&mut self, node: Node<'t>) {
        match node {
            Node::Pattern(Pattern { kind: PatternKind::Instance(class, _), .. }) => self.name(class),
            Node::Expr(Expr { kind: ExprKind::Entity(class, _), .. }) => self.name(class),
            _ => {}
        }
    }

    fn name(&mut self, name: &'t Ident) {
        self.names.insert(&name.text);
    }

    /// A type, then those it extends, nearest first; each once.
    fn lineage(&self, name: &'t str) -> IndexSet<&'t str, FxBuildHasher> {
        let mut lineage = IndexSet::default();
        lineage.insert(name);
        let mut at = 0;
        while let Some(next) = lineage.get_index(at).copied() {
            lineage.extend(self.extends.get(next).into_iter().flatten().copied());
            at += 1;
        }
        lineage
    }
}

/// Reports what blocks extend and cannot, and types that are nearly one with a block.
pub(super) fn check(input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let schema = input.schema;
    if !schema.has_facts() {
        return;
    }
    let items = || input.files.iter().flat_map(|file| &file.items);
    let mut with_block: IndexSet<&str, FxBuildHasher> = IndexSet::default();
    for item in items() {
        let Item::Block(block) = item else { continue };
        with_block.insert(&block.name.text);
        for base in &block.extends {
            extends(block, base, schema, found);
        }
    }
    let mut types = Types::default();
    items().for_each(|item| types.item(item));
    let is_declared = |name: &str| with_block.contains(name) || names::is_union(name);
    let mut told: IndexSet<&str, FxBuildHasher> = IndexSet::default();
    for item in items() {
        each_type(item, &mut |name| {
            let class = schema.class(&name.text);
            let is_entity = class.is_some_and(|class| schema.is_entity_type(class));
            if !is_entity || is_declared(&name.text) || !told.insert(&name.text) {
                return;
            }
            let built_in = schema.classes().filter(|(class, _)| class.index() <= ClassId::DICTIONARY.index());
            let candidates = with_block
                .iter()
                .copied()
                .chain(built_in.map(|(_, class)| &*class.name))
                .chain(names::UNIONS);
            let near =
                super::classes::alias(&name.text).or_else(|| names::near(&name.text, candidates, found));
            if let Some(near) = near {
                found.push(misspelt_type(name, near));
            }
        });
    }
}

fn extends(block: &Block, base: &Ident, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let (Some(class), Some(ancestor)) = (schema.class(&block.name.text), schema.class(&base.text)) else {
        if names::is_union(&base.text) {
            found.push(extends_union(block, base));
        }
        return;
    };
    if !schema.is_entity_type(class) || !schema.is_entity_type(ancestor) {
        found.push(extends_class(block, base, schema.is_entity_type(class)));
    } else if schema.is_subclass(ancestor, class) {
        found.push(extends_itself(block, base));
    }
}

/// Calls `visit` with every place that names a type, in the order of the text.
fn each_type<'t>(item: &'t Item, visit: &mut impl FnMut(&'t Ident)) {
    let mut node = |node: Node<'t>| match node {
        Node::Pattern(Pattern { kind: PatternKind::Instance(class, _), .. }) => visit(class),
        Node::Expr(Expr { kind: ExprKind::Entity(class, _), .. }) => visit(class),
        _ => {}
    };
    match item {
        Item::Rule(rule) => walk::rule(rule, &mut node),
        Item::RuleType(head) => walk::head(head, &mut node),
        Item::InlineQuery(inline) => walk::expr(&inline.query, &mut node),
        Item::Block(block) => {
            block.extends.iter().for_each(&mut *visit);
            for part in &block.body {
                if let BlockItem::Relations(relations, _) = part {
                    relations.iter().for_each(|(_, related)| visit(related));
                }
            }
        }
        Item::Declare(declare) => declare.types.iter().for_each(visit),
        Item::Fixture(_) | Item::Test(_) => {}
    }
}

/// P0305: a block extends what nothing can extend.
fn extends_union(block: &Block, base: &Ident) -> Diagnostic {
    let message = format!("`{}` extends `{}`, which is built in", block.name.text, base.text);
    Diagnostic::new(codes::INVALID_EXTENDS, base.span, message)
        .primary("not a type that can be extended")
        .help(format!("`{}` stands for every type with such a block: leave `extends` out", base.text))
}

/// P0305: one of the two is a class of the application.
fn extends_class(block: &Block, base: &Ident, is_base: bool) -> Diagnostic {
    let class = if is_base { &base.text } else { &block.name.text };
    let message = format!("`extends` is for types of facts, and `{class}` is a class of the application");
    Diagnostic::new(codes::INVALID_EXTENDS, base.span, message)
        .primary("cannot be extended so")
        .help("a class inherits where it is defined, in the application")
}

/// P0305: a type that is its own ancestor.
fn extends_itself(block: &Block, base: &Ident) -> Diagnostic {
    let message = format!("`{}` extends itself, by way of `{}`", block.name.text, base.text);
    Diagnostic::new(codes::INVALID_EXTENDS, base.span, message)
        .primary("leads back here")
        .help("remove one `extends` of the circle")
}

/// P0301: a type without a block that is nearly the name of another.
fn misspelt_type(name: &Ident, near: &str) -> Diagnostic {
    Diagnostic::new(
        codes::UNKNOWN_CLASS,
        name.span,
        format!("`{}` has no block, and reads like `{near}`", name.text),
    )
    .primary("a type of its own")
    .did_you_mean(Some(near))
    .fix(name.span, near)
    .help(format!("if it is a type of its own, say so with a block: `resource {} {{}}`", name.text))
}
