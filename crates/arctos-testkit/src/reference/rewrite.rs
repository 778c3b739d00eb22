//! From conditions as written to goals: lookups, arithmetic and `new` inside a term become goals of their own.
//!
//! They stand before the condition that uses them, left to right. Where the condition is `=` and only lookups and
//! arithmetic are taken out, it stands before them: the terms are unified first, then looked into.

use std::collections::BTreeMap;
use std::rc::Rc;

use arctos::{Comparison, ErrorKind};
use arctos_syntax::tree::{
    Binary, BinaryOp, Call, Dot, Expr, ExprKind, Ident, List, Member, Pattern, PatternKind,
};

use super::recursion::is_arithmetic;
use super::solve::{Frame, Goal, Invocation, Shape, Solver, fail};
use super::term::{Term, from_value};
use crate::outcome::Failure;

/// Goals that were taken out of terms.
pub(super) struct Lifted<'p> {
    pub(super) goals: Vec<Goal<'p>>,
    /// False where an object is made.
    pure: bool,
}

impl<'p> Lifted<'p> {
    pub(super) fn new() -> Self {
        Lifted { goals: Vec::new(), pure: true }
    }

    fn then(mut self, goal: Goal<'p>) -> Vec<Goal<'p>> {
        self.goals.push(goal);
        self.goals
    }
}

impl<'p> Solver<'p> {
    /// The goals of a condition that is not `and`, `or`, `not`, `forall`, `cut` or `debug`.
    pub(super) fn rewrite(
        &mut self,
        expr: &'p Expr,
        frame: &Rc<Frame<'p>>,
    ) -> Result<Vec<Goal<'p>>, Failure> {
        let mut lifted = Lifted::new();
        Ok(match &expr.kind {
            ExprKind::Call(call) => {
                if !call.kwargs.is_empty() {
                    return fail(ErrorKind::Unsupported, "rules take no keyword arguments");
                }
                let args = self.terms(&call.args, frame, &mut lifted)?;
                let schema = self.world.schema();
                let tabled = self.recursion.tables(call, frame.rule, self.program, schema);
                lifted.then(Goal::Call(&call.name.text, args, tabled))
            }
            ExprKind::Matches(value, pattern) => {
                let term = self.term(value, frame, &mut lifted)?;
                let shape = self.shape(pattern, frame, &mut lifted)?;
                lifted.then(Goal::Matches(term, Rc::new(shape)))
            }
            ExprKind::Print(values) => {
                let terms = self.terms(values, frame, &mut lifted)?;
                lifted.then(Goal::Print(terms))
            }
            ExprKind::Binary(binary) if !is_arithmetic(binary.op) => {
                self.rewrite_binary(binary, frame, lifted)?
            }
            _ => {
                let term = self.term(expr, frame, &mut lifted)?;
                lifted.then(Goal::Truth(term))
            }
        })
    }

