//! The machine by itself, over values only: order of answers, cut, negation, recursion, limits, waiting hosts.

use arctos_syntax::Sources;
use expect_test::{Expect, expect};

use crate::{
    Arguments, Bound, ClassId, Comparison, ConstantId, Heap, Host, HostError, HostErrorKind, Limits, Lineage,
    Name, Policy, Query, Replied, Reply, Resumed, Schema, Step, Term, Ticket,
};

/// A host without objects, except one whose attributes come later when `waits` says so.
#[derive(Default)]
struct Bare {
    waits: bool,
    asked: Vec<String>,
}

impl Host for Bare {
    type Object = u8;

    fn lineage(&mut self, _: &u8) -> Lineage<'_> {
        Lineage::None
    }

    fn attribute(&mut self, heap: &mut Heap<u8>, _: Term, name: Name<'_>) -> Replied {
        self.asked.push(name.text.to_owned());
        if self.waits {
            return Ok(Reply::Later(Ticket(self.asked.len() as u64)));
        }
        match name.text {
            "missing" => Err(HostError::missing("no attribute `missing`")),
            text => Ok(Reply::Ready(heap.string(text))),
        }
    }

    fn call(&mut self, _: &mut Heap<u8>, _: Term, name: Name<'_>, _: Arguments<'_>) -> Replied {
        Err(HostError::missing(format!("no method `{}`", name.text)))
    }

    fn construct(&mut self, _: &mut Heap<u8>, _: ClassId, _: Arguments<'_>) -> Replied {
        Err(HostError::new(HostErrorKind::Construction, "nothing can be made"))
    }

    fn constant(&mut self, heap: &mut Heap<u8>, _: ConstantId) -> Replied {
        Ok(Reply::Ready(heap.object(1)))
    }

    fn class(&mut self, heap: &mut Heap<u8>, _: ClassId) -> Replied {
        Ok(Reply::Ready(heap.object(0)))
    }

    fn compare(&mut self, _: &Heap<u8>, _: Comparison, _: Term, _: Term) -> Replied<bool> {
        Ok(Reply::Ready(false))
    }

    fn iterate(&mut self, _: &mut Heap<u8>, _: Term) -> Result<u8, HostError> {
        Ok(0)
    }

    fn next(&mut self, heap: &mut Heap<u8>, _: &u8) -> Replied<Option<Term>> {
        Ok(Reply::Ready(Some(heap.integer(1))))
    }

    fn identity(&self, object: &u8) -> u64 {
        u64::from(*object)
    }

    fn describe(&self, object: &u8) -> String {
        format!("object {object}")
    }
}

fn policy(text: &str) -> Policy {
    let mut schema = Schema::new();
    schema.add_constant("thing");
    let mut sources = Sources::default();
    sources.add(None, text);
    match Policy::load(&schema, sources) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}: {:?}", error.diagnostics()),
    }
}

/// The line for the answer a query has just given.
fn line(query: &Query<Bare>) -> String {
    let answer = query.answer();
    let parts: Vec<String> = answer
        .iter()
        .map(|(name, bound)| match bound {
            Bound::Term(term) => format!("{name} = {}", query.show(*term)),
            Bound::Condition(condition) => format!("{name} where {condition:?}"),
        })
        .collect();
    if parts.is_empty() { "yes".to_owned() } else { parts.join(", ") }
}

fn drive(mut query: Query<Bare>, text: &str) -> String {
    query.set_limits(Limits { steps: 200_000, ..Limits::default() });
    let mut lines = Vec::new();
    if let Err(error) = query.ask_text(text, &[]) {
        return format!("{error:?}\n");
    }
    loop {
        match query.step(u64::MAX) {
            Ok(Step::Answer) => lines.push(line(&query)),
            Ok(Step::Need(ticket)) => {
                let term = query.heap().string("late");
                query.resume(ticket, Resumed::Term(term)).unwrap();
            }
            Ok(_) => break,
            Err(error) => {
                lines.push(format!("{error:?}"));
                break;
            }
        }
        if lines.len() > 20 {
            lines.push("…".to_owned());
            break;
        }
    }
    if lines.is_empty() {
        lines.push("no".to_owned());
    }
    lines.join("\n") + "\n"
}

fn check(rules: &str, query: &str, expect: Expect) {
    expect.assert_eq(&drive(Query::new(&policy(rules), Bare::default()), query));
}

