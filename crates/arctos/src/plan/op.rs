//! The code of a plan.

use crate::heap::Cell;
use crate::host::Comparison;
use crate::ir::{Arithmetic, PredicateId, Span32, Tag};
use crate::schema::{ClassId, ConstantId};
use crate::symbol::Symbol;

use super::PlanId;
use super::kind::Kind;

/// A register of a plan's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Reg(pub(super) u32);

/// Where a value comes from: a register, or with the upper bit set one of the plan's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Src(u32);

/// Where to go on: a place in the code, or with the upper bit set the place that a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target(u32);

const UPPER: u32 = 1 << 31;

/// One of two things that a word can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Either {
    Register(Reg),
    /// The place of a constant, or of an operation.
    Place(u32),
}

impl Src {
    pub(super) fn register(reg: Reg) -> Src {
        Src(reg.0)
    }

    pub(super) fn constant(place: u32) -> Src {
        Src(place | UPPER)
    }

    pub(super) fn get(self) -> Either {
        if self.0 & UPPER == 0 { Either::Register(Reg(self.0)) } else { Either::Place(self.0 & !UPPER) }
    }
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

/// One operation. `fail` is where to go on when it does not hold.
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
        src: Src,
    },
    /// Two values are equal, as `=` understands it.
    Same {
        a: Src,
        b: Src,
        fail: Target,
    },
    HasTag {
        src: Src,
        tag: Tag,
        fail: Target,
    },
    Compare {
        op: Comparison,
        a: Src,
        b: Src,
        fail: Target,
    },
    Arithmetic {
        op: Arithmetic,
        a: Src,
        b: Src,
        dst: Reg,
    },
    /// A value used as a condition.
    Truth {
        src: Src,
        fail: Target,
    },
    /// `dst = object.name`; fails for a dictionary without that key.
    Attribute {
        object: Src,
        name: Symbol,
        dst: Reg,
        fail: Target,
    },
    /// `object.name = value`
    AttributeIs {
        object: Src,
        name: Symbol,
        value: Src,
        fail: Target,
    },
    /// As [`Op::Attribute`], but a missing attribute fails: in patterns.
    Field {
        object: Src,
        name: Symbol,
        dst: Reg,
        fail: Target,
    },
    /// `dst = object.(key)`
    LookupDynamic {
        object: Src,
        key: Src,
        dst: Reg,
        fail: Target,
    },
    Method {
        object: Src,
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
        src: Src,
        len: u32,
        fail: Target,
    },
    Item {
        src: Src,
        index: u32,
        dst: Reg,
    },
    /// Begins to go through a collection; the cursor takes two registers.
    Iterate {
        src: Src,
        cursor: Reg,
    },
    Next {
        cursor: Reg,
        dst: Reg,
        fail: Target,
    },
    In {
        element: Src,
        collection: Src,
        fail: Target,
    },
    /// A closed goal with a plan of its own.
    Call {
        site: u32,
        fail: Target,
    },
}

impl Op {
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
    pub(super) positional: Vec<Src>,
    pub(super) keyword: Vec<(Symbol, Src)>,
}

/// The code for one predicate and one combination of kinds of its arguments, which are in its first registers.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) ops: Vec<Op>,
    pub(super) constants: Vec<Cell>,
    pub(super) args: Vec<Src>,
    pub(super) sites: Vec<Site>,
    pub(super) calls: Vec<HostArguments>,
    /// How many registers its window has.
    pub(super) registers: u32,
    pub(super) arity: u32,
    /// It may lead to itself: its calls are remembered.
    pub(super) recursive: bool,
}
