//! Alternatives that differ in known values alone, such as those of facts in memory: a list of values in place of a query for each.

use arctos::Comparison;
use arctos::residual::{Constant, Expression, Formula, ValueType};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use sea_query::Expr;

use super::{Arm, Part, Set, found, part_of};
use crate::column::Column;
use crate::error::SqlError;
use crate::values::listed_values;
use crate::writer::{Scope, Writer};

/// What a known value of an alternative is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    /// That of the new member at this place.
    New(usize),
    /// That of a member of the set at this place.
    Member(usize),
    /// The member of the set has, at this place, what the new one has at the other.
    Same(usize, usize),
}

/// The known values of an alternative, and the alternative.
type Listed<'f> = (Vec<Constant>, &'f Formula);

impl Writer<'_> {
    /// Makes arms of alternatives: one for those that say of which values they are in the same words, one for each other.
    pub(super) fn fork<'f>(
        &mut self,
        set: &Set<'f>,
        arm: &Arm<'f>,
        scopes: &[Scope],
        parts: &'f [Formula],
    ) -> Result<Vec<Arm<'f>>, SqlError> {
        let mut groups: IndexMap<Vec<Slot>, Vec<Listed<'f>>, FxBuildHasher> = IndexMap::default();
        let mut others: Vec<&Formula> = Vec::new();
        for formula in parts {
            match slots(set, arm, formula) {
                Some((slots, row)) => groups.entry(slots).or_default().push((row, formula)),
                None => others.push(formula),
            }
        }
        let mut arms = Vec::new();
        for (slots, rows) in groups {
            if let [(_, formula)] = rows.as_slice() {
                others.push(formula);
                continue;
            }
            let rows = rows.into_iter().map(|(row, _)| row).collect();
            arms.extend(self.listed_arm(set, arm.clone(), &slots, rows)?);
        }
        arms.extend(others.into_iter().map(|formula| {
            let mut arm = arm.clone();
            arm.todo.push(Part { scopes: scopes.to_vec(), formula });
            arm
        }));
        arms.reverse();
        Ok(arms)
    }

    fn listed_arm<'f>(
        &mut self,
        set: &Set<'f>,
        mut arm: Arm<'f>,
        slots: &[Slot],
        rows: Vec<Vec<Constant>>,
    ) -> Result<Option<Arm<'f>>, SqlError> {
        let type_at = |place: usize| set.types.get(place).copied();
        let known: Vec<(Slot, ValueType)> = slots
            .iter()
            .filter_map(|slot| match slot {
                Slot::New(place) | Slot::Member(place) => Some((*slot, type_at(*place)?)),
                Slot::Same(..) => None,
            })
            .collect();
        let types: Vec<ValueType> = known.iter().map(|(_, known)| *known).collect();
        let alias = self.new_set();
        let Some(values) = listed_values(rows, &types, self.dialect) else { return Ok(None) };
        arm.select.from_subquery(values, alias.clone());
        let members = self.columns(set.derivation, &set.name);
        for (number, (slot, known)) in known.into_iter().enumerate() {
            let column = found(Expr::col((alias.clone(), format!("column{}", number + 1))), known);
            self.put(&mut arm, slot, column, &members)?;
        }
        for slot in slots {
            let Slot::Same(place, own) = slot else { continue };
            let Some(member) = members.get(*place).cloned() else { continue };
            match arm.values.get(*own).cloned().flatten() {
                Some(value) => arm.conditions.push(value.leads_to(&member, self.dialect)?),
                None => arm.found(*own, member),
            }
        }
        arm.is_step |= slots.iter().any(|slot| !matches!(slot, Slot::New(_)));
        Ok(Some(arm))
    }

    fn put(&self, arm: &mut Arm<'_>, slot: Slot, column: Column, members: &[Column]) -> Result<(), SqlError> {
        match slot {
            Slot::New(place) => arm.found(place, column),
            Slot::Member(place) => {
                if let Some(member) = members.get(place) {
                    arm.conditions.push(column.leads_to(member, self.dialect)?);
                }
            }
            Slot::Same(..) => {}
        }
        Ok(())
    }
}

/// What the known values of an alternative are for, and the values; `None` where it says anything else, too, or none at all.
fn slots(set: &Set<'_>, arm: &Arm<'_>, formula: &Formula) -> Option<(Vec<Slot>, Vec<Constant>)> {
    let parts = match formula {
        Formula::All(parts) => parts,
        one => std::slice::from_ref(one),
    };
    let (mut slots, mut row) = (Vec::new(), Vec::new());
    let mut is_step = arm.is_step;
    for part in parts {
        match part {
            Formula::Compare(Comparison::Eq, own, Expression::Constant(constant)) => {
                let (place, _) = arm.missing(set, own)?;
                if slots.contains(&Slot::New(place)) {
                    return None;
                }
                slots.push(Slot::New(place));
                row.push(constant.clone());
            }
            Formula::DerivedAgain(number, values) if *number == set.derivation.number && !is_step => {
                is_step = true;
                for (place, value) in values.iter().enumerate() {
                    match value {
                        Expression::Constant(constant) => {
                            slots.push(Slot::Member(place));
                            row.push(constant.clone());
                        }
                        value => slots.push(Slot::Same(place, part_of(value, set.derivation)?)),
                    }
                }
            }
            _ => return None,
        }
    }
    (!row.is_empty()).then_some((slots, row))
}
