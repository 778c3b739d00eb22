//! `cargo xtask demo`: build, start the sample application, and watch it decide.

mod story;

use std::fs;
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lexopt::Arg;

use crate::command::{Run, Running};
use crate::paths;
use crate::python::{self, Venv};

/// What the command line asked for.
pub(crate) struct Options {
    serve: bool,
}

impl Options {
    /// Reads the arguments after `demo`.
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Options> {
        let mut options = Options { serve: false };
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("serve") => options.serve = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// The demonstration.
pub(crate) fn main(options: Options) -> Result<ExitCode> {
    let begin = Instant::now();
    println!("[1/4] building the Python wheel (a few minutes the first time)");
    let wheel = python::wheel()?;
    println!("[2/4] a virtual environment for the sample application");
    let requirements = fs::read_to_string(paths::codehost().join("requirements.txt"))?;
    let venv = Venv::with("codehost", &packages(&requirements))?;
    venv.install_wheel(wheel)?;
    println!("[3/4] starting the sample application");
    let mut server = Server::start(&venv)?;
    println!("      {} ({:.0} s since the beginning)", server.address, begin.elapsed().as_secs_f32());
    println!("[4/4] a short story\n");
    let told = story::tell(&server.address)?;
    println!("\n{} requests, {} with an unexpected status", told.requests, told.surprises);
    if options.serve {
        println!("\nserving on {} until interrupted; its interactive page is {0}/docs", server.address);
        println!(
            "try: curl -i -H 'Authorization: Bearer ann-token' {}/repositories/acme/anvil",
            server.address
        );
        server.process.wait()?;
    }
    Ok(if told.surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The lines of a requirements file that name a package.
pub(crate) fn packages(requirements: &str) -> Vec<&str> {
    requirements.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The sample application while it runs.
struct Server {
    process: Running,
    address: String,
}

impl Server {
    fn start(venv: &Venv) -> Result<Server> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("http://127.0.0.1:{port}");
        let database = paths::made("codehost.db");
        if database.exists() {
            fs::remove_file(&database)?;
        }
        let log = paths::made("codehost.log");
        let run: Run = venv
            .python()
            .args(["-m", "codehost", "--explain", "--port"])
            .arg(port.to_string())
            .arg("--database")
            .arg(&database)
            .current_dir(paths::codehost());
        let process = run.start(&log)?;
        let mut server = Server { process, address };
        if let Err(error) = server.wait_until_ready() {
            eprint!("{}", fs::read_to_string(&log).unwrap_or_default());
            return Err(error.context(format!("the application's log is {}", log.display())));
        }
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let url = format!("{}/health", self.address);
            if minreq::get(url).with_timeout(5).send().is_ok_and(|response| response.status_code == 200) {
                return Ok(());
            }
            if self.process.has_ended() {
                bail!("the application ended before it answered");
            }
            Instant::now()
                .lt(&deadline)
                .then_some(())
                .context("the application did not answer within a minute")?;
            sleep(Duration::from_millis(100));
        }
    }
}
