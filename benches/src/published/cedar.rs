//! W5 for Cedar: a role on a resource is a group; a group of a higher role is in that of a lower one, and the viewers of a
//! folder are among those of what is in it.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::World;
use crate::contender::Contender;

fn uid(kind: &str, number: u32) -> EntityUid {
    format!("{kind}::\"{number}\"").parse().expect("a name")
}

fn role(resource: u32, role: usize) -> EntityUid {
    format!("Role::\"{resource}_{role}\"").parse().expect("a name")
}

fn entities(world: &World) -> Vec<Entity> {
    let numbered = || (0..).zip(&world.resources);
    let party = |kind: &str, number: u32, groups: &[u32]| {
        let granted = numbered().flat_map(|(resource, of)| {
            let grants = if kind == "User" { &of.users } else { &of.groups };
            grants.iter().filter(|(_, to)| *to == number).map(move |&(granted, _)| role(resource, granted))
        });
        let parents: HashSet<EntityUid> =
            groups.iter().map(|&group| uid("Group", group)).chain(granted).collect();
        Entity::new_no_attrs(uid(kind, number), parents)
    };
    let mut entities: Vec<Entity> = Vec::new();
    entities.extend((0..).zip(&world.users).map(|(number, groups)| party("User", number, groups)));
    entities.extend((0..).zip(&world.groups).map(|(number, groups)| party("Group", number, groups)));
    for (number, of) in numbered() {
        let mut attributes: HashMap<String, RestrictedExpression> = HashMap::new();
        for (place, name) in world.application.roles.iter().enumerate() {
            attributes.insert((*name).to_owned(), RestrictedExpression::new_entity_uid(role(number, place)));
            let implied = (place > 0).then(|| role(number, place - 1));
            let children = numbered().filter(|(_, child)| child.parents.contains(&number));
            let children = children.map(|(child, _)| role(child, place));
            entities.push(Entity::new_no_attrs(
                role(number, place),
                implied.into_iter().chain(children).collect(),
            ));
        }
        if let Some(owner) = of.owner {
            attributes.insert("owner".into(), RestrictedExpression::new_entity_uid(uid("User", owner)));
        }
        attributes.insert("public".into(), RestrictedExpression::new_bool(of.public));
        let entity = Entity::new(uid("Resource", number), attributes, HashSet::new());
        entities.push(entity.expect("attributes are plain values"));
    }
    owners_view(world, entities)
}

/// The owner of a folder is among its viewers, so that it views what is in it.
fn owners_view(world: &World, entities: Vec<Entity>) -> Vec<Entity> {
    if !world.application.nested {
        return entities;
    }
    let owned = |user: &EntityUid| -> Vec<EntityUid> {
        let resources = (0..).zip(&world.resources);
        let owned = resources.filter(|(_, of)| of.owner.is_some_and(|owner| uid("User", owner) == *user));
        owned.map(|(number, _)| role(number, 0)).collect()
    };
    let with_owned = |entity: Entity| {
        let (name, attributes, mut parents) = entity.into_inner();
        parents.extend(owned(&name));
        Entity::new(name, attributes, parents).expect("attributes are plain values")
    };
    entities.into_iter().map(with_owned).collect()
}

pub(super) fn policies(text: &str) -> PolicySet {
    text.parse().expect("the policies load")
}

/// Cedar with this world.
pub(super) fn contender(policies: &PolicySet, world: &World) -> Contender {
    let entities = Entities::from_entities(entities(world), None).expect("entities");
    let request = |asked: &super::world::Question| {
        let action = format!("Action::\"{}\"", world.application.actions[asked.action].0);
        let action = action.parse().expect("a name");
        let (user, resource) = (uid("User", asked.user), uid("Resource", asked.resource));
        Request::new(user, action, resource, Context::empty(), None).expect("a request")
    };
    let requests: Vec<Request> = world.questions.iter().map(request).collect();
    let (policies, authorizer) = (policies.clone(), Authorizer::new());
    let given = "the decision alone: requests and the store of entities, with its closure, are made before";
    Contender::new("cedar-policy", given, move |question| {
        authorizer.is_authorized(&requests[question], &policies, &entities).decision() == Decision::Allow
    })
}
