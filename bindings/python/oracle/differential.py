"""Runs generated policies on Arctos and on the published wheel of its predecessor, and compares.

    python differential.py [--cases 5000] [--seed N] [--arctos-python PATH] [--oso-python PATH] [--json]

Every disagreement is either one of the differences that are meant (``departures.py``) or fails the run; what is
unexplained is made smaller and printed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

from departures import Disagreement, explanation
from engines import HERE, Outcome, Pair, oso_python
from generate import make
from shrink import shrink
from tree import Case

SHOWN = 20
VARIABLES = {"p", "q", "r", "x", "y", *(f"v{number}" for number in range(20))}
TARGET = HERE.parents[2] / "target"


def printed(outcome: Outcome) -> str:
    """What was printed, without addresses and remarks on classes, unbound variables as ``_``, and ``1.0`` as ``1``."""
    text = re.sub(r" at 0x[0-9a-f]+| TYPE `\w+`", "", outcome["printed"])
    text = re.sub(r"(?<=\d)\.0\b", "", text).replace("None", "nil").replace("NaN", "nan")
    return re.sub(r'"(?:\\.|[^"\\])*"|[A-Za-z_]\w*', lambda found: "_" if found[0][0] == "_" or found[0] in VARIABLES else found[0], text)


def same(oso: Outcome, arctos: Outcome) -> bool:
    """Whether two outcomes of a step are alike: answers in order, class of the error, what was printed."""
    error = [outcome["error"] and outcome["error"]["class"] for outcome in (oso, arctos)]
    return oso["answers"] == arctos["answers"] and error[0] == error[1] and printed(oso) == printed(arctos)


def loads(outcome: Outcome) -> Outcome:
    """The load as an outcome like any step's."""
    return {"answers": [], "error": outcome["load"], "printed": ""}


def compare(case: Case, oso: Outcome, arctos: Outcome) -> Iterator[Disagreement]:
    """The disagreements over one case."""
    if not same(loads(oso), loads(arctos)):
        yield Disagreement(case, None, loads(oso), loads(arctos))
        return
    for step, (ours, theirs) in enumerate(zip(oso["steps"], arctos["steps"])):
        if not same(ours, theirs):
            yield Disagreement(case, step, ours, theirs)


@dataclass
class Report:
    """What a run found."""

    cases: int = 0
    comparisons: int = 0
    agree: int = 0
    departures: Counter[str] = field(default_factory=Counter)
    unexplained: list[Disagreement] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases,
            "comparisons": self.comparisons,
            "agree": self.agree,
            "departures": dict(sorted(self.departures.items())),
            "unexplained": [
                {"case": d.case.id, "step": d.step, "request": d.case.request(), "oso": d.oso, "arctos": d.arctos}
                for d in self.unexplained
            ],
        }


def unexplained(case: Case, pair: Pair) -> list[Disagreement]:
    """The disagreements over one case that no departure explains."""
    return [d for d in compare(case, *pair.run(case.request())) if explanation(d) is None]


def signature(d: Disagreement) -> tuple[str, str, bool]:
    """What kind of disagreement it is: kept while a case is made smaller."""
    classes = [d.oso["error"] and d.oso["error"]["class"], d.arctos["error"] and d.arctos["error"]["class"]]
    return (str(classes[0]), str(classes[1]), d.step is None)


def minimal(found: Disagreement, pair: Pair, seconds: float) -> Disagreement:
    """The same kind of disagreement over as small a case as can be found."""
    wanted = signature(found)

    def shows(case: Case) -> bool:
        return any(signature(d) == wanted for d in unexplained(case, pair))

    smallest = shrink(found.case, shows, seconds)
    return next((d for d in unexplained(smallest, pair) if signature(d) == wanted), found)


def run(pair: Pair, seed: int, indexes: range, seconds: float) -> Report:
    """Runs these cases."""
    report = Report()
    for index in indexes:
        case = make(seed, index)
        oso, arctos = pair.run(case.request())
        report.cases += 1
        steps = max(len(oso["steps"]), 1)
        report.comparisons += steps
        disagreements = list(compare(case, oso, arctos))
        report.agree += steps - len(disagreements)
        for disagreement in disagreements:
            departure = explanation(disagreement)
            if departure is not None:
                report.departures[departure.id] += 1
            else:
                small = len(report.unexplained) < SHOWN
                report.unexplained.append(minimal(disagreement, pair, seconds) if small else disagreement)
    return report


def brief(outcome: Outcome) -> str:
    """An outcome in a few lines."""
    text = json.dumps(outcome["answers"], ensure_ascii=False)
    if outcome["error"]:
        message = outcome["error"]["message"].strip().split("\n")
        shown = message if len(message) < 6 else message[:3] + ["…"] + message[-3:]
        text += f"\n    {outcome['error']['class']}: " + "\n      ".join(shown)
    return text + (f"\n    printed {outcome['printed']!r}" if outcome["printed"] else "")


def show(d: Disagreement) -> str:
    """A disagreement for a reader."""
    request = d.case.request()
    steps: Any = request["steps"]
    asked = "load" if d.step is None else steps[d.step].get("text") or json.dumps(steps[d.step])
    policy = "  " + str(request["policy"]).replace("\n", "\n  ")
    return f"---- {d.case.id}\n{policy}\n  ?= {asked}\n  oso    {brief(d.oso)}\n  arctos {brief(d.arctos)}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5000, help="how many cases (default 5000)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arctos-python", type=Path, default=Path(sys.executable), help="a Python that has arctos")
    parser.add_argument("--oso-python", type=Path, help="a Python that has oso 0.27.3 (made when not given)")
    parser.add_argument("--target", type=Path, default=TARGET, help="where environments are made")
    parser.add_argument("--shrink", type=float, default=5.0, help="seconds to spend on making one case smaller")
    parser.add_argument("--show", action="store_true", help="print cases as they are generated, and run nothing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    indexes = range(options.first, options.first + options.cases)
    if options.show:
        for index in indexes:
            print(json.dumps(make(options.seed, index).request(), indent=1, ensure_ascii=False))
        return 0
    pair = Pair(options.oso_python or oso_python(options.target), options.arctos_python)
    try:
        report = run(pair, options.seed, indexes, options.shrink)
    finally:
        pair.close()
    if options.json:
        print(json.dumps(report.as_json(), indent=1))
    else:
        for disagreement in report.unexplained[:SHOWN]:
            print(show(disagreement))
        print(f"{report.cases} cases, {report.comparisons} comparisons (seed {options.seed})")
        print(f"  agree        {report.agree}")
        for name, count in sorted(report.departures.items()):
            print(f"  departure    {count:6} {name}")
        print(f"  unexplained  {len(report.unexplained)}")
    return 1 if report.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
