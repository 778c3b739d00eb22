//! The `arctos` binary: hands the arguments to the library and its status to the shell. Nothing else happens here.

use std::process::ExitCode;

fn main() -> ExitCode {
    arctos_cli::run(std::env::args_os())
}
