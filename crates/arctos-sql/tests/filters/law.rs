//! The law: what the machine says of each row, what the formula says, and what databases find.

use std::collections::BTreeMap;

use arctos::residual::{Asked, Formula, Reader, Residual};
use arctos::{ErrorKind, Limits, Policy, Query, Sources};
use arctos_sql::{Filter, SqlError};
use arctos_testkit::differential::smaller;
use arctos_testkit::generate::{Case, Goal, Random, Rule};
use arctos_testkit::host::{WorldHost, to_term};
use arctos_testkit::world::World;

use crate::databases::Database;
use crate::policies;
use crate::rows::Data;

/// How many policies are asked about the same rows.
const POLICIES: u64 = 10;

/// How many steps a check or a reading may take.
const STEPS: u64 = 100_000;

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) filters: usize,
    pub(crate) selected: usize,
    pub(crate) left: usize,
    /// Rows of which the formula is unknown, and a check an error.
    pub(crate) unknown: usize,
    pub(crate) recursive: usize,
    /// Policies that come to nothing but true or false.
    pub(crate) settled: usize,
    pub(crate) by_database: BTreeMap<&'static str, usize>,
    /// What there is no filter for, by what is said.
    pub(crate) unfilterable: BTreeMap<String, usize>,
    /// What there is no SQL for.
    pub(crate) no_sql: BTreeMap<String, usize>,
    /// Policies that cannot be asked.
    pub(crate) skipped: BTreeMap<String, usize>,
    pub(crate) differences: Vec<String>,
}

/// What a formula says of a row, by its number.
type Says = (usize, Option<bool>);

/// A question about all rows of a class.
#[derive(Clone)]
struct Question {
    data: Data,
    policy: Case,
    class: &'static str,
    actor: usize,
}

/// Compares `count` filters from `seed` on.
pub(crate) fn compare_many(seed: u64, count: u64, databases: &mut [Database]) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count.div_ceil(POLICIES) {
        let mut random = Random::new(seed);
        let data = Data::random(&mut random);
        load(&data, databases);
        for _ in 0..POLICIES {
            let (policy, class) = policies::policy(&mut random, &data);
            let users: Vec<usize> = data.all(0).map(|(number, _)| number).collect();
            let actor = random.pick(&users).copied().unwrap_or(0);
            let question = Question { data: data.clone(), policy, class, actor };
            if let Some(difference) = judge(&question, databases, &mut tally) {
                tally.differences.push(format!("seed {seed}: {}", shrunk(question, difference, databases)));
                load(&data, databases);
                if tally.differences.len() >= 3 {
                    return tally;
                }
            }
        }
    }
    tally
}

/// What is wrong with one filter, whose actor is the first user. The rules are a line each, with a body.
pub(crate) fn difference(
    data: &Data,
    rules: &str,
    class: &'static str,
    databases: &mut [Database],
) -> Option<String> {
    let rule = |line: &str| {
        let (head, body) = line.split_once(" if ").unwrap();
        Rule { head: head.trim().to_owned(), body: vec![Goal::Plain(body.to_owned())] }
    };
    let policy = Case { classes: Vec::new(), rules: rules.lines().map(rule).collect(), query: Vec::new() };
    load(data, databases);
    let mut tally = Tally::default();
    let found = judge(&Question { data: data.clone(), policy, class, actor: 0 }, databases, &mut tally);
    let is_compared = [&tally.skipped, &tally.unfilterable, &tally.no_sql].iter().all(|left| left.is_empty());
    found.or_else(|| (!is_compared).then(|| format!("nothing was compared: {tally:?}")))
}

fn load(data: &Data, databases: &mut [Database]) {
    for database in databases.iter_mut().filter(|database| database.takes(data)) {
        database.load(data).unwrap();
    }
}

/// Leaves out rules, goals and rows as long as they still differ.
fn shrunk(mut question: Question, mut difference: String, databases: &mut [Database]) -> String {
    'again: loop {
        for smaller in all_smaller(&question) {
            load(&smaller.data, databases);
            if let Some(found) = judge(&smaller, databases, &mut Tally::default()) {
                (question, difference) = (smaller, found);
                continue 'again;
            }
        }
        break;
    }
    format!(
        "{difference}\n\n{}\n{}\nactor: user{}",
        question.policy.policy(),
        question.data.world(),
        question.actor
    )
}

fn all_smaller(question: &Question) -> Vec<Question> {
    let policies = smaller(&question.policy).into_iter();
    let mut all: Vec<Question> = policies.map(|policy| Question { policy, ..question.clone() }).collect();
    for (place, rows) in question.data.rows.iter().enumerate() {
        for number in (0..rows.len()).filter(|number| place > 0 || *number > question.actor) {
            let mut smaller = question.clone();
            smaller.data.rows[place].remove(number);
            all.push(smaller);
        }
    }
    all
}

