//! Building the decision tree of one predicate.
//!
//! A node groups its clauses by what they accept at a position, and branches where the keys tell them apart best. The
//! clauses of a key are put together from groups: those that take anything, those of the constant, and those of the class
//! and its ancestors.
//!
//! INVARIANT: time and memory are linear in the number of clauses. Clauses that take anything stand under every key;
//! where copying them would cost more than [`COPIES`] times the clauses, the node does not branch, and its leaf holds more
//! clauses than can match. Most of these would have been tried anyhow.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::groups::{Groups, Run};
use super::{
    ACTOR, ANY, Accepts, BOOLEAN, Classes, DICTIONARY, GENERAL, INTEGER, Index, Key, LIST, Leaf, NIL, Node,
    OTHER, RESOURCE, STRING,
};
use crate::ir::{Clause, Code, Membership, Specificity, Tag};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// How many clauses the keys of one branch may have together, for each clause of the node.
const COPIES: usize = 16;

/// How many clauses all leaves of a predicate may have together, for each of its clauses.
const TOTAL: usize = 64;

/// What a node may cost whatever its number of clauses.
const ALWAYS: usize = 4096;

/// As many clauses are compared one by one.
const FEW: usize = 8;

/// The positions that are looked at, from the first.
const POSITIONS: u32 = 16;

/// Positions that are still to be looked at, as bits.
#[derive(Clone, Copy)]
struct Positions(u32);

impl Positions {
    fn iter(self) -> impl Iterator<Item = u32> {
        (0..POSITIONS).filter(move |position| self.0 & (1 << position) != 0)
    }

    fn without(self, position: u32) -> Positions {
        Positions(self.0 & !(1 << position))
    }
}

/// Builds the tree of a predicate.
pub(super) fn tree(
    rules: &[RuleId],
    arity: u32,
    clauses: &[Clause],
    code: &Code,
    classes: &Arc<Classes>,
) -> Index {
    if rules.len() <= 1 {
        let leaf = Leaf { clauses: rules.into(), ..Leaf::default() };
        return Index { nodes: [Node::Leaf(0)].into(), leaves: [leaf].into(), ..Index::default() };
    }
    let width = arity.min(POSITIONS);
    let (kinds, accepts) = kinds(rules, width, clauses, code);
    let mut builder = Builder {
        classes,
        kinds,
        accepts,
        width,
        left: (rules.len() * TOTAL).max(4 * ALWAYS),
        nodes: Vec::new(),
        constants: FxHashMap::default(),
        objects: FxHashMap::default(),
        leaves: IndexSet::default(),
    };
    builder.node((0..rules.len() as u32).collect(), Positions((1 << width) - 1));
    let leaf = |members: Box<[u32]>| {
        // PERF: a vector of the same layout is filled in place.
        let members = members.into_vec().into_iter();
        let listed: Vec<RuleId> = members.filter_map(|member| rules.get(member as usize).copied()).collect();
        let ordered_by_arguments = is_ordered_by_arguments(&listed, clauses);
        Leaf { clauses: listed.into(), ordered_by_arguments, recursive: false }
    };
    Index {
        nodes: builder.nodes.into(),
        constants: builder.constants,
        objects: builder.objects,
        classes: Some(Arc::clone(classes)),
        leaves: builder.leaves.into_iter().map(leaf).collect(),
    }
}

/// What the parameters accept: each such thing once, in its order; and by clause and position its place there.
fn kinds(rules: &[RuleId], width: u32, clauses: &[Clause], code: &Code) -> (Vec<Accepts>, Vec<u32>) {
    let mut places: FxHashMap<Accepts, u32> = FxHashMap::default();
    let mut kinds = Vec::new();
    let mut accepts = Vec::with_capacity(rules.len() * width as usize);
    for rule in rules {
        let params = clauses.get(rule.index()).map_or(&[][..], |clause| &clause.params);
        let known = params.iter().map(|param| Accepts::of(param, code));
        for kind in known.chain(std::iter::repeat(Accepts::Anything)).take(width as usize) {
            accepts.push(*places.entry(kind).or_insert_with(|| {
                kinds.push(kind);
                kinds.len() as u32 - 1
            }));
        }
    }
    let mut order: Vec<(Accepts, u32)> = kinds.into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut moved = vec![0; order.len()];
    for ((_, from), to) in order.iter().zip(0..) {
        if let Some(place) = moved.get_mut(*from as usize) {
            *place = to;
        }
    }
    for place in &mut accepts {
        *place = moved.get(*place as usize).copied().unwrap_or(0);
    }
    (order.into_iter().map(|(kind, _)| kind).collect(), accepts)
}

