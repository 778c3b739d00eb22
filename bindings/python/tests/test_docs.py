"""The blocks of the pages about Python run, each page from top to bottom."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("page", "least"), [("python", 9), ("flask", 5), ("fastapi", 5)])
def test_the_pages(page: str, least: int, capsys, monkeypatch) -> None:
    guide = DOCS / f"{page}.md"
    text = guide.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.M | re.S))
    assert len(blocks) >= least
    module = ModuleType("guide")
    monkeypatch.setitem(sys.modules, "guide", module)
    for block in blocks:
        line = text[: block.start(1)].count("\n")
        code = compile("\n" * line + block[1], str(guide), "exec")
        exec(code, module.__dict__)  # the line numbers of a failure are those of the page
