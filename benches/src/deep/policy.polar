# W3 deep, for Arctos and Oso.

allow(actor, action, resource) if has_permission(actor, action, resource);

actor User {}

resource Folder {
  roles = ["reader"];
  permissions = ["read"];
  relations = { parent: Folder };

  "read" if "reader";
  "reader" if "reader" on "parent";
}

has_relation(parent: Folder, "parent", child: Folder) if parent = child.parent;

has_role(user: User, "reader", folder: Folder) if folder.id in user.folders;
