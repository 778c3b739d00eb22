//! Every role × resource × action against a plain function that says what is right.

use std::collections::HashMap;

use sample::{
    authorization, one_of_each, Action, AnyActor, AuthenticatedActor, Database, Door, Fleet, Grant, Level,
    Lock, Project, RoleSet, Silo, ACTIONS,
};

/// Who asks: name, the silo they are of, the one role they have.
const ACTORS: &[(&str, Option<u32>, Option<(&str, u32, &str)>)] = &[
    ("nobody", None, None),
    ("fleet-admin", None, Some(("fleet", 0, "admin"))),
    ("fleet-viewer", None, Some(("fleet", 0, "viewer"))),
    ("silo-admin", None, Some(("silo", 1, "admin"))),
    ("silo-collaborator", None, Some(("silo", 1, "collaborator"))),
    ("silo-viewer", None, Some(("silo", 1, "viewer"))),
    ("silo-member", Some(1), None),
    ("other-silo-admin", Some(2), Some(("silo", 2, "admin"))),
    ("lending-silo-admin", Some(99), Some(("silo", 99, "admin"))),
    ("project-admin", None, Some(("project", 5, "admin"))),
    ("project-collaborator", None, Some(("project", 5, "collaborator"))),
    ("project-viewer", None, Some(("project", 5, "viewer"))),
    ("other-project-admin", None, Some(("project", 6, "admin"))),
];

fn actor(name: &str, silo: Option<u32>, role: Option<(&'static str, u32, &str)>) -> AnyActor {
    let roles = role.map_or_else(RoleSet::default, |(kind, id, role)| RoleSet::with(kind, id, role));
    AnyActor::known(AuthenticatedActor::new(name, silo.map(|id| Silo { id }), roles))
}

/// How much an actor may do at a level of silo 1 and project 5: 0 nothing, 1 look, 2 create, 3 change.
fn power(name: &str, level: Level) -> u8 {
    match (name, level) {
        ("fleet-admin", _) => 3,
        ("fleet-viewer" | "lending-silo-admin", _) => 1,
        (_, Level::Fleet) => 0,
        ("silo-admin", _) => 3,
        ("silo-collaborator", Level::Silo) => 2,
        ("silo-collaborator", Level::Project) => 3,
        ("silo-viewer" | "silo-member", _) => 1,
        ("project-admin", Level::Project) => 3,
        ("project-collaborator", Level::Project) => 2,
        ("project-viewer", Level::Project) => 1,
        _ => 0,
    }
}

fn needed(action: Action, editor: u8) -> Option<u8> {
    match action {
        Action::Read | Action::ListChildren => Some(1),
        Action::Modify | Action::CreateChild => Some(editor),
        Action::Query => None,
    }
}

#[test]
fn every_role_resource_and_action() {
    let (oso, classes) = authorization().expect("the policy loads");
    assert_eq!(classes, 85);
    let project = Project { id: 5, silo: Silo { id: 1 } };
    let mut decisions = 0;
    for resource in one_of_each(&project) {
        let editor = if resource.level == Level::Project { 2 } else { 3 };
        for action in ACTIONS {
            assert!(!(resource.ask)(&oso, AnyActor::anonymous(), action).expect("a decision"));
            for (name, silo, role) in ACTORS {
                let right =
                    needed(action, editor).is_some_and(|needed| power(name, resource.level) >= needed);
                let found = (resource.ask)(&oso, actor(name, *silo, *role), action).expect("a decision");
                assert_eq!(found, right, "{name} {action:?} {}", resource.name);
                decisions += 1;
            }
        }
    }
    assert_eq!(decisions, 75 * 5 * 13);
}

#[test]
fn parents_themselves() {
    let (oso, _) = authorization().expect("the policy loads");
    let project = Project { id: 5, silo: Silo { id: 1 } };
    for (name, silo, role) in ACTORS {
        let ask = || actor(name, *silo, *role);
        for action in ACTIONS {
            let right = |level, create, change| match action {
                Action::Read | Action::ListChildren => power(name, level) >= 1,
                Action::CreateChild => power(name, level) >= create,
                Action::Modify => power(name, level) >= change,
                Action::Query => false,
            };
            let found = oso.is_allowed(ask(), action, Fleet).expect("a decision");
            assert_eq!(found, right(Level::Fleet, 3, 3), "{name} {action:?} the fleet");
            let found = oso.is_allowed(ask(), action, Silo { id: 1 }).expect("a decision");
            assert_eq!(found, right(Level::Silo, 2, 3), "{name} {action:?} the silo");
            let found = oso.is_allowed(ask(), action, project.clone()).expect("a decision");
            assert_eq!(found, right(Level::Project, 2, 3), "{name} {action:?} the project");
        }
    }
}

#[test]
fn a_constant_is_an_actor() {
    let (oso, _) = authorization().expect("the policy loads");
    let init = actor("db-init", None, None);
    assert!(oso.is_allowed(init.clone(), Action::Modify, Database).expect("a decision"));
    assert!(oso.is_allowed(init, Action::Query, Database).expect("a decision"));
    assert!(!oso.is_allowed(actor("ann", None, None), Action::Modify, Database).expect("a decision"));
    assert!(oso.is_allowed(actor("ann", None, None), Action::Query, Database).expect("a decision"));
}

#[test]
fn attributes_may_be_enums_and_maps_of_enums() {
    let (oso, _) = authorization().expect("the policy loads");
    let grants = HashMap::from([("ann".to_owned(), Grant::Guard), ("bob".to_owned(), Grant::Guest)]);
    let shut = Door { state: Lock::Shut, grants: grants.clone() };
    let open = Door { state: Lock::Open, grants };
    let enter = |name: &str, door: &Door| oso.is_allowed(actor(name, None, None), "enter", door.clone());
    assert!(enter("ann", &shut).expect("a decision"));
    assert!(!enter("bob", &shut).expect("a decision"));
    assert!(!enter("eve", &shut).expect("a decision"));
    assert!(enter("eve", &open).expect("a decision"));
}
