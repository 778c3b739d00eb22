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
