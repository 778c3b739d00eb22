//! Comparisons of columns, with constants and with one another.
//!
//! Each is TRUE exactly where it holds in Polar, and never TRUE of NULL but where Polar says so. None is ever negated as SQL.

use arctos::Comparison;
use arctos::residual::{Constant, ValueType};
use sea_query::{CaseStatement, Expr, ExprTrait, Func};

use crate::dialect::{Dialect, Parameter};
use crate::error::SqlError;
use crate::numbers::{Fitted, fit};
use crate::truth::Truth;

/// A column of a row.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) expr: Expr,
    pub(crate) value_type: Option<ValueType>,
    pub(crate) nullable: bool,
    pub(crate) class: String,
    pub(crate) attribute: String,
}

/// A comparison, or that it is false.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) op: Comparison,
    pub(crate) negated: bool,
}

impl Asked {
    /// The comparison that holds of two numbers where this is asked for, NaN apart.
    fn effective(self) -> Comparison {
        if self.negated { negation(self.op) } else { self.op }
    }

    /// With the sides exchanged.
    pub(crate) fn flipped(self) -> Asked {
        let op = match self.op {
            Comparison::Lt => Comparison::Gt,
            Comparison::Leq => Comparison::Geq,
            Comparison::Gt => Comparison::Lt,
            Comparison::Geq => Comparison::Leq,
            same => same,
        };
        Asked { op, ..self }
    }
}

fn negation(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq => Comparison::Neq,
        Comparison::Neq => Comparison::Eq,
        Comparison::Lt => Comparison::Geq,
        Comparison::Leq => Comparison::Gt,
        Comparison::Gt => Comparison::Leq,
        Comparison::Geq => Comparison::Lt,
    }
}

fn is_order(op: Comparison) -> bool {
    !matches!(op, Comparison::Eq | Comparison::Neq)
}

/// What SQL says of NULL is told apart by who asks.
fn sql(op: Comparison, left: Expr, right: Expr) -> Expr {
    match op {
        Comparison::Eq => left.eq(right),
        Comparison::Neq => left.ne(right),
        Comparison::Lt => left.lt(right),
        Comparison::Leq => left.lte(right),
        Comparison::Gt => left.gt(right),
        Comparison::Geq => left.gte(right),
    }
}

impl Column {
    pub(crate) fn is_null(&self) -> Truth {
        if self.nullable { self.expr.clone().is_null().into() } else { Truth::Never }
    }

    pub(crate) fn is_there(&self) -> Truth {
        if self.nullable { self.expr.clone().is_not_null().into() } else { Truth::Always }
    }

    fn unknown_type(&self) -> SqlError {
        SqlError::UnknownType(self.class.clone(), self.attribute.clone())
    }

    fn other_type(&self) -> SqlError {
        SqlError::OtherType(self.class.clone(), self.attribute.clone())
    }

    pub(crate) fn known_type(&self) -> Result<ValueType, SqlError> {
        self.value_type.ok_or_else(|| self.unknown_type())
    }

    fn is_nan(&self) -> Expr {
        self.expr.clone().eq(Expr::cust("CAST('NaN' AS double precision)"))
    }

    /// `column op constant`
    pub(crate) fn with_constant(
        &self,
        asked: Asked,
        constant: &Constant,
        dialect: Dialect,
    ) -> Result<Truth, SqlError> {
        match constant {
            Constant::Nil => return Ok(self.with_nil(asked)),
            Constant::Object(_) => return Err(SqlError::Object),
            _ => {}
        }
        match (self.known_type()?, constant) {
            (ValueType::String, Constant::String(text)) => Ok(self.with_text(asked, text, dialect)),
            (ValueType::Uuid, Constant::String(text)) => self.with_uuid(asked, text, dialect),
            (ValueType::Boolean, Constant::Boolean(value)) if !is_order(asked.op) => {
                let parameter = dialect.parameter(Parameter::Boolean(*value));
                Ok(self.or_null(asked, sql(asked.effective(), self.expr.clone(), parameter).into()))
            }
            (known, constant) => {
                let fitted = fit(asked.op, known, constant, dialect).ok_or_else(|| self.other_type())?;
                Ok(self.with_number(asked, fitted, known, dialect))
            }
        }
    }

