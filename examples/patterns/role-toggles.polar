# Roles that can be switched off
#
# Members may do something only where their organization has switched it on; admins always may. The switch is a fact, so that
# nobody edits a policy to turn it.
#
# Facts: has_role(User, role, Organization), members_may_invite(Organization)

actor User {}

resource Organization {
  roles = ["admin", "member"];
  permissions = ["read", "invite"];

  "member" if "admin";
  "read" if "member";
  "invite" if "admin";
  "invite" if "member" and members_may_invite(resource);
}

test "a switch gives members one permission more" {
  setup {
    members_may_invite(Organization{"open"});
    has_role(User{"ann"}, "admin", Organization{"strict"});
    has_role(User{"bob"}, "member", Organization{"strict"});
    has_role(User{"bob"}, "member", Organization{"open"});
  }
  assert allow(user: User, "invite", Organization{"strict"}) iff user in [User{"ann"}];
  assert allow(user: User, "invite", Organization{"open"}) iff user in [User{"bob"}];
  assert allow(user: User, "read", Organization{"strict"}) iff user in [User{"ann"}, User{"bob"}];
  assert_not allow(User{"cid"}, "read", Organization{"open"});
}
