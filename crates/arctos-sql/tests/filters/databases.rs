//! Databases that the law is tried in.

use std::fmt::Write;

use arctos::residual::{Constant, ValueType};
use arctos_sql::{Dialect, Parameter, Statement};

use crate::rows::{Data, SHAPES, classes, column, table};
use crate::servers::Server;

/// A connection to a database.
pub(crate) trait Connection {
    /// Runs a statement. What is given back is the first column of what it finds.
    fn run(&mut self, text: &str, parameters: &[Option<Parameter>]) -> Result<Vec<i64>, String>;

    /// Runs a script.
    fn script(&mut self, text: &str) -> Result<(), String>;
}

/// A database with tables for the rows.
pub(crate) struct Database {
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    connection: Box<dyn Connection>,
}

impl Database {
    /// SQLite, in memory.
    pub(crate) fn sqlite() -> Database {
        Database::with_tables("SQLite", Dialect::Sqlite, Box::new(Sqlite::new()))
    }

    /// A server of its own.
    pub(crate) fn postgres() -> Database {
        Database::with_tables("PostgreSQL", Dialect::Postgres, Box::new(Postgres::new()))
    }

    /// A server of its own.
    pub(crate) fn mariadb() -> Database {
        let mut server = Server::mariadb();
        let socket = server.folder().join("socket").display().to_string();
        let options = || mysql::OptsBuilder::new().socket(Some(socket.clone())).user(Some("root"));
        let mut client = server.connect(|| mysql::Conn::new(options()));
        mysql::prelude::Queryable::query_drop(&mut client, "CREATE DATABASE law CHARACTER SET utf8mb4")
            .unwrap();
        mysql::prelude::Queryable::query_drop(&mut client, "USE law").unwrap();
        Database::with_tables("MariaDB", Dialect::Mysql, Box::new(Maria { client, _server: server }))
    }

    fn with_tables(name: &'static str, dialect: Dialect, connection: Box<dyn Connection>) -> Database {
        let mut database = Database { name, dialect, connection };
        for shape in 0..SHAPES {
            for class in classes(shape) {
                let mut columns =
                    vec![format!("rowno {} NOT NULL", database.type_name(ValueType::Integer, ""))];
                columns.extend(class.attributes.iter().map(|(name, kind, _)| {
                    format!("{} {}", database.quoted(column(name)), database.type_name(*kind, name))
                }));
                let key: Vec<String> = class.key.iter().map(|name| database.quoted(column(name))).collect();
                columns.push(format!("PRIMARY KEY ({})", key.join(", ")));
                let text = format!("CREATE TABLE {} ({})", table(class.name, shape), columns.join(", "));
                database.connection.run(&text, &[]).unwrap();
            }
        }
        database
    }

    fn quoted(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Mysql => format!("`{name}`"),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    pub(crate) fn type_name(&self, kind: ValueType, attribute: &str) -> &'static str {
        match (self.dialect, kind) {
            (_, ValueType::Boolean) => "BOOLEAN",
            (_, ValueType::Integer) => "BIGINT",
            (Dialect::Sqlite, ValueType::Float) => "REAL",
            (_, ValueType::Float) => "DOUBLE PRECISION",
            // A collation that takes more for the same.
            (Dialect::Sqlite, ValueType::String) if attribute == "name" => "TEXT COLLATE NOCASE",
            (Dialect::Mysql, ValueType::String | ValueType::Uuid) => "VARCHAR(40)",
            (_, ValueType::String | ValueType::Uuid) => "TEXT",
        }
    }

    /// Whether it can hold the values of these rows.
    pub(crate) fn takes(&self, data: &Data) -> bool {
        match self.dialect {
            Dialect::Postgres => true,
            Dialect::Sqlite => !data.has_nan,
            Dialect::Mysql => !data.has_nan && !data.has_infinity,
        }
    }

