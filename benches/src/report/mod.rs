//! What was measured, and how it is shown.

mod machine;
mod markdown;
mod picture;
mod publish;

pub use machine::Machine;
pub use publish::{publish, update_chapter};

/// The engine that the others are compared with.
pub const OURS: &str = "arctos";

/// The result of a workload.
#[derive(Clone, Debug)]
pub struct Table {
    /// `W1`.
    pub id: String,
    /// `roles`: the name of its files.
    pub name: String,
    /// What was asked, in a paragraph.
    pub about: String,
    /// What a figure counts: "a decision".
    pub per: &'static str,
    /// What the figures are.
    pub unit: Unit,
    /// The scenarios.
    pub columns: Vec<String>,
    /// The engines.
    pub rows: Vec<Row>,
}

/// An engine's figures.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub engine: String,
    /// What it was given.
    pub given: String,
    /// A figure for each scenario.
    pub cells: Vec<Cell>,
}

/// What one engine gave in one scenario.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub engine: String,
    /// What it was given.
    pub given: String,
    /// The figure.
    pub cell: Cell,
}

/// The name of each scenario, and what the engines gave in it.
pub type Columns = Vec<(String, Vec<Entry>)>;

/// A figure, or why there is none.
#[derive(Clone, Debug)]
pub enum Cell {
    /// It was measured.
    Measured(Figure),
    /// It was not, and why.
    Absent(String),
}

/// What a table's figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Bytes of memory.
    Bytes,
}

impl Unit {
    /// A figure with three digits, for people.
    pub fn show(self, value: f64) -> String {
        match self {
            Unit::Time => time(value),
            Unit::Bytes if value < 1e3 => format!("{} B", digits(value)),
            Unit::Bytes => format!("{} kB", digits(value / 1e3)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Unit::Time => "time",
            Unit::Bytes => "memory",
        }
    }
}

/// Nanoseconds or bytes: the median of many turns, and how far they spread.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// The median.
    pub median: f64,
    /// A tenth of the turns took less.
    pub low: f64,
    /// A tenth of the turns took more.
    pub high: f64,
    /// How many times as long as ours: the median over the rounds, in each of which both had a turn.
    pub to_ours: Option<f64>,
    /// Heap allocations, where they were counted.
    pub allocations: Option<f64>,
}

impl Figure {
    /// The figure of these turns, of which there must be one at least.
    pub fn of(turns: &[f64]) -> Figure {
        let mut turns = turns.to_vec();
        turns.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (turns.len().saturating_sub(1)) as f64 * share;
            turns.get(place.round() as usize).copied().unwrap_or(f64::NAN)
        };
        Figure { median: at(0.5), low: at(0.1), high: at(0.9), to_ours: None, allocations: None }
    }

    /// With the ratio to ours: `(turn, our turn)` of each round in which both had one.
    #[must_use]
    pub fn beside(self, turns: &[(f64, f64)]) -> Figure {
        let ratios: Vec<f64> = turns.iter().map(|(turn, ours)| turn / ours).collect();
        Figure { to_ours: Some(Figure::of(&ratios).median), ..self }
    }
}

impl Cell {
    /// The figure, where there is one.
    pub fn figure(&self) -> Option<Figure> {
        match self {
            Cell::Measured(figure) => Some(*figure),
            Cell::Absent(_) => None,
        }
    }
}

impl Table {
    /// Puts the figures of each scenario side by side. Every scenario has the same engines.
    pub fn of(about: TableHead, scenarios: Columns) -> Table {
        let mut rows: Vec<Row> = Vec::new();
        let mut columns = Vec::new();
        for (index, (name, entries)) in scenarios.into_iter().enumerate() {
            columns.push(name);
            for Entry { engine, given, cell } in entries {
                let row = match rows.iter_mut().find(|row| row.engine == engine) {
                    Some(row) => row,
                    None => {
                        rows.push(Row { engine, given: String::new(), cells: Vec::new() });
                        rows.last_mut().expect("just pushed")
                    }
                };
                if row.given.is_empty() {
                    row.given = given;
                }
                row.cells.resize_with(index, || Cell::Absent("not asked".to_owned()));
                row.cells.push(cell);
            }
        }
        for row in &mut rows {
            row.cells.resize_with(columns.len(), || Cell::Absent("not asked".to_owned()));
        }
        let TableHead { id, name, about, per, unit } = about;
        Table { id, name, about, per, unit, columns, rows }
    }

    /// The table as one of several of its workload: `W7-load` and `scale-load`.
    #[must_use]
    pub fn part(self, part: &str) -> Table {
        Table { id: format!("{}-{part}", self.id), name: format!("{}-{part}", self.name), ..self }
    }
}

/// What a table says before its rows.
#[derive(Clone, Debug)]
pub struct TableHead {
    /// See [`Table`].
    pub id: String,
    /// See [`Table`].
    pub name: String,
    /// See [`Table`].
    pub about: String,
    /// See [`Table`].
    pub per: &'static str,
    /// See [`Table`].
    pub unit: Unit,
}

/// Nanoseconds with three digits and a unit for people.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    format!("{} {unit}", digits(value))
}

/// A ratio: `0.0042×`, `0.41×`, `1.7×`, `350×`, `12,000×`.
pub fn ratio(ratio: f64) -> String {
    if ratio >= 1_000.0 {
        let rounded = (ratio / 100.0).round() * 100.0;
        return format!("{},{:03}×", (rounded / 1_000.0) as u64, (rounded % 1_000.0) as u64);
    }
    if ratio < 0.1 {
        let places = (1.0 - ratio.log10().floor()) as usize;
        return format!("{ratio:.places$}×");
    }
    format!("{}×", digits(ratio))
}

/// About three digits.
fn digits(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Unit, ratio, time};

    #[test]
    fn figures_are_readable() {
        assert_eq!([42.25, 1_234.0].map(|bytes| Unit::Bytes.show(bytes)), ["42.2 B", "1.23 kB"]);
        let times = [0.5, 6.25, 66.0, 830.4, 1_234.0, 87_700.0, 2.5e7, 3.0e9].map(time);
        assert_eq!(
            times,
            ["0.50 ns", "6.25 ns", "66.0 ns", "830 ns", "1.23 µs", "87.7 µs", "25.0 ms", "3.00 s"]
        );
        assert_eq!(
            [0.0041, 0.41, 1.7, 350.2, 12_345.0].map(ratio),
            ["0.0041×", "0.41×", "1.70×", "350×", "12,300×"]
        );
    }

    #[test]
    fn a_figure_is_the_median_with_its_tenths() {
        let turns: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let figure = Figure::of(&turns);
        assert_eq!((figure.low, figure.median, figure.high), (10.0, 50.0, 90.0));
    }

    #[test]
    fn a_ratio_compares_turns_of_the_same_round() {
        // The machine was ten times slower in the second round, for both.
        let figure = Figure::of(&[20.0, 200.0, 22.0]).beside(&[(20.0, 10.0), (200.0, 100.0), (22.0, 11.0)]);
        assert_eq!(figure.to_ours, Some(2.0));
    }
}
