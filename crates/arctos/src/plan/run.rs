//! Runs plans.
//!
//! An inner loop goes through the operations of one plan; an outer loop changes from plan to plan at calls and returns.

use super::again::Next;
use super::build::Leads;
use super::keys::{ENTITY, OBJECT, Word};
use super::kind::Kind;
use super::memo::{Failure, NONE, Recall};
use super::op::{Either, Op, Plan, Reg, Target};
use super::state::{Open, Remembered, State};
use super::{MAX_ARITY, PlanId, PlanKey, Plans, Question, Verdict};
use crate::eval::Machine;
use crate::facts::Cursor;
use crate::heap::{Cell, Heap, Term};
use crate::host::{Host, HostError};
use crate::ir::{Code, Program};
use crate::limits::{Limit, Limits};

/// How often time and memory are looked at, in operations.
const CHECK_EVERY: u64 = 512;
/// Bytes of working memory after which the machine takes over.
const MOST_MEMORY: usize = 64 << 20;
/// Provisional goals that are looked at in about the time of an operation.
const LOOKED_AT: u64 = 8;
/// Distinct texts that a remembered goal's key may name beside the policy's own.
const MAX_TEXTS: usize = 32;

/// Why a plan stops without a verdict of its own.
pub(super) enum Stop {
    Undecided,
    Exhausted(crate::Error),
    Failed(crate::Error),
}

impl From<HostError> for Stop {
    #[cold]
    fn from(error: HostError) -> Self {
        Stop::Failed(crate::eval::of_host(error))
    }
}

/// A condition: it holds, it does not, or that is for the machine.
pub(super) type Holds = Result<bool, Stop>;

/// Why the inner loop ends.
enum Exit {
    Yes,
    No,
    Call { site: u32, fail: u32 },
    Again { again: u32, fail: u32 },
}

/// One decision.
pub(super) struct Run<'a, H: Host> {
    pub(super) program: &'a Program,
    pub(super) limits: &'a Limits,
    pub(super) heap: &'a mut Heap<H::Object>,
    pub(super) host: &'a mut H,
    pub(super) state: &'a mut State,
    /// For what plans have no code of their own: made when first needed.
    pub(super) machine: Option<Box<Machine<H::Object>>>,
    pub(super) no_question: Option<Box<Code>>,
    pub(super) base: u32,
    /// Where the cursors of the plan at hand begin.
    pub(super) cursors: u32,
    negations: u32,
    steps: u64,
    /// Operations until limits are looked at.
    fuel: u64,
    texts: Vec<crate::heap::TextId>,
}

/// Decides a closed goal, as far as plans can.
pub(crate) fn decide<H: Host>(
    question: Question<'_>,
    plans: &mut Plans,
    state: &mut State,
    heap: &mut Heap<H::Object>,
    host: &mut H,
) -> Verdict {
    let Question { program, limits, arguments, .. } = question;
    // Plans know nothing of objects that are entities.
    let has_ids = program.schema.has_facts() && program.schema.names_ids();
    if limits.answers == 0 || has_ids || heap.exceeds(limits.memory) {
        return Verdict::Undecided;
    }
    state.calls.clear();
    state.settle();
    state.started = limits.time.and_then(|_| host.now());
    let Some(plan) = first(question, plans, heap, host) else { return Verdict::Undecided };
    let fuel = CHECK_EVERY.min(limits.steps);
    let mark = heap.mark();
    let mut run = Run {
        program,
        limits,
        heap,
        host,
        state,
        machine: None,
        no_question: None,
        base: 0,
        cursors: 0,
        negations: 0,
        steps: fuel,
        fuel,
        texts: Vec::new(),
    };
    match run.plans(plans, plan, arguments) {
        Ok(true) => Verdict::Yes,
        Ok(false) => Verdict::No,
        Err(Stop::Undecided) => {
            // The machine begins with the arguments alone, as if nothing had been tried.
            run.heap.cut_back(&mark);
            Verdict::Undecided
        }
        Err(Stop::Exhausted(error)) => Verdict::Exhausted(error),
        Err(Stop::Failed(error)) => Verdict::Failed(error),
    }
}

