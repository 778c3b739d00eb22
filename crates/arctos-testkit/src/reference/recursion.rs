//! Which rule calls must be tabled because they may come back to themselves.
//!
//! A clause depends on another when a call in its body could match the other's head, as far as constants and types
//! tell. A call is tabled when a clause that it could match lies on a cycle of dependencies, unless every step of the
//! cycle hands on the rest of a list that its head takes apart: such a recursion ends by itself.

use std::collections::BTreeSet;

use arctos::{ClassId, Schema};
use arctos_syntax::tree::{BinaryOp, Call, Expr, ExprKind, Param, Pattern, PatternKind, Rule};

use super::program::{Program, each_expr};

/// What is known of the recursion of a program's clauses.
#[derive(Clone, Debug)]
pub(super) struct Recursion {
    /// For each clause: it lies on a cycle that nothing shrinks.
    tabled: Vec<bool>,
}

/// What is known of an argument or parameter before anything runs.
enum Known {
    Anything,
    /// One of these classes, or a subclass.
    Classes(Vec<ClassId>),
    Literal(ExprKind),
}

impl Recursion {
    pub(super) fn of(program: &Program, schema: &Schema) -> Recursion {
        let rules = &program.rules;
        let mut edges: Vec<(usize, usize, BTreeSet<usize>)> = Vec::new();
        for (from, rule) in rules.iter().enumerate() {
            for call in calls(rule) {
                for (to, callee) in rules.iter().enumerate() {
                    if may_match(call, Some(rule), callee, program, schema) {
                        edges.push((from, to, shrinking(rule, call)));
                    }
                }
            }
        }
        let reaches = closure(rules.len(), &edges);
        let on_cycle = |a: usize, b: usize| reaches.contains(&(a, b)) && reaches.contains(&(b, a));
        let tabled = (0..rules.len()).map(|clause| {
            let mut inner =
                edges.iter().filter(|(from, to, _)| on_cycle(clause, *from) && on_cycle(*from, *to));
            let Some((_, _, first)) = inner.next() else { return false };
            let common = inner.fold(first.clone(), |common, (_, _, shrunk)| &common & shrunk);
            common.is_empty()
        });
        Recursion { tabled: tabled.collect() }
    }

    /// True when this call, standing in the body of `caller` (or in the query), is tabled.
    pub(super) fn tables(
        &self,
        call: &Call,
        caller: Option<&Rule>,
        program: &Program,
        schema: &Schema,
    ) -> bool {
        let clauses = program.rules.iter().zip(&self.tabled);
        clauses.into_iter().any(|(rule, tabled)| *tabled && may_match(call, caller, rule, program, schema))
    }
}

fn closure(count: usize, edges: &[(usize, usize, BTreeSet<usize>)]) -> BTreeSet<(usize, usize)> {
    let mut reaches = BTreeSet::new();
    for start in 0..count {
        let mut open = vec![start];
        while let Some(clause) = open.pop() {
            for (_, to, _) in edges.iter().filter(|(from, ..)| *from == clause) {
                if reaches.insert((start, *to)) {
                    open.push(*to);
                }
            }
        }
    }
    reaches
}

fn calls(rule: &Rule) -> Vec<&Call> {
    let mut calls = Vec::new();
    if let Some(body) = &rule.body {
        each_expr(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                calls.push(&**call);
            }
        });
    }
    calls
}

/// The argument positions where the call hands on the rest of a list that the head takes apart there.
fn shrinking(rule: &Rule, call: &Call) -> BTreeSet<usize> {
    let pairs = rule.head.params.iter().zip(&call.args).enumerate();
    let shrinks = pairs.filter(|(_, (param, arg))| {
        let rest = match (&param.term.kind, param.specializer.as_ref().map(|pattern| &pattern.kind)) {
            (ExprKind::List(list), _) if !list.items.is_empty() => list.rest.as_ref(),
            (_, Some(PatternKind::List(list))) if !list.items.is_empty() => list.rest.as_ref(),
            _ => None,
        };
        matches!((&arg.kind, rest), (ExprKind::Variable(name), Some(rest)) if *name == rest.text)
    });
    shrinks.map(|(index, _)| index).collect()
}

fn may_match(call: &Call, caller: Option<&Rule>, callee: &Rule, program: &Program, schema: &Schema) -> bool {
    call.name.text == callee.head.name.text
        && call.args.len() == callee.head.params.len()
        && call.args.iter().zip(&callee.head.params).all(|(arg, param)| {
            let known = known_of_argument(arg, caller, program, schema);
            known_of_param(param, program, schema).iter().all(|want| compatible(&known, want, schema))
        })
}

