"""All AWS service integrations, for the definition parser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from botocore.model import Shape

from harness.json_types import Json
from harness.service_names import capitalized
from harness.states.parse.integrations import Integration as Checks
from harness.states.resource import Resource

from .fields import Fields, Rules
from .models import Models
from .optimized import OPTIMIZED, STORAGE, Integration
from .sdk import RETIRED, is_unsupported

_SDK: str = "aws-sdk:"
_SDK_PATTERNS = ("", "waitForTaskToken")
_SDK_RULES = Rules(java=True, objects_as_text=True)
_UNCHECKED = Checks(lambda _: (), lambda _: lambda _: ())
"""Checks for an integration without a parameter description."""


class Catalog:
    """The optimized and `aws-sdk` integrations. Lookups are cached."""

    def __init__(self, models: Models | None = None) -> None:
        self._models = models or Models()
        self._found: dict[tuple[str, str, bool], Checks | None] = {}
        self._lock = threading.Lock()

    def find(self, resource: Resource, *, jsonata: bool) -> Checks | None:
        """Return the integration for a Task's Resource, or None if AWS does not recognize it."""
        key = (resource.type, resource.name, jsonata)
        with self._lock:
            if key not in self._found:
                sdk = resource.type.startswith(_SDK)
                self._found[key] = self._sdk(resource, key[2]) if sdk else self._optimized(resource, key[2])
            return self._found[key]

    def storage(self, resource: Resource, *, jsonata: bool) -> Checks | None:
        """Return the integration for the Resource of an ItemReader or ResultWriter, or None."""
        found = STORAGE.get(resource.name) if resource.type == "s3" else None
        if found is None:
            return None
        rules = Rules(members=found.members, required=found.required)
        return _checks(self._input_of(resource, found), rules, jsonata=jsonata)

    def _sdk(self, resource: Resource, jsonata: bool) -> Checks | None:
        service, action = resource.type.removeprefix(_SDK), resource.action
        if service in RETIRED:
            return _UNCHECKED if resource.pattern in _SDK_PATTERNS and action[:1].islower() else None
        name = self._models.boto3_service(service)
        if name is None or resource.pattern not in _SDK_PATTERNS or not action[:1].islower():
            return None
        operation = self._models.operation(name, capitalized(action))
        if operation is None or operation.has_event_stream_input or operation.has_event_stream_output:
            return None
        if is_unsupported(service, action):
            return None
        # Other APIs report missing parameters themselves. A REST request is impossible if a part of its path
        # is missing.
        rest = operation.service_model.protocol.startswith("rest")
        return _checks(operation.input_shape, _SDK_RULES, jsonata=jsonata, at_once=False, at_start=rest)

    def _optimized(self, resource: Resource, jsonata: bool) -> Checks | None:
        if resource.type == "bedrock-agentcore":  # new, and not described yet
            return None if resource.pattern else _UNCHECKED
        found = OPTIMIZED.get(resource.type, {}).get(resource.action)
        if found is None or resource.pattern not in found.patterns:
            return None
        rules = Rules(
            members=found.members,
            required=found.required,
            json=found.json,
            any_case=resource.type == "batch",
            text_attributes=resource.type == "dynamodb",
        )
        return _checks(self._input_of(resource, found), rules, jsonata=jsonata)

    def _input_of(self, resource: Resource, found: Integration) -> Shape | None:
        if found.service is None:
            return None
        operation = self._models.operation(found.service, found.operation or capitalized(resource.action))
        return None if operation is None else operation.input_shape


def _checks(
    shape: Shape | None, rules: Rules, *, jsonata: bool, at_once: bool = True, at_start: bool = True
) -> Checks:
    """Return the checks for an operation.

    Args:
        at_once: true if the required parameters must be present in the definition.
        at_start: true if the required parameters must be present when a task starts.
    """
    computed = _computed_by_jsonata if jsonata else _computed_by_path
    lenient = replace(rules, text_booleans=True)
    template, strict = Fields(shape, lenient, computed), Fields(shape, rules, computed)

    def values(parameters: Json) -> Callable[[Json], Sequence[str]]:
        """Return the check that runs when the task starts. Constant strings are valid as booleans."""
        constant = isinstance(parameters, dict) and [*strict.unfit(parameters)] != [
            *template.unfit(parameters)
        ]
        fields = Fields(shape, lenient if constant else rules, lambda _key, _value: False)
        return partial(_unfit, fields, required=at_start)

    return Checks(partial(_unfit, template, required=at_once), values)


def _unfit(fields: Fields, parameters: Json, *, required: bool) -> Sequence[str]:
    unfit = list(fields.unfit(parameters))
    return [*fields.missing(parameters), *unfit] if required else unfit


def _computed_by_path(key: str, _value: Json) -> bool:
    return key.endswith(".$")


def _computed_by_jsonata(_key: str, value: Json) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")
