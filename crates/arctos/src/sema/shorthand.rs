//! Shorthand rules: `"reader" if "member" on "parent";` becomes a plain rule.
//!
//! The rule that a shorthand stands for has the shorthand's span everywhere. With `on`, the relation is asked first and
//! what must hold there second, so that the related object is known when it is asked about.

use std::borrow::Cow;

use arctos_syntax::tree::{
    Block, BlockItem, BlockKind, Call, Expr, ExprKind, Head, Ident, Item, Param, Pattern, PatternKind, Rule,
    Shorthand, ShorthandExpr, ShorthandTerm, StringLit, Text,
};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::blocks::{Blocks, DeclaredType, Kind};
use super::{CheckedRule, Input, names};
use crate::schema::Schema;

/// A shorthand rule of the classic dialect.
#[derive(Clone, Copy)]
pub(super) struct Classic<'t> {
    /// What is granted.
    pub(super) head: &'t StringLit,
    /// What must hold.
    pub(super) condition: &'t StringLit,
    /// The relation it must hold on.
    pub(super) on: Option<&'t StringLit>,
}

/// The parts of a shorthand rule, if it is one of the classic dialect.
pub(super) fn classic(shorthand: &Shorthand) -> Option<Classic<'_>> {
    let (ShorthandTerm::Name(head), ShorthandExpr::Holds(ShorthandTerm::Name(condition), on)) =
        (&shorthand.head, &shorthand.body)
    else {
        return None;
    };
    match on {
        None => Some(Classic { head, condition, on: None }),
        Some(ShorthandTerm::Name(relation)) => Some(Classic { head, condition, on: Some(relation) }),
        Some(ShorthandTerm::Word(_)) => None,
    }
}

/// The shorthand rules of all blocks, with the blocks they stand in.
pub(super) fn all<'t>(
    items: impl Iterator<Item = &'t Item>,
) -> impl Iterator<Item = (&'t Block, &'t Shorthand)> {
    items
        .filter_map(|item| match item {
            Item::Block(block) if block.kind != BlockKind::Global => Some(block),
            _ => None,
        })
        .flat_map(|block| {
            block.body.iter().filter_map(move |part| match part {
                BlockItem::Shorthand(shorthand) => Some((block, shorthand)),
                _ => None,
            })
        })
}

/// Turns every shorthand rule into the rule it stands for, in source order.
pub(super) fn expand<'t>(
    items: impl Iterator<Item = &'t Item>,
    blocks: &Blocks,
    input: Input<'_>,
    rules: &mut Vec<CheckedRule<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let mut variables = Variables { schema: input.schema, names: FxHashMap::default() };
    let mut seen: FxHashMap<(&str, &str, &str, Option<&str>), Span> = FxHashMap::default();
    for (block, shorthand) in all(items) {
        let (Some(parts), Some(owner)) = (classic(shorthand), blocks.get(&block.name.text)) else { continue };
        let on = parts.on.map(|relation| &*relation.text);
        let key = (&*block.name.text, &*parts.head.text, &*parts.condition.text, on);
        if let Some(&first) = seen.get(&key) {
            found.push(duplicate_shorthand(shorthand.span, first));
        }
        seen.entry(key).or_insert(shorthand.span);
        if let Some(kinds) = resolve(&block.name.text, owner, parts, blocks, found) {
            let rule = Writer { span: shorthand.span }.rule(&block.name.text, parts, kinds, &mut variables);
            let rule = Cow::Owned(rule);
            rules.push(CheckedRule { rule, origin: shorthand.span, is_shorthand: true });
        }
    }
}

/// True when a shorthand rule has been found to use a name that means nothing there; then declarations may look unused,
/// and rules undefined, only because of it.
pub(super) fn is_torn(found: &[Diagnostic]) -> bool {
    let codes = [
        codes::UNDECLARED_NAME,
        codes::NOT_A_RELATION,
        codes::RELATED_BLOCK_MISSING,
        codes::UNDECLARED_RELATED_NAME,
    ];
    found.iter().any(|diagnostic| codes.contains(&diagnostic.code))
}

/// What the names of a shorthand rule are.
struct Kinds<'b> {
    head: &'b Kind,
    condition: &'b Kind,
    related: Option<&'b Text>,
}

