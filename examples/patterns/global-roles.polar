# Roles about everything
#
# Staff of the company that runs the service have roles that lie on no resource. A `global` block declares them; blocks of
# types say what follows there.
#
# Facts: has_role(User, role), has_role(User, role, Organization)

global {
  roles = ["staff", "support"];
  permissions = ["create_organization"];

  "support" if "staff";
  "create_organization" if "staff";
}

actor User {}

resource Organization {
  roles = ["admin"];
  permissions = ["read", "bill"];

  "read" if global "support";
  "read" if "admin";
  "bill" if global "staff";
  "bill" if "admin";
}

test "staff sees everything, and customers their own" {
  setup {
    has_role(User{"sam"}, "staff");
    has_role(User{"sue"}, "support");
    has_role(User{"ann"}, "admin", Organization{"acme"});
  }
  assert allow(user: User, "read", Organization{"acme"}) iff user in [User{"sam"}, User{"sue"}, User{"ann"}];
  assert allow(user: User, "bill", Organization{"acme"}) iff user in [User{"sam"}, User{"ann"}];
  assert allow(user: User, "read", Organization{"other"}) iff user in [User{"sam"}, User{"sue"}];
  assert_not allow(User{"ann"}, "bill", Organization{"other"});
}

test "permissions about nothing in particular" {
  setup { has_role(User{"sam"}, "staff"); has_role(User{"sue"}, "support"); }
  assert has_permission(user: User, "create_organization") iff user in [User{"sam"}];
  assert_not has_permission(User{"sue"}, "create_organization");
}
