//! Least sets as `WITH RECURSIVE`.
//!
//! A definition is a disjunction when what stands above `or` is distributed to its alternatives: those that do not mention the set are its first
//! members, each other is a step from members to more. A step's relations are turned round: from the row that must be a member to the rows that it makes members. `UNION` keeps each
//! row once, so that cycles end.

use arctos::residual::{Definition, Formula, Related, Row};
use sea_query::{
    CommonTableExpression, Expr, ExprTrait, JoinType, Query, SelectStatement, UnionType, WithClause,
};

use crate::dialect::Dialect;
use crate::error::SqlError;
use crate::truth::Truth;
use crate::writer::{Entered, Scope, Want, Writer, constant, one_expression, restrict};

/// The alternatives of a definition.
#[derive(Default)]
struct Alternatives {
    /// Those that do not mention the set.
    first: Vec<Formula>,
    /// Those that do, each once.
    steps: Vec<Formula>,
}

/// A set that is being defined.
struct Set<'s> {
    number: u32,
    /// Its name in SQL.
    name: &'s str,
    key: &'s [String],
    /// Whether it has those that are members, or those that may be: of which it is not false.
    want: Want,
}

impl Writer<'_> {
    /// That a row is a member, or that it is none.
    pub(crate) fn least(&mut self, definition: &Definition, row: Row, want: Want) -> Result<Truth, SqlError> {
        let Alternatives { first, steps } = alternatives(&definition.formula, definition.number, want)?;
        let of = self.scope(row)?.clone();
        let outer = std::mem::replace(&mut self.scopes, self.beside.clone());
        let members = self.members(definition, &Formula::any(first), &steps, want);
        self.scopes = outer;
        let Some(members) = members? else { return Ok(Truth::of(want == Want::Fails)) };
        let key = self.tables.row_type(&definition.class)?.key().to_vec();
        let own = self.key(&of, &key)?;
        Ok(match want {
            Want::Holds => Truth::listed(vec![own], members, self.dialect),
            Want::Fails => own.not_in_subquery(members).into(),
        })
    }

    /// The keys of all members; of all that may be members, where it is wanted that a row is none. `None` where there are none.
    fn members(
        &mut self,
        definition: &Definition,
        first: &Formula,
        steps: &[Formula],
        want: Want,
    ) -> Result<Option<SelectStatement>, SqlError> {
        let key = self.tables.row_type(&definition.class)?.key().to_vec();
        let name = self.new_set();
        let table = self.tables.table(&definition.class)?;
        let set = Set { number: definition.number, name: &name, key: &key, want };
        let Some(mut query) = self.first(definition, first, &key, want)? else { return Ok(None) };
        let steps = steps.iter().map(|step| self.step(definition, &set, step));
        let steps: Vec<SelectStatement> =
            steps.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let columns: Vec<String> = key.iter().map(|part| table.column_of(part).to_owned()).collect();
        for step in self.beside_set(&name, &columns, steps) {
            query.union(UnionType::Distinct, step);
        }
        let columns: Vec<String> = (0..key.len()).map(column).collect();
        let with = self.with_recursive(&name, columns.clone(), query);
        let mut select = Query::select();
        select.columns(columns).from(name).with_cte(with);
        Ok(Some(select))
    }

    /// The clause that gives a set its name.
    pub(crate) fn with_recursive(
        &self,
        name: &str,
        columns: Vec<String>,
        query: SelectStatement,
    ) -> WithClause {
        let mut table = CommonTableExpression::new();
        table.table_name(name.to_owned()).columns(columns).query(query);
        let mut with = WithClause::new();
        with.recursive(true).cte(table);
        with
    }

    fn first(
        &mut self,
        definition: &Definition,
        first: &Formula,
        key: &[String],
        want: Want,
    ) -> Result<Option<SelectStatement>, SqlError> {
        let mut select = Query::select();
        let member = self.member(definition, &mut select, key)?;
        let condition = self.is_row(&member)?;
        self.scopes.push(member);
        let condition = condition.and(self.wanted(first, want)?);
        self.scopes.pop();
        Ok(match condition {
            Truth::Never => None,
            condition => {
                restrict(&mut select, condition);
                Some(select)
            }
        })
    }

    /// That a formula is true; that it is not false, where it is wanted of a row that it is no member.
    fn wanted(&mut self, formula: &Formula, want: Want) -> Result<Truth, SqlError> {
        match want {
            Want::Holds => self.formula(formula, Want::Holds),
            Want::Fails => self.possible(formula),
        }
    }

    /// A query from a member, of its key.
    fn member(
        &mut self,
        definition: &Definition,
        select: &mut SelectStatement,
        key: &[String],
    ) -> Result<Scope, SqlError> {
        let member = self.named(definition.row, &definition.class);
        for part in key {
            select.expr(self.join_column(&member, part)?.expr);
        }
        self.add_from(&member, select)?;
        Ok(member)
    }

    /// The rows that a step makes members, from rows of the set, which the query's `FROM` does not have yet; `None` where it makes none.
    fn step(
        &mut self,
        definition: &Definition,
        set: &Set<'_>,
        step: &Formula,
    ) -> Result<Option<SelectStatement>, SqlError> {
        let mut select = Query::select();
        let member = self.member(definition, &mut select, set.key)?;
        let mut conditions = vec![self.is_row(&member)?];
        self.scopes.push(member);
        let written = self.step_from(set, step, &mut select, &mut conditions);
        self.scopes.pop();
        written?;
        Ok(match Truth::all(conditions) {
            Truth::Never => None,
            condition => {
                restrict(&mut select, condition);
                Some(select)
            }
        })
    }

    fn step_from(
        &mut self,
        set: &Set<'_>,
        step: &Formula,
        select: &mut SelectStatement,
        conditions: &mut Vec<Truth>,
    ) -> Result<(), SqlError> {
        match step {
            Formula::Again(number, row) if *number == set.number => {
                let row = self.scope(*row)?.clone();
                for (place, part) in set.key.iter().enumerate() {
                    let own = self.join_column(&row, part)?.expr;
                    conditions.push(own.eq(Expr::col((set.name.to_owned(), column(place)))).into());
                }
                Ok(())
            }
            Formula::All(parts) => {
                for part in parts.iter() {
                    if mentions(part, set.number) {
                        self.step_from(set, part, select, conditions)?;
                    } else {
                        conditions.push(self.wanted(part, set.want)?);
                    }
                }
                Ok(())
            }
            Formula::Some(related) | Formula::One(related) => {
                if self.leads_to_member(set, related, conditions)? {
                    return Ok(());
                }
                let Entered { pairs, others } = self.enter(related, select)?;
                conditions.extend([self.joined(&pairs)?, others]);
                self.step_from(set, &related.formula, select, conditions)
            }
            _ => Err(SqlError::Recursion("a step to a member that is neither a relation nor a condition")),
        }
    }

    /// A relation by the whole key of a member, of which nothing else is asked: a member is there, so that its row need not be looked at.
    fn leads_to_member(
        &self,
        set: &Set<'_>,
        related: &Related,
        conditions: &mut Vec<Truth>,
    ) -> Result<bool, SqlError> {
        let of = self.scope(related.of)?;
        let relation = self.tables.relation(&of.class, &related.relation)?;
        let is_member = matches!(&related.formula, Formula::Again(_, row) if *row == related.row);
        if !is_member || relation.through.is_some() || relation.on.len() != set.key.len() {
            return Ok(false);
        }
        let member = Scope::new(related.row, &related.class, set.name);
        let mut found = Vec::with_capacity(relation.on.len());
        for (own, other) in &relation.on {
            let Some(place) = set.key.iter().position(|part| part == other) else { return Ok(false) };
            let mut key = self.join_column(&member, other)?;
            key.expr = Expr::col((set.name.to_owned(), column(place)));
            found.push(self.join_column(of, own)?.leads_to(&key, self.dialect)?);
        }
        conditions.append(&mut found);
        Ok(true)
    }

    /// Steps with the set in their `FROM`. PostgreSQL lets a set be mentioned once, so there all steps, whose columns have these names, are beside one mention.
    pub(crate) fn beside_set(
        &mut self,
        set: &str,
        columns: &[String],
        steps: Vec<SelectStatement>,
    ) -> Vec<SelectStatement> {
        let mut steps = steps.into_iter();
        let Some(first) = steps.next() else { return Vec::new() };
        let rest: Vec<SelectStatement> = steps.collect();
        if self.dialect != Dialect::Postgres || rest.is_empty() {
            let with_set = |mut step: SelectStatement| {
                step.from(set.to_owned());
                step
            };
            return std::iter::once(first).chain(rest).map(with_set).collect();
        }
        let more = self.new_set();
        let mut together = Query::select();
        for column in columns {
            together.expr(Expr::col((more.clone(), column.clone())));
        }
        let mut all = first;
        for step in rest {
            all.union(UnionType::All, step);
        }
        together.from(set.to_owned());
        together.join_lateral(JoinType::InnerJoin, all, more, constant(true));
        vec![together]
    }

    /// The key of a row, as one expression.
    fn key(&self, scope: &Scope, key: &[String]) -> Result<Expr, SqlError> {
        let parts = key.iter().map(|part| Ok(self.join_column(scope, part)?.expr));
        Ok(one_expression(parts.collect::<Result<_, SqlError>>()?))
    }
}

