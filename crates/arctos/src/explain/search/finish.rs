//! Derivations that have reached all goals: placeholders get values, what waited for them is looked at, and a miss is told.

use std::rc::Rc;

use super::state::{Item, Need, Parent, Source, State, Sym, class_of};
use super::{Found, Search};
use crate::error::Error;
use crate::explain::answer::{Argument, Goal as Said, NearMiss, Needed, Placeholder, UsedRule};
use crate::explain::ask::Called;
use crate::explain::proof::shown;
use crate::facts::Value;
use crate::forms::ArgumentForm;
use crate::heap::Cell;
use crate::host::{Comparison, Host};
use crate::ir::{Goal, Operand, PredicateId, Tag};
use crate::schema::ClassId;

/// How many types are tried for a placeholder of which none is known.
const TRIED: usize = 8;
/// How often values are mended so that comparisons between placeholders hold.
const MENDED: usize = 8;

impl<H: Host> Search<'_, '_, H> {
    /// Goes on with a derivation whose goals have been reached.
    pub(super) fn finish(&mut self, mut state: State) -> Result<(), Error> {
        let open = self.open_variables(&state);
        if open.is_empty() {
            let late = std::mem::take(&mut state.late);
            if late.is_empty() {
                return self.tell(&state);
            }
            for run in late {
                state.push(Item::Goals(run));
            }
            self.children.push(state);
            return Ok(());
        }
        // The first variable gets a value of each type that it may have; the others follow.
        let Some(variable) = open.first().copied() else { return Ok(()) };
        for class in self.types_of(&state, variable) {
            let mut child = state.clone();
            if self.give(&mut child, variable, class)? {
                self.children.push(child);
            }
        }
        Ok(())
    }

    /// Variables of what is needed, or of what waits, that nothing has bound.
    fn open_variables(&self, state: &State) -> Vec<u32> {
        let mut syms: Vec<Sym> = Vec::new();
        for (need, _) in &state.needed {
            if let Need::Fact(_, args) = need {
                syms.extend(args);
            }
        }
        for run in &state.late {
            let mut operands = Vec::new();
            self.operands_of(run.pc, &mut operands);
            let code = &self.asker.program().code;
            let local = match code.goals.get(run.pc as usize) {
                Some(Goal::Not(block)) => code.blocks.get(*block as usize).map_or(&[][..], |b| &b.local),
                _ => &[],
            };
            syms.extend(operands.iter().filter_map(|operand| match operand {
                Operand::Slot(slot) if !local.contains(slot) => Some(state.variable(run.base + slot.0)),
                _ => None,
            }));
        }
        let mut open = Vec::new();
        for sym in syms {
            if let Sym::Open(variable) = state.resolve(sym)
                && !open.contains(&variable)
            {
                open.push(variable);
            }
        }
        open
    }

    /// The types that a placeholder may have.
    fn types_of(&self, state: &State, variable: u32) -> Vec<ClassId> {
        let program = self.asker.program();
        let tags = state.tags(variable);
        let may = |class: &ClassId| {
            let plain = [ClassId::STRING, ClassId::INTEGER, ClassId::BOOLEAN].contains(class);
            plain || program.schema.is_entity_type(*class)
        };
        if tags.iter().any(|tag| matches!(tag, Tag::Class(_)))
            && let Some(class) = class_of(program, tags)
            && may(&class)
        {
            return vec![class];
        }
        let satisfies = |class: &ClassId| {
            tags.iter().all(|tag| program.class_has(*class, *tag)) && self.fits(state, variable, *class)
        };
        let classes = program.schema.classes().map(|(class, _)| class);
        let (plain, entities): (Vec<ClassId>, Vec<ClassId>) = classes
            .filter(may)
            .filter(satisfies)
            .partition(|class| class.index() <= ClassId::DICTIONARY.index());
        entities.into_iter().chain(plain).take(TRIED).collect()
    }

    /// True when the policy may ask for facts that have a value of that class where a variable stands.
    fn fits(&self, state: &State, variable: u32, class: ClassId) -> bool {
        let program = self.asker.program();
        let name = program.schema.class_name(class);
        let fits = |argument: &ArgumentForm| match argument {
            ArgumentForm::Any => true,
            ArgumentForm::Type(type_name) => program.forms.types.covers(type_name, name),
            ArgumentForm::OneOf(_) => class == ClassId::STRING,
        };
        state.needed.iter().all(|(need, _)| {
            let Need::Fact(predicate, args) = need else { return true };
            let target = program.predicates.get(predicate.0 as usize);
            let predicate = target.map_or("", |target| program.symbols.text(target.name));
            let forms = program.forms.iter().filter(|form| *form.predicate == *predicate);
            let mut forms = forms.filter(|form| form.arguments.len() == args.len());
            forms.any(|form| {
                form.arguments
                    .iter()
                    .zip(args)
                    .all(|(argument, arg)| state.resolve(*arg) != Sym::Open(variable) || fits(argument))
            })
        })
    }

    /// Gives a placeholder a value of its own.
    fn give(&mut self, state: &mut State, variable: u32, class: ClassId) -> Result<bool, Error> {
        let program = self.asker.program();
        let name = program.schema.class_name(class).to_owned();
        let cell = match class {
            ClassId::INTEGER => match self.integer(state, variable)? {
                Some(value) => Cell::Integer(value),
                None => return Ok(false),
            },
            _ => self.asker.fresh_value(&name)?,
        };
        state.placeholders.push((cell, name));
        Ok(state.bind(self.asker, variable, cell, Source::Placeholder))
    }

