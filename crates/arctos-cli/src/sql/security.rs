//! `arctos sql rls`: row-level security of PostgreSQL.

use arctos::residual::{Asked, Reader, Residual};
use arctos::{Error, Facts, Host, Limits, NoObjects, Policy, Request};
use arctos_sql::{Command, RowSecurity, Tables};

use super::{check_class, classes, mapping, no_sql, refused};
use crate::args::SqlRlsArgs;
use crate::host::RecordHost;
use crate::input;
use crate::loading;
use crate::output::{Failure, Output, Status};
use crate::schema::Declared;

pub(super) fn run(args: &SqlRlsArgs, output: &Output) -> Result<Status, Failure> {
    let tables = mapping(&args.mapping)?;
    check_class(&args.row_class, &tables)?;
    check_class(&args.actor, &tables)?;
    let declared = Declared { has_facts: args.facts, ..Declared::read(&args.classes)? };
    let texts = input::read_policies(std::slice::from_ref(&args.policy))?;
    let (declared, policy) = loading::load_about_rows(declared, &texts, &classes(&tables));
    let policy = match policy {
        Ok(policy) => policy,
        Err(error) => return refused(error, false, output),
    };
    let mut residuals = Vec::new();
    for (command, action) in actions(args) {
        let residual = if args.facts {
            read(&policy, &mut NoObjects, args, &tables, &action)
        } else {
            let mut host = RecordHost::new(policy.schema(), &declared.constants, *output, true);
            read(&policy, &mut host, args, &tables, &action)
        };
        match residual {
            Ok(residual) => residuals.push((command, action, residual)),
            Err(error) => return refused(error, false, output),
        }
    }
    let mut security = RowSecurity::new(&tables, &args.row_class, &args.setting);
    if args.functions {
        security = security.by_functions();
    }
    let actions: Vec<(Command, &str, &Residual)> =
        residuals.iter().map(|(command, action, residual)| (*command, &**action, residual)).collect();
    match security.script(&actions) {
        Ok(script) => output.raw(&script)?,
        Err(error) => return no_sql(&error, false, output),
    }
    Ok(Status::Good)
}

/// The commands with their actions: those that are named, or else one for each command.
fn actions(args: &SqlRlsArgs) -> Vec<(Command, String)> {
    if !args.action.is_empty() {
        return args.action.clone();
    }
    let defaults = [
        (Command::Select, "read"),
        (Command::Insert, "create"),
        (Command::Update, "update"),
        (Command::Delete, "delete"),
    ];
    defaults.map(|(command, action)| (command, action.to_owned())).into()
}

/// What must hold of the actor's row and another for an action.
fn read<H: Host>(
    policy: &Policy,
    host: &mut H,
    args: &SqlRlsArgs,
    tables: &Tables,
    action: &str,
) -> Result<Residual, Error> {
    let limits = Limits::default();
    let mut reader = Reader::new(policy, host, tables.rows(), &limits);
    if args.facts {
        reader.set_facts(&Facts::new(), &Request::default())?;
    }
    let action = reader.heap().string(action);
    let asked = [Asked::RowOf(&args.actor), Asked::Value(action), Asked::Row];
    reader.read("allow", &asked, &args.row_class)?.without_objects()
}
