//! Tree to canonical Polar text.
//!
//! Parentheses stand where precedence needs them, and around an `and` inside an `or`, which readers mistake. Comments are not in
//! the tree and so not in its text.
//!
//! INVARIANT: parsing the text of a well-formed tree gives that tree again, up to spans.

use std::fmt;

use crate::parser::expressions::{ADD, AND, COMPARE, MEMBER, MULTIPLY, NOT, OR, UNIFY, binary_level};
use crate::tree::{
    Assertion, BinaryOp, Block, BlockItem, BlockKind, Call, Expr, ExprKind, File, Head, Ident, Item, List,
    Member, Param, Pattern, PatternKind, Rule, SetupItem, ShorthandExpr, ShorthandTerm, StringLit, Test,
};

/// Longer rules are broken after `if` and at each `and` or `or`. In characters.
const LINE_WIDTH: usize = 100;

/// The level of an operand that must be an atom or a lookup.
const LOOKUP: u8 = 9;
const ATOM: u8 = 10;

/// A whole file, one form per paragraph; rules of the same name stand together.
pub fn print_file(file: &File) -> String {
    let mut out = String::new();
    let mut before: Option<&Item> = None;
    for item in &file.items {
        if before.is_some_and(|before| !stand_together(before, item)) {
            out.push('\n');
        }
        out.push_str(&print_item(item));
        out.push('\n');
        before = Some(item);
    }
    out
}

/// An expression on one line.
///
/// ```
/// use arctos_syntax::{SourceId, format::print_expr, parse_query};
/// let query = parse_query(SourceId(0), "a=1 and(b or c.d)").tree.unwrap();
/// assert_eq!(print_expr(&query), "a = 1 and (b or c.d)");
/// ```
pub fn print_expr(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expr, OR);
    printer.out
}

/// `name(params)`
pub fn print_head(head: &Head) -> String {
    let mut printer = Printer::default();
    printer.head(head);
    printer.out
}

/// A rule with its `;`.
pub fn print_rule(rule: &Rule) -> String {
    let head = print_head(&rule.head);
    let Some(body) = &rule.body else { return format!("{head};") };
    let line = format!("{head} if {};", print_expr(body));
    if line.chars().count() <= LINE_WIDTH {
        return line;
    }
    let (parts, word) = match &body.kind {
        ExprKind::And(parts) => (parts.as_slice(), " and"),
        ExprKind::Or(parts) => (parts.as_slice(), " or"),
        _ => (std::slice::from_ref(body), ""),
    };
    let lines: Vec<String> = parts
        .iter()
        .map(|part| {
            let mut printer = Printer::default();
            printer.expr(part, if word.is_empty() { OR } else { NOT });
            format!("  {}", printer.out)
        })
        .collect();
    format!("{head} if\n{};", lines.join(&format!("{word}\n")))
}

/// A pattern as it stands after `matches`.
pub fn print_pattern(pattern: &Pattern) -> String {
    let mut printer = Printer::default();
    printer.pattern(pattern, true);
    printer.out
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_expr(self))
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_head(self))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_pattern(self))
    }
}

