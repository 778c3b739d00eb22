//! Which clauses can lead to themselves.
//!
//! The graph has a node for each clause and each index leaf: a clause leads to the leaf that its call would find with
//! what is known of the arguments at load (constants, and classes of specialized parameters), and a leaf leads to its
//! clauses. A clause in a cycle is *recursive*, and calls that may reach it are tabled, so that they end on cyclic data.
//! A component whose every inner call passes on the rest of a list that the head took apart needs no table: it ends by
//! itself and keeps plain Polar's order and duplicates.
//!
//! Strongly connected components after R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1972.

mod calls;
mod components;
mod known;
mod steps;
mod strata;

use arctos_syntax::{Diagnostic, Span, codes};

use super::{PredicateId, Program, Recursion};
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

/// Marks recursive clauses; returns what there is to say of recursion through negation, in source order.
pub(super) fn analyse(program: &mut Program) -> Vec<Diagnostic> {
    let edges = calls::all(program);
    let inner = inner_edges(program, &edges);
    let mut found = Vec::new();
    let mut clauses: Vec<Option<Recursion>> = vec![None; program.clauses.len()];
    for component in inner.chunk_by(|(left, _), (right, _)| left == right) {
        if structural(program, component) {
            continue;
        }
        steps::note(program, component, &mut clauses);
        if component.iter().any(|(_, edge)| edge.negative) {
            through_negation(program, component, &mut found);
        }
    }
    steps::check(program, &inner, &mut clauses);
    if clauses.iter().any(Option::is_some) {
        for predicate in &mut program.predicates {
            predicate.index.mark_recursive(|rule| clauses.get(rule.index()).is_some_and(Option::is_some));
        }
        for (clause, recursion) in program.clauses.iter_mut().zip(clauses) {
            clause.recursion = recursion;
        }
    }
    found.sort_by_key(|one| one.span);
    found
}

/// Over facts such recursion is judged, and refused; of what reads objects it is told.
fn through_negation(program: &Program, component: &[(u32, &Edge)], found: &mut Vec<Diagnostic>) {
    let mut clauses: Vec<RuleId> = component.iter().map(|(_, edge)| RuleId(edge.clause)).collect();
    clauses.sort_unstable();
    clauses.dedup();
    let cycles = if program.schema.has_facts() { strata::cycles(program, &clauses) } else { None };
    let is_judged = cycles.is_some() && !clauses.iter().any(|rule| strata::reads_objects(program, *rule));
    let cycles = cycles.unwrap_or_default();
    if cycles.is_empty() && !is_judged {
        let negative = component.iter().filter(|(_, edge)| edge.negative);
        found.extend(negative.map(|(_, edge)| negative_recursion(program, edge)));
    }
    found.extend(cycles);
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

#[cfg(test)]
mod tests;
