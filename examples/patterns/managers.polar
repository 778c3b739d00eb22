# Managers
#
# Whoever manages somebody, directly or through others, may see that person's review. The chart is a relation from users to
# users, and a role that follows from the same role one step on walks it.
#
# Facts: has_relation(User, "manager", User), has_relation(Review, "subject", User)

actor User {
  relations = { manager: User };
  roles = ["superior"];

  "superior" if "manager" on resource;
  "superior" if "superior" on "manager";
}

resource Review {
  relations = { subject: User };
  permissions = ["read", "write"];

  "read" if "subject";
  "read" if "superior" on "subject";
  "write" if "manager" on "subject";
}

test "reviews go up the chart, and not down" {
  setup {
    has_relation(User{"dev"}, "manager", User{"lead"});
    has_relation(User{"lead"}, "manager", User{"head"});
    has_relation(User{"peer"}, "manager", User{"lead"});
    has_relation(User{"clerk"}, "manager", User{"chief"});
    has_relation(Review{"2030"}, "subject", User{"dev"});
  }
  assert allow(user: User, "read", Review{"2030"}) iff user in [User{"dev"}, User{"lead"}, User{"head"}];
  assert allow(user: User, "write", Review{"2030"}) iff user in [User{"lead"}];
  assert_not allow(User{"peer"}, "read", Review{"2030"});
  assert_not allow(User{"chief"}, "read", Review{"2030"});
}
