//! Facts as text: `has_role(User{"ann"}, "admin", Org{"acme"});`.

use arctos_syntax::tree::{Expr, ExprKind, Head, Param, Pattern, PatternKind};
use arctos_syntax::{Diagnostic, SourceId, Sources, Span, codes, format};

use super::value::{Fact, MAX_ARGUMENTS, Value};
use crate::error::Error;

/// The built-in types of arguments: a value of them is written as itself.
const VALUES: [&str; 3] = ["Boolean", "Integer", "String"];

/// Reads facts in the notation of policies, one after the other; `#` begins a comment, `_: User` is a wildcard. `name` is the
/// file's, for messages.
///
/// ```
/// use arctos::facts;
/// let text = "has_role(User{\"ann\"}, \"admin\", Org{\"acme\"}); # since May\nis_public(_: Doc);";
/// let facts = facts::parse(Some("my.facts"), text)?;
/// assert_eq!(facts[1].to_string(), "is_public(_: Doc)");
/// # Ok::<(), arctos::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): [`Error::diagnostics`] has every mistake with its place.
pub fn parse(name: Option<&str>, text: &str) -> Result<Vec<Fact>, Error> {
    let mut sources = Sources::default();
    let (facts, found) = statements(sources.add(name, text), text);
    if found.iter().any(Diagnostic::is_error) {
        return Err(Error::invalid(found, sources));
    }
    Ok(facts.into_iter().map(|statement| statement.fact).collect())
}

/// A fact that a text states.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The fact.
    pub fact: Fact,
    /// Where it is stated.
    pub places: Places,
}

/// Where a text states a fact.
#[derive(Clone, Debug)]
pub struct Places {
    /// All of it.
    pub whole: Span,
    /// Its predicate.
    pub predicate: Span,
    /// Its arguments, as many as there are.
    pub arguments: Vec<Span>,
}

impl Places {
    /// The place of an argument; where none is known, that of the fact.
    pub fn argument(&self, at: usize) -> Span {
        self.arguments.get(at).copied().unwrap_or(self.whole)
    }
}

/// As [`parse`], for texts that are a part of something: what was understood, and everything that is wrong, in the order of the
/// text. `source` is that of the places.
pub fn statements(source: SourceId, text: &str) -> (Vec<Statement>, Vec<Diagnostic>) {
    let parsed = arctos_syntax::parse_facts(source, text);
    let mut found = parsed.diagnostics;
    let stated = parsed.tree.iter().filter_map(|head| {
        let fact = statement(head, &mut found)?;
        Some(Statement { fact, places: places(head) })
    });
    let stated = stated.collect();
    found.sort_by_key(|diagnostic| diagnostic.span.start);
    (stated, found)
}

/// Where a head states a fact.
pub(crate) fn places(head: &Head) -> Places {
    let arguments = head.params.iter().map(|param| param.span).collect();
    Places { whole: head.span, predicate: head.name.span, arguments }
}

/// The fact that a head states; all that is wrong with it is reported.
pub(crate) fn statement(head: &Head, found: &mut Vec<Diagnostic>) -> Option<Fact> {
    let count = head.params.len();
    if count == 0 || count > MAX_ARGUMENTS {
        found.push(argument_count(head));
        return None;
    }
    let arguments: Vec<Option<Value>> = head.params.iter().map(|param| argument(param, found)).collect();
    let arguments = arguments.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Fact { predicate: head.name.text.to_string(), arguments })
}

fn argument(param: &Param, found: &mut Vec<Diagnostic>) -> Option<Value> {
    match (&param.term.kind, &param.specializer) {
        (ExprKind::Variable(name), Some(Pattern { kind: PatternKind::Instance(class, fields), .. }))
            if name == "_" && fields.is_empty() =>
        {
            Some(Value::any(class.text.as_str()))
        }
        (_, Some(pattern)) => {
            found.push(not_an_argument(param.span, &format::print_pattern(pattern)));
            None
        }
        (_, None) => value(&param.term, found),
    }
}

/// The value that an expression is written as; what it is instead is reported.
pub(crate) fn value(term: &Expr, found: &mut Vec<Diagnostic>) -> Option<Value> {
    match &term.kind {
        ExprKind::String(text) => Some(Value::String(text.to_string())),
        ExprKind::Integer(value) => Some(Value::Integer(*value)),
        ExprKind::Boolean(value) => Some(Value::Boolean(*value)),
        ExprKind::Entity(class, id) if VALUES.contains(&&*class.text) => {
            let inner = value(id, found)?;
            let is_of = inner.as_ref().type_name() == class.text;
            if !is_of {
                found.push(not_an_argument(term.span, &format::print_expr(term)));
            }
            is_of.then_some(inner)
        }
        ExprKind::Entity(class, id) => match &id.kind {
            ExprKind::String(id) => Some(Value::entity(class.text.as_str(), id.as_str())),
            ExprKind::Error => None,
            _ => {
                found.push(not_an_argument(id.span, &format::print_expr(id)));
                None
            }
        },
        ExprKind::Error => None,
        _ => {
            found.push(not_an_argument(term.span, &format::print_expr(term)));
            None
        }
    }
}

/// P0801: more arguments than facts have, or none.
fn argument_count(head: &Head) -> Diagnostic {
    let count = head.params.len();
    let message = format!("a fact has one to {MAX_ARGUMENTS} arguments, and this one has {count}");
    Diagnostic::new(codes::FACT_ARITY, head.span, message).primary("not a fact")
}

/// P0803: something else than a value.
fn not_an_argument(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_FACT, span, format!("`{text}` is no argument of a fact"))
        .primary("not an argument")
        .help("facts are about entities, `User{\"ann\"}`, strings, integers, booleans, and `_: User` for any of a type")
}
