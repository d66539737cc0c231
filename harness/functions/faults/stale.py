"""`stale`: an answer as it was before, or is not yet. Argument: `members`, what is different in it.

    {"status": "RUNNING", "output": None, "Buckets": [{"Name": "gone"}]}

None takes a member away, mappings are merged, what lists hold is added at their end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .kind import Arguments, Kind

if TYPE_CHECKING:
    from ..calling import OpenCall


class Stale(Kind):
    """The request reaches the service; its answer, when it is no error, is changed."""

    name = "stale"
    targets = frozenset({"call"})
    acts = "answer"

    def answer(self, arguments: Arguments, call: OpenCall, parsed: dict[str, Any]) -> None:
        """Change the members."""
        for name, value in arguments["members"].items():
            _put(parsed, name, call.typed_answer(value, name))


def _put(old: dict[str, Any], name: str, value: Any) -> None:
    before = old.get(name)
    if value is None:
        old.pop(name, None)
    elif isinstance(value, Mapping) and isinstance(before, dict):
        for inner, new in value.items():
            _put(before, inner, new)
    elif isinstance(value, list):
        old[name] = [*(before or []), *value]
    else:
        old[name] = value
