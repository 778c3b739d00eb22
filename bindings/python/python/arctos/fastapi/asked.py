"""That each answer has been asked for."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arctos._refusals import is_refusal
from arctos.exceptions import OsoError

__all__ = ["RequireAuthorization", "mark_asked"]

_ASKED = "arctos.asked"


def mark_asked(scope: MutableMapping[str, Any]) -> None:
    """The request has been asked about, or need not be."""
    # A list, since copies of the scope share it.
    scope.setdefault(_ASKED, []).append(True)


class RequireAuthorization:
    """Refuses to send what nothing has been asked for."""

    def __init__(self, app: ASGIApp, *, exact: frozenset[str], below: tuple[str, ...]) -> None:
        self._app = app
        self._exact = exact
        self._below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._is_public(scope):
            await self._app(scope, receive, send)
            return
        # One list for an application and those that are mounted in it.
        asked: list[bool] = scope.setdefault(_ASKED, [])

        async def checked(message: Message) -> None:
            if not asked and _gives(scope, message):
                what = f"{scope.get('method', 'websocket')} {scope['path']}"
                raise OsoError(
                    f"`{what}` has answered and not asked: use `authorized`, `filtered` or `access`, "
                    "or `skip_authorization` where there is nothing to ask"
                )
            await send(message)

        await self._app(scope, receive, checked)

    def _is_public(self, scope: Scope) -> bool:
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        below = any(path == public or path.startswith(f"{public.rstrip('/')}/") for public in self._below)
        return below or path in self._exact


def _gives(scope: Scope, message: Message) -> bool:
    """Whether the message begins an answer that says more than a refusal does."""
    if message["type"] == "websocket.accept":
        return True
    if message["type"] not in ("http.response.start", "websocket.http.response.start"):
        return False
    # What no route has matched is a redirect to the path with the slash, or without it.
    redirect = "endpoint" not in scope and message["status"] == 307
    return not redirect and not is_refusal(message["status"])
