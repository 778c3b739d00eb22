# Groups in groups
#
# A group may be a member of another one, as deep as people like, and in circles by mistake: membership is followed to its
# end, and a circle ends too.
#
# Facts: is_member(User or Group, Group), has_role(Group, role, Folder)

actor User {}
actor Group {}

resource Folder {
  roles = ["reader"];
  permissions = ["read"];
  "read" if "reader";
}

belongs_to(user: User, group: Group) if is_member(user, group);

belongs_to(user: User, group: Group) if
  inner matches Group and
  is_member(inner, group) and
  belongs_to(user, inner);

has_role(user: User, role: String, folder: Folder) if
  group matches Group and
  has_role(group, role, folder) and
  belongs_to(user, group);

test "membership is followed to its end" {
  setup {
    is_member(User{"ann"}, Group{"web"});
    is_member(Group{"web"}, Group{"engineering"});
    is_member(Group{"engineering"}, Group{"company"});
    is_member(User{"bob"}, Group{"company"});
    has_role(Group{"engineering"}, "reader", Folder{"plans"});
    has_role(Group{"company"}, "reader", Folder{"menu"});
  }
  assert allow(User{"ann"}, "read", folder: Folder) iff folder in [Folder{"plans"}, Folder{"menu"}];
  assert allow(user: User, "read", Folder{"plans"}) iff user in [User{"ann"}];
  assert_not allow(User{"bob"}, "read", Folder{"plans"});
}

test "a circle ends" {
  setup {
    is_member(Group{"a"}, Group{"b"});
    is_member(Group{"b"}, Group{"a"});
    is_member(User{"ann"}, Group{"a"});
    has_role(Group{"b"}, "reader", Folder{"plans"});
  }
  assert allow(user: User, "read", Folder{"plans"}) iff user in [User{"ann"}];
  assert_not allow(User{"bob"}, "read", Folder{"plans"});
}
