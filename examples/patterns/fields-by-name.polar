# Fields, as permissions
#
# Where a type has few fields, each is a permission of its own: `"salary.read"`. The application asks for the permission, or lists
# the actions that somebody has and leaves out of its answer what is not among them.
#
# Facts: has_role(User, role, Profile), has_relation(Profile, "person", User)

actor User {}

resource Profile {
  relations = { person: User };
  roles = ["colleague", "payroll"];
  permissions = ["name.read", "phone.read", "phone.write", "salary.read"];

  "colleague" if "payroll";
  "colleague" if "person";

  "name.read" if "colleague";
  "phone.read" if "colleague";
  "phone.write" if "person";
  "salary.read" if "payroll";
  "salary.read" if "person";
}

test "each sees their share" {
  setup {
    has_relation(Profile{"ann"}, "person", User{"ann"});
    has_role(User{"bob"}, "colleague", Profile{"ann"});
    has_role(User{"pam"}, "payroll", Profile{"ann"});
  }
  assert allow(User{"ann"}, field: String, Profile{"ann"}) iff field in ["name.read", "phone.read", "phone.write", "salary.read"];
  assert allow(User{"bob"}, field: String, Profile{"ann"}) iff field in ["name.read", "phone.read"];
  assert allow(User{"pam"}, field: String, Profile{"ann"}) iff field in ["name.read", "phone.read", "salary.read"];
  assert allow(User{"eve"}, field: String, Profile{"ann"}) iff field in [];
  assert_not allow(User{"bob"}, "salary.read", Profile{"ann"});
}
