//! W3 deep: a role on a folder holds in all folders below it, however deep; and where folders form a circle.

pub mod arctos;
mod by_hand;
#[cfg(feature = "peers")]
mod cedar;
#[cfg(feature = "peers")]
mod oso;
#[cfg(feature = "peers")]
mod regorus;

use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "May this user read the last of 10, 50 or 1,000 folders, each in the one before? One user has a role on \
    the first folder, so that the whole way has to be walked to allow; another has one on a folder that is elsewhere, so \
    that it has to be walked to deny. *Cycle*: 50 folders in a circle, and again one who may and one who may not.";

/// The user who may, and the one who may not.
const USERS: usize = 2;

/// Folders in a row, or in a circle.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// How many folders there are.
    pub folders: u32,
    /// The first is in the last.
    pub circle: bool,
}

impl World {
    /// The folder that this one is in.
    fn parent(self, folder: u32) -> Option<u32> {
        match folder.checked_sub(1) {
            None if self.circle => Some(self.folders - 1),
            parent => parent,
        }
    }

    /// The folder on which a user has a role: the first, or one that is in no other and has none in it.
    fn granted(self, user: usize) -> u32 {
        if user == 0 { 0 } else { self.folders }
    }

    /// The folder that is asked about.
    fn asked(self) -> u32 {
        self.folders - 1
    }
}

/// Arctos alone: `(folders, circle)`.
pub fn ours(folders: u32, circle: bool) -> (Contender, usize) {
    (arctos::contender(World { folders, circle }), USERS)
}

/// All engines, at each depth.
pub fn scenarios() -> Vec<Scenario> {
    let rows = [10, 50, 1_000].map(|folders| World { folders, circle: false });
    rows.into_iter().chain([World { folders: 50, circle: true }]).map(scenario).collect()
}

fn scenario(world: World) -> Scenario {
    let mut contenders = vec![arctos::contender(world), by_hand::interned(world)];
    let mut absent = Vec::new();
    #[cfg(feature = "peers")]
    {
        contenders.push(regorus::contender(world));
        if world.circle {
            let reason = "its entities may not form a cycle";
            absent.extend(
                ["cedar-policy", "cedar-policy, entities per request"]
                    .map(|engine| (engine, reason.to_owned())),
            );
        } else {
            contenders.extend([cedar::stored(world), cedar::per_request(world)]);
        }
        match oso::contender(world) {
            Ok(contender) => contenders.push(contender),
            Err(reason) => absent.push(("oso", reason)),
        }
    }
    contenders.shrink_to_fit();
    absent.shrink_to_fit();
    let name = match world.circle {
        true => format!("cycle of {}", world.folders),
        false => format!("{} deep", world.folders),
    };
    let describe = Box::new(|user: usize| if user == 0 { "who may" } else { "who may not" }.to_owned());
    Scenario { name, expected: vec![true, false], describe, contenders, absent }
}
