//! Blocks: what they declare, and whether the declarations agree.
//!
//! Blocks of one type add up, in one file or several. A name means one thing per type: a role, a permission or a
//! relation to one type.

use arctos_syntax::tree::{Block, BlockItem, BlockKind, Ident, Item, StringLit, Text};
use arctos_syntax::{Diagnostic, Span, codes};
use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Input, names};
use crate::schema::{ClassId, Schema};

type Map<T> = IndexMap<Text, T, FxBuildHasher>;

/// Everything the blocks of a policy declare.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    types: Map<DeclaredType>,
    /// What `global` blocks declare.
    global: Option<DeclaredType>,
}

/// A type with at least one block.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredType {
    /// Its name in the first block.
    pub(crate) span: Span,
    /// True when one of its blocks is an `actor` block.
    pub(crate) is_actor: bool,
    /// Roles, permissions and relations by name, in source order.
    pub(crate) declarations: Map<Declaration>,
}

/// A declared name.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it is declared first.
    pub(crate) span: Span,
}

/// What a declared name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A member of `roles`.
    Role,
    /// A member of `permissions`.
    Permission,
    /// A member of `relations`, with the related type.
    Relation(Text),
}

impl Kind {
    /// `role`, `permission`, `relation`
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Kind::Role => "role",
            Kind::Permission => "permission",
            Kind::Relation(_) => "relation",
        }
    }

    /// The rule that decides names of this kind.
    pub(crate) fn rule(&self) -> &'static str {
        match self {
            Kind::Role => "has_role",
            Kind::Permission => "has_permission",
            Kind::Relation(_) => "has_relation",
        }
    }
}

impl Blocks {
    /// The types with blocks, in source order.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, &DeclaredType)> {
        self.types.iter().map(|(name, declared)| (&**name, declared))
    }

    /// What is declared for a type.
    pub(crate) fn get(&self, name: &str) -> Option<&DeclaredType> {
        self.types.get(name)
    }

    /// What `global` blocks declare, if there are any.
    pub(crate) fn global(&self) -> Option<&DeclaredType> {
        self.global.as_ref()
    }

    /// What a name means for a type: in its blocks, or in those of a type that it extends.
    pub(super) fn find<'b>(&'b self, owner: &str, name: &str, schema: &Schema) -> Option<&'b Declaration> {
        self.with_supertypes(owner, schema).find_map(|declared| declared.declarations.get(name))
    }

    /// What is declared for a type and for the types that it extends, nearest first.
    pub(super) fn with_supertypes<'b>(
        &'b self,
        owner: &str,
        schema: &Schema,
    ) -> impl Iterator<Item = &'b DeclaredType> {
        let class = schema.class(owner).filter(|class| schema.is_entity_type(*class));
        let extended = class.map_or(&[][..], |class| schema.lineage(class));
        let extended = extended.iter().skip(1).filter_map(|class| self.get(schema.class_name(*class)));
        self.get(owner).into_iter().chain(extended.collect::<Vec<_>>())
    }

    /// The classes whose type satisfies a condition.
    pub(super) fn members(&self, schema: &Schema, wanted: impl Fn(&DeclaredType) -> bool) -> Vec<ClassId> {
        self.types()
            .filter(|(_, declared)| wanted(declared))
            .filter_map(|(name, _)| schema.class(name))
            .collect()
    }
}

/// Collects the declarations of all blocks.
pub(super) fn declare<'t>(
    items: impl Iterator<Item = &'t Item>,
    input: Input<'_>,
    found: &mut Vec<Diagnostic>,
) -> Blocks {
    let mut blocks = Blocks::default();
    for item in items {
        if let Item::Block(block) = item
            && (block.kind != BlockKind::Global || input.schema.has_facts())
        {
            add(block, &mut blocks, input, found);
        }
    }
    blocks
}

fn add(block: &Block, blocks: &mut Blocks, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let is_global = block.kind == BlockKind::Global;
    if !is_global && !names::is_registered(&block.name.text, input.schema) {
        let near = names::near(&block.name.text, names::classes(input.schema), found);
        found.push(unregistered_block_type(block, near));
    }
    let new = || DeclaredType { span: block.name.span, is_actor: false, declarations: Map::default() };
    let declared = match block.kind {
        BlockKind::Global => blocks.global.get_or_insert_with(new),
        _ => blocks.types.entry(block.name.text.clone()).or_insert_with(new),
    };
    declared.is_actor |= block.kind == BlockKind::Actor;
    let mut lists: Vec<(&str, Span)> = Vec::new();
    for item in &block.body {
        let (word, span) = match item {
            BlockItem::Roles(_, span) => ("roles", *span),
            BlockItem::Permissions(_, span) => ("permissions", *span),
            BlockItem::Relations(_, span) => ("relations", *span),
            BlockItem::Shorthand(_) => continue,
        };
        match lists.iter().find(|(known, _)| *known == word) {
            Some((_, first)) => found.push(repeated_list(word, &block.name.text, span, *first)),
            None => lists.push((word, span)),
        }
        match item {
            BlockItem::Roles(list, _) => strings(list, &Kind::Role, &block.name.text, declared, found),
            BlockItem::Permissions(list, _) => {
                strings(list, &Kind::Permission, &block.name.text, declared, found);
            }
            BlockItem::Relations(_, span) if is_global => found.push(global_relations(*span)),
            BlockItem::Relations(list, _) => relations(list, &block.name.text, declared, input, found),
            BlockItem::Shorthand(_) => {}
        }
    }
}

