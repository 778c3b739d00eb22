//! `arctos repl`: a policy line by line.
//!
//! On a terminal `editor` reads entries, with history, completion and colour; without one the lines of stdin are read
//! as they are, for scripts. `entry` says what an entry is and whether it is finished; `session` carries it out.
//!
//! The line editor is rustyline: it asks our own parser whether an entry is finished, and stands on `termios` alone. The
//! other candidate, reedline, brings a terminal library and an async-capable painter that one prompt has no use for.

mod editor;
mod entry;
mod highlight;
mod history;
mod session;
mod vocabulary;

use std::io::{self, BufRead, IsTerminal};

use rustyline::error::ReadlineError;

use crate::args::ReplArgs;
use crate::output::{Failure, Output, Paint, Status};
use editor::Reader;
use entry::Entry;
use session::{Flow, Session};

/// Runs the prompt until the end of the input.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read, [`Failure::Output`] where the result cannot be written.
pub fn run(args: &ReplArgs, output: &Output) -> Result<Status, Failure> {
    if args.files.iter().any(|file| file.as_os_str() == "-") {
        return Err(Failure::usage("`-` cannot be a file here: the prompt itself reads stdin"));
    }
    let is_interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut session = Session::new(args, *output, is_interactive)?;
    if is_interactive { interactive(&mut session, output) } else { piped(&mut session) }
}

/// True when the prompt would take these lines as they are, and not ask for more.
///
/// ```
/// assert!(arctos_cli::repl::is_finished("f(x)"));
/// assert!(!arctos_cli::repl::is_finished("f(x) if"));
/// ```
pub fn is_finished(lines: &str) -> bool {
    Entry::of(lines) != Entry::Unfinished
}

/// Errors of single entries have been shown and the session went on; a person knows, so the status is good.
fn interactive(session: &mut Session, output: &Output) -> Result<Status, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let welcome = format!("arctos {version}. `:help` lists the commands, `:quit` or Ctrl-D leaves");
    output.line(&output.paint(Paint::Faint, &welcome))?;
    let mut reader = Reader::new(output.color())
        .map_err(|error| Failure::usage(format!("the terminal cannot be used: {error}")))?;
    loop {
        reader.learn(session.vocabulary());
        let text = match reader.read() {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Status::Good),
            Err(ReadlineError::Io(error)) => return Err(error.into()),
            Err(error) => return Err(Failure::usage(format!("the terminal cannot be read: {error}"))),
        };
        if session.take(&text)? == Flow::Quit {
            return Ok(Status::Good);
        }
    }
}

/// A script is told by the status that one of its lines had an error.
fn piped(session: &mut Session) -> Result<Status, Failure> {
    let mut pending = String::new();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::usage(format!("cannot read stdin: {error}")))?;
        if !pending.is_empty() {
            pending.push('\n');
        }
        pending.push_str(&line);
        if !is_finished(&pending) {
            continue;
        }
        if session.take(&std::mem::take(&mut pending))? == Flow::Quit {
            break;
        }
    }
    if !pending.trim().is_empty() {
        session.take(&pending)?;
    }
    Ok(if session.had_errors() { Status::NotDone } else { Status::Good })
}
