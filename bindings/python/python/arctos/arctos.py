"""Decisions in an application: allowed or not, 404 or 403, which actions, which fields."""

from __future__ import annotations

from typing import Any

from arctos._arctos import Enforcer
from arctos.decision import DecidingRule, Decision, Explanation
from arctos.exceptions import ForbiddenError, NotFoundError, OsoError
from arctos.limits import Limits
from arctos.polar.data.adapter import DataAdapter, ResidualAdapter
from arctos.polar.data.dnf import data_filter
from arctos.polar.exceptions import UnregisteredClassError, UnsupportedError
from arctos.polar.polar import Polar
from arctos.polar.row_types import row_types
from arctos.polar.variable import Variable
from arctos.residual import Residual

__all__ = ["Arctos", "Oso"]


class Arctos(Polar, Enforcer):
    """A policy and the questions an application asks of it.

    Safe to share between threads: register and load at start, then ask from anywhere. :meth:`reload` exchanges the
    policy while others ask.

    :param forbidden_error: raised (with no arguments) when the actor may read a resource but not do this with it
    :param not_found_error: raised (with no arguments) when the actor may not even read it
    :param read_action: the action that means "may know that it exists"
    :param limits: what one query may use
    """

    def __init__(
        self,
        *,
        forbidden_error: type[BaseException] = ForbiddenError,
        not_found_error: type[BaseException] = NotFoundError,
        read_action: Any = "read",
        limits: Limits | None = None,
    ) -> None:
        super().__init__(limits=limits)
        self._ask(self._engine)
        self.forbidden_error = forbidden_error
        self.not_found_error = not_found_error
        self.read_action = read_action

    def __copy__(self) -> Arctos:
        """Another one with the same policy."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._ask(self._engine)
        return copy

    def decide(self, actor: object, action: Any, resource: object) -> Decision:
        """As :meth:`is_allowed`, with the rules that decided."""
        allowed, rules = self._engine.explain("allow", (actor, action, resource))
        return Decision(allowed, tuple(DecidingRule(*rule) for rule in rules))

    def explain(self, actor: object, action: Any, resource: object) -> Explanation:
        """Why the action is allowed, or what it would take.

        The objects are asked again and again, so they must not change meanwhile.
        """
        return Explanation(*self._engine.explanation("allow", (actor, action, resource)))

    def authorize(self, actor: object, action: Any, resource: object, *, check_read: bool = True) -> None:
        """Returns when the action is allowed, and raises when it is not.

        :raises NotFoundError: (or the class given as ``not_found_error``) when the actor may not read the resource either
        :raises ForbiddenError: (or ``forbidden_error``) when it may, or when ``check_read`` is false
        """
        if self.is_allowed(actor, action, resource):
            return
        if check_read and (
            action == self.read_action or not self.is_allowed(actor, self.read_action, resource)
        ):
            raise self.not_found_error()
        raise self.forbidden_error()

    def authorize_request(self, actor: object, request: object) -> None:
        """Raises ``forbidden_error`` unless a rule ``allow_request(actor, request)`` holds."""
        if not self._is_request_allowed(actor, request):
            raise self.forbidden_error()

    def authorize_field(self, actor: object, action: Any, resource: object, field: Any) -> None:
        """Raises ``forbidden_error`` unless a rule ``allow_field(actor, action, resource, field)`` holds."""
        if not self._is_field_allowed(actor, action, resource, field):
            raise self.forbidden_error()

    def authorized_actions(self, actor: object, resource: object, allow_wildcard: bool = False) -> set[Any]:
        """The actions the actor may do with the resource.

        Where a rule allows any action whatever, the answer is ``{"*"}`` if ``allow_wildcard``, else an error.
        """
        answers = self.query_rule("allow", actor, Variable("action"), resource)
        return collected((answer["bindings"] for answer in answers), "action", allow_wildcard)

    def get_allowed_actions(self, actor: object, resource: object, allow_wildcard: bool = False) -> list[Any]:
        """As :meth:`authorized_actions`, as a list. The old name."""
        return list(self.authorized_actions(actor, resource, allow_wildcard))

    def authorized_fields(
        self, actor: object, action: Any, resource: object, allow_wildcard: bool = False
    ) -> set[Any]:
        """The fields of the resource with which the actor may do this; as :meth:`authorized_actions`."""
        answers = self.query_rule("allow_field", actor, action, resource, Variable("field"))
        return collected((answer["bindings"] for answer in answers), "field", allow_wildcard)

    def residual(self, actor: object, action: Any, resource_cls: type[Any]) -> Residual:
        """What must hold of any object of a registered class for the actor to be allowed this, as data.

        :raises UnsupportedError: where the policy asks something that cannot be told of an object that is not at hand, with its place
        """
        if resource_cls not in self.host.types:
            raise UnregisteredClassError(f"{resource_cls!r} is not registered")
        name = self.host.types[resource_cls].name
        return self._engine.filter("allow", (actor, action), name, row_types(self.host))

    def authorized_query(self, actor: object, action: Any, resource_cls: type[Any]) -> Any:
        """A query of the adapter's for the objects of the class with which the actor may do this.

        :raises UnsupportedError: where no adapter is set, and where the policy asks something that its store cannot answer
        """
        adapter = self.host.adapter
        if adapter is None:
            raise UnsupportedError("no adapter is set: call `set_data_filtering_adapter` first")
        residual = self.residual(actor, action, resource_cls)
        if isinstance(adapter, ResidualAdapter):
            return adapter.build_residual_query(residual, self.host)
        return adapter.build_query(data_filter(residual, self.host))

    def new_authorized_query(self, actor: object, action: Any, resource_cls: type[Any]) -> Any:
        """As :meth:`authorized_query`. The old name."""
        return self.authorized_query(actor, action, resource_cls)

    def authorized_resources(self, actor: object, action: Any, resource_cls: type[Any]) -> list[Any]:
        """The objects of the class with which the actor may do this, by the adapter; as :meth:`authorized_query`."""
        query = self.authorized_query(actor, action, resource_cls)
        assert self.host.adapter is not None
        return list(self.host.adapter.execute_query(query))

    def set_data_filtering_adapter(self, adapter: DataAdapter[Any, Any]) -> None:
        """Says where objects are, for :meth:`authorized_query` and :meth:`authorized_resources`."""
        self.host.adapter = adapter


Oso = Arctos


def collected(bindings: Any, name: str, allow_wildcard: bool) -> set[Any]:
    """The values of a variable in answers; ``{"*"}`` where any is one."""
    found: set[Any] = set()
    for binding in bindings:
        value = binding.get(name, Variable(name))
        if isinstance(value, Variable):
            if allow_wildcard:
                return {"*"}
            raise OsoError(
                f"a rule allows any {name} whatever, so that the allowed ones cannot be listed; "
                f"pass `allow_wildcard=True` to be told so by the answer `{{'*'}}`"
            )
        found.add(value)
    return found
