//! Lowering: from checked trees to code.
//!
//! Each lookup, arithmetic operation and construction inside a term becomes a goal with a fresh slot for its result,
//! placed before the goal that uses it, from left to right. Where a plain `=` stands in a conjunction and all that
//! would be placed before it is pure (lookups, arithmetic), the unification runs first: its result is then known when
//! the lookup's value arrives.

mod expression;
mod head;

use std::ops::Range;
use std::sync::Arc;

use arctos_syntax::{Diagnostic, Sources, Span, tree};
use rustc_hash::{FxHashMap, FxHashSet};

use super::adorn::Readings;
use super::{
    Classes, Clause, Code, Goal, Index, Membership, Operand, Predicate, PredicateId, Program, Slot, Span32,
    recursion,
};
use crate::policy::RuleId;
use crate::schema::{ClassId, Schema};
use crate::sema::{Checked, CheckedRule};
use crate::symbol::{Symbol, Symbols};

/// Where texts are interned: the policy's symbols, or the heap of a question.
pub(crate) trait Interner {
    /// The symbol of a text.
    fn intern(&mut self, text: &str) -> Symbol;
}

impl Interner for Symbols {
    fn intern(&mut self, text: &str) -> Symbol {
        Symbols::intern(self, text)
    }
}

/// How names of rules are resolved.
#[derive(Debug, Default)]
struct Predicates {
    by_name: FxHashMap<(Symbol, u32), PredicateId>,
    defined: FxHashSet<Symbol>,
    /// Name and arity by id.
    all: Vec<(Symbol, u32)>,
    /// By rule.
    of_rules: Vec<PredicateId>,
    /// Those that facts may have.
    facts: FxHashSet<PredicateId>,
}

impl Predicates {
    fn of(checked: &Checked<'_>, symbols: &mut Symbols) -> Predicates {
        let mut predicates = Predicates::default();
        for rule in &checked.rules {
            let key = (symbols.intern(&rule.rule.head.name.text), rule.rule.head.params.len() as u32);
            let next = PredicateId(predicates.all.len() as u32);
            let id = *predicates.by_name.entry(key).or_insert(next);
            if id == next {
                predicates.defined.insert(key.0);
                predicates.all.push(key);
            }
            predicates.of_rules.push(id);
        }
        for (name, arity) in checked.facts.predicates() {
            let key = (symbols.intern(name), arity as u32);
            let next = PredicateId(predicates.all.len() as u32);
            let id = *predicates.by_name.entry(key).or_insert(next);
            if id == next {
                predicates.all.push(key);
            }
            predicates.facts.insert(id);
        }
        predicates
    }

    fn names(&self) -> Names<'_> {
        Names { by_name: &self.by_name, defined: &self.defined }
    }
}

/// The names a rule or question may call.
#[derive(Clone, Copy, Debug)]
struct Names<'a> {
    by_name: &'a FxHashMap<(Symbol, u32), PredicateId>,
    defined: &'a FxHashSet<Symbol>,
}

/// Lowers a checked policy. The second part are findings that need the clause graph.
pub(crate) fn lower_program(
    checked: &Checked<'_>,
    schema: &Schema,
    sources: Sources,
    warnings: Vec<Diagnostic>,
) -> (Program, Vec<Diagnostic>) {
    let mut symbols = Symbols::default();
    let predicates = Predicates::of(checked, &mut symbols);
    let mut code = Code::default();
    let mut lowering = Lowering::new(&mut code, &mut symbols, schema, predicates.names());
    let clauses: Vec<Clause> =
        checked.rules.iter().zip(&predicates.of_rules).map(|(rule, id)| lowering.clause(rule, *id)).collect();
    let declared = checked.blocks.types().map(|(_, declared)| declared).chain(checked.blocks.global());
    let declared = declared.flat_map(|declared| declared.declarations.keys());
    let declared = declared.map(|name| symbols.intern(name)).collect();
    code.shrink();
    let unions = memberships(checked, schema);
    let descendants = descendants(schema);
    let mut by_predicate: Vec<Vec<RuleId>> = vec![Vec::new(); predicates.all.len()];
    for (index, clause) in clauses.iter().enumerate() {
        if let Some(list) = by_predicate.get_mut(clause.predicate.0 as usize) {
            list.push(RuleId(index as u32));
        }
    }
    let classes = Arc::new(Classes::new(schema, &unions));
    let numbered = predicates.all.iter().zip(by_predicate).zip((0..).map(PredicateId));
    let indexed = numbered.map(|((&(name, arity), rules), id)| Predicate {
        name,
        arity,
        has_facts: predicates.facts.contains(&id),
        index: Index::build(&rules, arity, &clauses, &code, &classes),
    });
    let indexed = indexed.collect();
    let mut program = Program {
        sources,
        schema: schema.clone(),
        symbols: Arc::new(symbols),
        warnings,
        code,
        clauses,
        predicates: indexed,
        by_name: predicates.by_name,
        defined: predicates.defined,
        inline_queries: checked.inline_queries.iter().map(|query| query.query.span).collect(),
        tests: checked.tests.clone(),
        forms: checked.facts.clone(),
        declared,
        descendants,
        unions,
        classes,
        readings: Readings::default(),
    };
    let found = recursion::analyse(&mut program);
    (program, found)
}

/// By class: itself and the classes that inherit from it.
fn descendants(schema: &Schema) -> Vec<Vec<ClassId>> {
    let mut descendants = vec![Vec::new(); schema.classes().count()];
    for (id, class) in schema.classes() {
        for ancestor in &class.lineage {
            if let Some(list) = descendants.get_mut(ancestor.index()) {
                list.push(id);
            }
        }
    }
    descendants
}

