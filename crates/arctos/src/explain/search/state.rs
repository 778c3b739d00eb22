//! A derivation under way: goals still to be reached, what is known of variables, what has been taken for granted.

use std::rc::Rc;

use crate::eval::{has_tag, same_plain};
use crate::explain::ask::Asker;
use crate::facts::Fact;
use crate::heap::Cell;
use crate::host::Host;
use crate::ir::{PredicateId, Program, Tag};
use crate::policy::RuleId;
use crate::schema::ClassId;

/// An argument or the value of a variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sym {
    Known(Cell, Source),
    /// The variable of that number, unbound.
    Open(u32),
}

/// Where a value comes from: whether it could be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The question or the policy.
    Given,
    /// The facts.
    Facts,
    /// The application, by the goal of that number.
    Read(u32),
    /// Nowhere: it is a placeholder.
    Placeholder,
}

#[derive(Clone, Debug)]
enum Binding {
    Open(Vec<Tag>),
    Alias(u32),
    Value(Cell, Source),
}

/// What held when it was reached.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Negation(Run),
    Goal(PredicateId, Vec<Sym>, Option<Rc<Parent>>),
}

/// What is to be done next.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Goals(Run),
    /// A goal that held.
    Again(PredicateId, Vec<Sym>, Option<Rc<Parent>>),
    /// Something must have been taken for granted since there were so many.
    Needs(usize),
}

/// Goals of a rule, whose variables begin at `base`.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) pc: u32,
    pub(super) end: u32,
    pub(super) rule: RuleId,
    pub(super) base: u32,
    /// The goal that the rule was used for, and those above it.
    pub(super) parents: Option<Rc<Parent>>,
}

/// A goal that a rule is used for.
#[derive(Debug)]
pub(super) struct Parent {
    pub(super) form: Form,
    pub(super) rule: RuleId,
    /// How many there are, this one included.
    pub(super) depth: usize,
    pub(super) above: Option<Rc<Parent>>,
}

/// A goal as it was called, with the class tests of its variables then.
#[derive(Debug)]
pub(super) struct Form {
    predicate: PredicateId,
    args: Vec<Tagged>,
}

/// An argument, with the class tests that it must satisfy where it is a variable.
type Tagged = (Sym, Vec<Tag>);

impl Form {
    pub(super) fn of(state: &State, predicate: PredicateId, args: &[Sym]) -> Form {
        let tags = |sym: &Sym| match sym {
            Sym::Open(variable) => state.tags(*variable).to_vec(),
            Sym::Known(..) => Vec::new(),
        };
        Form { predicate, args: args.iter().map(|sym| (*sym, tags(sym))).collect() }
    }

    /// True when both are one up to the names of variables.
    pub(super) fn is_variant(&self, other: &Form) -> bool {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let same = |(left, right): (&Tagged, &Tagged)| match (left.0, right.0) {
            (Sym::Open(a), Sym::Open(b)) => {
                let known = pairs.iter().find(|(one, two)| *one == a || *two == b).copied();
                pairs.push((a, b));
                known.is_none_or(|known| known == (a, b)) && left.1 == right.1
            }
            (left, right) => left.is_same(right),
        };
        self.predicate == other.predicate
            && self.args.len() == other.args.len()
            && self.args.iter().zip(&other.args).all(same)
    }
}

/// What is to be done, the next first.
#[derive(Debug)]
pub(super) struct Todo {
    pub(super) item: Item,
    pub(super) next: Option<Rc<Todo>>,
}

/// What has been taken for granted.
#[derive(Clone, Debug)]
pub(super) enum Need {
    Fact(PredicateId, Vec<Sym>),
    NoFact(Fact),
    /// A condition of a rule, where it stands, and what its values are now.
    Condition {
        text: String,
        location: String,
        now: Vec<(String, String)>,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    bindings: Vec<Binding>,
    pub(super) todo: Option<Rc<Todo>>,
    /// Goals about variables that nothing has bound yet.
    pub(super) late: Vec<Run>,
    /// Negations that held when they were reached, and goals: what is taken for granted later may change that.
    pub(super) held: Vec<Held>,
    /// How much was taken for granted when they were looked at last.
    pub(super) looked_at: usize,
    /// Comparisons that are about placeholders.
    pub(super) provided: Vec<Run>,
    /// With the rules on the way to each, innermost first.
    pub(super) needed: Vec<(Need, Option<Rc<Parent>>)>,
    /// Goals that have been reached.
    pub(super) length: usize,
    /// Values of placeholders, with the names of their types where those are known.
    pub(super) placeholders: Vec<(Cell, Option<String>)>,
}

impl State {
    /// Variables of a rule; the number of the first.
    pub(super) fn fresh(&mut self, count: usize) -> u32 {
        let base = self.bindings.len() as u32;
        self.bindings.resize(self.bindings.len() + count, Binding::Open(Vec::new()));
        base
    }

    /// The same with one more goal reached.
    pub(super) fn longer(&self) -> State {
        let mut state = self.clone();
        state.length += 1;
        state
    }

    pub(super) fn push(&mut self, item: Item) {
        self.todo = Some(Rc::new(Todo { item, next: self.todo.take() }));
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        let todo = self.todo.take()?;
        self.todo.clone_from(&todo.next);
        Some(todo.item.clone())
    }

    pub(super) fn need(&mut self, need: Need, parents: Option<Rc<Parent>>) {
        self.needed.push((need, parents));
        self.length += 1;
    }

