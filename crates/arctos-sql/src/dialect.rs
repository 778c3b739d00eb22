//! What databases call things.

use std::fmt;

use arctos::residual::{Constant, ValueType};
use sea_query::{
    Expr, Func, MysqlQueryBuilder, PostgresQueryBuilder, QueryBuilder, SelectStatement, SqlWriter,
    SqlWriterValues, SqliteQueryBuilder, Value, Values,
};

/// A language of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, from 3.34 on.
    Sqlite,
    /// PostgreSQL, from 12 on.
    Postgres,
    /// MySQL from 8 on, and MariaDB from 10.5 on.
    Mysql,
}

/// A value that the text of a statement has a placeholder for.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// A boolean.
    Boolean(bool),
    /// A 64-bit integer.
    Integer(i64),
    /// A double-precision float.
    Float(f64),
    /// Text.
    Text(String),
}

impl Parameter {
    /// A value of that type; `None` for one of another.
    pub(crate) fn of(constant: &Constant, known: ValueType) -> Option<Parameter> {
        Some(match (constant, known) {
            (Constant::Boolean(value), ValueType::Boolean) => Parameter::Boolean(*value),
            (Constant::Integer(value), ValueType::Integer) => Parameter::Integer(*value),
            (Constant::String(text), ValueType::String) => Parameter::Text(text.as_ref().to_owned()),
            (Constant::String(text), ValueType::Uuid) if ValueType::is_uuid(text) => {
                Parameter::Text(text.as_ref().to_owned())
            }
            _ => return None,
        })
    }
}

/// SQL text with placeholders (`?`, or `$1` for PostgreSQL), and the values for them in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text.
    pub text: String,
    /// The values.
    pub parameters: Vec<Parameter>,
}

impl fmt::Display for Statement {
    /// The text, without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Dialect {
    /// An expression as text.
    pub(crate) fn expression(self, expr: &Expr) -> Statement {
        match self {
            Dialect::Sqlite => expression_by(&SqliteQueryBuilder, expr),
            Dialect::Postgres => expression_by(&PostgresQueryBuilder, expr),
            Dialect::Mysql => expression_by(&MysqlQueryBuilder, expr),
        }
    }

    /// The same with the values in their places.
    pub(crate) fn whole_expression(self, expr: &Expr) -> String {
        let mut written = InPlace { text: String::new(), dialect: self };
        match self {
            Dialect::Sqlite => SqliteQueryBuilder.prepare_expr(expr, &mut written),
            Dialect::Postgres => PostgresQueryBuilder.prepare_expr(expr, &mut written),
            Dialect::Mysql => MysqlQueryBuilder.prepare_expr(expr, &mut written),
        }
        written.text
    }

    /// A query as text.
    pub(crate) fn select(self, select: &SelectStatement) -> Statement {
        let (text, values) = match self {
            Dialect::Sqlite => select.build(SqliteQueryBuilder),
            Dialect::Postgres => select.build(PostgresQueryBuilder),
            Dialect::Mysql => select.build(MysqlQueryBuilder),
        };
        statement(text, values)
    }

    /// A name as part of the text.
    pub(crate) fn quoted(self, name: &str) -> String {
        let quote = if self == Dialect::Mysql { "`" } else { "\"" };
        format!("{quote}{}{quote}", name.replace(quote, &quote.repeat(2)))
    }

    /// The same with the values in their places.
    pub(crate) fn whole_select(self, select: &SelectStatement) -> String {
        let mut written = InPlace { text: String::new(), dialect: self };
        match self {
            Dialect::Sqlite => SqliteQueryBuilder.prepare_select_statement(select, &mut written),
            Dialect::Postgres => PostgresQueryBuilder.prepare_select_statement(select, &mut written),
            Dialect::Mysql => MysqlQueryBuilder.prepare_select_statement(select, &mut written),
        }
        written.text
    }

    /// A value as it stands in text.
    fn literal(self, value: &Value) -> String {
        match value {
            Value::Bool(Some(value)) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Value::BigInt(Some(value)) => value.to_string(),
            Value::Double(Some(value)) => self.float(*value),
            Value::String(Some(text)) => self.text(text),
            // No value of a policy or a request is anything else.
            _ => "NULL".to_owned(),
        }
    }

    fn float(self, value: f64) -> String {
        match (self, value.is_finite()) {
            // With an exponent it is a float everywhere, and exact.
            (_, true) => format!("{value:e}"),
            (Dialect::Postgres, false) if value.is_nan() => "'NaN'".to_owned(),
            (_, false) if value.is_nan() => "NULL".to_owned(),
            (Dialect::Postgres, false) => if value > 0.0 { "'Infinity'" } else { "'-Infinity'" }.to_owned(),
            (_, false) => if value > 0.0 { "9e999" } else { "-9e999" }.to_owned(),
        }
    }

    /// A text in quotes. Where settings of a server could give a character another meaning, by its bytes.
    fn text(self, text: &str) -> String {
        let quoted = text.replace('\'', "''");
        let bytes = || text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        match self {
            Dialect::Sqlite if text.contains('\0') => format!("CAST(x'{}' AS TEXT)", bytes()),
            Dialect::Postgres if text.contains('\\') => format!("E'{}'", quoted.replace('\\', "\\\\")),
            Dialect::Mysql if text.contains(['\\', '\0']) => format!("CONVERT(x'{}' USING utf8mb4)", bytes()),
            _ => format!("'{quoted}'"),
        }
    }

