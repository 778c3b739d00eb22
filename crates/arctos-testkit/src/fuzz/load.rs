//! Whole policies: loading ends in a policy or in diagnostics, and a policy can be asked anything.

use arctos::{Diagnostic, Error, Limits, Policy, Query, Sources, Term};

use super::text::check_diagnostics;
use crate::corpus::{File, Section};
use crate::host::WorldHost;
use crate::plans;
use crate::run::{ask_machine, world_of};
use crate::world::World;

/// What policies that come without classes of their own may name.
const CLASSES: &str = "\
class User eq by id
class Admin(User)
class Org
class Folder iterates files
class Repo ordered by id takes (id)
class Issue
object ann = User{id: 1, name: \"ann\", org: acme, friends: [bob, ann], tags: {a: 1, b: [2]}}
object bob = Admin{id: 2, name: \"bob\", org: nil, friends: [], tags: {}}
object acme = Org{id: 3, parent: acme}
object docs = Folder{id: 4, files: [anvil, ann], parent: docs}
object anvil = Repo{id: 5, owner: ann, org: acme, parent: docs, is_public: true}
method User.is(1) = true
method Repo.self() = self
";

/// How many rules of a policy are asked.
const ASKED: usize = 8;

/// Any text, taken as a corpus file or else as a policy, loads or says why it does not. What loads can be asked, plans
/// and machine deciding alike.
pub fn load(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let file = File::parse(text).unwrap_or_else(|_| policy_alone(text));
    let Ok(world) = world_of(&file) else { return };
    let mut sources = Sources::default();
    for (name, text) in file.policies() {
        sources.add(name, &text);
    }
    let loaded = Policy::load(world.schema(), sources.clone());
    let found = loaded.as_ref().map_or_else(Error::diagnostics, Policy::warnings);
    check_diagnostics(found, &sources);
    let again = Policy::load(world.schema(), sources);
    assert_eq!(found, again.as_ref().map_or_else(Error::diagnostics, Policy::warnings), "loaded twice");
    assert_eq!(loaded.is_err(), found.iter().any(Diagnostic::is_error), "{found:?}");
    let Ok(policy) = loaded else { return };
    policy.dump_ir();
    for section in file.of_kind("query") {
        ask_machine(&policy, &world, &limits(), &section.argument);
        if let (plans::Verdict::Differ(plan, machine), _) =
            plans::compare(&world, &file.policies(), &section.argument)
        {
            assert_eq!(plan, machine, "plan and machine on {}", section.argument);
        }
    }
    for (_, rule) in policy.rules().take(ASKED) {
        ask_openly(&policy, &world, rule.name, rule.arity);
    }
}

fn policy_alone(text: &str) -> File {
    let section = |kind: &str, text: &str| Section {
        kind: kind.to_owned(),
        argument: String::new(),
        lines: text.lines().map(str::to_owned).collect(),
    };
    File { sections: vec![section("classes", CLASSES), section("policy", text)], ..File::default() }
}

/// Asks for a rule with a variable for each argument, up to a limit or an error.
fn ask_openly(policy: &Policy, world: &World, rule: &str, arity: usize) {
    let mut query = Query::new(policy, WorldHost::new(world));
    query.set_limits(limits());
    let arguments: Vec<Term> = (0..arity).map(|index| query.variable(&format!("x{index}"))).collect();
    let mut asked = query.ask(rule, &arguments);
    while asked.is_ok() {
        match query.next() {
            Ok(None) => return,
            Ok(Some(_)) => {}
            Err(error) => asked = Err(error),
        }
    }
}

fn limits() -> Limits {
    Limits { steps: 5_000, depth: 500, answers: 100, memory: 8 << 20, time: None }
}
