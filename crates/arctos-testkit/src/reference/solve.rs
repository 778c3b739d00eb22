//! The search: goals are taken one after the other; what else could have been chosen is kept as whole states.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use arctos::{Comparison, ErrorKind, Limit};
use arctos_syntax::tree::{BinaryOp, Expr, ExprKind, Rule};

use super::Recursed;
use super::program::{Program, count_names, count_rule_names, each_name};
use super::recursion::Recursion;
use super::tables::Tables;
use super::term::{Bindings, Term, Var, from_value};
use super::unknown::{Cut, cut_in_doubt};
use crate::outcome::Failure;
use crate::value::{Renderer, Value};
use crate::world::{World, WorldError};

/// How many searches may stand inside one another (negations and tables).
const DEEPEST: u32 = 150;

/// What must be made true.
#[derive(Debug)]
pub(super) enum Goal<'p> {
    /// A condition as written, and where `cut` cuts back to.
    Holds(&'p Expr, Rc<Frame<'p>>, Cut),
    /// A rule call. The flag: it is tabled.
    Call(&'p str, Vec<Term>, bool),
    /// The value is `true`.
    Truth(Term),
    Unify(Term, Term),
    Assign(Term, Term),
    Compare(Comparison, Term, Term),
    Arithmetic(BinaryOp, Term, Term, Term),
    In(Term, Term),
    /// Object, key, result.
    Lookup(Term, Term, Term),
    /// Object, method, result.
    Invoke(Term, Invocation<'p>, Term),
    /// Class and arguments, result.
    Construct(Invocation<'p>, Term),
    Matches(Term, Rc<Shape>),
    /// The value is of exactly that type: a fact says "whatever value of the type".
    OfType(Term, Rc<str>),
    Not(Negated<'p>, Rc<Frame<'p>>),
    /// A negation that waits only so that what else is said of its variables comes first.
    Postponed(Negated<'p>, Rc<Frame<'p>>),
    /// A negation that does not wait, whatever is open.
    AsIs(Negated<'p>, Rc<Frame<'p>>),
    Print(Vec<Term>),
    /// Waits for ever: nobody can say whether what has been found is so.
    Doubt,
    /// The application fails here.
    Raise(String),
    /// The end of a call or an `or`: what variables stood for before it, and which were unbound in it.
    Left(Bindings, Vec<Var>),
    /// The end of a tabled call. The flag: it has no variables.
    Answered(bool),
}

/// A method or class and its arguments.
#[derive(Debug)]
pub(super) struct Invocation<'p> {
    pub(super) name: &'p str,
    pub(super) args: Vec<Term>,
    pub(super) words: Vec<(&'p str, Term)>,
}

/// What stands under a negation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Negated<'p> {
    /// `not G`
    Goal(&'p Expr),
    /// `forall(c, a)`, which is `not (c and not a)`.
    ForAll(&'p Expr, &'p Expr),
}

/// A pattern whose variables are known.
#[derive(Debug)]
pub(super) enum Shape {
    Class(String, Vec<(String, Rc<Shape>)>),
    Fields(Vec<(String, Rc<Shape>)>),
    List(Vec<Rc<Shape>>, Option<Term>),
    Term(Term),
}

/// The variables of one use of a rule, or of the query.
#[derive(Debug)]
pub(super) struct Frame<'p> {
    /// The rule; `None` for the query.
    pub(super) rule: Option<&'p Rule>,
    names: RefCell<BTreeMap<&'p str, Var>>,
    /// How often each name stands in the whole rule; `None` for the query.
    totals: Option<BTreeMap<&'p str, usize>>,
}

impl<'p> Frame<'p> {
    pub(super) fn of_rule(rule: &'p Rule) -> Rc<Frame<'p>> {
        let totals = Some(count_rule_names(rule));
        Rc::new(Frame { rule: Some(rule), names: RefCell::default(), totals })
    }

    /// True for `_`, and for a name that stands only once in its rule.
    pub(super) fn is_anonymous(&self, name: &str) -> bool {
        let once = self.totals.as_ref().is_some_and(|totals| totals.get(name) == Some(&1));
        name == "_" || once && name.starts_with('_')
    }

    /// The variable of that name; each `_` is a new one.
    pub(super) fn variable(&self, name: &'p str, fresh: &Fresh) -> Term {
        if name == "_" {
            return fresh.variable();
        }
        let mut names = self.names.borrow_mut();
        Term::Variable(*names.entry(name).or_insert_with(|| fresh.number()))
    }

    /// The variables of a negated goal that are named outside of it too; of a query's negation all of them.
    pub(super) fn outer_names(&self, negated: Negated<'p>) -> Vec<&'p str> {
        let mut inside = BTreeMap::new();
        match negated {
            Negated::Goal(goal) => count_names(goal, &mut inside),
            Negated::ForAll(condition, action) => {
                count_names(condition, &mut inside);
                count_names(action, &mut inside);
            }
        }
        let outside = |name: &str, count: usize| match &self.totals {
            Some(totals) => totals.get(name).is_some_and(|total| *total > count),
            None => true,
        };
        inside
            .into_iter()
            .filter(|(name, count)| *name != "_" && outside(name, *count))
            .map(|(name, _)| name)
            .collect()
    }
}

/// Hands out variables.
#[derive(Debug, Default)]
pub(super) struct Fresh(Cell<Var>);

impl Fresh {
    pub(super) fn number(&self) -> Var {
        self.0.replace(self.0.get() + 1)
    }

    pub(super) fn variable(&self) -> Term {
        Term::Variable(self.number())
    }
}

/// Goals still to be reached, first one outermost.
#[derive(Debug)]
pub(super) struct Node<'p> {
    goal: Rc<Goal<'p>>,
    next: Option<Rc<Node<'p>>>,
}

/// A condition that waits until one of these variables is bound.
#[derive(Debug)]
pub(super) struct Waiting<'p> {
    pub(super) goal: Rc<Goal<'p>>,
    on: Vec<Var>,
}

/// A place in the search.
#[derive(Clone, Debug, Default)]
pub(super) struct State<'p> {
    pub(super) bindings: Bindings,
    goals: Option<Rc<Node<'p>>>,
    pub(super) waiting: Vec<Rc<Waiting<'p>>>,
    /// The call of which it is a rule that has not been tried.
    pub(super) rule_of: Option<Var>,
}

