//! Arithmetic on numbers: integers are checked, `/` is always a float, `mod` follows the sign of the divisor and
//! `rem` that of the dividend.

use std::rc::Rc;

use arctos::ErrorKind;
use arctos_syntax::tree::BinaryOp;

use super::solve::{Goal, Solver, State};
use super::term::Term;
use crate::outcome::Failure;

impl<'p> Solver<'p> {
    /// `left op right = result`. Where an operand is not known yet the goal waits for it.
    pub(super) fn arithmetic(
        &mut self,
        goal: &Rc<Goal<'p>>,
        op: BinaryOp,
        (left, right, result): (&Term, &Term, &Term),
        state: &mut State<'p>,
        choices: &mut [State<'p>],
    ) -> Result<bool, Failure> {
        let (a, b) = (state.bindings.resolve(left), state.bindings.resolve(right));
        let value = match (&a, &b) {
            (Term::Variable(variable), _) | (_, Term::Variable(variable)) => {
                state.wait(Rc::clone(goal), vec![*variable]);
                return Ok(true);
            }
            (Term::Integer(a), Term::Integer(b)) => match integers(op, *a, *b) {
                Some(value) => value,
                None => {
                    let message = format!("{op:?} of `{a}` and `{b}` has no value");
                    return self.no_value(state, choices, Failure::new(ErrorKind::Arithmetic, message));
                }
            },
            (Term::Integer(a), Term::Float(b)) => floats(op, *a as f64, *b),
            (Term::Float(a), Term::Integer(b)) => floats(op, *a, *b as f64),
            (Term::Float(a), Term::Float(b)) => floats(op, *a, *b),
            _ => {
                let message = format!("{op:?} of `{}` and `{}`", self.show(state, &a), self.show(state, &b));
                return self.no_value(state, choices, Failure::new(ErrorKind::Unsupported, message));
            }
        };
        self.unify(&mut state.bindings, result, &value)
    }
}

/// `None` on overflow, and on `mod` and `rem` by zero.
fn integers(op: BinaryOp, a: i64, b: i64) -> Option<Term> {
    let value = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Rem => a.checked_rem(b),
        BinaryOp::Mod => {
            a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
        }
        _ => return Some(floats(op, a as f64, b as f64)),
    };
    value.map(Term::Integer)
}

fn floats(op: BinaryOp, a: f64, b: f64) -> Term {
    Term::Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Rem => a % b,
        BinaryOp::Mod => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
        _ => a / b,
    })
}
