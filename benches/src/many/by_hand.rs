//! W4 in Rust without an engine.

use super::World;
use super::world::Question;
use crate::contender::Contender;

/// Over numbers: each type has a table of the role that each action needs.
pub(super) fn interned(world: &World) -> Contender {
    let needed: Vec<[u8; 2]> = vec![[0, 1]; world.types];
    let users: Vec<Vec<(u32, u8)>> = world
        .users
        .iter()
        .map(|roles| roles.iter().map(|&(role, thing)| (thing, role as u8)).collect())
        .collect();
    let of: Vec<usize> = world.things.iter().map(|live| live * world.types / world.live()).collect();
    let questions = world.questions.clone();
    let given = "a table of needed roles for each type, and a scan of the user's (thing, role) numbers";
    Contender::new("by hand, interned", given, move |question| {
        let Question { user, action, thing } = questions[question];
        let needed = needed[of[thing as usize]][action];
        users[user].iter().any(|&(on, role)| on == thing && role >= needed)
    })
}
