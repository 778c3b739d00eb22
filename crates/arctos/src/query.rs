//! Asking a policy.

use std::sync::Arc;

use arctos_syntax::{Diagnostic, Sources, Span, tree};
use rustc_hash::FxHashMap;

use crate::authorizer::Request;
use crate::error::{Error, ErrorKind};
use crate::eval::{Context, Evaluation, Machine, Mode, answers_later};
use crate::explain::{Asker, Explanation, Extent, explain_terms};
use crate::facts::{FactView, Facts};
use crate::heap::{Cell, Heap, Term, TextId, Variable};
use crate::host::{Host, HostError, Ticket};
use crate::ir::{self, Code, Goal, PredicateId, Slot, Span32};
use crate::limits::Limits;
use crate::link::Link;
use crate::observe::Observer;
use crate::policy::Policy;
use crate::symbol::Symbol;

/// One question to a policy, with all its mutable state. Not shared between threads; make one per question.
///
/// ```
/// # use arctos::{Policy, Schema, Sources};
/// # fn f<H: arctos::Host>(policy: &Policy, host: H, object: H::Object) -> Result<bool, arctos::Error> {
/// let mut query = arctos::Query::new(policy, host);
/// let actor = query.heap().object(object);
/// let action = query.heap().string("read");
/// let resource = query.variable("resource");
/// query.ask("allow", &[actor, action, resource])?;
/// while let Some(answer) = query.next()? {
///     println!("{:?}", answer.get("resource"));
/// }
/// # Ok(true) }
/// ```
pub struct Query<H: Host, O: Observer = ()> {
    policy: Policy,
    host: H,
    observer: O,
    heap: Heap<H::Object>,
    machine: Machine<H::Object>,
    limits: Limits,
    /// The question's own goals.
    code: Code,
    /// Its variables, in order of first appearance, with the cells that stand for them.
    names: Vec<(String, Cell)>,
    bindings: Vec<(String, Bound)>,
    /// Variables that the question passes to rules.
    passed: Vec<Cell>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unasked,
    Running,
    Over,
}

/// The variables that these goals pass to rules.
fn passed_by(code: &Code, goals: Span32, env: Variable) -> Vec<Cell> {
    let mut passed = Vec::new();
    for goal in code.goals.get(goals.range()).unwrap_or(&[]) {
        let Goal::Call(_, args) = goal else { continue };
        for operand in code.operands.get(args.range()).unwrap_or(&[]) {
            if let ir::Operand::Slot(slot) = operand {
                passed.push(Cell::Variable(Variable(env.0 + slot.0)));
            }
        }
    }
    passed
}

/// The predicate that a question asks for; `None` where there are such rules with other numbers of parameters only.
pub(crate) fn predicate_of(policy: &Policy, rule: &str, arity: u32) -> Result<Option<PredicateId>, Error> {
    let program = &policy.0;
    let name = program.symbols.get(rule);
    let predicate = name.and_then(|name| program.by_name.get(&(name, arity))).copied();
    if predicate.is_none() && !name.is_some_and(|name| program.defined.contains(&name)) {
        let near = arctos_syntax::suggest::near(rule, policy.rules().map(|(_, rule)| rule.name));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(Error::new(ErrorKind::UndefinedRule, format!("there is no rule `{rule}`{hint}")));
    }
    Ok(predicate)
}

/// Writes the call of a predicate as a question's only goal; where its variables begin.
pub(crate) fn pose<O>(
    code: &mut Code,
    heap: &mut Heap<O>,
    predicate: PredicateId,
    arguments: &[Term],
) -> Variable {
    let arity = arguments.len() as u32;
    let env = heap.fresh(arity);
    for (offset, argument) in (0..).zip(arguments) {
        heap.initialise(Variable(env.0 + offset), argument.0);
    }
    code.operands.clear();
    code.operands.extend((0..arity).map(|slot| ir::Operand::Slot(Slot(slot))));
    code.goals.clear();
    code.goals.push(Goal::Call(predicate, Span32 { start: 0, len: arity }));
    code.spans.clear();
    code.spans.push(Span::default());
    env
}

