//! W1 for regorus: users and grants as data, the question as input.

use regorus::Value;
use serde_json::json;

use super::{ACTIONS, ROLES, World, user_name};
use crate::contender::Contender;
use crate::rego;

const POLICY: &str = include_str!("policy.rego");
const ENTRY: &str = "data.roles.allow";

fn data(world: &World) -> serde_json::Value {
    let users: serde_json::Map<String, serde_json::Value> = world
        .users
        .iter()
        .enumerate()
        .map(|(user, grants)| {
            let roles: Vec<_> = grants
                .iter()
                .map(|grant| json!({"name": ROLES[grant.role], "repository": grant.repository}))
                .collect();
            (user_name(user), json!({ "roles": roles }))
        })
        .collect();
    let grants: serde_json::Map<String, serde_json::Value> =
        ROLES.iter().enumerate().map(|(role, name)| ((*name).to_owned(), json!(ACTIONS[..=role]))).collect();
    json!({"users": users, "grants": grants})
}

fn inputs(world: &World) -> Vec<Value> {
    let input = |asked: &super::Question| {
        rego::value(&json!({
            "user": user_name(asked.user), "action": ACTIONS[asked.action], "repository": asked.repository,
        }))
    };
    world.questions.iter().map(input).collect()
}

/// Its virtual machine.
pub(super) fn vm(world: &World) -> Contender {
    rego::vm(POLICY, &data(world), ENTRY, inputs(world))
}

/// Its interpreter.
pub(super) fn interpreter(world: &World) -> Contender {
    rego::interpreter(POLICY, &data(world), ENTRY, inputs(world))
}
