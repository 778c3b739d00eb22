//! W2 and W7 for Arctos over stored facts.

use arctos::facts::{Change, FactError, Facts, ValueRef};
use arctos::{Authorizer, Policy, Schema, Sources};

use super::world::{ORGANIZATION_ROLES, REPOSITORY_ROLES};
use super::{Question, Target, World};
use crate::contender::Contender;

/// Arctos with this world as facts.
pub(super) fn contender(world: &World) -> Contender {
    over(&world.questions, load(world, &ids(world))).named("arctos facts")
}

/// Arctos with these questions, over the facts of their world.
pub(crate) fn over(questions: &[Question], facts: Facts) -> Contender {
    let authorizer = Authorizer::new(&policy(), facts).expect("the policy has facts");
    let asked =
        |question: &Question| (question.user.to_string(), question.action, of_target(question.target));
    let asked: Vec<(String, &str, (&str, String))> = questions.iter().map(asked).collect();
    let decide = move |place: usize| {
        let (user, action, (type_name, id)) = &asked[place];
        let (user, resource) = (ValueRef::entity("User", user), ValueRef::entity(type_name, id));
        authorizer.check("allow", &[user, (*action).into(), resource]).expect("a decision")
    };
    let given = "`Authorizer::check` by types and ids, over a snapshot of facts in memory";
    Contender::new("arctos", given, decide)
}

pub(crate) fn policy() -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("facts.polar"), include_str!("facts.polar"));
    Policy::load(&schema, sources).expect("the policy loads")
}

/// The type and the id of what a question is about.
pub(crate) fn of_target(target: Target) -> (&'static str, String) {
    match target {
        Target::Organization(number) => ("Organization", number.to_string()),
        Target::Repository(number) => ("Repository", number.to_string()),
        Target::Issue(number) => ("Issue", number.to_string()),
    }
}

/// The ids of a world's things of every type: their numbers, as text.
pub(crate) fn ids(world: &World) -> Vec<String> {
    let most = [world.users.len(), world.repositories.len(), world.issues.len()].into_iter().max();
    (0..most.unwrap_or(0)).map(|number| number.to_string()).collect()
}

/// All facts at once.
pub(crate) fn load(world: &World, ids: &[String]) -> Facts {
    let mut change = Facts::new().change();
    insert_all(&mut change, world, ids).expect("facts");
    change.commit().0
}

fn insert_all(change: &mut Change, world: &World, ids: &[String]) -> Result<(), FactError> {
    change.insert_many(roles(world, ids))?;
    change.insert_many(relations(world, ids))?;
    change.insert_many(flags(world, ids))?;
    Ok(())
}

/// A predicate and its arguments.
pub(crate) type Stated<'a, const N: usize> = (&'a str, [ValueRef<'a>; N]);

/// Which roles users have.
pub(crate) fn roles<'a>(world: &'a World, ids: &'a [String]) -> impl Iterator<Item = Stated<'a, 3>> {
    world.users.iter().zip(ids).flat_map(move |(user, id)| {
        let stated = move |role: &'static str, type_name: &'static str, on: u32| {
            let on = ValueRef::entity(type_name, &ids[on as usize]);
            ("has_role", [ValueRef::entity("User", id), role.into(), on])
        };
        let on_organizations = user
            .organizations
            .iter()
            .map(move |&(role, on)| stated(ORGANIZATION_ROLES[role], "Organization", on));
        let on_repositories =
            user.repositories.iter().map(move |&(role, on)| stated(REPOSITORY_ROLES[role], "Repository", on));
        on_organizations.chain(on_repositories)
    })
}

/// Whose repositories are, where issues are and who opened them.
pub(crate) fn relations<'a>(world: &'a World, ids: &'a [String]) -> impl Iterator<Item = Stated<'a, 3>> {
    let stated = move |from: ValueRef<'a>, name: &'static str, type_name: &'static str, to: u32| {
        ("has_relation", [from, name.into(), ValueRef::entity(type_name, &ids[to as usize])])
    };
    let of_repositories = world.repositories.iter().zip(ids).map(move |(repository, id)| {
        stated(ValueRef::entity("Repository", id), "org", "Organization", repository.organization)
    });
    let of_issues = world.issues.iter().zip(ids).flat_map(move |(issue, id)| {
        let from = ValueRef::entity("Issue", id);
        let repository = stated(from, "repo", "Repository", issue.repository);
        [repository, stated(from, "creator", "User", issue.creator)]
    });
    of_repositories.chain(of_issues)
}

/// Which repositories all may read.
pub(crate) fn flags<'a>(world: &'a World, ids: &'a [String]) -> impl Iterator<Item = Stated<'a, 1>> {
    let public = world.repositories.iter().zip(ids).filter(|(repository, _)| repository.public);
    public.map(|(_, id)| ("is_public", [ValueRef::entity("Repository", id)]))
}
