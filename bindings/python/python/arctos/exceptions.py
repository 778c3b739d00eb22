"""What :class:`arctos.Arctos` raises when an action is not allowed."""

from arctos.polar.exceptions import OsoError

__all__ = ["AuthorizationError", "ForbiddenError", "NotFoundError", "OsoError"]


class AuthorizationError(OsoError):
    """An action is not allowed."""


class NotFoundError(AuthorizationError):
    """The actor may not even know that the resource exists; answer 404."""

    def __init__(self) -> None:
        super().__init__(
            "the actor may not read this resource; answer the client as if it did not exist (404)"
        )


class ForbiddenError(AuthorizationError):
    """The actor may read the resource but not do this with it; answer 403."""

    def __init__(self) -> None:
        super().__init__("the actor may not do this with this resource; answer the client 403")
