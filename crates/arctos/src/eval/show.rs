//! Terms as Polar text, for messages and `print`.

use std::fmt::Write;

use super::Evaluation;
use crate::facts::ValueRef;
use crate::heap::{Cell, Heap, Met, Walk};
use crate::host::Host;
use crate::observe::Observer;

/// How deep a term is shown.
const MAX_DEPTH: u32 = 12;
/// How many items of a list are shown.
const MAX_ITEMS: usize = 100;
/// Bytes after which no more is shown: values that share their parts are short to say and long to show.
const MAX_LENGTH: usize = 1 << 16;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// A term in Polar's notation.
    pub(super) fn show(&self, cell: Cell) -> String {
        show(self.heap, self.host, cell)
    }
}

/// A term in Polar's notation; objects as the host describes them.
pub(crate) fn show<H: Host>(heap: &Heap<H::Object>, host: &H, cell: Cell) -> String {
    let mut out = String::new();
    write_cell(&mut out, heap, host, cell, 0);
    out
}

fn write_cell<H: Host>(out: &mut String, heap: &Heap<H::Object>, host: &H, cell: Cell, depth: u32) {
    if depth > MAX_DEPTH || out.len() > MAX_LENGTH {
        out.push('…');
        return;
    }
    match heap.resolve(cell) {
        Cell::Nil => out.push_str("nil"),
        Cell::Boolean(value) => out.push_str(if value { "true" } else { "false" }),
        Cell::Integer(value) => {
            let _ = write!(out, "{value}");
        }
        Cell::Float(value) => write_float(out, value),
        Cell::Text(id) => write_text(out, heap.text(id)),
        list @ (Cell::List(_) | Cell::OpenList(_)) => write_list(out, heap, host, list, depth),
        Cell::Dictionary(run) => {
            out.push('{');
            for offset in 0..run.len {
                let (key, value) = heap.entry(run.start + offset);
                if offset > 0 {
                    out.push_str(", ");
                }
                if out.len() > MAX_LENGTH {
                    out.push('…');
                    break;
                }
                out.push_str(heap.text(key));
                out.push_str(": ");
                write_cell(out, heap, host, value, depth + 1);
            }
            out.push('}');
        }
        Cell::Object(index) => match heap.host_object(index) {
            Some(object) => out.push_str(&host.describe(object)),
            None => out.push_str("nil"),
        },
        Cell::Entity(atom) => match heap.entity_of(atom) {
            Some((type_name, id)) => {
                let _ = write!(out, "{}", ValueRef::entity(type_name, id));
            }
            None => out.push_str("nil"),
        },
        Cell::Variable(variable) => {
            let _ = write!(out, "_{}", variable.0);
        }
        Cell::Awaited(_) => out.push('_'),
    }
}

fn write_list<H: Host>(out: &mut String, heap: &Heap<H::Object>, host: &H, list: Cell, depth: u32) {
    let Some(mut walk) = Walk::of(list) else { return };
    out.push('[');
    for count in 0.. {
        let item = match walk.next(heap) {
            Met::End => break,
            Met::Item(item) => item,
            Met::Rest(rest) => {
                out.push_str(if count > 0 { ", *" } else { "*" });
                write_cell(out, heap, host, rest, depth + 1);
                break;
            }
        };
        if count > 0 {
            out.push_str(", ");
        }
        if count == MAX_ITEMS || out.len() > MAX_LENGTH {
            out.push('…');
            break;
        }
        write_cell(out, heap, host, item, depth + 1);
    }
    out.push(']');
}

fn write_float(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    } else {
        let _ = write!(out, "{value:?}");
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        if out.len() > MAX_LENGTH {
            out.push('…');
            break;
        }
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            other => out.push(other),
        }
    }
    out.push('"');
}
