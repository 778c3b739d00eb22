//! Unification.
//!
//! After J. A. Robinson, "A machine-oriented logic based on the resolution principle", JACM 1965, with an explicit
//! worklist and without occurs check. Numbers unify by exact value across integers and floats; an object unifies with
//! what the host calls equal to it.

use std::cmp::Ordering;

use super::compare::integer_float;
use super::{Evaluation, NONE, Outcome, Stop};
use crate::heap::{Cell, Heap, Met, Run, Variable, Walk};
use crate::host::{Comparison, Host};
use crate::observe::Observer;

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Makes two terms equal, or fails.
    pub(crate) fn unify(&mut self, left: Cell, right: Cell) -> Outcome {
        let floor = self.m.pairs.len();
        let outcome = self.unify_pairs(left, right, floor);
        self.m.pairs.truncate(floor);
        outcome
    }

    fn unify_pairs(&mut self, left: Cell, right: Cell, floor: usize) -> Outcome {
        let mut pair = Some((left, right));
        while let Some((left, right)) = pair {
            let (left, right) = (self.heap.resolve(left), self.heap.resolve(right));
            if !self.unify_cells(left, right)? {
                return Ok(false);
            }
            pair = if self.m.pairs.len() > floor { self.m.pairs.pop() } else { None };
        }
        Ok(true)
    }

    /// Puts two parts on the worklist. A step each: values that share their parts have many, cyclic ones have no end.
    pub(super) fn push_pair(&mut self, left: Cell, right: Cell) -> Result<(), Stop> {
        self.work(1)?;
        self.m.pairs.push((left, right));
        Ok(())
    }

    /// Unifies two resolved cells; parts are left on the worklist.
    fn unify_cells(&mut self, left: Cell, right: Cell) -> Outcome {
        match (left, right) {
            (Cell::Variable(a), Cell::Variable(b)) => self.unify_variables(a, b),
            (Cell::Variable(a), value) | (value, Cell::Variable(a)) => {
                self.heap.set(a, value);
                Ok(true)
            }
            (Cell::Entity(entity), other) | (other, Cell::Entity(entity)) => self.is_entity(entity, other),
            (Cell::Object(a), Cell::Object(b)) if self.same_object(a, b) => Ok(true),
            (Cell::Object(_), _) | (_, Cell::Object(_)) => self.host_compare(Comparison::Eq, left, right),
            (Cell::List(_) | Cell::OpenList(_), Cell::List(_) | Cell::OpenList(_)) => {
                self.unify_lists(left, right)
            }
            (Cell::Dictionary(a), Cell::Dictionary(b)) => self.pair_entries(a, b),
            _ => Ok(same_plain(self.heap, left, right)),
        }
    }

    pub(super) fn same_object(&self, a: u32, b: u32) -> bool {
        same_object(self.heap, self.host, a, b)
    }

    /// The younger variable refers to the older one, which takes over the conditions that wait for the younger.
    fn unify_variables(&mut self, a: Variable, b: Variable) -> Outcome {
        if a == b {
            return Ok(true);
        }
        let (older, younger) = if a < b { (a, b) } else { (b, a) };
        let waiting = match self.heap.own(younger) {
            Cell::Awaited(list) => list,
            _ => NONE,
        };
        self.heap.alias(younger, older);
        self.heap.share(older);
        if waiting == NONE { Ok(true) } else { Ok(self.move_delays(waiting, older)) }
    }

    fn unify_lists(&mut self, left: Cell, right: Cell) -> Outcome {
        let (Some(mut a), Some(mut b)) = (Walk::of(left), Walk::of(right)) else { return Ok(false) };
        let floor = self.m.pairs.len();
        loop {
            let (rest_a, rest_b) = (a, b);
            match (a.next(self.heap), b.next(self.heap)) {
                (Met::Item(a), Met::Item(b)) => self.push_pair(a, b)?,
                (Met::End, Met::End) => break,
                (Met::Rest(rest), Met::Rest(other)) => {
                    self.push_pair(rest, other)?;
                    break;
                }
                (Met::Rest(rest), _) => {
                    self.push_pair(rest, rest_b.remainder())?;
                    break;
                }
                (_, Met::Rest(rest)) => {
                    self.push_pair(rest_a.remainder(), rest)?;
                    break;
                }
                (Met::Item(_), Met::End) | (Met::End, Met::Item(_)) => return Ok(false),
            }
        }
        // First items first: host comparisons happen in the order of the text.
        if let Some(pushed) = self.m.pairs.get_mut(floor..) {
            pushed.reverse();
        }
        Ok(true)
    }

    /// Puts the values of equal keys on the worklist; false where the keys differ.
    pub(super) fn pair_entries(&mut self, a: Run, b: Run) -> Outcome {
        if a.len != b.len {
            return Ok(false);
        }
        for offset in (0..a.len).rev() {
            let (key_a, value_a) = self.heap.entry(a.start + offset);
            let (key_b, value_b) = self.heap.entry(b.start + offset);
            if !self.heap.same_text(key_a, key_b) {
                return Ok(false);
            }
            self.push_pair(value_a, value_b)?;
        }
        Ok(true)
    }
}

/// Equality of two values without parts, as `=` understands it: false for different kinds, except numbers.
#[inline]
pub(crate) fn same_plain<O>(heap: &Heap<O>, a: Cell, b: Cell) -> bool {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => heap.same_text(a, b),
        (Cell::Integer(a), Cell::Integer(b)) => a == b,
        (Cell::Float(a), Cell::Float(b)) => a == b,
        (Cell::Integer(a), Cell::Float(b)) | (Cell::Float(b), Cell::Integer(a)) => {
            integer_float(a, b) == Some(Ordering::Equal)
        }
        (Cell::Boolean(a), Cell::Boolean(b)) => a == b,
        (Cell::Nil, Cell::Nil) => true,
        (Cell::Entity(a), Cell::Entity(b)) => a == b,
        _ => false,
    }
}

/// Whether two objects of the heap are one.
pub(crate) fn same_object<H: Host>(heap: &Heap<H::Object>, host: &H, a: u32, b: u32) -> bool {
    a == b
        || match (heap.host_object(a), heap.host_object(b)) {
            (Some(a), Some(b)) => host.identity(a) == host.identity(b),
            _ => false,
        }
}
