//! Seeded random trees and texts for the property tests.
//!
//! INVARIANT: every generated tree is one the parser could have made: operands fit the roles of their operators, and
//! `and` never stands directly in `and`.

use arctos_syntax::tree::*;
use arctos_syntax::{SourceId, Span};

/// SplitMix64: small, seeded, good enough for shapes.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, items: &[T; N]) -> T {
        items[self.below(N as u64) as usize]
    }

    fn few<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

const SPAN: Span = Span::new(SourceId(0), 0, 0);

fn at(kind: ExprKind) -> Expr {
    Expr { kind, span: SPAN }
}

fn ident(text: &str) -> Ident {
    Ident { text: text.into(), span: SPAN }
}

const NAMES: [&str; 14] =
    ["x", "y", "foo", "test", "declare", "global", "on", "type", "iff", "é", "a::b", "x?", "_", "Repo"];
const LABELS: [&str; 8] = ["name", "in", "new", "not", "type", "cut", "matches", "k"];
const TYPES: [&str; 4] = ["User", "Repo", "ns::Org", "String"];
const STRINGS: [&str; 6] = ["", "read", "a\"b\\c", "line\nbreak\t\r\0", "💯", "x if y;"];

impl Random {
    fn name(&mut self) -> Ident {
        ident(self.pick(&NAMES))
    }

    fn string_lit(&mut self) -> StringLit {
        StringLit { text: self.pick(&STRINGS).into(), span: SPAN }
    }

    fn variable(&mut self) -> Expr {
        at(ExprKind::Variable(self.pick(&NAMES).into()))
    }

    fn literal(&mut self) -> Expr {
        at(match self.below(5) {
            0 => ExprKind::Integer(self.pick(&[0, 7, -1, i64::MIN, i64::MAX])),
            1 => ExprKind::Float(self.pick(&[0.0, 1.5, -2.25, 1e300, 1e-7, f64::INFINITY, -3.0])),
            2 => ExprKind::Boolean(self.below(2) == 0),
            _ => ExprKind::String(self.pick(&STRINGS).into()),
        })
    }

    fn distinct<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<(Ident, T)> {
        let mut fields: Vec<(Ident, T)> = Vec::new();
        for _ in 0..self.below(3) {
            let key = ident(self.pick(&LABELS));
            if fields.iter().all(|(other, _)| other.text != key.text) {
                let value = make(self);
                fields.push((key, value));
            }
        }
        fields
    }

    fn list<T>(&mut self, make: impl FnMut(&mut Self) -> T) -> List<T> {
        List { items: self.few(3, make), rest: (self.below(4) == 0).then(|| self.name()) }
    }

    fn call(&mut self, depth: u32, keywords: bool) -> Call {
        let args = self.few(3, |random| random.value(depth));
        let kwargs = if keywords { self.distinct(|random| random.value(depth)) } else { Vec::new() };
        Call { name: self.name(), args, kwargs }
    }

    /// A form that may stand where a value is needed.
    pub(crate) fn value(&mut self, depth: u32) -> Expr {
        if depth == 0 {
            return if self.below(2) == 0 { self.variable() } else { self.literal() };
        }
        let depth = depth - 1;
        at(match self.below(10) {
            0 => ExprKind::List(Box::new(self.list(|random| random.value(depth)))),
            1 => ExprKind::Dictionary(self.distinct(|random| random.value(depth))),
            2 => ExprKind::New(Box::new(Call { name: ident(self.pick(&TYPES)), ..self.call(depth, true) })),
            3 | 4 => self.dot(depth),
            5 | 6 => {
                let op = self.pick(&[
                    BinaryOp::Add,
                    BinaryOp::Sub,
                    BinaryOp::Mul,
                    BinaryOp::Div,
                    BinaryOp::Mod,
                    BinaryOp::Rem,
                ]);
                self.binary(op, depth)
            }
            7 => {
                let id = at(match self.below(3) {
                    0 => ExprKind::Integer(-4),
                    1 => ExprKind::Boolean(true),
                    _ => ExprKind::String(self.pick(&STRINGS).into()),
                });
                ExprKind::Entity(Box::new(ident(self.pick(&TYPES))), Box::new(id))
            }
            8 => ExprKind::RequestValue(self.pick(&["current_unix_time", "context", "action"]).into()),
            _ => return self.value(0),
        })
    }

