//! The rule that a shorthand rule stands for.

use arctos_syntax::tree::{
    Block, BlockKind, Call, Expr, ExprKind, Head, Ident, Param, Pattern, PatternKind, Rule, Shorthand,
    ShorthandExpr, ShorthandTerm, StringLit, Text,
};
use arctos_syntax::{Diagnostic, Span};
use rustc_hash::FxHashMap;

use super::messages;
use crate::schema::Schema;
use crate::sema::blocks::{Blocks, Declaration, DeclaredType, Kind};
use crate::sema::names;
use crate::sema::walk::{self, Node};

/// Names for the variables of shorthand rules.
pub(super) struct Variables<'a> {
    schema: &'a Schema,
    /// By type: a variable for the resource, and one for a related object beside such a resource.
    names: FxHashMap<Text, Text>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Variables { schema, names: FxHashMap::default() }
    }

    fn actor(&mut self) -> Text {
        self.once("", |_| "actor".to_owned(), &[])
    }

    /// In the facts dialect a shorthand rule may speak of `resource`.
    fn resource(&mut self, owner: &str, actor: &Text) -> Text {
        if self.schema.has_facts() {
            return "resource".into();
        }
        self.once(owner, lower, std::slice::from_ref(actor))
    }

    /// PERF: a type has many shorthand rules, whose variables are alike.
    fn once(&mut self, class: &str, name: fn(&str) -> String, taken: &[Text]) -> Text {
        if let Some(known) = self.names.get(class) {
            return known.clone();
        }
        let name = self.free(name(class), taken);
        self.names.insert(class.into(), name.clone());
        name
    }

    /// A variable name that is neither taken nor registered (then it would not be a variable).
    fn free(&self, mut name: String, taken: &[Text]) -> Text {
        while taken.iter().any(|taken| *taken == name) || names::is_fixed(&name, self.schema) {
            name.push_str("_instance");
        }
        name.into()
    }
}

/// Writes a rule whose every part has one span.
pub(super) struct Writer<'w, 'a> {
    span: Span,
    /// The type whose block it is; of a `global` block there is none.
    owner: Option<&'w Text>,
    blocks: &'w Blocks,
    schema: &'a Schema,
    variables: &'w mut Variables<'a>,
    found: &'w mut Vec<Diagnostic>,
    actor: Text,
    resource: Text,
    /// Names of variables in this rule.
    taken: Vec<Text>,
}

