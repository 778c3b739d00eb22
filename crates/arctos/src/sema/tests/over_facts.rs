//! Policies of the facts dialect.

use super::*;

/// What is found in a policy over facts.
fn finds(policy: &str, expected: Expect) {
    let (_, found, sources) = load_named(&[(None, policy)], &schema_of_facts());
    let found: Vec<_> = found
        .into_iter()
        .filter(|diagnostic| diagnostic.code != arctos_syntax::codes::NO_ALLOW_RULE)
        .collect();
    expected.assert_eq(&render(&found, sources));
}

/// The rules that a policy has beside those written in full.
fn expands(policy: &str, expected: Expect) {
    let (checked, found, sources) = load_named(&[(None, policy)], &schema_of_facts());
    assert!(!found.iter().any(Diagnostic::is_error), "{}", render(&found, sources));
    let mut text = String::new();
    for rule in checked.rules.iter().filter(|rule| rule.is_shorthand) {
        let body = rule.rule.body.as_ref().map(arctos_syntax::format::print_expr).unwrap_or_default();
        let _ = writeln!(text, "{} if {body};", arctos_syntax::format::print_head(&rule.rule.head));
    }
    expected.assert_eq(&text);
}

/// The predicates that facts may have.
fn forms(policy: &str, expected: Expect) {
    let (checked, found, sources) = load_named(&[(None, policy)], &schema_of_facts());
    assert!(!found.iter().any(Diagnostic::is_error), "{}", render(&found, sources));
    let forms: Vec<String> =
        checked.facts.predicates().map(|(name, arity)| format!("{name}/{arity}")).collect();
    expected.assert_eq(&forms.join(" "));
}

