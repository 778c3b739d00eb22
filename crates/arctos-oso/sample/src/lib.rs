//! An application written for the crate `oso` 0.27: some eighty classes from a macro, each with its policy snippet.
//!
//! A rack of machines: a fleet holds silos (tenants), a silo projects, a project everything else. Roles are loaded
//! beforehand into a set; permissions come down from parents, three deep.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use oso::{Oso, OsoError, PolarClass};

/// Roles loaded before the question is asked: kind, id, role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleSet(HashSet<(&'static str, u32, String)>);

impl RoleSet {
    pub fn with(kind: &'static str, id: u32, role: &str) -> RoleSet {
        RoleSet(HashSet::from([(kind, id, role.to_owned())]))
    }

    fn has(&self, kind: &'static str, id: u32, role: &str) -> bool {
        self.0.contains(&(kind, id, role.to_owned()))
    }
}

/// Whoever sends the request.
#[derive(Clone, PolarClass)]
pub struct AnyActor {
    #[polar(attribute)]
    pub authenticated: bool,
    #[polar(attribute)]
    pub authn_actor: Option<AuthenticatedActor>,
}

impl AnyActor {
    pub fn anonymous() -> AnyActor {
        AnyActor { authenticated: false, authn_actor: None }
    }

    pub fn known(actor: AuthenticatedActor) -> AnyActor {
        AnyActor { authenticated: true, authn_actor: Some(actor) }
    }
}

/// Somebody who has proven who they are.
#[derive(Clone, Debug)]
pub struct AuthenticatedActor {
    pub name: String,
    pub silo: Option<Silo>,
    pub roles: Arc<RoleSet>,
}

impl PartialEq for AuthenticatedActor {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl AuthenticatedActor {
    pub fn new(name: &str, silo: Option<Silo>, roles: RoleSet) -> Self {
        AuthenticatedActor { name: name.to_owned(), silo, roles: Arc::new(roles) }
    }

    /// Which roles on the actor's silo stand for a role on the fleet.
    fn confers_fleet_role(&self, fleet_role: &str) -> Vec<String> {
        match (fleet_role, self.silo.as_ref().map(|silo| silo.id)) {
            ("viewer", Some(99)) => vec!["admin".to_owned()],
            _ => vec![],
        }
    }
}

impl PolarClass for AuthenticatedActor {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .with_equality_check()
            .add_constant(AuthenticatedActor::new("db-init", None, RoleSet::default()), "USER_DB_INIT")
            .add_attribute_getter("name", |actor: &AuthenticatedActor| actor.name.clone())
            .add_attribute_getter("silo", |actor: &AuthenticatedActor| actor.silo.clone())
            .add_method("confers_fleet_role", |actor: &AuthenticatedActor, role: String| {
                actor.confers_fleet_role(&role)
            })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Read,
    ListChildren,
    Modify,
    CreateChild,
    Query,
}

pub const ACTIONS: [Action; 5] =
    [Action::Read, Action::ListChildren, Action::Modify, Action::CreateChild, Action::Query];

impl Action {
    fn to_perm(self) -> String {
        match self {
            Action::Read => "read",
            Action::ListChildren => "list_children",
            Action::Modify => "modify",
            Action::CreateChild => "create_child",
            Action::Query => "query",
        }
        .to_owned()
    }
}

impl PolarClass for Action {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder().with_equality_check().add_method("to_perm", |action: &Action| action.to_perm())
    }
}

/// The database behind it all.
#[derive(Clone, PolarClass)]
pub struct Database;

/// A door of the building, whose state is an enum and whose grants are a map.
#[derive(Clone)]
pub struct Door {
    pub state: Lock,
    pub grants: HashMap<String, Grant>,
}

impl PolarClass for Door {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .add_attribute_getter("state", |door: &Door| door.state)
            .add_attribute_getter("grants", |door: &Door| door.grants.clone())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PolarClass)]
pub enum Lock {
    Open,
    Shut,
}

#[derive(Clone, Copy, Debug, PartialEq, PolarClass)]
pub enum Grant {
    Guard,
    Guest,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fleet;

#[derive(Clone, Debug, PartialEq)]
pub struct Silo {
    pub id: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub id: u32,
    pub silo: Silo,
}

impl PolarClass for Fleet {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .with_equality_check()
            .add_method("has_role", |_: &Fleet, actor: AuthenticatedActor, role: String| {
                actor.roles.has("fleet", 0, &role)
            })
    }
}

