# W2 codehost, for Arctos and Oso.

allow(actor, action, resource) if has_permission(actor, action, resource);

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
}

resource Issue {
  permissions = ["read", "comment", "close"];
  relations = { repo: Repository };

  "read" if "read" on "repo";
  "comment" if "reader" on "repo";
  "close" if "writer" on "repo";
}

has_relation(org: Organization, "org", repo: Repository) if org = repo.org;
has_relation(repo: Repository, "repo", issue: Issue) if repo = issue.repo;

has_role(user: User, name: String, org: Organization) if
  role in user.org_roles and
  role.name = name and
  role.organization = org.id;

has_role(user: User, name: String, repo: Repository) if
  role in user.repo_roles and
  role.name = name and
  role.repository = repo.id;

has_permission(_: User, "read", repo: Repository) if repo.is_public = true;
has_permission(user: User, "close", issue: Issue) if issue.creator = user.id;