/// What is asked: the rule, and the role, permission or relation.
type Asked = (&'static str, ExprKind);

impl<'w, 'a> Writer<'w, 'a> {
    pub(super) fn new(
        block: &'w Block,
        shorthand: &Shorthand,
        blocks: &'w Blocks,
        variables: &'w mut Variables<'a>,
        found: &'w mut Vec<Diagnostic>,
    ) -> Self {
        let actor = variables.actor();
        let resource = variables.resource(&block.name.text, &actor);
        let mut taken = vec![actor.clone(), resource.clone()];
        super::calls(&shorthand.body, &mut |call| {
            walk::expr(call, &mut |node| {
                if let Node::Expr(Expr { kind: ExprKind::Variable(name), .. }) = node {
                    taken.push(name.clone());
                }
            });
        });
        Writer {
            span: shorthand.span,
            owner: (block.kind != BlockKind::Global).then_some(&block.name.text),
            blocks,
            schema: variables.schema,
            variables,
            found,
            actor,
            resource,
            taken,
        }
    }

    /// The rule; `None` where a name means nothing. All that is wrong is reported.
    pub(super) fn rule(&mut self, shorthand: &Shorthand) -> Option<Rule> {
        let head = self.own(&shorthand.head);
        let body = self.condition(&shorthand.body);
        if let ShorthandTerm::Word(word) = &shorthand.head
            && head.is_some()
            && !mentions(shorthand, word)
        {
            self.found.push(messages::unbound_word(word));
            return None;
        }
        Some(Rule { head: self.head(head?), body: Some(body?), span: self.span })
    }

    fn head(&self, (rule, name): Asked) -> Head {
        let actor = self.param(ExprKind::Variable(self.actor.clone()), Some("Actor".into()));
        let name = self.param(name, None);
        let resource =
            |owner: &Text| self.param(ExprKind::Variable(self.resource.clone()), Some(owner.clone()));
        let params = match self.owner {
            None => vec![actor, name],
            Some(owner) if self.is_reversed(rule) => vec![resource(owner), name, actor],
            Some(owner) => vec![actor, name, resource(owner)],
        };
        Head { name: self.ident(rule), params, span: self.span }
    }

    /// With facts a relation begins at the object that declares it.
    fn is_reversed(&self, rule: &str) -> bool {
        self.schema.has_facts() && rule == "has_relation"
    }

    fn condition(&mut self, body: &ShorthandExpr) -> Option<Expr> {
        match body {
            ShorthandExpr::Holds(term, None) => {
                let asked = self.own(term)?;
                Some(self.ask(asked, self.owner.is_some().then(|| self.resource.clone())))
            }
            ShorthandExpr::Holds(term, Some(ShorthandTerm::Name(relation))) => self.on(term, relation),
            ShorthandExpr::Holds(term, Some(ShorthandTerm::Word(word))) => {
                if word.text != "resource" || self.owner.is_none() {
                    self.found.push(messages::not_on(word.span));
                    return None;
                }
                let asked = self.own(term)?;
                Some(self.ask(asked, Some(self.resource.clone())))
            }
            ShorthandExpr::Global(term, _) => {
                let asked = self.global(term)?;
                Some(self.ask(asked, None))
            }
            ShorthandExpr::Call(Expr { kind: ExprKind::Error, .. }) => None,
            ShorthandExpr::Call(call) => Some(call.clone()),
            ShorthandExpr::And(parts) => self.parts(parts).map(|parts| self.all_of(parts)),
            ShorthandExpr::Or(parts) => self.parts(parts).map(|parts| self.expr(ExprKind::Or(parts))),
        }
    }

    /// Every part, so that each mistake is found.
    fn parts(&mut self, parts: &[ShorthandExpr]) -> Option<Vec<Expr>> {
        let parts: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part)).collect();
        parts.into_iter().collect()
    }

    /// `term on "relation"`
    fn on(&mut self, term: &ShorthandTerm, relation: &StringLit) -> Option<Expr> {
        let Some(owner) = self.owner else {
            self.found.push(messages::not_on(relation.span));
            return None;
        };
        let declaration = self.declaration(owner, relation)?;
        let Kind::Relation(related) = &declaration.kind else {
            self.found.push(messages::not_a_relation(relation, owner, Some(declaration)));
            return None;
        };
        let asked = self.of_related(term, relation, related, declaration)?;
        let variable = self.variables.free(format!("related_{}", lower(related)), &self.taken);
        self.taken.push(variable.clone());
        let name = ExprKind::String(relation.text.clone());
        let mut parts = vec![if self.schema.has_facts() {
            self.call(
                "has_relation",
                [ExprKind::Variable(self.resource.clone()), name, ExprKind::Variable(variable.clone())],
            )
        } else {
            self.call(
                "has_relation",
                [ExprKind::Variable(variable.clone()), name, ExprKind::Variable(self.resource.clone())],
            )
        }];
        if self.schema.has_facts() {
            let value = self.expr(ExprKind::Variable(variable.clone()));
            parts.push(self.expr(ExprKind::Matches(Box::new(value), Box::new(self.class(related.clone())))));
        }
        parts.push(self.ask(asked, Some(variable)));
        Some(self.all_of(parts))
    }

    // ---- what names mean ----

    /// A name of the block itself.
    fn own(&mut self, term: &ShorthandTerm) -> Option<Asked> {
        match (term, self.owner) {
            (ShorthandTerm::Word(word), _) => self.word(word),
            (ShorthandTerm::Name(_), None) => self.global(term),
            (ShorthandTerm::Name(name), Some(owner)) => {
                let kind = &self.declaration(owner, name)?.kind;
                Some((kind.rule(), ExprKind::String(name.text.clone())))
            }
        }
    }

    fn declaration(&mut self, owner: &str, name: &StringLit) -> Option<&'w Declaration> {
        let found = self.blocks.find(owner, &name.text, self.schema);
        if found.is_none() {
            let declared = self.blocks.with_supertypes(owner, self.schema).flat_map(declared_names);
            let near = names::near(&name.text, declared, self.found);
            self.found.push(messages::undeclared_name(name, owner, near));
        }
        found
    }

    /// A name of the type that a relation leads to.
    fn of_related(
        &mut self,
        term: &ShorthandTerm,
        relation: &StringLit,
        related: &Text,
        declaration: &Declaration,
    ) -> Option<Asked> {
        let name = match term {
            ShorthandTerm::Word(word) => return self.word(word),
            ShorthandTerm::Name(name) => name,
        };
        let types: Vec<&DeclaredType> = if names::is_union(related) {
            self.blocks.types().map(|(_, declared)| declared).collect()
        } else {
            self.blocks.with_supertypes(related, self.schema).collect()
        };
        let Some(first) = types.first() else {
            let owner = self.owner.map_or("", |owner| owner);
            self.found.push(messages::related_block_missing(relation, related, owner, Some(declaration)));
            return None;
        };
        let Some(found) = types.iter().find_map(|declared| declared.declarations.get(&name.text)) else {
            let declared = types.iter().copied().flat_map(declared_names);
            let near = names::near(&name.text, declared, self.found);
            // A union is declared nowhere.
            let at = (&**related, (!names::is_union(related)).then_some(first.span));
            self.found.push(messages::undeclared_related_name(name, relation, at, near));
            return None;
        };
        Some((found.kind.rule(), ExprKind::String(name.text.clone())))
    }

    /// A name of the `global` blocks.
    fn global(&mut self, term: &ShorthandTerm) -> Option<Asked> {
        let name = match term {
            ShorthandTerm::Word(word) => return self.word(word),
            ShorthandTerm::Name(name) => name,
        };
        let global = self.blocks.global();
        let Some(found) = global.and_then(|global| global.declarations.get(&name.text)) else {
            let declared = global.into_iter().flat_map(declared_names);
            let near = names::near(&name.text, declared, self.found);
            self.found.push(messages::undeclared_global(name, near));
            return None;
        };
        Some((found.kind.rule(), ExprKind::String(name.text.clone())))
    }

    /// `role` and `permission` stand for whichever there are.
    fn word(&mut self, word: &Ident) -> Option<Asked> {
        match word.text.as_str() {
            "role" => Some(("has_role", ExprKind::Variable("role".into()))),
            "permission" => Some(("has_permission", ExprKind::Variable("permission".into()))),
            _ => {
                self.found.push(messages::unknown_word(word));
                None
            }
        }
    }

    // ---- parts of rules ----

    /// Asks whether the actor has a role, permission or relation, on an object where there is one.
    fn ask(&self, (rule, name): Asked, object: Option<Text>) -> Expr {
        let actor = ExprKind::Variable(self.actor.clone());
        let Some(object) = object.map(ExprKind::Variable) else { return self.call(rule, [actor, name]) };
        if self.is_reversed(rule) {
            self.call(rule, [object, name, actor])
        } else {
            self.call(rule, [actor, name, object])
        }
    }

    fn call<const N: usize>(&self, rule: &str, args: [ExprKind; N]) -> Expr {
        let args = args.map(|arg| self.expr(arg)).into();
        self.expr(ExprKind::Call(Box::new(Call { name: self.ident(rule), args, kwargs: Vec::new() })))
    }

    /// A conjunction, those inside it taken apart.
    fn all_of(&self, parts: Vec<Expr>) -> Expr {
        let open = |part: Expr| match part.kind {
            ExprKind::And(inner) => inner,
            _ => vec![part],
        };
        self.expr(ExprKind::And(parts.into_iter().flat_map(open).collect()))
    }

    fn param(&self, term: ExprKind, class: Option<Text>) -> Param {
        Param { term: self.expr(term), specializer: class.map(|class| self.class(class)), span: self.span }
    }

    fn class(&self, text: Text) -> Pattern {
        let class = Ident { text, span: self.span };
        Pattern { kind: PatternKind::Instance(class, Vec::new()), span: self.span }
    }

    fn expr(&self, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span }
    }

    fn ident(&self, text: &str) -> Ident {
        Ident { text: text.into(), span: self.span }
    }
}

/// True when the body mentions a bare word.
fn mentions(shorthand: &Shorthand, word: &Ident) -> bool {
    let mut found = false;
    super::terms_of(&shorthand.body, &mut |term| {
        found |= matches!(term, ShorthandTerm::Word(other) if other.text == word.text);
    });
    found
}

/// A type's name as a variable: in lower case, and with a suffix where it already was.
fn lower(class: &str) -> String {
    let name = class.to_lowercase();
    if name == class { name + "_instance" } else { name }
}

fn declared_names(declared: &DeclaredType) -> impl Iterator<Item = &str> {
    declared.declarations.keys().map(|name| &**name)
}
