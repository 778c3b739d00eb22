//! Which rules apply to a call, and in which order.
//!
//! All rules of the name and arity whose parameters unify and match apply, more specific ones first; ties keep the
//! order of the text. The first argument whose specializers differ decides.

use std::rc::Rc;

use arctos::{ClassId, ErrorKind};
use arctos_syntax::tree::{ExprKind, Pattern, PatternKind, Rule};

use super::rewrite::Lifted;
use super::solve::{Frame, Goal, Solver, State, fail};
use super::term::Term;
use super::unknown::Cut;
use crate::outcome::Failure;

/// The goals that stand in a rule's head, and the rule's variables.
type Head<'p> = (Vec<Goal<'p>>, Rc<Frame<'p>>);

impl<'p> Solver<'p> {
    /// A rule call: pushes one state for each rule that applies, the first to be tried last.
    pub(super) fn call(
        &mut self,
        name: &'p str,
        args: &[Term],
        state: &State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let call = Some(self.fresh.number());
        let cut = Cut { height: choices.len(), call, doubts: state.doubts() };
        let mut open = Vec::new();
        args.iter().for_each(|arg| state.bindings.unbound(arg, &mut open));
        let end = Goal::Left(state.bindings.clone(), open);
        let mut applicable = self.applicable(name, args, state, (cut, &Rc::new(end)))?;
        // Insertion sort, comparing neighbours: what stays where it is when two rules cannot be compared is part of
        // the language.
        for index in 1..applicable.len() {
            for at in (1..=index).rev() {
                let [left, right] = [at, at - 1].map(|at| applicable.get(at).map(|(rule, _)| *rule));
                match (left, right) {
                    (Some(left), Some(right)) if self.is_more_specific(left, right, args, state) => {
                        applicable.swap(at, at - 1);
                    }
                    _ => break,
                }
            }
        }
        choices.extend(applicable.into_iter().rev().map(|(_, state)| state));
        if self.may_be_fact(name, args.len()) {
            choices.extend(self.facts(name, args, state)?.into_iter().rev());
        }
        Ok(())
    }

    fn may_be_fact(&self, name: &str, arity: usize) -> bool {
        self.program.facts.iter().any(|(known, of)| known == name && *of == arity)
    }

    /// The rules whose heads match, in the order of the text, each with the state in which its body begins.
    fn applicable(
        &mut self,
        name: &'p str,
        args: &[Term],
        state: &State<'p>,
        (cut, end): (Cut, &Rc<Goal<'p>>),
    ) -> Result<Vec<(&'p Rule, State<'p>)>, Failure> {
        let program = self.program;
        let named = program.rules.iter().filter(|rule| rule.head.name.text == name);
        if named.clone().next().is_none() && !self.may_be_fact(name, args.len()) {
            return fail(ErrorKind::UndefinedRule, format!("there is no rule `{name}`"));
        }
        let mut applicable = Vec::new();
        for rule in named.filter(|rule| rule.head.params.len() == args.len()) {
            let mut state = state.clone();
            if let Some((mut goals, frame)) = self.match_head(rule, args, &mut state)? {
                goals.extend(rule.body.as_ref().map(|body| Goal::Holds(body, frame, cut)));
                state.push_shared(vec![Rc::clone(end)]);
                state.push(goals);
                state.rule_of = cut.call;
                applicable.push((rule, state));
            }
        }
        Ok(applicable)
    }

    /// Unifies a rule's parameters with arguments; the goals that stand in its head come back, for the body.
    fn match_head(
        &mut self,
        rule: &'p Rule,
        args: &[Term],
        state: &mut State<'p>,
    ) -> Result<Option<Head<'p>>, Failure> {
        let frame = Frame::of_rule(rule);
        let mut lifted = Lifted::new();
        for (param, arg) in rule.head.params.iter().zip(args) {
            // A parameter that is named nowhere else gives its argument no second name.
            let anonymous = matches!(&param.term.kind, ExprKind::Variable(name) if frame.is_anonymous(name));
            let term = if anonymous { arg.clone() } else { self.term(&param.term, &frame, &mut lifted)? };
            if !self.unify(&mut state.bindings, arg, &term)? {
                return Ok(None);
            }
            if let Some(pattern) = &param.specializer {
                let shape = Rc::new(self.shape(pattern, &frame, &mut lifted)?);
                if !self.matches(state, arg, &shape)? {
                    return Ok(None);
                }
            }
        }
        Ok(Some((lifted.goals, frame)))
    }

    fn is_more_specific(&self, left: &Rule, right: &Rule, args: &[Term], state: &State<'p>) -> bool {
        for ((left, right), arg) in left.head.params.iter().zip(&right.head.params).zip(args) {
            match (&left.specializer, &right.specializer) {
                (None, None) => {}
                (Some(_), None) => return true,
                (None, Some(_)) => return false,
                (Some(left), Some(right)) => match (self.is_union(left), self.is_union(right)) {
                    (true, true) => {}
                    (true, false) => return false,
                    (false, true) => return true,
                    (false, false) if same_pattern(left, right) => {}
                    (false, false) => return self.is_subspecializer(left, right, arg, state),
                },
            }
        }
        false
    }

    fn is_union(&self, pattern: &Pattern) -> bool {
        let PatternKind::Instance(name, _) = &pattern.kind else { return false };
        matches!(&*name.text, "Actor" | "Resource") && self.world.schema().class(&name.text).is_none()
    }

    fn is_subspecializer(&self, left: &Pattern, right: &Pattern, arg: &Term, state: &State<'p>) -> bool {
        match (&left.kind, &right.kind) {
            (PatternKind::Instance(..), PatternKind::Dictionary(_)) => true,
            (PatternKind::Dictionary(left), PatternKind::Dictionary(right)) => left.len() > right.len(),
            (PatternKind::Instance(left, fields), PatternKind::Instance(right, others)) => {
                let (Term::Object(_) | Term::Entity(..)) = state.bindings.resolve(arg) else { return false };
                if left.text == right.text {
                    return fields.len() > others.len();
                }
                let class = self.world.class_id(&state.bindings.value(arg));
                let lineage = class.map_or(&[][..], |class| self.world.schema().lineage(class));
                let place = |name: &str| -> Option<usize> {
                    let class: ClassId = self.world.schema().class(name)?;
                    lineage.iter().position(|known| *known == class)
                };
                match (place(&left.text), place(&right.text)) {
                    (Some(left), Some(right)) => left < right,
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// Equal but for their places in the text.
fn same_pattern(left: &Pattern, right: &Pattern) -> bool {
    let same_fields = |a: &[(arctos_syntax::tree::Ident, Pattern)],
                       b: &[(arctos_syntax::tree::Ident, Pattern)]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0.text == b.0.text && same_pattern(&a.1, &b.1))
    };
    match (&left.kind, &right.kind) {
        (PatternKind::Instance(a, fields), PatternKind::Instance(b, others)) => {
            a.text == b.text && same_fields(fields, others)
        }
        (PatternKind::Dictionary(a), PatternKind::Dictionary(b)) => same_fields(a, b),
        (PatternKind::List(a), PatternKind::List(b)) => {
            a.items.len() == b.items.len()
                && a.items.iter().zip(&b.items).all(|(a, b)| same_pattern(a, b))
                && a.rest.as_ref().map(|rest| &rest.text) == b.rest.as_ref().map(|rest| &rest.text)
        }
        (PatternKind::Value(a), PatternKind::Value(b)) => a.kind == b.kind,
        _ => false,
    }
}
