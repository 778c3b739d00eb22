//! W2 for Cedar, after its own sample of a code host: organizations and repositories name their groups, the groups of an
//! organization are in those of its repositories, and users are in groups.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::by_hand::name;
use super::world::IMPLIED;
use super::{Question, Target, World};
use crate::contender::{Contender, Shared};

const ORGANIZATION_GROUPS: [&str; 2] = ["members", "owners"];
const REPOSITORY_GROUPS: [&str; 3] = ["readers", "writers", "admins"];

fn uid(kind: &str, name: &str) -> EntityUid {
    format!("{kind}::\"{name}\"").parse().expect("a name")
}

fn of_organization(number: u32, role: usize) -> EntityUid {
    uid("UserGroup", &format!("{}_{}", name('o', number), ORGANIZATION_GROUPS[role]))
}

fn of_repository(number: u32, role: usize) -> EntityUid {
    uid("UserGroup", &format!("{}_{}", name('r', number), REPOSITORY_GROUPS[role]))
}

type Attributes = HashMap<String, RestrictedExpression>;

fn entity(name: EntityUid, attributes: Attributes) -> Entity {
    Entity::new(name, attributes, HashSet::new()).expect("attributes are plain values")
}

fn named(names: &[&str], groups: impl Iterator<Item = EntityUid>) -> Attributes {
    names
        .iter()
        .map(|name| (*name).to_owned())
        .zip(groups.map(RestrictedExpression::new_entity_uid))
        .collect()
}

fn user(world: &World, number: u32) -> Entity {
    let user = &world.users[number as usize];
    let organizations = user.organizations.iter().map(|&(role, on)| of_organization(on, role));
    let repositories = user.repositories.iter().map(|&(role, on)| of_repository(on, role));
    Entity::new_no_attrs(uid("User", &name('u', number)), organizations.chain(repositories).collect())
}

/// An organization and its groups, which are in those of these repositories.
fn organization(number: u32, repositories: &[u32]) -> Vec<Entity> {
    let attributes = named(&ORGANIZATION_GROUPS, (0..2).map(|role| of_organization(number, role)));
    let group = |role: usize| {
        let implied = (role > 0).then(|| of_organization(number, role - 1));
        let below = repositories.iter().map(|&repository| of_repository(repository, IMPLIED[role]));
        Entity::new_no_attrs(of_organization(number, role), implied.into_iter().chain(below).collect())
    };
    vec![entity(uid("Organization", &name('o', number)), attributes), group(0), group(1)]
}

fn repository(world: &World, number: u32) -> Vec<Entity> {
    let mut attributes = named(&REPOSITORY_GROUPS, (0..3).map(|role| of_repository(number, role)));
    let public = world.repositories[number as usize].public;
    attributes.insert("isPublic".to_owned(), RestrictedExpression::new_bool(public));
    let group = |role: usize| {
        let implied = (role > 0).then(|| of_repository(number, role - 1));
        Entity::new_no_attrs(of_repository(number, role), implied.into_iter().collect())
    };
    vec![entity(uid("Repository", &name('r', number)), attributes), group(0), group(1), group(2)]
}

fn issue(world: &World, number: u32) -> Entity {
    let issue = world.issues[number as usize];
    let of = |kind, name: String| RestrictedExpression::new_entity_uid(uid(kind, &name));
    let attributes = [
        ("repo".to_owned(), of("Repository", name('r', issue.repository))),
        ("creator".to_owned(), of("User", name('u', issue.creator))),
    ];
    entity(uid("Issue", &name('i', number)), attributes.into_iter().collect())
}

fn request(asked: &Question) -> Request {
    let resource = match asked.target {
        Target::Organization(number) => uid("Organization", &name('o', number)),
        Target::Repository(number) => uid("Repository", &name('r', number)),
        Target::Issue(number) => uid("Issue", &name('i', number)),
    };
    let (user, action) = (uid("User", &name('u', asked.user)), uid("Action", asked.action));
    Request::new(user, action, resource, Context::empty(), None).expect("a request")
}

fn policies() -> PolicySet {
    include_str!("policy.cedar").parse().expect("the policies load")
}

pub(crate) fn all(world: &World) -> Vec<Entity> {
    let mut owned = vec![Vec::new(); world.organizations as usize];
    for (number, repository) in (0..).zip(&world.repositories) {
        owned[repository.organization as usize].push(number);
    }
    let users = (0..world.users.len() as u32).map(|number| user(world, number));
    let organizations = (0..).zip(&owned).flat_map(|(number, owned)| organization(number, owned));
    let repositories = (0..world.repositories.len() as u32).flat_map(|number| repository(world, number));
    let issues = (0..world.issues.len() as u32).map(|number| issue(world, number));
    users.chain(organizations).chain(repositories).chain(issues).collect()
}

/// A store of entities, with the ancestors of each.
pub(crate) fn store(entities: Vec<Entity>) -> Entities {
    Entities::from_entities(entities, None).expect("entities")
}

/// All entities in one store, made before.
pub(crate) fn stored(world: &World) -> Contender {
    let given = "the decision alone: requests and the store of entities, with its closure, are made before";
    Contender::new("cedar-policy", given, shared(world))
}

/// Its decision, for threads.
pub(crate) fn shared(world: &World) -> impl Shared {
    let entities = store(all(world));
    let requests: Vec<Request> = world.questions.iter().map(request).collect();
    let (policies, authorizer) = (policies(), Authorizer::new());
    move |question| {
        authorizer.is_authorized(&requests[question], &policies, &entities).decision() == Decision::Allow
    }
}

/// What a question is about: the user, the resource, and what is above it.
fn slice(world: &World, asked: &Question) -> Vec<Entity> {
    let mut slice = vec![user(world, asked.user)];
    let mut with_repository = |number: u32| {
        slice.extend(repository(world, number));
        slice.extend(organization(world.repositories[number as usize].organization, &[number]));
    };
    match asked.target {
        Target::Organization(number) => slice.extend(organization(number, &[])),
        Target::Repository(number) => with_repository(number),
        Target::Issue(number) => {
            with_repository(world.issues[number as usize].repository);
            slice.push(issue(world, number));
        }
    }
    slice
}

/// A store for each question, with what the question is about, as by an application that has its data elsewhere.
pub(super) fn per_request(world: &World) -> Contender {
    let requests: Vec<Request> = world.questions.iter().map(request).collect();
    let slices: Vec<Vec<Entity>> = world.questions.iter().map(|asked| slice(world, asked)).collect();
    let (policies, authorizer) = (policies(), Authorizer::new());
    let given = "with `Entities::from_entities` of the user, the resource, what is above it and their groups in each \
                 decision; the entities themselves are cloned from ready ones";
    Contender::new("cedar-policy, entities per request", given, move |question| {
        let entities = store(slices[question].clone());
        let response = authorizer.is_authorized(&requests[question], &policies, black_box(&entities));
        response.decision() == Decision::Allow
    })
}
