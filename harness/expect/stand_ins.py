"""Always checked: every stand-in was used. An unused stand-in proves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.expect.wording import counted, iterations
from harness.observe.model import Observation
from harness.scenario.model import Scenario
from harness.scenario.stand_ins import StandIn, stand_ins_of
from harness.service_names import boto3_name

_ELSE = "but with different parameters or too few times, or another stand-in or a fault came first"
_NEVER = "no state machine has started such a task"
_OTHERS = "no task has invoked it, or another stand-in or a fault came first"


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each stand-in that was never used, or used less often than it has results."""
    for n, stand_in in enumerate(stand_ins_of(scenario)):
        times = observation.stand_ins_used.get(n)
        wanted = sum(answer.times for answer in stand_in.spec.results) or 1
        if times is not None and times < wanted:
            summary = f"{_waited_for(stand_in)} {_answered(times, wanted)}: {_nearest(stand_in, observation)}"
            yield Mismatch("tasks", scenario.position(*stand_in.at), summary)


def compare_calls(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each stand-in for calls that has an unused answer."""
    number = len(scenario.faults)  # their numbers follow the fault numbers
    for n, spec in enumerate(scenario.calls):
        fired = [observation.fired.get(number + k) for k in range(len(spec.answers))]
        number += len(fired)
        if 0 in fired:
            service, operation = spec.api
            calls = [call for invocation in observation.invocations for call in invocation.calls]
            name = boto3_name(service)
            made = sum((call.service, call.operation) == (name, operation) for call in calls)
            which = "" if len(fired) == 1 else f" with its answer {fired.index(0) + 1}"
            often = (
                f"functions called it {counted(made, 'time')}, {_ELSE}" if made else "no function called it"
            )
            summary = f"stand-in for {spec.call} never answered{which}: {often}"
            yield Mismatch("calls", scenario.position("calls", n), summary)


def _answered(times: int, wanted: int) -> str:
    return f"answered {counted(times, 'task')}, but has results for {wanted}" if times else "never answered"


def _waited_for(stand_in: StandIn) -> str:
    """Describe the stand-in: `stand-in for ecs:runTask.sync in state Transcode`."""
    spec = stand_in.spec
    words = [spec.resource or spec.function or f"state {spec.state}"]
    words += ["of", spec.function] if spec.resource and spec.function else []
    words += ["in run", spec.run] if spec.run else []
    words += ["in state", spec.state] if spec.state and (spec.resource or spec.function) else []
    words += ["in iteration", iterations(spec.iterations)] if spec.iterations else []
    return " ".join(["stand-in for", *words])


def _nearest(stand_in: StandIn, observation: Observation) -> str:
    """Describe the tasks closest to the stand-in's target."""
    spec = stand_in.spec
    of_run = [run for run in observation.runs if spec.run in ("", run.name)]
    runs = [execution for run in of_run for execution in run.executions]
    entered = Counter(name for execution in runs for name in execution.path)
    if spec.state and not entered[spec.state]:
        return "the state was never entered"
    if spec.state:
        first, _ = stand_in.which
        often = f"the state was entered {counted(entered[spec.state], 'time')}"
        return f"{often}, but this entry is for match number {first}" if first > 1 else f"{often}, {_ELSE}"
    if not spec.resource:
        return _OTHERS
    request = spec.resource.partition(".")[0]
    started = sum(call.resource == request for call in observation.calls)
    return f"such a task was started {counted(started, 'time')}, {_ELSE}" if started else _NEVER
