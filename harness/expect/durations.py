"""Always checked: every entry in `durations` set the duration of a task. An unused entry proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.expect.sights import Sight, others, tasks, times
from harness.expect.wording import counted, time
from harness.observe.model import Observation
from harness.scenario.model import DurationSpec, Scenario


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each entry that never matched; none if the engine does not report matches."""
    for n, spec in enumerate(scenario.durations):
        if observation.durations_matched.get(n) == 0:
            summary = f"{_waited_for(spec)} never matched: {_nearest(spec, observation)}"
            yield Mismatch("durations", scenario.position("durations", n), summary)


def _waited_for(spec: DurationSpec) -> str:
    """Describe the entry: `duration of 5 s of sns:publish`."""
    bucket = f" for bucket {spec.bucket}" if spec.bucket else ""
    run = f" in run {spec.run}" if spec.run else ""
    return f"duration of {time(spec.takes_s)} of {spec.function or spec.task}{run}{bucket}"


def _nearest(spec: DurationSpec, observation: Observation) -> str:
    """Describe the tasks closest to the entry's target."""
    seen = _tasks(spec, observation)
    if not seen:
        if spec.function:
            return f"no state machine task has invoked {spec.function}"
        return "no state machine has started such a task"
    of_run = [sight for sight in seen if spec.run in ("", sight.run)]
    if not of_run:
        return f"it was started {times(seen)}, in run {others(seen, 'run')}"
    seen = of_run
    fitting = [sight for sight in seen if spec.bucket in ("", sight.bucket)]
    if not fitting:
        return f"it was started {times(seen)}, for bucket {others(seen, 'bucket')}"
    if spec.call is not None and len(fitting) < spec.call:
        return (
            f"it was started {counted(len(fitting), 'time')}, but this entry is for match number {spec.call}"
        )
    return f"it was started {times(fitting)}, but an earlier entry matched, or a fault came first"


def _tasks(spec: DurationSpec, observation: Observation) -> list[Sight]:
    if spec.task:
        return list(tasks(observation, spec.api))
    return [sight for sight in tasks(observation, ("lambda", "Invoke")) if sight.function == spec.function]
