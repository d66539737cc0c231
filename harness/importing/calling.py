"""Finds tasks with tokens whose calls the harness makes, so that only their answers are external."""

from __future__ import annotations

from harness.importing.attempts import WAITS
from harness.importing.functions import played_in
from harness.json_types import Json


def called_in(definition: Json) -> dict[str, str]:
    """Map each state that waits for its token to the function in the template, or to the integration.

    Without the wait for a token, these tasks would run without stand-ins.
    """
    without = played_in(_without(definition))
    already = played_in(definition)
    return {name: callee for name, callee in without.items() if name not in already}


def _without(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            key: each.removesuffix(WAITS) if key == "Resource" and isinstance(each, str) else _without(each)
            for key, each in value.items()
        }
    return [_without(each) for each in value] if isinstance(value, list) else value
