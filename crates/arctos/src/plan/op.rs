//! The code of a plan.

use crate::facts::Mask;
use crate::heap::Cell;
use crate::host::Comparison;
use crate::ir::{Arithmetic, EntityId, PredicateId, Span32, Tag};
use crate::policy::RuleId;
use crate::schema::{ClassId, ConstantId};
use crate::symbol::Symbol;

use super::build::Leads;
use super::facts::Prepared;
use super::kind::Kind;
use super::{PlanId, PlanKey};

/// A register of a plan's window: first its arguments, then its constants, then what it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Reg(pub(crate) u32);

/// Where to go on: a place in the code, or with the upper bit set the place that a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Target(u32);

const UPPER: u32 = 1 << 31;

/// One of two things that a word can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Either {
    Register(Reg),
    /// The place of an operation.
    Place(u32),
}

impl Target {
    pub(crate) fn place(place: u32) -> Target {
        Target(place)
    }

    pub(crate) fn register(reg: Reg) -> Target {
        Target(reg.0 | UPPER)
    }

    pub(crate) fn get(self) -> Either {
        if self.0 & UPPER == 0 { Either::Place(self.0) } else { Either::Register(Reg(self.0 & !UPPER)) }
    }
}

/// One operation, which reads registers and writes at most one. `fail` is where to go on when it does not hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// The goal holds.
    Yes,
    /// It does not.
    No,
    /// The machine must find out.
    Undecided,
    Jump(Target),
    /// Remembers where to go on when something later fails.
    SetTarget {
        dst: Reg,
        target: Target,
    },
    Move {
        dst: Reg,
        src: Reg,
    },
    /// Two values are equal, as `=` understands it.
    Same {
        a: Reg,
        b: Reg,
        fail: Target,
    },
    HasTag {
        src: Reg,
        tag: Tag,
        fail: Target,
    },
    /// The value is an object of a class from which no other inherits.
    IsClass {
        src: Reg,
        class: ClassId,
        fail: Target,
    },
    Compare {
        op: Comparison,
        a: Reg,
        b: Reg,
        fail: Target,
    },
    Arithmetic {
        op: Arithmetic,
        a: Reg,
        b: Reg,
        dst: Reg,
    },
    /// A value used as a condition.
    Truth {
        src: Reg,
        fail: Target,
    },
    /// `dst = object.name`; fails for a dictionary without that key.
    Attribute {
        object: Reg,
        name: Symbol,
        dst: Reg,
        fail: Target,
    },
    /// `object.name = value`
    AttributeIs {
        object: Reg,
        name: Symbol,
        value: Reg,
        fail: Target,
    },
    /// As [`Op::Attribute`], but a missing attribute fails: in patterns.
    Field {
        object: Reg,
        name: Symbol,
        dst: Reg,
        fail: Target,
    },
    /// `dst = object.(key)`
    LookupDynamic {
        object: Reg,
        key: Reg,
        dst: Reg,
        fail: Target,
    },
    Method {
        object: Reg,
        name: Symbol,
        call: u32,
        dst: Reg,
    },
    New {
        class: ClassId,
        call: u32,
        dst: Reg,
    },
    Constant {
        id: ConstantId,
        dst: Reg,
    },
    Class {
        id: ClassId,
        dst: Reg,
    },
    /// A list of a run of [`Plan::args`].
    List {
        items: Span32,
        dst: Reg,
    },
    /// A dictionary of one of [`Plan::calls`]' keyword arguments.
    Dictionary {
        call: u32,
        dst: Reg,
    },
    /// The value is a list of exactly that many items.
    IsList {
        src: Reg,
        len: u32,
        fail: Target,
    },
    Item {
        src: Reg,
        index: u32,
        dst: Reg,
    },
    /// Begins to go through a collection: the cursor is what is left of it.
    Iterate {
        src: Reg,
        cursor: Reg,
    },
    Next {
        cursor: Reg,
        dst: Reg,
        fail: Target,
    },
    In {
        element: Reg,
        collection: Reg,
        fail: Target,
    },
    /// Whether the list has an item that passes the tests of one of [`Plan::scans`]. Where the host cannot tell, the operation after
    /// the next one begins to find out.
    AnyItem {
        scan: u32,
        fail: Target,
    },
    /// Whether such an item can be reached: [`Plan::closure`]. Where the host cannot tell, as for [`Op::AnyItem`].
    AnyReachable {
        fail: Target,
    },
    /// Whether such a fact is there for an entity that can be reached: [`Plan::walk`]. As for [`Op::AnyItem`] where that takes more.
    AnyByFacts {
        fail: Target,
    },
    /// An entity that the policy names, by its number.
    Entity {
        id: EntityId,
        dst: Reg,
    },
    /// `@current_unix_time`
    UnixTime {
        dst: Reg,
    },
    /// One of [`Plan::asks`], all of whose arguments are known, is a fact; or it is with another of the texts that it has.
    IsFact {
        ask: u32,
        fail: Target,
    },
    /// Begins to go through the facts that agree with one of [`Plan::asks`].
    Facts {
        ask: u32,
    },
    /// The next of these facts: its arguments go to the question's open registers.
    NextFact {
        ask: u32,
        fail: Target,
    },
    /// A closed goal with a plan of its own.
    Call {
        site: u32,
        fail: Target,
    },
    /// The plan's own goal again, in last place, for the value that one of [`Plan::agains`] says.
    Again {
        again: u32,
        fail: Target,
    },
}

