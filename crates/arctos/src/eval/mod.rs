//! The machine: decides, enumerates, and is watched while it does.
//!
//! A resumable abstract machine after the manner of D. H. D. Warren's (SRI 309, 1983), with structure copying and an
//! explicit continuation. A *frame* says where to go on when a run of goals is done; a *choice* says what to try when
//! one fails; all state is in the vectors of [`Machine`], cut back on failure, so that the machine can stop after any
//! goal and go on later. Conditions on unbound variables wait on the variable (attributed variables after C. Holzbaur,
//! 1992). Recursive goals are tabled ([`table`]).
//!
//! INVARIANT: an error ends the query; no failure is ever made of an error.

mod answer;
mod arithmetic;
mod call;
mod compare;
mod delay;
mod doubt;
mod fact;
mod host_call;
mod identity;
mod member;
mod negation;
mod parts;
mod pattern;
mod run;
mod settle;
pub(crate) mod show;
mod stored;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod unify;
mod unknown;

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::facts::{Cursor, TypeId};
use crate::heap::{Cell, Heap, Mark, ROOMY, Variable};
use crate::host::{Host, Ticket};
use crate::ir::{Code, PatternId, PredicateId, Program};
use crate::limits::{Limit, Limits};
use crate::observe::{GoalId, Observer};
use crate::policy::RuleId;
use crate::query::{Resumed, Step};

pub(crate) use arithmetic::compute;
pub(crate) use call::may_equal;
pub(crate) use compare::{holds, integer_float};
pub(crate) use fact::atom_of;
pub(crate) use host_call::of_host;
pub(crate) use parts::Read;
pub(crate) use pattern::{excludes, has_tag};
pub(crate) use trace::traced;
pub(crate) use unify::{same_object, same_plain};
pub(crate) use unknown::has_no_meaning;

use host_call::Logged;
use parts::Apart;
use table::Tables;

/// What the machine reads and never writes.
pub(crate) struct Context<'a> {
    pub(crate) program: &'a Program,
    pub(crate) question: &'a Code,
    pub(crate) limits: &'a Limits,
}

impl<'a> Context<'a> {
    /// The code a goal number belongs to, and its place there. Numbers beyond the program's are the question's;
    /// [`NONE`] is no goal, of the program: what heads of rules have for theirs.
    fn code_at(&self, pc: u32) -> (&'a Code, usize) {
        if pc == NONE {
            return (&self.program.code, usize::MAX);
        }
        match (pc as usize).checked_sub(question_base(self.program) as usize) {
            None => (&self.program.code, pc as usize),
            Some(index) => (self.question, index),
        }
    }

    /// The goal of that number, if it is one of the program.
    fn of_program(&self, pc: u32) -> Option<GoalId> {
        (pc < question_base(self.program)).then_some(GoalId(pc))
    }

    /// What to add to a goal number of the code that `pc` belongs to.
    fn base_of(&self, pc: u32) -> u32 {
        let base = question_base(self.program);
        if pc < base { 0 } else { base }
    }
}

/// The number of the question's first goal. One more than the program has: the body of a last clause without goals
/// begins at the number after the program's last goal, and is still the program's.
fn question_base(program: &Program) -> u32 {
    program.code.goals.len() as u32 + 1
}

/// Where the machine is.
#[derive(Clone, Copy, Debug)]
struct Registers {
    /// The next goal.
    pc: u32,
    /// The end of the run of goals.
    end: u32,
    /// The first of the clause's variables.
    env: u32,
    /// How many choices `cut` leaves.
    cut: u32,
    /// Where to go on at the end of the run.
    frame: u32,
    /// The clause the goals belong to; [`NONE`] for the question.
    rule: u32,
    /// Rule calls inside one another.
    depth: u32,
    /// Negations around the goal.
    negations: u32,
}

/// No frame, or no rule.
const NONE: u32 = u32::MAX;

impl Registers {
    fn start() -> Self {
        Registers { pc: 0, end: 0, env: 0, cut: 0, frame: NONE, rule: NONE, depth: 0, negations: 0 }
    }
}

