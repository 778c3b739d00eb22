//! What may happen while goals run, other than that they hold or fail: it says where they may be moved.
//!
//! A *pure* goal only holds or fails, whatever runs before it. A *strict* one may end in an error, or is seen from outside, so that it
//! never runs before what precedes it in the source. A *fixed* one means something else elsewhere.

use rustc_hash::FxHashSet;

use super::scope::exact_class;
use crate::host::Comparison;
use crate::ir::{
    Clause, Code, CompoundId, Goal, Operand, Pattern, PatternId, PredicateId, Program, Slot, Span32, Tag,
};
use crate::schema::ClassId;

/// What running a goal may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nature {
    #[default]
    Pure,
    Strict,
    Fixed,
}

/// The natures of a program's predicates.
#[derive(Debug)]
pub(super) struct Natures<'p> {
    program: &'p Program,
    /// The request says what time it is.
    has_time: bool,
    by_predicate: Vec<Nature>,
}

/// Variables whose numbers, or texts, are known to be that: by what precedes.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    numbers: FxHashSet<Slot>,
    texts: FxHashSet<Slot>,
}

impl Kinds {
    /// Those that a head says.
    pub(super) fn of_head(program: &Program, clause: &Clause) -> Kinds {
        let mut kinds = Kinds::default();
        for param in &clause.params {
            if let Some(pattern) = param.pattern {
                kinds.note(program, param.operand, pattern);
            }
        }
        kinds
    }

    fn note(&mut self, program: &Program, operand: Operand, pattern: PatternId) {
        let Operand::Slot(slot) = operand else { return };
        match exact_class(program, pattern) {
            Some(ClassId::INTEGER) => _ = self.numbers.insert(slot),
            Some(ClassId::STRING) => _ = self.texts.insert(slot),
            _ => {}
        }
    }

    fn is_number(&self, operand: Operand) -> bool {
        match operand {
            Operand::Slot(slot) => self.numbers.contains(&slot),
            Operand::Integer(_) | Operand::Float(_) | Operand::Boolean(_) | Operand::UnixTime => true,
            _ => false,
        }
    }

    fn is_text(&self, operand: Operand) -> bool {
        match operand {
            Operand::Slot(slot) => self.texts.contains(&slot),
            Operand::Text(_) => true,
            _ => false,
        }
    }
}

impl<'p> Natures<'p> {
    /// Finds the natures of all predicates: that of their own goals, and of whatever these lead to.
    pub(super) fn of(program: &'p Program, has_time: bool) -> Self {
        let mut natures =
            Natures { program, has_time, by_predicate: vec![Nature::Pure; program.predicates.len()] };
        let mut callers: Vec<Vec<u32>> = vec![Vec::new(); program.predicates.len()];
        let mut found: Vec<u32> = Vec::new();
        for clause in &program.clauses {
            each_call(&program.code, clause.body, &mut |called| {
                if let Some(callers) = callers.get_mut(called as usize) {
                    callers.push(clause.predicate.0);
                }
            });
            if natures.raise(clause.predicate.0, natures.clause(clause)) {
                found.push(clause.predicate.0);
            }
        }
        while let Some(predicate) = found.pop() {
            let nature = natures.by_predicate.get(predicate as usize).copied().unwrap_or_default();
            for caller in callers.get(predicate as usize).map_or(&[][..], Vec::as_slice) {
                if natures.raise(*caller, nature) {
                    found.push(*caller);
                }
            }
        }
        natures
    }

    /// The nature of calling a predicate.
    pub(super) fn predicate(&self, predicate: PredicateId) -> Nature {
        self.by_predicate.get(predicate.0 as usize).copied().unwrap_or_default()
    }

    fn raise(&mut self, predicate: u32, to: Nature) -> bool {
        match self.by_predicate.get_mut(predicate as usize) {
            Some(nature) if *nature < to => {
                *nature = to;
                true
            }
            _ => false,
        }
    }

    fn clause(&self, clause: &Clause) -> Nature {
        let of_head = clause.params.iter().map(|param| {
            let pattern = param.pattern.map_or(Nature::Pure, |pattern| self.pattern(pattern));
            pattern.max(self.operand(param.operand))
        });
        let mut kinds = Kinds::of_head(self.program, clause);
        of_head.max().unwrap_or_default().max(self.goals(clause.body, &mut kinds))
    }

