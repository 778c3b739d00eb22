//! A formula asked about rows that are there.

use std::cmp::Ordering;

use super::formula::{Constant, Definition, Derivation, Expression, Formula, Related, Row};
use crate::eval::{compute, holds, integer_float};
use crate::heap::Cell;
use crate::host::Comparison;
use crate::ir::Arithmetic;

/// Where rows are.
pub trait Source {
    /// A row.
    type Row: Clone + PartialEq;

    /// An attribute of a row.
    fn attribute(&self, row: &Self::Row, name: &str) -> Constant;

    /// The rows that a relation leads to.
    fn related(&self, row: &Self::Row, relation: &str) -> Vec<Self::Row>;

    /// All rows of a class, or of that name.
    fn rows(&self, class: &str) -> Vec<Self::Row>;
}

impl Formula {
    /// Whether it holds of a row; `None` where that is unknown. The time it takes is not bounded: this is for tests, and for rows that
    /// are few.
    pub fn holds<S: Source>(&self, source: &S, root: S::Row) -> Option<bool> {
        self.holds_of(source, vec![(Row::ROOT, root)])
    }

    /// The same of several rows: the root, and those beside it.
    pub fn holds_of<S: Source>(&self, source: &S, rows: Vec<(Row, S::Row)>) -> Option<bool> {
        let mut ground = Ground {
            source,
            rows: rows.into_iter().map(|(name, row)| (name, Bound::Row(row))).collect(),
            definitions: Vec::new(),
            under_way: Vec::new(),
            derivations: Vec::new(),
            derived: Vec::new(),
        };
        ground.formula(self)
    }
}

/// What the name of a row stands for.
#[derive(Clone)]
enum Bound<R> {
    Row(R),
    /// The values of a member of a derivation.
    Member(Vec<Constant>),
}

struct Ground<'f, S: Source> {
    source: &'f S,
    /// What names of rows stand for, innermost last.
    rows: Vec<(Row, Bound<S::Row>)>,
    definitions: Vec<&'f Definition>,
    /// Members of sets that are being asked about: the least set has none that rests on itself.
    under_way: Vec<(u32, S::Row)>,
    derivations: Vec<&'f Derivation>,
    /// The same for derivations.
    derived: Vec<(u32, Vec<Constant>)>,
}

impl<'f, S: Source> Ground<'f, S> {
    fn formula(&mut self, formula: &'f Formula) -> Option<bool> {
        match formula {
            Formula::Known(value) => Some(*value),
            Formula::Unknown => None,
            Formula::Compare(op, left, right) => compare(*op, &self.value(left), &self.value(right)),
            Formula::OneOf(expression, constants) => {
                let value = self.value(expression);
                Some(constants.iter().any(|constant| same(&value, constant)))
            }
            Formula::All(parts) => {
                any(parts.iter().map(|part| self.formula(part).map(|held| !held))).map(|held| !held)
            }
            Formula::Any(parts) => any(parts.iter().map(|part| self.formula(part))),
            Formula::Not(inner) => self.formula(inner).map(|value| !value),
            Formula::Some(related) => {
                let rows = self.related(related);
                any(rows.into_iter().map(|row| self.of(related.row, Bound::Row(row), &related.formula)))
            }
            Formula::Exists(some) => {
                let rows = self.source.rows(&some.class);
                any(rows.into_iter().map(|row| self.of(some.row, Bound::Row(row), &some.formula)))
            }
            Formula::Derived(derivation, values) => {
                self.derivations.push(derivation);
                let member = self.derived(derivation, values);
                self.derivations.pop();
                member
            }
            Formula::DerivedAgain(number, values) => {
                let derivation = self.derivations.iter().rev().find(|known| known.number == *number);
                let derivation = *derivation?;
                self.derived(derivation, values)
            }
            Formula::One(related) => {
                let row = self.related(related).into_iter().next()?;
                self.of(related.row, Bound::Row(row), &related.formula)
            }
            Formula::Least(definition, row) => {
                self.definitions.push(definition);
                let member = self.member(definition, *row);
                self.definitions.pop();
                member
            }
            Formula::Again(number, row) => {
                let definition = self.definitions.iter().rev().find(|known| known.number == *number);
                let definition = *definition?;
                self.member(definition, *row)
            }
        }
    }

