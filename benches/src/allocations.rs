//! Counts heap allocations and the bytes that stay, while asked to.
//!
//! An allocator of our own rather than `stats_alloc`: that one counts always, with atomic writes, which would slow down
//! the engines that allocate much and make threads wait for one another. Here, what is timed pays one relaxed load an
//! allocation and one when it is given back.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// The system's allocator, with a count.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes asked for, less those given back.
static BYTES: AtomicI64 = AtomicI64::new(0);

fn note(allocations: u64, asked: usize, given_back: usize) {
    if COUNTS.load(Relaxed) {
        ALLOCATIONS.fetch_add(allocations, Relaxed);
        BYTES.fetch_add(asked as i64 - given_back as i64, Relaxed);
    }
}

// SAFETY: every request goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size(), 0);
        // SAFETY: the caller keeps the contract, which is the system's own.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, 0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How often `work` asked the heap for memory (a `realloc` counts too), on all threads.
///
/// Always 0 in a program whose global allocator is not [`Counting`].
pub fn during(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.load(Relaxed);
    COUNTS.store(true, Relaxed);
    work();
    COUNTS.store(false, Relaxed);
    ALLOCATIONS.load(Relaxed) - before
}

/// What `work` makes, and by how many bytes the heap has more in use after it, on all threads.
///
/// Always 0 bytes in a program whose global allocator is not [`Counting`].
pub fn kept<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = BYTES.load(Relaxed);
    COUNTS.store(true, Relaxed);
    let made = work();
    COUNTS.store(false, Relaxed);
    (made, u64::try_from(BYTES.load(Relaxed) - before).unwrap_or(0))
}
