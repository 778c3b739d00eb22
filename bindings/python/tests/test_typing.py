"""The package is typed whole, and a user's file checks against it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import arctos
import pytest

HERE = Path(__file__).parent
PACKAGE = Path(arctos.__file__).parent


# Django and its REST framework tell no types, so that of these classes a part is not known.
OF_DJANGO = {
    "arctos.django.apps.ArctosConfig",
    "arctos.django.models.AuthorizedModel",
    "arctos.django.models.AuthorizedQuerySet",
    "arctos.django.rest.AuthorizedFilter",
    "arctos.django.rest.AuthorizedPermission",
}


def python(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Pyright asks the first `python` on the path where packages are.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def run(*command: str, cwd: Path) -> None:
    done = python(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    copy = tmp_path / "typed_sample.py"
    copy.write_text((HERE / "typed_sample.py").read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def test_mypy(sample: Path) -> None:
    cache = f"--cache-dir={sample.parent / 'cache'}"
    run("mypy", "--strict", cache, "-p", "arctos", cwd=sample.parent)
    run("mypy", "--strict", cache, str(sample), cwd=sample.parent)


def test_pyright(sample: Path) -> None:
    (sample.parent / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    run("pyright", str(sample), cwd=sample.parent)
    told = python("pyright", "--verifytypes", "arctos", "--ignoreexternal", "--outputjson", cwd=sample.parent)
    symbols = json.loads(told.stdout)["typeCompleteness"]["symbols"]
    exported = [symbol for symbol in symbols if symbol["isExported"]]
    assert len(exported) > 500
    assert {symbol["name"] for symbol in exported if not symbol["isTypeKnown"]} == OF_DJANGO


def test_the_stub_tells_what_the_extension_has() -> None:
    """``_arctos.pyi`` is written by hand; this is what keeps it true."""
    import ast

    from arctos import _arctos

    tree = ast.parse((PACKAGE / "_arctos.pyi").read_text(encoding="utf-8"))
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        stub = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
        real = {name for name in vars(getattr(_arctos, cls.name)) if not name.startswith("__")}
        assert real == {name for name in stub if not name.startswith("__")}, cls.name
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert classes == {name for name, value in vars(_arctos).items() if isinstance(value, type)}
