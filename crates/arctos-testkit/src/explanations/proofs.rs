//! A checker of proofs: each node against the tree of its rule, each leaf against the facts.
//!
//! It walks a rule's body and the parts of a node side by side, and keeps what variables stand for. Conditions on values it
//! works out for itself; a negation is put to the reference.

use std::collections::{BTreeMap, BTreeSet};

use arctos::Fact;
use arctos::explain::{Argument, Goal, Part, ProofNode, Support, UsedRule};
use arctos::facts::Value;
use arctos_syntax::format::print_expr;
use arctos_syntax::tree::{Binary, BinaryOp, Expr, ExprKind, Pattern, PatternKind};

use crate::run::{Loaded, ask_reference_here};

/// What proofs are checked against.
pub(super) struct Known<'k> {
    pub(super) loaded: &'k Loaded,
    pub(super) facts: &'k [Fact],
}

/// What variables of a rule stand for.
type Bindings = BTreeMap<String, Argument>;

/// How many goals a proof has.
pub(super) fn size(node: &ProofNode) -> usize {
    let inner = node.parts.iter().map(|part| match part {
        Part::Goal(node) => size(node),
        _ => 0,
    });
    1 + inner.sum::<usize>()
}

/// What is wrong with a proof of a question.
pub(super) fn problem(known: &Known<'_>, proof: &ProofNode, question: &Goal) -> Option<String> {
    if proof.goal != *question {
        return Some(format!("the proof is of {}", proof.goal));
    }
    Checker { known, path: Vec::new(), proven: BTreeSet::new() }.node(proof).err()
}

struct Checker<'k> {
    known: &'k Known<'k>,
    /// Goals from the question down to here.
    path: Vec<Goal>,
    proven: BTreeSet<Goal>,
}

impl Checker<'_> {
    fn node(&mut self, node: &ProofNode) -> Result<(), String> {
        let goal = &node.goal;
        match &node.by {
            Support::Fact { fact, .. } => {
                let is_stored = self.known.facts.contains(fact);
                let is_instance = fact.predicate == goal.predicate
                    && fact.arguments.len() == goal.arguments.len()
                    && fact.arguments.iter().zip(&goal.arguments).all(|(value, arg)| is_instance(value, arg));
                if is_stored && is_instance { Ok(()) } else { Err(format!("{goal} is not the fact {fact}")) }
            }
            Support::Above if self.proven.contains(goal) => Ok(()),
            Support::Above => Err(format!("{goal} is not proven above")),
            Support::Untold(reason) => Err(format!("{goal} is not proven: {reason}")),
            Support::Rule(used) => self.rule(node, used),
        }
    }

    fn rule(&mut self, node: &ProofNode, used: &UsedRule) -> Result<(), String> {
        let goal = &node.goal;
        if self.path.contains(goal) {
            return Err(format!("{goal} rests on itself"));
        }
        self.path.push(goal.clone());
        let rule = self.known.loaded.rules().get(used.id.index()).ok_or("no such rule")?.clone();
        let mut bindings = Bindings::new();
        if rule.head.name.text != *goal.predicate || rule.head.params.len() != goal.arguments.len() {
            return Err(format!("{goal} is not the head of {}", used.text));
        }
        for (param, argument) in rule.head.params.iter().zip(&goal.arguments) {
            let fits = unify(&param.term, argument, &mut bindings)
                && param.specializer.as_ref().is_none_or(|class| self.is_of(argument, class));
            if !fits {
                return Err(format!("{argument} does not fit the head of {}", used.text));
            }
        }
        let goals: Vec<&Expr> = rule.body.iter().collect();
        if !self.body(&goals, &node.parts, bindings)? {
            return Err(format!("the parts of {goal} are not those of {}", used.text));
        }
        self.path.pop();
        self.proven.insert(goal.clone());
        Ok(())
    }

    /// True when the parts are what the goals ask for, one after the other.
    fn body(&mut self, goals: &[&Expr], parts: &[Part], mut bindings: Bindings) -> Result<bool, String> {
        let Some((first, rest)) = goals.split_first() else { return Ok(parts.is_empty()) };
        match (&first.kind, parts.split_first()) {
            (ExprKind::And(inner), _) => {
                let all: Vec<&Expr> = inner.iter().chain(rest.iter().copied()).collect();
                self.body(&all, parts, bindings)
            }
            (ExprKind::Or(alternatives), _) => {
                for alternative in alternatives {
                    let all: Vec<&Expr> = std::iter::once(alternative).chain(rest.iter().copied()).collect();
                    let (path, proven) = (self.path.clone(), self.proven.clone());
                    if self.body(&all, parts, bindings.clone()).unwrap_or(false) {
                        return Ok(true);
                    }
                    (self.path, self.proven) = (path, proven);
                }
                Ok(false)
            }
            (ExprKind::Call(call), Some((Part::Goal(node), others))) => {
                let same = call.name.text == *node.goal.predicate
                    && call.args.len() == node.goal.arguments.len()
                    && call.args.iter().zip(&node.goal.arguments).all(|(a, b)| unify(a, b, &mut bindings));
                if !same {
                    return Ok(false);
                }
                self.node(node)?;
                self.body(rest, others, bindings)
            }
            (ExprKind::Not(_), Some((Part::Negation(_), others))) => {
                self.negation(first, &bindings)?;
                self.body(rest, others, bindings)
            }
            (ExprKind::Matches(value, class), _) => {
                // A class test has no part of its own; it may come before the variable is known.
                let argument = argument_of(value, &bindings);
                let fits = argument.is_none_or(|argument| self.is_of(&argument, class));
                Ok(fits && self.body(rest, parts, bindings)?)
            }
            (ExprKind::Binary(binary), Some((Part::Condition { .. }, others))) => {
                Ok(compare(binary, &mut bindings) && self.body(rest, others, bindings)?)
            }
            _ => Ok(false),
        }
    }

    /// Puts a negation to the reference, with values in place of variables.
    fn negation(&self, negation: &Expr, bindings: &Bindings) -> Result<(), String> {
        let mut closed = negation.clone();
        if !replace(&mut closed, bindings) {
            return Ok(());
        }
        let text = print_expr(&closed);
        let outcome = ask_reference_here(self.known.loaded, &text).outcome;
        if outcome.answers.is_empty() && outcome.failure.is_none() {
            return Err(format!("`{text}` does not hold"));
        }
        Ok(())
    }

    fn is_of(&self, argument: &Argument, pattern: &Pattern) -> bool {
        let (Argument::Value(value), PatternKind::Instance(class, fields)) = (argument, &pattern.kind) else {
            return true;
        };
        let checked = self.known.loaded.checked();
        let inner = checked.schema.class(value.as_ref().type_name());
        let among = |classes: &[arctos::ClassId]| inner.is_some_and(|inner| classes.contains(&inner));
        let is_of = match &*class.text {
            "Actor" => among(&checked.actors),
            "Resource" => among(&checked.resources),
            name => {
                let both = inner.zip(checked.schema.class(name));
                both.is_some_and(|(inner, class)| checked.schema.is_subclass(inner, class))
            }
        };
        fields.is_empty() && is_of
    }
}