impl<'p> State<'p> {
    /// Puts goals before those there are.
    pub(super) fn push(&mut self, goals: Vec<Goal<'p>>) {
        self.push_shared(goals.into_iter().map(Rc::new).collect());
    }

    pub(super) fn push_shared(&mut self, goals: Vec<Rc<Goal<'p>>>) {
        for goal in goals.into_iter().rev() {
            self.goals = Some(Rc::new(Node { goal, next: self.goals.take() }));
        }
    }

    /// The same knowledge with only this to do.
    pub(super) fn aside(&self, goals: Vec<Goal<'p>>) -> State<'p> {
        let (bindings, waiting) = (self.bindings.clone(), self.waiting.clone());
        let mut state = State { bindings, waiting, ..State::default() };
        state.push(goals);
        state
    }

    /// Lets a goal wait until one of the variables is bound.
    pub(super) fn wait(&mut self, goal: Rc<Goal<'p>>, on: Vec<Var>) {
        self.waiting.push(Rc::new(Waiting { goal, on }));
    }

    /// Takes what is to be done next.
    pub(super) fn next_goal(&mut self) -> Option<Rc<Goal<'p>>> {
        let node = self.goals.take()?;
        self.goals = node.next.clone();
        Some(Rc::clone(&node.goal))
    }

