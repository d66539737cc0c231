"""`queues`: messages in queues after the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from pydantic import Field

from harness.expect.alike import common_text, only, paired
from harness.expect.base import Entry, Overall, keys_are
from harness.expect.contents import Content, Unmet, asked_content, unmet_content
from harness.expect.entries import Kind, exact, lacking
from harness.expect.matcher import clauses, described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import pretty_text
from harness.expect.wording import quoted
from harness.json_types import Json, JsonObject
from harness.observe.left_model import QueuedMessage, SeenQueue
from harness.observe.model import Observation
from harness.scenario.base import LogicalId, Model
from harness.scenario.matcher import Count, Matcher


class QueueMessage(Content):
    """A message in a queue."""

    group: Matcher | None = Field(default=None, description="For FIFO queues: matches its message group.")
    attributes: Mapping[str, Matcher] = Field(
        default={}, description="Matches message attributes, by name. Others are allowed."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string"}
    wants: ClassVar[str] = "text, or a mapping with body, json, members, group or attributes"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare string into `{"body": string}`."""
        return {"body": value} if isinstance(value, str) else value


_MOST_MESSAGES: Final = 50
"""The maximum number of queue messages to record individually. Above it, only the number is recorded."""


class Queue(Model):
    """The messages in a queue that have not been deleted."""

    count: Count | None = Field(
        default=None,
        description="Number of messages, including those that are delayed, and those that were received "
        "but not deleted.",
    )
    contain: tuple[QueueMessage, ...] | None = Field(
        default=None, description="For each of these, the queue has a matching message that can be received."
    )
    exact: tuple[QueueMessage, ...] | None = Field(
        default=None, description="The complete messages that can be received, in any order."
    )

    wants: ClassVar[str] = "a mapping with count, contain or exact"
    may_be_empty: ClassVar[bool] = False


def compare(wanted: Mapping[str, Queue], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield mismatches for `count`, `contain` and `exact`, queue by queue."""
    for queue, messages in wanted.items():
        place, subject = entry.at(queue), f"queue {queue}"
        seen = observation.left.queues.get(queue)
        if seen is None:
            yield place.mismatch("the queue does not exist at the end", subject=subject)
        else:
            yield from _of_queue(messages, seen, place, subject)


def _of_queue(wanted: Queue, seen: SeenQueue, place: Entry, subject: str) -> Iterator[Mismatch]:
    number = len(seen.messages) + seen.hidden
    if wanted.count is not None and number not in wanted.count:
        hidden = f", {seen.hidden} of them hidden" if seen.hidden else ""
        said = f"expected {wanted.count} messages, seen {number}{hidden}"
        texts = "\n".join(each.body for each in seen.messages[:20])
        yield place.at("count").mismatch(said, str(wanted.count), f"{number}\n{texts}", subject)
    for index, each in enumerate(wanted.contain or ()):
        yield from _hinted(
            lacking(_KIND, each, seen.messages, place.at("contain", index), subject), seen.hidden
        )
    if wanted.exact is not None:
        entries = tuple(enumerate(wanted.exact))
        yield from _hinted(exact(_KIND, entries, seen.messages, place.at("exact"), subject), seen.hidden)


def _hinted(mismatches: Iterator[Mismatch], hidden: int) -> Iterator[Mismatch]:
    """Yield the mismatches with a note about messages that could not be inspected."""
    said = f"; {hidden} more are delayed, or received and not deleted" if hidden else ""
    for each in mismatches:
        yield replace(each, summary=each.summary + said)


def _unmet(wanted: QueueMessage, seen: QueuedMessage) -> tuple[Unmet, ...]:
    found = list(unmet_content(wanted, seen.body))
    if wanted.group is not None and (reasons := unmet(wanted.group, seen.group or None)):
        found.append(Unmet("group", reasons, described(wanted.group), seen.group))
    for name, matcher in wanted.attributes.items():
        value = seen.attributes.get(name)
        if reasons := unmet(matcher, value):
            said = tuple(f"{name} {reason}" for reason in reasons)
            found.append(Unmet("attributes", said, described(matcher), value or ""))
    return tuple(found)


def _asked(wanted: QueueMessage) -> str:
    parts = list(asked_content(wanted))
    if wanted.group is not None:
        parts.append(f"group {' and '.join(clauses(wanted.group))}")
    parts += [f"attribute {name} {' and '.join(clauses(each))}" for name, each in wanted.attributes.items()]
    return ", ".join(parts)


def _text(seen: QueuedMessage) -> str:
    head = [f"group: {seen.group}"] if seen.group else []
    head += [f"{name}: {value}" for name, value in sorted(seen.attributes.items())]
    return "\n".join([*head, *([""] if head else []), pretty_text(seen.body)])


_KIND = Kind[QueueMessage, QueuedMessage]("message", _unmet, _asked, lambda seen: quoted(seen.body), _text)


def record(observations: Sequence[Observation]) -> Json:
    """Return the messages in each queue, to the extent that they are the same."""
    found: JsonObject = {}
    for queue in sorted(observations[0].left.queues):
        seen = [each.left.queues.get(queue) for each in observations]
        queues = [each for each in seen if each is not None]
        pairs = paired([each.messages for each in queues], lambda message: (message.group, message.body))
        if pairs is None or len(queues) < len(seen) or any(each.hidden for each in queues):
            continue
        entries = [_recorded(messages) for messages in pairs[:_MOST_MESSAGES]]
        if len(entries) < len(pairs) or not all(entries):
            found[queue] = {"count": len(pairs)}
        else:
            found[queue] = {"exact": list(entries)}
    return found or None


def _recorded(messages: Sequence[QueuedMessage]) -> Json:
    entry: JsonObject = {"body": common_text([each.body for each in messages])}
    entry["group"] = only(each.group for each in messages)
    found: JsonObject = {name: value for name, value in entry.items() if value}
    return found["body"] if found.keys() == {"body"} and isinstance(found["body"], str) else found


EXPECTATION = Overall(
    key="queues",
    wanted=Mapping[LogicalId, Queue],
    description="The remaining messages in queues, by the queue's logical ID.",
    names=keys_are("queue"),
    compare=compare,
    record=record,
)
