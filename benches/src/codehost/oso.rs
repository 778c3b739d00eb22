//! W2 for the crate `oso`: the same policy text as Arctos. Its attributes are owned values, so what an object points to is
//! cloned when a rule reads it; all of these clones are of a few numbers.

use oso::{Oso, PolarClass};

use super::world::{ORGANIZATION_ROLES, REPOSITORY_ROLES};
use super::{Target, World};
use crate::contender::{Contender, Shared};

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    org_roles: Vec<OrganizationRole>,
    #[polar(attribute)]
    repo_roles: Vec<RepositoryRole>,
}

#[derive(Clone, PolarClass)]
struct OrganizationRole {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    organization: u32,
}

#[derive(Clone, PolarClass)]
struct RepositoryRole {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    repository: u32,
}

#[derive(Clone, PolarClass)]
struct Organization {
    #[polar(attribute)]
    id: u32,
}

#[derive(Clone, PolarClass)]
struct Repository {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    is_public: bool,
    #[polar(attribute)]
    org: Organization,
}

#[derive(Clone, PolarClass)]
struct Issue {
    #[polar(attribute)]
    creator: u32,
    #[polar(attribute)]
    repo: Repository,
}

fn engine() -> Oso {
    let mut engine = Oso::new();
    let classes = [
        User::get_polar_class(),
        OrganizationRole::get_polar_class(),
        RepositoryRole::get_polar_class(),
        Organization::get_polar_class(),
        Repository::get_polar_class(),
        Issue::get_polar_class(),
    ];
    for class in classes {
        engine.register_class(class).expect("a class");
    }
    engine.load_str(include_str!("policy.polar")).expect("the policy loads");
    engine
}

fn user(id: u32, user: &super::world::User) -> User {
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

pub(super) fn contender(world: &World) -> Contender {
    let given = "0.27.3, the same policy; `is_allowed(user.clone(), action, resource.clone())`";
    Contender::new("oso", given, shared(world))
}

/// Its decision, for threads.
pub(crate) fn shared(world: &World) -> impl Shared {
    let engine = engine();
    let users: Vec<User> = (0..).zip(&world.users).map(|(id, of)| user(id, of)).collect();
    let repositories: Vec<Repository> = (0..)
        .zip(&world.repositories)
        .map(|(id, of)| Repository { id, is_public: of.public, org: Organization { id: of.organization } })
        .collect();
    let issues: Vec<Issue> = world
        .issues
        .iter()
        .map(|of| Issue { creator: of.creator, repo: repositories[of.repository as usize].clone() })
        .collect();
    let questions = world.questions.clone();
    move |question| {
        let asked = questions[question];
        let (user, action) = (users[asked.user as usize].clone(), asked.action);
        let answer = match asked.target {
            Target::Organization(id) => engine.is_allowed(user, action, Organization { id }),
            Target::Repository(number) => {
                engine.is_allowed(user, action, repositories[number as usize].clone())
            }
            Target::Issue(number) => engine.is_allowed(user, action, issues[number as usize].clone()),
        };
        answer.expect("a decision")
    }
}