/// True when a fact's argument stands for a goal's.
fn is_instance(stored: &Value, argument: &Argument) -> bool {
    match (stored, argument) {
        (_, Argument::Open) => true,
        (Value::Any(name), Argument::Value(value)) => value.as_ref().type_name() == name,
        (stored, Argument::Value(value)) => stored == value,
        _ => false,
    }
}

/// Makes a term of a rule and an argument one.
fn unify(term: &Expr, argument: &Argument, bindings: &mut Bindings) -> bool {
    if let ExprKind::Variable(name) = &term.kind {
        if name == "_" || *argument == Argument::Open {
            return true;
        }
        return bindings.entry(name.to_string()).or_insert_with(|| argument.clone()) == argument;
    }
    *argument == Argument::Open || argument_of(term, &Bindings::new()).as_ref() == Some(argument)
}

/// What a term stands for; `None` where that is not known.
fn argument_of(term: &Expr, bindings: &Bindings) -> Option<Argument> {
    Some(Argument::Value(match &term.kind {
        ExprKind::Variable(name) => return bindings.get(name.as_str()).cloned(),
        ExprKind::String(text) => Value::String(text.to_string()),
        ExprKind::Integer(value) => Value::Integer(*value),
        ExprKind::Boolean(value) => Value::Boolean(*value),
        ExprKind::Entity(class, id) => match &id.kind {
            ExprKind::String(id) => Value::entity(class.text.as_str(), id.as_str()),
            _ => return None,
        },
        _ => return None,
    }))
}

/// True when a comparison holds, or is about something that is not known.
fn compare(binary: &Binary, bindings: &mut Bindings) -> bool {
    let (left, right) = (argument_of(&binary.left, bindings), argument_of(&binary.right, bindings));
    let (left, right) = match (binary.op, left, right) {
        (BinaryOp::Unify, Some(left), None) => return unify(&binary.right, &left, bindings),
        (BinaryOp::Unify, None, Some(right)) => return unify(&binary.left, &right, bindings),
        (_, Some(Argument::Value(left)), Some(Argument::Value(right))) => (left, right),
        _ => return true,
    };
    match (binary.op, left, right) {
        (BinaryOp::Unify | BinaryOp::Eq, left, right) => left == right,
        (BinaryOp::Neq, left, right) => left != right,
        (BinaryOp::Lt, Value::Integer(left), Value::Integer(right)) => left < right,
        // A number that stands for whatever number was compared with another one: nobody can say.
        (_, Value::Any(_), _) | (_, _, Value::Any(_)) => true,
        _ => false,
    }
}

/// Puts values in place of variables; false where one of them cannot be written.
fn replace(expr: &mut Expr, bindings: &Bindings) -> bool {
    match &mut expr.kind {
        ExprKind::Variable(name) => match bindings.get(name.as_str()) {
            // One that stands nowhere else is the negation's own; another has a value that no part tells.
            None => name.starts_with('_'),
            Some(Argument::Value(Value::Any(_))) => false,
            Some(Argument::Value(value)) => {
                let text = format!("x = {value}");
                let parsed = arctos_syntax::parse_query(arctos_syntax::SourceId(0), &text);
                let Some(ExprKind::Binary(binary)) = parsed.tree.map(|tree| tree.kind) else { return false };
                *expr = binary.right;
                true
            }
            Some(_) => false,
        },
        ExprKind::And(inner) | ExprKind::Or(inner) => inner.iter_mut().all(|inner| replace(inner, bindings)),
        ExprKind::Not(inner) | ExprKind::Matches(inner, _) => replace(inner, bindings),
        ExprKind::Binary(binary) => {
            replace(&mut binary.left, bindings) && replace(&mut binary.right, bindings)
        }
        ExprKind::Call(call) => call.args.iter_mut().all(|arg| replace(arg, bindings)),
        _ => true,
    }
}
