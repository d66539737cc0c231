"""The source of a container image: an entry of `[tool.harness.images]`.

[tool.harness.images]
Fn = {code = "./fn", handler = "app.handler", runtime = "python3.13"}
Other = {code = "./other"}           # handler and runtime as its Dockerfile has them
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageSource:
    """The folder from which a function is run that is a container image at AWS.

    `handler` and `runtime` are empty where the Dockerfile in the folder says them.
    """

    code: Path
    handler: str = ""
    runtime: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (str(self.code), self.handler, self.runtime)))
