//! Changes of a policy that its tests should notice.
//!
//! A mutant is the policy with one rule or condition left out, one comparison moved by one, or one truth value turned round. It is made in the
//! program, not in the text, so that it always loads; the copy that is changed is changed back after each. Only the assertions that
//! reach the changed place are asked again.

use std::sync::Arc;

use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::conditions::conditions;
use super::coverage::{Coverage, Recorder};
use super::run::Runner;
use super::{PolicyAssertion, PolicyTest, Verdict};
use crate::error::{Error, ErrorKind};
use crate::facts::Facts;
use crate::host::Comparison;
use crate::ir::{Clause, Goal, Operand, Program, Span32};
use crate::limits::Limits;
use crate::policy::{Policy, RuleId};

/// As many steps as a mutant may take beyond those of the policy itself, which may be very few.
const MORE_STEPS: u64 = 10_000;
/// How many times the steps of the policy a mutant may take: one that goes on and on is noticed.
const STEPS: u64 = 20;

/// What came of the mutants of a policy.
#[derive(Clone, Debug, Default)]
pub struct Mutants {
    /// In the order of the text.
    pub tried: Vec<Mutant>,
    /// How many more there are, beyond the most that were to be tried.
    pub left: usize,
}

/// A change of the policy, and whether a test notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The rule that was changed.
    pub rule: RuleId,
    /// What was changed; for a name in a shorthand rule, that rule.
    pub span: Span,
    /// How.
    pub change: Change,
    /// Whether a test notices.
    pub fate: Fate,
}

/// How a policy was changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Without the rule.
    WithoutRule,
    /// Without one of the alternatives of an `or`.
    WithoutAlternative,
    /// Without a condition, as if it held always; of a shorthand rule, the one about that role, permission or relation.
    WithoutCondition(Option<String>),
    /// With another comparison, such as `<=` for `<`.
    Comparison(Comparison),
    /// With the other truth value.
    Boolean(bool),
}

/// Whether a test notices a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// No test comes to that place.
    Unreached,
    /// Every assertion holds as before.
    Survived,
    /// An assertion holds no more.
    Noticed,
}

impl Mutants {
    /// The changes that no test notices.
    pub fn survivors(&self) -> impl Iterator<Item = &Mutant> {
        self.tried.iter().filter(|mutant| mutant.fate != Fate::Noticed)
    }
}

impl Mutant {
    /// What to tell of a change that no test notices: `P1003`.
    pub fn diagnostic(&self) -> Diagnostic {
        let (what, label) = match &self.change {
            Change::WithoutRule => ("this rule is left out".to_owned(), "not needed by any test".to_owned()),
            Change::WithoutAlternative => {
                ("this alternative is left out".to_owned(), "not needed by any test".to_owned())
            }
            Change::WithoutCondition(None) => {
                ("this condition is left out".to_owned(), "may as well hold always".to_owned())
            }
            Change::WithoutCondition(Some(name)) => {
                (format!("the condition {name} is left out"), format!("{name} may as well hold always"))
            }
            Change::Comparison(comparison) => {
                (format!("this compares by `{comparison}`"), format!("may as well be `{comparison}`"))
            }
            Change::Boolean(value) => (format!("this is `{value}`"), format!("may as well be `{value}`")),
        };
        let message = match self.fate {
            Fate::Unreached => format!("no test comes here, so that none notices when {what}"),
            _ => format!("no test notices when {what}"),
        };
        Diagnostic::new(codes::SURVIVING_MUTANT, self.span, message).primary(label)
    }
}

