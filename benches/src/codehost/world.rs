//! The data of W2, in no engine's form, and the right answers.

use fastrand::Rng;

use crate::questions::half_allowed;

const USERS: u32 = 1_000;
const ORGANIZATIONS: u32 = 100;
const REPOSITORIES: u32 = 1_000;
const ISSUES: u32 = 10_000;
const QUESTIONS: usize = 2_000;

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
    /// The same every time.
    pub fn new() -> World {
        let mut random = Rng::with_seed(2);
        let repositories: Vec<Repository> = (0..REPOSITORIES)
            .map(|_| Repository { organization: random.u32(..ORGANIZATIONS), public: random.u8(..5) == 0 })
            .collect();
        let issues = (0..ISSUES)
            .map(|_| Issue { repository: random.u32(..REPOSITORIES), creator: random.u32(..USERS) })
            .collect();
        let users = (0..USERS).map(|_| any_user(&mut random)).collect();
        let mut world =
            World { organizations: ORGANIZATIONS, users, repositories, issues, questions: Vec::new() };
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
        let user = random.u32(..USERS);
        let roles = &self.users[user as usize];
        // Two in three are about something near the user: else the denied would all be strangers.
        let near = random.u8(..3) > 0;
        let organization = match near {
            true => roles.organizations[random.usize(..roles.organizations.len())].1,
            false => random.u32(..ORGANIZATIONS),
        };
        let repository = match near {
            true if random.bool() && !roles.repositories.is_empty() => {
                roles.repositories[random.usize(..roles.repositories.len())].1
            }
            true => self.any_of(
                random,
                |index| self.repositories[index].organization == organization,
                REPOSITORIES,
            ),
            false => random.u32(..REPOSITORIES),
        };
        match random.u8(..6) {
            0 => ask(user, &ORGANIZATION_ACTIONS, Target::Organization(organization), random),
            1 | 2 => ask(user, &REPOSITORY_ACTIONS, Target::Repository(repository), random),
            _ => {
                let issue = match random.u8(..6) {
                    0 => self.any_of(random, |index| self.issues[index].creator == user, ISSUES),
                    _ => self.any_of(random, |index| self.issues[index].repository == repository, ISSUES),
                };
                ask(user, &ISSUE_ACTIONS, Target::Issue(issue), random)
            }
        }
    }

    /// The first thing from a random place on that is so; any, where none is.
    fn any_of(&self, random: &mut Rng, is_so: impl Fn(usize) -> bool, count: u32) -> u32 {
        let from = random.u32(..count);
        (from..count).chain(0..from).find(|&index| is_so(index as usize)).unwrap_or(from)
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
fn any_user(random: &mut Rng) -> User {
    let organizations = distinct(random, 1..=2, ORGANIZATIONS);
    let repositories = distinct(random, 0..=3, REPOSITORIES);
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
