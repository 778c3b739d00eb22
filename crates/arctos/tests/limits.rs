//! Whatever a policy and an application do, a question ends: with an answer, or with the error that names the limit.
//!
//! Nothing here looks at a clock: what is counted is bounded, and so is the stack.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

mod endless;

use std::sync::Arc;
use std::time::Duration;

use arctos::{Bound, Decider, ErrorKind, Heap, Limit, Limits, Query, Step, Symbols, View};
use endless::{ENGINES, Endless, Engine, ask, policy};

/// More steps than any question here needs that ends by itself.
const STEPS: u64 = 200_000;

fn limits() -> Limits {
    Limits { steps: STEPS, memory: 16 << 20, ..Limits::default() }
}

/// Asks all engines, and expects of each that `limit` stops it.
fn check(text: &str, limits: &Limits, limit: Limit) {
    check_by(&ENGINES, text, limits, limit);
}

fn check_by(engines: &[Engine], text: &str, limits: &Limits, limit: Limit) {
    let policy = policy(text);
    for engine in engines {
        let mut host = Endless::ticking(1);
        let asked = ask(*engine, &policy, &mut host, limits);
        let error = asked.expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Exhausted(limit), "{engine:?}: {text}: {error}");
        assert!(error.is_exhausted() && !error.message().is_empty());
        // A step asks the host a few times at most; plans and then the machine may both have tried.
        assert!(host.asked <= 4 * limits.steps, "{engine:?}: {text}: asked {}", host.asked);
        assert!(error.to_string().len() < 10_000, "{engine:?}: {text}: a trace without end");
    }
}

fn check_answer(text: &str, expected: bool) {
    let policy = policy(text);
    for engine in ENGINES {
        let mut host = Endless::default();
        let answer = ask(engine, &policy, &mut host, &limits());
        assert_eq!(answer.ok(), Some(expected), "{engine:?}: {text}");
        assert!(host.printed <= 400_000, "{engine:?}: {text}: printed {}", host.printed);
    }
}

#[test]
fn steps() {
    let limits = Limits { steps: 20_000, memory: 1 << 30, ..limits() };
    check("f(n) if x in thing and x = n;", &limits, Limit::Steps);
    check("f(n) if not (x in thing and x = n);", &limits, Limit::Steps);
    check("f(n) if f(n + 1);", &limits, Limit::Steps);
    check("f(_) if forall(x in thing, x = thing or x != thing or true);", &limits, Limit::Steps);
}

#[test]
fn depth() {
    let limits = Limits { depth: 100, ..limits() };
    check("f(n) if f(n + 1);", &limits, Limit::Depth);
    check("f(n) if g(thing, n); g(x, n) if g(x.next, n);", &limits, Limit::Depth);
    check("f(n) if not g(n); g(n) if not f(n + 1);", &limits, Limit::Depth);
    check("f(n) if forall(m = n + 1, f(m));", &limits, Limit::Depth);
}

#[test]
fn time() {
    // The host's clock goes on by a millisecond with each look at it.
    let limits = Limits { time: Some(Duration::from_millis(10)), memory: 1 << 30, ..limits() };
    check("f(n) if x in thing and x = n;", &limits, Limit::Time);
    check("f(n) if not (x in thing and x = n);", &limits, Limit::Time);
    check("f(_) if thing.shared = thing.shared;", &limits, Limit::Time);
    let policy = policy("f(n) if x in thing and x = n;");
    let without_clock = ask(Engine::Decider, &policy, &mut Endless::default(), &limits);
    assert_eq!(without_clock.unwrap_err().kind(), ErrorKind::Exhausted(Limit::Steps));
}

