//! `cargo xtask`: the one door for automation.
//!
//! INVARIANT: everything that is made is under `target/`, and everything that is started is stopped again.

mod apt;
mod bench;
mod command;
mod demo;
mod fuzz;
mod paths;
mod python;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use lexopt::Arg;

const HELP: &str = "\
Automation of the Arctos project

Usage: cargo xtask <command>

  demo              build, start the sample application, send it the requests of a short story
    --serve         leave the application running and print its address
  test              everything: formatting, lints, Rust, Python, the sample application, docs
    --list          the steps, in order
    --only <step>   that step alone; may be repeated
    --skip <step>   all but that step; may be repeated
  bench             Arctos beside other engines: tables, pictures (builds the others; minutes the first time)
    --quick         shorter, and nothing is written
    --only <names>  those workloads alone: W1,W2
    --python        the Python wheels instead
    --instructions  count what a decision costs, and fail beyond 10 % more than committed; needs valgrind
                    with --python: of a decision from Python, and of the attribute reads alone
    --update        with --instructions: write the figures anew
  fuzz [target …]   texts and policies at random, steered by what they reach; needs nightly and cargo-fuzz
    --seconds <n>   for each target; 60 if nothing is said
    --keep          make the committed corpora of what runs have found, instead
  help              this text

demo needs Rust and Python 3.10 or later; all it makes is under target/.";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(Arg::Value(command)) if command == "demo" => demo::main(demo::Options::parse(&mut arguments)?),
        Some(Arg::Value(command)) if command == "test" => test::main(&test::Options::parse(&mut arguments)?),
        Some(Arg::Value(command)) if command == "bench" => {
            bench::main(&bench::Options::parse(&mut arguments)?)
        }
        Some(Arg::Value(command)) if command == "fuzz" => fuzz::main(&fuzz::Options::parse(&mut arguments)?),
        None | Some(Arg::Long("help") | Arg::Short('h')) => help(),
        Some(Arg::Value(command)) if command == "help" => help(),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn help() -> Result<ExitCode> {
    println!("{HELP}");
    Ok(ExitCode::SUCCESS)
}
