"""The amounts that a scenario used: transitions, calls, invocations, memory over time, sizes.

They are measured for two commits on the same virtual clock, so each difference results from the commit. They
are not a forecast of a bill. On this clock, a task and a cold start take 100 ms each, unless the task sleeps
or `durations` sets a different time.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.functions.shared.model import Invocation
from harness.gate.call_order import Sequences, switches, writes
from harness.limits.check import largest
from harness.limits.table import Measure
from harness.observe.model import Execution, Observation
from harness.observe.tasks import SCHEDULED, track

COLD_START_S = 0.1
"""Duration of a cold start. Since August 2025, it is billed like the code itself:
https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
"""
SMALLEST_S = 0.001
"""Durations are rounded up to the next millisecond: https://aws.amazon.com/lambda/pricing/"""
_MEMORY = re.compile(r'"memorySizeMB":(\d+)|Memory Size: (\d+) MB')
_DEFAULT_MIB = 128


@dataclass(frozen=True)
class Measures:
    """The total amounts for all runs of a scenario.

    Attributes:
        transitions: entered states, and their retries; each is billed
            (https://aws.amazon.com/step-functions/pricing/).
        executions: the executions, including child executions.
        events: the events in all histories.
        retries: task attempts after the first attempt of a visit.
        duration_s: from the start of the first run to the end of the last, on the clock.
        calls: requests to AWS by operation, including botocore's own retries.
        invocations: invocations by function.
        cold_starts: created environments, by function.
        gb_seconds: billed memory over time, including cold starts, by function.
        limits: the highest use of each AWS limit.
        switches: requests by operation and boolean parameter.
        writes: the write requests in each invocation, in order.
    """

    transitions: int = 0
    executions: int = 0
    events: int = 0
    retries: int = 0
    duration_s: float = 0.0
    calls: Mapping[str, int] = field(default_factory=dict)
    invocations: Mapping[str, int] = field(default_factory=dict)
    cold_starts: Mapping[str, int] = field(default_factory=dict)
    gb_seconds: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, Measure] = field(default_factory=dict)
    switches: Mapping[str, int] = field(default_factory=dict)
    writes: Sequences = field(default_factory=dict)


def measured(observation: Observation) -> Measures:
    """Return the amounts for an observation."""
    executions = [each for run in observation.runs for each in run.executions]
    tasks = [task for execution in executions for task in track(execution).tasks]
    retries = sum(1 for task in tasks if task.attempt)
    times = _times(executions)
    return Measures(
        transitions=sum(len(execution.path) for execution in executions) + retries,
        executions=len(executions),
        events=sum(len(execution.events) for execution in executions),
        retries=retries,
        duration_s=_duration_s(observation),
        calls=_calls(observation),
        invocations=Counter(_name(each, observation) for each in observation.invocations),
        cold_starts=_cold_starts(observation),
        gb_seconds=_gb_seconds(observation, times),
        limits=largest(observation),
        switches=switches(observation),
        writes=writes(observation),
    )


def _name(invocation: Invocation, observation: Observation) -> str:
    return observation.functions.get(invocation.function, invocation.function)


def _calls(observation: Observation) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for call in observation.calls:
        found[f"{call.service}:{call.operation}"] += call.attempts
    return found


def _duration_s(observation: Observation) -> float:
    runs = [run.execution for run in observation.runs]
    ends = [execution.stopped_at for execution in runs if execution.stopped_at is not None]
    if not ends:
        return 0.0
    return (max(ends) - min(execution.started_at for execution in runs)).total_seconds()


def _cold_starts(observation: Observation) -> Mapping[str, int]:
    """Return the number of environments by function. Each environment serves one function."""
    made = {each.environment_id: _name(each, observation) for each in observation.invocations}
    return Counter(made.values())


_Times = Mapping[tuple[str, str, int, float], float]


def _times(executions: list[Execution]) -> _Times:
    """Return the duration of each task on the clock, by execution, state, attempt, and start."""
    found: dict[tuple[str, str, int, float], float] = {}
    for execution in executions:
        for task in track(execution).tasks:
            if task.ended is not None and task.scheduled.type in SCHEDULED:
                began = task.scheduled.timestamp
                key = (execution.arn, task.state, task.attempt, round(began.timestamp(), 3))
                found[key] = (task.ended.timestamp - began).total_seconds()
    return found


def _gb_seconds(observation: Observation, times: _Times) -> Mapping[str, float]:
    found: dict[str, float] = {}
    seen: set[str] = set()
    for invocation in observation.invocations:
        key = (
            invocation.execution_arn,
            invocation.state,
            invocation.attempt,
            round(invocation.started_at, 3),
        )
        took_s = max(invocation.duration_s, times.get(key, 0.0), SMALLEST_S)
        if invocation.environment_id not in seen:
            seen.add(invocation.environment_id)
            took_s += COLD_START_S
        name = _name(invocation, observation)
        billed_s = math.ceil(round(took_s * 1000, 6)) / 1000
        found[name] = found.get(name, 0.0) + billed_s * _memory_mib(invocation) / 1024
    return {name: round(amount, 6) for name, amount in found.items()}


def _memory_mib(invocation: Invocation) -> int:
    """Return the memory from the report line at the end of the log."""
    last: str | None = None
    for match in _matches(invocation.log):
        last = match
    return int(last) if last else _DEFAULT_MIB


def _matches(log: str) -> Iterator[str]:
    for match in _MEMORY.finditer(log):
        yield match[1] or match[2]
