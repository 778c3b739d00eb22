//! W2 for regorus: the application's tables as data, the question as input.

use regorus::Value;
use serde_json::{Map, Value as Json, json};

use super::by_hand::{name, target};
use super::world::{
    IMPLIED, ISSUE_ACTIONS, ISSUE_NEEDS, ORGANIZATION_ACTIONS, ORGANIZATION_ROLES, REPOSITORY_ACTIONS,
    REPOSITORY_ROLES,
};
use super::{Question, World};
use crate::contender::Contender;
use crate::rego;

const POLICY: &str = include_str!("policy.rego");
const ENTRY: &str = "data.codehost.allow";

fn object(entries: impl Iterator<Item = (String, Json)>) -> Json {
    Json::Object(entries.collect::<Map<String, Json>>())
}

fn grants() -> Json {
    let organization = |role: usize| json!(ORGANIZATION_ACTIONS[..=role]);
    let repository = |role: usize| json!(REPOSITORY_ACTIONS[..=role]);
    let issue = |role: usize| {
        let actions = ISSUE_ACTIONS.iter().zip(ISSUE_NEEDS).filter(|(_, needed)| *needed <= role);
        json!(actions.map(|(action, _)| *action).collect::<Vec<_>>())
    };
    let by_role = |names: &[&str], of: &dyn Fn(usize) -> Json| {
        object(names.iter().enumerate().map(|(role, name)| ((*name).to_owned(), of(role))))
    };
    json!({
        "organization": by_role(&ORGANIZATION_ROLES, &organization),
        "repository": by_role(&REPOSITORY_ROLES, &repository),
        "issue": by_role(&REPOSITORY_ROLES, &issue),
    })
}

/// The tables, as data.
pub(crate) fn data(world: &World) -> Json {
    let roles = |key: &str, kind: char, names: &[&str], roles: &[(usize, u32)]| {
        let role = |&(role, on): &(usize, u32)| json!({"name": names[role], key: name(kind, on)});
        json!(roles.iter().map(role).collect::<Vec<_>>())
    };
    let users = (0..).zip(&world.users).map(|(id, user)| {
        let org_roles = roles("organization", 'o', &ORGANIZATION_ROLES, &user.organizations);
        let repo_roles = roles("repository", 'r', &REPOSITORY_ROLES, &user.repositories);
        (name('u', id), json!({"org_roles": org_roles, "repo_roles": repo_roles}))
    });
    let repositories = (0..).zip(&world.repositories).map(|(id, of)| {
        (name('r', id), json!({"organization": name('o', of.organization), "public": of.public}))
    });
    let issues = (0..).zip(&world.issues).map(|(id, of)| {
        (name('i', id), json!({"repository": name('r', of.repository), "creator": name('u', of.creator)}))
    });
    let implied = ORGANIZATION_ROLES.iter().zip(IMPLIED);
    json!({
        "users": object(users),
        "repositories": object(repositories),
        "issues": object(issues),
        "grants": grants(),
        "implied": object(implied.map(|(role, implied)| ((*role).to_owned(), json!(REPOSITORY_ROLES[implied])))),
    })
}

fn inputs(world: &World) -> Vec<Value> {
    let input = |asked: &Question| {
        let (kind, id) = target(asked.target);
        let kind = match kind {
            'o' => "organization",
            'r' => "repository",
            _ => "issue",
        };
        rego::value(&json!({
            "user": name('u', asked.user), "action": asked.action, "kind": kind, "id": id,
        }))
    };
    world.questions.iter().map(input).collect()
}

/// Its virtual machine.
pub(crate) fn vm(world: &World) -> Contender {
    rego::vm(POLICY, &data(world), ENTRY, inputs(world))
}

/// Its interpreter.
pub(super) fn interpreter(world: &World) -> Contender {
    rego::interpreter(POLICY, &data(world), ENTRY, inputs(world))
}