    fn derived(&mut self, derivation: &'f Derivation, values: &[Expression]) -> Option<bool> {
        let values: Vec<Constant> = values.iter().map(|value| self.value(value)).collect();
        let member = (derivation.number, values.clone());
        if self.derived.contains(&member) {
            return Some(false);
        }
        self.derived.push(member);
        let held = self.of(derivation.row, Bound::Member(values), &derivation.formula);
        self.derived.pop();
        held
    }

    fn of(&mut self, name: Row, row: Bound<S::Row>, formula: &'f Formula) -> Option<bool> {
        self.rows.push((name, row));
        let held = self.formula(formula);
        self.rows.pop();
        held
    }

    fn member(&mut self, definition: &'f Definition, row: Row) -> Option<bool> {
        let member = (definition.number, self.row(row)?);
        if self.under_way.contains(&member) {
            return Some(false);
        }
        self.under_way.push(member.clone());
        let held = self.of(definition.row, Bound::Row(member.1), &definition.formula);
        self.under_way.pop();
        held
    }

    fn bound(&self, name: Row) -> Option<&Bound<S::Row>> {
        self.rows.iter().rev().find(|(known, _)| *known == name).map(|(_, bound)| bound)
    }

    fn row(&self, name: Row) -> Option<S::Row> {
        match self.bound(name)? {
            Bound::Row(row) => Some(row.clone()),
            Bound::Member(_) => None,
        }
    }

    fn related(&self, related: &Related) -> Vec<S::Row> {
        self.row(related.of).map_or_else(Vec::new, |row| self.source.related(&row, &related.relation))
    }

    fn value(&self, expression: &Expression) -> Constant {
        match expression {
            Expression::Constant(constant) => constant.clone(),
            Expression::Attribute(row, name) => match self.bound(*row) {
                Some(Bound::Row(row)) => self.source.attribute(row, name),
                Some(Bound::Member(values)) => {
                    let part = (0..values.len()).find(|place| Derivation::part(*place) == *name);
                    part.and_then(|place| values.get(place)).cloned().unwrap_or(Constant::Nil)
                }
                None => Constant::Nil,
            },
            Expression::Computed(computed) => {
                computed_of(computed.op, &self.value(&computed.left), &self.value(&computed.right))
            }
        }
    }
}

/// What two values come to; nil where that is not there.
pub(super) fn computed_of(op: Arithmetic, left: &Constant, right: &Constant) -> Constant {
    let number = |constant: &Constant| match constant {
        Constant::Integer(value) => Some(Cell::Integer(*value)),
        Constant::Float(value) => Some(Cell::Float(*value)),
        _ => None,
    };
    match number(left).zip(number(right)).and_then(|(left, right)| compute(op, left, right)) {
        Some(Cell::Integer(value)) => Constant::Integer(value),
        Some(Cell::Float(value)) => Constant::Float(value),
        _ => Constant::Nil,
    }
}

fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut held = Some(false);
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => held = None,
        }
    }
    held
}

fn same(left: &Constant, right: &Constant) -> bool {
    match (left, right) {
        (Constant::Nil, Constant::Nil) => true,
        (Constant::Boolean(a), Constant::Boolean(b)) => a == b,
        (Constant::String(a), Constant::String(b)) => a == b,
        (Constant::Object(a), Constant::Object(b)) => a == b,
        _ => order(left, right) == Some(Some(Ordering::Equal)),
    }
}

/// How two values compare: `None` where they do not, `Some(None)` where one is NaN.
fn order(left: &Constant, right: &Constant) -> Option<Option<Ordering>> {
    match (left, right) {
        (Constant::Integer(a), Constant::Integer(b)) => Some(Some(a.cmp(b))),
        (Constant::Float(a), Constant::Float(b)) => Some(a.partial_cmp(b)),
        (Constant::Integer(a), Constant::Float(b)) => Some(integer_float(*a, *b)),
        (Constant::Float(a), Constant::Integer(b)) => Some(integer_float(*b, *a).map(Ordering::reverse)),
        (Constant::String(a), Constant::String(b)) => Some(Some(a.cmp(b))),
        _ => None,
    }
}

/// A comparison; `None` where it is unknown.
pub(super) fn compare(op: Comparison, left: &Constant, right: &Constant) -> Option<bool> {
    match op {
        Comparison::Eq => Some(same(left, right)),
        Comparison::Neq => Some(!same(left, right)),
        op => order(left, right).map(|order| holds(op, order)),
    }
}
