"""Every behaviour of the language, as all engines run it."""

import pytest
from corpus import ROOT, File, Run, files

FILES = files()


def test_the_corpus_is_there() -> None:
    assert FILES, f"no file under {ROOT} runs in Python"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.path.relative_to(ROOT)))
def test_corpus(file: File) -> None:
    assert Run(file).check() == []
