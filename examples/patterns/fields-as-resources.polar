# Fields, as resources
#
# Where fields are many or come from a schema, each is a resource with a relation to what it is a field of. A fact about
# `_: Account` makes a field one of every account there is or will be. `allow_field` asks about an account and one of its fields.
#
# Facts: has_relation(Field, "of", Account), is_sensitive(Field), has_role(User, role, Account)

actor User {}

resource Account {
  roles = ["auditor", "clerk"];
  permissions = ["read"];

  "read" if "clerk";
}

resource Field {
  relations = { of: Account };
}

allow_field(user: User, "read", account: Account, field: Field) if
  has_relation(field, "of", account) and
  has_permission(user, "read", account) and
  not is_sensitive(field);

allow_field(user: User, "read", account: Account, field: Field) if
  has_relation(field, "of", account) and
  has_role(user, "auditor", account);

test "auditors see sensitive fields too" {
  setup {
    has_relation(Field{"holder"}, "of", _: Account);
    has_relation(Field{"balance"}, "of", _: Account);
    has_relation(Field{"credit_line"}, "of", Account{"2"});
    is_sensitive(Field{"balance"});
    has_role(User{"ann"}, "auditor", Account{"1"});
    has_role(User{"cid"}, "clerk", Account{"1"});
    has_role(User{"cid"}, "clerk", Account{"2"});
  }
  assert allow_field(User{"ann"}, "read", Account{"1"}, field: Field) iff field in [Field{"holder"}, Field{"balance"}];
  assert allow_field(User{"cid"}, "read", Account{"1"}, field: Field) iff field in [Field{"holder"}];
  assert allow_field(User{"cid"}, "read", Account{"2"}, field: Field) iff field in [Field{"holder"}, Field{"credit_line"}];
  assert_not allow_field(User{"eve"}, "read", Account{"1"}, Field{"holder"});
}