    /// An integer that meets the comparisons that wait for it, as far as their other sides are known.
    fn integer(&mut self, state: &mut State, variable: u32) -> Result<Option<i64>, Error> {
        let mut compared = Vec::new();
        for run in state.late.clone() {
            let goal = self.asker.program().code.goals.get(run.pc as usize).copied();
            let Some(Goal::Compare(op, left, right)) = goal else { continue };
            let left = self.operand(state, run.rule, run.base, left)?;
            let right = self.operand(state, run.rule, run.base, right)?;
            match (state.resolve(left), state.resolve(right)) {
                (Sym::Open(open), Sym::Known(Cell::Integer(value), _)) if open == variable => {
                    compared.push((op, value));
                }
                (Sym::Known(Cell::Integer(value), _), Sym::Open(open)) if open == variable => {
                    compared.push((turned(op), value));
                }
                _ => {}
            }
        }
        let mut value = state.placeholders.len() as i64;
        for _ in 0..MENDED {
            let failing =
                compared.iter().find(|(op, other)| !crate::eval::holds(*op, Some(value.cmp(other))));
            let Some((op, other)) = failing else { return Ok(Some(value)) };
            let mended = match op {
                Comparison::Lt => other.checked_sub(1),
                Comparison::Gt | Comparison::Neq => other.checked_add(1),
                Comparison::Leq | Comparison::Geq | Comparison::Eq => Some(*other),
            };
            let Some(mended) = mended else { return Ok(None) };
            value = mended;
        }
        Ok(None)
    }

    /// Tells a miss, where it is one and is new.
    fn tell(&mut self, state: &State) -> Result<(), Error> {
        if state.needed.is_empty() {
            return Ok(());
        }
        let mut numbers: Vec<Cell> = Vec::new();
        let needed: Vec<Needed> = state
            .needed
            .iter()
            .map(|(need, _)| match need {
                Need::Fact(predicate, args) => Needed::Fact(self.said(state, *predicate, args, &mut numbers)),
                Need::NoFact(fact) => Needed::NoFact(fact.clone()),
                Need::Condition { pc, now } => Needed::Condition {
                    text: self.asker.text_of(*pc),
                    location: self.asker.location_of(*pc),
                    now: now.clone(),
                },
            })
            .collect();
        let is_within = |found: &Found| found.miss.needed.iter().all(|known| needed.contains(known));
        if self.found.iter().any(is_within) {
            return Ok(());
        }
        let is_of_facts = !needed.iter().any(|needed| matches!(needed, Needed::Condition { .. }));
        if is_of_facts {
            match self.is_verified(&self.changes(state)) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return self.met(error),
            }
        }
        let provided = self.provided(state)?;
        let miss = NearMiss { needed, provided, rules: self.rules(state) };
        self.found.push(Found { miss, length: state.length });
        Ok(())
    }

    fn said(&self, state: &State, predicate: PredicateId, args: &[Sym], numbers: &mut Vec<Cell>) -> Said {
        let cells: Vec<Sym> = args.iter().map(|arg| state.resolve(*arg)).collect();
        let called = Called { predicate, args: cells.iter().map(|sym| sym.cell()).collect() };
        let mut goal = self.asker.goal(&called);
        for (argument, sym) in goal.arguments.iter_mut().zip(cells) {
            if let Sym::Known(cell, Source::Placeholder) = sym {
                *argument = Argument::Some(self.placeholder(state, cell, numbers));
            }
        }
        goal
    }

    fn placeholder(&self, state: &State, cell: Cell, numbers: &mut Vec<Cell>) -> Placeholder {
        let at = numbers.iter().position(|known| *known == cell);
        let number = at.unwrap_or_else(|| {
            numbers.push(cell);
            numbers.len() - 1
        });
        let name = state.placeholders.iter().find(|(known, _)| *known == cell).map(|(_, name)| name.clone());
        let alike = state.placeholders.iter().filter(|(_, other)| Some(other) == name.as_ref()).count();
        let example = match self.asker.argument(Some(cell)) {
            Argument::Value(value) => value,
            _ => Value::Boolean(true),
        };
        Placeholder { number: number as u32, type_name: name, is_numbered: alike > 1, example }
    }

    /// What must be true of placeholders, in the words of the policy.
    fn provided(&mut self, state: &State) -> Result<Vec<String>, Error> {
        let mut provided = Vec::new();
        for run in &state.provided {
            let slots = self.slots(state, run.rule, run.base);
            let Some(goal) = self.asker.program().code.goals.get(run.pc as usize).copied() else { continue };
            let text = self.asker.text_of(run.pc);
            if let Some(shown) = shown(self.asker, goal, &slots)? {
                let _ = shown;
                provided.push(text);
            }
        }
        Ok(provided)
    }

    /// The rules on the way to what is needed, the question's own first.
    fn rules(&self, state: &State) -> Vec<UsedRule> {
        let mut rules: Vec<UsedRule> = Vec::new();
        for (_, parents) in &state.needed {
            let mut way = Vec::new();
            let mut at: Option<&Rc<Parent>> = parents.as_ref();
            while let Some(parent) = at {
                way.push(parent.rule);
                at = parent.above.as_ref();
            }
            for rule in way.into_iter().rev() {
                if !rules.iter().any(|known| known.id == rule) {
                    rules.extend(self.asker.used(rule));
                }
            }
        }
        rules
    }
}

/// The comparison with its sides changed.
fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Lt => Comparison::Gt,
        Comparison::Leq => Comparison::Geq,
        Comparison::Gt => Comparison::Lt,
        Comparison::Geq => Comparison::Leq,
        other => other,
    }
}
