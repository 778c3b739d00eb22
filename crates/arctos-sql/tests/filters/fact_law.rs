//! The law of facts in tables: what a check over all facts says of each entity, what the formula says, and what databases find that have a part of the facts.

use std::collections::BTreeMap;

use arctos::facts::{Fact, Facts, Value, ValueRef};
use arctos::residual::{Formula, Residual, ValueType};
use arctos::{Attributes, Authorizer, Limits, Policy, Request, RequestValue, Schema, Sources};
use arctos_sql::{Decision, Dialect, Filter, Parameter, SqlError, Statement, Tables};
use arctos_testkit::generate::Random;

use crate::databases::Database;
use crate::fact_world::{Seen, World, name};

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct FactTally {
    pub(crate) filters: usize,
    pub(crate) selected: usize,
    pub(crate) left: usize,
    pub(crate) recursive: usize,
    pub(crate) with_tables: usize,
    pub(crate) by_database: BTreeMap<&'static str, usize>,
    /// What there is no filter or no SQL for.
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) skipped: BTreeMap<String, usize>,
    pub(crate) differences: Vec<String>,
}

#[derive(Clone)]
struct Question {
    world: World,
    class: &'static str,
}

/// Compares `count` filters from `seed` on.
pub(crate) fn compare_many(seed: u64, count: u64, databases: &mut [Database]) -> FactTally {
    let mut tally = FactTally::default();
    for seed in seed..seed + count {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let class = if random.chance(70) { "Doc" } else { "Folder" };
        let question = Question { world, class };
        if let Some(difference) = judge(&question, databases, &mut tally) {
            tally.differences.push(format!("seed {seed}: {}", shrunk(question, difference, databases)));
            if tally.differences.len() >= 3 {
                break;
            }
        }
    }
    tally
}

/// Leaves out rules and facts, and takes facts out of tables, as long as they still differ.
fn shrunk(mut question: Question, mut difference: String, databases: &mut [Database]) -> String {
    'again: loop {
        for smaller in all_smaller(&question) {
            if let Some(found) = judge(&smaller, databases, &mut FactTally::default()) {
                (question, difference) = (smaller, found);
                continue 'again;
            }
        }
        break;
    }
    let stated: Vec<String> = question
        .world
        .forms
        .iter()
        .flat_map(|form| {
            form.facts.iter().map(|stated| {
                format!(
                    "{}{:?} {}",
                    form.predicate,
                    stated.values,
                    if stated.in_table { "in a table" } else { "" }
                )
            })
        })
        .collect();
    format!("{difference}\n\n{}\n{}", question.world.policy(), stated.join("\n"))
}

fn all_smaller(question: &Question) -> Vec<Question> {
    let mut all = Vec::new();
    for number in 0..question.world.rules.len() {
        let mut smaller = question.clone();
        smaller.world.rules.remove(number);
        all.push(smaller);
    }
    for (place, form) in question.world.forms.iter().enumerate() {
        for number in 0..form.facts.len() {
            let mut smaller = question.clone();
            smaller.world.forms[place].facts.remove(number);
            all.push(smaller);
        }
    }
    for (place, form) in question.world.forms.iter().enumerate().filter(|(_, form)| form.is_in_table()) {
        let mut smaller = question.clone();
        for number in 0..form.facts.len() {
            smaller.world.forms[place].facts[number].in_table = false;
        }
        all.push(smaller);
    }
    all
}

fn facts(world: &World, wanted: impl Fn(bool) -> bool) -> Facts {
    let mut change = Facts::new().change();
    for form in &world.forms {
        for stated in form.facts.iter().filter(|stated| wanted(stated.in_table)) {
            change.insert(&Fact::new(form.predicate, stated.values.clone())).unwrap();
        }
    }
    change.commit().0
}

