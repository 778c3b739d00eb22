//! Derived sets as `WITH RECURSIVE`: sets of ids that need no row of their own.
//!
//! A derivation's formula is read as what makes members. It is taken apart into *arms*, each of which is one `SELECT`: the rows that it mentions are joined, and each of a member's values is
//! *found* in it, as a constant or a column that the formula says it equals. Arms that mention the set are steps from members to more. What is not needed to find values is a condition beside
//! them. `UNION` keeps each member once, so that cycles end.

mod grouped;

use arctos::Comparison;
use arctos::residual::{Constant, Derivation, Expression, Formula, Related, SomeRow, ValueType};
use sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};

use crate::column::Column;
use crate::error::SqlError;
use crate::truth::Truth;
use crate::values::listed_values;
use crate::writer::{Entered, Scope, Want, Writer, one_expression, restrict};

/// A part of a derivation's formula, with the rows that it may mention.
#[derive(Clone)]
struct Part<'f> {
    scopes: Vec<Scope>,
    formula: &'f Formula,
}

/// An alternative that is being made a `SELECT`.
#[derive(Clone)]
struct Arm<'f> {
    select: SelectStatement,
    conditions: Vec<Truth>,
    /// What is to be looked at, last first.
    todo: Vec<Part<'f>>,
    /// What is a condition, unless values have to be found in it.
    deferred: Vec<Part<'f>>,
    /// A member's values, as far as they are found.
    values: Vec<Option<Column>>,
    /// The set is joined.
    is_step: bool,
}

/// A set that is being defined.
struct Set<'d> {
    derivation: &'d Derivation,
    /// The types of a member's values, as they are kept.
    types: Vec<ValueType>,
    /// Its name in SQL.
    name: String,
    /// Whether it has those that are members, or those that may be: of which it is not false.
    want: Want,
}

