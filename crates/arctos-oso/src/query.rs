//! Answers, one by one.

use std::collections::HashMap;
use std::fmt;

use arctos::{Bound, ErrorKind, Policy, View};

use crate::errors::{OsoError, Result};
use crate::from_polar::FromPolar;
use crate::host::{ClassHost, to_term, to_value};
use crate::value::PolarValue;

/// A question that has been asked: an iterator over its answers, found one by one.
pub struct Query {
    query: arctos::Query<ClassHost>,
    source: String,
    /// Variables among the arguments: an answer that says nothing about one leaves it a variable.
    variables: Vec<String>,
    /// What went wrong in asking: the first answer.
    failed: Option<OsoError>,
    done: bool,
}

impl Query {
    pub(crate) fn text(policy: &Policy, host: ClassHost, text: &str) -> Result<Query> {
        let mut query = arctos::Query::new(policy, host);
        match query.ask_text(text, &[]) {
            Err(error) if error.kind() == ErrorKind::Invalid => Err(error.into()),
            asked => Ok(Query::asked(query, text.to_owned(), Vec::new(), asked)),
        }
    }

    pub(crate) fn rule(policy: &Policy, host: ClassHost, name: &str, arguments: &[PolarValue]) -> Query {
        let mut query = arctos::Query::new(policy, host);
        let terms: Vec<_> = arguments.iter().map(|argument| to_term(&mut query, argument)).collect();
        let asked = query.ask(name, &terms);
        let variables = arguments.iter().filter_map(|argument| match argument {
            PolarValue::Variable(name) => Some(name.clone()),
            _ => None,
        });
        Query::asked(query, format!("{name}/{}", terms.len()), variables.collect(), asked)
    }

    fn asked(
        query: arctos::Query<ClassHost>,
        source: String,
        variables: Vec<String>,
        asked: std::result::Result<(), arctos::Error>,
    ) -> Query {
        Query { query, source, variables, failed: asked.err().map(OsoError::from), done: false }
    }

    /// What was asked.
    pub fn source(&self) -> String {
        self.source.clone()
    }

    /// The next answer; none after an error.
    pub fn next_result(&mut self) -> Option<Result<ResultSet>> {
        if self.done {
            return None;
        }
        let answer = match self.failed.take() {
            Some(error) => Some(Err(error)),
            None => match self.query.next() {
                Ok(answer) => answer.map(|answer| ResultSet::of(&answer, &self.variables)),
                Err(error) => Some(Err(error.into())),
            },
        };
        self.done = !matches!(answer, Some(Ok(_)));
        answer
    }

    pub(crate) fn decide(mut self) -> Result<bool> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(self.query.decide()?),
        }
    }
}

impl Iterator for Query {
    type Item = Result<ResultSet>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_result()
    }
}

/// One answer: what the question's variables stand for.
///
/// ```
/// # use oso::{Oso, PolarValue};
/// let answer = Oso::new().query("x = 1 and y = \"a\"")?.next().expect("an answer")?;
/// let mut names: Vec<&str> = answer.keys().collect();
/// names.sort();
/// assert_eq!(names, ["x", "y"]);
/// assert_eq!(answer.get("x"), Some(PolarValue::Integer(1)));
/// assert_eq!(answer.get_typed::<String>("y")?, "a");
/// assert!(!answer.is_empty() && answer.iter_bindings().count() == 2);
/// # Ok::<(), oso::OsoError>(())
/// ```
#[derive(Clone)]
pub struct ResultSet {
    bindings: Vec<(String, PolarValue)>,
}

impl ResultSet {
    fn of(answer: &arctos::Answer<'_, crate::host::Handle>, variables: &[String]) -> Result<ResultSet> {
        let mut bindings = Vec::new();
        for (name, bound) in answer.iter() {
            let value = match bound {
                Bound::Term(term) => match answer.heap().view(*term) {
                    View::Variable(_) => PolarValue::Variable(name.to_owned()),
                    _ => to_value(answer.heap(), *term),
                },
                Bound::Condition(_) => {
                    let message =
                        format!("`{name}` has no value in this answer, only conditions that it must meet");
                    return Err(OsoError::custom(message));
                }
            };
            bindings.push((name.to_owned(), value));
        }
        for name in variables {
            if answer.get(name).is_none() {
                bindings.push((name.clone(), PolarValue::Variable(name.clone())));
            }
        }
        Ok(ResultSet { bindings })
    }

    /// The names of the variables.
    pub fn keys(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.bindings.iter().map(|(name, _)| name.as_str()))
    }

    /// The variables with their values.
    pub fn iter_bindings(&self) -> Box<dyn Iterator<Item = (&str, &PolarValue)> + '_> {
        Box::new(self.bindings.iter().map(|(name, value)| (name.as_str(), value)))
    }

    /// True when the question has no variables.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }

    /// What a variable stands for.
    pub fn get(&self, name: &str) -> Option<PolarValue> {
        self.bindings.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// What a variable stands for, as a Rust value.
    ///
    /// # Errors
    /// Where there is no such variable, or it stands for a value of another kind.
    pub fn get_typed<T: FromPolar>(&self, name: &str) -> Result<T> {
        self.get(name).ok_or(OsoError::FromPolar).and_then(T::from_polar)
    }
}

impl fmt::Debug for ResultSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter_bindings()).finish()
    }
}

impl<S: AsRef<str>, T: FromPolar + PartialEq<T>> PartialEq<HashMap<S, T>> for ResultSet {
    /// True when all of these are in the answer.
    fn eq(&self, other: &HashMap<S, T>) -> bool {
        other
            .iter()
            .all(|(name, value)| self.get_typed::<T>(name.as_ref()).is_ok_and(|found| &found == value))
    }
}
