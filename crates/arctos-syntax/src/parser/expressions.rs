//! Operators, by precedence climbing; and whether a form is a value or a condition.
//!
//! Loosest to tightest: `or`, `and`, `not`, `=` and `:=`, comparisons, `+ -`, `* / mod rem`, `in` and `matches`, the dot.
//! Chains of the non-associative ones parse to the left, and are then refused because their left operand is a
//! condition where a value is needed, so that the message speaks of that.

use super::{MAX_DEPTH, Node, PResult, Parser};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::tree::{Binary, BinaryOp, Expr, ExprKind};

/// How tightly an operator binds.
pub(crate) type Level = u8;
pub(crate) const OR: Level = 1;
pub(crate) const AND: Level = 2;
pub(crate) const NOT: Level = 3;
pub(crate) const UNIFY: Level = 4;
pub(crate) const COMPARE: Level = 5;
pub(crate) const ADD: Level = 6;
pub(crate) const MULTIPLY: Level = 7;
pub(crate) const MEMBER: Level = 8;

/// Whether a form yields a value, is asked whether it holds, or can be either.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Value,
    Condition,
    Either,
}

/// What role a form can play.
pub(crate) fn role(kind: &ExprKind) -> Role {
    match kind {
        ExprKind::Boolean(_) | ExprKind::Variable(_) | ExprKind::Dot(_) | ExprKind::Error => Role::Either,
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::String(_)
        | ExprKind::List(_)
        | ExprKind::Dictionary(_)
        | ExprKind::New(_)
        | ExprKind::Entity(..)
        | ExprKind::RequestValue(_) => Role::Value,
        ExprKind::Binary(binary) if binary_level(binary.op) == ADD || binary_level(binary.op) == MULTIPLY => {
            Role::Value
        }
        _ => Role::Condition,
    }
}

/// The level of a binary operator.
pub(crate) fn binary_level(op: BinaryOp) -> Level {
    match op {
        BinaryOp::Unify | BinaryOp::Assign => UNIFY,
        BinaryOp::Eq | BinaryOp::Neq | BinaryOp::Lt | BinaryOp::Leq | BinaryOp::Gt | BinaryOp::Geq => COMPARE,
        BinaryOp::Add | BinaryOp::Sub => ADD,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Rem => MULTIPLY,
        BinaryOp::In => MEMBER,
    }
}

/// What follows an operand.
enum Infix {
    Or,
    And,
    Matches,
    Binary(BinaryOp),
}

fn infix(kind: TokenKind) -> Option<(Infix, Level)> {
    let op = match kind {
        TokenKind::Or => return Some((Infix::Or, OR)),
        TokenKind::And => return Some((Infix::And, AND)),
        TokenKind::Matches => return Some((Infix::Matches, MEMBER)),
        TokenKind::Eq => BinaryOp::Unify,
        TokenKind::Assign => BinaryOp::Assign,
        TokenKind::EqEq => BinaryOp::Eq,
        TokenKind::Neq => BinaryOp::Neq,
        TokenKind::Lt => BinaryOp::Lt,
        TokenKind::Leq => BinaryOp::Leq,
        TokenKind::Gt => BinaryOp::Gt,
        TokenKind::Geq => BinaryOp::Geq,
        TokenKind::Plus => BinaryOp::Add,
        TokenKind::Minus => BinaryOp::Sub,
        TokenKind::Star => BinaryOp::Mul,
        TokenKind::Slash => BinaryOp::Div,
        TokenKind::Mod => BinaryOp::Mod,
        TokenKind::Rem => BinaryOp::Rem,
        TokenKind::In => BinaryOp::In,
        _ => return None,
    };
    Some((Infix::Binary(op), binary_level(op)))
}

