//! Asking a policy.

use crate::error::Error;
use crate::heap::{Heap, Term};
use crate::host::{Host, Ticket};
use crate::limits::Limits;
use crate::observe::Observer;
use crate::policy::Policy;

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
    host: H,
    observer: O,
    heap: Heap<H::Object>,
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

    /// The question's variables in order of first appearance, except those that begin with `_`.
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
        let _ = (policy, host, observer);
        unimplemented!()
    }

    /// Sets the limits; before the question is asked.
    pub fn set_limits(&mut self, limits: Limits) {
        let _ = limits;
        unimplemented!()
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

    /// A variable of the question, to be passed as an argument; the same name gives the same variable.
    pub fn variable(&mut self, name: &str) -> Term {
        let _ = name;
        unimplemented!()
    }

    /// Asks for a rule. May be called once.
    ///
    /// # Errors
    /// [`ErrorKind::UndefinedRule`](crate::ErrorKind::UndefinedRule) where the policy has no rule of that name.
    pub fn ask(&mut self, rule: &str, arguments: &[Term]) -> Result<(), Error> {
        let _ = (rule, arguments);
        unimplemented!()
    }

    /// Asks a query in text, with some of its variables already bound. May be called once, instead of [`Query::ask`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a text that is not a well-formed query.
    pub fn ask_text(&mut self, text: &str, bindings: &[(&str, Term)]) -> Result<(), Error> {
        let _ = (text, bindings);
        unimplemented!()
    }

    /// True when there is an answer; stops at the first.
    ///
    /// # Errors
    /// Whatever went wrong before an answer was found: the decision is then unknown.
    pub fn decide(&mut self) -> Result<bool, Error> {
        unimplemented!()
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
        unimplemented!()
    }

    /// Goes on for at most `budget` steps: for drivers that wait for the host, or that must let others run.
    ///
    /// # Errors
    /// As [`Query::next`].
    pub fn step(&mut self, budget: u64) -> Result<Step, Error> {
        let _ = budget;
        unimplemented!()
    }

    /// The answer of the last [`Step::Answer`].
    pub fn answer(&self) -> Answer<'_, H::Object> {
        unimplemented!()
    }

    /// Brings a reply that the host announced with [`Reply::Later`](crate::Reply::Later).
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`](crate::ErrorKind::Misuse) where that ticket is not awaited.
    pub fn resume(&mut self, ticket: Ticket, reply: Resumed) -> Result<(), Error> {
        let _ = (ticket, reply);
        unimplemented!()
    }
}