    fn rewrite_binary(
        &mut self,
        binary: &'p Binary,
        frame: &Rc<Frame<'p>>,
        mut lifted: Lifted<'p>,
    ) -> Result<Vec<Goal<'p>>, Failure> {
        let left = self.term(&binary.left, frame, &mut lifted)?;
        let right = self.term(&binary.right, frame, &mut lifted)?;
        let comparison = |op| Goal::Compare(op, left.clone(), right.clone());
        let goal = match binary.op {
            BinaryOp::Unify if lifted.pure => {
                let mut goals = vec![Goal::Unify(left, right)];
                goals.append(&mut lifted.goals);
                return Ok(goals);
            }
            BinaryOp::Unify => Goal::Unify(left, right),
            BinaryOp::Assign => Goal::Assign(left, right),
            BinaryOp::In => Goal::In(left, right),
            BinaryOp::Eq => comparison(Comparison::Eq),
            BinaryOp::Neq => comparison(Comparison::Neq),
            BinaryOp::Lt => comparison(Comparison::Lt),
            BinaryOp::Leq => comparison(Comparison::Leq),
            BinaryOp::Gt => comparison(Comparison::Gt),
            BinaryOp::Geq => comparison(Comparison::Geq),
            op => return fail(ErrorKind::Unsupported, format!("{op:?} is no condition")),
        };
        Ok(lifted.then(goal))
    }

    /// `User{"ann"}`; `Integer{1}` is `1`.
    fn entity(&self, class: &Ident, id: Term) -> Term {
        let known = self.world.schema().class(&class.text);
        match id {
            Term::String(id) if known.is_some_and(|known| self.world.schema().has_entities(known)) => {
                Term::Entity(class.text.as_str().into(), id)
            }
            other => other,
        }
    }

    fn terms(
        &mut self,
        exprs: &'p [Expr],
        frame: &Rc<Frame<'p>>,
        lifted: &mut Lifted<'p>,
    ) -> Result<Vec<Term>, Failure> {
        exprs.iter().map(|expr| self.term(expr, frame, lifted)).collect()
    }

    /// The term of a value as written; what must be computed for it goes to `lifted`.
    pub(super) fn term(
        &mut self,
        expr: &'p Expr,
        frame: &Rc<Frame<'p>>,
        lifted: &mut Lifted<'p>,
    ) -> Result<Term, Failure> {
        Ok(match &expr.kind {
            ExprKind::Integer(number) => Term::Integer(*number),
            ExprKind::Float(number) => Term::Float(*number),
            ExprKind::String(text) => Term::string(text),
            ExprKind::Boolean(truth) => Term::Boolean(*truth),
            ExprKind::Entity(class, id) => {
                let id = self.term(id, frame, lifted)?;
                self.entity(class, id)
            }
            ExprKind::RequestValue(name) if name != "current_unix_time" => {
                Term::Entity(format!("@{name}").into(), "".into())
            }
            ExprKind::RequestValue(_) => match self.world.unix_time {
                Some(seconds) => Term::Integer(seconds),
                None => return fail(ErrorKind::NotGiven, "the request does not say `@current_unix_time`"),
            },
            ExprKind::Variable(name) => self.named(name, frame),
            ExprKind::List(list) => {
                let List { items, rest } = &**list;
                let items = self.terms(items, frame, lifted)?;
                self.list(items, rest.as_ref(), frame)
            }
            ExprKind::Dictionary(entries) => {
                let mut values = BTreeMap::new();
                for (key, value) in entries {
                    values.insert(key.text.to_string(), self.term(value, frame, lifted)?);
                }
                Term::Dictionary(Rc::new(values))
            }
            ExprKind::New(call) => {
                let class = self.invocation(call, frame, lifted)?;
                let result = self.fresh.variable();
                lifted.goals.push(Goal::Construct(class, result.clone()));
                lifted.pure = false;
                result
            }
            ExprKind::Dot(dot) => self.dot(dot, frame, lifted)?,
            ExprKind::Binary(binary) if is_arithmetic(binary.op) => {
                let left = self.term(&binary.left, frame, lifted)?;
                let right = self.term(&binary.right, frame, lifted)?;
                let result = self.fresh.variable();
                lifted.goals.push(Goal::Arithmetic(binary.op, left, right, result.clone()));
                result
            }
            _ => return fail(ErrorKind::Unsupported, "classic Polar has no value of this form"),
        })
    }

    fn list(&self, items: Vec<Term>, rest: Option<&'p Ident>, frame: &Frame<'p>) -> Term {
        let rest = rest.map(|rest| Rc::new(frame.variable(&rest.text, &self.fresh)));
        Term::List(items.into(), rest)
    }

    /// A class, a constant, or else a variable.
    fn named(&self, name: &'p str, frame: &Frame<'p>) -> Term {
        match self.world.constant(name) {
            Some(value) => from_value(&value),
            None => frame.variable(name, &self.fresh),
        }
    }

    fn dot(&mut self, dot: &'p Dot, frame: &Rc<Frame<'p>>, lifted: &mut Lifted<'p>) -> Result<Term, Failure> {
        let object = self.term(&dot.object, frame, lifted)?;
        let result = self.fresh.variable();
        let goal = match &dot.member {
            Member::Field(name) => Goal::Lookup(object, Term::string(&name.text), result.clone()),
            Member::Dynamic(key) => Goal::Lookup(object, self.term(key, frame, lifted)?, result.clone()),
            Member::Method(call) => {
                Goal::Invoke(object, self.invocation(call, frame, lifted)?, result.clone())
            }
        };
        lifted.goals.push(goal);
        Ok(result)
    }

    fn invocation(
        &mut self,
        call: &'p Call,
        frame: &Rc<Frame<'p>>,
        lifted: &mut Lifted<'p>,
    ) -> Result<Invocation<'p>, Failure> {
        let args = self.terms(&call.args, frame, lifted)?;
        let words = call.kwargs.iter().map(|(key, value)| Ok((&*key.text, self.term(value, frame, lifted)?)));
        Ok(Invocation { name: &call.name.text, args, words: words.collect::<Result<_, _>>()? })
    }

    /// A pattern, with its variables and the values it computes.
    pub(super) fn shape(
        &mut self,
        pattern: &'p Pattern,
        frame: &Rc<Frame<'p>>,
        lifted: &mut Lifted<'p>,
    ) -> Result<Shape, Failure> {
        let mut fields = |fields: &'p [(Ident, Pattern)], solver: &mut Self| {
            let shapes = fields.iter().map(|(name, field)| {
                Ok((name.text.to_string(), Rc::new(solver.shape(field, frame, lifted)?)))
            });
            shapes.collect::<Result<Vec<_>, Failure>>()
        };
        Ok(match &pattern.kind {
            PatternKind::Instance(class, given) => Shape::Class(class.text.to_string(), fields(given, self)?),
            PatternKind::Dictionary(given) => Shape::Fields(fields(given, self)?),
            PatternKind::Value(expr) => Shape::Term(self.term(expr, frame, lifted)?),
            PatternKind::List(list) => {
                let items = list.items.iter().map(|item| self.shape(item, frame, lifted).map(Rc::new));
                let items = items.collect::<Result<_, _>>()?;
                Shape::List(items, list.rest.as_ref().map(|rest| frame.variable(&rest.text, &self.fresh)))
            }
        })
    }
}
