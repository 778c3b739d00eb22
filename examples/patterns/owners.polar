# Whoever made it
#
# A relation from a resource to a user is as good as a role: the author of a post may edit it, while it is open. Reading is
# for every user there is or will be, which a rule with `_: User` says.
#
# Facts: has_relation(Post, "author", User), is_closed(Post)

actor User {}

resource Post {
  relations = { author: User };
  permissions = ["read", "edit", "reopen"];

  "edit" if "author" and is_open(resource);
  "reopen" if "author" on resource;
}

has_permission(_: User, "read", _: Post);

is_open(post: Post) if not is_closed(post);

test "authors edit what is open" {
  setup {
    has_relation(Post{"a"}, "author", User{"ann"});
    has_relation(Post{"b"}, "author", User{"ann"});
    is_closed(Post{"b"});
  }
  assert allow(User{"ann"}, "edit", post: Post) iff post in [Post{"a"}];
  assert allow(User{"ann"}, "reopen", post: Post) iff post in [Post{"a"}, Post{"b"}];
  assert_not allow(User{"bob"}, "edit", Post{"a"});
  assert_not allow(User{"bob"}, "reopen", Post{"b"});
}

test "everyone reads" {
  assert allow(user: User, "read", Post{"a"}) iff user matches User;
}