    /// What is still to be done.
    pub(super) fn goals(&self) -> impl Iterator<Item = &Goal<'p>> {
        std::iter::successors(self.goals.as_deref(), |node| node.next.as_deref()).map(|node| &*node.goal)
    }

    /// How much is in doubt.
    pub(super) fn doubts(&self) -> usize {
        self.waiting.iter().filter(|one| matches!(*one.goal, Goal::Doubt)).count()
    }

    /// What has been found is in doubt from here on.
    pub(super) fn doubt(&mut self) {
        self.wait(Rc::new(Goal::Doubt), Vec::new());
    }

    /// True when a condition waits for that unbound variable.
    fn is_awaited(&self, variable: Var) -> bool {
        let is_it = |on: &Var| match self.bindings.resolve(&Term::Variable(*on)) {
            Term::Variable(on) => on == variable,
            _ => false,
        };
        self.waiting.iter().any(|condition| condition.on.iter().any(is_it))
    }

    /// Moves the conditions whose variable has been bound to the front, in the order in which they began to wait.
    fn wake(&mut self) {
        let bound =
            |variable: &Var| !matches!(self.bindings.resolve(&Term::Variable(*variable)), Term::Variable(_));
        let (ready, waiting): (Vec<_>, Vec<_>) =
            self.waiting.drain(..).partition(|condition| condition.on.iter().any(bound));
        self.waiting = waiting;
        self.push_shared(ready.iter().map(|condition| Rc::clone(&condition.goal)).collect());
    }
}

/// What the search tells of each answer, and whether to go on.
pub(super) type Visit<'v, 'p> =
    &'v mut dyn FnMut(&mut Solver<'p>, State<'p>) -> Result<ControlFlow<()>, Failure>;

/// The reference evaluator at work on one query.
#[derive(Debug)]
pub(super) struct Solver<'p> {
    pub(super) program: &'p Program,
    pub(super) recursion: Recursion,
    pub(super) world: World,
    pub(super) fresh: Fresh,
    pub(super) tables: Tables,
    pub(super) recursed: Recursed,
    /// How many negations the search stands in.
    pub(super) negations: u32,
    /// The failure of the first goal that had no meaning for its operands.
    pub(super) cause: Option<Failure>,
    nesting: u32,
    steps: u64,
    pub(super) printed: Vec<String>,
}

pub(super) fn fail<T>(kind: ErrorKind, message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::new(kind, message))
}

pub(super) fn host_failure(error: WorldError) -> Failure {
    let kind = match error.kind {
        arctos::HostErrorKind::NotIterable => ErrorKind::NotIterable,
        _ => ErrorKind::Host,
    };
    Failure::new(kind, error.message)
}

impl<'p> Solver<'p> {
    pub(super) fn new(program: &'p Program, world: &World, steps: u64) -> Self {
        Solver {
            program,
            recursion: Recursion::of(program, world.schema()),
            world: world.clone(),
            fresh: Fresh::default(),
            tables: Tables::default(),
            recursed: Recursed::default(),
            negations: 0,
            cause: None,
            nesting: 0,
            steps,
            printed: Vec::new(),
        }
    }

    /// The search for a query, and the query's variables.
    pub(super) fn start(&mut self, query: &'p Expr) -> (State<'p>, Rc<Frame<'p>>) {
        let frame = Rc::new(Frame { rule: None, names: RefCell::default(), totals: None });
        let mut state = State::default();
        let cut = Cut { height: 0, call: None, doubts: 0 };
        state.push(vec![Goal::Holds(query, Rc::clone(&frame), cut)]);
        (state, frame)
    }

