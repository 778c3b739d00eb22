//! The bound-first reading of a program: the same answers, found from what a question knows.
//!
//! A list asks with one argument open. Read as it is written, a rule like `has_role(u, "reader", repo) if has_relation(repo, "org", org)
//! and has_role(u, "member", org)` would go through all repositories. This module makes a program in which each predicate has a copy
//! for each way it is called, told by what is known of its arguments (after J. D. Ullman's adornments and sideways information
//! passing: "Implementation of logical query languages for databases", ACM TODS 10(3), 1985; I. S. Mumick, S. J. Finkelstein,
//! H. Pirahesh and R. Ramakrishnan, "Magic is relevant", SIGMOD 1990), and in which the goals of a body stand in the order in
//! which they know most. The machine runs it like any program, so that tables, wildcards, negation and limits have one meaning.
//!
//! A copy holds only the clauses that can match what is known of the arguments' types. The type of an argument that is open is asked
//! after what binds it. What may end in an error stays behind all that precedes it in the source; where all arguments are
//! known, bodies stay as they are written: those are the closed questions that `check` asks.
//!
//! DIVERGENCE: no magic predicates: tables make goals as they are called, which is what magic sets do from below.

mod body;
mod nature;
mod order;
mod question;
mod readings;
mod scope;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arctos_syntax::Span;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Block, Clause, Code, Goal, Index, Operand, Pattern, Predicate, PredicateId, Program, recursion};
use crate::forms::FactForms;
use crate::policy::RuleId;
use crate::schema::ClassId;
use crate::symbol::Symbol;
use nature::{Nature, Natures};

pub(crate) use nature::each_call;
pub(crate) use readings::Readings;

/// What is known of an argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// It has a value.
    pub(crate) is_bound: bool,
    /// All that matters are values of exactly that class.
    pub(crate) class: Option<ClassId>,
}

impl Kind {
    const OPEN: Kind = Kind { is_bound: false, class: None };
}

/// A question as far as its reading depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// Predicates, and arguments as numbers of variables.
    pub(crate) calls: Vec<(PredicateId, Vec<u32>)>,
    pub(crate) variables: Vec<Asked>,
    /// The request says what time it is.
    pub(crate) has_time: bool,
    /// Given values are gone through before anything is called.
    pub(crate) given_first: bool,
}

/// What a question says of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    /// Its value, of that class.
    Known(Option<ClassId>),
    /// Its class.
    OfClass(Option<ClassId>),
    /// Several values.
    Given,
}

/// A program made for a question.
#[derive(Debug)]
pub(crate) struct BoundFirst {
    pub(crate) program: Program,
    /// The question: its arguments are the variables.
    pub(crate) question: PredicateId,
    /// For each variable with several values, in their order: facts that say which.
    pub(crate) given: Vec<PredicateId>,
}

/// Copies after which no more is told apart than what is open, and after which not even that.
const MOST_BY_CLASS: usize = 1 << 10;
const MOST_BY_OPENNESS: usize = 1 << 11;
/// As many clauses as that, and so many times those of the program, are as many copies.
const MOST_CLAUSES: (usize, usize) = (1 << 16, 8);

impl BoundFirst {
    /// Reads a program for a question. `None` where a goal that may be reached means something else with other arguments open.
    pub(crate) fn read(program: &Program, shape: &Shape) -> Option<BoundFirst> {
        let natures = Natures::of(program, shape.has_time);
        let mut builder = Builder::new(program, &natures);
        let (question, given) = builder.question(shape)?;
        let program = builder.finish();
        Some(BoundFirst { program, question, given })
    }

    /// How many bytes it takes, about.
    fn bytes(&self) -> usize {
        let Program { code, clauses, predicates, .. } = &self.program;
        let of_code = code.goals.len() * (size_of::<Goal>() + size_of::<Span>())
            + code.operands.len() * size_of::<Operand>()
            + code.patterns.len() * size_of::<Pattern>()
            + code.blocks.len() * (size_of::<Block>() + 64);
        // Indexes take about as much as the clauses that they are of.
        of_code + clauses.len() * 2 * (size_of::<Clause>() + 128) + predicates.len() * size_of::<Predicate>()
    }
}

/// A predicate of the program that is made.
#[derive(Clone, Debug)]
struct Adorned {
    origin: Origin,
    kinds: Box<[Kind]>,
}

/// What a predicate stands for.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Question,
    /// The values given for a variable, as facts.
    Given,
    /// A predicate of the program, where these things are known of its arguments.
    Copy(PredicateId),
}

/// Makes the copies.
struct Builder<'p> {
    program: &'p Program,
    natures: &'p Natures<'p>,
    /// By predicate: its clauses.
    rules: Vec<Vec<RuleId>>,
    code: Code,
    clauses: Vec<Clause>,
    copies: Vec<Adorned>,
    /// The clauses of all copies, at most.
    planned: usize,
    by_kinds: FxHashMap<(PredicateId, Box<[Kind]>), PredicateId>,
}

