//! Which rules and conditions of a policy tests exercise.

use std::sync::Arc;

use arctos_syntax::Span;
use rustc_hash::{FxHashMap, FxHashSet};

use super::conditions::conditions;
use crate::ir::Program;
use crate::observe::{GoalId, Observer};
use crate::policy::{Policy, RuleId};

/// Counts how often rules were entered and conditions tried, and with what success.
///
/// ```
/// use arctos::testing::{Coverage, Runner};
/// # use arctos::{Policy, Schema, Sources};
/// # let mut schema = Schema::new();
/// # schema.enable_facts();
/// # let mut sources = Sources::default();
/// sources.add(None, r#"
///     allow(user: User, "read", doc: Doc) if owns(user, doc) and not is_locked(doc);
///     test "owners read" {
///       setup { owns(User{"ann"}, Doc{"plan"}); }
///       assert allow(user: User, "read", Doc{"plan"}) iff user in [User{"ann"}];
///     }
/// "#);
/// let policy = Policy::load(&schema, sources)?;
/// let mut coverage = Coverage::new(&policy);
/// let recorder = coverage.recorder();
/// for test in policy.tests() {
///     Runner::new(&policy).observe(test, |_| recorder.clone(), |_, seen| coverage.add(&seen));
/// }
/// let rule = coverage.rules().next().ok_or("there is one")?;
/// assert_eq!((rule.entered, rule.held), (1, 1));
/// let never_failed = rule.conditions.iter().filter(|condition| condition.failed == 0);
/// assert_eq!(never_failed.count(), 1, "no test has a locked document");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Coverage {
    policy: Policy,
    outline: Arc<Outline>,
    /// By rule: how often its head matched.
    entered: Vec<u64>,
    /// By goal.
    goals: Vec<Counts>,
}

/// What is known of a rule after tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: RuleId,
    /// Where it stands; for shorthand, where that does.
    pub span: Span,
    /// How often its head matched.
    pub entered: u64,
    /// How often its body held.
    pub held: u64,
    /// In the order of the text.
    pub conditions: Vec<ConditionCoverage>,
}

/// What is known of a condition after tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionCoverage {
    /// Where it stands; for a name in a shorthand rule, where that rule does.
    pub span: Span,
    /// How often it was tried.
    pub tried: u64,
    /// How often it held.
    pub held: u64,
    /// How often it did not, or not for any other value.
    pub failed: u64,
}

/// How a goal fared.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tried: u64,
    held: u64,
    failed: u64,
}

impl Coverage {
    /// Of a policy that nothing has exercised.
    pub fn new(policy: &Policy) -> Self {
        let program = &policy.0;
        Coverage {
            policy: policy.clone(),
            outline: Arc::new(Outline::of(program)),
            entered: vec![0; program.clauses.len()],
            goals: vec![Counts::default(); program.code.goals.len()],
        }
    }

    /// An observer that has seen nothing; each question needs a clone of its own.
    pub fn recorder(&self) -> Recorder {
        Recorder {
            outline: Arc::clone(&self.outline),
            trail: Vec::new(),
            places: FxHashMap::default(),
            counts: FxHashMap::default(),
            entered: FxHashMap::default(),
        }
    }

    /// Adds what an observer of this policy has seen.
    pub fn add(&mut self, seen: &Recorder) {
        for (rule, count) in &seen.entered {
            if let Some(entered) = self.entered.get_mut(*rule as usize) {
                *entered += count;
            }
        }
        for (goal, counts) in &seen.counts {
            if let Some(sum) = self.goals.get_mut(*goal as usize) {
                sum.tried += counts.tried;
                sum.held += counts.held;
                sum.failed += counts.failed;
            }
        }
    }

    /// Every rule that somebody has written, in load order; those that stand for shorthand come after all others.
    pub fn rules(&self) -> impl Iterator<Item = RuleCoverage> {
        (0..self.entered.len() as u32).filter_map(|rule| self.rule(RuleId(rule)))
    }

