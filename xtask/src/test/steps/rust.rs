//! Steps that cargo does.

use anyhow::Result;

use super::super::Count;
use crate::bench;
use crate::command::Run;
use crate::paths;

pub(super) fn format(_: &mut Count) -> Result<()> {
    Run::cargo().args(["fmt", "--all", "--check"]).check()?;
    let examples = paths::root().join("examples/pages/rust");
    for workspace in [paths::binding(), paths::benches(), paths::root().join("fuzz"), examples] {
        Run::cargo().args(["fmt", "--check", "--manifest-path"]).arg(workspace.join("Cargo.toml")).check()?;
    }
    Ok(())
}

pub(super) fn tidy(count: &mut Count) -> Result<()> {
    Run::cargo().args(["test", "--package", "xtask"]).watch(|line| count.see(line))
}

pub(super) fn clippy(_: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"])
        .check()?;
    let binding = paths::binding().join("Cargo.toml");
    Run::cargo().args(["clippy", "--manifest-path"]).arg(binding).args(["--", "-D", "warnings"]).check()?;
    // Without the other engines, which take minutes.
    let benches = paths::benches().join("Cargo.toml");
    Run::cargo()
        .args(["clippy", "--all-targets", "--manifest-path"])
        .arg(benches)
        .args(["--", "-D", "warnings"])
        .check()
}

pub(super) fn rust(count: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["test", "--workspace", "--all-features", "--exclude", "xtask", "--no-fail-fast"])
        .watch(|line| count.see(line))
}

pub(super) fn rustdoc(_: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["doc", "--workspace", "--no-deps", "--exclude", "xtask"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .check()
}

/// More cases than plain `cargo test` runs.
pub(super) fn differential(count: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["test", "--package", "arctos-testkit", "--test", "differential"])
        .env("ARCTOS_DIFFERENTIAL", "10000")
        .watch(|line| count.see(line))
}

/// A workspace of its own, so that what the `oso` crate depends on stays out of our lock file.
pub(super) fn oso_crate(count: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["test", "--workspace", "--manifest-path"])
        .arg(paths::root().join("crates/arctos-oso/sample/Cargo.toml"))
        .watch(|line| count.see(line))
}

/// A workspace of its own, so that what an ORM depends on stays out of our lock file.
pub(super) fn seaorm(count: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["test", "--manifest-path"])
        .arg(paths::root().join("examples/pages/rust/Cargo.toml"))
        .watch(|line| count.see(line))
}

/// The tests of the benchmarks, without the other engines, and the guard against slower decisions.
pub(super) fn instructions(count: &mut Count) -> Result<()> {
    Run::cargo()
        .args(["test", "--release", "--manifest-path"])
        .arg(paths::benches().join("Cargo.toml"))
        .watch(|line| count.see(line))?;
    bench::instructions(false)
}
