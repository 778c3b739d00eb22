//! Explanations over facts alone: a policy, facts and a request, and the same with changes.

use std::convert::Infallible;

use crate::authorizer::{NoObjects, Request, term};
use crate::error::Error;
use crate::explain::answer::{Argument, Explanation, Goal};
use crate::explain::ask::{Asker, Called};
use crate::explain::explain;
use crate::explain::extent::Extent;
use crate::explain::search::Question;
use crate::facts::{Facts, ValueRef};
use crate::heap::Heap;
use crate::limits::Limits;
use crate::link::Link;
use crate::policy::Policy;
use crate::query::predicate_of;

/// What a question over facts is about.
#[derive(Clone, Copy)]
pub(crate) struct World<'w> {
    pub(crate) policy: &'w Policy,
    pub(crate) facts: &'w Facts,
    pub(crate) request: &'w Request<'w>,
    pub(crate) limits: &'w Limits,
}

impl World<'_> {
    pub(crate) fn explain(
        self,
        rule: &str,
        arguments: &[ValueRef<'_>],
        extent: &Extent,
    ) -> Result<Explanation, Error> {
        for fact in self.request.facts {
            self.policy.check_fact(fact)?;
        }
        let mut heap = self.heap()?;
        let mut host = NoObjects;
        let args = arguments
            .iter()
            .map(|argument| Ok(Some(term(&mut heap, *argument)?.0)))
            .collect::<Result<Vec<_>, Error>>()?;
        let predicate = predicate_of(self.policy, rule, arguments.len() as u32)?;
        let mut asker = Asker::new(self.policy, &mut host, &mut heap, self.limits);
        let called = predicate.map(|predicate| Called { predicate, args });
        let Some(called) = called else { return Ok(Explanation::of_no_rule(rule)) };
        let goal = asker.goal(&called);
        explain(&mut asker, &called, extent, Some(Question { world: self, goal: &goal }))
    }

    /// True when a goal whose arguments are values holds.
    pub(super) fn holds(self, goal: &Goal) -> Result<bool, Error> {
        let mut heap = self.heap()?;
        let mut host = NoObjects;
        let mut asker = Asker::new(self.policy, &mut host, &mut heap, self.limits);
        let mut args = Vec::with_capacity(goal.arguments.len());
        for argument in &goal.arguments {
            args.push(match argument {
                Argument::Value(value) => Some(asker.cell(value.as_ref())?),
                _ => None,
            });
        }
        match predicate_of(self.policy, &goal.predicate, args.len() as u32)? {
            Some(predicate) => asker.holds(&Called { predicate, args }),
            None => Ok(false),
        }
    }

    /// A heap that sees the facts.
    pub(super) fn heap(self) -> Result<Heap<Infallible>, Error> {
        let mut link = Link::new(&self.policy.0, self.facts.view());
        link.take(self.policy, self.request)?;
        let mut heap = Heap::new(self.policy.symbols().clone());
        heap.store.link = Some(Box::new(link));
        Ok(heap)
    }
}
