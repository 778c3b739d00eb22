# Every construct of the facts dialect.
global { roles = ["staff"]; permissions = ["create_org"];  "create_org" if "staff"; }
actor User { relations = { manager: User }; roles = ["boss"]; "boss" if "boss" on "manager"; }
actor Group {}   actor Role {}
resource Org  { roles = ["admin","member"]; permissions = ["read"]; "member" if "admin"; "read" if "member"; "admin" if global "staff"; }
resource Sharable { permissions = ["share"]; }
resource Folder { relations = { parent: Folder }; roles = ["reader"]; role if role on "parent"; }
resource Repo extends Sharable, Base, {
  relations = { org: Org, folder: Folder };  roles = ["reader","maintainer"];  permissions = ["read","push"];
  "reader" if "member" on "org" or "reader" on "folder";   "reader" if "maintainer";   "push" if "maintainer";
  "read" if is_public(resource);   "read" if ("reader" or global "staff") and "creator" on resource; }
has_role(u: User, r: String, o: Org) if g matches Group and has_group(u, g) and has_role(g, r, o);
has_role(u: User, r: String, o: Repo) if t matches Integer and has_role_with_expiry(u, r, o, t) and t > @current_unix_time;
allow(u: User, act: String, r: Repo) if has_permission(u, act, r) and not is_suspended(u) and @context.mfa = true;
has_permission(_: User, "read", _: Organization);
has_permission(user: User, "read_profile", user: User);
is_special(Repo{"x"}, Integer{-1}, Boolean{true});
declare is_protected(Repo);
declare anything();
test fixture base { has_role(User{"ann"}, "admin", Org{"acme"}); has_relation(Repo{"x"}, "org", Org{"acme"}); }
test "members read" {
  setup { fixture base; has_role(User{"bob"}, "member", Org{"acme"}); }
  assert allow(User{"bob"}, "read", Repo{"x"});
  assert_not allow(User{"bob"}, "push", Repo{"x"});
  assert allow(User{"bob"}, act: String, Repo{"x"}) iff act in ["read"]; }
test "nothing to set up" { assert allow(User{"ann"}, "read", Org{"acme"}); }
