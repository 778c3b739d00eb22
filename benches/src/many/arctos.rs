//! W4 for Arctos: live objects of a hundred types, registered under names at even distances.

use arctos::rust::{Arctos, Builder, ClassDescription, PolarClass};

use super::World;
use super::classes::{Thing, with_type};
use super::world::{ACTIONS, ROLES, name};
use crate::contender::Contender;

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    roles: Vec<Role>,
}

#[derive(PolarClass)]
struct Role {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    thing: u32,
}

/// The type of which there is no object.
struct Absent;

impl<const TYPE: usize> PolarClass for Thing<TYPE> {
    fn class() -> ClassDescription<Self> {
        ClassDescription::<Self>::new("Thing").field("id", |thing| &thing.id)
    }
}

/// A thing whose type is known where it was made.
trait Ask {
    fn ask(&self, engine: &Arctos, user: &User, action: &'static str) -> bool;
}

impl<const TYPE: usize> Ask for Thing<TYPE> {
    fn ask(&self, engine: &Arctos, user: &User, action: &'static str) -> bool {
        engine.is_allowed(user, action, self).expect("a decision")
    }
}

fn register<const TYPE: usize>(builder: Builder, name: &str) -> Builder {
    builder.register_class(Thing::<TYPE>::class().named(name))
}

fn thing<const TYPE: usize>(id: u32) -> Box<dyn Ask> {
    Box::new(Thing::<TYPE> { id })
}

/// The engine with all types.
fn engine(world: &World) -> Arctos {
    let mut builder = Arctos::builder().register::<User>().register::<Role>();
    let live: Vec<String> = (0..world.live()).map(|live| world.live_name(live)).collect();
    for (number, name) in live.iter().enumerate() {
        builder = with_type!(number, register(builder, name));
    }
    for name in (0..world.types).map(name).filter(|name| !live.contains(name)) {
        builder = builder.register_class(ClassDescription::<Absent>::new(&name));
    }
    builder.load_named("policy.polar", &world.polar()).build().expect("the policy loads")
}

/// Arctos with this world.
pub fn contender(world: &World) -> Contender {
    let engine = engine(world);
    let role = |&(role, thing): &(usize, u32)| Role { name: ROLES[role].to_owned(), thing };
    let users: Vec<User> =
        world.users.iter().map(|roles| User { roles: roles.iter().map(role).collect() }).collect();
    let things: Vec<Box<dyn Ask>> =
        (0..).zip(&world.things).map(|(id, &of)| with_type!(of, thing(id))).collect();
    let questions = world.questions.clone();
    Contender::new("arctos", "a resource block and a rule `has_role` for each type", move |question| {
        let asked = questions[question];
        things[asked.thing as usize].ask(&engine, &users[asked.user], ACTIONS[asked.action])
    })
}
