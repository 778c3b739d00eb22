//! W8 threads: one policy, shared by 1, 2, 4 and 8 threads that all decide as fast as they can.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::contender::Shared;
use crate::measure::Effort;
use crate::report::{Cell, Columns, Entry, Figure, OURS, ratio};
use crate::{codehost, roles};

/// What is asked.
pub const ABOUT: &str = "W1 and W2 by 1, 2, 4 and 8 threads at the same time over one shared policy. A figure is the time on the \
    clock divided by all decisions of all threads: with two threads on two free cores it halves. Unlike the other tables, \
    this one feels whatever else the machine does.";

const THREADS: [usize; 4] = [1, 2, 4, 8];

/// Answers `count` questions from `first` on.
type Run = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// An engine that threads share.
struct Engine {
    name: &'static str,
    given: &'static str,
    run: Run,
}

impl Engine {
    /// Checks the answers, and puts the loop beside the decision.
    fn new(
        name: &'static str,
        given: &'static str,
        expected: &[bool],
        decide: impl Shared,
    ) -> Result<Engine> {
        if let Some(wrong) = (0..expected.len()).find(|&question| decide(question) != expected[question]) {
            bail!("W8: {name} answers question {wrong} wrongly");
        }
        let questions = expected.len();
        let run = move |first: usize, count: usize| {
            for question in first..first + count {
                black_box(decide(black_box(question % questions)));
            }
        };
        Ok(Engine { name, given, run: Arc::new(run) })
    }
}

fn roles() -> Result<Vec<Engine>> {
    let world = roles::World::new();
    let expected: Vec<bool> = world.questions.iter().map(|question| world.allows(*question)).collect();
    let mut engines = vec![Engine::new(OURS, "one `Arctos`", &expected, roles::arctos::shared(&world))?];
    #[cfg(feature = "peers")]
    engines.extend([
        Engine::new("cedar-policy", CEDAR, &expected, roles::cedar::shared(&world))?,
        Engine::new("oso", "one `Oso`", &expected, roles::oso::shared(&world))?,
    ]);
    engines.shrink_to_fit();
    Ok(engines)
}

fn codehost() -> Result<Vec<Engine>> {
    let world = codehost::World::new();
    let expected: Vec<bool> = world.questions.iter().map(|question| world.allows(*question)).collect();
    let mut engines = vec![Engine::new(OURS, "one `Arctos`", &expected, codehost::arctos::shared(&world))?];
    #[cfg(feature = "peers")]
    engines.extend([
        Engine::new("cedar-policy", CEDAR, &expected, codehost::cedar::shared(&world))?,
        Engine::new("oso", "one `Oso`", &expected, codehost::oso::shared(&world))?,
    ]);
    engines.shrink_to_fit();
    Ok(engines)
}

#[cfg(feature = "peers")]
const CEDAR: &str = "one policy set and one store of entities";

/// Measures both workloads: the columns' names with what each engine gave, and a sentence about speed-up.
///
/// # Errors
/// Where an engine answers wrongly.
pub fn measure(effort: Effort) -> Result<(Columns, String)> {
    let mut columns = Vec::new();
    let mut gained = Vec::new();
    for (name, engines) in [("W1", roles()?), ("W2", codehost()?)] {
        let turns = turns(&engines, effort);
        for (place, threads) in THREADS.into_iter().enumerate() {
            let of = |engine: usize| -> &[f64] { &turns[engine][place] };
            let entries = engines.iter().enumerate().map(|(number, engine)| Entry {
                engine: engine.name.to_owned(),
                given: engine.given.to_owned(),
                cell: Cell::Measured(beside(of(number), of(0))),
            });
            columns.push((format!("{name}, {threads}"), entries.collect()));
        }
        for (engine, turns) in engines.iter().zip(&turns) {
            let gain = |place: usize| ratio(beside(&turns[0], &turns[place]).to_ours.unwrap_or(f64::NAN));
            gained.push(format!("{name} {}: {}, {}, {}", engine.name, gain(1), gain(2), gain(3)));
        }
    }
    let gained = format!("How much 2, 4 and 8 threads gain over one: {}.", gained.join("; "));
    Ok((columns, gained))
}

fn beside(turns: &[f64], others: &[f64]) -> Figure {
    let both: Vec<(f64, f64)> = turns.iter().copied().zip(others.iter().copied()).collect();
    Figure::of(turns).beside(&both)
}

/// Nanoseconds a decision, for each engine, number of threads and round.
fn turns(engines: &[Engine], effort: Effort) -> Vec<[Vec<f64>; THREADS.len()]> {
    let counts: Vec<usize> = engines.iter().map(|engine| fill(engine, effort.slice)).collect();
    let mut turns = vec![<[Vec<f64>; THREADS.len()]>::default(); engines.len()];
    for _ in 0..effort.rounds {
        for (engine, (count, turns)) in engines.iter().zip(counts.iter().zip(&mut turns)) {
            for (threads, turns) in THREADS.into_iter().zip(turns) {
                let took = together(&engine.run, threads, *count);
                turns.push(took.as_secs_f64() * 1e9 / (count * threads) as f64);
            }
        }
    }
    turns
}

/// How many decisions fill a turn of one thread.
fn fill(engine: &Engine, slice: Duration) -> usize {
    let mut count = 1;
    loop {
        let took = together(&engine.run, 1, count);
        if took >= slice / 2 {
            return count;
        }
        let wanted = slice.as_secs_f64() / took.as_secs_f64().max(1e-6);
        count = (count as f64 * wanted.clamp(1.5, 10.0)).ceil() as usize;
    }
}

/// The time from when all threads are ready until the last has made its decisions.
fn together(run: &Run, threads: usize, count: usize) -> Duration {
    let ready = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                let ready = &ready;
                scope.spawn(move || {
                    ready.wait();
                    run(number * 97, count);
                })
            })
            .collect();
        ready.wait();
        let begin = Instant::now();
        for worker in workers {
            worker.join().expect("a thread that decides");
        }
        begin.elapsed()
    })
}
