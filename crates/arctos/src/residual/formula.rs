//! What must hold of a row, as a formula: its constructors keep it small.
//!
//! A formula is true, false or *unknown* of a row. Unknown is what rests on something that is not there: the attribute of a row that a
//! relation does not lead to, or the order of nil and something else. Equality is never unknown: nil equals nil and nothing else.
//!
//! - `all` is false where a part is; else unknown where a part is; else true. `any` is true where a part is; else unknown where a part is; else
//!   false. Parts have no order, and neither have rows.
//! - `not` makes true of false and false of true, and leaves unknown unknown.
//!
//! That is the strong logic of S. C. Kleene, *Introduction to Metamathematics*, §64 (1952). A row for which a formula is unknown is not
//! selected, under however many negations.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::rows::ValueType;
use crate::host::Comparison;
use crate::ir::Arithmetic;

/// Names a row within a formula. The row that is asked about is [`Row::ROOT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row(pub u32);

impl Row {
    /// The row that is asked about.
    pub const ROOT: Row = Row(0);
}

/// What must hold of rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Formula {
    /// True or false of every row.
    Known(bool),
    /// Neither.
    Unknown,
    /// A comparison. `==` and `!=` are never unknown; the others are where one side is nil.
    Compare(Comparison, Expression, Expression),
    /// The same as one of these, of which none is nil.
    OneOf(Expression, Arc<[Constant]>),
    /// All of these.
    All(Arc<[Formula]>),
    /// Any of these.
    Any(Arc<[Formula]>),
    /// Not so.
    Not(Arc<Formula>),
    /// Of some row that a relation leads to.
    Some(Arc<Related>),
    /// Of the row that a relation leads to; unknown where there is none.
    One(Arc<Related>),
    /// The row is in the least set of rows that a definition describes.
    Least(Arc<Definition>, Row),
    /// Inside a definition: that row is in the set of that number. Never under a negation.
    Again(u32, Row),
    /// Of some row of a class.
    Exists(Arc<SomeRow>),
    /// These are together in the least set that a derivation describes. None of them is nil.
    Derived(Arc<Derivation>, Arc<[Expression]>),
    /// Inside a derivation: these are in the set of that number. Never under a negation.
    DerivedAgain(u32, Arc<[Expression]>),
}

/// Rows that a relation leads to, and what must hold of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Related {
    /// The other row, in `formula`.
    pub row: Row,
    /// The row with the relation.
    pub of: Row,
    /// The relation.
    pub relation: Arc<str>,
    /// The class of the other row.
    pub class: Arc<str>,
    /// What must hold.
    pub formula: Formula,
}

/// A set of rows: the least one of which this holds. `formula` mentions `row`, rows that relations lead to from there, and the set itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    /// Its number, for [`Formula::Again`].
    pub number: u32,
    /// A member, in `formula`.
    pub row: Row,
    /// The class of the members.
    pub class: Arc<str>,
    /// What must hold of members.
    pub formula: Formula,
}

/// Some row of a class, and what must hold of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SomeRow {
    /// The row, in `formula`.
    pub row: Row,
    /// Its class, or the name of the rows that it is one of.
    pub class: Arc<str>,
    /// What must hold.
    pub formula: Formula,
}

/// A set of ids and other values, several of them together: the least one of which this holds. Unlike the members of a [`Definition`] they need not be of rows that there are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Derivation {
    /// Its number, for [`Formula::DerivedAgain`].
    pub number: u32,
    /// What stands for a member in `formula`: its values are the attributes that [`Derivation::part`] names.
    pub row: Row,
    /// The types of the values, and with that how many there are.
    pub types: Arc<[ValueType]>,
    /// What must hold of members. It mentions `row`, rows that are met in it, and the set itself.
    pub formula: Formula,
}

impl Derivation {
    /// The name of one of a member's values.
    pub fn part(place: usize) -> Arc<str> {
        format!("k{place}").into()
    }
}