    /// Visits every answer of a state, in order, until the visitor has had enough.
    pub(super) fn search(&mut self, start: State<'p>, visit: Visit<'_, 'p>) -> Result<(), Failure> {
        self.nesting += 1;
        if self.nesting > DEEPEST {
            return fail(ErrorKind::Exhausted(Limit::Depth), "negations or tables too deep");
        }
        let before = start.waiting.clone();
        let mut choices = vec![start];
        while let Some(mut state) = choices.pop() {
            self.steps = match self.steps.checked_sub(1) {
                Some(left) => left,
                None => return fail(ErrorKind::Exhausted(Limit::Steps), "too many steps"),
            };
            state.wake();
            if !self.waiting_types_agree(&state)? {
                continue;
            }
            state.rule_of = None;
            match state.next_goal() {
                None => match self.settled(&before, &state)? {
                    Some(more) => choices.extend(more.into_iter().rev()),
                    None => {
                        if visit(self, state)?.is_break() {
                            break;
                        }
                    }
                },
                Some(goal) => self.reach(goal, state, &mut choices)?,
            }
        }
        self.nesting -= 1;
        Ok(())
    }

    /// Does one goal: pushes the states that come of it, the one to be tried first last.
    fn reach(
        &mut self,
        goal: Rc<Goal<'p>>,
        mut state: State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let holds = match &*goal {
            Goal::Holds(expr, frame, cut) => return self.hold(expr, frame, *cut, state, choices),
            Goal::Call(name, args, true) => return self.call_tabled(name, args, &state, choices),
            Goal::Call(name, args, false) => return self.call(name, args, &state, choices),
            Goal::In(item, items) => return self.member(&goal, item, items, state, choices),
            Goal::Lookup(object, key, result) => {
                return self.lookup(&goal, (object, key, result), state, choices);
            }
            Goal::Truth(term) => self.truth(&mut state, term)?,
            Goal::Unify(left, right) => self.unify(&mut state.bindings, left, right)?,
            Goal::Assign(variable, value) => self.assign(&mut state, variable, value)?,
            Goal::Compare(op, left, right) => self.compare(&goal, *op, left, right, &mut state)?,
            Goal::Arithmetic(op, left, right, result) => {
                self.arithmetic(&goal, *op, (left, right, result), &mut state, choices)?
            }
            Goal::Invoke(object, method, result) => {
                self.invoke((object, method, result), &mut state, choices)?
            }
            Goal::Construct(class, result) => self.construct(class, result, &mut state)?,
            Goal::Matches(term, shape) => self.matches(&mut state, term, shape)?,
            Goal::OfType(term, wanted) => self.is_of_type(&mut state, term, wanted)?,
            Goal::Not(negated, frame) | Goal::Postponed(negated, frame) => {
                self.negation(*negated, frame, &mut state)?
            }
            Goal::AsIs(negated, frame) => self.denied(*negated, frame, &mut state)?,
            Goal::Print(terms) => self.print(&state, terms),
            Goal::Doubt => return Err(self.undecided(&state)),
            Goal::Left(..) | Goal::Answered(_) => true,
            Goal::Raise(message) => return fail(ErrorKind::Host, message),
        };
        if holds {
            choices.push(state);
        }
        Ok(())
    }

    /// A condition as written becomes goals.
    fn hold(
        &mut self,
        expr: &'p Expr,
        frame: &Rc<Frame<'p>>,
        cut: Cut,
        mut state: State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let part = |expr: &'p Expr| Goal::Holds(expr, Rc::clone(frame), cut);
        match &expr.kind {
            ExprKind::And(parts) => state.push(parts.iter().map(part).collect()),
            ExprKind::Or(parts) => {
                let mut open = Vec::new();
                each_name(expr, &mut |_, name| {
                    if self.world.constant(name).is_none() {
                        state.bindings.unbound(&frame.variable(name, &self.fresh), &mut open);
                    }
                });
                for alternative in parts.iter().rev() {
                    let mut state = state.clone();
                    let end = Goal::Left(state.bindings.clone(), open.clone());
                    state.push(vec![part(alternative), end]);
                    choices.push(state);
                }
                return Ok(());
            }
            ExprKind::Not(goal) => state.push(vec![Goal::Not(Negated::Goal(goal), Rc::clone(frame))]),
            ExprKind::ForAll(condition, action) => {
                state.push(vec![Goal::Not(Negated::ForAll(condition, action), Rc::clone(frame))]);
            }
            ExprKind::Cut if state.doubts() > cut.doubts => cut_in_doubt(choices, cut),
            ExprKind::Cut => choices.truncate(cut.height),
            ExprKind::Debug(_) => {}
            _ => {
                let goals = self.rewrite(expr, frame)?;
                state.push(goals);
            }
        }
        choices.push(state);
        Ok(())
    }

