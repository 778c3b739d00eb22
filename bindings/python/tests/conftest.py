"""What tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def empty() -> Iterator[None]:
    """Django's database, which is again as it was after the test."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)