impl Writer<'_> {
    /// That values are a member, or that they are none.
    pub(crate) fn derived(
        &mut self,
        derivation: &Derivation,
        values: &[Expression],
        want: Want,
    ) -> Result<Truth, SqlError> {
        let own = values.iter().zip(derivation.types.iter());
        let own: Vec<Column> =
            own.map(|(value, known)| self.typed_value(value, *known)).collect::<Result<_, _>>()?;
        let Some((members, name)) = self.members_of(derivation, want)? else {
            return Ok(Truth::of(want == Want::Fails));
        };
        let mut select = Query::select();
        let mut tested = Vec::new();
        for (own, member) in own.iter().zip(self.columns(derivation, &name)) {
            let Some(pairs) = own.listed(&member, self.dialect) else { return Err(SqlError::OutOfScope) };
            for (column, member) in pairs {
                tested.push(column);
                select.expr(member);
            }
        }
        select.from(name).with_cte(members);
        Ok(match want {
            Want::Holds => Truth::listed(tested, select, self.dialect),
            Want::Fails => one_expression(tested).not_in_subquery(select).into(),
        })
    }

    /// The clause that has all members, and the set's name in it; `None` where there are none.
    fn members_of(
        &mut self,
        derivation: &Derivation,
        want: Want,
    ) -> Result<Option<(sea_query::WithClause, String)>, SqlError> {
        let types = derivation.types.iter().map(|known| self.dialect.kept(*known)).collect();
        let set = Set { derivation, types, name: self.new_set(), want };
        let outer = std::mem::take(&mut self.scopes);
        let arms = self.arms(&set);
        self.scopes = outer;
        let mut arms = arms?.into_iter();
        let (first, steps): (Vec<_>, Vec<_>) = arms.by_ref().partition(|(_, is_step)| !is_step);
        let mut first = first.into_iter().map(|(select, _)| select);
        let Some(mut query) = first.next() else { return Ok(None) };
        let steps: Vec<SelectStatement> = steps.into_iter().map(|(select, _)| select).collect();
        let names: Vec<String> = names(derivation).collect();
        for select in first.chain(self.beside_set(&set.name, &names, steps)) {
            query.union(UnionType::Distinct, select);
        }
        Ok(Some((self.with_recursive(&set.name, names, query), set.name)))
    }

    /// The values of a member of the set.
    fn columns(&self, derivation: &Derivation, name: &str) -> Vec<Column> {
        let column = |(part, known): (String, &ValueType)| {
            let known = self.dialect.kept(*known);
            found(self.dialect.out_of_set(Expr::col((name.to_owned(), part)), known), known)
        };
        names(derivation).zip(derivation.types.iter()).map(column).collect()
    }

    /// The queries for members, each with whether it is a step.
    fn arms(&mut self, set: &Set<'_>) -> Result<Vec<(SelectStatement, bool)>, SqlError> {
        let part = Part { scopes: Vec::new(), formula: &set.derivation.formula };
        let mut left = vec![Arm {
            select: Query::select(),
            conditions: Vec::new(),
            todo: vec![part],
            deferred: Vec::new(),
            values: vec![None; set.types.len()],
            is_step: false,
        }];
        let mut done = Vec::new();
        // Arms in which values are not found, and whether they are steps.
        let mut unnamed = Vec::new();
        while let Some(mut arm) = left.pop() {
            self.count()?;
            if let Some(part) = arm.todo.pop() {
                self.take(set, arm, part, false, &mut left)?;
            } else if arm.values.iter().all(Option::is_some) {
                done.extend(self.finished(set, arm)?);
            } else {
                match arm.finder(set) {
                    Some(part) => self.take(set, arm, part, true, &mut left)?,
                    None => unnamed.push(arm.is_step),
                }
            }
        }
        // Steps lead nowhere where there are no members to begin with.
        let has_members = done.iter().any(|(_, is_step)| !is_step);
        if unnamed.iter().any(|is_step| !is_step || has_members) {
            return Err(SqlError::Recursion("nothing tells which ids there are that it holds of"));
        }
        Ok(done)
    }

    /// Looks at a part: what becomes of its arm is put to what is left. Where it is forced, values have to be found in it.
    fn take<'f>(
        &mut self,
        set: &Set<'f>,
        mut arm: Arm<'f>,
        part: Part<'f>,
        forced: bool,
        left: &mut Vec<Arm<'f>>,
    ) -> Result<(), SqlError> {
        let Part { scopes, formula } = part.clone();
        let is_open = forced || mentions(formula, set.derivation.number);
        match formula {
            Formula::Known(true) => left.push(arm),
            Formula::Known(false) => {}
            Formula::Unknown if set.want == Want::Holds => {}
            Formula::Unknown => left.push(arm),
            Formula::All(parts) => {
                arm.todo.extend(parts.iter().rev().map(|formula| Part { scopes: scopes.clone(), formula }));
                left.push(arm);
            }
            Formula::Any(parts) if is_open || scopes.is_empty() && arm.is_untouched() => {
                left.extend(self.fork(set, &arm, &scopes, parts)?);
            }
            Formula::Exists(some) if is_open => left.push(self.join(arm, scopes, some)?),
            Formula::Some(related) if is_open => left.push(self.join_related(arm, scopes, related)?),
            Formula::One(related) if is_open => {
                if set.want == Want::Fails {
                    // Without the row it is unknown.
                    return Err(SqlError::Recursion("a row that a relation leads to, under a negation"));
                }
                left.push(self.join_related(arm, scopes, related)?);
            }
            Formula::Compare(Comparison::Eq, a, b) if !is_open || forced => {
                if !(self.finds(set, &mut arm, &scopes, a, b)? || self.finds(set, &mut arm, &scopes, b, a)?) {
                    arm.deferred.push(part);
                }
                left.push(arm);
            }
            Formula::OneOf(expression, constants) => match arm.missing(set, expression) {
                Some(missing) => left.extend(self.join_values(arm, missing, constants)?),
                None => {
                    arm.deferred.push(part);
                    left.push(arm);
                }
            },
            Formula::DerivedAgain(number, values) if *number == set.derivation.number => {
                left.push(self.join_set(set, arm, &scopes, values)?);
            }
            Formula::Derived(inner, values) if forced => {
                left.extend(self.join_other(set, arm, &scopes, inner, values)?);
            }
            Formula::DerivedAgain(..) => {
                return Err(SqlError::Recursion("two sets are defined by one another"));
            }
            Formula::Not(_) if is_open => return Err(SqlError::Recursion("what must be no member")),
            _ if is_open => return Err(SqlError::Recursion("two sets are defined by one another")),
            _ => {
                arm.deferred.push(part);
                left.push(arm);
            }
        }
        Ok(())
    }

    /// With some row of a class.
    fn join<'f>(
        &mut self,
        mut arm: Arm<'f>,
        scopes: Vec<Scope>,
        some: &'f SomeRow,
    ) -> Result<Arm<'f>, SqlError> {
        let mut scope = self.named_some(some);
        // What is taken for a member's value is not compared with one.
        scope.compared.clear();
        self.add_from(&scope, &mut arm.select)?;
        arm.conditions.push(self.is_row(&scope)?);
        let scopes = scopes.into_iter().chain([scope]).collect();
        arm.todo.push(Part { scopes, formula: &some.formula });
        Ok(arm)
    }

    /// With a row that a relation leads to.
    fn join_related<'f>(
        &mut self,
        mut arm: Arm<'f>,
        scopes: Vec<Scope>,
        related: &'f Related,
    ) -> Result<Arm<'f>, SqlError> {
        self.scopes = scopes;
        let Entered { pairs, others } = self.enter(related, &mut arm.select)?;
        arm.conditions.extend([self.joined(&pairs)?, others]);
        arm.todo.push(Part { scopes: std::mem::take(&mut self.scopes), formula: &related.formula });
        Ok(arm)
    }

    /// Takes one side of an equality for a value of a member, if the other is one that is not found yet.
    fn finds(
        &mut self,
        set: &Set<'_>,
        arm: &mut Arm<'_>,
        scopes: &[Scope],
        value: &Expression,
        other: &Expression,
    ) -> Result<bool, SqlError> {
        let Some((place, known)) = arm.missing(set, value) else { return Ok(false) };
        if arm.missing(set, other).is_some() {
            return Ok(false);
        }
        let column = self.within(set, arm, scopes, |this| this.typed_value(other, known))?;
        arm.found(place, column);
        Ok(true)
    }

    /// With one of these for a member's value; `None` where none of them can be one.
    fn join_values<'f>(
        &mut self,
        mut arm: Arm<'f>,
        (place, known): (usize, ValueType),
        constants: &[Constant],
    ) -> Result<Option<Arm<'f>>, SqlError> {
        let rows = constants.iter().map(|constant| vec![constant.clone()]).collect();
        let Some(values) = listed_values(rows, &[known], self.dialect) else { return Ok(None) };
        let alias = self.new_set();
        arm.select.from_subquery(values, alias.clone());
        arm.found(place, found(Expr::col((alias, "column1")), known));
        Ok(Some(arm))
    }

    /// With a member of the set.
    fn join_set<'f>(
        &mut self,
        set: &Set<'f>,
        mut arm: Arm<'f>,
        scopes: &[Scope],
        values: &[Expression],
    ) -> Result<Arm<'f>, SqlError> {
        if std::mem::replace(&mut arm.is_step, true) {
            return Err(SqlError::Recursion("two members at once"));
        }
        let members = self.columns(set.derivation, &set.name);
        self.join_members(set, &mut arm, scopes, values, members)?;
        Ok(arm)
    }

    /// With a member of another set; `None` where it has none.
    fn join_other<'f>(
        &mut self,
        set: &Set<'f>,
        mut arm: Arm<'f>,
        scopes: &[Scope],
        inner: &Derivation,
        values: &[Expression],
    ) -> Result<Option<Arm<'f>>, SqlError> {
        let Some((clause, name)) = self.members_of(inner, set.want)? else { return Ok(None) };
        let alias = self.new_set();
        let mut all = Query::select();
        all.columns(names(inner)).from(name).with_cte(clause);
        arm.select.from_subquery(all, alias.clone());
        let members = self.columns(inner, &alias);
        self.join_members(set, &mut arm, scopes, values, members)?;
        Ok(Some(arm))
    }

    fn join_members(
        &mut self,
        set: &Set<'_>,
        arm: &mut Arm<'_>,
        scopes: &[Scope],
        values: &[Expression],
        members: Vec<Column>,
    ) -> Result<(), SqlError> {
        for (value, member) in values.iter().zip(members) {
            if let Some((place, _)) = arm.missing(set, value) {
                arm.found(place, member);
                continue;
            }
            let known = member.value_type.unwrap_or(ValueType::String);
            let column = self.within(set, arm, scopes, |this| this.typed_value(value, known))?;
            arm.conditions.push(column.leads_to(&member, self.dialect)?);
        }
        Ok(())
    }

    /// The query of an arm of which all values are found; `None` where it finds nothing.
    fn finished(&mut self, set: &Set<'_>, arm: Arm<'_>) -> Result<Option<(SelectStatement, bool)>, SqlError> {
        let mut conditions = arm.conditions.clone();
        for part in &arm.deferred {
            let condition = self.within(set, &arm, &part.scopes, |this| match set.want {
                Want::Holds => this.formula(part.formula, Want::Holds),
                Want::Fails => this.possible(part.formula),
            });
            conditions.push(condition?);
        }
        let condition = Truth::all(conditions);
        if matches!(condition, Truth::Never) {
            return Ok(None);
        }
        let mut select = arm.select;
        for (place, (value, known)) in arm.values.into_iter().flatten().zip(set.types.iter()).enumerate() {
            select.expr_as(self.dialect.into_set(value.expr, *known), format!("k{place}"));
        }
        restrict(&mut select, condition);
        Ok(Some((select, arm.is_step)))
    }

    /// Does something where these rows are in scope, and the values of the member that are found.
    fn within<R>(
        &mut self,
        set: &Set<'_>,
        arm: &Arm<'_>,
        scopes: &[Scope],
        read: impl FnOnce(&mut Self) -> Result<R, SqlError>,
    ) -> Result<R, SqlError> {
        let member =
            Scope::of_values(set.derivation.row, names(set.derivation).zip(arm.values.clone()).collect());
        let inner = std::iter::once(member).chain(scopes.iter().cloned()).collect();
        let outer = std::mem::replace(&mut self.scopes, inner);
        let read = read(self);
        self.scopes = outer;
        read
    }

    /// A value of that type as a column.
    fn typed_value(&mut self, value: &Expression, known: ValueType) -> Result<Column, SqlError> {
        match value {
            Expression::Constant(constant) => {
                let value = self.dialect.constant(constant, known).ok_or(SqlError::OutOfScope)?;
                Ok(found(value, self.dialect.kept(known)))
            }
            value => self.value(value),
        }
    }
}

