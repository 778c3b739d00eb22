//! Formulas as conditions of SQL.
//!
//! SQL has three truth values as formulas have, and the same logic of them, but gives them to other comparisons: `NULL = NULL` is NULL where `nil == nil` is true, and
//! whether a row exists is never NULL. So no formula becomes an expression that has its value. It becomes one of two conditions instead: one that is TRUE exactly
//! where the formula is true ([`Want::Holds`]), and one that is TRUE exactly where it is *false* ([`Want::Fails`]). Negations are pushed down to
//! comparisons, and no NULL is ever negated.

use arctos::Comparison;
use arctos::residual::{Constant, Expression, Formula, Related, Residual, Row, Source, ValueType};
use sea_query::{BinOper, Expr, ExprTrait, Query, SelectStatement, Value};

use crate::arithmetic::COPIES;
use crate::column::{Asked, Column};
use crate::dialect::{Dialect, Parameter};
use crate::error::SqlError;
use crate::tables::{TableSource, Tables, named_columns};
use crate::truth::Truth;

/// Where a condition is to be TRUE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Where the formula is true.
    Holds,
    /// Where the formula is false. Where it is unknown, neither is wanted.
    Fails,
}

/// A row that a condition may mention, by the alias of its table.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) row: Row,
    pub(crate) class: String,
    pub(crate) alias: String,
    /// The values that it has instead of columns of a table, as far as they are known: those of a member of a derived set, say.
    pub(crate) values: Vec<(String, Option<Column>)>,
    /// Attributes of which it is said that they are not nil.
    pub(crate) there: Vec<String>,
    /// Attributes of which it is said that they equal something.
    pub(crate) compared: Vec<String>,
}

impl Scope {
    /// A row of a table that goes by that alias.
    pub(crate) fn new(row: Row, class: &str, alias: &str) -> Self {
        let (values, there, compared) = (Vec::new(), Vec::new(), Vec::new());
        Scope { row, class: class.to_owned(), alias: alias.to_owned(), values, there, compared }
    }

    /// What has these values, and is no row of a table.
    pub(crate) fn of_values(row: Row, values: Vec<(String, Option<Column>)>) -> Self {
        Scope { values, ..Scope::new(row, "", "") }
    }
}

/// What makes a row that of a relation.
pub(crate) struct Entered {
    /// Columns of the row with the relation, and those that they equal.
    pub(crate) pairs: Vec<(Column, Column)>,
    /// What else there is to it.
    pub(crate) others: Truth,
}

/// Writes conditions.
pub(crate) struct Writer<'t> {
    pub(crate) tables: &'t Tables,
    pub(crate) dialect: Dialect,
    /// Innermost last.
    pub(crate) scopes: Vec<Scope>,
    /// Rows that the whole condition stands within, recursions too.
    pub(crate) beside: Vec<Scope>,
    /// How many aliases there are.
    aliases: u32,
    written: usize,
    limit: usize,
    /// A set has been written.
    recurs: bool,
}

impl<'t> Writer<'t> {
    pub(crate) fn new(tables: &'t Tables, dialect: Dialect, limit: usize) -> Self {
        let (scopes, beside) = (Vec::new(), Vec::new());
        Writer { tables, dialect, scopes, beside, aliases: 0, written: 0, limit, recurs: false }
    }

    /// What must hold of a row of the table that goes by that alias.
    pub(crate) fn root(&mut self, residual: &Residual, alias: &str) -> Result<Truth, SqlError> {
        let root = Scope::new(Row::ROOT, residual.class(), alias);
        let is_row = self.is_row(&root)?;
        self.scopes.clone_from(&self.beside);
        self.scopes.push(root);
        let truth = self.formula(residual.formula(), Want::Holds)?;
        self.scopes.clear();
        Ok(is_row.and(truth))
    }

    /// What must hold of what has these values.
    pub(crate) fn of_values(
        &mut self,
        residual: &Residual,
        values: Vec<(String, Option<Column>)>,
    ) -> Result<Truth, SqlError> {
        if !values.is_empty() {
            self.scopes.push(Scope::of_values(Row::ROOT, values));
        }
        let truth = self.formula(residual.formula(), Want::Holds)?;
        self.scopes.clear();
        Ok(truth)
    }

    /// What tells a row of a table from what else is in it.
    pub(crate) fn is_row(&mut self, scope: &Scope) -> Result<Truth, SqlError> {
        let Some(formula) = &self.tables.table(&scope.class)?.only else { return Ok(Truth::Always) };
        let outer = std::mem::replace(&mut self.scopes, vec![Scope { row: Row::ROOT, ..scope.clone() }]);
        let truth = self.formula(formula, Want::Holds);
        self.scopes = outer;
        truth
    }

