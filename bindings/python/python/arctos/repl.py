"""A prompt for queries."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING

from arctos.polar.exceptions import OsoError

if TYPE_CHECKING:
    from arctos.polar.polar import Polar


def run(polar: Polar) -> None:
    """Reads queries until the end of input, and prints their answers."""
    # `input` has history and editing once this is imported; Windows does not have it.
    if importlib.util.find_spec("readline"):
        importlib.import_module("readline")
    while True:
        try:
            text = input("query> ").strip().rstrip(";")
        except KeyboardInterrupt:
            print()
            continue
        except EOFError:
            print()
            return
        if text:
            _answer(polar, text)


def _answer(polar: Polar, text: str) -> None:
    found = False
    try:
        for answer in polar.query(text, accept_expression=True):
            found = True
            if not answer["bindings"]:
                print(True)
            for name, value in answer["bindings"].items():
                print(f"{name} = {value!r}")
    except OsoError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return
    except Exception as error:  # the application's own: shown, and the prompt goes on
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        for note in getattr(error, "__notes__", ()):
            print(note, file=sys.stderr)
        return
    if not found:
        print(False)
