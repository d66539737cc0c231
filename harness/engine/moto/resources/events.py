"""EventBridge buses and rules."""

from __future__ import annotations

import json
from typing import Any, Self

from moto.events.models import EventBus as MotoBus
from moto.events.models import Rule as MotoRule
from moto.events.models import events_backends

from harness.engine.moto.resources.model import Wanted
from harness.engine.moto.resources.of_moto import OfMoto


class EventBus(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html."""

    TYPE = "AWS::Events::EventBus"
    NAME = "Name"
    MODEL = MotoBus

    def change(self, wanted: Wanted) -> Self:
        """Update the description of the bus, and keep its rules."""
        self.model.description = wanted.text("Description") or None
        return type(self)(self.model, wanted)


class Rule(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html."""

    TYPE = "AWS::Events::Rule"
    NAME = "Name"
    MODEL = MotoRule

    def __init__(self, model: Any, wanted: Wanted) -> None:
        super().__init__(model, wanted)
        bus = model.event_bus_name
        self.physical_resource_id = model.name if bus == "default" else f"{bus}|{model.name}"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the rule with its targets."""
        bus = wanted.text("EventBusName", "default")
        events = events_backends[wanted.account_id][wanted.region]
        pattern = wanted.properties.get("EventPattern")
        text = json.dumps(pattern) if isinstance(pattern, dict) else wanted.text("EventPattern")
        rule = events.put_rule(
            wanted.name,
            scheduled_expression=wanted.text("ScheduleExpression") or None,
            event_pattern=text or None,
            state=wanted.text("State") or None,
            description=wanted.text("Description") or None,
            role_arn=wanted.text("RoleArn") or None,
            event_bus_arn=bus,
            tags=wanted.objects("Tags"),  # type: ignore[arg-type]
        )
        rule.targets = []
        if targets := wanted.objects("Targets"):
            events.put_targets(name=rule.name, event_bus_arn=bus, targets=targets)
        return cls(rule, wanted)

    def change(self, wanted: Wanted) -> Self:
        """Put the rule again, with its current targets."""
        return self.make(wanted)
