//! Values as the user reads them: in Polar's own notation, and as JSON.
//!
//! Strings are escaped, so that what is printed can be typed again and cannot steer the terminal. Values may be cyclic
//! (`x = [x]`), so that depth and size are limited; what is left out is shown as `…`.

use std::collections::HashMap;

use arctos::facts::ValueRef;
use arctos::{Bound, Expression, Heap, Operand, Term, Variable, View};
use arctos_syntax::format::{print_float, quote};
use serde_json::{Map, Value};

use crate::host::Object;

const DEPTH: usize = 64;
const NODES: usize = 20_000;
/// Variables that are told apart.
const NAMELESS: usize = 100;

/// Text in quotes, as Polar reads it; other control characters, which Polar has no escape for, as `\u{1b}`.
pub fn string(text: &str) -> String {
    let mut shown = String::new();
    for c in quote(text).chars() {
        if c.is_control() {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A key of a dictionary: bare where it is a name.
fn key(text: &str) -> String {
    let starts = text.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    let is_name = starts && text.chars().all(|c| c == '_' || c.is_alphanumeric());
    if is_name { text.to_owned() } else { string(text) }
}

/// One value, with unbound variables as `_`.
pub fn term(heap: &Heap<Object>, term: Term) -> String {
    let mut shower = Shower::new(heap, Names::default());
    shower.term(term, 0);
    shower.out
}

/// An answer: `x = 1, y = "a"`, or a condition where a variable is not bound to a value; empty without variables.
/// `question` tells which of its variables an unbound one is.
pub fn answer<'q>(
    heap: &Heap<Object>,
    bindings: &[(&str, &Bound)],
    question: impl Fn(Variable) -> Option<&'q str>,
) -> String {
    let mut names = Names::of(heap, bindings);
    // The first writing finds the variables without a name; those that occur several times need one.
    let (first, nameless) = write_answer(heap, bindings, Names::of(heap, bindings));
    let mut made = 0;
    for (variable, count) in nameless {
        if let Some(name) = question(variable) {
            names.all.insert(variable, name.to_owned());
        } else if count > 1 {
            made += 1;
            names.all.insert(variable, format!("_{made}"));
        }
    }
    if names.all.is_empty() { first } else { write_answer(heap, bindings, names).0 }
}

/// The answer, and how often each variable without a name occurs in it.
fn write_answer(
    heap: &Heap<Object>,
    bindings: &[(&str, &Bound)],
    names: Names,
) -> (String, Vec<(Variable, usize)>) {
    let mut shower = Shower::new(heap, names);
    for (index, (name, bound)) in bindings.iter().enumerate() {
        if index > 0 {
            shower.out.push_str(", ");
        }
        shower.this = (*name).to_owned();
        match bound {
            Bound::Term(value) => {
                shower.out.push_str(name);
                shower.out.push_str(" = ");
                match heap.view(*value) {
                    View::Variable(variable) if shower.names.own(variable) == Some(*name) => {
                        shower.out.push('_')
                    }
                    _ => shower.term(*value, 0),
                }
            }
            Bound::Condition(condition) => shower.expression(condition, false, 0),
        }
    }
    (shower.out, shower.nameless)
}

/// The names of unbound variables in one answer.
#[derive(Default)]
struct Names {
    all: HashMap<Variable, String>,
}

impl Names {
    /// Variables of the question that are unbound lend their names to other places.
    fn of(heap: &Heap<Object>, bindings: &[(&str, &Bound)]) -> Names {
        let mut names = Names::default();
        for (name, bound) in bindings {
            if let Bound::Term(value) = bound
                && let View::Variable(variable) = heap.view(*value)
            {
                names.all.entry(variable).or_insert_with(|| (*name).to_owned());
            }
        }
        names
    }

    fn own(&self, variable: Variable) -> Option<&str> {
        self.all.get(&variable).map(|name| &**name)
    }
}

struct Shower<'h> {
    heap: &'h Heap<Object>,
    names: Names,
    /// The variable that a condition is about.
    this: String,
    nodes: usize,
    nameless: Vec<(Variable, usize)>,
    out: String,
}

impl<'h> Shower<'h> {
    fn new(heap: &'h Heap<Object>, names: Names) -> Self {
        Shower { heap, names, this: "_".to_owned(), nodes: 0, nameless: Vec::new(), out: String::new() }
    }

    /// Counts a node; false where there have been enough.
    fn goes_on(&mut self, depth: usize) -> bool {
        self.nodes += 1;
        let goes_on = depth < DEPTH && self.nodes < NODES;
        if !goes_on {
            self.out.push('…');
        }
        goes_on
    }

    fn term(&mut self, term: Term, depth: usize) {
        if !self.goes_on(depth) {
            return;
        }
        let heap = self.heap;
        match heap.view(term) {
            View::Nil => self.out.push_str("nil"),
            View::Boolean(value) => self.out.push_str(if value { "true" } else { "false" }),
            View::Integer(value) => self.out.push_str(&value.to_string()),
            View::Float(value) => self.out.push_str(&print_float(value)),
            View::String(text) => self.out.push_str(&string(text)),
            View::List(items) => {
                self.out.push('[');
                self.separated(items.iter(), |shower, item| shower.term(item, depth + 1));
                if let Some(rest) = items.rest() {
                    self.out.push_str(if items.is_empty() { "*" } else { ", *" });
                    self.variable(rest);
                }
                self.out.push(']');
            }
            View::Dictionary(entries) => {
                self.out.push('{');
                self.entries(entries.iter(), depth);
                self.out.push('}');
            }
            View::Object(Object::Class(class)) => self.out.push_str(&class.name),
            View::Object(Object::Record(record)) => {
                self.out.push_str(&format!("new {}(", record.class_name));
                self.entries(record.fields.iter().map(|(name, value)| (&**name, *value)), depth);
                self.out.push(')');
            }
            View::Entity { type_name, id } => self.out.push_str(&ValueRef::entity(type_name, id).to_string()),
            View::Variable(variable) => self.variable(variable),
        }
    }

    fn variable(&mut self, variable: Variable) {
        match self.names.own(variable) {
            Some(name) => self.out.push_str(name),
            None => {
                self.out.push('_');
                let has_room = self.nameless.len() < NAMELESS;
                match self.nameless.iter_mut().find(|(known, _)| *known == variable) {
                    Some((_, count)) => *count += 1,
                    None if has_room => self.nameless.push((variable, 1)),
                    None => {}
                }
            }
        }
    }

    fn entries<'k>(&mut self, entries: impl Iterator<Item = (&'k str, Term)>, depth: usize) {
        self.separated(entries, |shower, (name, value)| {
            shower.out.push_str(&format!("{}: ", key(name)));
            shower.term(value, depth + 1);
        });
    }

    /// Stops early once enough has been shown, so that a cyclic value does not take for ever.
    fn separated<T>(&mut self, items: impl Iterator<Item = T>, mut show: impl FnMut(&mut Self, T)) {
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            if self.nodes > NODES {
                self.out.push('…');
                return;
            }
            show(self, item);
        }
    }

    fn expression(&mut self, expression: &Expression, in_brackets: bool, depth: usize) {
        if !self.goes_on(depth) {
            return;
        }
        if in_brackets {
            self.out.push('(');
        }
        match (infix(expression.op), expression.args.as_slice()) {
            (_, [object, name]) if expression.op == "Dot" => {
                self.operand(object, depth + 1);
                self.lookup(name, depth + 1);
            }
            (_, [inner]) if expression.op == "Not" => {
                self.out.push_str("not ");
                self.operand(inner, depth + 1);
            }
            (Some(operator), operands) => {
                for (index, operand) in operands.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(operator);
                    }
                    self.conjunct(expression.op, operand, depth + 1);
                }
            }
            (None, operands) => {
                self.out.push_str(&expression.op.to_lowercase());
                self.out.push('(');
                for (index, operand) in operands.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.operand(operand, depth + 1);
                }
                self.out.push(')');
            }
        }
        if in_brackets {
            self.out.push(')');
        }
    }

    /// `a > 1 and b = 2` needs no brackets; anything else inside an operator gets them.
    fn conjunct(&mut self, outer: &str, operand: &Operand, depth: usize) {
        match operand {
            Operand::Expression(inner) if outer == "And" && !matches!(inner.op, "And" | "Or") => {
                self.expression(inner, false, depth);
            }
            _ => self.operand(operand, depth),
        }
    }

    fn operand(&mut self, operand: &Operand, depth: usize) {
        match operand {
            Operand::Term(value) => self.term(*value, depth),
            Operand::This => {
                let this = self.this.clone();
                self.out.push_str(&this);
            }
            Operand::Expression(inner) => self.expression(inner, inner.op != "Dot", depth),
            Operand::Pattern { class, fields } => {
                self.out.push_str(class.as_deref().unwrap_or(""));
                if class.is_none() || !fields.is_empty() {
                    self.out.push('{');
                    self.separated(fields.iter(), |shower, (name, value)| {
                        shower.out.push_str(&format!("{}: ", key(name)));
                        shower.operand(value, depth + 1);
                    });
                    self.out.push('}');
                }
            }
        }
    }

    fn lookup(&mut self, name: &Operand, depth: usize) {
        self.out.push('.');
        if let Operand::Term(value) = name
            && let View::String(text) = self.heap.view(*value)
            && key(text) == text
        {
            self.out.push_str(text);
            return;
        }
        self.out.push('(');
        self.operand(name, depth);
        self.out.push(')');
    }
}

