//! W2 codehost: organizations, their repositories, and issues in them; roles come down along two relations.

pub mod arctos;
pub(crate) mod by_hand;
#[cfg(feature = "peers")]
pub(crate) mod casbin;
#[cfg(feature = "peers")]
pub(crate) mod cedar;
pub(crate) mod facts;
pub mod filters;
mod near;
#[cfg(feature = "peers")]
pub(crate) mod oso;
#[cfg(feature = "peers")]
pub(crate) mod regorus;
pub mod world;

pub use world::{Question, Size, Target, World};

use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "A code host of 1,000 users, 100 organizations, 1,000 repositories, 10,000 issues. Users have roles \
    on organizations and on repositories; a member of an organization reads its repositories, an owner administers \
    them; what one may do on an issue follows from its repository. Public repositories are read by all, and whoever \
    opened an issue may close it. 2,000 questions: half about issues, a third about repositories, the rest about \
    organizations.";

/// Arctos alone.
pub fn ours() -> (Contender, usize) {
    let world = World::new();
    (arctos::contender(&world), world.questions.len())
}

/// Arctos alone, over facts.
pub fn over_facts() -> (Contender, usize) {
    let world = World::new();
    (facts::contender(&world), world.questions.len())
}

/// All engines.
pub fn scenario() -> Scenario {
    let world = World::new();
    let mut contenders = vec![arctos::contender(&world)];
    contenders.push(facts::contender(&world));
    contenders.push(by_hand::interned(&world));
    contenders.push(by_hand::strings(&world));
    #[cfg(feature = "peers")]
    contenders.extend([
        regorus::vm(&world),
        regorus::interpreter(&world),
        cedar::stored(&world),
        cedar::per_request(&world),
        casbin::contender(&world),
        oso::contender(&world),
    ]);
    let expected = world.questions.iter().map(|question| world.allows(*question)).collect();
    let describe = move |question: usize| format!("{:?}", world.questions[question]);
    Scenario {
        name: "codehost".to_owned(),
        expected,
        describe: Box::new(describe),
        contenders,
        absent: Vec::new(),
    }
}
