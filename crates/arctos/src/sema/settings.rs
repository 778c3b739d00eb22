//! What a test sets of the request: `@current_unix_time = 1000;`, `@context = {network: "office"};`.

use arctos_syntax::tree::{Expr, ExprKind, Ident, Setting};
use arctos_syntax::{Diagnostic, format};

use super::assertions::malformed;
use crate::authorizer::RequestValue;
use crate::testing::Given;

/// Adds a line to what is set; what cannot be set is reported.
pub(super) fn set(given: &mut Given, setting: &Setting, found: &mut Vec<Diagnostic>) {
    match (&*setting.name.text, &setting.value.kind) {
        (_, ExprKind::Error) => {}
        ("current_unix_time", ExprKind::Integer(seconds)) => given.unix_time = Some(*seconds),
        ("current_unix_time", _) => found.push(not_a_time(&setting.value)),
        ("context", ExprKind::Dictionary(entries)) => given.context.extend(record(entries, found)),
        ("action", ExprKind::Dictionary(entries)) => given.action.extend(record(entries, found)),
        (name @ ("context" | "action"), _) => found.push(not_a_record(name, &setting.value)),
        _ => found.push(cannot_be_set(&setting.name)),
    }
}

fn record(entries: &[(Ident, Expr)], found: &mut Vec<Diagnostic>) -> Vec<(String, RequestValue)> {
    let entries =
        entries.iter().filter_map(|(name, term)| Some((name.text.to_string(), value(term, found)?)));
    entries.collect()
}

/// The value that an expression is written as; what it is instead is reported.
fn value(term: &Expr, found: &mut Vec<Diagnostic>) -> Option<RequestValue> {
    Some(match &term.kind {
        ExprKind::Integer(value) => RequestValue::Integer(*value),
        ExprKind::Float(value) => RequestValue::Float(*value),
        ExprKind::Boolean(value) => RequestValue::Boolean(*value),
        ExprKind::String(text) => RequestValue::from(text.as_str()),
        ExprKind::Variable(name) if name == "nil" => RequestValue::Nil,
        ExprKind::Entity(class, id) if matches!(id.kind, ExprKind::String(_)) => match &id.kind {
            ExprKind::String(id) => RequestValue::entity(class.text.as_str(), id.as_str()),
            _ => return None,
        },
        ExprKind::List(list) if list.rest.is_none() => {
            RequestValue::List(list.items.iter().filter_map(|item| value(item, found)).collect())
        }
        ExprKind::Dictionary(entries) => RequestValue::Record(record(entries, found)),
        ExprKind::Error => return None,
        _ => {
            found.push(not_a_value(term));
            return None;
        }
    })
}

/// P0810: a time that is no integer.
fn not_a_time(value: &Expr) -> Diagnostic {
    malformed(value.span, "`@current_unix_time` is an integer: seconds since 1970")
        .primary("not an integer")
        .help("write `@current_unix_time = 1700000000;`, say")
}

/// P0810: a context or an action that is no dictionary.
fn not_a_record(name: &str, value: &Expr) -> Diagnostic {
    malformed(value.span, format!("`@{name}` has values by name"))
        .primary("no names")
        .help(format!("write `@{name} = {{name: \"value\"}};`"))
}

/// P0810: something else than a value.
fn not_a_value(term: &Expr) -> Diagnostic {
    malformed(term.span, format!("`{}` is no value that a request can give", format::print_expr(term)))
        .primary("not a value")
}

/// P0810: a value of the request that a test cannot set.
fn cannot_be_set(name: &Ident) -> Diagnostic {
    malformed(name.span, format!("a test cannot set `@{}`", name.text))
        .primary("cannot be set")
        .help("what can be set is `@current_unix_time`, `@context` and `@action`")
}
