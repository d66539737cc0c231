"""`invocations`: the number of function invocations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.engine.base import Capability
from harness.expect.alike import only
from harness.expect.base import Entry, Overall, keys_are
from harness.expect.functions import invocations_of, unknown
from harness.expect.model import Mismatch
from harness.json_types import Json, JsonObject
from harness.observe.model import Observation
from harness.scenario.base import LogicalId
from harness.scenario.matcher import Count


def compare(wanted: Mapping[str, Count], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each function with too many or too few invocations."""
    for function, count in wanted.items():
        place, subject = entry.at(function), f"function {function}"
        made = invocations_of(observation, function)
        if made is None:
            yield place.mismatch(unknown(observation), str(count), "", subject)
        elif len(made) not in count:
            failed = sum(1 for i in made if i.error is not None)
            which = f" ({failed} of them failed)" if failed else ""
            yield place.mismatch(
                f"expected {count}, seen {len(made)}{which}", str(count), str(len(made)), subject
            )


def record(observations: Sequence[Observation]) -> Json:
    """Return the number for each function if it is the same in all worlds."""
    found: JsonObject = {}
    for function in sorted(observations[0].functions.values()):
        numbers = [
            None if (made := invocations_of(each, function)) is None else len(made) for each in observations
        ]
        if (number := only(numbers)) is not None:
            found[function] = number
    return found or None


EXPECTATION = Overall(
    key="invocations",
    wanted=Mapping[LogicalId, Count],
    description="Number of invocations, by the function's logical ID.",
    needs=frozenset({Capability.INVOCATIONS}),
    names=keys_are("function"),
    compare=compare,
    record=record,
)
