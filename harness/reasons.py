"""Reasons that the embedded engine reports when part of a stack differs from AWS.

They are in `ResourceStatusReason` of a stack's resources and events, one per line. Each begins with the
heading of its note:

    not served here: it is not created; no state can use it
    not served here, VpcConfig: it is not in a VPC: it can reach all services of the engine
    template, Endpoint: on AWS nothing arrives at arn:aws:sqs:...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from harness.notes import Heading

NOT_SERVED: Final[Heading] = "not served here"
_HEADINGS: Final[dict[str, Heading]] = {NOT_SERVED: NOT_SERVED, "template": "template"}
_LINE: Final = re.compile(rf"(?P<heading>{'|'.join(_HEADINGS)})(?:, (?P<part>.+?))?: (?P<meaning>.+)")


class Reason(NamedTuple):
    """A reason. `part` is the path of a property, or a resource in a nested stack, or empty for the whole
    resource.
    """

    meaning: str
    part: str = ""
    heading: Heading = NOT_SERVED

    def __str__(self) -> str:
        return (
            f"{self.heading}, {self.part}: {self.meaning}" if self.part else f"{self.heading}: {self.meaning}"
        )


def read_reasons(text: str) -> Iterator[Reason]:
    """Return the reasons in a string. Other lines are ignored."""
    for line in text.splitlines():
        if found := _LINE.fullmatch(line):
            yield Reason(found["meaning"], found["part"] or "", _HEADINGS[found["heading"]])
