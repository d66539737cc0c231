"""Measures a user's waiting time: the first scenario from a cold start, the next ones, and six hours of
polling.

    python benchmarks/start.py                # three times each; the shortest counts
    python benchmarks/start.py --peer none

In the same run, it measures MiniStack: from its start to the end of the same flow, two buckets, without a
scenario.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import flow
import peers

ROOT = Path(__file__).parents[1]
COLD = "two-buckets.yaml"
POLLING = "report-takes-six-hours.yaml"


def command(*scenarios: str) -> dict[str, float]:
    """Return the seconds of the whole command, and of each scenario in it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        paths = [str(ROOT / "scenarios" / name) for name in scenarios]
        program = [sys.executable, "-m", "harness", "run", *paths, "--json", str(report)]
        whole = peers.seconds(lambda: subprocess.run(program, check=True, cwd=ROOT, capture_output=True))
        found = json.loads(report.read_text())
    return {"whole": whole} | {Path(r["file"]).name: r["duration_s"] for r in found["real_time"]}


def ministack() -> float:
    """Return the seconds from MiniStack's start to the end of a flow of two buckets, without installation."""
    with peers.installed(peers.MINISTACK) as folder:

        def cold() -> None:
            with peers.served_ministack(folder) as endpoint:
                flow.peer(endpoint, 2, 9)

        return peers.best_of(3, lambda: peers.seconds(cold))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--peer", choices=["ministack", "none"], default="ministack")
    arguments = parser.parse_args()
    times = range(arguments.times)
    cold = min(command(COLD)["whole"] for _ in times)
    print(f"first scenario, cold start to verdict   {cold:.2f} s ({COLD})")
    both = [command(COLD, POLLING) for _ in times]
    print(f"six hours of polling, as the second     {min(run[POLLING] for run in both):.2f} s ({POLLING})")
    if arguments.peer == "ministack":
        theirs = ministack()
        print(f"MiniStack, cold start to a flow's end   {theirs:.2f} s, {theirs / cold:.1f} times as long")


if __name__ == "__main__":
    main()
