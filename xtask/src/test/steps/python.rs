//! Steps that need Python: the binding, the README and the sample application, each against the built wheel.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::super::Count;
use crate::demo::packages;
use crate::paths;
use crate::python::{self, Venv};

/// A clean environment with the freshly built wheel and these packages.
fn clean_venv(name: &str, packages: &[&str], wheel: &Path) -> Result<Venv> {
    let venv = Venv::clean(name)?;
    if !packages.is_empty() {
        venv.pip(&["install"]).args(packages).check()?;
    }
    venv.install_wheel(wheel)?;
    Ok(venv)
}

fn pytest(venv: &Venv, dir: &Path, count: &mut Count) -> Result<()> {
    venv.python()
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"])
        .current_dir(dir)
        .watch(|line| count.see(line))
}

pub(super) fn python(count: &mut Count) -> Result<()> {
    let wheel = python::wheel()?;
    let venv = clean_venv(
        "test-python",
        &[
            "pytest",
            "mypy",
            "pyright[nodejs]",
            "sqlalchemy[asyncio]>=2,<3",
            "aiosqlite",
            "flask[async]>=2.3,<4",
            "fastapi>=0.115,<1",
            "django>=4.2,<6",
            "djangorestframework>=3.15,<4",
            "httpx",
            "uvicorn",
        ],
        wheel,
    )?;
    pytest(&venv, &paths::binding(), count)
}

/// The binding's own tests check its types; this is the view of an application.
pub(super) fn types(count: &mut Count) -> Result<()> {
    let mut requirements = fs::read_to_string(paths::codehost().join("requirements.txt"))?;
    requirements.push_str("\nmypy>=1.11\npyright[nodejs]>=1.1.380\n");
    let venv = Venv::with("types", &packages(&requirements))?;
    venv.install_wheel(python::wheel()?)?;
    let checker = |name: &str| venv.python().args(["-m", name]).current_dir(paths::codehost());
    checker("mypy").args(["--strict", "--cache-dir"]).arg(paths::made("mypy")).arg("codehost").check()?;
    checker("pyright").arg("--pythonpath").arg(venv.bin("python")).arg("codehost").check()?;
    count.passed += 2;
    Ok(())
}

/// The published wheel of the predecessor, in an environment of its own, is the oracle.
pub(super) fn oso_wheel(count: &mut Count) -> Result<()> {
    let venv = clean_venv("test-oso-wheel", &[], python::wheel()?)?;
    let oracle = paths::binding().join("oracle");
    venv.python()
        .args(["differential.py", "--cases", "5000", "--target"])
        .arg(paths::made("oracle"))
        .current_dir(oracle)
        .watch(|line| count.see(line))
}

/// Runs the README's Python beside the README's policy.
pub(super) fn readme(_: &mut Count) -> Result<()> {
    let text = fs::read_to_string(paths::root().join("README.md"))?;
    let dir = paths::made("readme");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("policy.polar"), fenced(&text, "polar"))?;
    fs::write(dir.join("readme.py"), fenced(&text, "python"))?;
    let wheel = python::wheel()?;
    clean_venv("test-readme", &[], wheel)?.python().arg("readme.py").current_dir(dir).check()
}

/// The text of all fenced blocks of that kind.
fn fenced(markdown: &str, kind: &str) -> String {
    let mut inside = false;
    let mut text = String::new();
    for line in markdown.lines() {
        match line.strip_prefix("```") {
            Some(info) => inside = info == kind && !inside,
            None if inside => text.extend([line, "\n"]),
            None => {}
        }
    }
    text
}

pub(super) fn example(count: &mut Count) -> Result<()> {
    let wheel = python::wheel()?;
    let mut requirements = fs::read_to_string(paths::codehost().join("requirements.txt"))?;
    requirements.push_str(&fs::read_to_string(paths::codehost().join("requirements-test.txt"))?);
    let venv = clean_venv("test-codehost", &packages(&requirements), wheel)?;
    pytest(&venv, &paths::codehost(), count)
}
