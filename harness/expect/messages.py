"""`messages`: the complete set of messages sent by topics, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import Field

from harness.expect.alike import common_text, only, paired
from harness.expect.base import Entry, Overall
from harness.expect.bits import Bits, Distances, places_of
from harness.expect.matcher import clauses, described, unmet
from harness.expect.model import Mismatch
from harness.expect.pairing import pair_places
from harness.expect.text_index import TextIndex
from harness.expect.wording import counted, quoted
from harness.json_types import Json, JsonObject
from harness.observe.model import Message, Observation
from harness.scenario.base import LogicalId, Model, Natural
from harness.scenario.matcher import Matcher
from harness.scenario.used_names import Name


class ExpectedMessage(Model):
    """A message sent by a topic."""

    topic: LogicalId | None = Field(default=None, description="The topic's logical ID in the template.")
    subject: Matcher | None = Field(default=None, description="Matches its subject.")
    body: Matcher | None = Field(default=None, description="Matches its text.")
    count: Natural = Field(default=1, description="Number of messages that match.")


class _Wanted(NamedTuple):
    """An expected message. `entry` is the index of the entry that expects it."""

    entry: int
    message: ExpectedMessage


class _Index:
    """The observed messages, by topic, subject and body."""

    def __init__(self, seen: Sequence[Message]) -> None:
        self._all: Bits = (1 << len(seen)) - 1
        self._topics = TextIndex([message.topic for message in seen])
        self._parts = (
            ("subject", TextIndex([message.subject for message in seen])),
            ("body", TextIndex([message.body for message in seen])),
        )

    def fitting(self, wanted: ExpectedMessage) -> Bits:
        """Return the positions of messages that match completely."""
        among = self._all if wanted.topic is None else self._topics.equal(wanted.topic)
        for part, texts in self._parts:
            if (matcher := getattr(wanted, part)) is not None:
                among = texts.fitting(matcher, among)
        return among

    def distances(self, wanted: ExpectedMessage) -> Distances:
        """Return the number of differences for each message."""
        met = [] if wanted.topic is None else [self._topics.equal(wanted.topic)]
        for part, texts in self._parts:
            if (matcher := getattr(wanted, part)) is not None:
                met += texts.met(matcher)
        return Distances(len(met), met, [(0, self._all)])


class _Unmet(NamedTuple):
    """A part of a message that is not as expected."""

    part: str
    reasons: tuple[str, ...]
    expected: str
    seen: str


def compare(
    wanted: tuple[ExpectedMessage, ...], observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Yield a mismatch for each part of a message that differs, and for each missing or unexpected message.

    The number of pairs is maximized. Each remaining entry is compared with the closest message. An entry with
    `count: 0` forbids messages: every matching message is a mismatch.
    """
    seen = observation.messages
    slots = [_Wanted(index, m) for index, m in enumerate(wanted) for _ in range(m.count)]
    number = f"{counted(len(seen), 'message')} seen, {len(slots)} expected"
    index = _Index(seen)
    left = pair_places(
        len(slots),
        len(seen),
        lambda number: index.fitting(slots[number].message),
        lambda number: index.distances(slots[number].message),
    )
    for number_of_slot, found in left.missing:
        slot = slots[number_of_slot]
        nearest = None if found is None else seen[found]
        place, subject = entry.at(slot.entry), f"message {slot.entry + 1}"
        if nearest is None:
            summary = f"expected one whose {_asked(slot.message)}, but none is left ({number})"
            yield place.mismatch(summary, _asked(slot.message), "(no message)", subject)
            continue
        for part, reasons, expected, text in _unmet(slot.message, nearest):
            summary = f"the {part} {' and '.join(reasons)} (the closest message is {_name(nearest)})"
            yield place.at(part).mismatch(summary, expected, text, subject)
    for message in (seen[found] for found in left.extra):
        yield entry.mismatch(f"not expected ({number})", "", _text(message), f"message {_name(message)}")
    yield from _forbidden(wanted, seen, index, entry)


def _forbidden(
    wanted: tuple[ExpectedMessage, ...], seen: tuple[Message, ...], index: _Index, entry: Entry
) -> Iterator[Mismatch]:
    for place, forbidden in enumerate(wanted):
        found = index.fitting(forbidden) if forbidden.count == 0 else 0
        for message in (seen[n] for n in places_of(found)):
            summary = f"must not exist, because its {_asked(forbidden)}"
            yield entry.at(place).mismatch(summary, "", _text(message), f"message {_name(message)}")


def names(wanted: tuple[ExpectedMessage, ...]) -> Iterator[Name]:
    """Yield the topics in message entries."""
    for index, message in enumerate(wanted):
        if message.topic is not None:
            yield Name("topic", message.topic, (index, "topic"))


def _unmet(wanted: ExpectedMessage, seen: Message) -> tuple[_Unmet, ...]:
    found = []
    if wanted.topic is not None and wanted.topic != seen.topic:
        found.append(_Unmet("topic", (f"is {seen.topic}, not {wanted.topic}",), wanted.topic, seen.topic))
    for part, matcher, text in (("subject", wanted.subject, seen.subject), ("body", wanted.body, seen.body)):
        if matcher is not None and (reasons := unmet(matcher, text)):
            found.append(_Unmet(part, reasons, described(matcher), text or ""))
    return tuple(found)


def _asked(wanted: ExpectedMessage) -> str:
    """Return a one-line description of an entry: `subject contains "2 buckets", body contains ".nef"`."""
    parts = [f"topic is {wanted.topic}"] if wanted.topic is not None else []
    for part, matcher in (("subject", wanted.subject), ("body", wanted.body)):
        if matcher is not None:
            parts.append(f"{part} {' and '.join(clauses(matcher))}")
    return ", ".join(parts) or "content is anything"


def _name(message: Message) -> str:
    """Return a message's subject in quotes, or its first line if it has no subject."""
    return quoted(message.subject or message.body.partition("\n")[0])


def _text(message: Message) -> str:
    return f"topic: {message.topic}\nsubject: {message.subject or '(none)'}\n\n{message.body}"


def record(observations: Sequence[Observation]) -> Json:
    """Return the topic, subject and body of each message, to the extent that they are the same."""
    pairs = paired([each.messages for each in observations], lambda message: (message.topic, message.subject))
    found: list[Json] = []
    for messages in pairs or ():
        topic, body = only(each.topic for each in messages), common_text([each.body for each in messages])
        subject = common_text([each.subject for each in messages])
        entry: JsonObject = {"topic": topic, "subject": subject, "body": body}
        found.append({name: value for name, value in entry.items() if value})
    return None if pairs is None or not all(found) else found


EXPECTATION = Overall(
    key="messages",
    wanted=tuple[ExpectedMessage, ...],
    description="All messages sent by topics, in any order.",
    names=names,
    compare=compare,
    record=record,
)
