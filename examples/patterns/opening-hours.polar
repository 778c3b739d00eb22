# From a time to a time
#
# `@current_unix_time` is one integer for the whole request, in seconds. An embargo ends at a moment, a sale lasts from one
# moment to another. Tests set the time, so that they come out the same tomorrow.
#
# Facts: published_at(Article, Integer), opens(Sale, Integer), closes(Sale, Integer)

allow(_: User, "read", article: Article) if
  published matches Integer and
  published_at(article, published) and
  published <= @current_unix_time;

allow(_: User, "order", sale: Sale) if
  opens matches Integer and opens(sale, opens) and opens <= @current_unix_time and
  closes matches Integer and closes(sale, closes) and @current_unix_time < closes;

actor User {}
resource Article {}
resource Sale {}

test fixture calendar {
  published_at(Article{"news"}, 1000);
  opens(Sale{"spring"}, 1000);
  closes(Sale{"spring"}, 2000);
}

test "before" {
  setup { @current_unix_time = 999; fixture calendar; }
  assert_not allow(User{"ann"}, "read", Article{"news"});
  assert_not allow(User{"ann"}, "order", Sale{"spring"});
}

test "from the first second" {
  setup { @current_unix_time = 1000; fixture calendar; }
  assert allow(User{"ann"}, "read", article: Article) iff article in [Article{"news"}];
  assert allow(user: User, "order", Sale{"spring"}) iff user matches User;
}

test "to the last" {
  setup { @current_unix_time = 1999; fixture calendar; }
  assert allow(User{"ann"}, "order", Sale{"spring"});
}

test "after" {
  setup { @current_unix_time = 2000; fixture calendar; }
  assert allow(User{"ann"}, "read", Article{"news"});
  assert_not allow(User{"ann"}, "order", Sale{"spring"});
}
