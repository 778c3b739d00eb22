# Roles from a parent
#
# An issue lies in a repository, a repository in an organization. Who may do what is decided as far up as possible and
# handed down along the relations.
#
# Facts: has_relation(Issue, "repository", Repository), has_relation(Repository, "organization", Organization),
#   has_relation(Issue, "author", User), has_role(User, role, …)

actor User {}

resource Organization {
  roles = ["owner", "member"];
}

resource Repository {
  relations = { organization: Organization };
  roles = ["maintainer", "contributor"];
  permissions = ["read", "push"];

  "maintainer" if "owner" on "organization";
  "contributor" if "member" on "organization";
  "contributor" if "maintainer";

  "read" if "contributor";
  "push" if "maintainer";
}

resource Issue {
  relations = { repository: Repository, author: User };
  permissions = ["read", "close"];

  "read" if "read" on "repository";
  "close" if "maintainer" on "repository";
  "close" if "author" on resource;
}

test fixture world {
  has_relation(Repository{"site"}, "organization", Organization{"acme"});
  has_relation(Issue{"1"}, "repository", Repository{"site"});
  has_relation(Issue{"1"}, "author", User{"zoe"});
  has_role(User{"ann"}, "owner", Organization{"acme"});
  has_role(User{"bob"}, "member", Organization{"acme"});
  has_role(User{"cid"}, "maintainer", Repository{"site"});
  has_role(User{"eve"}, "owner", Organization{"other"});
  has_role(User{"fay"}, "member", Organization{"other"});
}

test "roles are handed down" {
  setup { fixture world; }
  assert allow(user: User, "push", Repository{"site"}) iff user in [User{"ann"}, User{"cid"}];
  assert allow(user: User, "read", Repository{"site"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
  assert allow(user: User, "read", Issue{"1"}) iff user in [User{"ann"}, User{"bob"}, User{"cid"}];
  assert allow(user: User, "close", Issue{"1"}) iff user in [User{"ann"}, User{"cid"}, User{"zoe"}];
}

test "and stay in the family" {
  setup { fixture world; has_relation(Repository{"tool"}, "organization", Organization{"other"}); }
  assert allow(User{"eve"}, action: String, Repository{"tool"}) iff action in ["read", "push"];
  assert_not allow(User{"eve"}, "read", Issue{"1"});
  assert_not allow(User{"eve"}, "close", Issue{"1"});
  assert_not allow(User{"ann"}, "read", Repository{"tool"});
}
