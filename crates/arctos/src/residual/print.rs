//! Formulas as text, for people and for tests.

use std::fmt;

use super::formula::{Constant, Expression, Formula, Row};

impl fmt::Display for Formula {
    /// In a notation after Polar's: `repository.is_public == true or some r1 in repository.members (…)`. The row that is asked about is `_`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, 0, f)
    }
}

/// How tightly a formula binds: `or`, `and`, everything else.
fn level(formula: &Formula) -> u8 {
    match formula {
        Formula::Any(_) => 0,
        Formula::All(_) => 1,
        _ => 2,
    }
}

fn write(formula: &Formula, outer: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let level = level(formula);
    if level < outer {
        f.write_str("(")?;
    }
    match formula {
        Formula::Known(value) => write!(f, "{value}")?,
        Formula::Unknown => f.write_str("unknown")?,
        Formula::Compare(op, left, right) => write!(f, "{left} {op} {right}")?,
        Formula::OneOf(expression, constants) => {
            write!(f, "{expression} in [")?;
            for (place, constant) in constants.iter().enumerate() {
                write!(f, "{}{constant}", if place == 0 { "" } else { ", " })?;
            }
            f.write_str("]")?;
        }
        Formula::All(parts) => list(parts, " and ", level + 1, f)?,
        Formula::Any(parts) => list(parts, " or ", level + 1, f)?,
        Formula::Not(inner) => {
            f.write_str("not ")?;
            write(inner, 3, f)?;
        }
        Formula::Some(related) => {
            write!(f, "some {} in {}.{} (", related.row, related.of, related.relation)?;
            write(&related.formula, 0, f)?;
            f.write_str(")")?;
        }
        Formula::One(related) => {
            write!(f, "the {} of {}.{} (", related.row, related.of, related.relation)?;
            write(&related.formula, 0, f)?;
            f.write_str(")")?;
        }
        Formula::Least(definition, row) => {
            write!(f, "{row} in set{} {{{}: {}}} (", definition.number, definition.row, definition.class)?;
            write(&definition.formula, 0, f)?;
            f.write_str(")")?;
        }
        Formula::Again(number, row) => write!(f, "{row} in set{number}")?,
        Formula::Exists(some) => {
            write!(f, "some {}: {} (", some.row, some.class)?;
            write(&some.formula, 0, f)?;
            f.write_str(")")?;
        }
        Formula::Derived(derivation, values) => {
            together(values, f)?;
            write!(f, " in set{} {{{}}} (", derivation.number, derivation.row)?;
            write(&derivation.formula, 0, f)?;
            f.write_str(")")?;
        }
        Formula::DerivedAgain(number, values) => {
            together(values, f)?;
            write!(f, " in set{number}")?;
        }
    }
    if level < outer {
        f.write_str(")")?;
    }
    Ok(())
}

/// The values of a member of a set.
fn together(values: &[Expression], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("[")?;
    for (place, value) in values.iter().enumerate() {
        write!(f, "{}{value}", if place == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}

fn list(parts: &[Formula], between: &str, inner: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        write(part, inner, f)?;
    }
    Ok(())
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            &Row::ROOT => f.write_str("_"),
            Row(number) => write!(f, "r{number}"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Constant(constant) => constant.fmt(f),
            Expression::Attribute(row, name) => write!(f, "{row}.{name}"),
            Expression::Computed(computed) => {
                side(&computed.left, f)?;
                write!(f, " {} ", computed.op)?;
                side(&computed.right, f)
            }
        }
    }
}

/// A side of an operator.
fn side(expression: &Expression, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match expression {
        Expression::Computed(_) => write!(f, "({expression})"),
        plain => write!(f, "{plain}"),
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Nil => f.write_str("nil"),
            Constant::Boolean(value) => value.fmt(f),
            Constant::Integer(value) => value.fmt(f),
            Constant::Float(value) => write!(f, "{value:?}"),
            Constant::String(text) => write!(f, "{text:?}"),
            Constant::Object(place) => write!(f, "object{place}"),
        }
    }
}
