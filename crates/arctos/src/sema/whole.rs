//! What a policy as a whole lacks.

use std::borrow::Cow;

use arctos_syntax::tree::{Call, Expr, ExprKind, Head, Ident, Param, Rule};
use arctos_syntax::{Diagnostic, SourceId, Span, codes, suggest};
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::blocks::Kind;
use super::walk::{self, Node};
use super::{Checked, CheckedRule, Input};

/// The rules that an application asks.
const ENTRANCES: [&str; 3] = ["allow", "allow_field", "allow_request"];

/// The rule of which there is a default.
const ALLOW: &str = "allow";

/// The rule that decides permissions.
const ASKED: &str = "has_permission";

/// Reports the missing entrance rule, and permissions that nothing asks for.
pub(super) fn check(checked: &Checked<'_>, input: Input<'_>, found: &mut Vec<Diagnostic>) {
    if !input.is_complete {
        return;
    }
    if !checked.rules.iter().any(|rule| ENTRANCES.contains(&&*rule.rule.head.name.text)) {
        found.push(no_allow_rule());
        return;
    }
    if input.schema.has_facts() {
        found.extend(dropped_default(checked));
        return;
    }
    let permission = checked.blocks.types().find_map(|(name, declared)| {
        let mut declarations = declared.declarations.iter();
        let (permission, declaration) = declarations.find(|(_, one)| one.kind == Kind::Permission)?;
        Some((name, &**permission, declaration.span))
    });
    if let Some((owner, permission, span)) = permission
        && !asks_for_permissions(checked)
    {
        found.push(permissions_not_asked(owner, permission, span));
    }
}

/// Where facts are kept and no rule `allow` is written, adds the one that asks for permissions.
pub(super) fn default_allow(checked: &mut Checked<'_>, input: Input<'_>) {
    let defines = |name: &str, arity: Option<usize>| {
        checked
            .rules
            .iter()
            .map(|rule| &rule.rule.head)
            .any(|head| head.name.text == name && arity.is_none_or(|arity| head.params.len() == arity))
    };
    if !input.schema.has_facts() || defines(ALLOW, None) || !defines(ASKED, Some(3)) {
        return;
    }
    let source = checked.rules.first().map_or(SourceId(0), |rule| rule.origin.source);
    let span = Span::new(source, 0, 0);
    let expr = |kind| Expr { kind, span };
    let ident = |text: &str| Ident { text: text.into(), span };
    let variables = ["actor", "action", "resource"].map(|name| expr(ExprKind::Variable(name.into())));
    let params = variables.iter().map(|term| Param { term: term.clone(), specializer: None, span });
    let head = Head { name: ident(ALLOW), params: params.collect(), span };
    let call = Call { name: ident(ASKED), args: variables.into(), kwargs: Vec::new() };
    let rule = Rule { head, body: Some(expr(ExprKind::Call(Box::new(call)))), span };
    checked.rules.push(CheckedRule { rule: Cow::Owned(rule), origin: span, is_shorthand: true });
}

/// The first rule `allow`, where there are rules for permissions and no `allow` asks for whatever permission: without it
/// the default one would.
fn dropped_default(checked: &Checked<'_>) -> Option<Diagnostic> {
    let mut rules = checked.rules.iter();
    let allow = rules.find(|rule| rule.rule.head.name.text == ALLOW && !rule.is_shorthand)?;
    let is_permission = |head: &Head| head.name.text == ASKED && head.params.len() == 3;
    let permission = checked.rules.iter().find(|rule| is_permission(&rule.rule.head))?;
    let mut reached: IndexSet<&str, FxBuildHasher> = IndexSet::default();
    reached.insert(ALLOW);
    let mut by_name: FxHashMap<&str, Vec<&Expr>> = FxHashMap::default();
    for rule in &checked.rules {
        by_name.entry(&rule.rule.head.name.text).or_default().extend(&rule.rule.body);
    }
    let mut at = 0;
    while let Some(name) = reached.get_index(at).copied() {
        at += 1;
        let mut asks = false;
        for body in by_name.get(name).into_iter().flatten() {
            walk::expr(body, &mut |node| {
                let Node::Expr(Expr { kind: ExprKind::Call(call), .. }) = node else { return };
                let is_open = matches!(&*call.args, [_, Expr { kind: ExprKind::Variable(_), .. }, _]);
                asks |= call.name.text == ASKED && is_open;
                reached.insert(&call.name.text);
            });
        }
        if asks {
            return None;
        }
    }
    Some(default_dropped(allow.rule.head.span, permission.origin))
}

/// True when the body of a rule written in full calls `has_permission`, or means to.
fn asks_for_permissions(checked: &Checked<'_>) -> bool {
    checked.rules.iter().filter(|rule| !rule.is_shorthand).any(|rule| {
        let mut asks = false;
        if let Some(body) = &rule.rule.body {
            walk::expr(body, &mut |node| {
                asks |= matches!(node, Node::Expr(Expr { kind: ExprKind::Call(call), .. })
                    if call.name.text == ASKED || suggest::near(&call.name.text, [ASKED]).is_some());
            });
        }
        asks
    })
}

/// Reports a file, or a text, that is loaded twice.
pub(super) fn sources(input: Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut names: FxHashMap<&str, SourceId> = FxHashMap::default();
    let mut texts: FxHashMap<&str, &str> = FxHashMap::default();
    for (id, source) in input.sources.iter() {
        let Some(name) = source.name() else { continue };
        if names.insert(name, id).is_some() {
            found.push(duplicate_source(id, format!("the file `{name}` is loaded twice")));
            continue;
        }
        if source.text().trim().is_empty() {
            continue;
        }
        if let Some(first) = texts.get(source.text()) {
            let message = format!("the file `{name}` has the same contents as `{first}`");
            found.push(duplicate_source(id, message));
        } else {
            texts.insert(source.text(), name);
        }
    }
}

/// P0701: no rule decides anything.
fn no_allow_rule() -> Diagnostic {
    Diagnostic::new(
        codes::NO_ALLOW_RULE,
        Span::new(SourceId(0), 0, 0),
        "the policy has no `allow`, `allow_field` or `allow_request` rule, so nothing is allowed",
    )
    .help("with blocks, write `allow(actor, action, resource) if has_permission(actor, action, resource);`")
}

/// P0705: a rule `allow` in the place of the one that there would be without it.
fn default_dropped(allow: Span, permission: Span) -> Diagnostic {
    let message = "this rule replaces the default `allow`, and none asks for whichever permission there is";
    Diagnostic::new(codes::DEFAULT_ALLOW_DROPPED, allow, message)
        .primary("replaces the default")
        .label(permission, "no `allow` asks for such permissions")
        .help("restate the default: `allow(actor, action, resource) if has_permission(actor, action, resource);`")
}

/// P0702: blocks declare permissions that no rule asks for.
fn permissions_not_asked(owner: &str, permission: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::PERMISSIONS_NOT_ASKED,
        span,
        format!("`{owner}` declares permissions such as `{permission}`, but no rule calls `has_permission`"),
    )
    .primary("decides nothing")
    .help("write `allow(actor, action, resource) if has_permission(actor, action, resource);`")
}

/// P0704: a file, or the same text under another name, given twice.
fn duplicate_source(source: SourceId, message: String) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_SOURCE, Span::new(source, 0, 0), message)
        .help("load each policy file once")
}
