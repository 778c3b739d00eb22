//! `arctos facts check`, `arctos facts convert`.

use expect_test::{Expect, expect};

use crate::run::{arctos, fixtures};

fn check(line: &str, expected: Expect) {
    let words: Vec<&str> = line.split(' ').collect();
    arctos(&words).folder(fixtures().join("facts")).check(expected);
}

#[test]
fn what_is_there() {
    check(
        "facts check roles.polar my.facts more.jsonl is_public.csv",
        expect![[r#"
        has_role/3        3
        in_group/2        2
        is_public/1       3
        is_suspended/1    1
        reviewer_until/3  1
        no problems: 10 facts in 3 files
        --- exit 0
    "#]],
    );
    check(
        "facts check roles.polar my.facts my.facts",
        expect![[r#"
            has_role/3      4
            in_group/2      4
            is_suspended/1  2
            no problems: 10 facts in 2 files, 5 of them repeated
            --- exit 0
        "#]],
    );
    check(
        "facts check --json roles.polar my.facts",
        expect![[r#"
            {"version":1,"facts":5,"repeated":0,"deleted":0,"absent":0,"predicates":[{"predicate":"has_role","arguments":3,"facts":2},{"predicate":"in_group","arguments":2,"facts":2},{"predicate":"is_suspended","arguments":1,"facts":1}]}
            --- exit 0
        "#]],
    );
    check(
        "facts check roles.polar empty.jsonl",
        expect![[r#"
        no problems: 0 facts in 1 file
        --- exit 0
    "#]],
    );
}

#[test]
fn what_is_wrong() {
    check(
        "facts check roles.polar wrong.facts truncated.csv latin.jsonl empty.csv",
        expect![[r#"
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

        error[P0902]: the last row does not end its line
         --> truncated.csv:3:17
          |
        3 | is_public,Doc,pl
          |                 ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says

        error[P0903]: the byte 0xe9 at offset 56 is no UTF-8 text
         --> latin.jsonl:1:57
          |
        1 | {"predicate":"is_public","args":[{"type":"Doc","id":"caf�"}]}
          |                                                         ^ not text
          |
          = help: save the file as UTF-8

        error[P0902]: the file is empty: a table has at least its header
         --> empty.csv:1:1
          |
        1 |
          | ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says

        5 errors in 4 files
        --- exit 1
    "#]],
    );
    check(
        "facts check --json roles.polar wrong.facts",
        expect![[r#"
        {"code":"P0806","end":{"column":31,"line":1,"offset":30},"file":"wrong.facts","fix":null,"help":["did you mean `reader`?","the nearest form is `has_role(Actor, \"reader\" | \"writer\", Doc)`"],"label":"no such fact is asked for","labels":[],"message":"`raeder` is not a role of `Doc`","name":"fact-form","severity":"error","start":{"column":23,"line":1,"offset":22}}
        {"code":"P0804","end":{"column":10,"line":3,"offset":79},"file":"wrong.facts","fix":{"end":{"column":10,"line":3,"offset":79},"file":"wrong.facts","replacement":"is_public","start":{"column":1,"line":3,"offset":70}},"help":["did you mean `is_public`?"],"label":"not known","labels":[],"message":"no rule asks for a fact `is_publik`, so that stating it changes nothing","name":"unknown-fact","severity":"error","start":{"column":1,"line":3,"offset":70}}
        --- exit 1
    "#]],
    );
}

#[test]
fn files_that_cannot_be_read() {
    check(
        "facts check roles.polar gone.facts",
        expect![[r#"
        --- stderr
        error: cannot read `gone.facts`: there is no such file
        --- exit 2
    "#]],
    );
    check(
        "facts check --facts-format csv roles.polar ../facts",
        expect![[r#"
        --- stderr
        error: cannot read `../facts`: it is a folder
        --- exit 2
    "#]],
    );
    check(
        "facts check roles.polar ../facts",
        expect![[r#"
        --- stderr
        error: nothing tells the format of `../facts`: name it *.jsonl, *.csv or *.facts, or use `--facts-format`
        --- exit 2
    "#]],
    );
    check(
        "facts check gone.polar my.facts",
        expect![[r#"
        --- stderr
        error: cannot read `gone.polar`: there is no such file
        --- exit 2
    "#]],
    );
    check(
        "facts check ../eight_mistakes.polar my.facts",
        expect![[r#"
        --- stderr
        error[P0403]: permission `read` is declared twice in one list of `Repository`
          --> ../eight_mistakes.polar:11:34
           |
        11 |   permissions = ["read", "push", "read"];
           |                  ------          ^^^^^^ declared again
           |                  |
           |                  first declared here
           |
           = help: remove one of the two

        warning[P0301]: `Organisation` has no block, and reads like `Organization`
          --> ../eight_mistakes.polar:13:25
           |
        13 |   relations = { parent: Organisation };
           |                         ^^^^^^^^^^^^ a type of its own
           |
           = help: did you mean `Organization`?
           = help: if it is a type of its own, say so with a block: `resource Organisation {}`

        error[P0406]: `Repository` declares no role, permission or relation `raeder`
          --> ../eight_mistakes.polar:15:13
           |
        15 |   "read" if "raeder";
           |             ^^^^^^^^ not declared
           |
           = help: did you mean `reader`?
           = help: declare `raeder` in a block of `Repository`, in `roles`, `permissions` or `relations`

        error[P0106]: missing `;` at the end of this shorthand rule
          --> ../eight_mistakes.polar:16:21
           |
        16 |   "read" if "reader"
           |                     ^
           |
           = help: add `;` here

        error[P0201]: variable `usr` occurs only once in this rule
          --> ../eight_mistakes.polar:24:35
           |
        24 |   user in organization.owners and usr.active;
           |                                   ^^^ unused, or misspelt
           |
           = help: did you mean `user`?
           = help: write `_usr` or `_` if any value will do

        error[P0101]: `10000000000000000000` does not fit a 64-bit integer
          --> ../eight_mistakes.polar:28:27
           |
        28 | small(number) if number < 10000000000000000000;
           |                           ^^^^^^^^^^^^^^^^^^^^
           |
           = help: integers go from -9223372036854775808 to 9223372036854775807; write a float such as `1e20` for larger ones

        error[P0109]: the key `public` stands twice
          --> ../eight_mistakes.polar:30:59
           |
        30 | visible(repository) if repository matches { public: true, public: "yes" };
           |                                             ------        ^^^^^^
           |                                             |
           |                                             first here
           |
           = help: remove one of the two
        --- exit 2
    "#]],
    );
    check(
        "facts check roles.polar",
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <FILE>...

        Usage: arctos facts check <POLICY> <FILE>...

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn convert() {
    check(
        "facts convert --to csv my.facts more.jsonl",
        expect![[r#"
            predicate,type1,id1,type2,id2,type3,id3
            has_role,Group,web,String,writer,Doc,site
            has_role,User,ann,String,writer,Doc,plan
            has_role,_: User,,String,reader,Doc,help
            in_group,User,dan,Group,web,,
            in_group,User,eve,Group,web,,
            is_suspended,User,eve,,,,
            reviewer_until,User,ann,Doc,plan,Integer,1000
            --- exit 0
        "#]],
    );
    check(
        "facts convert --to jsonl my.facts",
        expect![[r#"
            {"predicate":"has_role","args":[{"type":"User","id":"ann"},{"type":"String","id":"writer"},{"type":"Doc","id":"plan"}]}
            {"predicate":"has_role","args":[{"type":"User","id":null},{"type":"String","id":"reader"},{"type":"Doc","id":"help"}]}
            {"predicate":"in_group","args":[{"type":"User","id":"dan"},{"type":"Group","id":"web"}]}
            {"predicate":"in_group","args":[{"type":"User","id":"eve"},{"type":"Group","id":"web"}]}
            {"predicate":"is_suspended","args":[{"type":"User","id":"eve"}]}
            --- exit 0
        "#]],
    );
    check(
        "facts convert --to facts is_public.csv more.jsonl is_public.csv",
        expect![[r#"
            has_role(Group{"web"}, "writer", Doc{"site"});
            is_public(Doc{"news"});
            is_public(Doc{"site"});
            is_public(Doc{"two, words"});
            reviewer_until(User{"ann"}, Doc{"plan"}, 1000);
            --- exit 0
        "#]],
    );
    check(
        "facts convert --to facts truncated.csv",
        expect![[r#"
        --- stderr
        error[P0902]: the last row does not end its line
         --> truncated.csv:3:17
          |
        3 | is_public,Doc,pl
          |                 ^
          |
          = help: get the whole file: nothing of it has been applied, for what is missing may change what it says
        --- exit 2
    "#]],
    );
    arctos(&["facts", "convert", "--to", "facts", "--facts-format", "csv", "-"])
        .stdin("predicate,type1,id1\nis_public,Doc,plan\n")
        .check(expect![[r#"
            is_public(Doc{"plan"});
            --- exit 0
        "#]]);
}
