//! Files of facts: what is read comes from what was written, and what is wrong is told at its place.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; the lint knows only functions marked as tests"
)]

mod damage;
mod limits;
mod pages;
mod problems;
mod random;
mod round_trip;

use arctos::{Facts, Policy, Schema, Sources};
use arctos_syntax::render;
use arctos_wire::facts::{Format, Import, Unread};

/// A policy over facts.
fn policy(text: &str) -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("policy.polar"), text);
    Policy::load(&schema, sources).unwrap()
}

/// The facts of one file.
fn read(name: &str, bytes: &[u8]) -> Result<Facts, Unread> {
    let mut import = Import::onto(&Facts::new());
    import.read(Some(name), Format::of_path(name).unwrap(), bytes);
    import.finish().map(|(facts, _)| facts)
}

/// All that is wrong, as people see it.
fn shown(unread: &Unread) -> String {
    let mut text = render::human(unread.diagnostics(), unread.sources(), false);
    if unread.untold() > 0 {
        text.push_str(&format!("{} more\n", unread.untold()));
    }
    if let Some(cause) = unread.cause() {
        text.push_str(&format!("{cause}\n"));
    }
    text
}
