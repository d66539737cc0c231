"""Measures the cost of recording every AWS call from a function, without faults.

    python benchmarks/recording.py                  # 8 pairs of runs of 100 buckets x 9 objects

Each pair runs the flow of flow.py with two copies of the harness: one unchanged, and one that records
nothing. It compares the processor time of all processes, which is least affected by other work on the
machine. The order within the pairs alternates.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("harness", "lambdas", "benchmarks")
# The header stays: Step Functions uses it to get the virtual time of a request.
WITHOUT = """

def _install(self: CallHooks) -> None:
    botocore.handlers.BUILTIN_HANDLERS += [("request-created", self._attempt)]


CallHooks.install = _install
"""


def copy(folder: Path, *, recording: bool) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    if not recording:
        with (folder / "harness" / "functions" / "hooks.py").open("a") as file:
            file.write(WITHOUT)
    return folder


def cpu_s(folder: Path, buckets: int) -> float:
    """Return the processor time of one flow, including all its processes."""
    flow = [
        sys.executable,
        str(folder / "benchmarks" / "flow.py"),
        "--peer",
        "none",
        "--buckets",
        str(buckets),
    ]
    # In the folder: new processes look for the harness there first.
    process = subprocess.Popen(
        flow, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(flow)} exited with status {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--buckets", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = {each: copy(Path(name) / each, recording=each == "with") for each in ("with", "without")}
        for folder in folders.values():  # compile once, and fill the cache
            cpu_s(folder, 1)
        ratios = []
        for number in range(arguments.pairs):
            order = sorted(folders, reverse=bool(number % 2))
            times = {each: cpu_s(folders[each], arguments.buckets) for each in order}
            ratios.append(times["with"] / times["without"])
            shown = ", ".join(f"{each} {times[each]:.2f} s" for each in sorted(times))
            print(f"pair {number + 1}: {shown}, {ratios[-1] - 1:+.1%}", flush=True)
    print(f"median {statistics.median(ratios) - 1:+.1%}, {arguments.buckets} buckets")


if __name__ == "__main__":
    main()
