"""The final contents of buckets, queues, parameters and secrets, and the events that a scenario sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SeenObject:
    """An object in a bucket. `body` is None if no expectation needs it, or if it is too large."""

    key: str
    size_bytes: int
    body: bytes | None = None


@dataclass(frozen=True)
class SeenBucket:
    """The objects in a bucket, sorted by key. `is_cut` is true if more objects exist than are listed."""

    objects: tuple[SeenObject, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class QueuedMessage:
    """A message that is still in a queue."""

    body: str
    group: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SeenQueue:
    """The messages in a queue: in queue order for a FIFO queue, otherwise sorted.

    `hidden` is the number of messages that cannot be received now because they are delayed, or were received
    and not deleted.
    """

    messages: tuple[QueuedMessage, ...] = ()
    hidden: int = 0


@dataclass(frozen=True)
class SeenEvent:
    """An event that was put on an event bus.

    `bus` is its logical ID, or its name if no template declares it. `rules` are the names of the rules that
    match the event; None if the engine does not report them.
    """

    bus: str
    source: str
    detail_type: str
    detail: str
    rules: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Left:
    """The resources that the scenario has expectations for, by the names that it uses for them.

    None represents a resource that does not exist. `secrets` contains the values of secrets. `events` is None
    if no bus was watched.
    """

    buckets: Mapping[str, SeenBucket | None] = field(default_factory=dict)
    queues: Mapping[str, SeenQueue | None] = field(default_factory=dict)
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    events: tuple[SeenEvent, ...] | None = None
