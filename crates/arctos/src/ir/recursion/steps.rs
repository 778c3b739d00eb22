//! Recursion in last place: components in which clauses lead to one another by one kind of step only.
//!
//! A component whose inner calls are all in last place, and change one and the same argument, asks for no more than *reachability*: whether
//! a goal that holds by other clauses can be reached by its steps. Each rule has one recursive goal, and that is its last: right-linear
//! rules in the sense of J. F. Naughton, R. Ramakrishnan, Y. Sagiv and J. D. Ullman, "Efficient evaluation of right-, left-, and multi-linear
//! rules", SIGMOD 1989.

use rustc_hash::FxHashSet;

use super::Edge;
use crate::ir::{Program, Recursion, Steps};
use crate::policy::RuleId;

/// Notes how the clauses of a component lead to themselves.
pub(super) fn note(program: &Program, component: &[(u32, &Edge)], clauses: &mut [Option<Recursion>]) {
    let position = changed_argument(program, component);
    for of_clause in component.chunk_by(|(_, left), (_, right)| left.clause == right.clause) {
        let Some((number, edge)) = of_clause.first() else { continue };
        let goals = || of_clause.iter().map(|(_, edge)| edge.goal).collect();
        let steps = position.map(|position| Steps { position, goals: goals() });
        if let Some(slot) = clauses.get_mut(edge.clause as usize) {
            *slot = Some(Recursion { component: *number, steps });
        }
    }
}

/// The one argument that all inner calls change, where they do nothing else: each the last goal of its clause, none inside a negation.
fn changed_argument(program: &Program, inner: &[(u32, &Edge)]) -> Option<u32> {
    let of_clause = |edge: &Edge| program.clauses.get(edge.clause as usize).map(|clause| clause.predicate);
    let is_step = |edge: &Edge| {
        edge.last && !edge.negative && edge.changes.len() <= 1 && of_clause(edge) == Some(edge.leaf.0)
    };
    let mut changed = inner.iter().filter_map(|(_, edge)| edge.changes.first().copied());
    let position = changed.next().unwrap_or(0);
    let alike = changed.all(|other| other == position);
    (alike && inner.iter().all(|(_, edge)| is_step(edge))).then_some(position)
}

/// Steps may lead only to clauses that are not recursive or of their own component: no goal that is remembered otherwise is to wait for
/// one that is not complete.
pub(super) fn check(program: &Program, inner: &[(u32, &Edge)], clauses: &mut [Option<Recursion>]) {
    let component_of = |rule: &RuleId| Some(clauses.get(rule.index())?.as_ref()?.component);
    let mut mixed = FxHashSet::default();
    let mut seen = FxHashSet::default();
    for (component, edge) in inner {
        if !seen.insert((*component, edge.leaf)) {
            continue;
        }
        let (predicate, leaf) = edge.leaf;
        let leaf = program.predicates.get(predicate.0 as usize).and_then(|called| called.index.leaf(leaf));
        let mut rules = leaf.map_or(&[][..], |leaf| &leaf.clauses).iter();
        if rules.any(|rule| component_of(rule).is_some_and(|other| other != *component)) {
            mixed.insert(*component);
        }
    }
    for recursion in clauses.iter_mut().flatten().filter(|recursion| mixed.contains(&recursion.component)) {
        recursion.steps = None;
    }
}
