//! The built binary as a shell sees it: arguments in, text and exit code out.

mod check;
mod docs;
mod query;
mod repl;
mod run;
#[cfg(unix)]
mod terminal;
