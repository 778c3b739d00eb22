//! Comparisons: `== != < <= > >=`.
//!
//! Equality of different kinds of value is false; order of different kinds is an error. A boolean counts as 0 or 1
//! beside a number. Integers and floats compare by exact value. Lists and dictionaries are equal item by item.

use std::cmp::Ordering;

use super::{Condition, Evaluation, Outcome, Stop, fail};
use crate::error::ErrorKind;
use crate::heap::{Cell, Met, Variable, Walk};
use crate::host::{Comparison, Host};
use crate::observe::Observer;

/// The order of an integer and a float by exact value; `None` for NaN.
pub(crate) fn integer_float(a: i64, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    // 2^63 as a float; integers lie in [-2^63, 2^63).
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if b >= EDGE {
        return Some(Ordering::Less);
    }
    if b < -EDGE {
        return Some(Ordering::Greater);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    let whole = b.trunc() as i64;
    Some(a.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal)))
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Float(f64),
}

fn number(cell: Cell) -> Option<Number> {
    match cell {
        Cell::Integer(value) => Some(Number::Integer(value)),
        Cell::Boolean(value) => Some(Number::Integer(i64::from(value))),
        Cell::Float(value) => Some(Number::Float(value)),
        _ => None,
    }
}

fn order_numbers(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => Some(a.cmp(&b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Integer(a), Number::Float(b)) => integer_float(a, b),
        (Number::Float(a), Number::Integer(b)) => integer_float(b, a).map(Ordering::reverse),
    }
}

/// What an order says about a comparison; values without order satisfy only `!=`.
pub(crate) fn holds(op: Comparison, order: Option<Ordering>) -> bool {
    match (op, order) {
        (Comparison::Neq, None) => true,
        (_, None) => false,
        (Comparison::Eq, Some(order)) => order.is_eq(),
        (Comparison::Neq, Some(order)) => order.is_ne(),
        (Comparison::Lt, Some(order)) => order.is_lt(),
        (Comparison::Leq, Some(order)) => order.is_le(),
        (Comparison::Gt, Some(order)) => order.is_gt(),
        (Comparison::Geq, Some(order)) => order.is_ge(),
    }
}

/// What comparing for equality finds.
enum Equality {
    Known(bool),
    /// It depends on that variable.
    Open(Variable),
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Goal `pc`: `left op right`.
    pub(crate) fn compare(&mut self, op: Comparison, left: Cell, right: Cell, pc: u32) -> Outcome {
        match (left, right) {
            (Cell::Variable(variable), _) | (_, Cell::Variable(variable)) => {
                return Ok(self.delay(variable, Condition::Goal(pc)));
            }
            (Cell::Entity(_), _) | (_, Cell::Entity(_)) => {}
            (Cell::Object(_), _) | (_, Cell::Object(_)) => {
                let compared = self.host_compare(op, left, right);
                return if left == Cell::Nil || right == Cell::Nil {
                    self.or_unknown(compared)
                } else {
                    compared
                };
            }
            _ => {}
        }
        match op {
            Comparison::Eq | Comparison::Neq => match self.equal(left, right)? {
                Equality::Known(equal) => Ok(equal == (op == Comparison::Eq)),
                Equality::Open(variable) => Ok(self.delay(variable, Condition::Goal(pc))),
            },
            op => match (number(left), number(right), left, right) {
                (Some(a), Some(b), ..) => Ok(holds(op, order_numbers(a, b))),
                (_, _, Cell::Text(a), Cell::Text(b)) => {
                    Ok(holds(op, Some(self.heap.text(a).cmp(self.heap.text(b)))))
                }
                _ => self.unknown(self.incomparable(op, left, right)),
            },
        }
    }

    #[cold]
    fn incomparable(&self, op: Comparison, left: Cell, right: Cell) -> Stop {
        let (left, right) = (self.show(left), self.show(right));
        fail(ErrorKind::Type, format!("`{op}` cannot compare {left} with {right}"))
    }

    fn equal(&mut self, left: Cell, right: Cell) -> Result<Equality, Stop> {
        let floor = self.m.pairs.len();
        let found = self.equal_pairs(left, right, floor);
        self.m.pairs.truncate(floor);
        found
    }

    fn equal_pairs(&mut self, left: Cell, right: Cell, floor: usize) -> Result<Equality, Stop> {
        let mut open = None;
        let mut pair = Some((left, right));
        while let Some((left, right)) = pair {
            let (left, right) = (self.heap.resolve(left), self.heap.resolve(right));
            match (left, right) {
                (Cell::Variable(a), Cell::Variable(b)) if a == b => {}
                (Cell::Variable(variable), _) | (_, Cell::Variable(variable)) => {
                    open = open.or(Some(variable))
                }
                _ => {
                    if !self.equal_cells(left, right)? {
                        return Ok(Equality::Known(false));
                    }
                }
            }
            pair = if self.m.pairs.len() > floor { self.m.pairs.pop() } else { None };
        }
        Ok(open.map_or(Equality::Known(true), Equality::Open))
    }

    /// Compares two resolved values; parts are left on the worklist.
    fn equal_cells(&mut self, left: Cell, right: Cell) -> Outcome {
        match (left, right) {
            (Cell::Entity(entity), other) | (other, Cell::Entity(entity)) => self.is_entity(entity, other),
            (Cell::Object(_), _) | (_, Cell::Object(_)) => self.host_compare(Comparison::Eq, left, right),
            (Cell::Text(a), Cell::Text(b)) => Ok(self.heap.same_text(a, b)),
            (Cell::Nil, Cell::Nil) => Ok(true),
            (Cell::List(_) | Cell::OpenList(_), Cell::List(_) | Cell::OpenList(_)) => {
                let (Some(mut a), Some(mut b)) = (Walk::of(left), Walk::of(right)) else { return Ok(false) };
                loop {
                    match (a.next(self.heap), b.next(self.heap)) {
                        (Met::Item(a), Met::Item(b)) => self.push_pair(a, b)?,
                        (Met::End, Met::End) => return Ok(true),
                        (Met::Rest(rest), _) | (_, Met::Rest(rest)) => {
                            // The unbound rest decides: a variable on either side keeps the comparison open.
                            self.push_pair(rest, Cell::Nil)?;
                            return Ok(true);
                        }
                        _ => return Ok(false),
                    }
                }
            }
            (Cell::Dictionary(a), Cell::Dictionary(b)) => self.pair_entries(a, b),
            _ => Ok(match (number(left), number(right)) {
                (Some(a), Some(b)) => order_numbers(a, b) == Some(Ordering::Equal),
                _ => false,
            }),
        }
    }
}