    /// Text of which every difference counts, as code points do: case, accents and spaces at the end.
    pub(crate) fn exact(self, text: Expr) -> Expr {
        match self {
            Dialect::Sqlite => Expr::cust_with_expr("? COLLATE BINARY", text),
            Dialect::Postgres => Expr::cust_with_expr("$1 COLLATE \"C\"", text),
            // Collations of MySQL fold, and most pad; the bytes of UTF-8 are ordered as code points are.
            Dialect::Mysql => {
                Func::cast_as(Expr::cust_with_expr("CONVERT(? USING utf8mb4)", text), "BINARY").into()
            }
        }
    }

    /// A value as it is kept in a set: all queries of a recursion give it the same type, and `UNION` takes no two values for the same that differ.
    pub(crate) fn into_set(self, value: Expr, known: ValueType) -> Expr {
        match (self, known) {
            (Dialect::Sqlite, ValueType::String) => self.exact(value),
            (Dialect::Postgres, ValueType::String) => {
                Expr::cust_with_expr("CAST($1 AS text) COLLATE \"default\"", value)
            }
            (Dialect::Postgres, ValueType::Integer) => Func::cast_as(value, "bigint").into(),
            // Its first query says how long texts may be, and its collations fold.
            (Dialect::Mysql, ValueType::String) => {
                Expr::cust_with_expr("CAST(HEX(CONVERT(? USING utf8mb4)) AS CHAR(6144))", value)
            }
            (Dialect::Mysql, ValueType::Integer) => Func::cast_as(value, "SIGNED").into(),
            _ => value,
        }
    }

    /// What [`Dialect::into_set`] has been given.
    pub(crate) fn out_of_set(self, kept: Expr, known: ValueType) -> Expr {
        match (self, known) {
            (Dialect::Mysql, ValueType::String) => {
                Expr::cust_with_expr("CONVERT(UNHEX(?) USING utf8mb4)", kept)
            }
            _ => kept,
        }
    }

    /// A placeholder. PostgreSQL is told the type of a number, which it would take from the column otherwise.
    pub(crate) fn parameter(self, parameter: Parameter) -> Expr {
        let (value, type_name) = match parameter {
            Parameter::Boolean(value) => (Value::from(value), None),
            Parameter::Integer(value) => (Value::from(value), Some("bigint")),
            Parameter::Float(value) => (Value::from(value), Some("double precision")),
            Parameter::Text(value) => (Value::from(value), None),
        };
        match (self, type_name) {
            (Dialect::Postgres, Some(name)) => Func::cast_as(Expr::val(value), name).into(),
            _ => Expr::val(value),
        }
    }

    /// How values of a type are kept: only PostgreSQL has a type for UUIDs.
    pub(crate) fn kept(self, known: ValueType) -> ValueType {
        match (self, known) {
            (Dialect::Sqlite | Dialect::Mysql, ValueType::Uuid) => ValueType::String,
            _ => known,
        }
    }

    /// A placeholder for a UUID of PostgreSQL. Its driver need not know of that type.
    pub(crate) fn uuid(self, parameter: Parameter) -> Expr {
        Func::cast_as(self.typed(parameter), "uuid").into()
    }

    /// A known value, typed where no column says its type; `None` for what is none of that type.
    pub(crate) fn constant(self, constant: &Constant, known: ValueType) -> Option<Expr> {
        let parameter = Parameter::of(constant, known)?;
        Some(if self.kept(known) == ValueType::Uuid { self.uuid(parameter) } else { self.typed(parameter) })
    }

    /// A placeholder for what no column says the type of.
    pub(crate) fn typed(self, parameter: Parameter) -> Expr {
        let is_text = matches!(parameter, Parameter::Text(_));
        let expr = self.parameter(parameter);
        if is_text && self == Dialect::Postgres { Func::cast_as(expr, "text").into() } else { expr }
    }
}

/// Writes values where placeholders would be.
struct InPlace {
    text: String,
    dialect: Dialect,
}

impl fmt::Write for InPlace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.write_str(text)
    }
}

impl fmt::Display for InPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl SqlWriter for InPlace {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        let literal = self.dialect.literal(&value);
        self.text.push_str(&literal);
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}

fn expression_by(builder: &impl QueryBuilder, expr: &Expr) -> Statement {
    let (placeholder, numbered) = builder.placeholder();
    let mut writer = SqlWriterValues::new(placeholder, numbered);
    builder.prepare_expr(expr, &mut writer);
    let (text, values) = writer.into_parts();
    statement(text, values)
}

fn statement(text: String, values: Values) -> Statement {
    let parameters = values.0.into_iter().filter_map(|value| match value {
        Value::Bool(value) => value.map(Parameter::Boolean),
        Value::BigInt(value) => value.map(Parameter::Integer),
        Value::Double(value) => value.map(Parameter::Float),
        Value::String(value) => value.map(Parameter::Text),
        _ => None,
    });
    Statement { text, parameters: parameters.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_their_places() {
        let check = |value: Value, expected: [&str; 3]| {
            let all = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];
            assert_eq!(all.map(|dialect| dialect.literal(&value)), expected, "{value:?}");
        };
        check("it's".into(), ["'it''s'"; 3]);
        check(
            "\\' OR 1 = 1 --".into(),
            [
                "'\\'' OR 1 = 1 --'",
                "E'\\\\'' OR 1 = 1 --'",
                "CONVERT(x'5c27204f522031203d2031202d2d' USING utf8mb4)",
            ],
        );
        check("a\0".into(), ["CAST(x'6100' AS TEXT)", "'a\0'", "CONVERT(x'6100' USING utf8mb4)"]);
        check(1.5_f64.into(), ["1.5e0"; 3]);
        check(f64::NEG_INFINITY.into(), ["-9e999", "'-Infinity'", "-9e999"]);
        check(i64::MIN.into(), ["-9223372036854775808"; 3]);
        check(true.into(), ["TRUE"; 3]);
    }
}
