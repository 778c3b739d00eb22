//! Texts that tell whether two trees mean the same.
//!
//! A key is the printed form of a normal form: it knows nothing of spans, of parentheses, of the order of dictionary entries, of
//! how a number is written (`1` and `1.0` unify) and, for rules, of the names of variables: these are numbered as they come.

use arctos_syntax::format;
use arctos_syntax::tree::{Call, Expr, ExprKind, Ident, List, Member, Param, Pattern, PatternKind, Rule};
use rustc_hash::FxHashMap;

use super::names;
use crate::schema::Schema;

/// A text that two rules share if and only if they differ in nothing but layout and the names of variables.
pub(super) fn rule_key(rule: &Rule, schema: &Schema) -> String {
    let mut rule = rule.clone();
    let mut normal = Normal { numbered: Some(Numbered { schema, variables: FxHashMap::default() }) };
    for Param { term, specializer, .. } in &mut rule.head.params {
        normal.expr(term);
        specializer.iter_mut().for_each(|specializer| normal.pattern(specializer));
    }
    rule.body.iter_mut().for_each(|body| normal.expr(body));
    format::print_rule(&rule)
}

/// A text that equal values share; variables keep their names.
pub(super) fn value_key(value: &Expr) -> String {
    let mut value = value.clone();
    Normal { numbered: None }.expr(&mut value);
    format::print_expr(&value)
}

/// Like [`value_key`] for patterns; a literal has the same key as a value and as a pattern.
pub(super) fn pattern_key(pattern: &Pattern) -> String {
    let mut pattern = pattern.clone();
    Normal { numbered: None }.pattern(&mut pattern);
    format::print_pattern(&pattern)
}

struct Numbered<'a> {
    schema: &'a Schema,
    variables: FxHashMap<String, usize>,
}

/// Brings trees to normal form.
struct Normal<'a> {
    /// Present to number the variables.
    numbered: Option<Numbered<'a>>,
}

impl Normal<'_> {
    fn expr(&mut self, tree: &mut Expr) {
        match &mut tree.kind {
            // Within 2^53 a whole float is exactly the integer of that value.
            ExprKind::Float(value) if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 => {
                tree.kind = ExprKind::Integer(*value as i64);
            }
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::List(list) => self.list(list, Self::expr),
            ExprKind::Dictionary(entries) => self.entries(entries, Self::expr),
            ExprKind::Call(call) | ExprKind::New(call) => self.call(call),
            ExprKind::Dot(dot) => {
                self.expr(&mut dot.object);
                match &mut dot.member {
                    Member::Field(_) => {}
                    Member::Method(call) => self.call(call),
                    Member::Dynamic(key) => self.expr(key),
                }
            }
            ExprKind::Binary(binary) => {
                self.expr(&mut binary.left);
                self.expr(&mut binary.right);
            }
            ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Print(parts) | ExprKind::Debug(parts) => {
                parts.iter_mut().for_each(|part| self.expr(part));
            }
            ExprKind::Not(inner) | ExprKind::Entity(_, inner) => self.expr(inner),
            ExprKind::Matches(value, wanted) => {
                self.expr(value);
                self.pattern(wanted);
            }
            ExprKind::ForAll(condition, action) => {
                self.expr(condition);
                self.expr(action);
            }
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::Boolean(_)
            | ExprKind::Cut
            | ExprKind::RequestValue(_)
            | ExprKind::Error => {}
        }
    }

    fn pattern(&mut self, tree: &mut Pattern) {
        match &mut tree.kind {
            PatternKind::Instance(_, fields) | PatternKind::Dictionary(fields) => {
                self.entries(fields, Self::pattern);
            }
            PatternKind::List(list) => self.list(list, Self::pattern),
            PatternKind::Value(value) => self.expr(value),
        }
    }

    fn call(&mut self, call: &mut Call) {
        call.args.iter_mut().for_each(|argument| self.expr(argument));
        call.kwargs.iter_mut().for_each(|(_, argument)| self.expr(argument));
    }

    fn list<T>(&mut self, list: &mut List<T>, item: fn(&mut Self, &mut T)) {
        list.items.iter_mut().for_each(|part| item(self, part));
        if let Some(rest) = &mut list.rest {
            self.variable(&mut rest.text);
        }
    }

    fn entries<T>(&mut self, entries: &mut [(Ident, T)], item: fn(&mut Self, &mut T)) {
        entries.sort_by(|(a, _), (b, _)| a.text.cmp(&b.text));
        entries.iter_mut().for_each(|(_, value)| item(self, value));
    }

    fn variable(&mut self, name: &mut String) {
        let Some(Numbered { schema, variables }) = &mut self.numbered else { return };
        if names::is_fixed(name, schema) || name.contains("::") {
            return;
        }
        let next = variables.len();
        // Each `_` is a variable of its own.
        let known = if name == "_" { format!("_ {next}") } else { name.clone() };
        *name = format!("?{}", variables.entry(known).or_insert(next));
    }
}
