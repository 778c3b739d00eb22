//! The workloads by name.

use anyhow::{Context, Result};

use crate::codehost;
use crate::contender::{Contender, Scenario};
use crate::deep;
use crate::load;
use crate::many;
use crate::measure::{self, Effort};
use crate::report::{Table, TableHead};
use crate::{published, roles, threads};

/// A workload.
pub struct Workload {
    /// `W1`.
    pub id: &'static str,
    /// `roles`.
    pub name: &'static str,
    /// Checks and measures all engines.
    pub run: fn(&Workload, Effort) -> Result<Table>,
    /// Arctos alone, for counting instructions.
    pub ours: &'static [Ours],
}

/// What Arctos does in a workload, by itself.
pub struct Ours {
    /// `W4-10`: the workload's id, with the size where there are several.
    pub id: &'static str,
    /// How often it is done in the shorter of two runs.
    pub times: usize,
    /// Makes it; and how many questions there are.
    pub make: fn() -> (Contender, usize),
}

/// Every workload.
pub const ALL: &[Workload] = &[
    Workload {
        id: "W1",
        name: "roles",
        run: |workload, effort| workload.decisions(roles::ABOUT, vec![roles::scenario()], effort),
        ours: &[Ours { id: "W1", times: 1_000, make: roles::ours }],
    },
    Workload {
        id: "W2",
        name: "codehost",
        run: |workload, effort| workload.decisions(codehost::ABOUT, vec![codehost::scenario()], effort),
        ours: &[
            Ours { id: "W2", times: 1_000, make: codehost::ours },
            Ours { id: "W2-facts", times: 1_000, make: codehost::over_facts },
        ],
    },
    Workload {
        id: "W3",
        name: "deep",
        run: |workload, effort| workload.decisions(deep::ABOUT, deep::scenarios(), effort),
        ours: &[
            Ours { id: "W3-10", times: 1_000, make: || deep::ours(10, false) },
            Ours { id: "W3-1000", times: 10, make: || deep::ours(1_000, false) },
            Ours { id: "W3-cycle-50", times: 100, make: || deep::ours(50, true) },
        ],
    },
    Workload {
        id: "W4",
        name: "many",
        run: |workload, effort| workload.decisions(many::ABOUT, many::scenarios(effort.quick), effort),
        ours: &[
            Ours { id: "W4-10", times: 1_000, make: || many::ours(10) },
            Ours { id: "W4-1000", times: 1_000, make: || many::ours(1_000) },
        ],
    },
    Workload {
        id: "W5",
        name: "published",
        run: |workload, effort| {
            Ok(Table::of(workload.head(published::ABOUT, "a decision"), published::measure(effort)?))
        },
        ours: &[
            Ours { id: "W5-documents", times: 500, make: || published::ours(0) },
            Ours { id: "W5-hosting", times: 500, make: || published::ours(1) },
            Ours { id: "W5-lists", times: 500, make: || published::ours(2) },
        ],
    },
    Workload {
        id: "W6",
        name: "load",
        run: |workload, effort| Ok(workload.timed(load::ABOUT, "a load", &mut load::scenarios(), effort)),
        ours: &[Ours { id: "W6-1000", times: 2, make: || load::ours(1_000) }],
    },
    Workload {
        id: "W8",
        name: "threads",
        run: |workload, effort| {
            let (columns, gained) = threads::measure(effort)?;
            Ok(Table::of(workload.head(&format!("{} {gained}", threads::ABOUT), "a decision"), columns))
        },
        ours: &[],
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

    /// What Arctos does by itself under that id.
    ///
    /// # Errors
    /// Where there is none.
    pub fn ours(id: &str) -> Result<&'static Ours> {
        let mut all = ALL.iter().flat_map(|workload| workload.ours);
        all.find(|ours| ours.id.eq_ignore_ascii_case(id)).with_context(|| {
            let known: Vec<&str> =
                ALL.iter().flat_map(|workload| workload.ours).map(|ours| ours.id).collect();
            format!("there is nothing to count for `{id}`; there are {}", known.join(", "))
        })
    }

    /// Checks and times scenarios.
    fn decisions(&self, about: &str, mut scenarios: Vec<Scenario>, effort: Effort) -> Result<Table> {
        for scenario in &mut scenarios {
            eprintln!("{} {}: {}: all engines answer", self.id, self.name, scenario.name);
            scenario.check()?;
        }
        Ok(self.timed(about, "a decision", &mut scenarios, effort))
    }

    /// Times scenarios.
    fn timed(&self, about: &str, per: &'static str, scenarios: &mut [Scenario], effort: Effort) -> Table {
        eprintln!("{} {}: measuring", self.id, self.name);
        let entries = measure::scenarios(scenarios, effort);
        let names = scenarios.iter().map(|scenario| scenario.name.clone());
        Table::of(self.head(about, per), names.zip(entries).collect())
    }

    fn head(&self, about: &str, per: &'static str) -> TableHead {
        TableHead { id: self.id.to_owned(), name: self.name.to_owned(), about: about.to_owned(), per }
    }
}
