//! Trees as text: for messages, and as keys that tell whether two trees mean the same.
//!
//! A key knows nothing of spans, of parentheses, of the order of dictionary entries, of how a number is written
//! (`1` and `1.0` unify) and of the names of variables: these are numbered as they come.

use std::fmt::Write;

use arctos_syntax::tree::{
    BinaryOp, Call, Expr, ExprKind, Head, Ident, List, Member, Pattern, PatternKind, Rule,
};
use rustc_hash::FxHashMap;

use super::names;
use crate::schema::Schema;

/// A head as it could have been written: `has_role(actor: Actor, role: String, resource: Resource)`.
pub(super) fn head(tree: &Head) -> String {
    let mut printer = Printer::default();
    printer.head(tree);
    printer.out
}

/// A pattern as it could have been written.
pub(super) fn pattern(tree: &Pattern) -> String {
    let mut printer = Printer::default();
    printer.pattern(tree);
    printer.out
}

/// An expression as it could have been written, with parentheses wherever an operator has operands.
pub(super) fn expr(tree: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(tree);
    printer.out
}

/// A text that two rules share if and only if they differ in nothing but layout and the names of variables.
pub(super) fn rule_key(rule: &Rule, schema: &Schema) -> String {
    let mut printer =
        Printer { key: Some(Key { schema, variables: FxHashMap::default() }), ..Printer::default() };
    printer.head(&rule.head);
    if let Some(body) = &rule.body {
        printer.out.push_str(" if ");
        printer.expr(body);
    }
    printer.out
}

/// A text that equal values share; variables keep their names.
pub(super) fn value_key(value: &Expr) -> String {
    let mut printer = Printer { exact_numbers: false, ..Printer::default() };
    printer.expr(value);
    printer.out
}

/// Like [`value_key`] for patterns; a literal has the same key as a value and as a pattern.
pub(super) fn pattern_key(tree: &Pattern) -> String {
    let mut printer = Printer { exact_numbers: false, ..Printer::default() };
    printer.pattern(tree);
    printer.out
}

struct Key<'a> {
    schema: &'a Schema,
    variables: FxHashMap<String, usize>,
}

struct Printer<'a> {
    out: String,
    /// False to write equal numbers equally.
    exact_numbers: bool,
    /// Present to number the variables.
    key: Option<Key<'a>>,
}

impl Default for Printer<'_> {
    fn default() -> Self {
        Printer { out: String::new(), exact_numbers: true, key: None }
    }
}

