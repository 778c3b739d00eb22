//! W1 for Arctos: live objects, borrowed.

use arctos::rust::{Arctos, PolarClass};

use super::{ACTIONS, REPOSITORIES, ROLES, World};
use crate::contender::{Contender, Shared};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    roles: Vec<Role>,
}

#[derive(PolarClass)]
struct Role {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    repository: u32,
}

#[derive(PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
}

/// Arctos with this world.
pub fn contender(world: &World) -> Contender {
    Contender::new("arctos", "`is_allowed(&user, action, &repository)` over derived structs", shared(world))
}

/// Its decision, for threads.
pub fn shared(world: &World) -> impl Shared {
    let engine = Arctos::builder()
        .register::<User>()
        .register::<Role>()
        .register::<Repository>()
        .load_named("policy.polar", include_str!("policy.polar"))
        .build()
        .expect("the policy loads");
    let role =
        |grant: &super::Grant| Role { name: ROLES[grant.role].to_owned(), repository: grant.repository };
    let users: Vec<User> =
        world.users.iter().map(|grants| User { roles: grants.iter().map(role).collect() }).collect();
    let repositories: Vec<Repository> = (0..REPOSITORIES).map(|id| Repository { id }).collect();
    let questions = world.questions.clone();
    move |question| {
        let asked = questions[question];
        let (user, repository) = (&users[asked.user], &repositories[asked.repository as usize]);
        engine.is_allowed(user, ACTIONS[asked.action], repository).expect("a decision")
    }
}
