//! W7: how many bytes a fact takes.

use std::rc::Rc;

use super::{Host, by_hand};
use crate::allocations::kept;
use crate::codehost::facts::{load, over};
use crate::report::{Cell, Columns, Entry, Figure, OURS};

/// What is counted.
pub const ABOUT: &str = "What the heap has more in use when a code host is loaded, divided by its facts, counted by the allocator. \
    For Arctos all questions have been asked, so that the indexes they need are in it, and what a thread keeps for its next \
    decision. Ids are numbers of up to seven digits.";

/// What each engine takes, at each size.
pub fn measure(hosts: &[Rc<Host>]) -> Columns {
    hosts.iter().map(|host| (host.name.clone(), entries(host))).collect()
}

/// An engine, what its data are, and their bytes.
pub(super) type Taken = (&'static str, &'static str, u64);

fn entries(host: &Host) -> Vec<Entry> {
    let ours = of_arctos(host);
    let mut taken: Vec<Taken> = vec![
        (OURS, "`Facts` with the indexes that the questions need", ours),
        ("by hand, hash maps", "ids and maps as for the checks", of(|| by_hand::Store::load(host))),
    ];
    let mut absent: Vec<(&str, String)> = Vec::new();
    #[cfg(feature = "peers")]
    super::peers::memory(host, &mut taken, &mut absent);
    taken.shrink_to_fit();
    absent.shrink_to_fit();
    let facts = host.world.facts() as f64;
    let measured = taken.into_iter().map(|(engine, given, bytes)| Entry {
        engine: engine.to_owned(),
        given: given.to_owned(),
        cell: Cell::Measured(Figure::of(&[bytes as f64 / facts]).beside(&[(bytes as f64, ours as f64)])),
    });
    let absent = absent.into_iter().map(|(engine, reason)| Entry {
        engine: engine.to_owned(),
        given: String::new(),
        cell: Cell::Absent(reason),
    });
    measured.chain(absent).collect()
}

/// The bytes that what `load` makes takes.
pub(super) fn of<T>(load: impl FnOnce() -> T) -> u64 {
    kept(load).1
}

fn of_arctos(host: &Host) -> u64 {
    let (facts, loaded) = kept(|| load(&host.world, &host.ids));
    let asked =
        of(|| over(&host.world.questions, facts.clone()).answer_many(0, super::QUESTIONS, super::QUESTIONS));
    loaded + asked
}
