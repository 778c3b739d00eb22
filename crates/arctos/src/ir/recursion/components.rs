//! Strongly connected components of clauses and index leaves, by Tarjan's algorithm with an explicit stack.

use super::Edge;
use crate::ir::{PredicateId, Program};

/// A graph whose nodes are numbers from 0 on.
pub(super) trait Directed {
    /// How many nodes there are.
    fn nodes(&self) -> u32;

    /// The node that the nth edge of a node leads to.
    fn successor(&self, node: u32, nth: u32) -> Option<u32>;
}

/// Clauses, which lead to the leaves that their calls find, and leaves, which lead to their clauses.
pub(super) struct Graph<'a> {
    program: &'a Program,
    edges: &'a [Edge],
    /// By clause: where its edges begin. One more at the end.
    starts: Vec<u32>,
    /// By predicate: the node of its first leaf. One more at the end.
    leaves: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl<'a> Graph<'a> {
    /// `edges` are in the order of their clauses.
    pub(super) fn new(program: &'a Program, edges: &'a [Edge]) -> Graph<'a> {
        let mut starts = Vec::with_capacity(program.clauses.len() + 1);
        let mut at = 0;
        for clause in 0..=program.clauses.len() as u32 {
            while edges.get(at).is_some_and(|edge| edge.clause < clause) {
                at += 1;
            }
            starts.push(at as u32);
        }
        let mut leaves = vec![program.clauses.len() as u32];
        for predicate in &program.predicates {
            leaves.push(leaves.last().copied().unwrap_or(0) + predicate.index.leaves().len() as u32);
        }
        Graph { program, edges, starts, leaves }
    }

    /// The node of a leaf.
    pub(super) fn leaf_node(&self, (predicate, leaf): (PredicateId, u32)) -> u32 {
        at(&self.leaves, predicate.0) + leaf
    }

    /// The component of each node. Nodes that no clause leads to are in none.
    pub(super) fn components(&self) -> Vec<u32> {
        components(self, self.program.clauses.len() as u32)
    }
}

impl Directed for Graph<'_> {
    fn nodes(&self) -> u32 {
        at(&self.leaves, self.leaves.len() as u32 - 1)
    }

    fn successor(&self, node: u32, nth: u32) -> Option<u32> {
        if node < self.program.clauses.len() as u32 {
            let place = at(&self.starts, node) + nth;
            let edge = self.edges.get(place as usize).filter(|_| place < at(&self.starts, node + 1))?;
            return Some(self.leaf_node(edge.leaf));
        }
        let predicate = self.leaves.partition_point(|first| *first <= node).checked_sub(1)?;
        let leaf = node - at(&self.leaves, predicate as u32);
        let leaf = self.program.predicates.get(predicate)?.index.leaf(leaf)?;
        leaf.clauses.get(nth as usize).map(|rule| rule.0)
    }
}

/// The component of each node that the first `roots` nodes lead to.
pub(super) fn components(graph: &impl Directed, roots: u32) -> Vec<u32> {
    let count = graph.nodes() as usize;
    let mut tarjan = Tarjan {
        graph,
        order: vec![UNSEEN; count],
        low: vec![UNSEEN; count],
        component: vec![UNSEEN; count],
        stack: Vec::new(),
        next: 0,
        found: 0,
    };
    for root in 0..roots {
        if at(&tarjan.order, root) == UNSEEN {
            tarjan.visit(root);
        }
    }
    tarjan.component
}

struct Tarjan<'a, G> {
    graph: &'a G,
    order: Vec<u32>,
    low: Vec<u32>,
    /// Known once a component is complete: what is seen and has none is on the stack.
    component: Vec<u32>,
    stack: Vec<u32>,
    next: u32,
    found: u32,
}

impl<G: Directed> Tarjan<'_, G> {
    fn open(&mut self, node: u32) {
        set(&mut self.order, node, self.next);
        set(&mut self.low, node, self.next);
        self.stack.push(node);
        self.next += 1;
    }

    fn visit(&mut self, root: u32) {
        let mut path: Vec<(u32, u32)> = vec![(root, 0)];
        self.open(root);
        while let Some(top) = path.last_mut() {
            let (node, nth) = *top;
            top.1 += 1;
            match self.graph.successor(node, nth) {
                Some(next) if at(&self.order, next) == UNSEEN => {
                    self.open(next);
                    path.push((next, 0));
                }
                Some(next) if at(&self.component, next) == UNSEEN => self.lower(node, at(&self.order, next)),
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last().copied() {
                        self.lower(parent, at(&self.low, node));
                    }
                    if at(&self.low, node) == at(&self.order, node) {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn lower(&mut self, node: u32, to: u32) {
        let low = at(&self.low, node).min(to);
        set(&mut self.low, node, low);
    }

    fn close(&mut self, node: u32) {
        while let Some(top) = self.stack.pop() {
            set(&mut self.component, top, self.found);
            if top == node {
                break;
            }
        }
        self.found += 1;
    }
}

fn at(list: &[u32], index: u32) -> u32 {
    list.get(index as usize).copied().unwrap_or(UNSEEN)
}

fn set(list: &mut [u32], index: u32, value: u32) {
    if let Some(slot) = list.get_mut(index as usize) {
        *slot = value;
    }
}
