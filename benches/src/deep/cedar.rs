//! W3 for Cedar: folders are entities with their parents.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::{USERS, World};
use crate::contender::Contender;

pub(super) fn uid(kind: &str, number: u32) -> EntityUid {
    format!("{kind}::\"{number}\"").parse().expect("a name")
}

fn entities(world: World) -> Vec<Entity> {
    let user = |user: usize| {
        let granted = RestrictedExpression::new_entity_uid(uid("Folder", world.granted(user)));
        let folders = RestrictedExpression::new_set([granted]);
        let attributes = HashMap::from([("folders".to_owned(), folders)]);
        Entity::new(uid("User", user as u32), attributes, HashSet::new())
            .expect("attributes are plain values")
    };
    let folder = |folder: u32| {
        let parents = world.parent(folder).map(|parent| uid("Folder", parent));
        Entity::new_no_attrs(uid("Folder", folder), parents.into_iter().collect())
    };
    (0..USERS).map(user).chain((0..world.depth).map(folder)).collect()
}

fn requests(world: World) -> Vec<Request> {
    let request = |user: usize| {
        let action = "Action::\"read\"".parse().expect("a name");
        let folder = uid("Folder", world.last());
        Request::new(uid("User", user as u32), action, folder, Context::empty(), None).expect("a request")
    };
    (0..USERS).map(request).collect()
}

fn policies() -> PolicySet {
    include_str!("policy.cedar").parse().expect("the policy loads")
}

/// All entities in one store, made before.
pub(super) fn stored(world: World) -> Contender {
    let entities = Entities::from_entities(entities(world), None).expect("entities");
    let (policies, requests, authorizer) = (policies(), requests(world), Authorizer::new());
    let given =
        "the decision alone: the store of entities has all ancestors of each folder, paid when it is made";
    Contender::new("cedar-policy", given, move |user| {
        authorizer.is_authorized(&requests[user], &policies, &entities).decision() == Decision::Allow
    })
}

/// A store for each question.
pub(super) fn per_request(world: World) -> Contender {
    let ready = entities(world);
    let (policies, requests, authorizer) = (policies(), requests(world), Authorizer::new());
    let given = "with `Entities::from_entities` of the folders in each decision, which finds the ancestors";
    Contender::new("cedar-policy, entities per request", given, move |user| {
        let entities = Entities::from_entities(ready.clone(), None).expect("entities");
        let response = authorizer.is_authorized(&requests[user], &policies, black_box(&entities));
        response.decision() == Decision::Allow
    })
}
