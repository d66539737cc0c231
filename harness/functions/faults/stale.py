"""`stale`: members of a response have outdated values, or are missing.

    {"status": "RUNNING", "output": None, "Buckets": [{"Name": "gone"}]}

None removes a member, mappings are merged, and list items are appended to the response's list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from .call import Answer, Call
from .kind import AnswerFault, AnswerMembers, Argument, BadArgument, Kind
from .point import Point, Variant

GHOST = "bucket-that-is-gone"


def _something(members: Mapping[str, object]) -> None:
    if not members:
        raise BadArgument("stale has no members", "specify members of the response, with their old values")


@dataclass(frozen=True)
class Stale(Kind, AnswerFault):
    """A changed response. The request reaches the service. The response is changed unless it is an error."""

    key = "stale"
    words = "a stale response"
    stale: Annotated[
        AnswerMembers,
        Argument(
            "older values of the response's members: a value replaces the member, list items are "
            "appended, and `null` removes the member.",
            _something,
        ),
    ]

    def answer(self, call: Call, parsed: Answer) -> None:
        """Change the members."""
        for name, value in self.stale.items():
            _put(parsed, name, call.typed_answer(value, name))

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return a variant for each status that means "in progress", and one in which a listed bucket no
        longer exists.
        """
        shape = point.api.output(point.operation)
        for name, member in (shape.members if shape else {}).items():
            if name in ("status", "Status"):
                for status in member.words:
                    if status.endswith("ING") or status.startswith("PENDING"):
                        yield Variant(status, {"stale": {name: status}})
            if name == "Buckets" and member.kind == "list" and member.inner.kind == "structure":
                yield Variant("listed but deleted", {"stale": {name: [{"Name": GHOST}]}})


def _put(old: Answer, name: str, value: Any) -> None:
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
