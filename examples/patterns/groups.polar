# Groups
#
# A group has roles as a user has them, and its members have what the group has.
#
# Facts: is_member(User, Group), has_role(User or Group, role, Repository)

actor User {}
actor Group {}

resource Repository {
  roles = ["reader", "admin"];
  permissions = ["read", "configure"];

  "reader" if "admin";
  "read" if "reader";
  "configure" if "admin";
}

has_role(user: User, role: String, repository: Repository) if
  group matches Group and
  is_member(user, group) and
  has_role(group, role, repository);

test "members have what their group has" {
  setup {
    is_member(User{"ann"}, Group{"web"});
    is_member(User{"bob"}, Group{"ops"});
    has_role(Group{"web"}, "reader", Repository{"site"});
    has_role(Group{"ops"}, "admin", Repository{"site"});
    has_role(User{"cid"}, "reader", Repository{"site"});
  }
  assert allow(user: User, "read", Repository{"site"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
  assert allow(user: User, "configure", Repository{"site"}) iff user in [User{"bob"}];
  assert allow(group: Group, "read", Repository{"site"}) iff group in [Group{"web"}, Group{"ops"}];
  assert_not allow(User{"ann"}, "configure", Repository{"site"});
  assert_not allow(User{"ann"}, "read", Repository{"other"});
}