/// Looks up the names of a shorthand rule; all that are wrong are reported.
fn resolve<'b>(
    owner_name: &str,
    owner: &'b DeclaredType,
    parts: Classic<'_>,
    blocks: &'b Blocks,
    found: &mut Vec<Diagnostic>,
) -> Option<Kinds<'b>> {
    let mut own = |name: &StringLit| {
        let declaration = owner.declarations.get(&name.text);
        if declaration.is_none() {
            let near = names::near(&name.text, declared_names(owner), found);
            found.push(undeclared_name(name, owner_name, near));
        }
        declaration
    };
    let head = own(parts.head);
    let Some(relation) = parts.on else {
        let condition = own(parts.condition);
        return Some(Kinds { head: &head?.kind, condition: &condition?.kind, related: None });
    };
    let Kind::Relation(related) = &own(relation)?.kind else {
        found.push(not_a_relation(relation, owner_name, owner));
        return None;
    };
    let Some(related_type) = blocks.get(related) else {
        found.push(related_block_missing(relation, related, owner_name, owner));
        return None;
    };
    let Some(condition) = related_type.declarations.get(&parts.condition.text) else {
        let near = names::near(&parts.condition.text, declared_names(related_type), found);
        found.push(undeclared_related_name(parts.condition, relation, (related, related_type.span), near));
        return None;
    };
    Some(Kinds { head: &head?.kind, condition: &condition.kind, related: Some(related) })
}

/// Names for the variables of shorthand rules.
struct Variables<'a> {
    schema: &'a Schema,
    /// By type: a variable for the resource, and one for a related object beside such a resource.
    names: FxHashMap<Text, Text>,
}

impl Variables<'_> {
    fn actor(&mut self) -> Text {
        self.once("", |_| "actor".to_owned(), &[])
    }

    fn resource(&mut self, owner: &str, actor: &str) -> Text {
        self.once(owner, lower, &[actor])
    }

    fn related(&mut self, related: &str, taken: &[&str]) -> Text {
        self.free(format!("related_{}", lower(related)), taken)
    }

    /// PERF: a type has many shorthand rules, whose variables are alike.
    fn once(&mut self, class: &str, name: fn(&str) -> String, taken: &[&str]) -> Text {
        if let Some(known) = self.names.get(class) {
            return known.clone();
        }
        let name = self.free(name(class), taken);
        self.names.insert(class.into(), name.clone());
        name
    }

    /// A variable name that is neither taken nor registered (then it would not be a variable).
    fn free(&self, mut name: String, taken: &[&str]) -> Text {
        while taken.contains(&&*name) || names::is_fixed(&name, self.schema) {
            name.push_str("_instance");
        }
        name.into()
    }
}

/// Writes rules whose every part has one span.
struct Writer {
    span: Span,
}

impl Writer {
    fn rule(
        &self,
        owner: &Text,
        parts: Classic<'_>,
        kinds: Kinds<'_>,
        variables: &mut Variables<'_>,
    ) -> Rule {
        let actor = variables.actor();
        let resource = variables.resource(owner, &actor);
        let head = Head {
            name: self.ident(kinds.head.rule()),
            params: vec![
                self.param(ExprKind::Variable(actor.clone()), Some("Actor".into())),
                self.param(ExprKind::String(parts.head.text.clone()), None),
                self.param(ExprKind::Variable(resource.clone()), Some(owner.clone())),
            ],
            span: self.span,
        };
        let body = match (parts.on, kinds.related) {
            (Some(relation), Some(related)) => {
                let related = variables.related(related, &[&actor, &resource]);
                self.expr(ExprKind::And(vec![
                    self.call("has_relation", [&related, &relation.text, &resource]),
                    self.call(kinds.condition.rule(), [&actor, &parts.condition.text, &related]),
                ]))
            }
            _ => self.call(kinds.condition.rule(), [&actor, &parts.condition.text, &resource]),
        };
        Rule { head, body: Some(body), span: self.span }
    }

