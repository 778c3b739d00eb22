//! W3 groups for Arctos over stored facts.

use arctos::Fact;
use arctos::facts::ValueRef;

use super::{REPOSITORIES, World};
use crate::contender::Contender;
use crate::deep::facts::{ENGINE, GIVEN, authorizer, entity};

/// Arctos with this world as facts.
pub(in crate::deep) fn contender(world: World) -> Contender {
    let authorizer = authorizer(include_str!("facts.polar"), facts(world));
    let repositories: Vec<String> = (0..REPOSITORIES).map(|repository| repository.to_string()).collect();
    Contender::new(ENGINE, GIVEN, move |repository| {
        let repository = ValueRef::entity("Repository", &repositories[repository]);
        authorizer
            .check("allow", &[ValueRef::entity("User", "0"), "read".into(), repository])
            .expect("a decision")
    })
}

fn facts(world: World) -> impl Iterator<Item = Fact> {
    let roles = (0..REPOSITORIES).map(move |repository| {
        let group = entity("Group", world.granted(repository));
        Fact::new("has_role", [group, "reader".into(), entity("Repository", repository as u32)])
    });
    let members = (0..world.depth).filter_map(move |group| {
        let parent = entity("Group", world.parent(group)?);
        Some(Fact::new("in_group", [entity("Group", group), parent]))
    });
    let user = Fact::new("in_group", [entity("User", 0), entity("Group", world.last())]);
    roles.chain(members).chain([user])
}
