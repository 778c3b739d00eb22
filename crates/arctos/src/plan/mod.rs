//! Plans: predicates specialised for what their arguments are.
//!
//! Most questions are closed: `allow(ann, "read", repo)` with no variable in it. For a closed goal it is known, before
//! anything runs, which variables of each clause are bound at each of its goals, which clauses can match arguments of
//! these kinds, and where to go on when a goal fails. A plan is that knowledge as straight code over registers: calls are
//! unfolded, constants propagated, class tests of known classes decided; what is left are host reads, comparisons, loops
//! and jumps. It needs no trail, no environment, no choice stack and no unification.
//!
//! Specialisation by unfolding after N. D. Jones, C. K. Gomard and P. Sestoft, *Partial Evaluation and Automatic Program
//! Generation*, 1993; static modes after Z. Somogyi, F. Henderson and T. Conway, "The execution algorithm of Mercury",
//! JLP 1996. Plans are made when first needed, for the classes that occur, as U. Hölzle, C. Chambers and D. Ungar do in
//! "Optimizing dynamically-typed object-oriented languages with polymorphic inline caches", ECOOP 1991.
//!
//! INVARIANT: a plan tries clauses and goals in the machine's order, each recursion in last place once, and gives the machine's answer, the
//! application's errors included. Where it meets what it has no code for (a type error, a reply that comes later, a condition on an
//! unbound variable), it says [`Verdict::Undecided`], and the question goes to the machine from its start.

mod again;
mod build;
mod facts;
mod item;
mod keys;
mod kind;
mod memo;
mod op;
mod reach;
mod run;
mod state;
mod straight;
#[cfg(test)]
mod tests;
mod values;
mod walk;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::heap::Term;
use crate::ir::{Operand, Pattern, PredicateId, Program};
use crate::limits::Limits;
use crate::schema::ClassId;

pub use item::{ItemTest, ItemTests, Values, Wanted};
pub(crate) use op::{Either, Reg, Scan, Sought, Target};
pub use reach::{Entered, Reached};
pub(crate) use run::decide;
pub(crate) use state::State;
pub(crate) use straight::{MOST_STEPS, Step, Straight};

use kind::Kind;
use op::Plan;

/// Arguments that a planned call may have.
pub(crate) const MAX_ARITY: usize = 6;

/// Bytes of plans that are kept from one decision to the next, about.
const KEPT: usize = 16 << 20;
/// Bytes of plans after which no more are made in one decision, about: more kinds of arguments go to the machine.
const MOST: usize = 64 << 20;

/// How many plans are found without hashing.
const RECENT: usize = 16;

/// What is to be decided.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) program: &'a Program,
    pub(crate) predicate: PredicateId,
    pub(crate) arguments: &'a [Term],
    pub(crate) limits: &'a Limits,
}

/// What a plan finds.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The goal has an answer.
    Yes,
    /// It has none.
    No,
    /// That is for the machine to find out.
    Undecided,
    /// A limit was reached.
    Exhausted(crate::Error),
    /// The application failed.
    Failed(crate::Error),
}