    pub(crate) fn formula(&mut self, formula: &Formula, want: Want) -> Result<Truth, SqlError> {
        self.count()?;
        let negated = want == Want::Fails;
        match (formula, want) {
            (Formula::Known(value), _) => Ok(Truth::of(*value != negated)),
            (Formula::Unknown, _) => Ok(Truth::Never),
            (Formula::Compare(Comparison::Neq, it, Expression::Constant(Constant::Nil)), Want::Holds)
                if self.is_compared(it) =>
            {
                Ok(Truth::Always)
            }
            (Formula::Compare(op, left, right), _) => self.compare(Asked { op: *op, negated }, left, right),
            (Formula::OneOf(Expression::Constant(_), _), _) => settled(formula, negated),
            (Formula::OneOf(expression, constants), _) => {
                self.value(expression)?.one_of(constants, negated, self.dialect)
            }
            (Formula::All(parts), Want::Holds) | (Formula::Any(parts), Want::Fails) => {
                let parts = parts.iter().map(|part| self.formula(part, want));
                Ok(Truth::all(parts.collect::<Result<_, _>>()?))
            }
            (Formula::Any(parts), Want::Holds) | (Formula::All(parts), Want::Fails) => {
                let parts = parts.iter().map(|part| self.formula(part, want));
                Ok(Truth::any(parts.collect::<Result<_, _>>()?))
            }
            (Formula::Not(inner), Want::Holds) => self.formula(inner, Want::Fails),
            (Formula::Not(inner), Want::Fails) => self.formula(inner, Want::Holds),
            (Formula::Some(related), Want::Holds) => self.exists(related, Want::Holds),
            (Formula::Some(related), Want::Fails) => self.none_possible(related),
            (Formula::One(related), want) => self.exists(related, want),
            (Formula::Least(definition, row), want) => self.least(definition, *row, want),
            (Formula::Exists(some), Want::Holds) => self.exists_row(some),
            (Formula::Exists(some), Want::Fails) => self.no_row(some),
            (Formula::Derived(derivation, values), want) => self.derived(derivation, values, want),
            // A set outside of its definition.
            _ => Err(SqlError::OutOfScope),
        }
    }

    /// Whether it is not nil because it equals something that is not.
    fn is_compared(&self, expression: &Expression) -> bool {
        let Expression::Attribute(row, name) = expression else { return false };
        let compared = |scope: &Scope| {
            let has = |names: &[String]| names.iter().any(|known| **known == **name);
            has(&scope.there) && has(&scope.compared)
        };
        self.scope(*row).is_ok_and(compared)
    }

    /// Counts a condition.
    pub(crate) fn count(&mut self) -> Result<(), SqlError> {
        self.written += 1;
        if self.written > self.limit { Err(SqlError::TooLarge(self.limit)) } else { Ok(()) }
    }

    fn compare(&mut self, asked: Asked, left: &Expression, right: &Expression) -> Result<Truth, SqlError> {
        match (left, right) {
            (Expression::Constant(_), Expression::Constant(_)) => {
                settled(&Formula::Compare(asked.op, left.clone(), right.clone()), asked.negated)
            }
            (left, Expression::Constant(constant)) => {
                self.value(left)?.with_constant(asked, constant, self.dialect)
            }
            (Expression::Constant(constant), right) => {
                self.value(right)?.with_constant(asked.flipped(), constant, self.dialect)
            }
            (left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                left.with_column(asked, &right, self.dialect)
            }
        }
    }

    /// The expression of SQL for one that is no constant by itself.
    pub(crate) fn value(&mut self, expression: &Expression) -> Result<Column, SqlError> {
        self.value_within(expression, 1)
    }

