//! W5 published: the three applications of the evaluation in the paper on Cedar (OOPSLA 2024), by generators of our own.

mod arctos;
#[cfg(feature = "peers")]
mod cedar;
mod world;

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, bail};

pub use world::World;

use crate::contender::Contender;
use crate::measure::Effort;
use crate::report::{Cell, Columns, Entry, Figure, OURS};
use world::{APPLICATIONS, Application, QUESTIONS};

/// What is asked.
pub const ABOUT: &str = "After the evaluation in the paper on Cedar (OOPSLA 2024), by generators of our own from its description: \
    document sharing, code hosting and to-do lists; 5 to 50 entities of each type, an edge between any two with probability \
    0.05, 200 such hierarchies, 500 requests each, of which half are allowed where the hierarchy has so many. Each \
    request is timed by itself, once, after all have been asked once; the figures are over all requests of all hierarchies, and \
    contain the 20 to 40 ns that reading the clock takes. In the paper's public generator the edges for viewing documents never \
    lead to a document; here they do, as its text means it.";

/// Hierarchies of a full run, and of a quick one.
const HIERARCHIES: [u64; 2] = [200, 20];

/// Arctos alone, in one hierarchy of an application.
pub fn ours(application: usize) -> (Contender, usize) {
    let application = &APPLICATIONS[application];
    let world = World::new(application, 1);
    (arctos::contender(&arctos::engine(application), &world), QUESTIONS)
}

/// Measures the three applications: their medians, and what one request in a hundred exceeds.
///
/// # Errors
/// Where an engine answers wrongly.
pub fn measure(effort: Effort) -> Result<Columns> {
    let mut columns = Vec::new();
    for application in &APPLICATIONS {
        eprintln!("W5 published: {}", application.name);
        let engines = requests(application, HIERARCHIES[usize::from(effort.quick)])?;
        let ours = engines.iter().find(|engine| engine.name == OURS);
        for (name, share) in [("median", 0.5), ("p99", 0.99)] {
            let entry = |engine: &Engine| {
                let value = quantile(&engine.nanoseconds, share);
                let to_ours = ours.map(|ours| value / quantile(&ours.nanoseconds, share));
                let figure = Figure { median: value, low: value, high: value, to_ours, allocations: None };
                Entry {
                    engine: engine.name.to_owned(),
                    given: engine.given.to_owned(),
                    cell: Cell::Measured(figure),
                }
            };
            columns.push((format!("{}, {name}", application.name), engines.iter().map(entry).collect()));
        }
    }
    Ok(columns)
}

/// An engine, and what each request took.
struct Engine {
    name: &'static str,
    given: &'static str,
    nanoseconds: Vec<f64>,
}

/// Asks every engine all requests of so many hierarchies, one hierarchy after the other.
fn requests(application: &'static Application, hierarchies: u64) -> Result<Vec<Engine>> {
    let mut engines: Vec<Engine> = Vec::new();
    let arctos = arctos::engine(application);
    #[cfg(feature = "peers")]
    let policies = cedar::policies(application.cedar);
    for number in 0..hierarchies {
        let world = World::new(application, number);
        let ours = [arctos::contender(&arctos, &world), by_hand(&world)];
        #[cfg(feature = "peers")]
        let ours = ours.into_iter().chain([cedar::contender(&policies, &world)]);
        let mut contenders: Vec<Contender> = ours.into_iter().collect();
        for (place, contender) in contenders.iter_mut().enumerate() {
            check(&world, contender, number)?;
            if engines.len() == place {
                let (name, given) = (contender.engine, contender.given);
                engines.push(Engine { name, given, nanoseconds: Vec::new() });
            }
            engines[place].nanoseconds.extend((0..QUESTIONS).map(|question| {
                let begin = Instant::now();
                black_box(contender.answer(black_box(question)));
                begin.elapsed().as_secs_f64() * 1e9
            }));
        }
    }
    for engine in &mut engines {
        engine.nanoseconds.sort_by(f64::total_cmp);
    }
    Ok(engines)
}

fn check(world: &World, contender: &mut Contender, hierarchy: u64) -> Result<()> {
    for (number, question) in world.questions.iter().enumerate() {
        let (answer, right) = (contender.answer(number), world.allows(*question));
        if answer != right {
            bail!(
                "{}, hierarchy {hierarchy}, {question:?}: {} says {answer}, right is {right}",
                world.application.name,
                contender.engine
            );
        }
    }
    Ok(())
}

/// Over numbers, with sets of groups as bits.
fn by_hand(world: &World) -> Contender {
    let world = World {
        application: world.application,
        users: world.users.clone(),
        groups: world.groups.clone(),
        resources: world.resources.clone(),
        questions: world.questions.clone(),
    };
    Contender::new("by hand, interned", "over numbers, with sets of groups as bits", move |question| {
        world.allows(world.questions[question])
    })
}

/// What that share of sorted figures does not exceed.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1)) as f64 * share;
    sorted.get(place.round() as usize).copied().unwrap_or(f64::NAN)
}
