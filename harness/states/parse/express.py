"""Checks for features that are not supported in Express workflows."""

from __future__ import annotations

from ..resource import Resource
from .map_state import processor_field
from .source import Source


def refuse_waiting(source: Source, resource: Resource) -> None:
    """Report a Task that waits for anything other than a response."""
    if resource.is_activity:
        source.refuse("Express state machine does not support Activity ARN", "Resource")
    elif resource.waits_for_token:
        # The trailing space is AWS's.
        source.refuse(
            "Express state machine does not support '.waitForTaskToken' service integration ", "Resource"
        )
    elif resource.pattern.startswith("sync"):
        source.refuse("Express state machine does not support '.sync' service integration", "Resource")


def express_children(source: Source, express: bool) -> bool:
    """Return whether a Map's processor runs in Express executions.

    Args:
        express: true if the Map itself is in an Express workflow, where a distributed Map is not allowed.
    """
    field = processor_field(source)
    processor = source.get(field)
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if not isinstance(config, dict) or config.get("Mode") != "DISTRIBUTED":
        return express
    if express:
        source.refuse(
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
            f"{field}/ProcessorConfig/Mode",
        )
    return express or config.get("ExecutionType") == "EXPRESS"
