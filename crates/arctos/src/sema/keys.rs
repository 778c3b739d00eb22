//! Keys that tell whether two trees mean the same.
//!
//! A key is a normal form as bytes: it knows nothing of spans, of parentheses, of the order of dictionary entries, of how a
//! number is written (`1` and `1.0` unify) and, for rules, of the names of variables: these are numbered as they come.

use arctos_syntax::tree::{Call, Expr, ExprKind, Ident, List, Member, Pattern, PatternKind, Rule};
use rustc_hash::FxHashMap;

use super::names;
use crate::schema::Schema;

/// Bytes that equal trees share, and no others.
pub(super) type Key = Vec<u8>;

/// Makes keys of rules: two rules share one if and only if they differ in nothing but layout and the names of variables.
pub(super) struct RuleKeys<'t> {
    normal: Normal<'t>,
}

impl<'t> RuleKeys<'t> {
    pub(super) fn new(schema: &'t Schema) -> Self {
        let numbered = Numbered { schema, few: Vec::new(), many: FxHashMap::default() };
        RuleKeys { normal: Normal { out: Vec::new(), numbered: Some(numbered) } }
    }

    /// The key of a rule, until the next one is made.
    pub(super) fn key(&mut self, rule: &'t Rule) -> &[u8] {
        let normal = &mut self.normal;
        normal.out.clear();
        if let Some(numbered) = &mut normal.numbered {
            numbered.few.clear();
            numbered.many = FxHashMap::default();
        }
        normal.text(&rule.head.name.text);
        normal.count(rule.head.params.len());
        for param in &rule.head.params {
            normal.expr(&param.term);
            match &param.specializer {
                Some(specializer) => normal.pattern(specializer),
                None => normal.tag(b'.'),
            }
        }
        match &rule.body {
            Some(body) => normal.expr(body),
            None => normal.tag(b'.'),
        }
        &normal.out
    }
}

/// A key that equal values share; variables keep their names.
pub(super) fn value_key(value: &Expr) -> Key {
    let mut normal = Normal { out: Vec::new(), numbered: None };
    normal.expr(value);
    normal.out
}

/// Like [`value_key`] for patterns; a literal has the same key as a value and as a pattern.
pub(super) fn pattern_key(pattern: &Pattern) -> Key {
    let mut normal = Normal { out: Vec::new(), numbered: None };
    normal.pattern(pattern);
    normal.out
}

/// The integer that a float equals exactly, within 2^53.
pub(super) fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0).then_some(value as i64)
}

/// The variables of a rule so far. PERF: the usual few are found by looking at each.
struct Numbered<'t> {
    schema: &'t Schema,
    /// Each name with its number, and `None` for one that is no variable.
    few: Vec<(&'t str, Option<usize>)>,
    /// The same, once they are many.
    many: FxHashMap<&'t str, Option<usize>>,
}

/// As many variables as are found by looking at each.
const FEW: usize = 16;

impl<'t> Numbered<'t> {
    fn number(&mut self, name: &'t str) -> Option<usize> {
        let next = self.few.len();
        // Each `_` is a variable of its own.
        let known = match name {
            "_" => None,
            _ if next > FEW => self.many.get(name).copied(),
            _ => self.few.iter().find(|(other, _)| *other == name).map(|(_, number)| *number),
        };
        if let Some(known) = known {
            return known;
        }
        let is_fixed = names::is_fixed(name, self.schema) || name.contains("::");
        let number = (!is_fixed).then_some(next);
        self.few.push((name, number));
        match next {
            ..FEW => {}
            FEW => self.many.extend(self.few.iter().copied().filter(|(name, _)| *name != "_")),
            _ => _ = self.many.insert(name, number),
        }
        number
    }
}

/// Writes trees in normal form: a letter for the kind, then the parts, with their number where it may vary.
struct Normal<'t> {
    out: Key,
    /// Present to number the variables.
    numbered: Option<Numbered<'t>>,
}

impl<'t> Normal<'t> {
    fn tag(&mut self, tag: u8) {
        self.out.push(tag);
    }

    fn count(&mut self, count: usize) {
        self.out.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, tag: u8, bits: u64) {
        self.tag(tag);
        self.out.extend_from_slice(&bits.to_le_bytes());
    }

