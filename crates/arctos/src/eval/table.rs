//! Tables: recursive goals that end.
//!
//! Linear tabling with local scheduling, after N.-F. Zhou, T. Sato and Y.-D. Shen, "Linear tabling strategies and
//! optimizations", TPLP 2008. A goal that may reach itself is evaluated once per *variant* (equal up to the names of
//! its variables). While it is being evaluated, a variant inside it gets the answers found so far. When its clauses
//! are exhausted and some answer came of such an inner call, they are run again, until a round finds nothing new. Only
//! then are answers handed out, in the order of their discovery, each once.
//!
//! Goals of one loop are complete when the outermost of them, the *leader*, is: until then their failure is provisional.
//! A ground goal is complete with its first answer that is certain. An answer in [doubt](super::doubt) is kept as such, and handed out with its
//! doubt; when it turns out to be certain it is as good as new.
//!
//! INVARIANT: a provisional failure is never negated. A goal that depends on one of its callers through `not` is an
//! error ([`ErrorKind::NegationLoop`]).

use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::stored::{Cost, MAX_DEPTH, Refused, Restored, Stored, Storing, restore};
use super::{ChoiceKind, Evaluation, FrameKind, NONE, Outcome, Registers, Stop, exhausted, fail};
use crate::error::ErrorKind;
use crate::host::Host;
use crate::ir::PredicateId;
use crate::limits::Limit;
use crate::observe::Observer;

/// Bytes on the heap that count as a step when stored values are put there again.
const RESTORED: usize = 1024;

/// How far the evaluation of a table has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Not begun, or to be begun again.
    Fresh,
    /// Its clauses are being run: its place on the stack of active tables.
    Active(u32),
    /// Exhausted at that moment, but it depends on an active table.
    Provisional { at: Moment, leader: u32 },
    /// All its answers are known.
    Complete,
}

/// How far a query has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    round: u64,
    /// Answers in all tables.
    found: u64,
}

struct Table<Obj> {
    predicate: PredicateId,
    leaf: u32,
    key: Vec<Stored<Obj>>,
    /// By argument: it has unbound variables.
    open: Vec<bool>,
    ground: bool,
    status: Status,
    /// Each once, in order of discovery; and whether it is certain.
    answers: IndexMap<Vec<Stored<Obj>>, bool, FxBuildHasher>,
    /// The lowest place on the active stack that an answer may still depend on; [`NONE`] for none.
    depends_on: u32,
    /// Negations around the goal when it was begun.
    negations: u32,
    /// Answers in all tables when this round began.
    answers_before: u64,
    /// Who called it, and with what.
    caller: Registers,
    caller_args: u32,
    delays: u32,
}

impl<Obj> Table<Obj> {
    /// Keeps an answer; true where it is new, or certain for the first time.
    fn keep(&mut self, answer: Vec<Stored<Obj>>, is_certain: bool) -> bool {
        match self.answers.entry(answer) {
            Entry::Vacant(new) => {
                new.insert(is_certain);
                true
            }
            Entry::Occupied(mut known) => is_certain && !std::mem::replace(known.get_mut(), true),
        }
    }

    /// True for a ground goal that holds for certain: nothing more can be said of it.
    fn holds(&self) -> bool {
        self.ground && self.answers.values().any(|is_certain| *is_certain)
    }
}

/// All tables of a query.
pub(super) struct Tables<Obj> {
    all: Vec<Table<Obj>>,
    by_key: FxHashMap<PredicateId, FxHashMap<Vec<Stored<Obj>>, u32>>,
    /// Tables being evaluated, outermost first.
    active: Vec<u32>,
    /// Tables whose status is provisional.
    ///
    /// INVARIANT: each rests on a table that is still active.
    provisional: Vec<u32>,
    /// None of them rests on an active table beyond this place.
    highest: u32,
    now: Moment,
    /// Bytes of all keys and answers, about.
    stored: usize,
}

impl<Obj> Tables<Obj> {
    pub(super) fn new() -> Self {
        Tables {
            all: Vec::new(),
            by_key: FxHashMap::default(),
            active: Vec::new(),
            provisional: Vec::new(),
            highest: 0,
            now: Moment { round: 0, found: 0 },
            stored: 0,
        }
    }

    /// Bytes in use, about.
    pub(super) fn bytes(&self) -> usize {
        self.all.len() * (size_of::<Table<Obj>>() + 64) + self.stored
    }

