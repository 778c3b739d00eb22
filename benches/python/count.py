"""Decides and does nothing else, so that instructions can be counted: ``count.py WORKLOAD WHAT DECISIONS``.

What a decision takes is the difference of two runs of different length.
"""

from __future__ import annotations

import sys

import arctos
import codehost
import peers
import roles
from measure import Decide, slice_of


def decides(workload: str, what: str) -> tuple[Decide, int]:
    """What is to be counted, and how many questions there are."""
    if workload == "W1":
        module, questions = roles, roles.world()[2]
    else:
        module, questions = codehost, codehost.world().questions
    if what == "arctos":
        return peers.polar("arctos", arctos.Arctos(), module.CLASSES, module.HERE, questions).decide, len(questions)
    if what == "reads":
        return module.reads(questions).decide, len(questions)
    return peers.nothing(questions), len(questions)


def main() -> None:
    """Asks every question once, and then so many of them."""
    workload, what, decisions = sys.argv[1:]
    decide, questions = decides(workload, what)
    slice_of(decide, 0, questions, questions)
    slice_of(decide, 0, int(decisions), questions)


if __name__ == "__main__":
    main()