/// The question's own plan, if its arguments can have one.
fn first<H: Host>(
    question: Question<'_>,
    plans: &mut Plans,
    heap: &Heap<H::Object>,
    host: &mut H,
) -> Option<PlanId> {
    let mut kinds = [Kind::ABSENT; MAX_ARITY];
    for (place, argument) in question.arguments.iter().enumerate() {
        if matches!(argument.0, Cell::List(_) | Cell::Dictionary(_)) && heap.has_variables(argument.0) {
            return None;
        }
        *kinds.get_mut(place)? = Kind::of(argument.0, heap, host, &plans.integers)?;
    }
    plans.find(question.program, PlanKey { predicate: question.predicate, kinds })
}

impl<H: Host> Run<'_, H> {
    fn plans(&mut self, plans: &mut Plans, first: PlanId, arguments: &[Term]) -> Holds {
        let mut id = first;
        let mut pc = 0;
        let mut plan = self.window(plans, id)?;
        for (slot, argument) in self.state.registers.iter_mut().zip(arguments) {
            *slot = argument.0;
        }
        if plan.leads != Leads::Nowhere
            && let Some(holds) = self.open_first(id, plan)?
        {
            return Ok(holds);
        }
        loop {
            // PERF: taken out of the state, so that the loop has them in hand.
            let mut registers = std::mem::take(&mut self.state.registers);
            let window = registers.get_mut(self.base as usize..).unwrap_or(&mut []);
            let exit = self.operations(plan, window, &mut pc);
            self.state.registers = registers;
            let exit = match exit {
                Ok(exit) => exit,
                Err(Stop::Failed(error)) => return Err(Stop::Failed(self.traced(plans, plan, pc, error))),
                Err(stop) => return Err(stop),
            };
            let holds = match exit {
                Exit::Yes => true,
                Exit::No => false,
                Exit::Call { .. } | Exit::Again { .. } => {
                    let called = match exit {
                        Exit::Again { again, fail } => self.again_elsewhere(plans, id, again, pc, fail)?,
                        Exit::Call { site, fail } => self.call(plans, id, site, pc, fail)?,
                        Exit::Yes | Exit::No => return Err(Stop::Undecided),
                    };
                    match called {
                        Called::Goes(to) => pc = to,
                        Called::Opens(callee) => (id, pc) = (callee, 0),
                    }
                    plan = plans.get(id).ok_or(Stop::Undecided)?;
                    continue;
                }
            };
            let Some(open) = self.state.calls.last().copied() else { return Ok(holds) };
            match self.done(plans, open.goal, id, holds)? {
                Done::Closed => {}
                Done::GoesOn(on, at) => {
                    (id, pc) = (on, at);
                    plan = plans.get(id).ok_or(Stop::Undecided)?;
                    continue;
                }
            }
            self.state.calls.pop();
            if open.holds == NONE {
                return Ok(holds);
            }
            (id, self.base, self.negations) = (open.plan, open.base, open.negations);
            self.cursors = open.cursors;
            pc = if holds { open.holds } else { open.fails };
            plan = plans.get(id).ok_or(Stop::Undecided)?;
        }
    }

    /// Adds the goals that are open to an error of the operation before `pc`.
    #[cold]
    fn traced(&self, plans: &Plans, plan: &Plan, pc: u32, error: crate::Error) -> crate::Error {
        let open = self.state.calls.iter().rev().flat_map(|open| {
            let steps = match open.goal {
                Remembered::Begins(first) => self.state.reach.steps(first),
                Remembered::Not | Remembered::Open => &[],
            };
            let caller = (open.holds != NONE).then_some((open.plan, open.holds));
            steps.iter().rev().copied().chain(caller)
        });
        let callers = open.filter_map(|(plan, pc)| Some((plans.get(plan)?, pc)));
        let origins = std::iter::once((plan, pc)).chain(callers).flat_map(|(plan, pc)| {
            let mut at = plan.from.get(pc as usize - 1).copied().unwrap_or(NONE);
            std::iter::from_fn(move || {
                let origin = plan.origins.get(at as usize)?;
                at = origin.outer;
                Some((origin.goal, origin.rule))
            })
        });
        crate::eval::traced(self.program, error, origins)
    }

    /// Makes room for a plan's registers at the current base, and puts its constants there.
    pub(super) fn window<'p>(&mut self, plans: &'p Plans, id: PlanId) -> Result<&'p Plan, Stop> {
        let plan = plans.get(id).ok_or(Stop::Undecided)?;
        self.reserve((self.base + plan.registers) as usize)?;
        let cursors = (self.cursors + plan.cursors) as usize;
        if self.state.cursors.len() < cursors {
            self.fits(cursors.next_power_of_two() * size_of::<Option<Cursor>>())?;
            self.state.cursors.resize(cursors.next_power_of_two(), None);
        }
        let constants = (self.base + plan.arity) as usize;
        if let Some(slots) = self.state.registers.get_mut(constants..constants + plan.constants.len()) {
            slots.copy_from_slice(&plan.constants);
        }
        Ok(plan)
    }

    /// Makes room for that many registers.
    #[inline]
    fn reserve(&mut self, registers: usize) -> Result<(), Stop> {
        if self.state.registers.len() < registers {
            let room = registers.next_power_of_two();
            self.fits(room * size_of::<Cell>())?;
            self.state.registers.resize(room, Cell::Nil);
        }
        Ok(())
    }

    /// The question's own goal, where it may lead to itself: whether it holds, if an earlier question has found that out.
    fn open_first(&mut self, id: PlanId, plan: &Plan) -> Result<Option<bool>, Stop> {
        let (recall, goal) = self.recall(id, plan, 0, 0)?;
        match recall {
            Recall::Holds => return Ok(Some(true)),
            Recall::Fails => return Ok(Some(false)),
            Recall::Undecided => return Err(Stop::Undecided),
            Recall::Open => {}
        }
        self.state.calls.push(Open {
            plan: id,
            base: 0,
            cursors: 0,
            holds: NONE,
            fails: NONE,
            negations: 0,
            goal,
        });
        Ok(None)
    }

    /// Calls another plan: its window lies behind the caller's.
    fn call(
        &mut self,
        plans: &mut Plans,
        id: PlanId,
        site: u32,
        holds: u32,
        fails: u32,
    ) -> Result<Called, Stop> {
        let plan = plans.get(id).ok_or(Stop::Undecided)?;
        let called = plan.sites.get(site as usize).ok_or(Stop::Undecided)?;
        let (predicate, args, last) = (called.predicate, called.args, called.last);
        let negations = self.negations + called.negations;
        let (base, cursors) = (self.base + plan.registers, self.cursors + plan.cursors);
        self.reserve(base as usize + MAX_ARITY)?;
        let mut kinds = [Kind::ABSENT; MAX_ARITY];
        for (offset, src) in plan.args.get(args.range()).unwrap_or(&[]).iter().enumerate() {
            let cell = get(self.state.registers.get(self.base as usize..).unwrap_or(&[]), *src);
            if let Some(slot) = self.state.registers.get_mut(base as usize + offset) {
                *slot = cell;
            }
            if let Some(kind) = kinds.get_mut(offset) {
                *kind = Kind::of(cell, self.heap, self.host, &plans.integers).ok_or(Stop::Undecided)?;
            }
        }
        let callee = match last {
            Some((known, callee)) if known == kinds => callee,
            _ => {
                let known = plans.count();
                let callee = plans.find(self.program, PlanKey { predicate, kinds }).ok_or(Stop::Undecided)?;
                plans.remember(id, site, kinds, callee);
                if plans.count() > known {
                    self.check_soon();
                }
                callee
            }
        };
        let called = plans.get(callee).ok_or(Stop::Undecided)?;
        let (recall, goal) = self.recall(callee, called, base, negations)?;
        match recall {
            Recall::Holds => return Ok(Called::Goes(holds)),
            Recall::Fails => return Ok(Called::Goes(fails)),
            Recall::Undecided => return Err(Stop::Undecided),
            Recall::Open => {}
        }
        if self.depth() >= self.limits.depth as usize {
            return Err(self.exhausted(Limit::Depth));
        }
        self.state.calls.push(Open {
            plan: id,
            base: self.base,
            cursors: self.cursors,
            holds,
            fails,
            negations: self.negations,
            goal,
        });
        (self.base, self.cursors, self.negations) = (base, cursors, negations);
        self.window(plans, callee)?;
        Ok(Called::Opens(callee))
    }

    /// The plan at hand is done: whether its call is, or where it goes on.
    fn done(&mut self, plans: &Plans, goal: Remembered, id: PlanId, holds: bool) -> Result<Done, Stop> {
        match goal {
            Remembered::Not => {}
            Remembered::Begins(first) if holds => self.state.reach.holds(&mut self.state.keys, first),
            Remembered::Begins(_) => {
                if let Some((plan, fails)) = self.step_back(plans, id)? {
                    return Ok(Done::GoesOn(plan, fails));
                }
            }
            Remembered::Open => {
                if holds {
                    self.state.memo.holds();
                } else if self.state.memo.fails() == Failure::Again {
                    return Ok(Done::GoesOn(id, 0));
                }
                if self.state.memo.looked_at > 0 {
                    let looked_at = std::mem::take(&mut self.state.memo.looked_at);
                    self.spend_many(looked_at / LOOKED_AT);
                }
            }
        }
        Ok(Done::Closed)
    }

    /// A value in a goal's key. Equal words stand for the same value.
    #[inline]
    pub(super) fn word(&mut self, cell: Cell) -> Result<Word, Stop> {
        Ok(match cell {
            Cell::Nil => (0, 0),
            Cell::Boolean(value) => (1, u64::from(value)),
            Cell::Integer(value) => (2, value.cast_unsigned()),
            Cell::Float(value) => (3, value.to_bits()),
            Cell::Text(id) if self.heap.is_symbol(id) => (4, u64::from(id.0)),
            Cell::Text(id) => {
                let known = self.texts.iter().find(|other| self.heap.same_text(**other, id)).copied();
                if known.is_none() {
                    if self.texts.len() >= MAX_TEXTS {
                        return Err(Stop::Undecided);
                    }
                    self.texts.push(id);
                }
                (4, u64::from(known.unwrap_or(id).0))
            }
            Cell::Object(index) => {
                (OBJECT, self.host.identity(self.heap.host_object(index).ok_or(Stop::Undecided)?))
            }
            Cell::List(_) | Cell::OpenList(_) | Cell::Dictionary(_) => return Err(Stop::Undecided),
            Cell::Entity(atom) => (ENTITY, atom.index() as u64),
            Cell::Variable(_) | Cell::Awaited(_) => return Err(Stop::Undecided),
        })
    }

    // ---- one plan ----

    /// Goes through operations until the plan is done or calls another one. `window` has the plan's registers.
    fn operations(&mut self, plan: &Plan, window: &mut [Cell], pc: &mut u32) -> Result<Exit, Stop> {
        loop {
            self.spend()?;
            let Some(op) = plan.ops.get(*pc as usize) else { return Err(Stop::Undecided) };
            *pc += 1;
            let (holds, fail) = match *op {
                Op::AttributeIs { object, name, value, fail } => {
                    (self.attribute_is(get(window, object), name, get(window, value))?, fail)
                }
                Op::Attribute { object, name, dst, fail } => {
                    let value = self.read(get(window, object), name)?;
                    (put(window, dst, value), fail)
                }
                Op::Next { cursor, dst, fail } => {
                    let item = self.next(window, cursor)?;
                    (put(window, dst, item), fail)
                }
                Op::Iterate { src, cursor } => {
                    let opened = self.iterate(get(window, src))?;
                    set(window, cursor, opened);
                    continue;
                }
                Op::Same { a, b, fail } => (self.same(get(window, a), get(window, b))?, fail),
                Op::HasTag { src, tag, fail } => (self.has_tag(get(window, src), tag), fail),
                Op::IsClass { src, class, fail } => (self.is_class(get(window, src), class)?, fail),
                Op::IsFact { ask, fail } => (self.is_fact(plan, window, ask)?, fail),
                Op::NextFact { ask, fail } => (self.next_fact(plan, window, ask)?, fail),
                Op::Facts { ask } => {
                    self.open_facts(plan, window, ask)?;
                    continue;
                }
                Op::Jump(fail) => (false, fail),
                Op::SetTarget { dst, target } => {
                    let place = place(window, target);
                    set(window, dst, Cell::Integer(i64::from(place)));
                    continue;
                }
                Op::Move { dst, src } => {
                    let cell = get(window, src);
                    set(window, dst, cell);
                    continue;
                }
                Op::Yes => return Ok(Exit::Yes),
                Op::No => return Ok(Exit::No),
                Op::Call { site, fail } => return Ok(Exit::Call { site, fail: place(window, fail) }),
                Op::Again { again, fail } => match self.again(plan, window, (again, fail), *pc)? {
                    Next::Opens => {
                        *pc = 0;
                        continue;
                    }
                    Next::Elsewhere => return Ok(Exit::Again { again, fail: place(window, fail) }),
                    known => (known == Next::Holds, fail),
                },
                Op::Undecided => return Err(Stop::Undecided),
                Op::AnyItem { fail, .. } | Op::AnyReachable { fail } | Op::AnyByFacts { fail } => {
                    match self.at_a_glance(plan, window, op)? {
                        Some(found) => (found, fail),
                        None => {
                            *pc += 1;
                            continue;
                        }
                    }
                }
                _ => self.rarer(plan, window, op)?,
            };
            if !holds {
                *pc = place(window, fail);
            }
        }
    }

    /// What one question says of loops that stand behind it; `None` where it cannot.
    #[inline]
    fn at_a_glance(&mut self, plan: &Plan, window: &[Cell], op: &Op) -> Result<Option<bool>, Stop> {
        match *op {
            Op::AnyItem { scan, .. } => Ok(self.any_item(plan, window, scan)),
            Op::AnyReachable { .. } => Ok(self.any_reachable(plan, window)),
            _ => self.any_by_facts(plan, window),
        }
    }

    // ---- limits ----

    #[cold]
    fn check_limits(&mut self) -> Result<(), Stop> {
        if self.steps >= self.limits.steps {
            return Err(self.exhausted(Limit::Steps));
        }
        self.fuel = CHECK_EVERY.min(self.limits.steps - self.steps);
        self.steps += self.fuel;
        if let Some(allowed) = self.limits.time
            && let (Some(started), Some(now)) = (self.state.started, self.host.now())
            && now.saturating_sub(started) > allowed
        {
            return Err(self.exhausted(Limit::Time));
        }
        let own = self.state.calls.len() * size_of::<Open>()
            + self.base as usize * size_of::<Cell>()
            + self.cursors as usize * size_of::<Option<Cursor>>();
        self.fits(self.heap.bytes() + self.state.remembered() + own)
    }

    /// Whether plans may use so many bytes. They keep what they have read; the machine goes back, and needs less for what
    /// does not end soon.
    fn fits(&self, bytes: usize) -> Result<(), Stop> {
        if bytes > self.limits.memory.min(MOST_MEMORY) { Err(Stop::Undecided) } else { Ok(()) }
    }

    /// Looks at limits at the next operation: making a plan takes the time of many.
    #[cold]
    pub(super) fn check_soon(&mut self) {
        self.steps -= self.fuel;
        self.fuel = 0;
    }

    /// One operation's worth of work inside another.
    pub(super) fn spend(&mut self) -> Result<(), Stop> {
        if self.fuel == 0 {
            self.check_limits()?;
        }
        self.fuel -= 1;
        Ok(())
    }

    /// Counts work that took no operations.
    #[cold]
    pub(super) fn spend_many(&mut self, work: u64) {
        let now = work.min(self.fuel);
        self.fuel -= now;
        self.steps = self.steps.saturating_add(work - now);
    }

    pub(super) fn exhausted(&self, limit: Limit) -> Stop {
        Stop::Exhausted(crate::eval::exhausted_error(limit, self.limits))
    }
}

