//! Open variables, spread out over the values that are named.
//!
//! A policy tells values apart only where the facts, its rules or the question name them. So one more value, which none of them names,
//! stands for all the rest: where a row holds for it and for every value that is named, it holds for whatever value of the type.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Authorizer;
use super::answers::Row;
use super::asking::{Question, Variable};
use crate::error::Error;
use crate::eval::exhausted_error;
use crate::facts::{Atom, TypeId, ValueRef};
use crate::limits::Limit;
use crate::link::Link;

/// A variable that is spread out.
#[derive(Debug)]
pub(super) struct Spread {
    /// Its place in rows.
    column: usize,
    named: FxHashSet<Atom>,
    /// A value that is not named; types of which all values can be named have none.
    other: Option<Atom>,
}

impl Spread {
    /// All values that it is asked about.
    pub(super) fn all(&self) -> impl Iterator<Item = Atom> {
        self.named.iter().copied().chain(self.other)
    }
}

impl Authorizer {
    /// The values of a type that the facts, the policy and the question name.
    pub(super) fn spread(
        &self,
        link: &mut Link,
        question: &Question<'_>,
        type_name: &str,
        column: usize,
    ) -> Result<Spread, Error> {
        let type_id = link.type_named(type_name)?;
        let too_many = || exhausted_error(Limit::Steps, &self.limits);
        let mut named = link.view.values_named(type_id, self.limits.steps).ok_or_else(too_many)?;
        let mut add = |link: &mut Link, value: ValueRef<'_>| -> Result<(), Error> {
            if value.type_name() == type_name && !matches!(value, ValueRef::Any(_)) {
                named.insert(link.intern(value)?);
            }
            Ok(())
        };
        for value in self.policy.0.values() {
            add(link, value)?;
        }
        for variable in &question.variables {
            match *variable {
                Variable::Known(value) => add(link, value)?,
                Variable::Among(values) => values.iter().try_for_each(|value| add(link, value.as_ref()))?,
                Variable::OfType(_) => {}
            }
        }
        let other = unnamed(link, type_name, type_id, &named)?;
        Ok(Spread { column, named, other })
    }
}

/// A value of a type that is none of these.
fn unnamed(
    link: &mut Link,
    type_name: &str,
    type_id: TypeId,
    named: &FxHashSet<Atom>,
) -> Result<Option<Atom>, Error> {
    // One more than there are is enough.
    for number in 0..=named.len() as i64 {
        let text = format!("other {number}");
        let atom = match type_id {
            TypeId::BOOLEAN => return Ok(None),
            TypeId::INTEGER => link.intern(ValueRef::Integer(number))?,
            TypeId::STRING => link.intern(ValueRef::String(&text))?,
            _ => link.intern(ValueRef::entity(type_name, &text))?,
        };
        if !named.contains(&atom) {
            return Ok(Some(atom));
        }
    }
    Ok(None)
}

/// Makes one row of those that hold for all values of a variable, and leaves out what is said of the values that nobody names.
pub(super) fn gather(rows: &mut FxHashSet<Row>, spreads: &[Spread]) {
    for Spread { column, named, other } in spreads {
        let Some(other) = other else { continue };
        let with = |row: &Row, value| {
            let mut row = row.clone();
            row.get_mut(*column).into_iter().for_each(|slot| *slot = value);
            row
        };
        let mut counts: FxHashMap<Row, usize> = FxHashMap::default();
        for row in rows.iter() {
            *counts.entry(with(row, None)).or_default() += 1;
        }
        let every = counts
            .into_iter()
            .filter(|(row, count)| *count == named.len() + 1 && rows.contains(&with(row, Some(*other))));
        for (row, _) in every.collect::<Vec<_>>() {
            for value in named.iter().chain([other]) {
                rows.remove(&with(&row, Some(*value)));
            }
            rows.insert(row);
        }
    }
    rows.retain(|row| {
        let is_of_other = |spread: &Spread| {
            spread.other.is_some() && row.get(spread.column).copied().flatten() == spread.other
        };
        !spreads.iter().any(is_of_other)
    });
}
