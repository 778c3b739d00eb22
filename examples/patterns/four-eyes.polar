# Two pairs of eyes
#
# Nobody approves what they have asked for themselves, whatever roles they have; and a payment above a limit needs somebody with a
# higher role. Exclusions by relation are `not` over a relation.
#
# Facts: has_role(User, role, Department), has_relation(Payment, "department", Department), has_relation(Payment, "requester", User),
#   amount(Payment, Integer)

actor User {}

resource Department {
  roles = ["director", "manager"];
}

resource Payment {
  relations = { department: Department, requester: User };
  roles = ["approver"];
  permissions = ["approve"];

  "approver" if "manager" on "department" and is_small(resource);
  "approver" if "director" on "department";
}

has_permission(user: User, "approve", payment: Payment) if
  has_role(user, "approver", payment) and
  not has_relation(payment, "requester", user);

is_small(payment: Payment) if
  amount matches Integer and
  amount(payment, amount) and
  amount <= 1000;

test "somebody else approves, and above the limit somebody higher" {
  setup {
    has_role(User{"meg"}, "manager", Department{"it"});
    has_role(User{"max"}, "manager", Department{"it"});
    has_role(User{"dan"}, "director", Department{"it"});
    has_role(User{"hal"}, "director", Department{"hr"});
    has_role(User{"ham"}, "manager", Department{"hr"});
    has_relation(Payment{"mouse"}, "department", Department{"it"}); amount(Payment{"mouse"}, 1000);
    has_relation(Payment{"server"}, "department", Department{"it"}); amount(Payment{"server"}, 1001);
    has_relation(Payment{"chair"}, "department", Department{"it"}); amount(Payment{"chair"}, 90);
    has_relation(Payment{"mouse"}, "requester", User{"ann"});
    has_relation(Payment{"server"}, "requester", User{"meg"});
    has_relation(Payment{"chair"}, "requester", User{"dan"});
  }
  assert allow(user: User, "approve", Payment{"mouse"}) iff user in [User{"meg"}, User{"max"}, User{"dan"}];
  assert allow(user: User, "approve", Payment{"server"}) iff user in [User{"dan"}];
  assert allow(user: User, "approve", Payment{"chair"}) iff user in [User{"meg"}, User{"max"}];
  assert_not allow(User{"dan"}, "approve", Payment{"chair"});
}
