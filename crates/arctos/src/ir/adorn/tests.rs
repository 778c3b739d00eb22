//! Readings as text: which copies there are, and in which order their goals stand.

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::*;
use crate::ir::{Goal, Operand, Span32};
use crate::{Policy, Schema, Sources};

fn load(policy: &str) -> Policy {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, policy);
    Policy::load(&schema, sources).unwrap()
}

/// The reading for a question like `allow User String Doc?`: a type by itself is that of a value that is known.
fn read(policy: &str, question: &str) -> Option<BoundFirst> {
    let policy = load(policy);
    let program = &policy.0;
    let mut words = question.split(' ');
    let rule = words.next().unwrap();
    let variables: Vec<Asked> = words
        .map(|word| match word.strip_suffix('?') {
            Some("given") => Asked::Given,
            Some(name) => Asked::OfClass(program.schema.class(name)),
            None => Asked::Known(program.schema.class(word)),
        })
        .collect();
    let arity = variables.len() as u32;
    let predicate = program.by_name[&(program.symbols.get(rule).unwrap(), arity)];
    let calls = vec![(predicate, (0..arity).collect())];
    BoundFirst::read(program, &Shape { calls, variables, has_time: true, given_first: false })
}

fn check(policy: &str, question: &str, expected: Expect) {
    let reading = read(policy, question).expect("a reading");
    let program = &reading.program;
    let mut text = String::new();
    for clause in &program.clauses {
        let name = named(program, clause.predicate);
        let operands: Vec<Operand> = clause.params.iter().map(|param| param.operand).collect();
        let mark = if clause.recursion.is_some() { " (recursive)" } else { "" };
        let goals = goals(program, clause, clause.body);
        writeln!(text, "{name}({}){mark}{goals}", shown(program, clause, &operands)).unwrap();
    }
    expected.assert_eq(&text);
}

/// `allow.0`: its name, and the number of the copy.
fn named(program: &Program, predicate: PredicateId) -> String {
    let place = predicate.0 as usize;
    let name = program.symbols.text(program.predicates[place].name);
    if place == 0 { "?".to_owned() } else { format!("{name}.{place}") }
}

