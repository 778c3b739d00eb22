//! Arithmetic: 64-bit integers that never wrap, double-precision floats.
//!
//! `/` gives a float. `mod` takes the sign of the divisor, `rem` that of the dividend. Integer overflow and integer
//! `mod`/`rem` by zero are errors; floats follow IEEE 754.

use super::{Condition, Evaluation, Outcome, Stop, fail};
use crate::error::ErrorKind;
use crate::heap::{Cell, Variable};
use crate::host::Host;
use crate::ir::{Arithmetic, Slot};
use crate::observe::Observer;

fn integers(op: Arithmetic, a: i64, b: i64) -> Option<Cell> {
    Some(Cell::Integer(match op {
        Arithmetic::Add => a.checked_add(b)?,
        Arithmetic::Sub => a.checked_sub(b)?,
        Arithmetic::Mul => a.checked_mul(b)?,
        #[expect(clippy::cast_precision_loss, reason = "`/` is defined on floats")]
        Arithmetic::Div => return Some(Cell::Float(a as f64 / b as f64)),
        Arithmetic::Rem => a.checked_rem(b)?,
        Arithmetic::Mod => {
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
    }))
}

fn floats(op: Arithmetic, a: f64, b: f64) -> f64 {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Sub => a - b,
        Arithmetic::Mul => a * b,
        Arithmetic::Div => a / b,
        Arithmetic::Rem => a % b,
        Arithmetic::Mod => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "mixed arithmetic is defined on floats")]
fn as_float(cell: Cell) -> Option<f64> {
    match cell {
        Cell::Integer(value) => Some(value as f64),
        Cell::Float(value) => Some(value),
        _ => None,
    }
}

/// `left op right` of two numbers; `None` where it is an error.
pub(crate) fn compute(op: Arithmetic, left: Cell, right: Cell) -> Option<Cell> {
    match (left, right) {
        (Cell::Integer(a), Cell::Integer(b)) => integers(op, a, b),
        _ => Some(Cell::Float(floats(op, as_float(left)?, as_float(right)?))),
    }
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goal `pc`: `out = left op right`.
    pub(super) fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: Cell,
        right: Cell,
        out: Slot,
        pc: u32,
    ) -> Outcome {
        for operand in [left, right] {
            if let Cell::Variable(variable) = operand {
                return Ok(self.delay(variable, Condition::Goal(pc)));
            }
        }
        let Some(result) = compute(op, left, right) else {
            return Err(match (left, right) {
                (Cell::Integer(_), Cell::Integer(_)) => self.arithmetic_error(op, left, right),
                _ => self.not_numbers(op, left, right),
            });
        };
        let out = Cell::Variable(Variable(self.m.regs.env + out.0));
        self.unify(out, result)
    }

    #[cold]
    fn arithmetic_error(&self, op: Arithmetic, left: Cell, right: Cell) -> Stop {
        let why = match (op, right) {
            (Arithmetic::Mod | Arithmetic::Rem, Cell::Integer(0)) => "divides by zero",
            _ => "does not fit a 64-bit integer",
        };
        let message = format!("`{} {op} {}` {why}", self.show(left), self.show(right));
        fail(ErrorKind::Arithmetic, message)
    }

    #[cold]
    fn not_numbers(&self, op: Arithmetic, left: Cell, right: Cell) -> Stop {
        let message = format!("`{op}` needs two numbers, not {} and {}", self.show(left), self.show(right));
        fail(ErrorKind::Unsupported, message)
    }
}
