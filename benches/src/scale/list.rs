//! W7: all that a user may do something to, and the other way round, instead of one question.

use std::rc::Rc;

use arctos::facts::ValueRef;
use arctos::{Authorizer, List, Request};

use super::Host;
use crate::codehost::facts::{load, policy};
use crate::codehost::world::{IMPLIED, REPOSITORY_ACTIONS};
use crate::codehost::{Size, World, facts};
use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "To which repositories may this user push? (Not: which may be read, since a fifth of all are public.) \
    1,000 users. In the last three columns there are 10⁶ repositories, a hundred in each organization, and 1.5 million facts: the \
    lists of users who own an organization, who may push to a repository, and what a user may do with one. The engines of the other \
    tables have no such questions.";

/// What is asked, and the place of the role that it needs.
const ACTION: &str = "push";
const NEEDED: usize = 1;

/// How many questions there are.
const QUESTIONS: usize = 1_000;

/// How many lists are compared with those made by hand, and their allocations counted.
const CHECKED: usize = 5;

/// Numbers of users, repositories or actions, in order.
type Numbers = Vec<u32>;

/// All engines, at each size.
pub fn scenarios(hosts: &[Rc<Host>]) -> Vec<Scenario> {
    let mut all: Vec<Scenario> = hosts.iter().map(|host| of_some_users(host)).collect();
    let wide = Wide::of(1_000_000);
    let (owners, repositories) = (wide.owners(), wide.repositories());
    all.push(wide.scenario("a hundred", owners, Asker::repositories, ByHand::repositories));
    all.push(wide.scenario("who", repositories, Asker::users, ByHand::users));
    all.push(wide.scenario("actions", wide.pairs(), Asker::actions, ByHand::actions));
    all
}

/// Arctos alone: the lists of owners where there are so many repositories, a hundred in an organization.
pub fn ours(repositories: u32) -> (Contender, usize) {
    let wide = Wide::of(repositories);
    wide.contender(wide.owners(), Asker::repositories)
}

/// Arctos alone: who may push.
pub fn who(repositories: u32) -> (Contender, usize) {
    let wide = Wide::of(repositories);
    wide.contender(wide.repositories(), Asker::users)
}

fn of_some_users(host: &Host) -> Scenario {
    let step = host.world.users.len() / QUESTIONS;
    let users: Vec<u64> = (0..QUESTIONS).map(|place| (place * step) as u64).collect();
    let asker = Asker::new(&host.world, &host.ids);
    let by_hand = ByHand::of(&host.world);
    compared(&host.name, users, (asker, Asker::repositories), (by_hand, ByHand::repositories))
}

/// A code host with few and large organizations.
struct Wide {
    world: World,
    ids: Vec<String>,
    asker: Asker,
}

impl Wide {
    fn of(repositories: u32) -> Wide {
        let world = World::of(Size {
            users: repositories / 10,
            organizations: repositories / 100,
            repositories,
            issues: 1,
            questions: 0,
        });
        let ids = facts::ids(&world);
        let asker = Asker::new(&world, &ids);
        Wide { world, ids, asker }
    }

    /// Users who own an organization.
    fn owners(&self) -> Vec<u64> {
        let numbered = self.world.users.iter().zip(0..);
        let owners = numbered.filter(|(user, _)| user.organizations.iter().any(|(role, _)| *role > 0));
        owners.map(|(_, number)| number).take(QUESTIONS).collect()
    }

    fn repositories(&self) -> Vec<u64> {
        let step = self.ids.len() / QUESTIONS;
        (0..QUESTIONS).map(|place| (place * step) as u64).collect()
    }

    /// Owners, each with a repository of theirs.
    fn pairs(&self) -> Vec<u64> {
        let tables = ByHand::of(&self.world);
        let first = |user: u64| tables.repositories(user).first().map(|on| user << 32 | u64::from(*on));
        self.owners().into_iter().filter_map(first).collect()
    }

    fn contender(&self, asked: Vec<u64>, ask: fn(&Asker, u64) -> Numbers) -> (Contender, usize) {
        let (asker, count) = (self.asker.clone(), asked.len());
        (Contender::new("arctos", GIVEN, move |place| !ask(&asker, asked[place]).is_empty()), count)
    }

    fn scenario(
        &self,
        name: &str,
        asked: Vec<u64>,
        ask: fn(&Asker, u64) -> Numbers,
        by_hand: fn(&ByHand, u64) -> Numbers,
    ) -> Scenario {
        compared(name, asked, (self.asker.clone(), ask), (ByHand::of(&self.world), by_hand))
    }
}

const GIVEN: &str =
    "`Authorizer::list_resources`, `list_subjects` and `list_actions`, over a snapshot of facts in memory";

