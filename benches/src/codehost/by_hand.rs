//! W2 in Rust without an engine.

use std::collections::HashMap;

use super::world::{IMPLIED, ISSUE_NEEDS, Issue, ORGANIZATION_ROLES, REPOSITORY_ROLES, Repository};
use super::{Question, Target, World};
use crate::contender::Contender;

/// `(what it is on, role)`
type Roles = Vec<(u32, u8)>;

/// The application's tables by number.
struct Numbers {
    organization_roles: Vec<Roles>,
    repository_roles: Vec<Roles>,
    repositories: Vec<Repository>,
    issues: Vec<Issue>,
}

impl Numbers {
    fn of(world: &World) -> Numbers {
        let compact = |roles: &[(usize, u32)]| roles.iter().map(|&(role, on)| (on, role as u8)).collect();
        Numbers {
            organization_roles: world.users.iter().map(|user| compact(&user.organizations)).collect(),
            repository_roles: world.users.iter().map(|user| compact(&user.repositories)).collect(),
            repositories: world.repositories.clone(),
            issues: world.issues.clone(),
        }
    }

    /// Whether a role gives that much on the repository; and whether it is public.
    fn on_repository(&self, user: u32, number: u32, needed: usize) -> (bool, bool) {
        let Repository { organization, public } = self.repositories[number as usize];
        let mut own = self.repository_roles[user as usize].iter();
        let mut above = self.organization_roles[user as usize].iter();
        let by_role = own.any(|&(on, role)| on == number && role as usize >= needed)
            || above.any(|&(on, role)| on == organization && IMPLIED[role as usize] >= needed);
        (by_role, public)
    }

    fn allows(&self, Question { user, number, target, .. }: Question) -> bool {
        match target {
            Target::Organization(organization) => {
                let mut roles = self.organization_roles[user as usize].iter();
                roles.any(|&(on, role)| on == organization && role as usize >= number)
            }
            Target::Repository(on) => {
                let (by_role, public) = self.on_repository(user, on, number);
                by_role || (public && number == 0)
            }
            Target::Issue(on) => {
                let issue = self.issues[on as usize];
                let (by_role, public) = self.on_repository(user, issue.repository, ISSUE_NEEDS[number]);
                by_role || (public && number == 0) || (number == 2 && issue.creator == user)
            }
        }
    }
}

/// Over numbers: everything has been looked up before.
pub(crate) fn interned(world: &World) -> Contender {
    let numbers = Numbers::of(world);
    let questions = world.questions.clone();
    let given = "scans of the user's (organization, role) and (repository, role) numbers";
    Contender::new("by hand, interned", given, move |question| numbers.allows(questions[question]))
}

/// A thing's name: `o7`, `r7`, `i7`, `u7`.
pub(super) fn name(kind: char, number: u32) -> String {
    format!("{kind}{number}")
}

/// The application's tables by name.
struct Tables {
    organization_roles: HashMap<String, HashMap<String, String>>,
    repository_roles: HashMap<String, HashMap<String, String>>,
    repositories: HashMap<String, (String, bool)>,
    issues: HashMap<String, (String, String)>,
}

impl Tables {
    fn of(world: &World) -> Tables {
        let numbered = || (0..).zip(&world.users);
        let named = |kind: char, names: &[&str], roles: &[(usize, u32)]| {
            roles.iter().map(|&(role, on)| (name(kind, on), names[role].to_owned())).collect()
        };
        let organization_roles = numbered()
            .map(|(id, user)| (name('u', id), named('o', &ORGANIZATION_ROLES, &user.organizations)));
        let repository_roles =
            numbered().map(|(id, user)| (name('u', id), named('r', &REPOSITORY_ROLES, &user.repositories)));
        let repositories = (0..)
            .zip(&world.repositories)
            .map(|(id, repository)| (name('r', id), (name('o', repository.organization), repository.public)));
        let issues = (0..)
            .zip(&world.issues)
            .map(|(id, issue)| (name('i', id), (name('r', issue.repository), name('u', issue.creator))));
        Tables {
            organization_roles: organization_roles.collect(),
            repository_roles: repository_roles.collect(),
            repositories: repositories.collect(),
            issues: issues.collect(),
        }
    }

    fn on_organization(&self, user: &str, organization: &str) -> Option<&str> {
        self.organization_roles.get(user)?.get(organization).map(String::as_str)
    }

    fn reads_by_role(&self, user: &str, repository: &str) -> bool {
        let own = self.repository_roles.get(user).and_then(|roles| roles.get(repository));
        own.is_some() || self.on_organization(user, &self.repositories[repository].0).is_some()
    }

    /// Whether the user is an owner above, or has one of these roles itself.
    fn has_any(&self, user: &str, repository: &str, roles: &[&str]) -> bool {
        let own = self.repository_roles.get(user).and_then(|own| own.get(repository));
        own.is_some_and(|role| roles.contains(&role.as_str()))
            || self.on_organization(user, &self.repositories[repository].0) == Some("owner")
    }

    fn allows(&self, user: &str, action: &str, kind: char, resource: &str) -> bool {
        match (kind, action) {
            ('o', "read") => self.on_organization(user, resource).is_some(),
            ('o', "invite") => self.on_organization(user, resource) == Some("owner"),
            ('r', "read") => self.repositories[resource].1 || self.reads_by_role(user, resource),
            ('r', "push") => self.has_any(user, resource, &["writer", "admin"]),
            ('r', "delete") => self.has_any(user, resource, &["admin"]),
            ('i', action) => {
                let (repository, creator) = &self.issues[resource];
                match action {
                    "read" => self.repositories[repository].1 || self.reads_by_role(user, repository),
                    "comment" => self.reads_by_role(user, repository),
                    "close" => creator == user || self.has_any(user, repository, &["writer", "admin"]),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// What a question is about, by name.
pub(super) fn target(target: Target) -> (char, String) {
    match target {
        Target::Organization(number) => ('o', name('o', number)),
        Target::Repository(number) => ('r', name('r', number)),
        Target::Issue(number) => ('i', name('i', number)),
    }
}

/// Over names in maps.
pub(super) fn strings(world: &World) -> Contender {
    let tables = Tables::of(world);
    let questions: Vec<(String, &str, char, String)> = world
        .questions
        .iter()
        .map(|asked| {
            let (kind, resource) = target(asked.target);
            (name('u', asked.user), asked.action, kind, resource)
        })
        .collect();
    let given = "tables in `HashMap<String, _>`, roles and actions compared as text";
    Contender::new("by hand, strings", given, move |question| {
        let (user, action, kind, resource) = &questions[question];
        tables.allows(user, action, *kind, resource)
    })
}
