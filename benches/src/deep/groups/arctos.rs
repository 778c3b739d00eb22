//! W3 groups for Arctos: groups that point to the groups they are in.

use std::sync::{Arc, OnceLock};

use arctos::rust::{Arctos, ClassDescription, PolarClass};

use super::{REPOSITORIES, World};
use crate::contender::Contender;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    groups: Vec<Arc<Group>>,
}

struct Group {
    id: u32,
    groups: OnceLock<Vec<Arc<Group>>>,
}

#[derive(PolarClass)]
struct Repository {
    #[polar(attribute)]
    readers: Vec<u32>,
}

impl PolarClass for Group {
    fn class() -> ClassDescription<Self> {
        ClassDescription::<Self>::new("Group")
            .field("id", |group| &group.id)
            .attribute("groups", Group::groups)
    }
}

impl Group {
    fn groups(&self) -> Option<&Vec<Arc<Group>>> {
        self.groups.get()
    }
}

fn groups(world: World) -> Vec<Arc<Group>> {
    let groups: Vec<Arc<Group>> =
        (0..world.depth).map(|id| Arc::new(Group { id, groups: OnceLock::new() })).collect();
    for group in &groups {
        let parents = world.parent(group.id).into_iter().map(|parent| groups[parent as usize].clone());
        group.groups.get_or_init(|| parents.collect());
    }
    groups
}

/// Arctos with this world.
pub(super) fn contender(world: World) -> Contender {
    let engine = Arctos::builder()
        .register::<User>()
        .register::<Group>()
        .register::<Repository>()
        .load_named("policy.polar", include_str!("policy.polar"))
        .build()
        .expect("the policy loads");
    let user = User { groups: vec![groups(world)[world.last() as usize].clone()] };
    let repository = |question| Repository { readers: vec![world.granted(question)] };
    let repositories: Vec<Repository> = (0..REPOSITORIES).map(repository).collect();
    let given = "groups that hold the groups they are in, by `Arc`";
    Contender::new("arctos", given, move |repository| {
        engine.is_allowed(&user, "read", &repositories[repository]).expect("a decision")
    })
}
