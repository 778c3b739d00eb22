# What the request says of itself
#
# Where a request comes from, how its sender has signed in and what its token is for are facts of that request alone. The
# application sends them with the question; nothing is stored. In a test they stand in `setup`, like all others.
#
# Facts: has_role(User, role, Vault); of the request: signed_in_with(User, factor), from_network(User, network), token_scope(User, scope)

allow(user: User, action: String, vault: Vault) if
  has_permission(user, action, vault) and
  token_scope(user, action);

actor User {}

resource Vault {
  roles = ["keeper"];
  permissions = ["look", "open"];

  "look" if "keeper";
  "open" if "keeper" and is_trusted(actor);
}

is_trusted(user: User) if
  signed_in_with(user, "hardware_key");

is_trusted(user: User) if
  signed_in_with(user, "one_time_code") and
  from_network(user, "office");

test fixture keepers {
  has_role(User{"ann"}, "keeper", Vault{"gold"});
  token_scope(User{"ann"}, "look");
  token_scope(User{"ann"}, "open");
}

test "a password is enough to look" {
  setup { fixture keepers; signed_in_with(User{"ann"}, "password"); from_network(User{"ann"}, "office"); }
  assert allow(User{"ann"}, action: String, Vault{"gold"}) iff action in ["look"];
}

test "a code counts in the office only" {
  setup { fixture keepers; signed_in_with(User{"ann"}, "one_time_code"); from_network(User{"ann"}, "home"); }
  assert_not allow(User{"ann"}, "open", Vault{"gold"});
}

test "in the office" {
  setup { fixture keepers; signed_in_with(User{"ann"}, "one_time_code"); from_network(User{"ann"}, "office"); }
  assert allow(User{"ann"}, action: String, Vault{"gold"}) iff action in ["look", "open"];
}

test "a key counts everywhere, and gives no role" {
  setup {
    fixture keepers;
    signed_in_with(User{"ann"}, "hardware_key");
    signed_in_with(User{"eve"}, "hardware_key");
    token_scope(User{"eve"}, "open");
    token_scope(User{"eve"}, "look");
  }
  assert allow(user: User, "open", Vault{"gold"}) iff user in [User{"ann"}];
  assert_not allow(User{"eve"}, "look", Vault{"gold"});
}

test "a token does what it is for" {
  setup {
    has_role(User{"ann"}, "keeper", Vault{"gold"});
    signed_in_with(User{"ann"}, "hardware_key");
    token_scope(User{"ann"}, "look");
  }
  assert allow(User{"ann"}, action: String, Vault{"gold"}) iff action in ["look"];
}
