"""Measures the flow (start to end of the orchestrator), compared with MiniStack in the same run.

    python benchmarks/flow.py                               # 100 buckets x 9 objects, compared with MiniStack
    python benchmarks/flow.py --buckets 100 1000 --peer none
    python benchmarks/flow.py --buckets 1000 10000 --peer none      # one machine, and ten shards with theirs
    python benchmarks/flow.py --buckets 10000 --per-machine 100 --peer none      # 100 functions at once
    python benchmarks/flow.py --engine localstack-host --peer none

The peer is installed into a temporary virtual environment and started on a free port of 127.0.0.1. Both
use the same buckets and objects (of 10 bytes) and the same template. Without virtual time, as on the
peer, the polling interval is one second instead of 30.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import peers

from harness.buckets import SeededBucket, SeededObject
from harness.engine import engine_named
from harness.engine.base import Capability, Endpoint, Engine, Options
from harness.engine.clients import Clients
from harness.engine.endpoint import EndpointEngine
from harness.execute import Start, run
from harness.seed import seed_over_api
from harness.stack.deploy import deploy

TEMPLATE = Path(__file__).parents[1] / "lambdas" / "template.yaml"
TIMEOUT_S = 3600.0


def buckets(count: int, objects: int) -> list[SeededBucket]:
    content = [
        SeededObject(f"folder/file-{n}.{'jpg' if n % 2 else 'txt'}", 10, b"0123456789")
        for n in range(objects)
    ]
    return [SeededBucket(f"bucket-{n:05}", content) for n in range(count)]


def flow(engine: Engine, endpoint: Endpoint, count: int, objects: int, per_machine: int) -> dict[str, float]:
    """Return the seconds of each stage; a report machine has at most `per_machine` buckets."""
    clients = Clients(endpoint)
    times = {}
    begin = time.monotonic()
    if not engine.seed(buckets(count, objects)):
        seed_over_api(clients, buckets(count, objects))
    times["seed"] = time.monotonic() - begin
    begin = time.monotonic()
    virtual = Capability.VIRTUAL_CLOCK in engine.capabilities
    parameters = {"BucketsPerMachine": str(per_machine)}
    stack = deploy(
        clients, TEMPLATE, "usage", parameters if virtual else {**parameters, "PollIntervalSeconds": "1"}
    )
    times["deploy"] = time.monotonic() - begin
    begin = time.monotonic()
    (started,) = run(engine, clients, [Start("bench", stack.state_machine(), {}, TIMEOUT_S)])
    times["flow"] = time.monotonic() - begin
    status = clients.stepfunctions.describe_execution(executionArn=started.execution_arn)["status"]
    pages = clients.dynamodb.get_paginator("scan").paginate(
        TableName=stack.outputs["TableName"],
        Select="COUNT",
        FilterExpression="attribute_exists(#bucket)",  # without the names of a run's buckets
        ExpressionAttributeNames={"#bucket": "bucket"},
    )
    rows = sum(page["Count"] for page in pages)
    if status != "SUCCEEDED" or rows != count * 3:
        raise SystemExit(f"{engine.name}: {status}, {rows} rows instead of {count * 3}")
    return times


def peer(endpoint: Endpoint, count: int, objects: int, per_machine: int) -> dict[str, float]:
    """Return the seconds of each stage on an emulator that is identified only by its URL, with polling."""
    engine = EndpointEngine(endpoint.url)
    return flow(engine, engine.start(), count, objects, per_machine)


def measured(name: str, count: int, objects: int, per_machine: int) -> dict[str, float]:
    """Return the seconds of each stage on one of the harness's engines, including its start."""
    begin = time.monotonic()
    engine = engine_named(name).open(Options())
    try:
        endpoint = engine.start()
        ready = time.monotonic() - begin
        return {"start": ready} | flow(engine, endpoint, count, objects, per_machine)
    finally:
        engine.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--buckets", type=int, nargs="+", default=[100], help="one flow for each number")
    parser.add_argument("--objects", type=int, default=9)
    parser.add_argument("--per-machine", type=int, default=1_000, help="BucketsPerMachine of the stack")
    parser.add_argument("--engine", default="moto")
    parser.add_argument("--peer", choices=["ministack", "none"], default="ministack")
    arguments = parser.parse_args()
    ours = arguments.engine
    sizes = arguments.objects, arguments.per_machine
    results = {(count, ours): measured(ours, count, *sizes) for count in arguments.buckets}
    if arguments.peer == "ministack":
        for count in arguments.buckets:
            with peers.ministack() as endpoint:
                results[count, "MiniStack"] = peer(endpoint, count, *sizes)
    print(f"{arguments.objects} objects in each bucket, Python {sys.version.split()[0]}, seconds")
    for (count, name), times in results.items():
        stages = "".join(f"  {stage} {seconds:7.2f}" for stage, seconds in times.items())
        print(f"{count:6} buckets  {name:16}{stages}  {times['flow'] / count * 1000:6.1f} ms per bucket")
    for count in arguments.buckets:
        if (count, "MiniStack") in results:
            ratio = results[count, "MiniStack"]["flow"] / results[count, ours]["flow"]
            print(f"{count} buckets: {ratio:.1f} times as fast as MiniStack")
    first, last = arguments.buckets[0], arguments.buckets[-1]
    if first != last:
        one, other = (results[count, ours]["flow"] / count for count in (first, last))
        print(f"a bucket of {last} takes {other / one:.2f} times as long as one of {first}")


if __name__ == "__main__":
    main()
