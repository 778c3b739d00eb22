//! Rules that can never matter: repeated, or with a body that never holds.

use arctos_syntax::tree::{Binary, BinaryOp, Expr, ExprKind, Param, Pattern, PatternKind, Rule};
use arctos_syntax::{Diagnostic, Span, codes, format};
use rustc_hash::FxHashMap;

use super::{CheckedRule, keys};
use crate::schema::{ClassId, Schema};

/// The rules so far.
pub(super) struct Reachability<'t> {
    schema: &'t Schema,
    keys: keys::RuleKeys<'t>,
    seen: FxHashMap<Box<[u8]>, Span>,
    /// Repeated rules are not reported.
    is_twice: bool,
}

impl<'t> Reachability<'t> {
    pub(super) fn new(schema: &'t Schema, is_twice: bool) -> Self {
        Reachability { schema, keys: keys::RuleKeys::new(schema), seen: FxHashMap::default(), is_twice }
    }

    /// Reports a rule written in full that repeats an earlier one, a body that never holds, and conditions that are no
    /// truth values.
    pub(super) fn rule(&mut self, rule: &'t CheckedRule<'_>, is_broken: bool, found: &mut Vec<Diagnostic>) {
        if is_broken {
            return;
        }
        let key = self.keys.key(&rule.rule);
        match self.seen.get(key) {
            Some(_) if self.is_twice => {}
            Some(&first) => found.push(duplicate_rule(rule.origin, first)),
            None => {
                self.seen.insert(key.into(), rule.origin);
                body(&rule.rule, self.schema, found);
            }
        }
    }
}

fn body(rule: &Rule, schema: &Schema, found: &mut Vec<Diagnostic>) {
    let mut known = Known::default();
    for param in &rule.head.params {
        known.parameter(param, schema, found);
    }
    let parts = match &rule.body {
        None => &[],
        // Who writes no more than `false` means it.
        Some(Expr { kind: ExprKind::Boolean(false), .. }) => &[],
        Some(Expr { kind: ExprKind::And(parts), .. }) => &**parts,
        Some(single) => std::slice::from_ref(single),
    };
    for part in parts {
        condition(part, rule.head.span, found);
        known.condition(part, schema, found);
    }
}

/// One conjunct, looked at alone.
fn condition(part: &Expr, head: Span, found: &mut Vec<Diagnostic>) {
    match &part.kind {
        ExprKind::Boolean(false) => found.push(never_holds(part.span, head)),
        ExprKind::Not(inner) if inner.kind == ExprKind::Boolean(true) => {
            found.push(never_holds(part.span, head));
        }
        ExprKind::Binary(binary) if is_false(binary) => found.push(never_holds(part.span, head)),
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::String(_)
        | ExprKind::List(_)
        | ExprKind::Dictionary(_) => found.push(condition_not_boolean(part)),
        _ => {}
    }
}

/// True for a comparison of two literals that does not hold.
fn is_false(binary: &Binary) -> bool {
    let (Some(left), Some(right)) = (literal(&binary.left), literal(&binary.right)) else { return false };
    match binary.op {
        BinaryOp::Unify | BinaryOp::Eq => left != right,
        BinaryOp::Neq => left == right,
        _ => false,
    }
}

/// A scalar literal; equal to those that unify with it. `nan` is none, since it equals nothing.
#[derive(Clone, Copy, PartialEq)]
enum Literal<'t> {
    Integer(i64),
    /// Not a whole number, or too large to be exactly one.
    Float(f64),
    String(&'t str),
    Boolean(bool),
}

fn literal(tree: &Expr) -> Option<Literal<'_>> {
    match &tree.kind {
        ExprKind::Integer(value) => Some(Literal::Integer(*value)),
        ExprKind::Float(value) if value.is_nan() => None,
        ExprKind::Float(value) => Some(match keys::whole(*value) {
            Some(whole) => Literal::Integer(whole),
            None => Literal::Float(*value),
        }),
        ExprKind::String(text) => Some(Literal::String(text)),
        ExprKind::Boolean(value) => Some(Literal::Boolean(*value)),
        _ => None,
    }
}

/// Kinds of value that no host's value has two of. `Boolean` is with the numbers: some hosts count `true` as one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    String,
    List,
    Dictionary,
}

fn sort_of_class(class: &str, schema: &Schema) -> Option<Sort> {
    match schema.class(class)? {
        ClassId::BOOLEAN | ClassId::INTEGER | ClassId::FLOAT => Some(Sort::Number),
        ClassId::STRING => Some(Sort::String),
        ClassId::LIST => Some(Sort::List),
        ClassId::DICTIONARY => Some(Sort::Dictionary),
        _ => None,
    }
}

fn sort_of_value(value: &Expr) -> Option<Sort> {
    match value.kind {
        ExprKind::Integer(_) | ExprKind::Float(_) | ExprKind::Boolean(_) => Some(Sort::Number),
        ExprKind::String(_) => Some(Sort::String),
        ExprKind::List(_) => Some(Sort::List),
        ExprKind::Dictionary(_) => Some(Sort::Dictionary),
        _ => None,
    }
}

/// What one conjunct or specializer requires of a variable, and where.
#[derive(Clone, Copy)]
struct Claim<'t> {
    what: What<'t>,
    span: Span,
}

