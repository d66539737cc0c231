"""`stale`: an answer has members as they were before, or is without them.

    {"status": "RUNNING", "output": None, "Buckets": [{"Name": "gone"}]}

None takes a member away, mappings are merged, items of a list are added at the end of the answer's.
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
        raise BadArgument("stale has no members", "name members of the answer, with their older values")


@dataclass(frozen=True)
class Stale(Kind, AnswerFault):
    """The request reaches the service; its answer, when it is no error, is changed."""

    key = "stale"
    words = "a stale answer"
    stale: Annotated[
        AnswerMembers,
        Argument(
            "the answer's members as they were before: values replace, items are added to lists, `null` "
            "removes.",
            _something,
        ),
    ]

    def answer(self, call: Call, parsed: Answer) -> None:
        """Change the members."""
        for name, value in self.stale.items():
            _put(parsed, name, call.typed_answer(value, name))

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """A status of something that still goes on; a bucket that is listed though it is gone."""
        shape = point.api.output(point.operation)
        for name, member in (shape.members if shape else {}).items():
            if name in ("status", "Status"):
                for status in member.words:
                    if status.endswith("ING") or status.startswith("PENDING"):
                        yield Variant(status, {"stale": {name: status}})
            if name == "Buckets" and member.kind == "list" and member.inner.kind == "structure":
                yield Variant("listed though gone", {"stale": {name: [{"Name": GHOST}]}})


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
