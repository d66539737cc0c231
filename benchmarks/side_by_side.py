"""Measures the shipped scenarios in one process and in several parallel processes, and a whole sweep.

    python benchmarks/side_by_side.py                 # one process, -n 2, and the sweep of two-buckets
    python benchmarks/side_by_side.py -n 2 4 --no-sweep

The output shows the elapsed time, the total processor time, and the utilization of the processors. On a
shared machine, only the processor time is comparable.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
import used

ROOT = Path(__file__).parents[1]
SWEPT = "scenarios/two-buckets.yaml"


def measured(*arguments: str, report: Path, processes: int) -> tuple[str, float]:
    """Return a line about a command of the harness, and its elapsed seconds."""
    program = [sys.executable, "-m", "harness", *arguments, "--json", str(report)]
    before = used.ended_s()
    took = peers.seconds(lambda: subprocess.run(program, check=True, cwd=ROOT, capture_output=True))
    spent = used.ended_s() - before
    busy = spent / took / min(processes, len(os.sched_getaffinity(0)))
    return f"{took:6.1f} s, processor time {spent:.1f} s, {busy:.0%} of the processors used", took


def scenarios(numbers: list[int]) -> None:
    """Print the time of one process, and of several."""
    with tempfile.TemporaryDirectory() as folder:
        line, alone = measured("run", report=Path(folder) / "1.json", processes=1)
        print(f"shipped scenarios, one process   {line}")
        for number in numbers:
            report = Path(folder) / f"{number}.json"
            line, took = measured("run", "-n", str(number), report=report, processes=number)
            print(f"shipped scenarios, -n {number:<10}  {line}: {alone / took:.2f} times as fast")


def sweep(number: int) -> None:
    """Print the time of the sweep."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "sweep.json"
        line, _ = measured("sweep", SWEPT, "-n", str(number), report=report, processes=number)
        print(f"sweep of {Path(SWEPT).stem}, -n {number:<8}  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-n", type=int, nargs="+", default=[2])
    parser.add_argument("--no-sweep", action="store_true")
    arguments = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f}")
    scenarios(arguments.n)
    if not arguments.no_sweep:
        sweep(arguments.n[0])


if __name__ == "__main__":
    main()
