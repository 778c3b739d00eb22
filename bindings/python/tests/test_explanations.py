"""Why, and why not, about Python objects."""

import json
from dataclasses import dataclass, field

import pytest
from arctos import Arctos, Explanation

POLICY = """
allow(actor, action, resource) if has_permission(actor, action, resource);
actor User {}
resource Repo {
  roles = ["reader", "writer"];
  permissions = ["read", "push"];
  "reader" if "writer";
  "read" if "reader";
  "push" if "writer";
}
has_role(user: User, role: String, repo: Repo) if role = repo.members.get(user.name) and not user.is_suspended;
has_permission(_: User, "read", repo: Repo) if repo.is_public = true;
"""


@dataclass
class User:
    name: str
    is_suspended: bool = False


@dataclass
class Repo:
    is_public: bool = False
    members: dict = field(default_factory=dict)


class Members(dict):
    """A dictionary that policies can call ``get`` of."""


@pytest.fixture
def arctos() -> Arctos:
    arctos = Arctos()
    arctos.register_class(User)
    arctos.register_class(Repo)
    arctos.load_str(POLICY)
    return arctos


def test_a_proof_says_what_objects_were_asked_for(arctos):
    explanation = arctos.explain(User("ann"), "read", Repo(members=Members(ann="writer")))
    assert isinstance(explanation, Explanation)
    assert explanation.allowed and explanation
    text = explanation.to_text()
    assert text == str(explanation)
    assert text.startswith("yes, because\n")
    assert 'user.name is "ann"' in text
    assert "not user.is_suspended, since user.is_suspended is False" in text or "is false" in text


def test_a_no_says_which_condition_fails(arctos):
    explanation = arctos.explain(User("zoe"), "read", Repo(members=Members()))
    assert not explanation
    assert "repo.is_public = true, where now repo.is_public is false" in explanation.to_text()
    shape = json.loads(explanation.to_json())
    assert shape["version"] == 1 and shape["allowed"] is False and shape["proof"] is None
    needed = [change for miss in shape["misses"] for change in miss["needed"]]
    assert {"name": "repo.is_public", "value": "false"} in [
        value for change in needed if change["kind"] == "condition" for value in change["now"]
    ]


def test_a_page_is_complete(arctos):
    page = arctos.explain(User("<zoe>"), "read", Repo()).to_html()
    assert page.startswith("<!doctype html>") and "<zoe>" not in page


def test_what_the_application_raises_comes_through(arctos):
    class Broken(Repo):
        @property
        def is_public(self):
            raise ConnectionError("away")

        @is_public.setter
        def is_public(self, value):
            pass

    arctos.register_class(Broken)
    with pytest.raises(ConnectionError):
        arctos.explain(User("ann"), "read", Broken(members=Members()))