impl<'f> Arm<'f> {
    /// Nothing but the formula itself has been looked at.
    fn is_untouched(&self) -> bool {
        self.todo.is_empty() && self.deferred.is_empty() && self.conditions.is_empty() && !self.is_step
    }

    /// Which of a member's values an expression is, if it is one that is not found yet, and its type.
    fn missing(&self, set: &Set<'_>, expression: &Expression) -> Option<(usize, ValueType)> {
        let place = part_of(expression, set.derivation)?;
        let known = set.types.get(place).copied()?;
        self.values.get(place)?.is_none().then_some((place, known))
    }

    fn found(&mut self, place: usize, column: Column) {
        if let Some(value) = self.values.get_mut(place) {
            *value = Some(column);
        }
    }

    /// A part in which values may be found that are still missing.
    fn finder(&mut self, set: &Set<'_>) -> Option<Part<'f>> {
        let rank = |part: &Part<'_>| match part.formula {
            Formula::Compare(Comparison::Eq, a, b) => {
                (self.missing(set, a).is_some() != self.missing(set, b).is_some()).then_some(0)
            }
            Formula::Some(_) | Formula::One(_) | Formula::Exists(_) if self.wants(set, part.formula) => {
                Some(1)
            }
            Formula::Derived(..) if self.wants(set, part.formula) => Some(2),
            Formula::Any(_) if self.wants(set, part.formula) => Some(3),
            _ => None,
        };
        let ranked = self.deferred.iter().enumerate().filter_map(|(place, part)| Some((rank(part)?, place)));
        let (_, place) = ranked.min()?;
        Some(self.deferred.remove(place))
    }

