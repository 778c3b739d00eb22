//! W7 in Rust without an engine: what an application writes that has the same facts, by name, and nothing else to know.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Host;
use crate::codehost::Target;
use crate::codehost::facts::{flags, relations, roles};
use crate::codehost::world::{IMPLIED, ISSUE_NEEDS, ORGANIZATION_ROLES, REPOSITORY_ROLES};
use crate::contender::Contender;
use arctos::facts::ValueRef;

/// Numbers of ids.
type Interned = FxHashMap<String, u32>;

/// The facts: ids as numbers, and what is asked by one or two of them in a hash map each.
#[derive(Default)]
pub(super) struct Store {
    users: Interned,
    organizations: Interned,
    repositories: Interned,
    issues: Interned,
    /// By user and organization.
    on_organization: FxHashMap<(u32, u32), u8>,
    /// By user and repository.
    on_repository: FxHashMap<(u32, u32), u8>,
    organization_of: FxHashMap<u32, u32>,
    repository_of: FxHashMap<u32, u32>,
    creator_of: FxHashMap<u32, u32>,
    public: FxHashMap<u32, ()>,
}

fn interned(names: &mut Interned, id: &str) -> u32 {
    match names.get(id) {
        Some(number) => *number,
        None => {
            let number = names.len() as u32;
            names.insert(id.to_owned(), number);
            number
        }
    }
}

impl Store {
    /// From the same values as Arctos.
    pub(super) fn load(host: &Host) -> Store {
        let mut store = Store::default();
        for (_, [user, role, on]) in roles(&host.world, &host.ids) {
            store.role(id(user), text(role), on);
        }
        for (_, [from, relation, to]) in relations(&host.world, &host.ids) {
            store.relation(id(from), text(relation), id(to));
        }
        for (_, [repository]) in flags(&host.world, &host.ids) {
            store.public.insert(interned(&mut store.repositories, id(repository)), ());
        }
        store
    }

    fn role(&mut self, user: &str, role: &str, on: ValueRef<'_>) {
        let user = interned(&mut self.users, user);
        let place = |names: &[&str]| names.iter().position(|name| *name == role).expect("a role") as u8;
        match on {
            ValueRef::Entity { type_name: "Organization", id } => {
                let on = interned(&mut self.organizations, id);
                self.on_organization.insert((user, on), place(&ORGANIZATION_ROLES));
            }
            on => {
                let on = interned(&mut self.repositories, id(on));
                self.on_repository.insert((user, on), place(&REPOSITORY_ROLES));
            }
        }
    }

    fn relation(&mut self, from: &str, relation: &str, to: &str) {
        let (from, to, map) = match relation {
            "org" => (
                interned(&mut self.repositories, from),
                interned(&mut self.organizations, to),
                &mut self.organization_of,
            ),
            "repo" => (
                interned(&mut self.issues, from),
                interned(&mut self.repositories, to),
                &mut self.repository_of,
            ),
            _ => (interned(&mut self.issues, from), interned(&mut self.users, to), &mut self.creator_of),
        };
        map.insert(from, to);
    }

    fn allows(&self, user: &str, number: usize, target: (char, &str)) -> bool {
        let Some(user) = self.users.get(user).copied() else { return false };
        match target {
            ('o', id) => {
                let role = self.organizations.get(id).and_then(|on| self.on_organization.get(&(user, *on)));
                role.is_some_and(|role| usize::from(*role) >= number)
            }
            ('r', id) => self.repositories.get(id).is_some_and(|on| {
                self.on_repository(user, *on, number) || (number == 0 && self.public.contains_key(on))
            }),
            (_, id) => self.issues.get(id).is_some_and(|issue| self.on_issue(user, *issue, number)),
        }
    }

    fn on_issue(&self, user: u32, issue: u32, number: usize) -> bool {
        let opened = || self.creator_of.get(&issue) == Some(&user);
        self.repository_of.get(&issue).is_some_and(|on| {
            self.on_repository(user, *on, ISSUE_NEEDS[number])
                || (number == 0 && self.public.contains_key(on))
        }) || (number == 2 && opened())
    }

    fn on_repository(&self, user: u32, on: u32, needed: usize) -> bool {
        let own = self.on_repository.get(&(user, on)).is_some_and(|role| usize::from(*role) >= needed);
        own || self.organization_of.get(&on).is_some_and(|organization| {
            let above = self.on_organization.get(&(user, *organization));
            above.is_some_and(|role| IMPLIED[usize::from(*role)] >= needed)
        })
    }
}

fn id<'a>(value: ValueRef<'a>) -> &'a str {
    match value {
        ValueRef::Entity { id, .. } => id,
        other => panic!("`{other}` is no entity"),
    }
}

fn text<'a>(value: ValueRef<'a>) -> &'a str {
    match value {
        ValueRef::String(text) => text,
        other => panic!("`{other}` is no string"),
    }
}

/// By type and id, as Arctos is asked.
pub(super) fn check(store: &Rc<Store>, host: &Host) -> Contender {
    let store = Rc::clone(store);
    let questions: Vec<(String, usize, (char, String))> = host
        .world
        .questions
        .iter()
        .map(|asked| {
            let (kind, number) = match asked.target {
                Target::Organization(number) => ('o', number),
                Target::Repository(number) => ('r', number),
                Target::Issue(number) => ('i', number),
            };
            (asked.user.to_string(), asked.number, (kind, number.to_string()))
        })
        .collect();
    let given = "by type and id: ids to numbers, and numbers to roles and relations, in `FxHashMap`s";
    Contender::new("by hand, hash maps", given, move |question| {
        let (user, number, (kind, id)) = &questions[question];
        store.allows(user, *number, (*kind, id))
    })
}
