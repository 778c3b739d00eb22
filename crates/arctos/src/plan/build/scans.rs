//! Loops that look for one item of a list, found in the finished code and given to the host as one question.
//!
//! `role in user.roles and role.name = "writer" and role.repository = repository.id` is a loop of reads and comparisons, and where
//! roles imply one another there is such a loop for each of them, over the same list. [`Op::AnyItem`] asks the host for all of
//! them at once ([`Host::any_item`](crate::Host::any_item)). A host that cannot tell leaves it to the loops, which stay behind the question as
//! they were: so this changes no answer, no error and no order.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Builder;
use crate::plan::ItemTests;
use crate::plan::op::{Closure, Either, FactWalk, HostArguments, Op, Reg, Scan, ScanTest, Sought, Target};
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// Loops that one question stands for.
const MOST_LOOPS: usize = 12;
const _: () =
    assert!(MOST_LOOPS + ItemTests::MOST <= ItemTests::MOST_VALUES, "each loop adds one value to one test");

/// A loop as it stands in the code: operations from `start`, up to `end`.
pub(super) struct Loop {
    start: usize,
    end: usize,
    pub(super) scan: Scan,
    /// Where it goes on with an item, and without one.
    pub(super) found: usize,
    pub(super) missed: usize,
}

/// A question to the host that is to stand at `start`, and where it goes on if the answer is yes, and no.
pub(super) struct Question {
    pub(super) start: usize,
    pub(super) asks: Asks,
    pub(super) found: usize,
    pub(super) missed: usize,
}

/// What it asks.
pub(super) enum Asks {
    Item(Scan),
    /// The same of all objects of a class that can be reached.
    Reachable(Scan, ClassId),
    ByFacts(FactWalk),
}

/// Which operations lead where, and use what.
struct Uses {
    by_register: FxHashMap<Reg, Vec<usize>>,
    by_place: FxHashMap<usize, Vec<usize>>,
}