/// True when the specializers of some clauses differ.
fn is_ordered_by_arguments(rules: &[RuleId], clauses: &[Clause]) -> bool {
    let mut listed = rules.iter().filter_map(|rule| clauses.get(rule.index()));
    let Some(first) = listed.next() else { return false };
    let differ = |a: Specificity, b: Specificity| {
        a != b && !(matches!(a, Specificity::Other) && matches!(b, Specificity::Other))
    };
    listed.any(|clause| {
        let mut pairs = first.params.iter().zip(&clause.params);
        pairs.any(|(a, b)| differ(a.specificity, b.specificity))
    })
}

/// Builds nodes, children first. Clauses go by their place among the predicate's.
struct Builder<'a> {
    classes: &'a Classes,
    /// What parameters accept, in order.
    kinds: Vec<Accepts>,
    /// By clause and position: the place in `kinds`.
    accepts: Vec<u32>,
    /// Positions of a clause.
    width: u32,
    /// How many clauses the keys still to come may have.
    left: usize,
    nodes: Vec<Node>,
    constants: FxHashMap<(u32, Key), u32>,
    objects: FxHashMap<(u32, ClassId, Membership), u32>,
    leaves: IndexSet<Box<[u32]>, FxBuildHasher>,
}

impl Builder<'_> {
    /// What a clause accepts at a position, as a place in `kinds`.
    fn kind(&self, member: u32, position: u32) -> u32 {
        let place = member as usize * self.width as usize + position as usize;
        self.accepts.get(place).copied().unwrap_or(0)
    }

    fn groups(&self, members: &[u32], position: u32) -> Groups {
        let accepted = |member: &u32| u64::from(self.kind(*member, position)) << 32 | u64::from(*member);
        Groups::new(position, members.iter().map(accepted).collect(), &self.kinds)
    }

    /// How many different things clauses accept at a position. PERF: for few of them.
    fn different(&self, members: &[u32], position: u32) -> usize {
        let kind = |member: &u32| self.kind(*member, position);
        let is_new = |place: usize| {
            let known = members.get(place).map(kind);
            !members.iter().take(place).any(|earlier| Some(kind(earlier)) == known)
        };
        (0..members.len()).filter(|place| is_new(*place)).count()
    }

    fn node(&mut self, members: Vec<u32>, positions: Positions) -> u32 {
        let node = match self.best_position(&members, positions) {
            None => Node::Leaf(self.leaves.insert_full(members.into()).0 as u32),
            Some(groups) => {
                let rest = positions.without(groups.position);
                Branching {
                    groups: &groups,
                    members: &members,
                    rest,
                    constants: Vec::new(),
                    objects: Vec::new(),
                    shared: Vec::new(),
                }
                .run(self)
            }
        };
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    /// The position whose keys tell the clauses apart best, if there is one worth what it costs.
    fn best_position(&mut self, members: &[u32], positions: Positions) -> Option<Groups> {
        let (first, others) = members.split_first()?;
        let differ = |position: &u32| {
            let known = self.kind(*first, *position);
            others.iter().any(|member| self.kind(*member, *position) != known)
        };
        let positions = positions.iter().filter(differ);
        let (groups, estimate) = if members.len() <= FEW {
            // PERF: of few clauses it is enough to count what is different.
            let position = positions.max_by_key(|p| (self.different(members, *p), std::cmp::Reverse(*p)))?;
            let groups = self.groups(members, position);
            let estimate = groups.estimate(self.classes);
            (groups, estimate)
        } else {
            let mut best = None;
            for position in positions {
                let groups = self.groups(members, position);
                let estimate = groups.estimate(self.classes);
                if best.as_ref().is_none_or(|(_, least)| estimate.is_better_than(*least)) {
                    best = Some((groups, estimate));
                }
            }
            best?
        };
        let cost = estimate.entries + members.len();
        let is_worth_it = cost <= (members.len() * COPIES).max(ALWAYS);
        self.left = if is_worth_it { self.left.checked_sub(cost)? } else { return None };
        Some(groups)
    }
}

/// One branch while it is built.
struct Branching<'g> {
    groups: &'g Groups,
    /// All clauses of the node.
    members: &'g [u32],
    /// The positions for the nodes below.
    rest: Positions,
    constants: Vec<(Key, u32)>,
    objects: Vec<(ClassId, Membership, u32)>,
    /// Children that several keys may share, by their clauses.
    shared: Vec<(Vec<u32>, u32)>,
}

impl<'g> Branching<'g> {
    /// PERF: the keys that tell most apart come first: when there is no room left, it is the unknown arguments that lack it.
    fn run(mut self, builder: &mut Builder<'_>) -> Node {
        self.constants(builder);
        self.objects(builder);
        let general = self.general(builder);
        let at = builder.nodes.len() as u32;
        builder.constants.extend(self.constants.into_iter().map(|(key, node)| ((at, key), node)));
        let objects = self.objects.into_iter();
        builder.objects.extend(objects.map(|(class, membership, node)| ((at, class, membership), node)));
        Node::Branch { position: self.groups.position, general }
    }

