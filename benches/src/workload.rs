//! The workloads by name.

use anyhow::{Context, Result};

use crate::codehost;
use crate::contender::{Contender, Scenario};
use crate::measure::{self, Effort};
use crate::report::{Table, TableHead};
use crate::roles;

/// A workload.
pub struct Workload {
    /// `W1`.
    pub id: &'static str,
    /// `roles`.
    pub name: &'static str,
    /// Checks and measures all engines.
    pub run: fn(&Workload, Effort) -> Result<Table>,
    /// Arctos alone, and how many questions there are, for counting instructions.
    pub ours: fn() -> (Contender, usize),
}

/// Every workload.
pub const ALL: &[Workload] = &[
    Workload {
        id: "W1",
        name: "roles",
        run: |workload, effort| workload.decisions(roles::ABOUT, vec![roles::scenario()], effort),
        ours: roles::ours,
    },
    Workload {
        id: "W2",
        name: "codehost",
        run: |workload, effort| workload.decisions(codehost::ABOUT, vec![codehost::scenario()], effort),
        ours: codehost::ours,
    },
];

impl Workload {
    /// The workload with that id or name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn named(name: &str) -> Result<&'static Workload> {
        let wanted = |workload: &&Workload| workload.id.eq_ignore_ascii_case(name) || workload.name == name;
        ALL.iter().find(wanted).with_context(|| {
            let known: Vec<String> =
                ALL.iter().map(|workload| format!("{} {}", workload.id, workload.name)).collect();
            format!("there is no workload `{name}`; there are {}", known.join(", "))
        })
    }

    /// Checks and times scenarios.
    fn decisions(&self, about: &str, scenarios: Vec<Scenario>, effort: Effort) -> Result<Table> {
        let mut measured = Vec::new();
        for mut scenario in scenarios {
            eprintln!("{} {}: {}: all engines answer", self.id, self.name, scenario.name);
            scenario.check()?;
            eprintln!("{} {}: {}: they agree; measuring", self.id, self.name, scenario.name);
            measured.push((scenario.name.clone(), measure::scenario(&mut scenario, effort)));
        }
        Ok(Table::of(self.head(about, "a decision"), measured))
    }

    fn head(&self, about: &str, per: &'static str) -> TableHead {
        TableHead { id: self.id, name: self.name, about: about.to_owned(), per }
    }
}
