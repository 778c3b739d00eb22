//! One decision after the other, with the same buffers.

use crate::authorizer::Request;
use crate::error::Error;
use crate::eval::{Context, Evaluation, Machine, Room};
use crate::facts::Facts;
use crate::heap::{Heap, Term};
use crate::host::Host;
use crate::ir::{Code, PredicateId, Span32};
use crate::limits::Limits;
use crate::link::Link;
use crate::plan::{self, Plans, Question, Seen, State, Straight, Verdict};
use crate::policy::Policy;
use crate::query::{pose, predicate_of};

/// Decides questions to one policy, one after the other.
///
/// It keeps its buffers and what it has found out about the kinds of arguments that occur, so that after the first few
/// questions a decision allocates nothing. Answers are those of [`Query::decide`](crate::Query::decide). Not shared between threads: each
/// thread has its own.
///
/// ```
/// # use arctos::{Decider, Limits, Policy, Schema, Sources};
/// # fn f<H: arctos::Host>(policy: &Policy, mut host: H, user: H::Object) -> Result<(), arctos::Error> {
/// let mut decider = Decider::new(policy);
/// let actor = decider.heap().object(user);
/// let action = decider.heap().string("read");
/// let resource = decider.heap().string("the page");
/// let allowed = decider.decide(&mut host, "allow", &[actor, action, resource], &Limits::default())?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Decider<O> {
    heap: Heap<O>,
    core: Box<Core>,
}

/// All of a decider that has nothing to do with objects.
#[derive(Debug)]
struct Core {
    policy: Policy,
    plans: Plans,
    state: State,
    /// For what plans leave to the machine: its room, and the question's code.
    room: Room,
    code: Code,
    /// The rule that was asked for last.
    asked: Option<(Box<str>, u32, PredicateId)>,
}

/// A question that is put to a decider.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rule: &'a str,
    arguments: &'a [Term],
    limits: &'a Limits,
}

impl<O: Clone> Decider<O> {
    /// A decider for a policy.
    pub fn new(policy: &Policy) -> Self {
        let core = Core {
            policy: policy.clone(),
            plans: Plans::new(&policy.0),
            state: State::default(),
            room: Room::default(),
            code: Code::default(),
            asked: None,
        };
        Decider { heap: Heap::new(policy.symbols().clone()), core: Box::new(core) }
    }

    /// The policy that is asked.
    pub fn policy(&self) -> &Policy {
        &self.core.policy
    }

    /// The heap on which arguments are made. [`Decider::decide`] empties it.
    pub fn heap(&mut self) -> &mut Heap<O> {
        &mut self.heap
    }

    /// True when the rule has an answer for these arguments.
    ///
    /// # Errors
    /// As [`Query::ask`](crate::Query::ask) and [`Query::decide`](crate::Query::decide).
    pub fn decide<H: Host<Object = O>>(
        &mut self,
        host: &mut H,
        rule: &str,
        arguments: &[Term],
        limits: &Limits,
    ) -> Result<bool, Error> {
        let decision = self.decide_in_turn(host, rule, arguments, limits);
        self.clear();
        decision
    }

    /// As [`Decider::decide`], and remembers which recursive goals hold and which do not, for the decisions that follow up to
    /// [`Decider::clear`] or [`Decider::decide`]: for the questions of one request, between which no answer of the application
    /// changes and no object goes.
    ///
    /// The heap keeps its values meanwhile, except after an error or a question that took more than a plan: arguments are best made
    /// anew for each question.
    ///
    /// ```
    /// # use arctos::{Decider, Error, Host, Limits, Policy};
    /// /// Which of these folders she may read, each way up walked once.
    /// fn readable<H: Host<Object = u64>>(
    ///     policy: &Policy,
    ///     mut host: H,
    ///     user: u64,
    ///     folders: &[u64],
    /// ) -> Result<Vec<bool>, Error> {
    ///     let mut decider = Decider::new(policy);
    ///     let ask = |folder: &u64| {
    ///         let arguments = [decider.heap().object(user), decider.heap().string("read"), decider.heap().object(*folder)];
    ///         decider.decide_in_turn(&mut host, "allow", &arguments, &Limits::default())
    ///     };
    ///     folders.iter().map(ask).collect()
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Decider::decide`]. [`Limits`] are those of each question.
    pub fn decide_in_turn<H: Host<Object = O>>(
        &mut self,
        host: &mut H,
        rule: &str,
        arguments: &[Term],
        limits: &Limits,
    ) -> Result<bool, Error> {
        let asked = Asked { rule, arguments, limits };
        let decision = match self.plan(host, asked) {
            Verdict::Yes => return Ok(true),
            Verdict::No => return Ok(false),
            Verdict::Exhausted(error) | Verdict::Failed(error) => Err(error),
            Verdict::Undecided => self.ask(host, asked),
        };
        self.clear();
        decision
    }

    /// As [`Decider::decide`], where that is quickly done; `None` where a [`Query`](crate::Query) has to be asked, or `limits` were
    /// reached: for drivers that go on in slices.
    ///
    /// The query asks the application anew.
    ///
    /// ```
    /// # use arctos::{Decider, Error, Host, Limits, Policy, Query};
    /// /// What takes long is given to `later`, which is not in a hurry.
    /// fn active<H: Host<Object = u64>>(
    ///     policy: &Policy,
    ///     mut host: H,
    ///     user: u64,
    ///     later: impl FnOnce(Query<H>) -> Result<bool, Error>,
    /// ) -> Result<bool, Error> {
    ///     let mut decider = Decider::new(policy);
    ///     let actor = decider.heap().object(user);
    ///     let soon = Limits { steps: 10_000, ..Limits::default() };
    ///     if let Some(decision) = decider.attempt(&mut host, "active", &[actor], &soon) {
    ///         return decision;
    ///     }
    ///     let mut query = Query::new(policy, host);
    ///     let actor = query.heap().object(user);
    ///     query.ask("active", &[actor])?;
    ///     later(query)
    /// }
    /// ```
    ///
    /// # Errors
    /// The application's: as [`Query::decide`](crate::Query::decide). All others come from the query.
    pub fn attempt<H: Host<Object = O>>(
        &mut self,
        host: &mut H,
        rule: &str,
        arguments: &[Term],
        limits: &Limits,
    ) -> Option<Result<bool, Error>> {
        let decision = match self.plan(host, Asked { rule, arguments, limits }) {
            Verdict::Yes => Some(Ok(true)),
            Verdict::No => Some(Ok(false)),
            Verdict::Failed(error) => Some(Err(error)),
            Verdict::Exhausted(_) | Verdict::Undecided => None,
        };
        self.clear();
        decision
    }

