//! W4 for regorus: two rules for each type.

use std::fmt::Write;

use regorus::Value;
use serde_json::{Map, json};

use super::World;
use super::world::{ACTIONS, ROLES, name};
use crate::contender::Contender;
use crate::rego;

fn policy(world: &World) -> String {
    let mut text = String::from(
        r#"package many

default allow := false

has_any(names) if {
	some role in data.users[input.user]
	role.thing == input.thing
	role.name in names
}
"#,
    );
    for number in 0..world.types {
        for (action, names) in ACTIONS.iter().zip([r#"{"reader", "writer"}"#, r#"{"writer"}"#]) {
            let _ = write!(
                text,
                "\nallow if {{\n\tinput.kind == \"{}\"\n\tinput.action == \"{action}\"\n\thas_any({names})\n}}\n",
                name(number)
            );
        }
    }
    text
}

pub(super) fn contender(world: &World) -> Contender {
    let users: Map<String, serde_json::Value> = world
        .users
        .iter()
        .enumerate()
        .map(|(user, roles)| {
            let roles: Vec<_> =
                roles.iter().map(|&(role, thing)| json!({"name": ROLES[role], "thing": thing})).collect();
            (format!("u{user}"), json!(roles))
        })
        .collect();
    let data = json!({ "users": users });
    let inputs: Vec<Value> = world
        .questions
        .iter()
        .map(|asked| {
            rego::value(&json!({
                "user": format!("u{}", asked.user), "action": ACTIONS[asked.action], "thing": asked.thing,
                "kind": world.live_name(world.things[asked.thing as usize]),
            }))
        })
        .collect();
    rego::vm(&policy(world), &data, "data.many.allow", inputs)
}
