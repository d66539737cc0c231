"""Receives events from event buses through rules and queues that the harness creates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from harness.engine.clients import Clients
from harness.observe.inbox import BATCH, queue_name
from harness.observe.left_model import SeenEvent
from harness.polling import PollTimeout, poll
from harness.stack.declared import of_kind
from harness.stack.model import Stack

DEFAULT_BUS: Final = "default"
RULE: Final = "harness-watches"
"""The name of the rule on each bus. No template uses this name."""
ARRIVAL_TIMEOUT_S: Final = 10.0
"""Time to wait for events if the clock is not virtual. On AWS, events typically take half a second."""
_EVERY: Final = json.dumps({"source": [{"prefix": ""}]})
_OF_AWS: Final = "aws."
"""The prefix of event sources that are AWS services. A scenario cannot send such events."""


@dataclass(frozen=True)
class _Bus:
    """An event bus: `label` is its logical ID, `queue` the URL of the queue that receives its events."""

    label: str
    name: str
    queue: str


@dataclass(frozen=True)
class EventWatch:
    """A rule and a queue for each event bus of a stack, and for the default bus."""

    clients: Clients
    stack: Stack
    buses: tuple[_Bus, ...]

    @classmethod
    def open(cls, clients: Clients, stack: Stack) -> EventWatch:
        """Start receiving the events on every bus."""
        names = {DEFAULT_BUS: DEFAULT_BUS, **of_kind(stack, "event bus")}
        events, buses = clients.client("events"), []
        for label, name in names.items():
            url = clients.sqs.create_queue(QueueName=queue_name(stack.name, f"events-{label}"))["QueueUrl"]
            asked = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            events.put_rule(Name=RULE, EventBusName=name, EventPattern=_EVERY, State="ENABLED")
            target = {"Id": RULE, "Arn": asked["Attributes"]["QueueArn"]}
            events.put_targets(Rule=RULE, EventBusName=name, Targets=[target])
            buses.append(_Bus(label, name, url))
        return cls(clients, stack, tuple(buses))

    def seen(self, least: int, *, waits: bool) -> tuple[SeenEvent, ...]:
        """Return all events so far, sorted, and stop receiving events.

        With `waits`, wait for at least `least` events, because events arrive with a delay if the clock is not
        virtual.
        """
        found: list[tuple[_Bus, dict[str, Any]]] = []

        def received() -> int:
            for bus in self.buses:
                found.extend((bus, event) for event in self._receive(bus))
            return len(found)

        limit_s = ARRIVAL_TIMEOUT_S if waits else 0.0
        with suppress(PollTimeout):  # the comparison reports missing events
            poll(received, lambda number: number >= least, what="events", timeout_s=limit_s)
        rules = {bus.label: self._rules(bus) for bus in self.buses}
        self._stop()
        events = [self._event(bus, event, rules[bus.label]) for bus, event in found]
        return tuple(sorted(events, key=lambda e: (e.bus, e.source, e.detail_type, e.detail)))

    def _receive(self, bus: _Bus) -> Iterator[dict[str, Any]]:
        sqs = self.clients.sqs
        while batch := sqs.receive_message(QueueUrl=bus.queue, MaxNumberOfMessages=BATCH).get("Messages"):
            for message in batch:
                event: dict[str, Any] = json.loads(message["Body"])
                if not str(event.get("source")).startswith(_OF_AWS):
                    yield event
                sqs.delete_message(QueueUrl=bus.queue, ReceiptHandle=message["ReceiptHandle"])

    def _rules(self, bus: _Bus) -> Mapping[str, str]:
        """Return the patterns of the enabled rules on a bus, by the names that the scenario uses for the
        rules.
        """
        declared = of_kind(self.stack, "rule").items()
        own = {id_.rpartition("|")[2].rpartition("/")[2]: name for name, id_ in declared}
        pages = self.clients.client("events").get_paginator("list_rules").paginate(EventBusName=bus.name)
        return {
            own.get(rule["Name"], rule["Name"]): rule["EventPattern"]
            for page in pages
            for rule in page["Rules"]
            if rule["Name"] != RULE and rule.get("State") != "DISABLED" and rule.get("EventPattern")
        }

    def _event(self, bus: _Bus, event: dict[str, Any], rules: Mapping[str, str]) -> SeenEvent:
        from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

        events = self.clients.client("events")
        taking: tuple[str, ...] | None
        try:
            taking = tuple(
                name
                for name, pattern in sorted(rules.items())
                if events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
            )
        except ClientError:  # the engine does not report it
            taking = None
        detail = json.dumps(event.get("detail"), ensure_ascii=False, separators=(",", ":"))
        return SeenEvent(bus.label, str(event["source"]), str(event["detail-type"]), detail, taking)

    def _stop(self) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

        events = self.clients.client("events")
        for bus in self.buses:
            with suppress(ClientError):  # the workflow has deleted its bus
                events.remove_targets(Rule=RULE, EventBusName=bus.name, Ids=[RULE])
                events.delete_rule(Name=RULE, EventBusName=bus.name)
            self.clients.sqs.delete_queue(QueueUrl=bus.queue)