/// A value of a row, or one that is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expression {
    /// A value that is known.
    Constant(Constant),
    /// An attribute of a row.
    Attribute(Row, Arc<str>),
    /// What is computed of such values.
    Computed(Arc<Computed>),
}

/// A value that is computed. It is nil where it is not there: where a side is nil or no number, where an integer does not fit 64 bits, and for integer
/// `mod` and `rem` by zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Computed {
    /// The operator.
    pub op: Arithmetic,
    /// Its left side.
    pub left: Expression,
    /// Its right side.
    pub right: Expression,
}

/// A value that is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Constant {
    /// `nil`
    Nil,
    /// `true` or `false`
    Boolean(bool),
    /// A 64-bit integer.
    Integer(i64),
    /// A double-precision float.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// An object of the application: its place among those of the [`Residual`](super::Residual).
    Object(u32),
}

impl PartialEq for Constant {
    /// The same constant: a float is the same as itself, NaN too.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Constant::Nil, Constant::Nil) => true,
            (Constant::Boolean(a), Constant::Boolean(b)) => a == b,
            (Constant::Integer(a), Constant::Integer(b)) => a == b,
            (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits(),
            (Constant::String(a), Constant::String(b)) => a == b,
            (Constant::Object(a), Constant::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Constant::Nil => {}
            Constant::Boolean(value) => value.hash(state),
            Constant::Integer(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::String(value) => value.hash(state),
            Constant::Object(value) => value.hash(state),
        }
    }
}

impl Formula {
    /// True of every row.
    pub const TRUE: Formula = Formula::Known(true);
    /// False of every row.
    pub const FALSE: Formula = Formula::Known(false);

    /// What depends on values that are not known yet: only while a policy is looked at, in no formula that is handed out.
    pub(super) const DEPENDS: Formula = Formula::Again(u32::MAX, Row::ROOT);

    /// All of these.
    pub fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let Some(mut kept) = parts_of(parts, true) else { return Formula::FALSE };
        without_implied(&mut kept);
        match kept.len() {
            0 => Formula::TRUE,
            1 => kept.swap_remove(0),
            _ => Formula::All(kept.into()),
        }
    }

