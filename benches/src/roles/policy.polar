# W1 roles, for Arctos and Oso.

allow(actor, action, resource) if has_permission(actor, action, resource);

actor User {}

resource Repository {
  roles = ["reader", "writer", "admin"];
  permissions = ["read", "push", "delete"];

  "read" if "reader";
  "push" if "writer";
  "delete" if "admin";

  "reader" if "writer";
  "writer" if "admin";
}

has_role(user: User, name: String, repository: Repository) if
  role in user.roles and
  role.name = name and
  role.repository = repository.id;
