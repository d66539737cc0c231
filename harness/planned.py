"""Stacks to deploy: as the settings declare them, and with all values resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class StackEntry:
    """An entry of `stacks` in the settings. `template` is a file, or the folder of a CDK app.

    For an app, `name` selects stacks.
    """

    template: Path
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.template}" + (f" as {self.name}" if self.name else "")


@dataclass(frozen=True)
class Planned:
    """A stack to deploy: its template file, its name, and all of its parameters.

    `environment` is the target from its app or its samconfig: `aws://123456789012/eu-west-1`, or "". The
    account and the Region in it can be unknown. An `inner` stack is created by another stack. Its parameters
    are those that are known before the deployment.
    """

    template: Path
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    inner: bool = False
