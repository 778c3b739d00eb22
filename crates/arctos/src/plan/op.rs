//! The code of a plan.

use crate::heap::Cell;
use crate::host::Comparison;
use crate::ir::{Arithmetic, PredicateId, Span32, Tag};
use crate::policy::RuleId;
use crate::schema::{ClassId, ConstantId};
use crate::symbol::Symbol;

use super::PlanId;
use super::kind::Kind;

/// A register of a plan's window: first its arguments, then its constants, then what it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Reg(pub(super) u32);

/// Where to go on: a place in the code, or with the upper bit set the place that a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target(u32);

const UPPER: u32 = 1 << 31;

/// One of two things that a word can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Either {
    Register(Reg),
    /// The place of an operation.
    Place(u32),
}

impl Target {
    pub(super) fn place(place: u32) -> Target {
        Target(place)
    }

    pub(super) fn register(reg: Reg) -> Target {
        Target(reg.0 | UPPER)
    }

    pub(super) fn get(self) -> Either {
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
    /// A closed goal with a plan of its own.
    Call {
        site: u32,
        fail: Target,
    },
}

impl Op {
    /// Calls `f` with each register that the operation reads or writes.
    pub(super) fn each_register(&mut self, f: &mut dyn FnMut(&mut Reg)) {
        match self {
            Op::Yes | Op::No | Op::Undecided | Op::Jump(_) | Op::Call { .. } => {}
            Op::SetTarget { dst: a, .. }
            | Op::Constant { dst: a, .. }
            | Op::Class { dst: a, .. }
            | Op::List { dst: a, .. }
            | Op::Dictionary { dst: a, .. }
            | Op::New { dst: a, .. }
            | Op::HasTag { src: a, .. }
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

    /// Every target of the operation.
    pub(super) fn targets(&mut self) -> Option<&mut Target> {
        match self {
            Op::Jump(target)
            | Op::SetTarget { target, .. }
            | Op::Same { fail: target, .. }
            | Op::HasTag { fail: target, .. }
            | Op::Compare { fail: target, .. }
            | Op::Truth { fail: target, .. }
            | Op::Attribute { fail: target, .. }
            | Op::AttributeIs { fail: target, .. }
            | Op::Field { fail: target, .. }
            | Op::LookupDynamic { fail: target, .. }
            | Op::IsList { fail: target, .. }
            | Op::Next { fail: target, .. }
            | Op::In { fail: target, .. }
            | Op::Call { fail: target, .. } => Some(target),
            Op::Yes
            | Op::No
            | Op::Undecided
            | Op::Move { .. }
            | Op::Arithmetic { .. }
            | Op::Method { .. }
            | Op::New { .. }
            | Op::Constant { .. }
            | Op::Class { .. }
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

/// Arguments of a host call.
#[derive(Clone, Debug, Default)]
pub(super) struct HostArguments {
    pub(super) positional: Vec<Reg>,
    pub(super) keyword: Vec<(Symbol, Reg)>,
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
    pub(super) ops: Vec<Op>,
    /// By operation, its place in [`Plan::origins`].
    pub(super) from: Vec<u32>,
    pub(super) origins: Vec<Origin>,
    pub(super) constants: Vec<Cell>,
    pub(super) args: Vec<Reg>,
    pub(super) sites: Vec<Site>,
    pub(super) calls: Vec<HostArguments>,
    /// How many registers its window has.
    pub(super) registers: u32,
    pub(super) arity: u32,
    /// It may lead to itself: its calls are remembered.
    pub(super) recursive: bool,
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
            + of_calls.sum::<usize>()
    }
}
