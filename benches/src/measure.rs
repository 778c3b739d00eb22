//! Times engines beside one another.
//!
//! Not criterion or divan: they measure one function to its end and then the next, so that a machine that is slower for a
//! minute falsifies the ratios, and ratios are what these figures are for. Here all engines of a scenario take turns in
//! many short slices, in an order that moves on by one each round; the figure is the median of an engine's slices.
//! Time is the thread's own (CPU), so that a slice that is interrupted is not charged for the interruption.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::allocations;
use crate::contender::{Contender, Scenario};
use crate::report::{Cell, Entry, Figure, OURS};

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Turns of each engine.
    pub rounds: usize,
    /// How long a turn takes, about.
    pub slice: Duration,
    /// True for a quick look: fewer and shorter turns, and the largest sizes left out.
    pub quick: bool,
}

impl Effort {
    /// What figures that are published take.
    pub const FULL: Effort = Effort { rounds: 51, slice: Duration::from_millis(40), quick: false };
    /// What a look while working takes.
    pub const QUICK: Effort = Effort { rounds: 11, slice: Duration::from_millis(10), quick: true };
}

/// The processor time of this thread.
pub fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// Times every engine of a scenario that has been [checked](Scenario::check).
pub fn scenario(scenario: &mut Scenario, effort: Effort) -> Vec<Entry> {
    let questions = scenario.expected.len();
    let mut turns: Vec<Turns> = scenario
        .contenders
        .iter_mut()
        .map(|contender| Turns::prepare(contender, questions, effort))
        .collect();
    for round in 0..effort.rounds {
        for place in 0..turns.len() {
            let next = (place + round) % turns.len();
            if let Some(turns) = turns.get_mut(next) {
                turns.take(questions);
            }
        }
    }
    let ours =
        turns.iter().find(|turns| turns.contender.engine == OURS).map(|turns| turns.nanoseconds.clone());
    let mut cells: Vec<_> = turns.into_iter().map(|turns| turns.cell(questions, ours.as_deref())).collect();
    let absent = scenario.absent.iter();
    cells.extend(absent.map(|(engine, reason)| Entry {
        engine,
        given: "",
        cell: Cell::Absent(reason.clone()),
    }));
    cells
}

/// An engine and the turns it has had.
struct Turns<'s> {
    contender: &'s mut Contender,
    per_turn: usize,
    next: usize,
    nanoseconds: Vec<f64>,
}

impl<'s> Turns<'s> {
    /// Warms the engine up and finds how many questions fill a turn.
    fn prepare(contender: &'s mut Contender, questions: usize, effort: Effort) -> Turns<'s> {
        let mut per_turn = 1;
        loop {
            let begin = thread_time();
            contender.answer_many(0, per_turn, questions);
            let took = thread_time().saturating_sub(begin);
            if took >= effort.slice / 2 {
                break;
            }
            let wanted = effort.slice.as_secs_f64() / took.as_secs_f64().max(1e-6);
            per_turn = (per_turn as f64 * wanted.clamp(1.5, 10.0)).ceil() as usize;
        }
        Turns { contender, per_turn, next: 0, nanoseconds: Vec::new() }
    }

    fn take(&mut self, questions: usize) {
        let begin = thread_time();
        self.contender.answer_many(self.next, self.per_turn, questions);
        let took = thread_time().saturating_sub(begin);
        self.nanoseconds.push(took.as_secs_f64() * 1e9 / self.per_turn as f64);
        self.next = (self.next + self.per_turn) % questions;
    }

    fn cell(self, questions: usize, ours: Option<&[f64]>) -> Entry {
        let Turns { contender, nanoseconds, .. } = self;
        let mut figure = Figure::of(&nanoseconds);
        if let Some(ours) = ours {
            figure = figure.beside(&nanoseconds, ours);
        }
        let counted = questions.min(1_000);
        let allocations = allocations::during(|| contender.answer_many(0, counted, questions));
        let figure = figure.with_allocations(allocations as f64 / counted as f64);
        Entry { engine: contender.engine, given: contender.given, cell: Cell::Measured(figure) }
    }
}