    /// True when facts are to be removed.
    pub(super) fn removes(&self) -> bool {
        self.needed.iter().any(|(need, _)| matches!(need, Need::NoFact(_)))
    }

    /// True when a fact that is taken for granted has a variable.
    pub(super) fn is_vague(&self) -> bool {
        let is_open = |sym: &Sym| matches!(self.resolve(*sym), Sym::Open(_));
        self.needed.iter().any(|(need, _)| match need {
            Need::Fact(_, args) => args.iter().any(is_open),
            Need::NoFact(_) | Need::Condition { .. } => false,
        })
    }

    /// What a variable stands for.
    pub(super) fn variable(&self, mut variable: u32) -> Sym {
        loop {
            match self.bindings.get(variable as usize) {
                Some(Binding::Alias(next)) => variable = *next,
                Some(Binding::Value(cell, source)) => return Sym::Known(*cell, *source),
                Some(Binding::Open(_)) | None => return Sym::Open(variable),
            }
        }
    }

    pub(super) fn resolve(&self, sym: Sym) -> Sym {
        match sym {
            Sym::Open(variable) => self.variable(variable),
            known @ Sym::Known(..) => known,
        }
    }

    /// The class tests that an unbound variable must satisfy.
    pub(super) fn tags(&self, variable: u32) -> &[Tag] {
        match self.bindings.get(variable as usize) {
            Some(Binding::Open(tags)) => tags,
            _ => &[],
        }
    }

    /// Adds a class test to an unbound variable; false where no class satisfies all.
    pub(super) fn restrict(&mut self, variable: u32, tag: Tag, program: &Program) -> bool {
        if let Some(Binding::Open(tags)) = self.bindings.get_mut(variable as usize)
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
        class_of(program, self.tags(variable)).is_some()
    }

    /// Gives an unbound variable a value; false where a class test forbids it.
    pub(super) fn bind<H: Host>(
        &mut self,
        asker: &mut Asker<'_, H>,
        variable: u32,
        cell: Cell,
        source: Source,
    ) -> bool {
        let program = asker.program();
        let fits = self.tags(variable).iter().all(|tag| has_tag(program, asker.heap, asker.host, cell, *tag));
        if fits && let Some(binding) = self.bindings.get_mut(variable as usize) {
            *binding = Binding::Value(cell, source);
        }
        fits
    }

    /// Makes two variables one.
    pub(super) fn alias(&mut self, left: u32, right: u32, program: &Program) -> bool {
        if left == right {
            return true;
        }
        let tags = self.tags(left).to_vec();
        if let Some(binding) = self.bindings.get_mut(left as usize) {
            *binding = Binding::Alias(right);
        }
        tags.into_iter().all(|tag| self.restrict(right, tag, program))
    }

    /// True when both, where they are unbound, may be one; makes them one.
    pub(super) fn unify<H: Host>(&mut self, asker: &mut Asker<'_, H>, left: Sym, right: Sym) -> Unified {
        match (self.resolve(left), self.resolve(right)) {
            (Sym::Open(left), Sym::Open(right)) => self.alias(left, right, asker.program()).into(),
            (Sym::Open(variable), Sym::Known(cell, source))
            | (Sym::Known(cell, source), Sym::Open(variable)) => {
                self.bind(asker, variable, cell, source).into()
            }
            (Sym::Known(left, _), Sym::Known(right, _))
                if left == right || same_plain(asker.heap, left, right) =>
            {
                Unified::Yes
            }
            _ => Unified::Differ,
        }
    }
}

/// What came of making two values one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unified {
    Yes,
    /// A class test forbids it.
    No,
    /// Both are known, and not the same cell: the machine has to say.
    Differ,
}

impl From<bool> for Unified {
    fn from(holds: bool) -> Self {
        if holds { Unified::Yes } else { Unified::No }
    }
}

/// The first class whose instances satisfy all tests, those of the policy's own first.
pub(super) fn class_of(program: &Program, tags: &[Tag]) -> Option<ClassId> {
    let satisfies = |class: &ClassId| tags.iter().all(|tag| program.class_has(*class, *tag));
    // A test for a class is best met by the class itself.
    let named = tags.iter().filter_map(|tag| match tag {
        Tag::Class(class) => Some(*class),
        _ => None,
    });
    named.chain(program.schema.classes().map(|(class, _)| class)).find(satisfies)
}

impl Sym {
    /// An argument of the question.
    pub(super) fn given(slot: Option<Cell>, state: &mut State) -> Sym {
        match slot {
            Some(cell) => Sym::Known(cell, Source::Given),
            None => Sym::Open(state.fresh(1)),
        }
    }

    pub(super) fn cell(self) -> Option<Cell> {
        match self {
            Sym::Known(cell, _) => Some(cell),
            Sym::Open(_) => None,
        }
    }

    /// True when both are one variable, or one value wherever it comes from.
    pub(super) fn is_same(self, other: Sym) -> bool {
        match (self, other) {
            (Sym::Known(left, _), Sym::Known(right, _)) => left == right,
            (Sym::Open(left), Sym::Open(right)) => left == right,
            _ => false,
        }
    }

    /// True for what an argument of a fact may be.
    pub(super) fn is_of_facts(self) -> bool {
        match self {
            Sym::Known(cell, _) => {
                matches!(cell, Cell::Entity(_) | Cell::Text(_) | Cell::Integer(_) | Cell::Boolean(_))
            }
            Sym::Open(_) => true,
        }
    }
}
