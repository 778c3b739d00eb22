//! Running other programs, with what they print shown or kept.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths;

/// A program to run in the checkout.
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Run {
        let shown = Path::new(program.as_ref()).file_name().unwrap_or(program.as_ref()).to_string_lossy();
        let mut command = Command::new(program.as_ref());
        command.current_dir(paths::root()).stdin(Stdio::null());
        Run { shown: shown.into_owned(), command }
    }

    /// The cargo that runs this.
    pub(crate) fn cargo() -> Run {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let mut run = Run::new(cargo).env("CARGO_TARGET_DIR", paths::target());
        // `cargo run` describes xtask itself in these; a build script must not mistake them for its own.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
                run.command.env_remove(name);
            }
        }
        run
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Run {
        let text = argument.as_ref().to_string_lossy();
        let root = format!("{}/", paths::root().display());
        self.shown.push(' ');
        self.shown.push_str(text.strip_prefix(&root).unwrap_or(&text));
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Run {
        arguments.into_iter().fold(self, Run::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.command.env(name, value);
        self
    }

    pub(crate) fn current_dir(mut self, dir: impl AsRef<Path>) -> Run {
        self.command.current_dir(dir);
        self
    }

    /// Runs it with its output on ours.
    pub(crate) fn check(mut self) -> Result<()> {
        println!("$ {}", self.shown);
        let status = self.command.status().with_context(|| format!("cannot run `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it with its output on ours; each line of its standard output is also handed to `see`.
    pub(crate) fn watch(mut self, mut see: impl FnMut(&str)) -> Result<()> {
        println!("$ {}", self.shown);
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| format!("cannot run `{}`", self.shown))?;
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = line?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                see(&line);
            }
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it silently; what it printed, or an error with what it complained of.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.command.output().with_context(|| format!("cannot run `{}`", self.shown))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(if output.stderr.is_empty() {
                &output.stdout
            } else {
                &output.stderr
            });
            bail!("`{}` failed ({})\n{}", self.shown, output.status, said.trim_end());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it; it is stopped when the returned value is dropped.
    pub(crate) fn start(mut self, log: &Path) -> Result<Running> {
        let file = std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        self.command.stdout(file.try_clone()?).stderr(file);
        let child = self.command.spawn().with_context(|| format!("cannot run `{}`", self.shown))?;
        Ok(Running(child))
    }
}

/// A program that runs until this is dropped.
pub(crate) struct Running(Child);

impl Running {
    /// True when it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; there is no one to tell.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
