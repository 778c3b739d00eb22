//! `in`: items of lists, entries of dictionaries, characters of strings, items of host objects.

use super::{ChoiceKind, Condition, Evaluation, Outcome, Stop, fail};
use crate::error::ErrorKind;
use crate::heap::{Cell, Met, Term, Variable, Walk};
use crate::host::Host;
use crate::observe::Observer;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// `element in collection`
    pub(super) fn member(&mut self, element: Cell, collection: Cell) -> Outcome {
        match collection {
            Cell::List(_) | Cell::OpenList(_) => self.items(element, collection),
            Cell::Dictionary(_) => self.entries(element, collection, 0),
            Cell::Text(_) => self.characters(element, collection, 0),
            Cell::Variable(variable) => Ok(self.delay(variable, Condition::Member { element, collection })),
            Cell::Object(index) => {
                let Some(cursor) = self.open_cursor(collection, index)? else { return Ok(false) };
                self.cursor(element, cursor)
            }
            Cell::Nil => self.no_item(
                element,
                fail(ErrorKind::NotIterable, "nil has no items, so nothing can be `in` it"),
            ),
            other => {
                let shown = self.show(other);
                Err(fail(ErrorKind::Type, format!("{shown} has no items, so nothing can be `in` it")))
            }
        }
    }

    /// A cursor over an object's items, kept on the heap.
    fn open_cursor(&mut self, collection: Cell, index: u32) -> Result<Option<u32>, Stop> {
        if self.heap.host_object(index).is_none() {
            return Ok(None);
        }
        let cursor = self.host.iterate(self.heap, Term(collection)).map_err(super::host_call::host_error)?;
        match self.heap.object(cursor).0 {
            Cell::Object(index) => Ok(Some(index)),
            _ => Ok(None),
        }
    }

    /// Items of a list.
    pub(super) fn items(&mut self, element: Cell, collection: Cell) -> Outcome {
        let Some(mut walk) = Walk::of(collection) else { return Ok(false) };
        let element = self.heap.resolve(element);
        loop {
            match walk.next(self.heap) {
                Met::End => return Ok(false),
                Met::Rest(rest) => return self.member(element, rest),
                Met::Item(item) => {
                    let item = self.heap.resolve(item);
                    if certainly_different(self, element, item) {
                        // A list may be its own rest, and then is without end.
                        self.work(1)?;
                        continue;
                    }
                    let mut rest = walk;
                    if !matches!(rest.next(self.heap), Met::End) {
                        // The rest of the list, not a place in it: going on must not walk there again.
                        let collection = walk.remainder();
                        let choice = self.choice(ChoiceKind::Items { collection, element });
                        self.m.choices.push(choice);
                    }
                    return self.unify(element, item);
                }
            }
        }
    }

    /// Entries of a dictionary from `next` on, as `[key, value]`.
    pub(super) fn entries(&mut self, element: Cell, collection: Cell, next: u32) -> Outcome {
        let Cell::Dictionary(run) = collection else { return Ok(false) };
        if next >= run.len {
            return Ok(false);
        }
        if next + 1 < run.len {
            let choice = self.choice(ChoiceKind::Entries { collection, element, next: next + 1 });
            self.m.choices.push(choice);
        }
        let (key, value) = self.heap.entry(run.start + next);
        let pair = self.heap.push_cells([Cell::Text(key), value]);
        self.unify(element, Cell::List(pair))
    }

    /// `value = dictionary.(key)` with an unbound key: each field in turn.
    pub(super) fn fields(&mut self, collection: Cell, key: Cell, out: Variable, next: u32) -> Outcome {
        let Cell::Dictionary(run) = collection else { return Ok(false) };
        if next >= run.len {
            return Ok(false);
        }
        if next + 1 < run.len {
            let choice = self.choice(ChoiceKind::Fields { collection, key, out, next: next + 1 });
            self.m.choices.push(choice);
        }
        let (name, value) = self.heap.entry(run.start + next);
        Ok(self.unify(key, Cell::Text(name))? && self.unify(Cell::Variable(out), value)?)
    }

    /// Characters of a text from byte `next` on.
    pub(super) fn characters(&mut self, element: Cell, text: Cell, next: u32) -> Outcome {
        let Cell::Text(id) = text else { return Ok(false) };
        let rest = self.heap.text(id).get(next as usize..).unwrap_or("");
        let mut characters = rest.chars();
        let Some(first) = characters.next() else { return Ok(false) };
        if !characters.as_str().is_empty() {
            let next = next + first.len_utf8() as u32;
            let choice = self.choice(ChoiceKind::Characters { text, element, next });
            self.m.choices.push(choice);
        }
        let character = self.heap.string(first.encode_utf8(&mut [0; 4])).0;
        self.unify(element, character)
    }

    /// The next items of a host cursor. Items are asked for one at a time, when they are needed.
    pub(super) fn cursor(&mut self, element: Cell, cursor: u32) -> Outcome {
        let choice = self.choice(ChoiceKind::Cursor { cursor, element });
        let Some(item) = self.next_item(cursor)? else { return Ok(false) };
        self.m.choices.push(choice);
        self.unify(element, item)
    }
}

/// True for two plain values that cannot unify: saves a choice an item.
fn certainly_different<H: Host, O: Observer>(evaluation: &Evaluation<'_, H, O>, a: Cell, b: Cell) -> bool {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => !evaluation.heap.same_text(a, b),
        (Cell::Integer(a), Cell::Integer(b)) => a != b,
        (Cell::Boolean(a), Cell::Boolean(b)) => a != b,
        (Cell::Text(_), Cell::Integer(_) | Cell::Boolean(_) | Cell::Nil | Cell::Float(_)) => true,
        (Cell::Integer(_), Cell::Text(_) | Cell::Boolean(_) | Cell::Nil) => true,
        _ => false,
    }
}
