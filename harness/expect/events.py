"""`events`: the complete set of events on event buses, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from harness.expect.alike import members, only, paired
from harness.expect.base import Entry, Overall
from harness.expect.contents import (
    Members,
    Unmet,
    asked_json,
    unmet_members,
    unmet_value,
)
from harness.expect.entries import Kind, exact, forbidden
from harness.expect.matcher import clauses, described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import compact, pretty_text
from harness.expect.wording import counted
from harness.json_types import Json, JsonObject, as_dict, json_or_text
from harness.notes import Note
from harness.observe.left_model import SeenEvent
from harness.observe.model import Observation
from harness.scenario.base import LogicalId, Model, Natural
from harness.scenario.matcher import JsonMatcher, Matcher
from harness.scenario.seed import Reference
from harness.scenario.used_names import Name

DEFAULT_BUS = "default"
"""The event bus in every account: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
"""


class ExpectedEvent(Model):
    """An event on an event bus. Events from AWS services are ignored."""

    bus: Reference | None = Field(
        default=None, description="The logical ID of its event bus, or `default`. Default: any."
    )
    source: Matcher | None = Field(default=None, description="Matches its source.")
    detail_type: Matcher | None = Field(default=None, description="Matches its detail-type.")
    detail: JsonMatcher | None = Field(default=None, description="Matches its detail.")
    members: Members | None = Field(
        default=None,
        description="Members that its detail contains. Others are allowed, including in nested mappings.",
    )
    rules: tuple[LogicalId, ...] | None = Field(
        default=None,
        description="The template rules that match it, in any order. Use `[]` for none. Default: any.",
    )
    count: Natural = Field(default=1, description="Number of events that match.")


def compare(wanted: tuple[ExpectedEvent, ...], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each part of an event that differs, and for each missing or unexpected event.

    An entry with `count: 0` forbids events: every matching event is a mismatch.
    """
    seen = observation.left.events or ()
    slots = [(number, each) for number, each in enumerate(wanted) for _ in range(each.count)]
    yield from exact(_KIND, slots, seen, entry, "")
    for number, each in enumerate(wanted):
        if each.count == 0:
            yield from forbidden(_KIND, each, seen, entry.at(number), "")


def names(wanted: tuple[ExpectedEvent, ...]) -> Iterator[Name]:
    """Yield the event buses and rules in event entries."""
    for number, each in enumerate(wanted):
        if each.bus not in (None, DEFAULT_BUS):
            yield Name("event bus", str(each.bus), (number, "bus"))
        for place, rule in enumerate(each.rules or ()):
            yield Name("rule", rule, (number, "rules", place))


def unmatched(observation: Observation) -> Iterator[Note]:
    """Yield a note for each kind of event that matches no rule and is therefore not delivered to any
    target.
    """
    lost: dict[tuple[str, str, str], int] = {}
    for event in observation.left.events or ():
        if event.rules == ():
            key = event.bus, event.source, event.detail_type
            lost[key] = lost.get(key, 0) + 1
    for (bus, source, detail_type), number in sorted(lost.items()):
        subject = f"{source}, {detail_type}"
        text = f"no rule on bus {bus} matches it, so it is not delivered ({counted(number, 'event')})"
        yield Note("events", "", subject, text)


def _unmet(wanted: ExpectedEvent, seen: SeenEvent) -> tuple[Unmet, ...]:
    found: list[Unmet] = []
    if wanted.bus not in (None, seen.bus):
        said = f"is {seen.bus}, not {wanted.bus}"
        found.append(Unmet("bus", (said,), str(wanted.bus), seen.bus))
    for part, matcher, text in (
        ("source", wanted.source, seen.source),
        ("detail_type", wanted.detail_type, seen.detail_type),
    ):
        if matcher is not None and (reasons := unmet(matcher, text)):
            found.append(Unmet(part, reasons, described(matcher), text))
    found += unmet_value("detail", wanted.detail, seen.detail)
    found += unmet_members("members", wanted.members, seen.detail)
    if wanted.rules is not None and (said := _other_rules(wanted.rules, seen.rules)):
        found.append(Unmet("rules", (said,), _listed(wanted.rules), _listed(seen.rules or ())))
    return tuple(found)


def _other_rules(wanted: tuple[str, ...], seen: tuple[str, ...] | None) -> str:
    if seen is None:
        return "are unknown: the engine does not report which rules match an event"
    if sorted(wanted) == sorted(seen):
        return ""
    return f"that match it are {_listed(seen)}, not {_listed(wanted)}"


def _listed(rules: tuple[str, ...]) -> str:
    return ", ".join(sorted(rules)) or "none"


def _asked(wanted: ExpectedEvent) -> str:
    parts = [] if wanted.bus is None else [f"bus is {wanted.bus}"]
    for part, matcher in (("source", wanted.source), ("detail_type", wanted.detail_type)):
        if matcher is not None:
            parts.append(f"{part} {' and '.join(clauses(matcher))}")
    if wanted.detail is not None:
        parts.append(f"detail {asked_json(wanted.detail)}")
    if wanted.members is not None:
        parts.append(f"members are {compact(wanted.members)}")
    if wanted.rules is not None:
        parts.append(f"rules are {_listed(wanted.rules)}")
    return ", ".join(parts) or "content is anything"


def _name(seen: SeenEvent) -> str:
    return f"{seen.source}, {seen.detail_type}"


def _text(seen: SeenEvent) -> str:
    rules = "" if seen.rules is None else f"\nrules: {_listed(seen.rules)}"
    head = f"bus: {seen.bus}\nsource: {seen.source}\ndetail-type: {seen.detail_type}{rules}"
    return f"{head}\n\n{pretty_text(seen.detail)}"


_KIND = Kind[ExpectedEvent, SeenEvent]("event", _unmet, _asked, _name, _text)


def record(observations: Sequence[Observation]) -> Json:
    """Return the source, type and detail of each event, to the extent that they are the same."""
    pairs = paired([each.left.events or () for each in observations], lambda each: each.detail)
    if not pairs:
        return None
    found: list[Json] = [_recorded(events) for events in pairs]
    return found if all(found) else None


def _recorded(events: Sequence[SeenEvent]) -> JsonObject:
    entry: JsonObject = {
        "bus": only(each.bus for each in events),
        "source": only(each.source for each in events),
        "detail_type": only(each.detail_type for each in events),
    }
    details = [as_dict(json_or_text(each.detail)) for each in events]
    entry["members"] = members(details)
    return {name: value for name, value in entry.items() if value}


EXPECTATION = Overall(
    key="events",
    wanted=tuple[ExpectedEvent, ...],
    description="All events sent to event buses, in any order.",
    names=names,
    compare=compare,
    record=record,
)
