//! Closed questions of one request, one after the other.

use std::convert::Infallible;

use super::{Authorizer, NoObjects, Request};
use crate::decider::Decider;
use crate::error::Error;
use crate::facts::ValueRef;
use crate::heap::{Heap, Term};
use crate::limits::Limits;
use crate::link::no_argument;
use crate::parked::{self, Kept, Parked};

/// So many arguments need no list.
const FEW: usize = 4;

/// Checks of one request; see [`Authorizer::checks`].
#[derive(Debug)]
pub struct Checks<'a> {
    limits: &'a Limits,
    /// Taken when the checks end.
    parked: Option<(Decider<Infallible>, Option<Box<Kept>>)>,
}

impl<'a> Checks<'a> {
    /// Begins checks of a request with this thread's decider for the policy.
    pub(super) fn begin(authorizer: &'a Authorizer, request: &Request<'_>) -> Result<Self, Error> {
        let parked = parked::take(authorizer.policy.address());
        let Parked { decider, rust } = parked.unwrap_or_else(|| Parked::new(&authorizer.policy));
        let mut decider = decider.recycle();
        let ready = decider.set_facts(&authorizer.facts, request);
        let checks = Checks { limits: &authorizer.limits, parked: Some((decider, rust)) };
        ready.map(|()| checks)
    }

    /// As [`Authorizer::check`].
    ///
    /// # Errors
    /// As there. The checks that follow are not affected.
    pub fn check(&mut self, rule: &str, arguments: &[ValueRef<'_>]) -> Result<bool, Error> {
        let Some((decider, _)) = &mut self.parked else { return Ok(false) };
        let heap = decider.heap();
        // PERF: most questions have few arguments, and need no list of them.
        let mut few = [heap.nil(); FEW];
        let mut many = Vec::new();
        let terms = match few.get_mut(..arguments.len()) {
            Some(few) => few,
            None => {
                many.resize(arguments.len(), heap.nil());
                many.as_mut_slice()
            }
        };
        for (slot, argument) in terms.iter_mut().zip(arguments) {
            *slot = term(heap, *argument)?;
        }
        decider.decide_in_turn(&mut NoObjects, rule, terms, self.limits)
    }
}

impl Drop for Checks<'_> {
    fn drop(&mut self) {
        if let Some((mut decider, rust)) = self.parked.take() {
            decider.clear();
            parked::park(Parked { decider: decider.recycle(), rust });
        }
    }
}

/// An argument on the heap.
pub(crate) fn term(heap: &mut Heap<Infallible>, value: ValueRef<'_>) -> Result<Term, Error> {
    Ok(match value {
        ValueRef::Entity { type_name, id } => heap.entity(type_name, id)?,
        ValueRef::String(text) => heap.string(text),
        ValueRef::Integer(value) => heap.integer(value),
        ValueRef::Boolean(value) => heap.boolean(value),
        ValueRef::Any(_) => return Err(no_argument(value)),
    })
}
