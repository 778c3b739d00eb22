//! A damaged file is refused, or says less than the whole one; never something else.

use std::collections::BTreeSet;

use arctos::facts::Fact;
use arctos_testkit::generate::Random;
use arctos_wire::facts::Format;

use crate::random::{FORMATS, fact, set, snapshot, written};

/// A file that was cut off has facts of the whole one, or is refused.
#[test]
fn what_is_cut_off_says_nothing_new() {
    let mut refused = 0;
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let facts: BTreeSet<Fact> = (0..1 + random.below(4)).map(|_| fact(&mut random)).collect();
        for (format, name) in FORMATS {
            let whole = written(&snapshot(&facts), format);
            for end in 0..whole.len() {
                let part = &whole[..end];
                match super::read(name, part) {
                    Ok(read) => {
                        let read = set(&read);
                        assert!(read.is_subset(&facts), "{format:?}: {:?}", String::from_utf8_lossy(part));
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 500, "most places to cut are inside something");
}

/// Bytes that were changed in some places.
fn damaged(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len() + 1);
        let byte = *random.pick(b"\"\\,;#{}[]()\n\r\0:_ a7\xff\xe9").unwrap_or(&0);
        match random.below(4) {
            0 => bytes.insert(at, byte),
            1 => bytes.truncate(at),
            2 if at < bytes.len() => bytes[at] = byte,
            _ if at < bytes.len() => drop(bytes.remove(at)),
            _ => {}
        }
    }
    bytes
}

/// Whatever the bytes are, they are read to their end; what was understood comes back, and what was not can be shown.
#[test]
fn whatever_the_bytes_are() {
    let (mut good, mut bad) = (0, 0);
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let facts: BTreeSet<Fact> = (0..1 + random.below(4)).map(|_| fact(&mut random)).collect();
        let (format, name) = FORMATS[random.below(FORMATS.len())];
        let bytes = damaged(written(&snapshot(&facts), format), &mut random);
        match super::read(name, &bytes) {
            Ok(read) => {
                good += 1;
                let again = super::read("a.jsonl", &written(&read, Format::JsonLines));
                assert_eq!(set(&again.unwrap()), set(&read), "{:?}", String::from_utf8_lossy(&bytes));
            }
            Err(unread) => {
                bad += 1;
                assert!(!unread.diagnostics().is_empty());
                assert!(super::shown(&unread).contains(name), "{}", super::shown(&unread));
            }
        }
    }
    assert!(good > 100 && bad > 300, "{good} {bad}");
}