    /// Whether a formula mentions a value that is missing.
    fn wants(&self, set: &Set<'_>, formula: &Formula) -> bool {
        let mut found = false;
        formula.each(&mut |part| match part {
            Formula::Compare(Comparison::Eq, a, b) => {
                found |= self.missing(set, a).is_some() || self.missing(set, b).is_some();
            }
            Formula::OneOf(expression, _) => found |= self.missing(set, expression).is_some(),
            Formula::Derived(_, values) | Formula::DerivedAgain(_, values) => {
                found |= values.iter().any(|value| self.missing(set, value).is_some());
            }
            _ => {}
        });
        found
    }
}

/// A column of values that are there.
fn found(expr: Expr, known: ValueType) -> Column {
    Column { expr, value_type: Some(known), nullable: false, class: String::new(), attribute: String::new() }
}

/// The names of a member's values.
fn names(derivation: &Derivation) -> impl Iterator<Item = String> + use<> {
    (0..derivation.types.len()).map(|place| Derivation::part(place).to_string())
}

fn part_of(expression: &Expression, derivation: &Derivation) -> Option<usize> {
    match expression {
        Expression::Attribute(row, name) if *row == derivation.row => {
            (0..derivation.types.len()).find(|place| Derivation::part(*place) == *name)
        }
        _ => None,
    }
}

fn mentions(formula: &Formula, number: u32) -> bool {
    let mut found = false;
    formula.each(&mut |part| found |= matches!(part, Formula::DerivedAgain(other, _) if *other == number));
    found
}