    fn rule(&self, rule: RuleId) -> Option<RuleCoverage> {
        let program = &self.policy.0;
        let clause = program.clause(rule)?;
        let span = clause.origin;
        if span.start == span.end {
            return None;
        }
        let entered = self.entered.get(rule.index()).copied().unwrap_or(0);
        let last = clause.body.end().checked_sub(1).filter(|_| clause.body.len > 0);
        let held = last.map_or(entered, |last| self.counts(last).held);
        let mut found: Vec<ConditionCoverage> = Vec::new();
        for goal in conditions(program, clause) {
            let Counts { tried, held, failed } = self.counts(goal);
            let span = program.code.spans.get(goal as usize).copied().unwrap_or_default();
            match found.last_mut() {
                // Goals that are one condition in the text, such as a relation and what holds on it.
                Some(before) if before.span == span => {
                    before.held = held;
                    before.failed += failed;
                }
                _ => found.push(ConditionCoverage { span, tried, held, failed }),
            }
        }
        Some(RuleCoverage { rule, span, entered, held, conditions: found })
    }

    fn counts(&self, goal: u32) -> Counts {
        self.goals.get(goal as usize).copied().unwrap_or_default()
    }
}

/// Where the conjunctions of a program begin.
#[derive(Debug)]
struct Outline {
    starts: FxHashSet<u32>,
}

impl Outline {
    fn of(program: &Program) -> Outline {
        let bodies = program.clauses.iter().map(|clause| clause.body.start);
        let blocks = program.code.blocks.iter().map(|block| block.goals.start);
        Outline { starts: bodies.chain(blocks).collect() }
    }
}

/// Watches one question for a [`Coverage`].
#[derive(Clone, Debug)]
pub struct Recorder {
    outline: Arc<Outline>,
    /// What was tried on the way to where the machine is.
    trail: Vec<Tried>,
    /// By goal and call: its place on the trail.
    places: FxHashMap<(u32, u32), usize>,
    counts: FxHashMap<u32, Counts>,
    entered: FxHashMap<u32, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    goal: u32,
    call: u32,
    /// It has held; it may be tried for further answers all the same. To run out of them is a failure where it can bind variables:
    /// it does not hold for any other value.
    held: bool,
    is_open: bool,
}

impl Recorder {
    /// True where a rule's head has matched.
    pub(super) fn has_entered(&self, rule: RuleId) -> bool {
        self.entered.contains_key(&rule.0)
    }

    /// True where a goal was tried.
    pub(super) fn has_tried(&self, goal: u32) -> bool {
        self.counts.contains_key(&goal)
    }

    fn counts(&mut self, goal: u32) -> &mut Counts {
        self.counts.entry(goal).or_default()
    }

    fn hold(&mut self, goal: u32, call: u32) {
        let Some(place) = self.places.get(&(goal, call)) else { return };
        if let Some(tried) = self.trail.get_mut(*place) {
            tried.held = true;
            self.counts(goal).held += 1;
        }
    }

    /// What was tried beyond that place of the trail, and has not held, has failed.
    fn cut_back(&mut self, place: usize) {
        while self.trail.len() > place {
            let Some(tried) = self.trail.pop() else { return };
            if self.places.get(&(tried.goal, tried.call)) == Some(&self.trail.len()) {
                self.places.remove(&(tried.goal, tried.call));
            }
            if !tried.held || tried.is_open {
                self.counts(tried.goal).failed += 1;
            }
        }
    }
}

impl Observer for Recorder {
    const WATCHES_GOALS: bool = true;

    fn enter(&mut self, rule: RuleId, _: u32) {
        *self.entered.entry(rule.0).or_default() += 1;
    }

    fn goal(&mut self, goal: GoalId, call: u32, is_open: bool) {
        if let Some(before) = goal.0.checked_sub(1)
            && !self.outline.starts.contains(&goal.0)
        {
            self.hold(before, call);
        }
        self.places.insert((goal.0, call), self.trail.len());
        self.trail.push(Tried { goal: goal.0, call, held: false, is_open });
        self.counts(goal.0).tried += 1;
    }

    fn held(&mut self, goal: GoalId, call: u32) {
        self.hold(goal.0, call);
    }

    fn mark(&mut self) -> u32 {
        self.trail.len() as u32
    }

    fn backtrack(&mut self, mark: u32) {
        self.cut_back(mark as usize);
    }

    fn over(&mut self) {
        self.cut_back(0);
    }
}
