//! W3 for Arctos: folders that point to their parents.

use std::sync::OnceLock;

use arctos::rust::{Arctos, PolarClass};

use super::{USERS, World};
use crate::contender::Contender;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    folders: Vec<u32>,
}

struct Folder {
    id: u32,
    parent: OnceLock<&'static Folder>,
}

impl PolarClass for Folder {
    fn class() -> arctos::rust::ClassDescription<Self> {
        arctos::rust::ClassDescription::<Self>::new("Folder")
            .field("id", |folder| &folder.id)
            .attribute("parent", Folder::parent)
    }
}

impl Folder {
    fn parent(&self) -> Option<&Folder> {
        self.parent.get().copied()
    }
}

/// The folders, kept for as long as the program runs, so that they may form a circle.
fn folders(world: World) -> &'static [Folder] {
    let folders: Vec<Folder> = (0..world.depth).map(|id| Folder { id, parent: OnceLock::new() }).collect();
    let folders: &'static [Folder] = folders.leak();
    for folder in folders {
        if let Some(parent) = world.parent(folder.id) {
            folder.parent.get_or_init(|| &folders[parent as usize]);
        }
    }
    folders
}

/// Arctos with this world.
pub fn contender(world: World) -> Contender {
    let engine = Arctos::builder()
        .register::<User>()
        .register::<Folder>()
        .load_named("policy.polar", include_str!("policy.polar"))
        .build()
        .expect("the policy loads");
    let users: Vec<User> = (0..USERS).map(|user| User { folders: vec![world.granted(user)] }).collect();
    let asked = &folders(world)[world.last() as usize];
    let given = "`\"reader\" if \"reader\" on \"parent\"` over objects that point to their parents";
    Contender::new("arctos", given, move |user| {
        engine.is_allowed(&users[user], "read", asked).expect("a decision")
    })
}