/// The value of a register.
#[inline]
pub(super) fn get(window: &[Cell], reg: Reg) -> Cell {
    window.get(reg.0 as usize).copied().unwrap_or(Cell::Nil)
}

#[inline]
pub(super) fn set(window: &mut [Cell], reg: Reg, cell: Cell) {
    if let Some(slot) = window.get_mut(reg.0 as usize) {
        *slot = cell;
    }
}

/// Puts a value where it belongs, if there is one.
#[inline]
pub(super) fn put(window: &mut [Cell], dst: Reg, value: Option<Cell>) -> bool {
    if let Some(cell) = value {
        set(window, dst, cell);
    }
    value.is_some()
}

/// Where a target leads.
#[inline]
pub(super) fn place(window: &[Cell], target: Target) -> u32 {
    match target.get() {
        Either::Place(place) => place,
        Either::Register(reg) => match get(window, reg) {
            Cell::Integer(place) => place as u32,
            _ => u32::MAX,
        },
    }
}

/// What has become of a call.
pub(super) enum Called {
    /// Its answer was remembered: go on there.
    Goes(u32),
    /// Its plan is to be run.
    Opens(PlanId),
}

/// What has become of an open call when its plan is done.
enum Done {
    Closed,
    /// It is not: go on with that plan, there.
    GoesOn(PlanId, u32),
}
