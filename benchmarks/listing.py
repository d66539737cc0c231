"""Measures the engine alone: the number of objects that it lists per second of its processor time.

    python benchmarks/listing.py                              # 1,000, 1,000,000 and 10,000,000 keys
    python benchmarks/listing.py --keys 1000000 --pages 1000

Pages of 1,000 keys are listed in sequence by their tokens, from the first one. They are requested with
signed URLs and not parsed, because that would be the client's work.
"""

from __future__ import annotations

import argparse
import os
import re

import urllib3
import used

from harness.buckets import SeededBucket, SeededObject
from harness.engine.base import Options
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

PAGE = 1000
TOKEN = re.compile(rb"<NextContinuationToken>([^<]+)<")


def listed(clients: Clients, bucket: str, most: int) -> int:
    """List at most `pages` pages of a bucket. Return the number of listed keys."""
    keys, asked = 0, {"Bucket": bucket, "EncodingType": "url"}
    for _ in range(most):
        url = clients.s3.generate_presigned_url("list_objects_v2", Params=asked)
        answer = urllib3.request("GET", url)
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {answer.data[:500]!r}")
        keys += answer.data.count(b"<Contents>")
        token = TOKEN.search(answer.data)
        if token is None:
            break
        asked["ContinuationToken"] = token[1].decode()
    return keys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keys", type=int, nargs="+", default=[1000, 1_000_000, 10_000_000])
    parser.add_argument("--pages", type=int, default=300, help="maximum number of pages of each")
    arguments = parser.parse_args()
    engine = MotoEngine.open(Options())
    try:
        clients = Clients(engine.start())
        (pid,) = used.children(os.getpid())
        for count in arguments.keys:
            name = f"keys-{count}"
            engine.seed([SeededBucket(name, [SeededObject("raw/{n:07}.nef", 24, None, count)])])
            listed(clients, name, 1)  # imports and reads at first use do not count
            begin, keys = used.cpu_s(pid), 0
            while keys < arguments.pages * PAGE:
                keys += listed(clients, name, arguments.pages - keys // PAGE)
            rate = keys / (used.cpu_s(pid) - begin)
            print(
                f"{count:>12,} keys  {keys:>9,} listed  {rate:>9,.0f} a second  {used.memory_mb(pid):.0f} MB"
            )
    finally:
        engine.stop()


if __name__ == "__main__":
    main()
