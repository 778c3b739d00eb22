//! The calls of clauses, with what is known at load of their arguments.

use rustc_hash::FxHashMap;

use super::Edge;
use crate::ir::{
    Accepts, Clause, Goal, Key, Operand, Param, Pattern, PatternId, PredicateId, Program, Slot, Span32, Tag,
};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// How many clauses of a leaf are looked at to see that none matches.
const LOOKED_AT: usize = 8;

/// The calls of all clauses, in the order of the clauses.
pub(super) fn all(program: &Program) -> Vec<Edge> {
    let mut calls = Calls { program, asked: FxHashMap::default(), found: Vec::new() };
    let mut known = Vec::new();
    for (number, clause) in program.clauses.iter().enumerate() {
        note_variables(program, clause, &mut known);
        Caller { calls: &mut calls, number: number as u32, clause, known: &known, at: 0 }.body();
    }
    calls.found
}

/// Where something is said of a variable's class. It counts from there on: an earlier call may go round with whatever class.
#[derive(Clone, Copy, Default)]
struct Mention {
    /// The first parameter that is it.
    param: Option<PatternId>,
    /// The first `matches`, and its goal.
    matches: Option<(PatternId, u32)>,
    /// The first call that mentions it, at which argument, and its goal.
    call: Option<(PredicateId, Span32, u32, u32)>,
}

/// Notes for each variable of a clause where its head and the goals of its body, blocks aside, tell its class.
fn note_variables(program: &Program, clause: &Clause, known: &mut Vec<Mention>) {
    known.clear();
    known.resize(clause.slots.len(), Mention::default());
    for param in clause.params.iter().rev() {
        if let Some(mention) = mention(known, param.operand) {
            mention.param = param.pattern;
        }
    }
    let goals = program.code.goals.get(clause.body.range()).unwrap_or(&[]);
    for (at, goal) in (clause.body.start..).zip(goals) {
        match goal {
            Goal::Match(value, pattern) => {
                if let Some(mention) = mention(known, *value) {
                    mention.matches = mention.matches.or(Some((*pattern, at)));
                }
            }
            Goal::Call(predicate, args) => {
                for (position, arg) in program.code.operands(*args).iter().enumerate() {
                    if let Some(mention) = mention(known, *arg) {
                        mention.call = mention.call.or(Some((*predicate, *args, position as u32, at)));
                    }
                }
            }
            _ => {}
        }
    }
}

fn mention(known: &mut [Mention], operand: Operand) -> Option<&mut Mention> {
    let Operand::Slot(Slot(slot)) = operand else { return None };
    known.get_mut(slot as usize)
}

/// Where in a clause's body a goal stands.
#[derive(Clone, Copy)]
struct Place {
    /// Inside a negation.
    negative: bool,
    /// Nothing comes after it.
    last: bool,
}

/// Collects calls.
struct Calls<'a> {
    program: &'a Program,
    /// The class that all clauses of a leaf ask of a parameter.
    asked: FxHashMap<(PredicateId, u32, u32), Option<ClassId>>,
    found: Vec<Edge>,
}

/// Collects the calls of one clause.
struct Caller<'c, 'a> {
    calls: &'c mut Calls<'a>,
    number: u32,
    clause: &'a Clause,
    known: &'c [Mention],
    /// The goal of the body that is looked at, or that the block is in.
    at: u32,
}

