//! Packages of Debian and Ubuntu, for what a fresh machine may lack.

use anyhow::Result;

use crate::command::Run;

/// Learns which packages there are.
pub(crate) fn update() -> Result<()> {
    get(&["update"])
}

/// Installs a package.
pub(crate) fn install(package: &str) -> Result<()> {
    get(&["install", "-y", "--no-install-recommends", package])
}

fn get(arguments: &[&str]) -> Result<()> {
    let run = if Run::new("id").arg("-u").read().is_ok_and(|id| id.trim() == "0") {
        Run::new("apt-get")
    } else {
        Run::new("sudo").args(["-n", "apt-get"])
    };
    run.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").read()?;
    Ok(())
}