/// Interns a question's texts on its heap, each once.
struct QuestionTexts<'h, O> {
    heap: &'h mut Heap<O>,
    seen: FxHashMap<String, Symbol>,
}

impl<O> ir::Interner for QuestionTexts<'_, O> {
    fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.seen.get(text) {
            return *symbol;
        }
        let symbol = Symbol(self.heap.text_id(text).0);
        self.seen.insert(text.to_owned(), symbol);
        symbol
    }
}

/// What a query does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is an answer: see [`Query::answer`].
    Answer,
    /// The host will answer later: bring the reply with [`Query::resume`].
    Need(Ticket),
    /// The step budget is used up; call again to go on.
    Paused,
    /// There are no more answers.
    Done,
}

/// A reply that came later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resumed {
    /// Of an attribute, call, construction or constant.
    Term(Term),
    /// Of a comparison.
    Truth(bool),
    /// Of an iteration; `None` at its end.
    Item(Option<Term>),
}

/// What a variable of the question stands for in an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A value, or an unbound variable.
    Term(Term),
    /// Unbound, but these conditions must hold of it (`_this` stands for it).
    Condition(Expression),
}

/// What must still hold of unbound variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The operator by its traditional name: `And`, `Or`, `Not`, `Unify`, `Eq`, `Neq`, `Lt`, `Leq`, `Gt`, `Geq`, `In`,
    /// `Isa`, `Dot`, `Add`, `Sub`, `Mul`, `Div`, `Mod`, `Rem`.
    pub op: &'static str,
    /// Its operands.
    pub args: Vec<Operand>,
}

/// An operand of an [`Expression`].
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A value, or a variable by its term.
    Term(Term),
    /// The variable that the expression is about (`_this`).
    This,
    /// A nested expression.
    Expression(Expression),
    /// The class of an `Isa`, with fields it asks for.
    Pattern {
        /// The class's name; `None` for a dictionary pattern.
        class: Option<String>,
        /// Fields and what they are unified with.
        fields: Vec<(String, Operand)>,
    },
}

/// One answer of a query.
pub struct Answer<'q, O> {
    heap: &'q Heap<O>,
    bindings: &'q [(String, Bound)],
}

impl<'q, O> Answer<'q, O> {
    /// The heap its terms belong to.
    pub fn heap(&self) -> &'q Heap<O> {
        self.heap
    }

    /// What a variable stands for; `None` for a name that the question does not have.
    pub fn get(&self, name: &str) -> Option<&'q Bound> {
        self.bindings.iter().find(|(key, _)| key == name).map(|(_, bound)| bound)
    }

    /// The question's variables that the answer says something about, in order of first appearance, except those that
    /// begin with `_`.
    pub fn iter(&self) -> impl Iterator<Item = (&'q str, &'q Bound)> + use<'q, O> {
        self.bindings.iter().map(|(key, bound)| (&**key, bound))
    }
}

impl<H: Host> Query<H> {
    /// A question to come.
    pub fn new(policy: &Policy, host: H) -> Self {
        Query::observed(policy, host, ())
    }
}

impl<H: Host, O: Observer> Query<H, O> {
    /// A question to come, watched.
    pub fn observed(policy: &Policy, host: H, observer: O) -> Self {
        Query {
            policy: policy.clone(),
            host,
            observer,
            heap: Heap::new(Arc::clone(policy.symbols())),
            machine: Machine::new(),
            limits: Limits::default(),
            code: Code::default(),
            names: Vec::new(),
            bindings: Vec::new(),
            passed: Vec::new(),
            state: State::Unasked,
        }
    }

    /// Sets the limits; before the question is asked.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Gives the facts that the question is about, with those of the request itself; before terms are made. A policy that
    /// was loaded without [`Schema::enable_facts`](crate::Schema::enable_facts) asks none of them.
    pub fn set_facts(&mut self, view: FactView) {
        self.heap.store.link = Some(Box::new(Link::new(&self.policy.0, view)));
    }