/// The name of a part of a member's key.
fn column(place: usize) -> String {
    format!("k{place}")
}

/// Distributes conjunctions and relations over the alternatives within.
fn alternatives(formula: &Formula, number: u32, want: Want) -> Result<Alternatives, SqlError> {
    let mut found = Alternatives::default();
    if !mentions(formula, number) {
        found.first.push(formula.clone());
        return Ok(found);
    }
    match formula {
        Formula::Again(..) => found.steps.push(formula.clone()),
        Formula::Any(parts) => {
            for part in parts.iter() {
                let inner = alternatives(part, number, want)?;
                found.first.extend(inner.first);
                found.steps.extend(inner.steps);
            }
        }
        Formula::All(parts) => {
            let mut places = parts.iter().enumerate().filter(|(_, part)| mentions(part, number));
            let (Some((place, part)), None) = (places.next(), places.next()) else {
                return Err(SqlError::Recursion("two rows must be members at once"));
            };
            let with = |inner: Formula| {
                let (before, after) = (parts.iter().take(place), parts.iter().skip(place + 1));
                Formula::all(before.cloned().chain([inner]).chain(after.cloned()))
            };
            let inner = alternatives(part, number, want)?;
            found.first.extend(inner.first.into_iter().map(with));
            found.steps.extend(inner.steps.into_iter().map(with));
        }
        Formula::Some(related) | Formula::One(related) => {
            let is_some = matches!(formula, Formula::Some(_));
            if !is_some && want == Want::Fails {
                // Without the row it is unknown.
                let there = Formula::some(Related { formula: Formula::TRUE, ..(**related).clone() });
                found.first.push(there.negated());
            }
            let with = |inner: Formula| {
                let related = Related { formula: inner, ..(**related).clone() };
                if is_some { Formula::some(related) } else { Formula::one(related) }
            };
            let inner = alternatives(&related.formula, number, want)?;
            found.first.extend(inner.first.into_iter().map(with));
            found.steps.extend(inner.steps.into_iter().map(with));
        }
        Formula::Not(_) => return Err(SqlError::Recursion("a row must be no member")),
        _ => return Err(SqlError::Recursion("two sets are defined by one another")),
    }
    Ok(found)
}

fn mentions(formula: &Formula, number: u32) -> bool {
    let mut found = false;
    formula.each(&mut |part| found |= matches!(part, Formula::Again(other, _) if *other == number));
    found
}