impl<'p> Builder<'p> {
    fn new(program: &'p Program, natures: &'p Natures<'p>) -> Self {
        let mut rules = vec![Vec::new(); program.predicates.len()];
        for (clause, rule) in program.clauses.iter().zip(0..) {
            if let Some(list) = rules.get_mut(clause.predicate.0 as usize) {
                list.push(RuleId(rule));
            }
        }
        let old = &program.code;
        let code = Code {
            goals: Vec::new(),
            spans: Vec::new(),
            blocks: Vec::new(),
            operands: old.operands.clone(),
            lists: old.lists.clone(),
            dictionaries: old.dictionaries.clone(),
            patterns: old.patterns.clone(),
            calls: old.calls.clone(),
            entities: old.entities.clone(),
        };
        let (clauses, copies, by_kinds) = (Vec::new(), Vec::new(), FxHashMap::default());
        Builder { program, natures, rules, code, clauses, copies, planned: 0, by_kinds }
    }

    /// The copy of a predicate for arguments of these kinds.
    fn copy(&mut self, predicate: PredicateId, mut kinds: Vec<Kind>) -> PredicateId {
        let clauses = self.rules.get(predicate.0 as usize).map_or(0, Vec::len);
        let many = MOST_CLAUSES.0 + MOST_CLAUSES.1 * self.program.clauses.len();
        let copies = if self.planned < many { self.copies.len() } else { MOST_BY_OPENNESS };
        // What a cut leaves out depends on every clause that is tried.
        let is_fixed = self.natures.predicate(predicate) == Nature::Fixed;
        for kind in &mut kinds {
            match copies {
                _ if clauses == 0 => *kind = Kind::OPEN,
                MOST_BY_OPENNESS.. => *kind = Kind::OPEN,
                MOST_BY_CLASS.. => kind.class = None,
                _ if is_fixed => kind.class = None,
                _ => {}
            }
        }
        let key = (predicate, kinds.into_boxed_slice());
        if let Some(copy) = self.by_kinds.get(&key) {
            return *copy;
        }
        self.planned += clauses;
        let copy = self.add(Origin::Copy(predicate), key.1.clone());
        self.by_kinds.insert(key, copy);
        copy
    }

    fn add(&mut self, origin: Origin, kinds: Box<[Kind]>) -> PredicateId {
        self.copies.push(Adorned { origin, kinds });
        PredicateId(self.copies.len() as u32 - 1)
    }

    /// Makes the clauses of all copies that are called.
    fn follow(&mut self) {
        let mut next = 0;
        while let Some(Adorned { origin, kinds }) = self.copies.get(next).cloned() {
            let rules = match origin {
                Origin::Copy(of) => self.rules.get(of.0 as usize).cloned().unwrap_or_default(),
                Origin::Question | Origin::Given => Vec::new(),
            };
            for rule in rules {
                let clause = self.program.clause(rule);
                let copy = clause.and_then(|clause| self.clause(clause, PredicateId(next as u32), &kinds));
                self.clauses.extend(copy);
            }
            next += 1;
        }
    }

    fn finish(mut self) -> Program {
        self.follow();
        let old = self.program;
        let mut rules: Vec<Vec<RuleId>> = vec![Vec::new(); self.copies.len()];
        for (clause, rule) in self.clauses.iter().zip(0..) {
            if let Some(list) = rules.get_mut(clause.predicate.0 as usize) {
                list.push(RuleId(rule));
            }
        }
        let predicate = |(copy, rules): (&Adorned, &Vec<RuleId>)| {
            let of = match copy.origin {
                Origin::Copy(of) => old.predicates.get(of.0 as usize),
                Origin::Question | Origin::Given => None,
            };
            let arity = copy.kinds.len() as u32;
            Predicate {
                name: of.map_or(Symbol(0), |of| of.name),
                arity,
                has_facts: of.map_or(matches!(copy.origin, Origin::Given), |of| of.has_facts),
                index: Index::build(rules, arity, &self.clauses, &self.code, &old.classes),
            }
        };
        let mut program = Program {
            sources: old.sources.clone(),
            schema: old.schema.clone(),
            symbols: Arc::clone(&old.symbols),
            warnings: Vec::new(),
            predicates: self.copies.iter().zip(&rules).map(predicate).collect(),
            code: self.code,
            clauses: self.clauses,
            by_name: FxHashMap::default(),
            defined: FxHashSet::default(),
            inline_queries: Vec::new(),
            tests: Vec::new(),
            forms: FactForms::default(),
            declared: Vec::new(),
            descendants: old.descendants.clone(),
            unions: old.unions.clone(),
            classes: Arc::clone(&old.classes),
            readings: Readings::default(),
        };
        recursion::analyse(&mut program);
        program
    }
}
