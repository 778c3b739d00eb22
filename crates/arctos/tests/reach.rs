//! What can be reached through lists and facts: the same answer however far away it is, within the limits.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::sync::{Arc, OnceLock};

use arctos::facts::{Facts, Value, ValueRef};
use arctos::rust::{Arctos, PolarClass};
use arctos::{Authorizer, ErrorKind, Fact, Limit, Limits, Policy, Schema, Sources};

#[derive(PolarClass)]
struct Group {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    groups: Vec<Arc<Group>>,
}

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    groups: Vec<Arc<Group>>,
}

const NESTED: &str =
    "in_group(party, id) if group in party.groups and (group.id = id or in_group(group, id));";

fn engine(limits: Limits) -> Arctos {
    Arctos::builder().register::<Group>().register::<User>().load_str(NESTED).limits(limits).build().unwrap()
}

/// Whether a rule holds, asked by itself.
fn holds<T: PolarClass>(engine: &Arctos, rule: &str, object: &T, id: u32) -> Result<bool, arctos::Error> {
    let session = engine.session();
    let mut batch = session.batch();
    batch.holds(rule, (object, id))
}

/// A user in the last of so many groups, each in the one before and in `more` others.
fn user(depth: u32, more: u32) -> User {
    let mut groups = Vec::new();
    for id in 0..depth {
        let others = (0..more).map(|other| Arc::new(Group { id: 1_000_000 + other, groups: Vec::new() }));
        groups = vec![Arc::new(Group { id, groups: others.chain(groups).collect() })];
    }
    User { groups }
}

#[test]
fn groups_are_found_however_deep() {
    let engine = engine(Limits::default());
    for (depth, more) in [(1, 0), (90, 3), (100, 0), (2_000, 2), (200, 50)] {
        let user = user(depth, more);
        for turn in 0..2 {
            assert!(holds(&engine, "in_group", &user, 0).unwrap(), "{depth}, turn {turn}");
            assert!(!holds(&engine, "in_group", &user, depth).unwrap(), "{depth}, turn {turn}");
        }
        // Its groups would fall one inside the other.
        drop_slowly(user);
    }
}

fn drop_slowly(user: User) {
    let mut groups = user.groups;
    while let Some(group) = groups.pop() {
        if let Some(group) = Arc::into_inner(group) {
            groups.extend(group.groups);
        }
    }
}

#[test]
fn each_way_is_gone_once() {
    // In each of 60 layers two groups, each in both of the layer above: 2⁶⁰ ways.
    let mut layer: Vec<Arc<Group>> = Vec::new();
    for id in 0..60 {
        layer = (0..2).map(|other| Arc::new(Group { id: 2 * id + other, groups: layer.clone() })).collect();
    }
    let engine = engine(Limits { steps: 20_000, ..Limits::default() });
    let user = User { groups: layer };
    assert!(holds(&engine, "in_group", &user, 0).unwrap());
    assert!(!holds(&engine, "in_group", &user, 1_000).unwrap());
}

#[test]
fn groups_inside_one_another_count_as_depth() {
    let engine = engine(Limits { depth: 40, ..Limits::default() });
    for depth in [30, 60, 120] {
        let user = user(depth, 1);
        let found = holds(&engine, "in_group", &user, 5_000);
        match found {
            Ok(found) => assert!(!found && depth < 40, "{depth}"),
            Err(error) => {
                assert!(depth > 40, "{depth}: {error}");
                assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Depth));
            }
        }
    }
}

/// An object that points to the one before it.
#[derive(PolarClass)]
#[polar(methods(read_up))]
struct Folder {
    #[polar(attribute)]
    id: u32,
    up: OnceLock<&'static Folder>,
}

impl Folder {
    fn read_up(&self) -> Option<&Folder> {
        self.up.get().copied()
    }
}

#[test]
fn a_circle_is_gone_round_once() {
    let rules =
        "under(x, id) if x.id = id; under(x, id) if y = x.read_up() and y matches Folder and under(y, id);";
    let limits = Limits { steps: 5_000, ..Limits::default() };
    let engine = Arctos::builder().register::<Folder>().load_str(rules).limits(limits).build().unwrap();
    let folders: Vec<Folder> = (0..100).map(|id| Folder { id, up: OnceLock::new() }).collect();
    let folders: &'static [Folder] = folders.leak();
    for (place, folder) in folders.iter().enumerate() {
        folder.up.get_or_init(|| &folders[(place + 99) % 100]);
    }
    assert!(holds(&engine, "under", &folders[7], 8).unwrap());
    assert!(!holds(&engine, "under", &folders[7], 100).unwrap());
}

