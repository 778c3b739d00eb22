"""Which answers of a web application need no authorization, because they give nothing away."""

__all__ = ["is_refusal"]

# Asked wrongly, not known who is asking, not allowed, not there, too often: said before anything is looked at, or instead of it.
_REFUSALS = frozenset({400, 401, 403, 404, 405, 422, 429})


def is_refusal(status: int) -> bool:
    """Whether an answer with that status only says that there is none."""
    return status in _REFUSALS or status >= 500
