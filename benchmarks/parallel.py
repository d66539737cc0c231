"""Measures a Parallel with many branches of two Pass states, compared with MiniStack and moto in the
same run.

    python benchmarks/parallel.py                     # 1,000 branches, and 10,000 without a peer
    python benchmarks/parallel.py --peers moto

It measures the time from StartExecution to the end through the API, and takes the shortest of three. It
also measures the interpreter alone, in a separate process that reports its memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from typing import Any

import peers

from harness.engine.base import Endpoint
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.states import Identity, Limits, Simulation, Status, VirtualClock, parse

BRANCHES, MANY = 1_000, 10_000
ROLE = "arn:aws:iam::123456789012:role/benchmark"
PEERS = {"MiniStack": peers.ministack, "moto": peers.moto}


def definition(branches: int) -> str:
    return json.dumps(
        {
            "StartAt": "All",
            "States": {
                "All": {
                    "Type": "Parallel",
                    "End": True,
                    "Branches": [
                        {
                            "StartAt": f"A{n}",
                            "States": {
                                f"A{n}": {"Type": "Pass", "Next": f"B{n}"},
                                f"B{n}": {"Type": "Pass", "End": True},
                            },
                        }
                        for n in range(branches)
                    ],
                }
            },
        }
    )


class NoTasks:
    """A port for machines without tasks."""

    def start(self, request: Any) -> Any:
        raise AssertionError(request)


def interpret(branches: int) -> None:
    """Print the CPU time of parsing and running, in seconds, and the memory in MB."""
    text = definition(branches)
    begin = time.process_time()
    machine = parse(text)
    parsed = time.process_time()
    simulation = Simulation(NoTasks(), clock=VirtualClock(), limits=Limits(history_events=1_000_000))
    execution = simulation.start(
        machine, Identity("arn:aws:states:eu-west-1:1:stateMachine:m", ROLE), name="x"
    )
    simulation.scheduler.run()
    ran = time.process_time()
    assert execution.status is Status.SUCCEEDED
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([parsed - begin, ran - parsed, memory]))


def interpreted(branches: int) -> tuple[float, float, float]:
    command = [sys.executable, __file__, "--interpret", str(branches)]
    runs = [json.loads(subprocess.check_output(command)) for _ in range(3)]
    return min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs)


def over_api(endpoint: Endpoint, branches: int) -> float:
    """Return the seconds from StartExecution to the end."""
    states = Clients(endpoint).stepfunctions
    arn = states.create_state_machine(name="many", definition=definition(branches), roleArn=ROLE)[
        "stateMachineArn"
    ]

    def run() -> None:
        started = states.start_execution(stateMachineArn=arn, name=f"run-{time.monotonic_ns()}", input="{}")
        execution = started["executionArn"]
        while (status := states.describe_execution(executionArn=execution)["status"]) == "RUNNING":
            time.sleep(0.005)
        assert status == "SUCCEEDED", status

    return peers.best_of(3, lambda: peers.seconds(run))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--interpret", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.interpret:
        interpret(arguments.interpret)
        return
    alone = {branches: interpreted(branches) for branches in (BRANCHES, MANY)}
    for branches, (parsed, ran, memory) in alone.items():
        print(f"{branches:6} branches, interpreter   parse {parsed:.3f} s  run {ran:.3f} s  {memory:.0f} MB")
    longer = alone[MANY][1] / alone[BRANCHES][1]
    print(f"       running {MANY:,} takes {longer:.1f} times as long as {BRANCHES:,}")
    engine = MotoEngine()
    try:
        ours = over_api(engine.start(), BRANCHES)
    finally:
        engine.stop()
    print(f"{BRANCHES:6} branches, embedded      {ours:.3f} s over the API")
    for name in arguments.peers:
        peer: AbstractContextManager[Endpoint] = PEERS[name]()
        with peer as endpoint:
            theirs = over_api(endpoint, BRANCHES)
        print(f"{BRANCHES:6} branches, {name:12}  {theirs:.3f} s over the API, {theirs / ours:.1f} x")


if __name__ == "__main__":
    main()
