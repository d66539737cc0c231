"""Find AWS limit violations in an observation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.functions.shared.model import Invocation
from harness.functions.shared.payloads import bucket_of
from harness.limits.calls import Known, call_measures, message_measures
from harness.limits.executions import SHORT, execution_measures
from harness.limits.items import Sized, item_measures
from harness.limits.table import Measure, measure, utf8
from harness.observe.model import Observation, parsed


def check(observation: Observation) -> tuple[Measure, ...]:
    """Return each exceeded limit with the highest amount, in run order."""
    made = _exceeded(_of_what_was_done(observation))
    known = {measured.limit.id for measured in made}
    # Also check the final data, because an engine may not report the calls that created it.
    left = _exceeded(_of_what_is_left(observation))
    return (*made, *(measured for measured in left if measured.limit.id not in known))


def largest(observation: Observation) -> dict[str, Measure]:
    """Return the highest usage for each limit by limit ID, except limits of 0."""
    found: dict[str, Measure] = {}
    for measured in (*_of_what_was_done(observation, shortest=0), *_of_what_is_left(observation)):
        limit, before = measured.limit, found.get(measured.limit.id)
        if limit.most and (before is None or measured.share > before.share):
            found[limit.id] = measured
    return found


def _exceeded(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    found: dict[tuple[str, str], Measure] = {}
    for measured in measures:
        key = (measured.limit.id, measured.subject)
        if measured.is_too_much and (key not in found or found[key].amount < measured.amount):
            found[key] = measured
    return tuple(found.values())


def _of_what_was_done(observation: Observation, shortest: int = SHORT) -> Iterator[Measure]:
    known = Known.of(observation)
    for run in observation.runs:
        for execution in run.executions:
            yield from execution_measures(execution, known, shortest)
    for invocation in observation.invocations:
        yield from _of_invocation(invocation, observation, known)


def _of_what_is_left(observation: Observation) -> Iterator[Measure]:
    known = Known.of(observation)
    for message in observation.messages:
        yield from message_measures(message, known)
    for table, items in observation.tables.items():
        for item in items:
            yield from item_measures(Sized(item), f"an item of table {table}")


def _of_invocation(invocation: Invocation, observation: Observation, known: Known) -> Iterator[Measure]:
    subject = f"function {observation.functions.get(invocation.function, invocation.function)}"
    if bucket := bucket_of(parsed(invocation.payload)):
        subject += f" (bucket {bucket})"
    yield measure("lambda-request", subject, utf8(invocation.payload))
    yield measure("lambda-response", subject, utf8(invocation.result))
    for call in invocation.calls:
        yield from call_measures(call, f"{call.operation} of {subject}", known)
