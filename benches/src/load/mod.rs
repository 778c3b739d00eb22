//! W6 load: how long until a policy's text can answer?

pub mod arctos;
#[cfg(feature = "peers")]
mod cedar;
#[cfg(feature = "peers")]
mod oso;
#[cfg(feature = "peers")]
mod regorus;

use crate::contender::{Contender, Scenario};

/// What is timed.
pub const ABOUT: &str = "From the text of a policy of 100 to 10,000 rules to an engine that can answer. Each rule names a class \
    for its actor and its resource, one of ten actions, and compares an attribute of each.";

/// How many actions there are.
const ACTIONS: usize = 10;
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// All engines, at each size.
pub fn scenarios() -> Vec<Scenario> {
    SIZES.into_iter().map(scenario).collect()
}

/// Arctos alone.
pub fn ours(rules: usize) -> (Contender, usize) {
    (arctos::contender(rules), 1)
}

fn scenario(rules: usize) -> Scenario {
    let mut contenders = vec![arctos::contender(rules)];
    #[cfg(feature = "peers")]
    contenders.extend([
        oso::contender(rules),
        cedar::parsed(rules),
        cedar::validated(rules),
        regorus::contender(rules),
    ]);
    contenders.shrink_to_fit();
    Scenario {
        name: format!("{rules} rules"),
        expected: vec![true],
        describe: Box::new(move |_| format!("{rules} rules")),
        contenders,
        absent: Vec::new(),
    }
}

/// The policy for Arctos and Oso.
fn polar(rules: usize) -> String {
    let rule = |number: usize| {
        format!(
            "allow(user: User, \"action{}\", repository: Repository) if\n  \
             user.role = \"role{number}\" and repository.id = {number};\n",
            number % ACTIONS
        )
    };
    (0..rules).map(rule).collect()
}