    /// Puts these rows in place of those that were there.
    pub(crate) fn load(&mut self, data: &Data) -> Result<(), String> {
        for (class, rows) in data.classes.iter().zip(&data.rows) {
            let table = table(class.name, data.shape);
            self.connection.run(&format!("DELETE FROM {table}"), &[])?;
            if rows.is_empty() {
                continue;
            }
            let names = class.attributes.iter().map(|(name, ..)| column(name));
            let names: Vec<&str> = std::iter::once("rowno").chain(names).collect();
            let values = rows.iter().enumerate().map(|(number, row)| {
                let attributes = class.attributes.iter().map(|(name, ..)| row.get(name).and_then(parameter));
                std::iter::once(Some(Parameter::Integer(number as i64))).chain(attributes).collect()
            });
            self.insert(&table, &names, &values.collect::<Vec<_>>())?;
        }
        // Without statistics PostgreSQL prepares for tables that are full.
        if self.dialect == Dialect::Postgres {
            let tables: Vec<String> =
                data.classes.iter().map(|class| table(class.name, data.shape)).collect();
            self.connection.run(&format!("ANALYZE {}", tables.join(", ")), &[])?;
        }
        Ok(())
    }

    /// Puts rows into a table.
    pub(crate) fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Option<Parameter>>],
    ) -> Result<(), String> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = columns.iter().map(|name| self.quoted(name)).collect();
        let mut text = format!("INSERT INTO {table} ({}) VALUES ", names.join(", "));
        let mut parameters = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            text += if number == 0 { "(" } else { ", (" };
            for (place, value) in row.iter().enumerate() {
                text += if place == 0 { "" } else { ", " };
                parameters.push(value.clone());
                match self.dialect {
                    Dialect::Postgres => write!(text, "${}", parameters.len()).unwrap(),
                    _ => text += "?",
                }
            }
            text += ")";
        }
        self.connection.run(&text, &parameters)?;
        Ok(())
    }

    /// Runs a statement that finds nothing.
    pub(crate) fn execute(&mut self, text: &str) -> Result<(), String> {
        self.connection.run(text, &[]).map(|_| ())
    }

    /// Runs a script.
    pub(crate) fn script(&mut self, text: &str) -> Result<(), String> {
        self.connection.script(text)
    }

    /// What a statement finds, in order.
    pub(crate) fn find(&mut self, statement: &Statement) -> Result<Vec<usize>, String> {
        let parameters: Vec<Option<Parameter>> = statement.parameters.iter().cloned().map(Some).collect();
        let mut found = self.connection.run(&statement.text, &parameters)?;
        found.sort_unstable();
        Ok(found.into_iter().map(|number| number as usize).collect())
    }
}

fn parameter(value: &Constant) -> Option<Parameter> {
    match value {
        Constant::Boolean(value) => Some(Parameter::Boolean(*value)),
        Constant::Integer(value) => Some(Parameter::Integer(*value)),
        Constant::Float(value) => Some(Parameter::Float(*value)),
        Constant::String(text) => Some(Parameter::Text(text.as_ref().to_owned())),
        _ => None,
    }
}

pub(crate) struct Sqlite(rusqlite::Connection);

impl Sqlite {
    pub(crate) fn new() -> Sqlite {
        Sqlite(rusqlite::Connection::open_in_memory().unwrap())
    }

    /// How it will go about a statement.
    pub(crate) fn plan(&mut self, statement: &Statement) -> String {
        let parameters: Vec<Option<Parameter>> = statement.parameters.iter().cloned().map(Some).collect();
        let lines: Vec<String> =
            self.rows(&format!("EXPLAIN QUERY PLAN {statement}"), &parameters, 3).unwrap();
        lines.join("\n")
    }

    fn rows<T: rusqlite::types::FromSql>(
        &mut self,
        text: &str,
        parameters: &[Option<Parameter>],
        column: usize,
    ) -> rusqlite::Result<Vec<T>> {
        use rusqlite::types::Value;
        let values = parameters.iter().map(|parameter| match parameter {
            None => Value::Null,
            Some(Parameter::Boolean(value)) => Value::Integer(i64::from(*value)),
            Some(Parameter::Integer(value)) => Value::Integer(*value),
            Some(Parameter::Float(value)) => Value::Real(*value),
            Some(Parameter::Text(text)) => Value::Text(text.clone()),
        });
        let mut statement = self.0.prepare(text)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(column))?;
        rows.collect()
    }
}

