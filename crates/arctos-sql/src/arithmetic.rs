//! Arithmetic on columns: what is not there is NULL, as it is nil in a formula.
//!
//! Integers are 64 bits wide and never wrap: databases that would wrap, go on with floats or give up are told to look first. A float that is divided by zero is NULL, too,
//! and so is NaN in SQLite and MySQL, which have no infinity or no NaN to give.

use arctos::residual::{Arithmetic, ValueType};
use sea_query::{CaseStatement, Expr, ExprTrait, Func};

use crate::column::Column;
use crate::dialect::Dialect;
use crate::error::SqlError;

/// How often an expression for a result mentions each side, at most.
pub(crate) const COPIES: usize = 6;

impl Column {
    /// `left op right`
    pub(crate) fn computed(
        op: Arithmetic,
        left: &Column,
        right: &Column,
        dialect: Dialect,
    ) -> Result<Column, SqlError> {
        let is_integer = |column: &Column| Ok(column.known_type()? == ValueType::Integer);
        let both = is_integer(left)? & is_integer(right)?;
        let (expr, value_type) = match (op, both) {
            (Arithmetic::Div, _) | (_, false) => (floats(op, left, right, dialect)?, ValueType::Float),
            (Arithmetic::Mod | Arithmetic::Rem, true) => (remainder(op, left, right), ValueType::Integer),
            (Arithmetic::Add | Arithmetic::Sub | Arithmetic::Mul, true) => {
                (within(op, left, right, dialect), ValueType::Integer)
            }
        };
        let attribute = format!("{} {op} {}", left.attribute, right.attribute);
        Ok(Column {
            expr,
            value_type: Some(value_type),
            nullable: true,
            class: left.class.clone(),
            attribute,
        })
    }
}

/// A number, as part of the text.
fn number(value: i64) -> Expr {
    Expr::Constant(value.into())
}

fn plain(op: Arithmetic, left: Expr, right: Expr) -> Expr {
    match op {
        Arithmetic::Add => left.add(right),
        Arithmetic::Sub => left.sub(right),
        Arithmetic::Mul => left.mul(right),
        Arithmetic::Div => left.div(right),
        Arithmetic::Mod | Arithmetic::Rem => left.modulo(right),
    }
}

/// A sum, a difference or a product where it fits 64 bits; else NULL.
fn within(op: Arithmetic, left: &Column, right: &Column, dialect: Dialect) -> Expr {
    let wide = |column: &Column| match dialect {
        Dialect::Sqlite => column.expr.clone(),
        Dialect::Postgres => Func::cast_as(column.expr.clone(), "numeric").into(),
        Dialect::Mysql => Func::cast_as(column.expr.clone(), "DECIMAL(20)").into(),
    };
    let result = plain(op, wide(left), wide(right));
    let (fits, narrow) = match dialect {
        // It goes on with floats.
        Dialect::Sqlite => (
            Expr::from(Func::cust("typeof").arg(result.clone())).eq(Expr::Constant("integer".into())),
            result,
        ),
        Dialect::Postgres | Dialect::Mysql => {
            let type_name = if dialect == Dialect::Postgres { "bigint" } else { "SIGNED" };
            let narrow = Func::cast_as(result.clone(), type_name).into();
            (result.between(number(i64::MIN), number(i64::MAX)), narrow)
        }
    };
    CaseStatement::new().case(fits, narrow).into()
}

/// `rem` and `mod` of integers: NULL where the divisor is zero, and where the quotient does not fit 64 bits.
fn remainder(op: Arithmetic, left: &Column, right: &Column) -> Expr {
    let (a, b) = (|| left.expr.clone(), || right.expr.clone());
    let rest = || a().modulo(b());
    let zero = || number(0);
    let fits = b().ne(zero()).and(a().ne(number(i64::MIN)).or(b().ne(number(-1))));
    let result = match op {
        Arithmetic::Mod => {
            let other_sign = rest().lt(zero()).ne(b().lt(zero()));
            let moved = rest().ne(zero()).and(other_sign);
            CaseStatement::new().case(moved, rest().add(b())).finally(rest()).into()
        }
        _ => rest(),
    };
    CaseStatement::new().case(fits, result).into()
}

fn floats(op: Arithmetic, left: &Column, right: &Column, dialect: Dialect) -> Result<Expr, SqlError> {
    let float = |column: &Column| match (column.value_type, dialect) {
        (Some(ValueType::Float), _) => column.expr.clone(),
        (_, Dialect::Sqlite) => Func::cast_as(column.expr.clone(), "REAL").into(),
        (_, Dialect::Postgres) => Func::cast_as(column.expr.clone(), "double precision").into(),
        (_, Dialect::Mysql) => column.expr.clone().add(Expr::cust("0e0")),
    };
    let (left, right) = (float(left), float(right));
    match op {
        Arithmetic::Mod | Arithmetic::Rem => Err(SqlError::Arithmetic("`mod` and `rem` of floats")),
        Arithmetic::Div => Ok(left.div(Func::cust("NULLIF").arg(right).arg(number(0)))),
        _ => Ok(plain(op, left, right)),
    }
}
