# Who may do what on the code-hosting site.
#
# Each request asks one question: allow(user, action, resource). The blocks say which roles grant which permissions;
# the rules at the end say where the application keeps roles and relations.

allow(user: User, action: String, resource: Resource) if
  has_permission(user, action, resource);

actor User {}

resource Organization {
  roles = ["member", "owner"];
  permissions = ["read", "create_repository", "add_member"];

  "member" if "owner";

  "read" if "member";
  "create_repository" if "owner";
  "add_member" if "owner";
}

resource Repository {
  roles = ["reader", "contributor", "maintainer"];
  permissions = ["read", "create_issue", "publish", "add_member", "delete"];
  relations = { organization: Organization };

  # A role includes the one before it, and the organization's roles reach down to its repositories.
  "reader" if "contributor";
  "contributor" if "maintainer";
  "reader" if "member" on "organization";
  "maintainer" if "owner" on "organization";

  "read" if "reader";
  "create_issue" if "reader";
  "publish" if "maintainer";
  "add_member" if "maintainer";
  "delete" if "maintainer";
}

resource Issue {
  roles = ["author"];
  permissions = ["read", "close"];
  relations = { repository: Repository };

  "read" if "reader" on "repository";
  "close" if "contributor" on "repository";
}

# Authors close their own issues, as long as they can still see them.
has_permission(user: User, "close", issue: Issue) if
  has_role(user, "author", issue) and
  has_permission(user, "read", issue);

# Everyone is a reader of a public repository.
has_role(_: User, "reader", repository: Repository) if
  repository.public;

# Where the application keeps roles.
has_role(user: User, role: String, organization: Organization) if
  membership in user.organization_memberships and
  membership.organization = organization and
  membership.role = role;

has_role(user: User, role: String, repository: Repository) if
  membership in user.repository_memberships and
  membership.repository = repository and
  membership.role = role;

has_role(user: User, "author", issue: Issue) if
  issue.author = user;

# Where it keeps relations.
has_relation(organization: Organization, "organization", repository: Repository) if
  organization = repository.organization;

has_relation(repository: Repository, "repository", issue: Issue) if
  repository = issue.repository;