    fn expr(&mut self, tree: &'t Expr) {
        match &tree.kind {
            ExprKind::Integer(value) => self.number(b'i', value.cast_unsigned()),
            ExprKind::Float(value) if value.is_nan() => self.tag(b'n'),
            ExprKind::Float(value) => match whole(*value) {
                Some(whole) => self.number(b'i', whole.cast_unsigned()),
                None => self.number(b'f', value.to_bits()),
            },
            ExprKind::String(text) => self.tagged(b's', text),
            ExprKind::Boolean(value) => self.tag(if *value { b't' } else { b'u' }),
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::List(list) => self.list(list, Self::expr),
            ExprKind::Dictionary(entries) => self.entries(entries, Self::expr),
            ExprKind::Call(call) => self.call(b'c', call),
            ExprKind::New(call) => self.call(b'w', call),
            ExprKind::Dot(dot) => {
                match &dot.member {
                    Member::Field(name) => self.tagged(b'd', &name.text),
                    Member::Method(call) => self.call(b'm', call),
                    Member::Dynamic(key) => {
                        self.tag(b'y');
                        self.expr(key);
                    }
                }
                self.expr(&dot.object);
            }
            ExprKind::Binary(binary) => {
                self.tagged(b'b', binary.op.as_str());
                self.expr(&binary.left);
                self.expr(&binary.right);
            }
            ExprKind::And(parts) => self.parts(b'&', parts),
            ExprKind::Or(parts) => self.parts(b'|', parts),
            ExprKind::Print(parts) => self.parts(b'p', parts),
            ExprKind::Debug(parts) => self.parts(b'g', parts),
            ExprKind::Not(inner) => {
                self.tag(b'!');
                self.expr(inner);
            }
            ExprKind::Entity(class, inner) => {
                self.tagged(b'e', &class.text);
                self.expr(inner);
            }
            ExprKind::Matches(value, wanted) => {
                self.tag(b'~');
                self.expr(value);
                self.pattern(wanted);
            }
            ExprKind::ForAll(condition, action) => {
                self.tag(b'a');
                self.expr(condition);
                self.expr(action);
            }
            ExprKind::Cut => self.tag(b'x'),
            ExprKind::RequestValue(name) => self.tagged(b'@', name),
            ExprKind::Error => self.tag(b'?'),
        }
    }

    fn pattern(&mut self, tree: &'t Pattern) {
        match &tree.kind {
            PatternKind::Instance(class, fields) => {
                self.tagged(b'k', &class.text);
                self.entries(fields, Self::pattern);
            }
            PatternKind::Dictionary(fields) => self.entries(fields, Self::pattern),
            PatternKind::List(list) => self.list(list, Self::pattern),
            PatternKind::Value(value) => self.expr(value),
        }
    }

    fn tagged(&mut self, tag: u8, text: &str) {
        self.tag(tag);
        self.text(text);
    }

    fn parts(&mut self, tag: u8, parts: &'t [Expr]) {
        self.tag(tag);
        self.count(parts.len());
        parts.iter().for_each(|part| self.expr(part));
    }

    fn call(&mut self, tag: u8, call: &'t Call) {
        self.tagged(tag, &call.name.text);
        self.count(call.args.len());
        call.args.iter().for_each(|argument| self.expr(argument));
        // Keyword arguments keep their order: they are evaluated in it.
        self.count(call.kwargs.len());
        for (name, argument) in &call.kwargs {
            self.text(&name.text);
            self.expr(argument);
        }
    }

    fn list<T>(&mut self, list: &'t List<T>, item: fn(&mut Self, &'t T)) {
        self.tag(b'l');
        self.count(list.items.len());
        list.items.iter().for_each(|part| item(self, part));
        match &list.rest {
            Some(rest) => self.variable(&rest.text),
            None => self.tag(b'.'),
        }
    }

    fn entries<T>(&mut self, entries: &'t [(Ident, T)], item: fn(&mut Self, &'t T)) {
        self.tag(b'{');
        self.count(entries.len());
        let mut entries: Vec<&(Ident, T)> = entries.iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.text.cmp(&b.text));
        for (name, value) in entries {
            self.text(&name.text);
            item(self, value);
        }
    }

    fn variable(&mut self, name: &'t str) {
        match self.numbered.as_mut().and_then(|numbered| numbered.number(name)) {
            Some(number) => self.number(b'v', number as u64),
            None => self.tagged(b'_', name),
        }
    }
}