    /// True when no table is being evaluated.
    pub(super) fn is_idle(&self) -> bool {
        self.active.is_empty()
    }

    fn get(&self, table: u32) -> Option<&Table<Obj>> {
        self.all.get(table as usize)
    }

    fn get_mut(&mut self, table: u32) -> Option<&mut Table<Obj>> {
        self.all.get_mut(table as usize)
    }

    /// The table that is being evaluated now depends on the active table at `place`.
    fn depend(&mut self, place: u32) {
        if let Some(top) = self.active.last().copied()
            && let Some(table) = self.get_mut(top)
        {
            table.depends_on = table.depends_on.min(place);
        }
    }

    /// Gives tables that rest on the active tables from `place` on the status that `status` makes of their moment.
    fn settle(&mut self, place: u32, status: impl Fn(Moment) -> Status) {
        let all = &mut self.all;
        let mut highest = 0;
        self.provisional.retain(|table| {
            let Some(table) = all.get_mut(*table as usize) else { return false };
            if let Status::Provisional { leader, at } = table.status
                && leader >= place
            {
                table.status = status(at);
            }
            let Status::Provisional { leader, .. } = table.status else { return false };
            highest = highest.max(leader);
            true
        });
        self.highest = highest;
    }

    /// The table at `place` is exhausted, but rests on the active table at `leader`: so does what has rested on it.
    fn rest(&mut self, table: u32, place: u32, leader: u32) {
        if self.highest >= place {
            self.settle(place, |at| Status::Provisional { at, leader });
        }
        let at = self.now;
        if let Some(entry) = self.get_mut(table) {
            entry.status = Status::Provisional { at, leader };
        }
        self.provisional.push(table);
        self.highest = self.highest.max(leader);
        self.depend(leader);
    }
}

