# W3 groups over facts, for Arctos.

actor User {}
actor Group {}

resource Repository {
  roles = ["reader"];
  permissions = ["read"];

  "read" if "reader";
}

has_role(user: User, role: String, repository: Repository) if
  group matches Group and
  in_group(user, group) and
  has_role(group, role, repository);

has_role(group: Group, role: String, repository: Repository) if
  parent matches Group and
  in_group(group, parent) and
  has_role(parent, role, repository);