impl Connection for Sqlite {
    fn run(&mut self, text: &str, parameters: &[Option<Parameter>]) -> Result<Vec<i64>, String> {
        self.rows(text, parameters, 0).map_err(|error| error.to_string())
    }

    fn script(&mut self, text: &str) -> Result<(), String> {
        self.0.execute_batch(text).map_err(|error| error.to_string())
    }
}

pub(crate) struct Postgres {
    client: postgres::Client,
    _server: Server,
}

impl Postgres {
    pub(crate) fn new() -> Postgres {
        let mut server = Server::postgres();
        let settings = format!("host={} user=arctos dbname=postgres", server.folder().display());
        let client = server.connect(|| postgres::Client::connect(&settings, postgres::NoTls));
        Postgres { client, _server: server }
    }

    /// How it will go about a statement.
    pub(crate) fn plan(&mut self, statement: &Statement) -> String {
        let parameters: Vec<Option<Parameter>> = statement.parameters.iter().cloned().map(Some).collect();
        let lines: Vec<String> = self.rows(&format!("EXPLAIN {statement}"), &parameters).unwrap();
        lines.join("\n")
    }

    fn rows<T: for<'r> postgres::types::FromSql<'r>>(
        &mut self,
        text: &str,
        parameters: &[Option<Parameter>],
    ) -> Result<Vec<T>, String> {
        use postgres::types::ToSql;
        let bound: Vec<Bound<'_>> = parameters.iter().map(|parameter| Bound(parameter.as_ref())).collect();
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| bound as _).collect();
        let rows = self.client.query(text, &bound).map_err(|error| format!("{error:?}"))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

impl Connection for Postgres {
    fn run(&mut self, text: &str, parameters: &[Option<Parameter>]) -> Result<Vec<i64>, String> {
        self.rows(text, parameters)
    }

    fn script(&mut self, text: &str) -> Result<(), String> {
        self.client.batch_execute(text).map_err(|error| format!("{error:?}"))
    }
}

#[derive(Debug)]
struct Bound<'p>(Option<&'p Parameter>);

impl postgres::types::ToSql for Bound<'_> {
    fn to_sql(
        &self,
        of: &postgres::types::Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            None => Ok(postgres::types::IsNull::Yes),
            Some(Parameter::Boolean(value)) => value.to_sql_checked(of, out),
            Some(Parameter::Integer(value)) => value.to_sql_checked(of, out),
            Some(Parameter::Float(value)) => value.to_sql_checked(of, out),
            Some(Parameter::Text(text)) => text.to_sql_checked(of, out),
        }
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

struct Maria {
    client: mysql::Conn,
    _server: Server,
}

impl Connection for Maria {
    fn run(&mut self, text: &str, parameters: &[Option<Parameter>]) -> Result<Vec<i64>, String> {
        use mysql::prelude::Queryable;
        let values = parameters.iter().map(|parameter| match parameter {
            None => mysql::Value::NULL,
            Some(Parameter::Boolean(value)) => (*value).into(),
            Some(Parameter::Integer(value)) => (*value).into(),
            Some(Parameter::Float(value)) => (*value).into(),
            Some(Parameter::Text(text)) => text.as_str().into(),
        });
        let values: Vec<mysql::Value> = values.collect();
        let parameters =
            if values.is_empty() { mysql::Params::Empty } else { mysql::Params::Positional(values) };
        self.client.exec(text, parameters).map_err(|error| error.to_string())
    }

    fn script(&mut self, text: &str) -> Result<(), String> {
        mysql::prelude::Queryable::query_drop(&mut self.client, text).map_err(|error| error.to_string())
    }
}
