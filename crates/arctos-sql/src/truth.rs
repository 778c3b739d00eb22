//! Conditions that are kept small while they are put together.

use sea_query::{Expr, ExprTrait, Value};

/// A condition: where it is true, a row is taken; false and NULL are the same to it.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    Always,
    Never,
    When(Expr),
}

impl Truth {
    pub(crate) fn of(value: bool) -> Self {
        if value { Truth::Always } else { Truth::Never }
    }

    pub(crate) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
            (Truth::Always, other) => other,
            (this, Truth::Always) => this,
            (Truth::When(a), Truth::When(b)) => Truth::When(a.and(b)),
        }
    }

    pub(crate) fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Always, _) | (_, Truth::Always) => Truth::Always,
            (Truth::Never, other) => other,
            (this, Truth::Never) => this,
            (Truth::When(a), Truth::When(b)) => Truth::When(a.or(b)),
        }
    }

    /// All of these. The tree of operators is no deeper than it must be, since it is walked by recursion, here and in databases.
    pub(crate) fn all(parts: Vec<Truth>) -> Truth {
        balanced(parts, Truth::Always, Truth::and)
    }

    /// Any of these.
    pub(crate) fn any(parts: Vec<Truth>) -> Truth {
        balanced(parts, Truth::Never, Truth::or)
    }

    /// As an expression of SQL.
    pub(crate) fn into_expr(self) -> Expr {
        match self {
            Truth::Always => Expr::Constant(Value::Bool(Some(true))),
            Truth::Never => Expr::Constant(Value::Bool(Some(false))),
            Truth::When(expr) => expr,
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
