//! Deep and wide policies: loading, planning and deciding need neither much stack nor time that no limit counts.

use std::fmt::Write;
use std::thread;

use arctos::rust::{Arctos, PolarClass};
use arctos::{Error, Limits};

use crate::toy::Toy;
use crate::{decide, decided, load};

/// The usual stack of a thread that is not the first.
const STACK: usize = 2 << 20;

/// Rules, or goals, in a row.
const CHAIN: usize = 10_000;

/// Roles that imply one another.
const ROLES: usize = 2_000;

fn on_small_stack<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

/// What the plan and the machine say on a thread with little stack.
fn decided_on_small_stack(policy: String) -> (Option<bool>, bool) {
    on_small_stack(move || decided(&load(&policy), Toy::default(), &Limits::default()))
}

/// `CHAIN` rules, each in terms of the next, which `rule` writes.
fn chain(rule: impl Fn(usize, usize) -> String) -> String {
    let mut policy = "f(t) if p0(t);\n".to_owned();
    for n in 0..CHAIN {
        policy.push_str(&rule(n, n + 1));
        policy.push('\n');
    }
    policy
}

#[test]
fn a_rule_may_lead_to_ten_thousand_others() {
    let policy = chain(|n, next| format!("p{n}(t) if p{next}(t);"));
    assert_eq!(decided_on_small_stack(format!("{policy} p{CHAIN}(t) if t.id = 1;")), (Some(true), true));
}

#[test]
fn each_of_them_in_the_negation_of_another() {
    let policy = chain(|n, next| format!("p{n}(t) if not p{next}(t);"));
    assert_eq!(decided_on_small_stack(format!("{policy} p{CHAIN}(t) if t.id = 1;")), (Some(true), true));
}

#[test]
fn each_of_them_with_another_object() {
    let policy = chain(|n, next| format!("p{n}(t) if p{next}(t.self);"));
    assert!(decided_on_small_stack(format!("{policy} p{CHAIN}(t) if t.id = 1;")).1);
}

#[derive(PolarClass)]
struct User {}

#[derive(PolarClass)]
struct Page {}

#[test]
fn each_role_may_imply_another() {
    let names: Vec<String> = (0..ROLES).map(|n| format!("\"role {n}\"")).collect();
    let mut policy = format!("actor User {{}} resource Page {{ roles = [{}];\n", names.join(", "));
    for (name, next) in names.iter().zip(names.iter().skip(1)) {
        writeln!(policy, "{name} if {next};").unwrap();
    }
    writeln!(policy, "}} has_role(_: User, \"role {}\", _: Page);", ROLES - 1).unwrap();
    on_small_stack(move || {
        let arctos =
            Arctos::builder().register::<User>().register::<Page>().load_str(&policy).build().unwrap();
        let session = arctos.session();
        let question = || (&User {}, "role 0", &Page {});
        assert!(session.require("has_role", question()).is_ok());
        assert!(session.query_rule("has_role", question()).unwrap().next().unwrap().is_some());
    });
}

#[test]
fn conditions_that_wait_for_one_another() {
    let mut policy = "f(t) if x1 = x0.self".to_owned();
    for n in 1..CHAIN {
        write!(policy, " and x{} = x{n}.self", n + 1).unwrap();
    }
    let (_, machine) = decided_on_small_stack(format!("{policy} and x0 = t and x{CHAIN}.id = 1;"));
    assert!(machine);
    let few = policy.split(" and ").take(1_000).collect::<Vec<_>>().join(" and ");
    assert_eq!(decided_on_small_stack(format!("{few} and x0 = t and x1000.id = 1;")), (Some(true), true));
}

#[test]
fn nested_as_deep_as_the_parser_lets() {
    let nest = |open: &str, depth: usize| {
        let (open, close) = (open.repeat(depth), ")".repeat(depth));
        decided_on_small_stack(format!("f(t) if {open}t.id = 1{close};")).1
    };
    assert!(nest("not (", 60));
    assert!(nest("(false or ", 60));
    assert!(nest("not (false or ", 40));
    assert!(nest("forall(_ in [1], ", 60));
    let (open, close) = ("[".repeat(120), "]".repeat(120));
    assert!(decided_on_small_stack(format!("f(t) if x = {open}t.id{close} and x = {open}1{close};")).1);
    assert!(decided_on_small_stack(format!("f(t) if x = {open}t.id{close} and x matches {open}1{close};")).1);
    assert!(decided_on_small_stack(format!("f(t) if t{};", ".self".repeat(400) + ".id = 1")).1);
}

#[test]
fn building_ends_where_deciding_does_not() {
    let twice = |call: &str| {
        let mut policy = format!("f(t) if t.id = 1 and {};", call.replace('#', "0"));
        for n in 0..60 {
            let next = call.replace('#', &(n + 1).to_string());
            write!(policy, "{} if {next} and {next};", call.replace('#', &n.to_string())).unwrap();
        }
        load(&format!("{policy} {};", call.replace('#', "60")))
    };
    for call in ["p#()", "p#(_t)", "p#(_t, [1])"] {
        let limits = Limits { steps: 100_000, ..Limits::default() };
        let (plan, machine) = decide(&twice(call), Toy::default(), &limits);
        assert!(plan.is_none_or(|plan| plan.is_err_and(|error| Error::is_exhausted(&error))), "{call}");
        assert!(machine.is_err_and(|error| error.is_exhausted()), "{call}");
    }
}
