# Agents that act for people
#
# A program acts for a user. It may do what the user may do *and* what the user has entrusted to it: the intersection. So an
# agent never gains what its user lacks, and loses at once what its user loses. Agents may hand on part of their task to
# other agents, which have no more than the one before.
#
# Facts: acting_for(Agent, User or Agent), entrusted(Agent, permission, Mailbox), has_role(User, role, Mailbox)

actor User {}
actor Agent {}

resource Mailbox {
  roles = ["owner", "delegate"];
  permissions = ["read", "send", "erase"];

  "delegate" if "owner";
  "read" if "delegate";
  "send" if "delegate";
  "erase" if "owner";
}

has_permission(agent: Agent, action: String, mailbox: Mailbox) if
  principal matches Actor and
  acting_for(agent, principal) and
  entrusted(agent, action, mailbox) and
  has_permission(principal, action, mailbox);

declare acting_for(Agent, User);
declare acting_for(Agent, Agent);

test fixture mail {
  has_role(User{"ann"}, "owner", Mailbox{"ann"});
  acting_for(Agent{"helper"}, User{"ann"});
  entrusted(Agent{"helper"}, "read", Mailbox{"ann"});
  entrusted(Agent{"helper"}, "send", Mailbox{"ann"});
  entrusted(Agent{"helper"}, "read", Mailbox{"bob"});
}

test "an agent has what its user has and entrusts" {
  setup { fixture mail; }
  assert allow(User{"ann"}, action: String, Mailbox{"ann"}) iff action in ["read", "send", "erase"];
  assert allow(Agent{"helper"}, action: String, Mailbox{"ann"}) iff action in ["read", "send"];
  assert_not allow(Agent{"helper"}, "read", Mailbox{"bob"});
}

test "what is handed on is never more" {
  setup {
    fixture mail;
    acting_for(Agent{"summary"}, Agent{"helper"});
    entrusted(Agent{"summary"}, "read", Mailbox{"ann"});
    entrusted(Agent{"summary"}, "erase", Mailbox{"ann"});
    entrusted(Agent{"stray"}, "read", Mailbox{"ann"});
    acting_for(Agent{"idle"}, User{"ann"});
  }
  assert allow(Agent{"summary"}, action: String, Mailbox{"ann"}) iff action in ["read"];
  assert allow(agent: Agent, "read", Mailbox{"ann"}) iff agent in [Agent{"helper"}, Agent{"summary"}];
}

test "agents in a circle gain nothing" {
  setup {
    acting_for(Agent{"a"}, Agent{"b"}); entrusted(Agent{"a"}, "read", Mailbox{"ann"});
    acting_for(Agent{"b"}, Agent{"a"}); entrusted(Agent{"b"}, "read", Mailbox{"ann"});
  }
  assert allow(agent: Agent, "read", Mailbox{"ann"}) iff agent in [];
}

test "a delegate's agent" {
  setup {
    has_role(User{"bob"}, "delegate", Mailbox{"ann"});
    acting_for(Agent{"bot"}, User{"bob"});
    entrusted(Agent{"bot"}, "send", Mailbox{"ann"});
    entrusted(Agent{"bot"}, "erase", Mailbox{"ann"});
  }
  assert allow(Agent{"bot"}, action: String, Mailbox{"ann"}) iff action in ["send"];
}
