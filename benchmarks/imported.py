"""Round trip of random runs on the engine: exported in AWS's format, imported without the definition, rerun.

    .venv/bin/python benchmarks/imported.py 500 [SEED]

A difference between a run and its rerun must have been reported at import. Otherwise it counts as SILENT.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / name) for name in ("histories", "replay", "importing")]

from played_again import all_played, compared, end_of, import_all  # noqa: E402
from random_runs import runs  # noqa: E402
from replaying import recorded  # noqa: E402


def main() -> None:
    """Print the number of equal runs, and the differences in the others."""
    wanted, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 21
    begun, same, silent, executions = time.perf_counter(), 0, 0, 0
    for run in runs(wanted, seed):
        found = import_all(run.executions, run.imported_with)
        differences: list[object] = []
        for before, after in zip(run.executions, all_played(found, run.definition), strict=True):
            differences += compared(before, after)
            if end_of(recorded(before)) != end_of(recorded(after)):
                differences.append((end_of(recorded(before)), end_of(recorded(after))))
        executions += len(run.executions)
        same += not differences
        silent += bool(differences) and not found.unknown
        if differences:
            print(run.number, "named" if found.unknown else "SILENT", *differences[:1])
    took = time.perf_counter() - begun
    print(f"{same} of {wanted} the same ({executions} executions), {silent} silent, {took:.0f} s")


main()
