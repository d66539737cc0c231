"""Always checked: every fault in the scenario fired. A fault that never fires proves nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.expect import sights
from harness.expect.model import Mismatch
from harness.expect.sights import Sight, listed, others, times
from harness.expect.wording import QUOTED_LIMIT, counted, iterations, time
from harness.functions.shared.matching import matches
from harness.observe.model import Observation
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario

_FILTERS = {"run": "in run", "function": "by", "state": "in state", "bucket": "for bucket"}
_VERBS = {"call": "it was called", "task": "it was started", "function": "it was invoked"}


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each fault that never fired; none if the engine does not report fired faults."""
    for n, spec in enumerate(scenario.faults):
        if observation.fired.get(n) == 0:
            summary = f"{_waited_for(spec)} never fired: {_nearest(spec, observation)}"
            yield Mismatch("faults", scenario.position("faults", n), summary)


def _waited_for(spec: FaultSpec) -> str:
    """Describe the fault: `error AccessDenied of s3:ListObjectsV2 for bucket photos`."""
    words = [_words(spec), "of", spec.call or spec.task or spec.function]
    words += ["in", spec.function] if spec.function and spec.target != "function" else []
    words += ["in run", spec.run] if spec.run else []
    words += ["in state", spec.state] if spec.state else []
    words += ["in iteration", iterations(spec.iterations)] if spec.iterations else []
    words += ["for bucket", spec.bucket] if spec.bucket else []
    words += ["with", _shown(spec.params)] if spec.params else []
    return " ".join(words)


def _words(spec: FaultSpec) -> str:
    arguments = {
        key: time(value) if isinstance(value, float) else value for key, value in spec.arguments.items()
    }
    return spec.kind.words.format(**arguments)


def _sights(spec: FaultSpec, observation: Observation) -> list[Sight]:
    if spec.target == "function":
        return list(sights.invocations(observation, spec.function))
    found = sights.calls if spec.target == "call" else sights.tasks
    return list(found(observation, spec.api))


def _nearest(spec: FaultSpec, observation: Observation) -> str:
    """Describe the closest match for the fault."""
    seen, verb = _sights(spec, observation), _VERBS[spec.target]
    if not seen:
        return _nothing(spec, observation)
    for key, words in _FILTERS.items():
        wanted = getattr(spec, key)
        fitting = [sight for sight in seen if wanted in ("", getattr(sight, key))]
        if not fitting:
            return f"{verb} {times(seen)}, {words} {others(seen, key)}"
        seen = fitting
    fitting = [sight for sight in seen if matches(spec.params, sight.params)]
    if not fitting:
        params = seen[0].params
        given = {name: params.get(name) for name in spec.params} if isinstance(params, Mapping) else None
        return f"{verb} {times(seen)}, with different parameters, such as {_shown(given)}"
    lanes = Counter[tuple[str, ...]]()
    for sight in fitting:
        lanes[sight.lane] += sight.times
    first, _ = spec.which
    if (most := max(lanes.values())) < first:
        at_most = f"{counted(most, 'time')} at most in one state of one execution"
        return f"{verb} {at_most}, but this fault is for match number {first}"
    if spec.iterations:
        return f"{verb} {times(fitting)}, in other iterations, or another fault came first"
    return f"{verb} {times(fitting)}, but the fault had no effect on it, or another fault came first"


def _nothing(spec: FaultSpec, observation: Observation) -> str:
    """Return the message for a fault without a matching call, task or invocation."""
    invoked = {observation.functions.get(i.function, i.function) for i in observation.invocations}
    if spec.function and spec.function not in invoked and spec.target != "task":
        return f"function {spec.function} was never invoked"
    entered = {name for run in observation.runs for execution in run.executions for name in execution.path}
    if spec.state and spec.state not in entered:
        return f"the state {spec.state} was never entered"
    if spec.target == "task":
        return "no state machine has started such a task"
    made = Counter(f"{c.service}:{c.operation}" for i in observation.invocations for c in i.calls)
    return f"it was never called; calls were made to {listed(made)}" if made else "functions made no calls"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= QUOTED_LIMIT else f"{text[: QUOTED_LIMIT - 1]}…"
