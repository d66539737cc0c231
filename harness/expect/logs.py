"""`logs`: function logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.engine.base import Capability
from harness.expect.base import Entry, Overall, keys_are
from harness.expect.functions import invocations_of, unknown
from harness.expect.matcher import described, unmet
from harness.expect.model import Mismatch
from harness.observe.model import Observation
from harness.scenario.base import LogicalId
from harness.scenario.matcher import Matcher


def compare(wanted: Mapping[str, Matcher], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each function whose log differs.

    The log covers all invocations, in start order.
    """
    for function, matcher in wanted.items():
        place, subject = entry.at(function), f"the log of {function}"
        made = invocations_of(observation, function)
        if made is None:
            yield place.mismatch(unknown(observation), described(matcher), "", subject)
            continue
        log = "\n".join(i.log.rstrip("\n") for i in made)
        if reasons := unmet(matcher, log):
            never = "" if made else " (it was never invoked)"
            yield place.mismatch(" and ".join(reasons) + never, described(matcher), log, subject, " ")


EXPECTATION = Overall(
    key="logs",
    wanted=Mapping[LogicalId, Matcher],
    description="Matches a function's log, by logical ID.",
    needs=frozenset({Capability.INVOCATIONS}),
    names=keys_are("function"),
    compare=compare,
)
