//! W3 groups for the crate `oso`: the same policy text. A group is a counted pointer, so that its clones are cheap.

use std::sync::{Arc, OnceLock};

use oso::{Oso, PolarClass};

use super::{REPOSITORIES, World};
use crate::contender::Contender;
use crate::deep::oso::tried;

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    groups: Vec<Group>,
}

#[derive(Clone, PolarClass)]
struct Repository {
    #[polar(attribute)]
    readers: Vec<u32>,
}

#[derive(Clone)]
struct Group(Arc<Contents>);

struct Contents {
    id: u32,
    groups: OnceLock<Vec<Group>>,
}

impl PolarClass for Group {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .name("Group")
            .add_attribute_getter("id", |group: &Group| group.0.id)
            .add_attribute_getter("groups", |group: &Group| group.0.groups.get().cloned().unwrap_or_default())
    }
}

fn groups(world: World) -> Vec<Group> {
    let groups: Vec<Group> =
        (0..world.depth).map(|id| Group(Arc::new(Contents { id, groups: OnceLock::new() }))).collect();
    for group in &groups {
        let parents = world.parent(group.0.id).into_iter().map(|parent| groups[parent as usize].clone());
        group.0.groups.get_or_init(|| parents.collect());
    }
    groups
}

/// With this world; or why it cannot answer.
pub(super) fn contender(world: World) -> Result<Contender, String> {
    let mut engine = Oso::new();
    for class in [User::get_polar_class(), Group::get_polar_class(), Repository::get_polar_class()] {
        engine.register_class(class).expect("a class");
    }
    engine.load_str(include_str!("policy.polar")).expect("the policy loads");
    let user = User { groups: vec![groups(world)[world.last() as usize].clone()] };
    let repositories: Vec<Repository> =
        (0..REPOSITORIES).map(|repository| Repository { readers: vec![world.granted(repository)] }).collect();
    let decide = move |repository: usize| {
        engine
            .is_allowed(user.clone(), "read", repositories[repository].clone())
            .map_err(|error| error.to_string())
    };
    tried(&decide)?;
    let given = "0.27.3, the same policy; a group is a counted pointer, so that its clones are cheap";
    Ok(Contender::new("oso", given, move |repository| decide(repository).expect("a decision")))
}