#[derive(Clone, Copy)]
enum What<'t> {
    Class(&'t str),
    List,
    Value(&'t Expr),
}

impl Claim<'_> {
    fn what(&self) -> String {
        match self.what {
            What::Class(class) => format!("of class `{class}`"),
            What::List => "a list".to_owned(),
            What::Value(value) => format!("`{}`", format::print_expr(value)),
        }
    }
}

/// What the conjuncts so far require of each variable.
#[derive(Default)]
struct Known<'t> {
    sorts: FxHashMap<&'t str, (Sort, Claim<'t>)>,
    values: FxHashMap<&'t str, (Literal<'t>, Claim<'t>)>,
}

impl<'t> Known<'t> {
    fn parameter(&mut self, param: &'t Param, schema: &Schema, found: &mut Vec<Diagnostic>) {
        if let (ExprKind::Variable(name), Some(pattern)) = (&param.term.kind, &param.specializer) {
            self.pattern(name, pattern, param.span, schema, found);
        }
    }

    fn condition(&mut self, part: &'t Expr, schema: &Schema, found: &mut Vec<Diagnostic>) {
        match &part.kind {
            ExprKind::Matches(value, pattern) => {
                if let ExprKind::Variable(name) = &value.kind {
                    self.pattern(name, pattern, part.span, schema, found);
                }
            }
            ExprKind::Binary(binary) if matches!(binary.op, BinaryOp::Unify | BinaryOp::Eq) => {
                match (&binary.left.kind, &binary.right.kind) {
                    (ExprKind::Variable(name), _) => self.value(name, &binary.right, part.span, found),
                    (_, ExprKind::Variable(name)) => self.value(name, &binary.left, part.span, found),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn pattern(
        &mut self,
        name: &'t str,
        pattern: &'t Pattern,
        span: Span,
        schema: &Schema,
        found: &mut Vec<Diagnostic>,
    ) {
        let claim = |what| Claim { what, span };
        match &pattern.kind {
            PatternKind::Instance(class, _) => {
                if let Some(sort) = sort_of_class(&class.text, schema) {
                    self.sort(name, sort, claim(What::Class(&class.text)), found);
                }
            }
            PatternKind::Value(value) => self.value(name, value, span, found),
            PatternKind::List(_) => self.sort(name, Sort::List, claim(What::List), found),
            PatternKind::Dictionary(_) => {}
        }
    }

    fn value(&mut self, name: &'t str, value: &'t Expr, span: Span, found: &mut Vec<Diagnostic>) {
        let claim = Claim { what: What::Value(value), span };
        if let Some(sort) = sort_of_value(value) {
            self.sort(name, sort, claim, found);
        }
        let Some(known) = literal(value).filter(|_| name != "_") else { return };
        match self.values.get(name) {
            // That the sorts differ has been reported.
            Some((first, earlier)) if *first != known && self.is_of(name, value) => {
                found.push(contradiction(name, &claim, earlier));
            }
            Some(_) => {}
            None => {
                self.values.insert(name, (known, claim));
            }
        }
    }

    fn is_of(&self, name: &str, value: &Expr) -> bool {
        self.sorts.get(name).map(|(sort, _)| *sort) == sort_of_value(value)
    }

    fn sort(&mut self, name: &'t str, sort: Sort, claim: Claim<'t>, found: &mut Vec<Diagnostic>) {
        // Each `_` is a variable of its own.
        if name == "_" {
            return;
        }
        match self.sorts.get(name) {
            Some((first, earlier)) if *first != sort => found.push(contradiction(name, &claim, earlier)),
            Some(_) => {}
            None => {
                self.sorts.insert(name, (sort, claim));
            }
        }
    }
}

/// P0501: a rule that repeats an earlier one.
fn duplicate_rule(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE_RULE, span, "this rule repeats an earlier one")
        .primary("the same rule")
        .label(first, "written first here")
        .help("remove one of the two: the second only repeats every answer of the first")
}

/// P0502: a body that can never hold.
fn never_holds(span: Span, head: Span) -> Diagnostic {
    Diagnostic::new(codes::NEVER_HOLDS, span, "this condition never holds, so the rule never applies")
        .primary("never holds")
        .label(head, "this rule")
        .help("remove the rule, or mend the condition")
}

/// P0503: a condition that is a value other than true or false.
fn condition_not_boolean(part: &Expr) -> Diagnostic {
    let text = format::print_expr(part);
    Diagnostic::new(
        codes::CONDITION_NOT_BOOLEAN,
        part.span,
        format!("`{text}` is neither true nor false, so asking this rule is an error"),
    )
    .primary("not a condition")
    .help("compare it with something")
}

/// P0504: a variable required to be two things that exclude each other.
fn contradiction(name: &str, claim: &Claim<'_>, earlier: &Claim<'_>) -> Diagnostic {
    let (what, other) = (claim.what(), earlier.what());
    let message = format!("`{name}` cannot be both {other} and {what}, so this rule never applies");
    Diagnostic::new(codes::CONTRADICTION, claim.span, message)
        .primary(format!("{what} here"))
        .label(earlier.span, format!("{other} here"))
        .help("write two rules if either will do")
}
