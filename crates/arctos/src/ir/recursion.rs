//! Which clauses can lead to themselves.
//!
//! The graph has a node for each clause and each index leaf: a clause leads to the leaf that its call would find with
//! what is known of the arguments at load (constants, and classes of specialized parameters), and a leaf leads to its
//! clauses. A clause in a cycle is *recursive*, and calls that may reach it are tabled, so that they end on cyclic data.
//! A component whose every inner call passes on the rest of a list that the head took apart needs no table: it ends by
//! itself and keeps plain Polar's order and duplicates.
//!
//! Strongly connected components after R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1972.

use arctos_syntax::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use super::{Clause, Goal, Key, Operand, Pattern, PatternId, PredicateId, Program, Span32, Tag};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// A call inside a clause.
struct Edge {
    leaf: (PredicateId, u32),
    negative: bool,
    span: Span,
    /// Argument positions at which the call passes on the rest of a list of the same position in the head.
    shrinks: Vec<u32>,
}

/// Marks recursive clauses; returns warnings about recursion through negation, in source order.
pub(super) fn analyse(program: &mut Program) -> Vec<Diagnostic> {
    let edges: Vec<Vec<Edge>> = program.clauses.iter().map(|clause| Calls::of(program, clause)).collect();
    let (components, _) = components(program, &edges);
    let mut recursive = vec![false; program.clauses.len()];
    let mut warnings = Vec::new();
    for members in &components {
        let Some(inner) = inner_edges(program, &edges, members) else { continue };
        if structural(program, members, &inner) {
            continue;
        }
        for member in members {
            if let Some(flag) = recursive.get_mut(*member) {
                *flag = true;
            }
        }
        warnings.extend(
            inner
                .iter()
                .filter(|(_, edge)| edge.negative)
                .map(|(clause, edge)| negative_recursion(program, *clause, edge)),
        );
    }
    for (clause, recursive) in program.clauses.iter_mut().zip(&recursive) {
        clause.recursive = *recursive;
    }
    for predicate in &mut program.predicates {
        predicate.index.mark_recursive(|rule| recursive.get(rule.index()).copied().unwrap_or(false));
    }
    warnings.sort_by_key(|warning| warning.span);
    warnings
}

fn negative_recursion(program: &Program, clause: usize, edge: &Edge) -> Diagnostic {
    let name = program
        .clauses
        .get(clause)
        .and_then(|clause| program.predicates.get(clause.predicate.0 as usize))
        .map_or("", |predicate| program.symbols.text(predicate.name));
    Diagnostic::new(codes::NEGATIVE_RECURSION, edge.span, format!("`{name}` can depend on its own negation"))
        .primary("reached again through this `not`")
        .help("if a goal really meets its own negation at run time, the query ends with an error, never with an answer")
}

/// The calls of a component's clauses that stay inside it; `None` where there are none.
fn inner_edges<'e>(
    program: &Program,
    edges: &'e [Vec<Edge>],
    members: &[usize],
) -> Option<Vec<(usize, &'e Edge)>> {
    let inside: rustc_hash::FxHashSet<usize> = members.iter().copied().collect();
    let mut inner = Vec::new();
    for member in members {
        for edge in edges.get(*member)? {
            let leaf = program.predicates.get(edge.leaf.0.0 as usize).and_then(|p| p.index.leaf(edge.leaf.1));
            if leaf.is_some_and(|leaf| leaf.clauses.iter().any(|rule| inside.contains(&rule.index()))) {
                inner.push((*member, edge));
            }
        }
    }
    (!inner.is_empty()).then_some(inner)
}

/// True when every inner call shrinks a list at one common position.
fn structural(program: &Program, members: &[usize], inner: &[(usize, &Edge)]) -> bool {
    let predicate = |member: &usize| program.clauses.get(*member).map(|clause| clause.predicate);
    let one = members.iter().all(|member| predicate(member) == members.first().and_then(predicate));
    let Some((_, first)) = inner.first() else { return false };
    one && first.shrinks.iter().any(|position| inner.iter().all(|(_, edge)| edge.shrinks.contains(position)))
}

