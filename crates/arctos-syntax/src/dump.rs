//! Tokens and trees as text, for `arctos check --dump tokens|tree` and for snapshot tests.
//!
//! The format is for readers and may change; nothing parses it.

use std::fmt::Write;

use crate::format::{print_float, quote};
use crate::lexer::lex;
use crate::source::{SourceId, Sources};
use crate::tree::{
    Block, BlockItem, Call, Expr, ExprKind, File, Head, Ident, Item, List, Member, Pattern, PatternKind,
    SetupItem, ShorthandExpr, ShorthandTerm, StringLit,
};

/// One token per line: line and column, kind, text.
pub fn dump_tokens(source: SourceId, text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add(None, text);
    let (tokens, _) = lex(source, text);
    let mut out = String::new();
    for token in tokens {
        let span = crate::Span { source: id, ..token.span };
        let position = sources.position(span);
        let kind = format!("{:?}", token.kind);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}:{} {kind} {:?}", position.line, position.column, sources.text(span));
    }
    out
}

/// One node per line, indented by depth, with its byte range where it is a form of its own.
pub fn dump_tree(file: &File) -> String {
    let mut dump = Dump { out: String::new(), depth: 0 };
    for item in &file.items {
        dump.item(item);
    }
    dump.out
}

struct Dump {
    out: String,
    depth: usize,
}

