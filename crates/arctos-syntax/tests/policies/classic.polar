# Every construct of the classic dialect; the words of the facts dialect are plain names here.
allow(actor, action, resource) if has_permission(actor, action, resource);

actor User {}

resource Organization {
  roles = ["member", "owner",];
  permissions = ["read", "add_member"];

  "read" if "member";
  "add_member" if "owner";
  "member" if "owner";
}

resource Repository {
  permissions = ["read", "push", "delete"];
  roles = ["contributor", "maintainer", "admin"];
  relations = { parent: Organization, Folder, };

  "read" if "contributor";
  "contributor" if "member" on "parent";
}

has_role(user: User, name: String, org: Organization) if
  role in user.roles and
  role matches { name: name, org: org };

has_relation(org: Organization, "parent", repo: Repository) if org = repo.organization;

type has_owner(user: User, repo: Repository);
has_owner(user: User, repo: Repository{owner: user, kind: "git", tags: [first, *_rest]});

f(x.y, [1, *rest], {a: 1, b}, new Foo(1, k: 2), 1 + 2, "lit", -1.5) if x and rest and b;
test(x, y) if x = y;
declare(x) if x.declare;
global(x) if x.global.type.test;
resource(on, extends, actor) if on.roles > extends and actor;
roles(permissions: Permissions, relations: {fixture: iff}) if permissions = relations or iff;
assert(setup: 1, fixture: [assert, Foo{}]) if cut or print(setup, fixture) or assert;
assert_not("x");
type(x) if x;
type type(x: Integer, "y");

deep(x) if forall(y in x.items, not (y.hidden or y.n mod 2 = 1 rem 3) and debug(y)) and z := 2 and z;
a::b(x: c::D) if x.in.cut.("odd key").(x).not(1, if: 2) != nil;
?= f(1, [2], {}, 3, 4, "x", 5);
?= not false
   and 1 < 2;
