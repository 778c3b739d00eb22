//! W1 roles: users have roles on repositories, and roles have permissions.

pub mod arctos;
mod by_hand;
#[cfg(feature = "peers")]
mod casbin;
#[cfg(feature = "peers")]
pub(crate) mod cedar;
#[cfg(feature = "peers")]
pub(crate) mod oso;
#[cfg(feature = "peers")]
mod regorus;

use fastrand::Rng;

use crate::contender::{Contender, Scenario};
use crate::questions::half_allowed;

/// What is asked.
pub const ABOUT: &str = "May this user read, push to or delete this repository? 100 users with 2 or 3 roles each on \
    different ones of 50 repositories; `admin` implies `writer` implies `reader`. 1,000 questions, of which three in \
    four are about a repository on which the user has some role.";

const USERS: usize = 100;
const REPOSITORIES: u32 = 50;
const QUESTIONS: usize = 1_000;

/// The roles, each implying those before it; the action at the same place is what it adds.
pub const ROLES: [&str; 3] = ["reader", "writer", "admin"];
/// What can be asked for.
pub const ACTIONS: [&str; 3] = ["read", "push", "delete"];

/// A role of a user on a repository.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// Place in [`ROLES`].
    pub role: usize,
    /// The repository, from 0.
    pub repository: u32,
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Place in [`World::users`].
    pub user: usize,
    /// Place in [`ACTIONS`].
    pub action: usize,
    /// The repository, from 0.
    pub repository: u32,
}

/// The data, in no engine's form.
#[derive(Debug)]
pub struct World {
    /// The roles of each user.
    pub users: Vec<Vec<Grant>>,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl World {
    /// The same every time.
    pub fn new() -> World {
        let mut random = Rng::with_seed(1);
        let users: Vec<Vec<Grant>> = (0..USERS)
            .map(|_| {
                let count = random.usize(2..=3);
                let mut repositories: Vec<u32> = (0..REPOSITORIES).collect();
                random.shuffle(&mut repositories);
                let grant = |repository| Grant { role: random.usize(..ROLES.len()), repository };
                repositories.into_iter().take(count).map(grant).collect()
            })
            .collect();
        let mut world = World { users, questions: Vec::new() };
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
        let user = random.usize(..self.users.len());
        let grants = &self.users[user];
        let repository = match random.u8(..4) {
            0 => random.u32(..REPOSITORIES),
            _ => grants[random.usize(..grants.len())].repository,
        };
        Question { user, action: random.usize(..ACTIONS.len()), repository }
    }

    /// The right answer.
    pub fn allows(&self, question: Question) -> bool {
        let grants = &self.users[question.user];
        grants.iter().any(|grant| grant.repository == question.repository && grant.role >= question.action)
    }
}

impl Default for World {
    fn default() -> Self {
        World::new()
    }
}

/// `u7`
fn user_name(user: usize) -> String {
    format!("u{user}")
}

/// `r7`
fn repository_name(repository: u32) -> String {
    format!("r{repository}")
}

/// Arctos alone.
pub fn ours() -> (Contender, usize) {
    let world = World::new();
    (arctos::contender(&world), world.questions.len())
}

/// All engines.
pub fn scenario() -> Scenario {
    let world = World::new();
    let mut contenders = vec![arctos::contender(&world)];
    contenders.push(by_hand::interned(&world));
    contenders.push(by_hand::strings(&world));
    #[cfg(feature = "peers")]
    contenders.extend([
        regorus::vm(&world),
        regorus::interpreter(&world),
        cedar::stored(&world),
        cedar::per_request(&world),
        casbin::contender(&world),
        oso::contender(&world),
    ]);
    let expected = world.questions.iter().map(|question| world.allows(*question)).collect();
    let describe = move |question: usize| {
        let Question { user, action, repository } = world.questions[question];
        format!("{} of {} by {}", ACTIONS[action], repository_name(repository), user_name(user))
    };
    Scenario {
        name: "roles".to_owned(),
        expected,
        describe: Box::new(describe),
        contenders,
        absent: Vec::new(),
    }
}
