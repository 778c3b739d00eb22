"""What becomes of a refusal on the way out."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from arctos.exceptions import NotFoundError

__all__ = ["RESPONSES", "refused"]

RESPONSES: dict[int | str, dict[str, Any]] = {
    403: {"description": "The actor may read this, and not do that with it"},
    404: {"description": "There is no such thing, or none that the actor may read"},
}
"""For the ``responses`` of routers and routes, so that the application's schema tells of them."""


async def refused(connection: HTTPConnection, error: Exception) -> Response | None:
    """404, in the words for a path that leads nowhere, or 403; a web socket is closed."""
    if isinstance(connection, WebSocket):
        await connection.close(code=1008)
        return None
    if isinstance(error, NotFoundError):
        return JSONResponse({"detail": "Not Found"}, 404)
    return JSONResponse({"detail": "Forbidden"}, 403)