    fn goals(&self, goals: Span32, kinds: &mut Kinds) -> Nature {
        let goals = self.program.code.goals.get(goals.range()).unwrap_or(&[]);
        goals.iter().map(|goal| self.goal(goal, kinds)).max().unwrap_or_default()
    }

    /// The nature of a goal, after those that `kinds` has been through.
    pub(super) fn goal(&self, goal: &Goal, kinds: &mut Kinds) -> Nature {
        let both = |a: Operand, b: Operand| self.operand(a).max(self.operand(b));
        match *goal {
            Goal::Call(predicate, args) => {
                let operands = self.program.code.operands(args).iter().map(|operand| self.operand(*operand));
                operands.max().unwrap_or_default().max(self.predicate(predicate))
            }
            Goal::Fail => Nature::Pure,
            Goal::Unify(a, b) | Goal::Compare(Comparison::Eq | Comparison::Neq, a, b) => both(a, b),
            Goal::Compare(_, a, b) => {
                let alike =
                    (kinds.is_number(a) && kinds.is_number(b)) || (kinds.is_text(a) && kinds.is_text(b));
                both(a, b).max(if alike { Nature::Pure } else { Nature::Strict })
            }
            Goal::In(element, list @ Operand::List(_)) => both(element, list),
            Goal::Match(value, pattern) => {
                kinds.note(self.program, value, pattern);
                self.pattern(pattern).max(self.operand(value))
            }
            Goal::Not(block) => self.block(block, kinds),
            Goal::Or(blocks) => {
                let natures = (blocks.start..blocks.end()).map(|block| self.block(block, kinds));
                natures.max().unwrap_or_default()
            }
            Goal::Cut | Goal::Assign(..) => Nature::Fixed,
            Goal::In(..)
            | Goal::Undefined(_)
            | Goal::Arithmetic(..)
            | Goal::Lookup(..)
            | Goal::LookupDynamic(..)
            | Goal::Method(..)
            | Goal::New(..)
            | Goal::NewUnknown(_)
            | Goal::Truth(_)
            | Goal::Print(_)
            | Goal::Debug => Nature::Strict,
        }
    }

    fn block(&self, block: u32, kinds: &Kinds) -> Nature {
        let block = self.program.code.blocks.get(block as usize);
        block.map_or(Nature::Pure, |block| self.goals(block.goals, &mut kinds.clone()))
    }

    fn pattern(&self, pattern: PatternId) -> Nature {
        match self.program.code.patterns.get(pattern.0 as usize) {
            Some(Pattern::Instance(tag, fields)) if fields.is_empty() && !matches!(tag, Tag::Unknown(_)) => {
                Nature::Pure
            }
            Some(Pattern::Value(operand)) => self.operand(*operand),
            _ => Nature::Strict,
        }
    }

    /// The nature of using an operand.
    fn operand(&self, operand: Operand) -> Nature {
        match operand {
            Operand::Constant(_) | Operand::Class(_) => Nature::Strict,
            Operand::UnixTime if !self.has_time => Nature::Strict,
            Operand::List(CompoundId(id)) => {
                let list = self.program.code.lists.get(id as usize);
                let items = list.into_iter().flat_map(|list| self.program.code.operands(list.items));
                items.map(|item| self.operand(*item)).max().unwrap_or_default()
            }
            Operand::Dictionary(CompoundId(id)) => {
                let entries = self.program.code.dictionaries.get(id as usize).into_iter().flatten();
                entries.map(|(_, value)| self.operand(*value)).max().unwrap_or_default()
            }
            _ => Nature::Pure,
        }
    }
}

/// Calls `found` with each predicate that goals call, in blocks too.
pub(crate) fn each_call(code: &Code, goals: Span32, found: &mut impl FnMut(u32)) {
    for goal in code.goals.get(goals.range()).unwrap_or(&[]) {
        let blocks = match goal {
            Goal::Call(predicate, _) => {
                found(predicate.0);
                continue;
            }
            Goal::Not(block) => *block..*block + 1,
            Goal::Or(blocks) => blocks.start..blocks.end(),
            _ => continue,
        };
        for block in code.blocks.get(blocks.start as usize..blocks.end as usize).unwrap_or(&[]) {
            each_call(code, block.goals, found);
        }
    }
}