    fn dot(&mut self, depth: u32) -> ExprKind {
        let member = match self.below(4) {
            0 => Member::Method(Box::new(Call { name: ident(self.pick(&LABELS)), ..self.call(depth, true) })),
            1 => Member::Dynamic(self.variable()),
            2 => Member::Dynamic(at(ExprKind::String("k k".into()))),
            _ => Member::Field(ident(self.pick(&LABELS))),
        };
        ExprKind::Dot(Box::new(Dot { object: self.value(depth), member }))
    }

    fn binary(&mut self, op: BinaryOp, depth: u32) -> ExprKind {
        let left = match op {
            BinaryOp::Assign => self.variable(),
            _ => self.value(depth),
        };
        ExprKind::Binary(Box::new(Binary { op, op_span: SPAN, left, right: self.value(depth) }))
    }

    fn parts(&mut self, depth: u32, same: fn(&Expr) -> bool) -> Vec<Expr> {
        let mut parts = Vec::new();
        while parts.len() < 2 || self.below(3) == 0 {
            let part = self.condition(depth);
            if !same(&part) {
                parts.push(part);
            }
        }
        parts
    }

    /// A form that may stand where a condition is needed.
    pub(crate) fn condition(&mut self, depth: u32) -> Expr {
        if depth == 0 {
            return match self.below(3) {
                0 => at(ExprKind::Cut),
                1 => at(ExprKind::Boolean(true)),
                _ => self.variable(),
            };
        }
        let depth = depth - 1;
        at(match self.below(12) {
            0 | 1 => ExprKind::And(self.parts(depth, |part| matches!(part.kind, ExprKind::And(_)))),
            2 | 3 => ExprKind::Or(self.parts(depth, |part| matches!(part.kind, ExprKind::Or(_)))),
            4 => ExprKind::Not(Box::new(self.condition(depth))),
            5 => ExprKind::Matches(Box::new(self.value(depth)), Box::new(self.pattern(depth, true))),
            6 => ExprKind::ForAll(Box::new(self.condition(depth)), Box::new(self.condition(depth))),
            7 => ExprKind::Print(self.few(2, |random| random.value(depth))),
            8 => ExprKind::Debug(self.few(2, |random| random.value(depth))),
            9 => ExprKind::Call(Box::new(self.call(depth, false))),
            _ => {
                let op = self.pick(&[
                    BinaryOp::Unify,
                    BinaryOp::Assign,
                    BinaryOp::Eq,
                    BinaryOp::Neq,
                    BinaryOp::Lt,
                    BinaryOp::Leq,
                    BinaryOp::Gt,
                    BinaryOp::Geq,
                    BinaryOp::In,
                ]);
                self.binary(op, depth)
            }
        })
    }

    pub(crate) fn pattern(&mut self, depth: u32, top: bool) -> Pattern {
        let kind = match self.below(if depth == 0 { 2 } else { 5 }) {
            0 => PatternKind::Value(self.literal()),
            1 => match top {
                true => PatternKind::Instance(ident(self.pick(&TYPES)), Vec::new()),
                false => PatternKind::Value(match self.below(2) {
                    0 => self.variable(),
                    _ => at(ExprKind::Dot(Box::new(Dot {
                        object: self.variable(),
                        member: Member::Field(ident("k")),
                    }))),
                }),
            },
            2 => {
                let fields = self.distinct(|random| random.pattern(depth - 1, false));
                PatternKind::Instance(ident(self.pick(&TYPES)), fields)
            }
            3 => PatternKind::Dictionary(self.distinct(|random| random.pattern(depth - 1, false))),
            _ => PatternKind::List(Box::new(self.list(|random| random.pattern(depth - 1, false)))),
        };
        Pattern { kind, span: SPAN }
    }

    fn head(&mut self) -> Head {
        let params = self.few(3, |random| {
            let specializer = (random.below(2) == 0).then(|| random.pattern(2, true));
            let term = if specializer.is_some() { random.variable() } else { random.value(2) };
            Param { term, specializer, span: SPAN }
        });
        Head { name: self.name(), params, span: SPAN }
    }

    fn term(&mut self) -> ShorthandTerm {
        match self.below(4) {
            0 => ShorthandTerm::Word(ident(self.pick(&["role", "permission", "resource"]))),
            _ => ShorthandTerm::Name(self.string_lit()),
        }
    }