    /// The same, of which so many copies are written.
    fn value_within(&mut self, expression: &Expression, copies: usize) -> Result<Column, SqlError> {
        self.written = self.written.saturating_add(copies - 1);
        if self.written > self.limit {
            return Err(SqlError::TooLarge(self.limit));
        }
        match expression {
            Expression::Attribute(row, name) => self.column(*row, name),
            Expression::Computed(computed) => {
                let copies = copies.saturating_mul(COPIES);
                let left = self.value_within(&computed.left, copies)?;
                let right = self.value_within(&computed.right, copies)?;
                Column::computed(computed.op, &left, &right, self.dialect)
            }
            Expression::Constant(constant) => {
                let (parameter, value_type) = match constant {
                    Constant::Integer(value) => (Parameter::Integer(*value), ValueType::Integer),
                    Constant::Float(value) => (Parameter::Float(*value), ValueType::Float),
                    _ => return Err(SqlError::Arithmetic("a value that is no number")),
                };
                Ok(Column {
                    expr: self.dialect.parameter(parameter),
                    value_type: Some(value_type),
                    nullable: false,
                    class: String::new(),
                    attribute: constant.to_string(),
                })
            }
            _ => Err(SqlError::OutOfScope),
        }
    }

    /// That there is a row that a relation leads to, of which that is wanted.
    fn exists(&mut self, related: &Related, want: Want) -> Result<Truth, SqlError> {
        let formula = &related.formula;
        let few = want == Want::Holds && is_selective(formula);
        // MySQL and MariaDB choose between the two ways by what they cost.
        if (few || self.dialect == Dialect::Mysql) && is_closed(formula, related.row) {
            return self.among(related, want);
        }
        self.exists_where(related, |this| this.formula(formula, want))
    }

    /// The same as a list of what leads there: databases go through the few rows of it, and not through all that may lead to one.
    fn among(&mut self, related: &Related, want: Want) -> Result<Truth, SqlError> {
        let mut select = Query::select();
        let Entered { pairs, others } = self.enter(related, &mut select)?;
        let inner = self.formula(&related.formula, want);
        self.scopes.pop();
        let inner = others.and(inner?);
        if matches!(inner, Truth::Never) {
            return Ok(Truth::Never);
        }
        let Some(listed) = pairs.iter().map(|(own, other)| own.listed(other, self.dialect)).collect() else {
            select.expr(constant_one());
            restrict(&mut select, self.joined(&pairs)?.and(inner));
            return Ok(self.exists_in(select));
        };
        let listed: Vec<Vec<(Expr, Expr)>> = listed;
        restrict(&mut select, inner);
        let mut own = Vec::with_capacity(pairs.len());
        for (column, other) in listed.into_iter().flatten() {
            own.push(column);
            select.expr(other);
        }
        Ok(Truth::listed(own, select, self.dialect))
    }

    /// That of all rows that a relation leads to it is false.
    fn none_possible(&mut self, related: &Related) -> Result<Truth, SqlError> {
        let any = self.exists_where(related, |this| this.possible(&related.formula))?;
        Ok(match any {
            Truth::Always => Truth::Never,
            Truth::Never => Truth::Always,
            // Whether rows exist is never NULL.
            exists => exists.into_expr().not().into(),
        })
    }

    /// That it is not false.
    pub(crate) fn possible(&mut self, formula: &Formula) -> Result<Truth, SqlError> {
        if !formula.may_be_unknown() {
            return self.formula(formula, Want::Holds);
        }
        Ok(match self.formula(formula, Want::Fails)? {
            Truth::Always => Truth::Never,
            Truth::Never => Truth::Always,
            fails => fails.into_expr().binary(BinOper::IsNot, constant(true)).into(),
        })
    }

    fn exists_where(
        &mut self,
        related: &Related,
        inner: impl FnOnce(&mut Self) -> Result<Truth, SqlError>,
    ) -> Result<Truth, SqlError> {
        let mut select = Query::select().expr(constant_one()).to_owned();
        let Entered { pairs, others } = self.enter(related, &mut select)?;
        let inner = inner(self);
        self.scopes.pop();
        let condition = self.joined(&pairs)?.and(others).and(inner?);
        if matches!(condition, Truth::Never) {
            return Ok(Truth::Never);
        }
        restrict(&mut select, condition);
        if self.dialect == Dialect::Mysql {
            self.tell_apart(&mut select)?;
        }
        Ok(self.exists_in(select))
    }

    /// MariaDB keeps what a query inside another came to by the outer columns that it mentions, as their collation sees them: of `k` it would say what it
    /// has said of `K`. So the query mentions the keys of the outer rows; where text has no key beside it, it is one of which nothing is kept.
    pub(crate) fn tell_apart(&self, select: &mut SelectStatement) -> Result<(), SqlError> {
        let mut is_told = true;
        for scope in &self.scopes {
            if !scope.values.is_empty() {
                let values = scope.values.iter().filter_map(|(_, value)| value.as_ref());
                is_told &=
                    values.map(|value| value.value_type).all(|known| known == Some(ValueType::Integer));
                continue;
            }
            let row = self.tables.row_type(&scope.class)?;
            let is_integer = |name| {
                let known = row.attribute_named(name).and_then(|known| known.value_type);
                known == Some(ValueType::Integer)
            };
            is_told &= !row.key().is_empty() || row.names().all(is_integer);
            for part in row.key() {
                select.and_where(self.join_column(scope, part)?.expr.is_not_null());
            }
        }
        if !is_told {
            select.and_where(Expr::cust("RAND() IS NOT NULL"));
        }
        Ok(())
    }