/// What is wrong, if anything is.
fn judge(question: &Question, databases: &mut [Database], tally: &mut FactTally) -> Option<String> {
    let world = &question.world;
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, &world.policy());
    let policy = match Policy::load(&schema, sources) {
        Ok(policy) => policy,
        Err(error) => {
            *tally.skipped.entry(error.to_string().lines().next().unwrap_or("").to_owned()).or_default() += 1;
            return None;
        }
    };
    let limits = Limits { steps: 1_000_000, time: None, ..Limits::default() };
    let whole = Authorizer::new(&policy, facts(world, |_| true)).unwrap().with_limits(limits.clone());
    let part = Authorizer::new(&policy, facts(world, |in_table| !in_table)).unwrap().with_limits(limits);
    let actor = world.ids("User").first().cloned().unwrap_or_default();
    let actor = ValueRef::entity("User", &actor);
    let tables = world.tables(question.class);
    let residual = match part.filter(&Request::default(), actor, "read", question.class, tables.rows()) {
        Ok(residual) => residual,
        Err(error) => {
            *tally.refused.entry(format!("{:?}: {}", error.kind(), error.message())).or_default() += 1;
            return None;
        }
    };
    databases.iter_mut().for_each(|database| load(question, database).unwrap());
    let ids = world.ids(question.class);
    let mut expected = Vec::new();
    let is_open = |is_open: bool| [("is_open".to_owned(), is_open.into())];
    let given: Vec<(Value, [(String, RequestValue); 1])> =
        world.folders().into_iter().map(|(id, open)| (Value::entity("Folder", &id), is_open(open))).collect();
    let attributes: Vec<Attributes<'_>> =
        given.iter().map(|(entity, values)| Attributes { entity: entity.clone(), values }).collect();
    let request = Request { attributes: &attributes, ..Request::default() };
    for (number, id) in ids.iter().enumerate() {
        let asked = [actor, "read".into(), ValueRef::entity(question.class, id)];
        let allowed = whole.check_request(&request, "allow", &asked);
        let allowed = match allowed {
            Ok(allowed) => allowed,
            Err(error) => return Some(format!("a check fails: {error}")),
        };
        let says = residual.formula().holds(&Seen { world }, world.seen(question.class, id));
        if says != Some(allowed) {
            return Some(format!(
                "of {id} a check says {allowed}, the formula {says:?}\nformula: {}",
                residual.formula()
            ));
        }
        expected.extend(allowed.then_some(number));
    }
    if let Some(difference) = decisions(question, &part, actor, &expected, databases) {
        return Some(difference);
    }
    tally.selected += expected.len();
    tally.left += ids.len() - expected.len();
    beside_databases((&residual, &tables), &expected, databases, tally)
        .map(|difference| format!("{difference}\nformula: {}", residual.formula()))
}

/// What is wrong with decisions about single entities, of which everything is known.
fn decisions(
    question: &Question,
    part: &Authorizer,
    actor: ValueRef<'_>,
    expected: &[usize],
    databases: &mut [Database],
) -> Option<String> {
    let tables = question.world.tables(question.class);
    for (number, id) in question.world.ids(question.class).iter().enumerate().take(2) {
        let entity = ValueRef::entity(question.class, id);
        let decided = part.decision_by_tables(&Request::default(), actor, "read", entity, tables.rows());
        let residual = match decided {
            Ok(residual) => residual,
            Err(error) => return Some(format!("no decision about {id}: {error}")),
        };
        for database in databases.iter_mut() {
            let decision = Decision::new(&tables, database.dialect);
            let found = |statement: Result<Statement, SqlError>, condition: &str| {
                let inner = statement.map_err(|error| error.to_string())?;
                let text = format!(
                    "SELECT rowno FROM law_entities, ({inner}) AS answers WHERE rowno = {number} AND {condition}"
                );
                Ok::<_, String>(Statement { text, ..inner })
            };
            if matches!(decision.allowed(&residual), Err(SqlError::Recursion(_))) {
                continue;
            }
            for (statement, condition) in [
                (decision.allowed(&residual), "allowed"),
                (decision.actions([("read", &residual)]), "actions = 'read'"),
            ] {
                let answer = found(statement, condition).and_then(|statement| database.find(&statement));
                let holds = if expected.contains(&number) { vec![number] } else { Vec::new() };
                if answer.as_ref() != Ok(&holds) {
                    let formula = residual.formula();
                    return Some(format!("{} decides {answer:?} about {id}: {formula}", database.name));
                }
            }
        }
    }
    None
}