impl Op {
    /// Calls `f` with each register that the operation reads or writes.
    pub(super) fn each_register(&mut self, f: &mut dyn FnMut(&mut Reg)) {
        match self {
            Op::Yes
            | Op::No
            | Op::Undecided
            | Op::Jump(_)
            | Op::AnyItem { .. }
            | Op::AnyReachable { .. }
            | Op::AnyByFacts { .. }
            | Op::IsFact { .. }
            | Op::Facts { .. }
            | Op::NextFact { .. }
            | Op::Call { .. }
            | Op::Again { .. } => {}
            Op::SetTarget { dst: a, .. }
            | Op::Constant { dst: a, .. }
            | Op::Entity { dst: a, .. }
            | Op::UnixTime { dst: a }
            | Op::Class { dst: a, .. }
            | Op::List { dst: a, .. }
            | Op::Dictionary { dst: a, .. }
            | Op::New { dst: a, .. }
            | Op::HasTag { src: a, .. }
            | Op::IsClass { src: a, .. }
            | Op::IsList { src: a, .. }
            | Op::Truth { src: a, .. } => f(a),
            Op::Move { dst: a, src: b }
            | Op::Same { a, b, .. }
            | Op::Compare { a, b, .. }
            | Op::Attribute { object: a, dst: b, .. }
            | Op::AttributeIs { object: a, value: b, .. }
            | Op::Field { object: a, dst: b, .. }
            | Op::Method { object: a, dst: b, .. }
            | Op::Item { src: a, dst: b, .. }
            | Op::Iterate { src: a, cursor: b }
            | Op::Next { cursor: a, dst: b, .. }
            | Op::In { element: a, collection: b, .. } => {
                f(a);
                f(b);
            }
            Op::Arithmetic { a, b, dst, .. } | Op::LookupDynamic { object: a, key: b, dst, .. } => {
                f(a);
                f(b);
                f(dst);
            }
        }
        if let Some(target) = self.targets()
            && let Either::Register(mut reg) = target.get()
        {
            f(&mut reg);
            *target = Target::register(reg);
        }
    }

    /// The register that it writes.
    pub(super) fn written(self) -> Option<Reg> {
        match self {
            Op::SetTarget { dst, .. }
            | Op::Move { dst, .. }
            | Op::Arithmetic { dst, .. }
            | Op::Attribute { dst, .. }
            | Op::Field { dst, .. }
            | Op::LookupDynamic { dst, .. }
            | Op::Method { dst, .. }
            | Op::New { dst, .. }
            | Op::Constant { dst, .. }
            | Op::Entity { dst, .. }
            | Op::UnixTime { dst }
            | Op::Class { dst, .. }
            | Op::List { dst, .. }
            | Op::Dictionary { dst, .. }
            | Op::Item { dst, .. }
            | Op::Iterate { cursor: dst, .. }
            | Op::Next { dst, .. } => Some(dst),
            Op::Yes
            | Op::No
            | Op::Undecided
            | Op::Jump(_)
            | Op::Same { .. }
            | Op::HasTag { .. }
            | Op::IsClass { .. }
            | Op::Compare { .. }
            | Op::Truth { .. }
            | Op::AttributeIs { .. }
            | Op::IsList { .. }
            | Op::In { .. }
            | Op::AnyItem { .. }
            | Op::AnyReachable { .. }
            | Op::AnyByFacts { .. }
            | Op::IsFact { .. }
            | Op::Facts { .. }
            | Op::NextFact { .. }
            | Op::Call { .. }
            | Op::Again { .. } => None,
        }
    }

