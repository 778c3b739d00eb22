//! Which clauses can lead to themselves.
//!
//! The graph has a node for each clause and each index leaf: a clause leads to the leaf that its call would find with
//! what is known of the arguments at load (constants, and classes of specialized parameters), and a leaf leads to its
//! clauses. A clause in a cycle is *recursive*, and calls that may reach it are tabled, so that they end on cyclic data.
//! A component whose every inner call passes on the rest of a list that the head took apart needs no table: it ends by
//! itself and keeps plain Polar's order and duplicates.
//!
//! A component whose inner calls are all in last place and change one and the same argument asks for no more than *reachability*: which
//! goals can be reached by its steps. Linear in one recursive goal, and that goal the last: right-linear rules in the sense of
//! J. F. Naughton, R. Ramakrishnan, Y. Sagiv and J. D. Ullman, "Efficient evaluation of right-, left-, and multi-linear rules", SIGMOD 1989.
//!
//! Strongly connected components after R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1972.

mod calls;
mod components;

use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashSet;

use super::{PredicateId, Program, Recursion, Steps};
use crate::policy::RuleId;
use components::Graph;

/// A call inside a clause.
struct Edge {
    /// The clause it stands in.
    clause: u32,
    leaf: (PredicateId, u32),
    negative: bool,
    span: Span,
    /// Argument positions at which the call passes on the rest of a list of the same position in the head.
    shrinks: Vec<u32>,
    /// The number of its goal.
    goal: u32,
    /// Nothing of the clause is left to do after it.
    last: bool,
    /// Argument positions at which the call does not pass on what the head has there.
    changes: Vec<u32>,
}

/// Marks recursive clauses; returns warnings about recursion through negation, in source order.
pub(super) fn analyse(program: &mut Program) -> Vec<Diagnostic> {
    let edges = calls::all(program);
    let inner = inner_edges(program, &edges);
    let mut warnings = Vec::new();
    let mut found: Vec<Option<Recursion>> = vec![None; program.clauses.len()];
    for component in inner.chunk_by(|(left, _), (right, _)| left == right) {
        if structural(program, component) {
            continue;
        }
        let position = changed_argument(program, component);
        for of_clause in component.chunk_by(|(_, left), (_, right)| left.clause == right.clause) {
            let Some((number, edge)) = of_clause.first() else { continue };
            let goals = || of_clause.iter().map(|(_, edge)| edge.goal).collect();
            let steps = position.map(|position| Steps { position, goals: goals() });
            if let Some(slot) = found.get_mut(edge.clause as usize) {
                *slot = Some(Recursion { component: *number, steps });
            }
        }
        let negative = component.iter().filter(|(_, edge)| edge.negative);
        warnings.extend(negative.map(|(_, edge)| negative_recursion(program, edge)));
    }
    only_steps_reach_steps(program, &inner, &mut found);
    if found.iter().any(Option::is_some) {
        for predicate in &mut program.predicates {
            predicate.index.mark_recursive(|rule| found.get(rule.index()).is_some_and(Option::is_some));
        }
        for (clause, recursion) in program.clauses.iter_mut().zip(found) {
            clause.recursion = recursion;
        }
    }
    warnings.sort_by_key(|warning| warning.span);
    warnings
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
fn only_steps_reach_steps(program: &Program, inner: &[(u32, &Edge)], found: &mut [Option<Recursion>]) {
    let component_of = |rule: &RuleId| Some(found.get(rule.index())?.as_ref()?.component);
    let mut mixed = FxHashSet::default();
    let mut seen = FxHashSet::default();
    for (component, edge) in inner {
        if !seen.insert((*component, edge.leaf)) {
            continue;
        }
        let leaf =
            program.predicates.get(edge.leaf.0.0 as usize).and_then(|called| called.index.leaf(edge.leaf.1));
        let mut rules = leaf.map_or(&[][..], |leaf| &leaf.clauses).iter();
        if rules.any(|rule| component_of(rule).is_some_and(|other| other != *component)) {
            mixed.insert(*component);
        }
    }
    for recursion in found.iter_mut().flatten().filter(|recursion| mixed.contains(&recursion.component)) {
        recursion.steps = None;
    }
}

/// The calls that stay inside a component, with its number and in its order.
fn inner_edges<'e>(program: &Program, edges: &'e [Edge]) -> Vec<(u32, &'e Edge)> {
    let graph = Graph::new(program, edges);
    let component = graph.components();
    let of = |node: u32| component.get(node as usize).copied();
    // A leaf is in a clause's component exactly when one of its clauses is.
    let mut inner: Vec<(u32, &Edge)> = edges
        .iter()
        .filter(|edge| of(edge.clause) == of(graph.leaf_node(edge.leaf)))
        .filter_map(|edge| Some((of(edge.clause)?, edge)))
        .collect();
    inner.sort_by_key(|(component, _)| *component);
    inner
}

fn negative_recursion(program: &Program, edge: &Edge) -> Diagnostic {
    let name = program
        .clauses
        .get(edge.clause as usize)
        .and_then(|clause| program.predicates.get(clause.predicate.0 as usize))
        .map_or("", |predicate| program.symbols.text(predicate.name));
    Diagnostic::new(codes::NEGATIVE_RECURSION, edge.span, format!("`{name}` can depend on its own negation"))
        .primary("reached again through this `not`")
        .help("if a goal really meets its own negation at run time, the query ends with an error, never with an answer")
}

/// True when every inner call shrinks a list at one common position.
fn structural(program: &Program, inner: &[(u32, &Edge)]) -> bool {
    // Every clause of a component has a call that stays inside, so the calls tell all clauses.
    let predicate = |edge: &Edge| program.clauses.get(edge.clause as usize).map(|clause| clause.predicate);
    let Some((_, first)) = inner.first() else { return false };
    inner.iter().all(|(_, edge)| predicate(edge) == predicate(first))
        && first.shrinks.iter().any(|position| inner.iter().all(|(_, edge)| edge.shrinks.contains(position)))
}

/// The clauses that can lead to themselves, for dumps.
pub(super) fn recursive_rules(program: &Program) -> Vec<RuleId> {
    let recursive = program.clauses.iter().enumerate().filter(|(_, clause)| clause.recursion.is_some());
    recursive.map(|(index, _)| RuleId(index as u32)).collect()
}
