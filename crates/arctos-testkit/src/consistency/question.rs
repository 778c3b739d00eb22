//! One question about a case, put in every way there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use arctos::facts::{Fact, Value, ValueRef};
use arctos::{
    Authorizer, Bound, Conjunction, Error, ErrorKind, List, NoObjects, Policy, Query, Request, Rows, View,
};

use super::generate::{IDS, WORDS};
use crate::generate::Random;

/// The id and the string that no fact has.
const FRESH: &str = "fresh";

/// A rule, and its arguments: values, or types of what is asked for.
#[derive(Clone, Debug)]
pub(super) struct Question {
    rule: String,
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug)]
enum Argument {
    Known(Value),
    OfType(String),
    /// Asked for, among these.
    Among(Vec<Value>),
}

/// What names values.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) universe: &'a Universe,
    pub(super) facts: &'a str,
    pub(super) policy: &'a str,
}

impl Names<'_> {
    /// True for a value that lists must not leave out. The entities of a type are those that facts name.
    fn has(self, value: &Value) -> bool {
        let text = value.to_string();
        let is_entity = matches!(value, Value::Entity { .. });
        self.facts.contains(&text) || (!is_entity && self.policy.contains(&text))
    }
}

/// What a question came to.
pub(super) enum Said {
    Same(What),
    Skipped(&'static str),
    Different(String),
}

/// What kind of question it was.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct What {
    pub(super) answered: bool,
    pub(super) every: bool,
    pub(super) mixed: bool,
    pub(super) enumerated: bool,
}

/// Values for the arguments that are asked for, and what `check` says of them.
type Checked = Vec<(Vec<Value>, Result<bool, Error>)>;

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Known(value) => value.to_string(),
                Argument::OfType(name) => format!("?: {name}"),
                Argument::Among(values) => {
                    format!("? in [{}]", values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
                }
            })
            .collect();
        write!(f, "{}({})", self.rule, shown.join(", "))
    }
}

/// The values that questions are about.
#[derive(Clone, Debug)]
pub(super) struct Universe {
    /// By type. The last of each is one that nobody names.
    values: BTreeMap<String, Vec<Value>>,
    /// Types of first arguments and of others, the usual ones several times.
    actors: Vec<String>,
    resources: Vec<String>,
}

impl Universe {
    /// That of generated cases.
    pub(super) fn generated() -> Universe {
        let ids: Vec<String> = (0..IDS).map(|id| id.to_string()).chain([FRESH.to_owned()]).collect();
        let of_type = |name: &str| ids.iter().map(|id| Value::entity(name, id)).collect();
        let mut values: BTreeMap<String, Vec<Value>> =
            ["User", "Group", "Doc", "Folder"].map(|name| (name.to_owned(), of_type(name))).into();
        let words = WORDS.iter().chain([&FRESH]).map(|word| Value::from(*word));
        values.insert("String".to_owned(), words.collect());
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Universe {
            values,
            actors: names(&["User", "User", "User", "Group", "Group", "Doc", "Folder"]),
            resources: names(&["Doc", "Doc", "Doc", "Folder", "Folder", "User", "Group", "String"]),
        }
    }

    /// The values in some facts, and the strings in a policy.
    pub(super) fn of(facts: &[Fact], policy: &str) -> Universe {
        let mut found: BTreeMap<String, BTreeSet<Value>> = BTreeMap::new();
        let of_facts = facts.iter().flat_map(|fact| &fact.arguments);
        let of_policy = policy.split('"').skip(1).step_by(2).map(Value::from);
        for value in of_facts.cloned().chain(of_policy).filter(|value| !matches!(value, Value::Any(_))) {
            found.entry(value.as_ref().type_name().to_owned()).or_default().insert(value);
        }
        let with_fresh = |(name, values): (String, BTreeSet<Value>)| {
            let fresh = match &*name {
                "String" => Some(Value::from(FRESH)),
                "Integer" | "Boolean" => None,
                name => Some(Value::entity(name, FRESH)),
            };
            (name, values.into_iter().chain(fresh).collect())
        };
        let values: BTreeMap<String, Vec<Value>> = found.into_iter().map(with_fresh).collect();
        let types = || values.keys().filter(|name| *name != "String");
        // Those with a block of that kind several times.
        let usual = |kind: &str| {
            let has_block = |name: &&String| policy.contains(&format!("{kind} {name} "));
            let often = types().filter(has_block).flat_map(|name| vec![name.clone(); 8]);
            types().cloned().chain(often).collect()
        };
        let (actors, resources) = (usual("actor"), usual("resource"));
        Universe { values, actors, resources }
    }

