//! Declared names and the rules that use them: names that no block declares, and declarations that no rule uses.

use arctos_syntax::tree::{
    Call, Expr, ExprKind, Head, Item, Param, Pattern, PatternKind, Rule, ShorthandTerm,
};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::{FxHashMap, FxHashSet};

use super::blocks::{Blocks, Declaration, Kind};
use super::matching;
use super::walk::{self, Node};
use super::{Checked, Input, names, shorthand};
use crate::schema::Schema;
use crate::testing::PolicyTest;

/// Compares declarations and rules. Nothing is said of a policy parts of which are not understood.
pub(super) fn check(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let is_foreign = found.iter().any(|diagnostic| diagnostic.code == codes::FACTS_DIALECT);
    if !input.is_complete || is_foreign || checked.blocks.types().next().is_none() {
        return;
    }
    let declared = Names::new(&checked.blocks, input.schema);
    for rule in checked.rules.iter().filter(|rule| !rule.is_shorthand) {
        declared.rule(&rule.rule, found);
    }
    if !shorthand::is_torn(found) {
        unused(checked, input, found);
    }
}

/// Compares what tests ask for with the declarations: a permission that is not there is never allowed.
pub(super) fn asked(
    tests: &[PolicyTest],
    checked: &Checked<'_>,
    input: Input<'_>,
    found: &mut Vec<Diagnostic>,
) {
    if !input.is_complete || checked.blocks.types().next().is_none() {
        return;
    }
    let declared = Names::new(&checked.blocks, input.schema);
    // A rule `allow` that somebody has written may be about whatever actions it likes.
    let writes_allow =
        checked.rules.iter().any(|rule| !rule.is_shorthand && rule.rule.head.name.text == "allow");
    for question in tests.iter().flat_map(|test| &test.assertions).map(|line| &line.question) {
        declared.question(question, !writes_allow, found);
    }
}

/// The three rules that decide declared names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Group {
    Role,
    Permission,
    Relation,
}

impl Group {
    pub(super) fn of(kind: &Kind) -> Group {
        match kind {
            Kind::Role => Group::Role,
            Kind::Permission => Group::Permission,
            Kind::Relation(_) => Group::Relation,
        }
    }

    pub(super) fn of_rule(name: &str) -> Option<Group> {
        match name {
            "has_role" => Some(Group::Role),
            "has_permission" => Some(Group::Permission),
            "has_relation" => Some(Group::Relation),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Group::Role => "role",
            Group::Permission => "permission",
            Group::Relation => "relation",
        }
    }
}

