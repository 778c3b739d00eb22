//! W3 for the crate `oso`: the same policy text but for one operator. A folder is a counted pointer, so that its clones are cheap.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use oso::{Oso, PolarClass};

use super::{USERS, World};
use crate::contender::Contender;

/// An engine that takes longer for a decision is left out.
const LONGEST: Duration = Duration::from_secs(1);

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    folders: Vec<u32>,
}

#[derive(Clone)]
struct Folder(Arc<Contents>);

struct Contents {
    id: u32,
    parent: OnceLock<Folder>,
}

impl PolarClass for Folder {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .name("Folder")
            .add_attribute_getter("id", |folder: &Folder| folder.0.id)
            .add_attribute_getter("parent", |folder: &Folder| folder.0.parent.get().cloned())
    }
}

fn folders(world: World) -> Vec<Folder> {
    let folders: Vec<Folder> =
        (0..world.depth).map(|id| Folder(Arc::new(Contents { id, parent: OnceLock::new() }))).collect();
    for folder in &folders {
        if let Some(parent) = world.parent(folder.0.id) {
            folder.0.parent.get_or_init(|| folders[parent as usize].clone());
        }
    }
    folders
}

/// Why it cannot answer, where it cannot.
pub(super) fn tried(decide: impl Fn(usize) -> Result<bool, String>) -> Result<(), String> {
    for question in 0..USERS {
        let begin = Instant::now();
        if let Err(said) = decide(question) {
            return Err(format!("it ends with `{}`", said.lines().next().unwrap_or_default()));
        }
        if begin.elapsed() > LONGEST {
            return Err(format!("a decision takes {:.1} s", begin.elapsed().as_secs_f64()));
        }
    }
    Ok(())
}

/// With this world; or why it cannot answer.
pub(super) fn contender(world: World) -> Result<Contender, String> {
    let mut engine = Oso::new();
    for class in [User::get_polar_class(), Folder::get_polar_class()] {
        engine.register_class(class).expect("a class");
    }
    // Its `Option` is a list of none or one.
    let policy = include_str!("policy.polar").replace("parent = child.parent", "parent in child.parent");
    engine.load_str(&policy).expect("the policy loads");
    let users: Vec<User> = (0..USERS).map(|user| User { folders: vec![world.granted(user)] }).collect();
    let asked = folders(world)[world.last() as usize].clone();
    let decide = move |user: usize| {
        engine.is_allowed(users[user].clone(), "read", asked.clone()).map_err(|error| error.to_string())
    };
    tried(&decide)?;
    let given = "0.27.3, the same policy, with `parent in child.parent`, since its `Option` is a list; a folder is a counted pointer, so that its clones are cheap";
    Ok(Contender::new("oso", given, move |user| decide(user).expect("a decision")))
}
