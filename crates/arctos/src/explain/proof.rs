//! Proofs: what a goal that holds rests on.
//!
//! A node is found by asking the machine which rule answers its goal, and what the rule's variables stand for then; its
//! parts are the rule's goals with these values. Goals further up are barred while that is asked, so that no proof goes
//! round in a circle ([`crate::eval`]'s `parts`). After A. Roychoudhury, C. R. Ramakrishnan and I. V. Ramakrishnan,
//! "Justifying proofs using memo tables", PPDP 2000, whose acyclic justifications these are; the tables are asked anew.

use rustc_hash::FxHashSet;

use crate::error::Error;
use crate::explain::answer::{Argument, Failure, Goal as Said, Part, ProofNode, Support};
use crate::explain::ask::{Asker, Called, Slot, Way, is_exhausted};
use crate::explain::extent::Extent;
use crate::facts::Fact;
use crate::host::Host;
use crate::ir::{Code, Goal, Operand, Pattern, PatternId, Span32};
use crate::policy::RuleId;

/// Writes one proof.
pub(super) struct Prover<'p, 'e, H: Host> {
    asker: &'p mut Asker<'e, H>,
    extent: &'p Extent,
    nodes: usize,
    /// Goals on the way from the question to here.
    path: Vec<Called>,
    proven: FxHashSet<Said>,
    /// What was left out, and why.
    pub(super) omitted: Vec<String>,
    /// What it ends in.
    pub(super) leaves: Vec<Leaf>,
}

/// What a proof ends in that a change of facts may break.
pub(super) enum Leaf {
    Fact(Fact),
    /// Goals of a rule that do not hold, with what the rule's variables stand for.
    Negation {
        rule: RuleId,
        goals: Span32,
        slots: Vec<Argument>,
    },
}

