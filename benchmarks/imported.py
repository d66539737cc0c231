"""Round trip: random runs of our own, exported in AWS's form, imported blind, and played again.

    .venv/bin/python benchmarks/imported.py 500 [SEED]

A run whose history is not the same again must have said so when it was imported; one that did not is SILENT.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / name) for name in ("histories", "replay", "importing")]

from exported import execute  # noqa: E402
from played_again import compared, end_of, import_, played  # noqa: E402
from random_runs import runs  # noqa: E402
from replaying import recorded  # noqa: E402


def main() -> None:
    """Print how many are the same, and what differs in the others."""
    wanted, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 21
    begun, same = time.perf_counter(), 0
    for number, definition, answer, given in runs(wanted, seed):
        before = execute(definition, answer, input=json.dumps(given))
        found = import_(before, definition)
        after = played(found, definition)
        differences = compared(before, after)
        if not differences and end_of(recorded(before)) == end_of(recorded(after)):
            same += 1
        else:
            print(number, "named" if found.unknown else "SILENT", *differences[:1])
    print(f"{same} of {wanted} the same, {time.perf_counter() - begun:.0f} s")


main()