/// Declared names by group, over all types and with subclasses taken into account.
struct Names<'a> {
    blocks: &'a Blocks,
    schema: &'a Schema,
    /// Every declared name, in source order, and for each name its groups.
    all: FxHashMap<Group, Vec<&'a str>>,
    sets: FxHashSet<(Group, &'a str)>,
    /// The groups of which a type declares something.
    owned: FxHashSet<(Group, &'a str)>,
}

impl<'a> Names<'a> {
    fn new(blocks: &'a Blocks, schema: &'a Schema) -> Self {
        let mut names = Names {
            blocks,
            schema,
            all: FxHashMap::default(),
            sets: FxHashSet::default(),
            owned: FxHashSet::default(),
        };
        for (owner, declared) in blocks.types() {
            for (name, declaration) in &declared.declarations {
                let group = Group::of(&declaration.kind);
                names.owned.insert((group, owner));
                if names.sets.insert((group, name)) {
                    names.all.entry(group).or_default().push(name);
                }
            }
        }
        names
    }

    /// The strings that stand for roles, permissions and relations in a rule's head and body.
    fn rule(&self, rule: &Rule, found: &mut Vec<Diagnostic>) {
        let head = &rule.head;
        // Heads of `has_relation` are compared with the rule types of the relations.
        if let Some(group) = Group::of_rule(&head.name.text).filter(|group| *group != Group::Relation)
            && let [_, name, object] = &*head.params
            && name.specializer.is_none()
        {
            let class = class_of(object).filter(|class| !names::is_union(class));
            self.name(group, &name.term, class, found);
        }
        let Some(body) = &rule.body else { return };
        let mut typed = None;
        walk::expr(body, &mut |node| {
            let Node::Expr(Expr { kind: ExprKind::Call(call), .. }) = node else { return };
            let Call { name, args, .. } = &**call;
            let (Some(group), [first, text, last]) = (Group::of_rule(&name.text), &**args) else { return };
            let begins_at_first = group == Group::Relation && self.schema.has_facts();
            let object = if begins_at_first { first } else { last };
            let class = match &object.kind {
                ExprKind::Entity(class, _) => Some(&*class.text),
                ExprKind::Variable(variable) => {
                    typed.get_or_insert_with(|| typed_variables(head)).get(&**variable).copied()
                }
                _ => None,
            };
            self.name(group, text, class, found);
        });
    }

    /// The string that stands for a role, permission or relation in a question: the types of its variables, then the call.
    fn question(&self, question: &Expr, allow_asks: bool, found: &mut Vec<Diagnostic>) {
        let parts = match &question.kind {
            ExprKind::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(question),
        };
        let Some((Expr { kind: ExprKind::Call(call), .. }, types)) = parts.split_last() else { return };
        let [first, text, last] = &*call.args else { return };
        let group = match &*call.name.text {
            "allow" if allow_asks => Group::Permission,
            name => match Group::of_rule(name) {
                Some(group) => group,
                None => return,
            },
        };
        let object = if group == Group::Relation { first } else { last };
        let class = match &object.kind {
            ExprKind::Entity(class, _) => Some(&*class.text),
            ExprKind::Variable(_) => types.iter().find_map(|part| match &part.kind {
                ExprKind::Matches(value, pattern) if value.kind == object.kind => class_in(pattern),
                _ => None,
            }),
            _ => None,
        };
        self.name(group, text, class.filter(|class| !names::is_union(class)), found);
    }

    /// One such string, for objects of a class where that is known.
    fn name(&self, group: Group, term: &Expr, class: Option<&str>, found: &mut Vec<Diagnostic>) {
        let ExprKind::String(text) = &term.kind else { return };
        let owners = class.map(|class| self.owners(class)).unwrap_or_default();
        if owners.is_empty() {
            // Nothing is known of the object, so any type's declaration will do.
            if class.is_none() && !self.sets.contains(&(group, &**text)) {
                let Some(declared) = self.all.get(&group) else { return };
                let near = names::near(text, declared.iter().copied(), found);
                found.push(undeclared_in_rule(group, text, term.span, None, near));
            }
            return;
        }
        let types = || owners.iter().filter_map(|owner| self.blocks.get(owner));
        let declarations = || types().filter_map(|declared| declared.declarations.get(text));
        let is_of_group = |declaration: &&Declaration| Group::of(&declaration.kind) == group;
        let owns_some = owners.iter().any(|owner| self.owned.contains(&(group, *owner)));
        if !owns_some || declarations().any(|declaration| is_of_group(&declaration)) {
            return;
        }
        let owner = owners.first().copied();
        let all = types().flat_map(|declared| &declared.declarations);
        let same_group = all.filter(|(_, declaration)| is_of_group(declaration));
        let near = names::near(text, same_group.map(|(name, _)| &**name), found);
        let diagnostic = undeclared_in_rule(group, text, term.span, owner, near);
        found.push(match declarations().next() {
            Some(Declaration { kind, span }) => diagnostic.label(*span, format!("a {} here", kind.word())),
            None => diagnostic,
        });
    }

    /// The types with blocks that an object of a class belongs to.
    fn owners(&self, class: &'a str) -> Vec<&'a str>
    where
        Self: 'a,
    {
        let with_block = |name: &&str| self.blocks.get(name).is_some();
        match self.schema.class(class) {
            Some(id) => matching::lineage(id, self.schema).filter(with_block).collect(),
            None => Some(class).filter(with_block).into_iter().collect(),
        }
    }
}

/// The class that a specializer gives a parameter.
pub(super) fn class_of(param: &Param) -> Option<&str> {
    class_in(param.specializer.as_ref()?)
}

fn class_in(pattern: &Pattern) -> Option<&str> {
    match &pattern.kind {
        PatternKind::Instance(class, _) => Some(&class.text),
        _ => None,
    }
}

/// The variables of a head with a class, unions left out: they tell nothing of the type.
fn typed_variables(head: &Head) -> FxHashMap<&str, &str> {
    let typed = head.params.iter().filter_map(|param| match &param.term.kind {
        ExprKind::Variable(name) => Some((&**name, class_of(param)?)),
        _ => None,
    });
    typed.filter(|(_, class)| !names::is_union(class)).collect()
}

/// Roles and relations that neither a shorthand rule nor any string of the policy mentions.
fn unused(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let items = || input.files.iter().flat_map(|file| &file.items);
    let mut mentioned: FxHashSet<&str> = FxHashSet::default();
    // `role if role on "parent"` is about every role.
    let mut any_role = false;
    for (_, rule) in shorthand::everywhere(items()) {
        shorthand::terms(rule, &mut |term| match term {
            ShorthandTerm::Name(name) => _ = mentioned.insert(&name.text),
            ShorthandTerm::Word(word) => any_role |= word.text == "role",
        });
        shorthand::calls(&rule.body, &mut |call| {
            walk::expr(call, &mut |node| {
                if let Node::Expr(Expr { kind: ExprKind::String(text), .. }) = node {
                    mentioned.insert(text);
                }
            });
        });
    }
    for item in items() {
        if let Item::Rule(rule) = item {
            walk::rule(rule, &mut |node| {
                if let Node::Expr(Expr { kind: ExprKind::String(text), .. }) = node {
                    mentioned.insert(text);
                }
            });
        }
    }
    for (owner, declared) in checked.blocks.types() {
        for (name, declaration) in &declared.declarations {
            let is_any = any_role && declaration.kind == Kind::Role;
            if declaration.kind != Kind::Permission && !is_any && !mentioned.contains(&**name) {
                found.push(unused_declaration(owner, name, declaration));
            }
        }
    }
}

/// P0411: a rule names a role, permission or relation that no block declares.
fn undeclared_in_rule(
    group: Group,
    text: &str,
    span: Span,
    owner: Option<&str>,
    near: Option<&str>,
) -> Diagnostic {
    let word = group.word();
    let message = match owner {
        Some(owner) => format!("`{owner}` declares no {word} `{text}`"),
        None => format!("no block declares a {word} `{text}`"),
    };
    let diagnostic = Diagnostic::new(codes::UNDECLARED_IN_RULE, span, message).primary("not declared");
    match near {
        Some(near) => diagnostic.did_you_mean(Some(near)).fix(span, format!("\"{near}\"")),
        None if group == Group::Relation => {
            diagnostic.help(format!("declare it: `relations = {{ {text}: … }};`"))
        }
        None => diagnostic.help(format!("declare it: `{word}s = [\"{text}\", …];`")),
    }
}

/// P0505: a role or relation that is declared and never used.
fn unused_declaration(owner: &str, name: &str, declaration: &Declaration) -> Diagnostic {
    let word = declaration.kind.word();
    let example = match declaration.kind {
        Kind::Relation(_) => format!("`\"…\" if \"…\" on \"{name}\";`"),
        _ => format!("`\"…\" if \"{name}\";`"),
    };
    Diagnostic::new(
        codes::UNUSED_DECLARATION,
        declaration.span,
        format!("{word} `{name}` of `{owner}` is declared, but no rule mentions it"),
    )
    .primary("never used")
    .help(format!("grant something by it, such as {example}, or remove it"))
}
