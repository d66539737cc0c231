"""The reasons with which the embedded engine says that something of a stack is not served.

They are in `ResourceStatusReason` of a stack's resources and events, one to a line:

    not served here: it is not created; no state can use it
    not served here, VpcConfig: it is in no VPC: it reaches what the engine serves
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

NOT_SERVED: Final = "not served here"
_LINE: Final = re.compile(rf"{NOT_SERVED}(?:, (?P<part>.+?))?: (?P<meaning>.+)")


def reason(meaning: str, part: str = "") -> str:
    """Write a line; `part` is the path of a property, or a resource of a nested stack."""
    return f"{NOT_SERVED}, {part}: {meaning}" if part else f"{NOT_SERVED}: {meaning}"


def read_reasons(text: str) -> Iterator[tuple[str, str]]:
    """Each line's part, which is empty for the whole resource, and its meaning; other lines are left out."""
    for line in text.splitlines():
        if found := _LINE.fullmatch(line):
            yield found["part"] or "", found["meaning"]
