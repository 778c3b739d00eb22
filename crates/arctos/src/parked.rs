//! Deciders that wait for their thread's next question.
//!
//! INVARIANT: a parked decider holds no value of any question. What one decision leaves for the next is capacity, and
//! plans that depend on the policy alone; and of facts the snapshot, which the thread's next question most often is about too.

use std::cell::RefCell;

use crate::rust::Object;
use crate::{Decider, Policy};

/// Deciders kept for one thread: as many as it uses policies, and questions inside questions.
const KEPT: usize = 8;

thread_local! {
    static PARKED: RefCell<Vec<Decider<Object<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// A decider for `policy`, warm if this thread has used one before.
pub(crate) fn take<O: Clone>(policy: &Policy) -> Decider<O> {
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
    match parked.ok().flatten() {
        Some(decider) => decider.recycle(),
        None => Decider::new(policy),
    }
}

/// Keeps a decider for the next question.
pub(crate) fn park<O: Clone>(decider: Decider<O>) {
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
