# W5 published, to-do lists: what is of this application alone.

resource Thing {
  roles = ["reader", "editor", "owner"];
  permissions = ["get", "update", "delete"];

  "get" if "reader";
  "update" if "editor";
  "delete" if "owner";

  "reader" if "editor";
  "editor" if "owner";
}

has_role(user: User, "owner", resource: Thing) if resource.owner = user.id;
