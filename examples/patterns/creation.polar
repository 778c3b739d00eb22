# May it be created?
#
# What does not exist yet has no facts. So the question is asked about what it will belong to: a project is created *in* a
# folder, an organization *in* nothing, for which a string or a `global` permission stands.
#
# Facts: has_role(User, role, Folder), is_verified(User)

global {
  permissions = ["create_folder"];
  "create_folder" if is_verified(actor);
}

actor User {}

resource Folder {
  roles = ["editor", "viewer"];
  permissions = ["list", "create_project"];

  "viewer" if "editor";
  "list" if "viewer";
  "create_project" if "editor";
}

resource Project {
  relations = { folder: Folder };
  permissions = ["open"];
  "open" if "list" on "folder";
}

test "what is made in a folder is asked of the folder" {
  setup {
    has_role(User{"ann"}, "editor", Folder{"plans"});
    has_role(User{"bob"}, "viewer", Folder{"plans"});
    has_role(User{"cid"}, "viewer", Folder{"other"});
    has_relation(Project{"old"}, "folder", Folder{"plans"});
  }
  assert allow(user: User, "create_project", Folder{"plans"}) iff user in [User{"ann"}];
  assert allow(user: User, "open", Project{"old"}) iff user in [User{"ann"}, User{"bob"}];
  assert_not allow(User{"ann"}, "open", Project{"new"});
}

test "what is made in nothing" {
  setup { is_verified(User{"ann"}); }
  assert has_permission(user: User, "create_folder") iff user in [User{"ann"}];
  assert_not has_permission(User{"bob"}, "create_folder");
}
