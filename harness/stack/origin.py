"""Resource declarations: the template, the logical ID in it, and the path of the CDK construct."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
_CHILD: Final = re.compile(r"/(Resource|Default)$")
_HASH: Final = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Origin:
    """The declaration of a resource in a stack. `path` is the construct's path from CDK's metadata, or ""."""

    template: Path
    stack: str
    logical_id: str
    type: str
    path: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The stack's name and the logical ID, which identify the resource."""
        return self.stack, self.logical_id

    @property
    def qualified(self) -> str:
        """A string that identifies the resource."""
        return self.construct or f"{self.stack}.{self.logical_id}"

    @property
    def construct(self) -> str:
        """The path of the construct in a CDK program: `MyStack/Orders/Handler`; "" for a resource that does
        not come from CDK.
        """
        return _CHILD.sub("", self.path)

    @property
    def readable(self) -> str:
        """The construct's path, or the logical ID if it has none."""
        return self.construct or self.logical_id

    def is_called(self, text: str) -> bool:
        """Return whether a string is the construct's path, the end of that path, or the logical ID without
        its hash.
        """
        if not self.path:
            return False
        ways = (self.path, self.construct)
        return text == _HASH.sub("", self.logical_id) or any(f"/{way}".endswith(f"/{text}") for way in ways)

    def shown(self, part: str = "") -> str:
        """Return the resource, or its property `part`, in the format used in findings.

        `Orders (AWS::SNS::Topic)`, or `MyStack/Orders (Orders1234ABCD, AWS::SNS::Topic)`.
        """
        of_part = f".{part}" if part else ""
        about = f"{self.logical_id}{of_part}, {self.type}" if self.construct else self.type
        return f"{self.construct or f'{self.logical_id}{of_part}'} ({about})"
