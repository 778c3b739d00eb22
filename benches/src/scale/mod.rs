//! W7 scale: the code host of W2 with ten thousand to ten million facts: a check, a list, a reason, loading, memory.

mod by_hand;
mod list;
mod load;
mod memory;
#[cfg(feature = "peers")]
mod peers;
mod why;

pub use list::{ABOUT as LISTS, ours as list, scenarios as lists, who};
pub use load::{ABOUT as LOADS, scenarios as loads};
pub use memory::{ABOUT as MEMORY, measure as memory};
pub use why::{ABOUT as REASONS, ours as why, scenarios as reasons};

use std::rc::Rc;

use crate::codehost::{self, Size, World, facts};
use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "The code host of W2 with 10⁴ to 10⁷ facts: for each ten facts a user with about three roles, a \
    repository and three issues; for each hundred an organization. 100,000 questions as in W2, so many that the data of their \
    answers do not stay in the processor's caches.";

/// So many that what they need does not fit into the caches.
const QUESTIONS: usize = 100_000;
/// So few that what they need does, where the machine has nothing else to do.
const WARM: usize = 2_000;
const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// A code host of some size.
pub struct Host {
    /// `10⁵ facts`.
    name: String,
    /// How many facts there are, about.
    size: usize,
    world: World,
    ids: Vec<String>,
}

impl Host {
    fn of(size: usize) -> Host {
        let part = |one_in: usize| (size / one_in) as u32;
        let world = World::of(Size {
            users: part(10),
            organizations: part(100),
            repositories: part(10),
            issues: part(100) * 29,
            questions: QUESTIONS,
        });
        let ids = facts::ids(&world);
        let exponent = ["⁴", "⁵", "⁶", "⁷"][size.ilog10() as usize - 4];
        Host { name: format!("10{exponent} facts"), size, world, ids }
    }
}

/// A code host of each size.
pub fn hosts(quick: bool) -> Vec<Rc<Host>> {
    let sizes = if quick { &SIZES[..3] } else { &SIZES[..] };
    sizes.iter().map(|size| Rc::new(Host::of(*size))).collect()
}

/// Arctos alone, with about so many facts.
pub fn ours(size: usize) -> (Contender, usize) {
    let host = Host::of(size);
    (facts::over(&host.world.questions, facts::load(&host.world, &host.ids)), QUESTIONS)
}

/// All engines, at each size.
pub fn checks(hosts: &[Rc<Host>]) -> Vec<Scenario> {
    hosts.iter().map(|host| scenario(host)).collect()
}

/// The first questions again and again.
fn warm(engine: &'static str, mut contender: Contender) -> Contender {
    let given = "the same 2,000 questions again and again";
    Contender::new(engine, given, move |question| contender.answer(question % WARM)).checked_on(WARM)
}

fn scenario(host: &Host) -> Scenario {
    let world = &host.world;
    let facts = facts::load(world, &host.ids);
    let store = Rc::new(by_hand::Store::load(host));
    let mut contenders = vec![
        facts::over(&world.questions, facts.clone()),
        warm("arctos, warm", facts::over(&world.questions, facts)),
        codehost::by_hand::interned(world),
        by_hand::check(&store, host),
        warm("by hand, hash maps, warm", by_hand::check(&store, host)),
    ];
    let mut absent = Vec::new();
    #[cfg(feature = "peers")]
    peers::checks(host, &mut contenders, &mut absent);
    contenders.shrink_to_fit();
    absent.shrink_to_fit();
    let questions = world.questions.clone();
    let expected = questions.iter().map(|question| world.allows(*question)).collect();
    let describe = Box::new(move |question: usize| format!("{:?}", questions[question]));
    Scenario { name: host.name.clone(), expected, describe, contenders, absent }
}
