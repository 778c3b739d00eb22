//! W3 for Arctos over stored facts.

use arctos::facts::{Facts, Value, ValueRef};
use arctos::{Authorizer, Fact, Policy, Schema, Sources};

use super::{USERS, World};
use crate::contender::Contender;

/// What the rows over facts are given.
pub(super) const GIVEN: &str = "`Authorizer::check` by types and ids, over a snapshot of facts in memory";
/// Their name.
pub(super) const ENGINE: &str = "arctos facts";

/// Arctos with this world as facts.
pub(super) fn contender(world: World) -> Contender {
    let authorizer = authorizer(include_str!("facts.polar"), facts(world));
    let users: Vec<String> = (0..USERS).map(|user| user.to_string()).collect();
    let asked = world.last().to_string();
    Contender::new(ENGINE, GIVEN, move |user| {
        let (user, folder) = (ValueRef::entity("User", &users[user]), ValueRef::entity("Folder", &asked));
        authorizer.check("allow", &[user, "read".into(), folder]).expect("a decision")
    })
}

/// Over these facts, by this policy.
pub(super) fn authorizer(policy: &str, facts: impl Iterator<Item = Fact>) -> Authorizer {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("facts.polar"), policy);
    let policy = Policy::load(&schema, sources).expect("the policy loads");
    let mut change = Facts::new().change();
    for fact in facts {
        change.insert(&fact).expect("a fact");
    }
    Authorizer::new(&policy, change.commit().0).expect("the policy has facts")
}

/// An entity of that number.
pub(super) fn entity(type_name: &str, number: u32) -> Value {
    Value::entity(type_name, number.to_string())
}

fn facts(world: World) -> impl Iterator<Item = Fact> {
    let roles = (0..USERS).map(move |user| {
        let folder = entity("Folder", world.granted(user));
        Fact::new("has_role", [entity("User", user as u32), "reader".into(), folder])
    });
    let parents = (0..world.depth).filter_map(move |folder| {
        let parent = entity("Folder", world.parent(folder)?);
        Some(Fact::new("has_relation", [entity("Folder", folder), "parent".into(), parent]))
    });
    roles.chain(parents)
}