impl PolarClass for Silo {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .with_equality_check()
            .add_method("has_role", |silo: &Silo, actor: AuthenticatedActor, role: String| {
                actor.roles.has("silo", silo.id, &role)
            })
            .add_attribute_getter("fleet", |_: &Silo| Fleet)
    }
}

impl PolarClass for Project {
    fn get_polar_class_builder() -> oso::ClassBuilder<Self> {
        oso::Class::builder()
            .with_equality_check()
            .add_method("has_role", |project: &Project, actor: AuthenticatedActor, role: String| {
                actor.roles.has("project", project.id, &role)
            })
            .add_attribute_getter("silo", |project: &Project| project.silo.clone())
    }
}

/// A class with the policy that goes with it.
pub struct Registration {
    pub class: oso::Class,
    pub snippet: String,
}

/// Where a resource hangs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Fleet,
    Silo,
    Project,
}

/// Any resource of the macro below, for the test's loops.
pub struct AnyResource {
    pub name: &'static str,
    pub level: Level,
    pub ask: Box<dyn Fn(&Oso, AnyActor, Action) -> Result<bool, OsoError>>,
}

macro_rules! resources {
    ($level:ident, $field:ident, $parent:ident, $viewer:literal, $editor:literal, $($name:ident)*) => {$(
        #[derive(Clone, PolarClass)]
        pub struct $name {
            #[polar(attribute)]
            pub $field: $parent,
        }

        impl $name {
            pub fn register(registrations: &mut Vec<Registration>) {
                let (name, field, parent) = (stringify!($name), stringify!($field), stringify!($parent));
                let snippet = format!(r#"
                    resource {name} {{
                        permissions = ["list_children", "modify", "read", "create_child"];
                        relations = {{ containing: {parent} }};
                        "list_children" if "{viewer}" on "containing";
                        "read" if "{viewer}" on "containing";
                        "modify" if "{editor}" on "containing";
                        "create_child" if "{editor}" on "containing";
                    }}
                    has_relation(parent: {parent}, "containing", child: {name}) if child.{field} = parent;
                "#, viewer = $viewer, editor = $editor);
                registrations.push(Registration { class: $name::get_polar_class(), snippet });
            }

            pub fn any(parent: $parent) -> AnyResource {
                let resource = $name { $field: parent };
                AnyResource {
                    name: stringify!($name),
                    level: Level::$level,
                    ask: Box::new(move |oso, actor, action| oso.is_allowed(actor, action, resource.clone())),
                }
            }
        }
    )*};
}

/// Registers all and lists all: `each!(macro, …)` would hide what the two lists share.
macro_rules! all {
    ($($level:ident $field:ident $parent:ident $viewer:literal $editor:literal [$($name:ident)*])*) => {
        $(resources!($level, $field, $parent, $viewer, $editor, $($name)*);)*

        fn register_resources(registrations: &mut Vec<Registration>) {
            $($($name::register(registrations);)*)*
        }

        /// One of each kind, under these parents.
        pub fn one_of_each(project: &Project) -> Vec<AnyResource> {
            let parents = Parents { fleet: Fleet, silo: project.silo.clone(), project: project.clone() };
            vec![$($($name::any(parents.$field.clone())),*),*]
        }
    };
}

struct Parents {
    fleet: Fleet,
    silo: Silo,
    project: Project,
}

all! {
    Fleet fleet Fleet "viewer" "admin" [
        Rack Sled Switch SwitchPort Uplink Blueprint Inventory Update Artifact Address Pool Metric Alert Quota
        Certificate Support Bundle Session Token Zone
    ]
    Silo silo Silo "viewer" "admin" [
        SiloUser SiloGroup SshKey IdentityProvider SamlProvider SiloImage SiloCertificate SiloQuota Allowlist Branding
        AuditLog Webhook Receiver Delivery Secret
    ]
    Project project Project "viewer" "collaborator" [
        Disk Instance Image Snapshot Vpc Subnet Router Route Firewall FirewallRule Gateway GatewayPool Nic FloatingIp
        EphemeralIp AntiAffinity Affinity GroupMember Console Serial Backup Schedule Template Volume Mount Share Export
        Import Key Label Note Dashboard Chart Probe LoadBalancer Listener Target Health Domain Record
    ]
}

const BASE: &str = r#"
    actor AnyActor {}
    actor AuthenticatedActor {}

    allow(actor: AnyActor, action: Action, resource) if
        actor.authenticated and
        has_permission(actor.authn_actor.unwrap(), action.to_perm(), resource);

    has_role(actor: AuthenticatedActor, role: String, resource: Resource) if
        resource.has_role(actor, role);

    # Everybody may look at their own silo.
    has_role(actor: AuthenticatedActor, "viewer", silo: Silo) if silo in actor.silo;

    # Some silos lend their roles to the fleet.
    has_role(actor: AuthenticatedActor, role: String, _: Fleet) if
        silo_role in actor.confers_fleet_role(role) and
        has_role(actor, silo_role, actor.silo.unwrap());

    resource Fleet {
        permissions = ["list_children", "modify", "read", "create_child"];
        roles = ["admin", "viewer"];
        "viewer" if "admin";
        "list_children" if "viewer";
        "read" if "viewer";
        "modify" if "admin";
        "create_child" if "admin";
    }

    resource Silo {
        permissions = ["list_children", "modify", "read", "create_child"];
        roles = ["admin", "collaborator", "viewer"];
        relations = { parent_fleet: Fleet };
        "viewer" if "collaborator";
        "collaborator" if "admin";
        "admin" if "admin" on "parent_fleet";
        "viewer" if "viewer" on "parent_fleet";
        "list_children" if "viewer";
        "read" if "viewer";
        "modify" if "admin";
        "create_child" if "collaborator";
    }
    has_relation(fleet: Fleet, "parent_fleet", silo: Silo) if silo.fleet = fleet;

    resource Project {
        permissions = ["list_children", "modify", "read", "create_child"];
        roles = ["admin", "collaborator", "viewer"];
        relations = { parent_silo: Silo };
        "viewer" if "collaborator";
        "collaborator" if "admin";
        "admin" if "collaborator" on "parent_silo";
        "viewer" if "viewer" on "parent_silo";
        "list_children" if "viewer";
        "read" if "viewer";
        "modify" if "admin";
        "create_child" if "collaborator";
    }
    has_relation(silo: Silo, "parent_silo", project: Project) if project.silo = silo;

    resource Database {
        permissions = ["query", "modify"];
        roles = ["init", "user"];
        "query" if "user";
        "user" if "init";
        "modify" if "init";
    }
    has_role(actor: AuthenticatedActor, "init", _: Database) if actor = USER_DB_INIT;
    has_role(_: AuthenticatedActor, "user", _: Database);

    # Doors: an attribute that is an enum, and a map of enums.
    allow(_: AnyActor, "enter", door: Door) if door.state = Lock::Open;
    allow(actor: AnyActor, "enter", door: Door) if
        actor.authenticated and
        name = actor.authn_actor.unwrap().name and
        door.grants.(name) = Grant::Guard;
"#;

impl Database {
    fn with_role() -> oso::Class {
        Database::get_polar_class_builder()
            .add_method("has_role", |_: &Database, _: AuthenticatedActor, _: String| false)
            .build()
    }
}

/// Everything registered and loaded; the number of classes.
pub fn authorization() -> Result<(Oso, usize), OsoError> {
    let plain = |class| Registration { class, snippet: String::new() };
    let mut registrations = vec![
        plain(AnyActor::get_polar_class()),
        plain(AuthenticatedActor::get_polar_class()),
        plain(Action::get_polar_class()),
        plain(Database::with_role()),
        plain(Fleet::get_polar_class()),
        plain(Silo::get_polar_class()),
        plain(Project::get_polar_class()),
        plain(Door::get_polar_class()),
        plain(Lock::get_polar_class_builder().with_equality_check().build()),
        plain(Grant::get_polar_class_builder().with_equality_check().build()),
    ];
    register_resources(&mut registrations);
    let count = registrations.len();
    let mut oso = Oso::new();
    let mut policy = BASE.to_owned();
    for Registration { class, snippet } in registrations {
        oso.register_class(class)?;
        policy.push_str(&snippet);
    }
    oso.load_str(&policy)?;
    Ok((oso, count))
}
