//! Conjunctive questions: calls over typed variables.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::answers::Row;
use super::asking::{Answers, Question, Variable, called};
use super::{Authorizer, Request};
use crate::error::{Error, ErrorKind};
use crate::facts::{Value, ValueRef};

/// A question of several calls over variables, each of a type or with given values: which rows of values make all calls hold?
///
/// ```
/// # use arctos::facts::{self, Facts, Value};
/// # use arctos::{Authorizer, Conjunction, Policy, Request, Schema, Sources};
/// # let mut schema = Schema::new();
/// # schema.enable_facts();
/// # let mut sources = Sources::default();
/// # sources.add(None, r#"
/// #     actor User {}
/// #     resource Org { roles = ["member"]; }
/// #     resource Repo { permissions = ["read"]; relations = { org: Org }; "read" if "member" on "org"; }
/// # "#);
/// # let policy = Policy::load(&schema, sources)?;
/// let mut change = Facts::new().change();
/// for fact in facts::parse(None, r#"
///     has_role(User{"ann"}, "member", Org{"acme"});
///     has_relation(Repo{"site"}, "org", Org{"acme"});
///     has_relation(Repo{"tool"}, "org", Org{"apex"});
/// "#)? {
///     change.insert(&fact)?;
/// }
/// let authorizer = Authorizer::new(&policy, change.commit().0)?;
///
/// // Which repositories of which organization she may read.
/// let question = Conjunction::new()
///     .is("ann", Value::entity("User", "ann"))
///     .is("read", "read".into())
///     .is("org", "org".into())
///     .of_type("repo", "Repo")
///     .of_type("where", "Org")
///     .call("allow", ["ann", "read", "repo"])
///     .call("has_relation", ["repo", "org", "where"]);
/// let rows = authorizer.answers(&Request::default(), &question)?;
/// let shown: Vec<String> = rows.iter().map(|row| row.get("repo").map_or("*".into(), Value::to_string)).collect();
/// assert_eq!(shown, [r#"Repo{"site"}"#]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Conjunction {
    calls: Vec<(String, Vec<String>)>,
    variables: Vec<(String, Constraint)>,
}

/// What a variable may be.
#[derive(Clone, Debug)]
enum Constraint {
    OfType(String),
    Among(Vec<Value>),
}

impl Conjunction {
    /// A question without calls or variables yet.
    pub fn new() -> Self {
        Conjunction::default()
    }

    /// Adds a call of a rule or of facts, with variables as its arguments.
    #[must_use]
    pub fn call<S: Into<String>>(
        mut self,
        predicate: impl Into<String>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.calls.push((predicate.into(), arguments.into_iter().map(Into::into).collect()));
        self
    }

    /// A variable that is of a type: of exactly that one.
    #[must_use]
    pub fn of_type(self, name: impl Into<String>, type_name: impl Into<String>) -> Self {
        self.variable(name, Constraint::OfType(type_name.into()))
    }

    /// A variable that has one of these values.
    #[must_use]
    pub fn among(self, name: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        self.variable(name, Constraint::Among(values.into_iter().collect()))
    }

    /// A variable that has this value.
    #[must_use]
    pub fn is(self, name: impl Into<String>, value: Value) -> Self {
        self.among(name, [value])
    }

    fn variable(mut self, name: impl Into<String>, constraint: Constraint) -> Self {
        self.variables.push((name.into(), constraint));
        self
    }

    /// The number of a variable.
    fn number(&self, name: &str) -> Result<u32, Error> {
        match self.variables.iter().position(|(known, _)| known == name) {
            Some(number) => Ok(number as u32),
            None => Err(misuse(format!("nothing is said of the variable `{name}`"))),
        }
    }

    /// Refuses what is no question.
    fn refuse_nonsense(&self) -> Result<(), Error> {
        let mut names = FxHashSet::default();
        for (name, _) in &self.variables {
            if !names.insert(name) {
                return Err(misuse(format!("the variable `{name}` is given twice")));
            }
            if !self.calls.iter().any(|(_, arguments)| arguments.contains(name)) {
                return Err(misuse(format!("no call has the variable `{name}`")));
            }
        }
        Ok(())
    }
}

