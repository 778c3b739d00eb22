//! Permissions that nobody can ever hold.
//!
//! A permission can be held when a rule in full may grant it, or a shorthand rule whose condition can hold. So two
//! shorthand rules that lead to each other alone grant nothing. Relations are taken to hold somewhere.

use arctos_syntax::tree::{ExprKind, ShorthandTerm};
use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashSet;

use super::blocks::{Blocks, Declaration, Kind};
use super::declared::Group;
use super::shorthand::{self, Classic};
use super::{Checked, Input, declared, matching, names};
use crate::schema::Schema;

/// How often the shorthand rules are gone through. What is then not decided is taken to be held.
const PASSES: usize = 16;

/// Reports permissions that cannot be held. Nothing is said of a policy parts of which are not understood.
pub(super) fn check(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let is_foreign = found.iter().any(|diagnostic| diagnostic.code == codes::FACTS_DIALECT);
    if !input.is_complete || is_foreign {
        return;
    }
    let items = input.files.iter().flat_map(|file| &file.items);
    if checked.blocks.types().next().is_none() {
        return;
    }
    if input.schema.has_facts() {
        return over_facts(checked, input, found);
    }
    let shorthand: Vec<(&str, Classic<'_>)> = shorthand::all(items)
        .filter_map(|(block, rule)| Some((&*block.name.text, shorthand::classic(rule)?)))
        .collect();
    let (granted, is_decided) = granted(checked, &shorthand, input.schema);
    let heads: FxHashSet<(&str, &str)> =
        shorthand.iter().map(|(owner, parts)| (*owner, &*parts.head.text)).collect();
    // Where a rule is missing or misunderstood, what depends on it is not worth a word.
    let is_torn = found.iter().any(Diagnostic::is_error) || !is_decided;
    for (owner, declared) in checked.blocks.types() {
        for (name, declaration) in &declared.declarations {
            let has_rule = heads.contains(&(owner, &**name));
            if declaration.kind != Kind::Permission
                || granted.includes(Group::Permission, name, owner, input.schema)
                || (is_torn && has_rule)
            {
                continue;
            }
            found.push(ungranted_permission(owner, name, declaration.span, has_rule));
        }
    }
}

/// Whatever a shorthand rule asks for may be a fact, so that only permissions without any rule cannot be held.
fn over_facts(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let (granted, _) = granted(checked, &[], input.schema);
    let mut heads: FxHashSet<&str> = FxHashSet::default();
    let mut any_permission = false;
    for (_, rule) in shorthand::all(input.files.iter().flat_map(|file| &file.items)) {
        match &rule.head {
            ShorthandTerm::Name(name) => _ = heads.insert(&name.text),
            ShorthandTerm::Word(word) => any_permission |= word.text == "permission",
        }
    }
    for (owner, declared) in checked.blocks.types() {
        for (name, declaration) in &declared.declarations {
            let is_granted = any_permission
                || heads.contains(&**name)
                || granted.includes(Group::Permission, name, owner, input.schema);
            if declaration.kind == Kind::Permission && !is_granted {
                found.push(ungranted_permission(owner, name, declaration.span, false));
            }
        }
    }
}

/// What rules can grant: always what it is, the role or permission (`None` for any: it is computed), and the class.
#[derive(Default)]
struct Granted<'t> {
    /// Upwards: for the ancestors of the class in the rule, since their instances may be of that class.
    upwards: FxHashSet<(Group, Option<&'t str>, &'t str)>,
    /// As written: for all subclasses too.
    downwards: FxHashSet<(Group, Option<&'t str>, &'t str)>,
    /// For objects of any class.
    anywhere: FxHashSet<(Group, Option<&'t str>)>,
}

impl<'t> Granted<'t> {
    fn add(&mut self, group: Group, name: Option<&'t str>, class: Option<&'t str>, schema: &'t Schema) {
        let Some(class) = class else {
            self.anywhere.insert((group, name));
            return;
        };
        self.downwards.insert((group, name, class));
        if let Some(id) = schema.class(class) {
            let ancestors = matching::lineage(id, schema).skip(1);
            self.upwards.extend(ancestors.map(|ancestor| (group, name, ancestor)));
        }
    }

    fn includes(&self, group: Group, name: &str, owner: &str, schema: &Schema) -> bool {
        let ancestors =
            || schema.class(owner).into_iter().flat_map(|id| matching::lineage(id, schema).skip(1));
        [Some(name), None].into_iter().any(|name| {
            self.downwards.contains(&(group, name, owner))
                || self.anywhere.contains(&(group, name))
                || self.upwards.contains(&(group, name, owner))
                || ancestors().any(|class| self.downwards.contains(&(group, name, class)))
        })
    }
}

/// Starts with the rules in full and adds shorthand rules until nothing changes. False when that took too long.
fn granted<'t>(
    checked: &'t Checked<'_>,
    shorthand: &[(&'t str, Classic<'t>)],
    schema: &'t Schema,
) -> (Granted<'t>, bool) {
    let mut granted = Granted::default();
    for rule in checked.rules.iter().filter(|rule| !rule.is_shorthand) {
        let head = &rule.rule.head;
        let (Some(group), [_, name, object]) = (Group::of_rule(&head.name.text), &*head.params) else {
            continue;
        };
        let name = match &name.term.kind {
            ExprKind::String(text) => Some(&**text),
            _ => None,
        };
        let class = declared::class_of(object).filter(|class| !names::is_union(class));
        granted.add(group, name, class, schema);
    }
    let mut waiting: Vec<_> = shorthand.to_vec();
    for _ in 0..PASSES {
        let before = waiting.len();
        waiting.retain(|(owner, parts)| {
            let holds = can_hold(*parts, owner, &checked.blocks, &granted, schema);
            if holds && let Some(head) = declaration(&checked.blocks, owner, &parts.head.text) {
                granted.add(Group::of(&head.kind), Some(&parts.head.text), Some(owner), schema);
            }
            !holds
        });
        if waiting.len() == before {
            return (granted, true);
        }
        // Policies are written from the strong to the weak or from the weak to the strong; either way few passes do.
        waiting.reverse();
    }
    (granted, false)
}

