"""Checks that scenarios produce the same histories every time, even on a busy computer.

    python benchmarks/repeat.py                              # the shipped scenarios, 100 times each
    python benchmarks/repeat.py --times 20 scenarios/two-buckets.yaml
    nice python benchmarks/repeat.py --slow 3 --slow-times 10     # those over 3 s only 10 times
    nice python benchmarks/repeat.py --minutes 20 --burners 0     # as often as possible, next to other work

It compares every event of every execution, with its time, links and details, and every invocation with its
result and log. The exit code is 1 if two runs of a scenario differ.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from pathlib import Path

from harness.engine.moto.engine import MotoEngine
from harness.expect.project import expectations_of
from harness.report.model import Result
from harness.scenario.discover import discover
from harness.scenario.load import load
from harness.session import Session
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[1]


def fingerprint(result: Result) -> str:
    """Return all executions of a scenario as text."""
    if result.observation is None:
        return f"{result.outcome}: {result.reason}"
    lines = []
    for run in result.observation.runs:
        for execution in run.executions:
            lines.append(f"{execution.arn} {execution.status} {execution.started_at} {execution.stopped_at}")
            lines += (
                f"{e.id} {e.previous_event_id} {e.timestamp} {e.type} {json.dumps(e.details, sort_keys=True)}"
                for e in execution.events
            )
    for invocation in result.observation.invocations:
        lines.append(
            f"{invocation.function} {invocation.started_at} {invocation.duration_s} {invocation.payload} "
            f"{invocation.request_id} {invocation.result} {invocation.log}"
        )
    return "\n".join(lines)


def burn() -> None:
    while True:
        sum(range(100_000))


def first_difference(one: str, other: str) -> str:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"  {a}\n  {b}" for a, b in pairs if a != b), "  one is longer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "scenarios"])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument(
        "--slow", type=float, default=float("inf"), help="number of seconds from which a scenario is slow"
    )
    parser.add_argument("--slow-times", type=int, default=10, help="number of runs of slow scenarios")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="start no further round after these"
    )
    parser.add_argument("--burners", type=int, default=os.cpu_count(), help="processes that only use CPU")
    arguments = parser.parse_args()
    settings = load_settings(ROOT, os.environ)
    scenarios = load(discover(arguments.paths).files, expectations_of(settings))
    burners = [multiprocessing.Process(target=burn, daemon=True) for _ in range(arguments.burners or 0)]
    for burner in burners:
        burner.start()
    begin = time.monotonic()
    seen: dict[str, Counter[str]] = {str(s.path): Counter() for s in scenarios}
    took: dict[str, float] = {}
    with Session(MotoEngine()) as session:
        for number in range(arguments.times):
            if time.monotonic() - begin > arguments.minutes * 60:
                break
            for scenario in scenarios:
                path = str(scenario.path)
                if took.get(path, 0) >= arguments.slow and number >= arguments.slow_times:
                    continue
                result = session.run(scenario, settings)
                took.setdefault(path, result.duration_s)
                seen[path][fingerprint(result)] += 1
    for burner in burners:
        burner.terminate()
    for path, fingerprints in seen.items():
        (usual, times), *others = fingerprints.most_common()
        print(f"{Path(path).name:40} {times} of {fingerprints.total()} the same")
        if others:
            print(first_difference(usual, others[0][0]))
    same = sum(len(fingerprints) == 1 for fingerprints in seen.values())
    runs = sum(fingerprints.total() for fingerprints in seen.values())
    print(f"{same} of {len(seen)} scenarios the same every time, {runs} runs")
    print(f"{time.monotonic() - begin:.0f} s, {len(burners)} busy processes, load {os.getloadavg()[1]:.1f}")
    return 1 if any(len(fingerprints) > 1 for fingerprints in seen.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
