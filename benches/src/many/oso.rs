//! W4 for the crate `oso`: the same policy text and the same hundred types as Arctos.

use oso::{Class, Oso, PolarClass};

use super::World;
use super::classes::{Thing, with_type};
use super::world::{ACTIONS, ROLES, name};
use crate::contender::Contender;

#[derive(Clone, PolarClass)]
struct User {
    #[polar(attribute)]
    roles: Vec<Role>,
}

#[derive(Clone, PolarClass)]
struct Role {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    thing: u32,
}

/// The type of which there is no object.
struct Absent;

impl<const TYPE: usize> PolarClass for Thing<TYPE> {}

/// A thing whose type is known where it was made.
trait Ask {
    fn ask(&self, engine: &Oso, user: &User, action: &'static str) -> bool;
}

impl<const TYPE: usize> Ask for Thing<TYPE> {
    fn ask(&self, engine: &Oso, user: &User, action: &'static str) -> bool {
        engine.is_allowed(user.clone(), action, self.clone()).expect("a decision")
    }
}

fn class<const TYPE: usize>(name: &str) -> Class {
    Class::builder::<Thing<TYPE>>().name(name).add_attribute_getter("id", |thing| thing.id).build()
}

fn thing<const TYPE: usize>(id: u32) -> Box<dyn Ask> {
    Box::new(Thing::<TYPE> { id })
}

fn engine(world: &World) -> Oso {
    let mut engine = Oso::new();
    for class in [User::get_polar_class(), Role::get_polar_class()] {
        engine.register_class(class).expect("a class");
    }
    let live: Vec<String> = (0..world.live()).map(|live| world.live_name(live)).collect();
    for (number, name) in live.iter().enumerate() {
        engine.register_class(with_type!(number, class(name))).expect("a class");
    }
    for name in (0..world.types).map(name).filter(|name| !live.contains(name)) {
        engine.register_class(Class::builder::<Absent>().name(&name).build()).expect("a class");
    }
    engine.load_str(&world.polar()).expect("the policy loads");
    engine
}

pub(super) fn contender(world: &World) -> Contender {
    let engine = engine(world);
    let role = |&(role, thing): &(usize, u32)| Role { name: ROLES[role].to_owned(), thing };
    let users: Vec<User> =
        world.users.iter().map(|roles| User { roles: roles.iter().map(role).collect() }).collect();
    let things: Vec<Box<dyn Ask>> =
        (0..).zip(&world.things).map(|(id, &of)| with_type!(of, thing(id))).collect();
    let questions = world.questions.clone();
    let given = "0.27.3, the same policy and types";
    let contender = Contender::new("oso", given, move |question| {
        let asked = questions[question];
        things[asked.thing as usize].ask(&engine, &users[asked.user], ACTIONS[asked.action])
    });
    // With many types a decision takes a tenth of a second.
    if world.types > 100 { contender.checked_on(20) } else { contender }
}