/// Where to go on when a run of goals is done.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// The registers to go on with.
    regs: Registers,
    kind: FrameKind,
    /// How many bindings and conditions there were.
    trail: u32,
    delays: u32,
}

#[derive(Clone, Copy, Debug)]
enum FrameKind {
    /// Back to the caller, or to what stands after an `or`.
    Return,
    /// Back to where a condition was woken.
    Resume,
    /// The negated goals have an answer. `barrier` is the number of choices below the negation's own; `pc` its goal.
    Negation { barrier: u32, pc: u32 },
    /// A ground goal has succeeded where only the first proof counts: drop its other choices.
    Commit { height: u32 },
    /// A tabled goal has an answer.
    Table { table: u32 },
    /// A waiting condition whose variable is bound now is to be checked.
    Wake { delay: u32 },
}

/// What to try when a goal fails.
#[derive(Clone, Copy, Debug)]
struct Choice {
    kind: ChoiceKind,
    regs: Registers,
    mark: Mark,
    frames: u32,
    delays: u32,
    order: u32,
    cursors: u32,
    observer: u32,
}

#[derive(Clone, Copy, Debug)]
enum ChoiceKind {
    /// Further clauses of a call. `args` is a run of cells on the heap. Whether they count at all is in doubt where the one before them came to a
    /// `cut` in doubt.
    Clauses { list: Candidates, next: u32, args: u32, arity: u32, in_doubt: bool },
    /// Further facts, then the clauses. `cursor` is a place in [`Machine::cursors`].
    Facts { cursor: u32, call: FactCall },
    /// Further alternatives of an `or`: blocks up to `end`.
    Or { next: u32, end: u32 },
    /// The negated goals have no answer: the negation holds; where they had one that is in doubt, it is in doubt too.
    Negation { is_doubtful: bool },
    /// Items of the rest of a list.
    Items { collection: Cell, element: Cell },
    /// Further entries of a dictionary.
    Entries { collection: Cell, element: Cell, next: u32 },
    /// Further fields for `dictionary.(unbound)`.
    Fields { collection: Cell, key: Cell, out: Variable, next: u32 },
    /// Further characters of a text, from that byte on.
    Characters { text: Cell, element: Cell, next: u32 },
    /// Further items of a host cursor (an object on the heap).
    Cursor { cursor: u32, element: Cell },
    /// Further entities that a variable may be: from a place among those of a type on.
    Named { variable: Variable, type_id: TypeId, next: u32 },
    /// Further types that a variable may be any value of: classes from that one on.
    Types { variable: Variable, next: u32 },
    /// A tabled goal has no more answers in this round.
    Round { table: u32, args: u32 },
    /// Further answers of a table.
    Answers { table: u32, next: u32, args: u32, arity: u32 },
}

/// A call that facts may answer. `args` is a run of cells on the heap.
#[derive(Clone, Copy, Debug)]
struct FactCall {
    predicate: PredicateId,
    /// The index leaf with the clauses that may match.
    leaf: u32,
    args: u32,
    arity: u32,
}

/// Clauses to be tried, in order.
#[derive(Clone, Copy, Debug)]
enum Candidates {
    /// A leaf of the predicate's index, as it stands.
    Leaf { predicate: u32, leaf: u32 },
    /// Ordered for these arguments: a run of [`Machine::order`].
    Ordered { start: u32, len: u32 },
}

/// A condition that waits for a variable.
#[derive(Clone, Copy, Debug)]
struct Delay {
    condition: Condition,
    env: u32,
    rule: u32,
    /// Next in the variable's list, or [`NONE`].
    next: u32,
    /// A negation that waits only so that what else is said of its variables comes first.
    is_postponed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    /// The goal of that number.
    Goal(u32),
    /// A value must match a pattern of the code that goal number `at` belongs to.
    Match { value: Cell, pattern: PatternId, at: u32 },
    /// A value must be in a collection that is not known yet.
    Member { element: Cell, collection: Cell },
    /// A value must be of exactly that type: a fact says "whatever value of the type".
    OfType { value: Cell, type_id: TypeId },
    /// Nobody can say whether the goal of that number holds. Nothing binds the variable.
    Doubt { variable: Variable, at: u32 },
}

