# What a plan includes
#
# A feature is open to members of an organization whose plan includes it, or that takes part in a trial. Which plan includes
# what is data, so that prices change without a policy.
#
# Facts: has_role(User, "member", Organization), on_plan(Organization, Plan), includes(Plan, Feature),
#   in_trial(Organization, Feature)

actor User {}
resource Plan {}
resource Feature {}

resource Organization {
  roles = ["member"];
}

allow(user: User, "use", feature: Feature) if
  organization matches Organization and
  has_role(user, "member", organization) and
  is_entitled(organization, feature);

is_entitled(organization: Organization, feature: Feature) if
  plan matches Plan and
  on_plan(organization, plan) and
  includes(plan, feature);

is_entitled(organization: Organization, feature: Feature) if
  in_trial(organization, feature);

test "the plan decides, and a trial" {
  setup {
    has_role(User{"ann"}, "member", Organization{"acme"}); on_plan(Organization{"acme"}, Plan{"pro"});
    has_role(User{"bob"}, "member", Organization{"tiny"}); on_plan(Organization{"tiny"}, Plan{"free"});
    includes(Plan{"free"}, Feature{"notes"});
    includes(Plan{"pro"}, Feature{"notes"}); includes(Plan{"pro"}, Feature{"audit"});
    in_trial(Organization{"tiny"}, Feature{"maps"});
  }
  assert allow(User{"ann"}, "use", feature: Feature) iff feature in [Feature{"notes"}, Feature{"audit"}];
  assert allow(User{"bob"}, "use", feature: Feature) iff feature in [Feature{"notes"}, Feature{"maps"}];
  assert_not allow(User{"cid"}, "use", Feature{"notes"});
}
