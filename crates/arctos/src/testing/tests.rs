//! What tests of a policy say, line by line.

use arctos_syntax::render;
use expect_test::{Expect, expect};

use super::Runner;
use crate::{Limits, Policy, Schema, Sources};

/// A policy over facts that loads.
fn load(text: &str) -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(Some("a.polar"), text);
    Policy::load(&schema, sources).unwrap_or_else(|error| panic!("{error}"))
}

const DOCS: &str = r#"
actor User {}
resource Doc {
  roles = ["reader"];
  permissions = ["read"];
  "read" if "reader";
}
has_role(user: User, "reader", doc: Doc) if owns(user, doc);
"#;

/// What the assertions of a test about [`DOCS`] come to: `ok`, or the message.
fn check(test: &str, expected: Expect) {
    let policy = load(&format!("{DOCS}{test}"));
    let mut shown = String::new();
    for test in policy.tests() {
        for outcome in Runner::new(&policy).run(test).assertions {
            let line = match outcome.diagnostic(&policy) {
                None => "ok".to_owned(),
                Some(found) => [found.message].into_iter().chain(found.help).collect::<Vec<_>>().join("\n  "),
            };
            shown.push_str(&line);
            shown.push('\n');
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn what_holds_and_what_does_not() {
    check(
        r#"test "t" {
          setup { owns(User{"ann"}, Doc{"a"}); has_role(User{"bob"}, "reader", Doc{"b"}); }
          assert allow(User{"ann"}, "read", Doc{"a"});
          assert allow(User{"ann"}, "read", Doc{"b"});
          assert_not allow(User{"ann"}, "read", Doc{"a"});
          assert_not allow(User{"ann"}, "read", Doc{"b"});
          assert_not owns(User{"ann"}, Doc{"a"});
        }"#,
        expect![[r#"
            ok
            `allow(User{"ann"}, "read", Doc{"b"})` does not hold
            `allow(User{"ann"}, "read", Doc{"a"})` holds
            ok
            `owns(User{"ann"}, Doc{"a"})` holds
              a fact says so
        "#]],
    );
}

#[test]
fn exactly_these_values() {
    check(
        r#"test "t" {
          setup { owns(User{"ann"}, Doc{"a"}); owns(User{"ann"}, Doc{"b"}); has_role(User{"ann"}, "reader", Doc{"b"}); }
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"a"}, Doc{"b"}];
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"a"}];
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"a"}, Doc{"c"}];
          assert allow(User{"bob"}, "read", doc: Doc) iff doc in [];
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [];
          assert allow(User{"ann"}, action: String, Doc{"a"}) iff action = "read";
          assert allow(user: User, "read", Doc{"a"}) iff user = User{"bob"} or user in [User{"cid"}];
          assert allow(user: String, "read", Doc{"a"}) iff user in [];
        }"#,
        expect![[r#"
            ok
            `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
              not expected: `Doc{"b"}`
            `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
              missing: `Doc{"c"}`
              not expected: `Doc{"b"}`
            ok
            `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
              not expected: `Doc{"a"}`, `Doc{"b"}`
            ok
            `allow(user: User, "read", Doc{"a"})` holds for other values than expected
              missing: `User{"bob"}`, `User{"cid"}`
              not expected: `User{"ann"}`
            ok
        "#]],
    );
}

#[test]
fn whatever_value_there_is() {
    check(
        r#"test "t" {
          setup { owns(_: User, Doc{"a"}); owns(User{"ann"}, Doc{"a"}); }
          assert allow(user: User, "read", Doc{"a"}) iff user matches User;
          assert allow(user: User, "read", Doc{"a"}) iff user matches User or user = User{"bob"};
          assert allow(user: User, "read", Doc{"a"}) iff user in [User{"ann"}];
          assert allow(User{"zoe"}, "read", doc: Doc) iff doc matches Doc;
          assert allow(_: User, "read", Doc{"a"});
          assert_not allow(_: User, "read", Doc{"b"});
          assert_not allow(_: User, "read", Doc{"a"});
        }"#,
        expect![[r#"
            ok
            ok
            `allow(user: User, "read", Doc{"a"})` holds for other values than expected
              missing: `User{"ann"}`
              not expected: every `User`
            `allow(User{"zoe"}, "read", doc: Doc)` holds for other values than expected
              missing: every `Doc`
              not expected: `Doc{"a"}`
            ok
            ok
            `allow(_: User, "read", Doc{"a"})` holds
        "#]],
    );
}

#[test]
fn an_error_is_a_failure_whatever_is_expected() {
    check(
        r#"bad(x: Integer) if x mod 0 = 1;
        late(_: User) if @current_unix_time > 7;
        test "t" {
          assert bad(1);
          assert_not bad(1);
          assert bad(x: Integer) iff x in [];
          assert_not late(User{"ann"});
        }
        test "t" { setup { @current_unix_time = 7; } assert_not late(User{"ann"}); }
        test "t" { setup { @current_unix_time = 8; } assert late(User{"ann"}); }"#,
        expect![[r#"
            `bad(1)` is not decided: `1 mod 0` divides by zero
            `bad(1)` is not decided: `1 mod 0` divides by zero
            `bad(x: Integer)` is not decided: an answer for `x` is no value that facts can have
            `late(User{"ann"})` is not decided: the policy asks for `@current_unix_time`, and the request does not say it
            ok
            ok
        "#]],
    );
}

#[test]
fn a_limit_is_a_failure_whatever_is_expected() {
    let policy = load(
        r#"far(x: Integer, y: Integer) if x < 1000 and z = x + 1 and far(z, y);
        test "t" { assert_not far(0, 1); assert far(0, 1); }"#,
    );
    let runner = Runner::new(&policy).with_limits(Limits { steps: 100, ..Limits::default() });
    let outcome = runner.run(&policy.tests()[0]);
    assert!(!outcome.passed());
    assert_eq!(outcome.diagnostics(&policy).len(), 2);
    assert_eq!(Runner::new(&policy).run(&policy.tests()[0]).diagnostics(&policy).len(), 1);
}

#[test]
fn failures_show_where_and_because_of_what() {
    let policy = load(&format!(
        "{DOCS}{}",
        r#"test "t" {
          setup { owns(User{"ann"}, Doc{"a"}); }
          assert_not allow(User{"ann"}, "read", Doc{"a"});
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"b"}];
        }"#
    ));
    let found = Runner::new(&policy).run(&policy.tests()[0]).diagnostics(&policy);
    expect![[r#"
        error[P0901]: `allow(User{"ann"}, "read", Doc{"a"})` holds
          --> a.polar:11:11
           |
         6 |   "read" if "reader";
           |   ------------------- because of this rule
         7 | }
         8 | has_role(user: User, "reader", doc: Doc) if owns(user, doc);
           | ------------------------------------------------------------ because of this rule
        ...
        11 |           assert_not allow(User{"ann"}, "read", Doc{"a"});
           |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should not hold

        error[P0901]: `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
          --> a.polar:12:11
           |
        12 |           assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"b"}];
           |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 1 missing, 1 not expected
           |
           = help: missing: `Doc{"b"}`
           = help: not expected: `Doc{"a"}`
    "#]]
    .assert_eq(&render::human(&found, policy.sources(), false));
}

#[test]
fn the_runners_time_is_for_tests_that_set_none() {
    let policy = load(
        r#"late(_: User) if @current_unix_time > 7;
        test "of the runner" { assert late(User{"ann"}); }
        test "its own" { setup { @current_unix_time = 7; } assert_not late(User{"ann"}); }"#,
    );
    let runner = Runner::new(&policy).with_unix_time(8);
    assert!(policy.tests().iter().all(|test| runner.run(test).passed()));
    assert!(!Runner::new(&policy).run(&policy.tests()[0]).passed());
}
