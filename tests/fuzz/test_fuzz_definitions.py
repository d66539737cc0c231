"""Mutants of state machines are rejected, or run to an end; nothing breaks or runs without end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bounds import bounded
from definitions import DEFINITIONS, INPUT, WORDS
from mutation import Mutator
from states_support import IDENTITY, Port

from harness.states import (
    InvalidDefinition,
    Limits,
    Outcome,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSucceeded,
    parse,
)
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.protocol import reply_to

CALLER = Caller("123456789012", "us-east-1")
LIMITS = Limits(history_events=400, stall_steps=20_000, execution_s=3600 * 24)
MOST_S = 5.0
"""CPU time in which a mutant must be rejected or finish; the slowest takes 1 s."""
CATALOG = Catalog()


def mutants(seed: int, count: int) -> Iterator[str]:
    """Definitions as text: mutants of the value, and occasionally of the text."""
    mutator = Mutator(seed, WORDS)
    for number in range(count):
        base = DEFINITIONS[number % len(DEFINITIONS)]
        text = json.dumps(mutator.mutant(base, most=1 + number % 3 // 2))
        yield mutator.text_mutant(json.dumps(base)) if number % 8 == 7 else text


class Answers(Port):
    """Answers tasks with odd values and errors."""

    def __init__(self, seed: int) -> None:
        super().__init__(self._odd)
        self._mutator = Mutator(seed, WORDS)

    def _odd(self, _: TaskRequest) -> Outcome:
        if self._mutator.random.random() < 0.2:
            return TaskFailed(self._mutator.random.choice(WORDS), "cause")
        return TaskSucceeded(
            self._mutator.odd() if self._mutator.random.random() < 0.5 else {"Body": "a,b\n1,2"}
        )


def play(text: str, seed: int, *, express: bool) -> str:
    """Parse a definition and run it. Return the outcome."""
    try:
        machine = parse(text, CATALOG if seed % 2 else None, express=express)
    except InvalidDefinition:
        return "refused"
    simulation = Simulation(Answers(seed), limits=LIMITS, seed=seed)
    execution = simulation.start(machine, IDENTITY, json.dumps(INPUT), name="x")
    simulation.scheduler.run(stop=lambda: not execution.running)
    assert json.dumps([event.to_api() for event in execution.history.events], allow_nan=False)
    return "run" if not execution.running else "waits"


def request(api: StepFunctions, operation: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    reply = reply_to(api, f"AWSStepFunctions.{operation}", json.dumps(parameters).encode(), CALLER, None)
    return reply.status, json.loads(reply.body)


def create(api: StepFunctions, text: str, number: int) -> None:
    """Create a machine and validate its definition. Both must agree."""
    role = "arn:aws:iam::123456789012:role/x"
    status, answer = request(api, "CreateStateMachine", name=f"m{number}", definition=text, roleArn=role)
    assert status in (200, 400), answer
    for kind in ("EXPRESS", "STANDARD"):
        valid, found = request(api, "ValidateStateMachineDefinition", definition=text, type=kind)
        assert valid in (200, 400), found
    if valid == 200:
        assert (found["result"] == "OK") == (status == 200), (answer, found)


def fuzz(seed: int, count: int) -> dict[str, int]:
    """Run mutants and return the number of each outcome. Fail at the first mutant that breaks something."""
    api = StepFunctions(Simulation(Port(lambda _: TaskSucceeded({}))))
    counts: dict[str, int] = {}
    for number, text in enumerate(mutants(seed, count)):
        try:
            with bounded(MOST_S):
                became = play(text, number, express=number % 3 == 0)
                create(api, text, number)
        except BaseException as error:
            error.add_note(f"mutant {number} of seed {seed}: {text[:4000]}")
            raise
        counts[became] = counts.get(became, 0) + 1
    return counts


def test_mutants_are_refused_or_run() -> None:
    counts = fuzz(1, 150)
    assert min(counts.get("refused", 0), counts.get("run", 0)) > 15, counts


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 16))
def test_many_mutants_are_refused_or_run(seed: int) -> None:
    counts = fuzz(seed, 500)
    assert min(counts.get("refused", 0), counts.get("run", 0)) > 50, counts
