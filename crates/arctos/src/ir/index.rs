//! From a call's arguments to the clauses that can match.
//!
//! A decision tree over argument positions, built at load. Each branch looks at one argument and finds the next node
//! by a hash probe of its [`Key`], so the cost of a call does not grow with the number of rules or classes. A leaf lists
//! its clauses in source order; where the order of rules may depend on the arguments it says so.
//!
//! INVARIANT: a leaf never leaves out a clause that could match; it may hold clauses that do not.

use rustc_hash::FxHashMap;

use super::{Clause, Code, Membership, Operand, Param, Pattern, Specificity, Tag};
use crate::policy::RuleId;
use crate::schema::{ClassId, Schema};
use crate::symbol::Symbol;

/// What an argument is, as far as the index looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Text(Symbol),
    Integer(i64),
    Boolean(bool),
    /// A value of a built-in type that has no key of its own.
    Core(ClassId),
    Nil,
    Object(ClassId),
    /// An object whose class has no key of its own.
    ObjectOther,
    /// An unbound variable, or an object of several unrelated classes.
    Any,
}

impl Key {
    /// The wider key to try where this one is not in the table.
    fn wider(self) -> Option<Key> {
        match self {
            Key::Text(_) => Some(Key::Core(ClassId::STRING)),
            Key::Integer(_) => Some(Key::Core(ClassId::INTEGER)),
            Key::Boolean(_) => Some(Key::Core(ClassId::BOOLEAN)),
            Key::Object(_) => Some(Key::ObjectOther),
            Key::Core(_) | Key::Nil | Key::ObjectOther => Some(Key::Any),
            Key::Any => None,
        }
    }
}

/// The keys every branch has.
const GENERAL: [Key; 9] = [
    Key::Core(ClassId::STRING),
    Key::Core(ClassId::INTEGER),
    Key::Core(ClassId::FLOAT),
    Key::Core(ClassId::BOOLEAN),
    Key::Core(ClassId::LIST),
    Key::Core(ClassId::DICTIONARY),
    Key::Nil,
    Key::ObjectOther,
    Key::Any,
];

/// Clauses that may match a call.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    /// In source order.
    pub(crate) clauses: Vec<RuleId>,
    /// Their specializers differ: the order of rules depends on the arguments.
    pub(crate) ordered_by_arguments: bool,
    /// One of them is recursive: the call is tabled.
    pub(crate) recursive: bool,
}

#[derive(Debug)]
enum Node {
    Leaf(u32),
    Branch { position: u32, next: FxHashMap<Key, u32> },
}

/// The decision tree of one predicate.
#[derive(Debug, Default)]
pub(crate) struct Index {
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
}

impl Index {
    /// The leaf for a call; `key` tells what the argument at a position is.
    pub(crate) fn find(&self, mut key: impl FnMut(u32) -> Key) -> Option<u32> {
        let mut node = self.nodes.last()?;
        loop {
            match node {
                Node::Leaf(leaf) => return Some(*leaf),
                Node::Branch { position, next } => {
                    let mut key = key(*position);
                    let found = loop {
                        if let Some(found) = next.get(&key) {
                            break *found;
                        }
                        key = key.wider()?;
                    };
                    node = self.nodes.get(found as usize)?;
                }
            }
        }
    }

    pub(crate) fn leaf(&self, leaf: u32) -> Option<&Leaf> {
        self.leaves.get(leaf as usize)
    }

    pub(crate) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Marks leaves with a recursive clause.
    pub(crate) fn mark_recursive(&mut self, recursive: impl Fn(RuleId) -> bool) {
        for leaf in &mut self.leaves {
            leaf.recursive = leaf.clauses.iter().any(|rule| recursive(*rule));
        }
    }

    /// Builds the tree for `rules`, which are the clauses of one predicate.
    pub(crate) fn build(
        rules: &[RuleId],
        arity: u32,
        clauses: &[Clause],
        code: &Code,
        schema: &Schema,
        unions: &[Membership],
        descendants: &[Vec<ClassId>],
    ) -> Index {
        let by_leaf = FxHashMap::default();
        let mut builder =
            Builder { index: Index::default(), clauses, code, schema, unions, descendants, by_leaf };
        builder.node(rules.to_vec(), &(0..arity).collect::<Vec<_>>());
        builder.index
    }
}

struct Builder<'a> {
    index: Index,
    clauses: &'a [Clause],
    code: &'a Code,
    schema: &'a Schema,
    unions: &'a [Membership],
    /// By class: itself and the classes that inherit from it.
    descendants: &'a [Vec<ClassId>],
    by_leaf: FxHashMap<Vec<RuleId>, u32>,
}

/// What a parameter accepts, as far as the index looks.
#[derive(Clone, Copy, PartialEq)]
enum Accepts {
    Anything,
    /// Exactly that constant (or an object equal to it).
    Constant(Key),
    Class(Tag),
}