    /// Gives facts and what a request brings besides them; before terms are made, and instead of [`Query::set_facts`].
    ///
    /// # Errors
    /// As [`Authorizer::checks`](crate::Authorizer::checks).
    pub fn set_request(&mut self, facts: &Facts, request: &Request<'_>) -> Result<(), Error> {
        let mut link = Link::new(&self.policy.0, facts.view());
        link.take(&self.policy, request)?;
        self.heap.store.link = Some(Box::new(link));
        Ok(())
    }

    /// Gives `@current_unix_time`, in seconds; after [`Query::set_facts`]. A policy that asks for it and does not get it
    /// ends with [`ErrorKind::NotGiven`].
    pub fn set_unix_time(&mut self, seconds: i64) {
        if let Some(link) = &mut self.heap.store.link {
            link.unix_time = Some(seconds);
        }
    }

    /// The policy that is asked.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The heap on which arguments are made.
    pub fn heap(&mut self) -> &mut Heap<H::Object> {
        &mut self.heap
    }

    /// The host and the heap together, for hosts that convert values.
    pub fn host_and_heap(&mut self) -> (&mut H, &mut Heap<H::Object>) {
        (&mut self.host, &mut self.heap)
    }

    /// The host.
    pub fn host(&mut self) -> &mut H {
        &mut self.host
    }

    /// The observer.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// How many steps it has taken.
    pub(crate) fn steps(&self) -> u64 {
        self.machine.steps()
    }

    /// The observer, with what it has seen.
    pub(crate) fn into_observer(self) -> O {
        self.observer
    }

    /// A variable of the question, to be passed as an argument; the same name gives the same variable.
    pub fn variable(&mut self, name: &str) -> Term {
        if let Some((_, cell)) = self.names.iter().find(|(known, _)| known == name) {
            return Term(*cell);
        }
        let term = self.heap.variable();
        self.names.push((name.to_owned(), term.0));
        term
    }

    /// Asks for a rule. May be called once.
    ///
    /// # Errors
    /// [`ErrorKind::UndefinedRule`] where the policy has no rule of that name.
    pub fn ask(&mut self, rule: &str, arguments: &[Term]) -> Result<(), Error> {
        self.begin()?;
        let Some(predicate) = predicate_of(&self.policy, rule, arguments.len() as u32)? else {
            self.state = State::Over;
            return Ok(());
        };
        self.passed.extend(arguments.iter().map(|argument| argument.0));
        let env = pose(&mut self.code, &mut self.heap, predicate, arguments);
        self.machine.start(&self.policy.0, Span32 { start: 0, len: 1 }, env);
        Ok(())
    }

    /// Asks a query in text, with some of its variables already bound. May be called once, instead of [`Query::ask`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a text that is not a well-formed query.
    pub fn ask_text(&mut self, text: &str, bindings: &[(&str, Term)]) -> Result<(), Error> {
        let mut sources = Sources::default();
        let source = sources.add(None, text);
        let parsed = arctos_syntax::parse_query(source, text);
        let tree = match parsed.tree {
            Some(tree) if !parsed.diagnostics.iter().any(Diagnostic::is_error) => tree,
            _ => return Err(Error::invalid(parsed.diagnostics, sources)),
        };
        let mut found = Vec::new();
        crate::sema::question(&tree, self.policy.schema(), &mut found);
        if found.iter().any(Diagnostic::is_error) {
            return Err(Error::invalid(found, sources));
        }
        self.ask_expression(&tree, bindings)
    }

