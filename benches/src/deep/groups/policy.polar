# W3 groups, for Arctos and Oso.

allow(actor, action, resource) if has_permission(actor, action, resource);

actor User {}
actor Group {}

resource Repository {
  roles = ["reader"];
  permissions = ["read"];

  "read" if "reader";
}

has_role(user: User, role: String, repository: Repository) if
  group in user.groups and
  has_role(group, role, repository);

has_role(group: Group, role: String, repository: Repository) if
  parent in group.groups and
  has_role(parent, role, repository);

has_role(group: Group, "reader", repository: Repository) if group.id in repository.readers;
