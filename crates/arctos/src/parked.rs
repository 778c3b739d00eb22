//! Deciders that wait for their thread's next question.
//!
//! INVARIANT: a parked decider holds no value of any question. What one decision leaves for the next is capacity, and
//! plans that depend on the policy alone; and of facts the snapshot, which the thread's next question most often is about too.

use std::cell::RefCell;
use std::sync::Arc;

use crate::rust::{Loaded, Object, Searches};
use crate::{Decider, Policy};

/// Deciders kept for one thread: as many as it uses policies, and questions inside questions.
const KEPT: usize = 8;

thread_local! {
    static PARKED: RefCell<Vec<Parked>> = const { RefCell::new(Vec::new()) };
}

/// A decider that is at nobody's service.
pub(crate) struct Parked {
    pub(crate) decider: Decider<Object<'static>>,
    /// For questions about Rust objects.
    pub(crate) rust: Option<Box<Kept>>,
}

/// What a decider for Rust objects goes with, so that finding one is finding the other.
pub(crate) struct Kept {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) searches: Searches,
}

impl Kept {
    pub(crate) fn new(loaded: Arc<Loaded>) -> Box<Self> {
        Box::new(Kept { loaded, searches: Searches::new() })
    }
}

impl Parked {
    pub(crate) fn new(policy: &Policy) -> Self {
        Parked { decider: Decider::new(policy), rust: None }
    }

    /// True when nobody else holds the policy.
    fn is_last(&self) -> bool {
        match &self.rust {
            Some(kept) => Arc::strong_count(&kept.loaded) == 1,
            None => self.decider.policy().is_last(),
        }
    }
}

/// This thread's decider for the policy with that [address](crate::Policy::address), if it has one.
#[inline]
pub(crate) fn take(address: usize) -> Option<Parked> {
    let parked = PARKED.try_with(|parked| {
        let mut parked = parked.try_borrow_mut().ok()?;
        match parked.iter().rposition(|parked| parked.decider.policy().address() == address) {
            Some(place) => Some(parked.swap_remove(place)),
            None => {
                // A policy that has been replaced is not to be kept alive from here.
                parked.retain(|parked| !parked.is_last());
                None
            }
        }
    });
    parked.ok().flatten()
}

/// Keeps a decider for the next question.
#[inline]
pub(crate) fn park(decider: Parked) {
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