impl Builder<'_> {
    /// Puts questions before what they can stand for: the plan as a whole, and each chain of loops.
    pub(super) fn ask_for_all(&mut self) {
        // The outer one stands before those that it contains: places are those of the code as it is, so it comes first.
        let mut questions: Vec<Question> =
            self.closes_over_facts().or_else(|| self.closes()).into_iter().collect();
        if self.plan.ops.iter().any(|op| matches!(op, Op::Iterate { .. } | Op::In { .. })) {
            self.ask_for_items(&mut questions);
        }
        self.insert(questions);
    }

    fn ask_for_items(&self, questions: &mut Vec<Question>) {
        let uses = self.uses();
        let mut known = FxHashSet::default();
        for start in 0..self.plan.ops.len() {
            if known.contains(&start) {
                continue;
            }
            let Some(chain) = self.chain(start) else { continue };
            if let Some(last) = chain.last()
                && self.is_apart(&chain, &uses)
            {
                known.extend(chain.iter().flat_map(|each| each.start..each.end));
                let asks = Asks::Item(last.scan.clone());
                questions.push(Question { start, asks, found: last.found, missed: last.missed });
            }
        }
    }

    // ---- what there is ----

    /// Loops from `start` on that follow one another when nothing is found, and of which one question can be made. The last one's tests
    /// are those of all.
    fn chain(&self, start: usize) -> Option<Vec<Loop>> {
        let mut chain = vec![self.find_loop(start)?];
        while let Some(last) = chain.last()
            && chain.len() < MOST_LOOPS
            && last.missed > last.start
            && let Some(mut next) = self.find_loop(self.after_same_test(start, last.missed))
            && next.found == last.found
            && let Some(scan) = last.scan.or(&next.scan)
        {
            next.scan = scan;
            chain.push(next);
        }
        Some(chain)
    }

    /// Where a class test leads that has just been passed before `start`.
    fn after_same_test(&self, start: usize, place: usize) -> usize {
        let test_at = |place: usize| match self.op(place)? {
            Op::IsClass { src, class, .. } => Some((src, class)),
            _ => None,
        };
        let passed = start.checked_sub(1).and_then(test_at);
        if passed.is_some() && passed == test_at(place) { place + 1 } else { place }
    }

    /// The loop that begins at a place: its list, its item, the place of its [`Op::Next`], and where that leads in the end.
    pub(super) fn loop_at(&self, start: usize) -> Option<(Scan, Reg, usize, usize)> {
        let (Op::Attribute { object, name, dst, .. }, Op::Iterate { src, cursor: opened }) =
            (self.op(start)?, self.op(start + 1)?)
        else {
            return None;
        };
        let Op::Next { cursor, dst: item, fail } = self.op(start + 2)? else { return None };
        let list = Scan { object, name, tests: Vec::new() };
        (src == dst && cursor == opened).then_some((list, item, start + 2, self.place_of(fail)?))
    }

    pub(super) fn find_loop(&self, start: usize) -> Option<Loop> {
        let mut at = start;
        let mut read = None;
        if let Op::Attribute { object, name, dst, .. } = self.op(at)? {
            read = Some((object, name, dst));
            at += 1;
        }
        let list = match self.op(at)? {
            Op::Iterate { src: list, .. } | Op::In { collection: list, .. } => list,
            _ => return None,
        };
        let (object, name, _) = read.filter(|(.., dst)| *dst == list).or_else(|| self.read_of(list, read))?;
        let scan = Scan { object, name, tests: Vec::new() };
        match (self.op(at)?, self.op(at + 1)?) {
            (Op::In { element, fail, .. }, _) => {
                let test = ScanTest { attribute: None, sought: Sought::OneOf(vec![element]) };
                let scan = Scan { tests: vec![test], ..scan };
                Some(Loop {
                    start,
                    end: at + 1,
                    scan,
                    found: self.end_of(at + 1),
                    missed: self.place_of(fail)?,
                })
            }
            (Op::Iterate { cursor: opened, .. }, Op::Next { cursor, dst, fail }) if opened == cursor => {
                let (tests, end) = self.tests(dst, at + 2, |place| place == at + 1)?;
                let found = self.end_of(end);
                let end = if matches!(self.op(end)?, Op::Jump(_)) { end + 1 } else { end };
                Some(Loop { start, end, scan: Scan { tests, ..scan }, found, missed: self.place_of(fail)? })
            }
            _ => None,
        }
    }

    /// The attribute that a register holds, if it is not `read` for something else just there.
    fn read_of(&self, register: Reg, read: Option<(Reg, Symbol, Reg)>) -> Option<(Reg, Symbol, Reg)> {
        if read.is_some() {
            return None;
        }
        self.plan.ops.iter().find_map(|op| match *op {
            Op::Attribute { object, name, dst, .. } if dst == register => Some((object, name, dst)),
            _ => None,
        })
    }

    /// The tests of a loop's items from a place on, and where they end; `goes_on` tells where they lead if they fail.
    pub(super) fn tests(
        &self,
        item: Reg,
        mut at: usize,
        goes_on: impl Fn(usize) -> bool,
    ) -> Option<(Vec<ScanTest>, usize)> {
        let mut tests = Vec::new();
        let goes_on = |fail: Target| self.place_of(fail).is_some_and(&goes_on);
        while let Some(op) = self.op(at) {
            let test = match (op, self.op(at + 1)) {
                (Op::AttributeIs { object, name, value, fail }, _) if object == item && goes_on(fail) => {
                    (ScanTest { attribute: Some(name), sought: Sought::OneOf(vec![value]) }, 1)
                }
                (Op::Same { a, b, fail }, _) if (a == item || b == item) && goes_on(fail) => {
                    let value = if a == item { b } else { a };
                    (ScanTest { attribute: None, sought: Sought::OneOf(vec![value]) }, 1)
                }
                (Op::Attribute { object, name, dst, .. }, Some(second)) => {
                    let (test, fail) = test_of_two((object, name, dst), second, item)?;
                    if !goes_on(fail) {
                        return None;
                    }
                    (test, 2)
                }
                _ => break,
            };
            tests.push(test.0);
            at += test.1;
        }
        (!tests.is_empty() && tests.len() <= ItemTests::MOST).then_some((tests, at))
    }

    // ---- what may be left out ----

    /// True when nothing outside the loops uses what they compute, or goes to their middle.
    fn is_apart(&self, chain: &[Loop], uses: &Uses) -> bool {
        let is_inside = |place: usize| chain.iter().any(|each| (each.start..each.end).contains(&place));
        let Some(scan) = chain.last().map(|last| &last.scan) else { return false };
        chain.iter().all(|each| {
            (each.start..each.end).all(|place| {
                let comes_from = uses.by_place.get(&place).map_or(&[][..], Vec::as_slice);
                let is_entry = place == each.start;
                let local = self.op(place).and_then(|op| op.written());
                let used_at = local.and_then(|local| uses.by_register.get(&local));
                (is_entry || comes_from.iter().all(|from| (each.start..each.end).contains(from)))
                    && used_at.is_none_or(|used| used.iter().all(|place| is_inside(*place)))
                    && local.is_none_or(|local| !scan.registers().any(|of_scan| of_scan == local))
            })
        })
    }

    fn uses(&self) -> Uses {
        let mut uses = Uses { by_register: FxHashMap::default(), by_place: FxHashMap::default() };
        // Arguments of calls are used outside of any loop of ours.
        let calls = self.plan.calls.iter().flat_map(HostArguments::registers);
        let steps = self.plan.agains.iter().map(|again| again.next);
        for register in self.plan.args.iter().copied().chain(calls).chain(steps) {
            uses.by_register.entry(register).or_default().push(usize::MAX);
        }
        for (place, op) in self.plan.ops.iter().enumerate() {
            let mut op = *op;
            op.each_register(&mut |register| uses.by_register.entry(*register).or_default().push(place));
            if let Some(target) = op.targets()
                && let Some(leads_to) = self.label_place(*target)
            {
                uses.by_place.entry(leads_to).or_default().push(place);
            }
        }
        uses
    }

    // ---- places ----

    pub(super) fn op(&self, place: usize) -> Option<Op> {
        self.plan.ops.get(place).copied()
    }

    fn label_place(&self, target: Target) -> Option<usize> {
        match target.get() {
            Either::Place(label) => Some(self.labels.get(label as usize)?.place? as usize),
            Either::Register(_) => None,
        }
    }

    /// Where a target leads in the end, over jumps.
    pub(super) fn place_of(&self, target: Target) -> Option<usize> {
        self.label_place(target).map(|place| self.end_of(place))
    }

    pub(super) fn end_of(&self, mut place: usize) -> usize {
        // A jump leads forward, so this ends.
        while let Some(Op::Jump(target)) = self.op(place)
            && let Some(next) = self.label_place(target)
            && next > place
        {
            place = next;
        }
        place
    }

    /// Inserts the questions, each with a jump to where it goes on when an item is found. Whoever goes to a loop's start
    /// comes to its question.
    fn insert(&mut self, questions: Vec<Question>) {
        let starts: Vec<usize> = questions.iter().map(|question| question.start).collect();
        let moved = |place: usize| place + 2 * starts.partition_point(|start| *start < place);
        for label in &mut self.labels {
            label.place = label.place.map(|place| moved(place as usize) as u32);
        }
        for (number, Question { start, asks, found, missed }) in questions.into_iter().enumerate() {
            let [found, missed] = [found, missed].map(|place| {
                let target = self.label();
                if let Some(label) = self.labels.last_mut() {
                    label.place = Some(moved(place) as u32);
                }
                target
            });
            let asks = self.question(asks, missed);
            let place = start + 2 * number;
            let origin = self.plan.from.get(place).copied().unwrap_or(super::NONE);
            self.plan.ops.splice(place..place, [asks, Op::Jump(found)]);
            self.plan.from.splice(place..place, [origin; 2]);
        }
    }

    fn question(&mut self, asks: Asks, fail: Target) -> Op {
        let scan = self.plan.scans.len() as u32;
        match asks {
            Asks::Item(search) => {
                self.plan.scans.push(search);
                Op::AnyItem { scan, fail }
            }
            Asks::Reachable(search, class) => {
                self.plan.scans.push(search);
                self.plan.closure = Some(Closure { scan, items: Some(class) });
                Op::AnyReachable { fail }
            }
            Asks::ByFacts(walk) => {
                self.plan.walk = Some(walk);
                Op::AnyByFacts { fail }
            }
        }
    }
}

