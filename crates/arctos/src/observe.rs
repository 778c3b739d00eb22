//! Watching an evaluation without touching it.
//!
//! The machine is generic over an [`Observer`]; `()` watches nothing and costs nothing. Traces, explanations, coverage
//! and the debugger are observers; none of them is a second evaluator.

use crate::heap::Variable;
use crate::policy::RuleId;

/// A goal of a policy: a condition in a rule's body, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoalId(pub(crate) u32);

/// What an observer may see. Every method does nothing by default.
pub trait Observer {
    /// True for one that wants to be told of goals: [`Observer::goal`] and [`Observer::held`].
    const WATCHES_GOALS: bool = false;

    /// A rule's head has matched, `depth` calls deep. The rule's variables follow one another on the query's heap, from that
    /// one on; what they stand for may become known later. [`Observer::enter`] comes next.
    fn matched(&mut self, rule: RuleId, depth: u32, first: Variable) {
        let _ = (rule, depth, first);
    }

    /// A rule's head has matched and its body begins, `depth` calls deep.
    fn enter(&mut self, rule: RuleId, depth: u32) {
        let _ = (rule, depth);
    }

    /// A rule's body has succeeded.
    fn exit(&mut self, rule: RuleId, depth: u32) {
        let _ = (rule, depth);
    }

    /// A goal of a rule is tried; those before it in the same conjunction hold. `call` tells calls of one rule apart; an open
    /// goal has variables that it may bind, so that it can hold for some values and not for others.
    fn goal(&mut self, goal: GoalId, call: u32, is_open: bool) {
        let _ = (goal, call, is_open);
    }

    /// The last goal of a conjunction holds, and with it the whole.
    fn held(&mut self, goal: GoalId, call: u32) {
        let _ = (goal, call);
    }

    /// A choice begins; the machine hands the returned number back if it returns to this choice.
    fn mark(&mut self) -> u32 {
        0
    }

    /// What was tried since that mark has failed.
    fn backtrack(&mut self, mark: u32) {
        let _ = mark;
    }

    /// Nothing is left to try: what has not held by now fails.
    fn over(&mut self) {}

    /// The host was asked for `name` (attribute, method, class) and has answered.
    fn host_reply(&mut self, name: &str) {
        let _ = name;
    }
}

impl Observer for () {}

/// Watches where there is someone to watch.
impl<O: Observer> Observer for Option<O> {
    const WATCHES_GOALS: bool = O::WATCHES_GOALS;

    fn matched(&mut self, rule: RuleId, depth: u32, first: Variable) {
        self.iter_mut().for_each(|observer| observer.matched(rule, depth, first));
    }

    fn enter(&mut self, rule: RuleId, depth: u32) {
        self.iter_mut().for_each(|observer| observer.enter(rule, depth));
    }

    fn exit(&mut self, rule: RuleId, depth: u32) {
        self.iter_mut().for_each(|observer| observer.exit(rule, depth));
    }

    fn goal(&mut self, goal: GoalId, call: u32, is_open: bool) {
        self.iter_mut().for_each(|observer| observer.goal(goal, call, is_open));
    }

    fn held(&mut self, goal: GoalId, call: u32) {
        self.iter_mut().for_each(|observer| observer.held(goal, call));
    }

    fn mark(&mut self) -> u32 {
        self.as_mut().map_or(0, Observer::mark)
    }

    fn backtrack(&mut self, mark: u32) {
        self.iter_mut().for_each(|observer| observer.backtrack(mark));
    }

    fn over(&mut self) {
        self.iter_mut().for_each(Observer::over);
    }

    fn host_reply(&mut self, name: &str) {
        self.iter_mut().for_each(|observer| observer.host_reply(name));
    }
}

/// One rule used in a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofStep {
    /// The rule.
    pub rule: RuleId,
    /// How many calls deep, from 0 for the question's own rule.
    pub depth: u32,
}

/// Records which rules the current answer rests on, in the order they were entered.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    steps: Vec<ProofStep>,
}

impl Proof {
    /// The rules of the current answer's proof, each before those that it calls.
    pub fn steps(&self) -> &[ProofStep] {
        &self.steps
    }
}

impl Observer for Proof {
    fn enter(&mut self, rule: RuleId, depth: u32) {
        self.steps.push(ProofStep { rule, depth });
    }

    fn mark(&mut self) -> u32 {
        self.steps.len() as u32
    }

    fn backtrack(&mut self, mark: u32) {
        self.steps.truncate(mark as usize);
    }
}
