//! Stratification of rules over facts: none may depend on its own negation.
//!
//! Judged on predicate, constants and types together: a node is a call with what is known of its arguments, such as
//! `has_role(_, "viewer", Doc)`, and leads to the calls of every clause that may answer it, with what that clause then
//! knows. Where no cycle of this graph goes through a negation, no fact of any data depends on its own absence, since
//! what depends on what on the data goes along the graph.
//!
//! Rules that read objects of the application are left out: of these the data tell whether they go round.

use std::collections::VecDeque;

use arctos_syntax::{Diagnostic, Span, codes};
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::components::{Directed, components};
use super::known::Known;
use crate::ir::{Clause, Goal, Operand, Pattern, PredicateId, Program, Slot, Span32, Tag};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// How many clauses are held against calls for one component. Beyond that nothing is said at load.
const WORK: usize = 200_000;

/// So many steps of a cycle are shown.
const SHOWN: usize = 12;

/// The cycles through a negation among some clauses, one for each component; `None` where that is too much work.
pub(super) fn cycles(program: &Program, clauses: &[RuleId]) -> Option<Vec<Diagnostic>> {
    let mut strata = Strata {
        program,
        clauses: FxHashMap::default(),
        nodes: IndexSet::default(),
        edges: Vec::new(),
        work: 0,
    };
    for rule in clauses.iter().filter(|rule| !reads_objects(program, **rule)) {
        if let Some(clause) = program.clause(*rule) {
            strata.clauses.entry(clause.predicate).or_default().push(*rule);
        }
    }
    strata.build(clauses)?;
    Some(strata.report())
}

/// True where a clause asks the application.
pub(super) fn reads_objects(program: &Program, rule: RuleId) -> bool {
    let Some(clause) = program.clause(rule) else { return false };
    let of_objects = |tag: &Tag| match tag {
        Tag::Class(class) => {
            class.index() > ClassId::DICTIONARY.index() && !program.schema.is_entity_type(*class)
        }
        Tag::Actor | Tag::Resource | Tag::Unknown(_) => false,
    };
    let pattern = |id: usize| match program.code.patterns.get(id) {
        Some(Pattern::Instance(tag, fields)) => of_objects(tag) || !fields.is_empty(),
        Some(Pattern::Dictionary(_)) => true,
        _ => false,
    };
    clause.params.iter().filter_map(|param| param.pattern).any(|id| pattern(id.0 as usize))
        || any_goal(program, clause.body, &|goal| match goal {
            Goal::Lookup(..) | Goal::LookupDynamic(..) | Goal::Method(..) => true,
            Goal::New(..) | Goal::NewUnknown(_) => true,
            Goal::Match(_, id) => pattern(id.0 as usize),
            Goal::Unify(left, right) | Goal::Compare(_, left, right) => [left, right]
                .into_iter()
                .any(|operand| matches!(operand, Operand::Constant(_) | Operand::Class(_))),
            _ => false,
        })
}

fn any_goal(program: &Program, goals: Span32, wanted: &impl Fn(&Goal) -> bool) -> bool {
    let block = |block: u32| {
        let block = program.code.blocks.get(block as usize);
        block.is_some_and(|block| any_goal(program, block.goals, wanted))
    };
    program.code.goals.get(goals.range()).unwrap_or(&[]).iter().any(|goal| match goal {
        Goal::Not(negated) => block(*negated),
        Goal::Or(blocks) => (blocks.start..blocks.end()).any(block),
        goal => wanted(goal),
    })
}

/// A call with what is known of its arguments.
type Node = (PredicateId, Box<[Known]>);

/// One call depends on another.
#[derive(Clone, Copy, Debug)]
struct Dependency {
    to: u32,
    negative: bool,
    /// Where the other is called.
    span: Span,
}

struct Strata<'a> {
    program: &'a Program,
    clauses: FxHashMap<PredicateId, Vec<RuleId>>,
    nodes: IndexSet<Node, FxBuildHasher>,
    edges: Vec<Vec<Dependency>>,
    work: usize,
}

impl Directed for Strata<'_> {
    fn nodes(&self) -> u32 {
        self.nodes.len() as u32
    }

    fn successor(&self, node: u32, nth: u32) -> Option<u32> {
        Some(self.edges.get(node as usize)?.get(nth as usize)?.to)
    }
}

