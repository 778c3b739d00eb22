"""Lists come in pages: some rows after the last one that the client has seen, in an order that no two rows share a place in."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

Row = TypeVar("Row")


class PageOfRequest:
    """How much of a list the client wants."""

    def __init__(self, request: Request, response: Response, limit: Annotated[int, Query(ge=1, le=100)] = 20):
        self._request = request
        self._response = response
        self._limit = limit

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for: one more than is shown tells whether there is a next page."""
        return self._limit + 1

    def of(self, rows: Sequence[Row], place: Callable[[Row], str | int]) -> Sequence[Row]:
        """The rows to show. Where more follow, the header `Link` says where: after the place of the last."""
        shown = rows[: self._limit]
        if len(rows) > self._limit:
            following = self._request.url.include_query_params(after=place(shown[-1]))
            self._response.headers["Link"] = f'<{following}>; rel="next"'
        return shown


Page = Annotated[PageOfRequest, Depends(PageOfRequest)]
