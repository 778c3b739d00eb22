//! Recursion in last place at random: plans decide it in ways of their own, and must decide what the machine decides.
//!
//! The objects are those of [`plans::compare_search`], some of which fail; the facts are a graph of two types, now and then with a
//! wildcard. Each question begins more than one search, so that what is remembered of one is met in another.

use arctos::facts::parse;

use crate::generate::{Random, without_singletons};
use crate::plans::{self, Tally};
use crate::world::World;

/// Clauses over objects: `x` goes up to what `y` is asked of.
const OVER_OBJECTS: &[&str] = &[
    "x3 in x0.kids and (x3.tag = x1 or up(x3, x1))",
    "x3 in x0.kids and (x3.tag = x1 or up(x3, x1))",
    "x3 in x0.kids and x3 matches Node and (x3.tag = x1 or up(x3, x1))",
    "x3 in x0.kids and (x3.tag = x1 and x3.id = 0 or up(x3, x1))",
    "x3 in x0.kids and x3.tag = x1",
    "x3 in x0.kids and up(x3, x1)",
    "x3 in x0.kids and x3 matches Node and up(x3, x1)",
    "x3 in x0.kids and x3.id = 0 and up(x3, x1)",
    "x0.tag = x1",
    "x0.id = 1 and x0.tag = x1",
    "up(x0.next, x1)",
    "x3 = x0.next and x3 matches Node and up(x3, x1)",
    "x0.id = 0 and cut and up(x0.next, x1)",
    "x3 in x0.kids and down(x3, x1) and up(x3, x1)",
    "x3 in x0.kids and not down(x3, x1) and up(x3, x1)",
    "x3 in x0.kids and x3 in x0.kids and up(x3, x1)",
    "up(x0.next, x1) and x0.id = 0",
    "x3 in x0.kids and not up(x3, x1)",
    "down(x0.next, x1)",
];

/// Clauses over facts, likewise.
const OVER_FACTS: &[&str] = &[
    "edge(x0, x3) and up(x3, x1)",
    "edge(x0, x3) and up(x3, x1)",
    "x3 matches Node and edge(x0, x3) and up(x3, x1)",
    "x3 matches Leaf and edge(x0, x3) and up(x3, x1)",
    "mark(x0, x1)",
    "rank(x0, \"a\", x1)",
    "rank(x0, \"b\", x1)",
    "edge(x3, x0) and up(x3, x1)",
    "edge(x0, x3) and mark(x3, x1)",
    "edge(x0, x3) and rank(x3, \"b\", x1)",
    "edge(x0, x3) and not mark(x3, x1) and up(x3, x1)",
    "edge(x0, x3) and down(x3, x1)",
    "edge(x0, x3) and edge(x3, x4) and up(x4, x1)",
];

const FORMS: &str =
    "declare edge(Node, Node);\ndeclare mark(Node, Integer);\ndeclare rank(Node, String, Integer);\n";

/// Compares `count` random policies over objects, and as many over facts.
pub fn compare_many(seed: u64, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in seed..seed + count {
        over_objects(&mut Random::new(seed), &mut tally, &format!("objects, seed {seed}"));
        over_facts(&mut Random::new(seed), &mut tally, &format!("facts, seed {seed}"));
    }
    tally
}

fn over_objects(random: &mut Random, tally: &mut Tally, origin: &str) {
    let classes = plans::search_classes(random);
    let policy = policy(random, OVER_OBJECTS);
    let Ok(world) = World::parse(&classes) else {
        tally.invalid += 1;
        return;
    };
    let queries = [
        "up(n0, 1)",
        "up(n1, 2) or up(n0, 2)",
        "up(n2, 0) and up(n3, 0)",
        "not up(n3, 1) and not up(n2, 1)",
        "x in [n0, n1, n2, n3] and up(x, 2) and down(x, 2)",
        "down(n0, 1) or up(n0, 1)",
    ];
    compare(random, &world, (&classes, &policy), &queries, tally, origin);
}

fn over_facts(random: &mut Random, tally: &mut Tally, origin: &str) {
    let facts = facts(random);
    let (Ok(mut world), Ok(parsed)) = (World::parse(""), parse(None, &facts)) else {
        tally.invalid += 1;
        return;
    };
    world.keep_facts(parsed);
    let policy = format!("{FORMS}{}", policy(random, OVER_FACTS));
    let queries = [
        "up(Node{\"0\"}, 1)",
        "up(Node{\"1\"}, 2) or up(Leaf{\"0\"}, 2)",
        "up(Node{\"2\"}, 0) and up(Node{\"3\"}, 0)",
        "not up(Node{\"3\"}, 1) and not up(Node{\"2\"}, 1)",
        "down(Leaf{\"1\"}, 1) or up(Node{\"0\"}, 1)",
    ];
    compare(random, &world, (&facts, &policy), &queries, tally, origin);
}

fn compare(
    random: &mut Random,
    world: &World,
    (given, policy): (&str, &str),
    queries: &[&str],
    tally: &mut Tally,
    origin: &str,
) {
    for _ in 0..3 {
        let query = random.pick(queries).copied().unwrap_or("true");
        let verdict = plans::compare(world, &[(None, policy.to_owned())], query);
        tally.count(verdict, || format!("# {origin}, query {query}\n{given}\n{policy}"));
    }
}

/// Rules for `up` and, with fewer ways to go on, for `down`.
fn policy(random: &mut Random, clauses: &[&str]) -> String {
    let mut text = String::new();
    // Mostly the plainer ones, which come first.
    let among = if random.chance(60) { clauses.len() / 2 } else { clauses.len() };
    for name in ["up", "down"] {
        for _ in 0..1 + random.below(3) {
            let body = clauses.get(random.below(among)).copied().unwrap_or("true");
            let body = if name == "up" || random.chance(20) {
                body.to_owned()
            } else {
                body.replace("down(", "\0").replace("up(", "down(").replace('\0', "up(")
            };
            let head = if random.chance(15) { "x0: Node" } else { "x0" };
            text += &without_singletons(&format!("{name}({head}, x1) if {body};\n"));
        }
    }
    text
}

fn facts(random: &mut Random) -> String {
    let mut text = String::new();
    let node = |random: &mut Random| {
        let kind = if random.chance(85) { "Node" } else { "Leaf" };
        format!("{kind}{{\"{}\"}}", random.below(5))
    };
    for _ in 0..2 + random.below(9) {
        let to = if random.chance(4) { "_: Node".to_owned() } else { node(random) };
        text += &format!("edge({}, {to});\n", node(random));
    }
    for _ in 0..random.below(4) {
        text += &format!("mark({}, {});\n", node(random), random.below(3));
    }
    for _ in 0..random.below(12) {
        let name = if random.chance(50) { "a" } else { "b" };
        text += &format!("rank({}, \"{name}\", {});\n", node(random), random.below(3));
    }
    text
}
