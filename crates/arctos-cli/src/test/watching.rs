//! `arctos test --watch`: runs the tests again whenever a file has changed.
//!
//! Files are read and compared now and then: that works on every file system, and policies are small.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use crate::args::TestArgs;
use crate::input::{self, PolicyText};
use crate::output::{Failure, Output, Paint, Status};

/// How long a change may go unnoticed.
const PAUSE: Duration = Duration::from_millis(300);

/// Runs until it is interrupted, or cannot write.
pub(super) fn run(args: &TestArgs, output: &Output) -> Result<Status, Failure> {
    if args.files.iter().chain(&args.policy).any(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("`--watch` watches files: stdin can be read only once"));
    }
    loop {
        let seen = read(args);
        match super::once(args, output) {
            Ok(_) => {}
            Err(Failure::Usage(messages)) => messages.iter().try_for_each(|text| output.error(text))?,
            Err(failure) => return Err(failure),
        }
        output.note(&output.paint_err(Paint::Faint, "waiting for a change; end with Ctrl-C"))?;
        while read(args) == seen {
            sleep(PAUSE);
        }
        output.line("")?;
    }
}

/// All texts, or what is wrong with them.
fn read(args: &TestArgs) -> Result<Vec<PolicyText>, String> {
    let paths: Vec<PathBuf> =
        args.files.iter().chain(&args.policy).chain(&args.classes.classes).cloned().collect();
    input::read_policies(&paths).map_err(|failure| format!("{failure:?}"))
}
