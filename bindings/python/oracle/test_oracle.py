"""A short differential run, as a test. Needs the predecessor's wheel, which exists for a few versions of Python only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from differential import TARGET, run, show
from engines import Pair, oso_python


@pytest.fixture(scope="module")
def predecessor() -> Path:
    try:
        return oso_python(TARGET)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the predecessor's wheel cannot be installed here: {error}")


@pytest.mark.parametrize("first", [0, 1000])
def test_disagreements_are_departures(predecessor: Path, first: int) -> None:
    pair = Pair(predecessor, Path(sys.executable))
    try:
        report = run(pair, seed=1, indexes=range(first, first + 100), seconds=2.0)
    finally:
        pair.close()
    assert report.agree > 50
    assert not report.unexplained, "\n".join(show(found) for found in report.unexplained)