impl Dump {
    fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn inside(&mut self, text: &str, children: impl FnOnce(&mut Self)) {
        self.line(text);
        self.depth += 1;
        children(self);
        self.depth -= 1;
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Rule(rule) => {
                self.inside(&format!("rule {}..{}", rule.span.start, rule.span.end), |dump| {
                    dump.head(&rule.head);
                    if let Some(body) = &rule.body {
                        dump.inside("if", |dump| dump.expr(body));
                    }
                })
            }
            Item::RuleType(head) => self.inside("type", |dump| dump.head(head)),
            Item::InlineQuery(inline) => self.inside("?=", |dump| dump.expr(&inline.query)),
            Item::Block(block) => self.block(block),
            Item::Declare(declare) => {
                self.line(&format!("declare {}({})", declare.name.text, names(&declare.types)))
            }
            Item::Fixture(fixture) => self.inside(&format!("fixture {}", fixture.name.text), |dump| {
                fixture.facts.iter().for_each(|fact| dump.head(fact));
            }),
            Item::Test(test) => self.inside(&format!("test {}", quote(&test.name.text)), |dump| {
                for item in &test.setup {
                    match item {
                        SetupItem::Fact(fact) => dump.inside("fact", |dump| dump.head(fact)),
                        SetupItem::Fixture(name) => dump.line(&format!("fixture {}", name.text)),
                        SetupItem::Value(setting) => {
                            dump.inside(&format!("request value {}", setting.name.text), |dump| {
                                dump.expr(&setting.value);
                            });
                        }
                    }
                }
                for assertion in &test.assertions {
                    dump.inside(if assertion.positive { "assert" } else { "assert_not" }, |dump| {
                        dump.head(&assertion.query);
                        if let Some(iff) = &assertion.iff {
                            dump.inside("iff", |dump| dump.expr(iff));
                        }
                    });
                }
            }),
        }
    }

    fn block(&mut self, block: &Block) {
        let extends = if block.extends.is_empty() {
            String::new()
        } else {
            format!(" extends {}", names(&block.extends))
        };
        let title =
            format!("{:?} {}{extends} {}..{}", block.kind, block.name.text, block.span.start, block.span.end);
        self.inside(&title, |dump| {
            for item in &block.body {
                match item {
                    BlockItem::Roles(list, _) => dump.line(&format!("roles {}", strings(list))),
                    BlockItem::Permissions(list, _) => dump.line(&format!("permissions {}", strings(list))),
                    BlockItem::Relations(pairs, _) => {
                        let pairs: Vec<_> =
                            pairs.iter().map(|(a, b)| format!("{}: {}", a.text, b.text)).collect();
                        dump.line(&format!("relations {}", pairs.join(", ")));
                    }
                    BlockItem::Shorthand(rule) => {
                        dump.inside(&format!("shorthand {}", term(&rule.head)), |dump| {
                            dump.shorthand(&rule.body)
                        });
                    }
                }
            }
        });
    }

    fn shorthand(&mut self, expr: &ShorthandExpr) {
        match expr {
            ShorthandExpr::Holds(held, None) => self.line(&term(held)),
            ShorthandExpr::Holds(held, Some(on)) => self.line(&format!("{} on {}", term(held), term(on))),
            ShorthandExpr::Global(held, _) => self.line(&format!("global {}", term(held))),
            ShorthandExpr::Call(call) => self.expr(call),
            ShorthandExpr::And(parts) => {
                self.inside("and", |dump| parts.iter().for_each(|part| dump.shorthand(part)))
            }
            ShorthandExpr::Or(parts) => {
                self.inside("or", |dump| parts.iter().for_each(|part| dump.shorthand(part)))
            }
        }
    }

    fn head(&mut self, head: &Head) {
        self.inside(&format!("head {} {}..{}", head.name.text, head.span.start, head.span.end), |dump| {
            for param in &head.params {
                dump.expr(&param.term);
                if let Some(specializer) = &param.specializer {
                    dump.inside(":", |dump| dump.pattern(specializer));
                }
            }
        });
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Integer(value) => self.line(&format!("integer {value}")),
            ExprKind::Float(value) => self.line(&format!("float {}", print_float(*value))),
            ExprKind::String(text) => self.line(&format!("string {}", quote(text))),
            ExprKind::Boolean(value) => self.line(&format!("boolean {value}")),
            ExprKind::Variable(name) => self.line(&format!("variable {name}")),
            ExprKind::RequestValue(name) => self.line(&format!("request value {name}")),
            ExprKind::Cut => self.line("cut"),
            ExprKind::Error => self.line("error"),
            ExprKind::List(list) => self.list(list, Self::expr),
            ExprKind::Dictionary(fields) => self.fields("dictionary", fields, Self::expr),
            ExprKind::Call(call) => self.call("call", call),
            ExprKind::New(call) => self.call("new", call),
            ExprKind::Print(args) => self.exprs("print", args),
            ExprKind::Debug(args) => self.exprs("debug", args),
            ExprKind::And(parts) => self.exprs("and", parts),
            ExprKind::Or(parts) => self.exprs("or", parts),
            ExprKind::Not(operand) => self.inside("not", |dump| dump.expr(operand)),
            ExprKind::ForAll(condition, action) => self.inside("forall", |dump| {
                dump.expr(condition);
                dump.expr(action);
            }),
            ExprKind::Matches(value, pattern) => self.inside("matches", |dump| {
                dump.expr(value);
                dump.pattern(pattern);
            }),
            ExprKind::Binary(binary) => self.inside(binary.op.as_str(), |dump| {
                dump.expr(&binary.left);
                dump.expr(&binary.right);
            }),
            ExprKind::Entity(class, id) => {
                self.inside(&format!("entity {}", class.text), |dump| dump.expr(id))
            }
            ExprKind::Dot(dot) => self.inside("dot", |dump| {
                dump.expr(&dot.object);
                match &dot.member {
                    Member::Field(name) => dump.line(&format!("field {}", name.text)),
                    Member::Method(call) => dump.call("method", call),
                    Member::Dynamic(key) => dump.inside("dynamic", |dump| dump.expr(key)),
                }
            }),
        }
    }

    fn exprs(&mut self, title: &str, parts: &[Expr]) {
        self.inside(title, |dump| parts.iter().for_each(|part| dump.expr(part)));
    }

    fn call(&mut self, title: &str, call: &Call) {
        self.inside(&format!("{title} {}", call.name.text), |dump| {
            call.args.iter().for_each(|arg| dump.expr(arg));
            for (key, value) in &call.kwargs {
                dump.inside(&format!("{}:", key.text), |dump| dump.expr(value));
            }
        });
    }

    fn list<T>(&mut self, list: &List<T>, mut each: impl FnMut(&mut Self, &T)) {
        self.inside("list", |dump| {
            list.items.iter().for_each(|item| each(dump, item));
            if let Some(rest) = &list.rest {
                dump.line(&format!("rest {}", rest.text));
            }
        });
    }

    fn fields<T>(&mut self, title: &str, fields: &[(Ident, T)], mut each: impl FnMut(&mut Self, &T)) {
        self.inside(title, |dump| {
            for (key, value) in fields {
                dump.inside(&format!("{}:", key.text), |dump| each(dump, value));
            }
        });
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Instance(class, fields) => {
                self.fields(&format!("instance {}", class.text), fields, Self::pattern);
            }
            PatternKind::Dictionary(fields) => self.fields("dictionary pattern", fields, Self::pattern),
            PatternKind::List(list) => self.list(list, Self::pattern),
            PatternKind::Value(value) => self.expr(value),
        }
    }
}

fn names(list: &[Ident]) -> String {
    list.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
}

fn strings(list: &[StringLit]) -> String {
    list.iter().map(|name| quote(&name.text)).collect::<Vec<_>>().join(", ")
}

fn term(term: &ShorthandTerm) -> String {
    match term {
        ShorthandTerm::Name(name) => quote(&name.text),
        ShorthandTerm::Word(word) => word.text.to_string(),
    }
}
