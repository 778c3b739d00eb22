//! Running a test: its facts, then each assertion as a question of its own.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::{AssertionOutcome, Expected, PolicyAssertion, PolicyTest, TestOutcome, Verdict, reasons};
use crate::authorizer::{NoObjects, Request};
use crate::error::{Error, ErrorKind};
use crate::facts::{Facts, Value};
use crate::heap::{Heap, View};
use crate::limits::Limits;
use crate::link::refused;
use crate::observe::Observer;
use crate::policy::Policy;
use crate::query::{Answer, Bound, Expression, Operand, Query};

/// Runs the tests of a policy.
#[derive(Clone, Debug)]
pub struct Runner {
    policy: Policy,
    limits: Limits,
    unix_time: Option<i64>,
}

impl Runner {
    /// A runner with the standard [`Limits`], and no time but what tests set.
    pub fn new(policy: &Policy) -> Self {
        Runner { policy: policy.clone(), limits: Limits::default(), unix_time: None }
    }

    /// The same with other limits, for each assertion. There is no clock, so [`Limits::time`] does not count.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Runner { limits, ..self }
    }

    /// The same with a `@current_unix_time` for tests that set none.
    #[must_use]
    pub fn with_unix_time(self, seconds: i64) -> Self {
        Runner { unix_time: Some(seconds), ..self }
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How the assertions of a test are asked, of this policy or one made from it.
    pub(super) fn asking<'r>(
        &'r self,
        policy: &'r Policy,
        test: &'r PolicyTest,
        limits: Option<&'r Limits>,
    ) -> Asking<'r> {
        Asking {
            policy,
            limits: limits.unwrap_or(&self.limits),
            request: Request { unix_time: test.given.unix_time.or(self.unix_time), ..test.given.request() },
        }
    }

    /// Runs a test of the policy: every assertion, also after one that does not hold.
    pub fn run(&self, test: &PolicyTest) -> TestOutcome {
        self.observe(test, |_| (), |_, ()| ())
    }

    /// As [`Runner::run`], watched: each assertion, by its place in the test, by an observer of its own.
    pub fn observe<O: Observer>(
        &self,
        test: &PolicyTest,
        mut observer: impl FnMut(usize) -> O,
        mut seen: impl FnMut(usize, O),
    ) -> TestOutcome {
        let asking = self.asking(&self.policy, test, None);
        let facts = facts_of(test);
        let one = |(place, assertion): (usize, &PolicyAssertion)| {
            let verdict = match &facts {
                Ok(facts) => {
                    let (verdict, observer, _) = asking.verdict(assertion, facts, observer(place));
                    seen(place, observer);
                    verdict
                }
                Err(message) => Verdict::Failed(Error::new(ErrorKind::Facts, message)),
            };
            let explain = |facts| {
                let at = (asking.limits, &asking.request);
                reasons::of(&verdict, assertion, (&self.policy, facts), at)
            };
            let explanations = facts.as_ref().map_or_else(|_| Vec::new(), explain);
            AssertionOutcome { span: assertion.span, asked: assertion.asked, verdict, explanations }
        };
        TestOutcome { assertions: test.assertions.iter().enumerate().map(one).collect() }
    }
}

/// The facts that a test starts from, or why they are none.
pub(super) fn facts_of(test: &PolicyTest) -> Result<Facts, String> {
    let mut change = Facts::new().change();
    for fact in &test.facts {
        let inserted = change.insert(fact);
        inserted.map_err(|error| format!("the test states `{fact}`: {}", refused(error).message()))?;
    }
    Ok(change.commit().0)
}

/// How an assertion is asked.
pub(super) struct Asking<'r> {
    policy: &'r Policy,
    limits: &'r Limits,
    request: Request<'r>,
}

