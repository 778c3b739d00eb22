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

use rustc_hash::FxHashMap;

use super::ItemTests;
use super::build::Leads;
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
        if plan.leads != Leads::Nowhere {
            return code;
        }
        let mut followed = Followed::new(plan);
        if followed.follow() {
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
    /// Class tests, and whether they have held.
    classes: Vec<(Reg, ClassId, bool)>,
}

impl Known {
    /// Whether a value is of a class from which no other inherits, where that is known.
    fn is_class(&self, src: Reg, class: ClassId) -> Option<bool> {
        self.classes.iter().find_map(|(known, tested, held)| match (*known == src, *tested == class, held) {
            (true, true, held) => Some(*held),
            (true, false, true) => Some(false),
            _ => None,
        })
    }

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
    /// Where the value of an attribute is kept.
    values: FxHashMap<(Reg, Symbol), Reg>,
    /// By register: the one that has the same value.
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
        let (steps, values) = (BTreeMap::new(), FxHashMap::default());
        Followed { plan, steps, searches: Vec::new(), ahead, writes, values, same_as }
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
        let step = match op {
            Op::Yes => Step::Yes,
            Op::No => Step::No,
            Op::Jump(then) => Step::Jump { then: self.lead(place, then, &known)? },
            Op::SetTarget { dst, target } => {
                let target = self.lead(place, target, &known)?;
                Step::SetTarget { dst, target, then: self.lead(place, next, &known)? }
            }
            Op::Move { dst, src } => {
                Step::Move { dst, src: self.first(src), then: self.lead(place, next, &known)? }
            }
            Op::Attribute { object, name, dst, .. } | Op::Field { object, name, dst, .. } => {
                let (object, dst) = (self.first(object), self.keep(object, name, dst));
                let stays = self.is_written_once(object) && self.is_written_once(dst);
                if stays && known.looks.len() < MOST_KNOWN {
                    known.looks.push((object, name, dst));
                }
                Step::Look { object, name, dst, then: self.lead(place, next, &known)? }
            }
            Op::IsClass { src, class, fail } => {
                let src = self.first(src);
                let mut otherwise = known.clone();
                if self.is_written_once(src) && known.classes.len() < MOST_KNOWN {
                    known.classes.push((src, class, true));
                    otherwise.classes.push((src, class, false));
                }
                let then = self.lead(place, next, &known)?;
                Step::IsClass { src, class, then, or: self.lead(place, fail, &otherwise)? }
            }
            _ => {
                let fail = *op.targets()?;
                let then = self.lead(place, next, &known)?;
                let or = self.lead(place, fail, &known)?;
                self.condition(op, then, or)?
            }
        };
        Some(step)
    }

    fn condition(&mut self, op: Op, then: Target, or: Target) -> Option<Step> {
        Some(match op {
            Op::AttributeIs { object, name, value, .. } => {
                Step::Is { object: self.first(object), name, value: self.first(value), then, or }
            }
            Op::Same { a, b, .. } => Step::Same { a: self.first(a), b: self.first(b), then, or },
            Op::Compare { op, a, b, .. } => {
                Step::Compare { op, a: self.first(a), b: self.first(b), then, or }
            }
            Op::Truth { src, .. } => Step::Truth { src: self.first(src), then, or },
            Op::AnyItem { scan, .. } => Step::Search { search: self.search(scan)?, then, or },
            _ => return None,
        })
    }

    /// Where the value of an attribute goes, for which the plan has `dst`: a field has the same value whenever it is looked at.
    fn keep(&mut self, object: Reg, name: Symbol, dst: Reg) -> Reg {
        let object = self.first(object);
        if !self.is_written_once(object) || !self.is_written_once(dst) {
            return dst;
        }
        let first = *self.values.entry((object, name)).or_insert(dst);
        if let Some(same_as) = self.same_as.get_mut(dst.0 as usize) {
            *same_as = first;
        }
        first
    }

    /// One of the plan's searches, as it is looked for here.
    fn search(&mut self, scan: u32) -> Option<u32> {
        let mut scan = self.plan.scans.get(scan as usize)?.clone();
        scan.each_register(&mut |register| *register = self.first(*register));
        self.searches.push(scan);
        Some(self.searches.len() as u32 - 1)
    }

    /// Notes that the plan goes from a place to another one, and on over all that is known there; `None` where that is not
    /// forward.
    fn lead(&mut self, mut from: u32, to: Target, known: &Known) -> Option<Target> {
        // Where a register leads is noted where it is set.
        let Either::Place(mut to) = to.get() else { return Some(to) };
        loop {
            if to <= from {
                return None;
            }
            match self.known_way(to, known) {
                Some(next) => (from, to) = (to, next),
                None => break,
            }
        }
        let to = self.last_alike(to);
        self.ahead.entry(to).and_modify(|there| there.and(known)).or_insert_with(|| known.clone());
        Some(Target::place(to))
    }

    /// The last operation that gives the same answer, so that ways that end alike end at one place.
    fn last_alike(&self, place: u32) -> u32 {
        let gives: fn(&Op) -> bool = match self.plan.ops.get(place as usize) {
            Some(Op::Yes) => |op| matches!(op, Op::Yes),
            Some(Op::No) => |op| matches!(op, Op::No),
            _ => return place,
        };
        self.plan.ops.iter().rposition(gives).map_or(place, |last| last as u32)
    }

    /// Where an operation leads that does nothing new.
    fn known_way(&mut self, place: u32, known: &Known) -> Option<u32> {
        let target = match *self.plan.ops.get(place as usize)? {
            Op::Jump(target) => target,
            Op::Attribute { object, name, dst, .. } | Op::Field { object, name, dst, .. } => {
                let look = (self.first(object), name, self.keep(object, name, dst));
                return known.looks.contains(&look).then_some(place + 1);
            }
            Op::IsClass { src, class, fail } => match known.is_class(self.first(src), class)? {
                true => return Some(place + 1),
                false => fail,
            },
            _ => return None,
        };
        match target.get() {
            Either::Place(next) => Some(next),
            Either::Register(_) => None,
        }
    }

    /// The register that has the value.
    fn first(&self, register: Reg) -> Reg {
        self.same_as.get(register.0 as usize).copied().unwrap_or(register)
    }

    /// True for a register that keeps its value once it has one.
    fn is_written_once(&self, register: Reg) -> bool {
        self.writes.get(register.0 as usize).is_some_and(|count| *count <= 1)
    }

    // ---- once all has been followed ----

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
        let mut open = vec![Target::place(0)];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Plans, Seen};
    use crate::{Policy, Schema, Sources};

    /// The straight code of `p(<User>, <Page>)`.
    fn code(rules: &str) -> Straight {
        let mut schema = Schema::new();
        let classes = ["User", "Page", "Org"].map(|name| schema.add_class(name, &[]));
        let mut sources = Sources::default();
        sources.add(None, rules);
        let policy = Policy::load(&schema, sources).unwrap();
        let predicate = policy.0.by_name[&(policy.symbols().get("p").unwrap(), 2)];
        let arguments = [Seen::Object(classes[0]), Seen::Object(classes[1])];
        Plans::new(&policy.0).straight(&policy.0, predicate, &arguments).unwrap()
    }

    /// Its steps by name, each search by how many values it looks for.
    fn steps(rules: &str) -> Vec<String> {
        let code = code(rules);
        let name = |step: &Step| match step {
            Step::Search { search, .. } => format!("Search {}", code.searches[*search as usize].count()),
            step => format!("{step:?}").split(' ').next().unwrap_or("").to_owned(),
        };
        let mut names: Vec<String> = code.steps.iter().map(name).collect();
        names[1..].sort();
        names
    }

    #[test]
    fn what_has_been_looked_at_is_not_looked_at_again() {
        let rules = r#"p(x: User, y: Page) if o = y.org and o matches Org and has(x, "owner", o);
            p(x: User, y: Page) if o = y.org and o matches Org and has(x, "member", o);
            has(x: User, role: String, o: Org) if r in x.roles and r.name = role and r.org = o.id;"#;
        assert_eq!(steps(rules), ["Look", "IsClass", "No", "Search 3", "Yes"]);
        // What is known on one way only has to be found out on the other.
        let rules = "p(x: User, y: Page) if x.a = y.b and x.c = 1; p(x: User, y: Page) if x.d = y.b;
            p(x: User, y: Page) if x.a = y.b;";
        assert_eq!(steps(rules).iter().filter(|step| *step == "Look").count(), 2);
    }

    #[test]
    fn other_searches_stay_apart() {
        let rules = r#"p(x: User, y: Page) if r in x.roles and r.page = y.id;
            p(x: User, y: Page) if r in x.teams and r.page = y.id;"#;
        assert_eq!(steps(rules), ["Search 1", "No", "Search 1", "Yes"]);
    }

    #[test]
    fn alternatives_before_more_conditions_keep_their_place() {
        let rules = "p(x: User, y: Page) if (x.a = y.b or x.c = 1) and x.d = 2;";
        assert!(steps(rules).iter().any(|step| step == "SetTarget"), "{:?}", code(rules));
    }

    #[test]
    fn more_than_looking_is_unknown_where_it_stands() {
        let rules = "p(x: User, y: Page) if x.a = 1 and y.b = 1; p(x: User, y: Page) if x.m(y);";
        assert_eq!(steps(rules), ["Is", "Is", "Unknown", "Yes"]);
        let rules = "p(x, y: Page) if x.a = 1 and y.b = 1; p(x, y) if z = y.next and p(x, z);";
        assert_eq!(steps(rules), ["Unknown"]);
        let many: String = (0..MOST_STEPS).map(|n| format!("p(x: User, y: Page) if x.a{n} = y.a;")).collect();
        assert_eq!(steps(&many), ["Unknown"]);
    }
}
