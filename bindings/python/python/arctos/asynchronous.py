"""The same questions for applications whose objects answer later."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from arctos.arctos import Arctos, collected
from arctos.polar.query import QueryResult
from arctos.polar.variable import Variable

__all__ = ["AsyncArctos"]


class AsyncArctos:
    """Asks the policy of an :class:`~arctos.Arctos`, and awaits what the application's objects return.

    Attributes, methods and comparisons may be awaitables, and what rules go through with ``in`` an asynchronous iterator. The policy, what
    is registered and filters are those of :attr:`sync`.

        az = AsyncArctos(arctos)
        await az.authorize(user, "read", repository)

    Questions may be asked at once, by any number of tasks.
    """

    sync: Arctos
    """What is asked; it is as good for questions that need no waiting, and faster."""

    def __init__(self, sync: Arctos) -> None:
        self.sync = sync

    async def is_allowed(self, actor: object, action: Any, resource: object) -> bool:
        """Whether a rule ``allow(actor, action, resource)`` holds."""
        return await self.query_rule_once("allow", actor, action, resource)

    async def authorize(self, actor: object, action: Any, resource: object, *, check_read: bool = True) -> None:
        """Returns when the action is allowed, and raises when it is not; as :meth:`Arctos.authorize`."""
        if await self.is_allowed(actor, action, resource):
            return
        read = self.sync.read_action
        if check_read and (action == read or not await self.is_allowed(actor, read, resource)):
            raise self.sync.not_found_error()
        raise self.sync.forbidden_error()

    async def authorize_request(self, actor: object, request: object) -> None:
        """Raises ``forbidden_error`` unless a rule ``allow_request(actor, request)`` holds."""
        if not await self.query_rule_once("allow_request", actor, request):
            raise self.sync.forbidden_error()

    async def authorize_field(self, actor: object, action: Any, resource: object, field: Any) -> None:
        """Raises ``forbidden_error`` unless a rule ``allow_field(actor, action, resource, field)`` holds."""
        if not await self.query_rule_once("allow_field", actor, action, resource, field):
            raise self.sync.forbidden_error()

    async def authorized_actions(self, actor: object, resource: object, allow_wildcard: bool = False) -> set[Any]:
        """The actions the actor may do with the resource; as :meth:`Arctos.authorized_actions`."""
        answers = [answer async for answer in self.query_rule("allow", actor, Variable("action"), resource)]
        return collected((answer["bindings"] for answer in answers), "action", allow_wildcard)

    async def authorized_fields(
        self, actor: object, action: Any, resource: object, allow_wildcard: bool = False
    ) -> set[Any]:
        """The fields of the resource with which the actor may do this; as :meth:`Arctos.authorized_fields`."""
        rule = self.query_rule("allow_field", actor, action, resource, Variable("field"))
        answers = [answer async for answer in rule]
        return collected((answer["bindings"] for answer in answers), "field", allow_wildcard)

    async def query_rule(
        self,
        name: str,
        *args: Any,
        bindings: dict[str, Any] | None = None,
        accept_expression: bool = False,
    ) -> AsyncGenerator[QueryResult, None]:
        """The answers of a rule with these arguments, one after the other; :class:`arctos.Variable` marks what is asked for."""
        answers = self.sync._engine.ask_and_wait(name, args, bindings, accept_expression)
        step = answers.advance()
        while True:
            if step[0] == 2:
                failed: Exception | None = None
                try:
                    value = await step[1]
                except Exception as error:
                    failed = error
                step = answers.resume(value) if failed is None else answers.fail(failed)
            elif step[0] == 1:
                yield {"bindings": step[1], "trace": None}
                step = answers.advance()
            else:
                return

    async def query_rule_once(
        self,
        name: str,
        *args: Any,
        bindings: dict[str, Any] | None = None,
        accept_expression: bool = False,
    ) -> bool:
        """Whether a rule with these arguments has an answer."""
        answers = self.query_rule(name, *args, bindings=bindings, accept_expression=accept_expression)
        try:
            async for _ in answers:
                return True
        finally:
            await answers.aclose()
        return False
