//! Running the built binary among the fixtures.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use expect_test::Expect;

/// A command line for `arctos`, run in the folder of fixtures unless told otherwise.
pub(crate) struct Run {
    command: Command,
    stdin: String,
}

/// `arctos` with these arguments.
pub(crate) fn arctos(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arctos"));
    command.args(arguments).current_dir(fixtures()).env_remove("NO_COLOR");
    Run { command, stdin: String::new() }
}

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join("fixtures")
}

impl Run {
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.to_owned();
        self
    }

    pub(crate) fn folder(mut self, folder: PathBuf) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn output(mut self) -> Output {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // A program that does not read its input may have closed it.
        let _ = child.stdin.take().unwrap().write_all(self.stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Stdout, stderr and the exit code as one text.
    pub(crate) fn shown(self) -> String {
        let output = self.output();
        let mut shown = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        if !err.is_empty() {
            shown.push_str("--- stderr\n");
            shown.push_str(&err);
        }
        shown.push_str(&format!("--- exit {}\n", output.status.code().unwrap()));
        shown
    }

    pub(crate) fn check(self, expected: Expect) {
        expected.assert_eq(&self.shown());
    }
}
