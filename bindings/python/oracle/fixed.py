"""Cases that every run begins with: one of each kind of question that the language reference records an answer for."""

from __future__ import annotations

from tree import Case, Node

# Questions without a policy; grouped by what they are about.
QUESTIONS = """
p = in
p and cut cut
g(new)
debug debug
p.debug = 7
g(in)
p = cut
p = 3 or p = 4 and q = 5
(p = 3 or p = 4) and q = 5
not false and 1 = 1
not (false or 1 = 1)
not not false
not (not false)
p = 4 + 5 * 6
p = 4 * 5 + 6
p = 20 - 7 - 5
p = 4 * 5 mod 3
p = 12 / 3 / 4
p = 3 - -2
p = 3--2
p = 3 +2
p = 3 -2
p=3-2
p = -3 + 5
p = - 3
q = 2 and p = -q
3 < 4 < 5
3 == 3 == true
p = q = 3
p = 3 = 3
p = (3 < 4)
3 in [3] == true
3 in [3] = true
not 3 in [4]
not 3 = 4
not p
3 and 4
true and 4
false or 4
3
"text"
[3]
{k: 3}
false
p
p and q and r
not false = true
p = true and p
p = false and p
p = 3 and p
p = "t" and p
2 + 1 in [3]
3 in [3] + [4]
p = [2 + 1, 3 * 4]
p = [3 < 4]
p = {k: 3 + 4}
p = {k: 3 = 4}
p = [q = 3]
p.n.m = 3
p = 3 and q = p + 4 and r = q * p
g(3 < 4)
print(3 < 4)
print(p in [3])
p = print(3)
3 + print(3)
3 + 4 == 7
7 = 3 + 4
p in [3, 4, 5] and not p = 4
p matches Integer = 3
{k: 3} matches {k: p} and p = 3
{k: 3}.k + 4 = p
p = 3 or q = 4
.({k: 3}, "k", p)
in(3, [3])
in(p, [3, 4])
new(7)
.({k: 7}, "k")
-(3, 4)
!=(3, 4)
print()
print(3,)
print("t", 3, 2.5, [3, {k: "t"}], p)
debug
forall(p in [3, 4], p < 5)
forall(p in [3, 4], p < 4)
forall(p in [], 1 = 2)
forall(false)
forall(p in [3], true,)
p in [3, 4, 5] and cut
cut and p in [3, 4]
3 == 3.0
3 = 3.0
3 == "3"
3 != "3"
3 = "3"
[3] == [3]
[3] != [4]
[3] = [3]
{k: 3} == {k: 3}
{k: 3} = {k: 3}
{k: 3} = {k: 3, m: 4}
true == 1
false == 0
true = 1
true < 3
false < true
"s" < "t"
"s" < 3
3 > [3]
nil == nil
nil = nil
nil != 3
nil == 3
nil < 3
9007199254740993 == 9007199254740992.0
9007199254740993 = 9007199254740992.0
9007199254740993 > 9007199254740992.0
inf > 9223372036854775807
-inf < 0
nan < 3
nan == nan
nan != nan
nan = nan
p = nan and p = p
p != 3
p == 3
p > 3
p <= q
p = 3 / 0
p = 0 / 0
p = 9 / 3
p = 7 mod 4
p = -7 mod 4
p = 7 mod -4
p = -7 rem 4
p = 7 rem -4
p = 7 mod 0
p = 7 rem 0
p = 7.5 mod 2
p = 7.0 mod 0
p = 9223372036854775807 + 2
p = 9223372036854775808
p = -9223372036854775808
p = 2 + 2.5
p = "s" + "t"
p = [3] + [4]
p = true + 3
p + 3 = 7
p + 3 = 7 and p = 4
p = 4 and p + 3 = 7
p = 3 ** 4
p = 9223372036854775807 * 3
p = nil + 3
p + q = 7
p = -9223372036854775807 - 1 and q = p rem -1
p = -9223372036854775807 - 1 and q = p mod -1
p > 3 and p = 4
p > 3 and p = 2
p = 2 and p > 3
p.name = 3
p.name
p.name()
p.name > 3
p in q
3 in p
3 in p and p = [3, 3]
p in q and q = [3, 4]
p in [3, 3]
p matches Integer
p matches Integer and p = 3
p matches Integer and p = "t"
p matches String and p matches Integer
p matches String and p = "t"
p = q
p = q and q = 3
p = q and r = q and p = 3
not p = 3
not p = 3 and p = 4
p = 4 and not p = 3
not (p = 3)
not (p > 3)
not p matches Integer
not 3 in p
p != 3 and p != 4
p != 3 and p = 4
p = [q, r]
p = {k: q}
p = [q] and q = 3
[p, *q] = [3, 4, 5]
[3, 4, *p] = [3, *q]
[*p] = [*q]
[*p] = [3, 4]
[p, *q] = [3]
[p, *q] = []
[3, *p] = [3, 4] and [4, *q] = p
p = q and p > 3
p == q
p = 3 or p > 5
(p = 3 or p > 4) and p = 7
forall(p in q, p = 3)
forall(p = 3, q = p)
forall(p in [3, 4], not p = 5)
p := 3
p := 3 and p = 3
p := 3 and p := 4
p = 3 and p := 4
p := p
3 := p
p := q and q = 3
[p] := [3]
p in {k: 3, m: "t"}
[p, q] in {k: 3, m: "t"}
p in "tea"
"te" in "tea"
"t" in "tea"
p in ""
3 in 4
p in 4
p in nil
p in true
p in tup
3 in tup
p in d0
p in b0.gen()
p in c0.items
[p, q] in [[3, 4], [5, 6]]
[3, p] in [[3, 4], 5, [3, 6]]
p in [3, 4] and p in [4, 5]
p in [q, 3] and q = 4
{k: 3}.k = p
{k: 3}.m = p
{k: {m: 3}}.k.m = p
{k: 3}.("k") = p
{k: 3, m: 4}.(q) = p
q = "k" and {k: 3}.(q) = p
a0.(q) = p
a0.n = p
a0.nothing = p
a0.nothing
not a0.nothing
not a0.nothing = 3
not nil.nothing
forall(p in [3], a0.nothing = p)
forall(a0.nothing = p, p = 3)
a0.("n") = p
true.n = p
3.5.n = p
"tea".upper() = p
p = "tea" and q = p.upper()
p = [3] and q = p.index(3)
p = {k: 3} and q = p.get("k")
p = {k: 3} and q = p.get("m")
a0.n()
a0.me = p
a0.me() = a0
a0.add(3) = p
a0.add(3, by: 4) = p
a0.add(3, wrong: 4) = p
a0.add() = p
a0.fail()
a0.boom
not a0.boom
a0.inner_missing
p in a0.gen_fail()
p in a0.gen()
p = a0.gen() and q in p
p.add(3)
a0.echo(p) = q
a0.echo(3, "t", [4]) = p
a0.peer.n = p
a0.peer.peer.n = p
a0.none = nil
a0.none = p
a0.none.n = p
A.kind = p
C.kind = p
A.make(3).n = p
new A().n = p
new A(3).n = p
new A(3, "t").s = p
new A(n: 3).n = p
new A(3, s: "t").s = p
new A(3, "t", 4, 5)
p = new A(3)
p = new Nope()
new A(3) = new A(3)
new D(3) = new D(3)
new D(3) == new D(3)
new D(3) < new D(4)
d0 < d1
d0 = d1
d0 == d1
d0 <= d1
d0 = 3
3 = d0
a0 = a0
a0 == a0
a0 != b0
a0 = b0
a0 < b0
tup = [1, 2]
tup = tup
tup == [1, 2]
dec > 1
dec = 1.5
dec == 1.5
dec + 1 = p
txt = "abc"
txt == "abc"
txt matches String
byts = byts
when < 3
when matches Datetime
3 matches Integer
3 matches Float
3.0 matches Float
3.0 matches Integer
true matches Boolean
true matches Integer
"t" matches String
[3] matches List
{} matches Dictionary
{} matches {}
{k: 3} matches {}
{k: 3} matches {k: 3}
{k: 3} matches {k: 4}
{k: 3} matches {m: 3}
{k: 3} matches Dictionary{k: 3}
3 matches 3
3 matches 3.0
3 matches 4
"t" matches "t"
true matches true
[3, 4] matches [3, p]
[3, 4, 5] matches [3, *p]
[3, 4] matches [*p]
[3] matches []
3 matches p
p = 3 and q = 3 and p matches q
Integer matches Integer
A matches A
B matches A
C matches C
new B() matches B
new C() matches B
new B() matches C
new C() matches C{}
3 matches Nope
a0 matches Nope
nil matches B
nil matches {}
3 matches {numerator: 3}
3 matches Integer{numerator: 3}
3 matches Integer{numerator: 4}
new B() matches {nothing: 3}
"tea" matches {nothing: 3}
3 matches Datetime
p matches B{n: 3}
p matches B{n: 1} and p = b0
p = new B() and p matches B{nothing: 3}
a0 matches A{n: 0}
a0 matches A{n: p}
a0 matches A{n: p, s: q}
a0 matches A{peer: B{}}
a0 matches A{peer: B}
a0 matches A{peer: B{n: p}}
c0 matches A{kind: "c"}
e0 matches D
e0 matches B
d0 matches A
b0 matches {n: 1}
b0 matches {n: p}
[3] matches [Integer]
[3] matches [p] and p = 3
[new B()] matches [B]
{k: new B()} matches {k: B}
{k: new B()} matches {k: B{}}
[new B()] matches [B{}]
3 matches (Integer)
3 matches Integer or 1 = 1
p = Integer and 3 matches p
p in [3, "t", 2.5, true, [4], {k: 5}, nil] and p matches Integer
p in [3, "t", 2.5, true, [4], {k: 5}, nil] and not p matches Integer
undefined_rule(3)
1 = 2 and undefined_rule(3)
not undefined_rule(3)
p = [p]
p = [p] and q = [q] and p = q
p = "with \\"quotes\\" and \\\\ and \\n"
p = "λ" and p = "λ"
λ = 3
p? = 3
a::b = 3
a:: = 3
_ = 3
_p = 3 and p = _p
p = .5
p = 5.
p = 1e3
p = 1.5e-3
p = 1e
p = 1.ee1
p = 007
p = @
p = "unterminated
p = 3 # comment
p = {k: 3, k: 4}
p = {3: 4}
p = {mod: 3}
p = {in: 3, type: 4}
p = {a0}
p = [3, 4,]
p = {k: 3,}
g(3,)
p.mod
p = [*q, 3]
p = [*[3]]
g(*p)
nil
a0
b0.flag
a0.flag
b0.flag or a0.flag
not a0.flag
a0.flag and not b0.flag
p = isa
3 | 4
!true
p = x.1
"""