impl Printer<'_> {
    fn head(&mut self, tree: &Head) {
        self.out.push_str(&tree.name.text);
        self.out.push('(');
        for (index, param) in tree.params.iter().enumerate() {
            self.comma(index);
            self.expr(&param.term);
            if let Some(specializer) = &param.specializer {
                self.out.push_str(": ");
                self.pattern(specializer);
            }
        }
        self.out.push(')');
    }

    fn expr(&mut self, tree: &Expr) {
        match &tree.kind {
            ExprKind::Integer(value) => self.display(value),
            ExprKind::Float(value) => self.float(*value),
            ExprKind::String(text) => self.string(text),
            ExprKind::Boolean(value) => self.display(value),
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::List(items) => self.list(items, Self::expr),
            ExprKind::Dictionary(entries) => {
                self.entries(entries.iter().map(|(key, value)| (key, value)).collect(), Self::expr);
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::New(call) => {
                self.out.push_str("new ");
                self.call(call);
            }
            ExprKind::Dot(dot) => {
                self.operand(&dot.object);
                self.out.push('.');
                self.member(&dot.member);
            }
            ExprKind::Binary(binary) => {
                self.operand(&binary.left);
                let _ = write!(self.out, " {} ", symbol(binary.op));
                self.operand(&binary.right);
            }
            ExprKind::And(parts) => self.join(parts, " and "),
            ExprKind::Or(parts) => self.join(parts, " or "),
            ExprKind::Not(inner) => {
                self.out.push_str("not ");
                self.operand(inner);
            }
            ExprKind::Matches(value, wanted) => {
                self.operand(value);
                self.out.push_str(" matches ");
                self.pattern(wanted);
            }
            ExprKind::ForAll(condition, action) => self.applied("forall", &[condition, action]),
            ExprKind::Cut => self.out.push_str("cut"),
            ExprKind::Print(parts) => self.applied("print", &parts.iter().collect::<Vec<_>>()),
            ExprKind::Debug(parts) => self.applied("debug", &parts.iter().collect::<Vec<_>>()),
            ExprKind::Entity(class, id) => {
                let _ = write!(self.out, "{}{{", class.text);
                self.expr(id);
                self.out.push('}');
            }
            ExprKind::RequestValue(name) => {
                let _ = write!(self.out, "@{name}");
            }
            ExprKind::Error => self.out.push('…'),
        }
    }

    fn pattern(&mut self, tree: &Pattern) {
        match &tree.kind {
            PatternKind::Instance(class, fields) => {
                self.out.push_str(&class.text);
                if !fields.is_empty() {
                    self.entries(fields.iter().map(|(key, value)| (key, value)).collect(), Self::pattern);
                }
            }
            PatternKind::Dictionary(fields) => {
                self.entries(fields.iter().map(|(key, value)| (key, value)).collect(), Self::pattern);
            }
            PatternKind::List(items) => self.list(items, Self::pattern),
            PatternKind::Value(value) => self.expr(value),
        }
    }

    fn member(&mut self, member: &Member) {
        match member {
            Member::Field(name) => self.out.push_str(&name.text),
            Member::Method(call) => self.call(call),
            Member::Dynamic(name) => {
                self.out.push('(');
                self.expr(name);
                self.out.push(')');
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.out.push_str(&call.name.text);
        self.out.push('(');
        for (index, argument) in call.args.iter().enumerate() {
            self.comma(index);
            self.expr(argument);
        }
        for (index, (key, value)) in call.kwargs.iter().enumerate() {
            self.comma(call.args.len() + index);
            let _ = write!(self.out, "{}: ", key.text);
            self.expr(value);
        }
        self.out.push(')');
    }

    fn applied(&mut self, name: &str, parts: &[&Expr]) {
        let _ = write!(self.out, "{name}(");
        for (index, part) in parts.iter().enumerate() {
            self.comma(index);
            self.expr(part);
        }
        self.out.push(')');
    }

    fn list<T>(&mut self, list: &List<T>, item: fn(&mut Self, &T)) {
        self.out.push('[');
        for (index, part) in list.items.iter().enumerate() {
            self.comma(index);
            item(self, part);
        }
        if let Some(rest) = &list.rest {
            self.comma(list.items.len());
            self.out.push('*');
            self.variable(&rest.text);
        }
        self.out.push(']');
    }

    fn entries<T>(&mut self, mut entries: Vec<(&Ident, &T)>, item: fn(&mut Self, &T)) {
        entries.sort_by_key(|(key, _)| &*key.text);
        self.out.push('{');
        for (index, (key, value)) in entries.into_iter().enumerate() {
            self.comma(index);
            let _ = write!(self.out, "{}: ", key.text);
            item(self, value);
        }
        self.out.push('}');
    }

    fn join(&mut self, parts: &[Expr], word: &str) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push_str(word);
            }
            self.operand(part);
        }
    }

    fn operand(&mut self, tree: &Expr) {
        let is_compound = matches!(
            tree.kind,
            ExprKind::Binary(_)
                | ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Not(_)
                | ExprKind::Matches(..)
                | ExprKind::New(_)
        );
        if is_compound {
            self.out.push('(');
            self.expr(tree);
            self.out.push(')');
        } else {
            self.expr(tree);
        }
    }

    fn variable(&mut self, name: &str) {
        let Some(key) = &mut self.key else { return self.out.push_str(name) };
        if names::is_fixed(name, key.schema) || name.contains("::") {
            return self.out.push_str(name);
        }
        let next = key.variables.len();
        // Each `_` is a variable of its own.
        let number = match name {
            "_" => *key.variables.entry(format!("_ {next}")).or_insert(next),
            _ => *key.variables.entry(name.to_owned()).or_insert(next),
        };
        let _ = write!(self.out, "?{number}");
    }

    fn float(&mut self, value: f64) {
        let is_keyed = self.key.is_some() || !self.exact_numbers;
        // Within 2^53 a whole float is exactly the integer it prints as.
        if is_keyed && value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
            let _ = write!(self.out, "{}", value as i64);
        } else {
            let _ = write!(self.out, "{value:?}");
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\0' => self.out.push_str("\\0"),
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn display(&mut self, value: &dyn std::fmt::Display) {
        let _ = write!(self.out, "{value}");
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push_str(", ");
        }
    }
}

/// How an operator is written.
pub(super) fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Unify => "=",
        BinaryOp::Assign => ":=",
        BinaryOp::Eq => "==",
        BinaryOp::Neq => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Leq => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Geq => ">=",
        BinaryOp::In => "in",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Mod => "mod",
        BinaryOp::Rem => "rem",
    }
}
