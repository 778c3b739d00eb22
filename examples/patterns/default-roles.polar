# Roles that people have by default
#
# An organization chooses which role its members have on its repositories where they were given none: a fact names the role.
# A role that was given on the repository itself comes in addition.
#
# Facts: default_role(Organization, role), has_role(User, "member", Organization), has_role(User, role, Repository)

actor User {}

resource Organization {
  roles = ["member"];
}

resource Repository {
  relations = { organization: Organization };
  roles = ["writer", "reader"];
  permissions = ["read", "write"];

  "reader" if "writer";
  "read" if "reader";
  "write" if "writer";
}

has_role(user: User, role: String, repository: Repository) if
  organization matches Organization and
  has_relation(repository, "organization", organization) and
  has_role(user, "member", organization) and
  default_role(organization, role);

test "members have the default role on what belongs to the organization" {
  setup {
    has_relation(Repository{"site"}, "organization", Organization{"open"});
    has_relation(Repository{"vault"}, "organization", Organization{"strict"});
    default_role(Organization{"open"}, "writer");
    has_role(User{"ann"}, "member", Organization{"open"});
    has_role(User{"bob"}, "member", Organization{"strict"});
    has_role(User{"bob"}, "reader", Repository{"site"});
  }
  assert allow(User{"ann"}, "write", repository: Repository) iff repository in [Repository{"site"}];
  assert allow(user: User, "read", Repository{"site"}) iff user in [User{"ann"}, User{"bob"}];
  assert allow(user: User, "read", Repository{"vault"}) iff user in [];
  assert_not allow(User{"bob"}, "write", Repository{"site"});
}
