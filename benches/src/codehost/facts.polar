# W2 codehost over facts, for Arctos.

actor User {}

resource Organization {
  roles = ["member", "owner"];
  permissions = ["read", "invite"];

  "read" if "member";
  "invite" if "owner";

  "member" if "owner";
}

resource Repository {
  roles = ["reader", "writer", "admin"];
  permissions = ["read", "push", "delete"];
  relations = { org: Organization };

  "read" if "reader";
  "push" if "writer";
  "delete" if "admin";

  "reader" if "writer";
  "writer" if "admin";
  "reader" if "member" on "org";
  "admin" if "owner" on "org";

  "read" if is_public(resource);
}

resource Issue {
  permissions = ["read", "comment", "close"];
  relations = { repo: Repository, creator: User };

  "read" if "read" on "repo";
  "comment" if "reader" on "repo";
  "close" if "writer" on "repo";
}

declare is_public(Repository);

has_permission(user: User, "close", issue: Issue) if has_relation(issue, "creator", user);