fn shown(program: &Program, clause: &Clause, operands: &[Operand]) -> String {
    let one = |operand: &Operand| match operand {
        Operand::Slot(slot) if clause.origin == arctos_syntax::Span::default() => format!("{}", slot.0),
        Operand::Slot(slot) => program.symbols.text(clause.slots[slot.0 as usize]).to_owned(),
        Operand::Text(text) => format!("{:?}", program.symbols.text(*text)),
        other => format!("{other:?}"),
    };
    operands.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn goals(program: &Program, clause: &Clause, run: Span32) -> String {
    let mut text = String::new();
    for goal in &program.code.goals[run.range()] {
        text.push_str("\n  ");
        match goal {
            Goal::Call(predicate, args) => {
                let args = shown(program, clause, program.code.operands(*args));
                write!(text, "{}({args})", named(program, *predicate)).unwrap();
            }
            Goal::Match(value, _) => write!(text, "{} matches", shown(program, clause, &[*value])).unwrap(),
            Goal::Not(block) => {
                let inner = goals(program, clause, program.code.blocks[*block as usize].goals);
                write!(text, "not{}", inner.replace('\n', "\n  ")).unwrap();
            }
            Goal::Or(blocks) => {
                for block in &program.code.blocks[blocks.range()] {
                    write!(text, "or{}", goals(program, clause, block.goals).replace('\n', "\n  ")).unwrap();
                }
            }
            Goal::Compare(op, a, b) => {
                write!(text, "{op:?} {}", shown(program, clause, &[*a, *b])).unwrap();
            }
            other => write!(text, "{other:?}").unwrap(),
        }
    }
    text
}

const CODEHOST: &str = r#"
    actor User {}
    actor Group {}
    resource Org { roles = ["member", "owner"]; "member" if "owner"; }
    resource Repo {
      roles = ["reader", "admin"];
      permissions = ["read", "push"];
      relations = { org: Org, parent: Repo };
      "read" if "reader" and is_active(actor);
      "reader" if "member" on "org" or "admin";
      role if role on "parent";
      "push" if "admin";
    }
    has_role(user: User, role: String, repo: Repo) if
      group matches Group and in_group(user, group) and has_role(group, role, repo);
    is_active(user) if not is_blocked(user);
"#;

#[test]
fn resources() {
    check(
        CODEHOST,
        "allow User String Repo?",
        expect![[r#"
        ?(0, 1, 2)
          allow.1(0, 1, 2)
        allow.1(0, 1, 2)
          has_permission.2(0, 1, 2)
        has_permission.2(actor, "read", resource)
          is_active.3(actor)
          has_role.4(actor, "reader", resource)
          resource matches
        has_permission.2(actor, "push", resource)
          has_role.4(actor, "admin", resource)
          resource matches
        is_active.3(user)
          not
            is_blocked.5(user)
        has_role.4(user, role, repo)
          in_group.6(user, group)
          group matches
          has_role.7(group, role, repo)
          repo matches
        has_role.4(actor, "reader", resource) (recursive)
          or
            has_role.8(actor, "member", related_org)
            related_org matches
            has_relation.9(resource, "org", related_org)or
            has_role.4(actor, "admin", resource)
          resource matches
        has_role.4(actor, role, resource) (recursive)
          has_role.4(actor, role, related_repo)
          related_repo matches
          has_relation.9(resource, "parent", related_repo)
          resource matches
        has_role.7(actor, "reader", resource) (recursive)
          or
            has_role.10(actor, "member", related_org)
            related_org matches
            has_relation.9(resource, "org", related_org)or
            has_role.7(actor, "admin", resource)
          resource matches
        has_role.7(actor, role, resource) (recursive)
          has_role.7(actor, role, related_repo)
          related_repo matches
          has_relation.9(resource, "parent", related_repo)
          resource matches
        has_role.8(actor, "member", resource)
          has_role.8(actor, "owner", resource)
          resource matches
        has_role.10(actor, "member", resource)
          has_role.10(actor, "owner", resource)
          resource matches
    "#]],
    );
}

#[test]
fn subjects() {
    check(
        CODEHOST,
        "allow User? String Repo",
        expect![[r#"
        ?(0, 1, 2)
          allow.1(0, 1, 2)
        allow.1(0, 1, 2)
          has_permission.2(0, 1, 2)
        has_permission.2(actor, "read", resource)
          has_role.3(actor, "reader", resource)
          actor matches
          is_active.4(actor)
        has_permission.2(actor, "push", resource)
          has_role.3(actor, "admin", resource)
          actor matches
        has_role.3(user, role, repo)
          has_role.5(group, role, repo)
          group matches
          in_group.6(user, group)
          user matches
        has_role.3(actor, "reader", resource) (recursive)
          or
            has_relation.7(resource, "org", related_org)
            related_org matches
            has_role.8(actor, "member", related_org)or
            has_role.3(actor, "admin", resource)
          actor matches
        has_role.3(actor, role, resource) (recursive)
          has_relation.7(resource, "parent", related_repo)
          related_repo matches
          has_role.3(actor, role, related_repo)
          actor matches
        is_active.4(user)
          not
            is_blocked.9(user)
        has_role.5(actor, "reader", resource) (recursive)
          or
            has_relation.7(resource, "org", related_org)
            related_org matches
            has_role.10(actor, "member", related_org)or
            has_role.5(actor, "admin", resource)
          actor matches
        has_role.5(actor, role, resource) (recursive)
          has_relation.7(resource, "parent", related_repo)
          related_repo matches
          has_role.5(actor, role, related_repo)
          actor matches
        has_role.8(actor, "member", resource)
          has_role.8(actor, "owner", resource)
          actor matches
        has_role.10(actor, "member", resource)
          has_role.10(actor, "owner", resource)
          actor matches
    "#]],
    );
}

#[test]
fn what_may_fail_stays_behind_what_precedes_it() {
    let policy = r#"
        actor User {}
        resource Doc {}
        allow(u: User, "read", d: Doc) if dated(d, t) and t > 7 and knows(u, d);
        allow(u: User, "typed", d: Doc) if t matches Integer and dated(d, t) and t > 7 and knows(u, d);
        allow(u: User, "guarded", d: Doc) if open(d) and late(d) and knows(u, d);
        late(d) if dated(d, t) and t > 7;
    "#;
    check(
        policy,
        "allow User String Doc?",
        expect![[r#"
        ?(0, 1, 2)
          allow.1(0, 1, 2)
        allow.1(u, "read", d)
          knows.2(u, d)
          d matches
          dated.3(d, t)
          Gt t, Integer(7)
        allow.1(u, "typed", d)
          knows.2(u, d)
          d matches
          dated.3(d, t)
          t matches
          Gt t, Integer(7)
        allow.1(u, "guarded", d)
          knows.2(u, d)
          d matches
          open.4(d)
          late.5(d)
        late.5(d)
          dated.3(d, t)
          Gt t, Integer(7)
    "#]],
    );
}

#[test]
fn negations_wait_for_what_binds_their_variables() {
    let policy = r#"
        allow(u: User, "read", d: Doc) if not blocked(u, d) and (shared(d, u) or owns(u, d)) and not banned(u);
        owns(u: User, d: Doc) if g matches Group and not closed(g) and joined(u, g) and of(g, d);
        joined(_: User, _: Group);
    "#;
    check(
        policy,
        "allow User String Doc?",
        expect![[r#"
        ?(0, 1, 2)
          allow.1(0, 1, 2)
        allow.1(u, "read", d)
          not
            banned.2(u)
          or
            shared.3(d, u)or
            owns.4(u, d)
          d matches
          not
            blocked.5(u, d)
        owns.4(u, d)
          joined.6(u, g)
          g matches
          not
            closed.7(g)
          of.8(g, d)
          d matches
        joined.6(Anonymous, allow)
          allow matches
    "#]],
    );
}

#[test]
fn given_values_come_before_what_knows_constants_only() {
    check(
        "tagged(d: Doc, \"x\") if open(d) and old(d);",
        "tagged given? String",
        expect![[r#"
        ?(0, 1)
          tagged.1(0)
          tagged.2(0, 1)
        tagged.2(d, "x")
          open.3(d)
          old.4(d)
    "#]],
    );
    check(
        "owned(u: User, d: Doc) if owns(u, d);",
        "owned User given?",
        expect![[r#"
        ?(0, 1)
          owned.2(0, 1)
          owned.1(1)
        owned.2(u, d)
          owns.3(u, d)
          d matches
    "#]],
    );
}

#[test]
fn a_cut_is_read_as_it_is_written_and_only_where_all_is_known() {
    let policy = r#"
        first(u: User, d: Doc) if owns(u, d) and cut;
        first(u: User, d: Doc) if knows(u, d);
        allow(u: User, "read", d: Doc) if open(d) and first(u, d);
    "#;
    assert!(read(policy, "allow User String Doc?").is_none());
    check(
        policy,
        "allow User String Doc",
        expect![[r#"
        ?(0, 1, 2)
          allow.1(0, 1, 2)
        allow.1(u, "read", d)
          open.2(d)
          first.3(u, d)
        first.3(u, d)
          owns.4(u, d)
          Cut
        first.3(u, d)
          knows.5(u, d)
    "#]],
    );
}

#[test]
fn a_reading_is_made_once_and_the_latest_are_kept() {
    let policy = load("owned(u: User, d: Doc) if owns(u, d);");
    let program = &policy.0;
    let owned = program.by_name[&(program.symbols.get("owned").unwrap(), 2)];
    let shape = |calls: usize| Shape {
        calls: vec![(owned, vec![0, 1]); calls],
        variables: vec![Asked::Known(None), Asked::OfClass(program.schema.class("Doc"))],
        has_time: false,
        given_first: false,
    };
    let first = program.bound_first(shape(1)).unwrap();
    for calls in 2..=64 {
        assert!(program.bound_first(shape(calls)).is_some());
        assert!(Arc::ptr_eq(&first, &program.bound_first(shape(1)).unwrap()), "it is in use");
    }
    (65..129).for_each(|calls| assert!(program.bound_first(shape(calls)).is_some()));
    assert!(!Arc::ptr_eq(&first, &program.bound_first(shape(1)).unwrap()), "it has been dropped");
}

#[test]
fn there_are_as_many_copies_as_matter_and_no_more() {
    // Each call turns the arguments of the head round by one: every part of them may be open.
    let places: Vec<String> = (0..16).map(|place| format!("_x{place}")).collect();
    let turned: Vec<&str> = places.iter().skip(1).chain(places.first()).map(|name| &**name).collect();
    let swapped: Vec<&str> = [1, 0].into_iter().chain(2..16).map(|place| &*places[place]).collect();
    let policy = format!(
        "p({0}) if p({1}); p({0}) if p({2}); p({0}) if q(_x0, _x1, _x2);",
        places.join(", "),
        turned.join(", "),
        swapped.join(", ")
    );
    let question = format!("p {}{}", "String ".repeat(8), ["String?"; 8].join(" "));
    let reading = read(&policy, &question).unwrap();
    let copies = reading.program.predicates.len();
    assert!((MOST_BY_CLASS..MOST_BY_OPENNESS + 8).contains(&copies), "{copies}");
}
