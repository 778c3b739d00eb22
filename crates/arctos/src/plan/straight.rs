//! Straight code: what a plan comes to where reading an attribute is looking at a field.
//!
//! A look runs no code of the application and fails by nothing but itself. So the loops behind a search ([`Op::AnyItem`]), which are
//! there for those who cannot look, are left out; what has been looked at is not looked at again; and searches of one
//! list for one thing after the other become one. What is left goes forward only: no loop, no call, no error.
//!
//! INVARIANT: a look that does not succeed decides nothing, and nothing that the plan reads before its answer goes unlooked at,
//! unless it cannot fail. So a host that follows straight code to [`Step::Yes`] or [`Step::No`] has the plan's answer, and one
//! that meets anything else has done nothing that could be noticed, and asks the plan.

use std::collections::BTreeMap;

use super::ItemTests;
use super::op::{Either, Op, Plan, Reg, Scan, Target};
use crate::heap::Cell;
use crate::host::Comparison;
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// Operations that are followed: a plan that leads further is no quick one.
pub(crate) const MOST_STEPS: usize = 256;
/// What is remembered to have been looked at on the way to an operation.
const MOST_KNOWN: usize = 32;

/// A plan for one that looks.
#[derive(Debug)]
pub(crate) struct Straight {
    /// From the first on; targets are places in here.
    pub(crate) steps: Vec<Step>,
    /// What [`Step::Search`] looks for, by number.
    pub(crate) searches: Vec<Scan>,
    constants: Vec<Cell>,
    arity: u32,
}

/// One step. It goes on at `then`; one that is a condition, at `or` where it does not hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Yes,
    No,
    /// More than looking.
    Unknown,
    Jump {
        then: Target,
    },
    /// Remembers where to go on when something later does not hold.
    SetTarget {
        dst: Reg,
        target: Target,
        then: Target,
    },
    Move {
        dst: Reg,
        src: Reg,
        then: Target,
    },
    /// `dst = object.name`
    Look {
        object: Reg,
        name: Symbol,
        dst: Reg,
        then: Target,
    },
    /// `object.name = value`
    Is {
        object: Reg,
        name: Symbol,
        value: Reg,
        then: Target,
        or: Target,
    },
    Same {
        a: Reg,
        b: Reg,
        then: Target,
        or: Target,
    },
    Compare {
        op: Comparison,
        a: Reg,
        b: Reg,
        then: Target,
        or: Target,
    },
    Truth {
        src: Reg,
        then: Target,
        or: Target,
    },
    /// An object of a class from which no other inherits.
    IsClass {
        src: Reg,
        class: ClassId,
        then: Target,
        or: Target,
    },
    /// One of [`Straight::searches`].
    Search {
        search: u32,
        then: Target,
        or: Target,
    },
}

impl Straight {
    /// The straight code of a plan.
    pub(super) fn of(plan: &Plan) -> Straight {
        let mut code = Straight {
            steps: vec![Step::Unknown],
            searches: Vec::new(),
            constants: plan.constants.clone(),
            arity: plan.arity,
        };
        // What may lead to itself is remembered, which is the plan's business.
        if plan.recursive {
            return code;
        }
        let mut followed = Followed::new(plan);
        if followed.follow() {
            followed.leave_out_jumps();
            followed.join_searches();
            code.steps = followed.in_order();
            code.searches = followed.searches;
        }
        code
    }

    /// The value of a register that is a constant.
    pub(crate) fn constant(&self, register: Reg) -> Option<Cell> {
        self.constants.get(register.0.checked_sub(self.arity)? as usize).copied()
    }
}

impl Step {
    /// Where a condition leads if it holds, and if not.
    pub(crate) fn ways(mut self) -> Option<[Target; 2]> {
        let mut targets = self.targets().map(|target| *target);
        Some([targets.next()?, targets.next()?])
    }

    fn targets(&mut self) -> impl Iterator<Item = &mut Target> {
        let targets = match self {
            Step::Yes | Step::No | Step::Unknown => [None, None],
            Step::Jump { then } | Step::Move { then, .. } | Step::Look { then, .. } => [Some(then), None],
            Step::SetTarget { then, target: or, .. }
            | Step::Is { then, or, .. }
            | Step::Same { then, or, .. }
            | Step::Compare { then, or, .. }
            | Step::Truth { then, or, .. }
            | Step::IsClass { then, or, .. }
            | Step::Search { then, or, .. } => [Some(then), Some(or)],
        };
        targets.into_iter().flatten()
    }
}