fn infix(op: &str) -> Option<&'static str> {
    Some(match op {
        "And" => " and ",
        "Or" => " or ",
        "Unify" => " = ",
        "Eq" => " == ",
        "Neq" => " != ",
        "Lt" => " < ",
        "Leq" => " <= ",
        "Gt" => " > ",
        "Geq" => " >= ",
        "In" => " in ",
        "Isa" => " matches ",
        "Add" => " + ",
        "Sub" => " - ",
        "Mul" => " * ",
        "Div" => " / ",
        "Mod" => " mod ",
        "Rem" => " rem ",
        _ => return None,
    })
}

/// An answer as a JSON object from variable to value. Records have `$class` beside their attributes; an unbound variable
/// is `{"$variable": name}`, a condition `{"$condition": text}`; floats that JSON lacks are strings.
pub fn answer_json(heap: &Heap<Object>, bindings: &[(&str, &Bound)]) -> Value {
    let names = Names::of(heap, bindings);
    let mut nodes = 0;
    let entries = bindings.iter().map(|(name, bound)| {
        let value = match bound {
            Bound::Term(value) => json(heap, *value, &names, 0, &mut nodes),
            Bound::Condition(_) => {
                tagged("$condition", write_answer(heap, &[(name, bound)], Names::default()).0)
            }
        };
        ((*name).to_owned(), value)
    });
    Value::Object(entries.collect())
}