/// Whether the condition of a shorthand rule can hold.
fn can_hold(
    parts: Classic<'_>,
    owner: &str,
    blocks: &Blocks,
    granted: &Granted<'_>,
    schema: &Schema,
) -> bool {
    let owner = match parts.on {
        None => owner,
        Some(relation) => match declaration(blocks, owner, &relation.text).map(|found| &found.kind) {
            Some(Kind::Relation(related)) => related,
            _ => return false,
        },
    };
    match declaration(blocks, owner, &parts.condition.text).map(|found| &found.kind) {
        Some(Kind::Relation(_)) => true,
        Some(kind) => granted.includes(Group::of(kind), &parts.condition.text, owner, schema),
        None => false,
    }
}

fn declaration<'b>(blocks: &'b Blocks, owner: &str, name: &str) -> Option<&'b Declaration> {
    blocks.get(owner)?.declarations.get(name)
}

/// P0506: a permission that nobody can hold.
fn ungranted_permission(owner: &str, name: &str, span: Span, has_rule: bool) -> Diagnostic {
    let message = if has_rule {
        format!("permission `{name}` of `{owner}` is granted only by what nobody can have")
    } else {
        format!("permission `{name}` of `{owner}` is declared, but no rule grants it")
    };
    let help = if has_rule {
        "let one of the roles or permissions that lead to it be granted by a rule in full".to_owned()
    } else {
        format!("grant it, such as `\"{name}\" if \"…\";`, or remove it")
    };
    Diagnostic::new(codes::UNGRANTED_PERMISSION, span, message).primary("nobody has it").help(help)
}