impl<H: Host, O: Observer> Evaluation<'_, H, O> {
    /// Calls a goal that may be recursive.
    pub(super) fn table_call(&mut self, predicate: PredicateId, leaf: u32, args: u32, arity: u32) -> Outcome {
        // What the call knows of its variables stays with the caller: a table answers for all of them.
        let key = self.stored(args, arity, false)?;
        let table = self.table_of(predicate, leaf, key);
        let Some(entry) = self.m.tables.get(table) else { return Ok(false) };
        match entry.status {
            Status::Complete => self.table_answers(table, 0, args, arity),
            Status::Active(place) => {
                self.no_negation_since(entry.negations)?;
                self.m.tables.depend(place);
                self.table_answers(table, 0, args, arity)
            }
            Status::Provisional { at, leader } if at.round == self.m.tables.now.round => {
                if !entry.holds() {
                    let began = self.m.tables.active.get(leader as usize).copied();
                    let negations =
                        began.and_then(|table| self.m.tables.get(table)).map_or(0, |t| t.negations);
                    self.no_negation_since(negations)?;
                    self.m.tables.depend(leader);
                }
                self.table_answers(table, 0, args, arity)
            }
            Status::Fresh | Status::Provisional { .. } => self.begin_table(table, args),
        }
    }

    /// Copies a run of cells. Work and memory grow with the values' size, so each value in them counts as a step.
    pub(super) fn stored(
        &mut self,
        args: u32,
        arity: u32,
        with_types: bool,
    ) -> Result<Vec<Stored<H::Object>>, Stop> {
        let limits = self.cx.limits;
        let steps = limits.steps.saturating_sub(self.m.steps) + u64::from(arity);
        let most = Cost { steps, bytes: self.memory_left().unwrap_or(0) };
        let type_of = |variable| if with_types { self.type_of_open(variable) } else { None };
        let mut storing = Storing::new(self.heap, self.host, &type_of, most);
        let stored = storing.run(args, arity);
        let Cost { steps, bytes } = storing.cost;
        let stored = stored.map_err(|refused| match refused {
            Refused::Nested => too_deep(),
            Refused::Memory => exhausted(Limit::Memory, limits),
            Refused::Work => exhausted(Limit::Steps, limits),
        })?;
        self.m.tables.stored += bytes;
        self.work(steps.saturating_sub(u64::from(arity)))?;
        Ok(stored)
    }

    /// Puts a table's key, or one of its answers, on the heap again: as much work as storing it was.
    fn restored(&mut self, table: u32, answer: Option<u32>) -> Result<Restored, Stop> {
        let before = self.heap.bytes();
        let entry = self.m.tables.get(table);
        let terms = entry.and_then(|entry| match answer {
            None => Some(&entry.key),
            Some(answer) => entry.answers.get_index(answer as usize).map(|(answer, _)| answer),
        });
        let restored = restore(self.heap, terms.map_or(&[][..], Vec::as_slice));
        let grown = self.heap.bytes().saturating_sub(before);
        self.work((grown / RESTORED) as u64)?;
        Ok(restored)
    }

    fn table_of(&mut self, predicate: PredicateId, leaf: u32, key: Vec<Stored<H::Object>>) -> u32 {
        let tables = &mut self.m.tables;
        let by_key = tables.by_key.entry(predicate).or_default();
        if let Some(table) = by_key.get(&key) {
            return *table;
        }
        let table = tables.all.len() as u32;
        by_key.insert(key.clone(), table);
        let open: Vec<bool> = key.iter().map(|term| !is_ground(term)).collect();
        let ground = !open.contains(&true);
        tables.all.push(Table {
            predicate,
            leaf,
            key,
            open,
            ground,
            status: Status::Fresh,
            answers: IndexMap::default(),
            depends_on: NONE,
            negations: 0,
            answers_before: 0,
            caller: Registers::start(),
            caller_args: 0,
            delays: 0,
        });
        table
    }

    /// A variant was met inside its own evaluation: an error if a negation lies between.
    fn no_negation_since(&self, negations: u32) -> Result<(), Stop> {
        if self.m.regs.negations > negations {
            return Err(fail(
                ErrorKind::NegationLoop,
                "this goal meets its own negation: it would hold exactly when it does not",
            ));
        }
        Ok(())
    }

    fn begin_table(&mut self, table: u32, args: u32) -> Outcome {
        let (caller, delays) = (self.m.regs, self.m.delays.len() as u32);
        if caller.depth >= self.cx.limits.depth {
            return Err(exhausted(Limit::Depth, self.cx.limits));
        }
        let place = self.m.tables.active.len() as u32;
        self.m.tables.active.push(table);
        self.m.tables.provisional.retain(|other| *other != table);
        if let Some(entry) = self.m.tables.get_mut(table) {
            entry.status = Status::Active(place);
            entry.depends_on = NONE;
            entry.negations = caller.negations;
            entry.caller = caller;
            entry.caller_args = args;
            entry.delays = delays;
        }
        self.run_round(table)
    }

    /// Runs the clauses of a table's goal once, over variables of its own.
    fn run_round(&mut self, table: u32) -> Outcome {
        let found = self.m.tables.now.found;
        let Some(entry) = self.m.tables.get_mut(table) else { return Ok(false) };
        entry.answers_before = found;
        let (predicate, leaf, caller, caller_args) =
            (entry.predicate, entry.leaf, entry.caller, entry.caller_args);
        let arity = entry.key.len() as u32;
        self.m.regs = caller;
        let round = self.choice(ChoiceKind::Round { table, args: caller_args });
        self.m.choices.push(round);
        let args = self.restored(table, None)?.0.start;
        // The answer is read off these cells: the frame remembers them through the environment register.
        self.m.regs = Registers { pc: 0, end: 0, env: args, depth: caller.depth + 1, ..caller };
        let frame = self.push_frame(FrameKind::Table { table });
        self.m.regs = self.between(frame);
        if self.call_leaf(predicate, leaf, args, arity)? { Ok(true) } else { Ok(false) }
    }

    /// True for a table whose goal has no variables.
    pub(super) fn is_ground_table(&self, table: u32) -> bool {
        self.m.tables.get(table).is_some_and(|table| table.ground)
    }

    /// A tabled goal's clause has succeeded: keeps the answer, and fails for the next one.
    pub(super) fn table_answered(&mut self, table: u32, frame: Registers) -> Outcome {
        let Some(entry) = self.m.tables.get(table) else { return Ok(false) };
        let (arity, ground, delays) = (entry.key.len() as u32, entry.ground, entry.delays);
        let predicate = entry.predicate;
        if let Some(on) = self.settle(delays)? {
            return Ok(on);
        }
        let is_certain = self.pending_since(delays).next().is_none();
        let answer = self.stored(frame.env, arity, true)?;
        if self.is_apart() && self.covers_barred(predicate, &answer) {
            return Ok(false);
        }
        let tables = &mut self.m.tables;
        let Some(entry) = tables.get_mut(table) else { return Ok(false) };
        if entry.keep(answer, is_certain) {
            tables.now.found += 1;
        }
        if ground && is_certain { self.ground_answered(table) } else { Ok(false) }
    }

    /// A ground goal needs no answer after one that is certain: drops everything since it began, and goes on with the caller.
    fn ground_answered(&mut self, table: u32) -> Outcome {
        let place = self.m.choices.iter().rposition(
            |choice| matches!(choice.kind, ChoiceKind::Round { table: other, .. } if other == table),
        );
        if let Some(place) = place {
            self.m.choices.truncate(place);
        }
        let Some(active) = self.m.tables.active.pop() else { return Ok(false) };
        debug_assert_eq!(active, table, "tables are left in the order they were entered");
        let depth = self.m.tables.active.len() as u32;
        // What failed because of this goal may hold now.
        self.m.tables.settle(depth, |_| Status::Fresh);
        let Some(entry) = self.m.tables.get_mut(table) else { return Ok(false) };
        entry.status = Status::Complete;
        self.m.regs = entry.caller;
        Ok(true)
    }

    /// The clauses of a table's goal are exhausted for this round.
    pub(super) fn round_over(&mut self, table: u32, args: u32) -> Outcome {
        let found = self.m.tables.now.found;
        let Some(place) = (self.m.tables.active.len() as u32).checked_sub(1) else { return Ok(false) };
        let Some(entry) = self.m.tables.get(table) else { return Ok(false) };
        let (depends_on, before, arity) = (entry.depends_on, entry.answers_before, entry.key.len() as u32);
        let leads = depends_on >= place;
        if leads && depends_on != NONE && found > before {
            self.m.tables.now.round += 1;
            return self.run_round(table);
        }
        self.m.tables.active.pop();
        if leads {
            self.complete(table, place);
        } else {
            self.m.tables.rest(table, place, depends_on);
        }
        self.table_answers(table, 0, args, arity)
    }

    /// The leader of a loop is done: it and what depends on it are complete.
    fn complete(&mut self, table: u32, place: u32) {
        let tables = &mut self.m.tables;
        if let Some(entry) = tables.get_mut(table) {
            entry.status = Status::Complete;
        }
        // What has been found since may be what a table has missed: a goal on the way that held has kept that to itself.
        let now = tables.now;
        tables.settle(place, |at| if at == now { Status::Complete } else { Status::Fresh });
    }

    /// Hands out the answers of a table from `next` on.
    pub(super) fn table_answers(&mut self, table: u32, next: u32, args: u32, arity: u32) -> Outcome {
        let Some(entry) = self.m.tables.get(table) else { return Ok(false) };
        let Some((_, is_certain)) = entry.answers.get_index(next as usize) else { return Ok(false) };
        let is_certain = *is_certain;
        // There is nothing that such an answer could tell.
        if entry.ground {
            return Ok(is_certain || self.doubt());
        }
        let complete = entry.status == Status::Complete;
        let last = next as usize + 1 >= entry.answers.len();
        if !(complete && last) {
            let choice = self.choice(ChoiceKind::Answers { table, next: next + 1, args, arity });
            self.m.choices.push(choice);
        }
        let (run, typed) = self.restored(table, Some(next))?;
        let restored = run.start;
        for (variable, type_id) in typed {
            self.leave_open(variable, type_id);
        }
        // What was known in the call is in the answer as it was: only the rest is unified.
        for offset in 0..arity {
            let entry = self.m.tables.get(table);
            let open = entry.and_then(|entry| entry.open.get(offset as usize)).copied().unwrap_or(true);
            let (asked, found) = (self.heap.cell(args + offset), self.heap.cell(restored + offset));
            if open && !self.unify(asked, found)? {
                return Ok(false);
            }
        }
        Ok(is_certain || self.doubt())
    }
}

#[cold]
fn too_deep() -> Stop {
    let message = format!("an argument of a recursive rule is nested deeper than {MAX_DEPTH} levels");
    fail(ErrorKind::Exhausted(Limit::Depth), message)
}

fn is_ground<Obj>(term: &Stored<Obj>) -> bool {
    match term {
        Stored::Variable(_) | Stored::OfType(..) => false,
        Stored::List(items, rest) => rest.is_none() && items.iter().all(is_ground),
        Stored::Dictionary(entries) => entries.iter().all(|(_, value)| is_ground(value)),
        _ => true,
    }
}