/// A list that is short.
const FEW: usize = 16;

fn strings(
    list: &[StringLit],
    kind: &Kind,
    owner: &str,
    declared: &mut DeclaredType,
    found: &mut Vec<Diagnostic>,
) {
    let mut many: FxHashMap<&str, Span> = FxHashMap::default();
    for (place, name) in list.iter().enumerate() {
        // PERF: in the usual short list the names before are looked at one by one.
        let earlier = match list.get(..place) {
            Some(before) if list.len() <= FEW => {
                before.iter().find(|other| other.text == name.text).map(|other| other.span)
            }
            _ => many.get(&*name.text).copied(),
        };
        match earlier {
            Some(first) => found.push(duplicate_declaration(&name.text, kind, owner, name.span, first)),
            None => {
                if list.len() > FEW {
                    many.insert(&name.text, name.span);
                }
                enter(&name.text, name.span, kind.clone(), owner, declared, found);
            }
        }
    }
}

fn relations(
    list: &[(Ident, Ident)],
    owner: &str,
    declared: &mut DeclaredType,
    input: Input<'_>,
    found: &mut Vec<Diagnostic>,
) {
    // The parser has refused a name that stands twice in one list.
    for (name, related) in list {
        let is_union = input.schema.has_facts() && names::is_union(&related.text);
        if !is_union && !names::is_registered(&related.text, input.schema) {
            let near = names::near(&related.text, names::classes(input.schema), found);
            found.push(unregistered_relation_type(name, related, near));
        }
        enter(&name.text, name.span, Kind::Relation(related.text.clone()), owner, declared, found);
    }
}

/// Enters a name; the first declaration stands.
fn enter(
    name: &Text,
    span: Span,
    kind: Kind,
    owner: &str,
    declared: &mut DeclaredType,
    found: &mut Vec<Diagnostic>,
) {
    match declared.declarations.entry(name.clone()) {
        Entry::Vacant(vacant) => {
            vacant.insert(Declaration { kind, span });
        }
        Entry::Occupied(first) if first.get().kind == kind => {}
        Entry::Occupied(first) => {
            found.push(conflicting_declaration(name, &kind, owner, span, first.get()));
        }
    }
}

/// P0401: a block for a type that is not registered.
fn unregistered_block_type(block: &Block, near: Option<&str>) -> Diagnostic {
    let name = &block.name.text;
    let diagnostic = Diagnostic::new(
        codes::UNREGISTERED_BLOCK_TYPE,
        block.name.span,
        format!("there is a block for `{name}`, but no class of that name is registered"),
    )
    .primary("not registered");
    if names::is_union(name) {
        return diagnostic.help(format!("`{name}` is built in: it stands for every class with a block"));
    }
    diagnostic.did_you_mean(near).help(format!("register the class `{name}` before loading the policy"))
}

/// P0113: relations in a block that is about no object.
fn global_relations(span: Span) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_DECLARATION, span, "a `global` block has roles and permissions only")
        .primary("relates nothing")
        .help("declare the relation in the block of the type it begins at")
}

/// P0402: a relation to a type that is not registered.
fn unregistered_relation_type(name: &Ident, related: &Ident, near: Option<&str>) -> Diagnostic {
    Diagnostic::new(
        codes::UNREGISTERED_RELATION_TYPE,
        related.span,
        format!(
            "relation `{}` leads to `{}`, but no class of that name is registered",
            name.text, related.text
        ),
    )
    .primary("not registered")
    .did_you_mean(near)
    .help(format!("register the class `{}` before loading the policy", related.text))
}

/// P0403: a name declared twice in one list.
fn duplicate_declaration(name: &str, kind: &Kind, owner: &str, span: Span, first: Span) -> Diagnostic {
    let word = kind.word();
    Diagnostic::new(
        codes::DUPLICATE_DECLARATION,
        span,
        format!("{word} `{name}` is declared twice in one list of `{owner}`"),
    )
    .primary("declared again")
    .label(first, "first declared here")
    .help("remove one of the two")
}

/// P0404: a name declared as two different things for one type.
fn conflicting_declaration(
    name: &str,
    kind: &Kind,
    owner: &str,
    span: Span,
    first: &Declaration,
) -> Diagnostic {
    let (word, earlier) = (kind.word(), first.kind.word());
    let message = match (kind, &first.kind) {
        (Kind::Relation(new), Kind::Relation(old)) => {
            format!("relation `{name}` of `{owner}` leads to `{new}` here and to `{old}` elsewhere")
        }
        _ => format!("`{name}` is declared as a {word} of `{owner}`, but it is already a {earlier}"),
    };
    Diagnostic::new(codes::CONFLICTING_DECLARATION, span, message)
        .primary(format!("a {word} here"))
        .label(first.span, format!("a {earlier} here"))
        .help("within one type a name means one thing; rename one of the two")
}

/// P0405: a block with two lists of the same kind.
fn repeated_list(word: &str, owner: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::REPEATED_LIST, span, format!("this block of `{owner}` has two lists of {word}"))
        .primary("second list")
        .label(first, "first list")
        .help("write one list, or a second block for the same type")
}
