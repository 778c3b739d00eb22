//! Where and with what it was measured.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

/// The machine, the compiler and the commit.
#[derive(Clone, Debug)]
pub struct Machine {
    processor: String,
    cores: usize,
    system: String,
    rustc: String,
    commit: String,
    date: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Machine {
        let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        Machine {
            processor: processor.unwrap_or_else(|| "unknown processor".to_owned()),
            cores: available_parallelism().map_or(1, usize::from),
            system: said("uname", &["-sr"]),
            rustc: said("rustc", &["--version"]),
            commit: said("git", &["describe", "--always", "--dirty", "--exclude=*"]),
            date: said("date", &["-u", "+%Y-%m-%d"]),
        }
    }
}

/// What a program says, in a line.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok();
    let text = output.filter(|output| output.status.success()).map(|output| output.stdout);
    text.map_or_else(
        || "unknown".to_owned(),
        |text| String::from_utf8_lossy(&text).trim().lines().next().unwrap_or("unknown").to_owned(),
    )
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { processor, cores, system, rustc, commit, date } = self;
        write!(f, "{date}, commit {commit}; {processor}, {cores} cores, {system}; {rustc}")
    }
}
