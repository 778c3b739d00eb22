# Roles that customers define
#
# What a role may do is data: an organization names roles and grants them permissions, and the policy has one rule for all of
# them. Only permissions of an organization can be granted, and its own roles count only there.
#
# Facts: has_role(User, Role, Organization), belongs_to(Role, Organization), grants_permission(Role, permission)

actor User {}

resource Organization {
  roles = ["owner"];
  permissions = ["read", "invoice", "define_roles"];

  "read" if "owner";
  "invoice" if "owner";
  "define_roles" if "owner";
}

has_permission(actor: Actor, permission: String, organization: Organization) if
  role matches Role and
  has_role(actor, role, organization) and
  belongs_to(role, organization) and
  grants_permission(role, permission) and
  permission in ["read", "invoice"];

test "a role does what it is granted" {
  setup {
    has_role(User{"ann"}, "owner", Organization{"acme"});
    belongs_to(Role{"acme_clerk"}, Organization{"acme"});
    grants_permission(Role{"acme_clerk"}, "invoice");
    grants_permission(Role{"acme_clerk"}, "define_roles");
    has_role(User{"bob"}, Role{"acme_clerk"}, Organization{"acme"});
    has_role(User{"bob"}, Role{"acme_clerk"}, Organization{"other"});
    belongs_to(Role{"acme_intern"}, Organization{"acme"});
    grants_permission(Role{"acme_intern"}, "read");
  }
  assert allow(User{"ann"}, action: String, Organization{"acme"}) iff action in ["read", "invoice", "define_roles"];
  assert allow(User{"bob"}, action: String, Organization{"acme"}) iff action in ["invoice"];
  assert allow(User{"bob"}, action: String, Organization{"other"}) iff action in [];
  assert_not allow(User{"cid"}, "invoice", Organization{"acme"});
}