    /// Any of these.
    pub fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let Some(mut kept) = parts_of(parts, false) else { return Formula::TRUE };
        merge(&mut kept);
        match kept.len() {
            0 => Formula::FALSE,
            1 => kept.swap_remove(0),
            _ => Formula::Any(kept.into()),
        }
    }

    /// Not so.
    #[must_use]
    pub fn negated(self) -> Formula {
        match self {
            Formula::Known(value) => Formula::Known(!value),
            Formula::Unknown => Formula::Unknown,
            Formula::Not(inner) => Arc::unwrap_or_clone(inner),
            Formula::Compare(Comparison::Eq, a, b) => Formula::Compare(Comparison::Neq, a, b),
            Formula::Compare(Comparison::Neq, a, b) => Formula::Compare(Comparison::Eq, a, b),
            other => Formula::Not(Arc::new(other)),
        }
    }

    /// Of some row that a relation leads to.
    pub fn some(related: Related) -> Formula {
        if related.formula == Formula::FALSE { Formula::FALSE } else { Formula::Some(Arc::new(related)) }
    }

    /// Of the row that a relation leads to; unknown where there is none.
    pub fn one(related: Related) -> Formula {
        Formula::One(Arc::new(related))
    }

    /// Of some row of a class.
    pub fn exists(some: SomeRow) -> Formula {
        if some.formula == Formula::FALSE { Formula::FALSE } else { Formula::Exists(Arc::new(some)) }
    }

    /// `expression == constant`.
    pub fn is(expression: Expression, constant: Constant) -> Formula {
        Formula::Compare(Comparison::Eq, expression, Expression::Constant(constant))
    }

    /// Unknown where an expression is nil, whatever else holds; the formula where it is not.
    pub fn given(expression: Expression, formula: Formula) -> Formula {
        if formula.rests_on(&expression) {
            return formula;
        }
        let absent = Formula::is(expression, Constant::Nil);
        let or_unknown = Formula::any([absent.clone().negated(), Formula::Unknown]);
        Formula::all([or_unknown, Formula::any([formula, Formula::all([absent, Formula::Unknown])])])
    }

    /// True only where it can be told that the formula is unknown where that is nil.
    fn rests_on(&self, expression: &Expression) -> bool {
        match self {
            Formula::Compare(Comparison::Eq | Comparison::Neq, ..) => false,
            Formula::Compare(_, left, right) => left.contains(expression) || right.contains(expression),
            Formula::Not(inner) => inner.rests_on(expression),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().all(|part| part.rests_on(expression)),
            _ => false,
        }
    }

    /// False only where it can be told that the formula is true or false of every row.
    pub fn may_be_unknown(&self) -> bool {
        match self {
            Formula::Known(_)
            | Formula::OneOf(..)
            | Formula::Compare(Comparison::Eq | Comparison::Neq, ..) => false,
            Formula::Unknown
            | Formula::Compare(..)
            | Formula::One(_)
            | Formula::Again(..)
            | Formula::DerivedAgain(..) => true,
            Formula::All(parts) | Formula::Any(parts) => parts.iter().any(Formula::may_be_unknown),
            Formula::Not(inner) => inner.may_be_unknown(),
            Formula::Some(related) => related.formula.may_be_unknown(),
            Formula::Least(definition, _) => definition.formula.may_be_unknown(),
            Formula::Exists(some) => some.formula.may_be_unknown(),
            Formula::Derived(derivation, _) => derivation.formula.may_be_unknown(),
        }
    }

    /// Runs `visit` on this formula and on all that are in it, outermost first.
    pub fn each<'f>(&'f self, visit: &mut dyn FnMut(&'f Formula)) {
        visit(self);
        match self {
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| part.each(visit)),
            Formula::Not(inner) => inner.each(visit),
            Formula::Some(related) | Formula::One(related) => related.formula.each(visit),
            Formula::Least(definition, _) => definition.formula.each(visit),
            Formula::Exists(some) => some.formula.each(visit),
            Formula::Derived(derivation, _) => derivation.formula.each(visit),
            Formula::Known(_)
            | Formula::Unknown
            | Formula::Compare(..)
            | Formula::OneOf(..)
            | Formula::Again(..)
            | Formula::DerivedAgain(..) => {}
        }
    }

    /// How many formulas it is made of, itself included; each constant of a list counts as one.
    pub fn size(&self) -> usize {
        self.size_up_to(usize::MAX)
    }

    /// The same, without going on where there are so many.
    pub(super) fn size_up_to(&self, most: usize) -> usize {
        let mut size = 0;
        let mut left = vec![self];
        while let Some(formula) = left.pop() {
            size += 1;
            if size >= most {
                break;
            }
            match formula {
                Formula::All(parts) | Formula::Any(parts) => left.extend(parts.iter()),
                Formula::Not(inner) => left.push(inner),
                Formula::Some(related) | Formula::One(related) => left.push(&related.formula),
                Formula::Least(definition, _) => left.push(&definition.formula),
                Formula::Exists(some) => left.push(&some.formula),
                Formula::Derived(derivation, _) => left.push(&derivation.formula),
                Formula::OneOf(_, constants) => size = size.saturating_add(constants.len()).min(most),
                Formula::Known(_)
                | Formula::Unknown
                | Formula::Compare(..)
                | Formula::Again(..)
                | Formula::DerivedAgain(..) => {}
            }
        }
        size
    }
}

impl Expression {
    /// Whether it is that expression, or computed of it.
    fn contains(&self, other: &Expression) -> bool {
        match self {
            Expression::Computed(computed) if self != other => {
                computed.left.contains(other) || computed.right.contains(other)
            }
            own => own == other,
        }
    }

