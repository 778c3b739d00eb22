//! Which things belong together, so that questions can be about what is near a user.

use fastrand::Rng;

use super::World;

/// What an organization, a repository and a user have.
pub(super) struct Near {
    repositories_of: Grouped,
    issues_of: Grouped,
    issues_by: Grouped,
}

impl Near {
    pub(super) fn of(world: &World) -> Near {
        let organizations: Vec<u32> = world.repositories.iter().map(|of| of.organization).collect();
        let repositories: Vec<u32> = world.issues.iter().map(|of| of.repository).collect();
        let creators: Vec<u32> = world.issues.iter().map(|of| of.creator).collect();
        Near {
            repositories_of: Grouped::by(&organizations, world.organizations as usize),
            issues_of: Grouped::by(&repositories, world.repositories.len()),
            issues_by: Grouped::by(&creators, world.users.len()),
        }
    }

    /// A repository of the organization; any, where it has none.
    pub(super) fn repository_of(&self, organization: u32, random: &mut Rng) -> u32 {
        self.repositories_of.any(organization, random)
    }

    /// An issue of the repository; any, where it has none.
    pub(super) fn issue_of(&self, repository: u32, random: &mut Rng) -> u32 {
        self.issues_of.any(repository, random)
    }

    /// An issue that the user has opened; any, where there is none.
    pub(super) fn issue_by(&self, user: u32, random: &mut Rng) -> u32 {
        self.issues_by.any(user, random)
    }
}

/// Numbers by what they belong to.
struct Grouped {
    /// Where the numbers of each begin.
    starts: Vec<usize>,
    /// Ascending for each.
    numbers: Vec<u32>,
}

impl Grouped {
    /// The places of `owners` by what stands there, which is below `count`.
    fn by(owners: &[u32], count: usize) -> Grouped {
        let mut starts = vec![0; count + 1];
        for owner in owners {
            starts[*owner as usize + 1] += 1;
        }
        for owner in 0..count {
            starts[owner + 1] += starts[owner];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; owners.len()];
        for (number, owner) in (0..).zip(owners) {
            let place = &mut next[*owner as usize];
            numbers[*place] = number;
            *place += 1;
        }
        Grouped { starts, numbers }
    }

    /// The first of its numbers from a random one on; that one, where it has none.
    fn any(&self, owner: u32, random: &mut Rng) -> u32 {
        let from = random.u32(..self.numbers.len() as u32);
        let owner = owner as usize;
        let own = &self.numbers[self.starts[owner]..self.starts[owner + 1]];
        let beyond = own.partition_point(|number| *number < from);
        own.get(beyond).or(own.first()).copied().unwrap_or(from)
    }
}
