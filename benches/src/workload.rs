//! The workloads by name.

use anyhow::{Context, Result};

use crate::codehost;
use crate::contender::{Contender, Scenario};
use crate::deep;
use crate::load;
use crate::many;
use crate::measure::{self, Effort};
use crate::report::{Table, TableHead, Unit};
use crate::{published, roles, scale, threads};

/// A workload.
pub struct Workload {
    /// `W1`.
    pub id: &'static str,
    /// `roles`.
    pub name: &'static str,
    /// Checks and measures all engines.
    pub run: fn(&Workload, Effort) -> Result<Vec<Table>>,
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
        run: |workload, effort| {
            let mut tables = workload.decisions(codehost::ABOUT, vec![codehost::scenario()], effort)?;
            let mut filters = [codehost::filters::scenario()];
            tables.push(
                workload.timed(codehost::filters::ABOUT, "a filter", &mut filters, effort).part("filter"),
            );
            Ok(tables)
        },
        ours: &[
            Ours { id: "W2", times: 1_000, make: codehost::ours },
            Ours { id: "W2-facts", times: 1_000, make: codehost::over_facts },
            Ours { id: "W2-filter", times: 200, make: || codehost::filters::ours(false) },
            Ours { id: "W2-filter-sql", times: 200, make: || codehost::filters::ours(true) },
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
            Ours { id: "W3-facts-50", times: 100, make: || deep::over_facts(50, false) },
            Ours { id: "W3-facts-groups-10", times: 500, make: || deep::groups_over_facts(10, false) },
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
            let head = workload.head(published::ABOUT, "a decision");
            Ok(vec![Table::of(head, published::measure(effort)?)])
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
        run: |workload, effort| {
            Ok(vec![workload.timed(load::ABOUT, "a load", &mut load::scenarios(), effort)])
        },
        ours: &[Ours { id: "W6-1000", times: 2, make: || load::ours(1_000) }],
    },
    Workload {
        id: "W7",
        name: "scale",
        run: Workload::scale,
        ours: &[
            Ours { id: "W7-1e5", times: 2_000, make: || scale::ours(100_000) },
            Ours { id: "W7-list-1e5", times: 20, make: || scale::list(100_000) },
            Ours { id: "W7-who-1e5", times: 200, make: || scale::who(100_000) },
            Ours { id: "W7-why-1e5", times: 50, make: || scale::why(100_000, true) },
            Ours { id: "W7-why-not-1e5", times: 50, make: || scale::why(100_000, false) },
        ],
    },
    Workload {
        id: "W8",
        name: "threads",
        run: |workload, effort| {
            let (columns, gained) = threads::measure(effort)?;
            let head = workload.head(&format!("{} {gained}", threads::ABOUT), "a decision");
            Ok(vec![Table::of(head, columns)])
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
    fn decisions(&self, about: &str, mut scenarios: Vec<Scenario>, effort: Effort) -> Result<Vec<Table>> {
        for scenario in &mut scenarios {
            eprintln!("{} {}: {}: all engines answer", self.id, self.name, scenario.name);
            scenario.check()?;
        }
        Ok(vec![self.timed(about, "a decision", &mut scenarios, effort)])
    }

    /// Times scenarios.
    fn timed(&self, about: &str, per: &'static str, scenarios: &mut [Scenario], effort: Effort) -> Table {
        eprintln!("{} {}: measuring {per}", self.id, self.name);
        let entries = measure::scenarios(scenarios, effort);
        let names = scenarios.iter().map(|scenario| scenario.name.clone());
        Table::of(self.head(about, per), names.zip(entries).collect())
    }

    /// W7: decisions, lists, reasons, loads and memory.
    fn scale(&self, effort: Effort) -> Result<Vec<Table>> {
        let hosts = scale::hosts(effort.quick);
        let mut tables = self.decisions(scale::ABOUT, scale::checks(&hosts), effort)?;
        let mut lists = scale::lists(&hosts);
        tables.push(self.timed(scale::LISTS, "a list", &mut lists, effort).part("list"));
        drop(lists);
        tables
            .push(self.timed(scale::REASONS, "a question", &mut scale::reasons(&hosts), effort).part("why"));
        tables.push(self.timed(scale::LOADS, "a load", &mut scale::loads(&hosts), effort).part("load"));
        let head = TableHead { unit: Unit::Bytes, ..self.head(scale::MEMORY, "a fact") };
        tables.push(Table::of(head, scale::memory(&hosts)).part("memory"));
        Ok(tables)
    }

    fn head(&self, about: &str, per: &'static str) -> TableHead {
        let (id, name, about) = (self.id.to_owned(), self.name.to_owned(), about.to_owned());
        TableHead { id, name, about, per, unit: Unit::Time }
    }
}
