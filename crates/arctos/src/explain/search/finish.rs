//! Derivations that have reached all goals: placeholders get values, what waited for them is looked at, and a miss is told.

use std::rc::Rc;

use super::state::{Held, Item, Need, Parent, Run, Source, State, Sym, class_of};
use super::{Found, Search};
use crate::error::Error;
use crate::explain::answer::{Argument, Goal as Said, NearMiss, Needed, Placeholder, UsedRule};
use crate::explain::ask::Called;
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
            if state.late.is_empty() && !self.look_again(&mut state) {
                return self.tell(&state);
            }
            for run in std::mem::take(&mut state.late) {
                state.push(Item::Goals(run));
            }
            self.children.push(state);
            return Ok(());
        }
        // The first variable gets a value of each type that it may have; the others follow.
        let Some(variable) = open.first().copied() else { return Ok(()) };
        let classes = self.types_of(&state, variable);
        for class in &classes {
            let mut child = state.clone();
            if self.give(&mut child, variable, *class, classes.len() == 1)? {
                self.children.push(child);
            }
        }
        Ok(())
    }

    /// Looks at what has held once more, where something has been taken for granted since: a fact that is added may break a
    /// negation, one that is removed a goal. False where nothing is to be looked at.
    fn look_again(&self, state: &mut State) -> bool {
        if self.world.is_none() || state.looked_at == state.needed.len() {
            return false;
        }
        state.looked_at = state.needed.len();
        let removes = state.removes();
        let mut is_any = false;
        for held in std::mem::take(&mut state.held) {
            match held {
                Held::Negation(run) => state.push(Item::Goals(run)),
                Held::Goal(predicate, args, parents) if removes => {
                    state.push(Item::Again(predicate, args, parents));
                }
                goal @ Held::Goal(..) => {
                    state.held.push(goal);
                    continue;
                }
            }
            is_any = true;
        }
        is_any
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
        let is_ordered = self.is_ordered(state, variable);
        let satisfies = |class: &ClassId| {
            (!is_ordered || *class == ClassId::INTEGER || *class == ClassId::STRING)
                && tags.iter().all(|tag| program.class_has(*class, *tag))
                && self.fits(state, variable, *class)
        };
        let classes = program.schema.classes().map(|(class, _)| class);
        let (plain, entities): (Vec<ClassId>, Vec<ClassId>) = classes
            .filter(may)
            .filter(satisfies)
            .partition(|class| class.index() <= ClassId::DICTIONARY.index());
        entities.into_iter().chain(plain).take(TRIED).collect()
    }

    /// True when a variable is less or greater than something: what has an order is a number or a text.
    fn is_ordered(&self, state: &State, variable: u32) -> bool {
        state.late.iter().any(|run| match self.asker.program().code.goals.get(run.pc as usize) {
            Some(Goal::Compare(Comparison::Eq | Comparison::Neq, ..)) => false,
            Some(Goal::Compare(_, left, right)) => [left, right].iter().any(|operand| match operand {
                Operand::Slot(slot) => state.variable(run.base + slot.0) == Sym::Open(variable),
                _ => false,
            }),
            _ => false,
        })
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
    fn give(
        &mut self,
        state: &mut State,
        variable: u32,
        class: ClassId,
        is_certain: bool,
    ) -> Result<bool, Error> {
        let program = self.asker.program();
        let name = program.schema.class_name(class).to_owned();
        let cell = match class {
            ClassId::INTEGER => match self.integer(state, variable)? {
                Some(value) => Cell::Integer(value),
                None => return Ok(false),
            },
            _ => self.asker.fresh_value(&name)?,
        };
        state.placeholders.push((cell, is_certain.then_some(name)));
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
                Need::Condition { text, location, now } => {
                    Needed::Condition { text: text.clone(), location: location.clone(), now: now.clone() }
                }
            })
            .collect();
        let lines: Vec<String> = needed.iter().map(ToString::to_string).collect();
        let is_within = |found: &Found| found.lines.iter().all(|known| lines.contains(known));
        if self.found.iter().any(is_within) {
            return Ok(());
        }
        let is_of_facts = !needed.iter().any(|needed| matches!(needed, Needed::Condition { .. }));
        if self.world.is_none() && needed.iter().any(|needed| !matches!(needed, Needed::Condition { .. })) {
            self.omit("changes of facts were not tried: the question is not about facts alone".to_owned());
        }
        if is_of_facts {
            match self.is_verified(&self.changes(state)) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return self.met(error),
            }
        }
        let provided = self.provided(state, &mut numbers)?;
        let miss = NearMiss { needed, provided, rules: self.rules(state) };
        self.found.push(Found { miss, lines, length: state.length });
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
        let name =
            state.placeholders.iter().find(|(known, _)| *known == cell).and_then(|(_, name)| name.clone());
        let is_told = |cell: &Cell| {
            state.needed.iter().any(|(need, _)| {
                match need {
                Need::Fact(_, args) => args.iter().any(|arg| {
                    matches!(state.resolve(*arg), Sym::Known(known, Source::Placeholder) if known == *cell)
                }),
                _ => false,
            }
            })
        };
        let alike = state.placeholders.iter().filter(|(cell, other)| *other == name && is_told(cell));
        let cells: Vec<Cell> = alike.map(|(cell, _)| *cell).collect();
        let ordinal = cells.iter().position(|other| *other == cell).filter(|_| cells.len() > 1);
        let example = match self.asker.argument(Some(cell)) {
            Argument::Value(value) => value,
            _ => Value::Boolean(true),
        };
        Placeholder {
            number: number as u32,
            type_name: name,
            ordinal: ordinal.map(|at| at as u32 + 1),
            example,
        }
    }

    /// What must be true of placeholders.
    fn provided(&mut self, state: &State, numbers: &mut Vec<Cell>) -> Result<Vec<String>, Error> {
        let mut provided = Vec::new();
        for run in &state.provided {
            let goal = self.asker.program().code.goals.get(run.pc as usize).copied();
            let Some(Goal::Compare(op, left, right)) = goal else { continue };
            let (left, is_left) = self.compared(state, run, left, numbers)?;
            let (right, is_right) = self.compared(state, run, right, numbers)?;
            let text = format!("{left} {op} {right}");
            if (is_left || is_right) && !provided.contains(&text) {
                provided.push(text);
            }
        }
        Ok(provided)
    }

    /// One side of a comparison: a value, or `that Integer`; whether it is a placeholder.
    fn compared(
        &mut self,
        state: &State,
        run: &Run,
        operand: Operand,
        numbers: &mut Vec<Cell>,
    ) -> Result<(String, bool), Error> {
        if operand == Operand::UnixTime {
            return Ok(("@current_unix_time".to_owned(), false));
        }
        let slots = self.slots(state, run.rule, run.base);
        let cell = self.asker.value(operand, &slots)?;
        if let Operand::Slot(slot) = operand
            && let Sym::Known(cell, Source::Placeholder) = state.variable(run.base + slot.0)
        {
            let placeholder = self.placeholder(state, cell, numbers);
            return Ok((placeholder.to_string().replacen("some", "that", 1), true));
        }
        Ok((self.asker.argument(cell).to_string(), false))
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
