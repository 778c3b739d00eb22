# Attributes
#
# What is known of a resource is facts with a value: a boolean, an integer, a string. A condition binds the value to a
# variable with a type and compares it.
#
# Facts: is_protected(Branch, Boolean), clearance(User, Integer), level(Branch, Integer), region(User or Branch, String)

allow(user: User, "push", branch: Branch) if
  is_protected(branch, false) and
  same_region(user, branch);

allow(user: User, "push", branch: Branch) if
  is_protected(branch, true) and
  same_region(user, branch) and
  clearance matches Integer and clearance(user, clearance) and
  level matches Integer and level(branch, level) and
  clearance >= level;

actor User {}
resource Branch {}

same_region(user: User, branch: Branch) if
  region matches String and
  region(user, region) and
  region(branch, region);

test fixture people {
  clearance(User{"ann"}, 3);
  clearance(User{"bob"}, 2);
  clearance(User{"eve"}, 9);
  region(User{"ann"}, "eu");
  region(User{"bob"}, "eu");
  region(User{"cid"}, "eu");
  region(User{"eve"}, "us");
}

test "a protected branch asks for clearance" {
  setup {
    fixture people;
    is_protected(Branch{"main"}, true);
    level(Branch{"main"}, 3);
    region(Branch{"main"}, "eu");
    is_protected(Branch{"topic"}, false);
    region(Branch{"topic"}, "eu");
  }
  assert allow(user: User, "push", Branch{"main"}) iff user in [User{"ann"}];
  assert allow(user: User, "push", Branch{"topic"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
}

test "what is not known is not allowed" {
  setup { fixture people; region(Branch{"main"}, "eu"); level(Branch{"main"}, 1); }
  assert_not allow(User{"ann"}, "push", Branch{"main"});
  assert allow(user: User, "push", Branch{"main"}) iff user in [];
}
