//! Deciders that wait for their thread's next question.
//!
//! INVARIANT: a parked decider holds no value of any question. What one decision leaves for the next is capacity, and
//! plans that depend on the policy alone.

use std::cell::RefCell;

use crate::rust::object::Object;
use crate::{Decider, Policy};

/// Deciders kept for one thread: as many as it uses policies, and questions inside questions.
const KEPT: usize = 8;

thread_local! {
    static PARKED: RefCell<Vec<Decider<Object<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// A decider for `policy`, warm if this thread has used one before.
pub(super) fn take<'q>(policy: &Policy) -> Decider<Object<'q>> {
    let parked = PARKED.try_with(|parked| {
        let mut parked = parked.try_borrow_mut().ok()?;
        match parked.iter().rposition(|decider| decider.policy().is_same(policy)) {
            Some(place) => Some(parked.swap_remove(place)),
            None => {
                // A policy that has been replaced is not to be kept alive from here.
                parked.retain(|decider| !decider.policy().is_last());
                None
            }
        }
    });
    parked.ok().flatten().unwrap_or_else(|| Decider::new(policy))
}

/// Keeps a decider for the next question.
pub(super) fn park(decider: Decider<Object<'_>>) {
    let decider = decider.recycle();
    // While a thread ends there is nothing to keep it for.
    let _ = PARKED.try_with(|parked| {
        if let Ok(mut parked) = parked.try_borrow_mut() {
            if parked.len() >= KEPT {
                parked.remove(0);
            }
            parked.push(decider);
        }
    });
}