#[test]
fn answers() {
    let text = "f(1); f(n) if n in [1, 1, 1];";
    check("f(1);", &Limits { answers: 0, ..limits() }, Limit::Answers);
    check_by(&[Engine::Answers], text, &Limits { answers: 3, ..limits() }, Limit::Answers);
    let policy = policy(text);
    for engine in ENGINES {
        let enough = ask(engine, &policy, &mut Endless::default(), &Limits { answers: 4, ..limits() });
        assert_eq!(enough.ok(), Some(true), "{engine:?}");
    }
}

#[test]
fn memory() {
    check("f(_) if g(\"ab\", 1); g(x, n) if g(x.doubled(), n + 1);", &limits(), Limit::Memory);
    check("f(n) if g(n); g(n) if _x = thing.text and g(n + 1);", &limits(), Limit::Memory);
    check("f(_) if thing.long != 1;", &Limits { memory: 1 << 20, ..limits() }, Limit::Memory);
    check("f(_) if not thing.long = 1;", &Limits { memory: 1 << 20, ..limits() }, Limit::Memory);
    check(
        "f(n) if g(n, []); g(n, l) if g(n + 1, [n, *l]);",
        &Limits { memory: 1 << 20, ..limits() },
        Limit::Memory,
    );
    // Copies that a table keeps.
    let by_machine = [Engine::Answers, Engine::Query];
    check_by(
        &by_machine,
        "f(n) if g(thing.text, n); g(x, n) if x = 1 or g(x, n + 1);",
        &limits(),
        Limit::Memory,
    );
}

#[test]
fn work_inside_one_goal_counts() {
    check("f(_) if thing.shared = thing.shared;", &limits(), Limit::Steps);
    check("f(_) if thing.shared == thing.shared;", &limits(), Limit::Steps);
    check("f(_) if thing.dictionaries = thing.dictionaries;", &limits(), Limit::Steps);
    check("f(_) if thing.dictionaries != thing.dictionaries;", &limits(), Limit::Steps);
    check("f(_) if not thing.shared = thing.shared;", &limits(), Limit::Steps);
    check("f(_) if x = [x] and y = [y] and x = y;", &limits(), Limit::Steps);
    check("f(_) if x = [x, x] and y = [y, y] and x = y;", &limits(), Limit::Steps);
    check("f(_) if x = [1, *x] and y = [1, *y] and x = y;", &limits(), Limit::Steps);
    check("f(_) if x = [1, *x] and 2 in x;", &limits(), Limit::Steps);
    let wide = Limits { memory: 1 << 30, ..limits() };
    check("f(_) if -1 in thing.long;", &wide, Limit::Steps);
    check("f(n) if x in thing.long and x = -1 and n = 1;", &wide, Limit::Steps);
}

#[test]
fn what_a_table_stores_counts() {
    let few_steps = Limits { memory: 1 << 30, ..limits() };
    let little_memory = Limits { steps: 10_000_000, memory: 4 << 20, ..limits() };
    for text in [
        "f(_) if g(thing.shared); g(x) if x = 1 or g([x]);",
        "f(_) if g(thing.dictionaries); g(x) if x = 1 or g([x]);",
        "f(n) if g(thing.shared, n); g(x, n) if g(x, n + 1);",
        "f(_) if g([1], 1); g(x, n) if g([x, x], n + 1);",
    ] {
        check(text, &few_steps, Limit::Steps);
        check(text, &little_memory, Limit::Memory);
    }
    check("f(_) if g(thing.deep); g(x) if x = 1 or g([x]);", &limits(), Limit::Depth);
    check("f(_) if x = [x] and g(x); g(x) if g(x) or g([x]);", &limits(), Limit::Depth);
}

#[test]
fn backtracking_counts() {
    let every = (1..30).map(|n| format!("b({n})")).collect::<Vec<_>>().join(" and ");
    check_by(
        &[Engine::Answers],
        &format!("f(n) if {every} and n = 0; b(x) if x != 0; b(x) if x > 0;"),
        &limits(),
        Limit::Steps,
    );
    let nested = (1..30).map(|n| format!("x{n} in [1, 2]")).collect::<Vec<_>>().join(" and ");
    let sum = (1..30).map(|n| format!("x{n}")).collect::<Vec<_>>().join(" + ");
    check(&format!("f(n) if {nested} and {sum} = n;"), &limits(), Limit::Steps);
}

