# Roles that expire
#
# A role may be given until a moment. Nobody has to take it away again: from then on the facts say nothing.
#
# Facts: has_role(User, role, Database), has_role_until(User, role, Database, Integer)

actor User {}

resource Database {
  roles = ["operator", "reader"];
  permissions = ["query", "restore"];

  "reader" if "operator";
  "query" if "reader";
  "restore" if "operator";
}

has_role(user: User, role: String, database: Database) if
  until matches Integer and
  has_role_until(user, role, database, until) and
  @current_unix_time < until;

test "a role ends at its moment" {
  setup {
    @current_unix_time = 5000;
    has_role(User{"ann"}, "reader", Database{"orders"});
    has_role_until(User{"ann"}, "operator", Database{"orders"}, 5001);
    has_role_until(User{"bob"}, "operator", Database{"orders"}, 5000);
    has_role_until(User{"cid"}, "operator", Database{"orders"}, 9000);
  }
  assert allow(user: User, "restore", Database{"orders"}) iff user in [User{"ann"}, User{"cid"}];
  assert allow(user: User, "query", Database{"orders"}) iff user in [User{"ann"}, User{"cid"}];
  assert_not allow(User{"bob"}, "query", Database{"orders"});
}

test "what was given for good stays" {
  setup {
    @current_unix_time = 5001;
    has_role(User{"ann"}, "reader", Database{"orders"});
    has_role_until(User{"ann"}, "operator", Database{"orders"}, 5001);
  }
  assert allow(User{"ann"}, action: String, Database{"orders"}) iff action in ["query"];
}
