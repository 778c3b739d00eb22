//! W3 groups in Rust without an engine.

use super::{REPOSITORIES, World};
use crate::contender::Contender;

/// A search through the groups, each looked at once.
pub(super) fn interned(world: World) -> Contender {
    let groups: Vec<Vec<u32>> =
        (0..world.depth).map(|group| world.parent(group).into_iter().collect()).collect();
    let readers: Vec<Vec<u32>> =
        (0..REPOSITORIES).map(|repository| vec![world.granted(repository)]).collect();
    let user = vec![world.last()];
    let mut seen = vec![0_u64; groups.len().div_ceil(64)];
    let mut open: Vec<u32> = Vec::new();
    Contender::new(
        "by hand, interned",
        "a search through numbered groups, with a bit for each seen",
        move |repository| {
            seen.fill(0);
            open.clear();
            open.extend(&user);
            while let Some(group) = open.pop() {
                if readers[repository].contains(&group) {
                    return true;
                }
                let (word, bit) = (group as usize / 64, 1 << (group % 64));
                if seen[word] & bit == 0 {
                    seen[word] |= bit;
                    open.extend(&groups[group as usize]);
                }
            }
            false
        },
    )
}
