# Quotas
#
# An action is allowed while less is used than the plan includes. The application keeps the count as a fact of the request or
# of the store; the policy compares.
#
# Facts: has_role(User, "member", Workspace), quota(Workspace, Integer), used(Workspace, Integer)

actor User {}

resource Workspace {
  roles = ["member"];
  permissions = ["upload", "download"];

  "upload" if "member" and has_room(resource);
  "download" if "member";
}

has_room(workspace: Workspace) if
  used matches Integer and
  quota matches Integer and
  used(workspace, used) and
  quota(workspace, quota) and
  used < quota;

test "uploads end where the quota does" {
  setup {
    has_role(User{"ann"}, "member", Workspace{"half"});
    has_role(User{"ann"}, "member", Workspace{"full"});
    has_role(User{"ann"}, "member", Workspace{"new"});
    quota(Workspace{"half"}, 10); used(Workspace{"half"}, 9);
    quota(Workspace{"full"}, 10); used(Workspace{"full"}, 10);
  }
  assert allow(User{"ann"}, "upload", workspace: Workspace) iff workspace in [Workspace{"half"}];
  assert allow(User{"ann"}, action: String, Workspace{"full"}) iff action in ["download"];
  assert_not allow(User{"bob"}, "upload", Workspace{"half"});
  assert_not allow(User{"bob"}, "download", Workspace{"half"});
}
