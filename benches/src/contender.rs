//! An engine that has been given a workload, and the questions it is asked.

use std::hint::black_box;

use anyhow::{Result, bail};

/// An engine with the policy and data of a scenario in its own form, ready to be asked.
pub struct Contender {
    /// The engine's name, with its variant where there are several.
    pub engine: &'static str,
    /// What is paid in a decision, and what is not.
    pub given: &'static str,
    decide: Box<dyn Decide>,
    checked: usize,
}

impl Contender {
    /// An engine that answers question `i` (from 0) by `decide(i)`. An engine that cannot answer must panic: no error
    /// counts as an answer.
    pub fn new(
        engine: &'static str,
        given: &'static str,
        decide: impl FnMut(usize) -> bool + 'static,
    ) -> Contender {
        Contender { engine, given, decide: Box::new(decide), checked: usize::MAX }
    }

    /// Checks its answers to the first so many questions alone, where all would take minutes.
    #[must_use]
    pub fn checked_on(self, questions: usize) -> Contender {
        Contender { checked: questions, ..self }
    }

    /// The same under another name: where one workload has it beside its variants, and another has not.
    #[must_use]
    pub fn named(self, engine: &'static str) -> Contender {
        Contender { engine, ..self }
    }

    /// How many of so many questions its answers are checked on, and its allocations counted in.
    pub fn checked(&self, questions: usize) -> usize {
        self.checked.min(questions)
    }

    /// Answers one question.
    pub fn answer(&mut self, question: usize) -> bool {
        self.decide.one(question)
    }

    /// Answers `count` questions in turn, beginning with `first`, out of `questions`.
    pub fn answer_many(&mut self, first: usize, count: usize, questions: usize) {
        self.decide.many(first, count, questions);
    }
}

/// A decision that threads can make at the same time.
pub trait Shared: Fn(usize) -> bool + Send + Sync + 'static {}

impl<F: Fn(usize) -> bool + Send + Sync + 'static> Shared for F {}

/// The loop is inside the dynamic call, so that an engine that takes a few nanoseconds is not charged for it.
trait Decide {
    fn one(&mut self, question: usize) -> bool;
    fn many(&mut self, first: usize, count: usize, questions: usize);
}

impl<F: FnMut(usize) -> bool> Decide for F {
    fn one(&mut self, question: usize) -> bool {
        self(question)
    }

    fn many(&mut self, first: usize, count: usize, questions: usize) {
        let mut question = first;
        for _ in 0..count {
            black_box(self(black_box(question)));
            question += 1;
            if question == questions {
                question = 0;
            }
        }
    }
}

/// Questions and the engines that answer them.
pub struct Scenario {
    /// The column of the table, where a workload has several scenarios.
    pub name: String,
    /// The right answers, by hand-written Rust.
    pub expected: Vec<bool>,
    /// A question in words, for messages.
    pub describe: Box<dyn Fn(usize) -> String>,
    /// The engines.
    pub contenders: Vec<Contender>,
    /// Engines that are not measured here, and why.
    pub absent: Vec<(&'static str, String)>,
}

impl Scenario {
    /// Asks every engine every question.
    ///
    /// # Errors
    /// The first question that an engine answers wrongly, and questions of which not about half are allowed.
    pub fn check(&mut self) -> Result<()> {
        let allowed = self.expected.iter().filter(|&&allowed| allowed).count();
        let share = allowed as f64 / self.expected.len() as f64;
        if !(0.4..=0.6).contains(&share) {
            bail!("{}: {allowed} of {} questions are allowed", self.name, self.expected.len());
        }
        for contender in &mut self.contenders {
            let checked = contender.checked(self.expected.len());
            for (question, &expected) in self.expected.iter().take(checked).enumerate() {
                let answer = contender.answer(question);
                if answer != expected {
                    let asked = (self.describe)(question);
                    bail!(
                        "{}, question {question} ({asked}): {} says {answer}, right is {expected}",
                        self.name,
                        contender.engine
                    );
                }
            }
        }
        Ok(())
    }
}

/// For casbin, whose constructors are asynchronous; its decisions are not.
#[cfg(feature = "peers")]
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}