    pub(crate) fn exists_in(&self, select: SelectStatement) -> Truth {
        let exists = Expr::exists(select);
        // SQLite 3.51.0 and 3.51.1 make joins of one EXISTS in another, and of one with a set in it, and then find rows several times. Not so where it is
        // no bare EXISTS.
        let is_joined = self.dialect == Dialect::Sqlite && (self.scopes.len() > 1 || self.recurs);
        if is_joined { exists.binary(BinOper::Is, constant(true)) } else { exists }.into()
    }

    /// Adds the row that a relation leads to, to what a query is from and to what is in scope.
    pub(crate) fn enter(
        &mut self,
        related: &Related,
        select: &mut SelectStatement,
    ) -> Result<Entered, SqlError> {
        let tables = self.tables;
        let of = self.scope(related.of)?.clone();
        let relation = tables.relation(&of.class, &related.relation)?;
        let first_class = relation.through.as_ref().map_or(&*related.class, |through| &through.class);
        let first = self.named(related.row, first_class);
        self.add_from(&first, select)?;
        let pairs = self.pairs(&of, &first, &relation.on)?;
        let mut others = self.is_row(&first)?;
        let last = match &relation.through {
            None => first,
            Some(through) => {
                let last = self.named(related.row, &related.class);
                self.add_from(&last, select)?;
                let joined = self.joined(&self.pairs(&first, &last, &through.on)?)?;
                others = others.and(joined).and(self.is_row(&last)?);
                last
            }
        };
        self.scopes.push(last);
        Ok(Entered { pairs, others })
    }

    /// A row with a new alias.
    pub(crate) fn named(&mut self, row: Row, class: &str) -> Scope {
        loop {
            self.aliases += 1;
            let alias = format!("r{}", self.aliases);
            // What is around may go by any name.
            if self.scopes.iter().all(|scope| scope.alias != alias) {
                return Scope::new(row, class, &alias);
            }
        }
    }

    /// A name that none of the application's tables has.
    pub(crate) fn new_set(&mut self) -> String {
        self.recurs = true;
        self.aliases += 1;
        format!("arctos_set{}", self.aliases)
    }

    pub(crate) fn add_from(&self, scope: &Scope, select: &mut SelectStatement) -> Result<(), SqlError> {
        match &self.tables.table(&scope.class)?.source {
            TableSource::Named { schema: Some(schema), name } => {
                select.from_as((schema.clone(), name.clone()), scope.alias.clone())
            }
            TableSource::Named { schema: None, name } => select.from_as(name.clone(), scope.alias.clone()),
            TableSource::Query { text, columns } => {
                select.from_subquery(named_columns(text, columns, self.dialect), scope.alias.clone())
            }
        };
        Ok(())
    }

    fn pairs(
        &self,
        from: &Scope,
        to: &Scope,
        on: &[(String, String)],
    ) -> Result<Vec<(Column, Column)>, SqlError> {
        let pair = |(own, other): &(String, String)| {
            Ok((self.join_column(from, own)?, self.join_column(to, other)?))
        };
        on.iter().map(pair).collect()
    }

    pub(crate) fn joined(&self, pairs: &[(Column, Column)]) -> Result<Truth, SqlError> {
        let pairs = pairs.iter().map(|(own, other)| own.leads_to(other, self.dialect));
        Ok(Truth::all(pairs.collect::<Result<_, _>>()?))
    }

    pub(crate) fn scope(&self, row: Row) -> Result<&Scope, SqlError> {
        self.scopes.iter().rev().find(|scope| scope.row == row).ok_or(SqlError::OutOfScope)
    }

    pub(crate) fn column(&self, row: Row, name: &str) -> Result<Column, SqlError> {
        let scope = self.scope(row)?;
        if !scope.values.is_empty() {
            let value = scope.values.iter().find(|(known, _)| known == name);
            return value.and_then(|(_, value)| value.clone()).ok_or(SqlError::OutOfScope);
        }
        let known = self.tables.attribute(&scope.class, name)?;
        let nullable = known.nullable && !scope.there.iter().any(|there| there == name);
        self.column_of(scope, name, known.value_type, nullable)
    }

