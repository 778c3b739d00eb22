//! `arctos sql filter`, `list`, `rls`: what a policy says of rows, as SQL.
//!
//! INVARIANT: what has no form in SQL is an error, never an empty or a full filter.

mod actor;
mod security;

use std::path::Path;

use arctos::residual::{Asked, Reader, Residual};
use arctos::{Error, Limits};
use arctos_sql::{Filter, Parameter, SqlError, Statement, Tables};
use arctos_syntax::suggest::near;
use serde_json::{Value, json};

use crate::args::{SqlArgs, SqlCommand, SqlFilterArgs};
use crate::host::RecordHost;
use crate::input;
use crate::loading;
use crate::output::{Failure, Output, Status};
use crate::query::{Stopped, report};
use crate::schema::Declared;
use crate::stored;

/// Prints SQL.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read and values that are none, [`Failure::Output`] where the result cannot be
/// written.
pub fn run(args: &SqlArgs, output: &Output) -> Result<Status, Failure> {
    match &args.command {
        SqlCommand::Filter(args) => filter(args, output, false),
        SqlCommand::List(args) => filter(args, output, true),
        SqlCommand::Rls(args) => security::run(args, output),
    }
}

fn filter(args: &SqlFilterArgs, output: &Output, is_list: bool) -> Result<Status, Failure> {
    let tables = mapping(&args.mapping)?;
    check_class(&args.row_class, &tables)?;
    let shown = |residual: &Residual| written(args, &tables, residual, is_list);
    if args.actor.trim_start().starts_with('{') {
        return match over_objects(args, &tables, output)? {
            Ok(residual) => print(shown(&residual), args, output),
            Err(error) => refused(error, args.json, output),
        };
    }
    let actor = stored::value(&args.actor)?;
    let declared = Declared { has_facts: true, ..Declared::read(&args.classes)? };
    let texts = input::read_policies(std::slice::from_ref(&args.stored.policy))?;
    let (_, policy) = loading::load_about_rows(declared, &texts, &classes(&tables));
    let mut printed = None;
    let status = stored::ask_policy(&args.stored, policy, args.json, output, |authorizer, request| {
        let residual =
            authorizer.filter(request, actor.as_ref(), &args.action, &args.row_class, tables.rows())?;
        printed = Some(shown(&residual));
        Ok(Status::Good)
    })?;
    printed.map_or(Ok(status), |written| print(written, args, output))
}

/// The residual for an actor that is an object of the application.
fn over_objects(
    args: &SqlFilterArgs,
    tables: &Tables,
    output: &Output,
) -> Result<Result<Residual, Error>, Failure> {
    let stored = &args.stored;
    if !stored.facts.is_empty()
        || !stored.context.is_empty()
        || stored.request.is_some()
        || stored.now.is_some()
    {
        let message =
            "facts and requests are about entities: write the actor as `User:ann`, not as an object";
        return Err(Failure::usage(message));
    }
    let texts = input::read_policies(std::slice::from_ref(&stored.policy))?;
    let object = actor::Written::parse(&args.actor)?;
    let mut names = classes(tables);
    names.extend(object.classes());
    let (declared, policy) = loading::load_about_rows(Declared::read(&args.classes)?, &texts, &names);
    let policy = match policy {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(error)),
    };
    let limits = Limits::default();
    let mut host = RecordHost::new(policy.schema(), &declared.constants, *output, true);
    let mut maker = RecordHost::new(policy.schema(), &declared.constants, *output, true);
    let mut reader = Reader::new(&policy, &mut host, tables.rows(), &limits);
    let actor = object.make(&mut maker, reader.heap(), policy.schema())?;
    let action = reader.heap().string(&args.action);
    let asked = [Asked::Value(actor), Asked::Value(action), Asked::Row];
    let residual = reader.read("allow", &asked, &args.row_class);
    Ok(residual.and_then(Residual::without_objects))
}

/// The SQL, with its parameters.
fn written(
    args: &SqlFilterArgs,
    tables: &Tables,
    residual: &Residual,
    is_list: bool,
) -> Result<Statement, SqlError> {
    let filter = Filter::new(residual, tables, args.dialect.into());
    let known = tables.rows().get(&args.row_class);
    let attributes: Vec<&str> = known
        .into_iter()
        .flat_map(|row| row.names().filter(|name| row.relation_named(name).is_none()))
        .collect();
    match (is_list, args.inline) {
        (true, true) => {
            filter.whole_select(&attributes).map(|text| Statement { text, parameters: Vec::new() })
        }
        (true, false) => filter.select(&attributes),
        (false, true) => {
            filter.whole_where_clause("t").map(|text| Statement { text, parameters: Vec::new() })
        }
        (false, false) => filter.where_clause("t"),
    }
}

fn print(
    written: Result<Statement, SqlError>,
    args: &SqlFilterArgs,
    output: &Output,
) -> Result<Status, Failure> {
    let statement = match written {
        Ok(statement) => statement,
        Err(error) => return no_sql(&error, args.json, output),
    };
    if args.json {
        let parameters: Vec<Value> = statement.parameters.iter().map(parameter).collect();
        let line = json!({ "version": 1, "sql": statement.text, "parameters": parameters });
        output.line(&line.to_string())?;
        return Ok(Status::Good);
    }
    output.line(&statement.text)?;
    for (place, value) in statement.parameters.iter().enumerate() {
        output.line(&format!("-- {}: {}", place + 1, parameter(value)))?;
    }
    Ok(Status::Good)
}

fn parameter(value: &Parameter) -> Value {
    match value {
        Parameter::Boolean(value) => json!(value),
        Parameter::Integer(value) => json!(value),
        // JSON has no infinity.
        Parameter::Float(value) if !value.is_finite() => json!({ "float": value.to_string() }),
        Parameter::Float(value) => json!(value),
        Parameter::Text(text) => json!(text),
    }
}

/// Says why there is no SQL.
fn no_sql(error: &SqlError, json: bool, output: &Output) -> Result<Status, Failure> {
    if json {
        output.line(&json!({ "error": { "kind": "Sql", "message": error.to_string() } }).to_string())?;
    } else {
        output.error(&error.to_string())?;
    }
    Ok(Status::NotDone)
}

/// Says why there is no residual.
fn refused(error: Error, json: bool, output: &Output) -> Result<Status, Failure> {
    report(&Stopped::Error(error), json, output)?;
    Ok(Status::NotDone)
}

/// The mapping in a file.
pub(crate) fn mapping(path: &Path) -> Result<Tables, Failure> {
    let text = input::read_text(path)?;
    Tables::parse(&text).map_err(|wrong| {
        let name = path.display();
        Failure::Usage(wrong.problems.iter().map(|problem| format!("{name}: {problem}")).collect())
    })
}

/// The mapping has rows of the class.
pub(crate) fn check_class(class: &str, tables: &Tables) -> Result<(), Failure> {
    let classes = classes(tables);
    if classes.contains(&class) {
        return Ok(());
    }
    let hint = near(class, classes).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(Failure::usage(format!("the mapping has no class `{class}`{hint}")))
}

fn classes(tables: &Tables) -> Vec<&str> {
    tables.rows().iter().map(|(class, _)| class).collect()
}
