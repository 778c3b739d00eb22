//! Steps that need database servers. The tests start them, and stop them afterwards.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::super::Count;
use crate::apt;
use crate::command::Run;

/// The law of filters, and what servers say of their plans.
pub(super) fn filters(count: &mut Count) -> Result<()> {
    let has_postgres = fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| {
        versions.any(|version| version.is_ok_and(|version| version.path().join("bin/initdb").exists()))
    });
    let has_mariadb = Path::new("/usr/bin/mariadb-install-db").exists();
    let wanted = [(has_postgres, "postgresql"), (has_mariadb, "mariadb-server-core")];
    let missing: Vec<&str> = wanted.iter().filter(|(has, _)| !has).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        apt::update().context("install PostgreSQL and MariaDB")?;
    }
    for package in missing {
        apt::install(package).with_context(|| format!("install {package}"))?;
    }
    Run::cargo()
        .args(["test", "--package", "arctos-sql", "--test", "filters"])
        .env("ARCTOS_DATABASES", "postgres,mariadb")
        .env("ARCTOS_FILTERS", "2000")
        .env("ARCTOS_FACT_FILTERS", "1000")
        .watch(|line| count.see(line))
}
