"""The source of a container image: an entry of `[tool.harness.images]`.

[tool.harness.images]
Fn = {code = "./fn", handler = "app.handler", runtime = "python3.13"}
Other = {code = "./other"}           # handler and runtime from its Dockerfile
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageSource:
    """The folder with the code of a function that is a container image on AWS.

    `handler` and `runtime` are empty if the Dockerfile in the folder defines them.
    """

    code: Path
    handler: str = ""
    runtime: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (str(self.code), self.handler, self.runtime)))