# Policies with their questions: policy text, then questions.
POLICIES: list[tuple[str, list[str]]] = [
    ("g(3); g(4); g(3);", ["g(p)", "g(3)", "g(5)", "not g(3)", "not g(5)", "g(3, 4)", "g(p) and g(q)", "g(p) and cut"]),
    ("g(p, q) if p = q; ", ["g(3, 3)", "g(3, 4)", "g(p, 3)", "g(p, q)", "g(p, p)"]),
    ("g(p) if h(p); h(p) if p > 3;", ["g(4)", "g(3)", "g(p) and p = 4", "g(p)", 'g("t")']),
    ("g(_: A, 1); g(_: C, 2); g(_: B, 3); g(_, 4); g(_: A, 5);", ["g(a0, p)", "g(b0, p)", "g(c0, p)", "g(d0, p)", "g(e0, p)"]),
    ("g(_: A, _: A, 1); g(_: B, _: A, 2); g(_: A, _: B, 3); g(_: B, _: B, 4);", ["g(c0, c0, p)", "g(b0, a0, p)", "g(a0, b0, p)"]),
    ("g(_: A{n: 1}, 1); g(_: A, 2); g(_: B, 3); g(_: B{n: 1, s: \"y\"}, 4); g(_: {n: 1}, 5);", ["g(b0, p)", "g(a0, p)", "g(c0, p)"]),
    ("g(_: {k: 3}, 1); g(_: {k: 3, m: 4}, 2); g(_: {}, 3); g(_, 4);", ["g({k: 3, m: 4}, p)", "g({k: 3}, p)", "g({}, p)", "g(3, p)"]),
    ("g(3, 1); g(_: Integer, 2); g(_, 3); g(3.0, 4);", ["g(3, p)", "g(4, p)", "g(3.0, p)", 'g("t", p)', "g(true, p)"]),
    ("g(_: Integer, 1); g(_: Boolean, 2); g(_: String, 3); g(_: Float, 4);", ["g(true, p)", "g(3, p)", "g(2.5, p)"]),
    ("g(p) if p in [3, 4, 5] and cut; g(6);", ["g(p)", "g(4)", "g(6)"]),
    ("g(p) if cut and p in [3, 4]; g(6);", ["g(p)", "g(6)"]),
    ("g(p) if p = 3; g(p) if cut and p = 4; g(5);", ["g(p)"]),
    ("g(p) if (p = 3 or (p = 4 and cut)) or p = 5; g(6);", ["g(p)"]),
    ("g(p) if (p in [3, 4] and cut) and 1 = 1; g(6);", ["g(p)"]),
    ("g(p) if not (p = 3 and cut); g(4);", ["g(3)", "g(4)"]),
    ("g(p) if h(p) and p > 3; h(3) if cut; h(4);", ["g(p)", "h(p)"]),
    ("g(p) if not p = 3 and p = 4;", ["g(q)", "g(4)", "g(3)"]),
    ("g(a) if not a.banned;", ["g(a0)", "g(3)"]),
    ("g(a) if not h(a); h(a) if a.banned;", ["g(a0)"]),
    ("g(a) if forall(p in a.items, p < 3);", ["g(a0)", "g(b0)", "g(c0)"]),
    ("g([p, *q], p, q);", ["g([3, 4], p, q)", "g([], p, q)", "g(p, 3, [4])"]),
    ("g({k: p}, p);", ["g({k: 3}, p)", "g({k: 3, m: 4}, p)"]),
    ("g(p + 1, p);", ["g(4, 3)", "g(p, 3)", "g(3, 3)"]),
    ("g(a.n, a: A);", ["g(0, a0)", "g(p, b0)", "g(p, d0)"]),
    ("g(new A(p), p);", ["g(p, 3)"]),
    ("g(p: Integer) if p > 0; g(p: String) if p = \"t\";", ["g(3)", 'g("t")', "g(p)", "g([])"]),
    ("g(p: 3); g(p: \"t\"); g(p: [3, q]) if q = p;", ["g(3)", 'g("t")', "g(p)"]),
    ("g(p: nil);", ["g(nil)"]),
    ("g(_); g(_, _);", ["g(3)", "g(3, 4)", "g(p)"]),
    ("f(x) if x = 1;\n?= f(1);\n?= f(2);", ["f(1)"]),
    ("?= g(3);\ng(3);", ["g(p)"]),
    ("?= p = 3;", ["1 = 1"]),
    ("?= 1 = 2;", ["1 = 1"]),
    ("g(p) if q = 3;", ["g(3)"]),
    ("g(p);", ["g(3)"]),
    ("g(p) if h(p);", ["g(3)"]),
    ("g(p) if p matches Nope;", ["g(3)"]),
    ("g(_: Nope);", ["g(3)", "g(a0)"]),
    ("g(_: int);", ["g(3)"]),
    ("type g(p: Integer); g(3);", ["g(3)"]),
    ("type g(p: Integer); g(\"t\");", ["g(3)"]),
    ("type g(p: A); g(_: B);", ["g(b0)", "g(a0)"]),
    ("type g(p: B); g(_: A);", ["g(b0)"]),
    ("type g(p: A{n: 3}); g(_: A{n: 3, s: \"t\"});", []),
    ("type g(p: A{n: 3}); g(_: A);", []),
    ("type g(p, q); g(3);", []),
    ("type g(\"t\"); g(\"t\");", ['g("t")']),
    ("type g(\"t\"); g(\"u\");", []),
    ("type g(p.n); g(3);", []),
    ("type g([*p]); g([3]);", []),
    ("type g([3]); g([3, 4]);", []),
    ("type g(p: Actor); actor User {} g(_: User);", ["g(ann)"]),
    ("type g(p: Actor); g(_: User);", []),
    ("allow(a, b);", []),
    ("allow(_, _, _);", ["allow(3, 4, 5)"]),
    ("allow(_a: A, \"read\", _);", ['allow(a0, "read", 3)']),
    ("thing Repo {}", []),
    ("Repo {}", []),
    ("resource Nope {}", []),
    ("resource Repo { foo = [\"a\"]; }", []),
    ("resource Repo { roles = {a: Org}; }", []),
    ("resource Repo { relations = [\"a\"]; }", []),
    ("resource Repo { roles = [\"a\"]; roles = [\"b\"]; }", []),
    ("resource Repo { roles = [\"a\", \"a\"]; }", []),
    ("resource Repo { roles = [\"a\"]; permissions = [\"a\"]; }", []),
    ("resource Repo { permissions = [\"p\"]; \"p\" if \"q\"; }", []),
    ("resource Repo { permissions = [\"p\", \"q\"]; \"p\" if \"q\"; }", []),
    ("resource Repo { permissions = [\"p\"]; \"p\" if \"q\" on \"parent\"; }", []),
    ("resource Repo { permissions = [\"p\"]; relations = {parent: Org}; \"p\" if \"q\" on \"parent\"; }", []),
    ("resource Org {} resource Repo { permissions = [\"p\"]; relations = {parent: Org}; \"p\" if \"q\" on \"parent\"; }", []),
    ("resource Repo { roles = [\"r\"]; }", []),
    ("resource Repo { roles = [\"r\"]; permissions = [\"p\"]; \"p\" if \"r\"; }", []),
    ("resource Repo { permissions = [\"p\"]; \"p\" if \"p\" onn \"parent\"; }", []),
    ("resource Repo { permissions = [\"p\", \"q\"]; \"p\" if \"q\" and \"q\"; }", []),
    ("resource Repo {} resource Repo {}", []),
    ("resource Repo { permissions = [\"p\"]; } resource Repo { permissions = [\"p\"]; }", []),
    ("resource Repo { roles = [\"p\"]; } resource Repo { permissions = [\"p\"]; }", []),
    ("actor User {} actor Admin {} g(p) if p matches Actor; h(_: Actor, 1); h(_: User, 2); h(_, 3);",
     ["g(ann)", "g(root)", "g(app)", "ann matches Actor", "root matches Actor", "root matches Resource", "h(ann, p)", "h(root, p)", "h(app, p)"]),
    ("actor User {} resource Repo { permissions = [\"p\"]; } allow(a, b, c) if has_permission(a, b, c); has_permission(_: User, \"p\", _: Repo);",
     ['allow(ann, "p", app)', "allow(ann, p, app)", 'allow(app, "p", app)', "ann matches Resource", "app matches Resource", "app matches Actor"]),
    ("x(1); in(1);", []),
    ("cut(1);", []),
    ("on(1); actor(2); resource(3); roles(4); permissions(5); relations(6);", ["on(p)", "actor(p)", "relations(p)"]),
    ("g(3) if 3;", ["g(3)"]),
    ("g(p) if p;", ["g(true)", "g(false)", "g(3)", "g(p)", "g(nil)"]),
    ("g(p) if p = 3 and q = 4 or p = 5;", ["g(p)"]),
    ("g(p) if p.n = 1 and p.s = \"y\";", ["g(b0)", "g(a0)", "g(3)"]),
    ("g(n) if n = 0; g(n) if n > 0 and g(n - 1);", ["g(5)", "g(50)", "g(-1)"]),
    ("g(p) if g(p);", ["g(3)"]),
    ("g(p) if not g(p);", ["g(3)"]),
    ("g(p, q) if p < q; h(p) if g(p, 5) and p = 3;", ["h(p)", "h(3)", "g(p, 3) and p = 2", "g(p, 3) and p = 4", "g(1, p) and g(p, 3) and p = 2"]),
    ("g(p) if p matches A and p.n = 1;", ["g(b0)", "g(p) and p = b0", "g(p) and p = a0", "g(p)"]),
    ("g(p) if forall(q in [1, 2], p > q);", ["g(3)", "g(2)", "g(p) and p = 3"]),
    ("g(a, b) if a.n < b.n;", ["g(a0, b0)", "g(b0, a0)", "g(a0, d0)"]),
    ("g(p) if print(p) and p = 3; g(p) if print(\"no\") and p = 4;", ["g(3)", "g(p)"]),
]  # fmt: skip


def _query_case(index: int, text: str) -> Case:
    forms: list[Node] = []
    return Case(f"fixed/question/{index}", forms, [{"do": "query"}, {"do": "query", "accept": True}], [Node("raw", name=text)] * 2)


def _policy_case(index: int, policy: str, questions: list[str]) -> Case:
    steps: list[dict[str, object]] = [{"do": "query"} for _ in questions]
    queries: list[Node | None] = [Node("raw", name=text) for text in questions]
    return Case(f"fixed/policy/{index}", [Node("raw", name=policy)], steps, queries)


FIXED: list[Case] = [
    *(_query_case(index, text) for index, text in enumerate(QUESTIONS.strip().split("\n"))),
    *(_policy_case(index, policy, questions) for index, (policy, questions) in enumerate(POLICIES)),
]