impl Parser<'_> {
    /// A whole body or query: any form.
    pub(super) fn condition_or_value(&mut self) -> PResult<Expr> {
        Ok(self.expression(OR)?.expr)
    }

    /// A value whose operators bind at least as tightly as `min`.
    pub(super) fn value(&mut self, min: Level) -> PResult<Node> {
        let node = self.expression(min)?;
        Ok(self.as_value(node))
    }

    /// Any form whose operators bind at least as tightly as `min`.
    pub(super) fn expression(&mut self, min: Level) -> PResult<Node> {
        self.nested(|parser| {
            let mut left = parser.operand(min)?;
            while let Some((operator, level)) = parser.infix_here() {
                if level < min {
                    break;
                }
                left = parser.infix_onto(left, operator, level)?;
                if left.depth > MAX_DEPTH {
                    return Err(parser.too_deep(parser.last_span()));
                }
            }
            Ok(left)
        })
    }

    fn operand(&mut self, min: Level) -> PResult<Node> {
        match self.kind() {
            TokenKind::Not if min <= NOT => self.negation(),
            _ => self.postfix(),
        }
    }

    /// The operator at the current token. `||` is reported and taken for `or`.
    fn infix_here(&mut self) -> Option<(Infix, Level)> {
        let pipes = self.kind() == TokenKind::Pipe && self.nth(1).kind == TokenKind::Pipe;
        if pipes && self.span().end == self.nth(1).span.start {
            let span = self.span().to(self.nth(1).span);
            self.report(
                Diagnostic::new(codes::UNEXPECTED_TOKEN, span, "`||` is not an operator")
                    .help("write `or`")
                    .fix(span, "or"),
            );
            // The second `|` now stands for the operator.
            self.bump();
            return Some((Infix::Or, OR));
        }
        infix(self.kind())
    }

    fn negation(&mut self) -> PResult<Node> {
        let not = self.bump().span;
        let operand = self.expression(UNIFY)?;
        let outer = not.to(operand.outer);
        let operand = self.as_condition(operand);
        Ok(Node {
            expr: Expr { kind: ExprKind::Not(Box::new(operand.expr)), span: outer },
            outer,
            depth: operand.depth + 1,
        })
    }

    // PERF: what recurses has a small frame of its own; putting the operands together is done beside it, not around it.
    fn infix_onto(&mut self, left: Node, operator: Infix, level: Level) -> PResult<Node> {
        let op_span = self.bump().span;
        match operator {
            Infix::Matches => self.matches_onto(left, op_span),
            Infix::Binary(BinaryOp::Assign) if !matches!(left.expr.kind, ExprKind::Variable(_)) => {
                Err(self.assigned_to_no_variable(left.expr.span, op_span))
            }
            _ => {
                let right = self.right_operand(&operator, level)?;
                Ok(self.combine(left, &operator, op_span, right))
            }
        }
    }

    fn matches_onto(&mut self, left: Node, word: Span) -> PResult<Node> {
        // `matches!` is an old spelling of the same.
        if self.kind() == TokenKind::Bang && self.span().start == word.end {
            self.bump();
        }
        let left = self.as_value(left);
        let pattern = self.pattern()?;
        let outer = left.outer.to(self.last_span());
        let kind = ExprKind::Matches(Box::new(left.expr), Box::new(pattern));
        Ok(Node { expr: Expr { kind, span: outer }, outer, depth: left.depth + 1 })
    }

    fn combine(&mut self, left: Node, operator: &Infix, op_span: Span, right: Node) -> Node {
        match *operator {
            Infix::Binary(op) => {
                let left = self.as_value(left);
                let right = self.as_value(right);
                binary(op, op_span, left, right)
            }
            Infix::Or | Infix::And | Infix::Matches => {
                let left = self.as_condition(left);
                let right = self.as_condition(right);
                join(left, right, matches!(operator, Infix::And))
            }
        }
    }

    fn right_operand(&mut self, operator: &Infix, level: Level) -> PResult<Node> {
        match operator {
            Infix::Binary(BinaryOp::In) => self.postfix(),
            _ => self.expression(level + 1),
        }
    }

    /// Refuses a condition where a value is needed.
    pub(super) fn as_value(&mut self, node: Node) -> Node {
        match role(&node.expr.kind) {
            Role::Condition => {
                self.wrong_kind(node, "a value is needed here, this is a condition", value_help)
            }
            _ => node,
        }
    }

    /// Refuses a value where a condition is needed.
    pub(super) fn as_condition(&mut self, node: Node) -> Node {
        match role(&node.expr.kind) {
            Role::Value => self.wrong_kind(
                node,
                "a condition is needed here, this is a value",
                |_| "compare it with something, or call a rule about it",
            ),
            _ => node,
        }
    }

    fn wrong_kind(&mut self, node: Node, message: &str, help: fn(&ExprKind) -> &'static str) -> Node {
        let span = node.expr.span;
        let help = help(&node.expr.kind);
        self.report(Diagnostic::new(codes::WRONG_KIND, span, message).help(help));
        // Left as `Error`, which can be either, the mistake is told once.
        Node { expr: Expr { kind: ExprKind::Error, span }, outer: node.outer, depth: 1 }
    }
}

fn value_help(kind: &ExprKind) -> &'static str {
    match kind {
        ExprKind::Call(_) => {
            "a rule call yields no value; give the rule one more parameter for its result, and pass a variable"
        }
        ExprKind::Binary(binary) => match binary_level(binary.op) {
            MEMBER => "`in` binds tighter than arithmetic and comparison; put it in an `and` of its own",
            UNIFY => "`=` yields no value: join two with `and`, and write keyword arguments as `name: value`",
            _ => "comparisons do not chain; join them with `and`",
        },
        _ => "put it in an `and` of its own",
    }
}

/// `left and right` or `left or right`, flattened.
fn join(left: Node, right: Node, and: bool) -> Node {
    let outer = left.outer.to(right.outer);
    let depth = (left.depth + 1).max(right.depth + 1);
    // PERF: the left operands are taken over, not copied, so a chain of n operands costs n.
    let (mut operands, left_depth) = match (left.expr.kind, and) {
        (ExprKind::And(inner), true) | (ExprKind::Or(inner), false) => (inner, left.depth),
        (kind, _) => {
            let mut operands = Vec::with_capacity(2);
            operands.push(Expr { kind, span: left.expr.span });
            (operands, left.depth + 1)
        }
    };
    let right_depth = match (right.expr.kind, and) {
        (ExprKind::And(inner), true) | (ExprKind::Or(inner), false) => {
            operands.extend(inner);
            right.depth
        }
        (kind, _) => {
            operands.push(Expr { kind, span: right.expr.span });
            right.depth + 1
        }
    };
    let flat_depth = left_depth.max(right_depth);
    let kind = if and { ExprKind::And(operands) } else { ExprKind::Or(operands) };
    Node { expr: Expr { kind, span: outer }, outer, depth: flat_depth.min(depth) }
}

/// `left op right`.
pub(super) fn binary(op: BinaryOp, op_span: Span, left: Node, right: Node) -> Node {
    let outer = left.outer.to(right.outer);
    let depth = left.depth.max(right.depth) + 1;
    let kind = ExprKind::Binary(Box::new(Binary { op, op_span, left: left.expr, right: right.expr }));
    Node { expr: Expr { kind, span: outer }, outer, depth }
}