#[test]
fn what_shorthand_stands_for() {
    expands(
        r#"actor User {}
           global { roles = ["staff"]; permissions = ["found"]; "found" if "staff"; }
           resource Org { roles = ["admin", "member"]; "member" if "admin"; "admin" if global "staff"; }
           resource Repo {
             roles = ["reader"]; permissions = ["read", "drop"]; relations = { org: Org, owner: User, folder: Folder };
             "reader" if "member" on "org" or "reader" on "folder";
             "read" if "reader" and is_open(resource) and (is_member(actor) or "owner");
             "drop" if "owner" on resource;
             "owner" if "owner";
             role if role on "folder";
             permission if permission on "folder";
           }
           resource Folder { roles = ["reader"]; }"#,
        expect![[r#"
            has_permission(actor: Actor, "found") if has_role(actor, "staff");
            has_role(actor: Actor, "member", resource: Org) if has_role(actor, "admin", resource);
            has_role(actor: Actor, "admin", resource: Org) if has_role(actor, "staff");
            has_role(actor: Actor, "reader", resource: Repo) if (has_relation(resource, "org", related_org) and related_org matches Org and has_role(actor, "member", related_org)) or (has_relation(resource, "folder", related_folder) and related_folder matches Folder and has_role(actor, "reader", related_folder));
            has_permission(actor: Actor, "read", resource: Repo) if has_role(actor, "reader", resource) and is_open(resource) and (is_member(actor) or has_relation(resource, "owner", actor));
            has_permission(actor: Actor, "drop", resource: Repo) if has_relation(resource, "owner", actor);
            has_relation(resource: Repo, "owner", actor: Actor) if has_relation(resource, "owner", actor);
            has_role(actor: Actor, role, resource: Repo) if has_relation(resource, "folder", related_folder) and related_folder matches Folder and has_role(actor, role, related_folder);
            has_permission(actor: Actor, permission, resource: Repo) if has_relation(resource, "folder", related_folder) and related_folder matches Folder and has_permission(actor, permission, related_folder);
            allow(actor, action, resource) if has_permission(actor, action, resource);
        "#]],
    );
}

#[test]
fn a_written_allow_stands_alone() {
    expands("allow(u: User, \"read\", d: Doc) if owns(u, d);", expect![""]);
    expands("allow(_: User, \"all\", _: User);\nhas_permission(_: User, \"read\", _: Doc);", expect![""]);
    let finds = |allow: &str, expected| {
        let blocks = r#"actor User {} resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }"#;
        finds(&format!("{blocks}\n{allow}"), expected);
    };
    finds(
        r#"allow(u: User, "read", d: Doc) if owns(u, d);"#,
        expect![[r#"
            P0705 2:1 this rule replaces the default `allow`, and none asks for whichever permission there is
                1:74 no `allow` asks for such permissions
                help: restate the default: `allow(actor, action, resource) if has_permission(actor, action, resource);`
        "#]],
    );
    finds(
        r#"allow(u: User, "read", d: Doc) if has_permission(u, "read", d);"#,
        expect![[r#"
            P0705 2:1 this rule replaces the default `allow`, and none asks for whichever permission there is
                1:74 no `allow` asks for such permissions
                help: restate the default: `allow(actor, action, resource) if has_permission(actor, action, resource);`
        "#]],
    );
    // Restated, by itself, narrowed, or by way of another rule.
    finds(
        "allow(a, b, c) if has_permission(a, b, c);\nallow(_: User, \"see\", d: Doc) if open(d);",
        expect![""],
    );
    finds("allow(u: User, b, c: Doc) if has_permission(u, b, c) and not banned(u);", expect![""]);
    finds(
        "allow(a, b, c) if may(a, b, c);\nmay(a, b, c) if calm(a) and has_permission(a, b, c);",
        expect![""],
    );
}

#[test]
fn which_predicates_are_facts() {
    forms(
        r#"actor User {}
           global { roles = ["staff"]; "staff" if "staff"; }
           resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; "read" if is_open(resource); }
           declare tagged(Doc, String);
           has_group(u: User, g: Group) if h matches Group and has_group(h, g) and joined(u, h);
           allow(a, b, c) if has_permission(a, b, c) and not banned(a);"#,
        expect!["tagged/2 has_role/3 has_role/2 joined/2 banned/1 is_open/1"],
    );
}

#[test]
fn calls_that_no_fact_answers() {
    finds(
        r#"actor User {}
           resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
           declare tagged(Doc, String);
           may_see(u: User, d: Doc) if owns(u, d);
           a(d: Doc) if tagged(d);
           b(u: User) if has_role(u, "reader");
           c(u: User, d: Doc) if may_se(u, d);
           d(u: User, d: Doc) if taged(d, "x") and has_rol(u, "reader", d);
           e(u: User) if may_see(u);
           f(u: User) if wide(u, u, u, u, u, u, u, u, u);
           g(_: User) if none();
           declare nothing();
           h(u: User) if hidden(u);"#,
        expect![[r#"
            P0801 5:25 `tagged` is a fact of 2 arguments, and this call has 1
                3:12 declared with 2 arguments here
                help: if there are such facts too, declare them: `declare tagged(…);`
            P0801 6:26 `has_role` is a fact of 3 arguments, and this call has 2
                2:36 declared with 3 arguments here
                help: if there are such facts too, declare them: `declare has_role(…);`
            P0802 7:34 no rule defines `may_se`, so it is looked up among the facts
                help: did you mean `may_see`?
                help: if there are such facts, say so: `declare may_se(…);`
            P0802 8:34 no rule defines `taged`, so it is looked up among the facts
                help: did you mean `tagged`?
                help: if there are such facts, say so: `declare taged(…);`
            P0802 8:52 no rule defines `has_rol`, so it is looked up among the facts
                help: did you mean `has_role`?
                help: if there are such facts, say so: `declare has_rol(…);`
            P0203 9:26 no rule `may_see` takes 1 argument, so this call never succeeds
                4:12 `may_see` has 2 parameters here
            P0801 10:26 a fact has one to 8 arguments, and `wide` has 9
                help: define `wide` with a rule, or give it other arguments
            P0801 11:26 a fact has one to 8 arguments, and `none` has 0
                help: define `none` with a rule, or give it other arguments
            P0801 12:12 a fact has one to 8 arguments, and `nothing` has 0
                help: define `nothing` with a rule, or give it other arguments
        "#]],
    );
}

#[test]
fn types_and_literals() {
    finds(
        r#"actor User {}
           resource Repository { roles = ["reader"]; permissions = ["read"]; relations = { owner: Usr }; "read" if "reader"; "read" if "owner"; }
           declare age(User, int);
           a(x) if x matches Role and age(x, 1);
           b(x) if x = User{7} and age(x, 1);
           c(x) if x = Integer{"7"} and age(x, 1);
           d(x: Repositry) if age(x, 1);
           e(x) if x = List{"a"};
           f(x) if x = @context and age(x, 1);"#,
        expect![[r#"
            P0301 2:99 `Usr` has no block, and reads like `User`
                help: did you mean `User`?
                help: if it is a type of its own, say so with a block: `resource Usr {}`
            P0301 3:30 `int` has no block, and reads like `Integer`
                help: did you mean `Integer`?
                help: if it is a type of its own, say so with a block: `resource int {}`
            P0306 5:29 the id of an entity is a string
                help: write `User{"7"}`
            P0306 6:24 `Integer` is a built-in type, so there are no entities of it
                help: write the value itself
            P0301 7:17 `Repositry` has no block, and reads like `Repository`
                help: did you mean `Repository`?
                help: if it is a type of its own, say so with a block: `resource Repositry {}`
            P0306 8:24 `List` is a built-in type, so there are no entities of it
                help: write the value itself
        "#]],
    );
}

#[test]
fn mistakes_in_blocks() {
    finds(
        r#"actor User {}
           global { roles = ["staff"]; relations = { parent: User }; "staff" if "staff" on "parent"; }
           resource A extends B { roles = ["x"]; "x" if "y"; "x" if global "stuff"; }
           resource B extends A { roles = ["y"]; "y" if word; "y" if "x" on parent; role if "x"; }
           resource C extends Resource { roles = ["z"]; relations = { any: Resource }; "z" if "x" on "any"; "z" if "w" on "any"; }"#,
        expect![[r#"
            P0113 2:40 a `global` block has roles and permissions only
                help: declare the relation in the block of the type it begins at
            P0407 2:92 `on` needs a relation of this block, or `resource`
                help: after `on` stands a name from `relations = { … }` in quotes, or `resource` for the object itself
            P0305 3:31 `A` extends itself, by way of `B`
                help: remove one `extends` of the circle
            P0406 3:76 no `global` block declares a role or permission `stuff`
                help: did you mean `staff`?
                help: declare it: `global { roles = ["stuff"]; }`
            P0305 4:31 `B` extends itself, by way of `A`
                help: remove one `extends` of the circle
            P0406 4:57 `word` is neither `role` nor `permission`
                help: for the role, permission or relation of that name write `"word"`
            P0407 4:77 `on` needs a relation of this block, or `resource`
                help: after `on` stands a name from `relations = { … }` in quotes, or `resource` for the object itself
            P0406 4:85 nothing in this rule says which role it grants
                help: write `role if role on "…";`, or name what is granted
            P0305 5:31 `C` extends `Resource`, which is built in
                help: `Resource` stands for every type with such a block: leave `extends` out
            P0409 5:116 `Resource` declares no role, permission or relation `w`
                5:123 this relation leads to `Resource`
                help: declare `w` in a block of `Resource`
        "#]],
    );
}

#[test]
fn names_in_rules_and_unused_declarations() {
    finds(
        r#"actor User {}
           resource Doc {
             roles = ["reader", "idle"]; permissions = ["read", "lone"]; relations = { owner: User, unused: User };
             "read" if "reader";
           }
           has_role(u: User, "raeder", d: Doc) if has_relation(d, "ownr", u);
           a(u: User) if has_role(u, "wirter", Doc{"plan"}) and has_relation(Doc{"plan"}, "owner", u);"#,
        expect![[r#"
            P0505 3:33 role `idle` of `Doc` is declared, but no rule mentions it
                help: grant something by it, such as `"…" if "idle";`, or remove it
            P0506 3:65 permission `lone` of `Doc` is declared, but no rule grants it
                help: grant it, such as `"lone" if "…";`, or remove it
            P0505 3:101 relation `unused` of `Doc` is declared, but no rule mentions it
                help: grant something by it, such as `"…" if "…" on "unused";`, or remove it
            P0411 6:30 `Doc` declares no role `raeder`
                help: did you mean `reader`?
            P0411 6:67 `Doc` declares no relation `ownr`
                help: did you mean `owner`?
            P0411 7:38 `Doc` declares no role `wirter`
                help: declare it: `roles = ["wirter", …];`
        "#]],
    );
}

#[test]
fn classes_of_the_application_beside_entities() {
    let mut schema = schema();
    schema.enable_facts();
    let policy = r#"resource Doc extends Repo {}
        allow(u: User, "read", d: Doc) if owns(d, u) and User{"ann"} = u;"#;
    let (_, found, sources) = load_named(&[(None, policy)], &schema);
    expect![[r#"
        P0305 1:22 `extends` is for types of facts, and `Repo` is a class of the application
            help: a class inherits where it is defined, in the application
        P0306 2:58 `User` is a class of the application, so there are no entities of it
            help: to construct an object of the application, write `new User(…)`
    "#]]
    .assert_eq(&render(&found, sources));
}

#[test]
fn tests_are_checked_and_kept() {
    let good = r#"actor User {}
        resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
        test fixture base { has_role(_: User, "reader", Doc{"open"}); }
        test "reads" {
          setup { fixture base; has_role(User{"ann"}, "reader", Doc{"plan"}); }
          assert allow(User{"ann"}, "read", Doc{"plan"});
          assert allow(User{"ann"}, act: String, Doc{"open"}) iff act in ["read"];
        }"#;
    let (checked, found, sources) = load_named(&[(None, good)], &schema_of_facts());
    assert!(found.is_empty(), "{}", render(&found, sources));
    let [test] = &*checked.tests else { panic!("one test") };
    let facts: Vec<String> = test.facts.iter().map(ToString::to_string).collect();
    expect![[r#"has_role(_: User, "reader", Doc{"open"}) has_role(User{"ann"}, "reader", Doc{"plan"})"#]]
        .assert_eq(&facts.join(" "));
    assert_eq!((&*test.name, test.assertions.len()), ("reads", 2));
    finds(
        r#"actor User {}
           resource Doc { roles = ["reader"]; permissions = ["read"]; "read" if "reader"; }
           test fixture base { has_rol(User{"ann"}, "reader", Doc{"a"}); has_role(User{"ann"}, "reader"); }
           test fixture base { has_role(User{"ann"}, x, Doc{"a"}); has_role(User{"ann"}, "reader", 1.5); unheard_of(1); }
           test "reads" {
             setup { fixture bse; has_role(User{7}, "reader", Doc{"plan"}); }
             assert alow(User{"ann"}, "read", Doc{"plan"});
           }"#,
        expect![[r#"
            P0804 3:32 no rule asks for a fact `has_rol`, so that stating it changes nothing
                help: did you mean `has_role`?
            P0801 3:74 `has_role` is a fact of 3 arguments, and this one has 2
            P0805 4:25 there are two fixtures `base`
                3:25 first defined here
                help: give one of them another name
            P0803 4:54 `x` is no argument of a fact
                help: facts are about entities, `User{"ann"}`, strings, integers, booleans, and `_: User` for any of a type
            P0803 4:100 `1.5` is no argument of a fact
                help: facts are about entities, `User{"ann"}`, strings, integers, booleans, and `_: User` for any of a type
            P0804 4:106 no rule asks for a fact `unheard_of`, so that stating it changes nothing
                help: if there are such facts all the same: `declare unheard_of(…);`
            P0805 6:30 there is no fixture `bse`
                help: did you mean `base`?
                help: define it: `test fixture bse { … }`
            P0803 6:49 `7` is no argument of a fact
                help: facts are about entities, `User{"ann"}`, strings, integers, booleans, and `_: User` for any of a type
            P0202 7:21 there is no rule `alow`
                help: did you mean `allow`?
        "#]],
    );
}

#[test]
fn lines_of_tests_that_cannot_be_asked() {
    finds(
        r#"allow(u: User, "read", d: Doc) if owns(u, d);
           test "t" {
             setup { @current_unix_time = "now"; @context = 7; @current_unix_time = 7; @action = {a: x, b: [1.5, nil, {c: User{"ann"}}]}; }
             assert allow(User{"ann"}, "read");
             assert allw(User{"ann"}, "read", Doc{"a"});
             assert allow(u: User, "read", d: Doc) iff u in [];
             assert allow(User{"ann"}, "read", Doc{"a"}) iff u in [];
             assert allow(u, "read", Doc{"a"}) iff u in [];
             assert allow(u: User, "read", Doc{"a"}) iff u in us;
             assert allow(u: User, "read", Doc{"a"}) iff u in [1.5] or v = 1;
             assert_not allow(u: User, "read", Doc{"a"}) iff u in [];
             assert allow(User{7}, "read", Doc{"a"});
             assert_not allow(Usr{"ann"}, "read", Doc{"a"});
             assert allow(u: User, "read", Doc{"a"}) iff u in [Uzer{"ann"}];
             assert_not allow(_: Robot, "read", Doc{"a"});
           }"#,
        expect![[r#"
            P0810 3:43 `@current_unix_time` is an integer: seconds since 1970
                help: write `@current_unix_time = 1700000000;`, say
            P0810 3:61 `@context` has values by name
                help: write `@context = {name: "value"};`
            P0810 3:102 `x` is no value that a request can give
            P0810 4:21 no rule or fact `allow` has 2 arguments, so that this never holds
            P0202 5:21 there is no rule `allw`
                help: did you mean `allow`?
            P0810 6:56 `iff` is about one variable of what is asked, and this has 2 variables
                help: write one argument as `name: Type`, and the others as values
            P0810 7:62 `iff` is about one variable of what is asked, and this has no variable
                help: write one argument as `name: Type`, and the others as values
            P0810 8:21 the variable `u` has no type, so its values are not known
                help: write `u: User`, say
            P0810 9:58 `u in us` does not list the values of `u`
                help: write `u in ["a", "b"]`, `u in []` for none, or `u matches User` for every `User`
            P0803 10:64 `1.5` is no argument of a fact
                help: facts are about entities, `User{"ann"}`, strings, integers, booleans, and `_: User` for any of a type
            P0810 11:62 `iff` follows `assert` only: it lists all the values for which something holds
                11:14 says that it does not hold
                help: write `assert`, and after `iff` the values for which it holds; `[]` for none
            P0306 12:32 the id of an entity is a string
                help: write `User{"7"}`
            P0306 13:31 there are no entities of type `Usr`: the policy does not name it
                help: did you mean `User`?
            P0306 14:64 there are no entities of type `Uzer`: the policy does not name it
                help: did you mean `User`?
            P0306 15:34 there are no entities of type `Robot`: the policy does not name it
                help: if facts have such entities, give them a block: `resource Robot {}`
        "#]],
    );
}

/// What facts may say.
fn fact_forms(policy: &str, expected: Expect) {
    let (checked, found, sources) = load_named(&[(None, policy)], &schema_of_facts());
    assert!(!found.iter().any(Diagnostic::is_error), "{}", render(&found, sources));
    let forms: Vec<String> = checked.facts.iter().map(|form| format!("{form}\n")).collect();
    expected.assert_eq(&forms.concat());
}

/// What is said of facts, a line each; nothing of one that is taken.
fn refuses(policy: &str, facts: &str, expected: Expect) {
    let (checked, ..) = load_named(&[(None, policy)], &schema_of_facts());
    let mut text = String::new();
    for fact in crate::facts::parse(None, facts).expect("facts") {
        if let Some(mismatch) = checked.facts.mismatch(&fact) {
            let _ = writeln!(text, "{}", mismatch.sentence(&fact));
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn forms_come_from_blocks_calls_and_declarations() {
    fact_forms(
        r#"actor User {}
           actor Group {} resource Draft extends Doc {}
           global { roles = ["staff"]; permissions = ["found"]; "found" if "staff"; }
           resource Org { roles = ["admin", "member"]; "member" if "admin"; "admin" if global "staff"; }
           resource Repo {
             roles = ["reader", "writer"]; relations = { org: Org, owner: User };
             "reader" if "member" on "org"; "writer" if "owner" or is_open(resource);
           }
           declare tagged(Repo, String);
           has_role(user: User, role: String, repo: Repo) if
             group matches Group and in_group(user, group) and has_role(group, role, repo);
           has_permission(a: Actor, p: String, o: Org) if
             role matches Role and has_role(a, role, o) and grants(role, p);
           may(u: User, d: Doc) if owns(u, d) or (d matches Draft and wrote(u, d)) or not hides(d, _);
           near(d: Doc) if until matches Integer and open_until(d, until, true) and until > @current_unix_time;"#,
        expect![[r#"
            tagged(Repo, String)
            has_role(Actor, "admin" | "member", Org)
            has_role(Actor, "reader" | "writer", Repo)
            has_role(Group, "reader" | "writer", Repo)
            has_role(Actor, Role, Org)
            has_role(Actor, "staff")
            has_relation(Repo, "org", Org)
            has_relation(Repo, "owner", User)
            in_group(User, Group)
            grants(Role, String)
            owns(User, Doc)
            wrote(User, Draft)
            hides(Doc, _)
            open_until(Doc, Integer, Boolean)
            is_open(Repo)
        "#]],
    );
}

#[test]
fn an_open_argument_is_what_is_declared() {
    fact_forms(
        r#"actor User {} actor Team {}
           resource Doc { roles = ["reader"]; } resource Sheet { roles = ["editor"]; }
           declare joined(User, Team);
           has_role(u: User, role, thing) if team matches Team and joined(u, team) and has_role(team, role, thing);
           sees(u, d: Doc) if has_role(u, "reader", d) and joined(u, _);
           all(u) if joined(u, u) and likes(u, _);"#,
        expect![[r#"
            joined(User, Team)
            has_role(Actor, "reader", Doc)
            has_role(Actor, "editor", Sheet)
            has_role(Team, "reader", Doc)
            has_role(Team, "editor", Sheet)
            likes(_, _)
        "#]],
    );
}

#[test]
fn facts_that_nobody_asks_for_are_refused() {
    refuses(
        r#"actor User {} actor Bot extends User {}
           resource Doc { roles = ["reader", "writer"]; relations = { folder: Folder }; "reader" if "writer"; }
           resource Note extends Doc { roles = ["scribe"]; }
           resource Folder {}
           declare joined(User, Team);
           has(u: User, d: Doc) if counted(u, d, 3) and flagged(d, true);"#,
        r#"has_role(Bot{"b"}, "reader", Note{"n"}); has_role(_: User, _: String, _: Doc);
           has_relation(Note{"n"}, "folder", Folder{"f"}); joined(Bot{"b"}, _: Team);
           has_rol(User{"a"}, "reader", Doc{"d"});
           has_role(User{"a"}, "reader");
           has_role(User{"a"}, "raeder", Doc{"d"});
           has_role(User{"a"}, "scribe", Doc{"d"});
           has_role(User{"a"}, "scrib", Note{"d"});
           has_role(Team{"a"}, "reader", Doc{"d"});
           has_role(User{"a"}, User{"b"}, Doc{"d"});
           has_role(User{"a"}, "reader", Dok{"d"});
           has_role(_: Actor, "reader", Doc{"d"});
           has_relation(Doc{"d"}, "foldr", Folder{"f"});
           has_relation(Folder{"f"}, "folder", Doc{"d"});
           joined(Team{"t"}, User{"u"});
           counted(User{"u"}, Doc{"d"}, "3");
           flagged(Doc{"d"}, false);"#,
        expect![[r#"
            the fact `has_rol(User{"a"}, "reader", Doc{"d"})` is refused: no rule asks for a fact `has_rol`, so that stating it changes nothing; did you mean `has_role`?
            the fact `has_role(User{"a"}, "reader")` is refused: `has_role` is a fact of 3 arguments, and this one has 2
            the fact `has_role(User{"a"}, "raeder", Doc{"d"})` is refused: `raeder` is not a role of `Doc`; did you mean `reader`? (the nearest form is `has_role(Actor, "reader" | "writer", Doc)`)
            the fact `has_role(User{"a"}, "scribe", Doc{"d"})` is refused: `scribe` is not a role of `Doc` (the nearest form is `has_role(Actor, "reader" | "writer", Doc)`)
            the fact `has_role(User{"a"}, "scrib", Note{"d"})` is refused: `scrib` is not a role of `Note`; did you mean `scribe`? (the nearest form is `has_role(Actor, "scribe", Note)`)
            the fact `has_role(Team{"a"}, "reader", Doc{"d"})` is refused: argument 1 of `has_role` is of type `Team`, for which there is no `actor` block (the nearest form is `has_role(Actor, "reader" | "writer", Doc)`)
            the fact `has_role(User{"a"}, User{"b"}, Doc{"d"})` is refused: argument 2 of `has_role` is of type `User`, and not a name (the nearest form is `has_role(Actor, "reader" | "writer", Doc)`)
            the fact `has_role(User{"a"}, "reader", Dok{"d"})` is refused: the policy names no type `Dok`; did you mean `Doc`?
            the fact `has_role(_: Actor, "reader", Doc{"d"})` is refused: `Actor` stands for many types, and a fact is about one of them
            the fact `has_relation(Doc{"d"}, "foldr", Folder{"f"})` is refused: `foldr` is not a relation of `Doc`; did you mean `folder`? (the nearest form is `has_relation(Doc, "folder", Folder)`)
            the fact `has_relation(Folder{"f"}, "folder", Doc{"d"})` is refused: argument 1 of `has_relation` is of type `Folder`, and not `Doc` (the nearest form is `has_relation(Doc, "folder", Folder)`)
            the fact `joined(Team{"t"}, User{"u"})` is refused: argument 1 of `joined` is of type `Team`, and not `User` (the nearest form is `joined(User, Team)`)
            the fact `counted(User{"u"}, Doc{"d"}, "3")` is refused: argument 3 of `counted` is of type `String`, and not `Integer` (the nearest form is `counted(User, Doc, Integer)`)
        "#]],
    );
}

#[test]
fn tests_that_ask_for_what_no_block_declares() {
    let policy = r#"actor User {} resource Org { roles = ["member"]; }
        resource Doc {
          roles = ["reader"]; permissions = ["read"]; relations = { org: Org };
          "read" if "reader" or "member" on "org";
        }"#;
    let test = r#"
        test "t" {
          assert_not allow(User{"ann"}, "raed", Doc{"a"});
          assert allow(u: User, "drop", Doc{"a"}) iff u in [];
          assert_not has_role(User{"ann"}, "raeder", _: Doc);
          assert_not has_relation(Doc{"a"}, "orgg", Org{"o"});
          assert_not allow(User{"ann"}, "read", Doc{"a"});
          assert_not allow(User{"ann"}, a: String, Doc{"a"});
          assert_not allow(User{"ann"}, "any", r: Resource);
          assert_not allow(User{"ann"}, "join", Org{"o"});
        }"#;
    finds(
        &format!("{policy}{test}"),
        expect![[r#"
        P0411 7:41 `Doc` declares no permission `raed`
            help: did you mean `read`?
        P0411 8:33 `Doc` declares no permission `drop`
            help: declare it: `permissions = ["drop", …];`
        P0411 9:44 `Doc` declares no role `raeder`
            help: did you mean `reader`?
        P0411 10:45 `Doc` declares no relation `orgg`
            help: did you mean `org`?
        P0411 13:41 no block declares a permission `any`
            help: declare it: `permissions = ["any", …];`
    "#]],
    );
    finds(
        &format!(
            "{policy} allow(a, act, r) if has_permission(a, act, r); allow(_: User, \"raed\", _: Doc);{test}"
        ),
        expect![[r#"
            P0411 9:44 `Doc` declares no role `raeder`
                help: did you mean `reader`?
            P0411 10:45 `Doc` declares no relation `orgg`
                help: did you mean `org`?
        "#]],
    );
}
