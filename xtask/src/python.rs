//! Python: an interpreter, virtual environments under `target/`, and the wheel of the binding.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::command::Run;
use crate::paths;

/// The oldest Python that the wheel supports.
const OLDEST: (u32, u32) = (3, 10);
const CANDIDATES: &[&str] =
    &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// A virtual environment.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// The environment of that name with these packages in it; made anew when the packages have changed.
    pub(crate) fn with(name: &str, packages: &[&str]) -> Result<Venv> {
        let dir = paths::made("venv").join(name);
        let stamp = dir.join("packages.txt");
        let wanted = packages.join("\n");
        let venv = Venv(dir);
        if fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
            return Ok(venv);
        }
        create(&venv.0)?;
        if !packages.is_empty() {
            venv.pip(&["install"]).args(packages).check()?;
        }
        fs::write(stamp, wanted)?;
        Ok(venv)
    }

    /// A new, empty environment, whatever was there.
    pub(crate) fn clean(name: &str) -> Result<Venv> {
        let venv = Venv(paths::made("venv").join(name));
        create(&venv.0)?;
        Ok(venv)
    }

    /// A program of the environment.
    pub(crate) fn bin(&self, program: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.0.join(folder).join(program)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> Run {
        Run::new(self.bin("python")).env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// Its pip.
    pub(crate) fn pip(&self, arguments: &[&str]) -> Run {
        self.python()
            .args(["-m", "pip", "--disable-pip-version-check", "--quiet"])
            .args(arguments)
            .env("PIP_ROOT_USER_ACTION", "ignore")
    }

    /// Puts the wheel in, without asking any index for it.
    pub(crate) fn install_wheel(&self, wheel: &Path) -> Result<()> {
        self.pip(&["install", "--force-reinstall", "--no-deps"]).arg(wheel).check()
    }
}

fn create(dir: &Path) -> Result<()> {
    let python = interpreter()?;
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    let make = || Run::new(&python).args(["-m", "venv"]).arg(dir);
    println!("$ {python} -m venv {}", dir.display());
    if let Err(first) = make().read() {
        install_venv_module(&python).with_context(|| format!("{first:#}"))?;
        make().read()?;
    }
    Ok(())
}

/// Debian and Ubuntu ship `venv` in a package of its own.
fn install_venv_module(python: &str) -> Result<()> {
    println!("`{python} -m venv` does not work here; asking apt-get for python3-venv");
    apt::update().context("install your system's package for Python's `venv` module")?;
    let own = format!("python{}.{}-venv", version(python)?.0, version(python)?.1);
    apt::install("python3-venv")?;
    // A Python other than the system's own has its package under its version; there may be none.
    let _ = apt::install(&own);
    Ok(())
}

/// The name of a Python that is new enough.
fn interpreter() -> Result<String> {
    for name in CANDIDATES {
        if version(name).is_ok_and(|found| found >= OLDEST) {
            return Ok((*name).to_owned());
        }
    }
    bail!("no Python {}.{} or later was found on the PATH", OLDEST.0, OLDEST.1)
}

fn version(python: &str) -> Result<(u32, u32)> {
    let text = Run::new(python).args(["-c", "import sys; print(*sys.version_info[:2])"]).read()?;
    let (major, minor) = text.trim().split_once(' ').context("unexpected version")?;
    Ok((major.parse()?, minor.parse()?))
}

/// The wheel of the binding as the sources are now; built at most once a run.
pub(crate) fn wheel() -> Result<&'static Path> {
    static WHEEL: OnceLock<PathBuf> = OnceLock::new();
    if let Some(wheel) = WHEEL.get() {
        return Ok(wheel);
    }
    let wheel = build_wheel()?;
    Ok(WHEEL.get_or_init(|| wheel))
}

fn build_wheel() -> Result<PathBuf> {
    let tools = Venv::with("build", &["maturin>=1.9,<2"])?;
    let out = paths::made("wheels");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let manifest = paths::binding().join("Cargo.toml");
    Run::new(tools.bin("maturin"))
        .args(["build", "--release", "--manifest-path"])
        .arg(manifest)
        .arg("--interpreter")
        .arg(tools.bin("python"))
        .arg("--out")
        .arg(&out)
        .env("CARGO_TARGET_DIR", paths::target())
        .check()?;
    for entry in fs::read_dir(&out)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    bail!("maturin left no wheel in {}", out.display())
}
