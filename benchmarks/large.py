"""Measures runs with large buckets, from seed to verdict, with the report's functions.

    python benchmarks/large.py                                  # one bucket of 100,000 objects
    python benchmarks/large.py --objects 1000000
    python benchmarks/large.py --buckets 100                    # of 100,000 objects each
    python benchmarks/large.py --objects 10000000 --lanes 64 --delay 80    # each page takes 80 ms

The output shows the time of the whole command, the number of listed pages, the longest listing on the
functions' clock, and the processor time and peak memory of the command's parts. On the virtual clock,
code takes no time and a page takes `--delay`: this shows the benefit of lanes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import used

ROOT = Path(__file__).parents[1]
SIZE_BYTES = 24_000_000
LISTS = "ListObjectsFunction"
SCENARIO = """\
title: Large buckets are counted
stack: {{parameters: {{ListingLanes: {lanes}}}}}
seed:
  buckets:
    "large-{{n}}":
      count: {buckets}
      objects:
        - {{key: "raw/{{n:07}}.nef", count: {count}, size: {size} B}}
{faults}
run: {{timeout: 3600 s}}
expect:
  execution: {{status: SUCCEEDED}}
  aggregates:
    "large-{{n}}": {{count: {buckets}, extensions: {{.nef: [{count}, {total} B]}}}}
  bucket_status:
    "large-{{n}}": {{count: {buckets}, status: COUNTED}}
"""
PAGE = 1_000


def printed_listing(report: Path, fewest: int) -> None:
    """Print the number of listed pages and the longest listing, from the run's own record."""
    (result,) = json.loads(report.read_text())["results"]
    pages = sum(call["operation"] == "ListObjectsV2" for call in result["observation"]["calls"])
    listings = [each for each in result["observation"]["invocations"] if each["function"] == LISTS]
    longest = max(each["duration_s"] for each in listings)
    print(f"  {pages:,} pages, {pages / fewest:.3f} times the fewest, in {len(listings):,} invocations")
    print(f"  the longest took {longest:.2f} s of virtual time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--objects", type=int, default=100_000, help="of each bucket")
    parser.add_argument("--buckets", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=8)
    parser.add_argument("--delay", type=int, default=0, help="ms of virtual time that each page takes")
    args = parser.parse_args()
    count: int = args.objects
    delay = f"{{call: s3:ListObjectsV2, delay: {args.delay} ms}}" if args.delay else ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "lambdas", folder / "lambdas")
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "scenarios").mkdir()
        for own in ROOT.glob("scenarios/*.py"):
            shutil.copy(own, folder / "scenarios")
        scenario = SCENARIO.format(
            count=count,
            size=SIZE_BYTES,
            total=count * SIZE_BYTES,
            buckets=args.buckets,
            lanes=args.lanes,
            faults=f"faults: [{delay}]",
        )
        (folder / "scenarios" / "large.yaml").write_text(scenario)
        command = [sys.executable, "-m", "harness", "run", "--json", "report.json"]
        begin, usage = time.monotonic(), used.Usage()
        with (folder / "said").open("w+") as said:
            run = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
            usage.watch(run.pid)
            if run.wait():
                raise SystemExit((folder / "said").read_text())
        seconds = time.monotonic() - begin
        print(f"{args.buckets:,} x {count:,} objects: {seconds:.1f} s, seed to verdict")
        printed_listing(folder / "report.json", args.buckets * -(-count // PAGE))
    for part, used_s in usage.cpu_s.items():
        print(f"  {part:10} {used_s:7.2f} s of processor time  {usage.peak_mb[part]:5.0f} MB")
    beside = usage.cpu_s.total() / usage.cpu_s["functions"]
    memory = usage.peak_mb.total() - usage.peak_mb["functions"]
    print(f"  total: {beside:.2f} times the functions' processor time, and {memory:.0f} MB more memory")


if __name__ == "__main__":
    main()