impl<'a> Caller<'_, 'a> {
    fn body(&mut self) {
        let end = self.clause.body.end();
        for at in self.clause.body.start..end {
            self.at = at;
            self.goals(Span32 { start: at, len: 1 }, Place { negative: false, last: at + 1 == end });
        }
    }

    fn goals(&mut self, goals: Span32, of: Place) {
        let code = &self.calls.program.code;
        for index in goals.start..goals.end() {
            let Some(goal) = code.goals.get(index as usize) else { continue };
            let place = Place { last: of.last && index + 1 == goals.end(), ..of };
            match goal {
                Goal::Call(predicate, args) => self.call(*predicate, *args, index, place),
                Goal::Not(block) => self.block(*block, Place { negative: true, last: false }),
                Goal::Or(blocks) => (blocks.start..blocks.end()).for_each(|block| self.block(block, place)),
                _ => {}
            }
        }
    }

    fn block(&mut self, block: u32, place: Place) {
        if let Some(block) = self.calls.program.code.blocks.get(block as usize) {
            self.goals(block.goals, place);
        }
    }

    fn call(&mut self, predicate: PredicateId, args: Span32, goal: u32, place: Place) {
        let program = self.calls.program;
        let Some(target) = program.predicates.get(predicate.0 as usize) else { return };
        let operands = program.code.operands(args);
        let mut key = |position: u32| operands.get(position as usize).map_or(Key::Any, |arg| self.key(*arg));
        let Some(leaf) = target.index.find(&mut key) else { return };
        let clauses = target.index.leaf(leaf).map_or(&[][..], |leaf| &leaf.clauses);
        // The index does not look at every argument.
        if clauses.len() <= LOOKED_AT && !clauses.iter().any(|rule| self.may_match(*rule, operands)) {
            return;
        }
        let shrinks = operands
            .iter()
            .zip(0..)
            .filter(|(operand, position)| self.is_rest(**operand, *position))
            .map(|(_, position)| position)
            .collect();
        let changes = operands
            .iter()
            .zip(0..)
            .filter(|(operand, position)| !self.is_passed_on(**operand, *position))
            .map(|(_, position)| position)
            .collect();
        self.calls.found.push(Edge {
            clause: self.number,
            leaf: (predicate, leaf),
            negative: place.negative,
            span: program.code.spans.get(goal as usize).copied().unwrap_or_default(),
            shrinks,
            goal,
            last: place.last,
            changes,
        });
    }

    /// True for what the head has at that position: its variable, or the same constant.
    fn is_passed_on(&self, operand: Operand, position: u32) -> bool {
        let same = |param: &Param| param.operand == operand;
        let is_plain = matches!(operand, Operand::Slot(_) | Operand::Text(_) | Operand::Integer(_));
        is_plain && self.clause.params.get(position as usize).is_some_and(same)
    }

    fn may_match(&mut self, rule: RuleId, operands: &[Operand]) -> bool {
        let program = self.calls.program;
        let params = program.clause(rule).map_or(&[][..], |clause| &clause.params);
        params.iter().zip(operands).all(|(param, operand)| match Accepts::of(param, &program.code) {
            Accepts::Anything => true,
            accepts => {
                let key = self.key(*operand);
                program.classes.may_match(accepts, key)
            }
        })
    }

    fn is_rest(&self, operand: Operand, position: u32) -> bool {
        let Some(param) = self.clause.params.get(position as usize) else { return false };
        let by_term = match param.operand {
            Operand::List(id) => self
                .calls
                .program
                .code
                .lists
                .get(id.0 as usize)
                .is_some_and(|list| list.items.len > 0 && list.rest == Some(operand)),
            _ => false,
        };
        let by_pattern =
            match param.pattern.and_then(|id| self.calls.program.code.patterns.get(id.0 as usize)) {
                Some(Pattern::List(items, rest)) => !items.is_empty() && *rest == Some(operand),
                _ => false,
            };
        (by_term || by_pattern) && matches!(operand, Operand::Slot(_))
    }

    /// What is known at load of an argument.
    fn key(&mut self, operand: Operand) -> Key {
        match operand {
            Operand::Slot(slot) => self.class_of(slot).map_or(Key::Any, Key::Object),
            operand => constant_key(operand),
        }
    }

    /// The class of a variable, where the head, a `matches`, or a call before tells it and it has no subclasses.
    fn class_of(&mut self, slot: Slot) -> Option<ClassId> {
        self.class_by_pattern(slot).or_else(|| self.class_by_call(slot))
    }

    fn class_by_pattern(&self, slot: Slot) -> Option<ClassId> {
        let mention = self.known.get(slot.0 as usize)?;
        let matched = mention.matches.filter(|(_, at)| *at < self.at).map(|(pattern, _)| pattern);
        self.calls.sole_class(mention.param.or(matched)?)
    }

    /// The class that every clause an earlier call can reach asks of the variable: `has_relation(org, "org", repo)`
    /// makes `org` an `Org` if all such relations do.
    fn class_by_call(&mut self, slot: Slot) -> Option<ClassId> {
        let call = self.known.get(slot.0 as usize)?.call;
        let (predicate, args, position, _) = call.filter(|(.., at)| *at < self.at)?;
        let program = self.calls.program;
        let operands = program.code.operands(args);
        let key = |at: u32| match operands.get(at as usize) {
            Some(Operand::Slot(other)) if *other == slot => Key::Any,
            Some(Operand::Slot(other)) => self.class_by_pattern(*other).map_or(Key::Any, Key::Object),
            Some(arg) => constant_key(*arg),
            None => Key::Any,
        };
        // Facts may say it of values of other classes.
        let called = program.predicates.get(predicate.0 as usize).filter(|called| !called.has_facts)?;
        let leaf = called.index.find(key)?;
        if let Some(known) = self.calls.asked.get(&(predicate, leaf, position)) {
            return *known;
        }
        let asked = self.calls.asked_by_all(predicate, leaf, position);
        self.calls.asked.insert((predicate, leaf, position), asked);
        asked
    }
}

impl Calls<'_> {
    fn asked_by_all(&self, predicate: PredicateId, leaf: u32, position: u32) -> Option<ClassId> {
        let leaf = self.program.predicates.get(predicate.0 as usize)?.index.leaf(leaf)?;
        let asked = |rule: &RuleId| {
            let param = self.program.clause(*rule)?.params.get(position as usize)?;
            self.sole_class(param.pattern?)
        };
        let first = asked(leaf.clauses.first()?)?;
        leaf.clauses.iter().all(|rule| asked(rule) == Some(first)).then_some(first)
    }

    /// The class of a pattern, if it is the application's and has no subclasses.
    fn sole_class(&self, pattern: PatternId) -> Option<ClassId> {
        match self.program.code.patterns.get(pattern.0 as usize)? {
            Pattern::Instance(Tag::Class(class), _) if class.index() > ClassId::DICTIONARY.index() => {
                let alone = self.program.descendants.get(class.index()).is_some_and(|list| list.len() <= 1);
                alone.then_some(*class)
            }
            _ => None,
        }
    }
}

/// What is known of an argument that is no variable.
fn constant_key(operand: Operand) -> Key {
    match operand {
        Operand::Text(symbol) => Key::Text(symbol),
        Operand::Integer(value) => Key::Integer(value),
        Operand::Boolean(value) => Key::Boolean(value),
        Operand::Nil => Key::Nil,
        Operand::List(_) => Key::Core(ClassId::LIST),
        Operand::Dictionary(_) => Key::Core(ClassId::DICTIONARY),
        _ => Key::Any,
    }
}
