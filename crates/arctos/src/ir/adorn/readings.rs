//! Readings that a policy keeps.

use std::sync::{Arc, Mutex, PoisonError};

use super::{BoundFirst, Shape};
use crate::ir::Program;

/// How many readings are kept, and how many bytes they take together; the last one is kept however large it is.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 32 << 20;

/// Readings by the questions they were made for, the latest last. `None` where a question cannot be read so.
type Kept = Vec<(Arc<Shape>, Option<Arc<BoundFirst>>)>;

/// The bound-first readings of a program that have been asked for: made when first needed, and shared by all threads.
#[derive(Debug, Default)]
pub(crate) struct Readings(Mutex<Kept>);

impl Readings {
    fn known(&self, shape: &Shape) -> Option<Option<Arc<BoundFirst>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(known, _)| **known == *shape)?;
        if place + 1 < kept.len() {
            let found = kept.remove(place);
            kept.push(found);
        }
        kept.last().map(|(_, reading)| reading.clone())
    }
}

impl Program {
    /// The bound-first reading for a question; `None` where there is none.
    pub(crate) fn bound_first(&self, shape: Shape) -> Option<Arc<BoundFirst>> {
        if let Some(reading) = self.readings.known(&shape) {
            return reading;
        }
        // Made outside the lock: two threads may make the same, and one of them is kept.
        let reading = BoundFirst::read(self, &shape).map(Arc::new);
        let mut kept = self.readings.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((Arc::new(shape), reading.clone()));
        let bytes =
            |(_, reading): &(_, Option<Arc<BoundFirst>>)| reading.as_ref().map_or(0, |kept| kept.bytes());
        let mut total: usize = kept.iter().map(bytes).sum();
        while kept.len() > 1 && (kept.len() > KEPT || total > KEPT_BYTES) {
            total -= bytes(&kept.remove(0));
        }
        reading
    }
}
