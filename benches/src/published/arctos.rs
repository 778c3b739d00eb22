//! W5 for Arctos: live objects.

use std::sync::Arc;

use arctos::rust::{Arctos, PolarClass};

use super::World;
use super::world::Application;
use crate::contender::Contender;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    groups: Vec<Arc<Group>>,
}

#[derive(PolarClass)]
struct Group {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    groups: Vec<Arc<Group>>,
}

#[derive(PolarClass)]
struct Grant {
    #[polar(attribute)]
    role: String,
    #[polar(attribute)]
    to: u32,
}

#[derive(PolarClass)]
struct Thing {
    #[polar(attribute)]
    owner: Option<u32>,
    #[polar(attribute)]
    is_public: bool,
    #[polar(attribute)]
    parents: Vec<Arc<Thing>>,
    #[polar(attribute)]
    user_grants: Vec<Grant>,
    #[polar(attribute)]
    group_grants: Vec<Grant>,
}

/// The engine for an application.
pub(super) fn engine(application: &Application) -> Arctos {
    Arctos::builder()
        .register::<User>()
        .register::<Group>()
        .register::<Grant>()
        .register::<Thing>()
        .load_named("shared.polar", include_str!("shared.polar"))
        .load_named("application.polar", application.polar)
        .build()
        .expect("the policy loads")
}

fn grants(application: &Application, grants: &[(usize, u32)]) -> Vec<Grant> {
    grants.iter().map(|&(role, to)| Grant { role: application.roles[role].to_owned(), to }).collect()
}

/// Arctos with this world.
pub(super) fn contender(engine: &Arctos, world: &World) -> Contender {
    let mut groups: Vec<Arc<Group>> = Vec::new();
    for (id, above) in (0..).zip(&world.groups) {
        let above = above.iter().map(|&group| groups[group as usize].clone()).collect();
        groups.push(Arc::new(Group { id, groups: above }));
    }
    let in_groups = |of: &Vec<u32>| of.iter().map(|&group| groups[group as usize].clone()).collect();
    let users: Vec<User> =
        (0..).zip(&world.users).map(|(id, of)| User { id, groups: in_groups(of) }).collect();
    let mut resources: Vec<Arc<Thing>> = Vec::new();
    for of in &world.resources {
        let parents = of.parents.iter().map(|&parent| resources[parent as usize].clone()).collect();
        resources.push(Arc::new(Thing {
            owner: of.owner,
            is_public: of.public,
            parents,
            user_grants: grants(world.application, &of.users),
            group_grants: grants(world.application, &of.groups),
        }));
    }
    let (engine, questions, actions) = (engine.clone(), world.questions.clone(), world.application.actions);
    Contender::new("arctos", "live objects that point to one another by `Arc`", move |question| {
        let asked = questions[question];
        let (user, resource) = (&users[asked.user as usize], &*resources[asked.resource as usize]);
        engine.is_allowed(user, actions[asked.action].0, resource).expect("a decision")
    })
}
