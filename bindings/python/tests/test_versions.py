"""One wheel for every Python from 3.10 on: a short story on each interpreter that is here."""

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

import arctos
import pytest

STORY = """
import sys
from arctos import Arctos, ForbiddenError
class User:
    def __init__(self, name): self.name = name
    def fail(self): raise ValueError("own")
arctos = Arctos()
arctos.register_class(User)
arctos.load_str('allow(u: User, "read", _) if u.name = "ann"; allow(u: User, "fail", _) if u.fail();')
assert arctos.is_allowed(User("ann"), "read", None) and not arctos.is_allowed(User("bob"), "read", None)
try: arctos.authorize(User("ann"), "write", None)
except ForbiddenError: pass
else: raise SystemExit("not forbidden")
try: arctos.is_allowed(User("ann"), "fail", None)
except ValueError as error: assert str(error) == "own"
assert [r["bindings"]["x"] for r in arctos.query("x in [1, 2]")] == [1, 2]
print("ok")
"""


def interpreters() -> list[str]:
    """The running Python, and others of version 3.10 or later."""
    found = {sys.executable}
    names = [f"python3.{minor}" for minor in range(10, 16)]
    found.update(path for name in names if (path := shutil.which(name)))
    found.update(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[0-9]*/bin/python3")))
    works = []
    for python in sorted(found):
        asked = subprocess.run([python, "-c", "import sys; print(sys.version_info >= (3, 10))"], capture_output=True, text=True, check=False)
        if asked.stdout.strip() == "True":
            works.append(python)
    return works


@pytest.mark.parametrize("python", interpreters())
def test_story(python: str, tmp_path: Path) -> None:
    package = Path(arctos.__file__).parent
    (tmp_path / "arctos").symlink_to(package, target_is_directory=True)
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([python, "-c", STORY], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "ok"
