//! The data of W2 and W7, in no engine's form, and the right answers.

use fastrand::Rng;

use super::near::Near;
use crate::questions::half_allowed;

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many users.
    pub users: u32,
    /// How many organizations.
    pub organizations: u32,
    /// How many repositories.
    pub repositories: u32,
    /// How many issues.
    pub issues: u32,
    /// How many questions.
    pub questions: usize,
}

impl Size {
    /// That of W2.
    pub const CODEHOST: Size =
        Size { users: 1_000, organizations: 100, repositories: 1_000, issues: 10_000, questions: 2_000 };
}

/// Roles on an organization, each implying those before it.
pub const ORGANIZATION_ROLES: [&str; 2] = ["member", "owner"];
/// Roles on a repository, each implying those before it.
pub const REPOSITORY_ROLES: [&str; 3] = ["reader", "writer", "admin"];
/// What can be asked of an organization; the role at the same place is needed.
pub const ORGANIZATION_ACTIONS: [&str; 2] = ["read", "invite"];
/// What can be asked of a repository; the role at the same place is needed.
pub const REPOSITORY_ACTIONS: [&str; 3] = ["read", "push", "delete"];
/// What can be asked of an issue.
pub const ISSUE_ACTIONS: [&str; 3] = ["read", "comment", "close"];
/// The role on its repository that an action on an issue needs.
pub const ISSUE_NEEDS: [usize; 3] = [0, 0, 1];
/// The role on a repository that a role on its organization implies.
pub const IMPLIED: [usize; 2] = [0, 2];

/// A user and its roles: `(role, what it is on)`.
#[derive(Clone, Debug)]
pub struct User {
    /// On organizations.
    pub organizations: Vec<(usize, u32)>,
    /// On repositories.
    pub repositories: Vec<(usize, u32)>,
}

/// A repository.
#[derive(Clone, Copy, Debug)]
pub struct Repository {
    /// Whose it is.
    pub organization: u32,
    /// All may read it.
    pub public: bool,
}

/// An issue.
#[derive(Clone, Copy, Debug)]
pub struct Issue {
    /// Where it is.
    pub repository: u32,
    /// Who opened it.
    pub creator: u32,
}

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// An organization.
    Organization(u32),
    /// A repository.
    Repository(u32),
    /// An issue.
    Issue(u32),
}

/// May this user do this?
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Who.
    pub user: u32,
    /// What.
    pub action: &'static str,
    /// The place of the action among those of its kind.
    pub number: usize,
    /// To what.
    pub target: Target,
}

/// The code host.
#[derive(Debug)]
pub struct World {
    /// How many organizations there are.
    pub organizations: u32,
    /// The users.
    pub users: Vec<User>,
    /// The repositories.
    pub repositories: Vec<Repository>,
    /// The issues.
    pub issues: Vec<Issue>,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl World {
    /// That of W2, the same every time.
    pub fn new() -> World {
        World::of(Size::CODEHOST)
    }

    /// One of that size, the same every time.
    pub fn of(size: Size) -> World {
        let mut random = Rng::with_seed(2);
        let Size { organizations, .. } = size;
        let repositories: Vec<Repository> = (0..size.repositories)
            .map(|_| Repository { organization: random.u32(..organizations), public: random.u8(..5) == 0 })
            .collect();
        let issues: Vec<Issue> = (0..size.issues)
            .map(|_| Issue { repository: random.u32(..size.repositories), creator: random.u32(..size.users) })
            .collect();
        let users = (0..size.users).map(|_| any_user(&mut random, size)).collect();
        let mut world = World { organizations, users, repositories, issues, questions: Vec::new() };
        let near = Near::of(&world);
        world.questions = half_allowed(
            size.questions,
            usize::MAX,
            &mut random,
            |random| world.any_question(&near, random),
            |question| world.allows(question),
        );
        world
    }

    /// How many facts it is: a role each, two for an issue, one or two for a repository.
    pub fn facts(&self) -> usize {
        let roles = self.users.iter().map(|user| user.organizations.len() + user.repositories.len());
        let public = self.repositories.iter().filter(|repository| repository.public).count();
        roles.sum::<usize>() + self.repositories.len() + public + 2 * self.issues.len()
    }

    fn any_question(&self, near: &Near, random: &mut Rng) -> Question {
        let user = random.u32(..self.users.len() as u32);
        let roles = &self.users[user as usize];
        // Two in three are about something near the user: else the denied would all be strangers.
        let is_near = random.u8(..3) > 0;
        let organization = match is_near {
            true => roles.organizations[random.usize(..roles.organizations.len())].1,
            false => random.u32(..self.organizations),
        };
        let repository = match is_near {
            true if random.bool() && !roles.repositories.is_empty() => {
                roles.repositories[random.usize(..roles.repositories.len())].1
            }
            true => near.repository_of(organization, random),
            false => random.u32(..self.repositories.len() as u32),
        };
        match random.u8(..6) {
            0 => ask(user, &ORGANIZATION_ACTIONS, Target::Organization(organization), random),
            1 | 2 => ask(user, &REPOSITORY_ACTIONS, Target::Repository(repository), random),
            _ => {
                let issue = match random.u8(..6) {
                    0 => near.issue_by(user, random),
                    _ => near.issue_of(repository, random),
                };
                ask(user, &ISSUE_ACTIONS, Target::Issue(issue), random)
            }
        }
    }

    /// The right answer.
    pub fn allows(&self, question: Question) -> bool {
        let user = &self.users[question.user as usize];
        let on_repository = |number: u32, needed: usize| {
            let organization = self.repositories[number as usize].organization;
            let own = user.repositories.iter().any(|&(role, on)| on == number && role >= needed);
            own || user.organizations.iter().any(|&(role, on)| on == organization && IMPLIED[role] >= needed)
        };
        let readable = |number: u32| self.repositories[number as usize].public;
        match question.target {
            Target::Organization(number) => {
                user.organizations.iter().any(|&(role, on)| on == number && role >= question.number)
            }
            Target::Repository(number) => {
                (question.action == "read" && readable(number)) || on_repository(number, question.number)
            }
            Target::Issue(number) => {
                let issue = self.issues[number as usize];
                (question.action == "read" && readable(issue.repository))
                    || (question.action == "close" && issue.creator == question.user)
                    || on_repository(issue.repository, ISSUE_NEEDS[question.number])
            }
        }
    }
}

impl Default for World {
    fn default() -> Self {
        World::new()
    }
}

fn ask(user: u32, actions: &[&'static str], target: Target, random: &mut Rng) -> Question {
    let number = random.usize(..actions.len());
    Question { user, action: actions[number], number, target }
}

/// One or two organizations, and up to three repositories.
fn any_user(random: &mut Rng, size: Size) -> User {
    let organizations = distinct(random, 1..=2, size.organizations);
    let repositories = distinct(random, 0..=3, size.repositories);
    // One in four is an owner.
    let organizations =
        organizations.into_iter().map(|number| (usize::from(random.u8(..4) == 0), number)).collect();
    let repositories = repositories.into_iter().map(|number| (random.usize(..3), number)).collect();
    User { organizations, repositories }
}

fn distinct(random: &mut Rng, how_many: std::ops::RangeInclusive<usize>, of: u32) -> Vec<u32> {
    let count = random.usize(how_many);
    let mut found = Vec::new();
    while found.len() < count {
        let number = random.u32(..of);
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}
