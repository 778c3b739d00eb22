"""Measures the wheel of Arctos beside those of its peers: ``bench.py [--quick] OUT.json``."""

from __future__ import annotations

import sys

import codehost
import measure
import roles
import rows


def main() -> None:
    """Runs every workload and writes the turns."""
    quick = "--quick" in sys.argv
    (out,) = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    rounds, seconds = (11, 0.02) if quick else (51, 0.04)
    results = []
    for workload in (roles.workload(), codehost.workload()):
        print(f"{workload.id}: all engines answer, then take turns", file=sys.stderr)
        results.append(measure.measure(workload, rounds, seconds))
    print("W9: all queries list, then take turns", file=sys.stderr)
    results += rows.tables(rounds, seconds)
    measure.write(out, results)


if __name__ == "__main__":
    main()
