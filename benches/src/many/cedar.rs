//! W4 for Cedar: two policies for each type.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::World;
use super::world::{ACTIONS, ROLES, name};
use crate::contender::Contender;

fn uid(kind: &str, name: &str) -> EntityUid {
    format!("{kind}::\"{name}\"").parse().expect("a name")
}

fn group(thing: u32, role: usize) -> EntityUid {
    uid("UserGroup", &format!("{thing}_{}", ROLES[role]))
}

fn policies(world: &World) -> PolicySet {
    let mut text = String::new();
    for number in 0..world.types {
        for (action, role) in ACTIONS.iter().zip(ROLES) {
            let _ = writeln!(
                text,
                "permit (principal, action == Action::\"{action}\", resource is {}) when {{ principal in resource.{role}s }};",
                name(number)
            );
        }
    }
    text.parse().expect("the policies load")
}

fn thing_uid(world: &World, thing: u32) -> EntityUid {
    uid(&world.live_name(world.things[thing as usize]), &thing.to_string())
}

fn entities(world: &World) -> Entities {
    let mut entities = Vec::new();
    for (user, roles) in world.users.iter().enumerate() {
        let parents: HashSet<EntityUid> = roles.iter().map(|&(role, thing)| group(thing, role)).collect();
        entities.push(Entity::new_no_attrs(uid("User", &user.to_string()), parents));
    }
    for thing in 0..world.things.len() as u32 {
        let groups = ROLES.iter().enumerate().map(|(role, name)| {
            (format!("{name}s"), RestrictedExpression::new_entity_uid(group(thing, role)))
        });
        let attributes: HashMap<String, RestrictedExpression> = groups.collect();
        let of = Entity::new(thing_uid(world, thing), attributes, HashSet::new());
        entities.push(of.expect("attributes are plain values"));
        entities.push(Entity::new_no_attrs(group(thing, 0), HashSet::new()));
        entities.push(Entity::new_no_attrs(group(thing, 1), HashSet::from([group(thing, 0)])));
    }
    Entities::from_entities(entities, None).expect("entities")
}

pub(super) fn contender(world: &World) -> Contender {
    let (policies, entities, authorizer) = (policies(world), entities(world), Authorizer::new());
    let requests: Vec<Request> = world
        .questions
        .iter()
        .map(|asked| {
            let user = uid("User", &asked.user.to_string());
            let action = uid("Action", ACTIONS[asked.action]);
            let thing = thing_uid(world, asked.thing);
            Request::new(user, action, thing, Context::empty(), None).expect("a request")
        })
        .collect();
    let given = "two policies for each type; requests and the store of entities are made before";
    Contender::new("cedar-policy", given, move |question| {
        authorizer.is_authorized(&requests[question], &policies, &entities).decision() == Decision::Allow
    })
}
