//! W2 for casbin: roles with domains. It has no relations between resources, so the application says with each request
//! which repository and organization are meant, whether it is public and who opened the issue; and what a role implies
//! is written out. That is less work than the other engines do.

use ::casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use super::by_hand::name;
use super::world::{
    IMPLIED, ISSUE_ACTIONS, ISSUE_NEEDS, ORGANIZATION_ACTIONS, ORGANIZATION_ROLES, REPOSITORY_ACTIONS,
    REPOSITORY_ROLES,
};
use super::{Question, Target, World};
use crate::contender::{Contender, block_on};

pub(crate) fn contender(world: &World) -> Contender {
    let enforcer = loaded(world);
    let questions: Vec<[String; 7]> = world.questions.iter().map(|asked| request(world, asked)).collect();
    let given = "roles with domains, `enforce` without its cache of decisions; the application itself follows the \
                 relations, and implied roles are written out, which is less work than the others do";
    Contender::new("casbin", given, move |question| {
        let [user, kind, action, repository, organization, public, creator] = &questions[question];
        enforcer.enforce((user, kind, action, repository, organization, public, creator)).expect("a decision")
    })
}

fn request(world: &World, asked: &Question) -> [String; 7] {
    let (kind, repository, creator) = match asked.target {
        Target::Organization(_) => ("organization", None, None),
        Target::Repository(number) => ("repository", Some(number), None),
        Target::Issue(number) => {
            let issue = world.issues[number as usize];
            ("issue", Some(issue.repository), Some(issue.creator))
        }
    };
    let organization = match (asked.target, repository) {
        (Target::Organization(number), _) => Some(number),
        (_, repository) => repository.map(|number| world.repositories[number as usize].organization),
    };
    let public = repository.is_some_and(|number| world.repositories[number as usize].public);
    let named =
        |kind: char, number: Option<u32>| number.map_or_else(String::new, |number| name(kind, number));
    [
        name('u', asked.user),
        kind.to_owned(),
        asked.action.to_owned(),
        named('r', repository),
        named('o', organization),
        if public { "yes" } else { "no" }.to_owned(),
        named('u', creator),
    ]
}

/// Which role may do what to which kind of thing, with what the roles imply.
fn permissions() -> Vec<Vec<String>> {
    let mut lines: Vec<[&str; 3]> = Vec::new();
    for (role, name) in ORGANIZATION_ROLES.into_iter().enumerate() {
        lines.extend(ORGANIZATION_ACTIONS[..=role].iter().map(|action| [name, "organization", action]));
    }
    let roles = REPOSITORY_ROLES.into_iter().enumerate();
    let above = ORGANIZATION_ROLES.into_iter().zip(IMPLIED).map(|(name, role)| (role, name));
    for (role, name) in roles.chain(above) {
        lines.extend(REPOSITORY_ACTIONS[..=role].iter().map(|action| [name, "repository", action]));
        let on_issue = ISSUE_ACTIONS.into_iter().zip(ISSUE_NEEDS).filter(|(_, needed)| *needed <= role);
        lines.extend(on_issue.map(|(action, _)| [name, "issue", action]));
    }
    lines.extend([
        ["anyone", "repository", "read"],
        ["anyone", "issue", "read"],
        ["creator", "issue", "close"],
    ]);
    lines.into_iter().map(|line| line.map(str::to_owned).to_vec()).collect()
}

/// With the permissions, and the roles of this world.
pub(crate) fn loaded(world: &World) -> Enforcer {
    block_on(enforcer(world)).expect("an enforcer")
}

async fn enforcer(world: &World) -> ::casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(include_str!("model.conf")).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer.add_policies(permissions()).await?;
    let mut roles = Vec::new();
    for (id, user) in (0..).zip(&world.users) {
        let on_organizations =
            user.organizations.iter().map(|&(role, on)| (ORGANIZATION_ROLES[role], name('o', on)));
        let on_repositories =
            user.repositories.iter().map(|&(role, on)| (REPOSITORY_ROLES[role], name('r', on)));
        for (role, on) in on_organizations.chain(on_repositories) {
            roles.push(vec![name('u', id), role.to_owned(), on]);
        }
    }
    enforcer.add_grouping_policies(roles).await?;
    Ok(enforcer)
}
