//! What the parser makes of each form of the language.

use arctos_syntax::{SourceId, Span, dump_tokens, dump_tree, parse, parse_query, tree};
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&dump_tree(&parse(SourceId(0), text).tree));
}

#[test]
fn literals() {
    check(
        "f(1, 007, -1, +2, - 3, -9223372036854775808, 1., 1.5, 1e3, 2.5e-3, -1.5, inf, -inf, nan, true, false);",
        expect![[r#"
            rule 0..102
              head f 0..101
                integer 1
                integer 7
                integer -1
                integer 2
                integer -3
                integer -9223372036854775808
                float 1.0
                float 1.5
                float 1000.0
                float 0.0025
                float -1.5
                float inf
                float -inf
                float nan
                boolean true
                boolean false
        "#]],
    );
    check(
        r#"f("", "a\"b", "\\", "\n\r\t\0", "\q", "é💯");"#,
        expect![[r#"
        rule 0..48
          head f 0..47
            string ""
            string "a\"b"
            string "\\"
            string "\n\r\t\0"
            string "q"
            string "é💯"
    "#]],
    );
}

#[test]
fn names() {
    check(
        "f(x, _, _y, x?, a::b::c?, é, 💯, Foo);",
        expect![[r#"
        rule 0..41
          head f 0..40
            variable x
            variable _
            variable _y
            variable x?
            variable a::b::c?
            variable é
            variable 💯
            variable Foo
    "#]],
    );
    check(
        "actor(resource, global) if roles = permissions and relations.on.type;",
        expect![[r#"
        rule 0..69
          head actor 0..23
            variable resource
            variable global
          if
            and
              =
                variable roles
                variable permissions
              dot
                dot
                  variable relations
                  field on
                field type
    "#]],
    );
    check(
        "f(type, declare, test, fixture, setup, assert, assert_not, iff, extends);",
        expect![[r#"
        rule 0..73
          head f 0..72
            variable type
            variable declare
            variable test
            variable fixture
            variable setup
            variable assert
            variable assert_not
            variable iff
            variable extends
    "#]],
    );
}

#[test]
fn precedence() {
    check(
        "?= a or b and not c = d + e * f.g;",
        expect![[r#"
        ?=
          or
            variable a
            and
              variable b
              not
                =
                  variable c
                  +
                    variable d
                    *
                      variable e
                      dot
                        variable f
                        field g
    "#]],
    );
    check(
        "?= a = 1 - 2 - 3;",
        expect![[r#"
        ?=
          =
            variable a
            -
              -
                integer 1
                integer 2
              integer 3
    "#]],
    );
    check(
        "?= (a or b) and (c and d) and e;",
        expect![[r#"
        ?=
          and
            or
              variable a
              variable b
            variable c
            variable d
            variable e
    "#]],
    );
    check(
        "?= a or (b or c) or d;",
        expect![[r#"
        ?=
          or
            variable a
            variable b
            variable c
            variable d
    "#]],
    );
    check(
        "?= a == 1 + 2 * 3 mod 4 - -5;",
        expect![[r#"
        ?=
          ==
            variable a
            -
              +
                integer 1
                mod
                  *
                    integer 2
                    integer 3
                  integer 4
              integer -5
    "#]],
    );
    check(
        "?= not a in b and not (not c);",
        expect![[r#"
        ?=
          and
            not
              in
                variable a
                variable b
            not
              not
                variable c
    "#]],
    );
    check(
        "?= x := 1 and x <= 2 or x != 3;",
        expect![[r#"
        ?=
          or
            and
              :=
                variable x
                integer 1
              <=
                variable x
                integer 2
            !=
              variable x
              integer 3
    "#]],
    );
    check(
        "?= a * (b + c);",
        expect![[r#"
        ?=
          *
            variable a
            +
              variable b
              variable c
    "#]],
    );
}

#[test]
fn calls_and_lookups() {
    check(
        "?= f() and g(a, [b], {c: d});",
        expect![[r#"
        ?=
          and
            call f
            call g
              variable a
              list
                variable b
              dictionary
                c:
                  variable d
    "#]],
    );
    check(
        r#"?= a.b.c(1, k: 2).("key").(var).in = new Foo(1, in: 2).x;"#,
        expect![[r#"
        ?=
          =
            dot
              dot
                dot
                  dot
                    dot
                      variable a
                      field b
                    method c
                      integer 1
                      k:
                        integer 2
                  dynamic
                    string "key"
                dynamic
                  variable var
              field in
            dot
              new Foo
                integer 1
                in:
                  integer 2
              field x
    "#]],
    );
    check(
        r#"?= .(x, "k", y);"#,
        expect![[r#"
        ?=
          =
            dot
              variable x
              dynamic
                string "k"
            variable y
    "#]],
    );
    check(
        "?= in(x, [1]);",
        expect![[r#"
        ?=
          in
            variable x
            list
              integer 1
    "#]],
    );
    check(
        r#"?= (a.b).c = {d: 1}.d and "s".len() = [1].x;"#,
        expect![[r#"
        ?=
          and
            =
              dot
                dot
                  variable a
                  field b
                field c
              dot
                dictionary
                  d:
                    integer 1
                field d
            =
              dot
                string "s"
                method len
              dot
                list
                  integer 1
                field x
    "#]],
    );
}

#[test]
fn lists_and_dictionaries() {
    check(
        "?= [] = [1, [2,], *rest] and [*_] = x;",
        expect![[r#"
        ?=
          and
            =
              list
              list
                integer 1
                list
                  integer 2
                rest rest
            =
              list
                rest _
              variable x
    "#]],
    );
    check(
        "?= {} = {a, b: 1, in: 2,};",
        expect![[r#"
        ?=
          =
            dictionary
            dictionary
              a:
                variable a
              b:
                integer 1
              in:
                integer 2
    "#]],
    );
}

#[test]
fn statements() {
    check(
        "?= cut and print() and print(1, x,) and debug(x) and forall(x in y, x > 1 or z);",
        expect![[r#"
        ?=
          and
            cut
            print
            print
              integer 1
              variable x
            debug
              variable x
            forall
              in
                variable x
                variable y
              or
                >
                  variable x
                  integer 1
                variable z
    "#]],
    );
}

#[test]
fn patterns() {
    check(
        "?= x matches Foo and y matches Foo{} and z matches ns::Foo{a: 1, b: [c, Foo{}, *d], e: Foo, g: {h: x.y}, k};",
        expect![[r#"
            ?=
              and
                matches
                  variable x
                  instance Foo
                matches
                  variable y
                  instance Foo
                matches
                  variable z
                  instance ns::Foo
                    a:
                      integer 1
                    b:
                      list
                        variable c
                        instance Foo
                        rest d
                    e:
                      variable Foo
                    g:
                      dictionary pattern
                        h:
                          dot
                            variable x
                            field y
                    k:
                      variable k
        "#]],
    );
    check(
        r#"?= x matches 1 and x matches -1.5 and x matches "s" and x matches true and x matches [a, Foo] and x matches {};"#,
        expect![[r#"
            ?=
              and
                matches
                  variable x
                  integer 1
                matches
                  variable x
                  float -1.5
                matches
                  variable x
                  string "s"
                matches
                  variable x
                  boolean true
                matches
                  variable x
                  list
                    variable a
                    variable Foo
                matches
                  variable x
                  dictionary pattern
        "#]],
    );
    check(
        r#"f(a: Foo, b: {c: d}, e: 1, [g], "s", h.i + 1, new J());"#,
        expect![[r#"
        rule 0..55
          head f 0..54
            variable a
            :
              instance Foo
            variable b
            :
              dictionary pattern
                c:
                  variable d
            variable e
            :
              integer 1
            list
              variable g
            string "s"
            +
              dot
                variable h
                field i
              integer 1
            new J
    "#]],
    );
    check(
        r#"?= x matches User{"ann"} and y matches! Repo;"#,
        expect![[r#"
        ?=
          and
            matches
              variable x
              entity User
                string "ann"
            matches
              variable y
              instance Repo
    "#]],
    );
}

#[test]
fn rules() {
    check(
        r#"f();
f(x) if x;
type f(x: Integer, "s");
?= f(1);
# comment
?= 1;"#,
        expect![[r#"
            rule 0..4
              head f 0..3
            rule 5..15
              head f 5..9
                variable x
              if
                variable x
            type
              head f 21..39
                variable x
                :
                  instance Integer
                string "s"
            ?=
              call f
                integer 1
            ?=
              integer 1
        "#]],
    );
}

#[test]
fn blocks() {
    check(
        r#"actor User {}
resource Repo extends A, B, {
  roles = ["r",];
  permissions = [];
  relations = { parent: Org, Folder, in: X };
  "a" if "b";
  "a" if "b" on "c";
  role if role on "p" and (global "s" or is_public(resource, 1)) or "x" on resource;
}
global { roles = ["s"]; "a" if global; }"#,
        expect![[r#"
            Actor User 0..13
            Resource Repo extends A, B 14..249
              roles "r"
              permissions 
              relations parent: Org, Folder: Folder, in: X
              shorthand "a"
                "b"
              shorthand "a"
                "b" on "c"
              shorthand role
                or
                  and
                    role on "p"
                    or
                      global "s"
                      call is_public
                        variable resource
                        integer 1
                  "x" on resource
            Global global 250..290
              roles "s"
              shorthand "a"
                global
        "#]],
    );
}

#[test]
fn declarations_and_tests() {
    check(
        r#"declare f(A, B,);
declare g();
test fixture base { has_role(User{"ann"}, "admin", Integer{-1}); }
test "t" {
  setup { fixture base; f(true); @current_unix_time = 7; }
  assert allow(User{"ann"}, a: String, x) iff a in ["r"];
  assert_not g();
}"#,
        expect![[r#"
            declare f(A, B)
            declare g()
            fixture base
              head has_role 51..94
                entity User
                  string "ann"
                string "admin"
                entity Integer
                  integer -1
            test "t"
              fixture base
              fact
                head f 133..140
                  boolean true
              request value current_unix_time
                integer 7
              assert
                head allow 177..209
                  entity User
                    string "ann"
                  variable a
                  :
                    instance String
                  variable x
                iff
                  in
                    variable a
                    list
                      string "r"
              assert_not
                head g 239..242
        "#]],
    );
}

#[test]
fn request_values() {
    check(
        "?= t > @current_unix_time and @context.mfa and @action.amount < 3;",
        expect![[r#"
        ?=
          and
            >
              variable t
              request value current_unix_time
            dot
              request value context
              field mfa
            <
              dot
                request value action
                field amount
              integer 3
    "#]],
    );
}

#[test]
fn what_is_left_of_broken_text() {
    check(
        r"f(x, y) if x = ;
g(1);",
        expect![[r#"
            rule 0..14
              head f 0..7
                variable x
                variable y
              if
                error
            rule 17..22
              head g 17..21
                integer 1
        "#]],
    );
    check(
        r#"resource Repo { roles = ["a"]; "a" if ; "b" if "a"; }"#,
        expect![[r#"
        Resource Repo 0..53
          roles "a"
          shorthand "b"
            "a"
    "#]],
    );
    check(
        "f(x) if x = 1e and y = 2;",
        expect![[r#"
        rule 0..25
          head f 0..4
            variable x
          if
            and
              =
                variable x
                error
              =
                variable y
                integer 2
    "#]],
    );
}

#[test]
fn tokens() {
    let text = "f(x::y?) if\n\tx >= 1.5e3 # comment\n  and @context != \"é\"; 'q' &&";
    expect![[r#"
        1:1 Name "f"
        1:2 LeftParen "("
        1:3 Name "x::y?"
        1:8 RightParen ")"
        1:10 If "if"
        2:2 Name "x"
        2:4 Geq ">="
        2:7 Float(1500.0) "1.5e3"
        3:3 And "and"
        3:7 Request "@context"
        3:16 Neq "!="
        3:19 String "\"é\""
        3:22 Semicolon ";"
        3:24 BadLiteral "'q'"
        3:28 And "&&"
        3:30 End ""
    "#]]
    .assert_eq(&dump_tokens(SourceId(0), text));
}

#[test]
fn spans_leave_parentheses_out() {
    let text = "((a) or (b and c)) and d";
    let tree::Expr { kind: tree::ExprKind::And(parts), span } =
        parse_query(SourceId(3), text).tree.expect("parses")
    else {
        panic!("not an `and`")
    };
    assert_eq!(span, Span::new(SourceId(3), 0, 24));
    let inner: Vec<&str> =
        parts.iter().map(|part| &text[part.span.start as usize..part.span.end as usize]).collect();
    assert_eq!(inner, ["(a) or (b and c)", "d"]);
}

#[test]
fn a_query_is_one_expression() {
    for (text, parses) in
        [("f(x)", true), ("f(x);", true), ("f(x); g(x)", false), ("f(x) g(x)", false), (";", false)]
    {
        let parsed = parse_query(SourceId(0), text);
        assert_eq!(parsed.tree.is_some(), parses, "{text}");
        assert_eq!(parsed.diagnostics.len(), usize::from(!parses), "{text}");
    }
}
