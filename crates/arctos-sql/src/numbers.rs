//! Numbers of one type beside a column of the other, by their exact values.
//!
//! A database that compares an integer with a float converts one of them, and rounds. A known number is made one of the column's
//! type instead, with the comparison that comes to the same.

use std::cmp::Ordering;

use arctos::Comparison;
use arctos::residual::{Constant, ValueType};

use crate::dialect::{Dialect, Parameter};

/// A comparison with a known number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fitted {
    /// One of the column's own type.
    Compare(Comparison, Parameter),
    /// The same for every number that a column may hold.
    Settled(bool),
}

/// The first float that no 64-bit integer reaches.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// `column op constant`, for a column of numbers; `None` where the constant is none.
pub(crate) fn fit(
    op: Comparison,
    column: ValueType,
    constant: &Constant,
    dialect: Dialect,
) -> Option<Fitted> {
    Some(match (column, constant) {
        (ValueType::Integer, Constant::Integer(value)) => Fitted::Compare(op, Parameter::Integer(*value)),
        (ValueType::Integer, Constant::Float(value)) => integer_with(op, *value),
        (ValueType::Float, Constant::Float(value)) => float_with(op, *value, dialect),
        (ValueType::Float, Constant::Integer(value)) => float_with_integer(op, *value, dialect),
        _ => return None,
    })
}

/// What `op` comes to for numbers that are below, or above, all others.
fn for_all(op: Comparison, order: Ordering) -> Fitted {
    Fitted::Settled(match op {
        Comparison::Eq => false,
        Comparison::Neq => true,
        Comparison::Lt | Comparison::Leq => order == Ordering::Less,
        Comparison::Gt | Comparison::Geq => order == Ordering::Greater,
    })
}

fn integer_with(op: Comparison, value: f64) -> Fitted {
    if value.is_nan() {
        return Fitted::Settled(op == Comparison::Neq);
    }
    if value >= BEYOND {
        return for_all(op, Ordering::Less);
    }
    if value < -BEYOND {
        return for_all(op, Ordering::Greater);
    }
    // Within these bounds the conversion is exact.
    let floor = value.floor();
    let below = floor as i64;
    if floor == value {
        return Fitted::Compare(op, Parameter::Integer(below));
    }
    match op {
        Comparison::Eq | Comparison::Neq => Fitted::Settled(op == Comparison::Neq),
        Comparison::Lt | Comparison::Leq => Fitted::Compare(Comparison::Leq, Parameter::Integer(below)),
        Comparison::Gt | Comparison::Geq => Fitted::Compare(Comparison::Gt, Parameter::Integer(below)),
    }
}

fn float_with(op: Comparison, value: f64, dialect: Dialect) -> Fitted {
    if value.is_nan() {
        return Fitted::Settled(op == Comparison::Neq);
    }
    if value.is_infinite() && dialect == Dialect::Mysql {
        let order = if value > 0.0 { Ordering::Less } else { Ordering::Greater };
        return for_all(op, order);
    }
    Fitted::Compare(op, Parameter::Float(value))
}

fn float_with_integer(op: Comparison, value: i64, dialect: Dialect) -> Fitted {
    let nearest = value as f64;
    // Every float of this size is an integer that `i128` holds.
    let op = match ((nearest as i128).cmp(&i128::from(value)), op) {
        (Ordering::Equal, op) => op,
        (_, Comparison::Eq) => return Fitted::Settled(false),
        (_, Comparison::Neq) => return Fitted::Settled(true),
        (Ordering::Greater, Comparison::Lt | Comparison::Leq) => Comparison::Lt,
        (Ordering::Greater, _) => Comparison::Geq,
        (Ordering::Less, Comparison::Lt | Comparison::Leq) => Comparison::Leq,
        (Ordering::Less, _) => Comparison::Gt,
    };
    float_with(op, nearest, dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(op: Comparison, column: ValueType, constant: Constant, expected: &str) {
        let shown = match fit(op, column, &constant, Dialect::Mysql) {
            Some(Fitted::Compare(op, Parameter::Integer(value))) => format!("{op} {value}"),
            Some(Fitted::Compare(op, Parameter::Float(value))) => format!("{op} {value:?}"),
            Some(Fitted::Settled(value)) => value.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn constants_take_the_type_of_the_column() {
        use Comparison::{Eq, Geq, Gt, Leq, Lt, Neq};
        use ValueType::{Float, Integer};
        check(Lt, Integer, Constant::Float(2.5), "<= 2");
        check(Geq, Integer, Constant::Float(-2.5), "> -3");
        check(Eq, Integer, Constant::Float(2.5), "false");
        check(Eq, Integer, Constant::Float(-0.0), "== 0");
        check(Gt, Integer, Constant::Float(BEYOND), "false");
        check(Geq, Integer, Constant::Float(-BEYOND), ">= -9223372036854775808");
        check(Lt, Integer, Constant::Float(f64::NEG_INFINITY), "false");
        check(Neq, Integer, Constant::Float(f64::NAN), "true");
        check(Leq, Float, Constant::Integer(9_007_199_254_740_993), "<= 9007199254740992.0");
        check(Geq, Float, Constant::Integer(9_007_199_254_740_993), "> 9007199254740992.0");
        check(Gt, Float, Constant::Integer(i64::MAX), ">= 9.223372036854776e18");
        check(Eq, Float, Constant::Integer(i64::MAX), "false");
        check(Leq, Float, Constant::Float(f64::INFINITY), "true");
        check(Lt, Float, Constant::Boolean(true), "None");
    }
}