    fn all_of(&self, type_name: &str) -> &[Value] {
        self.values.get(type_name).map_or(&[], Vec::as_slice)
    }
}

impl Question {
    /// A question to one of a policy's rules.
    pub(super) fn random(policy: &Policy, universe: &Universe, random: &mut Random) -> Option<Question> {
        let mut rules: Vec<(&str, usize)> = policy
            .rules()
            .map(|(_, rule)| (rule.name, rule.arity))
            .filter(|(_, arity)| (1..=3).contains(arity))
            .collect();
        rules.sort_unstable();
        rules.dedup();
        rules.extend(rules.clone().into_iter().filter(|(_, arity)| *arity == 3).flat_map(|rule| [rule; 3]));
        let (rule, arity) = *random.pick(&rules)?;
        let word = ["String".to_owned()];
        let arguments = (0..arity).map(|place| {
            let types = match place {
                1 if arity == 3 => &word,
                0 => universe.actors.as_slice(),
                _ => &universe.resources,
            };
            let name = random.pick(types).map_or("String", |name| name);
            let values = universe.all_of(name);
            match random.below(20) {
                0..=9 => Argument::OfType(name.to_owned()),
                10 => Argument::Among(values.iter().filter(|_| random.chance(60)).cloned().collect()),
                // What nobody names is asked about now and then.
                _ => match random.pick(values.get(..values.len().saturating_sub(1)).unwrap_or(values)) {
                    Some(value) if !random.chance(10) => Argument::Known(value.clone()),
                    _ => Argument::Known(values.last().cloned().unwrap_or(Value::Integer(0))),
                },
            }
        });
        Some(Question { rule: rule.to_owned(), arguments: arguments.collect() })
    }

    /// Asks it, and compares with what `check` says of every value.
    pub(super) fn put(&self, authorizer: &Authorizer, request: &Request<'_>, names: Names<'_>) -> Said {
        let checked = self.check_all(authorizer, request, names.universe);
        let are_named = |values: &[Value]| values.iter().all(|value| names.has(value));
        let is_exhausted = |error: &Error| matches!(error.kind(), ErrorKind::Exhausted(_));
        if checked.iter().any(|(_, said)| said.as_ref().is_err_and(is_exhausted)) {
            return Said::Skipped("a check takes too long");
        }
        let rows = match authorizer.answers(request, &self.conjunction()) {
            Ok(rows) => rows,
            Err(error) if is_exhausted(&error) => return Said::Skipped("the list takes too long"),
            Err(error) if error.kind() == ErrorKind::UnregisteredClass => {
                return Said::Skipped("an unknown type");
            }
            Err(_) if checked.iter().any(|(_, said)| said.is_err()) => {
                return Said::Skipped("a check fails too");
            }
            Err(error) => return Said::Different(format!("fails: {error}")),
        };
        let found = wrong_row(&checked, &rows, &are_named).or_else(|| disorder(&rows));
        let found = found.or_else(|| self.wrong_list(authorizer, request, &rows));
        if let Some(how) = found {
            return Said::Different(how);
        }
        let enumerated = match self.enumerated_otherwise(authorizer, request, &rows) {
            Err(how) => return Said::Different(how),
            Ok(enumerated) => enumerated,
        };
        let named = checked.iter().filter(|(values, _)| are_named(values));
        let said =
            |wanted: bool| named.clone().any(|(_, said)| said.as_ref().is_ok_and(|said| *said == wanted));
        Said::Same(What {
            answered: !rows.is_empty(),
            every: rows.iter().any(|row| row.values().contains(&None)),
            mixed: said(true) && said(false),
            enumerated,
        })
    }

