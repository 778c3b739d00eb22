//! Tables as Markdown.

use std::fmt::Write;

use super::{Cell, Figure, Row, Table, ratio};

impl Table {
    /// The table with what each engine was given, as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("{}\n\n", self.about);
        if self.columns.len() == 1 {
            self.one_scenario(&mut text);
        } else {
            self.many_scenarios(&mut text);
        }
        self.notes(&mut text);
        text
    }

    fn one_scenario(&self, text: &mut String) {
        let mut figures = self.rows.iter().flat_map(|row| &row.cells).filter_map(Cell::figure);
        let counted = figures.any(|figure| figure.allocations.is_some());
        let column = |text: &str| if counted { format!(" {text} |") } else { String::new() };
        let _ = writeln!(
            text,
            "| engine | {} | spread (10–90 %) |{} to arctos |",
            self.per,
            column("allocations")
        );
        let _ = writeln!(text, "|---|--:|--:|{}--:|", column("--:").trim_start());
        for row in &self.rows {
            let _ = match row.cells.first() {
                Some(Cell::Measured(figure)) => writeln!(
                    text,
                    "| {} | {} | {} – {} |{} {} |",
                    row.engine,
                    self.unit.show(figure.median),
                    self.unit.show(figure.low),
                    self.unit.show(figure.high),
                    column(&allocations(*figure)),
                    to_ours(*figure),
                ),
                Some(Cell::Absent(_)) | None => writeln!(text, "| {} | — | |{} |", row.engine, column("")),
            };
        }
    }

    fn many_scenarios(&self, text: &mut String) {
        let _ = writeln!(text, "| engine, {} | {} |", self.per, self.columns.join(" | "));
        let _ = writeln!(text, "|---|{}", "--:|".repeat(self.columns.len()));
        for row in &self.rows {
            let cells = row.cells.iter().map(|cell| match cell {
                Cell::Measured(figure) => {
                    format!("{} ({})", self.unit.show(figure.median), to_ours(*figure))
                }
                Cell::Absent(_) => "—".to_owned(),
            });
            let _ = writeln!(text, "| {} | {} |", row.engine, cells.collect::<Vec<_>>().join(" | "));
        }
        let _ = writeln!(text, "\nIn parentheses: the ratio to arctos.");
        self.allocations(text);
    }

    fn allocations(&self, text: &mut String) {
        let counted = |row: &Row| {
            let counts: Vec<String> = row.cells.iter().filter_map(Cell::figure).map(allocations).collect();
            (counts.iter().any(|count| !count.is_empty()))
                .then(|| format!("{} {}", row.engine, counts.join(" / ")))
        };
        let counts: Vec<String> = self.rows.iter().filter_map(counted).collect();
        if !counts.is_empty() {
            let _ = writeln!(text, "\nAllocations, {}: {}.", self.per, counts.join("; "));
        }
    }

    fn notes(&self, text: &mut String) {
        text.push('\n');
        for row in &self.rows {
            if !row.given.is_empty() {
                let _ = writeln!(text, "- **{}**: {}", row.engine, row.given);
            }
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                if let Cell::Absent(reason) = cell {
                    let _ = writeln!(text, "- **{}**, {column}: — because {reason}", row.engine);
                }
            }
        }
    }
}

/// How many times as long as ours, where ours was measured.
pub(super) fn to_ours(figure: Figure) -> String {
    figure.to_ours.map_or_else(String::new, ratio)
}

fn allocations(figure: Figure) -> String {
    match figure.allocations {
        None => String::new(),
        Some(0.0) => "0".to_owned(),
        Some(count) if count < 10.0 => format!("{count:.2}"),
        Some(count) => format!("{count:.0}"),
    }
}
