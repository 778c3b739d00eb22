"""The blocks of the pages about Python run, each page from top to bottom."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("page", "least"), [("python", 9), ("flask", 5), ("fastapi", 5)])
def test_the_pages(page: str, least: int, capsys, monkeypatch) -> None:
    module = ModuleType("guide")
    monkeypatch.setitem(sys.modules, "guide", module)
    run(page, least, module)


def test_the_page_about_django() -> None:
    """In a process of its own: there is one project in each."""
    code = "import sys, test_docs; sys.modules['guide'] = sys.__class__('guide'); test_docs.run('django', 5, sys.modules['guide'])"
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run(page: str, least: int, module: ModuleType) -> None:
    """Runs the blocks of a page."""
    guide = DOCS / f"{page}.md"
    text = guide.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.M | re.S))
    assert len(blocks) >= least
    for block in blocks:
        line = text[: block.start(1)].count("\n")
        code = compile("\n" * line + block[1], str(guide), "exec")
        exec(code, module.__dict__)  # the line numbers of a failure are those of the page