impl Strata<'_> {
    /// Begins with what each clause's head says and follows all calls.
    fn build(&mut self, clauses: &[RuleId]) -> Option<()> {
        for rule in clauses {
            let Some(clause) = self.program.clause(*rule) else { continue };
            let nothing = vec![Known::Nothing; clause.params.len()];
            if let Some(variables) = self.enter(clause, &nothing) {
                let code = &self.program.code;
                let params = clause.params.iter();
                let args = params.map(|param| look(param.operand, &variables, code)).collect();
                self.nodes.insert((clause.predicate, args));
            }
        }
        let mut next = 0;
        while let Some((predicate, args)) = self.nodes.get_index(next).cloned() {
            let mut found = Vec::new();
            for rule in self.clauses.get(&predicate).cloned().unwrap_or_default() {
                self.work += 1;
                if self.work > WORK {
                    return None;
                }
                let Some(clause) = self.program.clause(rule) else { continue };
                if let Some(mut variables) = self.enter(clause, &args) {
                    self.goals(clause.body, false, &mut variables, &mut found);
                }
            }
            self.edges.push(found);
            next += 1;
        }
        Some(())
    }

    /// What a clause knows of its variables when it is called so; `None` where it does not answer.
    fn enter(&self, clause: &Clause, args: &[Known]) -> Option<Vec<Known>> {
        let mut variables = vec![Known::Nothing; clause.slots.len()];
        for (param, arg) in clause.params.iter().zip(args) {
            let mut known = *arg;
            if let Some(pattern) = param.pattern {
                known = known.and(Known::of_pattern(pattern, &self.program.code), self.program)?;
            }
            self.learn(param.operand, known, &mut variables)?;
        }
        Some(variables)
    }

    /// An operand is also that; `None` where it cannot be.
    fn learn(&self, operand: Operand, known: Known, variables: &mut [Known]) -> Option<()> {
        let both = look(operand, variables, &self.program.code).and(known, self.program)?;
        if let Operand::Slot(Slot(slot)) = operand
            && let Some(variable) = variables.get_mut(slot as usize)
        {
            *variable = both;
        }
        Some(())
    }

    /// The calls of a run of goals; `None` where it cannot come to its end.
    fn goals(
        &mut self,
        goals: Span32,
        negative: bool,
        variables: &mut [Known],
        found: &mut Vec<Dependency>,
    ) -> Option<()> {
        let code = &self.program.code;
        for index in goals.range() {
            match *code.goals.get(index)? {
                Goal::Call(predicate, args) if self.clauses.contains_key(&predicate) => {
                    let args = code.operands(args).iter().map(|arg| look(*arg, variables, code)).collect();
                    let (to, _) = self.nodes.insert_full((predicate, args));
                    let span = code.spans.get(index).copied().unwrap_or_default();
                    found.push(Dependency { to: to as u32, negative, span });
                }
                Goal::Match(value, pattern) => {
                    self.learn(value, Known::of_pattern(pattern, code), variables)?;
                }
                Goal::Unify(left, right) => {
                    let (of_left, of_right) = (look(left, variables, code), look(right, variables, code));
                    self.learn(left, of_right, variables)?;
                    self.learn(right, of_left, variables)?;
                }
                Goal::Not(block) => self.block(block, true, variables, found),
                Goal::Or(blocks) => {
                    (blocks.start..blocks.end())
                        .for_each(|block| self.block(block, negative, variables, found));
                }
                _ => {}
            }
        }
        Some(())
    }

    /// What is learnt inside stays there.
    fn block(&mut self, block: u32, negative: bool, variables: &[Known], found: &mut Vec<Dependency>) {
        if let Some(block) = self.program.code.blocks.get(block as usize) {
            let _ = self.goals(block.goals, negative, &mut variables.to_vec(), found);
        }
    }

    fn report(&self) -> Vec<Diagnostic> {
        let component = components(self, self.nodes());
        let of = |node: u32| component.get(node as usize).copied();
        let mut told = Vec::new();
        let mut found = Vec::new();
        for (from, edges) in (0..).zip(&self.edges) {
            let inner = edges.iter().find(|edge| edge.negative && of(from) == of(edge.to));
            if let Some(edge) = inner
                && !told.contains(&of(from))
            {
                told.push(of(from));
                let way = self.way(edge.to, from, &|node| of(node) == of(from));
                found.push(self.negation_cycle(from, *edge, &way));
            }
        }
        found
    }

    /// A shortest way between two nodes, as the steps that it takes, each with the node it begins at.
    fn way(&self, from: u32, to: u32, inside: &dyn Fn(u32) -> bool) -> Vec<(u32, Dependency)> {
        let mut came: FxHashMap<u32, (u32, Dependency)> = FxHashMap::default();
        let mut waiting = VecDeque::from([from]);
        while let Some(node) = waiting.pop_front().filter(|node| *node != to) {
            for edge in self.edges.get(node as usize).into_iter().flatten() {
                if edge.to != from && inside(edge.to) && !came.contains_key(&edge.to) {
                    came.insert(edge.to, (node, *edge));
                    waiting.push_back(edge.to);
                }
            }
        }
        let mut steps = Vec::new();
        let mut node = to;
        while node != from
            && let Some((before, edge)) = came.get(&node)
        {
            steps.push((*before, *edge));
            node = *before;
        }
        steps.reverse();
        steps
    }

    fn show(&self, node: u32) -> String {
        let Some((predicate, args)) = self.nodes.get_index(node as usize) else { return String::new() };
        let name = self.program.predicates.get(predicate.0 as usize);
        let name = name.map_or("", |predicate| self.program.symbols.text(predicate.name));
        let args: Vec<String> = args.iter().map(|arg| arg.show(self.program)).collect();
        format!("{name}({})", args.join(", "))
    }

    /// P0602: over facts, what depends on its own negation means nothing.
    fn negation_cycle(&self, from: u32, edge: Dependency, way: &[(u32, Dependency)]) -> Diagnostic {
        let says = |from: u32, edge: Dependency| {
            let does = if edge.negative { "does not" } else { "does" };
            format!("`{}` may hold where `{}` {does}", self.show(from), self.show(edge.to))
        };
        let message = format!("`{}` depends on its own negation", self.show(from));
        let mut diagnostic =
            Diagnostic::new(codes::NEGATION_CYCLE, edge.span, message).primary(says(from, edge));
        for (from, edge) in way.iter().take(SHOWN) {
            diagnostic = diagnostic.label(edge.span, says(*from, *edge));
        }
        diagnostic
            .help("say when it holds, rather than when it does not, so that no way round goes through `not`")
    }
}

/// What is known of an operand.
fn look(operand: Operand, variables: &[Known], code: &crate::ir::Code) -> Known {
    match operand {
        Operand::Slot(Slot(slot)) => variables.get(slot as usize).copied().unwrap_or(Known::Nothing),
        operand => Known::of(operand, code),
    }
}
