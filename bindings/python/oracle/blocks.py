"""Policies of actor and resource blocks at random, with the hooks they need, asked as applications ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tree import Case, Node

if TYPE_CHECKING:
    from generate import Maker

ROLES = ["owner", "writer", "reader", "member"]
PERMISSIONS = ["read", "write", "delete"]
PARENTS = {"Repo": ("parent", "Org", "org"), "Issue": ("repo", "Repo", "repo")}
ACTORS = ["ann", "bob", "root"]
RESOURCES = ["acme", "beta", "app", "lib", "bug", "idea"]


class Block:
    """One resource block while it is made."""

    def __init__(self, maker: Maker, name: str, parents: dict[str, Block]) -> None:
        rng = maker.rng
        self.maker = maker
        self.name = name
        self.roles = rng.sample(ROLES, rng.randint(0, 3))
        self.permissions = rng.sample(PERMISSIONS, rng.randint(1, 3))
        if maker.chance(0.03):
            self.permissions.append(rng.choice(ROLES))
        self.parent = parents.get(PARENTS[name][1]) if name in PARENTS and maker.chance(0.7) else None
        self.shorthand: list[str] = []

    def lines(self) -> list[str]:
        """The declarations and shorthand rules."""
        made = []
        if self.roles:
            made.append(f"roles = {_texts(self.roles)};")
        made.append(f"permissions = {_texts(self.permissions)};")
        if self.parent:
            relation, kind, _ = PARENTS[self.name]
            made.append(f"relations = {{ {relation}: {kind} }};")
        made += self.shorthand
        return made

    def add_shorthand(self) -> None:
        """One shorthand rule, seldom a wrong one."""
        maker, rng = self.maker, self.maker.rng
        names = self.roles + self.permissions
        head = rng.choice(names)
        if self.parent and maker.chance(0.4):
            implier = rng.choice(self.parent.roles + self.parent.permissions)
            text = f'"{head}" if "{implier}" on "{PARENTS[self.name][0]}";'
        else:
            # Nearly always without circles, in which the predecessor gets lost for seconds.
            order = self.permissions + self.roles
            circle = maker.chance(0.01)
            earlier = [name for name in names if name != head and (circle or order.index(name) > order.index(head))]
            if not earlier:
                return
            text = f'"{head}" if "{rng.choice(earlier)}";'
        if maker.chance(0.02):
            text = text.replace(head, "nobody")
        if text not in self.shorthand:
            self.shorthand.append(text)


def _texts(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _role_hook(maker: Maker) -> list[str]:
    """Who holds which role: one of several ways to write it."""
    ways = [
        "has_role(u: User, role: String, r: Resource) if role in u.roles_on(r);",
        "has_role(u: User, role: String, r: Resource) if [role, on] in u.roles and on = r;",
        "has_role(u: User, role: String, r: Resource) if x in u.roles_on(r) and role = x;",
        'has_role(u: User, "owner", r: Repo) if u.name = "bob" and r.public;\n'
        "has_role(u: User, role: String, r: Resource) if role in u.roles_on(r);",
    ]
    return [maker.rng.choice(ways)] if maker.chance(0.96) else []


def block_case(maker: Maker, case: Case) -> None:
    """Blocks, hooks, an ``allow`` rule or two, and questions of every kind."""
    rng = maker.rng
    texts = ["actor User {}"]
    if maker.chance(0.25):
        texts.append("actor Admin {}")
    blocks: dict[str, Block] = {}
    for name in rng.choice([["Org", "Repo", "Issue"], ["Org", "Repo"], ["Repo"], ["Org"]]):
        blocks[name] = Block(maker, name, blocks)
    for block in blocks.values():
        for _ in range(rng.randint(0, 4)):
            block.add_shorthand()
        texts.append(f"resource {block.name} {{\n  " + "\n  ".join(block.lines()) + "\n}")
        if block.parent and maker.chance(0.97):
            relation, kind, attribute = PARENTS[block.name]
            texts.append(f'has_relation(o: {kind}, "{relation}", r: {block.name}) if o = r.{attribute};')
    texts += _role_hook(maker)
    texts += _longhand(maker, blocks)
    if maker.chance(0.2):
        rng.shuffle(texts)
    case.forms += [Node("raw", name=text) for text in texts]
    for _ in range(5):
        case.steps.append(_question(maker))
        case.queries.append(None)


def _longhand(maker: Maker, blocks: dict[str, Block]) -> list[str]:
    """Rules written out."""
    rng = maker.rng
    made = []
    if maker.chance(0.95):
        made.append("allow(actor, action, resource) if has_permission(actor, action, resource);")
    if maker.chance(0.2):
        made.append('allow(_: Admin, "delete", _);')
    if "Issue" in blocks and maker.chance(0.4):
        permission = rng.choice(blocks["Issue"].permissions)
        made.append(f'has_permission(u: User, "{permission}", i: Issue) if i.author = u;')
    if "Repo" in blocks and maker.chance(0.4):
        permission = rng.choice(blocks["Repo"].permissions)
        made.append(f'has_permission(_: User, "{permission}", r: Repo) if r.public = true;')
    if "Repo" in blocks and maker.chance(0.1):
        made.append('allow(u: User, "read", r: Repo{public: true}) if not has_role(u, "owner", r);')
    return made


def _question(maker: Maker) -> dict[str, Any]:
    rng = maker.rng
    actor = {"object": rng.choice(ACTORS)}
    resource = {"object": rng.choice(RESOURCES)}
    action = rng.choice(PERMISSIONS + ["own"])
    return rng.choice(
        [
            {"do": "allowed", "args": [actor, action, resource]},
            {"do": "allowed", "args": [actor, action, resource]},
            {"do": "authorize", "args": [actor, action, resource]},
            {"do": "actions", "args": [actor, resource], "wildcard": maker.chance(0.5)},
            {"do": "rule", "name": "allow", "args": [actor, {"variable": "x"}, resource]},
            {"do": "rule", "name": "has_permission", "args": [actor, {"variable": "x"}, resource]},
            {"do": "rule", "name": "has_role", "args": [actor, {"variable": "x"}, resource]},
            {"do": "once", "name": "has_role", "args": [actor, rng.choice(ROLES), resource]},
            {"do": "rule", "name": "has_relation", "args": [{"variable": "x"}, {"variable": "y"}, resource]},
        ]
    )
