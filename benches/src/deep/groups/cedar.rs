//! W3 groups for Cedar: users and groups are entities with their groups.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, PolicySet, Request, RestrictedExpression,
};

use super::{REPOSITORIES, World};
use crate::contender::Contender;
use crate::deep::cedar::uid;

fn entities(world: World) -> Vec<Entity> {
    let repository = |repository: usize| {
        let readers = RestrictedExpression::new_entity_uid(uid("Group", world.granted(repository)));
        let attributes = HashMap::from([("readers".to_owned(), readers)]);
        Entity::new(uid("Repository", repository as u32), attributes, HashSet::new())
            .expect("attributes are plain values")
    };
    let group = |group: u32| {
        let parents = world.parent(group).map(|parent| uid("Group", parent));
        Entity::new_no_attrs(uid("Group", group), parents.into_iter().collect())
    };
    let user = Entity::new_no_attrs(uid("User", 0), HashSet::from([uid("Group", world.last())]));
    (0..REPOSITORIES).map(repository).chain((0..world.depth).map(group)).chain([user]).collect()
}

fn requests() -> Vec<Request> {
    let request = |repository: usize| {
        let action = "Action::\"read\"".parse().expect("a name");
        let repository = uid("Repository", repository as u32);
        Request::new(uid("User", 0), action, repository, Context::empty(), None).expect("a request")
    };
    (0..REPOSITORIES).map(request).collect()
}

fn policies() -> PolicySet {
    include_str!("policy.cedar").parse().expect("the policy loads")
}

/// All entities in one store, made before.
pub(super) fn stored(world: World) -> Contender {
    let entities = Entities::from_entities(entities(world), None).expect("entities");
    let (policies, requests, authorizer) = (policies(), requests(), Authorizer::new());
    let given = "the decision alone: the store of entities has all groups of each user, paid when it is made";
    Contender::new("cedar-policy", given, move |repository| {
        authorizer.is_authorized(&requests[repository], &policies, &entities).decision() == Decision::Allow
    })
}

/// A store for each question.
pub(super) fn per_request(world: World) -> Contender {
    let ready = entities(world);
    let (policies, requests, authorizer) = (policies(), requests(), Authorizer::new());
    let given =
        "with `Entities::from_entities` of the groups in each decision, which finds those of the user";
    Contender::new("cedar-policy, entities per request", given, move |repository| {
        let entities = Entities::from_entities(ready.clone(), None).expect("entities");
        let response = authorizer.is_authorized(&requests[repository], &policies, black_box(&entities));
        response.decision() == Decision::Allow
    })
}
