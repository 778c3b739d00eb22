# Files and folders
#
# A role on a folder counts for everything below it. `role if role on "parent"` hands all roles down at once; a circle of
# folders is no danger.
#
# Facts: has_relation(Folder, "parent", Folder), has_relation(File, "folder", Folder), has_role(User, role, Folder or File)

actor User {}

resource Folder {
  relations = { parent: Folder };
  roles = ["editor", "viewer"];
  permissions = ["list", "add"];

  role if role on "parent";
  "viewer" if "editor";
  "list" if "viewer";
  "add" if "editor";
}

resource File {
  relations = { folder: Folder };
  roles = ["editor", "viewer"];
  permissions = ["open", "save"];

  role if role on "folder";
  "viewer" if "editor";
  "open" if "viewer";
  "save" if "editor";
}

test fixture tree {
  has_relation(Folder{"work"}, "parent", Folder{"home"});
  has_relation(Folder{"plans"}, "parent", Folder{"work"});
  has_relation(File{"draft"}, "folder", Folder{"plans"});
  has_relation(File{"diary"}, "folder", Folder{"home"});
}

test "roles are handed down" {
  setup {
    fixture tree;
    has_role(User{"ann"}, "editor", Folder{"home"});
    has_role(User{"bob"}, "viewer", Folder{"work"});
    has_role(User{"cid"}, "editor", File{"draft"});
  }
  assert allow(user: User, "open", File{"draft"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
  assert allow(user: User, "save", File{"draft"}) iff user in [User{"ann"}, User{"cid"}];
  assert allow(user: User, "open", File{"diary"}) iff user in [User{"ann"}];
  assert allow(User{"bob"}, "list", folder: Folder) iff folder in [Folder{"work"}, Folder{"plans"}];
  assert allow(User{"ann"}, "list", Folder{"home"});
  assert allow(User{"ann"}, "add", folder: Folder) iff folder in [Folder{"home"}, Folder{"work"}, Folder{"plans"}];
  assert_not allow(User{"bob"}, "add", Folder{"plans"});
  assert_not allow(User{"cid"}, "list", Folder{"plans"});
}

test "a circle ends" {
  setup {
    fixture tree;
    has_relation(Folder{"home"}, "parent", Folder{"plans"});
    has_role(User{"ann"}, "viewer", Folder{"work"});
  }
  assert allow(user: User, "open", File{"diary"}) iff user in [User{"ann"}];
  assert_not allow(User{"ann"}, "save", File{"diary"});
}
