"""How long the flow takes (start to end of the orchestrator), beside MiniStack in the same run.

    python benchmarks/flow.py                       # 100 buckets x 9 objects, moto and MiniStack
    python benchmarks/flow.py --buckets 10 --peer none

The peer is installed into a temporary virtual environment and started on a free port of 127.0.0.1. Both get
the same buckets and objects (of 10 bytes), the same template and a poll interval of 1 s.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from harness.engine.base import BucketSeed, Endpoint, Engine, scrubbed_environment
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.polling import poll
from harness.run.execute import Start, run
from harness.seed.buckets import seed_over_api
from harness.stack.deploy import deploy

TEMPLATE = Path(__file__).parents[1] / "lambdas" / "template.yaml"
MINISTACK = "ministack==1.5.33"
TIMEOUT_S = 900.0


def buckets(count: int, objects: int) -> list[BucketSeed]:
    content = [(f"folder/file-{n}.{'jpg' if n % 2 else 'txt'}", 10, b"0123456789") for n in range(objects)]
    return [BucketSeed(f"bucket-{n:04}", content) for n in range(count)]


def flow(engine: Engine, endpoint: Endpoint, count: int, objects: int) -> dict[str, float]:
    """Seconds of each stage."""
    clients = Clients(endpoint)
    times = {}
    begin = time.monotonic()
    if isinstance(engine, MotoEngine):
        engine.seed(buckets(count, objects))
    else:
        seed_over_api(clients, buckets(count, objects))
    times["seed"] = time.monotonic() - begin
    begin = time.monotonic()
    stack = deploy(clients, TEMPLATE, "usage", {})
    times["deploy"] = time.monotonic() - begin
    begin = time.monotonic()
    (started,) = run(engine, clients, stack.state_machine(), [Start("bench", {}, TIMEOUT_S)])
    times["flow"] = time.monotonic() - begin
    status = clients.stepfunctions.describe_execution(executionArn=started.execution_arn)["status"]
    rows = clients.dynamodb.scan(TableName=stack.outputs["TableName"], Select="COUNT")["Count"]
    if status != "SUCCEEDED" or rows != count * 3:
        raise SystemExit(f"{engine.name}: {status}, {rows} rows instead of {count * 3}")
    return times


class Peer(MotoEngine):
    """An emulator that only has an endpoint: polled instead of asked."""

    name = "MiniStack"

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> None:
        return None


@contextlib.contextmanager
def ministack() -> Iterator[Endpoint]:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", MINISTACK, "boto3"], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = {
            **scrubbed_environment(os.environ),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "HOME": folder,
        }
        server = subprocess.Popen(
            [Path(folder) / "bin" / "ministack"],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            poll(lambda: serves(port), bool, what="MiniStack", timeout_s=60)
            yield Endpoint(url=f"http://127.0.0.1:{port}", account_id="000000000000")
        finally:
            server.terminate()
            server.wait(20)


def serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--buckets", type=int, default=100)
    parser.add_argument("--objects", type=int, default=9)
    parser.add_argument("--peer", choices=["ministack", "none"], default="ministack")
    arguments = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    begin = time.monotonic()
    engine = MotoEngine()
    try:
        endpoint = engine.start()
        ready = time.monotonic() - begin
        results["moto"] = {"start": ready} | flow(engine, endpoint, arguments.buckets, arguments.objects)
    finally:
        engine.stop()
    if arguments.peer == "ministack":
        with ministack() as endpoint:
            results["MiniStack"] = flow(Peer(), endpoint, arguments.buckets, arguments.objects)
    print(
        f"{arguments.buckets} buckets x {arguments.objects} objects, Python {sys.version.split()[0]}, seconds"
    )
    for name, times in results.items():
        print(f"{name:10}" + "".join(f"  {stage} {seconds:7.2f}" for stage, seconds in times.items()))
    if "MiniStack" in results:
        print(
            f"flow: {results['MiniStack']['flow'] / results['moto']['flow']:.1f} times as fast as MiniStack"
        )


if __name__ == "__main__":
    main()
