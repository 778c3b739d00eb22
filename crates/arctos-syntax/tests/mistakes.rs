//! What people are told about their mistakes: one diagnostic per mistake, at the place of the mistake, with its likely cause.

use arctos_syntax::{Sources, parse, render};
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    let mut sources = Sources::default();
    let id = sources.add(Some("policy.polar"), text);
    let parsed = parse(id, text);
    expected.assert_eq(&render::human(&parsed.diagnostics, &sources, false));
}

#[test]
fn numbers() {
    check(
        "f(9223372036854775808, -9223372036854775808, 99999999999999999999);",
        expect![[r#"
        error[P0101]: `9223372036854775808` does not fit a 64-bit integer
         --> policy.polar:1:3
          |
        1 | f(9223372036854775808, -9223372036854775808, 99999999999999999999);
          |   ^^^^^^^^^^^^^^^^^^^
          |
          = help: integers go from -9223372036854775808 to 9223372036854775807; write a float such as `1e20` for larger ones

        error[P0101]: `99999999999999999999` does not fit a 64-bit integer
         --> policy.polar:1:46
          |
        1 | f(9223372036854775808, -9223372036854775808, 99999999999999999999);
          |                                              ^^^^^^^^^^^^^^^^^^^^
          |
          = help: integers go from -9223372036854775808 to 9223372036854775807; write a float such as `1e20` for larger ones
    "#]],
    );
    check(
        "f(1e, 2.5e+, 1.ee1);",
        expect![[r#"
        error[P0104]: `1e` is not a number
         --> policy.polar:1:3
          |
        1 | f(1e, 2.5e+, 1.ee1);
          |   ^^
          |
          = help: a float is written like `1.5`, `1e6` or `2.5e-3`

        error[P0104]: `2.5e+` is not a number
         --> policy.polar:1:7
          |
        1 | f(1e, 2.5e+, 1.ee1);
          |       ^^^^^
          |
          = help: a float is written like `1.5`, `1e6` or `2.5e-3`

        error[P0104]: `1.ee1` is not a number
         --> policy.polar:1:14
          |
        1 | f(1e, 2.5e+, 1.ee1);
          |              ^^^^^
          |
          = help: a float is written like `1.5`, `1e6` or `2.5e-3`
    "#]],
    );
    check(
        "f(x) if x = .5;",
        expect![[r#"
            error[P0106]: found `.`, expected an expression
             --> policy.polar:1:13
              |
            1 | f(x) if x = .5;
              |             ^
              |
              = help: a float begins with a digit: `0.5`
        "#]],
    );
    check(
        "f(x) if x = 1.foo;",
        expect![[r#"
        error[P0106]: found `foo`, expected `;`
         --> policy.polar:1:15
          |
        1 | f(x) if x = 1.foo;
          |               ^^^
          |
          = help: a number has no fields
    "#]],
    );
    check(
        "f(x, y) if x = -y;",
        expect![[r#"
        error[P0106]: found `y`, expected a number after this sign
         --> policy.polar:1:17
          |
        1 | f(x, y) if x = -y;
          |                 ^
          |
          = help: only numbers have a sign; write `0 - x` to negate a variable
    "#]],
    );
}

#[test]
fn strings() {
    check(
        "f(\"abc) if g(x);\nh(1);",
        expect![[r#"
        error[P0103]: this string does not end on its line
         --> policy.polar:1:3
          |
        1 | f("abc) if g(x);
          |   ^^^^^^^^^^^^^^ starts here
          |
          = help: end it with `"`; write a line break inside a string as `\n`
    "#]],
    );
    check(
        "f(\"abc",
        expect![[r#"
        error[P0103]: this string has no closing quote
         --> policy.polar:1:3
          |
        1 | f("abc
          |   ^^^^ starts here
          |
          = help: end it with `"`; write a line break inside a string as `\n`
    "#]],
    );
    check(
        "f(\"abc\\",
        expect![[r#"
        error[P0103]: this string has no closing quote
         --> policy.polar:1:3
          |
        1 | f("abc\
          |   ^^^^^ starts here
          |
          = help: end it with `"`; write a line break inside a string as `\n`
    "#]],
    );
    check(
        "f(x) if x = 'single';\ng(x) if x = \"ok\";",
        expect![[r#"
        error[P0102]: strings are not quoted with `'`
         --> policy.polar:1:13
          |
        1 | f(x) if x = 'single';
          |             ^^^^^^^^
          |
          = help: use double quotes: `"single"`
    "#]],
    );
    check(
        "f(“x”);",
        expect![[r#"
            error[P0102]: strings are not quoted with `“`
             --> policy.polar:1:3
              |
            1 | f(“x”);
              |   ^^^
              |
              = help: use double quotes: `"x"`
        "#]],
    );
}

#[test]
fn characters() {
    check(
        "\u{feff}f(x);",
        expect![[r#"
        error[P0102]: the text has a byte order mark
         --> policy.polar:1:1
          |
        1 | ﻿f(x);
          | ^
          |
          = help: save the file as UTF-8 without a byte order mark
    "#]],
    );
    check(
        "f(x) if x && y;",
        expect![[r#"
        error[P0102]: `&&` is not an operator
         --> policy.polar:1:11
          |
        1 | f(x) if x && y;
          |           ^^
          |
          = help: write `and`
    "#]],
    );
    check(
        "f(x) if x || y or z;",
        expect![[r#"
        error[P0106]: `||` is not an operator
         --> policy.polar:1:11
          |
        1 | f(x) if x || y or z;
          |           ^^
          |
          = help: write `or`
    "#]],
    );
    check(
        "f(x) if x = 7 % 2;",
        expect![[r#"
        error[P0102]: `%` is not a valid character here
         --> policy.polar:1:15
          |
        1 | f(x) if x = 7 % 2;
          |               ^
          |
          = help: the remainder of a division is written `a mod b` or `a rem b`
    "#]],
    );
    check(
        "f(x) if ~x;",
        expect![[r#"
        error[P0102]: `~` is not a valid character here
         --> policy.polar:1:9
          |
        1 | f(x) if ~x;
          |         ^
          |
          = help: Polar has no such operator
    "#]],
    );
    check(
        "f(x:: Foo);",
        expect![[r#"
            error[P0102]: `::` stands before no name
             --> policy.polar:1:4
              |
            1 | f(x:: Foo);
              |    ^^
              |
              = help: write one `:` before a type, or a name after `::`
        "#]],
    );
    check(
        "f(x) if @now > 1;",
        expect![[r#"
        error[P0102]: there is no request value `@now`
         --> policy.polar:1:9
          |
        1 | f(x) if @now > 1;
          |         ^^^^
          |
          = help: values of the request are `@current_unix_time`, `@context` and `@action`
    "#]],
    );
    check(
        "f(x) if @ > 1;",
        expect![[r#"
        error[P0102]: `@` stands before no name
         --> policy.polar:1:9
          |
        1 | f(x) if @ > 1;
          |         ^
          |
          = help: values of the request are `@current_unix_time`, `@context` and `@action`
    "#]],
    );
    check(
        "f(x) if @current_unixtime > 1;",
        expect![[r#"
        error[P0102]: there is no request value `@current_unixtime`
         --> policy.polar:1:9
          |
        1 | f(x) if @current_unixtime > 1;
          |         ^^^^^^^^^^^^^^^^^
          |
          = help: did you mean `@current_unix_time`?
    "#]],
    );
    check(
        "f(\u{a0}x);",
        expect![[r#"
            error[P0102]: the character U+00A0 cannot stand here
             --> policy.polar:1:3
              |
            1 | f( x);
              |   ^
              |
              = help: use a plain space
        "#]],
    );
}

#[test]
fn operators_of_other_languages() {
    check(
        "f(x) if !x;",
        expect![[r#"
        error[P0106]: found `!`, expected an expression
         --> policy.polar:1:9
          |
        1 | f(x) if !x;
          |         ^
          |
          = help: negation is written `not`
    "#]],
    );
    check(
        "f(x) if x => 1;",
        expect![[r#"
        error[P0106]: found `>`, expected an expression
         --> policy.polar:1:12
          |
        1 | f(x) if x => 1;
          |            ^
          |
          = help: `=>` is not an operator; greater or equal is written `>=`
    "#]],
    );
    check(
        "f(x) if x | y;",
        expect![[r#"
        error[P0106]: found `|`, expected `;`
         --> policy.polar:1:11
          |
        1 | f(x) if x | y;
          |           ^
          |
          = help: alternatives are joined with `or`
    "#]],
    );
    check(
        "f(x) if x = 2 ** 3;",
        expect![[r#"
        error[P0106]: found `*`, expected an expression
         --> policy.polar:1:16
          |
        1 | f(x) if x = 2 ** 3;
          |                ^
          |
          = help: there is no power operator
    "#]],
    );
    check(
        "f(x) if x isa Integer;",
        expect![[r#"
        error[P0106]: found `isa`, expected `;`
         --> policy.polar:1:11
          |
        1 | f(x) if x isa Integer;
          |           ^^^
          |
          = help: write `matches` to ask for a type
    "#]],
    );
    check(
        "f(x) if x AND y;",
        expect![[r#"
        error[P0106]: found `AND`, expected `;`
         --> policy.polar:1:11
          |
        1 | f(x) if x AND y;
          |           ^^^
          |
          = help: did you mean `and`?
    "#]],
    );
    check(
        "f(x) if x adn y;",
        expect![[r#"
        error[P0106]: found `adn`, expected `;`
         --> policy.polar:1:11
          |
        1 | f(x) if x adn y;
          |           ^^^
          |
          = help: did you mean `and`?
    "#]],
    );
    check(
        "f(x) if not not x;",
        expect![[r#"
        error[P0106]: found `not`, expected an expression
         --> policy.polar:1:13
          |
        1 | f(x) if not not x;
          |             ^^^
          |
          = help: put a negation in parentheses: `(not …)`
    "#]],
    );
    check(
        "f(x) if x: Integer;",
        expect![[r#"
        error[P0106]: found `:`, expected `;`
         --> policy.polar:1:10
          |
        1 | f(x) if x: Integer;
          |          ^
          |
          = help: in a body a type is asked for with `matches`
    "#]],
    );
    check(
        "// comment\nf(x);",
        expect![[r#"
        error[P0106]: found `/`, expected a rule or a block
         --> policy.polar:1:1
          |
        1 | // comment
          | ^
          |
          = help: comments start with `#`
    "#]],
    );
    check(
        "f(x) if x if y;",
        expect![[r#"
        error[P0106]: found `if`, expected `;`
         --> policy.polar:1:11
          |
        1 | f(x) if x if y;
          |           ^^
          |
          = help: alternatives are joined with `or`, conditions with `and`
    "#]],
    );
}

#[test]
fn conditions_and_values() {
    check(
        "f(x) if x = y = 1;",
        expect![[r#"
            error[P0108]: a value is needed here, this is a condition
             --> policy.polar:1:9
              |
            1 | f(x) if x = y = 1;
              |         ^^^^^
              |
              = help: `=` yields no value: join two with `and`, and write keyword arguments as `name: value`
        "#]],
    );
    check(
        "f(x) if 1 < x < 3;",
        expect![[r#"
            error[P0108]: a value is needed here, this is a condition
             --> policy.polar:1:9
              |
            1 | f(x) if 1 < x < 3;
              |         ^^^^^
              |
              = help: comparisons do not chain; join them with `and`
        "#]],
    );
    check(
        "f(x) if g(h(x));",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:11
          |
        1 | f(x) if g(h(x));
          |           ^^^^
          |
          = help: a rule call yields no value; give the rule one more parameter for its result, and pass a variable
    "#]],
    );
    check(
        "f(x) if 1 and x;",
        expect![[r#"
        error[P0108]: a condition is needed here, this is a value
         --> policy.polar:1:9
          |
        1 | f(x) if 1 and x;
          |         ^
          |
          = help: compare it with something, or call a rule about it
    "#]],
    );
    check(
        "f(x) if 1 + 1 in [2];",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:13
          |
        1 | f(x) if 1 + 1 in [2];
          |             ^^^^^^^^
          |
          = help: `in` binds tighter than arithmetic and comparison; put it in an `and` of its own
    "#]],
    );
    check(
        "f(x) if x = cut;",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:13
          |
        1 | f(x) if x = cut;
          |             ^^^
          |
          = help: put it in an `and` of its own
    "#]],
    );
    check(
        "f(x) if x = (not y);",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:14
          |
        1 | f(x) if x = (not y);
          |              ^^^^^
          |
          = help: put it in an `and` of its own
    "#]],
    );
    check(
        "f(x in [1]);",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:3
          |
        1 | f(x in [1]);
          |   ^^^^^^^^
          |
          = help: `in` binds tighter than arithmetic and comparison; put it in an `and` of its own
    "#]],
    );
    check(
        "f(x) if g(x).foo = 1;",
        expect![[r#"
        error[P0108]: a value is needed here, this is a condition
         --> policy.polar:1:9
          |
        1 | f(x) if g(x).foo = 1;
          |         ^^^^
          |
          = help: a rule call yields no value; give the rule one more parameter for its result, and pass a variable
    "#]],
    );
}

#[test]
fn ends_of_rules() {
    check(
        "f(x) if g(x)",
        expect![[r#"
        error[P0105]: missing `;` at the end of this rule
         --> policy.polar:1:13
          |
        1 | f(x) if g(x)
          |             ^
          |
          = help: add `;` here
    "#]],
    );
    check(
        "f(x) if g(x)\ng(x) if f(x)\nh(x);",
        expect![[r#"
        error[P0106]: missing `;` at the end of this rule
         --> policy.polar:1:13
          |
        1 | f(x) if g(x)
          |             ^
          |
          = help: add `;` here

        error[P0106]: missing `;` at the end of this rule
         --> policy.polar:2:13
          |
        2 | g(x) if f(x)
          |             ^
          |
          = help: add `;` here
    "#]],
    );
    check(
        "f(x) if\n  g(x)\n  h(x);\ni(1);",
        expect![[r#"
        error[P0106]: missing `and` or `;` before the next line
         --> policy.polar:2:7
          |
        2 |   g(x)
          |       ^
        3 |   h(x);
          |   - this follows
          |
          = help: join conditions with `and`; end the rule with `;`
    "#]],
    );
    check(
        "f(x) if",
        expect![[r#"
        error[P0105]: the text ends where an expression was expected
         --> policy.polar:1:8
          |
        1 | f(x) if
          |        ^
    "#]],
    );
    check(
        "f(x",
        expect![[r#"
        error[P0105]: the text ends where `,` or `)` was expected
         --> policy.polar:1:4
          |
        1 | f(x
          |  - ^
          |  |
          |  to close this
    "#]],
    );
    check(
        "f(x) if (g(x);\nh(1);",
        expect![[r#"
        error[P0106]: found `;`, expected `)`
         --> policy.polar:1:14
          |
        1 | f(x) if (g(x);
          |         -    ^
          |         |
          |         to close this
    "#]],
    );
    check(
        "f(x) if g(x));\nh(1);",
        expect![[r#"
        error[P0106]: found `)`, expected `;`
         --> policy.polar:1:13
          |
        1 | f(x) if g(x));
          |             ^
    "#]],
    );
    check(
        "f(x) if g(x;",
        expect![[r#"
        error[P0106]: found `;`, expected `,` or `)`
         --> policy.polar:1:12
          |
        1 | f(x) if g(x;
          |          - ^
          |          |
          |          to close this
    "#]],
    );
    check(
        "f(x) if g(x); and h(x);",
        expect![[r#"
        error[P0106]: a statement cannot begin with this
         --> policy.polar:1:15
          |
        1 | f(x) if g(x); and h(x);
          |             - ^^^
          |             |
          |             the rule ended here
          |
          = help: the `;` before it ended the rule; remove that `;`
    "#]],
    );
    check(
        "f(x) if;",
        expect![[r#"
        error[P0106]: found `;`, expected a condition after `if`
         --> policy.polar:1:8
          |
        1 | f(x) if;
          |      --^
          |      |
          |      after this
          |
          = help: a rule that always holds has no `if`
    "#]],
    );
    check(
        "f(x);;",
        expect![[r#"
        error[P0106]: this `;` ends nothing
         --> policy.polar:1:6
          |
        1 | f(x);;
          |      ^
          |
          = help: remove it
    "#]],
    );
    check(
        ")(;",
        expect![[r#"
        error[P0106]: found `)`, expected a rule or a block
         --> policy.polar:1:1
          |
        1 | )(;
          | ^
    "#]],
    );
}

#[test]
fn heads() {
    check(
        "f(x) := g(x);",
        expect![[r#"
        error[P0106]: found `:=`, expected `if` or `;` after the head of this rule
         --> policy.polar:1:6
          |
        1 | f(x) := g(x);
          |      ^^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) :- g(x);",
        expect![[r#"
        error[P0106]: found `:-`, expected `if` or `;` after the head of this rule
         --> policy.polar:1:6
          |
        1 | f(x) :- g(x);
          |      ^^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) = g(x);",
        expect![[r#"
        error[P0106]: found `=`, expected `if` or `;` after the head of this rule
         --> policy.polar:1:6
          |
        1 | f(x) = g(x);
          |      ^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) => g(x);",
        expect![[r#"
        error[P0106]: found `=>`, expected `if` or `;` after the head of this rule
         --> policy.polar:1:6
          |
        1 | f(x) => g(x);
          |      ^^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) g(x);",
        expect![[r#"
        error[P0106]: missing `if` between the head of this rule and its condition
         --> policy.polar:1:5
          |
        1 | f(x) g(x);
          |     ^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) iff g(x);",
        expect![[r#"
        error[P0106]: found `iff`, expected `if` or `;` after the head of this rule
         --> policy.polar:1:6
          |
        1 | f(x) iff g(x);
          |      ^^^
          |
          = help: a rule is written `head if condition;`
    "#]],
    );
    check(
        "f(x) { g(x); }",
        expect![[r#"
            error[P0106]: found `{`, expected `if` or `;` after the head of this rule
             --> policy.polar:1:6
              |
            1 | f(x) { g(x); }
              |      ^
              |
              = help: a body stands after `if`, without braces: `head if condition;`
        "#]],
    );
    check(
        "f(x,) if x;",
        expect![[r#"
        error[P0106]: no comma may stand before this `)`
         --> policy.polar:1:4
          |
        1 | f(x,) if x;
          |    ^
          |
          = help: remove it; only lists and dictionaries may end in a comma
    "#]],
    );
    check(
        "f(\"a\": String);",
        expect![[r#"
        error[P0106]: found `:` after something other than a variable
         --> policy.polar:1:6
          |
        1 | f("a": String);
          |   ---^
          |   |
          |   only a variable can have a type
          |
          = help: write the value alone, or a variable with its type
    "#]],
    );
    check(
        "f(x: );",
        expect![[r#"
        error[P0106]: found `)`, expected a type or another pattern
         --> policy.polar:1:6
          |
        1 | f(x: );
          |      ^
    "#]],
    );
    check(
        "f(x y);",
        expect![[r#"
        error[P0106]: found `y`, expected `,` or `)`
         --> policy.polar:1:5
          |
        1 | f(x y);
          |     ^
    "#]],
    );
    check(
        "f if x;",
        expect![[r#"
            error[P0106]: found `if`, expected `(` and parameters after this name
             --> policy.polar:1:3
              |
            1 | f if x;
              |   ^^
        "#]],
    );
    check(
        "F;",
        expect![[r#"
        error[P0106]: found `;`, expected `(` and parameters after this name
         --> policy.polar:1:2
          |
        1 | F;
          |  ^
    "#]],
    );
    check(
        "f(x = 1) if x;",
        expect![[r#"
        error[P0106]: found `=`, expected `,` or `)`
         --> policy.polar:1:5
          |
        1 | f(x = 1) if x;
          |     ^
    "#]],
    );
    check(
        "cut(x);",
        expect![[r#"
        error[P0107]: `cut` is a reserved word and cannot name a rule
         --> policy.polar:1:1
          |
        1 | cut(x);
          | ^^^
          |
          = help: choose another name
    "#]],
    );
    check(
        "forall(x) if x;",
        expect![[r#"
        error[P0106]: `forall` is a reserved word and cannot name a rule
         --> policy.polar:1:1
          |
        1 | forall(x) if x;
          | ^^^^^^
          |
          = help: choose another name
    "#]],
    );
    check(
        "typ f(x: Integer);",
        expect![[r#"
        error[P0106]: found `f`, expected `(` after `typ`
         --> policy.polar:1:5
          |
        1 | typ f(x: Integer);
          |     ^
          |
          = help: did you mean `type`?
    "#]],
    );
    check(
        "type f(x) if x;",
        expect![[r#"
            error[P0106]: found `if`, expected `;` after a rule type
             --> policy.polar:1:11
              |
            1 | type f(x) if x;
              |           ^^
              |
              = help: a rule type has no body; leave out `type` to write a rule
        "#]],
    );
    check(
        "actor User;",
        expect![[r#"
        error[P0106]: found `;`, expected `{` and the declarations of the block
         --> policy.polar:1:11
          |
        1 | actor User;
          |           ^
    "#]],
    );
    check(
        "resource;",
        expect![[r#"
        error[P0106]: found `;`, expected the name of a type
         --> policy.polar:1:9
          |
        1 | resource;
          |         ^
    "#]],
    );
}

#[test]
fn forms_without_meaning() {
    check(
        "f(x) if new (1);",
        expect![[r#"
        error[P0111]: `new` stands before no class
         --> policy.polar:1:9
          |
        1 | f(x) if new (1);
          |         ^^^
          |
          = help: write `new Class(arguments)`
    "#]],
    );
    check(
        "f(x) if x = new Foo;",
        expect![[r#"
        error[P0106]: found `;`, expected `(` and the arguments of the constructor
         --> policy.polar:1:20
          |
        1 | f(x) if x = new Foo;
          |                    ^
    "#]],
    );
    check(
        "f(x) if x = new Foo{a: 1};",
        expect![[r#"
        error[P0106]: found `{`, expected `(` and the arguments of the constructor
         --> policy.polar:1:20
          |
        1 | f(x) if x = new Foo{a: 1};
          |                    ^
    "#]],
    );
    check(
        "f(x) if g(a: x);",
        expect![[r#"
        error[P0111]: `g` is called as a rule, and rules take no keyword arguments
         --> policy.polar:1:11
          |
        1 | f(x) if g(a: x);
          |           ^
          |
          = help: pass `a` by its position; to construct an object write `new g(…)`
    "#]],
    );
    check(
        "f(x) if .(x, 1);",
        expect![[r#"
        error[P0111]: a lookup stands after its object
         --> policy.polar:1:9
          |
        1 | f(x) if .(x, 1);
          |         ^^^^^^^
          |
          = help: write `object.field` or `object.("field")`
    "#]],
    );
    check(
        "f(x) if x.(1) = 2;",
        expect![[r#"
        error[P0106]: a field is named by a string or a variable
         --> policy.polar:1:12
          |
        1 | f(x) if x.(1) = 2;
          |            ^
          |
          = help: write `object.("field")` or `object.(name)`
    "#]],
    );
    check(
        "f(x) if x = User{name: \"a\"};",
        expect![[r#"
        error[P0106]: found `{`, expected an operator or the end of the expression
         --> policy.polar:1:17
          |
        1 | f(x) if x = User{name: "a"};
          |                 ^
          |
          = help: a pattern stands after `matches` or after a parameter's `:`; an entity is written `User{"id"}`
    "#]],
    );
    check(
        "f(x) if x.g(a: 1, 2);",
        expect![[r#"
        error[P0106]: this argument stands after a keyword argument
         --> policy.polar:1:19
          |
        1 | f(x) if x.g(a: 1, 2);
          |             -     ^
          |             |
          |             keyword arguments begin here
          |
          = help: put it before them
    "#]],
    );
    check(
        "f(x) if x.g(a: 1, a: 2);",
        expect![[r#"
        error[P0109]: the key `a` stands twice
         --> policy.polar:1:19
          |
        1 | f(x) if x.g(a: 1, a: 2);
          |             -     ^
          |             |
          |             first here
          |
          = help: remove one of the two
    "#]],
    );
    check(
        "f(x) if 1 := x;",
        expect![[r#"
        error[P0106]: `:=` stands after something other than a variable
         --> policy.polar:1:11
          |
        1 | f(x) if 1 := x;
          |         - ^^
          |         |
          |         this is no variable
          |
          = help: write `=` to unify two values
    "#]],
    );
    check(
        "f(x) if cut();",
        expect![[r#"
        error[P0106]: found `(`, expected `;`
         --> policy.polar:1:12
          |
        1 | f(x) if cut();
          |            ^
          |
          = help: `cut` takes no arguments
    "#]],
    );
    check(
        "f(x) if forall(x);",
        expect![[r#"
        error[P0106]: found `)`, expected `,` and what must hold for each
         --> policy.polar:1:17
          |
        1 | f(x) if forall(x);
          |                 ^
    "#]],
    );
    check(
        "f(x) if in;",
        expect![[r#"
            error[P0106]: found `;`, expected `(` after an `in` with nothing before it
             --> policy.polar:1:11
              |
            1 | f(x) if in;
              |           ^
        "#]],
    );
    check(
        "f(x) if x and cut cut;",
        expect![[r#"
        error[P0107]: `cut` is a reserved word and cannot stand here
         --> policy.polar:1:19
          |
        1 | f(x) if x and cut cut;
          |                   ^^^ expected `;`
    "#]],
    );
}

#[test]
fn lists_and_dictionaries() {
    check(
        "f([1, 2);",
        expect![[r#"
        error[P0106]: found `)`, expected `,` or `]`
         --> policy.polar:1:8
          |
        1 | f([1, 2);
          |   -    ^
          |   |
          |   to close this
    "#]],
    );
    check(
        "f([*rest, 1]);",
        expect![[r#"
            error[P0106]: found `,`, expected `]` after the variable that takes the rest
             --> policy.polar:1:9
              |
            1 | f([*rest, 1]);
              |         ^
        "#]],
    );
    check(
        "f([*1]);",
        expect![[r#"
        error[P0106]: found `1`, expected the name of a variable after `*`
         --> policy.polar:1:5
          |
        1 | f([*1]);
          |     ^
    "#]],
    );
    check(
        "f({a: 1, b: 2, a: 3});",
        expect![[r#"
        error[P0109]: the key `a` stands twice
         --> policy.polar:1:16
          |
        1 | f({a: 1, b: 2, a: 3});
          |    -           ^
          |    |
          |    first here
          |
          = help: remove one of the two
    "#]],
    );
    check(
        "f({\"a\": 1});",
        expect![[r#"
        error[P0106]: keys are written without quotes
         --> policy.polar:1:4
          |
        1 | f({"a": 1});
          |    ^^^
          |
          = help: write `a`
    "#]],
    );
    check(
        "f({\"a b\": 1});",
        expect![[r#"
        error[P0106]: keys are written without quotes
         --> policy.polar:1:4
          |
        1 | f({"a b": 1});
          |    ^^^^^
          |
          = help: a key is a name; use letters, digits and `_`
    "#]],
    );
    check(
        "f({a 1});",
        expect![[r#"
        error[P0106]: found `1`, expected `:` and a value after this key
         --> policy.polar:1:6
          |
        1 | f({a 1});
          |      ^
    "#]],
    );
    check(
        "f({mod: 1});",
        expect![[r#"
        error[P0106]: found `mod`, expected a key or `}`
         --> policy.polar:1:4
          |
        1 | f({mod: 1});
          |    ^^^
    "#]],
    );
    check(
        "f({in});",
        expect![[r#"
        error[P0106]: found `}`, expected `:` and a value after this key
         --> policy.polar:1:6
          |
        1 | f({in});
          |      ^
    "#]],
    );
    check(
        "f(x) if x.mod = 1;",
        expect![[r#"
        error[P0106]: found `mod`, expected a field name after `.`
         --> policy.polar:1:11
          |
        1 | f(x) if x.mod = 1;
          |           ^^^
    "#]],
    );
    check(
        "f(x) if x. = 1;",
        expect![[r#"
        error[P0106]: found `=`, expected a field name after `.`
         --> policy.polar:1:12
          |
        1 | f(x) if x. = 1;
          |            ^
    "#]],
    );
}

#[test]
fn patterns() {
    check(
        "f(x: (Integer));",
        expect![[r#"
        error[P0106]: found `(`, expected a type or another pattern
         --> policy.polar:1:6
          |
        1 | f(x: (Integer));
          |      ^
    "#]],
    );
    check(
        "f(x) if x matches (Integer);",
        expect![[r#"
        error[P0106]: found `(`, expected a type or another pattern
         --> policy.polar:1:19
          |
        1 | f(x) if x matches (Integer);
          |                   ^
    "#]],
    );
    check(
        "f(x: Foo{a: });",
        expect![[r#"
        error[P0106]: found `}`, expected a type or another pattern
         --> policy.polar:1:13
          |
        1 | f(x: Foo{a: });
          |             ^
    "#]],
    );
    check(
        "f(x: Foo{a: 1, a: 2});",
        expect![[r#"
        error[P0109]: the key `a` stands twice
         --> policy.polar:1:16
          |
        1 | f(x: Foo{a: 1, a: 2});
          |          -     ^
          |          |
          |          first here
          |
          = help: remove one of the two
    "#]],
    );
    check(
        "f(x: Foo{a b});",
        expect![[r#"
        error[P0106]: found `b`, expected `:` and a pattern after this field
         --> policy.polar:1:12
          |
        1 | f(x: Foo{a b});
          |            ^
    "#]],
    );
    check(
        "f(x: [1, not]);",
        expect![[r#"
            error[P0106]: found `not`, expected a type or another pattern
             --> policy.polar:1:10
              |
            1 | f(x: [1, not]);
              |          ^^^
        "#]],
    );
}

#[test]
fn blocks() {
    check(
        "ressource Repo {}",
        expect![[r#"
        error[P0112]: `ressource` starts no kind of block
         --> policy.polar:1:1
          |
        1 | ressource Repo {}
          | ^^^^^^^^^
          |
          = help: did you mean `resource`?
    "#]],
    );
    check(
        "thing Repo {}",
        expect![[r#"
        error[P0112]: `thing` starts no kind of block
         --> policy.polar:1:1
          |
        1 | thing Repo {}
          | ^^^^^
          |
          = help: write `actor Repo { … }` or `resource Repo { … }`
    "#]],
    );
    check(
        "Repo {}",
        expect![[r#"
        error[P0112]: block `Repo` does not say what it is
         --> policy.polar:1:1
          |
        1 | Repo {}
          | ^^^^
          |
          = help: write `actor Repo { … }` or `resource Repo { … }`
    "#]],
    );
    check(
        "resource {}",
        expect![[r#"
        error[P0112]: this `resource` block has no name
         --> policy.polar:1:1
          |
        1 | resource {}
          | ^^^^^^^^
          |
          = help: write the name of its type: `resource Name { … }`
    "#]],
    );
    check(
        "global G {}",
        expect![[r#"
        error[P0112]: `global` starts no kind of block
         --> policy.polar:1:1
          |
        1 | global G {}
          | ^^^^^^
          |
          = help: a `global` block has no name
    "#]],
    );
    check(
        "resource Repo { permisions = [\"read\"]; roles = [\"a\"]; }",
        expect![[r#"
        error[P0113]: a block has no declaration `permisions`
         --> policy.polar:1:17
          |
        1 | resource Repo { permisions = ["read"]; roles = ["a"]; }
          |                 ^^^^^^^^^^
          |
          = help: did you mean `permissions`?
    "#]],
    );
    check(
        "resource Repo { stuff = {a: B}; other = [\"x\"]; }",
        expect![[r#"
        error[P0113]: a block has no declaration `stuff`
         --> policy.polar:1:17
          |
        1 | resource Repo { stuff = {a: B}; other = ["x"]; }
          |                 ^^^^^
          |
          = help: a dictionary declares `relations`

        error[P0113]: a block has no declaration `other`
         --> policy.polar:1:33
          |
        1 | resource Repo { stuff = {a: B}; other = ["x"]; }
          |                                 ^^^^^
          |
          = help: a list declares `roles` or `permissions`
    "#]],
    );
    check(
        "resource Repo { roles = {a: B}; permissions = \"read\"; relations = [\"a\"]; }",
        expect![[r#"
            error[P0114]: `roles` must be a list of strings
             --> policy.polar:1:25
              |
            1 | resource Repo { roles = {a: B}; permissions = "read"; relations = ["a"]; }
              |                         ^
              |
              = help: write for example `roles = ["first", "second"];`

            error[P0106]: found the string `"read"`, expected `[` and strings
             --> policy.polar:1:47
              |
            1 | resource Repo { roles = {a: B}; permissions = "read"; relations = ["a"]; }
              |                                               ^^^^^^

            error[P0114]: `relations` must be a dictionary from relation to type
             --> policy.polar:1:67
              |
            1 | resource Repo { roles = {a: B}; permissions = "read"; relations = ["a"]; }
              |                                                                   ^
              |
              = help: write for example `relations = { parent: Organization };`
        "#]],
    );
    check(
        "resource Repo { roles = [admin, \"x\"]; relations = { org: \"Org\" }; }",
        expect![[r#"
            error[P0106]: `roles` must be a list of strings, and `admin` is not quoted
             --> policy.polar:1:26
              |
            1 | resource Repo { roles = [admin, "x"]; relations = { org: "Org" }; }
              |                          ^^^^^
              |
              = help: write `"admin"`

            error[P0106]: the type of a relation is written without quotes
             --> policy.polar:1:58
              |
            1 | resource Repo { roles = [admin, "x"]; relations = { org: "Org" }; }
              |                                                          ^^^^^
              |
              = help: write `Org`
        "#]],
    );
    check(
        "resource Repo { roles: [\"a\"]; permissions == [\"b\"]; }",
        expect![[r#"
        error[P0106]: found `:`, expected `=`
         --> policy.polar:1:22
          |
        1 | resource Repo { roles: ["a"]; permissions == ["b"]; }
          |                      ^
          |
          = help: write `roles = …;`

        error[P0106]: found `==`, expected `=`
         --> policy.polar:1:43
          |
        1 | resource Repo { roles: ["a"]; permissions == ["b"]; }
          |                                           ^^
          |
          = help: write `permissions = …;`
    "#]],
    );
    check(
        "resource Repo { \"a\" if \"b\" onn \"c\"; }",
        expect![[r#"
        error[P0115]: `onn` does not join a role to a relation
         --> policy.polar:1:28
          |
        1 | resource Repo { "a" if "b" onn "c"; }
          |                            ^^^
          |
          = help: did you mean `on`?
    "#]],
    );
    check(
        "resource Repo { \"a\" if not \"b\"; }",
        expect![[r#"
        error[P0106]: found `not`, expected a role, permission or relation
         --> policy.polar:1:24
          |
        1 | resource Repo { "a" if not "b"; }
          |                        ^^^
          |
          = help: a shorthand rule has no `not`; write a rule with parameters outside the block
    "#]],
    );
    check(
        "resource Repo { \"a\"; \"b\" if \"c\"; }",
        expect![[r#"
        error[P0106]: found `;`, expected `if` and a condition
         --> policy.polar:1:20
          |
        1 | resource Repo { "a"; "b" if "c"; }
          |                    ^
    "#]],
    );
    check(
        "resource Repo { roles [\"a\"]; }",
        expect![[r#"
        error[P0106]: found `[`, expected `=` and a list or dictionary
         --> policy.polar:1:23
          |
        1 | resource Repo { roles ["a"]; }
          |                       ^
    "#]],
    );
    check(
        "resource Repo { \"a\" if \"b\" \"c\" if \"d\"; }",
        expect![[r#"
        error[P0106]: found the string `"c"`, expected `;`
         --> policy.polar:1:28
          |
        1 | resource Repo { "a" if "b" "c" if "d"; }
          |                            ^^^
    "#]],
    );
    check(
        "resource Repo {\n  roles = [\"a\"]\n  permissions = [\"b\"]\n  \"b\" if \"a\"\n}",
        expect![[r#"
        error[P0106]: missing `;` at the end of this declaration
         --> policy.polar:2:16
          |
        2 |   roles = ["a"]
          |                ^
          |
          = help: add `;` here

        error[P0106]: missing `;` at the end of this declaration
         --> policy.polar:3:22
          |
        3 |   permissions = ["b"]
          |                      ^
          |
          = help: add `;` here

        error[P0106]: missing `;` at the end of this shorthand rule
         --> policy.polar:4:13
          |
        4 |   "b" if "a"
          |             ^
          |
          = help: add `;` here
    "#]],
    );
    check(
        "resource Repo {\n  roles = [\"a\"];\n\nallow(x, y, z) if x = y and z;\nresource Org {}\n",
        expect![[r#"
            error[P0106]: a rule with parameters stands inside `resource Repo`
             --> policy.polar:4:1
              |
            1 | resource Repo {
              | ------------- this block is still open
            ...
            4 | allow(x, y, z) if x = y and z;
              | ^^^^^
              |
              = help: close the block with `}` before it, or move it outside
        "#]],
    );
    check(
        "resource Repo {\n  roles = [\"a\"];\n  has_role(u: User, \"a\", r: Repo) if r.owner = u;\n  \"b\" if \"a\";\n}\nf(x);",
        expect![[r#"
            error[P0106]: a rule with parameters stands inside `resource Repo`
             --> policy.polar:3:3
              |
            1 | resource Repo {
              | ------------- this block is still open
            2 |   roles = ["a"];
            3 |   has_role(u: User, "a", r: Repo) if r.owner = u;
              |   ^^^^^^^^
              |
              = help: close the block with `}` before it, or move it outside
        "#]],
    );
    check(
        "resource Repo { roles = [\"a\"; }\nf(x);",
        expect![[r#"
        error[P0106]: found `;`, expected `,` or `]`
         --> policy.polar:1:29
          |
        1 | resource Repo { roles = ["a"; }
          |                             ^
    "#]],
    );
    check(
        "resource Repo { relations = { a: B; }\nf(x);",
        expect![[r#"
        error[P0106]: found `;`, expected `,` or `}`
         --> policy.polar:1:35
          |
        1 | resource Repo { relations = { a: B; }
          |                             -     ^
          |                             |
          |                             to close this
    "#]],
    );
    check(
        "\"a\" if \"b\";",
        expect![[r#"
        error[P0106]: a shorthand rule stands outside any block
         --> policy.polar:1:1
          |
        1 | "a" if "b";
          | ^^^
          |
          = help: put it between the braces of an `actor` or `resource` block
    "#]],
    );
    check(
        "resource Repo {}\n}\nf(x);",
        expect![[r#"
        error[P0106]: this `}` closes nothing
         --> policy.polar:2:1
          |
        2 | }
          | ^
          |
          = help: remove it
    "#]],
    );
    check(
        "resource Repo { \"a\" if x.y(1).z; }",
        expect![[r#"
        error[P0106]: found `.`, expected `;`
         --> policy.polar:1:25
          |
        1 | resource Repo { "a" if x.y(1).z; }
          |                         ^
    "#]],
    );
    check(
        "resource Repo { relations = { a: B, a: C }; }",
        expect![[r#"
        error[P0109]: the key `a` stands twice
         --> policy.polar:1:37
          |
        1 | resource Repo { relations = { a: B, a: C }; }
          |                               -     ^
          |                               |
          |                               first here
          |
          = help: remove one of the two
    "#]],
    );
    check(
        "actor User, { roles = [\"a\"]; \"a\" if \"b\"; }\nf(x);",
        expect![[r#"
        error[P0106]: found `,`, expected `{` and the declarations of the block
         --> policy.polar:1:11
          |
        1 | actor User, { roles = ["a"]; "a" if "b"; }
          |           ^
    "#]],
    );
}

#[test]
fn tests_in_policies() {
    check(
        "test \"a\" { asert f(1); assert f(2) }",
        expect![[r#"
        error[P0106]: found `asert`, expected `setup`, `assert` or `assert_not`
         --> policy.polar:1:12
          |
        1 | test "a" { asert f(1); assert f(2) }
          |            ^^^^^
          |
          = help: did you mean `assert`?

        error[P0106]: missing `;` at the end of this assertion
         --> policy.polar:1:35
          |
        1 | test "a" { asert f(1); assert f(2) }
          |                                   ^
          |
          = help: add `;` here
    "#]],
    );
    check(
        "test \"a\" { setup { fixture; f(1) } }",
        expect![[r#"
        error[P0106]: found `;`, expected `(` and the arguments of a fact
         --> policy.polar:1:27
          |
        1 | test "a" { setup { fixture; f(1) } }
          |                           ^

        error[P0106]: missing `;` at the end of this fact
         --> policy.polar:1:33
          |
        1 | test "a" { setup { fixture; f(1) } }
          |                                 ^
          |
          = help: add `;` here
    "#]],
    );
    check(
        "test fixture { f(1); }",
        expect![[r#"
        error[P0106]: found `{`, expected the name of the fixture
         --> policy.polar:1:14
          |
        1 | test fixture { f(1); }
          |              ^
    "#]],
    );
    check(
        "test \"a\" { assert f(1);",
        expect![[r#"
        error[P0105]: `test "a"` has no closing `}`
         --> policy.polar:1:24
          |
        1 | test "a" { assert f(1);
          |          - opened here ^
          |
          = help: add `}` here
    "#]],
    );
    check(
        "test fixture a { f; x.y(1); f(1).z; }",
        expect![[r#"
            error[P0106]: found `;`, expected `(` and the arguments of a fact
             --> policy.polar:1:19
              |
            1 | test fixture a { f; x.y(1); f(1).z; }
              |                   ^

            error[P0106]: found `.`, expected `(` and the arguments of a fact
             --> policy.polar:1:22
              |
            1 | test fixture a { f; x.y(1); f(1).z; }
              |                      ^

            error[P0106]: a fact is a name with arguments and nothing after them
             --> policy.polar:1:29
              |
            1 | test fixture a { f; x.y(1); f(1).z; }
              |                             ^^^^
              |
              = help: write for example `has_role(User{"ann"}, "admin", Org{"acme"});`
        "#]],
    );
    check(
        "test \"a\" { assert f(1);\ntest \"b\" { assert f(2); }",
        expect![[r#"
        error[P0106]: `test "a"` has no closing `}`
         --> policy.polar:1:24
          |
        1 | test "a" { assert f(1);
          |          - opened here ^
          |
          = help: add `}` here
    "#]],
    );
    check(
        "declare f(x: Y);",
        expect![[r#"
            error[P0106]: found `:`, expected `,` or `)`
             --> policy.polar:1:12
              |
            1 | declare f(x: Y);
              |            ^
        "#]],
    );
    check(
        "declare f(\"x\");",
        expect![[r#"
        error[P0106]: found the string `"x"`, expected the name of a type
         --> policy.polar:1:11
          |
        1 | declare f("x");
          |           ^^^
    "#]],
    );
}

#[test]
fn several_mistakes() {
    check(
        "resource Repo {\n  roles = [\"reader\"];\n  permisions = [\"read\"];\n  \"read\" if \"reader\"\n}\n\nallow(u, a, r) if\n  has_permission(u, a, r;\n\nhas_role(u: User, \"reader\", r: Repo) if\n  u.id = r.owner = 1 and\n  not not u.banned;\n\nf(x) if x = 'a';\ng(x) if x && y\nh({a: 1, a: 2});\n",
        expect![[r#"
            error[P0113]: a block has no declaration `permisions`
             --> policy.polar:3:3
              |
            3 |   permisions = ["read"];
              |   ^^^^^^^^^^
              |
              = help: did you mean `permissions`?

            error[P0106]: missing `;` at the end of this shorthand rule
             --> policy.polar:4:21
              |
            4 |   "read" if "reader"
              |                     ^
              |
              = help: add `;` here

            error[P0106]: found `;`, expected `,` or `)`
             --> policy.polar:8:25
              |
            8 |   has_permission(u, a, r;
              |                 -       ^
              |                 |
              |                 to close this

            error[P0108]: a value is needed here, this is a condition
              --> policy.polar:11:3
               |
            11 |   u.id = r.owner = 1 and
               |   ^^^^^^^^^^^^^^
               |
               = help: `=` yields no value: join two with `and`, and write keyword arguments as `name: value`

            error[P0106]: found `not`, expected an expression
              --> policy.polar:12:7
               |
            12 |   not not u.banned;
               |       ^^^
               |
               = help: put a negation in parentheses: `(not …)`

            error[P0102]: strings are not quoted with `'`
              --> policy.polar:14:13
               |
            14 | f(x) if x = 'a';
               |             ^^^
               |
               = help: use double quotes: `"a"`

            error[P0102]: `&&` is not an operator
              --> policy.polar:15:11
               |
            15 | g(x) if x && y
               |           ^^
               |
               = help: write `and`

            error[P0106]: missing `;` at the end of this rule
              --> policy.polar:15:15
               |
            15 | g(x) if x && y
               |               ^
               |
               = help: add `;` here

            error[P0109]: the key `a` stands twice
              --> policy.polar:16:10
               |
            16 | h({a: 1, a: 2});
               |    -     ^
               |    |
               |    first here
               |
               = help: remove one of the two
        "#]],
    );
}
