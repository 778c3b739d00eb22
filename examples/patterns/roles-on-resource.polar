# Roles on a single resource
#
# A document is shared with people one by one. The role lies on the document itself; nobody has it by belonging somewhere.
#
# Facts: has_role(User, role, Document)

actor User {}

resource Document {
  roles = ["owner", "commenter", "reader"];
  permissions = ["read", "comment", "share"];

  "commenter" if "owner";
  "reader" if "commenter";

  "read" if "reader";
  "comment" if "commenter";
  "share" if "owner";
}

test "a document is shared by itself" {
  setup {
    has_role(User{"ann"}, "owner", Document{"plan"});
    has_role(User{"bob"}, "commenter", Document{"plan"});
    has_role(User{"cid"}, "reader", Document{"plan"});
    has_role(User{"cid"}, "owner", Document{"notes"});
  }
  assert allow(user: User, "read", Document{"plan"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
  assert allow(user: User, "comment", Document{"plan"}) iff user in [User{"ann"}, User{"bob"}];
  assert allow(user: User, "share", Document{"plan"}) iff user in [User{"ann"}];
  assert allow(User{"cid"}, "share", document: Document) iff document in [Document{"notes"}];
  assert_not allow(User{"ann"}, "read", Document{"notes"});
}