/// What is known wherever the plan has come to an operation.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Attributes, and where they are.
    looks: Vec<(Reg, Symbol, Reg)>,
    /// Classes that have been tested.
    classes: Vec<(Reg, ClassId)>,
}

impl Known {
    /// Keeps what is known on another way, too.
    fn and(&mut self, other: &Known) {
        self.looks.retain(|look| other.looks.contains(look));
        self.classes.retain(|class| other.classes.contains(class));
    }
}

/// A plan as it is followed; its targets are places of the plan's operations.
struct Followed<'p> {
    plan: &'p Plan,
    steps: BTreeMap<u32, Step>,
    searches: Vec<Scan>,
    /// Places that are led to and not yet come to.
    ahead: BTreeMap<u32, Known>,
    /// By register: how many operations write it.
    writes: Vec<u32>,
    /// By register: the one that has had the same value before.
    same_as: Vec<Reg>,
}

impl<'p> Followed<'p> {
    fn new(plan: &'p Plan) -> Self {
        let mut writes = vec![0; plan.registers as usize];
        for written in plan.ops.iter().filter_map(|op| op.written()) {
            if let Some(count) = writes.get_mut(written.0 as usize) {
                *count += 1;
            }
        }
        let same_as = (0..plan.registers).map(Reg).collect();
        let ahead = BTreeMap::from([(0, Known::default())]);
        Followed { plan, steps: BTreeMap::new(), searches: Vec::new(), ahead, writes, same_as }
    }

    /// Follows the plan wherever it leads; false where that is too far.
    fn follow(&mut self) -> bool {
        // All ways lead forward, so that whatever leads to a place has been followed before it.
        while let Some((place, known)) = self.ahead.pop_first() {
            let step = self.step(place, known).unwrap_or(Step::Unknown);
            self.steps.insert(place, step);
            if self.steps.len() > MOST_STEPS {
                return false;
            }
        }
        true
    }

    /// What an operation comes to; `None` where that is more than looking.
    fn step(&mut self, place: u32, mut known: Known) -> Option<Step> {
        let mut op = *self.plan.ops.get(place as usize)?;
        let next = Target::place(place + 1);
        let is_condition = !matches!(op, Op::Attribute { .. } | Op::Field { .. });
        let or = op.targets().filter(|_| is_condition).copied();
        if let Some(target) = or {
            self.lead(place, target, &known)?;
        }
        let or = or.unwrap_or(next);
        let step = match op {
            Op::Yes => return Some(Step::Yes),
            Op::No => return Some(Step::No),
            Op::Jump(then) => return Some(Step::Jump { then }),
            Op::SetTarget { dst, target } => Step::SetTarget { dst, target, then: next },
            Op::Move { dst, src } => Step::Move { dst, src: self.first(src), then: next },
            Op::Attribute { object, name, dst, .. } | Op::Field { object, name, dst, .. } => {
                self.look((self.first(object), name, dst), &mut known, next)
            }
            Op::AttributeIs { object, name, value, .. } => {
                Step::Is { object: self.first(object), name, value: self.first(value), then: next, or }
            }
            Op::Same { a, b, .. } => Step::Same { a: self.first(a), b: self.first(b), then: next, or },
            Op::Compare { op, a, b, .. } => {
                Step::Compare { op, a: self.first(a), b: self.first(b), then: next, or }
            }
            Op::Truth { src, .. } => Step::Truth { src: self.first(src), then: next, or },
            Op::IsClass { src, class, .. } => {
                let tested = (self.first(src), class);
                if known.classes.contains(&tested) {
                    Step::Jump { then: next }
                } else {
                    if self.is_written_once(src) {
                        known.classes.push(tested);
                    }
                    Step::IsClass { src: tested.0, class, then: next, or }
                }
            }
            Op::AnyItem { scan, .. } => Step::Search { search: self.search(scan)?, then: next, or },
            _ => return None,
        };
        self.lead(place, next, &known)?;
        Some(step)
    }

