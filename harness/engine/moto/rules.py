"""Deliveries by EventBridge rules.

Patched in moto.events.models:
- `Rule.send_to_targets`, which does not support functions and state machines as targets (the caller gets
  status 500), sends to disabled rules and to rules that only have a schedule, and ignores Input and
  InputPath. `scheduled_rules` handles rules with a schedule.
- `EventsBackend.put_events`, which accepts a Detail that is JSON but not an object. AWS rejects it as
  malformed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from moto.events.models import EventsBackend, Rule
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from harness.engine.moto import scheduled_rules
from harness.engine.moto.deliveries import invoke_asynchronously
from harness.engine.moto.event_input import input_of
from harness.engine.moto.resources.effects import RULE_TARGETS
from harness.engine.moto.stepfunctions import StateMachines
from harness.json_types import Json, JsonObject
from harness.stepfunctions.arns import Caller

Send: TypeAlias = Callable[[Rule, JsonObject, Json], None]
Targets: TypeAlias = Mapping[str, Send]


def install(machines: StateMachines) -> None:
    """Patch moto in this process."""
    targets: Targets = {
        "lambda": _to_function,
        "sns": _to_topic,
        "sqs": _to_queue,
        "states": partial(_to_machine, machines),
    }
    patched: Any = Rule
    send_of_moto = patched.send_to_targets

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        if _is_meant(self, original_event):
            deliver(self, original_event)

    def deliver(rule: Rule, original_event: Any) -> None:
        event = _as_sent(original_event)
        for target in list(rule.targets):
            send = targets.get(target["Arn"].split(":")[2])
            if send is not None:
                send(rule, target, input_of(target, event, rule.name, rule.arn))
            elif target["Arn"].split(":")[2] in RULE_TARGETS:
                _by_moto(rule, send_of_moto, target, original_event)

    patched.send_to_targets = send_to_targets
    backend: Any = EventsBackend
    put_of_moto = backend.put_events

    def put_events(self: EventsBackend, events: list[JsonObject]) -> Any:
        return put_of_moto(self, [_with_object(event) for event in events])

    backend.put_events = put_events
    scheduled_rules.install(machines, deliver)


def _with_object(event: JsonObject) -> JsonObject:
    """Return a PutEvents entry.

    A Detail that is not an object is replaced with one that cannot be parsed.
    """
    detail = event.get("Detail")
    try:
        is_object = not isinstance(detail, str) or isinstance(json.loads(detail), dict)
    except ValueError:
        return event
    return event if is_object else {**event, "Detail": "{"}


def _is_meant(rule: Rule, event: Mapping[str, Any]) -> bool:
    """Return whether a rule matches an event. Events from AWS services are only on the default bus."""
    from_aws = str(event.get("source", "")).startswith("aws.")
    return bool(
        rule.state != "DISABLED"
        and rule.event_pattern.get_pattern()
        and (rule.event_bus_name == "default" or not from_aws)
        and rule.event_pattern.matches_event(event)  # type: ignore[arg-type]
    )


def _as_sent(event: Mapping[str, Any]) -> JsonObject:
    """Return the event for targets, with its time as a string and without moto's internal members."""
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    try:
        moment = datetime.fromtimestamp(float(event["time"]), UTC)
    except (TypeError, ValueError):
        return sent
    return {**sent, "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _by_moto(rule: Rule, send: Any, target: Any, event: Any) -> None:
    """Send an event to a single target, with moto's own method."""
    all_targets, rule.targets = rule.targets, [target]
    try:
        send(rule, event)
    finally:
        rule.targets = all_targets


def _to_function(rule: Rule, target: JsonObject, sent: Json) -> None:
    invoke_asynchronously(rule.account_id, str(target["Arn"]), sent)


def _to_queue(rule: Rule, target: JsonObject, sent: Json) -> None:
    arn = parse_arn(str(target["Arn"]))
    parameters = target.get("SqsParameters")
    group = parameters.get("MessageGroupId") if isinstance(parameters, dict) else None
    sqs_backends[rule.account_id][arn.region].send_message(
        queue_name=arn.resource_id, message_body=_text(sent), group_id=str(group) if group else None
    )


def _to_topic(rule: Rule, target: JsonObject, sent: Json) -> None:
    arn = str(target["Arn"])
    sns_backends[rule.account_id][parse_arn(arn).region].publish(_text(sent), arn=arn)


def _to_machine(machines: StateMachines, rule: Rule, target: JsonObject, sent: Json) -> None:
    caller = Caller(rule.account_id, rule.region_name)
    given: JsonObject = {"stateMachineArn": target["Arn"], "input": json.dumps(sent)}
    machines.api.call("StartExecution", caller, given)


def _text(sent: Json) -> str:
    return sent if isinstance(sent, str) else json.dumps(sent)
