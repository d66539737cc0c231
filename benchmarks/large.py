"""Measures one large bucket, seed to verdict, with the report's functions as they are.

    python benchmarks/large.py                      # 100,000 objects
    python benchmarks/large.py --objects 1000000

Printed are the seconds of the whole command, the processor time of its parts, and their memory when it is
most. A function takes nearly all: botocore parses each page in it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import used

ROOT = Path(__file__).parents[1]
SIZE_BYTES = 24_000_000
SCENARIO = """\
title: A large bucket is counted
seed:
  buckets:
    large:
      objects:
        - {{key: "raw/{{n:07}}.nef", count: {count}, size: {size} B}}
run: {{timeout: 3600 s}}
expect:
  execution: {{status: SUCCEEDED}}
  aggregates: {{large: {{.nef: [{count}, {total} B]}}}}
  bucket_status: {{large: COUNTED}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--objects", type=int, default=100_000)
    count = parser.parse_args().objects
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "lambdas", folder / "lambdas")
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "scenarios").mkdir()
        for own in ROOT.glob("scenarios/*.py"):
            shutil.copy(own, folder / "scenarios")
        scenario = SCENARIO.format(count=count, size=SIZE_BYTES, total=count * SIZE_BYTES)
        (folder / "scenarios" / "large.yaml").write_text(scenario)
        command = [sys.executable, "-m", "harness", "run"]
        begin, usage = time.monotonic(), used.Usage()
        with (folder / "said").open("w+") as said:
            run = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
            usage.watch(run.pid)
            if run.wait():
                raise SystemExit((folder / "said").read_text())
    print(f"{count:,} objects in one bucket: {time.monotonic() - begin:.1f} s, seed to verdict")
    for part, seconds in usage.cpu_s.items():
        print(f"  {part:10} {seconds:7.2f} s of processor time  {usage.peak_mb[part]:5.0f} MB")
    beside = usage.cpu_s.total() / usage.cpu_s["functions"]
    memory = usage.peak_mb.total() - usage.peak_mb["functions"]
    print(f"  all is {beside:.2f} times the functions' processor time; {memory:.0f} MB beside theirs")


if __name__ == "__main__":
    main()
