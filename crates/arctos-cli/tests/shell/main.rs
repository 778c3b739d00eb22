//! The built binary as a shell sees it: arguments in, text and exit code out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails; the lint knows only functions marked as tests"
)]

mod check;
mod docs;
mod facts;
mod gallery;
mod query;
mod repl;
mod run;
mod sql;
mod stored;
#[cfg(unix)]
mod terminal;
mod test;