/// What is seen of an argument that need not be put on a heap.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen<'a> {
    /// An object of that class.
    Object(ClassId),
    /// Text, for which there is straight code where the policy mentions it.
    Text(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PlanId(u32);

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PlanKey {
    predicate: PredicateId,
    kinds: [Kind; MAX_ARITY],
}

impl PlanKey {
    /// Where it may be among the recent ones.
    fn slot(&self) -> usize {
        let mixed = self
            .kinds
            .iter()
            .fold(u64::from(self.predicate.0), |mixed, kind| mixed.wrapping_mul(5).wrapping_add(kind.word()));
        mixed as usize % RECENT
    }
}

/// The plans of one policy, made as they are needed.
#[derive(Debug)]
pub(crate) struct Plans {
    by_key: FxHashMap<PlanKey, PlanId>,
    all: Vec<Plan>,
    /// How many scans they have ever had.
    scans: u64,
    /// How many questions to facts the plans have that there are.
    asks: u32,
    /// What all of them take, about.
    bytes: usize,
    /// Plans that were looked for lately.
    recent: [Option<(PlanKey, PlanId)>; RECENT],
    /// Integers that heads of rules name: only these have kinds of their own.
    integers: FxHashSet<i64>,
}

impl Plans {
    pub(crate) fn new(program: &Program) -> Plans {
        Plans {
            integers: integers_in_heads(program),
            by_key: FxHashMap::default(),
            all: Vec::new(),
            scans: 0,
            asks: 0,
            bytes: 0,
            recent: [None; RECENT],
        }
    }

    fn get(&self, id: PlanId) -> Option<&Plan> {
        self.all.get(id.0 as usize)
    }

    /// How many plans there are.
    fn count(&self) -> usize {
        self.all.len()
    }

    /// Forgets all plans where they take too much room, and what the state has for them, so that a policy that is asked about ever
    /// new kinds of arguments needs no more memory than that. Only between decisions.
    pub(crate) fn trim(&mut self, state: &mut State) {
        if self.bytes > KEPT {
            state.asks = Vec::new();
            self.asks = 0;
            self.all = Vec::new();
            self.by_key = FxHashMap::default();
            self.bytes = 0;
            self.recent = [None; RECENT];
        }
    }

    /// The straight code for arguments of these kinds; `None` where there is no plan for them.
    pub(crate) fn straight(
        &mut self,
        program: &Program,
        predicate: PredicateId,
        arguments: &[Seen<'_>],
    ) -> Option<Straight> {
        let mut kinds = [Kind::ABSENT; MAX_ARITY];
        for (place, argument) in arguments.iter().enumerate() {
            *kinds.get_mut(place)? = match *argument {
                Seen::Object(class) => Kind::object(class),
                Seen::Text(text) => Kind::text(program.symbols.get(text)?),
            };
        }
        let id = self.find(program, PlanKey { predicate, kinds })?;
        self.get(id).map(Straight::of)
    }

    /// Notes at a call which plan it has found, and for what.
    fn remember(&mut self, caller: PlanId, site: u32, kinds: [Kind; MAX_ARITY], callee: PlanId) {
        let caller = self.all.get_mut(caller.0 as usize);
        if let Some(site) = caller.and_then(|plan| plan.sites.get_mut(site as usize)) {
            site.last = Some((kinds, callee));
        }
    }

    /// Notes at a step which plan it has found, for a value of what kind.
    fn note_step(&mut self, of: PlanId, again: u32, kind: Kind, callee: PlanId) {
        let caller = self.all.get_mut(of.0 as usize);
        if let Some(again) = caller.and_then(|plan| plan.agains.get_mut(again as usize)) {
            again.called = Some((kind, callee));
        }
        // Objects of that kind can be gone through from here if they are asked the same.
        let alike = match (self.get(of), self.get(callee)) {
            (Some(one), Some(other)) => build::are_alike(one, other),
            _ => false,
        };
        if let Some(closure) = self.all.get_mut(of.0 as usize).and_then(|plan| plan.closure.as_mut()) {
            closure.items = kind.class().filter(|_| alike);
        }
    }

    /// The plan for a call, made now if there is none; `None` where there is no room for more.
    fn find(&mut self, program: &Program, key: PlanKey) -> Option<PlanId> {
        // PERF: a question often resembles one of the last few.
        let slot = key.slot();
        if let Some(Some((known, id))) = self.recent.get(slot)
            && *known == key
        {
            return Some(*id);
        }
        let id = self.find_or_make(program, key)?;
        if let Some(slot) = self.recent.get_mut(slot) {
            *slot = Some((key, id));
        }
        Some(id)
    }

    fn find_or_make(&mut self, program: &Program, key: PlanKey) -> Option<PlanId> {
        if let Some(id) = self.by_key.get(&key) {
            return Some(*id);
        }
        if self.bytes >= MOST {
            return None;
        }
        let id = PlanId(self.all.len() as u32);
        let mut plan = build::plan(program, key, self.scans, self.asks);
        plan.id = id;
        self.scans += plan.scans.len() as u64;
        self.asks += plan.asks.len() as u32;
        self.bytes += plan.bytes() + 2 * size_of::<(PlanKey, PlanId)>();
        self.all.push(plan);
        self.by_key.insert(key, id);
        Some(id)
    }
}

fn integers_in_heads(program: &Program) -> FxHashSet<i64> {
    let params = program.clauses.iter().flat_map(|clause| &clause.params);
    let integers = params.filter_map(|param| match param.operand {
        Operand::Integer(value) => Some(value),
        _ => match program.code.patterns.get(param.pattern?.0 as usize) {
            Some(Pattern::Value(Operand::Integer(value))) => Some(*value),
            _ => None,
        },
    });
    integers.collect()
}
