//! W3 deep: a role on a folder holds in all folders below it, however deep; a user is in all groups that its groups are in; and
//! where folders or groups form a circle.

pub mod arctos;
mod by_hand;
#[cfg(feature = "peers")]
mod cedar;
mod facts;
mod groups;
#[cfg(feature = "peers")]
mod oso;
#[cfg(feature = "peers")]
mod regorus;

use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "May this user read the last of 10, 50 or 1,000 folders, each in the one before? One user has a role on \
    the first folder, so that the whole way has to be walked to allow; another has one on a folder that is elsewhere, so \
    that it has to be walked to deny. *Cycle*: 50 folders in a circle, and again one who may and one who may not. *Groups*: \
    a user is in the last of 10 groups, each in the one before; the first may read one repository and not another. *Groups, \
    cycle*: they form a circle.";

/// The user who may, and the one who may not.
const USERS: usize = 2;

/// Folders or groups in a row, or in a circle, each in the one before.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// How many there are.
    pub depth: u32,
    /// The first is in the last.
    pub circle: bool,
}

impl World {
    /// What this one is in.
    fn parent(self, child: u32) -> Option<u32> {
        match child.checked_sub(1) {
            None if self.circle => Some(self.depth - 1),
            parent => parent,
        }
    }

    /// What has the role that the first question needs, the first; and the second question, one that is elsewhere.
    fn granted(self, question: usize) -> u32 {
        if question == 0 { 0 } else { self.depth }
    }

    /// The last, from which all others have to be walked.
    fn last(self) -> u32 {
        self.depth - 1
    }
}

/// Arctos alone, over objects.
pub fn ours(depth: u32, circle: bool) -> (Contender, usize) {
    (arctos::contender(World { depth, circle }), USERS)
}

/// Arctos alone, over facts.
pub fn over_facts(depth: u32, circle: bool) -> (Contender, usize) {
    (facts::contender(World { depth, circle }), USERS)
}

/// Arctos alone, over facts of groups.
pub fn groups_over_facts(depth: u32, circle: bool) -> (Contender, usize) {
    (groups::over_facts(World { depth, circle }), USERS)
}

/// All engines, at each depth.
pub fn scenarios() -> Vec<Scenario> {
    let rows = [10, 50, 1_000].map(|depth| World { depth, circle: false });
    let folders = rows.into_iter().chain([World { depth: 50, circle: true }]).map(|world| {
        let name = if world.circle { "cycle of 50".to_owned() } else { format!("{} deep", world.depth) };
        scenario(world, name, engines(world))
    });
    let groups = [false, true].map(|circle| World { depth: 10, circle }).into_iter().map(|world| {
        let name = if world.circle { "groups, cycle of 10" } else { "groups, 10 deep" };
        scenario(world, name.to_owned(), groups::engines(world))
    });
    folders.chain(groups).collect()
}

/// Engines, and why others are absent.
type Engines = (Vec<Contender>, Vec<(&'static str, String)>);

fn scenario(world: World, name: String, (contenders, mut absent): Engines) -> Scenario {
    if world.circle && cfg!(feature = "peers") {
        let engines = ["cedar-policy", "cedar-policy, entities per request"];
        absent.extend(engines.map(|engine| (engine, "its entities may not form a cycle".to_owned())));
    }
    let describe = Box::new(|user: usize| if user == 0 { "who may" } else { "who may not" }.to_owned());
    Scenario { name, expected: vec![true, false], describe, contenders, absent }
}

fn engines(world: World) -> Engines {
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