    /// Asks a query that has been checked, as [`Query::ask_text`] does.
    pub(crate) fn ask_expression(
        &mut self,
        tree: &tree::Expr,
        bindings: &[(&str, Term)],
    ) -> Result<(), Error> {
        self.begin()?;
        let mut interner = QuestionTexts { heap: &mut self.heap, seen: FxHashMap::default() };
        let (code, goals, slots) = ir::lower_question(&self.policy.0, &mut interner, tree);
        let env = self.heap.fresh(slots.len() as u32);
        for (offset, name) in (0..).zip(&slots) {
            let variable = Variable(env.0 + offset);
            let name = self.heap.text(TextId(name.0)).to_owned();
            if let Some((_, term)) = bindings.iter().find(|(bound, _)| *bound == name) {
                self.heap.initialise(variable, term.0);
            }
            if name != "_" {
                self.names.push((name, Cell::Variable(variable)));
            }
        }
        self.passed = passed_by(&code, goals, env);
        self.code = code;
        self.machine.start(&self.policy.0, goals, env);
        Ok(())
    }

    /// Explains why a rule holds for these arguments, or what it would take, instead of asking for it: see [`crate::explain`]. The
    /// application is asked again and again, so its answers must not change meanwhile. Watches nothing.
    ///
    /// ```
    /// use arctos::explain::Extent;
    /// use arctos::{NoObjects, Policy, Query, Schema, Sources};
    ///
    /// let mut sources = Sources::default();
    /// sources.add(Some("p.polar"), r#"may("ann", action) if action in ["read", "write"];"#);
    /// let policy = Policy::load(&Schema::new(), sources)?;
    /// let mut query = Query::new(&policy, NoObjects);
    /// let arguments = [query.heap().string("ann"), query.heap().string("read")];
    /// let explanation = query.explain("may", &arguments, &Extent::default())?;
    /// assert!(explanation.to_text().contains(r#"action in ["read", "write"]: "read" in ["read", "write"]"#));
    /// # Ok::<(), arctos::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Query::ask`] and [`Query::decide`], and [`ErrorKind::Exhausted`] where the explanation takes more than the limits allow,
    /// though the decision may take less.
    pub fn explain(&mut self, rule: &str, arguments: &[Term], extent: &Extent) -> Result<Explanation, Error> {
        self.begin()?;
        self.state = State::Over;
        let Query { policy, host, heap, limits, .. } = self;
        explain_terms(Asker::new(policy, host, heap, limits), rule, arguments, extent)
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.state != State::Unasked {
            return Err(Error::new(
                ErrorKind::Misuse,
                "a query asks one question; make a new one for the next",
            ));
        }
        self.state = State::Running;
        if self.policy.schema().has_facts() && self.heap.link().is_none() {
            self.set_facts(Facts::new().view());
        }
        Ok(())
    }

    /// True when there is an answer; stops at the first that leaves no condition open.
    ///
    /// # Errors
    /// Whatever went wrong before an answer was found: the decision is then unknown.
    pub fn decide(&mut self) -> Result<bool, Error> {
        self.machine.set_mode(Mode::Decide);
        self.advance()
    }

