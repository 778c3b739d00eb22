//! A derivation's formula for values that are at hand: what it comes to where it is no recursion.

use std::sync::Arc;

use super::formula::{Computed, Derivation, Expression, Formula, Related, Row, SomeRow};
use super::ground::{compare, computed_of};
use crate::host::Comparison;

impl Formula {
    /// The formula with these expressions in place of the values of `member`.
    pub(super) fn substituted(&self, member: Row, values: &[Expression]) -> Formula {
        let inner = |formula: &Formula| formula.substituted(member, values);
        let value = |expression: &Expression| of(expression, member, values);
        match self {
            Formula::Known(_) | Formula::Unknown | Formula::Least(..) | Formula::Again(..) => self.clone(),
            Formula::Compare(op, left, right) => compared(*op, value(left), value(right)),
            Formula::OneOf(expression, constants) => match value(expression) {
                Expression::Constant(known) => Formula::Known(
                    constants.iter().any(|constant| compare(Comparison::Eq, &known, constant) == Some(true)),
                ),
                expression => Formula::OneOf(expression, constants.clone()),
            },
            Formula::All(parts) => Formula::all(parts.iter().map(inner)),
            Formula::Any(parts) => Formula::any(parts.iter().map(inner)),
            Formula::Not(negated) => inner(negated).negated(),
            Formula::Some(related) => {
                Formula::some(Related { formula: inner(&related.formula), ..(**related).clone() })
            }
            Formula::One(related) => {
                Formula::one(Related { formula: inner(&related.formula), ..(**related).clone() })
            }
            Formula::Exists(some) => {
                Formula::exists(SomeRow { formula: inner(&some.formula), ..(**some).clone() })
            }
            Formula::Derived(derivation, of) => {
                Formula::Derived(derivation.clone(), of.iter().map(value).collect())
            }
            Formula::DerivedAgain(number, of) => {
                Formula::DerivedAgain(*number, of.iter().map(value).collect())
            }
        }
    }
}

fn of(expression: &Expression, member: Row, values: &[Expression]) -> Expression {
    match expression {
        Expression::Attribute(row, name) if *row == member => {
            let part = (0..values.len()).find(|place| Derivation::part(*place) == *name);
            part.and_then(|place| values.get(place)).unwrap_or(expression).clone()
        }
        Expression::Computed(computed) => {
            let (left, right) = (of(&computed.left, member, values), of(&computed.right, member, values));
            match (left, right) {
                (Expression::Constant(left), Expression::Constant(right)) => {
                    Expression::Constant(computed_of(computed.op, &left, &right))
                }
                (left, right) => {
                    Expression::Computed(Arc::new(Computed { left, right, ..(**computed).clone() }))
                }
            }
        }
        other => other.clone(),
    }
}

fn compared(op: Comparison, left: Expression, right: Expression) -> Formula {
    match (left, right) {
        (Expression::Constant(left), Expression::Constant(right)) => {
            compare(op, &left, &right).map_or(Formula::Unknown, Formula::Known)
        }
        (left @ Expression::Constant(_), right) if matches!(op, Comparison::Eq | Comparison::Neq) => {
            Formula::Compare(op, right, left)
        }
        (left, right) => Formula::Compare(op, left, right),
    }
}
