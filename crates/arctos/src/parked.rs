//! What a thread keeps: deciders that wait for its next question, and how many questions it has open.
//!
//! INVARIANT: a parked decider holds no value of any question. What one decision leaves for the next is capacity, and
//! plans that depend on the policy alone; and of facts the snapshot, which the thread's next question most often is about too.
//! A decision that panics leaves nothing.

use std::cell::{Cell, RefCell};

use crate::rust::Object;
use crate::{Decider, Error, ErrorKind, Limit, Policy};

/// Deciders kept for one thread: as many as it uses policies, and questions inside questions.
const KEPT: usize = 8;

/// Questions inside one another: a method that a question calls may ask the next. Each needs a part of the thread's stack,
/// which nobody can ask for its size.
const NESTED: u32 = 32;

thread_local! {
    static PARKED: RefCell<Vec<Decider<Object<'static>>>> = const { RefCell::new(Vec::new()) };
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
