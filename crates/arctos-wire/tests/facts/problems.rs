//! What is said of files that are wrong.

use arctos::Facts;
use arctos_wire::facts::{Format, Import};
use expect_test::{Expect, expect};

const POLICY: &str = r#"
actor User {}
resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; "read" if is_public(resource); }
allow(u: User, "vote", d: Doc) if until matches Integer and may_vote(u, d, until) and until > @current_unix_time;
"#;

fn check(name: &str, bytes: impl AsRef<[u8]>, expected: Expect) {
    let policy = super::policy(POLICY);
    let mut import = Import::onto(&Facts::new()).for_policy(&policy);
    import.read(Some(name), Format::of_path(name).unwrap(), bytes.as_ref());
    expected.assert_eq(&match import.finish() {
        Ok((facts, _)) => format!("facts: {}\n", facts.len()),
        Err(unread) => super::shown(&unread),
    });
}

fn lines(values: &str) -> String {
    format!("{{\"predicate\":\"has_role\",\"args\":[{values}]}}\n")
}

const ANN: &str = r#"{"type":"User","id":"ann"}"#;
const READER: &str = r#"{"type":"String","id":"reader"}"#;
const PLAN: &str = r#"{"type":"Doc","id":"plan"}"#;

#[test]
fn good_ones() {
    check(
        "a.jsonl",
        lines(&format!("{ANN},{READER},{PLAN}")),
        expect![[r#"
            facts: 1
        "#]],
    );
    check(
        "a.jsonl",
        "",
        expect![[r#"
            facts: 0
        "#]],
    );
    check(
        "a.jsonl",
        "\n  \n",
        expect![[r#"
            facts: 0
        "#]],
    );
    check(
        "a.facts",
        "# nothing\n",
        expect![[r#"
            facts: 0
        "#]],
    );
    check(
        "a.csv",
        "predicate,type1,id1\n\n,,\nis_public,Doc,plan\n",
        expect![[r#"
            facts: 1
        "#]],
    );
}

#[test]
fn facts_that_the_policy_does_not_ask_for() {
    check(
        "a.jsonl",
        [
            r#"{"predicate":"has_rol","args":[{"type":"User","id":"ann"}]}"#,
            r#"{"predicate":"is_public","args":[{"type":"User","id":"ann"}]}"#,
            r#"{"predicate":"has_role","args":[{"type":"User","id":"ann"},{"type":"Doc","id":"plan"}]}"#,
        ]
        .join("\n"),
        expect![[r#"
            error[P0804]: no rule asks for a fact `has_rol`, so that stating it changes nothing
             --> a.jsonl:1:14
              |
            1 | {"predicate":"has_rol","args":[{"type":"User","id":"ann"}]}
              |              ^^^^^^^^^ not known
              |
              = help: did you mean `has_role`?

            error[P0806]: argument 1 of `is_public` is of type `User`, and not `Doc`
             --> a.jsonl:2:34
              |
            2 | {"predicate":"is_public","args":[{"type":"User","id":"ann"}]}
              |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^ no such fact is asked for
              |
              = help: the nearest form is `is_public(Doc)`

            error[P0801]: `has_role` is a fact of 3 arguments, and this one has 2
             --> a.jsonl:3:1
              |
            3 | {"predicate":"has_role","args":[{"type":"User","id":"ann"},{"type":"Doc","id":"plan"}]}
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 2 arguments
        "#]],
    );
}

#[test]
fn rows_that_the_policy_does_not_ask_for() {
    check(
        "a.csv",
        "predicate,type1,id1,type2,id2,type3,id3\nhas_role,User,ann,String,raeder,Doc,plan\nhas_role,Usr,ann,String,reader,Doc,plan\nis_publik,Doc,plan,,,,\n",
        expect![[r#"
            error[P0806]: `raeder` is not a role of `Doc`
             --> a.csv:2:26
              |
            2 | has_role,User,ann,String,raeder,Doc,plan
              |                          ^^^^^^ no such fact is asked for
              |
              = help: did you mean `reader`?
              = help: the nearest form is `has_role(Actor, "reader", Doc)`

            error[P0806]: the policy names no type `Usr`
             --> a.csv:3:14
              |
            3 | has_role,Usr,ann,String,reader,Doc,plan
              |              ^^^ no such fact is asked for
              |
              = help: did you mean `User`?

            error[P0804]: no rule asks for a fact `is_publik`, so that stating it changes nothing
             --> a.csv:4:1
              |
            4 | is_publik,Doc,plan,,,,
              | ^^^^^^^^^ not known
              |
              = help: did you mean `is_public`?
        "#]],
    );
}

#[test]
fn statements_that_the_policy_does_not_ask_for() {
    check(
        "a.facts",
        "has_role(User{\"ann\"}, \"raeder\", Doc{\"plan\"});\nmay_vote(User{\"ann\"}, Doc{\"plan\"}, \"soon\");",
        expect![[r#"
            error[P0806]: `raeder` is not a role of `Doc`
             --> a.facts:1:23
              |
            1 | has_role(User{"ann"}, "raeder", Doc{"plan"});
              |                       ^^^^^^^^ no such fact is asked for
              |
              = help: did you mean `reader`?
              = help: the nearest form is `has_role(Actor, "reader", Doc)`

            error[P0806]: argument 3 of `may_vote` is of type `String`, and not `Integer`
             --> a.facts:2:36
              |
            2 | may_vote(User{"ann"}, Doc{"plan"}, "soon");
              |                                    ^^^^^^ no such fact is asked for
              |
              = help: the nearest form is `may_vote(User, Doc, Integer)`
        "#]],
    );
}

#[test]
fn lines_that_are_no_facts() {
    check(
        "a.jsonl",
        "[1]\n{\"predicate\":\"has_role\"}\nhas_role,User,ann\n",
        expect![[r#"
            error[P0901]: invalid type: sequence, expected a fact, `{"predicate":…,"args":[…]}`
             --> a.jsonl:1:1
              |
            1 | [1]
              | ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`

            error[P0901]: `args` is missing
             --> a.jsonl:2:24
              |
            2 | {"predicate":"has_role"}
              |                        ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`

            error[P0901]: this line is no JSON: expected value
             --> a.jsonl:3:1
              |
            3 | has_role,User,ann
              | ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
        "#]],
    );
    check(
        "a.jsonl",
        lines(r#"{"type":"User"},{"type":"String","id":7}"#),
        expect![[r#"
        error[P0901]: `id` is missing
         --> a.jsonl:1:47
          |
        1 | {"predicate":"has_role","args":[{"type":"User"},{"type":"String","id":7}]}
          |                                               ^
          |
          = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
    "#]],
    );
    check(
        "a.jsonl",
        lines(r#"{"type":"Integer","id":"x"},{"type":"Boolean","id":"yes"}"#),
        expect![[r#"
            error[P0803]: `x` is no Integer: write an integer of 64 bits
             --> a.jsonl:1:33
              |
            1 | {"predicate":"has_role","args":[{"type":"Integer","id":"x"},{"type":"Boolean","id":"yes"}]}
              |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^ not an argument

            error[P0803]: `yes` is no Boolean: write `true` or `false`
             --> a.jsonl:1:61
              |
            1 | {"predicate":"has_role","args":[{"type":"Integer","id":"x"},{"type":"Boolean","id":"yes"}]}
              |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not an argument
        "#]],
    );
    check(
        "a.jsonl",
        "{\"predicate\":\"has_role\",\n",
        expect![[r#"
        error[P0901]: the line ends in the middle of a fact
         --> a.jsonl:1:24
          |
        1 | {"predicate":"has_role",
          |                        ^
          |
          = help: write each fact on one line
    "#]],
    );
    check(
        "a.jsonl",
        "{\"predicate\":\"is_public\",\"args\":[]}\n",
        expect![[r#"
        error[P0801]: a fact has one to 8 arguments, and this one has 0
         --> a.jsonl:1:1
          |
        1 | {"predicate":"is_public","args":[]}
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not a fact
    "#]],
    );
    check(
        "a.jsonl",
        "{\"predicate\":\"is public\",\"args\":[{\"type\":\"a-b\",\"id\":\"x\"}]}\n",
        expect![[r#"
            error[P0803]: `is public` is no name of a predicate
             --> a.jsonl:1:14
              |
            1 | {"predicate":"is public","args":[{"type":"a-b","id":"x"}]}
              |              ^^^^^^^^^^^
              |
              = help: a name begins with a letter or `_` and goes on with letters, digits and `_`

            error[P0803]: `a-b` is no name of a type
             --> a.jsonl:1:34
              |
            1 | {"predicate":"is public","args":[{"type":"a-b","id":"x"}]}
              |                                  ^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: a name begins with a letter or `_` and goes on with letters, digits and `_`
        "#]],
    );
    check(
        "a.jsonl",
        "{\"predicate\":\"is_public\",\"args\":[{\"type\":\"Doc\",\"id\":\"a\\ud800\"}]}\n",
        expect![[r#"
            error[P0901]: this line is no JSON: unexpected end of hex escape
             --> a.jsonl:1:61
              |
            1 | {"predicate":"is_public","args":[{"type":"Doc","id":"a\ud800"}]}
              |                                                             ^
              |
              = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
        "#]],
    );
}

#[test]
fn rows_that_are_no_facts() {
    check(
        "a.csv",
        "predicate,type1,id1\nis_public,Doc\nis_public,Doc,a,b\nis_public,,a\nis_public,_: Doc,a\n",
        expect![[r#"
            error[P0901]: this row has 2 fields, and the header has 3
             --> a.csv:2:1
              |
            2 | is_public,Doc
              | ^^^^^^^^^^^^^

            error[P0901]: this row has 4 fields, and the header has 3
             --> a.csv:3:1
              |
            3 | is_public,Doc,a,b
              | ^^^^^^^^^^^^^^^^^

            error[P0901]: the type of this argument is missing
             --> a.csv:4:11
              |
            4 | is_public,,a
              |           ^

            error[P0901]: `_: Doc` stands for every id, and has none itself
             --> a.csv:5:18
              |
            5 | is_public,_: Doc,a
              |                  ^
        "#]],
    );
    check(
        "a.csv",
        "predicate,type1,id1\nis_public,Doc,5\" disk\nis_public,Doc,\"a\"b\nis_public,Doc,ok\n",
        expect![[r#"
            error[P0901]: a quote inside a field without quotes
             --> a.csv:2:16
              |
            2 | is_public,Doc,5" disk
              |                ^
              |
              = help: write `"` around the whole field, and a quote inside it twice: `"a ""b"" c"`

            error[P0901]: something follows the closing quote of this field
             --> a.csv:3:18
              |
            3 | is_public,Doc,"a"b
              |                  ^
              |
              = help: write a quote inside a quoted field twice: `"a ""b"" c"`
        "#]],
    );
    check(
        "may_vote.csv",
        "User,Doc,until: Integer\nann,plan,soon\n",
        expect![[r#"
        error[P0803]: `soon` is no Integer: write an integer of 64 bits
         --> may_vote.csv:2:10
          |
        2 | ann,plan,soon
          |          ^^^^ not an argument
    "#]],
    );
}

#[test]
fn headers() {
    check(
        "a.csv",
        "predicate,type1,id1,id2\n",
        expect![[r#"
        error[P0901]: expected the column `type2`, found `id2`
         --> a.csv:1:21
          |
        1 | predicate,type1,id1,id2
          |                     ^^^
          |
          = help: the header of a table of all predicates is `predicate,type1,id1,type2,id2,…`
    "#]],
    );
    check(
        "a.csv",
        "predicate,type1\n",
        expect![[r#"
        error[P0901]: a type without its id ends the header
         --> a.csv:1:1
          |
        1 | predicate,type1
          | ^^^^^^^^^^^^^^^
          |
          = help: the header of a table of all predicates is `predicate,type1,id1,type2,id2,…`
    "#]],
    );
    check(
        "a.csv",
        "predicate;type1;id1\nis_public;Doc;a\n",
        expect![[r#"
            error[P0901]: `predicate;type1;id1` is no name of a type
             --> a.csv:1:1
              |
            1 | predicate;type1;id1
              | ^^^^^^^^^^^^^^^^^^^
              |
              = help: the first line is `predicate,type1,id1,…`, or has the types of one predicate's arguments, such as `User,role: String,Repo`
              = help: separate the fields by commas
        "#]],
    );
    check(
        "a.csv",
        "has_role,User,ann\nis public,1,2\n",
        expect![[r#"
            error[P0804]: no rule asks for a fact `a`, so that stating it changes nothing
             --> a.csv:1:1
              |
            1 | has_role,User,ann
              | ^^^^^^^^^^^^^^^^^ not known
              |
              = help: if there are such facts all the same: `declare a(…);`
              = help: the first line is `predicate,type1,id1,…`, or has the types of one predicate's arguments, such as `User,role: String,Repo`
        "#]],
    );
    check(
        "7.csv",
        "Doc\nplan\n",
        expect![[r#"
        error[P0901]: neither the header nor the file's name tells the predicate
         --> 7.csv:1:1
          |
        1 | Doc
          | ^^^
          |
          = help: name the file after it, `has_role.csv`, or begin with `predicate,type1,id1,…`
    "#]],
    );
}

#[test]
fn truncated_files() {
    check(
        "a.jsonl",
        r#"{"predicate":"is_public","args":[{"type":"Doc","#,
        expect![[r#"
        error[P0902]: the file ends in the middle of a fact
         --> a.jsonl:1:47
          |
        1 | {"predicate":"is_public","args":[{"type":"Doc",
          |                                               ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
    "#]],
    );
    check(
        "a.csv",
        "predicate,type1,id1\nis_public,Doc,plan\nis_public,Doc,pl",
        expect![[r#"
        error[P0902]: the last row does not end its line
         --> a.csv:3:17
          |
        3 | is_public,Doc,pl
          |                 ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
    "#]],
    );
    check(
        "a.csv",
        "predicate,type1,id1\nis_public,Doc,\"plan\nis_public,Doc,memo\n",
        expect![[r#"
        error[P0902]: the file ends inside this quoted field
         --> a.csv:2:15
          |
        2 |   is_public,Doc,"plan
          |  _______________^
        3 | | is_public,Doc,memo
          | |__________________^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
    "#]],
    );
    check(
        "a.facts",
        "is_public(Doc{\"plan\"});\nis_public(Doc{\"me",
        expect![[r#"
            error[P0902]: the file ends in the middle of a fact
             --> a.facts:2:15
              |
            2 | is_public(Doc{"me
              |               ^^^
              |
              = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
              = help: end it with `;`
        "#]],
    );
    check(
        "a.facts",
        "is_public(Doc{\"plan\"});\nis_public(Doc{\"memo\"})",
        expect![[r#"
            error[P0902]: the file ends in the middle of a fact
             --> a.facts:2:23
              |
            2 | is_public(Doc{"memo"})
              |                       ^
              |
              = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
              = help: end it with `;`
        "#]],
    );
    check(
        "a.csv",
        "",
        expect![[r#"
        error[P0902]: the file is empty: a table has at least its header
         --> a.csv:1:1
          |
        1 |
          | ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
    "#]],
    );
}

#[test]
fn bytes_that_are_no_text() {
    check(
        "a.jsonl",
        b"\n{\"predicate\":\"is_public\",\"args\":[{\"type\":\"Doc\",\"id\":\"caf\xe9\"}]}\n",
        expect![[r#"
            error[P0903]: the byte 0xe9 at offset 57 is no UTF-8 text
             --> a.jsonl:2:57
              |
            2 | {"predicate":"is_public","args":[{"type":"Doc","id":"caf�"}]}
              |                                                         ^ not text
              |
              = help: save the file as UTF-8
        "#]],
    );
    check(
        "a.csv",
        b"predicate,type1,id1\nis_public,Doc,caf\xe9\nis_public,Doc,\xff\n",
        expect![[r#"
        error[P0903]: the byte 0xe9 at offset 37 is no UTF-8 text
         --> a.csv:2:18
          |
        2 | is_public,Doc,caf�
          |                  ^ not text
          |
          = help: save the file as UTF-8

        error[P0903]: the byte 0xff at offset 53 is no UTF-8 text
         --> a.csv:3:15
          |
        3 | is_public,Doc,�
          |               ^ not text
          |
          = help: save the file as UTF-8
    "#]],
    );
    check(
        "a.facts",
        b"is_public(Doc{\"caf\xe9\"});\n",
        expect![[r#"
        error[P0903]: the byte 0xe9 at offset 18 is no UTF-8 text
         --> a.facts:1:19
          |
        1 | is_public(Doc{"caf�"});
          |                   ^ not text
          |
          = help: save the file as UTF-8
    "#]],
    );
    check(
        "a.csv",
        b"\xff\xfep\0r\0",
        expect![[r#"
            error[P0903]: the byte 0xff at offset 0 is no UTF-8 text
             --> a.csv:1:1
              |
            1 | ��p␀r␀
              | ^ not text
              |
              = help: save the file as UTF-8
        "#]],
    );
}

#[test]
fn the_notation_has_its_own_diagnostics_at_their_lines() {
    let many = "is_public(Doc{\"plan\"});\n".repeat(2000);
    check(
        "a.facts",
        format!("{many}is_public(Doc{{\"plan\"}}\n{many}is_public(1.5);\n"),
        expect![[r#"
        error[P0106]: found `is_public`, expected `,` or `)`
            --> a.facts:2002:1
             |
        2002 | is_public(Doc{"plan"});
             | ^^^^^^^^^

        error[P0803]: `1.5` is no argument of a fact
            --> a.facts:4002:11
             |
        4002 | is_public(1.5);
             |           ^^^ not an argument
             |
             = help: facts are about entities, `User{"ann"}`, strings, integers, booleans, and `_: User` for any of a type
    "#]],
    );
}

const DELETE: &str = r#"{"delete":{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}}"#;
const FACT: &str = r#"{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}"#;

#[test]
fn deletions_and_facts_of_one_file() {
    check(
        "a.jsonl",
        format!("{DELETE}\n\n{FACT}\n"),
        expect![[r#"
        error[P0905]: line 1 of this file deletes the same fact
         --> a.jsonl:3:1
          |
        3 | {"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: a file is one batch, in which a fact either comes or goes: remove one of the two lines
    "#]],
    );
    check(
        "a.jsonl",
        format!("{FACT}\n{DELETE}\n"),
        expect![[r#"
        error[P0901]: this deletion comes after a fact
         --> a.jsonl:2:1
          |
        2 | {"delete":{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}}
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: in a file, deletions stand before all facts
    "#]],
    );
}

#[test]
fn deletions_that_are_not_understood() {
    check(
        "a.jsonl",
        DELETE.replace("is_public", "is_publik"),
        expect![[r#"
        error[P0804]: no rule asks for a fact `is_publik`, so that stating it changes nothing
         --> a.jsonl:1:24
          |
        1 | {"delete":{"predicate":"is_publik","args":[{"type":"Doc","id":"plan"}]}}
          |                        ^^^^^^^^^^^ not known
          |
          = help: did you mean `is_public`?
    "#]],
    );
    check(
        "a.jsonl",
        DELETE.replace("Doc", "Dok"),
        expect![[r#"
        error[P0806]: the policy names no type `Dok`
         --> a.jsonl:1:44
          |
        1 | {"delete":{"predicate":"is_public","args":[{"type":"Dok","id":"plan"}]}}
          |                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^ no such fact is asked for
          |
          = help: did you mean `Doc`?
    "#]],
    );
    check(
        "a.jsonl",
        r#"{"delete":[],"predicate":"is_public"}"#,
        expect![[r#"
        error[P0901]: invalid type: sequence, expected a fact, `{"predicate":…,"args":[…]}`
         --> a.jsonl:1:10
          |
        1 | {"delete":[],"predicate":"is_public"}
          |          ^
          |
          = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
    "#]],
    );
    check(
        "a.jsonl",
        DELETE.replace("}}", "},\"insert\":1}"),
        expect![[r#"
        error[P0901]: `delete` stands alone in its object
         --> a.jsonl:1:80
          |
        1 | {"delete":{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]},"insert":1}
          |                                                                                ^
          |
          = help: a line is a fact such as `{"predicate":"is_public","args":[{"type":"Doc","id":"plan"}]}`
    "#]],
    );
}