    /// Every target of the operation.
    pub(super) fn targets(&mut self) -> Option<&mut Target> {
        match self {
            Op::Jump(target)
            | Op::SetTarget { target, .. }
            | Op::Same { fail: target, .. }
            | Op::HasTag { fail: target, .. }
            | Op::IsClass { fail: target, .. }
            | Op::Compare { fail: target, .. }
            | Op::Truth { fail: target, .. }
            | Op::Attribute { fail: target, .. }
            | Op::AttributeIs { fail: target, .. }
            | Op::Field { fail: target, .. }
            | Op::LookupDynamic { fail: target, .. }
            | Op::IsList { fail: target, .. }
            | Op::Next { fail: target, .. }
            | Op::In { fail: target, .. }
            | Op::AnyItem { fail: target, .. }
            | Op::AnyReachable { fail: target }
            | Op::AnyByFacts { fail: target }
            | Op::IsFact { fail: target, .. }
            | Op::NextFact { fail: target, .. }
            | Op::Call { fail: target, .. }
            | Op::Again { fail: target, .. } => Some(target),
            Op::Yes
            | Op::No
            | Op::Undecided
            | Op::Move { .. }
            | Op::Arithmetic { .. }
            | Op::Method { .. }
            | Op::New { .. }
            | Op::Constant { .. }
            | Op::Class { .. }
            | Op::Entity { .. }
            | Op::UnixTime { .. }
            | Op::Facts { .. }
            | Op::List { .. }
            | Op::Dictionary { .. }
            | Op::Item { .. }
            | Op::Iterate { .. } => None,
        }
    }
}

/// A call of another plan.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) predicate: PredicateId,
    /// A run of [`Plan::args`].
    pub(super) args: Span32,
    /// Negations around the call inside this plan.
    pub(super) negations: u32,
    /// The plan that was called last, and for what.
    pub(super) last: Option<([Kind; super::MAX_ARITY], PlanId)>,
}

/// A step of the plan's own goal to another.
#[derive(Clone, Debug)]
pub(super) struct Again {
    /// What takes the place of the argument that changes.
    pub(super) next: Reg,
    /// It is known to be of the plan's own kind.
    pub(super) alike: bool,
    /// Where the step fails, so does the goal.
    pub(super) last: bool,
    /// What is needed after it has failed.
    pub(super) registers: Vec<Reg>,
    pub(super) cursors: Vec<u32>,
    /// The plan for a value of another kind that was found last.
    pub(super) called: Option<(Kind, PlanId)>,
}

/// Arguments of a host call.
#[derive(Clone, Debug, Default)]
pub(super) struct HostArguments {
    pub(super) positional: Vec<Reg>,
    pub(super) keyword: Vec<(Symbol, Reg)>,
}

/// A question to the facts.
#[derive(Clone, Debug)]
pub(super) struct FactAsk {
    pub(super) predicate: PredicateId,
    /// A run of [`Plan::args`]: where the arguments are, or go to if they are open.
    pub(super) args: Span32,
    /// The arguments that are known, of these the ones that are not constants, and the others.
    pub(super) known: Mask,
    pub(super) varying: Mask,
    pub(super) open: Mask,
    /// A run of [`Plan::args`]: texts that may stand as well where the argument of that place is.
    pub(super) also: Span32,
    pub(super) differs: u32,
    /// Its number among the questions of all plans that there are.
    pub(super) number: u32,
    /// Which of the plan's cursors goes through the facts.
    pub(super) cursor: u32,
}

/// A search for an item of the list `object.name`: it must pass all tests.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) object: Reg,
    pub(crate) name: Symbol,
    pub(crate) tests: Vec<ScanTest>,
}

/// Whether an item that passes all tests of one of [`Plan::scans`] can be reached: by the list that it searches, or by the lists of that
/// name of its items.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closure {
    pub(super) scan: u32,
    /// The class of all items that count: those of another are for the loops. `None` where nothing is known of plans for items.
    pub(super) items: Option<ClassId>,
}

