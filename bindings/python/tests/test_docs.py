"""The blocks of the guide run, from top to bottom."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "python.md"


def test_the_guide(capsys) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, flags=re.M | re.S))
    assert len(blocks) > 8
    namespace: dict = {"__name__": "guide"}
    for block in blocks:
        line = text[: block.start(1)].count("\n")
        code = compile("\n" * line + block[1], str(GUIDE), "exec")
        exec(code, namespace)  # the line numbers of a failure are those of the page
