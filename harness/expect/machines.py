"""`machines`: state machines that exist after the run but are not declared in the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.expect.alike import common_text, paired
from harness.expect.base import Entry, Overall
from harness.expect.bits import Distances
from harness.expect.matcher import clauses
from harness.expect.model import Mismatch
from harness.expect.pairing import pair_places
from harness.expect.text_index import TextIndex
from harness.expect.wording import counted, joined
from harness.json_types import Json
from harness.observe.model import Observation
from harness.scenario.base import Model
from harness.scenario.matcher import Count, Matcher


class MachinesLeft(Model):
    """The state machines that exist after the run but are not declared in the template."""

    names: tuple[Matcher, ...] | None = Field(default=None, description="Their names, in any order.")
    count: Count | None = Field(default=None, description="Their number.")

    short_schema: ClassVar[Mapping[str, object] | None] = {
        "type": "array",
        "items": Matcher,
    }
    wants: ClassVar[str] = "a list of names, or a mapping with count"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare list into `{"names": names}`."""
        return {"names": value} if isinstance(value, list) else value


class Machines(Model):
    """The state machines that the run created."""

    left: MachinesLeft = Field(description="The state machines that still exist after the run.")


def compare(wanted: Machines, observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield mismatches for their number, and for each missing or unexpected name."""
    seen, place = observation.machines_left, entry.at("left")
    shown = "\n".join(seen) or "(none)"
    if wanted.left.count is not None and len(seen) not in wanted.left.count:
        found = f" ({joined(seen)})" if seen else ""
        summary = f"expected {wanted.left.count} left, seen {len(seen)}{found}"
        yield place.at("count").mismatch(summary, str(wanted.left.count), shown, "state machines")
    if wanted.left.names is None:
        return
    names = wanted.left.names
    expected = "\n".join(" and ".join(clauses(name)) for name in names) or "(none)"
    texts, every = TextIndex(seen), (1 << len(seen)) - 1

    def distances(index: int) -> Distances:
        met = texts.met(names[index])
        return Distances(len(met), met, [(0, every)])

    left = pair_places(len(names), len(seen), lambda index: texts.fitting(names[index], every), distances)
    for index, nearest in left.missing:
        asked = " and ".join(clauses(names[index]))
        what = f"seen {counted(len(seen), 'state machine')}" if nearest is None else f"seen {seen[nearest]}"
        yield place.at(index).mismatch(
            f"expected one whose name {asked}, {what}", expected, shown, "state machines"
        )
    for name in (seen[extra] for extra in left.extra):
        yield place.mismatch("still exists", expected, shown, f"state machine {name}", " ")


def record(observations: Sequence[Observation]) -> Json:
    """Return their names, or otherwise their number."""
    pairs = paired([each.machines_left for each in observations], str)
    if pairs is None:
        return None
    names = [common_text(each) for each in pairs]
    if all(isinstance(name, str) for name in names):
        return {"left": names}
    return {"left": {"count": len(names)}}


EXPECTATION = Overall(
    key="machines",
    wanted=Machines,
    description="The state machines that the run created.",
    compare=compare,
    record=record,
)
