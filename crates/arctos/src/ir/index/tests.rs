//! What indexes cost, counted in nodes and clauses rather than in time, and that they leave nothing out.

use std::fmt::Write;

use arctos_syntax::Sources;

use super::{Accepts, Index, Key};
use crate::ir::Program;
use crate::policy::Policy;
use crate::schema::{ClassId, Schema};

fn schema(types: usize) -> Schema {
    let mut schema = Schema::new();
    let base = schema.add_class("Base", &[]);
    ["User", "Org"].iter().for_each(|name| _ = schema.add_class(name, &[]));
    (0..types).for_each(|i| _ = schema.add_class(&format!("Type{i}"), &[base]));
    schema
}

fn load(schema: &Schema, text: &str) -> Policy {
    let mut sources = Sources::default();
    sources.add(None, text);
    Policy::load(schema, sources).unwrap()
}

/// A policy of `n` times some lines, in which `@` is a number.
fn repeated(n: usize, once: &str, each: &str) -> Policy {
    let mut text = format!("allow(_, _, _);\n{once}\n");
    (0..n).for_each(|i| writeln!(text, "{}", each.replace('@', &i.to_string())).unwrap());
    load(&schema(n), &text)
}

/// Nodes, edges and the clauses of leaves.
fn size(index: &Index) -> usize {
    let clauses: usize = index.leaves.iter().map(|leaf| leaf.clauses.len()).sum();
    index.nodes.len() + index.constants.len() + index.objects.len() + clauses
}

fn total(program: &Program) -> usize {
    program.predicates.iter().map(|predicate| size(&predicate.index)).sum()
}

fn index<'p>(policy: &'p Policy, name: &str) -> &'p Index {
    let program = &policy.0;
    let name = program.symbols.get(name).unwrap();
    &program.predicates.iter().find(|predicate| predicate.name == name).unwrap().index
}

const BLOCKS: &str = r#"
resource Type@ {
  roles = ["reader", "writer"]; permissions = ["read", "write"]; relations = { org: Org };
  "read" if "reader"; "write" if "writer"; "reader" if "writer"; "writer" if "owner" on "org";
}
has_role(user: User, name: String, thing: Type@) if thing.role(user) = name;
has_relation(org: Org, "org", thing: Type@) if thing.org = org;"#;

const ONCE: &str = r#"
actor User {} resource Org { roles = ["owner"]; }
allow(actor, action, resource) if has_permission(actor, action, resource);
has_permission(_: User, "look", org: Org) if org.open;
has_role(user: User, name: String, org: Org) if [name, org] in user.roles;"#;

/// Policies of which each could make an index of the square of its size.
const SHAPES: [(&str, &str); 8] = [
    (ONCE, BLOCKS),
    // A general rule before each.
    (
        "",
        "f(user: User, action, x) if x.rule@(user, action); f(user: User, \"a@\", x: Type@) if x.owner = user;",
    ),
    // Constants and classes that stand for nothing in each other's place.
    ("", "f(\"a@\", _); f(_, x: Type@) if x.ok;"),
    // Constants that an object of any class may equal.
    ("", "f(\"a@\"); f(x: Type@) if x.ok;"),
    // A union and a class with many heirs, beside many constants.
    (
        ONCE,
        "resource Type@ {} f(\"a@\", x: Resource) if x.ok; f(\"a@\", x: Type@) if x.fine; f(\"a@\", x: Base) if x.good;",
    ),
    ("", "f(\"a@\", x: Base) if x.good; f(\"a@\", x: User) if x.fine;"),
    ("", "p@(x: Base, _) if x.ok; p@(x: Type@, \"a\") if x.ok; p@(_, \"b\");"),
    ("", "f(@, \"a@\", x: Type@) if x.ok; f(_, \"a@\", x: Type@) if x.ok; f(@, _, x: Type@) if x.ok;"),
];

#[test]
fn indexes_grow_with_the_policy_and_not_with_its_square() {
    for (once, each) in SHAPES {
        let small = total(&repeated(100, once, each).0);
        let large = total(&repeated(1000, once, each).0);
        assert!(large <= 11 * small, "{large} for ten times {small}: {each}");
    }
}

#[test]
fn a_call_with_known_arguments_finds_the_same_few_clauses_however_many_there_are() {
    for types in [10, 1000] {
        let policy = repeated(types, ONCE, BLOCKS);
        let class = |name: &str| Key::Object(policy.schema().class(name).unwrap());
        let text = |text: &str| Key::Text(policy.symbols().get(text).unwrap());
        let clauses = |name: &str, keys: &[Key]| {
            let index = index(&policy, name);
            let leaf = index.find(|position| keys[position as usize]).unwrap();
            index.leaves[leaf as usize].clauses.len()
        };
        assert_eq!(clauses("has_permission", &[class("User"), text("read"), class("Type7")]), 1);
        // A shorthand rule and a rule in full.
        assert_eq!(clauses("has_role", &[class("User"), text("writer"), class("Type7")]), 2);
        assert_eq!(clauses("has_role", &[class("User"), text("reader"), class("Type7")]), 2);
        assert_eq!(clauses("has_relation", &[Key::Any, text("org"), class("Type7")]), 1);
        assert_eq!(clauses("has_role", &[class("User"), text("writer"), class("User")]), 0);
        assert_eq!(clauses("has_role", &[class("User"), Key::Any, Key::Any]), 3 * types + 1);
    }
}