    fn truth(&mut self, state: &mut State<'p>, term: &Term) -> Result<bool, Failure> {
        match state.bindings.resolve(term) {
            Term::Boolean(truth) => Ok(truth),
            Term::Variable(_) => self.unify(&mut state.bindings, term, &Term::Boolean(true)),
            other => {
                let message = format!("`{}` is neither true nor false", self.show(state, &other));
                self.unknown(state, Failure::new(ErrorKind::Type, message))
            }
        }
    }

    fn assign(&mut self, state: &mut State<'p>, variable: &Term, value: &Term) -> Result<bool, Failure> {
        match (state.bindings.resolve(variable), state.bindings.resolve(value)) {
            (Term::Variable(a), Term::Variable(b)) if a == b => Ok(true),
            (Term::Variable(free), _) if !state.bindings.is_aliased(free) && !state.is_awaited(free) => {
                self.unify(&mut state.bindings, variable, value)
            }
            _ => fail(ErrorKind::Type, "`:=` needs a variable that has no value yet"),
        }
    }

    fn member(
        &mut self,
        goal: &Rc<Goal<'p>>,
        item: &Term,
        items: &Term,
        mut state: State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let (known, rest): (Vec<Result<Term, String>>, _) = match state.bindings.resolve(items) {
            Term::Variable(variable) => {
                state.wait(Rc::clone(goal), vec![variable]);
                choices.push(state);
                return Ok(());
            }
            Term::List(known, rest) => {
                let (known, rest) = state.bindings.items(&known, rest.as_deref()).unwrap_or_default();
                (known.into_iter().map(Ok).collect(), rest)
            }
            Term::Dictionary(entries) => {
                let pair =
                    |(key, value): (&String, &Term)| Ok(Term::list(vec![Term::string(key), value.clone()]));
                (entries.iter().map(pair).collect(), None)
            }
            Term::String(text) => (text.chars().map(|c| Ok(Term::string(&c.to_string()))).collect(), None),
            Term::Nil => {
                let failure = Failure::new(ErrorKind::NotIterable, "`nil` has no items");
                let mut open = Vec::new();
                state.bindings.unbound(item, &mut open);
                if self.asks_for(&state, &open, &state.bindings) {
                    self.no_value(&mut state, choices, failure)?;
                } else {
                    self.unknown(&mut state, failure)?;
                }
                choices.push(state);
                return Ok(());
            }
            object @ (Term::Object(_) | Term::Class(_)) => {
                let object = state.bindings.value(&object);
                (self.world.items(&object).map_err(host_failure)?.iter().map(from_item).collect(), None)
            }
            other => {
                let shown = self.show(&state, &other);
                return fail(ErrorKind::Type, format!("`{shown}` has no items"));
            }
        };
        // The rest of a list that is not known yet comes last.
        if let Some(rest) = rest {
            let mut state = state.clone();
            state.push(vec![Goal::In(item.clone(), Term::Variable(rest))]);
            choices.push(state);
        }
        for one in known.into_iter().rev() {
            let mut state = state.clone();
            state.push(vec![one.map_or_else(Goal::Raise, |one| Goal::Unify(item.clone(), one))]);
            choices.push(state);
        }
        Ok(())
    }

