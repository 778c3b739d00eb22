# What the three applications of W5 share: grants to users, and to groups that may be in other groups.

allow(actor, action, resource) if has_permission(actor, action, resource);

actor User {}

has_role(user: User, name: String, resource: Thing) if
  grant in resource.user_grants and grant.role = name and grant.to = user.id;

has_role(user: User, name: String, resource: Thing) if
  grant in resource.group_grants and grant.role = name and in_group(user, grant.to);

in_group(party, group) if
  parent in party.groups and (parent.id = group or in_group(parent, group));

