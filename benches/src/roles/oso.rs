//! W1 for the crate `oso`: the same policy text as Arctos; objects are cloned into each question, as its interface wants.

use oso::{Oso, PolarClass};

use super::{ACTIONS, REPOSITORIES, ROLES, World};
use crate::contender::{Contender, Shared};

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    roles: Vec<Role>,
}

#[derive(Clone, PolarClass)]
struct Role {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    repository: u32,
}

#[derive(Clone, PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
}

pub(super) fn contender(world: &World) -> Contender {
    let given = "0.27.3, the same policy; `is_allowed(user.clone(), action, repository.clone())`";
    Contender::new("oso", given, shared(world))
}

/// Its decision, for threads.
pub(crate) fn shared(world: &World) -> impl Shared {
    let mut engine = Oso::new();
    for class in [User::get_polar_class(), Role::get_polar_class(), Repository::get_polar_class()] {
        engine.register_class(class).expect("a class");
    }
    engine.load_str(include_str!("policy.polar")).expect("the policy loads");
    let role =
        |grant: &super::Grant| Role { name: ROLES[grant.role].to_owned(), repository: grant.repository };
    let users: Vec<User> =
        world.users.iter().map(|grants| User { roles: grants.iter().map(role).collect() }).collect();
    let repositories: Vec<Repository> = (0..REPOSITORIES).map(|id| Repository { id }).collect();
    let questions = world.questions.clone();
    move |question| {
        let asked = questions[question];
        let (user, repository) = (&users[asked.user], &repositories[asked.repository as usize]);
        engine.is_allowed(user.clone(), ACTIONS[asked.action], repository.clone()).expect("a decision")
    }
}
