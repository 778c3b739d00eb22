//! Some row of a table, as a condition.

use arctos::Comparison;
use arctos::residual::{Constant, Expression, Formula, Row, SomeRow};
use sea_query::{ExprTrait, Query};

use crate::column::Column;
use crate::dialect::Dialect;
use crate::error::SqlError;
use crate::truth::Truth;
use crate::writer::{Scope, Want, Writer, constant_one, is_closed, is_selective, restrict};

impl Writer<'_> {
    /// That there is a row of which it holds.
    pub(crate) fn exists_row(&mut self, some: &SomeRow) -> Result<Truth, SqlError> {
        let (pairs, others) = parts(some);
        let few = is_selective(&others) || self.dialect == Dialect::Mysql;
        if few && !pairs.is_empty() && is_closed(&others, some.row) {
            return self.among_rows(some, &pairs, &others);
        }
        self.exists_where_row(some, |this| this.formula(&some.formula, Want::Holds))
    }

    /// That of all rows it is false.
    pub(crate) fn no_row(&mut self, some: &SomeRow) -> Result<Truth, SqlError> {
        Ok(match self.exists_where_row(some, |this| this.possible(&some.formula))? {
            Truth::Always => Truth::Never,
            Truth::Never => Truth::Always,
            // Whether rows exist is never NULL.
            exists => exists.into_expr().not().into(),
        })
    }

    /// The same as a list of what is said of other rows: databases go through the few rows of it.
    fn among_rows(
        &mut self,
        some: &SomeRow,
        pairs: &[(&Expression, &Expression)],
        others: &Formula,
    ) -> Result<Truth, SqlError> {
        let mut outer = Vec::with_capacity(pairs.len());
        for (_, other) in pairs {
            outer.push(self.attribute(other)?);
        }
        let scope = self.named_some(some);
        let mut select = Query::select();
        self.add_from(&scope, &mut select)?;
        let mut condition = self.is_row(&scope)?;
        self.scopes.push(scope);
        let inner: Result<Vec<Column>, SqlError> = pairs.iter().map(|(own, _)| self.attribute(own)).collect();
        condition = condition.and(self.formula(others, Want::Holds)?);
        self.scopes.pop();
        if matches!(condition, Truth::Never) {
            return Ok(Truth::Never);
        }
        // Nil equals nil, and no list has it.
        let inner = inner?;
        let listed = outer.iter().zip(&inner).map(|(outer, own)| {
            if outer.nullable && own.nullable { None } else { outer.listed(own, self.dialect) }
        });
        let listed = listed.collect();
        let listed: Option<Vec<_>> = listed;
        let Some(listed) = listed else {
            return self.exists_where_row(some, |this| this.formula(&some.formula, Want::Holds));
        };
        restrict(&mut select, condition);
        let mut own = Vec::new();
        for (column, other) in listed.into_iter().flatten() {
            own.push(column);
            select.expr(other);
        }
        Ok(Truth::listed(own, select, self.dialect))
    }

    fn exists_where_row(
        &mut self,
        some: &SomeRow,
        inner: impl FnOnce(&mut Self) -> Result<Truth, SqlError>,
    ) -> Result<Truth, SqlError> {
        let scope = self.named_some(some);
        let mut select = Query::select().expr(constant_one()).to_owned();
        self.add_from(&scope, &mut select)?;
        let is_row = self.is_row(&scope)?;
        self.scopes.push(scope);
        let inner = inner(self);
        self.scopes.pop();
        let condition = is_row.and(inner?);
        if matches!(condition, Truth::Never) {
            return Ok(Truth::Never);
        }
        restrict(&mut select, condition);
        if self.dialect == Dialect::Mysql {
            self.tell_apart(&mut select)?;
        }
        Ok(self.exists_in(select))
    }

    /// The row with a new alias.
    pub(crate) fn named_some(&mut self, some: &SomeRow) -> Scope {
        let mut scope = self.named(some.row, &some.class);
        let own = |expression: &Expression| match expression {
            Expression::Attribute(row, name) if *row == some.row => Some(name.to_string()),
            _ => None,
        };
        for part in conjunction(&some.formula) {
            match part {
                Formula::Compare(Comparison::Neq, it, Expression::Constant(Constant::Nil)) => {
                    scope.there.extend(own(it))
                }
                Formula::Compare(Comparison::Eq, a, b) if !is_nil(a) && !is_nil(b) => {
                    scope.compared.extend(own(a).into_iter().chain(own(b)));
                }
                Formula::OneOf(it, _) => scope.compared.extend(own(it)),
                Formula::Derived(_, values) | Formula::DerivedAgain(_, values) => {
                    scope.compared.extend(values.iter().filter_map(own));
                }
                _ => {}
            }
        }
        scope
    }

    fn attribute(&self, expression: &Expression) -> Result<Column, SqlError> {
        match expression {
            Expression::Attribute(row, name) => self.column(*row, name),
            _ => Err(SqlError::OutOfScope),
        }
    }
}

fn conjunction(formula: &Formula) -> &[Formula] {
    match formula {
        Formula::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

fn is_nil(expression: &Expression) -> bool {
    *expression == Expression::Constant(Constant::Nil)
}

/// The equalities between the row and others, the row's own side first, and what else is said of it.
fn parts(some: &SomeRow) -> (Vec<(&Expression, &Expression)>, Formula) {
    let is_own =
        |expression: &Expression, row: Row| matches!(expression, Expression::Attribute(of, _) if *of == row);
    let is_other =
        |expression: &Expression, row: Row| matches!(expression, Expression::Attribute(of, _) if *of != row);
    let (mut pairs, mut others) = (Vec::new(), Vec::new());
    for part in conjunction(&some.formula) {
        match part {
            Formula::Compare(Comparison::Eq, a, b) if is_own(a, some.row) && is_other(b, some.row) => {
                pairs.push((a, b))
            }
            Formula::Compare(Comparison::Eq, a, b) if is_own(b, some.row) && is_other(a, some.row) => {
                pairs.push((b, a))
            }
            other => others.push(other.clone()),
        }
    }
    (pairs, Formula::all(others))
}
