//! W4 for casbin: roles with domains, which are things; three lines of policy for each type.

use ::casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use super::World;
use super::world::{ACTIONS, ROLES, name};
use crate::contender::{Contender, block_on};

const MODEL: &str = "
[request_definition]
r = sub, kind, thing, act
[policy_definition]
p = sub, kind, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.kind == p.kind && r.act == p.act && g(r.sub, p.sub, r.thing)
";

pub(super) fn contender(world: &World) -> Contender {
    let enforcer = block_on(enforcer(world)).expect("an enforcer");
    let questions: Vec<[String; 4]> = world
        .questions
        .iter()
        .map(|asked| {
            let kind = world.live_name(world.things[asked.thing as usize]);
            [format!("u{}", asked.user), kind, asked.thing.to_string(), ACTIONS[asked.action].to_owned()]
        })
        .collect();
    let given = "roles with domains, three lines of policy for each type";
    Contender::new("casbin", given, move |question| {
        let [user, kind, thing, action] = &questions[question];
        enforcer.enforce((user, kind, thing, action)).expect("a decision")
    })
}

async fn enforcer(world: &World) -> ::casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    let lines = (0..world.types).flat_map(|number| {
        [(0, 0), (1, 0), (1, 1)]
            .map(|(role, action)| vec![ROLES[role].to_owned(), name(number), ACTIONS[action].to_owned()])
    });
    enforcer.add_policies(lines.collect()).await?;
    let roles = world.users.iter().enumerate().flat_map(|(user, roles)| {
        roles
            .iter()
            .map(move |&(role, thing)| vec![format!("u{user}"), ROLES[role].to_owned(), thing.to_string()])
    });
    enforcer.add_grouping_policies(roles.collect()).await?;
    Ok(enforcer)
}
