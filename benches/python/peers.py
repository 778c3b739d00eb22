"""What the workloads do alike with each engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import casbin
import cedarpy
from measure import Contender, Decide

Question = tuple[Any, str, Any]
Entity = dict[str, Any]


def nothing(questions: Sequence[Question]) -> Decide:
    """A decision without the decision."""

    def decide(index: int) -> bool:
        _actor, _action, _resource = questions[index]
        return True

    return decide


def polar(name: str, engine: Any, classes: Iterable[type], folder: Path, questions: Sequence[Question]) -> Contender:
    """Arctos or its predecessor: the same policy, the same objects."""
    for of in classes:
        engine.register_class(of)
    engine.load_str((folder / "policy.polar").read_text(encoding="utf-8"))
    is_allowed = engine.is_allowed

    def decide(index: int) -> bool:
        actor, action, resource = questions[index]
        return is_allowed(actor, action, resource)

    return Contender(name, "`is_allowed(user, action, resource)` over plain objects", decide)


def uid(kind: str, name: str) -> dict[str, str]:
    """A name in Cedar's JSON."""
    return {"type": kind, "id": name}


def entity(name: dict[str, str], attributes: dict[str, Any], parents: list[dict[str, str]]) -> Entity:
    """An entity in Cedar's JSON."""
    return {"uid": name, "attrs": attributes, "parents": parents}


def named(names: list[str], groups: list[dict[str, str]]) -> dict[str, Any]:
    """Attributes that refer to groups."""
    return {name: {"__entity": of} for name, of in zip(names, groups, strict=True)}


def request(user: str, action: str, resource: dict[str, str]) -> dict[str, Any]:
    """A request as cedarpy takes it."""
    return {"principal": uid("User", user), "action": uid("Action", action), "resource": resource, "context": {}}


def cedar(
    folder: Path, everything: list[Entity], requests: list[dict[str, Any]], slices: list[list[Entity]]
) -> list[Contender]:
    """Cedar with its entities made before, and with those of each request made in it."""
    policies = cedarpy.PolicySet.from_str((folder / "policy.cedar").read_text(encoding="utf-8"))
    entities = cedarpy.Entities.from_json_str(json.dumps(everything))

    def stored(index: int) -> bool:
        return cedarpy.is_authorized(requests[index], policies, entities).allowed

    def per_request(index: int) -> bool:
        return cedarpy.is_authorized(requests[index], policies, slices[index]).allowed

    given = "the policies, the entities and the request are made before"
    each = "the policies and the request are made before; the entities of the request are a list of dictionaries"
    return [Contender("cedarpy", given, stored), Contender("cedarpy, entities per request", each, per_request)]


def enforcer(folder: Path) -> casbin.Enforcer:
    """Casbin with the model of that folder."""
    return casbin.Enforcer(casbin.Enforcer.new_model(text=(folder / "model.conf").read_text(encoding="utf-8")))
