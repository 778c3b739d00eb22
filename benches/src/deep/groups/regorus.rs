//! W3 groups for regorus: a table of memberships as data, of users and groups alike.

use regorus::Value;
use serde_json::{Map, json};

use super::{REPOSITORIES, World};
use crate::contender::Contender;
use crate::rego;

fn group(number: u32) -> String {
    format!("g{number}")
}

pub(super) fn contender(world: World) -> Contender {
    let groups = (0..world.depth).map(|number| {
        let parents: Vec<String> = world.parent(number).into_iter().map(group).collect();
        (group(number), json!(parents))
    });
    let user = ("u0".to_owned(), json!([group(world.last())]));
    let groups: Map<String, serde_json::Value> = groups.chain([user]).collect();
    let repositories: Map<String, serde_json::Value> = (0..REPOSITORIES)
        .map(|repository| (repository.to_string(), json!({"readers": [group(world.granted(repository))]})))
        .collect();
    let data = json!({"groups": groups, "repositories": repositories});
    let inputs: Vec<Value> = (0..REPOSITORIES)
        .map(|repository| rego::value(&json!({"user": "u0", "repository": repository.to_string()})))
        .collect();
    rego::vm(include_str!("policy.rego"), &data, "data.deep.allow", inputs)
}