    fn lookup(
        &mut self,
        goal: &Rc<Goal<'p>>,
        (object, key, result): (&Term, &Term, &Term),
        mut state: State<'p>,
        choices: &mut Vec<State<'p>>,
    ) -> Result<(), Failure> {
        let found = match (state.bindings.resolve(object), state.bindings.resolve(key)) {
            (Term::Variable(variable), _) => {
                state.wait(Rc::clone(goal), vec![variable]);
                choices.push(state);
                return Ok(());
            }
            (Term::Boolean(_), _) => return fail(ErrorKind::Type, "truth values have no attributes"),
            (Term::Dictionary(entries), Term::Variable(_)) => {
                for (name, value) in entries.iter().rev() {
                    let mut state = state.clone();
                    state.push(vec![
                        Goal::Unify(key.clone(), Term::string(name)),
                        Goal::Unify(result.clone(), value.clone()),
                    ]);
                    choices.push(state);
                }
                return Ok(());
            }
            (Term::Dictionary(entries), Term::String(name)) => match entries.get(&*name) {
                Some(value) => value.clone(),
                None => return Ok(()),
            },
            (Term::Entity(class, id), Term::String(name)) => self.given(&class, &id, &name)?,
            (other, Term::String(name)) => {
                let object = state.bindings.value(&other);
                match self.world.attribute(&object, &name).map_err(host_failure) {
                    Ok(value) => from_value(&value),
                    Err(failure) if other.is_nil() => {
                        self.no_value(&mut state, choices, failure)?;
                        choices.push(state);
                        return Ok(());
                    }
                    Err(failure) => return Err(failure),
                }
            }
            _ => return fail(ErrorKind::Type, "an attribute's name is a string"),
        };
        if self.unify(&mut state.bindings, result, &found)? {
            choices.push(state);
        }
        Ok(())
    }

    fn invoke(
        &mut self,
        (object, method, result): (&Term, &Invocation<'p>, &Term),
        state: &mut State<'p>,
        choices: &mut [State<'p>],
    ) -> Result<bool, Failure> {
        match state.bindings.resolve(object) {
            Term::Variable(_) => {
                return fail(ErrorKind::Unsupported, "a method needs an object that is known");
            }
            Term::Boolean(_) => return fail(ErrorKind::Type, "truth values have no methods"),
            Term::Entity(..) => return fail(ErrorKind::Unsupported, "an entity has no methods"),
            _ => {}
        }
        let object = state.bindings.value(object);
        let (args, words) = arguments(state, method);
        let value = match self.world.call(&object, method.name, &args, &words).map_err(host_failure) {
            Err(failure) if object == Value::Nil => return self.no_value(state, choices, failure),
            value => value?,
        };
        self.unify(&mut state.bindings, result, &from_value(&value))
    }

    fn construct(
        &mut self,
        class: &Invocation<'p>,
        result: &Term,
        state: &mut State<'p>,
    ) -> Result<bool, Failure> {
        let Some(id) = self.world.schema().class(class.name) else {
            return fail(ErrorKind::UnregisteredClass, format!("`{}` is not registered", class.name));
        };
        let (args, words) = arguments(state, class);
        let value = self.world.construct(id, &args, words).map_err(host_failure)?;
        self.unify(&mut state.bindings, result, &from_value(&value))
    }

    fn print(&mut self, state: &State<'p>, terms: &[Term]) -> bool {
        let mut renderer = Renderer::new(&self.world);
        let shown: Vec<String> =
            terms.iter().map(|term| renderer.render(&state.bindings.value(term))).collect();
        self.printed.push(shown.join(", "));
        true
    }

    /// A term as messages show it.
    pub(super) fn show(&self, state: &State<'p>, term: &Term) -> String {
        Renderer::new(&self.world).render(&state.bindings.value(term))
    }
}

fn from_item(item: &Value) -> Result<Term, String> {
    match item {
        Value::Raise(message) => Err(message.clone()),
        item => Ok(from_value(item)),
    }
}

fn arguments<'p>(state: &State<'p>, call: &Invocation<'p>) -> (Vec<Value>, BTreeMap<String, Value>) {
    let args = call.args.iter().map(|arg| state.bindings.value(arg)).collect();
    let words = call.words.iter().map(|(key, arg)| ((*key).to_owned(), state.bindings.value(arg))).collect();
    (args, words)
}
