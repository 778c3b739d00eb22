"""What is registered, as adapters and integrations look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arctos.polar.data.adapter import DataAdapter
from arctos.polar.data_filtering import Relation
from arctos.polar.exceptions import (
    DuplicateClassAliasError,
    PolarRuntimeError,
    UnregisteredClassError,
    UnregisteredInstanceError,
)
from arctos.polar.expression import Expression, Pattern
from arctos.polar.predicate import Predicate
from arctos.polar.variable import Variable

if TYPE_CHECKING:
    from arctos.polar.polar import Polar

__all__ = ["Host", "UserType"]

Term = dict[str, Any]


@dataclass
class UserType:
    """A registered class."""

    name: str
    cls: type[Any]
    id: int
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


class Host:
    """The registered classes. The engine keeps its own tables: changing these changes nothing there."""

    types: dict[str | type[Any], UserType]
    """By name and by class."""
    instances: dict[int, Any]
    """Objects that :meth:`to_polar` has numbered."""
    adapter: DataAdapter[Any, Any] | None
    derived: dict[str, Any]
    """What has been worked out from the registered classes; forgotten when another is registered."""

    def __init__(self, polar: Polar, adapter: DataAdapter[Any, Any] | None = None) -> None:
        self.polar = polar
        self.types = {}
        self.instances = {}
        self.adapter = adapter
        self.derived = {}

    def get_class(self, name: str) -> type[Any]:
        """The class registered under that name."""
        if name not in self.types:
            raise UnregisteredClassError(f"no class is registered under the name `{name}`")
        return self.types[name].cls

    def distinct_user_types(self) -> list[UserType]:
        """The registered classes, each name once."""
        return [user_type for key, user_type in self.types.items() if isinstance(key, str)]

    def cache_class(self, cls: type[Any], name: str | None = None, fields: dict[str, Any] | None = None) -> str:
        """Notes a class under a name that is still free; returns the name."""
        name = cls.__name__ if name is None else name
        if name in self.types:
            raise DuplicateClassAliasError(name, self.types[name].cls, cls)
        user_type = UserType(name, cls, len(self.distinct_user_types()) + 1, dict(fields or {}))
        self.types[name] = user_type
        self.types[cls] = user_type
        self.derived = {}
        return name

    def get_field(self, obj: Any, field: str) -> type[Any]:
        """The class of a registered field, of an object or of a class."""
        cls = obj if isinstance(obj, type) else type(obj)
        if cls not in self.types:
            raise UnregisteredClassError(f"{cls!r} is not registered")
        fields = self.types[cls].fields
        if field not in fields:
            raise PolarRuntimeError(f"`{self.types[cls].name}` has no registered field `{field}`")
        value = fields[field]
        if isinstance(value, Relation):
            return self.get_class(value.other_type) if value.kind == "one" else list
        assert isinstance(value, type)
        return value

    def to_polar(self, v: Any) -> Term:
        """A value as the language's JSON form."""
        return {"value": self._value(v)}

    def _value(self, v: Any) -> dict[str, Any]:
        if type(v) is bool:
            return {"Boolean": v}
        if type(v) is int:
            return {"Number": {"Integer": v}}
        if type(v) is float:
            special = {float("inf"): "Infinity", float("-inf"): "-Infinity"}
            return {"Number": {"Float": "NaN" if v != v else special.get(v, v)}}
        if type(v) is str:
            return {"String": v}
        if type(v) is list:
            items: list[Any] = v
            return {"List": [self.to_polar(item) for item in items]}
        if type(v) is dict:
            entries: dict[Any, Any] = v
            return {"Dictionary": {"fields": {str(key): self.to_polar(item) for key, item in entries.items()}}}
        if isinstance(v, Variable):
            return {"Variable": str.__str__(v)}
        if isinstance(v, Predicate):
            return {"Call": {"name": v.name, "args": [self.to_polar(arg) for arg in v.args], "kwargs": None}}
        if isinstance(v, Expression):
            return {"Expression": {"operator": v.operator, "args": [self.to_polar(arg) for arg in v.args]}}
        if isinstance(v, Pattern):
            fields = {"fields": {key: self.to_polar(item) for key, item in v.fields.items()}}
            return {"Pattern": {"Instance": {"tag": v.tag, "fields": fields}} if v.tag else {"Dictionary": fields}}
        return {"ExternalInstance": {"instance_id": self.cache_instance(v), "repr": repr(v)}}

    def to_python(self, value: Term) -> Any:
        """A value from its JSON form."""
        [(tag, inner)] = value["value"].items()
        if tag in ("String", "Boolean"):
            return inner
        if tag == "Number":
            [number] = inner.values()
            return float(number.replace("Infinity", "inf")) if isinstance(number, str) else number
        if tag == "List":
            return [self.to_python(item) for item in inner]
        if tag == "Dictionary":
            return {key: self.to_python(item) for key, item in inner["fields"].items()}
        if tag == "Variable":
            return Variable(inner)
        if tag == "Call":
            return Predicate(inner["name"], [self.to_python(arg) for arg in inner["args"]])
        if tag == "Expression":
            return Expression(inner["operator"], [self.to_python(arg) for arg in inner["args"]])
        if tag == "Pattern":
            if "Instance" in inner:
                pattern = inner["Instance"]
                fields = pattern["fields"]["fields"]
                return Pattern(pattern["tag"], {key: self.to_python(item) for key, item in fields.items()})
            return Pattern(None, {key: self.to_python(item) for key, item in inner["Dictionary"]["fields"].items()})
        if tag == "ExternalInstance":
            return self.get_instance(inner["instance_id"])
        raise PolarRuntimeError(f"`{tag}` is not a kind of value")

    def cache_instance(self, instance: Any, id: int | None = None) -> int:
        """Numbers an object."""
        id = len(self.instances) + 1 if id is None else id
        self.instances[id] = instance
        return id

    def get_instance(self, id: int) -> Any:
        """The object of that number."""
        if id not in self.instances:
            raise UnregisteredInstanceError(f"no object has the number {id}")
        return self.instances[id]
