//! From a call's arguments to the clauses that can match.
//!
//! A decision tree over argument positions, built at load. Each branch looks at one argument and finds the next node
//! by one hash probe of its [`Key`], so the cost of a call does not grow with the number of rules or classes. A leaf lists
//! its clauses in source order; where the order of rules may depend on the arguments it says so.
//!
//! INVARIANT: a leaf never leaves out a clause that could match; it may hold clauses that do not.

mod build;
mod classes;
mod groups;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub(super) use classes::{Accepts, Classes};

use super::{Clause, Code, Membership};
use crate::policy::RuleId;
use crate::schema::ClassId;
use crate::symbol::Symbol;

/// What an argument is, as far as the index looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// How many general keys there are, which every branch has: the six built-in types by their classes' numbers, and these.
const GENERAL: usize = ANY + 1;
const BOOLEAN: usize = ClassId::BOOLEAN.0 as usize;
const INTEGER: usize = ClassId::INTEGER.0 as usize;
const STRING: usize = ClassId::STRING.0 as usize;
const LIST: usize = ClassId::LIST.0 as usize;
const DICTIONARY: usize = ClassId::DICTIONARY.0 as usize;
const NIL: usize = DICTIONARY + 1;
/// Objects of classes that nothing names, by the built-in unions they belong to.
const OTHER: usize = NIL + 1;
const RESOURCE: usize = OTHER + 1;
const ACTOR: usize = RESOURCE + 1;
const ANY: usize = ACTOR + 1;

impl Key {
    /// The place of the general key that this one is or belongs to.
    fn general(self) -> usize {
        match self {
            Key::Text(_) => STRING,
            Key::Integer(_) => INTEGER,
            Key::Boolean(_) => BOOLEAN,
            Key::Core(class) if class.index() < NIL => class.index(),
            Key::Nil => NIL,
            Key::Object(_) | Key::ObjectOther => OTHER,
            Key::Core(_) | Key::Any => ANY,
        }
    }
}

/// Clauses that may match a call.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    /// In source order.
    pub(crate) clauses: Box<[RuleId]>,
    /// Their specializers differ: the order of rules depends on the arguments.
    pub(crate) ordered_by_arguments: bool,
    /// One of them is recursive: the call is tabled.
    pub(crate) recursive: bool,
}

#[derive(Debug)]
enum Node {
    Leaf(u32),
    /// Looks at one argument; what has no edge of its own goes where its general key does.
    Branch {
        position: u32,
        general: [u32; GENERAL],
    },
}

/// The decision tree of one predicate. Its root is the last node.
#[derive(Debug, Default)]
pub(crate) struct Index {
    nodes: Box<[Node]>,
    /// PERF: one table for all branches, since most branches have a handful of keys.
    constants: FxHashMap<(u32, Key), u32>,
    /// By the class that a clause names and the unions that an object's class belongs to.
    objects: FxHashMap<(u32, ClassId, Membership), u32>,
    leaves: Box<[Leaf]>,
    /// Present where there are branches.
    classes: Option<Arc<Classes>>,
}

impl Index {
    /// The leaf for a call; `key` tells what the argument at a position is.
    pub(crate) fn find(&self, mut key: impl FnMut(u32) -> Key) -> Option<u32> {
        let mut at = (self.nodes.len() as u32).checked_sub(1)?;
        loop {
            match self.nodes.get(at as usize)? {
                Node::Leaf(leaf) => return Some(*leaf),
                Node::Branch { position, general } => {
                    let key = key(*position);
                    let own = match key {
                        Key::Text(_) | Key::Integer(_) | Key::Boolean(_) => {
                            self.constants.get(&(at, key)).copied()
                        }
                        Key::Object(class) => self.of_object(at, class, general),
                        Key::Core(_) | Key::Nil | Key::ObjectOther | Key::Any => None,
                    };
                    at = own.or_else(|| general.get(key.general()).copied())?;
                }
            }
        }
    }

    /// Where an object of a class goes: with the nearest of its ancestors that has an edge, or with its unions.
    fn of_object(&self, at: u32, class: ClassId, general: &[u32; GENERAL]) -> Option<u32> {
        let classes = self.classes.as_ref()?;
        let membership = classes.membership(class);
        let mut lineage = classes.lineage(class).iter();
        let own = lineage.find_map(|ancestor| self.objects.get(&(at, *ancestor, membership)));
        own.or_else(|| match membership {
            Membership { actor: true, .. } => general.get(ACTOR),
            Membership { resource: true, .. } => general.get(RESOURCE),
            Membership { .. } => general.get(OTHER),
        })
        .copied()
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

    /// Builds the tree for `rules`, which are the clauses of one predicate, in source order.
    pub(crate) fn build(
        rules: &[RuleId],
        arity: u32,
        clauses: &[Clause],
        code: &Code,
        classes: &Arc<Classes>,
    ) -> Index {
        build::tree(rules, arity, clauses, code, classes)
    }
}
