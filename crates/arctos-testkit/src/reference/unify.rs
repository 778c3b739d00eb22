//! Unification and comparison.

use std::cmp::Ordering;
use std::rc::Rc;

use arctos::{Comparison, ErrorKind, Limit};

use super::solve::{Goal, Solver, State, fail, host_failure};
use super::term::{Bindings, Term, Var};
use crate::outcome::Failure;

/// How deep terms are compared before they count as endless.
const DEEPEST: usize = 500;

impl<'p> Solver<'p> {
    /// Makes two terms the same, if they can be.
    pub(super) fn unify(
        &mut self,
        bindings: &mut Bindings,
        left: &Term,
        right: &Term,
    ) -> Result<bool, Failure> {
        self.unify_within(bindings, left, right, 0)
    }

    fn unify_within(
        &mut self,
        bindings: &mut Bindings,
        left: &Term,
        right: &Term,
        depth: usize,
    ) -> Result<bool, Failure> {
        if depth > DEEPEST {
            return fail(ErrorKind::Exhausted(Limit::Depth), "a value contains itself");
        }
        // A variable is equal to itself, whatever it is bound to: `x = nan and x = x`.
        if let (Term::Variable(a), Term::Variable(b)) = (left, right)
            && a == b
        {
            return Ok(true);
        }
        match (bindings.resolve(left), bindings.resolve(right)) {
            (Term::Variable(a), Term::Variable(b)) if a == b => {}
            (Term::Variable(a), Term::Variable(b)) => bindings.alias(a, b),
            (Term::Variable(variable), value) | (value, Term::Variable(variable)) => {
                // A value that contains itself has no end: what can be said of it is left open, so the reference
                // says nothing.
                let mut inside = Vec::new();
                bindings.unbound(&value, &mut inside);
                if inside.contains(&variable) {
                    return fail(ErrorKind::Exhausted(Limit::Depth), "a value contains itself");
                }
                bindings.bind(variable, value);
            }
            (Term::List(a, a_rest), Term::List(b, b_rest)) => {
                let (Some(a), Some(b)) =
                    (bindings.items(&a, a_rest.as_deref()), bindings.items(&b, b_rest.as_deref()))
                else {
                    return Ok(false);
                };
                return self.unify_lists(bindings, a, b, depth);
            }
            (Term::Dictionary(a), Term::Dictionary(b)) => {
                if !a.keys().eq(b.keys()) {
                    return Ok(false);
                }
                for (a, b) in a.values().zip(b.values()) {
                    if !self.unify_within(bindings, a, b, depth + 1)? {
                        return Ok(false);
                    }
                }
            }
            (Term::Entity(a, one), Term::Entity(b, other)) => return Ok(a == b && one == other),
            (entity @ Term::Entity(..), other) | (other, entity @ Term::Entity(..)) => {
                let other = self.as_entity(other)?;
                return Ok(bindings.value(&entity) == bindings.value(&other));
            }
            (Term::Boolean(a), Term::Boolean(b)) => return Ok(a == b),
            (Term::String(a), Term::String(b)) => return Ok(a == b),
            (Term::Nil, Term::Nil) => {}
            (a, b) if is_number(&a) && is_number(&b) => {
                return Ok(number_order(&a, &b) == Some(Ordering::Equal));
            }
            (a, b) if is_object(&a) || is_object(&b) => {
                let (a, b) = (bindings.value(&a), bindings.value(&b));
                return self.world.compare(Comparison::Eq, &a, &b).map_err(host_failure);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn unify_lists(
        &mut self,
        bindings: &mut Bindings,
        (a, a_rest): (Vec<Term>, Option<Var>),
        (b, b_rest): (Vec<Term>, Option<Var>),
        depth: usize,
    ) -> Result<bool, Failure> {
        let shared = a.len().min(b.len());
        let too_long = a.len() > shared && b_rest.is_none() || b.len() > shared && a_rest.is_none();
        if too_long {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(&b) {
            if !self.unify_within(bindings, a, b, depth + 1)? {
                return Ok(false);
            }
        }
        let tail = |items: &[Term], rest: Option<Var>| {
            let items: Vec<Term> = items.iter().skip(shared).cloned().collect();
            match rest {
                Some(rest) if items.is_empty() => Term::Variable(rest),
                rest => Term::List(items.into(), rest.map(|rest| Rc::new(Term::Variable(rest)))),
            }
        };
        match (a_rest, b_rest) {
            (None, None) => Ok(true),
            _ => self.unify_within(bindings, &tail(&a, a_rest), &tail(&b, b_rest), depth + 1),
        }
    }

    /// `==`, `<` and the like. Where a side is not known yet the comparison waits.
    pub(super) fn compare(
        &mut self,
        goal: &Rc<Goal<'p>>,
        op: Comparison,
        left: &Term,
        right: &Term,
        state: &mut State<'p>,
    ) -> Result<bool, Failure> {
        let is_nil = |term: &Term| state.bindings.resolve(term).is_nil();
        let has_nil = is_nil(left) || is_nil(right);
        match self.compared(state, op, left, right, 0) {
            Ok(Compared::Known(truth)) => Ok(truth),
            Ok(Compared::Waits(variable)) => {
                state.wait(Rc::clone(goal), vec![variable]);
                Ok(true)
            }
            Err(failure) if has_nil || failure.kind == "Type" => self.unknown(state, failure),
            Err(failure) => Err(failure),
        }
    }

    fn compared(
        &mut self,
        state: &State<'p>,
        op: Comparison,
        left: &Term,
        right: &Term,
        depth: usize,
    ) -> Result<Compared, Failure> {
        if depth > DEEPEST {
            return fail(ErrorKind::Exhausted(Limit::Depth), "a value contains itself");
        }
        let (a, b) = (state.bindings.resolve(left), state.bindings.resolve(right));
        let known = match (&a, &b) {
            (Term::Variable(variable), _) | (_, Term::Variable(variable)) => {
                return Ok(Compared::Waits(*variable));
            }
            (Term::Entity(..), _) | (_, Term::Entity(..))
                if matches!(op, Comparison::Eq | Comparison::Neq) =>
            {
                let (a, b) = (self.as_entity(a)?, self.as_entity(b)?);
                (state.bindings.value(&a) == state.bindings.value(&b)) == (op == Comparison::Eq)
            }
            _ if (is_object(&a) || is_object(&b)) && !is_entity(&a) && !is_entity(&b) => {
                let (a, b) = (state.bindings.value(&a), state.bindings.value(&b));
                self.world.compare(op, &a, &b).map_err(host_failure)?
            }
            (Term::String(a), Term::String(b)) => by_order(op, Some(a.cmp(b))),
            _ if is_countable(&a) && is_countable(&b) => by_order(op, number_order(&a, &b)),
            _ if !matches!(op, Comparison::Eq | Comparison::Neq) => {
                let (a, b) = (self.show(state, &a), self.show(state, &b));
                return fail(ErrorKind::Type, format!("`{a}` and `{b}` have no order"));
            }
            _ => match self.same_structure(state, &a, &b, depth)? {
                Compared::Known(same) => same == (op == Comparison::Eq),
                waits @ Compared::Waits(_) => return Ok(waits),
            },
        };
        Ok(Compared::Known(known))
    }

    /// `==` of values that are no numbers, strings or objects.
    fn same_structure(
        &mut self,
        state: &State<'p>,
        a: &Term,
        b: &Term,
        depth: usize,
    ) -> Result<Compared, Failure> {
        let pairs: Vec<(Term, Term)> = match (a, b) {
            (Term::Nil, Term::Nil) => Vec::new(),
            (Term::List(a, a_rest), Term::List(b, b_rest)) => {
                let (a, a_rest) = state.bindings.items(a, a_rest.as_deref()).unwrap_or_default();
                let (b, b_rest) = state.bindings.items(b, b_rest.as_deref()).unwrap_or_default();
                if let Some(rest) = a_rest.or(b_rest) {
                    return Ok(Compared::Waits(rest));
                }
                if a.len() != b.len() {
                    return Ok(Compared::Known(false));
                }
                a.into_iter().zip(b).collect()
            }
            (Term::Dictionary(a), Term::Dictionary(b)) if a.keys().eq(b.keys()) => {
                a.values().cloned().zip(b.values().cloned()).collect()
            }
            _ => return Ok(Compared::Known(false)),
        };
        for (a, b) in pairs {
            match self.compared(state, Comparison::Eq, &a, &b, depth + 1)? {
                Compared::Known(true) => {}
                other => return Ok(other),
            }
        }
        Ok(Compared::Known(true))
    }
}

/// What a comparison comes to.
enum Compared {
    Known(bool),
    Waits(Var),
}

fn is_object(term: &Term) -> bool {
    matches!(term, Term::Object(_) | Term::Class(_))
}

fn is_entity(term: &Term) -> bool {
    matches!(term, Term::Entity(..))
}

fn is_number(term: &Term) -> bool {
    matches!(term, Term::Integer(_) | Term::Float(_))
}

/// Numbers, and truth values, which `==` and `<` take as 0 and 1.
fn is_countable(term: &Term) -> bool {
    is_number(term) || matches!(term, Term::Boolean(_))
}

fn by_order(op: Comparison, order: Option<Ordering>) -> bool {
    match op {
        Comparison::Eq => order == Some(Ordering::Equal),
        Comparison::Neq => order != Some(Ordering::Equal),
        Comparison::Lt => order == Some(Ordering::Less),
        Comparison::Leq => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Gt => order == Some(Ordering::Greater),
        Comparison::Geq => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// The order of two numbers by their exact values; `None` where one is not a number (`nan`).
fn number_order(a: &Term, b: &Term) -> Option<Ordering> {
    match (a, b) {
        (Term::Boolean(truth), _) => number_order(&Term::Integer(i64::from(*truth)), b),
        (_, Term::Boolean(truth)) => number_order(a, &Term::Integer(i64::from(*truth))),
        (Term::Integer(a), Term::Integer(b)) => Some(a.cmp(b)),
        (Term::Float(a), Term::Float(b)) => a.partial_cmp(b),
        (Term::Integer(a), Term::Float(b)) => exact_order(*a, *b),
        (Term::Float(a), Term::Integer(b)) => exact_order(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

fn exact_order(integer: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Every whole float between these bounds, and every integer, is an exact i128.
    let whole = float.clamp(-1e19, 1e19).trunc();
    let order = i128::from(integer).cmp(&(whole as i128));
    Some(order.then_with(|| whole.partial_cmp(&float).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_exact_value() {
        assert_eq!(exact_order(9_007_199_254_740_993, 9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(exact_order(1, 1.5), Some(Ordering::Less));
        assert_eq!(exact_order(-1, -1.5), Some(Ordering::Greater));
        assert_eq!(exact_order(i64::MAX, f64::INFINITY), Some(Ordering::Less));
        assert_eq!(exact_order(i64::MAX, 9_223_372_036_854_775_808.0), Some(Ordering::Less));
        assert_eq!(exact_order(0, f64::NAN), None);
    }
}