    fn with_nil(&self, asked: Asked) -> Truth {
        match asked.effective() {
            Comparison::Eq => self.expr.clone().is_null().into(),
            Comparison::Neq => self.expr.clone().is_not_null().into(),
            // The order of nil and anything is unknown.
            _ => Truth::Never,
        }
    }

    /// Nil differs from whatever is known.
    fn or_null(&self, asked: Asked, differs: Truth) -> Truth {
        match asked.effective() {
            Comparison::Neq => differs.or(self.is_null()),
            _ => differs,
        }
    }

    fn with_text(&self, asked: Asked, text: &str, dialect: Dialect) -> Truth {
        let parameter = || dialect.parameter(Parameter::Text(text.to_owned()));
        let (op, column) = (asked.effective(), || self.expr.clone());
        let truth = match (dialect, op) {
            // Its collations are bytewise for equality, but for those made otherwise: see the page on filters.
            (Dialect::Postgres, Comparison::Eq | Comparison::Neq) => sql(op, column(), parameter()),
            (Dialect::Postgres | Dialect::Sqlite, _) => sql(op, dialect.exact(column()), parameter()),
            // The first finds it by the index, the second tells it from what the collation takes for the same.
            (Dialect::Mysql, Comparison::Eq) => {
                column().eq(parameter()).and(dialect.exact(column()).eq(dialect.exact(parameter())))
            }
            (Dialect::Mysql, _) => sql(op, dialect.exact(column()), dialect.exact(parameter())),
        };
        self.or_null(asked, truth.into())
    }

    fn with_uuid(&self, asked: Asked, text: &str, dialect: Dialect) -> Result<Truth, SqlError> {
        if ValueType::is_uuid(text) {
            let parameter = dialect.uuid(Parameter::Text(text.to_owned()));
            return Ok(self.or_null(asked, sql(asked.effective(), self.expr.clone(), parameter).into()));
        }
        match asked.effective() {
            Comparison::Eq => Ok(Truth::Never),
            Comparison::Neq => Ok(Truth::Always),
            _ => Err(self.other_type()),
        }
    }

    fn with_number(&self, asked: Asked, fitted: Fitted, known: ValueType, dialect: Dialect) -> Truth {
        let (op, parameter) = match fitted {
            Fitted::Settled(value) if value == asked.negated => return Truth::Never,
            Fitted::Settled(_) if is_order(asked.op) => return self.is_there(),
            // Nil differs, too.
            Fitted::Settled(_) => return Truth::Always,
            Fitted::Compare(op, parameter) => (op, parameter),
        };
        let asked = Asked { op, ..asked };
        let compared = sql(asked.effective(), self.expr.clone(), dialect.parameter(parameter)).into();
        if known == ValueType::Float && dialect == Dialect::Postgres && is_order(op) {
            return self.with_nan_apart(asked, compared);
        }
        self.or_null(asked, compared)
    }

    /// For PostgreSQL NaN is the greatest number; here it is in no order, so that every order is false of it.
    fn with_nan_apart(&self, asked: Asked, compared: Truth) -> Truth {
        let takes_nan = matches!(asked.effective(), Comparison::Gt | Comparison::Geq);
        match (takes_nan, asked.negated) {
            (true, false) => compared.and(self.is_no_nan()),
            (false, true) => compared.or(self.is_nan().into()),
            _ => compared,
        }
    }

    fn is_no_nan(&self) -> Truth {
        self.expr.clone().ne(Expr::cust("CAST('NaN' AS double precision)")).into()
    }

