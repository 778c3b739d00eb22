//! W3 for regorus: a table of parents as data.

use regorus::Value;
use serde_json::{Map, json};

use super::{USERS, World};
use crate::contender::Contender;
use crate::rego;

pub(super) fn contender(world: World) -> Contender {
    let parents: Map<String, serde_json::Value> = (0..world.depth)
        .map(|folder| {
            let parents: Vec<String> = world.parent(folder).iter().map(u32::to_string).collect();
            (folder.to_string(), json!(parents))
        })
        .collect();
    let users: Map<String, serde_json::Value> = (0..USERS)
        .map(|user| (user.to_string(), json!({"folders": [world.granted(user).to_string()]})))
        .collect();
    let data = json!({"parents": parents, "users": users});
    let inputs: Vec<Value> = (0..USERS)
        .map(|user| rego::value(&json!({"user": user.to_string(), "folder": world.last().to_string()})))
        .collect();
    rego::vm(include_str!("policy.rego"), &data, "data.deep.allow", inputs)
}
