//! `arctos authorize`, `why`, `list`, `who`, `actions`, `roles`.

use expect_test::{Expect, expect};

use crate::run::{Run, arctos, fixtures};

/// A question about the facts of the fixtures: `command POLICY FACTS… words`.
fn ask(command: &str, words: &[&str]) -> Run {
    let facts = ["roles.polar", "--facts", "my.facts", "--facts", "more.jsonl", "--facts", "is_public.csv"];
    let arguments: Vec<&str> = std::iter::once(command).chain(facts).chain(words.iter().copied()).collect();
    arctos(&arguments).folder(fixtures().join("facts"))
}

fn check(line: &str, expected: Expect) {
    let mut words = line.split(' ');
    let command = words.next().unwrap();
    ask(command, &words.collect::<Vec<_>>()).check(expected);
}

#[test]
fn authorize() {
    check(
        "authorize User:ann write Doc:plan",
        expect![[r#"
        allowed
        --- exit 0
    "#]],
    );
    check(
        "authorize User{\"ann\"} write Doc{\"plan\"}",
        expect![[r#"
        allowed
        --- exit 0
    "#]],
    );
    check(
        "authorize User:eve write Doc:site",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
    check(
        "authorize User:dan write Doc:site",
        expect![[r#"
        allowed
        --- exit 0
    "#]],
    );
    check(
        "authorize --json User:dan write Doc:site",
        expect![[r#"
        {"version":1,"allowed":true}
        --- exit 0
    "#]],
    );
    check(
        "authorize --json User:zoe write Doc:site",
        expect![[r#"
        {"version":1,"allowed":false}
        --- exit 1
    "#]],
    );
}

#[test]
fn the_time_of_the_question() {
    check(
        "authorize --now 999 User:ann review Doc:plan",
        expect![[r#"
        allowed
        --- exit 0
    "#]],
    );
    check(
        "authorize --now 1000 User:ann review Doc:plan",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
    check(
        "authorize User:ann review Doc:plan",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
}

#[test]
fn facts_of_the_question() {
    check(
        "authorize --context is_suspended(User{\"ann\"}) User:ann write Doc:plan",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
    check(
        "authorize --context wrong.facts User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error[P0806]: `raeder` is not a role of `Doc`
         --> wrong.facts:1:23
          |
        1 | has_role(User{"ann"}, "raeder", Doc{"plan"});
          |                       ^^^^^^^^ no such fact is asked for
          |
          = help: did you mean `reader`?
          = help: the nearest form is `has_role(Actor, "reader" | "writer", Doc)`

        error[P0804]: no rule asks for a fact `is_publik`, so that stating it changes nothing
         --> wrong.facts:3:1
          |
        3 | is_publik(Doc{"plan"});
          | ^^^^^^^^^ not known
          |
          = help: did you mean `is_public`?
        --- exit 2
    "#]],
    );
    check(
        "authorize --context is_suspended(Usr{\"ann\"}); User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error[P0806]: the policy names no type `Usr`
         --> <context>:1:14
          |
        1 | is_suspended(Usr{"ann"});
          |              ^^^^^^^^^^ no such fact is asked for
          |
          = help: did you mean `User`?
        --- exit 2
    "#]],
    );
    check(
        "authorize --context is_suspended(User{\"ann\" User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error[P0106]: found `;`, expected `}`
         --> <context>:1:24
          |
        1 | is_suspended(User{"ann";
          |                        ^
        --- exit 2
    "#]],
    );
    check(
        "authorize --context is_suspended User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error: nothing tells the format of `is_suspended`: name it *.jsonl, *.csv or *.facts, or use `--facts-format`
        --- exit 2
    "#]],
    );
}

#[test]
fn facts_that_a_file_deletes() {
    check(
        "authorize User:eve write Doc:site",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
    check(
        "authorize --facts changes.jsonl User:eve write Doc:site",
        expect![[r#"
        allowed
        --- exit 0
    "#]],
    );
    check(
        "authorize --facts changes.jsonl User:dan write Doc:site",
        expect![[r#"
        denied
        --- exit 1
    "#]],
    );
    check(
        "authorize --context changes.jsonl User:eve write Doc:site",
        expect![[r#"
        --- stderr
        error: `changes.jsonl` deletes facts, and a question can only add some: use `--facts changes.jsonl`
        --- exit 2
    "#]],
    );
}

#[test]
fn errors_are_no_decisions() {
    check(
        "authorize Usr:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error: the policy names no type `Usr`; did you mean `User`?
        --- exit 2
    "#]],
    );
    check(
        "authorize --json Usr:ann write Doc:plan",
        expect![[r#"
        {"error":{"kind":"UnregisteredClass","message":"the policy names no type `Usr`; did you mean `User`?","trace":[]}}
        --- exit 2
    "#]],
    );
    check(
        "authorize ann write Doc:plan",
        expect![[r#"
        --- stderr
        error: `ann` is no value: write `User:ann` or `User{"ann"}`
        --- exit 2
    "#]],
    );
}

#[test]
fn files_with_errors_decide_nothing() {
    check(
        "authorize --facts gone.facts User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error: cannot read `gone.facts`: there is no such file
        --- exit 2
    "#]],
    );
    check(
        "authorize --facts wrong.facts User:ann write Doc:plan",
        expect![[r#"
        --- stderr
        error[P0806]: `raeder` is not a role of `Doc`
         --> wrong.facts:1:23
          |
        1 | has_role(User{"ann"}, "raeder", Doc{"plan"});
          |                       ^^^^^^^^ no such fact is asked for
          |
          = help: did you mean `reader`?
          = help: the nearest form is `has_role(Actor, "reader" | "writer", Doc)`

        error[P0804]: no rule asks for a fact `is_publik`, so that stating it changes nothing
         --> wrong.facts:3:1
          |
        3 | is_publik(Doc{"plan"});
          | ^^^^^^^^^ not known
          |
          = help: did you mean `is_public`?
        --- exit 2
    "#]],
    );
    check(
        "authorize --facts truncated.csv --json User:ann write Doc:plan",
        expect![[r#"
        {"error":{"diagnostics":[{"code":"P0902","end":{"column":17,"line":3,"offset":55},"file":"truncated.csv","fix":null,"help":["get the whole file: nothing of it has been applied, for what is missing may change what it says"],"label":"","labels":[],"message":"the last row does not end its line","name":"truncated-file","severity":"error","start":{"column":17,"line":3,"offset":55}}],"kind":"Invalid","message":"the last row does not end its line"}}
        --- exit 2
    "#]],
    );
}

#[test]
fn a_question_without_a_resource() {
    check(
        "authorize User:ann write",
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <RESOURCE>

        Usage: arctos authorize --facts <FILE> <POLICY> <ACTOR> <ACTION> <RESOURCE>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn a_policy_with_errors_decides_nothing() {
    let broken = arctos(&["authorize", "-", "User:ann", "read", "Doc:plan"]).stdin("allow(");
    broken.check(expect![[r#"
        --- stderr
        error[P0105]: the text ends where an expression was expected
         --> <stdin>:1:7
          |
        1 | allow(
          |      -^
          |      |
          |      to close this
        --- exit 2
    "#]]);
}

#[test]
fn why() {
    check(
        "why User:dan write Doc:site",
        expect![[r#"
        yes, because
          allow(User{"dan"}, "write", Doc{"site"})  by allow(actor, action, resource) if has_permission(actor, action, resource);  (by default)
            has_permission(User{"dan"}, "write", Doc{"site"})  by "write" if "writer" and is_active(actor);  (roles.polar:9:3)
              has_role(User{"dan"}, "writer", Doc{"site"})  by has_role(user: User, role: String, doc: Doc) if group matches Group and in_group(user, group) and has_role(group, role, …  (roles.polar:12:1)
                in_group(User{"dan"}, Group{"web"})  fact
                has_role(Group{"web"}, "writer", Doc{"site"})  fact
              is_active(User{"dan"})  by is_active(user: User) if not is_suspended(user);  (roles.polar:14:1)
                not is_suspended(user), since is_suspended(User{"dan"}) does not hold: there is no such fact
        --- exit 0
    "#]],
    );
    check(
        "why User:eve write Doc:site",
        expect![[r#"
        no: allow(User{"eve"}, "write", Doc{"site"}) does not hold
        it would hold with:
          1. without the fact is_suspended(User{"eve"})
             by "write" if "writer" and is_active(actor);  (roles.polar:9:3)
             by is_active(user: User) if not is_suspended(user);  (roles.polar:14:1)
        --- exit 1
    "#]],
    );
    check(
        "why User:zoe read Doc:plan",
        expect![[r#"
            no: allow(User{"zoe"}, "read", Doc{"plan"}) does not hold
            it would hold with any of these:
              1. has_role(User{"zoe"}, "reader", Doc{"plan"})
                 by "read" if "reader";  (roles.polar:7:3)
              2. is_public(Doc{"plan"})
                 by "read" if is_public(resource);  (roles.polar:8:3)
              3. has_role(User{"zoe"}, "writer", Doc{"plan"})
                 by "read" if "reader";  (roles.polar:7:3)
                 by "reader" if "writer";  (roles.polar:6:3)
              4. in_group(User{"zoe"}, some Group)
                 and has_role(that Group, "reader", Doc{"plan"})
                 by "read" if "reader";  (roles.polar:7:3)
                 by has_role(user: User, role: String, doc: Doc) if group matches Group and in_group(user, group) and has_role(group, role, …  (roles.polar:12:1)
              5. in_group(User{"zoe"}, some Group)
                 and has_role(that Group, "writer", Doc{"plan"})
                 by "read" if "reader";  (roles.polar:7:3)
                 by has_role(user: User, role: String, doc: Doc) if group matches Group and in_group(user, group) and has_role(group, role, …  (roles.polar:12:1)
                 by "reader" if "writer";  (roles.polar:6:3)
            --- exit 1
        "#]],
    );
    check(
        "why --json User:eve write Doc:site",
        expect![[r#"
        {"version":1,"allowed":false,"question":{"text":"allow(User{\"eve\"}, \"write\", Doc{\"site\"})","predicate":"allow","args":[{"kind":"value","value":{"type":"User","id":"eve"}},{"kind":"value","value":{"type":"String","id":"write"}},{"kind":"value","value":{"type":"Doc","id":"site"}}]},"proof":null,"misses":[{"needed":[{"kind":"no_fact","fact":{"predicate":"is_suspended","args":[{"type":"User","id":"eve"}]}}],"provided":[],"rules":[{"text":"allow(actor, action, resource) if has_permission(actor, action, resource);","location":""},{"text":"\"write\" if \"writer\" and is_active(actor);","location":"roles.polar:9:3"},{"text":"is_active(user: User) if not is_suspended(user);","location":"roles.polar:14:1"}]}],"omitted":[]}
        --- exit 1
    "#]],
    );
    let page = ask("why", &["--html", "User:eve", "write", "Doc:site"]).shown();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n--- exit 1\n"), "{page}");
    assert!(page.contains("without the fact is_suspended"), "{page}");
    check(
        "why Usr:zoe read Doc:plan",
        expect![[r#"
        --- stderr
        error: the policy names no type `Usr`; did you mean `User`?
        --- exit 2
    "#]],
    );
}

#[test]
fn list() {
    check(
        "list User:ann read Doc",
        expect![[r#"
        help
        news
        plan
        site
        two, words
        --- exit 0
    "#]],
    );
    check(
        "list User:ann write Doc",
        expect![[r#"
        plan
        --- exit 0
    "#]],
    );
    check(
        "list User:eve write Doc",
        expect![[r#"
        --- exit 1
    "#]],
    );
    check(
        "list --json User:ann read Doc",
        expect![[r#"
        {"version":1,"every":false,"ids":["help","news","plan","site","two, words"],"next":null}
        --- exit 0
    "#]],
    );
    check(
        "list User:ann read Dock",
        expect![[r#"
        --- stderr
        error: the policy names no type `Dock`; did you mean `Doc`?
        --- exit 2
    "#]],
    );
}

#[test]
fn who() {
    check(
        "who User read Doc:help",
        expect![[r#"
        _: User
        --- exit 0
    "#]],
    );
    check(
        "who User write Doc:site",
        expect![[r#"
        dan
        --- exit 0
    "#]],
    );
    check(
        "who Group write Doc:site",
        expect![[r#"
        --- exit 1
    "#]],
    );
    check(
        "who --json User read Doc:help",
        expect![[r#"
        {"version":1,"every":true,"ids":[],"next":null}
        --- exit 0
    "#]],
    );
}

#[test]
fn actions_and_roles() {
    check(
        "actions User:ann Doc:plan",
        expect![[r#"
        read
        write
        --- exit 0
    "#]],
    );
    check(
        "actions User:zoe Doc:plan",
        expect![[r#"
        --- exit 1
    "#]],
    );
    check(
        "actions --now 5 --json User:ann Doc:plan",
        expect![[r#"
        {"version":1,"every":false,"ids":["read","review","write"],"next":null}
        --- exit 0
    "#]],
    );
    check(
        "roles User:dan Doc:site",
        expect![[r#"
        reader
        writer
        --- exit 0
    "#]],
    );
    check(
        "roles User:zoe Doc:site",
        expect![[r#"
        --- exit 1
    "#]],
    );
}

/// The token of the page that follows.
fn next(shown: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    json["next"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn pages() {
    let first = ask("list", &["--json", "--limit", "2", "User:ann", "read", "Doc"]).shown();
    let token = next(&first);
    assert!(!token.is_empty(), "{first}");
    ask("list", &["--limit", "2", "--after", &token, "User:ann", "read", "Doc"]).check(expect![[r#"
        plan
        site
        --- stderr
        more: --after 11403155005038889807-7bfae6452054af5-site
        --- exit 0
    "#]]);
    ask("list", &["--limit", "9", "--after", &token, "User:ann", "read", "Doc"]).check(expect![[r#"
        plan
        site
        two, words
        --- exit 0
    "#]]);
    let other = ask("list", &["--limit", "2", "--after", &token, "User:bob", "read", "Doc"]).shown();
    expect![[r#"
        --- stderr
        error: the page token is one of another question
        --- exit 2
    "#]]
    .assert_eq(&other);
    let more = ["--facts", "empty.jsonl", "--context", "is_public(Doc{\"x\"})"];
    let same = [&more[..], &["--limit", "2", "--after", &token, "User:ann", "read", "Doc"]].concat();
    assert!(ask("list", &same).shown().ends_with("--- exit 0\n"), "the files are as they were");
    let changed = ["--facts", "my.facts", "--limit", "2", "--after", &token, "User:ann", "read", "Doc"];
    let shown = ask("list", &changed).shown();
    assert!(shown.contains("begin again with the first page\n--- exit 2"), "{shown}");
    ask("list", &["--limit", "2", "--after", "x", "User:ann", "read", "Doc"]).check(expect![[r#"
        --- stderr
        error: this is no page token
        --- exit 2
    "#]]);
}

#[test]
fn ids_that_a_line_cannot_show() {
    let facts = "is_public(Doc{\"two\\nlines\"}); is_public(Doc{\"\\\"quoted\\\"\"}); is_public(Doc{\" \"}); is_public(Doc{\"\u{1b}[31m\"});";
    let words = ["list", "roles.polar", "--facts", "-", "--facts-format", "facts", "User:ann", "read", "Doc"];
    arctos(&words).stdin(facts).folder(fixtures().join("facts")).check(expect![[r#"
        "\u{1b}[31m"
        " "
        "\"quoted\""
        "two\nlines"
        --- exit 0
    "#]]);
}

#[test]
fn what_a_request_brings() {
    let asked = |words: &[&str]| {
        let arguments: Vec<&str> = ["authorize", "office.polar"].iter().chain(words).copied().collect();
        arctos(&arguments).folder(fixtures().join("facts"))
    };
    asked(&["--request", "office.json", "User:eve", "read", "Doc:plan"]).check(expect![[r#"
        allowed
        --- exit 0
    "#]]);
    asked(&["--request", "office.json", "User:bob", "read", "Doc:plan"]).check(expect![[r#"
        denied
        --- exit 1
    "#]]);
    asked(&["--request", "office.json", "User:bob", "pay", "Doc:plan"]).check(expect![[r#"
        allowed
        --- exit 0
    "#]]);
    asked(&["User:bob", "pay", "Doc:plan"]).check(expect![[r#"
        --- stderr
        error: the policy asks for `@action.amount`, and the request does not say it
          in `@action.amount` of rule `allow` at office.polar:5:34
        --- exit 2
    "#]]);
    asked(&["--request", "twice.json", "User:bob", "pay", "Doc:plan"]).check(expect![[r#"
        --- stderr
        error: twice.json: `context` is given twice at line 1 column 30
        --- exit 2
    "#]]);
}
