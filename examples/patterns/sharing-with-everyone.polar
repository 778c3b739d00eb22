# Sharing with everyone
#
# A fact about `_: User` gives a role to every user there is or will be, with one row. `Visitor` has no id worth a fact: what is for people
# who have not signed in is for any visitor. A shared type is written once and extended.
#
# Facts: has_role(User or _: User, role, Photo or Album), has_role(_: Visitor, role, Photo)

actor User {}
actor Visitor {}

resource Shared {
  roles = ["owner", "viewer"];
  permissions = ["view", "share"];

  "viewer" if "owner";
  "view" if "viewer";
  "share" if "owner";
}

resource Album extends Shared {}

resource Photo extends Shared {
  relations = { album: Album };
  "viewer" if "viewer" on "album";
}

test "one row for everyone" {
  setup {
    has_role(_: User, "viewer", Photo{"sunset"});
    has_role(_: Visitor, "viewer", Photo{"poster"});
    has_role(User{"ann"}, "owner", Photo{"sunset"});
  }
  assert allow(user: User, "view", Photo{"sunset"}) iff user matches User;
  assert allow(visitor: Visitor, "view", Photo{"poster"}) iff visitor matches Visitor;
  assert allow(user: User, "share", Photo{"sunset"}) iff user in [User{"ann"}];
  assert_not allow(Visitor{"web"}, "view", Photo{"sunset"});
  assert_not allow(User{"ann"}, "view", Photo{"poster"});
}

test "an album is shared with all that is in it" {
  setup {
    has_relation(Photo{"cake"}, "album", Album{"party"});
    has_relation(Photo{"loose"}, "album", Album{"private"});
    has_role(User{"bob"}, "viewer", Album{"party"});
    has_role(User{"ann"}, "owner", Album{"party"});
  }
  assert allow(user: User, "view", Photo{"cake"}) iff user in [User{"ann"}, User{"bob"}];
  assert allow(User{"ann"}, action: String, Album{"party"}) iff action in ["view", "share"];
  assert allow(user: User, "share", Photo{"cake"}) iff user in [];
  assert_not allow(User{"bob"}, "view", Photo{"loose"});
}