fn tagged(tag: &str, text: String) -> Value {
    Value::Object(Map::from_iter([(tag.to_owned(), Value::String(text))]))
}

fn json(heap: &Heap<Object>, term: Term, names: &Names, depth: usize, nodes: &mut usize) -> Value {
    *nodes += 1;
    if depth >= DEPTH || *nodes > NODES {
        return tagged("$left_out", "…".to_owned());
    }
    match heap.view(term) {
        View::Nil => Value::Null,
        View::Boolean(value) => Value::Bool(value),
        View::Integer(value) => value.into(),
        View::Float(value) => serde_json::Number::from_f64(value)
            .map_or_else(|| Value::String(print_float(value)), Value::Number),
        View::String(text) => Value::String(text.to_owned()),
        View::List(items) => {
            let mut values = Vec::new();
            for item in items.iter().take(NODES) {
                values.push(json(heap, item, names, depth + 1, nodes));
            }
            if let Some(rest) = items.rest() {
                values.push(tagged("$rest", names.own(rest).unwrap_or("_").to_owned()));
            }
            Value::Array(values)
        }
        View::Dictionary(entries) => {
            let mut map = Map::new();
            for (name, value) in entries.iter().take(NODES) {
                map.insert(name.to_owned(), json(heap, value, names, depth + 1, nodes));
            }
            Value::Object(map)
        }
        View::Object(Object::Class(class)) => tagged("$type", class.name.to_string()),
        View::Object(Object::Record(record)) => {
            let mut map =
                Map::from_iter([("$class".to_owned(), Value::String(record.class_name.to_string()))]);
            for (name, value) in &record.fields {
                map.insert(name.to_string(), json(heap, *value, names, depth + 1, nodes));
            }
            Value::Object(map)
        }
        View::Entity { type_name, id } => serde_json::json!({ "type": type_name, "id": id }),
        View::Variable(variable) => tagged("$variable", names.own(variable).unwrap_or("_").to_owned()),
    }
}

#[cfg(test)]
mod tests;
