# Impersonation
#
# Support signs in as a customer, with what the customer may do, and only where the customer has agreed to it and only to
# look. The session is an actor of its own: logs show who acted, and what it may do is derived from the user it stands for.
#
# Facts: opened_by(Session, User), has_role(User, "support"), stands_for(Session, User), consents(User), has_role(User, role, Account)

actor User {}
actor Session {}

global { roles = ["support"]; }

resource Account {
  roles = ["owner"];
  permissions = ["view", "pay"];

  "view" if "owner";
  "pay" if "owner";
}

has_permission(session: Session, "view", account: Account) if
  agent matches User and
  opened_by(session, agent) and
  has_role(agent, "support") and
  customer matches User and
  stands_for(session, customer) and
  consents(customer) and
  has_permission(customer, "view", account);

test fixture customers {
  has_role(User{"ann"}, "owner", Account{"ann"});
  has_role(User{"bob"}, "owner", Account{"bob"});
  consents(User{"ann"});
  has_role(User{"sue"}, "support");
}

test "support looks at what the customer sees, with consent" {
  setup {
    fixture customers;
    opened_by(Session{"1"}, User{"sue"}); stands_for(Session{"1"}, User{"ann"});
    opened_by(Session{"2"}, User{"sue"}); stands_for(Session{"2"}, User{"bob"});
  }
  assert allow(Session{"1"}, action: String, Account{"ann"}) iff action in ["view"];
  assert allow(Session{"1"}, "view", account: Account) iff account in [Account{"ann"}];
  assert_not allow(Session{"2"}, "view", Account{"bob"});
  assert_not allow(User{"sue"}, "view", Account{"ann"});
  assert allow(User{"bob"}, action: String, Account{"bob"}) iff action in ["view", "pay"];
}

test "nobody else opens such a session, and none stands for nobody" {
  setup {
    fixture customers;
    opened_by(Session{"3"}, User{"eve"}); stands_for(Session{"3"}, User{"ann"});
    stands_for(Session{"4"}, User{"ann"});
    opened_by(Session{"5"}, User{"sue"});
  }
  assert allow(session: Session, "view", Account{"ann"}) iff session in [];
  assert_not allow(Session{"5"}, "view", Account{"ann"});
}
