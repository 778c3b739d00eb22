# Organizations in organizations
#
# A holding owns companies, companies own departments. Officers of a unit act for every unit below it; members belong to their own
# unit and see what is shared with the units above it.
#
# Facts: has_relation(Unit, "parent", Unit), has_role(User, role, Unit), has_relation(Notice, "unit", Unit)

actor User {}

resource Unit {
  relations = { parent: Unit };
  roles = ["officer", "member"];
  permissions = ["reorganize"];

  "officer" if "officer" on "parent";
  "reorganize" if "officer";
}

resource Notice {
  relations = { unit: Unit };
  permissions = ["read", "publish"];

  "publish" if "officer" on "unit";
  "read" if "publish";
}

# Who belongs to a unit reads what concerns it or any unit above it.
has_permission(user: User, "read", notice: Notice) if
  own matches Unit and
  has_role(user, "member", own) and
  unit matches Unit and
  has_relation(notice, "unit", unit) and
  is_within(own, unit);

is_within(unit: Unit, unit: Unit);
is_within(unit: Unit, outer: Unit) if
  parent matches Unit and
  has_relation(unit, "parent", parent) and
  is_within(parent, outer);

test fixture company {
  has_relation(Unit{"company"}, "parent", Unit{"holding"});
  has_relation(Unit{"sales"}, "parent", Unit{"company"});
  has_relation(Unit{"lab"}, "parent", Unit{"company"});
  has_relation(Notice{"merger"}, "unit", Unit{"holding"});
  has_relation(Notice{"bonus"}, "unit", Unit{"sales"});
}

test "officers act downwards" {
  setup { fixture company; has_role(User{"ceo"}, "officer", Unit{"company"}); }
  assert allow(User{"ceo"}, "reorganize", unit: Unit) iff unit in [Unit{"company"}, Unit{"sales"}, Unit{"lab"}];
  assert allow(User{"ceo"}, action: String, Notice{"bonus"}) iff action in ["publish", "read"];
  assert_not allow(User{"ceo"}, "publish", Notice{"merger"});
}

test "members read upwards" {
  setup { fixture company; has_role(User{"sal"}, "member", Unit{"sales"}); has_role(User{"lab"}, "member", Unit{"lab"}); }
  assert allow(User{"sal"}, "read", notice: Notice) iff notice in [Notice{"merger"}, Notice{"bonus"}];
  assert allow(User{"lab"}, "read", notice: Notice) iff notice in [Notice{"merger"}];
  assert allow(user: User, "publish", Notice{"bonus"}) iff user in [];
}