fn known_of_argument(arg: &Expr, caller: Option<&Rule>, program: &Program, schema: &Schema) -> Known {
    match &arg.kind {
        ExprKind::Variable(name) => {
            if let Some(class) = schema.class(name) {
                return Known::Classes(vec![class]);
            }
            let params = caller.map_or(&[][..], |rule| &rule.head.params);
            let named =
                params.iter().find(|param| matches!(&param.term.kind, ExprKind::Variable(n) if n == name));
            let pattern = named.and_then(|param| param.specializer.as_ref());
            // What equals a literal need not be it: an object of the application may say that it does.
            let pattern = pattern.filter(|pattern| !matches!(pattern.kind, PatternKind::Value(_)));
            pattern.map_or(Known::Anything, |pattern| known_of_pattern(pattern, program, schema))
        }
        _ => known_of_term(arg),
    }
}

fn known_of_term(term: &Expr) -> Known {
    match &term.kind {
        ExprKind::Integer(_) | ExprKind::Float(_) | ExprKind::String(_) | ExprKind::Boolean(_) => {
            Known::Literal(term.kind.clone())
        }
        ExprKind::List(_) => Known::Classes(vec![ClassId::LIST]),
        ExprKind::Dictionary(_) => Known::Classes(vec![ClassId::DICTIONARY]),
        ExprKind::Binary(binary) if is_arithmetic(binary.op) => {
            Known::Classes(vec![ClassId::INTEGER, ClassId::FLOAT])
        }
        _ => Known::Anything,
    }
}

/// True for the operators that compute a number.
pub(super) fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Div, Mod, Mul, Rem, Sub};
    matches!(op, Add | Sub | Mul | Div | Mod | Rem)
}

fn known_of_param(param: &Param, program: &Program, schema: &Schema) -> Vec<Known> {
    let pattern = param.specializer.as_ref().map(|pattern| known_of_pattern(pattern, program, schema));
    std::iter::once(known_of_term(&param.term)).chain(pattern).collect()
}

fn known_of_pattern(pattern: &Pattern, program: &Program, schema: &Schema) -> Known {
    match &pattern.kind {
        PatternKind::Instance(name, _) => match (&*name.text, schema.class(&name.text)) {
            // No value is of a union without members, but a call may come before that is found out.
            ("Actor", None) if !program.actors.is_empty() => Known::Classes(program.actors.clone()),
            ("Resource", None) if !program.resources.is_empty() => Known::Classes(program.resources.clone()),
            (_, Some(class)) => Known::Classes(vec![class]),
            (_, None) => Known::Anything,
        },
        PatternKind::Dictionary(_) => Known::Anything,
        PatternKind::List(_) => Known::Classes(vec![ClassId::LIST]),
        PatternKind::Value(expr) => known_of_term(expr),
    }
}

fn compatible(a: &Known, b: &Known, schema: &Schema) -> bool {
    match (a, b) {
        (Known::Anything, _) | (_, Known::Anything) => true,
        (Known::Literal(a), Known::Literal(b)) => same_literal(a, b),
        (Known::Classes(classes), Known::Literal(literal))
        | (Known::Literal(literal), Known::Classes(classes)) => {
            // An object of the application may say that it equals a literal.
            classes
                .iter()
                .any(|class| class.index() > ClassId::DICTIONARY.index() || accepts(*class, literal, schema))
        }
        (Known::Classes(a), Known::Classes(b)) => {
            let shared = |one: &ClassId, other: &ClassId| {
                schema
                    .classes()
                    .any(|(class, _)| schema.is_subclass(class, *one) && schema.is_subclass(class, *other))
            };
            a.iter().any(|one| b.iter().any(|other| shared(one, other)))
        }
    }
}

fn accepts(class: ClassId, literal: &ExprKind, schema: &Schema) -> bool {
    let of = match literal {
        ExprKind::Integer(_) => ClassId::INTEGER,
        ExprKind::Float(_) => ClassId::FLOAT,
        ExprKind::Boolean(_) => ClassId::BOOLEAN,
        _ => ClassId::STRING,
    };
    // Numbers unify by value, so that an integer may stand for a float.
    let number = |class| class == ClassId::INTEGER || class == ClassId::FLOAT;
    schema.is_subclass(of, class) || number(of) && number(class)
}

fn same_literal(a: &ExprKind, b: &ExprKind) -> bool {
    match (a, b) {
        (ExprKind::Integer(i), ExprKind::Float(f)) | (ExprKind::Float(f), ExprKind::Integer(i)) => {
            *i as f64 == *f
        }
        (a, b) => a == b,
    }
}