/// The answers of a [`Conjunction`], in ascending order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    names: Vec<String>,
    rows: Vec<Vec<Option<Value>>>,
}

impl Rows {
    /// The variables, in the order in which the question gave them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when nothing makes all calls hold.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = AnswerRow<'_>> {
        self.rows.iter().map(|values| AnswerRow { names: &self.names, values })
    }
}

/// One answer of a [`Conjunction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerRow<'r> {
    names: &'r [String],
    values: &'r [Option<Value>],
}

impl<'r> AnswerRow<'r> {
    /// The values by variable; `None` for one that may be whatever value of its type.
    pub fn values(self) -> &'r [Option<Value>] {
        self.values
    }

    /// The value of a variable; `None` for one that may be whatever value of its type, and for a name that the question does not
    /// have.
    pub fn get(self, name: &str) -> Option<&'r Value> {
        let place = self.names.iter().position(|known| known == name)?;
        self.values.get(place)?.as_ref()
    }
}

impl Authorizer {
    /// All rows of values for which every call of a question holds. A variable without a value in a row may be whatever value of its
    /// type; rows that such a row includes are left out.
    ///
    /// # Errors
    /// As [`Authorizer::list_resources`](Authorizer::list_resources), and [`ErrorKind::Misuse`] for a question without calls and one
    /// whose variables do not fit its calls.
    pub fn answers(&self, request: &Request<'_>, question: &Conjunction) -> Result<Rows, Error> {
        question.refuse_nonsense()?;
        if question.calls.is_empty() {
            return Err(misuse("a question has at least one call"));
        }
        let mut calls = Vec::new();
        for (rule, arguments) in &question.calls {
            let predicate = called(self, rule, arguments.len())?;
            let arguments = arguments.iter().map(|name| question.number(name)).collect::<Result<_, _>>()?;
            calls.push((predicate, arguments));
        }
        let variables = question.variables.iter().map(|(_, constraint)| match constraint {
            Constraint::OfType(name) => Variable::OfType(name),
            Constraint::Among(values) => match values.as_slice() {
                [value] => Variable::Known(value.as_ref()),
                values => Variable::Among(values),
            },
        });
        let asked = Question { calls, variables: variables.collect() };
        let answers = self.ask(request, &asked)?;
        let rows = answers.rows.iter().map(|row| values(&answers, row, &asked.variables)).collect();
        let names = question.variables.iter().map(|(name, _)| name.clone()).collect();
        Ok(Rows { names, rows: without_included(rows) })
    }
}

/// A row with the values of all variables.
fn values(answers: &Answers, row: &Row, variables: &[Variable<'_>]) -> Vec<Option<Value>> {
    let mut found = row.iter();
    let value = |variable: &Variable<'_>| match variable {
        Variable::Known(value) => Some(value.to_value()),
        Variable::OfType(_) | Variable::Among(_) => {
            let atom = found.next().copied().flatten()?;
            answers.value(atom).map(ValueRef::to_value)
        }
    };
    variables.iter().map(value).collect()
}

/// Leaves out rows that another row includes, which has whatever value where they have one.
fn without_included(rows: BTreeSet<Vec<Option<Value>>>) -> Vec<Vec<Option<Value>>> {
    // By which variables are open: all rows of that kind.
    let mut kinds: FxHashMap<Vec<bool>, FxHashSet<Vec<&Option<Value>>>> = FxHashMap::default();
    for row in rows.iter().filter(|row| row.contains(&None)) {
        let open: Vec<bool> = row.iter().map(Option::is_none).collect();
        kinds.entry(open).or_default().insert(row.iter().collect());
    }
    let is_included = |row: &Vec<Option<Value>>| {
        kinds.iter().any(|(open, known)| {
            let is_more_open = row.iter().zip(open).any(|(value, open)| *open && value.is_some());
            let as_open = row.iter().zip(open).map(|(value, open)| if *open { &None } else { value });
            is_more_open && known.contains(&as_open.collect::<Vec<_>>())
        })
    };
    let included: Vec<bool> = rows.iter().map(is_included).collect();
    rows.into_iter().zip(included).filter(|(_, included)| !included).map(|(row, _)| row).collect()
}

#[cold]
fn misuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Misuse, message)
}