    /// Forgets arguments that will not be asked about, and what [`Decider::decide_in_turn`] remembers.
    pub fn clear(&mut self) {
        if self.heap.is_roomy() || self.core.state.is_roomy() {
            self.give_back();
        }
        self.heap.clear();
        let Core { plans, state, .. } = &mut *self.core;
        state.forget();
        plans.trim(state);
    }

    /// Keeps no more than a usual decision needs.
    #[cold]
    fn give_back(&mut self) {
        self.heap.give_back();
        self.core.state = State::default();
    }

    fn plan<H: Host<Object = O>>(&mut self, host: &mut H, asked: Asked<'_>) -> Verdict {
        let Asked { rule, arguments, limits } = asked;
        self.core.state.started = None;
        let Some(predicate) = self.predicate(rule, arguments.len() as u32) else { return Verdict::Undecided };
        let Core { policy, plans, state, .. } = &mut *self.core;
        let question = Question { program: &policy.0, predicate, arguments, limits };
        plan::decide(question, plans, state, &mut self.heap, host)
    }

    /// Straight code for a rule and arguments of these kinds, where there is a plan for them.
    pub(crate) fn straight(&mut self, rule: &str, arguments: &[Seen<'_>]) -> Option<Straight> {
        let predicate = self.predicate(rule, arguments.len() as u32)?;
        let Core { policy, plans, .. } = &mut *self.core;
        plans.straight(&policy.0, predicate, arguments)
    }

    fn predicate(&mut self, rule: &str, arity: u32) -> Option<PredicateId> {
        if let Some((name, count, predicate)) = &self.core.asked
            && **name == *rule
            && *count == arity
        {
            return Some(*predicate);
        }
        let program = &self.core.policy.0;
        let predicate = *program.by_name.get(&(program.symbols.get(rule)?, arity))?;
        self.core.asked = Some((rule.into(), arity, predicate));
        Some(predicate)
    }

    /// Asks the machine.
    #[cold]
    fn ask<H: Host<Object = O>>(&mut self, host: &mut H, asked: Asked<'_>) -> Result<bool, Error> {
        let Asked { rule, arguments, limits } = asked;
        let Core { policy, code, room, state, .. } = &mut *self.core;
        let Some(predicate) = predicate_of(policy, rule, arguments.len() as u32)? else { return Ok(false) };
        let env = pose(code, &mut self.heap, predicate, arguments);
        let mut machine = Machine::within(std::mem::take(room));
        // The time that a plan has taken is the question's.
        machine.began(state.started);
        machine.start(&policy.0, Span32 { start: 0, len: 1 }, env);
        let cx = Context { program: &policy.0, question: code, limits };
        let heap = &mut self.heap;
        let decision = Evaluation { cx: &cx, m: &mut machine, heap, host, observer: &mut () }.decide();
        *room = machine.into_room();
        decision
    }

    /// Looks at these facts from now on, with the request's own: before arguments are made.
    ///
    /// # Errors
    /// [`ErrorKind::FactForm`](crate::ErrorKind::FactForm) for a fact that the policy cannot ask for,
    /// [`ErrorKind::Facts`](crate::ErrorKind::Facts) for one that facts do not take.
    pub(crate) fn set_facts(&mut self, facts: &Facts, request: &Request<'_>) -> Result<(), Error> {
        let program = &self.core.policy.0;
        let link = match &mut self.heap.store.link {
            Some(link) => {
                link.reset(program, facts);
                link
            }
            none => none.insert(Box::new(Link::new(program, facts.view()))),
        };
        link.take(&self.core.policy, request)
    }

    /// The same for other handles, of which there are none yet.
    ///
    /// INVARIANT: only between decisions, while the heap is empty.
    pub(crate) fn recycle<P>(self) -> Decider<P> {
        Decider { heap: self.heap.recycle(), core: self.core }
    }
}
