"""Rules with a schedule: they send an event at each scheduled time that the world's clock passes.

Virtual time does not jump to a scheduled time. A schedule therefore fires only while other work makes time
pass, and a run can still end. If time passes continuously, as in `harness up`, the schedule fires at every
scheduled time.

Patched in moto.events.models: `EventsBackend.put_rule` and `enable_rule`, which only store the expression.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends
from moto.moto_api._internal import mock_random

from harness.engine.moto.atomic import atomic
from harness.engine.moto.schedules import Schedule, parsed
from harness.engine.moto.world import World
from harness.engine.moto.world_time import at
from harness.json_types import JsonObject
from harness.stepfunctions.events import Attempted

MOST: Final = 1_000
"""The maximum number of events that a rule sends in one world: `rate(1 minute)` for 16 hours."""


class ScheduledRules:
    """Sends the events of the scheduled rules in this process.

    Args:
        deliver: sends an event to the targets of a rule.
    """

    def __init__(self, world: World, deliver: Callable[[Rule, JsonObject], None]) -> None:
        self._world = world
        self._deliver = deliver

    def plan(self, rule: Any) -> None:
        """Start the schedule of a rule that was created or enabled."""
        rule.harness_plan = plan = object()
        if rule.scheduled_expression and rule.state == "ENABLED":
            schedule = parsed(rule.scheduled_expression)
            self._next(rule, plan, schedule, self._world.scheduler.clock.now(), MOST)

    def _next(self, rule: Any, plan: object, schedule: Schedule, last: float, left: int) -> None:
        moment = schedule.after(last)
        if moment is None or not left:
            return
        sent = partial(self._send, rule, plan, schedule, moment, left - 1)
        with self._world.scheduler.frozen():
            self._world.scheduler.in_passing(moment, partial(self._world.events.send, sent, retry_s=()))

    def _send(
        self,
        rule: Any,
        plan: object,
        schedule: Schedule,
        moment: float,
        left: int,
        request_id: str,
        _now_s: float | None,
    ) -> Attempted:
        self._world.admit(request_id, ())
        with atomic(request_id), at(lambda: moment):
            buses: Any = events_backends[rule.account_id][rule.region_name].event_buses
            bus = buses.get(rule.event_bus_name)
            known = bus is not None and bus.rules.get(rule.name) is rule
            if known and rule.state == "ENABLED" and rule.harness_plan is plan:
                self._next(rule, plan, schedule, moment, left)
                self._deliver(rule, _event(rule, moment))
        return Attempted(None)


def _event(rule: Any, moment: float) -> JsonObject:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html."""
    return {
        "version": "0",
        "id": str(mock_random.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def install(world: World, deliver: Callable[[Rule, JsonObject], None]) -> None:
    """Patch moto in this process."""
    rules = ScheduledRules(world, deliver)
    backend: Any = EventsBackend
    put, enable = backend.put_rule, backend.enable_rule

    @functools.wraps(put)
    def put_rule(self: Any, *args: Any, **kwargs: Any) -> Rule:
        if expression := kwargs.get("scheduled_expression"):
            try:
                parsed(expression)
            except (ValueError, IndexError):
                raise ValidationException("Parameter ScheduleExpression is not valid.") from None
        rule: Rule = put(self, *args, **kwargs)
        rules.plan(rule)
        return rule

    @functools.wraps(enable)
    def enable_rule(self: Any, name: str, event_bus_arn: str | None) -> bool:
        enabled: bool = enable(self, name, event_bus_arn)
        rule = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn)).rules.get(name)
        if rule is not None:
            rules.plan(rule)
        return enabled

    backend.put_rule, backend.enable_rule = put_rule, enable_rule
