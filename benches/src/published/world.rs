//! The data of W5: parties, resources, and who was granted what, for three applications.

use fastrand::Rng;

use crate::questions::half_allowed;

/// An edge is there with this probability.
const EDGE: f64 = 0.05;
/// Requests of each hierarchy.
pub(super) const QUESTIONS: usize = 500;

/// What distinguishes the three applications.
#[derive(Debug)]
pub struct Application {
    /// Its name.
    pub name: &'static str,
    /// Its policy for Arctos, without the rules that all share.
    pub polar: &'static str,
    /// Its policy for Cedar.
    pub cedar: &'static str,
    /// The roles that are granted, each implying those before it.
    pub roles: &'static [&'static str],
    /// Each action and the place of the role that it needs; none where only the owner may.
    pub actions: &'static [(&'static str, Option<usize>)],
    /// Resources are in others, whose first role comes down; some may be read by all.
    pub nested: bool,
    /// Resources have an owner, who may do everything.
    pub owned: bool,
}

/// The three.
pub(super) const APPLICATIONS: [Application; 3] = [
    Application {
        name: "document sharing",
        polar: include_str!("documents.polar"),
        cedar: include_str!("documents.cedar"),
        roles: &["viewer"],
        actions: &[("view", Some(0)), ("write", None), ("share", None)],
        nested: true,
        owned: true,
    },
    Application {
        name: "code hosting",
        polar: include_str!("hosting.polar"),
        cedar: include_str!("hosting.cedar"),
        roles: &["reader", "triager", "writer", "maintainer", "admin"],
        actions: &[
            ("pull", Some(0)),
            ("label", Some(1)),
            ("push", Some(2)),
            ("configure", Some(3)),
            ("delete", Some(4)),
        ],
        nested: false,
        owned: false,
    },
    Application {
        name: "to-do lists",
        polar: include_str!("lists.polar"),
        cedar: include_str!("lists.cedar"),
        roles: &["reader", "editor"],
        actions: &[("get", Some(0)), ("update", Some(1)), ("delete", None)],
        nested: false,
        owned: true,
    },
];

/// What may be done with it, and by whom.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    /// Who owns it.
    pub owner: Option<u32>,
    /// All may use its first action.
    pub public: bool,
    /// What it is in; these have smaller numbers.
    pub parents: Vec<u32>,
    /// `(role, user)`
    pub users: Vec<(usize, u32)>,
    /// `(role, group)`
    pub groups: Vec<(usize, u32)>,
}

/// May this user do this with this resource?
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Who.
    pub user: u32,
    /// The place of what among the application's actions.
    pub action: usize,
    /// With what.
    pub resource: u32,
}

/// One hierarchy.
#[derive(Debug)]
pub struct World {
    /// The application.
    pub application: &'static Application,
    /// The groups of each user.
    pub users: Vec<Vec<u32>>,
    /// The groups of each group; these have smaller numbers.
    pub groups: Vec<Vec<u32>>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl World {
    /// The hierarchy of that number, the same every time.
    pub fn new(application: &'static Application, number: u64) -> World {
        let mut random = Rng::with_seed(5_000 + number);
        let count = random.u32(5..=50);
        let some = |random: &mut Rng, below: u32| -> Vec<u32> {
            (0..below).filter(|_| random.f64() < EDGE).collect()
        };
        let users = (0..count).map(|_| some(&mut random, count)).collect();
        let groups = (0..count).map(|group| some(&mut random, group)).collect();
        let grants = |random: &mut Rng| -> Vec<(usize, u32)> {
            let to = some(random, count);
            to.into_iter().map(|party| (random.usize(..application.roles.len()), party)).collect()
        };
        let resources = (0..count)
            .map(|resource| Resource {
                owner: application.owned.then(|| random.u32(..count)),
                public: application.nested && random.f64() < EDGE,
                parents: if application.nested { some(&mut random, resource) } else { Vec::new() },
                users: grants(&mut random),
                groups: grants(&mut random),
            })
            .collect();
        let mut world = World { application, users, groups, resources, questions: Vec::new() };
        world.questions = half_allowed(
            QUESTIONS,
            100 * QUESTIONS,
            &mut random,
            |random| {
                let action = random.usize(..application.actions.len());
                Question { user: random.u32(..count), action, resource: random.u32(..count) }
            },
            |question| world.allows(question),
        );
        world
    }

    /// The right answer.
    pub fn allows(&self, Question { user, action, resource }: Question) -> bool {
        let of = &self.resources[resource as usize];
        let (_, needed) = self.application.actions[action];
        if of.owner == Some(user) || (of.public && action == 0) {
            return true;
        }
        let Some(needed) = needed else { return false };
        let groups = closure(&self.groups, &self.users[user as usize]);
        let given = |number: usize, needed: usize| {
            let of = &self.resources[number];
            of.users.iter().any(|&(role, to)| to == user && role >= needed)
                || of.groups.iter().any(|&(role, to)| groups >> to & 1 == 1 && role >= needed)
        };
        given(resource as usize, needed)
            || self.above(resource).any(|number| given(number, needed) || self.readable(number, user))
    }

    /// All that a resource is in.
    fn above(&self, resource: u32) -> impl Iterator<Item = usize> {
        let mut found = 0u64;
        let mut left = self.resources[resource as usize].parents.clone();
        while let Some(parent) = left.pop() {
            if found >> parent & 1 == 0 {
                found |= 1 << parent;
                left.extend(&self.resources[parent as usize].parents);
            }
        }
        (0..64).filter(move |number| found >> number & 1 == 1)
    }

    /// Whether the user owns what the resource is in, and so has its first role.
    fn readable(&self, number: usize, user: u32) -> bool {
        self.resources[number].owner == Some(user)
    }
}

/// These groups and all that they are in, as bits.
fn closure(groups: &[Vec<u32>], of: &[u32]) -> u64 {
    let mut found = 0u64;
    // A group is only in groups with smaller numbers, so one pass downwards finds all.
    for &group in of {
        found |= 1 << group;
    }
    for group in (0..groups.len()).rev() {
        if found >> group & 1 == 1 {
            for &above in &groups[group] {
                found |= 1 << above;
            }
        }
    }
    found
}