/// Strongly connected components of the clauses, leaves being passed through.
fn components(program: &Program, edges: &[Vec<Edge>]) -> (Vec<Vec<usize>>, usize) {
    let clause_count = program.clauses.len();
    let mut leaf_node: FxHashMap<(PredicateId, u32), usize> = FxHashMap::default();
    let mut successors: Vec<Vec<usize>> = vec![Vec::new(); clause_count];
    for (clause, calls) in edges.iter().enumerate() {
        for call in calls {
            let node = *leaf_node.entry(call.leaf).or_insert_with(|| {
                let leaf =
                    program.predicates.get(call.leaf.0.0 as usize).and_then(|p| p.index.leaf(call.leaf.1));
                successors
                    .push(leaf.map(|l| l.clauses.iter().map(|r| r.index()).collect()).unwrap_or_default());
                successors.len() - 1
            });
            if let Some(list) = successors.get_mut(clause) {
                list.push(node);
            }
        }
    }
    let all = Tarjan::run(&successors);
    let found = all
        .into_iter()
        .map(|component| component.into_iter().filter(|node| *node < clause_count).collect::<Vec<_>>())
        .filter(|component| !component.is_empty())
        .collect();
    (found, clause_count)
}

/// Tarjan's algorithm with an explicit stack.
struct Tarjan<'a> {
    successors: &'a [Vec<usize>],
    order: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: u32,
    found: Vec<Vec<usize>>,
}

const UNSEEN: u32 = u32::MAX;