    /// `rule(variable, "string", variable)`
    fn call(&self, rule: &str, [first, name, last]: [&Text; 3]) -> Expr {
        self.expr(ExprKind::Call(Box::new(Call {
            name: self.ident(rule),
            args: vec![
                self.expr(ExprKind::Variable(first.clone())),
                self.expr(ExprKind::String(name.clone())),
                self.expr(ExprKind::Variable(last.clone())),
            ],
            kwargs: Vec::new(),
        })))
    }

    fn param(&self, term: ExprKind, class: Option<Text>) -> Param {
        let specializer = class.map(|text| Pattern {
            kind: PatternKind::Instance(Ident { text, span: self.span }, Vec::new()),
            span: self.span,
        });
        Param { term: self.expr(term), specializer, span: self.span }
    }

    fn expr(&self, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span }
    }

    fn ident(&self, text: &str) -> Ident {
        Ident { text: text.into(), span: self.span }
    }
}

/// A type's name as a variable: in lower case, and with a suffix where it already was.
fn lower(class: &str) -> String {
    let name = class.to_lowercase();
    if name == class { name + "_instance" } else { name }
}

fn declared_names(declared: &DeclaredType) -> impl Iterator<Item = &str> {
    declared.declarations.keys().map(|name| &**name)
}

/// P0406: a shorthand rule uses a name that its type does not declare.
fn undeclared_name(name: &StringLit, owner_name: &str, near: Option<&str>) -> Diagnostic {
    let text = &name.text;
    Diagnostic::new(
        codes::UNDECLARED_NAME,
        name.span,
        format!("`{owner_name}` declares no role, permission or relation `{text}`"),
    )
    .primary("not declared")
    .did_you_mean(near)
    .help(format!("declare `{text}` in a block of `{owner_name}`, in `roles`, `permissions` or `relations`"))
}

/// P0407: what follows `on` is not a relation.
fn not_a_relation(relation: &StringLit, owner_name: &str, owner: &DeclaredType) -> Diagnostic {
    let name = &relation.text;
    let declaration = owner.declarations.get(name);
    let word = declaration.map_or("name", |declaration| declaration.kind.word());
    let diagnostic = Diagnostic::new(
        codes::NOT_A_RELATION,
        relation.span,
        format!("`on` needs a relation, but `{name}` is a {word} of `{owner_name}`"),
    )
    .primary("not a relation")
    .help("after `on` stands a name from `relations = { … }`, which tells the related type");
    match declaration {
        Some(declaration) => diagnostic.label(declaration.span, format!("declared as a {word} here")),
        None => diagnostic,
    }
}

/// P0408: a shorthand rule follows a relation to a type without a block.
fn related_block_missing(
    relation: &StringLit,
    related: &str,
    owner_name: &str,
    owner: &DeclaredType,
) -> Diagnostic {
    let name = &relation.text;
    let diagnostic = Diagnostic::new(
        codes::RELATED_BLOCK_MISSING,
        relation.span,
        format!("relation `{name}` of `{owner_name}` leads to `{related}`, which has no block"),
    )
    .primary(format!("leads to `{related}`"))
    .help(format!("add a block that declares what can hold there: `resource {related} {{ … }}`"));
    match owner.declarations.get(name) {
        Some(declaration) => diagnostic.label(declaration.span, "the relation is declared here"),
        None => diagnostic,
    }
}

/// P0409: a shorthand rule uses a name that the related type does not declare.
fn undeclared_related_name(
    name: &StringLit,
    relation: &StringLit,
    (related, declared): (&str, Span),
    near: Option<&str>,
) -> Diagnostic {
    let text = &name.text;
    Diagnostic::new(
        codes::UNDECLARED_RELATED_NAME,
        name.span,
        format!("`{related}` declares no role, permission or relation `{text}`"),
    )
    .primary(format!("not declared by `{related}`"))
    .label(relation.span, format!("this relation leads to `{related}`"))
    .label(declared, format!("`{related}` is declared here"))
    .did_you_mean(near)
    .help(format!("declare `{text}` in a block of `{related}`"))
}

/// P0410: a shorthand rule written twice.
fn duplicate_shorthand(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_SHORTHAND, span, "this shorthand rule is written twice")
        .primary("written again")
        .label(first, "first written here")
        .help("remove one of the two: the second only repeats every answer of the first")
}
