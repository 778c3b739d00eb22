//! Conditions that are kept small while they are put together.

use sea_query::{Expr, ExprTrait, SelectStatement, UnionType, Value};

use crate::dialect::Dialect;
use crate::writer::one_expression;

/// A condition: where it is true, a row is taken; false and NULL are the same to it.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    Always,
    Never,
    When(Expr),
    /// Of values that are in a list; kept apart for PostgreSQL, which finds rows by one list of several queries and not by any of several lists.
    Listed(Vec<Expr>, Box<SelectStatement>),
}

impl Truth {
    pub(crate) fn of(value: bool) -> Self {
        if value { Truth::Always } else { Truth::Never }
    }

    /// That these are what a query finds.
    pub(crate) fn listed(own: Vec<Expr>, select: SelectStatement, dialect: Dialect) -> Self {
        match dialect {
            Dialect::Postgres => Truth::Listed(own, Box::new(select)),
            _ => one_expression(own).in_subquery(select).into(),
        }
    }

    pub(crate) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
            (Truth::Always, other) => other,
            (this, Truth::Always) => this,
            (a, b) => Truth::When(a.into_expr().and(b.into_expr())),
        }
    }

    pub(crate) fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Always, _) | (_, Truth::Always) => Truth::Always,
            (Truth::Never, other) => other,
            (this, Truth::Never) => this,
            (Truth::Listed(own, mut select), Truth::Listed(other, more)) if own == other => {
                select.union(UnionType::All, *more);
                Truth::Listed(own, select)
            }
            (a, b) => Truth::When(a.into_expr().or(b.into_expr())),
        }
    }

    /// All of these. The tree of operators is no deeper than it must be, since it is walked by recursion, here and in databases.
    pub(crate) fn all(parts: Vec<Truth>) -> Truth {
        balanced(parts, Truth::Always, Truth::and)
    }

    /// Any of these.
    pub(crate) fn any(parts: Vec<Truth>) -> Truth {
        let mut apart: Vec<Truth> = Vec::with_capacity(parts.len());
        for part in parts {
            let same = apart.iter_mut().find(|known| match (known, &part) {
                (Truth::Listed(own, _), Truth::Listed(other, _)) => own == other,
                _ => false,
            });
            match same {
                Some(known) => *known = std::mem::replace(known, Truth::Never).or(part),
                None => apart.push(part),
            }
        }
        balanced(apart, Truth::Never, Truth::or)
    }

    /// As an expression of SQL.
    pub(crate) fn into_expr(self) -> Expr {
        match self {
            Truth::Always => Expr::Constant(Value::Bool(Some(true))),
            Truth::Never => Expr::Constant(Value::Bool(Some(false))),
            Truth::When(expr) => expr,
            Truth::Listed(own, select) => one_expression(own).in_subquery(*select),
        }
    }
}

impl From<Expr> for Truth {
    fn from(expr: Expr) -> Self {
        Truth::When(expr)
    }
}

fn balanced(mut parts: Vec<Truth>, none: Truth, join: fn(Truth, Truth) -> Truth) -> Truth {
    while parts.len() > 1 {
        let mut joined = Vec::with_capacity(parts.len().div_ceil(2));
        let mut left = parts.into_iter();
        while let Some(first) = left.next() {
            joined.push(match left.next() {
                Some(second) => join(first, second),
                None => first,
            });
        }
        parts = joined;
    }
    parts.pop().unwrap_or(none)
}