/// Whether a goal without variables counts as often as it holds, or once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Enumerate,
    /// One proof of such a goal is enough: for lists, in which each answer comes once.
    List,
    /// As for lists; and an answer that leaves a condition open is none, as long as there is another one.
    Decide,
}

/// What was interrupted when the host said "later".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parked {
    Goal,
    Choice,
}

/// Why the machine stops other than by success or failure.
pub(crate) enum Stop {
    Error(Error),
    Later(Ticket),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

/// Success or failure of a goal.
type Outcome = Result<bool, Stop>;

/// All mutable state of an evaluation other than the heap.
pub(crate) struct Machine<Obj> {
    regs: Registers,
    frames: Vec<Frame>,
    choices: Vec<Choice>,
    delays: Vec<Delay>,
    order: Vec<RuleId>,
    /// Iterations over facts that choices go on with.
    cursors: Vec<Cursor>,
    tables: Tables<Obj>,
    /// How this question differs from a decision; for all decisions it does not.
    apart: Apart<Obj>,
    /// Pairs still to be unified or compared.
    pairs: Vec<(Cell, Cell)>,
    /// Host replies of the goal at hand, replayed when it is tried again after a wait.
    log: Vec<Logged>,
    log_next: usize,
    parked: Option<(Parked, Ticket)>,
    /// An answer has been handed out: the next step looks for another.
    answered: bool,
    /// What a decision ends with where it has no answer but one that leaves a condition open.
    doubt: Option<Error>,
    /// The error of the first goal that had no meaning for its operands: what is in doubt because of it ends with that.
    cause: Option<Error>,
    /// All has been tried, and nobody can say.
    is_undecided: bool,
    steps: u64,
    /// The step at which time and memory are looked at next.
    next_check: u64,
    answers: u64,
    started: Option<Duration>,
    mode: Mode,
}

/// Room of a machine that has nothing to do with objects: what one decision leaves for the next.
#[derive(Debug, Default)]
pub(crate) struct Room {
    frames: Vec<Frame>,
    choices: Vec<Choice>,
    delays: Vec<Delay>,
    order: Vec<RuleId>,
    cursors: Vec<Cursor>,
    pairs: Vec<(Cell, Cell)>,
    log: Vec<Logged>,
}

impl<Obj> Machine<Obj> {
    pub(crate) fn new() -> Self {
        Machine {
            regs: Registers::start(),
            frames: Vec::new(),
            choices: Vec::new(),
            delays: Vec::new(),
            order: Vec::new(),
            cursors: Vec::new(),
            tables: Tables::new(),
            apart: Apart::default(),
            pairs: Vec::new(),
            log: Vec::new(),
            log_next: 0,
            parked: None,
            answered: false,
            doubt: None,
            cause: None,
            is_undecided: false,
            steps: 0,
            next_check: 0,
            answers: 0,
            started: None,
            mode: Mode::Enumerate,
        }
    }

    /// A machine with the room that another one took.
    pub(crate) fn within(room: Room) -> Self {
        let Room { frames, choices, delays, order, cursors, pairs, log } = room;
        Machine { frames, choices, delays, order, cursors, pairs, log, ..Machine::new() }
    }

    /// The room that it took, emptied; none where that is some megabytes.
    pub(crate) fn into_room(self) -> Room {
        let Machine {
            mut frames, mut choices, mut delays, mut order, mut cursors, mut pairs, mut log, ..
        } = self;
        let most = frames.capacity().max(choices.capacity()).max(delays.capacity());
        if most.max(order.capacity()).max(pairs.capacity()) > ROOMY / 8 {
            return Room::default();
        }
        frames.clear();
        choices.clear();
        delays.clear();
        order.clear();
        cursors.clear();
        pairs.clear();
        log.clear();
        Room { frames, choices, delays, order, cursors, pairs, log }
    }

    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Counts time from that moment of the host's clock on, and not from the first step.
    pub(crate) fn began(&mut self, started: Option<Duration>) {
        self.started = started;
    }