/// Whether some fact is there for an entity that can be reached by others. A question to the facts is one of [`Plan::asks`]; beside it
/// stands which of its arguments is the entity.
#[derive(Clone, Debug)]
pub(super) struct FactWalk {
    /// Where it begins.
    pub(super) goal: Reg,
    /// The facts that are looked for.
    pub(super) tests: Vec<(u32, u32)>,
    /// The facts that lead from one entity to another, and which arguments these are.
    pub(super) step: u32,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The class of all entities that count. Those of others are left out, or for the loops.
    pub(super) class: ClassId,
    pub(super) skips: bool,
}

/// A test of an item's attribute, or of the item itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanTest {
    pub(crate) attribute: Option<Symbol>,
    pub(crate) sought: Sought,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// One of these values.
    OneOf(Vec<Reg>),
    /// An attribute of another object.
    Attribute(Reg, Symbol),
}

impl Scan {
    /// The search for what either of two looks for: where they are alike but for the values of one test.
    pub(super) fn or(&self, other: &Scan) -> Option<Scan> {
        if (self.object, self.name, self.tests.len()) != (other.object, other.name, other.tests.len()) {
            return None;
        }
        let mut both = self.clone();
        let mut pairs = both.tests.iter_mut().zip(&other.tests).filter(|(a, b)| a != b);
        let Some((test, more)) = pairs.next() else { return Some(both) };
        let (Sought::OneOf(values), Sought::OneOf(others)) = (&mut test.sought, &more.sought) else {
            return None;
        };
        if test.attribute != more.attribute || pairs.next().is_some() {
            return None;
        }
        let more: Vec<Reg> = others.iter().copied().filter(|value| !values.contains(value)).collect();
        values.extend(more);
        Some(both)
    }

    /// How many values its tests look for.
    pub(super) fn count(&self) -> usize {
        self.tests.iter().map(|test| test.sought.count()).sum()
    }

    /// Bytes that it takes, about.
    fn bytes(&self) -> usize {
        size_of::<Scan>() + self.tests.len() * size_of::<ScanTest>() + self.count() * size_of::<Reg>()
    }

    /// What it reads.
    pub(super) fn registers(&self) -> impl Iterator<Item = Reg> {
        let sought = self.tests.iter().flat_map(|test| match &test.sought {
            Sought::OneOf(values) => values.as_slice(),
            Sought::Attribute(of, _) => std::slice::from_ref(of),
        });
        std::iter::once(self.object).chain(sought.copied())
    }

    /// Calls `f` with each register that it reads.
    pub(super) fn each_register(&mut self, f: &mut dyn FnMut(&mut Reg)) {
        f(&mut self.object);
        for test in &mut self.tests {
            match &mut test.sought {
                Sought::OneOf(values) => values.iter_mut().for_each(&mut *f),
                Sought::Attribute(of, _) => f(of),
            }
        }
    }
}

impl Again {
    /// Bytes that it takes, about.
    fn bytes(&self) -> usize {
        size_of::<Again>() + self.registers.len() * size_of::<Reg>() + self.cursors.len() * size_of::<u32>()
    }
}

impl HostArguments {
    /// What they are read from.
    pub(super) fn registers(&self) -> impl Iterator<Item = Reg> {
        self.positional.iter().copied().chain(self.keyword.iter().map(|(_, register)| *register))
    }
}

impl Sought {
    /// How many values it looks for.
    pub(crate) fn count(&self) -> usize {
        match self {
            Sought::OneOf(values) => values.len(),
            Sought::Attribute(..) => 1,
        }
    }
}

/// Where an operation comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The goal, by its number in the program.
    pub(super) goal: u32,
    pub(super) rule: RuleId,
    /// The origin of the goal around it or that called it, by its place in [`Plan::origins`].
    pub(super) outer: u32,
}

/// The code for one predicate and one combination of kinds of its arguments, which are in its first registers.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its number among the decider's plans.
    pub(super) id: PlanId,
    /// The number of its first scan: no other plan of the same decider has these numbers, not even one that is forgotten.
    pub(super) first_scan: u64,
    pub(super) ops: Vec<Op>,
    /// By operation, its place in [`Plan::origins`].
    pub(super) from: Vec<u32>,
    pub(super) origins: Vec<Origin>,
    pub(super) constants: Vec<Cell>,
    pub(super) args: Vec<Reg>,
    pub(super) sites: Vec<Site>,
    pub(super) calls: Vec<HostArguments>,
    pub(super) scans: Vec<Scan>,
    pub(super) asks: Vec<FactAsk>,
    /// How many cursors over facts it has.
    pub(super) cursors: u32,
    /// How many registers its window has.
    pub(super) registers: u32,
    pub(super) arity: u32,
    /// The arguments that the plan's kinds leave open, by their places.
    pub(super) varying: Vec<u32>,
    /// What it is for.
    pub(super) key: PlanKey,
    /// How it may lead to itself: if it may, its calls are remembered.
    pub(super) leads: Leads,
    pub(super) agains: Vec<Again>,
    /// What the plan as a whole asks, where it asks no more than that.
    pub(super) closure: Option<Closure>,
    /// The same of facts.
    pub(super) walk: Option<FactWalk>,
}

