//! Tables as SVG: horizontal bars on a logarithmic scale.
//!
//! Written by hand, since a picture of bars and labels is a few lines of text, and a chart library is a hundred crates.

use std::fmt::Write;

use super::markdown::to_ours;
use super::{Cell, OURS, Table, Unit};

const WIDTH: f64 = 860.0;
const LABELS: f64 = 230.0;
const VALUES: f64 = 150.0;
const BAR: f64 = 18.0;
const GAP: f64 = 6.0;
const TOP: f64 = 44.0;

impl Table {
    /// The picture.
    pub fn picture(&self) -> String {
        let figures = || self.rows.iter().flat_map(|row| &row.cells).filter_map(Cell::figure);
        let least = figures().map(|figure| figure.median).fold(f64::INFINITY, f64::min);
        let most = figures().map(|figure| figure.median).fold(1.0, f64::max);
        let scale = Scale::around(self.unit, least, most);
        let mut body = String::new();
        let mut y = TOP;
        for (column, name) in self.columns.iter().enumerate() {
            if self.columns.len() > 1 {
                y += BAR;
                let _ = writeln!(body, "<text x='0' y='{y:.0}' font-weight='bold'>{}</text>", escape(name));
                y += GAP;
            }
            for row in &self.rows {
                if let Some(cell) = row.cells.get(column) {
                    bar(&mut body, &scale, y, &row.engine, cell);
                    y += BAR + GAP;
                }
            }
        }
        let height = y + GAP;
        let what = self.unit.name();
        let mut text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0}' font-family='sans-serif' \
             font-size='12' role='img'>\n<title>{} {}: {what}, {}</title>\n<rect width='100%' height='100%' fill='#fff'/>\n\
             <text x='0' y='14' font-size='14' font-weight='bold'>{} {}: {what}, {} (logarithmic)</text>\n",
            self.id, self.name, self.per, self.id, self.name, self.per
        );
        scale.grid(&mut text, height);
        text.push_str(&body);
        text.push_str("</svg>\n");
        text
    }
}

/// An engine's bar with its name and figure.
fn bar(text: &mut String, scale: &Scale, y: f64, engine: &str, cell: &Cell) {
    let base = y + BAR * 0.75;
    let _ = writeln!(
        text,
        "<text x='{:.0}' y='{base:.0}' text-anchor='end'>{}</text>",
        LABELS - 8.0,
        escape(engine)
    );
    let Some(figure) = cell.figure() else {
        let _ = writeln!(text, "<text x='{:.0}' y='{base:.0}' fill='#888'>—</text>", LABELS + 4.0);
        return;
    };
    let end = scale.x(figure.median);
    let colour = match engine {
        engine if engine.starts_with(OURS) => "#0b7285",
        engine if engine.starts_with("by hand") => "#868e96",
        _ => "#ced4da",
    };
    let _ = writeln!(
        text,
        "<rect x='{LABELS:.0}' y='{y:.0}' width='{:.1}' height='{BAR:.0}' fill='{colour}'/>",
        (end - LABELS).max(1.0)
    );
    let mut label = scale.unit.show(figure.median);
    if engine != OURS {
        let ratio = to_ours(figure);
        if !ratio.is_empty() {
            let _ = write!(label, "  {ratio}");
        }
    }
    let _ = writeln!(text, "<text x='{:.1}' y='{base:.0}'>{label}</text>", end + 5.0);
}

/// Powers of ten across the picture.
struct Scale {
    unit: Unit,
    low: f64,
    high: f64,
}

impl Scale {
    fn around(unit: Unit, least: f64, most: f64) -> Scale {
        let low = least.log10().floor();
        Scale { unit, low, high: most.log10().ceil().max(low + 1.0) }
    }

    fn x(&self, value: f64) -> f64 {
        let share = (value.log10() - self.low) / (self.high - self.low);
        LABELS + share * (WIDTH - LABELS - VALUES)
    }

    fn grid(&self, text: &mut String, height: f64) {
        let mut power = self.low;
        while power <= self.high {
            let x = self.x(10f64.powf(power));
            let _ = writeln!(
                text,
                "<line x1='{x:.0}' x2='{x:.0}' y1='38' y2='{height:.0}' stroke='#e9ecef'/>\
                 <text x='{x:.0}' y='34' text-anchor='middle' fill='#868e96'>{}</text>",
                short(self.unit, 10f64.powf(power))
            );
            power += 1.0;
        }
    }
}

/// A power of ten without decimals.
fn short(unit: Unit, value: f64) -> String {
    match (unit, value) {
        (Unit::Time, n) if n < 1e3 => format!("{n} ns"),
        (Unit::Time, n) if n < 1e6 => format!("{:.0} µs", n / 1e3),
        (Unit::Time, n) if n < 1e9 => format!("{:.0} ms", n / 1e6),
        (Unit::Time, n) => format!("{:.0} s", n / 1e9),
        (Unit::Bytes, n) if n < 1e3 => format!("{n} B"),
        (Unit::Bytes, n) => format!("{:.0} kB", n / 1e3),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
