//! W2 for Arctos: live objects that point to one another, borrowed.

use std::sync::Arc;

use arctos::rust::{Arctos, PolarClass};

use super::world::{ORGANIZATION_ROLES, REPOSITORY_ROLES};
use super::{Target, World};
use crate::contender::{Contender, Shared};

#[derive(PolarClass)]
pub(super) struct User {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    org_roles: Vec<OrganizationRole>,
    #[polar(attribute)]
    repo_roles: Vec<RepositoryRole>,
}

#[derive(PolarClass)]
struct OrganizationRole {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    organization: u32,
}

#[derive(PolarClass)]
struct RepositoryRole {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    repository: u32,
}

#[derive(PolarClass)]
struct Organization {
    #[polar(attribute)]
    id: u32,
}

#[derive(PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    is_public: bool,
    #[polar(attribute)]
    org: Arc<Organization>,
}

#[derive(PolarClass)]
struct Issue {
    #[polar(attribute)]
    creator: u32,
    #[polar(attribute)]
    repo: Arc<Repository>,
}

/// The objects.
struct Objects {
    users: Vec<User>,
    organizations: Vec<Arc<Organization>>,
    repositories: Vec<Arc<Repository>>,
    issues: Vec<Issue>,
}

impl Objects {
    fn of(world: &World) -> Objects {
        let organizations: Vec<Arc<Organization>> =
            (0..world.organizations).map(|id| Arc::new(Organization { id })).collect();
        let repositories: Vec<Arc<Repository>> = (0..)
            .zip(&world.repositories)
            .map(|(id, repository)| {
                let org = organizations[repository.organization as usize].clone();
                Arc::new(Repository { id, is_public: repository.public, org })
            })
            .collect();
        let issue = |issue: &super::world::Issue| Issue {
            creator: issue.creator,
            repo: repositories[issue.repository as usize].clone(),
        };
        let issues = world.issues.iter().map(issue).collect();
        Objects { users: users(world), organizations, repositories, issues }
    }
}

/// The users alone.
pub(super) fn users(world: &World) -> Vec<User> {
    (0..).zip(&world.users).map(|(id, user)| of_user(id, user)).collect()
}

fn of_user(id: u32, user: &super::world::User) -> User {
    let on_organization = |&(role, organization): &(usize, u32)| OrganizationRole {
        name: ORGANIZATION_ROLES[role].to_owned(),
        organization,
    };
    let on_repository = |&(role, repository): &(usize, u32)| RepositoryRole {
        name: REPOSITORY_ROLES[role].to_owned(),
        repository,
    };
    User {
        id,
        org_roles: user.organizations.iter().map(on_organization).collect(),
        repo_roles: user.repositories.iter().map(on_repository).collect(),
    }
}

pub(super) fn engine() -> Arctos {
    Arctos::builder()
        .register::<User>()
        .register::<OrganizationRole>()
        .register::<RepositoryRole>()
        .register::<Organization>()
        .register::<Repository>()
        .register::<Issue>()
        .load_named("policy.polar", include_str!("policy.polar"))
        .build()
        .expect("the policy loads")
}

/// Arctos with this world.
pub fn contender(world: &World) -> Contender {
    let given =
        "`is_allowed(&user, action, &resource)` over derived structs that point to one another by `Arc`";
    Contender::new("arctos", given, shared(world))
}

/// Its decision, for threads.
pub fn shared(world: &World) -> impl Shared {
    let (engine, objects) = (engine(), Objects::of(world));
    let questions = world.questions.clone();
    move |question| {
        let asked = questions[question];
        let (user, action) = (&objects.users[asked.user as usize], asked.action);
        let answer = match asked.target {
            Target::Organization(number) => {
                engine.is_allowed(user, action, &*objects.organizations[number as usize])
            }
            Target::Repository(number) => {
                engine.is_allowed(user, action, &*objects.repositories[number as usize])
            }
            Target::Issue(number) => engine.is_allowed(user, action, &objects.issues[number as usize]),
        };
        answer.expect("a decision")
    }
}
