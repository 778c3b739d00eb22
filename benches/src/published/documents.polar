# W5 published, document sharing: what is of this application alone.

resource Thing {
  roles = ["viewer", "owner"];
  permissions = ["view", "write", "share"];
  relations = { parent: Thing };

  "view" if "viewer";
  "write" if "owner";
  "share" if "owner";

  "viewer" if "owner";
  "viewer" if "viewer" on "parent";
}

has_relation(parent: Thing, "parent", resource: Thing) if parent in resource.parents;
has_role(user: User, "owner", resource: Thing) if resource.owner = user.id;
has_permission(_: User, "view", resource: Thing) if resource.is_public = true;