/// The test that reading an attribute and then comparing it is, if one of the two is the item.
fn test_of_two(
    (object, name, value): (Reg, Symbol, Reg),
    second: Op,
    item: Reg,
) -> Option<(ScanTest, Target)> {
    let (attribute, sought, fail) = match second {
        Op::AttributeIs { object: of, name: other, value: compared, fail } if compared == value => {
            match (object == item, of == item) {
                (true, false) => (Some(name), Sought::Attribute(of, other), fail),
                (false, true) => (Some(other), Sought::Attribute(object, name), fail),
                _ => return None,
            }
        }
        Op::Same { a, b, fail } if a == value || b == value => {
            let other = if a == value { b } else { a };
            match (object == item, other == item) {
                (true, false) => (Some(name), Sought::OneOf(vec![other]), fail),
                (false, true) => (None, Sought::Attribute(object, name), fail),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((ScanTest { attribute, sought }, fail))
}

#[cfg(test)]
mod tests {
    use crate::plan::kind::Kind;
    use crate::plan::op::Op;
    use crate::plan::{MAX_ARITY, PlanKey};
    use crate::{Policy, Schema, Sources};

    /// The searches in the plan of `p(<User>, <Page>)`, each by how many values its tests look for.
    fn searches(rules: &str) -> Vec<Vec<usize>> {
        let mut schema = Schema::new();
        let (user, page) = (schema.add_class("User", &[]), schema.add_class("Page", &[]));
        let mut sources = Sources::default();
        sources.add(None, rules);
        let policy = Policy::load(&schema, sources).unwrap();
        let predicate = policy.0.by_name[&(policy.symbols().get("p").unwrap(), 2)];
        let mut kinds = [Kind::ABSENT; MAX_ARITY];
        (kinds[0], kinds[1]) = (Kind::object(user), Kind::object(page));
        let plan = super::super::plan(&policy.0, PlanKey { predicate, kinds }, 0, 0);
        let questions = plan.ops.iter().filter_map(|op| match op {
            Op::AnyItem { scan, .. } => plan.scans.get(*scan as usize),
            _ => None,
        });
        questions.map(|scan| scan.tests.iter().map(|test| test.sought.count()).collect()).collect()
    }

    #[test]
    fn roles_that_imply_one_another_are_one_search() {
        let rules = r#"
            p(x: User, y: Page) if r(x, "reader", y);
            r(x, "reader", y) if r(x, "writer", y);
            r(x, "writer", y) if r(x, "admin", y);
            r(x: User, name: String, y: Page) if role in x.roles and role.name = name and role.page = y.id;"#;
        assert_eq!(searches(rules), [[3, 1]]);
    }

    #[test]
    fn other_lists_are_other_searches() {
        let rules = r#"p(x: User, y: Page) if r in x.roles and r.page = y.id;
            p(x: User, y: Page) if r in x.teams and r.page = y.id;"#;
        assert_eq!(searches(rules), [[1], [1]]);
    }

    #[test]
    fn an_item_that_is_needed_later_is_no_search() {
        let rules = "p(x: User, y: Page) if role in x.roles and role.page = y.id and role.is_active();";
        assert!(searches(rules).is_empty());
        let rules =
            "p(x: User, y: Page) if role in x.roles and role.page = y.id and q(role); q(r) if r.n > 1;";
        assert!(searches(rules).is_empty());
    }

    #[test]
    fn membership_is_a_search() {
        assert_eq!(searches("p(x: User, y: Page) if y.id in x.pages;"), [[1]]);
        assert_eq!(searches(r#"p(x: User, _y: Page) if "admin" in x.roles or "root" in x.roles;"#), [[2]]);
    }
}