impl Runner {
    /// Changes the policy in many ways, at most `most`, and finds out which changes these tests notice. Of the tests only assertions that hold
    /// count.
    ///
    /// ```
    /// use arctos::testing::Runner;
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
    /// let mutants = Runner::new(&policy).mutants(policy.tests(), 1000)?;
    /// let survivors: Vec<_> = mutants.survivors().map(|mutant| policy.sources().text(mutant.span)).collect();
    /// assert_eq!(survivors, ["not is_locked(doc)"]);
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] for a policy whose texts do not give the same policy when they are loaded once more.
    pub fn mutants<'t>(
        &self,
        tests: impl IntoIterator<Item = &'t PolicyTest>,
        most: usize,
    ) -> Result<Mutants, Error> {
        let reached = self.reached(tests);
        let mut changes: Vec<Planned> = Vec::new();
        for (index, clause) in self.policy().0.clauses.iter().enumerate() {
            if clause.origin.start < clause.origin.end {
                plan(&self.policy().0, RuleId(index as u32), clause, &mut changes);
            }
        }
        changes.sort_by_key(|planned| (planned.mutant.span, planned.mutant.change.clone()));
        let left = changes.len().saturating_sub(most);
        changes.truncate(most);
        let mut copy = Duplicate::of(self.policy())?;
        let mut tried = Vec::with_capacity(changes.len());
        for planned in changes {
            let fate = self.fate(&planned, &reached, &mut copy)?;
            tried.push(Mutant { fate, ..planned.mutant });
        }
        Ok(Mutants { tried: without_repetitions(tried), left })
    }

    /// The assertions that hold, with what they reach.
    fn reached<'t>(&self, tests: impl IntoIterator<Item = &'t PolicyTest>) -> Vec<Reached<'t>> {
        let coverage = Coverage::new(self.policy());
        let mut reached = Vec::new();
        for test in tests {
            let Ok(facts) = super::run::facts_of(test) else { continue };
            for assertion in &test.assertions {
                let asking = self.asking(self.policy(), test, None);
                let (verdict, seen, steps) = asking.verdict(assertion, &facts, coverage.recorder());
                if matches!(verdict, Verdict::Passed) {
                    reached.push(Reached { test, assertion, facts: facts.clone(), seen, steps });
                }
            }
        }
        reached
    }

    fn fate(&self, planned: &Planned, reached: &[Reached<'_>], copy: &mut Duplicate) -> Result<Fate, Error> {
        let before = copy.apply(&planned.edit)?;
        let mut fate = Fate::Unreached;
        for one in reached.iter().filter(|one| planned.is_reached(&one.seen)) {
            fate = Fate::Survived;
            let steps = one.steps.saturating_mul(STEPS).saturating_add(MORE_STEPS);
            let limits = Limits { steps: steps.min(self.limits().steps), ..self.limits().clone() };
            let asking = self.asking(&copy.policy, one.test, Some(&limits));
            if !matches!(asking.verdict(one.assertion, &one.facts, ()).0, Verdict::Passed) {
                fate = Fate::Noticed;
                break;
            }
        }
        copy.apply(&before)?;
        Ok(fate)
    }
}

/// Where no test needs a rule, its alternatives are not worth a word; where none comes to it, nothing in it is.
fn without_repetitions(mut tried: Vec<Mutant>) -> Vec<Mutant> {
    let rules = tried.iter().filter(|mutant| mutant.change == Change::WithoutRule);
    let fates: FxHashMap<RuleId, Fate> = rules.map(|mutant| (mutant.rule, mutant.fate)).collect();
    tried.retain(|mutant| match (&mutant.change, fates.get(&mutant.rule)) {
        (Change::WithoutRule, _) => true,
        (Change::WithoutAlternative, Some(Fate::Survived)) => false,
        (_, fate) => fate != Some(&Fate::Unreached),
    });
    tried
}

/// An assertion that holds.
struct Reached<'t> {
    test: &'t PolicyTest,
    assertion: &'t PolicyAssertion,
    facts: Facts,
    seen: Recorder,
    steps: u64,
}

/// A change that is to be tried.
struct Planned {
    mutant: Mutant,
    edit: Edit,
    /// The goal that an assertion must have tried to notice; `None` for the rule itself.
    goal: Option<u32>,
}

impl Planned {
    fn is_reached(&self, seen: &Recorder) -> bool {
        match self.goal {
            Some(goal) => seen.has_tried(goal),
            None => seen.has_entered(self.mutant.rule),
        }
    }
}

/// What is written where in the program.
#[derive(Clone, Copy)]
enum Edit {
    Goal(u32, Goal),
    Operand(u32, Operand),
    Body(RuleId, Span32),
}

/// The changes of one rule.
fn plan(program: &Program, rule: RuleId, clause: &Clause, changes: &mut Vec<Planned>) {
    let mut add = |change, span, edit, goal| {
        let mutant = Mutant { rule, span, change, fate: Fate::Unreached };
        changes.push(Planned { mutant, edit, goal });
    };
    let without = match clause.body.len {
        0 => Edit::Body(rule, Span32 { start: program.code.goals.len() as u32, len: 1 }),
        _ => Edit::Goal(clause.body.start, Goal::Fail),
    };
    add(Change::WithoutRule, clause.origin, without, None);
    let span_of = |goal: u32| program.code.spans.get(goal as usize).copied().unwrap_or_default();
    for first in alternatives(program, clause.body) {
        add(Change::WithoutAlternative, span_of(first), Edit::Goal(first, Goal::Fail), Some(first));
    }
    let always = Goal::Truth(Operand::Boolean(true));
    for number in conditions(program, clause) {
        let Some(goal) = program.code.goals.get(number as usize).copied() else { continue };
        let span = span_of(number);
        let name = (span == clause.origin).then(|| name_of(program, clause, goal)).flatten();
        add(Change::WithoutCondition(name), span, Edit::Goal(number, always), Some(number));
        if let Goal::Compare(comparison, left, right) = goal
            && let Some(other) = neighbour(comparison)
        {
            let edit = Edit::Goal(number, Goal::Compare(other, left, right));
            add(Change::Comparison(other), span, edit, Some(number));
        }
        let operands = match goal {
            Goal::Call(_, operands) => operands.range(),
            _ => 0..0,
        };
        for place in operands {
            if let Some(Operand::Boolean(value)) = program.code.operands.get(place) {
                let edit = Edit::Operand(place as u32, Operand::Boolean(!value));
                add(Change::Boolean(!value), span, edit, Some(number));
            }
        }
    }
}

