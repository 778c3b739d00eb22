//! W4 many rules: resource types by the thousand, each with rules of its own; what does one check cost?

pub mod arctos;
mod by_hand;
#[cfg(feature = "peers")]
mod casbin;
#[cfg(feature = "peers")]
mod cedar;
pub mod classes;
#[cfg(feature = "peers")]
mod oso;
#[cfg(feature = "peers")]
mod regorus;
pub mod world;

pub use world::World;

use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "One check in a policy of 10 to 10,000 resource types, each with two roles, two permissions and \
    rules of its own. 100 users with 2 or 3 roles each on 100 things. *One*: all things are of the same type; *any*: they \
    are of up to 100 types, spread evenly over all. 400 questions. Rust types cannot be made by the thousand while a program \
    runs, so 100 real ones stand at even distances among the names; the other names share a type of which there is no \
    object.";

/// How many types are measured.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// How many answers of engines other than ours are checked with the most types, where each takes a good part of a second.
#[cfg(feature = "peers")]
const FEW: usize = 10;

/// Arctos alone, with few types and with many.
pub fn ours(types: usize) -> (Contender, usize) {
    let world = World::new(types, true);
    (arctos::contender(&world), world.questions.len())
}

/// All engines, at each size.
pub fn scenarios(quick: bool) -> Vec<Scenario> {
    let sizes = if quick { &SIZES[..3] } else { &SIZES[..] };
    sizes.iter().flat_map(|&types| [scenario(types, false), scenario(types, true)]).collect()
}

/// All engines, with so many types.
fn scenario(types: usize, any: bool) -> Scenario {
    let world = World::new(types, any);
    let mut contenders = vec![arctos::contender(&world), by_hand::interned(&world)];
    #[cfg(feature = "peers")]
    contenders.extend(peers(&world));
    contenders.shrink_to_fit();
    let absent = if types > 1_000 {
        let [regorus, oso] = [
            "its virtual machine takes programs of up to 65,535 instructions",
            "a decision does not end within its own limit of 30 s",
        ];
        vec![("regorus", regorus.to_owned()), ("oso", oso.to_owned())]
    } else {
        Vec::new()
    };
    let expected = world.questions.iter().map(|question| world.allows(*question)).collect();
    let name = format!("{types}, {}", if any { "any" } else { "one" });
    let describe = move |question: usize| format!("{:?}", world.questions[question]);
    Scenario { name, expected, describe: Box::new(describe), contenders, absent }
}

/// The other engines; with the most types only those that can, and their answers checked on few questions.
#[cfg(feature = "peers")]
fn peers(world: &World) -> Vec<Contender> {
    let (cedar, casbin) = (cedar::contender(world), casbin::contender(world));
    if world.types > 1_000 {
        return vec![cedar.checked_on(FEW), casbin.checked_on(FEW)];
    }
    vec![regorus::contender(world), cedar, casbin, oso::contender(world)]
}
