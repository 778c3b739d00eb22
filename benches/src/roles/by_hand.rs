//! W1 in Rust without an engine: the limit of what is possible, and what an application would write first.

use std::collections::HashMap;

use super::{ACTIONS, ROLES, World, repository_name, user_name};
use crate::contender::Contender;

/// Over numbers: everything has been looked up before.
pub(super) fn interned(world: &World) -> Contender {
    let users: Vec<Vec<(u32, u8)>> = world
        .users
        .iter()
        .map(|grants| grants.iter().map(|grant| (grant.repository, grant.role as u8)).collect())
        .collect();
    let questions: Vec<(u32, u8, u32)> = world
        .questions
        .iter()
        .map(|question| (question.user as u32, question.action as u8, question.repository))
        .collect();
    Contender::new("by hand, interned", "a scan of the user's (repository, role) numbers", move |question| {
        let (user, action, repository) = questions[question];
        users[user as usize].iter().any(|&(granted, role)| granted == repository && role >= action)
    })
}

/// Over names in maps.
pub(super) fn strings(world: &World) -> Contender {
    let mut users: HashMap<String, HashMap<String, String>> = HashMap::new();
    for (user, grants) in world.users.iter().enumerate() {
        let grants =
            grants.iter().map(|grant| (repository_name(grant.repository), ROLES[grant.role].to_owned()));
        users.insert(user_name(user), grants.collect());
    }
    let questions: Vec<(String, &str, String)> = world
        .questions
        .iter()
        .map(|asked| (user_name(asked.user), ACTIONS[asked.action], repository_name(asked.repository)))
        .collect();
    Contender::new(
        "by hand, strings",
        "user → repository → role in `HashMap<String, _>`",
        move |question| {
            let (user, action, repository) = &questions[question];
            let role = users.get(user).and_then(|grants| grants.get(repository));
            match role.map(String::as_str) {
                Some("admin") => true,
                Some("writer") => *action != "delete",
                Some("reader") => *action == "read",
                _ => false,
            }
        },
    )
}