/// The first goals of the alternatives in these goals and what they negate.
fn alternatives(program: &Program, run: Span32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut runs = vec![run];
    let block = |block: u32| program.code.blocks.get(block as usize).map(|block| block.goals);
    while let Some(run) = runs.pop() {
        for goal in program.code.goals.get(run.range()).unwrap_or(&[]) {
            match goal {
                Goal::Or(blocks) => {
                    let inner = (blocks.start..blocks.end()).filter_map(block);
                    for goals in inner.filter(|goals| goals.len > 0) {
                        found.push(goals.start);
                        runs.push(goals);
                    }
                }
                Goal::Not(negated) => runs.extend(block(*negated)),
                _ => {}
            }
        }
    }
    found
}

/// The role, permission or relation that a goal of a shorthand rule asks for.
fn name_of(program: &Program, clause: &Clause, goal: Goal) -> Option<String> {
    let Goal::Call(predicate, operands) = goal else { return None };
    let predicate = program.symbols.text(program.predicates.get(predicate.0 as usize)?.name);
    let name = match program.code.operands(operands).get(1)? {
        Operand::Text(name) => format!("`\"{}\"`", program.symbols.text(*name)),
        Operand::Slot(slot) => format!("`{}`", program.symbols.text(*clause.slots.get(slot.0 as usize)?)),
        _ => return None,
    };
    Some(if predicate == "has_relation" { format!("on {name}") } else { name })
}

/// The comparison that differs only at the limit.
fn neighbour(comparison: Comparison) -> Option<Comparison> {
    Some(match comparison {
        Comparison::Lt => Comparison::Leq,
        Comparison::Leq => Comparison::Lt,
        Comparison::Gt => Comparison::Geq,
        Comparison::Geq => Comparison::Gt,
        Comparison::Eq => Comparison::Neq,
        Comparison::Neq => Comparison::Eq,
    })
}

/// The policy loaded once more, to be changed.
struct Duplicate {
    policy: Policy,
}

impl Duplicate {
    fn of(policy: &Policy) -> Result<Duplicate, Error> {
        let mut copy = Policy::load(&policy.schema().without_entity_types(), policy.sources().clone())?;
        let is_same = copy.0.code.goals.len() == policy.0.code.goals.len()
            && copy.0.clauses.len() == policy.0.clauses.len();
        let program = Arc::get_mut(&mut copy.0).filter(|_| is_same).ok_or_else(not_the_same)?;
        // The body of a rule that has none and is to be left out.
        program.code.goals.push(Goal::Fail);
        program.code.spans.push(Span::default());
        Ok(Duplicate { policy: copy })
    }

    /// Writes, and returns what was there.
    fn apply(&mut self, edit: &Edit) -> Result<Edit, Error> {
        let program = Arc::get_mut(&mut self.policy.0).ok_or_else(not_the_same)?;
        Ok(match *edit {
            Edit::Goal(at, goal) => {
                let place = program.code.goals.get_mut(at as usize).ok_or_else(not_the_same)?;
                Edit::Goal(at, std::mem::replace(place, goal))
            }
            Edit::Operand(at, operand) => {
                let place = program.code.operands.get_mut(at as usize).ok_or_else(not_the_same)?;
                Edit::Operand(at, std::mem::replace(place, operand))
            }
            Edit::Body(rule, body) => {
                let clause = program.clauses.get_mut(rule.index()).ok_or_else(not_the_same)?;
                Edit::Body(rule, std::mem::replace(&mut clause.body, body))
            }
        })
    }
}

#[cold]
fn not_the_same() -> Error {
    Error::new(ErrorKind::Misuse, "the policy's texts do not give the same policy once more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use arctos_syntax::Sources;

    #[test]
    fn what_is_changed_is_changed_back() {
        let mut schema = Schema::new();
        schema.enable_facts();
        let mut sources = Sources::default();
        sources.add(
            None,
            r#"resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader" and is_open(resource, true); }
            has_role(User{"root"}, "reader", _: Doc);
            has_role(u: User, "reader", d: Doc) if age matches Integer and age(u, d, age) and (age > 3 or not is_new(d));"#,
        );
        let policy = Policy::load(&schema, sources).expect("a good policy");
        let mut changes = Vec::new();
        for (rule, clause) in (0..).map(RuleId).zip(&policy.0.clauses) {
            plan(&policy.0, rule, clause, &mut changes);
        }
        let mut copy = Duplicate::of(&policy).expect("the same policy");
        let shown = |copy: &Duplicate| format!("{:?} {:?}", copy.policy.0.code, copy.policy.0.clauses);
        let unchanged = shown(&copy);
        for planned in &changes {
            let before = copy.apply(&planned.edit).expect("there is such a place");
            assert_ne!(shown(&copy), unchanged, "{:?}", planned.mutant);
            copy.apply(&before).expect("there is such a place");
            assert_eq!(shown(&copy), unchanged, "{:?}", planned.mutant);
        }
        assert!(changes.len() > 10);
    }
}
