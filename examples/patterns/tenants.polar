# Tenants that never mix
#
# Each resource belongs to a tenant, and only members of that tenant come near it, whatever roles somebody has given on the
# resource itself: the check on the tenant stands in `allow`, before everything else. Writing an `allow` of one's own
# replaces the one that asks for `has_permission` alone.
#
# Facts: has_role(User, "member", Tenant), has_relation(Project, "tenant", Tenant), has_role(User, role, Project)

allow(user: User, action: String, project: Project) if
  tenant matches Tenant and
  has_relation(project, "tenant", tenant) and
  has_role(user, "member", tenant) and
  has_permission(user, action, project);

actor User {}

resource Tenant {
  roles = ["member"];
}

resource Project {
  relations = { tenant: Tenant };
  roles = ["manager", "viewer"];
  permissions = ["read", "edit"];

  "viewer" if "manager";
  "read" if "viewer";
  "edit" if "manager";
}

test "a role on a project counts for members of its tenant only" {
  setup {
    has_relation(Project{"site"}, "tenant", Tenant{"acme"});
    has_relation(Project{"shop"}, "tenant", Tenant{"bolt"});
    has_role(User{"ann"}, "member", Tenant{"acme"});
    has_role(User{"ann"}, "manager", Project{"site"});
    has_role(User{"bob"}, "member", Tenant{"acme"});
    has_role(User{"bob"}, "viewer", Project{"site"});
    has_role(User{"eve"}, "member", Tenant{"bolt"});
    has_role(User{"eve"}, "manager", Project{"site"});
    has_role(User{"nat"}, "manager", Project{"loose"});
    has_role(User{"nat"}, "member", Tenant{"acme"});
  }
  assert allow(user: User, "read", Project{"site"}) iff user in [User{"ann"}, User{"bob"}];
  assert allow(user: User, "edit", Project{"site"}) iff user in [User{"ann"}];
  assert has_permission(User{"eve"}, "edit", Project{"site"});
  assert_not allow(User{"eve"}, "edit", Project{"site"});
  assert_not allow(User{"nat"}, "edit", Project{"loose"});
  assert allow(user: User, "read", Project{"shop"}) iff user in [];
}