    fn shorthand(&mut self, depth: u32) -> ShorthandExpr {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => ShorthandExpr::Holds(self.term(), Some(self.term())),
            1 => ShorthandExpr::Global(ShorthandTerm::Name(self.string_lit()), SPAN),
            2 => ShorthandExpr::Call(at(ExprKind::Call(Box::new(self.call(1, false))))),
            3 => ShorthandExpr::Holds(self.term(), None),
            4 => {
                ShorthandExpr::And(self.shorthand_parts(depth, |part| matches!(part, ShorthandExpr::And(_))))
            }
            _ => ShorthandExpr::Or(self.shorthand_parts(depth, |part| matches!(part, ShorthandExpr::Or(_)))),
        }
    }

    fn shorthand_parts(&mut self, depth: u32, same: fn(&ShorthandExpr) -> bool) -> Vec<ShorthandExpr> {
        let mut parts = Vec::new();
        while parts.len() < 2 {
            let part = self.shorthand(depth - 1);
            if !same(&part) {
                parts.push(part);
            }
        }
        parts
    }

    fn block(&mut self) -> Block {
        let kind = self.pick(&[BlockKind::Actor, BlockKind::Resource, BlockKind::Global]);
        let (name, extends) = match kind {
            BlockKind::Global => (ident("global"), Vec::new()),
            _ => (ident(self.pick(&TYPES)), self.few(2, |random| ident(random.pick(&TYPES)))),
        };
        let body = self.few(4, |random| match random.below(4) {
            0 => BlockItem::Roles(random.few(3, Self::string_lit), SPAN),
            1 => BlockItem::Permissions(random.few(3, Self::string_lit), SPAN),
            2 => BlockItem::Relations(random.distinct(|random| ident(random.pick(&TYPES))), SPAN),
            _ => {
                BlockItem::Shorthand(Shorthand { head: random.term(), body: random.shorthand(2), span: SPAN })
            }
        });
        Block { kind, name, extends, body, span: SPAN }
    }

    fn item(&mut self) -> Item {
        match self.below(9) {
            0 => Item::RuleType(self.head()),
            1 => Item::InlineQuery(InlineQuery { query: self.condition(3), span: SPAN }),
            2 | 3 => Item::Block(self.block()),
            4 => {
                let types = self.few(3, |random| ident(random.pick(&TYPES)));
                Item::Declare(Declare { name: self.name(), types, span: SPAN })
            }
            5 => Item::Fixture(Fixture { name: self.name(), facts: self.few(3, Self::head), span: SPAN }),
            6 => {
                let setup = self.few(3, |random| match random.below(3) {
                    0 => SetupItem::Fact(random.head()),
                    1 => SetupItem::Value(random.setting()),
                    _ => SetupItem::Fixture(random.name()),
                });
                let assertions = self.few(3, |random| Assertion {
                    positive: random.below(2) == 0,
                    query: random.head(),
                    iff: (random.below(3) == 0).then(|| random.condition(2)),
                    span: SPAN,
                });
                Item::Test(Test { name: self.string_lit(), setup, assertions, span: SPAN })
            }
            _ => {
                let body = (self.below(4) > 0).then(|| self.condition(4));
                Item::Rule(Rule { head: self.head(), body, span: SPAN })
            }
        }
    }

    fn setting(&mut self) -> Setting {
        let name = ident(self.pick(&["current_unix_time", "context", "action"]));
        Setting { name, value: self.value(2), span: SPAN }
    }

    pub(crate) fn file(&mut self) -> File {
        File { items: self.few(6, Self::item) }
    }

    /// Tokens in no order that makes sense.
    pub(crate) fn soup(&mut self, length: u64) -> String {
        const TOKENS: [&str; 62] = [
            "x", "f", "(", ")", "(", ")", "{", "}", "[", "]", ",", ";", ";", ":", ".", "=", "==", ":=", "!=",
            "<", ">", "<=", ">=", "+", "-", "*", "/", "mod", "rem", "in", "not", "and", "or", "if", "if",
            "matches", "forall", "cut", "print", "debug", "new", "isa", "!", "|", "||", "?=", "@context",
            "@", "1", "1.5", "1e", "\"s\"", "\"", "actor", "resource", "global", "test", "assert", "\n",
            "type", "roles", "'q'",
        ];
        let mut text = String::new();
        for _ in 0..length {
            text.push_str(self.pick(&TOKENS));
            if self.below(3) > 0 {
                text.push(' ');
            }
        }
        text
    }

    /// Characters of all lengths, punctuation and controls among them.
    pub(crate) fn garbage(&mut self, length: u64) -> String {
        (0..length)
            .map(|_| match self.below(6) {
                0 => char::from_u32(self.below(0x11_0000) as u32).unwrap_or('?'),
                1 => self.pick(&['é', '💯', '\u{feff}', '“', '\u{a0}', '\\', '"', '\'', '\n', '\r', '\0']),
                _ => char::from(self.below(128) as u8),
            })
            .collect()
    }
}