impl<'a> Tarjan<'a> {
    fn run(successors: &'a [Vec<usize>]) -> Vec<Vec<usize>> {
        let count = successors.len();
        let mut tarjan = Tarjan {
            successors,
            order: vec![UNSEEN; count],
            low: vec![UNSEEN; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        };
        for node in 0..count {
            if tarjan.order.get(node) == Some(&UNSEEN) {
                tarjan.visit(node);
            }
        }
        tarjan.found
    }

    fn open(&mut self, node: usize) {
        set(&mut self.order, node, self.next);
        set(&mut self.low, node, self.next);
        set(&mut self.on_stack, node, true);
        self.stack.push(node);
        self.next += 1;
    }

    fn visit(&mut self, root: usize) {
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        self.open(root);
        while let Some((node, child)) = path.last().copied() {
            match self.successors.get(node).and_then(|list| list.get(child)).copied() {
                Some(next) => {
                    if let Some(top) = path.last_mut() {
                        top.1 += 1;
                    }
                    if self.order.get(next) == Some(&UNSEEN) {
                        self.open(next);
                        path.push((next, 0));
                    } else if self.on_stack.get(next) == Some(&true) {
                        self.lower(node, at(&self.order, next));
                    }
                }
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

    fn lower(&mut self, node: usize, to: u32) {
        let low = at(&self.low, node).min(to);
        set(&mut self.low, node, low);
    }

    fn close(&mut self, node: usize) {
        let mut component = Vec::new();
        while let Some(top) = self.stack.pop() {
            set(&mut self.on_stack, top, false);
            component.push(top);
            if top == node {
                break;
            }
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

fn at(list: &[u32], index: usize) -> u32 {
    list.get(index).copied().unwrap_or(UNSEEN)
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}

/// Collects the calls of one clause.
struct Calls<'a> {
    program: &'a Program,
    clause: &'a Clause,
    found: Vec<Edge>,
}

impl<'a> Calls<'a> {
    fn of(program: &'a Program, clause: &'a Clause) -> Vec<Edge> {
        let mut calls = Calls { program, clause, found: Vec::new() };
        calls.goals(clause.body, false);
        calls.found
    }

    fn goals(&mut self, goals: Span32, negative: bool) {
        let code = &self.program.code;
        for index in goals.range() {
            let Some(goal) = code.goals.get(index) else { continue };
            match goal {
                Goal::Call(predicate, args) => {
                    let span = code.spans.get(index).copied().unwrap_or_default();
                    self.call(*predicate, *args, negative, span);
                }
                Goal::Not(block) => self.block(*block, true),
                Goal::Or(blocks) => {
                    (blocks.start..blocks.end()).for_each(|block| self.block(block, negative))
                }
                _ => {}
            }
        }
    }

    fn block(&mut self, block: u32, negative: bool) {
        if let Some(block) = self.program.code.blocks.get(block as usize) {
            self.goals(block.goals, negative);
        }
    }

    fn call(&mut self, predicate: PredicateId, args: Span32, negative: bool, span: Span) {
        let Some(target) = self.program.predicates.get(predicate.0 as usize) else { return };
        let operands = self.program.code.operands(args);
        let key =
            |position: u32| operands.get(position as usize).map_or(Key::Any, |operand| self.key(*operand));
        let Some(leaf) = target.index.find(key) else { return };
        let shrinks = (0..args.len)
            .filter(|position| {
                operands.get(*position as usize).is_some_and(|operand| self.is_rest(*operand, *position))
            })
            .collect();
        self.found.push(Edge { leaf: (predicate, leaf), negative, span, shrinks });
    }

    fn is_rest(&self, operand: Operand, position: u32) -> bool {
        let Some(param) = self.clause.params.get(position as usize) else { return false };
        let by_term = match param.operand {
            Operand::List(id) => self
                .program
                .code
                .lists
                .get(id.0 as usize)
                .is_some_and(|list| list.items.len > 0 && list.rest == Some(operand)),
            _ => false,
        };
        let by_pattern = match param.pattern.and_then(|id| self.program.code.patterns.get(id.0 as usize)) {
            Some(Pattern::List(items, rest)) => !items.is_empty() && *rest == Some(operand),
            _ => false,
        };
        (by_term || by_pattern) && matches!(operand, Operand::Slot(_))
    }

    /// What is known at load of an argument.
    fn key(&self, operand: Operand) -> Key {
        match operand {
            Operand::Text(symbol) => Key::Text(symbol),
            Operand::Integer(value) => Key::Integer(value),
            Operand::Boolean(value) => Key::Boolean(value),
            Operand::Nil => Key::Nil,
            Operand::List(_) => Key::Core(ClassId::LIST),
            Operand::Dictionary(_) => Key::Core(ClassId::DICTIONARY),
            Operand::Slot(_) => self.class_of(operand).map_or(Key::Any, Key::Object),
            _ => Key::Any,
        }
    }

    /// The class of a variable, where the head, a `matches`, or a call before tells it and it has no subclasses.
    fn class_of(&self, operand: Operand) -> Option<ClassId> {
        self.class_by_pattern(operand).or_else(|| self.class_by_call(operand))
    }

    fn class_by_pattern(&self, operand: Operand) -> Option<ClassId> {
        let by_param =
            self.clause.params.iter().find(|param| param.operand == operand).and_then(|param| param.pattern);
        let goals = self.program.code.goals.get(self.clause.body.range()).unwrap_or(&[]);
        let by_goal = goals.iter().find_map(|goal| match goal {
            Goal::Match(value, pattern) if *value == operand => Some(*pattern),
            _ => None,
        });
        self.sole_class(by_param.or(by_goal)?)
    }

    /// The class that every clause an earlier call can reach asks of the variable: `has_relation(org, "org", repo)`
    /// makes `org` an `Org` if all such relations do.
    fn class_by_call(&self, operand: Operand) -> Option<ClassId> {
        let goals = self.program.code.goals.get(self.clause.body.range()).unwrap_or(&[]);
        let (predicate, args, position) = goals.iter().find_map(|goal| {
            let Goal::Call(predicate, args) = goal else { return None };
            let position = self.program.code.operands(*args).iter().position(|arg| *arg == operand)?;
            Some((*predicate, *args, position))
        })?;
        let target = self.program.predicates.get(predicate.0 as usize)?;
        let operands = self.program.code.operands(args);
        let key = |at: u32| match operands.get(at as usize) {
            Some(arg) if *arg == operand => Key::Any,
            Some(arg @ Operand::Slot(_)) => self.class_by_pattern(*arg).map_or(Key::Any, Key::Object),
            Some(arg) => self.key(*arg),
            None => Key::Any,
        };
        let leaf = target.index.leaf(target.index.find(key)?)?;
        let asked = |rule: &RuleId| {
            let param = self.program.clause(*rule)?.params.get(position)?;
            self.sole_class(param.pattern?)
        };
        let first = asked(leaf.clauses.first()?)?;
        leaf.clauses.iter().all(|rule| asked(rule) == Some(first)).then_some(first)
    }

    /// The class of a pattern, if it is the application's and has no subclasses.
    fn sole_class(&self, pattern: PatternId) -> Option<ClassId> {
        match self.program.code.patterns.get(pattern.0 as usize)? {
            Pattern::Instance(Tag::Class(class), _) if class.index() > ClassId::DICTIONARY.index() => {
                let alone = self.program.descendants.get(class.index()).is_some_and(|list| list.len() <= 1);
                alone.then_some(*class)
            }
            _ => None,
        }
    }
}

/// The clauses that can lead to themselves, for dumps.
pub(super) fn recursive_rules(program: &Program) -> Vec<RuleId> {
    let recursive = program.clauses.iter().enumerate().filter(|(_, clause)| clause.recursive);
    recursive.map(|(index, _)| RuleId(index as u32)).collect()
}
