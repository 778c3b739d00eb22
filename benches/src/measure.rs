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

/// An engine of which one decision takes so long has a turn in every tenth round only.
const SLOW: Duration = Duration::from_millis(200);

/// And one that takes so long, in every twenty-fifth.
const SLOWER: Duration = Duration::from_secs(2);

/// Times every engine of scenarios that have been [checked](Scenario::check): all of them in turn, so that the scenarios
/// can be compared with one another too. What each engine gave, for each scenario.
pub fn scenarios(scenarios: &mut [Scenario], effort: Effort) -> Vec<Vec<Entry>> {
    let mut turns: Vec<Turns> = Vec::new();
    for (number, scenario) in scenarios.iter_mut().enumerate() {
        let questions = scenario.expected.len();
        for contender in &mut scenario.contenders {
            turns.push(Turns::prepare(contender, number, questions, effort));
        }
    }
    for round in 0..effort.rounds {
        for place in 0..turns.len() {
            let next = (place + round) % turns.len();
            if let Some(turns) = turns.get_mut(next) {
                turns.take(round);
            }
        }
    }
    let mut entries: Vec<Vec<Entry>> = Vec::new();
    for turns in turns.chunk_by(|one, other| one.scenario == other.scenario) {
        let ours = turns.iter().find(|turns| turns.contender.engine == OURS);
        let ours = ours.map(|turns| turns.nanoseconds.as_slice());
        entries.push(turns.iter().map(|turns| turns.entry(ours)).collect());
    }
    for turns in turns {
        let entries = &mut entries[turns.scenario];
        let engine = turns.contender.engine;
        let allocations = turns.allocations();
        for entry in entries.iter_mut().filter(|entry| entry.engine == engine) {
            if let Cell::Measured(figure) = &mut entry.cell {
                figure.allocations = Some(allocations);
            }
        }
    }
    for (entries, scenario) in entries.iter_mut().zip(scenarios) {
        entries.extend(scenario.absent.iter().map(|(engine, reason)| Entry {
            engine: (*engine).to_owned(),
            given: String::new(),
            cell: Cell::Absent(reason.clone()),
        }));
    }
    entries
}

/// An engine and the turns it has had.
struct Turns<'s> {
    contender: &'s mut Contender,
    scenario: usize,
    questions: usize,
    per_turn: usize,
    every: usize,
    next: usize,
    /// For each round, where the engine had a turn.
    nanoseconds: Vec<Option<f64>>,
}

impl<'s> Turns<'s> {
    /// Warms the engine up and finds how many questions fill a turn.
    fn prepare(contender: &'s mut Contender, scenario: usize, questions: usize, effort: Effort) -> Turns<'s> {
        let mut per_turn = 1;
        let mut every = 1;
        loop {
            let begin = thread_time();
            contender.answer_many(0, per_turn, questions);
            let took = thread_time().saturating_sub(begin);
            if took >= effort.slice / 2 {
                if per_turn == 1 && took > SLOW {
                    every = if took > SLOWER { 25 } else { 10 };
                }
                break;
            }
            let wanted = effort.slice.as_secs_f64() / took.as_secs_f64().max(1e-6);
            per_turn = (per_turn as f64 * wanted.clamp(1.5, 10.0)).ceil() as usize;
        }
        Turns { contender, scenario, questions, per_turn, every, next: 0, nanoseconds: Vec::new() }
    }

    fn take(&mut self, round: usize) {
        if !round.is_multiple_of(self.every) {
            self.nanoseconds.push(None);
            return;
        }
        let begin = thread_time();
        self.contender.answer_many(self.next, self.per_turn, self.questions);
        let took = thread_time().saturating_sub(begin);
        self.nanoseconds.push(Some(took.as_secs_f64() * 1e9 / self.per_turn as f64));
        self.next = (self.next + self.per_turn) % self.questions;
    }

    fn entry(&self, ours: Option<&[Option<f64>]>) -> Entry {
        let taken: Vec<f64> = self.nanoseconds.iter().copied().flatten().collect();
        let mut figure = Figure::of(&taken);
        if let Some(ours) = ours {
            let both = self.nanoseconds.iter().zip(ours);
            let both: Vec<(f64, f64)> = both.filter_map(|(own, ours)| Some(((*own)?, (*ours)?))).collect();
            figure = figure.beside(&both);
        }
        Entry {
            engine: self.contender.engine.to_owned(),
            given: self.contender.given.to_owned(),
            cell: Cell::Measured(figure),
        }
    }

    fn allocations(self) -> f64 {
        let counted = self.contender.checked(self.questions).min(1_000);
        if counted > 1 {
            // Other contenders of the thread may have taken the room of what this one keeps from question to question, and
            // each question may need more of it than the one before.
            self.contender.answer_many(0, counted, self.questions);
        }
        let all = allocations::during(|| self.contender.answer_many(0, counted, self.questions));
        all as f64 / counted as f64
    }
}