#[test]
fn answers_come_in_order_with_duplicates() {
    check(
        "f(1); f(2); f(1);",
        "f(x)",
        expect![[r#"
        x = 1
        x = 2
        x = 1
    "#]],
    );
    check(
        "",
        "x in [1, 2, 1] and not x = 2",
        expect![[r#"
        x = 1
        x = 1
    "#]],
    );
    check(
        "",
        "x = 1 or y = 2 or x in \"ab\"",
        expect![[r#"
        x = 1
        y = 2
        x = "a"
        x = "b"
    "#]],
    );
    check(
        "",
        "x in {a: 1, b: 2}",
        expect![[r#"
        x = ["a", 1]
        x = ["b", 2]
    "#]],
    );
    check(
        "",
        "[x, *r] = [1, 2, 3]",
        expect![[r#"
        x = 1, r = [2, 3]
    "#]],
    );
}

#[test]
fn the_first_argument_that_differs_orders_rules() {
    check(
        "f(_x, 1); f(_x: Integer, 2); f(_: Integer{numerator: 1}, 3);",
        "f(1, y)",
        expect![[r#"
        y = 2
        y = 1
    "#]],
    );
}

#[test]
fn cut_commits_to_its_rule() {
    check(
        "f(x) if (x = 1 or x = 2) and cut; f(3);",
        "f(x)",
        expect![[r#"
        x = 1
    "#]],
    );
    check(
        "f(x) if ((x = 1 and cut) or x = 2); f(3);",
        "f(x)",
        expect![[r#"
        x = 1
    "#]],
    );
    check(
        "f(1) if cut and false; f(2);",
        "f(x) or x = 9",
        expect![[r#"
        x = 9
    "#]],
    );
}

#[test]
fn conditions_wait_for_their_variable() {
    check(
        "",
        "x > 1 and x in [1, 2, 3]",
        expect![[r#"
        x = 2
        x = 3
    "#]],
    );
    check(
        "",
        "x + 1 = 3 and x = 2",
        expect![[r#"
        x = 2
    "#]],
    );
    check(
        "",
        "x < y and y = 2 and x in [1, 2]",
        expect![[r#"
        x = 1, y = 2
    "#]],
    );
    check(
        "",
        "x = 1 or x > 3",
        expect![[r#"
        x = 1
        x where Expression { op: "And", args: [Expression(Expression { op: "Gt", args: [This, Term(Term(Integer(3)))] })] }
    "#]],
    );
    check(
        "",
        "x.foo = 1",
        expect![[r#"
        x where Expression { op: "And", args: [Expression(Expression { op: "Unify", args: [Expression(Expression { op: "Dot", args: [This, Term(Term(Text(TextId(1))))] }), Term(Term(Integer(1)))] })] }
    "#]],
    );
    check(
        "",
        "x matches Integer and x matches String",
        expect![[r#"
        no
    "#]],
    );
    check(
        "f(x) if not x = 1 and x = 2;",
        "f(y)",
        expect![[r#"
        y = 2
    "#]],
    );
    check(
        "",
        "not x = 1 and x = 2",
        expect![[r#"
        no
    "#]],
    );
}

#[test]
fn conditions_that_nothing_decides() {
    check(
        "f() if _x > 1;",
        "f()",
        expect![[r#"
        Undecided: a condition is about a variable that nothing binds, so it cannot be decided
          in `_x > 1` of rule `f` at line 1, column 8
    "#]],
    );
    check(
        "f() if not _x > 1;",
        "f()",
        expect![[r#"
        Undecided: a condition is about a variable that nothing binds, so it cannot be decided
          in `not _x > 1` of rule `f` at line 1, column 8
    "#]],
    );
}

#[test]
fn a_decision_looks_past_an_answer_in_doubt() {
    let policy = policy("f(1) if x > 1 and x < 3; f(1); g(1) if not (x > 1 and x < 3); h(x) if x > 1;");
    let decide = |question| {
        let mut query = Query::new(&policy, Bare::default());
        query.ask_text(question, &[]).unwrap();
        query.decide().map_err(|error| error.to_string())
    };
    assert_eq!(decide("f(1)"), Ok(true));
    let error = decide("g(1)").unwrap_err();
    assert!(error.contains("in `not (x > 1 and x < 3)` of rule `g`"), "{error}");
    assert!(decide("h(x)").is_err(), "nothing says what `x` is");
    assert_eq!(decide("h(x) and x = 2"), Ok(true));
    assert_eq!(decide("g(1) and 1 = 2"), Ok(false));
}

#[test]
fn an_error_is_never_a_failure() {
    check(
        "f(x) if not x.missing;",
        "f(thing)",
        expect![[r#"
        Host: no attribute `missing`
          in `x.missing` of rule `f` at line 1, column 13
    "#]],
    );
    check(
        "f(x) if forall(y in [1], x.missing = y);",
        "f(thing)",
        expect![[r#"
        Host: no attribute `missing`
          in `x.missing` of rule `f` at line 1, column 26
    "#]],
    );
    check(
        "f(x) if g(x); g(x) if x < \"a\";",
        "f(1)",
        expect![[r#"
            Type: `<` cannot compare 1 with "a"
              in `x < "a"` of rule `g` at line 1, column 23
              in `g(x)` of rule `f` at line 1, column 9
        "#]],
    );
}

#[test]
fn recursion_ends_on_cycles() {
    let edges = "edge(1, 2); edge(2, 3); edge(3, 1); edge(3, 4);";
    let right = "path(x, y) if edge(x, y); path(x, y) if edge(x, z) and path(z, y);";
    let left = "path(x, y) if path(x, z) and edge(z, y); path(x, y) if edge(x, y);";
    for rules in [right, left] {
        let rules = format!("{edges} {rules}");
        check(
            &rules,
            "path(1, 4)",
            expect![["yes
"]],
        );
        check(
            &rules,
            "path(4, 1)",
            expect![["no
"]],
        );
        check(
            &rules,
            "not path(4, 1)",
            expect![["yes
"]],
        );
    }
    check(
        &format!("{edges} {right}"),
        "path(2, y)",
        expect![[r#"
        y = 3
        y = 1
        y = 4
        y = 2
    "#]],
    );
    check(
        &format!("{edges} {left}"),
        "path(2, y)",
        expect![[r#"
        y = 3
        y = 1
        y = 4
        y = 2
    "#]],
    );
    check(
        "win(x) if move(x, y) and not win(y); move(1, 2); move(2, 3);",
        "win(x)",
        expect![[r#"
        x = 2
    "#]],
    );
    check(
        "win(x) if move(x, y) and not win(y); move(1, 1);",
        "win(1)",
        expect![[r#"
        NegationLoop: this goal meets its own negation: it would hold exactly when it does not
          in `win(y)` of rule `win` at line 1, column 30
    "#]],
    );
    check(
        "member(x, [x, *_]); member(x, [_, *rest]) if member(x, rest);",
        "member(x, [1, 2, 1])",
        expect![[r#"
        x = 1
        x = 2
        x = 1
    "#]],
    );
}

#[test]
fn what_does_not_end_meets_a_limit() {
    check(
        "f(x) if f(x + 1);",
        "f(1)",
        expect![[r#"
        Exhausted(Depth): rule calls were nested deeper than 100000
          in `f(x + 1)` of rule `f` at line 1, column 9
    "#]],
    );
    check(
        "f(x) if g([x]); g(x) if f([x]);",
        "f(1)",
        expect![[r#"
            Exhausted(Depth): an argument of a recursive rule is nested deeper than 500 levels
              in `g([x])` of rule `f` at line 1, column 9
        "#]],
    );
    check(
        "",
        "x = [x] and y = [y] and x = y",
        expect![[r#"
        Exhausted(Steps): the query took more than 200000 steps
    "#]],
    );
}

#[test]
fn a_host_may_answer_later() {
    let policy = policy(
        "f(x, y) if g(x.name, y) and x.other = \"late\"; g(\"late\", 1); g(\"late\", 2); g(\"x\", 3);",
    );
    let query = Query::new(&policy, Bare { waits: true, ..Bare::default() });
    expect![[r#"
        y = 1
        y = 2
    "#]]
    .assert_eq(&drive(query, "f(thing, y)"));
}

#[test]
fn a_reply_that_is_an_error_in_the_end() {
    let policy = policy("asks() if not thing.late = 1; f() if asks();");
    let mut query = Query::new(&policy, Bare { waits: true, ..Bare::default() });
    query.ask_text("f()", &[]).unwrap();
    let Step::Need(ticket) = query.step(u64::MAX).unwrap() else { panic!("nothing is asked") };
    let failed = || HostError::new(HostErrorKind::Failed, "the application failed");
    let misuse = query.fail(Ticket(ticket.0 + 1), failed());
    assert_eq!(misuse.kind(), crate::ErrorKind::Misuse);
    let error = query.fail(ticket, failed());
    let goals: Vec<&str> = error.trace().iter().map(|frame| &*frame.goal).collect();
    assert_eq!((error.kind(), goals), (crate::ErrorKind::Host, vec!["asks()", "thing.late"]));
    assert_eq!(query.step(u64::MAX).unwrap(), Step::Done);
}
