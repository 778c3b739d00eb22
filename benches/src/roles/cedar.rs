//! W1 for Cedar, after its own sample of a code host: each repository names its groups, and users are in groups.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::{ACTIONS, Grant, REPOSITORIES, ROLES, World, repository_name, user_name};
use crate::contender::{Contender, Shared};

/// The name of a thing.
fn uid(kind: &str, name: &str) -> EntityUid {
    format!("{kind}::\"{name}\"").parse().expect("a name")
}

fn group(grant: Grant) -> EntityUid {
    uid("UserGroup", &format!("{}_{}", repository_name(grant.repository), ROLES[grant.role]))
}

/// A user, in the groups of its roles.
fn user(user: usize, grants: &[Grant]) -> Entity {
    let parents: HashSet<EntityUid> = grants.iter().copied().map(group).collect();
    Entity::new_no_attrs(uid("User", &user_name(user)), parents)
}

/// A repository with its groups, each in the group of the role that it implies.
fn repository(repository: u32) -> Vec<Entity> {
    let groups: Vec<EntityUid> = (0..ROLES.len()).map(|role| group(Grant { role, repository })).collect();
    let names = ["readers", "writers", "admins"].map(str::to_owned);
    let attributes: HashMap<String, RestrictedExpression> =
        names.into_iter().zip(groups.iter().cloned().map(RestrictedExpression::new_entity_uid)).collect();
    let name = uid("Repository", &repository_name(repository));
    let mut entities =
        vec![Entity::new(name, attributes, HashSet::new()).expect("attributes are plain values")];
    let implied = std::iter::once(None).chain(groups.iter().cloned().map(Some));
    entities.extend(
        groups
            .iter()
            .cloned()
            .zip(implied)
            .map(|(group, implied)| Entity::new_no_attrs(group, implied.into_iter().collect())),
    );
    entities
}

fn requests(world: &World) -> Vec<Request> {
    let request = |asked: &super::Question| {
        let user = uid("User", &user_name(asked.user));
        let action = uid("Action", ACTIONS[asked.action]);
        let repository = uid("Repository", &repository_name(asked.repository));
        Request::new(user, action, repository, Context::empty(), None).expect("a request")
    };
    world.questions.iter().map(request).collect()
}

fn policies() -> PolicySet {
    include_str!("policy.cedar").parse().expect("the policies load")
}

/// All entities in one store, made before.
pub(super) fn stored(world: &World) -> Contender {
    let given = "the decision alone: requests and the store of entities, with its closure, are made before";
    Contender::new("cedar-policy", given, shared(world))
}

/// Its decision, for threads.
pub(crate) fn shared(world: &World) -> impl Shared {
    let mut entities: Vec<Entity> = (0..REPOSITORIES).flat_map(repository).collect();
    entities.extend(world.users.iter().enumerate().map(|(index, grants)| user(index, grants)));
    let entities = Entities::from_entities(entities, None).expect("entities");
    let (policies, requests, authorizer) = (policies(), requests(world), Authorizer::new());
    move |question| {
        authorizer.is_authorized(&requests[question], &policies, &entities).decision() == Decision::Allow
    }
}

/// A store for each question, with what the question is about, as by an application that has its data elsewhere.
pub(super) fn per_request(world: &World) -> Contender {
    let (policies, requests, authorizer) = (policies(), requests(world), Authorizer::new());
    let slices: Vec<Vec<Entity>> = world
        .questions
        .iter()
        .map(|asked| {
            let mut slice = repository(asked.repository);
            slice.push(user(asked.user, &world.users[asked.user]));
            slice
        })
        .collect();
    let given = "with `Entities::from_entities` of one user and one repository with its groups in each decision; the \
                 entities themselves are cloned from ready ones";
    Contender::new("cedar-policy, entities per request", given, move |question| {
        let entities = Entities::from_entities(slices[question].clone(), None).expect("entities");
        let response = authorizer.is_authorized(&requests[question], &policies, black_box(&entities));
        response.decision() == Decision::Allow
    })
}
