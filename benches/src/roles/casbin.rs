//! W1 for casbin: roles with domains; what a role implies is written out, since its role links hold in one domain only.

use ::casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use super::{ACTIONS, ROLES, World, repository_name, user_name};
use crate::contender::{Contender, block_on};

pub(super) fn contender(world: &World) -> Contender {
    let enforcer = block_on(enforcer(world)).expect("an enforcer");
    let questions: Vec<(String, String, &'static str)> = world
        .questions
        .iter()
        .map(|asked| (user_name(asked.user), repository_name(asked.repository), ACTIONS[asked.action]))
        .collect();
    let given = "roles with domains, `enforce((user, repository, action))`, without its cache of decisions";
    Contender::new("casbin", given, move |question| {
        let (user, repository, action) = &questions[question];
        enforcer.enforce((user, repository, action)).expect("a decision")
    })
}

async fn enforcer(world: &World) -> ::casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(include_str!("model.conf")).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    let permissions = ROLES.iter().enumerate().flat_map(|(role, name)| {
        ACTIONS[..=role].iter().map(|action| vec![(*name).to_owned(), (*action).to_owned()])
    });
    enforcer.add_policies(permissions.collect()).await?;
    let roles = world.users.iter().enumerate().flat_map(|(user, grants)| {
        grants.iter().map(move |grant| {
            vec![user_name(user), ROLES[grant.role].to_owned(), repository_name(grant.repository)]
        })
    });
    enforcer.add_grouping_policies(roles.collect()).await?;
    Ok(enforcer)
}