    /// True where all has been tried, and what was found is in doubt.
    pub(crate) fn is_undecided(&self) -> bool {
        self.is_undecided
    }

    /// How many steps it has taken.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Starts with the question's goals, whose variables begin at `env`.
    pub(crate) fn start(&mut self, program: &Program, goals: crate::ir::Span32, env: Variable) {
        let base = question_base(program);
        self.regs =
            Registers { pc: base + goals.start, end: base + goals.end(), env: env.0, ..Registers::start() };
    }

    /// Takes a reply that was awaited; false where that ticket is not.
    pub(crate) fn resume(&mut self, ticket: Ticket, reply: Resumed) -> bool {
        match self.parked {
            Some((_, awaited)) if awaited == ticket => {
                self.log.push(Logged::Reply(reply));
                true
            }
            _ => false,
        }
    }

    /// True while a reply is awaited and has not come.
    pub(crate) fn awaits(&self) -> Option<Ticket> {
        match self.parked {
            Some((_, ticket)) if self.log.len() <= self.log_next => Some(ticket),
            _ => None,
        }
    }
}

/// One evaluation: the machine with all that it works on.
pub(crate) struct Evaluation<'a, H: Host, O: Observer> {
    pub(crate) cx: &'a Context<'a>,
    pub(crate) m: &'a mut Machine<H::Object>,
    pub(crate) heap: &'a mut Heap<H::Object>,
    pub(crate) host: &'a mut H,
    pub(crate) observer: &'a mut O,
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// True when there is an answer; stops at the first. For hosts that never answer later.
    pub(crate) fn decide(&mut self) -> Result<bool, Error> {
        self.m.set_mode(Mode::Decide);
        loop {
            match self.run(u64::MAX)? {
                Step::Done => return Ok(false),
                Step::Answer => return Ok(true),
                Step::Paused => {}
                Step::Need(_) => return Err(answers_later()),
            }
        }
    }

    /// The same; `None` where that is neither so nor not.
    pub(crate) fn decide_if_known(&mut self) -> Result<Option<bool>, Error> {
        match self.decide() {
            Err(_) if self.m.is_undecided => Ok(None),
            decided => decided.map(Some),
        }
    }
}

/// The error of a decision that rests on a condition that is left open.
#[cold]
pub(crate) fn undecided_decision() -> Error {
    let message = "the decision depends on a condition on a variable that nothing binds";
    Error::new(ErrorKind::Undecided, message)
}

/// The error of a host that answers later where nobody can wait.
#[cold]
pub(crate) fn answers_later() -> Error {
    let message = "the host answers later, so the query must be driven with `step` and `resume`";
    Error::new(ErrorKind::Misuse, message)
}

#[cold]
fn exhausted(limit: Limit, limits: &Limits) -> Stop {
    Stop::Error(exhausted_error(limit, limits))
}

#[cold]
pub(crate) fn exhausted_error(limit: Limit, limits: &Limits) -> Error {
    let message = match limit {
        Limit::Steps => format!("the query took more than {} steps", limits.steps),
        Limit::Depth => format!("rule calls were nested deeper than {}", limits.depth),
        Limit::Time => {
            format!("the query took longer than {} ms", limits.time.map_or(0, |time| time.as_millis()))
        }
        Limit::Answers => format!("the query has more than {} answers", limits.answers),
        Limit::Memory => format!("the query needed more than {} bytes", limits.memory),
    };
    Error::new(ErrorKind::Exhausted(limit), message)
}

#[cold]
fn fail(kind: ErrorKind, message: impl Into<String>) -> Stop {
    Stop::Error(Error::new(kind, message))
}