    /// The same as one of these; or, negated, as none.
    pub(crate) fn one_of(
        &self,
        constants: &[Constant],
        negated: bool,
        dialect: Dialect,
    ) -> Result<Truth, SqlError> {
        let known = self.known_type()?;
        let mut parameters = Vec::with_capacity(constants.len());
        for constant in constants {
            match (known, constant) {
                (_, Constant::Object(_)) => return Err(SqlError::Object),
                (ValueType::String, Constant::String(text)) => {
                    parameters.push(Parameter::Text(text.as_ref().to_owned()));
                }
                (ValueType::Uuid, constant @ Constant::String(_)) => {
                    parameters.extend(Parameter::of(constant, known));
                }
                (ValueType::Boolean, Constant::Boolean(value)) => parameters.push(Parameter::Boolean(*value)),
                (known, constant) => match fit(Comparison::Eq, known, constant, dialect) {
                    Some(Fitted::Compare(_, parameter)) => parameters.push(parameter),
                    Some(Fitted::Settled(_)) => {}
                    None => return Err(self.other_type()),
                },
            }
        }
        if parameters.is_empty() {
            return Ok(Truth::of(negated));
        }
        let placeholder = |parameter: &Parameter| match known {
            ValueType::Uuid => dialect.uuid(parameter.clone()),
            _ => dialect.parameter(parameter.clone()),
        };
        let placeholders = || parameters.iter().map(placeholder);
        let exact = || placeholders().map(|placeholder| dialect.exact(placeholder));
        let column = self.expr.clone();
        let found = match (known, dialect, negated) {
            (ValueType::String, Dialect::Sqlite, false) => dialect.exact(column).is_in(placeholders()),
            (ValueType::String, Dialect::Sqlite, true) => dialect.exact(column).is_not_in(placeholders()),
            (ValueType::String, Dialect::Mysql, false) => {
                column.clone().is_in(placeholders()).and(dialect.exact(column).is_in(exact()))
            }
            (ValueType::String, Dialect::Mysql, true) => dialect.exact(column).is_not_in(exact()),
            (_, _, false) => column.is_in(placeholders()),
            (_, _, true) => column.is_not_in(placeholders()),
        };
        let found = Truth::from(found);
        Ok(if negated { found.or(self.is_null()) } else { found })
    }

    /// `column op other`
    pub(crate) fn with_column(
        &self,
        asked: Asked,
        other: &Column,
        dialect: Dialect,
    ) -> Result<Truth, SqlError> {
        let compared = self.both_there(asked, other, dialect)?;
        Ok(match asked.effective() {
            Comparison::Eq => compared.or(self.is_null().and(other.is_null())),
            Comparison::Neq => compared
                .or(self.is_null().and(other.expr.clone().is_not_null().into()))
                .or(other.is_null().and(self.expr.clone().is_not_null().into())),
            _ => compared,
        })
    }

    /// That a relation leads from this column to the other. Nil leads nowhere.
    pub(crate) fn leads_to(&self, other: &Column, dialect: Dialect) -> Result<Truth, SqlError> {
        if self.value_type.is_none() && other.value_type.is_none() {
            return Ok(self.expr.clone().eq(other.expr.clone()).into());
        }
        // A foreign key has the type of the key.
        let typed = |column: &Column, like: &Column| Column {
            value_type: column.value_type.or(like.value_type),
            ..column.clone()
        };
        let (own, other) = (typed(self, other), typed(other, self));
        own.both_there(Asked { op: Comparison::Eq, negated: false }, &other, dialect)
    }

    /// This column and the other as they are to be for `IN`, which compares as the database does; `None` where that is not good enough.
    pub(crate) fn listed(&self, other: &Column, dialect: Dialect) -> Option<Vec<(Expr, Expr)>> {
        let (own, of_other) = (self.expr.clone(), other.expr.clone());
        match (self.value_type.or(other.value_type), other.value_type.or(self.value_type), dialect) {
            (Some(ValueType::Float), ..) | (_, Some(ValueType::Float), _) => None,
            (a, b, _) if a != b => None,
            (Some(ValueType::String), _, Dialect::Sqlite) => Some(vec![(dialect.exact(own), of_other)]),
            // The first is found by the index, the second tells it from what the collation takes for the same.
            (Some(ValueType::String), _, Dialect::Mysql) => {
                let exact = (dialect.exact(own.clone()), dialect.exact(of_other.clone()));
                Some(vec![(own, of_other), exact])
            }
            _ => Some(vec![(own, of_other)]),
        }
    }

