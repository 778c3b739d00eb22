//! A decision over live objects allocates nothing, once its thread has made a few of the same kind.

use std::sync::Arc;

use arctos::rust::{Arctos, PolarClass};

#[derive(PolarClass)]
struct User {
    #[polar(attribute)]
    roles: Vec<Role>,
}

#[derive(PolarClass)]
struct Role {
    #[polar(attribute)]
    name: String,
    #[polar(attribute)]
    folder: u32,
}

#[derive(PolarClass)]
#[polar(eq)]
struct Folder {
    #[polar(attribute)]
    id: u32,
    #[polar(attribute)]
    parent: Option<Arc<Folder>>,
}

impl PartialEq for Folder {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

const POLICY: &str = r#"
    allow(actor, action, resource) if has_permission(actor, action, resource);
    actor User {}
    resource Folder {
      roles = ["reader", "writer"];
      permissions = ["read", "write"];
      relations = { parent: Folder };
      "read" if "reader";
      "write" if "writer";
      "reader" if "writer";
      "reader" if "reader" on "parent";
    }
    has_relation(parent: Folder, "parent", folder: Folder) if parent = folder.parent;
    has_role(user: User, name: String, folder: Folder) if
      role in user.roles and role.name = name and role.folder = folder.id;
"#;

#[test]
fn a_warm_decision_allocates_nothing() {
    let engine = Arctos::builder()
        .register::<User>()
        .register::<Role>()
        .register::<Folder>()
        .load_str(POLICY)
        .build()
        .unwrap();
    let user = User { roles: vec![Role { name: "writer".to_owned(), folder: 3 }] };
    let mut folder = Arc::new(Folder { id: 0, parent: None });
    let mut folders = vec![Arc::clone(&folder)];
    for id in 1..20 {
        folder = Arc::new(Folder { id, parent: Some(folder) });
        folders.push(Arc::clone(&folder));
    }
    // Who writes folder 3 reads it and all that is in it, and nothing else.
    let decide_all = || {
        for folder in &folders {
            let read = engine.is_allowed(&user, "read", &**folder).unwrap();
            let write = engine.is_allowed(&user, "write", &**folder).unwrap();
            assert_eq!((read, write), (folder.id >= 3, folder.id == 3), "folder {}", folder.id);
        }
    };
    decide_all();
    decide_all();
    let counted = allocation_counter::measure(decide_all);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