pub(crate) fn limits() -> Limits {
    Limits { steps: STEPS, time: None, memory: 64 << 20, ..Limits::default() }
}

/// What is wrong, if anything is.
fn judge(question: &Question, databases: &mut [Database], tally: &mut Tally) -> Option<String> {
    let world = World::parse(&question.data.world()).unwrap();
    let mut sources = Sources::default();
    sources.add(None, &question.policy.policy());
    let policy = match Policy::load(world.schema(), sources) {
        Ok(policy) => policy,
        Err(error) => {
            *tally.skipped.entry(format!("{error}").lines().next().unwrap_or("").to_owned()).or_default() +=
                1;
            return None;
        }
    };
    let residual = match read(question, &world, &policy) {
        Ok(residual) => residual,
        Err(error) => {
            let kind = error.kind();
            let count =
                if kind == ErrorKind::Unfilterable { &mut tally.unfilterable } else { &mut tally.skipped };
            let message = error.message().split('`').step_by(2).collect::<Vec<_>>().join("_");
            *count.entry(format!("{kind:?}: {message}")).or_default() += 1;
            return None;
        }
    };
    let (place, _) = question.data.class(question.class)?;
    let holds = |number| (number, residual.formula().holds(&question.data, (place, number)));
    let formula: Vec<Says> = question.data.all(place).map(|(number, _)| holds(number)).collect();
    let mut is_recursive = false;
    residual.formula().each(&mut |part| is_recursive |= matches!(part, Formula::Least(..)));
    tally.recursive += usize::from(is_recursive);
    tally.settled += usize::from(matches!(residual.formula(), Formula::Known(_)));
    let shown = format!("formula: {}", residual.formula());
    beside_machine(question, &world, &policy, &formula, tally)
        .or_else(|| beside_databases(question, &residual, &formula, databases, tally))
        .map(|difference| format!("{difference}\n{shown}"))
}

fn read(question: &Question, world: &World, policy: &Policy) -> Result<Residual, arctos::Error> {
    let (tables, limits) = (question.data.tables(), limits());
    let mut host = WorldHost::new(world);
    let mut reader = Reader::new(policy, &mut host, tables.rows(), &limits);
    let actor = world.constant(&question.data.name((0, question.actor))).unwrap();
    let actor = to_term(reader.heap(), &actor);
    let action = reader.heap().string("read");
    let asked = [Asked::Value(actor), Asked::Value(action), Asked::Row];
    reader.read("allow", &asked, question.class)?.without_objects()
}

fn beside_machine(
    question: &Question,
    world: &World,
    policy: &Policy,
    formula: &[Says],
    tally: &mut Tally,
) -> Option<String> {
    let (place, _) = question.data.class(question.class)?;
    for (number, says) in formula.iter().copied() {
        let mut query = Query::new(policy, WorldHost::new(world));
        query.set_limits(limits());
        let constant = |at| world.constant(&question.data.name(at)).unwrap();
        let actor = to_term(query.heap(), &constant((0, question.actor)));
        let action = query.heap().string("read");
        let row = to_term(query.heap(), &constant((place, number)));
        let decided = query.ask("allow", &[actor, action, row]).and_then(|()| query.decide());
        match (decided, says) {
            (Ok(true), Some(true)) => tally.selected += 1,
            (Ok(false), Some(false)) => tally.left += 1,
            (Err(error), None) if !error.is_exhausted() => tally.unknown += 1,
            (decided, says) => {
                let row = question.data.name((place, number));
                return Some(format!("of {row} the machine says {decided:?}, the formula {says:?}"));
            }
        }
    }
    None
}

fn beside_databases(
    question: &Question,
    residual: &Residual,
    formula: &[Says],
    databases: &mut [Database],
    tally: &mut Tally,
) -> Option<String> {
    let tables = question.data.tables();
    let is_selected = |(number, says): &Says| (*says == Some(true)).then_some(*number);
    let expected: Vec<usize> = formula.iter().filter_map(is_selected).collect();
    let mut has_sql = false;
    for database in databases.iter_mut().filter(|database| database.takes(&question.data)) {
        let statement = match Filter::new(residual, &tables, database.dialect).select(&["rowno"]) {
            Ok(statement) => statement,
            Err(error @ SqlError::Recursion(_)) => {
                *tally.no_sql.entry(error.to_string()).or_default() += 1;
                return None;
            }
            Err(error) => return Some(format!("no SQL for {}: {error}", database.name)),
        };
        let found = database.find(&statement);
        if found.as_ref() != Ok(&expected) {
            return Some(format!(
                "{} finds {found:?}, the formula {expected:?}\n{statement}\n{:?}",
                database.name, statement.parameters
            ));
        }
        *tally.by_database.entry(database.name).or_default() += 1;
        has_sql = true;
    }
    tally.filters += usize::from(has_sql);
    None
}