#[test]
fn deep_wide_and_shared_values_are_no_danger() {
    check_answer("f(_) if thing.deep = thing.deep;", true);
    check_answer("f(_) if thing.deep != thing.deep;", false);
    check_answer("f(_) if [x] = thing.deep and x = thing.deep;", false);
    check_answer(
        "f(_) if print(thing.deep, thing.shared, thing.wide, thing.dictionaries, thing.text);",
        true,
    );
    check_answer("f(_) if x = [1, *x] and y = [y, x] and print(x, y);", true);
    check_answer("f(_) if x = thing.shared and y = thing.wide and x = x and y = y;", true);
    check_answer("f(_) if g(thing.shared) and g(thing.wide) and g(thing.deep); g(x: List) if x != 1;", true);
    check_answer("f(_) if thing.shared.number = 1 or true;", true);
}

#[test]
fn errors_about_large_values_are_short() {
    for text in
        ["thing.wide < 1", "thing.shared < 1", "thing.dictionaries < 1", "thing.deep < 1", "thing.text < 1"]
    {
        let policy = policy(&format!("f(_) if {text};"));
        for engine in ENGINES {
            let error = ask(engine, &policy, &mut Endless::default(), &limits()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Type, "{engine:?}: {text}");
            assert!(error.message().len() < 70_000, "{engine:?}: {text}: {}", error.message().len());
        }
    }
}

#[test]
fn traces_of_long_goals_are_short() {
    for words in [" or x = \"é\"".repeat(2_000), format!(" or x = \"{}\"", "é".repeat(20_000))] {
        let policy = policy(&format!("f(n) if g(n); g(x) if x = 2{words} or h(x); h(x) if x < \"a\";"));
        for engine in ENGINES {
            let error = ask(engine, &policy, &mut Endless::default(), &limits()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Type, "{engine:?}: {error}");
            let longest = error.trace().iter().map(|frame| frame.goal.len()).max();
            assert!(
                longest.is_some_and(|longest| (1_000..1_100).contains(&longest)),
                "{engine:?}: {longest:?}"
            );
        }
    }
}

#[test]
fn everyone_calling_everyone_ends() {
    let names: Vec<String> = (0..60).map(|n| format!("p{n}")).collect();
    let bodies =
        |call: &str| names.iter().map(|name| format!("{name}{call}")).collect::<Vec<_>>().join(" or ");
    let clique =
        |call: &str| names.iter().map(|name| format!("{name}(x) if {};\n", bodies(call))).collect::<String>();
    check_answer(&format!("f(n) if p0(n); {}", clique("(x)")), false);
    check_answer(&format!("f(n) if p0(n); {} p59(1);", clique("(x)")), true);
    check_answer(&format!("f(_) if p0(_x); {}", clique("(x)")), false);
    check_answer(&format!("f(n) if p0(x) and x = n + 6; {} p7(7);", clique("(x)")), true);
}

#[test]
fn meeting_ones_own_negation_is_an_error() {
    for text in [
        "f(n) if not f(n);",
        "f(n) if not g(n); g(n) if h(n); h(n) if not f(n) and n = 1;",
        "f(n) if forall(m in [n], f(m));",
        "f(n) if g(n, 1); g(x, y) if not g(y, x);",
    ] {
        let policy = policy(text);
        for engine in ENGINES {
            let error = ask(engine, &policy, &mut Endless::default(), &limits()).expect_err(text);
            assert!(matches!(error.kind(), ErrorKind::NegationLoop), "{engine:?}: {text}: {error}");
        }
    }
}

