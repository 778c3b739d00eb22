//! W3 groups: a user is in a group, which is in a group, …, which has a role on a repository.

mod arctos;
mod by_hand;
#[cfg(feature = "peers")]
mod cedar;
mod facts;
#[cfg(feature = "peers")]
mod oso;
#[cfg(feature = "peers")]
mod regorus;

pub(super) use facts::contender as over_facts;

use super::{Engines, World};

/// The one that the user may read, and the one that it may not.
const REPOSITORIES: usize = 2;

/// All engines.
pub(super) fn engines(world: World) -> Engines {
    let mut contenders = vec![arctos::contender(world), facts::contender(world), by_hand::interned(world)];
    let mut absent = Vec::new();
    #[cfg(feature = "peers")]
    {
        contenders.push(regorus::contender(world));
        if !world.circle {
            contenders.extend([cedar::stored(world), cedar::per_request(world)]);
        }
        match oso::contender(world) {
            Ok(contender) => contenders.push(contender),
            Err(reason) => absent.push(("oso", reason)),
        }
    }
    contenders.shrink_to_fit();
    absent.shrink_to_fit();
    (contenders, absent)
}