    /// The next answer.
    ///
    /// # Errors
    /// Whatever went wrong; there are no answers after an error.
    #[expect(
        clippy::should_implement_trait,
        reason = "answers borrow from the query, which `Iterator` cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Answer<'_, H::Object>>, Error> {
        Ok(if self.advance()? { Some(self.answer()) } else { None })
    }

    /// Runs to the next answer, for hosts that never answer later.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            match self.step(u64::MAX)? {
                Step::Answer => return Ok(true),
                Step::Done => return Ok(false),
                Step::Paused => {}
                Step::Need(_) => {
                    self.state = State::Over;
                    return Err(answers_later());
                }
            }
        }
    }

    /// Goes on for at most `budget` steps: for drivers that wait for the host, or that must let others run.
    ///
    /// # Errors
    /// As [`Query::next`].
    pub fn step(&mut self, budget: u64) -> Result<Step, Error> {
        match self.state {
            State::Unasked => {
                return Err(Error::new(ErrorKind::Misuse, "the query has not been asked anything yet"));
            }
            State::Over => return Ok(Step::Done),
            State::Running => {}
        }
        let step = self.evaluation(|evaluation| evaluation.run(budget));
        let step = match step {
            Ok(Step::Answer) => self.collect().map(|()| Step::Answer),
            other => other,
        };
        if matches!(step, Ok(Step::Done) | Err(_)) {
            self.state = State::Over;
        }
        step
    }

    fn evaluation<R>(&mut self, f: impl FnOnce(&mut Evaluation<'_, H, O>) -> R) -> R {
        let cx = Context { program: &self.policy.0, question: &self.code, limits: &self.limits };
        f(&mut Evaluation {
            cx: &cx,
            m: &mut self.machine,
            heap: &mut self.heap,
            host: &mut self.host,
            observer: &mut self.observer,
        })
    }

    /// Reads the answer off the question's variables.
    fn collect(&mut self) -> Result<(), Error> {
        let names = std::mem::take(&mut self.names);
        let mut bindings = std::mem::take(&mut self.bindings);
        bindings.clear();
        let cells: Vec<Cell> = names.iter().map(|(_, cell)| *cell).collect();
        let outcome = self.evaluation(|evaluation| {
            evaluation.refuse_undecided(&cells)?;
            for (name, cell) in names.iter().filter(|(name, _)| !name.starts_with('_')) {
                let alone = evaluation.heap.resolve(*cell) == *cell
                    && names.iter().filter(|(_, other)| evaluation.heap.resolve(*other) == *cell).count()
                        == 1;
                let bound = match evaluation.heap.resolve(*cell) {
                    Cell::Variable(variable) => match evaluation.condition_on(variable) {
                        Some(condition) => Bound::Condition(condition),
                        // The answer says nothing about this variable.
                        None if alone => continue,
                        None => Bound::Term(Term(Cell::Variable(variable))),
                    },
                    value => Bound::Term(Term(value)),
                };
                bindings.push((name.clone(), bound));
            }
            // An answer that leaves out a condition it depends on would look more certain than it is.
            let told = bindings.iter().any(|(_, bound)| matches!(bound, Bound::Condition(_)));
            if evaluation.is_settled() || (told && evaluation.can_be_told()) {
                Ok(())
            } else {
                Err(evaluation.undecided())
            }
        });
        self.names = names;
        self.bindings = bindings;
        outcome
    }

    /// The answer of the last [`Step::Answer`].
    pub fn answer(&self) -> Answer<'_, H::Object> {
        Answer { heap: &self.heap, bindings: &self.bindings }
    }

    /// The name of an unbound variable of the question, where a term is one.
    pub fn name_of(&self, variable: Variable) -> Option<&str> {
        let same = |cell: Cell| self.heap.resolve(cell) == Cell::Variable(variable);
        self.names.iter().find(|(_, cell)| same(*cell)).map(|(name, _)| &**name)
    }

    /// The named variables that the question itself passes to a rule, as `x` in `f(x) and y = 1`. An answer may say
    /// nothing about such a variable: then the rule holds whatever it is.
    pub fn passed(&self) -> impl Iterator<Item = &str> {
        let passed =
            self.names.iter().filter(|(name, cell)| !name.starts_with('_') && self.passed.contains(cell));
        passed.map(|(name, _)| &**name)
    }

    /// A term in Polar's notation, objects as the host describes them.
    pub fn show(&self, term: Term) -> String {
        crate::eval::show::show(&self.heap, &self.host, term.0)
    }

    /// Brings a reply that the host announced with [`Reply::Later`](crate::Reply::Later).
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] where that ticket is not awaited.
    pub fn resume(&mut self, ticket: Ticket, reply: Resumed) -> Result<(), Error> {
        if self.machine.resume(ticket, reply) {
            return Ok(());
        }
        Err(not_awaited())
    }

    /// Ends the query: in place of a reply that the host announced with [`Reply::Later`](crate::Reply::Later) there is an error. It comes back as that of a
    /// host that fails at once does, with the goals that were open.
    pub fn fail(&mut self, ticket: Ticket, error: HostError) -> Error {
        if self.machine.awaits() != Some(ticket) {
            return not_awaited();
        }
        self.state = State::Over;
        self.evaluation(|evaluation| evaluation.failed(error))
    }
}

#[cold]
fn not_awaited() -> Error {
    Error::new(ErrorKind::Misuse, "no reply is awaited under that ticket")
}
