//! Cases for lists at random.

use super::Case;
use crate::facts;
use crate::generate::Random;

/// The strings of all cases: roles, relations and actions.
pub(crate) const WORDS: &[&str] = &["reader", "owner", "parent", "read", "push"];

/// Entities have the ids below this.
pub(crate) const IDS: usize = 3;

/// The case of that seed.
pub fn case(seed: u64) -> Case {
    let mut random = Random::new(seed ^ 0x0115_7ED5);
    let mut case = if random.chance(25) { unplanned(seed) } else { planned(&mut random) };
    case.seed = seed;
    case.context = (0..random.below(3)).map(|_| fact(&mut random)).collect();
    case
}

/// Rules of all kinds.
fn unplanned(seed: u64) -> Case {
    let facts::Case { policy, facts, .. } = facts::Generator::case(seed);
    Case { policy, facts, ..Case::default() }
}

/// What blocks may say, and how often in 100 cases.
const SHORTHAND: &[(&str, usize)] = &[
    ("\"reader\" if \"owner\";", 70),
    ("role if role on \"parent\";", 40),
    ("\"reader\" if \"reader\" on \"parent\";", 25),
    ("\"owner\" if \"owner\" on \"parent\" or \"creator\" on resource;", 25),
    ("\"read\" if \"reader\";", 70),
    ("\"read\" if \"reader\" and is_active(actor);", 35),
    ("\"read\" if is_open(resource);", 50),
    ("\"read\" if is_open(resource) and not_blocked(actor, resource);", 30),
    ("\"push\" if \"owner\" and \"reader\";", 50),
    ("\"push\" if \"creator\" on resource;", 40),
    ("permission if permission on \"parent\";", 25),
    ("\"reader\" if global \"staff\";", 20),
];

/// Rules beside the blocks.
const RULES: &[(&str, usize)] = &[
    ("has_role(u: User, r: String, x: Doc) if g matches Group and joined(u, g) and has_role(g, r, x);", 60),
    (
        "has_role(u: User, r: String, x: Folder) if g matches Group and joined(u, g) and has_role(g, r, x);",
        40,
    ),
    (
        "has_role(g: Group, r: String, x: Folder) if h matches Group and joined(g, h) and has_role(h, r, x);",
        40,
    ),
    ("joined(u: User, g: Group) if h matches Group and joined(u, h) and joined(h, g);", 30),
    ("joined(g: Group, i: Group) if h matches Group and joined(g, h) and joined(h, i);", 20),
    ("is_active(a: Actor) if not is_blocked(a);", 70),
    ("is_active(_: User);", 15),
    ("not_blocked(a, x) if not blocked(a, x);", 70),
    (
        "blocked(a: User, x: Doc) if f matches Folder and has_relation(x, \"parent\", f) and blocked(a, f);",
        40,
    ),
    ("blocked(u: User, x: Folder) if g matches Group and joined(u, g) and is_blocked(g) and is_open(x);", 20),
    (
        "has_permission(a: Actor, p: String, x: Folder) if r matches String and has_role(a, r, x) and grants(r, p);",
        40,
    ),
    (
        "has_permission(u: User, \"push\", d: Doc) if has_role(u, \"owner\", d) and not (o matches User and has_role(o, \"owner\", d) and o != u);",
        30,
    ),
    (
        "has_role(u: User, \"reader\", d: Doc) if t matches Integer and until(u, d, t) and t > @current_unix_time;",
        40,
    ),
    ("allow(a, act, x) if has_permission(a, act, x) and not is_blocked(a);", 40),
    ("allow(a, act, x) if has_permission(a, act, x);", 30),
    ("allow(u: User, \"read\", u: User);", 25),
    (
        "allow(u: User, \"read\", v: User) if g matches Group and joined(u, g) and joined(v, g) and u != v;",
        25,
    ),
    ("allow(_: User, \"read\", Doc{\"0\"});", 15),
    ("allow(_: Group, act, d: Doc) if act != \"push\" and is_open(d);", 15),
    ("has_permission(User{\"0\"}, \"push\", _: Folder);", 15),
    (
        "has_permission(u: User, \"read\", d: Doc) if is_open(d) and not (f matches Folder and has_relation(d, \"parent\", f) and blocked(u, f));",
        30,
    ),
];

/// What facts may say, whatever the rules are.
const DECLARED: &[&str] = &[
    "declare joined(User, Group); declare joined(Group, Group); declare is_active(User);",
    "declare is_blocked(User); declare is_blocked(Group); declare blocked(User, Doc); declare blocked(User, Folder);",
    "declare is_open(Doc); declare is_open(Folder); declare grants(String, String); declare until(User, Doc, Integer);",
    "declare has_role(Group, String, Doc); declare has_permission(User, String, Doc); declare not_blocked(User, Doc);",
    "global { roles = [\"staff\"]; }",
    "actor User {}",
    "actor Group {}",
];

fn planned(random: &mut Random) -> Case {
    let mut policy: Vec<String> = DECLARED.iter().map(|line| (*line).to_owned()).collect();
    policy.push("resource Folder { roles = [\"reader\", \"owner\"]; permissions = [\"read\", \"push\"]; relations = { parent: Folder, creator: User }; }".to_owned());
    policy.push("resource Doc { roles = [\"reader\", \"owner\"]; permissions = [\"read\", \"push\"]; relations = { parent: Folder, creator: User }; }".to_owned());
    for kind in ["Folder", "Doc"] {
        for (line, chance) in SHORTHAND {
            if random.chance(*chance) {
                policy.push(format!("resource {kind} {{ {line} }}"));
            }
        }
    }
    policy.extend(
        RULES.iter().filter(|(_, chance)| random.chance(*chance)).map(|(line, _)| (*line).to_owned()),
    );
    let facts = (0..6 + random.below(20)).map(|_| fact(random)).collect();
    Case { policy, facts, ..Case::default() }
}

/// A fact of the planned cases.
fn fact(random: &mut Random) -> String {
    let mut any = |kind: &str, wild: usize| {
        if random.chance(wild) {
            format!("_: {kind}")
        } else {
            format!("{kind}{{\"{}\"}}", random.below(IDS))
        }
    };
    let (user, group, doc, folder) = (any("User", 12), any("Group", 6), any("Doc", 10), any("Folder", 6));
    let other = any("Group", 0);
    let resource = if random.chance(60) { &doc } else { &folder };
    let actor = if random.chance(65) { &user } else { &group };
    let role = if random.chance(60) { "reader" } else { "owner" };
    match random.below(15) {
        0..=2 | 13 | 14 => format!("has_role({actor}, \"{role}\", {resource});"),
        3 => format!("has_relation({doc}, \"parent\", {folder});"),
        4 => format!("has_relation({folder}, \"parent\", Folder{{\"{}\"}});", random.below(IDS)),
        5 => format!("has_relation({resource}, \"creator\", {user});"),
        6 => format!("joined({actor}, {other});"),
        7 => format!("is_blocked({actor});"),
        8 => format!("blocked({user}, {resource});"),
        9 => format!("is_open({resource});"),
        10 => format!("grants(\"{role}\", \"{}\");", if random.chance(50) { "read" } else { "push" }),
        11 => format!("until({user}, {doc}, {});", random.below(3)),
        _ => format!("has_role({user}, \"staff\");"),
    }
}
