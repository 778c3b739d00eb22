//! Rule types: the heads that rules of a name may have, and the rules that must exist.
//!
//! Some types are built in, some follow from the blocks (one `has_relation` for each relation, one `has_role` where there
//! are roles), the others are written as `type f(x: Integer);`. A rule whose name has types must match one of them.

use arctos_syntax::tree::{Expr, ExprKind, Head, Ident, Param, Pattern, PatternKind, Text};
use arctos_syntax::{Diagnostic, Span, codes, format};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::blocks::{Blocks, Kind};
use super::keys::{self, Key};
use super::matching::{self, Context, Mismatch, Shape};
use super::walk::{self, Node};
use super::{Checked, CheckedRule, Input, names, shorthand};
use crate::schema::Schema;

/// How many types a message shows.
const SHOWN: usize = 3;

/// How many types are looked at to find those that fit a rule best, where none matches.
const COMPARED: usize = 64;

/// A rule type.
struct RuleType {
    head: Head,
    /// Where it is written, or the declaration it follows from; `None` for a built-in type.
    span: Option<Span>,
    /// What must exist because of it.
    need: Need,
}

/// Whether a rule must match a type.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    None,
    /// A rule must; the shorthand that asks for it.
    Missing(Span),
    /// A rule does, or nearly.
    Met,
}

/// The types of one load, found by name, by their first literal and by the last class among their parameters.
pub(super) struct Types<'t> {
    context: Context<'t>,
    names: IndexMap<Text, Named, FxBuildHasher>,
    /// Those that the rule at hand can match.
    candidates: Vec<usize>,
}

/// The types of one name. PERF: a policy with n relations has n types and at least n rules of `has_relation`.
#[derive(Default)]
struct Named {
    all: Vec<RuleType>,
    without_literal: ByClass,
    /// By the first scalar literal and its position.
    by_literal: FxHashMap<(usize, Key), ByClass>,
}

/// By the class of the last parameter that has one.
#[derive(Default)]
struct ByClass {
    without_class: Vec<usize>,
    /// By the parameter's position, then by its class.
    by_position: Vec<(usize, FxHashMap<Text, Vec<usize>>)>,
}

impl ByClass {
    fn add(&mut self, head: &Head, rule_type: usize) {
        let class =
            head.params.iter().enumerate().rev().find_map(|(position, param)| match Shape::of(param) {
                Shape::Pattern(Pattern { kind: PatternKind::Instance(class, _), .. }) => {
                    Some((position, class))
                }
                _ => None,
            });
        let Some((position, class)) = class else {
            self.without_class.push(rule_type);
            return;
        };
        if !self.by_position.iter().any(|(known, _)| *known == position) {
            self.by_position.push((position, FxHashMap::default()));
        }
        for (_, by_class) in self.by_position.iter_mut().filter(|(known, _)| *known == position) {
            by_class.entry(class.text.clone()).or_default().push(rule_type);
        }
    }

    /// Adds the types whose class has what a rule with this head takes.
    fn find(&self, head: &Head, schema: &Schema, candidates: &mut Vec<usize>) {
        candidates.extend_from_slice(&self.without_class);
        for (position, by_class) in &self.by_position {
            let class = head.params.get(*position).and_then(|param| Shape::of(param).class_name());
            let id = class.and_then(|class| schema.class(class));
            let lineage = id.into_iter().flat_map(|id| matching::lineage(id, schema));
            let unknown = class.filter(|_| id.is_none());
            let classes = names::UNIONS.into_iter().chain(lineage).chain(unknown);
            candidates.extend(classes.filter_map(|class| by_class.get(class)).flatten());
        }
    }
}

impl<'t> Types<'t> {
    /// Collects the types, and reports those that are malformed.
    pub(super) fn new(checked: &'t Checked<'_>, input: Input<'t>, found: &mut Vec<Diagnostic>) -> Self {
        let context = Context { schema: input.schema, blocks: &checked.blocks };
        let mut types = Types { context, names: IndexMap::default(), candidates: Vec::new() };
        // Facts may have any type where rules have `Actor` and `Resource`, and stand for the rules that blocks ask for.
        let has_facts = input.schema.has_facts();
        let builtin =
            builtin().into_iter().filter(|known| !has_facts || known.head.name.text != "has_permission");
        builtin.for_each(|rule_type| types.add(rule_type));
        if !has_facts {
            generated(&checked.blocks, input).into_iter().for_each(|rule_type| types.add(rule_type));
        }
        for head in &checked.rule_types {
            match invalid_part(head) {
                Some((span, what)) => found.push(invalid_rule_type(span, what, head)),
                None => {
                    let head = Head::clone(head);
                    types.add(RuleType { span: Some(head.span), head, need: Need::None });
                }
            }
        }
        types
    }

    fn add(&mut self, rule_type: RuleType) {
        let named = self.names.entry(rule_type.head.name.text.clone()).or_default();
        let by_class = match literals(&rule_type.head).next() {
            Some((index, literal)) => named.by_literal.entry((index, keys::value_key(literal))).or_default(),
            None => &mut named.without_literal,
        };
        by_class.add(&rule_type.head, named.all.len());
        named.all.push(rule_type);
    }

