//! W7: all that a user may do something to, instead of one question.

use std::rc::Rc;

use arctos::facts::Facts;
use arctos::{Bound, NoObjects, Policy, Query, View};

use super::Host;
use crate::codehost::facts::{load, policy};
use crate::codehost::world::IMPLIED;
use crate::contender::{Contender, Scenario};

/// What is asked.
pub const ABOUT: &str = "To which repositories may this user push? (Not: which may be read, since a fifth of all are public.) \
    1,000 users. The engines of the other tables have no such question.";

/// What is asked, and the place of the role that it needs.
const ACTION: &str = "push";
const NEEDED: usize = 1;

/// How many users are asked about.
const USERS: usize = 1_000;

/// How many lists are compared with those made by hand, and their allocations counted.
const CHECKED: usize = 5;

/// A user's repositories, in order.
type List = Vec<u32>;

/// All engines, at each size.
pub fn scenarios(hosts: &[Rc<Host>]) -> Vec<Scenario> {
    hosts.iter().map(|host| scenario(host)).collect()
}

fn scenario(host: &Host) -> Scenario {
    let step = host.world.users.len() / USERS;
    let users: Vec<u32> = (0..USERS).map(|place| (place * step) as u32).collect();
    let asker = Asker { policy: policy(), facts: load(&host.world, &host.ids) };
    let by_hand = ByHand::of(host);
    for user in users.iter().take(CHECKED) {
        assert_eq!(asker.list(*user), by_hand.list(*user), "what user {user} may push to");
    }
    let given = "`Query` with a variable, over facts: it goes through all repositories";
    let (ours, asked) = (users.clone(), users);
    Scenario {
        name: host.name.clone(),
        expected: vec![true; USERS],
        describe: Box::new(|place| format!("user {place}")),
        contenders: vec![
            Contender::new("arctos", given, move |place| !asker.list(ours[place]).is_empty())
                .checked_on(CHECKED),
            Contender::new("by hand, interned", "the user's roles, and repositories by organization", {
                move |place| !by_hand.list(asked[place]).is_empty()
            }),
        ],
        absent: Vec::new(),
    }
}

struct Asker {
    policy: Policy,
    facts: Facts,
}

impl Asker {
    fn list(&self, user: u32) -> List {
        let mut query = Query::new(&self.policy, NoObjects);
        query.set_facts(self.facts.view());
        let user = query.heap().entity("User", &user.to_string()).expect("a type");
        let action = query.heap().string(ACTION);
        let repository = query.variable("repository");
        query.ask("allow", &[user, action, repository]).expect("a question");
        let mut list = List::new();
        while let Some(answer) = query.next().expect("an answer") {
            let Some(Bound::Term(term)) = answer.get("repository") else { panic!("no repository") };
            match answer.heap().view(*term) {
                View::Entity { type_name: "Repository", id } => list.push(id.parse().expect("a number")),
                other => panic!("{other:?} is no repository"),
            }
        }
        sorted(list)
    }
}

fn sorted(mut list: List) -> List {
    list.sort_unstable();
    list.dedup();
    list
}

/// The application's tables by number.
struct ByHand {
    /// `(role, what it is on)`, as in the world.
    organizations: Vec<Vec<(usize, u32)>>,
    repositories: Vec<Vec<(usize, u32)>>,
    /// By organization.
    repositories_of: Vec<List>,
}

impl ByHand {
    fn of(host: &Host) -> ByHand {
        let mut repositories_of = vec![List::new(); host.world.organizations as usize];
        for (number, repository) in (0..).zip(&host.world.repositories) {
            repositories_of[repository.organization as usize].push(number);
        }
        let users = || host.world.users.iter();
        ByHand {
            organizations: users().map(|user| user.organizations.clone()).collect(),
            repositories: users().map(|user| user.repositories.clone()).collect(),
            repositories_of,
        }
    }

    fn list(&self, user: u32) -> List {
        let own = self.repositories[user as usize].iter().filter(|(role, _)| *role >= NEEDED);
        let above = self.organizations[user as usize].iter().filter(|(role, _)| IMPLIED[*role] >= NEEDED);
        let below = above.flat_map(|(_, on)| &self.repositories_of[*on as usize]).copied();
        sorted(own.map(|(_, on)| *on).chain(below).collect())
    }
}