fn memberships(checked: &Checked<'_>, schema: &Schema) -> Vec<Membership> {
    let actors: FxHashSet<_> = checked.actors.iter().copied().collect();
    let resources: FxHashSet<_> = checked.resources.iter().copied().collect();
    schema
        .classes()
        .map(|(_, class)| Membership {
            actor: class.lineage.iter().any(|ancestor| actors.contains(ancestor)),
            resource: class.lineage.iter().any(|ancestor| resources.contains(ancestor)),
        })
        .collect()
}

/// A question's code, and its variables by slot.
pub(crate) fn lower_question(
    program: &Program,
    interner: &mut dyn Interner,
    query: &tree::Expr,
) -> (Code, Span32, Vec<Symbol>) {
    let mut code = Code::default();
    let names = Names { by_name: &program.by_name, defined: &program.defined };
    let mut lowering = Lowering::new(&mut code, interner, &program.schema, names);
    lowering.is_lone = matches!(query.kind, tree::ExprKind::Binary(_));
    let body = lowering.body(query);
    // A question's variables are seen from outside: none is local to a negation.
    lowering.negations.clear();
    let slots = std::mem::take(&mut lowering.slots);
    (code, body, slots)
}

/// The lowering of one rule or question.
struct Lowering<'a> {
    code: &'a mut Code,
    interner: &'a mut dyn Interner,
    schema: &'a Schema,
    predicates: Names<'a>,
    slots: Vec<Symbol>,
    /// The variables by name, once there are more than [`FEW`].
    by_name: FxHashMap<Symbol, Slot>,
    /// By slot: it stands in the head so far.
    seen: Vec<bool>,
    /// Operands of terms being built.
    operands: Vec<Operand>,
    /// A question of one goal: what it mentions is computed before it, whatever it is.
    is_lone: bool,
    /// Goals of the block being built, with their places.
    pending: Vec<(Goal, Span)>,
    /// Negated blocks, each with the goals that were built for it.
    negations: Vec<(u32, Range<usize>)>,
    /// Where this rule's goals begin.
    first_goal: usize,
}

/// As many variables as are found by looking at each.
const FEW: usize = 16;

impl<'a> Lowering<'a> {
    fn new(
        code: &'a mut Code,
        interner: &'a mut dyn Interner,
        schema: &'a Schema,
        predicates: Names<'a>,
    ) -> Self {
        let first_goal = code.goals.len();
        Lowering {
            code,
            interner,
            schema,
            predicates,
            slots: Vec::new(),
            by_name: FxHashMap::default(),
            seen: Vec::new(),
            operands: Vec::new(),
            is_lone: false,
            pending: Vec::new(),
            negations: Vec::new(),
            first_goal,
        }
    }

    /// Lowers a rule.
    fn clause(&mut self, rule: &CheckedRule<'_>, predicate: PredicateId) -> Clause {
        self.slots.clear();
        if !self.by_name.is_empty() {
            self.by_name = FxHashMap::default();
        }
        self.first_goal = self.code.goals.len();
        let (params, body) = self.rule(&rule.rule);
        Clause {
            predicate,
            params,
            slots: self.slots.as_slice().into(),
            body,
            origin: rule.origin,
            is_shorthand: rule.is_shorthand,
            recursion: None,
        }
    }

    fn emit(&mut self, goal: Goal, span: Span) {
        self.pending.push((goal, span));
    }

    /// Moves pending goals from `from` on into the code, as one run.
    fn flush(&mut self, from: usize) -> Span32 {
        let start = self.code.goals.len() as u32;
        for (goal, span) in self.pending.drain(from..) {
            self.code.goals.push(goal);
            self.code.spans.push(span);
        }
        Span32 { start, len: self.code.goals.len() as u32 - start }
    }

    fn slot(&mut self, name: &str) -> Slot {
        let symbol = self.interner.intern(name);
        if let Some(slot) = self.known_slot(symbol) {
            return slot;
        }
        let slot = Slot(self.slots.len() as u32);
        self.slots.push(symbol);
        if slot.0 as usize >= FEW {
            if self.by_name.is_empty() {
                self.by_name.extend(self.slots.iter().copied().zip((0..).map(Slot)));
            }
            self.by_name.insert(symbol, slot);
        }
        slot
    }

    // PERF: the usual few variables are found by looking at each, without a table.
    fn known_slot(&self, symbol: Symbol) -> Option<Slot> {
        if self.by_name.is_empty() {
            let place = self.slots.iter().position(|known| *known == symbol)?;
            return Some(Slot(place as u32));
        }
        self.by_name.get(&symbol).copied()
    }

    /// A slot for an intermediate result.
    fn temporary(&mut self) -> Slot {
        let symbol = self.interner.intern("_");
        let slot = Slot(self.slots.len() as u32);
        self.slots.push(symbol);
        slot
    }

    fn variable(&mut self, name: &str) -> Operand {
        if name == "_" {
            return Operand::Anonymous;
        }
        if let Some(constant) = self.schema.constant(name) {
            return Operand::Constant(constant);
        }
        if let Some(class) = self.schema.class(name) {
            return Operand::Class(class);
        }
        if name == "nil" {
            return Operand::Nil;
        }
        Operand::Slot(self.slot(name))
    }

    /// Moves operands from `from` on into the code, as one run.
    fn flush_operands(&mut self, from: usize) -> Span32 {
        let start = self.code.operands.len() as u32;
        self.code.operands.extend(self.operands.drain(from..));
        Span32 { start, len: self.code.operands.len() as u32 - start }
    }
}