    /// Reports a rule that matches no type of its name.
    pub(super) fn rule(&mut self, rule: &CheckedRule<'_>, is_broken: bool, found: &mut Vec<Diagnostic>) {
        let head = &rule.rule.head;
        let Some(named) = self.names.get_mut(&head.name.text).filter(|_| !is_broken) else { return };
        let (candidates, context) = (&mut self.candidates, self.context);
        named.candidates(head, context.schema, candidates);
        let (mut matches, mut is_near) = (false, false);
        for &index in &*candidates {
            let Some(wanted) = named.all.get_mut(index) else { continue };
            let result = matching::compare(head, &wanted.head, context);
            matches |= result.is_ok();
            // A rule that is there, but wrong in a parameter, is reported as that, and not as missing too.
            let is_meant = result.err().is_none_or(|mismatch| mismatch.parameter.is_some());
            is_near |= is_meant;
            if is_meant && wanted.need != Need::None {
                wanted.need = Need::Met;
            }
        }
        if matches {
            return;
        }
        // Where no candidate has as many parameters, the others may tell better what is wrong.
        let others = if is_near { 0 } else { named.all.len().min(COMPARED) };
        let others = (0..others).filter(|index| !candidates.contains(index));
        let compared = candidates.iter().copied().take(COMPARED).chain(others);
        let mut mismatches: Vec<_> = compared
            .filter_map(|index| {
                let wanted = named.all.get(index)?;
                Some((index, matching::compare(head, &wanted.head, context).err()?))
            })
            .collect();
        // The type that fits furthest says best what is wrong.
        mismatches.sort_by_key(|(_, mismatch)| std::cmp::Reverse(mismatch.parameter));
        let shown = mismatches.into_iter().take(SHOWN);
        let shown: Vec<_> = shown.filter_map(|(index, why)| Some((named.all.get(index)?, why))).collect();
        found.push(invalid_rule(rule, &shown));
    }

    /// Reports the required rules that are missing.
    pub(super) fn report_missing(&self, found: &mut Vec<Diagnostic>) {
        for rule_type in self.names.values().flat_map(|named| &named.all) {
            if let Need::Missing(span) = rule_type.need {
                found.push(missing_rule(rule_type, span));
            }
        }
    }
}