    /// A column that a relation goes by: one of which nothing else needs to be known.
    pub(crate) fn join_column(&self, scope: &Scope, name: &str) -> Result<Column, SqlError> {
        let known = self.tables.row_type(&scope.class)?.attribute_named(name);
        let nullable = known.is_none_or(|known| known.nullable);
        self.column_of(scope, name, known.and_then(|known| known.value_type), nullable)
    }

    fn column_of(
        &self,
        scope: &Scope,
        name: &str,
        value_type: Option<ValueType>,
        nullable: bool,
    ) -> Result<Column, SqlError> {
        let column = self.tables.table(&scope.class)?.column_of(name).to_owned();
        Ok(Column {
            expr: Expr::col((scope.alias.clone(), column)),
            value_type: value_type.map(|known| self.dialect.kept(known)),
            nullable,
            class: scope.class.clone(),
            attribute: name.to_owned(),
        })
    }
}

/// `TRUE` or `FALSE`, as part of the text.
pub(crate) fn constant(value: bool) -> Expr {
    Expr::Constant(Value::Bool(Some(value)))
}

pub(crate) fn constant_one() -> Expr {
    Expr::cust("1")
}

/// Adds a condition to a query.
pub(crate) fn restrict(select: &mut SelectStatement, condition: Truth) {
    match condition {
        Truth::Always => {}
        condition => {
            select.and_where(condition.into_expr());
        }
    }
}

/// Several expressions as one.
pub(crate) fn one_expression(mut parts: Vec<Expr>) -> Expr {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            Expr::tuple(parts)
        }
    }
}

/// Whether it is likely true of few rows: those that have a value that is known, and is more than yes or no.
pub(crate) fn is_selective(formula: &Formula) -> bool {
    let is_value = |constant: &Constant| !matches!(constant, Constant::Boolean(_) | Constant::Nil);
    match formula {
        Formula::Compare(Comparison::Eq, Expression::Attribute(..), Expression::Constant(constant))
        | Formula::Compare(Comparison::Eq, Expression::Constant(constant), Expression::Attribute(..)) => {
            is_value(constant)
        }
        Formula::OneOf(_, constants) => constants.iter().all(is_value),
        Formula::All(parts) => parts.iter().any(is_selective),
        Formula::Any(parts) => parts.iter().all(is_selective),
        Formula::Some(related) | Formula::One(related) => is_selective(&related.formula),
        Formula::Exists(some) => is_selective(&some.formula),
        Formula::Least(..) | Formula::Derived(..) => true,
        _ => false,
    }
}

/// Whether a formula mentions no rows but this one, and those that are met in it.
pub(crate) fn is_closed(formula: &Formula, row: Row) -> bool {
    let (mut known, mut mentioned) = (vec![row], Vec::new());
    let mut mention = |expression: &Expression| expression.each_row(&mut |row| mentioned.push(row));
    let mut of = Vec::new();
    formula.each(&mut |part| match part {
        Formula::Compare(_, left, right) => {
            mention(left);
            mention(right);
        }
        Formula::OneOf(expression, _) => mention(expression),
        Formula::Some(related) | Formula::One(related) => {
            known.push(related.row);
            of.push(related.of);
        }
        Formula::Least(definition, row) => {
            known.push(definition.row);
            of.push(*row);
        }
        Formula::Again(_, row) => of.push(*row),
        Formula::Exists(some) => known.push(some.row),
        Formula::Derived(derivation, values) => {
            known.push(derivation.row);
            values.iter().for_each(&mut mention);
        }
        Formula::DerivedAgain(_, values) => values.iter().for_each(&mut mention),
        _ => {}
    });
    mentioned.iter().chain(&of).all(|row| known.contains(row))
}

/// A formula that mentions no row.
fn settled(formula: &Formula, negated: bool) -> Result<Truth, SqlError> {
    Ok(match formula.holds(&Nowhere, ()) {
        Some(holds) => Truth::of(holds != negated),
        None => Truth::Never,
    })
}

/// Where no rows are.
struct Nowhere;

impl Source for Nowhere {
    type Row = ();

    fn attribute(&self, (): &(), _: &str) -> Constant {
        Constant::Nil
    }

    fn related(&self, (): &(), _: &str) -> Vec<()> {
        Vec::new()
    }

    fn rows(&self, _: &str) -> Vec<()> {
        Vec::new()
    }
}
