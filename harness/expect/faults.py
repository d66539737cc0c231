"""Always checked: that every fault of the scenario has happened, because one that has not proves nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.expect.model import Mismatch
from harness.expect.wording import QUOTED_LIMIT, counted, joined, time
from harness.functions.faults.book import matches
from harness.functions.payloads import bucket_of, bucket_of_call
from harness.observe.model import Observation, parsed
from harness.observe.tasks import track
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.service_names import boto3_name

_SHOWN = 5
WORDS: Mapping[str, Callable[[FaultSpec], str]] = {
    "error": lambda spec: f"error {spec.error}",
    "cut": lambda spec: f"cut {spec.cut}",
    "delay": lambda spec: f"delay of {time(spec.delay_s or 0)}",
    "partial": lambda spec: "a partial answer",
    "stale": lambda spec: "a stale answer",
    "raises": lambda spec: f"exception {spec.raises}",
    "ends": lambda spec: f"end by {spec.ends}",
    "twice": lambda spec: "the second round",
}
"""What each kind of fault is called when it never happened."""


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each fault that never happened; none on an engine that does not tell."""
    for n, spec in enumerate(scenario.faults):
        if observation.fired.get(n) == 0:
            waited_for = _waited_for(spec)
            summary = f"{waited_for} never happened: {_nearest(spec, observation)}"
            yield Mismatch("faults", scenario.position("faults", n), summary)


@dataclass(frozen=True)
class _Sight:
    """A call, a task or an invocation that was seen; `times` counts what botocore tried again, too."""

    function: str
    state: str
    bucket: str
    params: Any
    lane: tuple[str, ...]
    times: int = 1


def _waited_for(spec: FaultSpec) -> str:
    """The fault in words: `error AccessDenied of s3:ListObjectsV2 for bucket photos`."""
    words = [WORDS[spec.kind](spec), "of", spec.call or spec.service or spec.function]
    words += ["in", spec.function] if spec.function and spec.target != "function" else []
    words += ["in state", spec.state] if spec.state else []
    words += ["for bucket", spec.bucket] if spec.bucket else []
    words += ["with", _shown(spec.params)] if spec.params else []
    return " ".join(words)


def _nearest(spec: FaultSpec, observation: Observation) -> str:
    """What was seen that is most like what the fault waited for."""
    sights, verb = {
        "call": (_calls, "it was called"),
        "service": (_tasks, "it was started"),
        "function": (_invocations, "it was invoked"),
    }[spec.target]
    seen = list(sights(spec, observation))
    if not seen:
        return _nothing(spec, observation)
    for key, words in (("function", "by"), ("state", "in state"), ("bucket", "for bucket")):
        wanted = getattr(spec, key)
        fitting = [sight for sight in seen if wanted in ("", getattr(sight, key))]
        if not fitting:
            others = Counter[str]()
            for sight in seen:
                others[getattr(sight, key) or "(none)"] += sight.times
            return f"{verb} {_times(seen)}, {words} {_listed(others)}"
        seen = fitting
    fitting = [sight for sight in seen if matches(spec.params, sight.params)]
    if not fitting:
        given = (
            {name: seen[0].params.get(name) for name in spec.params} if _is_mapping(seen[0].params) else None
        )
        return f"{verb} {_times(seen)}, with other parameters, such as {_shown(given)}"
    lanes = Counter[tuple[str, ...]]()
    for sight in fitting:
        lanes[sight.lane] += sight.times
    first, _ = spec.which
    if (most := max(lanes.values())) < first:
        at_most = f"{counted(most, 'time')} at most in one state of one execution"
        return f"{verb} {at_most}, and this is for number {first}"
    return f"{verb} {_times(fitting)}, but this made no difference there, or another fault came first"


def _nothing(spec: FaultSpec, observation: Observation) -> str:
    """What to say when there was no such call, task or invocation at all."""
    invoked = {observation.functions.get(i.function, i.function) for i in observation.invocations}
    if spec.function and spec.function not in invoked and spec.target != "service":
        return f"function {spec.function} was never invoked"
    entered = {name for run in observation.runs for execution in run.executions for name in execution.path}
    if spec.state and spec.state not in entered:
        return f"the state {spec.state} was never entered"
    if spec.target == "service":
        return "no state machine has started such a task"
    made = Counter(f"{c.service}:{c.operation}" for i in observation.invocations for c in i.calls)
    return f"it was never called; called were {_listed(made)}" if made else "functions called nothing"


def _calls(spec: FaultSpec, observation: Observation) -> Iterator[_Sight]:
    service, operation = spec.api
    wanted = boto3_name(service), operation
    for invocation in observation.invocations:
        payload = parsed(invocation.payload)
        for call in invocation.calls:
            if (call.service, call.operation) == wanted:
                yield _Sight(
                    observation.functions.get(invocation.function, ""),
                    invocation.state,
                    bucket_of_call(call.params, payload),
                    call.params,
                    (invocation.execution_arn, invocation.state, invocation.function, invocation.payload),
                    call.attempts,
                )


def _invocations(spec: FaultSpec, observation: Observation) -> Iterator[_Sight]:
    for invocation in observation.invocations:
        function = observation.functions.get(invocation.function, "")
        if function == spec.function:
            payload = parsed(invocation.payload)
            lane = (invocation.execution_arn, invocation.state, invocation.payload)
            yield _Sight(function, invocation.state, bucket_of(payload), payload, lane)


def _tasks(spec: FaultSpec, observation: Observation) -> Iterator[_Sight]:
    for run in observation.runs:
        for task in (task for execution in run.executions for task in track(execution).tasks):
            if (task.integration, task.operation) == spec.api:
                function = observation.functions.get(task.function, "")
                bucket = bucket_of(task.params)
                yield _Sight(function, task.state, bucket, task.params, (task.execution.arn, task.state))


def _times(sights: list[_Sight]) -> str:
    return counted(sum(sight.times for sight in sights), "time")


def _listed(names: Counter[str]) -> str:
    """`photos (3 times) and attic (1 time)`, the most frequent first."""
    ranked = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} ({counted(times, 'time')})" for name, times in ranked[:_SHOWN]]
    more = [counted(len(ranked) - _SHOWN, "other")] if len(ranked) > _SHOWN else []
    return joined([*shown, *more])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= QUOTED_LIMIT else f"{text[: QUOTED_LIMIT - 1]}…"


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)
