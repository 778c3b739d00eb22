//! Measures Arctos beside its peers: `bench [--quick] [--only W1,W2]`.
//!
//! A quick run prints its tables; a full one also keeps them, in `results/` and in the book's chapter on performance.

use std::path::Path;

use anyhow::{Result, bail};
use arctos_bench::allocations::Counting;
use arctos_bench::report::{self, Machine};
use arctos_bench::{ALL, Effort, Workload};
use lexopt::{Arg, ValueExt};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<()> {
    let (effort, workloads) = arguments()?;
    let machine = Machine::here();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for workload in workloads {
        for table in (workload.run)(workload, effort)? {
            println!("\n## {} {}\n\n{}", table.id, table.name, table.markdown());
            if !effort.quick {
                report::publish(&table, &machine, &home.join("results"))?;
                report::update_chapter(&home.join("../docs/performance.md"), &table, &machine)?;
            }
        }
    }
    println!("_{machine}._");
    Ok(())
}

fn arguments() -> Result<(Effort, Vec<&'static Workload>)> {
    let mut effort = Effort::FULL;
    let mut workloads: Vec<&Workload> = Vec::new();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("quick") => effort = Effort::QUICK,
            Arg::Long("only") => {
                for name in arguments.value()?.string()?.split(',') {
                    workloads.push(Workload::named(name)?);
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if workloads.is_empty() {
        workloads = ALL.iter().collect();
    }
    if workloads.is_empty() {
        bail!("there is nothing to measure");
    }
    Ok((effort, workloads))
}