impl Named {
    /// The types that a rule with this head can match, in order; those left out differ in a literal or a class.
    fn candidates(&self, head: &Head, schema: &Schema, candidates: &mut Vec<usize>) {
        candidates.clear();
        self.without_literal.find(head, schema, candidates);
        if !self.by_literal.is_empty() {
            for (index, literal) in literals(head) {
                if let Some(types) = self.by_literal.get(&(index, keys::value_key(literal))) {
                    types.find(head, schema, candidates);
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// The parameters that are scalar literals.
fn literals(head: &Head) -> impl Iterator<Item = (usize, &Expr)> {
    head.params.iter().enumerate().filter_map(|(index, param)| match Shape::of(param) {
        Shape::Value(value) if !matches!(value.kind, ExprKind::List(_) | ExprKind::Dictionary(_)) => {
            Some((index, value))
        }
        _ => None,
    })
}

/// The types that every policy has.
fn builtin() -> Vec<RuleType> {
    let has_permission =
        ("has_permission", vec![("actor", "Actor"), ("permission", "String"), ("resource", "Resource")]);
    let untyped = [
        ("allow", vec!["actor", "action", "resource"]),
        ("allow_field", vec!["actor", "action", "resource", "field"]),
        ("allow_request", vec!["actor", "request"]),
    ];
    let untyped = untyped.map(|(name, params)| (name, params.into_iter().map(|param| (param, "")).collect()));
    std::iter::once(has_permission)
        .chain(untyped)
        .map(|(name, params)| RuleType {
            head: head(name, &params, Span::default()),
            span: None,
            need: Need::None,
        })
        .collect()
}

/// The types that follow from the blocks.
fn generated(blocks: &Blocks, input: Input<'_>) -> Vec<RuleType> {
    let mut used = used_relations(blocks, input);
    let mut types = Vec::new();
    let mut first_role = None;
    for (owner, declared) in blocks.types() {
        for (name, declaration) in &declared.declarations {
            match &declaration.kind {
                Kind::Role => {
                    first_role.get_or_insert(declaration.span);
                }
                Kind::Permission => {}
                Kind::Relation(related) => {
                    let at = declaration.span;
                    let mut head =
                        head("has_relation", &[("subject", related), ("", ""), ("object", owner)], at);
                    if let Some(param) = head.params.get_mut(1) {
                        param.term.kind = ExprKind::String(name.clone());
                    }
                    let need = used.remove(&(owner, &**name)).map_or(Need::None, Need::Missing);
                    types.push(RuleType { head, span: Some(at), need });
                }
            }
        }
    }
    if let Some(at) = first_role {
        let head = head("has_role", &[("actor", "Actor"), ("role", "String"), ("resource", "Resource")], at);
        types.push(RuleType { head, span: Some(at), need: Need::Missing(at) });
    }
    types
}

/// The relations that a shorthand rule asks about, with the first that does.
fn used_relations<'t>(blocks: &'t Blocks, input: Input<'t>) -> FxHashMap<(&'t str, &'t str), Span> {
    let mut used = FxHashMap::default();
    let items = input.files.iter().flat_map(|file| &file.items);
    for (block, rule) in shorthand::all(items) {
        let Some(parts) = shorthand::classic(rule) else { continue };
        let owner = &*block.name.text;
        let asked = parts.on.unwrap_or(parts.condition);
        let declaration = blocks.get(owner).and_then(|declared| declared.declarations.get(&asked.text));
        if declaration.is_some_and(|declaration| matches!(declaration.kind, Kind::Relation(_))) {
            used.entry((owner, &*asked.text)).or_insert(asked.span);
        }
    }
    used
}

fn head(name: &str, params: &[(&str, &str)], span: Span) -> Head {
    let ident = |text: &str| Ident { text: text.into(), span };
    let params = params.iter().map(|(variable, class)| Param {
        term: Expr { kind: ExprKind::Variable((*variable).into()), span },
        specializer: (!class.is_empty())
            .then(|| Pattern { kind: PatternKind::Instance(ident(class), Vec::new()), span }),
        span,
    });
    Head { name: ident(name), params: params.collect(), span }
}

/// The first part of a type's parameters that cannot be compared with anything.
fn invalid_part(head: &Head) -> Option<(Span, &'static str)> {
    let mut invalid = None;
    walk::head(head, &mut |node| {
        let part = match node {
            Node::Rest(rest) => Some((rest.span, "a `*rest` variable")),
            Node::Expr(expr) => match expr.kind {
                ExprKind::Dot(_) => Some((expr.span, "a lookup")),
                ExprKind::New(_) => Some((expr.span, "a `new` object")),
                ExprKind::Binary(_) => Some((expr.span, "an operation")),
                _ => None,
            },
            Node::Pattern(_) => None,
        };
        invalid = invalid.or(part);
    });
    invalid
}

/// P0302: a rule that matches none of the rule types of its name.
fn invalid_rule(rule: &CheckedRule, mismatches: &[(&RuleType, Mismatch)]) -> Diagnostic {
    let head = &rule.rule.head;
    let name = &head.name.text;
    let best = mismatches.first();
    let parameter = best.and_then(|(_, why)| why.parameter).and_then(|index| head.params.get(index));
    let span = if rule.is_shorthand { rule.origin } else { parameter.map_or(head.span, |param| param.span) };
    let message = match best {
        Some((_, Mismatch { parameter: Some(index), reason, .. })) => {
            format!("`{name}` does not match its rule type: in parameter {}, {reason}", index + 1)
        }
        Some((_, Mismatch { reason, .. })) => format!("`{name}` does not match its rule type: {reason}"),
        None => format!("`{name}` does not match its rule type"),
    };
    let mut diagnostic = Diagnostic::new(codes::INVALID_RULE, span, message).primary("does not match");
    for (index, (rule_type, why)) in mismatches.iter().enumerate() {
        let text = format::print_head(&rule_type.head);
        diagnostic = match rule_type.span {
            Some(at) if index == 0 => diagnostic.label(at, format!("the type is `{text}`")),
            Some(at) => diagnostic.label(at, format!("nor does `{text}` match: {}", why.reason)),
            None => diagnostic.help(format!("the type is `{text}`")),
        };
    }
    if rule.is_shorthand {
        let text = format::print_head(head);
        return diagnostic
            .help(format!("this shorthand stands for `{text}`; write a rule `{name}` in full instead"));
    }
    match best.and_then(|(_, why)| why.advice.as_deref()) {
        Some(advice) => diagnostic.help(advice),
        None => diagnostic,
    }
}

/// P0303: a rule type with something in its parameters that no rule can be compared with.
fn invalid_rule_type(span: Span, what: &str, head: &Head) -> Diagnostic {
    Diagnostic::new(
        codes::INVALID_RULE_TYPE,
        span,
        format!("the rule type of `{}` contains {what}", head.name.text),
    )
    .primary("cannot be compared with a rule")
    .help("a rule type has variables, specializers and literals only")
}

/// P0304: a rule that the policy's declarations require is missing.
fn missing_rule(rule_type: &RuleType, span: Span) -> Diagnostic {
    let text = format::print_head(&rule_type.head);
    let name = &rule_type.head.name.text;
    let asks = match (&**name, rule_type.span) {
        ("has_relation", Some(declared)) => {
            let related = match literals(&rule_type.head).next() {
                Some((_, Expr { kind: ExprKind::String(text), .. })) => &**text,
                _ => "",
            };
            let message = format!("no rule tells which objects have the relation `{related}`");
            Diagnostic::new(codes::MISSING_RULE, span, message)
                .label(declared, "the relation is declared here")
        }
        _ => Diagnostic::new(codes::MISSING_RULE, span, "roles are declared, but no rule tells who has them"),
    };
    asks.primary(format!("needs a rule `{name}`")).help(format!("add a rule `{text} if …;`"))
}