#[test]
fn open_recursive_goals_meet_a_limit_or_end() {
    check("f(_) if g(_x) and false; g(x) if g(y) and x = y + 1; g(1);", &limits(), Limit::Steps);
    check("f(_) if g(_x) and false; g(x) if g(y) and x = [y]; g(1);", &limits(), Limit::Depth);
    check_answer("f(_) if g(x) and x = 3; g(x) if g(x); g(x) if x in [1, 2, 3];", true);
    check_answer(
        "f(n) if path(n, x) and path(x, n) and x = 2; path(1, 2); path(2, 1); path(x, z) if path(x, y) and path(y, z);",
        true,
    );
}

#[test]
fn conditions_that_wait_count() {
    let less = Limits { memory: 1 << 20, ..limits() };
    check("f(n) if g(_x, n); g(x, n) if x > n and g(x, n + 1);", &less, Limit::Memory);
    check("f(n) if g(_x, n); g(x, n) if x > n and not x = n and g(x, n + 1);", &limits(), Limit::Steps);
}

#[test]
fn a_query_in_slices_stops_at_its_steps() {
    const SLICE: u64 = 100;
    for text in [
        "f(n) if x in thing and x = n;",
        "f(_) if thing.shared = thing.shared;",
        "f(_) if g(thing.shared); g(x) if x = 1 or g([x]);",
    ] {
        let policy = policy(text);
        let mut query = Query::new(&policy, Endless::default());
        query.set_limits(Limits { steps: 5_000, ..Limits::default() });
        let one = query.heap().integer(1);
        query.ask("f", &[one]).unwrap();
        let mut slices = 0;
        let error = loop {
            match query.step(SLICE) {
                Ok(Step::Paused) => slices += 1,
                Ok(step) => panic!("{text}: {step:?}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Steps), "{text}");
        assert!(slices <= 5_000 / SLICE, "{text}: {slices} slices");
    }
}

#[test]
fn a_decider_goes_on_after_a_limit() {
    let policy = policy(
        "f(n) if n = 1 and f(n + 1) or n = 2 and x in thing and x = n; g(n) if n = 1; h(x) if x.doubled() = 1;",
    );
    let mut decider = Decider::new(&policy);
    let mut host = Endless::default();
    for _ in 0..3 {
        let one = decider.heap().integer(1);
        let exhausted = decider.decide(&mut host, "f", &[one], &limits()).unwrap_err();
        assert!(exhausted.is_exhausted());
        let text = decider.heap().string(&"x".repeat(1 << 24));
        let exhausted = decider.decide(&mut host, "h", &[text], &limits()).unwrap_err();
        assert_eq!(exhausted.kind(), ErrorKind::Exhausted(Limit::Memory));
        for (number, expected) in [(1, true), (2, false)] {
            let number = decider.heap().integer(number);
            assert_eq!(decider.decide(&mut host, "g", &[number], &limits()).ok(), Some(expected));
        }
    }
}

#[test]
fn long_lists_are_handed_over_whole() {
    let mut heap: Heap<()> = Heap::new(Arc::new(Symbols::default()));
    let items = vec![heap.integer(1); 1_100_000];
    let list = heap.list(&items);
    let View::List(items) = heap.view(list) else { panic!("a list") };
    assert_eq!((items.len(), items.iter().count(), items.rest()), (1_100_000, 1_100_000, None));
}

#[test]
fn lists_that_are_their_own_rest_are_cut() {
    let policy = policy("f(1);");
    let mut query = Query::new(&policy, Endless::default());
    query.ask_text("x = [1, 2, *x] and y = [1, *z] and z = [2, *_]", &[]).unwrap();
    let answer = query.next().unwrap().unwrap();
    let count = |name: &str| match answer.get(name) {
        Some(Bound::Term(term)) => match answer.heap().view(*term) {
            View::List(items) => (items.iter().count(), items.rest().is_some()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert!(count("x").0 < 100);
    assert_eq!(count("y"), (2, true));
}
