"""All that a scenario left in buckets, queues, parameters and secrets, and the events that it sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SeenObject:
    """An object of a bucket; `body` is None where nothing asks for it, or it is too large to be read."""

    key: str
    size_bytes: int
    body: bytes | None = None


@dataclass(frozen=True)
class SeenBucket:
    """The objects of a bucket, sorted by key; `is_cut` says that there are more, which were not listed."""

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
    """The messages that a queue has: those of a FIFO queue in their order, others sorted.

    `hidden` is the number of those that nobody can receive now: they are delayed, or somebody has received
    and not deleted them.
    """

    messages: tuple[QueuedMessage, ...] = ()
    hidden: int = 0


@dataclass(frozen=True)
class SeenEvent:
    """An event that was put on an event bus.

    `bus` is its logical id, or its name where no template makes it. `rules` are the names of the rules that
    take it; None where the engine does not tell.
    """

    bus: str
    source: str
    detail_type: str
    detail: str
    rules: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Left:
    """The parts that the scenario expects something of, by the names that it has for them.

    None stands for what is not there. `secrets` has the texts of secrets. `events` is None where nobody
    watched.
    """

    buckets: Mapping[str, SeenBucket | None] = field(default_factory=dict)
    queues: Mapping[str, SeenQueue | None] = field(default_factory=dict)
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    events: tuple[SeenEvent, ...] | None = None