impl Builder<'_> {
    fn param(&self, rule: RuleId, position: u32) -> Option<&Param> {
        self.clauses.get(rule.index())?.params.get(position as usize)
    }

    fn accepts(&self, rule: RuleId, position: u32) -> Accepts {
        let Some(param) = self.param(rule, position) else { return Accepts::Anything };
        match param.operand {
            Operand::Text(symbol) => return Accepts::Constant(Key::Text(symbol)),
            Operand::Integer(value) => return Accepts::Constant(Key::Integer(value)),
            Operand::Boolean(value) => return Accepts::Constant(Key::Boolean(value)),
            Operand::Nil => return Accepts::Constant(Key::Nil),
            Operand::Slot(_) | Operand::Anonymous => {}
            _ => return Accepts::Anything,
        }
        match param.pattern.and_then(|id| self.code.patterns.get(id.0 as usize)) {
            Some(Pattern::Instance(tag, _)) if !matches!(tag, Tag::Unknown(_)) => Accepts::Class(*tag),
            Some(Pattern::Value(Operand::Text(symbol))) => Accepts::Constant(Key::Text(*symbol)),
            Some(Pattern::Value(Operand::Integer(value))) => Accepts::Constant(Key::Integer(*value)),
            _ => Accepts::Anything,
        }
    }

    fn class_matches(&self, class: ClassId, tag: Tag) -> bool {
        match tag {
            Tag::Class(ancestor) => self.schema.is_subclass(class, ancestor),
            Tag::Actor => self.unions.get(class.index()).is_some_and(|m| m.actor),
            Tag::Resource => self.unions.get(class.index()).is_some_and(|m| m.resource),
            Tag::Unknown(_) => true,
        }
    }

    fn may_match(&self, accepts: Accepts, key: Key) -> bool {
        match (accepts, key) {
            (Accepts::Anything, _) | (_, Key::Any) => true,
            (Accepts::Constant(constant), Key::Text(_) | Key::Boolean(_) | Key::Nil) => constant == key,
            (Accepts::Constant(constant), Key::Integer(_)) => constant == key,
            (Accepts::Constant(Key::Integer(_)), Key::Core(ClassId::FLOAT)) => true,
            (Accepts::Constant(_), Key::Core(_)) => false,
            // The host decides whether an object equals a constant.
            (Accepts::Constant(_), Key::Object(_) | Key::ObjectOther) => true,
            (Accepts::Class(tag), Key::Text(_)) => self.class_matches(ClassId::STRING, tag),
            (Accepts::Class(tag), Key::Integer(_)) => self.class_matches(ClassId::INTEGER, tag),
            (Accepts::Class(tag), Key::Boolean(_)) => self.class_matches(ClassId::BOOLEAN, tag),
            (Accepts::Class(tag), Key::Core(class) | Key::Object(class)) => self.class_matches(class, tag),
            (Accepts::Class(_), Key::Nil | Key::ObjectOther) => false,
        }
    }

    /// The keys of a branch: what its clauses name, and the general ones.
    fn keys(&self, rules: &[RuleId], position: u32) -> Vec<Key> {
        let mut keys = Vec::new();
        let (mut actors, mut resources) = (false, false);
        for rule in rules {
            match self.accepts(*rule, position) {
                Accepts::Constant(key) => keys.push(key),
                Accepts::Class(Tag::Class(class)) => keys.extend(self.descendants(class)),
                Accepts::Class(Tag::Actor) => actors = true,
                Accepts::Class(Tag::Resource) => resources = true,
                Accepts::Class(Tag::Unknown(_)) | Accepts::Anything => {}
            }
        }
        if actors || resources {
            let member = |m: &Membership| (actors && m.actor) || (resources && m.resource);
            let members = self.unions.iter().enumerate().filter(|(_, m)| member(m));
            keys.extend(members.map(|(class, _)| object_key(ClassId(class as u32))));
        }
        keys.extend(GENERAL);
        keys.sort_unstable_by_key(|key| format_key(*key));
        keys.dedup();
        keys
    }

    fn descendants(&self, class: ClassId) -> Vec<Key> {
        let classes = self.descendants.get(class.index()).map_or(&[][..], Vec::as_slice);
        classes.iter().map(|class| object_key(*class)).collect()
    }

    fn node(&mut self, rules: Vec<RuleId>, positions: &[u32]) -> u32 {
        let best = if rules.len() <= 1 { None } else { self.best_position(&rules, positions) };
        let node = match best {
            None => Node::Leaf(self.leaf(rules)),
            Some(position) => {
                let rest: Vec<u32> = positions.iter().copied().filter(|p| *p != position).collect();
                self.branch(&rules, position, &rest)
            }
        };
        self.index.nodes.push(node);
        self.index.nodes.len() as u32 - 1
    }

    /// The position whose constants and classes tell most clauses apart.
    fn best_position(&self, rules: &[RuleId], positions: &[u32]) -> Option<u32> {
        let distinct = |position: u32| {
            let mut seen: Vec<Option<String>> =
                rules.iter().map(|rule| accepts_name(self.accepts(*rule, position))).collect();
            seen.sort_unstable();
            seen.dedup();
            seen.len()
        };
        let (count, position) =
            positions.iter().map(|p| (distinct(*p), *p)).max_by_key(|(n, p)| (*n, u32::MAX - p))?;
        (count > 1).then_some(position)
    }

    fn branch(&mut self, rules: &[RuleId], position: u32, rest: &[u32]) -> Node {
        let keys = self.keys(rules, position);
        let accepted: Vec<(RuleId, Accepts)> =
            rules.iter().map(|rule| (*rule, self.accepts(*rule, position))).collect();
        let buckets = self.buckets(&accepted, &keys);
        let mut next = FxHashMap::default();
        let mut same: FxHashMap<Vec<RuleId>, u32> = FxHashMap::default();
        for (key, bucket) in keys.into_iter().zip(buckets) {
            let node = match same.get(&bucket) {
                Some(node) => *node,
                None => {
                    let node = self.node(bucket.clone(), rest);
                    same.insert(bucket, node);
                    node
                }
            };
            next.insert(key, node);
        }
        Node::Branch { position, next }
    }

    /// For each key the clauses that may match it, in source order.
    ///
    /// PERF: near-linear where most clauses name one constant or one class: clauses are first grouped by what they
    /// accept, and only groups are compared with keys.
    fn buckets(&self, accepted: &[(RuleId, Accepts)], keys: &[Key]) -> Vec<Vec<RuleId>> {
        let place: FxHashMap<Key, usize> =
            keys.iter().enumerate().map(|(index, key)| (*key, index)).collect();
        let objects: Vec<usize> = keys
            .iter()
            .enumerate()
            .filter(|(_, key)| matches!(key, Key::Object(_) | Key::ObjectOther | Key::Any))
            .map(|(index, _)| index)
            .collect();
        let mut buckets = vec![Vec::new(); keys.len()];
        let mut targets: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (rule, accepts) in accepted {
            let name = accepts_name(*accepts).unwrap_or_default();
            let list = targets.entry(name).or_insert_with(|| match accepts {
                Accepts::Constant(key) => {
                    let float = matches!(key, Key::Integer(_)).then_some(Key::Core(ClassId::FLOAT));
                    let own = place.get(key).into_iter().chain(float.and_then(|float| place.get(&float)));
                    own.chain(&objects).copied().collect()
                }
                Accepts::Class(Tag::Class(class)) => self.class_targets(*class, &place, keys),
                accepts => (0..keys.len())
                    .filter(|index| keys.get(*index).is_some_and(|key| self.may_match(*accepts, *key)))
                    .collect(),
            });
            for index in list.iter() {
                if let Some(bucket) = buckets.get_mut(*index) {
                    bucket.push(*rule);
                }
            }
        }
        buckets
    }

    fn class_targets(&self, class: ClassId, place: &FxHashMap<Key, usize>, keys: &[Key]) -> Vec<usize> {
        if class.index() <= ClassId::DICTIONARY.index() {
            let tag = Accepts::Class(Tag::Class(class));
            return (0..keys.len())
                .filter(|index| keys.get(*index).is_some_and(|key| self.may_match(tag, *key)))
                .collect();
        }
        let mut targets: Vec<usize> =
            self.descendants(class).iter().filter_map(|key| place.get(key).copied()).collect();
        targets.extend(place.get(&Key::Any).copied());
        targets
    }

    fn leaf(&mut self, rules: Vec<RuleId>) -> u32 {
        if let Some(leaf) = self.by_leaf.get(&rules) {
            return *leaf;
        }
        let differ = |a: RuleId, b: RuleId| {
            let (Some(a), Some(b)) = (self.clauses.get(a.index()), self.clauses.get(b.index())) else {
                return false;
            };
            a.params.iter().zip(&b.params).any(|(a, b)| {
                a.specificity != b.specificity
                    && !(matches!(a.specificity, Specificity::Other)
                        && matches!(b.specificity, Specificity::Other))
            })
        };
        let ordered_by_arguments = match rules.first() {
            Some(first) => rules.iter().any(|rule| differ(*first, *rule)),
            None => false,
        };
        let leaf = self.index.leaves.len() as u32;
        self.by_leaf.insert(rules.clone(), leaf);
        self.index.leaves.push(Leaf { clauses: rules, ordered_by_arguments, recursive: false });
        leaf
    }
}

fn object_key(class: ClassId) -> Key {
    if class.index() <= ClassId::DICTIONARY.index() { Key::Core(class) } else { Key::Object(class) }
}

/// An order for keys, so that trees come out the same each time.
fn format_key(key: Key) -> (u8, i64) {
    match key {
        Key::Text(symbol) => (0, i64::from(symbol.0)),
        Key::Integer(value) => (1, value),
        Key::Boolean(value) => (2, i64::from(value)),
        Key::Core(class) => (3, class.index() as i64),
        Key::Nil => (4, 0),
        Key::Object(class) => (5, class.index() as i64),
        Key::ObjectOther => (6, 0),
        Key::Any => (7, 0),
    }
}

fn accepts_name(accepts: Accepts) -> Option<String> {
    match accepts {
        Accepts::Anything => None,
        Accepts::Constant(key) => Some(format!("{key:?}")),
        Accepts::Class(tag) => Some(format!("{tag:?}")),
    }
}