    /// The comparison where neither is NULL; not TRUE where one is.
    fn both_there(&self, asked: Asked, other: &Column, dialect: Dialect) -> Result<Truth, SqlError> {
        let (a, b, op) = (self.expr.clone(), other.expr.clone(), asked.effective());
        match (self.known_type()?, other.known_type()?) {
            (ValueType::String, ValueType::String) => Ok(texts(op, a, b, dialect).into()),
            (ValueType::Uuid, ValueType::Uuid) => Ok(sql(op, a, b).into()),
            (ValueType::Boolean, ValueType::Boolean) if !is_order(op) => Ok(sql(op, a, b).into()),
            (ValueType::Integer, ValueType::Integer) => Ok(sql(op, a, b).into()),
            (ValueType::Float, ValueType::Float) => Ok(self.floats(asked, other, dialect)),
            (ValueType::Integer, ValueType::Float) => Ok(self.mixed(asked, other, dialect)),
            (ValueType::Float, ValueType::Integer) => Ok(other.mixed(asked.flipped(), self, dialect)),
            _ => Err(self.other_type()),
        }
    }

    fn floats(&self, asked: Asked, other: &Column, dialect: Dialect) -> Truth {
        let compared = sql(asked.effective(), self.expr.clone(), other.expr.clone()).into();
        if dialect != Dialect::Postgres {
            return compared;
        }
        let either = |compared: Truth| {
            let nan = |column: &Column, other: &Column| Truth::from(column.is_nan()).and(other.is_there());
            compared.or(nan(self, other)).or(nan(other, self))
        };
        match asked.effective() {
            Comparison::Eq => compared.and(self.is_no_nan()),
            Comparison::Neq => either(compared),
            _ if asked.negated => either(compared),
            _ => compared.and(self.is_no_nan()).and(other.is_no_nan()),
        }
    }

    /// An integer beside a float, both of them columns.
    fn mixed(&self, asked: Asked, float: &Column, dialect: Dialect) -> Truth {
        let op = asked.effective();
        let (i, f) = (|| self.expr.clone(), || float.expr.clone());
        if dialect == Dialect::Sqlite {
            return sql(op, i(), f()).into();
        }
        let is_less = matches!(op, Comparison::Lt | Comparison::Leq | Comparison::Neq);
        let is_greater = matches!(op, Comparison::Gt | Comparison::Geq | Comparison::Neq);
        let constant = |value: bool| Expr::cust(if value { "TRUE" } else { "FALSE" });
        let mut case = CaseStatement::new();
        if self.nullable || float.nullable {
            case = case.case(i().is_null().or(f().is_null()), Expr::cust("NULL"));
        }
        if dialect == Dialect::Postgres {
            case =
                case.case(float.is_nan(), constant(op == Comparison::Neq || asked.negated && is_order(op)));
        }
        let beyond = |sign: &str| Expr::cust(format!("{sign}9223372036854775808e0"));
        let whole = |function: &'static str| {
            let type_name = if dialect == Dialect::Postgres { "bigint" } else { "SIGNED" };
            Expr::from(Func::cast_as(Func::cust(function).arg(f()), type_name))
        };
        let within = match op {
            Comparison::Eq => f().eq(Func::cust("FLOOR").arg(f())).and(i().eq(whole("FLOOR"))),
            Comparison::Neq => f().ne(Func::cust("FLOOR").arg(f())).or(i().ne(whole("FLOOR"))),
            Comparison::Lt | Comparison::Geq => sql(op, i(), whole("CEILING")),
            Comparison::Leq | Comparison::Gt => sql(op, i(), whole("FLOOR")),
        };
        let case = case
            .case(f().gte(beyond("")), constant(is_less))
            .case(f().lt(beyond("-")), constant(is_greater))
            .finally(within);
        Truth::When(case.into())
    }
}

fn texts(op: Comparison, a: Expr, b: Expr, dialect: Dialect) -> Expr {
    match (dialect, op) {
        (Dialect::Postgres, Comparison::Eq | Comparison::Neq) => sql(op, a, b),
        (Dialect::Postgres | Dialect::Sqlite, _) => sql(op, dialect.exact(a), b),
        (Dialect::Mysql, Comparison::Eq) => {
            a.clone().eq(b.clone()).and(dialect.exact(a).eq(dialect.exact(b)))
        }
        (Dialect::Mysql, _) => sql(op, dialect.exact(a), dialect.exact(b)),
    }
}