impl<'p, 'e, H: Host> Prover<'p, 'e, H> {
    pub(super) fn new(asker: &'p mut Asker<'e, H>, extent: &'p Extent) -> Self {
        Prover {
            asker,
            extent,
            nodes: 0,
            path: Vec::new(),
            proven: FxHashSet::default(),
            omitted: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// The proof of a goal that holds.
    ///
    /// # Errors
    /// At a limit of the question.
    pub(super) fn prove(&mut self, called: &Called) -> Result<ProofNode, Error> {
        let goal = self.asker.goal(called);
        let node = |by, parts| ProofNode { goal: goal.clone(), by, parts };
        // Different objects may be described alike.
        let is_plain = goal.arguments.iter().all(|argument| matches!(argument, Argument::Value(_)));
        if is_plain && self.proven.contains(&goal) {
            return Ok(node(Support::Above, Vec::new()));
        }
        self.nodes += 1;
        if let Some(reason) = self.is_too_much() {
            return Ok(node(Support::Untold(reason), Vec::new()));
        }
        self.path.push(called.clone());
        let way = self.asker.way(called, &self.path);
        let node = match way {
            Ok(Some(Way::Fact)) => match self.asker.fact(called)? {
                Some((fact, origin)) => {
                    self.leaves.push(Leaf::Fact(fact.clone()));
                    node(Support::Fact { fact, origin }, Vec::new())
                }
                None => node(self.untold("it is no fact when asked again"), Vec::new()),
            },
            Ok(Some(Way::Rule(rule, slots))) => {
                let parts = self.parts_of_rule(rule, slots)?;
                let by = self.asker.used(rule).map_or(Support::Above, Support::Rule);
                self.proven.insert(goal.clone());
                node(by, parts)
            }
            Ok(None) => node(self.untold("it does not hold when asked again"), Vec::new()),
            Err(error) if is_exhausted(&error) => return Err(error),
            Err(error) => node(self.untold(error.message()), Vec::new()),
        };
        self.path.pop();
        Ok(node)
    }

    fn is_too_much(&mut self) -> Option<String> {
        let Extent { nodes, depth, .. } = *self.extent;
        let reason = if self.nodes > nodes {
            format!("the proof has more than {nodes} goals")
        } else if self.path.len() >= depth {
            format!("the proof is deeper than {depth}")
        } else {
            return None;
        };
        self.omit(&reason);
        Some(reason)
    }

    fn untold(&mut self, reason: &str) -> Support {
        self.omit(reason);
        Support::Untold(reason.to_owned())
    }

    fn omit(&mut self, reason: &str) {
        if !self.omitted.iter().any(|known| known == reason) {
            self.omitted.push(reason.to_owned());
        }
    }

    fn parts_of_rule(&mut self, rule: RuleId, mut slots: Vec<Slot>) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        if let Some(clause) = self.asker.program().clause(rule) {
            self.parts(rule, clause.body, &mut slots, &mut parts)?;
        }
        Ok(parts)
    }

    /// The parts that goals of a rule are, with what its variables stand for.
    pub(super) fn parts(
        &mut self,
        rule: RuleId,
        goals: Span32,
        slots: &mut Vec<Slot>,
        parts: &mut Vec<Part>,
    ) -> Result<(), Error> {
        for pc in in_order(self.asker, goals) {
            let code = &self.asker.program().code;
            let Some(goal) = code.goals.get(pc as usize).copied() else { continue };
            match goal {
                Goal::Call(predicate, args) => {
                    let called = self.asker.called(predicate, args, slots)?;
                    parts.push(Part::Goal(self.prove(&called)?));
                }
                Goal::Or(blocks) => self.alternative(rule, blocks, slots, parts)?,
                Goal::Not(block) => {
                    let goals = code.blocks.get(block as usize).map(|block| block.goals).unwrap_or_default();
                    let text = self.asker.text_of(pc);
                    let known = slots.iter().map(|slot| self.asker.argument(*slot)).collect();
                    self.leaves.push(Leaf::Negation { rule, goals, slots: known });
                    let failure = match why_not(self.asker, rule, goals, slots, 1) {
                        Ok(failure) => failure,
                        Err(error) if is_exhausted(&error) => return Err(error),
                        // That it fails is certain; why, the machine could not say by parts.
                        Err(_) => Failure {
                            text: String::new(),
                            why: "it does not hold".to_owned(),
                            reasons: Vec::new(),
                        },
                    };
                    parts.push(Part::Negation(Failure { text, ..failure }));
                }
                Goal::Lookup(_, _, out)
                | Goal::LookupDynamic(_, _, out)
                | Goal::Method(_, _, _, out)
                | Goal::New(_, _, out) => {
                    let value = slots.get(out.0 as usize).copied().flatten();
                    let value = self.asker.argument(value);
                    parts.push(Part::Read { text: self.asker.text_of(pc), value });
                }
                goal => {
                    if let Some(shown) = shown(self.asker, goal, slots)? {
                        parts.push(Part::Condition { text: self.asker.text_of(pc), shown });
                    }
                }
            }
        }
        Ok(())
    }

    /// The first of several alternatives that holds.
    fn alternative(
        &mut self,
        rule: RuleId,
        blocks: Span32,
        slots: &mut Vec<Slot>,
        parts: &mut Vec<Part>,
    ) -> Result<(), Error> {
        let code = &self.asker.program().code;
        for block in blocks.start..blocks.end() {
            let Some(block) = code.blocks.get(block as usize) else { continue };
            match self.asker.solved(rule, block.goals, slots, &self.path) {
                Ok(Some(mut found)) => {
                    self.parts(rule, block.goals, &mut found, parts)?;
                    *slots = found;
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) if is_exhausted(&error) => return Err(error),
                Err(error) => self.omit(error.message()),
            }
        }
        self.omit("an alternative does not hold when asked again");
        Ok(())
    }
}

/// Goals in the order in which they are told: what is read before what is compared.
fn in_order<H: Host>(asker: &Asker<'_, H>, goals: Span32) -> Vec<u32> {
    let mut order = Vec::with_capacity(goals.len as usize);
    let mut pc = goals.start;
    while pc < goals.end() {
        let reads = asker.read_after(pc, goals.end());
        order.extend(pc + 1..pc + 1 + reads);
        order.push(pc);
        pc += 1 + reads;
    }
    order
}

/// Why goals of a rule do not hold: the first that fails whatever those before it give, and why it does, so many levels deep.
pub(super) fn why_not<H: Host>(
    asker: &mut Asker<'_, H>,
    rule: RuleId,
    goals: Span32,
    slots: &[Slot],
    levels: u32,
) -> Result<Failure, Error> {
    let mut known = slots.to_vec();
    let mut failing = goals.end().saturating_sub(1);
    for len in 1..=goals.len {
        match asker.begun(rule, Span32 { start: goals.start, len }, slots)? {
            Some(found) => known = found,
            None => {
                failing = goals.start + len - 1;
                break;
            }
        }
    }
    let text = asker.text_of(failing);
    let code = &asker.program().code;
    let Some(goal) = code.goals.get(failing as usize).copied() else {
        return Ok(Failure { why: fails(&text), text, reasons: Vec::new() });
    };
    let Goal::Call(predicate, args) = goal else {
        let shown = shown(asker, goal, &known)?;
        let why = match (goal, shown) {
            (Goal::Truth(_), Some(shown)) => format!("{text} is {shown}"),
            (_, shown) => fails(&shown.unwrap_or_else(|| text.clone())),
        };
        return Ok(Failure { text, why, reasons: Vec::new() });
    };
    let called = asker.called(predicate, args, &known)?;
    let why = fails(&asker.goal(&called).to_string());
    let reasons = if levels > 0 { reasons(asker, &called)? } else { Vec::new() };
    Ok(Failure { text, why, reasons })
}

fn fails(goal: &str) -> String {
    format!("{goal} does not hold")
}

/// Why a goal does not hold: a sentence for facts, and one for each rule whose head matches.
fn reasons<H: Host>(asker: &mut Asker<'_, H>, called: &Called) -> Result<Vec<String>, Error> {
    let mut reasons = Vec::new();
    let program = asker.program();
    let target = program.predicates.get(called.predicate.0 as usize);
    if target.is_some_and(|predicate| predicate.has_facts) {
        reasons.push("there is no such fact".to_owned());
    }
    for rule in asker.rules_for(called)? {
        let Some(clause) = program.clause(rule) else { continue };
        let Some(slots) = asker.head(rule, called)? else { continue };
        let failure = why_not(asker, rule, clause.body, &slots, 0)?;
        let at = program.sources.locate(clause.origin);
        reasons.push(format!("by the rule at {at} not, since {}", failure.why));
    }
    Ok(reasons)
}

/// A condition with values in place of variables; `None` for one that says nothing about values.
pub(super) fn shown<H: Host>(
    asker: &mut Asker<'_, H>,
    goal: Goal,
    slots: &[Slot],
) -> Result<Option<String>, Error> {
    let code = &asker.program().code;
    let mut show = |operand: Operand| -> Result<String, Error> {
        Ok(asker.value(operand, slots).map(|value| asker.argument(value))?.to_string())
    };
    Ok(Some(match goal {
        Goal::Unify(left, right) => format!("{} = {}", show(left)?, show(right)?),
        Goal::Assign(left, right) => format!("{} := {}", show(left)?, show(right)?),
        Goal::Compare(op, left, right) => format!("{} {op} {}", show(left)?, show(right)?),
        Goal::In(element, collection) => format!("{} in {}", show(element)?, show(collection)?),
        Goal::Truth(value) => show(value)?,
        Goal::Arithmetic(_, _, _, out) => show(Operand::Slot(out))?,
        Goal::Match(value, pattern) if !is_class_test(code, pattern) => {
            format!("{} matches the pattern", show(value)?)
        }
        _ => return Ok(None),
    }))
}

/// True for a pattern that is a class, and no more.
pub(super) fn is_class_test(code: &Code, pattern: PatternId) -> bool {
    matches!(code.patterns.get(pattern.0 as usize), Some(Pattern::Instance(_, fields)) if fields.is_empty())
}
