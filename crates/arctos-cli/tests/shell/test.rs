//! `arctos test`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use arctos_syntax::codes;
use expect_test::expect;
use serde_json::Value;

use crate::run::{arctos, fixtures};

#[test]
fn green_tests() {
    arctos(&["test", "tested/policy.polar"]).check(expect![[r#"
        tested/policy.polar
          ok    owners read
          ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

        2 tests: 2 passed
        --- exit 0
    "#]]);
}

#[test]
fn red_tests_show_the_line_and_why() {
    arctos(&["test", "red.polar"]).check(expect![[r#"
        red.polar
          ok    green
          FAIL  red & <wrong>
          FAIL  ?= 1 = 2

        error[P1001]: `allow(User{"ann"}, "read", Doc{"a"})` holds
         --> red.polar:9:3
          |
        2 | resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
          |                                                            ------------------- because of this rule
        3 | has_role(user: User, "reader", doc: Doc) if owns(user, doc);
          | ------------------------------------------------------------ because of this rule
        ...
        9 |   assert_not allow(User{"ann"}, "read", Doc{"a"});
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should not hold
          |
          = help: it rests on `owns(User{"ann"}, Doc{"a"})`

        error[P1001]: `allow(user: User, "read", Doc{"a"})` holds for other values than expected
          --> red.polar:10:3
           |
         2 | resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
           |                                                            ------------------- because of this rule
         3 | has_role(user: User, "reader", doc: Doc) if owns(user, doc);
           | ------------------------------------------------------------ because of this rule
        ...
        10 |   assert allow(user: User, "read", Doc{"a"}) iff user in [User{"bob"}];
           |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 1 missing, 1 not expected
           |
           = help: missing: `User{"bob"}`
           = help: not expected: `User{"ann"}`
           = help: `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`
           = help: `allow(User{"bob"}, "read", Doc{"a"})` would hold with `has_role(User{"bob"}, "reader", Doc{"a"})`
           = help: `allow(User{"bob"}, "read", Doc{"a"})` would hold with `owns(User{"bob"}, Doc{"a"})`

        error[P1001]: `allow(User{"ann"}, "read", Doc{"b"})` does not hold
          --> red.polar:11:3
           |
        11 |   assert allow(User{"ann"}, "read", Doc{"b"});
           |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should hold
           |
           = help: it would hold with `has_role(User{"ann"}, "reader", Doc{"b"})`
           = help: it would hold with `owns(User{"ann"}, Doc{"b"})`

        error[P1002]: the inline query has no answer
          --> red.polar:14:4
           |
        14 | ?= 1 = 2;
           |    ^^^^^ should have an answer

        3 tests: 1 passed, 2 failed
        --- exit 1
    "#]]);
}

#[test]
fn red_tests_as_json() {
    let output = arctos(&["test", "--format", "json", "red.polar", "tested/policy.polar"]).output();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<String> = lines
        .iter()
        .map(|line| match line.get("summary") {
            Some(summary) => summary.to_string(),
            None => format!(
                "{}:{} {} {:?} {} {}",
                line["file"].as_str().unwrap(),
                line["line"],
                line["kind"].as_str().unwrap(),
                line["name"].as_str().unwrap(),
                line["passed"],
                line["failures"].as_array().unwrap().len(),
            ),
        })
        .collect();
    expect![[r#"
        red.polar:5 test "green" true 0
        red.polar:7 test "red & <wrong>" false 3
        red.polar:14 inline-query "1 = 2" false 1
        tested/policy.polar:13 test "owners read" true 0
        tested/policy.polar:19 inline-query "not has_role(User{\"ann\"}, \"reader\", Doc{\"plan\"})" true 0
        {"failed":2,"not_loaded":0,"passed":3}
    "#]]
    .assert_eq(&(shown.join("\n") + "\n"));
}

#[test]
fn red_tests_for_github() {
    arctos(&["test", "--format", "github", "red.polar"]).check(expect![[r#"
        ::error file=red.polar,line=9,endLine=9,col=3,endColumn=50,title=P1001::`allow(User{"ann"}, "read", Doc{"a"})` holds%0Ahelp: it rests on `owns(User{"ann"}, Doc{"a"})`
        ::error file=red.polar,line=10,endLine=10,col=3,endColumn=71,title=P1001::`allow(user: User, "read", Doc{"a"})` holds for other values than expected%0Ahelp: missing: `User{"bob"}`%0Ahelp: not expected: `User{"ann"}`%0Ahelp: `allow(User{"ann"}, "read", Doc{"a"})` rests on `owns(User{"ann"}, Doc{"a"})`%0Ahelp: `allow(User{"bob"}, "read", Doc{"a"})` would hold with `has_role(User{"bob"}, "reader", Doc{"a"})`%0Ahelp: `allow(User{"bob"}, "read", Doc{"a"})` would hold with `owns(User{"bob"}, Doc{"a"})`
        ::error file=red.polar,line=11,endLine=11,col=3,endColumn=46,title=P1001::`allow(User{"ann"}, "read", Doc{"b"})` does not hold%0Ahelp: it would hold with `has_role(User{"ann"}, "reader", Doc{"b"})`%0Ahelp: it would hold with `owns(User{"ann"}, Doc{"b"})`
        ::error file=red.polar,line=14,endLine=14,col=4,endColumn=8,title=P1002::the inline query has no answer
        3 tests: 1 passed, 2 failed
        --- exit 1
    "#]]);
}

#[test]
fn red_tests_as_junit() {
    arctos(&["test", "--format", "junit", "red.polar", "tested"]).check(expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="arctos test" tests="6" failures="2" errors="1">
          <testsuite name="red.polar" tests="3" failures="2" errors="0">
            <testcase name="green" classname="red.polar" file="red.polar" line="5"/>
            <testcase name="red &amp; &lt;wrong&gt;" classname="red.polar" file="red.polar" line="7">
              <failure type="P1001" message="`allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;a&quot;})` holds">error[P1001]: `allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;a&quot;})` holds
         --&gt; red.polar:9:3
          |
        2 | resource Doc { roles = [&quot;reader&quot;]; permissions = [&quot;read&quot;]; &quot;read&quot; if &quot;reader&quot;; }
          |                                                            ------------------- because of this rule
        3 | has_role(user: User, &quot;reader&quot;, doc: Doc) if owns(user, doc);
          | ------------------------------------------------------------ because of this rule
        ...
        9 |   assert_not allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;a&quot;});
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should not hold
          |
          = help: it rests on `owns(User{&quot;ann&quot;}, Doc{&quot;a&quot;})`
        </failure>
              <failure type="P1001" message="`allow(user: User, &quot;read&quot;, Doc{&quot;a&quot;})` holds for other values than expected">error[P1001]: `allow(user: User, &quot;read&quot;, Doc{&quot;a&quot;})` holds for other values than expected
          --&gt; red.polar:10:3
           |
         2 | resource Doc { roles = [&quot;reader&quot;]; permissions = [&quot;read&quot;]; &quot;read&quot; if &quot;reader&quot;; }
           |                                                            ------------------- because of this rule
         3 | has_role(user: User, &quot;reader&quot;, doc: Doc) if owns(user, doc);
           | ------------------------------------------------------------ because of this rule
        ...
        10 |   assert allow(user: User, &quot;read&quot;, Doc{&quot;a&quot;}) iff user in [User{&quot;bob&quot;}];
           |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 1 missing, 1 not expected
           |
           = help: missing: `User{&quot;bob&quot;}`
           = help: not expected: `User{&quot;ann&quot;}`
           = help: `allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;a&quot;})` rests on `owns(User{&quot;ann&quot;}, Doc{&quot;a&quot;})`
           = help: `allow(User{&quot;bob&quot;}, &quot;read&quot;, Doc{&quot;a&quot;})` would hold with `has_role(User{&quot;bob&quot;}, &quot;reader&quot;, Doc{&quot;a&quot;})`
           = help: `allow(User{&quot;bob&quot;}, &quot;read&quot;, Doc{&quot;a&quot;})` would hold with `owns(User{&quot;bob&quot;}, Doc{&quot;a&quot;})`
        </failure>
              <failure type="P1001" message="`allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;b&quot;})` does not hold">error[P1001]: `allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;b&quot;})` does not hold
          --&gt; red.polar:11:3
           |
        11 |   assert allow(User{&quot;ann&quot;}, &quot;read&quot;, Doc{&quot;b&quot;});
           |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should hold
           |
           = help: it would hold with `has_role(User{&quot;ann&quot;}, &quot;reader&quot;, Doc{&quot;b&quot;})`
           = help: it would hold with `owns(User{&quot;ann&quot;}, Doc{&quot;b&quot;})`
        </failure>
            </testcase>
            <testcase name="?= 1 = 2" classname="red.polar" file="red.polar" line="14">
              <failure type="P1002" message="the inline query has no answer">error[P1002]: the inline query has no answer
          --&gt; red.polar:14:4
           |
        14 | ?= 1 = 2;
           |    ^^^^^ should have an answer
        </failure>
            </testcase>
          </testsuite>
          <testsuite name="tested/more.polar" tests="1" failures="0" errors="1">
            <testcase name="loads" classname="tested/more.polar" file="tested/more.polar">
              <error type="P0805" message="there is no fixture `base`">warning[P0701]: the policy has no `allow`, `allow_field` or `allow_request` rule, so nothing is allowed
         --&gt; tested/more.polar:1:1
          |
        1 | test &quot;nobody but owners&quot; {
          | ^
          |
          = help: with blocks, write `allow(actor, action, resource) if has_permission(actor, action, resource);`

        error[P0805]: there is no fixture `base`
         --&gt; tested/more.polar:2:19
          |
        2 |   setup { fixture base; }
          |                   ^^^^ not defined
          |
          = help: define it: `test fixture base { … }`

        error[P0202]: there is no rule `allow`
         --&gt; tested/more.polar:3:10
          |
        3 |   assert allow(user: User, &quot;read&quot;, Doc{&quot;plan&quot;}) iff user in [User{&quot;ann&quot;}];
          |          ^^^^^ not defined
        </error>
            </testcase>
          </testsuite>
          <testsuite name="tested/policy.polar" tests="2" failures="0" errors="0">
            <testcase name="owners read" classname="tested/policy.polar" file="tested/policy.polar" line="13"/>
            <testcase name="?= not has_role(User{&quot;ann&quot;}, &quot;reader&quot;, Doc{&quot;plan&quot;})" classname="tested/policy.polar" file="tested/policy.polar" line="19"/>
          </testsuite>
        </testsuites>
        --- exit 2
    "#]]);
}

#[test]
fn each_file_is_a_policy_of_its_own_or_one_with_the_policy() {
    arctos(&["test", "tested"]).check(expect![[r#"
        tested/policy.polar
          ok    owners read
          ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

        2 tests: 2 passed, 1 policy did not load
        --- stderr
        warning[P0701]: the policy has no `allow`, `allow_field` or `allow_request` rule, so nothing is allowed
         --> tested/more.polar:1:1
          |
        1 | test "nobody but owners" {
          | ^
          |
          = help: with blocks, write `allow(actor, action, resource) if has_permission(actor, action, resource);`

        error[P0805]: there is no fixture `base`
         --> tested/more.polar:2:19
          |
        2 |   setup { fixture base; }
          |                   ^^^^ not defined
          |
          = help: define it: `test fixture base { … }`

        error[P0202]: there is no rule `allow`
         --> tested/more.polar:3:10
          |
        3 |   assert allow(user: User, "read", Doc{"plan"}) iff user in [User{"ann"}];
          |          ^^^^^ not defined
        --- exit 2
    "#]]);
    arctos(&["test", "--policy", "tested/policy.polar", "tested"]).check(expect![[r#"
        tested/more.polar
          ok    nobody but owners

        tested/policy.polar
          ok    owners read
          ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

        3 tests: 3 passed
        --- exit 0
    "#]]);
    arctos(&["test", "--policy", "tested"]).check(expect![[r#"
        tested/more.polar
          ok    nobody but owners
          ok    owners read
          ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

        3 tests: 3 passed
        --- exit 0
    "#]]);
}

#[test]
fn filters() {
    arctos(&["test", "--filter", "gre", "red.polar"]).check(expect![[r#"
        red.polar
          ok    green

        1 test: 1 passed
        --- exit 0
    "#]]);
    arctos(&["test", "--filter", "grey", "red.polar"]).check(expect![[r#"
        0 tests: 0 passed
        --- stderr
        error: no test has `grey` in its name
        --- exit 2
    "#]]);
}

#[test]
fn nothing_to_run_is_no_success() {
    arctos(&["test", "good.polar"]).check(expect![[r#"
        0 tests: 0 passed
        --- stderr
        error: there is no test and no inline query in these files
        --- exit 2
    "#]]);
    arctos(&["test", "--allow-empty", "good.polar"]).check(expect![[r#"
        0 tests: 0 passed
        --- exit 0
    "#]]);
    arctos(&["test", "no/such/file.polar"]).check(expect![[r#"
        --- stderr
        error: cannot read `no/such/file.polar`: there is no such file
        --- exit 2
    "#]]);
    assert_eq!(arctos(&["test"]).output().status.code(), Some(2));
}

#[test]
fn the_time_is_the_tests_or_the_users_or_the_machines() {
    let policy = r#"
        late(_: User) if @current_unix_time > 1700000000;
        test "its own" { setup { @current_unix_time = 1600000000; } assert_not late(User{"ann"}); }
        test "from outside" { assert late(User{"ann"}); }"#;
    assert_eq!(arctos(&["test", "-"]).stdin(policy).output().status.code(), Some(0));
    arctos(&["test", "--time", "1600000000", "-"]).stdin(policy).check(expect![[r#"
        <stdin>
          ok    its own
          FAIL  from outside

        error[P1001]: `late(User{"ann"})` does not hold
         --> <stdin>:4:31
          |
        4 |         test "from outside" { assert late(User{"ann"}); }
          |                               ^^^^^^^^^^^^^^^^^^^^^^^^^ should hold
          |
          = help: it would hold if @current_unix_time > 1700000000, where now @current_unix_time is 1600000000

        2 tests: 1 passed, 1 failed
        --- exit 1
    "#]]);
}

#[test]
fn inline_queries_run_over_records_and_over_facts() {
    let classic = "?= new User(name: \"ann\").name = \"ann\";\n?= new User(name: \"ann\").age = 1;";
    arctos(&["test", "-"]).stdin(classic).check(expect![[r#"
        <stdin>
          ok    ?= new User(name: "ann").name = "ann"
          FAIL  ?= new User(name: "ann").age = 1

        error[P1002]: the inline query is not decided: `new User(name: "ann")` has no attribute `age`; it has `name`
         --> <stdin>:2:4
          |
        2 | ?= new User(name: "ann").age = 1;
          |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ should have an answer

        2 tests: 1 passed, 1 failed
        --- exit 1
    "#]]);
    let over_facts = "declare f(User);\n?= not f(User{\"ann\"});";
    assert_eq!(arctos(&["test", "-"]).stdin(over_facts).output().status.code(), Some(0));
}

/// A folder of its own with the policy whose tests leave something out.
fn folder_with_gaps(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(fixtures().join("gaps.polar"), folder.join("gaps.polar")).unwrap();
    folder
}

#[test]
fn coverage_as_a_table() {
    arctos(&["test", "--coverage", "gaps.polar", "tested/policy.polar"]).check(expect![[r#"
        gaps.polar
          ok    readers read, and drop what is old

        tested/policy.polar
          ok    owners read
          ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

        3 tests: 3 passed
        coverage             rules      outcomes of conditions
        gaps.polar           3 of 3     8 of 12
        tested/policy.polar  2 of 2     4 of 4

        gaps.polar:6:3   never fails  "drop" if "reader" and is_old(resource);
        gaps.polar:6:26  never fails  is_old(resource)
        gaps.polar:8:67  never fails  age > 10
        gaps.polar:8:80  never fails  not is_kept(doc)
        --- exit 0
    "#]]);
    let json = arctos(&["test", "--coverage", "--format", "json", "gaps.polar"]).output();
    assert!(String::from_utf8(json.stdout).unwrap().lines().all(|line| line.starts_with('{')));
}

#[test]
fn coverage_for_other_tools() {
    let folder = folder_with_gaps("lcov");
    arctos(&["test", "--coverage=lcov", "gaps.polar"]).folder(folder.clone()).check(expect![[r#"
        gaps.polar
          ok    readers read, and drop what is old

        1 test: 1 passed
        coverage written to lcov.info
        --- exit 0
    "#]]);
    expect![[r#"
        TN:
        SF:gaps.polar
        FN:5,has_permission/3:5:3
        FN:6,has_permission/3:6:3
        FN:8,is_old/1:8:1
        FNDA:1,has_permission/3:5:3
        FNDA:1,has_permission/3:6:3
        FNDA:1,is_old/1:8:1
        FNF:3
        FNH:3
        BRDA:5,0,0,1
        BRDA:5,0,1,1
        BRDA:6,1,0,1
        BRDA:6,1,1,0
        BRDA:6,2,0,1
        BRDA:6,2,1,0
        BRDA:8,3,0,1
        BRDA:8,3,1,1
        BRDA:8,4,0,1
        BRDA:8,4,1,0
        BRDA:8,5,0,1
        BRDA:8,5,1,0
        BRF:12
        BRH:8
        DA:5,2
        DA:6,1
        DA:8,1
        LF:3
        LH:3
        end_of_record
    "#]]
    .assert_eq(&fs::read_to_string(folder.join("lcov.info")).unwrap());
}

#[test]
fn coverage_as_a_page() {
    let folder = folder_with_gaps("html");
    let run = arctos(&["test", "--coverage=html", "--coverage-file", "page.html", "gaps.polar"]);
    assert_eq!(run.folder(folder.clone()).output().status.code(), Some(0));
    let page = fs::read_to_string(folder.join("page.html")).unwrap();
    let listing: String =
        page.lines().skip_while(|line| !line.starts_with("<h2")).take(14).collect::<Vec<_>>().join("\n");
    expect![[r#"
        <h2 id="file0">gaps.polar</h2>
        <ol>
        <li><code>actor User {}</code>
        <li><code>resource Doc {</code>
        <li><code>  roles = [&quot;reader&quot;];</code>
        <li><code>  permissions = [&quot;read&quot;, &quot;drop&quot;];</code>
        <li><code>  <span class="ok" title="has_permission/3: entered 2 times, held once, failed once">&quot;read&quot; if &quot;reader&quot;;</span></code>
        <li><code>  <span class="half" title="has_permission/3: entered once, held once, failed never">&quot;drop&quot; if &quot;reader&quot; and </span><span class="half" title="held once, failed never">is_old(resource)</span><span class="half" title="has_permission/3: entered once, held once, failed never">;</span></code>
        <li><code>}</code>
        <li><code><span class="ok" title="is_old/1: entered once, held once">is_old(doc: Doc) if age matches Integer and </span><span class="ok" title="held once, failed once">has_age(doc, age)</span> <span class="ok" title="is_old/1: entered once, held once">and </span><span class="half" title="held once, failed never">age &gt; 10</span> <span class="ok" title="is_old/1: entered once, held once">and </span><span class="half" title="held once, failed never">not is_kept(doc)</span><span class="ok" title="is_old/1: entered once, held once">;</span></code>
        <li><code></code>
        <li><code>test &quot;readers read, and drop what is old&quot; {</code>
        <li><code>  setup { has_role(User{&quot;ann&quot;}, &quot;reader&quot;, Doc{&quot;a&quot;}); has_age(Doc{&quot;a&quot;}, 12); has_age(Doc{&quot;b&quot;}, 9); }</code>
        <li><code>  assert allow(User{&quot;ann&quot;}, action: String, Doc{&quot;a&quot;}) iff action in [&quot;read&quot;, &quot;drop&quot;];</code>"#]]
    .assert_eq(&listing);
    assert!(!page.contains("http"), "the page needs nothing else");
}

#[test]
fn files_that_several_suites_load_are_covered_by_all() {
    let policy = "tested/policy.polar";
    arctos(&["test", "--coverage", "--mutants", "--policy", policy, "tested"]).check(expect![[r#"
            tested/more.polar
              ok    nobody but owners

            tested/policy.polar
              ok    owners read
              ok    ?= not has_role(User{"ann"}, "reader", Doc{"plan"})

            3 tests: 3 passed
            4 changes: 4 noticed
            coverage             rules      outcomes of conditions
            tested/policy.polar  2 of 2     4 of 4
            --- exit 0
        "#]]);
}

#[test]
fn mutants() {
    arctos(&["test", "--mutants", "gaps.polar"]).check(expect![[r#"
        gaps.polar
          ok    readers read, and drop what is old

        1 test: 1 passed

        error[P1003]: no test notices when the condition `"reader"` is left out
         --> gaps.polar:6:3
          |
        6 |   "drop" if "reader" and is_old(resource);
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `"reader"` may as well hold always

        error[P1003]: no test notices when this condition is left out
         --> gaps.polar:6:26
          |
        6 |   "drop" if "reader" and is_old(resource);
          |                          ^^^^^^^^^^^^^^^^ may as well hold always

        error[P1003]: no test notices when this compares by `>=`
         --> gaps.polar:8:67
          |
        8 | is_old(doc: Doc) if age matches Integer and has_age(doc, age) and age > 10 and not is_kept(doc);
          |                                                                   ^^^^^^^^ may as well be `>=`

        error[P1003]: no test notices when this condition is left out
         --> gaps.polar:8:67
          |
        8 | is_old(doc: Doc) if age matches Integer and has_age(doc, age) and age > 10 and not is_kept(doc);
          |                                                                   ^^^^^^^^ may as well hold always

        error[P1003]: no test notices when this condition is left out
         --> gaps.polar:8:80
          |
        8 | is_old(doc: Doc) if age matches Integer and has_age(doc, age) and age > 10 and not is_kept(doc);
          |                                                                                ^^^^^^^^^^^^^^^^ may as well hold always

        10 changes: 5 noticed, 5 not
        --- exit 1
    "#]]);
}

#[test]
fn mutants_for_machines() {
    arctos(&["test", "--mutants", "--format", "github", "gaps.polar"]).check(expect![[r#"
        ::error file=gaps.polar,line=6,endLine=6,col=3,endColumn=42,title=P1003::no test notices when the condition `"reader"` is left out
        ::error file=gaps.polar,line=6,endLine=6,col=26,endColumn=41,title=P1003::no test notices when this condition is left out
        ::error file=gaps.polar,line=8,endLine=8,col=67,endColumn=74,title=P1003::no test notices when this compares by `>=`
        ::error file=gaps.polar,line=8,endLine=8,col=67,endColumn=74,title=P1003::no test notices when this condition is left out
        ::error file=gaps.polar,line=8,endLine=8,col=80,endColumn=95,title=P1003::no test notices when this condition is left out
        1 test: 1 passed
        10 changes: 5 noticed, 5 not
        --- exit 1
    "#]]);
    let junit = arctos(&["test", "--mutants", "--format", "junit", "gaps.polar"]).shown();
    assert!(junit.contains("<testsuites name=\"arctos test\" tests=\"6\" failures=\"5\" errors=\"0\">"));
    assert_eq!(junit.matches("<testcase").count(), 6, "{junit}");
    assert_eq!(junit.matches("<failure type=\"P1003\"").count(), 5, "{junit}");
    let json = arctos(&["test", "--mutants", "--format", "json", "gaps.polar"]).shown();
    expect![[r#"{"summary":{"failed":0,"mutants":{"not_tried":0,"noticed":5,"unnoticed":5},"not_loaded":0,"passed":1}}"#]]
    .assert_eq(json.lines().rfind(|line| line.contains("summary")).unwrap());
}

#[test]
fn mutants_need_tests_that_pass() {
    let output = arctos(&["test", "--mutants", "--format", "github", "red.polar"]).output();
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        no change was tried: before all tests pass, it would tell nothing
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn what_is_suspicious_in_a_test_is_shown() {
    let policy = r#"
        actor User {}
        resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
        test "typing error" { assert_not allow(User{"ann"}, "raed", Doc{"a"}); }"#;
    arctos(&["test", "-"]).stdin(policy).check(expect![[r#"
        <stdin>
          ok    typing error

        warning[P0411]: `Doc` declares no permission `raed`
         --> <stdin>:4:61
          |
        4 |         test "typing error" { assert_not allow(User{"ann"}, "raed", Doc{"a"}); }
          |                                                             ^^^^^^ not declared
          |
          = help: did you mean `read`?

        1 test: 1 passed
        --- exit 0
    "#]]);
    let json = arctos(&["test", "--format", "json", "-"]).stdin(policy).shown();
    assert!(json.contains(r#"{"kind":"warning","warning":{"code":"P0411""#), "{json}");
    arctos(&["test", "--format", "github", "-"]).stdin(policy).check(expect![[r#"
        ::warning file=<stdin>,line=4,endLine=4,col=61,endColumn=66,title=P0411::`Doc` declares no permission `raed`%0Ahelp: did you mean `read`?
        1 test: 1 passed
        --- exit 0
    "#]]);
}

/// A program that ends with the test, also one that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watching_runs_again_after_a_change() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("watched");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    // A file that is being written may be read half, which would be one run more.
    let write = |text: &str| {
        fs::write(folder.join("new"), text).unwrap();
        fs::rename(folder.join("new"), folder.join("a.polar")).unwrap();
    };
    write("?= 1 = 1;");
    let mut command = Command::new(env!("CARGO_BIN_EXE_arctos"));
    command.args(["test", "--watch", "a.polar"]).current_dir(&folder);
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut summary = || lines.find(|line| line.contains("test")).unwrap();
    assert_eq!(summary(), "1 test: 1 passed");
    write("?= 1 = 2;");
    assert_eq!(summary(), "1 test: 1 failed");
    write("?= 1 = 3");
    assert_eq!(summary(), "0 tests: 1 policy did not load");
}

#[test]
fn what_can_be_read_once_is_not_watched() {
    arctos(&["test", "--watch", "-"]).stdin("?= 1 = 1;").check(expect![[r#"
        --- stderr
        error: `--watch` watches files: stdin can be read only once
        --- exit 2
    "#]]);
}

/// The pages of the codes that only `arctos test` makes.
#[test]
fn the_pages_about_what_tests_come_to() {
    let folder = fixtures().join("../../../../docs/diagnostics");
    let mut seen = 0;
    for code in codes::ALL.iter().filter(|code| code.as_str().starts_with("P10")) {
        let page = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
        assert_eq!(page.lines().next(), Some(&*format!("# {code}: {}", code.name())));
        let mut kinds = Vec::new();
        for block in page.split("```polar,").skip(1) {
            let (words, rest) = block.split_once('\n').unwrap();
            let policy = rest.split("```").next().unwrap();
            let mut arguments = vec!["test", "--format", "json", "-"];
            arguments.extend(words.starts_with("mutants,").then_some("--mutants"));
            let text = arctos(&arguments).stdin(policy).shown();
            let (has_code, is_good) = (text.contains(code.as_str()), text.ends_with("--- exit 0\n"));
            let kind = words.rsplit(',').next().unwrap();
            assert_eq!((has_code, is_good), (kind == "fails", kind == "ok"), "{code}, {words}: {text}");
            kinds.push(kind);
            seen += 1;
        }
        kinds.sort_unstable();
        assert_eq!(kinds, ["fails", "ok"], "{code}");
    }
    assert_eq!(seen, 6);
}