    fn check_all(&self, authorizer: &Authorizer, request: &Request<'_>, universe: &Universe) -> Checked {
        let mut all = vec![Vec::new()];
        for argument in &self.arguments {
            let values = match argument {
                Argument::Known(value) => vec![value.clone()],
                Argument::OfType(name) => universe.all_of(name).to_vec(),
                Argument::Among(values) => values.clone(),
            };
            let longer = |row: &Vec<Value>| {
                values
                    .iter()
                    .map(|value| [row.as_slice(), std::slice::from_ref(value)].concat())
                    .collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        let mut checks = authorizer.checks(request);
        let check = |row: Vec<Value>| {
            let arguments: Vec<ValueRef<'_>> = row.iter().map(Value::as_ref).collect();
            let said = match &mut checks {
                Ok(checks) => checks.check(&self.rule, &arguments),
                Err(_) => authorizer.check_request(request, &self.rule, &arguments),
            };
            (row, said)
        };
        all.into_iter().map(check).collect()
    }

    fn conjunction(&self) -> Conjunction {
        let names = (0..self.arguments.len()).map(|place| format!("x{place}"));
        let question = Conjunction::new().call(&*self.rule, names.clone());
        names.zip(&self.arguments).fold(question, |question, (name, argument)| match argument {
            Argument::Known(value) => question.is(name, value.clone()),
            Argument::OfType(type_name) => question.of_type(name, type_name),
            Argument::Among(values) => question.among(name, values.clone()),
        })
    }

    /// Where the question is one that there is a list for, what is wrong with that.
    fn wrong_list(&self, authorizer: &Authorizer, request: &Request<'_>, rows: &Rows) -> Option<String> {
        use Argument::{Known, OfType};
        let list = match (&*self.rule, self.arguments.as_slice()) {
            ("allow", [Known(actor), Known(Value::String(action)), OfType(name)]) => {
                authorizer.list_resources(request, actor.as_ref(), action, name)
            }
            ("allow", [OfType(name), Known(Value::String(action)), Known(resource)]) => {
                authorizer.list_subjects(request, name, action, resource.as_ref())
            }
            ("allow", [Known(actor), OfType(name), Known(resource)]) if name == "String" => {
                authorizer.list_actions(request, actor.as_ref(), resource.as_ref())
            }
            ("has_role", [Known(actor), OfType(name), Known(resource)]) if name == "String" => {
                authorizer.list_roles(request, actor.as_ref(), resource.as_ref())
            }
            _ => return None,
        };
        let list = match list {
            Ok(list) => list,
            Err(error) => return Some(format!("the list fails: {error}")),
        };
        let open = self.arguments.iter().position(|argument| matches!(argument, OfType(_)))?;
        let expected: Vec<Option<String>> = rows
            .iter()
            .map(|row| match row.values().get(open) {
                Some(Some(Value::Entity { id, .. } | Value::String(id))) => Some(id.clone()),
                _ => None,
            })
            .collect();
        let found: Vec<Option<String>> =
            if list.is_every() { vec![None] } else { list.ids().map(|id| Some(id.to_owned())).collect() };
        if found != expected {
            return Some(format!("the list is {found:?}, the rows are {expected:?}"));
        }
        (1..=list.len() + 1).find_map(|size| wrong_pages(&list, size))
    }

    /// Whether the machine, enumerating the rules as they are written, finds the same; an error where that is something
    /// else, and `false` where it leaves conditions open.
    fn enumerated_otherwise(
        &self,
        authorizer: &Authorizer,
        request: &Request<'_>,
        rows: &Rows,
    ) -> Result<bool, String> {
        if self.arguments.iter().any(|argument| matches!(argument, Argument::Among(_))) {
            return Ok(false);
        }
        let Some(found) = self.enumerated(authorizer, request) else { return Ok(false) };
        let missed = found.iter().find(|values| !is_included(values, rows));
        if let Some(values) = missed {
            return Err(format!("the machine finds {}", show(values)));
        }
        for row in rows.iter() {
            let values: Option<Vec<Value>> = row.values().iter().cloned().collect();
            if values.is_none_or(|values| !found.contains(&values)) {
                return Err(format!("the machine does not find {:?}", row.values()));
            }
        }
        Ok(true)
    }

    /// The machine's answers of the right types; `None` where it fails or leaves something open.
    fn enumerated(&self, authorizer: &Authorizer, request: &Request<'_>) -> Option<BTreeSet<Vec<Value>>> {
        let mut query = Query::new(authorizer.policy(), NoObjects);
        query.set_limits(arctos::Limits { steps: super::STEPS, time: None, ..arctos::Limits::default() });
        query.set_facts(authorizer.facts().with_context(request.facts).ok()?);
        request.unix_time.into_iter().for_each(|seconds| query.set_unix_time(seconds));
        let mut terms = Vec::new();
        for (place, argument) in self.arguments.iter().enumerate() {
            terms.push(match argument {
                Argument::Known(Value::Entity { type_name, id }) => {
                    query.heap().entity(type_name, id).ok()?
                }
                Argument::Known(Value::String(text)) => query.heap().string(text),
                Argument::Known(_) => return None,
                Argument::OfType(_) | Argument::Among(_) => query.variable(&format!("x{place}")),
            });
        }
        query.ask(&self.rule, &terms).ok()?;
        let mut found = BTreeSet::new();
        while let Some(answer) = query.next().ok()? {
            let mut values = Vec::new();
            for (place, argument) in self.arguments.iter().enumerate() {
                values.push(match argument {
                    Argument::Known(value) => value.clone(),
                    _ => match answer.get(&format!("x{place}"))? {
                        Bound::Term(term) => value(answer.heap().view(*term))?,
                        Bound::Condition(_) => return None,
                    },
                });
            }
            let fits = |(argument, value): (&Argument, &Value)| match argument {
                Argument::OfType(name) => value.as_ref().type_name() == name,
                Argument::Known(_) | Argument::Among(_) => true,
            };
            if self.arguments.iter().zip(&values).all(fits) {
                found.insert(values);
            }
        }
        Some(found)
    }
}

/// The first value of which rows say something else than `check`.
fn wrong_row(checked: &Checked, rows: &Rows, are_named: &dyn Fn(&[Value]) -> bool) -> Option<String> {
    checked.iter().find_map(|(values, said)| {
        let is_listed = is_included(values, rows);
        let how = match said {
            Ok(true) if !is_listed && are_named(values) => "is left out",
            Ok(false) if is_listed => "is listed, and not allowed",
            _ => return None,
        };
        Some(format!("{} {how}", show(values)))
    })
}

/// Rows out of order, and rows that others include.
fn disorder(rows: &Rows) -> Option<String> {
    let all: Vec<&[Option<Value>]> = rows.iter().map(|row| row.values()).collect();
    if !all.is_sorted_by(|a, b| a < b) {
        return Some("rows are not in order".to_owned());
    }
    let includes = |a: &[Option<Value>], b: &[Option<Value>]| {
        a != b && a.iter().zip(b).all(|(a, b)| a.is_none() || a == b)
    };
    let included = all.iter().any(|row| all.iter().any(|other| includes(other, row)));
    included.then(|| "a row includes another".to_owned())
}

fn value<O>(view: View<'_, O>) -> Option<Value> {
    match view {
        View::Entity { type_name, id } => Some(Value::entity(type_name, id)),
        View::String(text) => Some(Value::from(text)),
        View::Integer(number) => Some(Value::from(number)),
        _ => None,
    }
}

fn is_included(values: &[Value], rows: &Rows) -> bool {
    let includes = |row: &[Option<Value>]| {
        row.iter().zip(values).all(|(known, value)| known.as_ref().is_none_or(|known| known == value))
    };
    rows.iter().any(|row| includes(row.values()))
}

fn show(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}

/// What is wrong with a list's pages of that size.
fn wrong_pages(list: &List, size: usize) -> Option<String> {
    let (mut laid, mut after) = (Vec::new(), None);
    loop {
        let page = match list.page(after.as_ref(), size) {
            Ok(page) => page,
            Err(error) => return Some(format!("a page of {size}: {error}")),
        };
        laid.extend(page.ids());
        match page.next() {
            Some(next) => after = Some(next.clone()),
            None => break,
        }
    }
    let whole: Vec<&str> = list.ids().collect();
    (laid != whole).then(|| format!("pages of {size} are {laid:?}"))
}
