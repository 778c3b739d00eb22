//! W2 for Arctos over stored facts.

use arctos::facts::{Fact, Facts, Value, ValueRef};
use arctos::{Authorizer, Policy, Schema, Sources};

use super::world::{ORGANIZATION_ROLES, REPOSITORY_ROLES};
use super::{Target, World};
use crate::contender::Contender;

/// Arctos with this world as facts.
pub(super) fn contender(world: &World) -> Contender {
    let authorizer = Authorizer::new(&policy(), facts(world)).expect("the policy has facts");
    let users: Vec<String> = (0..world.users.len()).map(|user| user.to_string()).collect();
    let asked: Vec<(&'static str, String)> =
        world.questions.iter().map(|question| of_target(question.target)).collect();
    let questions = world.questions.clone();
    let decide = move |place: usize| {
        let (question, (type_name, id)) = (questions[place], &asked[place]);
        let user = ValueRef::entity("User", &users[question.user as usize]);
        let resource = ValueRef::entity(type_name, id);
        authorizer.check("allow", &[user, question.action.into(), resource]).expect("a decision")
    };
    Contender::new(
        "arctos facts",
        "`Authorizer::check` by types and ids, over a snapshot of facts in memory",
        decide,
    )
}

fn policy() -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("facts.polar"), include_str!("facts.polar"));
    Policy::load(&schema, sources).expect("the policy loads")
}

/// The type and the id of what a question is about.
fn of_target(target: Target) -> (&'static str, String) {
    match target {
        Target::Organization(number) => ("Organization", number.to_string()),
        Target::Repository(number) => ("Repository", number.to_string()),
        Target::Issue(number) => ("Issue", number.to_string()),
    }
}

fn entity(type_name: &str, number: u32) -> Value {
    Value::entity(type_name, number.to_string())
}

fn facts(world: &World) -> Facts {
    let mut change = Facts::new().change();
    let mut add = |predicate: &str, arguments: Vec<Value>| {
        change.insert(&Fact::new(predicate, arguments)).expect("a fact");
    };
    for (number, user) in (0..).zip(&world.users) {
        let user_entity = || entity("User", number);
        for &(role, organization) in &user.organizations {
            let role = ORGANIZATION_ROLES[role].into();
            add("has_role", vec![user_entity(), role, entity("Organization", organization)]);
        }
        for &(role, repository) in &user.repositories {
            let role = REPOSITORY_ROLES[role].into();
            add("has_role", vec![user_entity(), role, entity("Repository", repository)]);
        }
    }
    for (number, repository) in (0..).zip(&world.repositories) {
        let this = || entity("Repository", number);
        add("has_relation", vec![this(), "org".into(), entity("Organization", repository.organization)]);
        if repository.public {
            add("is_public", vec![this()]);
        }
    }
    for (number, issue) in (0..).zip(&world.issues) {
        let this = || entity("Issue", number);
        add("has_relation", vec![this(), "repo".into(), entity("Repository", issue.repository)]);
        add("has_relation", vec![this(), "creator".into(), entity("User", issue.creator)]);
    }
    change.commit().0
}