impl BinaryOp {
    /// The operator as written.
    pub fn as_str(self) -> &'static str {
        match self {
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
}

/// A string literal with quotes and escapes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A float such that it is read as the same float again.
pub fn print_float(value: f64) -> String {
    match () {
        () if value.is_nan() => "nan".to_owned(),
        () if value.is_infinite() => if value > 0.0 { "inf" } else { "-inf" }.to_owned(),
        () => format!("{value:?}"),
    }
}

fn stand_together(before: &Item, item: &Item) -> bool {
    match (before, item) {
        (Item::Rule(a), Item::Rule(b)) => a.head.name.text == b.head.name.text,
        (Item::RuleType(_), Item::RuleType(_))
        | (Item::InlineQuery(_), Item::InlineQuery(_))
        | (Item::Declare(_), Item::Declare(_)) => true,
        _ => false,
    }
}

fn print_item(item: &Item) -> String {
    match item {
        Item::Rule(rule) => print_rule(rule),
        Item::RuleType(head) => format!("type {};", print_head(head)),
        Item::InlineQuery(inline) => format!("?= {};", print_expr(&inline.query)),
        Item::Block(block) => print_block(block),
        Item::Declare(declare) => {
            format!("declare {}({});", declare.name.text, join(&declare.types, |name| name.text.to_string()))
        }
        Item::Fixture(fixture) => {
            let facts: String =
                fixture.facts.iter().map(|fact| format!("  {};\n", print_head(fact))).collect();
            format!("test fixture {} {{\n{facts}}}", fixture.name.text)
        }
        Item::Test(test) => print_test(test),
    }
}

fn join<T>(items: &[T], print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(", ")
}

fn print_block(block: &Block) -> String {
    let mut out = match block.kind {
        BlockKind::Actor => format!("actor {}", block.name.text),
        BlockKind::Resource => format!("resource {}", block.name.text),
        BlockKind::Global => "global".to_owned(),
    };
    if !block.extends.is_empty() {
        out.push_str(" extends ");
        out.push_str(&join(&block.extends, |name| name.text.to_string()));
    }
    if block.body.is_empty() {
        out.push_str(" {}");
        return out;
    }
    out.push_str(" {\n");
    let strings = |list: &[StringLit]| join(list, |name| quote(&name.text));
    for (index, item) in block.body.iter().enumerate() {
        let line = match item {
            BlockItem::Roles(list, _) => format!("  roles = [{}];\n", strings(list)),
            BlockItem::Permissions(list, _) => format!("  permissions = [{}];\n", strings(list)),
            BlockItem::Relations(pairs, _) => {
                let pairs = join(pairs, |(name, class)| format!("{}: {}", name.text, class.text));
                format!("  relations = {{ {pairs} }};\n")
            }
            BlockItem::Shorthand(rule) => {
                let first = index > 0 && !matches!(block.body.get(index - 1), Some(BlockItem::Shorthand(_)));
                let gap = if first { "\n" } else { "" };
                format!("{gap}  {} if {};\n", print_term(&rule.head), print_shorthand(&rule.body, OR))
            }
        };
        out.push_str(&line);
    }
    out.push('}');
    out
}

fn print_term(term: &ShorthandTerm) -> String {
    match term {
        ShorthandTerm::Name(name) => quote(&name.text),
        ShorthandTerm::Word(word) => word.text.to_string(),
    }
}

fn print_shorthand(expr: &ShorthandExpr, min: u8) -> String {
    let joined = |parts: &[ShorthandExpr], word: &str, open: bool| {
        let parts: Vec<String> = parts.iter().map(|part| print_shorthand(part, NOT)).collect();
        let line = parts.join(word);
        if open { line } else { format!("({line})") }
    };
    match expr {
        ShorthandExpr::Holds(term, None) => print_term(term),
        ShorthandExpr::Holds(term, Some(relation)) => {
            format!("{} on {}", print_term(term), print_term(relation))
        }
        ShorthandExpr::Global(term, _) => format!("global {}", print_term(term)),
        ShorthandExpr::Call(call) => print_expr(call),
        ShorthandExpr::And(parts) => joined(parts, " and ", min <= AND),
        ShorthandExpr::Or(parts) => joined(parts, " or ", min <= OR),
    }
}

fn print_test(test: &Test) -> String {
    let mut out = format!("test {} {{\n", quote(&test.name.text));
    if !test.setup.is_empty() {
        out.push_str("  setup {\n");
        for item in &test.setup {
            match item {
                SetupItem::Fact(fact) => out.push_str(&format!("    {};\n", print_head(fact))),
                SetupItem::Fixture(name) => out.push_str(&format!("    fixture {};\n", name.text)),
                SetupItem::Value(setting) => {
                    let value = print_expr(&setting.value);
                    out.push_str(&format!("    @{} = {value};\n", setting.name.text));
                }
            }
        }
        out.push_str("  }\n");
    }
    for Assertion { positive, query, iff, .. } in &test.assertions {
        let word = if *positive { "assert" } else { "assert_not" };
        let condition = iff.as_ref().map_or(String::new(), |iff| format!(" iff {}", print_expr(iff)));
        out.push_str(&format!("  {word} {}{condition};\n", print_head(query)));
    }
    out.push('}');
    out
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn separated<T>(&mut self, items: &[T], separator: &str, mut print: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(separator);
            }
            print(self, item);
        }
    }

    fn head(&mut self, head: &Head) {
        self.put(&head.name.text);
        self.put("(");
        self.separated(&head.params, ", ", Self::param);
        self.put(")");
    }

    fn param(&mut self, param: &Param) {
        self.expr(&param.term, ADD);
        if let Some(specializer) = &param.specializer {
            self.put(": ");
            self.pattern(specializer, true);
        }
    }

    /// An operand; in parentheses where it binds less tightly than `min`.
    fn expr(&mut self, expr: &Expr, min: u8) {
        match level(expr) < min {
            true => {
                self.put("(");
                self.open_expr(expr);
                self.put(")");
            }
            false => self.open_expr(expr),
        }
    }

    fn open_expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Integer(value) => self.put(&value.to_string()),
            ExprKind::Float(value) => self.put(&print_float(*value)),
            ExprKind::String(text) => self.put(&quote(text)),
            ExprKind::Boolean(value) => self.put(if *value { "true" } else { "false" }),
            ExprKind::Variable(name) => self.put(name),
            ExprKind::List(list) => self.list(list, |printer, item| printer.expr(item, ADD)),
            ExprKind::Dictionary(fields) => {
                self.fields(fields, |printer, value| printer.expr(value, COMPARE))
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::New(call) => {
                self.put("new ");
                self.call(call);
            }
            ExprKind::Dot(dot) => {
                self.object(&dot.object);
                self.member(&dot.member);
            }
            ExprKind::Binary(binary) => {
                let (left, right) = operand_levels(binary.op);
                self.expr(&binary.left, left);
                self.put(" ");
                self.put(binary.op.as_str());
                self.put(" ");
                self.expr(&binary.right, right);
            }
            ExprKind::And(parts) => self.separated(parts, " and ", |printer, part| printer.expr(part, NOT)),
            ExprKind::Or(parts) => self.separated(parts, " or ", |printer, part| printer.expr(part, NOT)),
            ExprKind::Not(operand) => {
                self.put("not ");
                self.expr(operand, UNIFY);
            }
            ExprKind::Matches(value, pattern) => {
                self.expr(value, LOOKUP);
                self.put(" matches ");
                self.pattern(pattern, true);
            }
            ExprKind::ForAll(condition, action) => {
                self.put("forall(");
                self.expr(condition, OR);
                self.put(", ");
                self.expr(action, OR);
                self.put(")");
            }
            ExprKind::Cut => self.put("cut"),
            ExprKind::Print(args) => self.statement_call("print", args),
            ExprKind::Debug(args) => self.statement_call("debug", args),
            ExprKind::Entity(class, id) => {
                self.put(&class.text);
                self.put("{");
                self.expr(id, ATOM);
                self.put("}");
            }
            ExprKind::RequestValue(name) => {
                self.put("@");
                self.put(name);
            }
            ExprKind::Error => self.put("<error>"),
        }
    }

    fn statement_call(&mut self, word: &str, args: &[Expr]) {
        self.put(word);
        self.put("(");
        self.separated(args, ", ", |printer, arg| printer.expr(arg, COMPARE));
        self.put(")");
    }

    /// What stands before a dot. A number there would swallow the dot.
    fn object(&mut self, object: &Expr) {
        let number = matches!(object.kind, ExprKind::Integer(_) | ExprKind::Float(_));
        self.expr(object, if number { ATOM + 1 } else { LOOKUP });
    }

    fn member(&mut self, member: &Member) {
        self.put(".");
        match member {
            Member::Field(name) => self.put(&name.text),
            Member::Method(call) => self.call(call),
            Member::Dynamic(key) => {
                self.put("(");
                self.expr(key, ATOM);
                self.put(")");
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.put(&call.name.text);
        self.put("(");
        self.separated(&call.args, ", ", |printer, arg| printer.expr(arg, COMPARE));
        if !call.args.is_empty() && !call.kwargs.is_empty() {
            self.put(", ");
        }
        self.separated(&call.kwargs, ", ", |printer, (name, value)| {
            printer.put(&name.text);
            printer.put(": ");
            printer.expr(value, COMPARE);
        });
        self.put(")");
    }

    fn list<T>(&mut self, list: &List<T>, item: impl FnMut(&mut Self, &T)) {
        self.put("[");
        self.separated(&list.items, ", ", item);
        if let Some(rest) = &list.rest {
            self.put(if list.items.is_empty() { "*" } else { ", *" });
            self.put(&rest.text);
        }
        self.put("]");
    }

    fn fields<T>(&mut self, fields: &[(Ident, T)], mut value: impl FnMut(&mut Self, &T)) {
        self.put("{");
        self.separated(fields, ", ", |printer, (key, field)| {
            printer.put(&key.text);
            printer.put(": ");
            value(printer, field);
        });
        self.put("}");
    }

    /// A pattern; `top` where a bare name is a class.
    fn pattern(&mut self, pattern: &Pattern, top: bool) {
        match &pattern.kind {
            PatternKind::Instance(class, fields) => {
                self.put(&class.text);
                if !top || !fields.is_empty() {
                    self.fields(fields, |printer, field| printer.pattern(field, false));
                }
            }
            PatternKind::Dictionary(fields) => {
                self.fields(fields, |printer, field| printer.pattern(field, false))
            }
            PatternKind::List(list) => self.list(list, |printer, item| printer.pattern(item, false)),
            PatternKind::Value(value) => self.expr(value, LOOKUP),
        }
    }
}

/// How tightly an expression holds together.
fn level(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Or(_) => OR,
        ExprKind::And(_) => AND,
        ExprKind::Not(_) => NOT,
        ExprKind::Binary(binary) => binary_level(binary.op),
        ExprKind::Matches(..) => MEMBER,
        ExprKind::Dot(_) => LOOKUP,
        _ => ATOM,
    }
}

/// What the operands of a binary operator must bind at least as tightly as.
fn operand_levels(op: BinaryOp) -> (u8, u8) {
    match binary_level(op) {
        level @ (ADD | MULTIPLY) => (level, level + 1),
        MEMBER => (LOOKUP, LOOKUP),
        level => (level + 1, level + 1),
    }
}
