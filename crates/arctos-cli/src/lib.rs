//! The command line of Arctos: `arctos check`, `query`, `test`, `repl`; and over stored facts, `authorize`, `why`, `list`, `who`, `actions`,
//! `roles`, `facts check`, `facts convert`; over rows of tables, `sql filter`, `sql list`, `sql rls`.
//!
//! All reading, writing, clocks and environment of the project's tools are here; the language and the engine are in
//! `arctos-syntax` and `arctos`. `args` says what can be typed; `check`, `query`, `test`, `repl`, `stored`, `facts` and `sql` do it; `host` stands
//! in for the application that a policy is normally asked by; `show` writes values.
//!
//! INVARIANT: the exit status says 0 only when the whole result was delivered and is good.

pub mod args;
pub mod check;
mod clock;
pub mod facts;
pub mod host;
pub mod input;
pub mod loading;
pub mod output;
pub mod query;
pub mod repl;
pub mod schema;
pub mod show;
pub mod sql;
pub mod stored;
pub mod test;
mod uses;
mod watch;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command, FactsCommand};
use crate::output::{Failure, Output, Status};

/// Runs the command line and returns what the shell is told: 0 good, 1 a negative result, 2 not done.
///
/// ```
/// let status = arctos_cli::run(["arctos", "check", "/no/such/file.polar"]);
/// assert_eq!(status, std::process::ExitCode::from(2));
/// ```
pub fn run<T: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = T>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(message) => {
            let code = if message.use_stderr() { 2 } else { 0 };
            // A closed pipe while help is printed concerns nobody.
            let _ = message.print();
            return ExitCode::from(code);
        }
    };
    let output = Output::new(cli.color);
    let result = match &cli.command {
        Command::Check(args) => check::run(args, &output),
        Command::Query(args) => query::run(args, &output),
        Command::Test(args) => test::run(args, &output),
        Command::Repl(args) => repl::run(args, &output),
        Command::Authorize(args) => stored::authorize(args, &output),
        Command::Why(args) => stored::why(args, &output),
        Command::List(args) => stored::list(args, &output),
        Command::Who(args) => stored::who(args, &output),
        Command::Actions(args) => stored::actions(args, &output),
        Command::Roles(args) => stored::roles(args, &output),
        Command::Facts(args) => match &args.command {
            FactsCommand::Check(args) => facts::check::run(args, &output),
            FactsCommand::Convert(args) => facts::convert::run(args, &output),
        },
        Command::Sql(args) => sql::run(args, &output),
    };
    ExitCode::from(status(result, &output) as u8)
}

fn status(result: Result<Status, Failure>, output: &Output) -> Status {
    match result {
        Ok(status) => status,
        // Whoever read the output has gone: there is no one to complain to, but nothing was delivered either.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::NotDone,
        Err(Failure::Output(error)) => {
            let _ = output.error(&format!("cannot write the result: {error}"));
            Status::NotDone
        }
        Err(Failure::Usage(messages)) => {
            for message in messages {
                let _ = output.error(&message);
            }
            Status::NotDone
        }
    }
}