    /// Runs `visit` on each row that it mentions.
    pub fn each_row(&self, visit: &mut dyn FnMut(Row)) {
        match self {
            Expression::Constant(_) => {}
            Expression::Attribute(row, _) => visit(*row),
            Expression::Computed(computed) => {
                computed.left.each_row(visit);
                computed.right.each_row(visit);
            }
        }
    }
}

/// So many parts are compared with one another; more are told apart by their hashes.
const FEW: usize = 8;

/// The parts of a conjunction, or of a disjunction, each once, without those that make no difference; `None` where one decides.
fn parts_of(parts: impl IntoIterator<Item = Formula>, is_all: bool) -> Option<Vec<Formula>> {
    let mut kept: Vec<Formula> = Vec::new();
    let mut seen: FxHashSet<Formula> = FxHashSet::default();
    let mut add = |part: Formula| {
        if let Formula::Known(value) = part {
            return value == is_all;
        }
        if kept.len() < FEW {
            if kept.contains(&part) {
                return true;
            }
        } else {
            if seen.is_empty() {
                seen.extend(kept.iter().cloned());
            }
            if !seen.insert(part.clone()) {
                return true;
            }
        }
        kept.push(part);
        true
    };
    for part in parts {
        let holds = match part {
            Formula::All(inner) if is_all => inner.iter().cloned().all(&mut add),
            Formula::Any(inner) if !is_all => inner.iter().cloned().all(&mut add),
            part => add(part),
        };
        if !holds {
            return None;
        }
    }
    Some(kept)
}

/// Leaves out that there is a row where something is said of that row anyway.
fn without_implied(parts: &mut Vec<Formula>) {
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        let implies = |other: &Formula| match (part, other) {
            (Formula::Some(part), Formula::Some(other)) => {
                part.formula == Formula::TRUE && (part.of, &part.relation) == (other.of, &other.relation)
            }
            _ => false,
        };
        let is_implied = parts.iter().enumerate().any(|(place, other)| place != at && implies(other));
        if is_implied {
            parts.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Makes `x = 1 or x = 2` one of `x in [1, 2]`, at the place of the first.
fn merge(parts: &mut Vec<Formula>) {
    let is_list = |part: &&Formula| {
        let one = |constant: &Constant| *constant != Constant::Nil;
        matches!(part, Formula::OneOf(..))
            || matches!(part, Formula::Compare(Comparison::Eq, _, Expression::Constant(constant)) if one(constant))
    };
    if parts.iter().filter(is_list).nth(1).is_none() {
        return;
    }
    let mut merged: Vec<Option<Formula>> = Vec::with_capacity(parts.len());
    let mut lists: IndexMap<Expression, (usize, IndexSet<Constant, FxBuildHasher>), FxBuildHasher> =
        IndexMap::default();
    for part in parts.drain(..) {
        let constants: &[Constant] = match &part {
            Formula::OneOf(_, constants) => constants,
            Formula::Compare(Comparison::Eq, _, Expression::Constant(constant))
                if *constant != Constant::Nil =>
            {
                std::slice::from_ref(constant)
            }
            _ => &[],
        };
        let expression = match &part {
            Formula::OneOf(expression, _) | Formula::Compare(_, expression, _) if !constants.is_empty() => {
                expression
            }
            _ => {
                merged.push(Some(part));
                continue;
            }
        };
        let place = merged.len();
        let (first, all) = lists.entry(expression.clone()).or_insert_with(|| (place, IndexSet::default()));
        all.extend(constants.iter().cloned());
        if *first == place {
            merged.push(None);
        }
    }
    for (expression, (place, constants)) in lists {
        if let Some(part) = merged.get_mut(place) {
            let mut constants: Vec<Constant> = constants.into_iter().collect();
            *part = Some(match (constants.len(), constants.pop()) {
                (1, Some(constant)) => Formula::is(expression, constant),
                (_, last) => Formula::OneOf(expression, constants.into_iter().chain(last).collect()),
            });
        }
    }
    parts.extend(merged.into_iter().flatten());
}