/// Arctos beside a program by hand, whose answers are the right ones.
fn compared(
    name: &str,
    asked: Vec<u64>,
    (asker, ask): (Asker, fn(&Asker, u64) -> Numbers),
    (tables, by_hand): (ByHand, fn(&ByHand, u64) -> Numbers),
) -> Scenario {
    for question in asked.iter().take(CHECKED) {
        assert_eq!(ask(&asker, *question), by_hand(&tables, *question), "{name}: {question}");
    }
    let expected = vec![true; asked.len()];
    let (ours, theirs) = (asked.clone(), asked);
    Scenario {
        name: name.to_owned(),
        expected,
        describe: Box::new(|place| format!("question {place}")),
        contenders: vec![
            Contender::new("arctos", GIVEN, move |place| !ask(&asker, ours[place]).is_empty())
                .checked_on(CHECKED),
            Contender::new("by hand, interned", "roles and repositories by number, each way", {
                move |place| !by_hand(&tables, theirs[place]).is_empty()
            }),
        ],
        absent: Vec::new(),
    }
}

#[derive(Clone)]
struct Asker(Authorizer);

impl Asker {
    fn new(world: &World, ids: &[String]) -> Asker {
        Asker(Authorizer::new(&policy(), load(world, ids)).expect("the policy has facts"))
    }

    fn repositories(&self, user: u64) -> Numbers {
        let id = user.to_string();
        let user = ValueRef::entity("User", &id);
        numbers(&self.0.list_resources(&Request::default(), user, ACTION, "Repository").expect("a list"))
    }

    fn users(&self, repository: u64) -> Numbers {
        let id = repository.to_string();
        let repository = ValueRef::entity("Repository", &id);
        numbers(&self.0.list_subjects(&Request::default(), "User", ACTION, repository).expect("a list"))
    }

    /// By the number of a user, and below it that of a repository.
    fn actions(&self, both: u64) -> Numbers {
        let (user, repository) = ((both >> 32).to_string(), (both as u32).to_string());
        let (user, on) = (ValueRef::entity("User", &user), ValueRef::entity("Repository", &repository));
        let list = self.0.list_actions(&Request::default(), user, on).expect("a list");
        let place = |id: &str| REPOSITORY_ACTIONS.iter().position(|action| *action == id).expect("an action");
        sorted(list.ids().map(|id| place(id) as u32).collect())
    }
}

fn numbers(list: &List) -> Numbers {
    sorted(list.ids().map(|id| id.parse().expect("a number")).collect())
}

fn sorted(mut numbers: Numbers) -> Numbers {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The application's tables by number.
struct ByHand {
    /// `(role, what it is on)`, as in the world.
    organizations: Vec<Vec<(usize, u32)>>,
    repositories: Vec<Vec<(usize, u32)>>,
    /// By organization.
    repositories_of: Vec<Numbers>,
    organization_of: Vec<u32>,
    is_public: Vec<bool>,
    /// `(role, user)` by organization, and by repository.
    users_of: Vec<Vec<(usize, u32)>>,
    users_on: Vec<Vec<(usize, u32)>>,
}

impl ByHand {
    fn of(world: &World) -> ByHand {
        let mut repositories_of = vec![Numbers::new(); world.organizations as usize];
        for (number, repository) in (0..).zip(&world.repositories) {
            repositories_of[repository.organization as usize].push(number);
        }
        let (mut users_of, mut users_on) =
            (vec![Vec::new(); repositories_of.len()], vec![Vec::new(); world.repositories.len()]);
        for (number, user) in (0..).zip(&world.users) {
            user.organizations.iter().for_each(|(role, on)| users_of[*on as usize].push((*role, number)));
            user.repositories.iter().for_each(|(role, on)| users_on[*on as usize].push((*role, number)));
        }
        let users = || world.users.iter();
        ByHand {
            organizations: users().map(|user| user.organizations.clone()).collect(),
            repositories: users().map(|user| user.repositories.clone()).collect(),
            repositories_of,
            organization_of: world.repositories.iter().map(|repository| repository.organization).collect(),
            is_public: world.repositories.iter().map(|repository| repository.public).collect(),
            users_of,
            users_on,
        }
    }

    fn repositories(&self, user: u64) -> Numbers {
        let own = self.repositories[user as usize].iter().filter(|(role, _)| *role >= NEEDED);
        let above = self.organizations[user as usize].iter().filter(|(role, _)| IMPLIED[*role] >= NEEDED);
        let below = above.flat_map(|(_, on)| &self.repositories_of[*on as usize]).copied();
        sorted(own.map(|(_, on)| *on).chain(below).collect())
    }

    fn users(&self, repository: u64) -> Numbers {
        let own = self.users_on[repository as usize].iter().filter(|(role, _)| *role >= NEEDED);
        let organization = self.organization_of[repository as usize];
        let above = self.users_of[organization as usize].iter().filter(|(role, _)| IMPLIED[*role] >= NEEDED);
        sorted(own.chain(above).map(|(_, user)| *user).collect())
    }

    fn actions(&self, both: u64) -> Numbers {
        let (user, on) = ((both >> 32) as usize, both as u32);
        let own = self.repositories[user].iter().filter(|(_, other)| *other == on).map(|(role, _)| *role);
        let organization = self.organization_of[on as usize];
        let above = self.organizations[user].iter().filter(|(_, other)| *other == organization);
        let role = own.chain(above.map(|(role, _)| IMPLIED[*role])).max();
        let by_role = 0..role.map_or(0, |role| role as u32 + 1);
        let by_all = 0..u32::from(self.is_public[on as usize]);
        sorted(by_role.chain(by_all).collect())
    }
}