    /// Looks at an attribute, unless that has been done.
    fn look(&mut self, look: (Reg, Symbol, Reg), known: &mut Known, then: Target) -> Step {
        let (object, name, dst) = look;
        if self.is_written_once(dst) {
            if let Some((.., first)) = known.looks.iter().find(|known| (known.0, known.1) == (object, name)) {
                if let Some(same_as) = self.same_as.get_mut(dst.0 as usize) {
                    *same_as = *first;
                }
                return Step::Jump { then };
            }
            if self.is_written_once(object) && known.looks.len() < MOST_KNOWN {
                known.looks.push(look);
            }
        }
        Step::Look { object, name, dst, then }
    }

    /// One of the plan's searches, as it is looked for here.
    fn search(&mut self, scan: u32) -> Option<u32> {
        let mut scan = self.plan.scans.get(scan as usize)?.clone();
        scan.each_register(&mut |register| *register = self.first(*register));
        self.searches.push(scan);
        Some(self.searches.len() as u32 - 1)
    }

    /// Notes that the plan goes from a place to another one; `None` where that is not forward.
    fn lead(&mut self, from: u32, to: Target, known: &Known) -> Option<()> {
        // Where a register leads is noted where it is set.
        let Either::Place(to) = to.get() else { return Some(()) };
        if to <= from {
            return None;
        }
        self.ahead.entry(to).and_modify(|there| there.and(known)).or_insert_with(|| known.clone());
        Some(())
    }

    /// The register that has had the value first.
    fn first(&self, register: Reg) -> Reg {
        self.same_as.get(register.0 as usize).copied().unwrap_or(register)
    }

    /// True for a register that keeps its value once it has one.
    fn is_written_once(&self, register: Reg) -> bool {
        self.writes.get(register.0 as usize).is_some_and(|count| *count <= 1)
    }

    // ---- once all has been followed ----

    /// Where a target leads in the end.
    fn end(&self, mut target: Target) -> Target {
        while let Either::Place(place) = target.get()
            && let Some(Step::Jump { then }) = self.steps.get(&place)
        {
            target = *then;
        }
        target
    }

    fn leave_out_jumps(&mut self) {
        let places: Vec<u32> = self.steps.keys().copied().collect();
        for place in places {
            let Some(mut step) = self.steps.get(&place).copied() else { continue };
            step.targets().for_each(|target| *target = self.end(*target));
            self.steps.insert(place, step);
        }
    }

    /// A search, and then another one of the same list that leads to the same place, are one for what either looks for.
    fn join_searches(&mut self) {
        let places: Vec<u32> = self.steps.keys().rev().copied().collect();
        for place in places {
            let Some((one, then, or)) = self.search_at(place) else { continue };
            let Either::Place(next) = or.get() else { continue };
            let Some((other, then_too, last)) = self.search_at(next) else { continue };
            let [Some(a), Some(b)] = [one, other].map(|search| self.searches.get(search as usize)) else {
                continue;
            };
            if then == then_too
                && let Some(both) = a.or(b)
                && both.count() <= ItemTests::MOST_VALUES
            {
                self.searches.push(both);
                let search = self.searches.len() as u32 - 1;
                self.steps.insert(place, Step::Search { search, then, or: last });
            }
        }
    }

    fn search_at(&self, place: u32) -> Option<(u32, Target, Target)> {
        match self.steps.get(&place)? {
            Step::Search { search, then, or } => Some((*search, *then, *or)),
            _ => None,
        }
    }

    /// The steps that the first one leads to, with places among themselves.
    fn in_order(&self) -> Vec<Step> {
        let mut order = Vec::new();
        let mut places = BTreeMap::new();
        let mut open = vec![self.end(Target::place(0))];
        while let Some(target) = open.pop() {
            let Either::Place(place) = target.get() else { continue };
            if places.contains_key(&place) {
                continue;
            }
            places.insert(place, order.len() as u32);
            let mut step = self.steps.get(&place).copied().unwrap_or(Step::Unknown);
            open.extend(step.targets().map(|target| *target));
            order.push(step);
        }
        for target in order.iter_mut().flat_map(Step::targets) {
            if let Either::Place(place) = target.get()
                && let Some(place) = places.get(&place)
            {
                *target = Target::place(*place);
            }
        }
        order
    }
}
