# Roles in an organization
#
# What a member may do with everything that belongs to an organization follows from one role there. Roles imply one another,
# so that each permission is granted in one place.
#
# Facts: has_role(User, role, Organization)

actor User {}

resource Organization {
  roles = ["admin", "editor", "viewer"];
  permissions = ["read", "edit", "invite", "delete"];

  "viewer" if "editor";
  "editor" if "admin";

  "read" if "viewer";
  "edit" if "editor";
  "invite" if "admin";
  "delete" if "admin";
}

test fixture acme {
  has_role(User{"ann"}, "admin", Organization{"acme"});
  has_role(User{"eli"}, "editor", Organization{"acme"});
  has_role(User{"vic"}, "viewer", Organization{"acme"});
}

test "each role has what it implies, and no more" {
  setup { fixture acme; }
  assert allow(User{"ann"}, action: String, Organization{"acme"}) iff action in ["read", "edit", "invite", "delete"];
  assert allow(User{"eli"}, action: String, Organization{"acme"}) iff action in ["read", "edit"];
  assert allow(User{"vic"}, action: String, Organization{"acme"}) iff action in ["read"];
}

test "a role counts where it was given" {
  setup { fixture acme; has_role(User{"bob"}, "viewer", Organization{"other"}); }
  assert allow(User{"ann"}, "delete", Organization{"acme"});
  assert_not allow(User{"ann"}, "read", Organization{"other"});
  assert allow(user: User, "edit", organization: Organization);
  assert allow(user: User, "edit", Organization{"acme"}) iff user in [User{"ann"}, User{"eli"}];
  assert allow(user: User, "edit", Organization{"other"}) iff user in [];
}