fn beside_databases(
    (residual, tables): (&Residual, &Tables),
    expected: &[usize],
    databases: &mut [Database],
    tally: &mut FactTally,
) -> Option<String> {
    for database in databases.iter_mut() {
        let statement = match Filter::new(residual, tables, database.dialect).select(&["rowno"]) {
            Ok(statement) => statement,
            Err(error @ SqlError::Recursion(_)) => {
                *tally.refused.entry(error.to_string()).or_default() += 1;
                return None;
            }
            Err(error) => return Some(format!("no SQL for {}: {error}", database.name)),
        };
        let found = database.find(&statement);
        if found.as_deref() != Ok(expected) {
            return Some(format!(
                "{} finds {found:?}, checks say {expected:?}\n{statement}\n{:?}",
                database.name, statement.parameters
            ));
        }
        *tally.by_database.entry(database.name).or_default() += 1;
    }
    tally.filters += 1;
    let (mut is_recursive, mut has_tables) = (false, false);
    residual.formula().each(&mut |part| {
        is_recursive |= matches!(part, Formula::Derived(..));
        has_tables |= matches!(part, Formula::Exists(_));
    });
    tally.recursive += usize::from(is_recursive);
    tally.with_tables += usize::from(has_tables);
    None
}

/// Puts entities and facts in place of those that were there.
fn load(question: &Question, database: &mut Database) -> Result<(), String> {
    let world = &question.world;
    let id = |type_name: &str, id: String| match world.id_type(type_name) {
        ValueType::Integer => Some(Parameter::Integer(id.parse().unwrap())),
        _ => Some(Parameter::Text(id)),
    };
    let is_open = |id: &str| {
        let is_open = world.folders().iter().any(|(folder, is_open)| folder == id && *is_open);
        Some(Parameter::Boolean(is_open))
    };
    let ids = world.ids(question.class).into_iter().enumerate().map(|(number, entity)| {
        let is_open = is_open(&entity);
        vec![Some(Parameter::Integer(number as i64)), id(question.class, entity), is_open]
    });
    let known = world.id_type(question.class);
    let columns = [("rowno", ValueType::Integer), ("id", known), ("is_open", ValueType::Boolean)];
    fill(database, "law_entities", &columns, &ids.collect::<Vec<_>>())?;
    let folders = world.ids("Folder").into_iter().map(|folder| {
        let is_open = is_open(&folder);
        vec![id("Folder", folder), is_open]
    });
    let columns = [("id", world.id_type("Folder")), ("is_open", ValueType::Boolean)];
    fill(database, "law_folders", &columns, &folders.collect::<Vec<_>>())?;
    for (number, form) in world.forms.iter().enumerate().filter(|(_, form)| form.is_in_table()) {
        let columns = form.columns();
        let columns: Vec<(&str, ValueType)> =
            columns.iter().map(String::as_str).zip(world.types_of(form)).collect();
        fill(database, &name(number), &columns, &world.rows_of(form))?;
    }
    Ok(())
}

fn fill(
    database: &mut Database,
    table: &str,
    columns: &[(&str, ValueType)],
    rows: &[Vec<Option<Parameter>>],
) -> Result<(), String> {
    database.execute(&format!("DROP TABLE IF EXISTS {table}"))?;
    let defined: Vec<String> = columns
        .iter()
        // SQLite has a collation that takes more for the same, for columns of that name.
        .map(|(column, known)| {
            format!("{column} {}", database.type_name(*known, if *column == "a0" { "name" } else { "" }))
        })
        .collect();
    database.execute(&format!("CREATE TABLE {table} ({})", defined.join(", ")))?;
    let names: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
    database.insert(table, &names, rows)?;
    for (column, _) in columns.iter().filter(|(_, known)| *known == ValueType::Uuid) {
        if database.dialect == Dialect::Postgres {
            let column = format!("ALTER COLUMN {column} TYPE uuid USING {column}::uuid");
            database.execute(&format!("ALTER TABLE {table} {column}"))?;
        }
    }
    Ok(())
}
