//! What tests of a policy say, line by line.

use arctos_syntax::render;
use expect_test::{Expect, expect};

use super::{ConditionCoverage, Coverage, Runner};
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
              it would hold with `has_role(User{"ann"}, "reader", Doc{"b"})`
              it would hold with `owns(User{"ann"}, Doc{"b"})`
            `allow(User{"ann"}, "read", Doc{"a"})` holds
              it rests on `owns(User{"ann"}, Doc{"a"})`
            ok
            `owns(User{"ann"}, Doc{"a"})` holds
              it rests on `owns(User{"ann"}, Doc{"a"})`
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
              `allow(User{"ann"}, "read", Doc{"b"})` rests on `has_role(User{"ann"}, "reader", Doc{"b"})`
            `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
              missing: `Doc{"c"}`
              not expected: `Doc{"b"}`
              `allow(User{"ann"}, "read", Doc{"b"})` rests on `has_role(User{"ann"}, "reader", Doc{"b"})`
              `allow(User{"ann"}, "read", Doc{"c"})` would hold with `has_role(User{"ann"}, "reader", Doc{"c"})`
              `allow(User{"ann"}, "read", Doc{"c"})` would hold with `owns(User{"ann"}, Doc{"c"})`
            ok
            `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
              not expected: `Doc{"a"}`, `Doc{"b"}`
              `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
            ok
            `allow(user: User, "read", Doc{"a"})` holds for other values than expected
              missing: `User{"bob"}`, `User{"cid"}`
              not expected: `User{"ann"}`
              `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
              `allow(User{"bob"}, "read", Doc{"a"})` would hold with `has_role(User{"bob"}, "reader", Doc{"a"})`
              `allow(User{"bob"}, "read", Doc{"a"})` would hold with `owns(User{"bob"}, Doc{"a"})`
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
              `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
            `allow(User{"zoe"}, "read", doc: Doc)` holds for other values than expected
              missing: every `Doc`
              not expected: `Doc{"a"}`
              `allow(User{"zoe"}, "read", Doc{"a"})` rests on `owns(_: User, Doc{"a"})`
            ok
            ok
            `allow(_: User, "read", Doc{"a"})` holds
              `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
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
        error[P1001]: `allow(User{"ann"}, "read", Doc{"a"})` holds
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
           |
           = help: it rests on `owns(User{"ann"}, Doc{"a"})`

        error[P1001]: `allow(User{"ann"}, "read", doc: Doc)` holds for other values than expected
          --> a.polar:12:11
           |
         6 |   "read" if "reader";
           |   ------------------- because of this rule
         7 | }
         8 | has_role(user: User, "reader", doc: Doc) if owns(user, doc);
           | ------------------------------------------------------------ because of this rule
        ...
        12 |           assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"b"}];
           |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 1 missing, 1 not expected
           |
           = help: missing: `Doc{"b"}`
           = help: not expected: `Doc{"a"}`
           = help: `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
           = help: `allow(User{"ann"}, "read", Doc{"b"})` would hold with `has_role(User{"ann"}, "reader", Doc{"b"})`
           = help: `allow(User{"ann"}, "read", Doc{"b"})` would hold with `owns(User{"ann"}, Doc{"b"})`
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

/// What the tests of a policy exercise: how often each rule was entered and held; each condition was tried, held and failed.
fn covers(policy: &str, expected: Expect) {
    let policy = load(policy);
    let mut coverage = Coverage::new(&policy);
    let recorder = coverage.recorder();
    for test in policy.tests() {
        let outcome = Runner::new(&policy).observe(test, |_| recorder.clone(), |_, seen| coverage.add(&seen));
        assert!(outcome.passed(), "{:?}", outcome.diagnostics(&policy));
    }
    let mut shown = String::new();
    let text = |span| policy.sources().text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    for rule in coverage.rules() {
        shown.push_str(&format!("{} {}  {}\n", rule.entered, rule.held, text(rule.span)));
        for ConditionCoverage { span, tried, held, failed } in rule.conditions {
            if span != rule.span {
                shown.push_str(&format!("  {tried} {held} {failed}  {}\n", text(span)));
            } else {
                shown.push_str(&format!("  {tried} {held} {failed}\n"));
            }
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn coverage_of_conditions() {
    covers(
        r#"allow(user: User, "read", doc: Doc) if owns(user, doc) and not is_locked(doc);
        allow(user: User, "read", doc: Doc) if
          is_open(doc) or (group matches Group and in_group(user, group) and not (owns(group, doc) and is_locked(doc)));
        allow(user: User, "size", n: Integer) if user matches Admin and 3 < n and n in [4, 5] and n = 4;
        allow(user: User, "nobody", _: Doc) if is_root(user);
        allow(_: User, "any", _: Doc);
        test "t" {
          setup { owns(User{"ann"}, Doc{"a"}); owns(User{"ann"}, Doc{"b"}); is_locked(Doc{"b"}); in_group(User{"bob"}, Group{"g"}); }
          assert allow(User{"ann"}, "read", doc: Doc) iff doc in [Doc{"a"}];
          assert allow(User{"bob"}, "read", Doc{"a"});
          assert_not allow(User{"zoe"}, "read", Doc{"a"});
          assert allow(User{"zoe"}, "any", Doc{"a"});
          assert allow(Admin{"zoe"}, "size", n: Integer) iff n in [4];
        }
        actor User {} actor Admin extends User {}"#,
        expect![[r#"
            3 1  allow(user: User, "read", doc: Doc) if owns(user, doc) and not is_locked(doc);
              3 2 3  owns(user, doc)
              2 1 1  not is_locked(doc)
            3 1  allow(user: User, "read", doc: Doc) if is_open(doc) or (group matches Group and in_group(user, group) and not (owns(group, doc) and is_locked(doc)));
              3 0 3  is_open(doc)
              3 1 2  in_group(user, group)
              1 1 0  not (owns(group, doc) and is_locked(doc))
              1 0 1  owns(group, doc)
              0 0 0  is_locked(doc)
            1 1  allow(user: User, "size", n: Integer) if user matches Admin and 3 < n and n in [4, 5] and n = 4;
              1 3 0  user matches Admin
              3 3 1  3 < n
              1 2 1  n in [4, 5]
              2 1 1  n = 4
            0 0  allow(user: User, "nobody", _: Doc) if is_root(user);
              0 0 0  is_root(user)
            1 1  allow(_: User, "any", _: Doc);
        "#]],
    );
}

#[test]
fn coverage_of_shorthand_and_recursion() {
    covers(
        r#"actor User {}
        resource Folder {
          roles = ["reader", "writer"]; permissions = ["read", "write"]; relations = { parent: Folder };
          "reader" if "writer";
          "read" if "reader" and is_open(resource);
          "write" if "writer";
          role if role on "parent";
        }
        test "t" {
          setup {
            has_role(User{"ann"}, "writer", Folder{"a"});
            has_relation(Folder{"b"}, "parent", Folder{"a"}); has_relation(Folder{"a"}, "parent", Folder{"b"});
            is_open(Folder{"b"});
          }
          assert allow(User{"ann"}, "read", Folder{"b"});
          assert_not allow(User{"ann"}, "read", Folder{"a"});
          assert_not allow(User{"bob"}, "read", Folder{"b"});
        }"#,
        expect![[r#"
            4 2  "reader" if "writer";
              4 2 2
            3 1  "read" if "reader" and is_open(resource);
              3 2 1
              2 1 1  is_open(resource)
            0 0  "write" if "writer";
              0 0 0
            5 1  role if role on "parent";
              5 1 8
        "#]],
    );
}

/// The changes of a policy that its tests do not notice, of how many.
fn survives(policy: &str, expected: Expect) {
    let policy = load(policy);
    let mutants = Runner::new(&policy).mutants(policy.tests(), 1000).unwrap();
    let mut shown = format!("of {}\n", mutants.tried.len());
    for mutant in mutants.survivors() {
        let text = policy.sources().text(mutant.span).split_whitespace().collect::<Vec<_>>().join(" ");
        shown.push_str(&format!("{}: {text}\n", mutant.diagnostic().message));
    }
    expected.assert_eq(&shown);
}

#[test]
fn mutants_that_no_test_notices() {
    let policy = r#"actor User {}
        resource Doc {
          roles = ["reader", "writer"]; permissions = ["read", "edit", "drop"]; relations = { folder: Folder };
          "reader" if "writer";
          "read" if "reader";
          "read" if is_open(resource, true);
          "edit" if "writer" and is_free(resource);
          "drop" if "writer" and is_old(resource);
          role if role on "folder";
        }
        resource Folder { roles = ["reader", "writer"]; }
        is_free(doc: Doc) if not is_locked(doc);
        is_old(doc: Doc) if n matches Integer and age(doc, n) and (n > 10 or n = 3);
        has_role(User{"root"}, "writer", _: Folder);
        test fixture base {
          has_role(User{"ann"}, "writer", Doc{"a"});
          has_role(User{"bob"}, "reader", Folder{"f"}); has_relation(Doc{"a"}, "folder", Folder{"f"});
        }"#;
    let few = r#"
        test "few" {
          setup { fixture base; }
          assert allow(User{"ann"}, "read", Doc{"a"});
          assert allow(User{"ann"}, "edit", Doc{"a"});
        }"#;
    survives(
        &format!("{policy}{few}"),
        expect![[r#"
        of 14
        no test notices when the condition `"writer"` is left out: "reader" if "writer";
        no test notices when the condition `"reader"` is left out: "read" if "reader";
        no test comes here, so that none notices when this rule is left out: "read" if is_open(resource, true);
        no test notices when the condition `"writer"` is left out: "edit" if "writer" and is_free(resource);
        no test notices when this condition is left out: is_free(resource)
        no test comes here, so that none notices when this rule is left out: "drop" if "writer" and is_old(resource);
        no test comes here, so that none notices when this rule is left out: role if role on "folder";
        no test notices when this condition is left out: not is_locked(doc)
        no test comes here, so that none notices when this rule is left out: is_old(doc: Doc) if n matches Integer and age(doc, n) and (n > 10 or n = 3);
        no test comes here, so that none notices when this rule is left out: has_role(User{"root"}, "writer", _: Folder);
    "#]],
    );
    let many = r#"
        test "many" {
          setup {
            fixture base; is_open(Doc{"open"}, true); is_open(Doc{"b"}, false); has_role(User{"ann"}, "writer", Doc{"b"}); is_locked(Doc{"b"});
            age(Doc{"a"}, 11); age(Doc{"b"}, 10); has_role(User{"ann"}, "writer", Doc{"c"}); age(Doc{"c"}, 3);
            has_relation(Doc{"r"}, "folder", Folder{"r"});
          }
          assert allow(user: User, "read", Doc{"a"}) iff user in [User{"ann"}, User{"bob"}, User{"root"}];
          assert allow(User{"zoe"}, "read", doc: Doc) iff doc = Doc{"open"};
          assert allow(User{"ann"}, "edit", doc: Doc) iff doc in [Doc{"a"}, Doc{"c"}];
          assert allow(User{"ann"}, "drop", doc: Doc) iff doc in [Doc{"a"}, Doc{"c"}];
          assert_not allow(User{"bob"}, "drop", Doc{"a"});
          assert_not allow(User{"bob"}, "edit", Doc{"a"});
          assert allow(User{"root"}, "read", Doc{"r"});
          assert_not allow(User{"bob"}, "read", Doc{"r"});
        }"#;
    survives(
        &format!("{policy}{many}"),
        expect![[r#"
        of 26
    "#]],
    );
}

#[test]
fn mutants_leave_the_policy_as_it_is_and_are_bounded() {
    let policy = load(
        r#"even(x: Integer) if x = 0 or (y = x - 2 and y >= 0 and even(y));
        test "right" { assert even(4); assert_not even(3); assert_not even(-2); }
        test "wrong" { assert even(-2); }"#,
    );
    let runner = Runner::new(&policy);
    let all = runner.mutants(policy.tests(), 1000).unwrap();
    assert_eq!(all.left, 0);
    assert!(all.survivors().next().is_none(), "{:?}", all.survivors().collect::<Vec<_>>());
    let some = runner.mutants(policy.tests(), 2).unwrap();
    assert_eq!((some.tried.as_slice(), some.left), (&all.tried[..2], all.tried.len() - 2));
    assert!(runner.run(&policy.tests()[0]).passed());
    assert!(!runner.run(&policy.tests()[1]).passed());
}

#[test]
fn what_a_test_sets_of_the_request() {
    check(
        r#"allow(_: User, "enter", _: Doc) if @context.network = "office" and "enter" in @context.token.scopes;
        allow(user: User, "pay", _: Doc) if @action.amount <= 10 and @action.by = user;
        test "set" {
          setup {
            @context = {network: "office", token: {scopes: ["enter"]}};
            @action = {amount: 10, by: User{"ann"}};
          }
          assert allow(User{"ann"}, "enter", Doc{"a"});
          assert allow(user: User, "pay", Doc{"a"}) iff user in [User{"ann"}];
          assert_not allow(User{"ann"}, "pay", Doc{"a"});
        }
        test "other" {
          setup { @context = {network: "home", token: {scopes: []}}; @action = {amount: 11, by: User{"ann"}}; }
          assert_not allow(User{"ann"}, "enter", Doc{"a"});
          assert_not allow(User{"ann"}, "pay", Doc{"a"});
        }
        test "not set" { assert_not allow(User{"ann"}, "enter", Doc{"a"}); }"#,
        expect![[r#"
            ok
            ok
            `allow(User{"ann"}, "pay", Doc{"a"})` holds
            ok
            ok
            `allow(User{"ann"}, "enter", Doc{"a"})` is not decided: the policy asks for `@context.network`, and the request does not say it
        "#]],
    );
}
