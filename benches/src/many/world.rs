//! The data of W4, in no engine's form, and the right answers.

use std::fmt::Write;

use fastrand::Rng;

use crate::questions::half_allowed;

const USERS: usize = 100;
const THINGS: u32 = 100;
const QUESTIONS: usize = 400;

/// How many types have objects.
pub const LIVE: usize = 100;
/// The roles on a thing of any type; the second implies the first.
pub const ROLES: [&str; 2] = ["reader", "writer"];
/// What can be asked for; the role at the same place is needed.
pub const ACTIONS: [&str; 2] = ["read", "write"];

/// May this user do this?
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Place in [`World::users`].
    pub user: usize,
    /// Place in [`ACTIONS`].
    pub action: usize,
    /// Place in [`World::things`].
    pub thing: u32,
}

/// Users with roles on things, each thing of one of many types.
#[derive(Debug)]
pub struct World {
    /// How many types there are.
    pub types: usize,
    /// `(role, thing)` of each user.
    pub users: Vec<Vec<(usize, u32)>>,
    /// Which of the types with objects each thing is of: below [`World::live`].
    pub things: Vec<usize>,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl World {
    /// The same every time.
    pub fn new(types: usize, any: bool) -> World {
        let mut random = Rng::with_seed(4);
        let live = types.min(LIVE);
        let things = (0..THINGS as usize).map(|thing| if any { thing % live } else { live / 2 }).collect();
        let users = (0..USERS)
            .map(|_| {
                let mut all: Vec<u32> = (0..THINGS).collect();
                random.shuffle(&mut all);
                let count = random.usize(2..=3);
                all.into_iter().take(count).map(|thing| (random.usize(..ROLES.len()), thing)).collect()
            })
            .collect();
        let mut world = World { types, users, things, questions: Vec::new() };
        world.questions = half_allowed(
            QUESTIONS,
            usize::MAX,
            &mut random,
            |random| world.any_question(random),
            |question| world.allows(question),
        );
        world
    }

    fn any_question(&self, random: &mut Rng) -> Question {
        let user = random.usize(..USERS);
        let roles = &self.users[user];
        let thing = match random.u8(..4) {
            0 => random.u32(..THINGS),
            _ => roles[random.usize(..roles.len())].1,
        };
        Question { user, action: random.usize(..ACTIONS.len()), thing }
    }

    /// The right answer.
    pub fn allows(&self, question: Question) -> bool {
        let roles = &self.users[question.user];
        roles.iter().any(|&(role, thing)| thing == question.thing && role >= question.action)
    }

    /// How many of the types have objects.
    pub fn live(&self) -> usize {
        self.types.min(LIVE)
    }

    /// The name of a type with objects: these stand at even distances among all.
    pub fn live_name(&self, live: usize) -> String {
        name(live * self.types / self.live())
    }

    /// The policy for Arctos and Oso.
    pub fn polar(&self) -> String {
        let mut text = String::from(
            "allow(actor, action, resource) if has_permission(actor, action, resource);\nactor User {}\n",
        );
        for number in 0..self.types {
            let _ = write!(
                text,
                r#"
resource {0} {{
  roles = ["reader", "writer"];
  permissions = ["read", "write"];
  "read" if "reader";
  "write" if "writer";
  "reader" if "writer";
}}
has_role(user: User, name: String, thing: {0}) if
  role in user.roles and role.name = name and role.thing = thing.id;
"#,
                name(number)
            );
        }
        text
    }
}

/// The name of a type.
pub fn name(number: usize) -> String {
    format!("Type{number}")
}
