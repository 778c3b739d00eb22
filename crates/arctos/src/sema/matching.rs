//! Whether a rule's head matches a rule type, and if not, why.
//!
//! A parameter of the type without a specializer accepts anything; a class accepts itself, its subclasses and literals of
//! that class; a union accepts its members; fields and list elements of the type must all be there; a literal accepts
//! the same literal.

use arctos_syntax::format;
use arctos_syntax::tree::{Expr, ExprKind, Head, Ident, List, Param, Pattern, PatternKind};

use arctos_syntax::suggest;
use rustc_hash::{FxHashMap, FxHashSet};

use super::blocks::Blocks;
use super::{keys, names};
use crate::schema::{ClassId, Schema};

/// What matching needs to know.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    pub(super) blocks: &'a Blocks,
}

/// Why a rule does not match a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mismatch {
    /// The parameter, from 0; `None` where their number differs.
    pub(super) parameter: Option<usize>,
    /// What is wrong: a sentence.
    pub(super) reason: String,
    /// What to do, where that is known.
    pub(super) advice: Option<String>,
}

/// A parameter, as far as matching looks at it.
#[derive(Clone, Copy)]
pub(super) enum Shape<'t> {
    /// A variable without a specializer, or something computed when the rule is asked.
    Any,
    /// A literal, as a term or as a specializer.
    Value(&'t Expr),
    /// A specializer other than a literal.
    Pattern(&'t Pattern),
}

impl<'t> Shape<'t> {
    /// The shape of a parameter.
    pub(super) fn of(param: &'t Param) -> Shape<'t> {
        match &param.specializer {
            Some(Pattern { kind: PatternKind::Value(value), .. }) => Shape::of_value(value),
            Some(pattern) => Shape::Pattern(pattern),
            None => Shape::of_value(&param.term),
        }
    }

    fn of_value(value: &'t Expr) -> Shape<'t> {
        match &value.kind {
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::Boolean(_)
            | ExprKind::List(_)
            | ExprKind::Dictionary(_) => Shape::Value(value),
            _ => Shape::Any,
        }
    }

    /// The name of the class that every value of this shape belongs to, where there is one.
    pub(super) fn class_name(self) -> Option<&'t str> {
        match self {
            Shape::Any => None,
            Shape::Value(value) => match &value.kind {
                ExprKind::Integer(_) => Some("Integer"),
                ExprKind::Float(_) => Some("Float"),
                ExprKind::String(_) => Some("String"),
                ExprKind::Boolean(_) => Some("Boolean"),
                ExprKind::List(_) => Some("List"),
                ExprKind::Dictionary(_) => Some("Dictionary"),
                _ => None,
            },
            Shape::Pattern(pattern) => match &pattern.kind {
                PatternKind::Instance(class, _) => Some(&class.text),
                PatternKind::List(_) => Some("List"),
                PatternKind::Dictionary(_) => Some("Dictionary"),
                PatternKind::Value(_) => None,
            },
        }
    }

    fn text(self) -> String {
        match self {
            Shape::Any => "anything".to_owned(),
            Shape::Value(value) => format::print_expr(value),
            Shape::Pattern(pattern) => format::print_pattern(pattern),
        }
    }
}

/// Compares a rule's head with a type of its name.
///
/// # Errors
/// The first reason why they do not match.
pub(super) fn compare(rule: &Head, wanted: &Head, context: Context<'_>) -> Result<(), Mismatch> {
    if rule.params.len() != wanted.params.len() {
        let reason =
            format!("it has {}, the type has {}", count(rule.params.len(), "parameter"), wanted.params.len());
        return Err(Mismatch { parameter: None, reason, advice: None });
    }
    for (index, (param, wanted)) in rule.params.iter().zip(&wanted.params).enumerate() {
        parameter(param, wanted, context).map_err(|(reason, advice)| Mismatch {
            parameter: Some(index),
            reason,
            advice,
        })?;
    }
    Ok(())
}

type Reason = (String, Option<String>);

fn parameter(param: &Param, wanted: &Param, context: Context<'_>) -> Result<(), Reason> {
    match (Shape::of(wanted), Shape::of(param)) {
        (Shape::Any, _) => Ok(()),
        (Shape::Pattern(pattern), Shape::Any) => {
            let text = format::print_pattern(pattern);
            let advice = match &param.term.kind {
                ExprKind::Variable(name) => format!("write `{name}: {text}`"),
                _ => format!("write a variable, `x: {text}`, and test it in the body"),
            };
            Err((format!("it needs the specializer `{text}`"), Some(advice)))
        }
        (Shape::Pattern(wanted), shape) => pattern(shape, wanted, context),
        (Shape::Value(wanted), Shape::Value(value)) if value_fits(value, wanted) => Ok(()),
        (Shape::Value(wanted), shape) => {
            let reason =
                format!("it is {} where the type has `{}`", quoted(shape), format::print_expr(wanted));
            let near = match (shape, &wanted.kind) {
                (Shape::Value(Expr { kind: ExprKind::String(text), .. }), ExprKind::String(wanted)) => {
                    suggest::near(text, [&**wanted])
                }
                _ => None,
            };
            Err((reason, near.map(|near| format!("did you mean `{near}`?"))))
        }
    }
}

/// A specializer or literal against a specializer of the type.
fn pattern(shape: Shape<'_>, wanted: &Pattern, context: Context<'_>) -> Result<(), Reason> {
    let fits = match (&wanted.kind, shape) {
        (PatternKind::Instance(class, fields), _) => return instance(shape, class, fields, context),
        (
            PatternKind::Dictionary(wanted),
            Shape::Pattern(Pattern { kind: PatternKind::Dictionary(fields), .. }),
        ) => fields_fit(fields, wanted, keys::pattern_key, keys::pattern_key),
        (PatternKind::Dictionary(wanted), Shape::Value(Expr { kind: ExprKind::Dictionary(entries), .. })) => {
            fields_fit(entries, wanted, keys::value_key, keys::pattern_key)
        }
        (PatternKind::List(wanted), Shape::Pattern(Pattern { kind: PatternKind::List(list), .. })) => {
            items_fit(list, wanted, keys::pattern_key, keys::pattern_key)
        }
        (PatternKind::List(wanted), Shape::Value(Expr { kind: ExprKind::List(list), .. })) => {
            items_fit(list, wanted, keys::value_key, keys::pattern_key)
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(unlike(shape, wanted)) }
}

/// A specializer or literal against a class or union with fields.
fn instance(
    shape: Shape<'_>,
    class: &Ident,
    wanted: &[(Ident, Pattern)],
    context: Context<'_>,
) -> Result<(), Reason> {
    let Some(name) = shape.class_name() else {
        return Err((format!("it is {} and not a `{}`", quoted(shape), class.text), None));
    };
    if names::is_union(&class.text) {
        return union(shape, name, &class.text, context);
    }
    if name != class.text {
        is_subclass(shape, name, &class.text, context)?;
    }
    let fits = match shape {
        Shape::Pattern(Pattern {
            kind: PatternKind::Instance(_, fields) | PatternKind::Dictionary(fields),
            ..
        }) => fields_fit(fields, wanted, keys::pattern_key, keys::pattern_key),
        Shape::Value(Expr { kind: ExprKind::Dictionary(entries), .. }) => {
            fields_fit(entries, wanted, keys::value_key, keys::pattern_key)
        }
        _ => wanted.is_empty(),
    };
    if fits {
        return Ok(());
    }
    let fields: Vec<_> =
        wanted.iter().map(|(key, field)| format!("{}: {}", key.text, format::print_pattern(field))).collect();
    Err((format!("its fields do not include `{}`", fields.join(", ")), None))
}

fn is_subclass(shape: Shape<'_>, name: &str, wanted: &str, context: Context<'_>) -> Result<(), Reason> {
    if names::is_union(name) {
        return Err((format!("`{name}` is wider than `{wanted}`"), Some(format!("write `: {wanted}`"))));
    }
    let Some(class) = context.schema.class(name) else {
        return Err((
            format!("`{name}` is not registered"),
            Some(format!("register the class `{name}` before loading the policy")),
        ));
    };
    let Some(ancestor) = context.schema.class(wanted) else {
        return Err((
            format!("the type's `{wanted}` is not registered"),
            Some(format!("register the class `{wanted}` before loading the policy")),
        ));
    };
    if context.schema.is_subclass(class, ancestor) {
        return Ok(());
    }
    Err(match shape {
        Shape::Value(_) => (format!("{} is not of class `{wanted}`", quoted(shape)), None),
        _ => (format!("`{name}` is not a subclass of `{wanted}`"), None),
    })
}

/// Whether a class is a member of a union, or a subclass of one.
fn union(shape: Shape<'_>, name: &str, wanted: &str, context: Context<'_>) -> Result<(), Reason> {
    if name == wanted {
        return Ok(());
    }
    if names::is_union(name) {
        let reason = format!("it is {} `{name}` and not {} `{wanted}`", article(name), article(wanted));
        return Err((reason, Some(format!("write `: {wanted}`"))));
    }
    let has_block = |class: &str| {
        context.blocks.get(class).is_some_and(|declared| declared.is_actor || wanted == "Resource")
    };
    let is_member = match context.schema.class(name) {
        Some(class) => lineage(class, context.schema).any(has_block),
        None => has_block(name),
    };
    if is_member {
        return Ok(());
    }
    let keyword = wanted.to_lowercase();
    let article = article(wanted);
    if matches!(shape, Shape::Value(_)) {
        return Err((format!("{} is not {article} `{wanted}`", quoted(shape)), None));
    }
    Err((
        format!("`{name}` is not {article} `{wanted}`"),
        Some(format!("add {article} {keyword} block to the policy: `{keyword} {name} {{}}`")),
    ))
}

/// A class's own name and those of its ancestors.
pub(super) fn lineage(class: ClassId, schema: &Schema) -> impl Iterator<Item = &str> {
    schema.lineage(class).iter().map(move |&ancestor| schema.class_name(ancestor))
}

fn unlike(shape: Shape<'_>, wanted: &Pattern) -> Reason {
    (format!("it is {} where the type has `{}`", quoted(shape), format::print_pattern(wanted)), None)
}

fn quoted(shape: Shape<'_>) -> String {
    match shape {
        Shape::Any => "a variable".to_owned(),
        _ => format!("`{}`", shape.text()),
    }
}

/// Equal literals; for lists and dictionaries, all elements and fields that the type has.
fn value_fits(value: &Expr, wanted: &Expr) -> bool {
    match (&value.kind, &wanted.kind) {
        (ExprKind::List(list), ExprKind::List(wanted)) => {
            items_fit(list, wanted, keys::value_key, keys::value_key)
        }
        (ExprKind::Dictionary(entries), ExprKind::Dictionary(wanted)) => {
            fields_fit(entries, wanted, keys::value_key, keys::value_key)
        }
        _ => keys::value_key(value) == keys::value_key(wanted),
    }
}

fn items_fit<T, U>(
    list: &List<T>,
    wanted: &List<U>,
    key: fn(&T) -> keys::Key,
    wanted_key: fn(&U) -> keys::Key,
) -> bool {
    let keys: FxHashSet<keys::Key> = list.items.iter().map(key).collect();
    wanted.items.iter().all(|item| keys.contains(&wanted_key(item)))
}

fn fields_fit<T, U>(
    fields: &[(Ident, T)],
    wanted: &[(Ident, U)],
    key: fn(&T) -> keys::Key,
    wanted_key: fn(&U) -> keys::Key,
) -> bool {
    let by_name: FxHashMap<&str, &T> = fields.iter().map(|(name, field)| (&*name.text, field)).collect();
    wanted
        .iter()
        .all(|(name, value)| by_name.get(&*name.text).is_some_and(|field| key(field) == wanted_key(value)))
}

/// The indefinite article of a built-in union.
fn article(union: &str) -> &'static str {
    if union == "Actor" { "an" } else { "a" }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
