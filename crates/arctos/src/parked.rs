//! What a thread keeps: deciders that wait for its next question, and how many questions it has open.
//!
//! INVARIANT: a parked decider holds no value of any question. What one decision leaves for the next is capacity, and
//! plans that depend on the policy alone; and of facts the snapshot, which the thread's next question most often is about too.
//! A decision that panics leaves no more than that: most often nothing, since its decider goes with it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;

use crate::rust::{Loaded, Looks, Object, Searches};
use crate::{Decider, Error, ErrorKind, Limit, Policy};

/// Deciders kept for one thread: as many as it uses policies, and questions inside questions.
const KEPT: usize = 8;

/// Questions inside one another: a method that a question calls may ask the next. Each needs a part of the thread's stack,
/// which nobody can ask for its size.
const NESTED: u32 = 32;

thread_local! {
    static PARKED: RefCell<Vec<Parked>> = const { RefCell::new(Vec::new()) };
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

/// A question is open as long as this lives.
pub(crate) struct Open(());

/// Opens a question that may call the application.
///
/// # Errors
/// Where too many are open: they are asked inside one another without end.
pub(crate) fn open() -> Result<Open, Error> {
    let open = OPEN.get();
    if open >= NESTED {
        let message = format!("questions were asked inside one another deeper than {NESTED}");
        return Err(Error::new(ErrorKind::Exhausted(Limit::Depth), message));
    }
    OPEN.set(open + 1);
    Ok(Open(()))
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.set(OPEN.get().saturating_sub(1));
    }
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
    pub(crate) looks: Looks,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Kept {
    pub(crate) fn new(loaded: Arc<Loaded>) -> Box<Self> {
        Box::new(Kept { loaded, searches: Searches::new(), looks: Looks::default() })
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

/// Does something with this thread's decider for the policy with that address where it is parked, if there is one. A question
/// that is asked meanwhile finds none.
#[inline]
pub(crate) fn with<R>(address: usize, f: impl FnOnce(&mut Parked) -> Option<R>) -> Option<R> {
    let done = PARKED.try_with(|parked| {
        let mut parked = parked.try_borrow_mut().ok()?;
        f(parked.iter_mut().rfind(|parked| parked.decider.policy().address() == address)?)
    });
    done.ok().flatten()
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