#[test]
fn leaves_and_branches_are_shared() {
    let policy =
        repeated(1000, ONCE, "resource Type@ {} f(\"a\", x: Resource) if x.ok; f(\"b\", x: Base) if x.ok;");
    let index = index(&policy, "f");
    assert!(size(index) < 12_000, "{}", size(index));
    assert!(index.leaves.len() < 16, "{}", index.leaves.len());
    assert!(index.objects.len() < 16, "a class that no clause names has no edge: {}", index.objects.len());
}

/// A small generator: a multiplicative congruence is enough here.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// A hierarchy with heirs of two classes, some of them actors or resources by their own or their ancestors' blocks.
fn hierarchy() -> (Schema, &'static str) {
    let mut schema = Schema::new();
    let a = schema.add_class("A", &[]);
    let b = schema.add_class("B", &[a]);
    let c = schema.add_class("C", &[]);
    let d = schema.add_class("D", &[b, c, a]);
    schema.add_class("E", &[d, b, c, a]);
    schema.add_class("F", &[c]);
    schema.add_class("G", &[]);
    (schema, "allow(_, _, _); actor C {} resource B {}")
}

const PARAMS: [&str; 13] = [
    "_",
    "\"s\"",
    "\"t\"",
    "1",
    "2",
    "true",
    "_: A",
    "_: B",
    "_: C",
    "_: D",
    "_: Actor",
    "_: Resource",
    "_: String",
];

#[test]
fn no_leaf_leaves_out_a_clause_that_could_match() {
    let (schema, blocks) = hierarchy();
    let mut random = Random(7);
    for _ in 0..300 {
        let mut text = blocks.to_owned();
        for _ in 0..2 + random.below(9) {
            let [one, two] = [random.one_of(&PARAMS), random.one_of(&PARAMS)];
            writeln!(text, "f({one}, {two});").unwrap();
        }
        let policy = load(&schema, &text);
        let keys = keys(&policy);
        for left in &keys {
            for right in &keys {
                compare(&policy, [*left, *right], &text);
            }
        }
    }
}

fn keys(policy: &Policy) -> Vec<Key> {
    let mut keys = vec![Key::Integer(1), Key::Integer(9), Key::Boolean(true), Key::Boolean(false)];
    keys.extend(["s", "t", "f"].iter().filter_map(|text| policy.symbols().get(text)).map(Key::Text));
    let (core, own): (Vec<_>, Vec<_>) =
        policy.schema().classes().map(|(id, _)| id).partition(|id| id.index() <= ClassId::DICTIONARY.index());
    keys.extend(core.into_iter().map(Key::Core));
    keys.extend(own.into_iter().map(Key::Object));
    keys.extend([Key::Nil, Key::ObjectOther, Key::Any]);
    keys
}

fn compare(policy: &Policy, keys: [Key; 2], text: &str) {
    let program = &policy.0;
    let index = index(policy, "f");
    let leaf = &index.leaves[index.find(|position| keys[position as usize]).unwrap() as usize];
    assert!(leaf.clauses.is_sorted());
    for (rule, _) in policy.rules().filter(|(_, rule)| rule.name == "f") {
        let params = &program.clauses[rule.index()].params;
        let mut pairs = params.iter().zip(keys);
        let matches =
            pairs.all(|(param, key)| program.classes.may_match(Accepts::of(param, &program.code), key));
        if matches {
            assert!(leaf.clauses.contains(&rule), "{keys:?} misses {rule:?}\n{text}");
        } else if leaf.clauses.len() > 1 {
            // What all clauses of a leaf accept alike is not looked at.
            let alike = leaf.clauses.iter().filter(|other| {
                let other = &program.clauses[other.index()].params;
                other
                    .iter()
                    .zip(params)
                    .any(|(a, b)| Accepts::of(a, &program.code) == Accepts::of(b, &program.code))
            });
            assert!(!leaf.clauses.contains(&rule) || alike.count() > 1, "{keys:?} has {rule:?}\n{text}");
        }
    }
}

#[test]
fn many_parameters_cost_no_power_of_two() {
    let list = |text: &str| vec![text; 300].join(", ");
    let text = format!("allow(_, _, _); f({}); f({}); f({});", list("\"a\""), list("\"b\""), list("_"));
    let policy = load(&Schema::new(), &text);
    assert!(size(index(&policy, "f")) < 50_000, "{}", size(index(&policy, "f")));
}
