//! W3 in Rust without an engine.

use super::{USERS, World};
use crate::contender::Contender;

/// A walk along a table of parents, which ends where it began or where there is no parent.
pub(super) fn interned(world: World) -> Contender {
    let parents: Vec<Option<u32>> = (0..world.depth).map(|folder| world.parent(folder)).collect();
    let users: Vec<Vec<u32>> = (0..USERS).map(|user| vec![world.granted(user)]).collect();
    Contender::new("by hand, interned", "a walk along a table of parents", move |user| {
        let mut folder = world.last();
        loop {
            if users[user].contains(&folder) {
                return true;
            }
            match parents[folder as usize] {
                Some(parent) if parent != world.last() => folder = parent,
                _ => return false,
            }
        }
    })
}
