//! Whether rules can be filters, said when a policy is loaded and not when a filter is asked for.

use arctos_syntax::Span;

use super::value::Value;
use super::{Place, Reader};
use crate::authorizer::NoObjects;
use crate::error::Error;
use crate::limits::Limits;
use crate::policy::{Policy, RuleId};
use crate::query::predicate_of;
use crate::residual::rows::RowTypes;

/// Whether a rule can be a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Filterable {
    /// The rule.
    pub rule: RuleId,
    /// Where it stands.
    pub span: Span,
    /// What in it, and in the rules that it calls, has no meaning for rows that are not at hand. None where it can be a filter.
    pub faults: Vec<Fault>,
}

/// Something that has no meaning for rows that are not at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What, in a sentence.
    pub reason: String,
    /// Where it stands; `None` where it stands in no source.
    pub span: Option<Span>,
    /// Its place in words, empty where it stands in no source.
    pub location: String,
}

/// For each rule of that name that may be about a row of `class`, whether it can be a filter. The last argument is the row, all others
/// are known when a question is asked.
///
/// ```
/// use arctos::residual::{RowType, RowTypes, ValueType, filterable};
/// use arctos::rust::{Arctos, PolarClass};
///
/// #[derive(PolarClass)]
/// struct Page { #[polar(attribute)] is_public: bool }
///
/// let arctos = Arctos::builder()
///     .register::<Page>()
///     .load_str(r#"
///         allow(_, "read", page: Page) if page.is_public;
///         allow(user, "edit", page: Page) if page.owned_by(user);
///     "#)
///     .build()?;
/// let rows = RowTypes::new().with("Page", RowType::new(["id"]).attribute("is_public", ValueType::Boolean));
/// let verdicts = filterable(&arctos.policy(), "allow", 3, "Page", &rows)?;
/// assert!(verdicts[0].faults.is_empty());
/// assert_eq!(verdicts[1].faults[0].location, "line 3, column 44");
/// # Ok::<(), arctos::Error>(())
/// ```
///
/// # Errors
/// Where there is no rule of that name and number of parameters, or nothing is known of the class; where looking takes more than the default
/// [`Limits`] allow.
pub fn filterable(
    policy: &Policy,
    rule: &str,
    arity: u32,
    class: &str,
    rows: &RowTypes,
) -> Result<Vec<Filterable>, Error> {
    let Some(predicate) = predicate_of(policy, rule, arity)? else { return Ok(Vec::new()) };
    let limits = Limits::default();
    let mut host = NoObjects;
    let mut verdicts = Vec::new();
    let arguments = |row| {
        let mut arguments = vec![Value::Later; (arity as usize).saturating_sub(1)];
        arguments.push(Value::Row(row));
        arguments
    };
    let mut reader = Reader::new(policy, &mut host, rows, &limits);
    reader.check_tables()?;
    let root = reader.new_row(class)?;
    let mut rules = reader.candidates(predicate, &arguments(root));
    rules.retain(|rule| {
        let clause = policy.0.clause(*rule);
        clause.is_some_and(|clause| reader.may_fit(clause, &arguments(root)))
    });
    for rule in rules {
        let mut reader = Reader::new(policy, &mut host, rows, &limits);
        reader.faults = Some(Vec::new());
        let root = reader.new_row(class)?;
        let faults = reader.faults_of(rule, &arguments(root))?;
        let span = policy.rule(rule).map_or(Span::default(), |rule| rule.span);
        verdicts.push(Filterable { rule, span, faults });
    }
    Ok(verdicts)
}

impl Reader<'_, NoObjects> {
    fn faults_of(&mut self, rule: RuleId, arguments: &[Value]) -> Result<Vec<Fault>, Error> {
        let Some(clause) = self.program.clause(rule) else { return Ok(Vec::new()) };
        let next = self.entered(rule, clause, arguments, self.cut_of(clause).map(|cut| (cut, true)), None)?;
        self.solve(next)?;
        let faults = self.faults.take().unwrap_or_default();
        Ok(faults.into_iter().map(|(place, error)| self.fault(place, &error)).collect())
    }

    fn fault(&self, place: Place, error: &Error) -> Fault {
        let span = place.and_then(|(goal, _)| self.program.code.spans.get(goal as usize)).copied();
        let span = span.filter(|span| span.start < span.end);
        Fault {
            reason: error.message().to_owned(),
            span,
            location: span.map_or_else(String::new, |span| self.program.sources.locate(span)),
        }
    }
}