impl Asking<'_> {
    /// What an assertion comes to, what the observer has seen, and how many steps it took.
    pub(super) fn verdict<O: Observer>(
        &self,
        assertion: &PolicyAssertion,
        facts: &Facts,
        observer: O,
    ) -> (Verdict, O, u64) {
        let (mut query, ready) = self.query(facts, observer);
        let asked = ready.and_then(|()| query.ask_expression(&assertion.question, &[]));
        let verdict = asked.and_then(|()| match &assertion.expected {
            Expected::Holds => Ok(if query.decide()? { Verdict::Passed } else { Verdict::HoldsNot }),
            Expected::HoldsNot => Ok(match query.decide()? {
                true => Verdict::Holds { values: self.first(assertion, facts).unwrap_or_default() },
                false => Verdict::Passed,
            }),
            Expected::Exactly { variable, values } => Ok(compare(values, self.values(&mut query, variable)?)),
        });
        let steps = query.steps();
        (verdict.unwrap_or_else(Verdict::Failed), query.into_observer(), steps)
    }

    fn query<O: Observer>(&self, facts: &Facts, observer: O) -> (Query<NoObjects, O>, Result<(), Error>) {
        let mut query = Query::observed(self.policy, NoObjects, observer);
        query.set_limits(self.limits.clone());
        let ready = query.set_request(facts, &self.request);
        (query, ready)
    }

    /// The values of a variable in all answers.
    fn values<O: Observer>(
        &self,
        query: &mut Query<NoObjects, O>,
        variable: &str,
    ) -> Result<BTreeSet<Value>, Error> {
        let mut values = BTreeSet::new();
        while let Some(answer) = query.next()? {
            values.insert(self.value(&answer, variable)?);
        }
        Ok(values)
    }

    /// Values of a question's variables for which it holds, as far as they can be told.
    fn first(&self, assertion: &PolicyAssertion, facts: &Facts) -> Result<Vec<(String, Value)>, Error> {
        let (mut query, ready) = self.query(facts, ());
        ready?;
        query.ask_expression(&assertion.question, &[])?;
        let Some(answer) = query.next()? else { return Ok(Vec::new()) };
        let told =
            answer.iter().filter_map(|(name, _)| Some((name.to_owned(), self.value(&answer, name).ok()?)));
        Ok(told.collect())
    }

    fn value(&self, answer: &Answer<'_, Infallible>, variable: &str) -> Result<Value, Error> {
        let value = match answer.get(variable) {
            Some(Bound::Term(term)) => of_facts(answer.heap(), *term),
            Some(Bound::Condition(condition)) => self.type_of(condition).map(Value::Any),
            None => None,
        };
        value.ok_or_else(|| {
            let message = format!("an answer for `{variable}` is no value that facts can have");
            Error::new(ErrorKind::Undecided, message)
        })
    }

    /// The type that a condition asks for, where it asks for nothing else: the narrowest of several.
    fn type_of(&self, condition: &Expression) -> Option<String> {
        let schema = self.policy.schema();
        let mut narrowest: Option<&String> = None;
        for part in &condition.args {
            let Operand::Expression(Expression { op: "Isa", args }) = part else { return None };
            let [Operand::This, Operand::Pattern { class: Some(class), fields }] = args.as_slice() else {
                return None;
            };
            let is_narrower = |than: &String| match (schema.class(class), schema.class(than)) {
                (Some(class), Some(than)) => schema.is_subclass(class, than),
                // `Actor` and `Resource`, of which any type is a part.
                (class, _) => class.is_some(),
            };
            if !fields.is_empty() {
                return None;
            }
            if narrowest.is_none_or(is_narrower) {
                narrowest = Some(class);
            }
        }
        narrowest.cloned()
    }
}

/// A term as an argument of facts, if it is one.
fn of_facts(heap: &Heap<Infallible>, term: crate::heap::Term) -> Option<Value> {
    Some(match heap.view(term) {
        View::Entity { type_name, id } => Value::entity(type_name, id),
        View::String(text) => Value::String(text.to_owned()),
        View::Integer(value) => Value::Integer(value),
        View::Boolean(value) => Value::Boolean(value),
        _ => return None,
    })
}

/// Compares two sets of values, in which every value of a type includes each of them.
fn compare(expected: &BTreeSet<Value>, found: BTreeSet<Value>) -> Verdict {
    let found = without_included(found);
    let expected = without_included(expected.clone());
    if expected == found {
        return Verdict::Passed;
    }
    Verdict::Differs {
        missing: expected.difference(&found).cloned().collect(),
        unexpected: found.difference(&expected).cloned().collect(),
    }
}

fn without_included(mut values: BTreeSet<Value>) -> BTreeSet<Value> {
    let whole: Vec<String> = values
        .iter()
        .filter_map(|value| match value {
            Value::Any(type_name) => Some(type_name.clone()),
            _ => None,
        })
        .collect();
    values.retain(|value| {
        matches!(value, Value::Any(_)) || !whole.iter().any(|name| *name == value.as_ref().type_name())
    });
    values
}