impl Plan {
    /// Bytes that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let of_calls = self.calls.iter().map(|call| {
            size_of::<HostArguments>()
                + call.positional.len() * size_of::<Reg>()
                + call.keyword.len() * size_of::<(Symbol, Reg)>()
        });
        size_of::<Plan>()
            + self.ops.len() * (size_of::<Op>() + size_of::<u32>())
            + self.origins.len() * size_of::<Origin>()
            + self.constants.len() * size_of::<Cell>()
            + self.args.len() * size_of::<Reg>()
            + self.sites.len() * size_of::<Site>()
            + self.asks.len() * (size_of::<FactAsk>() + size_of::<Prepared>())
            + self.scans.iter().map(Scan::bytes).sum::<usize>()
            + self.agains.iter().map(Again::bytes).sum::<usize>()
            + self.walk.iter().map(|walk| walk.tests.len() * size_of::<(u32, u32)>()).sum::<usize>()
            + of_calls.sum::<usize>()
    }

    /// Calls `f` with the number of each register that an operation reads, and behind the registers with that of each cursor.
    pub(super) fn each_read(&self, mut op: Op, f: &mut dyn FnMut(u32)) {
        let written = op.written();
        op.each_register(&mut |register| {
            if Some(*register) != written {
                f(register.0);
            }
        });
        let args = |run: Span32| self.args.get(run.range()).unwrap_or(&[]);
        match op {
            Op::Call { site, .. } => {
                let site = self.sites.get(site as usize);
                site.into_iter().flat_map(|site| args(site.args)).for_each(|register| f(register.0));
            }
            Op::Again { again, .. } => {
                self.agains.get(again as usize).into_iter().for_each(|again| f(again.next.0))
            }
            Op::List { items, .. } => args(items).iter().for_each(|register| f(register.0)),
            Op::AnyItem { .. } | Op::AnyReachable { .. } => {
                let scan = match op {
                    Op::AnyItem { scan, .. } => Some(scan),
                    _ => self.closure.map(|closure| closure.scan),
                };
                let scan = scan.and_then(|scan| self.scans.get(scan as usize));
                scan.into_iter().flat_map(Scan::registers).for_each(|register| f(register.0));
            }
            Op::Method { call, .. } | Op::New { call, .. } | Op::Dictionary { call, .. } => {
                let call = self.calls.get(call as usize);
                call.into_iter().flat_map(HostArguments::registers).for_each(|register| f(register.0));
            }
            Op::NextFact { ask, .. } => {
                self.asks.get(ask as usize).into_iter().for_each(|ask| f(self.registers + ask.cursor));
            }
            Op::AnyByFacts { .. } => (0..self.arity + self.constants.len() as u32).for_each(f),
            Op::IsFact { ask, .. } | Op::Facts { ask } => {
                let Some(ask) = self.asks.get(ask as usize) else { return };
                let known = ask.known.positions().filter_map(|place| args(ask.args).get(place));
                known.chain(args(ask.also)).for_each(|register| f(register.0));
            }
            _ => {}
        }
    }

    /// The same for what it writes.
    pub(super) fn each_written(&self, op: Op, f: &mut dyn FnMut(u32)) {
        if let Some(register) = op.written() {
            f(register.0);
        }
        match op {
            Op::Facts { ask } => {
                self.asks.get(ask as usize).into_iter().for_each(|ask| f(self.registers + ask.cursor));
            }
            Op::NextFact { ask, .. } => {
                let Some(ask) = self.asks.get(ask as usize) else { return };
                let args = self.args.get(ask.args.range()).unwrap_or(&[]);
                let open = ask.open.positions().filter_map(|place| args.get(place));
                open.for_each(|register| f(register.0));
            }
            _ => {}
        }
    }
}