const FOLDERS: &str = r#"
    actor User {}
    resource Folder {
      roles = ["reader"];
      permissions = ["read"];
      relations = { parent: Folder };
      "read" if "reader";
      "reader" if "reader" on "parent";
    }"#;

/// Folders, each in the one before; ann may read the first.
fn folders(count: u32, limits: Limits) -> Authorizer {
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, FOLDERS);
    let policy = Policy::load(&schema, sources).unwrap();
    let mut change = Facts::new().change();
    let folder = |id: u32| Value::entity("Folder", id.to_string());
    change
        .insert(&Fact::new("has_role", [Value::entity("User", "ann"), "reader".into(), folder(0)]))
        .unwrap();
    for id in 1..count {
        change.insert(&Fact::new("has_relation", [folder(id), "parent".into(), folder(id - 1)])).unwrap();
    }
    Authorizer::new(&policy, change.commit().0).unwrap().with_limits(limits)
}

/// Folders, each in the one before; of the first, each of these users has the role that she is called by.
fn roles(count: u32) -> Authorizer {
    let rules = r#"
        declare holds(User, String, Folder);
        declare parent(Folder, Folder);
        reads(user, folder) if role(user, "reader", folder);
        reads(user, folder) if parent(folder, above) and reads(user, above);
        role(user, "reader", folder) if role(user, "writer", folder);
        role(user, "writer", folder) if role(user, "owner", folder);
        role(user, name, folder) if holds(user, name, folder);"#;
    let mut schema = Schema::new();
    schema.enable_facts();
    let mut sources = Sources::default();
    sources.add(None, rules);
    let policy = Policy::load(&schema, sources).unwrap();
    let mut change = Facts::new().change();
    let folder = |id: u32| Value::entity("Folder", id.to_string());
    for role in ["reader", "writer", "owner", "guest"] {
        change.insert(&Fact::new("holds", [Value::entity("User", role), role.into(), folder(0)])).unwrap();
    }
    for id in 1..count {
        let other = Value::entity("User", format!("user {id}"));
        change.insert(&Fact::new("holds", [other, "owner".into(), folder(id)])).unwrap();
        change.insert(&Fact::new("parent", [folder(id), folder(id - 1)])).unwrap();
    }
    Authorizer::new(&policy, change.commit().0).unwrap()
}

#[test]
fn each_role_that_implies_the_one_asked_for_is_found_however_deep() {
    // Few facts are searched in another way than many.
    for count in [2, 3, 200, 3_000] {
        let authorizer = roles(count);
        for folder in [0, 1, count - 1] {
            let id = folder.to_string();
            let reads = |user: &str| {
                authorizer
                    .check("reads", &[ValueRef::entity("User", user), ValueRef::entity("Folder", &id)])
                    .unwrap()
            };
            for role in ["reader", "writer", "owner"] {
                assert!(reads(role), "{role} of {folder} of {count}");
            }
            assert!(!reads("guest") && !reads("nobody"), "{folder} of {count}");
            assert_eq!(reads("user 1"), folder > 0, "{folder} of {count}");
        }
    }
}

fn may_read(authorizer: &Authorizer, user: &str, folder: u32) -> Result<bool, arctos::Error> {
    let folder = folder.to_string();
    authorizer
        .check("allow", &[ValueRef::entity("User", user), "read".into(), ValueRef::entity("Folder", &folder)])
}

#[test]
fn folders_are_found_however_deep() {
    let authorizer = folders(3_000, Limits::default());
    assert!(may_read(&authorizer, "ann", 2_999).unwrap());
    assert!(!may_read(&authorizer, "ben", 2_999).unwrap());
}

#[test]
fn every_fact_on_the_way_counts() {
    let authorizer = folders(3_000, Limits { steps: 2_000, ..Limits::default() });
    let error = may_read(&authorizer, "ben", 2_999).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Steps));
    assert!(!may_read(&authorizer, "ben", 300).unwrap());
    let authorizer = folders(3_000, Limits { depth: 100, ..Limits::default() });
    let error = may_read(&authorizer, "ann", 2_999).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted(Limit::Depth));
    assert!(may_read(&authorizer, "ann", 80).unwrap());
}
