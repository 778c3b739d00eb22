//! A revision for facts that come from files.
//!
//! Each run of the command line reads the files anew, so that a count of batches would be the same whatever they hold.

use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};

/// A digest of what was read.
#[derive(Default)]
pub(super) struct Digest(DefaultHasher);

impl Digest {
    /// A revision above 0.
    pub(super) fn revision(&self) -> u64 {
        self.0.finish().max(1)
    }
}

/// A reader that takes part in a digest.
pub(super) struct Digesting<'d, R> {
    input: R,
    digest: &'d mut Digest,
}

impl<'d, R: Read> Digesting<'d, R> {
    pub(super) fn new(input: R, digest: &'d mut Digest) -> Self {
        Digesting { input, digest }
    }
}

impl<R: Read> Read for Digesting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.digest.0.write(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
