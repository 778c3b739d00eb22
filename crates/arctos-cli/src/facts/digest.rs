//! A revision for facts that come from files.
//!
//! Each run of the command line reads the files anew, so that a count of batches would be the same whatever they hold.

use std::io::{self, Read};

/// A digest of what was read, the same on every machine and in every release: FNV-1a.
pub(super) struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// A revision above 0.
    pub(super) fn revision(&self) -> u64 {
        self.0.max(1)
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes
            .iter()
            .fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
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
        self.digest.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
