"""Observed calls, tasks and invocations, for messages about unused entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.expect.wording import counted, joined
from harness.functions.shared.payloads import bucket_of, bucket_of_call
from harness.observe.model import Observation, parsed
from harness.observe.tasks import track
from harness.service_names import boto3_name

Api = tuple[str, str]
"""Service and operation: `("s3", "ListObjectsV2")`, or `("aws-sdk:s3", "ListObjectsV2")` for a task."""
_SHOWN = 5


@dataclass(frozen=True)
class Sight:
    """An observed call, task or invocation. `times` includes botocore retries.

    `run` is the run of the execution that created it, or of that execution's parent; "" if there is none.
    """

    run: str
    function: str
    state: str
    bucket: str
    params: object
    lane: tuple[str, ...]
    times: int = 1


def calls(observation: Observation, api: Api) -> Iterator[Sight]:
    """Yield calls made by functions."""
    service, operation = api
    wanted = boto3_name(service), operation
    runs = _runs(observation)
    for invocation in observation.invocations:
        payload = parsed(invocation.payload)
        for call in invocation.calls:
            if (call.service, call.operation) == wanted:
                yield Sight(
                    runs.get(invocation.execution_arn, ""),
                    observation.functions.get(invocation.function, ""),
                    invocation.state,
                    bucket_of_call(call.params, payload),
                    call.params,
                    (invocation.execution_arn, invocation.state, invocation.function, invocation.payload),
                    call.attempts,
                )


def tasks(observation: Observation, api: Api) -> Iterator[Sight]:
    """Yield tasks started by state machines."""
    for run in observation.runs:
        for task in (task for execution in run.executions for task in track(execution).tasks):
            if (task.integration, task.operation) == api:
                function = observation.functions.get(task.function, "")
                bucket = bucket_of(task.params)
                lane = (task.execution.arn, task.state)
                yield Sight(run.name, function, task.state, bucket, task.params, lane)


def invocations(observation: Observation, logical_id: str) -> Iterator[Sight]:
    """Yield invocations of a function by any caller."""
    runs = _runs(observation)
    for invocation in observation.invocations:
        function = observation.functions.get(invocation.function, "")
        if function == logical_id:
            payload = parsed(invocation.payload)
            lane = (invocation.execution_arn, invocation.state, invocation.payload)
            run = runs.get(invocation.execution_arn, "")
            yield Sight(run, function, invocation.state, bucket_of(payload), payload, lane)


def _runs(observation: Observation) -> dict[str, str]:
    """Return run names by the ARNs of their executions, and of the executions that these started."""
    return {execution.arn: run.name for run in observation.runs for execution in run.executions}


def times(sights: Iterable[Sight]) -> str:
    """Return the number of occurrences as text: `3 times`."""
    return counted(sum(sight.times for sight in sights), "time")


def others(sights: Sequence[Sight], attribute: str) -> str:
    """Return an attribute's values with their counts: `photos (3 times) and attic (1 time)`."""
    names = Counter[str]()
    for sight in sights:
        names[getattr(sight, attribute) or "(none)"] += sight.times
    return listed(names)


def listed(names: Counter[str]) -> str:
    """Return names with their counts, most frequent first: `photos (3 times) and attic (1 time)`."""
    ranked = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} ({counted(number, 'time')})" for name, number in ranked[:_SHOWN]]
    more = [counted(len(ranked) - _SHOWN, "other")] if len(ranked) > _SHOWN else []
    return joined([*shown, *more])