    /// A node for each constant but nil, which is a general key.
    fn constants(&mut self, builder: &mut Builder<'_>) {
        // In the order of runs, constants of one type stand together.
        let mut of_class = (None, Vec::new());
        for run in self.groups.constants() {
            let Accepts::Constant(key @ (Key::Text(_) | Key::Integer(_) | Key::Boolean(_))) = run.accepts
            else {
                continue;
            };
            let class = ClassId(key.general() as u32);
            if of_class.0 != Some(class) {
                of_class = (Some(class), self.of_class(class, builder.classes));
            }
            let node = self.child(self.union([run], &of_class.1), false, builder);
            self.constants.push((key, node));
        }
    }

    /// Nodes for each class that some clause names, one for each membership in unions that its heirs have. An heir that no
    /// clause names goes where its parent does, unless it has several.
    fn objects(&mut self, builder: &mut Builder<'_>) {
        let mut by_runs: FxHashMap<Vec<usize>, u32> = FxHashMap::default();
        let classes = builder.classes;
        for class in self.classes(classes) {
            for membership in classes.memberships(class) {
                let runs: Vec<&Run> = self.groups.runs_of_class(class, membership, classes).collect();
                let starts = runs.iter().map(|run| run.members.start).collect();
                let node = match by_runs.get(&starts) {
                    Some(node) => *node,
                    None => {
                        let members = self.union(self.groups.constants().iter().chain(runs), self.anything());
                        let node = self.child(members, false, builder);
                        by_runs.insert(starts, node);
                        node
                    }
                };
                self.objects.push((class, membership, node));
            }
        }
    }

    /// The classes that have a key, built-in types aside.
    fn classes(&self, classes: &Classes) -> Vec<ClassId> {
        let mut keyed = Vec::new();
        for run in &self.groups.runs {
            if let Accepts::Class(Tag::Class(class)) = run.accepts {
                keyed.push(class);
                keyed.extend_from_slice(classes.irregular(class));
            }
        }
        keyed.retain(|class| class.index() > ClassId::DICTIONARY.index());
        keyed.sort_unstable();
        keyed.dedup();
        keyed
    }

    /// The nodes of the general keys.
    fn general(&mut self, builder: &mut Builder<'_>) -> [u32; GENERAL] {
        let anything = self.child(self.anything().to_vec(), true, builder);
        let mut general = [anything; GENERAL];
        let has_classes = self.groups.has_classes();
        for (place, node) in general.iter_mut().enumerate() {
            let runs: Vec<&Run> = match place {
                // PERF: among constants only, most keys have nothing of their own.
                BOOLEAN | INTEGER | STRING | LIST | DICTIONARY if !has_classes => continue,
                ANY => self.groups.runs.iter().take(1).collect(),
                OTHER | RESOURCE | ACTOR => {
                    let membership = Membership { actor: place == ACTOR, resource: place != OTHER };
                    self.groups.constants().iter().chain(self.groups.runs_of_unions(membership)).collect()
                }
                NIL => self.groups.run(Accepts::Constant(Key::Nil)).into_iter().collect(),
                place => {
                    let class = ClassId(place as u32);
                    let equal = self.groups.constants().iter().filter(|run| {
                        class == ClassId::FLOAT && matches!(run.accepts, Accepts::Constant(Key::Integer(_)))
                    });
                    let membership = builder.classes.membership(class);
                    self.groups.runs_of_class(class, membership, builder.classes).chain(equal).collect()
                }
            };
            if !runs.is_empty() {
                let members = match place {
                    ANY => self.members.to_vec(),
                    _ => self.union(runs, self.anything()),
                };
                *node = self.child(members, true, builder);
            }
        }
        general
    }

    fn anything(&self) -> &'g [u32] {
        self.groups.run(Accepts::Anything).map_or(&[], |run| self.groups.of(run))
    }

    /// The clauses that take anything, or instances of a class, in order.
    fn of_class(&self, class: ClassId, classes: &Classes) -> Vec<u32> {
        self.union(self.groups.runs_of_class(class, classes.membership(class), classes), self.anything())
    }

    /// The clauses of some runs and some more, in order.
    fn union(&self, runs: impl IntoIterator<Item = &'g Run>, others: &[u32]) -> Vec<u32> {
        let mut members = others.to_vec();
        for run in runs {
            members.extend_from_slice(self.groups.of(run));
        }
        // PERF: stable sorting merges runs that are in order already.
        if members.len() > others.len() {
            members.sort();
        }
        members
    }

    /// The node for these clauses. One that several keys may lead to is built once.
    fn child(&mut self, members: Vec<u32>, is_shared: bool, builder: &mut Builder<'_>) -> u32 {
        if !is_shared && members.len() < self.members.len() {
            return builder.node(members, self.rest);
        }
        if let Some((_, node)) = self.shared.iter().find(|(known, _)| *known == members) {
            return *node;
        }
        let node = builder.node(members.clone(), self.rest);
        self.shared.push((members, node));
        node
    }
}
