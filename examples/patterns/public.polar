# Public and private
#
# A fact about a resource opens it to everyone, and another one closes it whatever else is said. Exclusions belong into one
# condition that every way in passes: here the `allow` of the policy.
#
# Facts: is_public(Repository), is_banned(User, Repository), has_role(User, role, Repository)

allow(user: User, action: String, repository: Repository) if
  has_permission(user, action, repository) and
  not is_banned(user, repository);

actor User {}

resource Repository {
  roles = ["collaborator"];
  permissions = ["read", "push"];

  "read" if is_public(resource);
  "read" if "collaborator";
  "push" if "collaborator";
}

test "anyone reads what is public, except who is banned" {
  setup {
    is_public(Repository{"lib"});
    has_role(User{"ann"}, "collaborator", Repository{"lib"});
    has_role(User{"ann"}, "collaborator", Repository{"secret"});
    is_banned(User{"eve"}, Repository{"lib"});
  }
  assert allow(User{"bob"}, "read", repository: Repository) iff repository in [Repository{"lib"}];
  assert allow(User{"ann"}, "read", repository: Repository) iff repository in [Repository{"lib"}, Repository{"secret"}];
  assert allow(user: User, "push", Repository{"lib"}) iff user in [User{"ann"}];
  assert allow(User{"eve"}, "read", repository: Repository) iff repository in [];
  assert_not allow(User{"bob"}, "push", Repository{"lib"});
}
