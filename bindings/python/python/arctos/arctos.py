"""Decisions in an application: allowed or not, 404 or 403, which actions, which fields."""

from __future__ import annotations

from typing import Any, NoReturn

from arctos._arctos import Enforcer
from arctos.decision import DecidingRule, Decision, Explanation
from arctos.exceptions import ForbiddenError, NotFoundError, OsoError
from arctos.limits import Limits
from arctos.polar.data.adapter import DataAdapter
from arctos.polar.polar import Polar, no_data_filtering
from arctos.polar.variable import Variable

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
        return _collected((answer["bindings"] for answer in answers), "action", allow_wildcard)

    def get_allowed_actions(self, actor: object, resource: object, allow_wildcard: bool = False) -> list[Any]:
        """As :meth:`authorized_actions`, as a list. The old name."""
        return list(self.authorized_actions(actor, resource, allow_wildcard))

    def authorized_fields(
        self, actor: object, action: Any, resource: object, allow_wildcard: bool = False
    ) -> set[Any]:
        """The fields of the resource with which the actor may do this; as :meth:`authorized_actions`."""
        answers = self.query_rule("allow_field", actor, action, resource, Variable("field"))
        return _collected((answer["bindings"] for answer in answers), "field", allow_wildcard)

    def authorized_query(self, actor: object, action: Any, resource_cls: type[Any]) -> NoReturn:
        """Not in this version: raises :class:`~arctos.polar.exceptions.UnsupportedError`."""
        no_data_filtering("authorized_query")

    def authorized_resources(self, actor: object, action: Any, resource_cls: type[Any]) -> NoReturn:
        """Not in this version: raises :class:`~arctos.polar.exceptions.UnsupportedError`."""
        no_data_filtering("authorized_resources")

    def set_data_filtering_adapter(self, adapter: DataAdapter[Any, Any]) -> None:
        """Keeps an adapter for the versions to come."""
        self.host.adapter = adapter


Oso = Arctos


def _collected(bindings: Any, name: str, allow_wildcard: bool) -> set[Any]:
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
