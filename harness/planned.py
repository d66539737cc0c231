"""Stacks that are to be deployed: as they are written, and as they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class StackEntry:
    """An entry of `stacks` of the settings: `template` is a file, or the folder of a CDK app.

    Of an app, `name` says which of its stacks are meant.
    """

    template: Path
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.template}" + (f" as {self.name}" if self.name else "")


@dataclass(frozen=True)
class Planned:
    """A stack that is to be deployed: the file of its template, its name, and all of its parameters.

    `environment` is where it is made for by its app or its samconfig: `aws://123456789012/eu-west-1`, in
    which both may be unknown, or "". An `inner` stack is made by another one; its parameters are those that
    are known before.
    """

    template: Path
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    inner: bool = False
