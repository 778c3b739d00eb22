//! Makes the tables and pictures of turns that were measured elsewhere, in Python: `tables <turns.json> [--keep]`.
//!
//! With `--keep` they go to `results/` and into the book's chapter on performance, as those of `bench` do.

use std::path::Path;

use anyhow::{Context, Result};
use arctos_bench::report::{self, Cell, Entry, Figure, Machine, OURS, Table, TableHead, Unit};
use serde::Deserialize;

/// A workload's turns, as `python/measure.py` writes them.
#[derive(Deserialize)]
struct Measured {
    id: String,
    name: String,
    about: String,
    per: Per,
    scenarios: Vec<Scenario>,
}

/// What a figure counts.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Per {
    Decision,
    List,
}

/// Engines beside one another.
#[derive(Deserialize)]
struct Scenario {
    name: String,
    engines: Vec<Engine>,
}

/// An engine's turns, in nanoseconds.
#[derive(Deserialize)]
struct Engine {
    engine: String,
    given: String,
    turns: Vec<f64>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let keep = arguments.iter().any(|argument| argument == "--keep");
    let file =
        arguments.iter().find(|argument| !argument.starts_with("--")).context("tables <turns.json>")?;
    let measured: Vec<Measured> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let machine = Machine::here();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for workload in measured {
        let table = table(workload);
        println!("\n## {} {}\n\n{}", table.id, table.name, table.markdown());
        if keep {
            report::publish(&table, &machine, &home.join("results"))?;
            report::update_chapter(&home.join("../docs/performance.md"), &table, &machine)?;
        }
    }
    println!("_{machine}._");
    Ok(())
}

fn table(measured: Measured) -> Table {
    let Measured { id, name, about, per, scenarios } = measured;
    let per = match per {
        Per::Decision => "a decision",
        Per::List => "a list",
    };
    let head = TableHead { id, name, about, per, unit: Unit::Time };
    Table::of(
        head,
        scenarios.into_iter().map(|scenario| (scenario.name, entries(scenario.engines))).collect(),
    )
}

fn entries(engines: Vec<Engine>) -> Vec<Entry> {
    let ours = engines.iter().find(|engine| engine.engine == OURS).map(|engine| engine.turns.clone());
    let entry = |engine: Engine| {
        let figure = Figure::of(&engine.turns);
        let figure = ours.as_ref().map_or(figure, |ours| {
            let both: Vec<(f64, f64)> = engine.turns.iter().copied().zip(ours.iter().copied()).collect();
            figure.beside(&both)
        });
        Entry { engine: engine.engine, given: engine.given, cell: Cell::Measured(figure) }
    };
    engines.into_iter().map(entry).collect()
}
